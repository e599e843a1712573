//! What the settings of a run decide, and whose they are.

mod common;

use common::{Folder, manifill};

#[test]
fn an_apps_author_cannot_send_the_operators_token_elsewhere() {
    let ran = manifill(["generate", "-"])
        .env("ARGOCD_APP_NAME", "app")
        .env("AVP_TYPE", "1passwordconnect")
        .env("OP_CONNECT_HOST", "http://127.0.0.1:9")
        .env("OP_CONNECT_TOKEN", "operator-sentinel")
        .env("ARGOCD_ENV_OP_CONNECT_HOST", "http://127.0.0.1:10")
        .stdin("kind: A\nx: <path:vaults/V/items/I#k>\n")
        .run();
    let told = ran.failed();
    assert!(
        told.contains("OP_CONNECT_HOST") && told.contains("MANIFILL_TRUST_APP_ENV"),
        "{told}"
    );
    assert!(!told.contains("operator-sentinel"), "{told}");
}

#[test]
fn policy_is_applied_before_anything_is_read() {
    let folder = Folder::new();
    folder.write(
        "manifill.yaml",
        "default: d\nbackends:\n  d: {type: file, settings: {MANIFILL_FILE: gone.json}}\npolicy:\n- {project: 'team-*', allow: ['ours/**']}\n",
    );
    let run = |project: &str| {
        manifill(["generate", "-", "-c", "manifill.yaml", "--project", project])
            .dir(folder.path())
            .stdin("kind: A\nx: <path:theirs/db#user>\n")
            .run()
            .failed()
    };
    // The file is gone, and nobody has noticed yet.
    assert!(run("team-a").contains("does not allow project `team-a` to read `theirs/db`"));
    let told = manifill(["generate", "-", "-c", "manifill.yaml"])
        .dir(folder.path())
        .stdin("kind: A\nx: <path:ours/db#user>\n")
        .run()
        .failed();
    assert!(told.contains("the project is not known"), "{told}");
}

#[test]
fn settings_from_a_kubernetes_secret_need_a_cluster() {
    let told = manifill(["generate", "-", "-s", "argocd:creds"])
        .env("KUBECONFIG", "/absent")
        .stdin("kind: A\n")
        .run()
        .failed();
    let message = "error: the settings in Secret `argocd:creds` cannot be read: there is no kubeconfig `/absent`\n";
    assert_eq!(told, message);
}

#[test]
fn with_a_settings_file_a_kubernetes_secret_is_not_read() {
    let folder = Folder::new();
    folder.write("avp.yaml", "AVP_TYPE: file\n");
    let run = manifill(["generate", "-", "-s", "argocd:creds", "-c", "avp.yaml"])
        .env("KUBECONFIG", "/absent")
        .dir(folder.path())
        .stdin("kind: A\n")
        .run();
    let note = "note: the Secret `argocd:creds` is not read: a settings file takes its place";
    assert!(run.err.contains(note), "{}", run.err);
    assert_eq!(run.good(), "kind: A\n");
}
