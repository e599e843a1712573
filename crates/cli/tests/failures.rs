//! Whatever fails behind a backend, the message names the backend and the path and shows no secret.
#![cfg(unix)]

mod common;

use common::{Folder, manifill, root};

const SECRET: &str = "sentinel-4c1f9e";

/// A backend, a path, its settings, and what is told.
type Case<'a> = (&'a str, &'a str, Vec<(&'a str, &'a str)>, &'a str);

/// Nobody listens there.
const NOBODY: &str = "http://127.0.0.1:1";

#[test]
fn backend_and_path_are_named() {
    let samples = root().join("crates/vault/src/backend/sops/testdata");
    let sample = |name: &str| std::fs::read_to_string(samples.join(name)).unwrap();
    let folder = Folder::new();
    folder.write("db.yaml", sample("secrets.yaml"));
    let user = format!("{{name: u, user: {{token: {SECRET}}}}}");
    let kubeconfig = folder.write(
        "kubeconfig",
        format!(
            "current-context: c\ncontexts: [{{name: c, context: {{cluster: h, user: u}}}}]\nclusters: [{{name: h, cluster: {{server: '{NOBODY}'}}}}]\nusers: [{user}]\n"
        ),
    );
    let command = format!(r#"["/bin/sh", "-c", "echo {SECRET}; echo {SECRET} >&2; exit 3"]"#);
    let key = sample("throwaway-age3.key");
    let vault = [("VAULT_ADDR", NOBODY), ("VAULT_MAX_RETRIES", "0")];
    let cases: [Case<'_>; 6] = [
        (
            "vault",
            "secret/data/db",
            [
                vault.to_vec(),
                vec![("AVP_AUTH_TYPE", "token"), ("VAULT_TOKEN", SECRET)],
            ]
            .concat(),
            "connection refused",
        ),
        (
            "vault",
            "secret/data/db",
            [
                vault.to_vec(),
                vec![
                    ("AVP_AUTH_TYPE", "approle"),
                    ("AVP_ROLE_ID", SECRET),
                    ("AVP_SECRET_ID", SECRET),
                ],
            ]
            .concat(),
            "connection refused",
        ),
        (
            "kubernetessecret",
            "argocd:db",
            vec![("KUBECONFIG", kubeconfig.to_str().unwrap())],
            NOBODY,
        ),
        (
            "sops",
            "db.yaml",
            vec![("SOPS_AGE_KEY", &key)],
            "none of the age keys here opens the file `db.yaml`",
        ),
        (
            "command",
            "Home/db",
            vec![("MANIFILL_COMMAND", &command)],
            "`/bin/sh` failed with status `3` for path `Home/db`",
        ),
        (
            "1passwordconnect",
            "vaults/V/items/I",
            vec![("OP_CONNECT_HOST", NOBODY), ("OP_CONNECT_TOKEN", SECRET)],
            NOBODY,
        ),
    ];
    for (kind, path, variables, message) in cases {
        let run = manifill(["generate", "-"])
            .dir(folder.path())
            .env("AVP_TYPE", kind)
            // So that nobody is asked again for long.
            .env("MANIFILL_TIMEOUT", "2")
            .stdin(&format!("kind: A\nx: <path:{path}#k || path:{path}#l>\n"));
        let run = variables
            .into_iter()
            .fold(run, |run, (name, value)| run.env(name, value));
        let told = run.run().failed();
        assert!(told.contains(message), "{kind}: {told}");
        let place = format!("--> -:2:4  A  x\n   | <path:{path}#k || path:{path}#l>\n");
        assert!(told.contains(&place), "{kind}: {told}");
        let read = format!("   | read from {kind}, path {path}\n");
        assert!(told.contains(&read), "{kind}: {told}");
        for secret in [SECRET, key.lines().last().unwrap()] {
            assert!(!told.contains(secret), "{kind}: {told}");
        }
    }
}

#[test]
fn wrong_settings_are_located_in_the_settings_and_all_told_at_once() {
    let folder = Folder::new();
    folder.write(
        "flat.yaml",
        "AVP_TYPE: 1passwordconnect\nOP_CONNECT_HOST: 127.0.0.1:8080\n",
    );
    let manifest = "kind: A\nx: <path:vaults/a/items/b#c>\n";
    let err = manifill(["generate", "-c", "flat.yaml", "-"])
        .dir(folder.path())
        .stdin(manifest)
        .run()
        .failed();
    assert!(err.contains("--> flat.yaml:2:18\n"), "{err}");
    assert!(err.contains("OP_CONNECT_TOKEN is not set"), "{err}");
    assert_eq!(err.matches("hint:").count(), 2, "{err}");
    let err = manifill(["generate", "--format", "json", "-"])
        .env("AVP_TYPE", "1passwordconnect")
        .env("OP_CONNECT_HOST", "127.0.0.1:8080")
        .env("OP_CONNECT_TOKEN", "s3cr3t")
        .stdin(manifest)
        .run()
        .failed();
    let object: serde_json::Value = serde_json::from_str(&err).unwrap();
    let told = &object["diagnostics"][0];
    assert_eq!(told["setting"], "OP_CONNECT_HOST (environment)");
    assert_eq!(told.get("line"), None);
    assert_eq!(told["further_places"][0]["line"], 2);
}
