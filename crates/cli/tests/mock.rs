//! Mock values: only by the flag, without a vault, and refused by what is near a cluster.

mod common;

use common::{Folder, manifill};

/// The example home lab with mock values.
fn home_lab() -> String {
    let lab = "examples/manifests/homelab";
    let settings = "examples/manifests/homelab/manifill.yaml";
    let ran = manifill(["generate", "--mock", lab, "-c", settings]).run();
    assert!(
        ran.err.contains("the values are mock values"),
        "{}",
        ran.err
    );
    ran.good()
}

#[test]
fn the_home_lab_is_filled_and_marked() {
    let text = home_lab();
    assert_eq!(text, home_lab());
    assert!(text.contains("\"mock-"), "{text}");
    assert!(!text.contains("fake-"), "{text}");
    let guarded = manifill(["guard"]).stdin(&text).run();
    let told = guarded.failed();
    assert!(
        told.contains("this object is filled with mock values"),
        "{told}"
    );
    assert!(!told.contains("a placeholder is not filled"), "{told}");
}

#[test]
fn nothing_but_the_flag_turns_it_on() {
    let folder = Folder::new();
    folder.write("a.yaml", "kind: A\na: <path:db#user>\n");
    let ran = folder
        .manifill(["generate", "a.yaml"])
        .env("MANIFILL_MOCK", "true")
        .env("MOCK", "true");
    assert_eq!(ran.run().good(), "kind: A\na: \"svc\"\n");
}

#[test]
fn where_a_cluster_is_near_it_is_an_error() {
    let folder = Folder::new();
    folder.write("a.yaml", "kind: A\na: <path:db#user>\n");
    for command in ["generate", "plan"] {
        let ran = folder
            .manifill([command, "--mock", "a.yaml"])
            .env("ARGOCD_APP_NAME", "web");
        let told = ran.run().failed();
        assert!(told.contains("mock values are not for a cluster"), "{told}");
    }
    for command in ["post-render", "argocd-plugin"] {
        let ran = folder
            .manifill([command, "--mock"])
            .stdin("kind: A\n")
            .run();
        assert_eq!((ran.status, ran.out.as_str()), (2, ""), "{command}");
    }
    let mocked = folder.manifill(["generate", "--mock", "a.yaml"]).run();
    let mocked = mocked.good();
    let told = folder.manifill(["post-render"]).stdin(&mocked).run();
    assert!(told.failed().contains("filled with mock values"));
    // Mocked manifests that were committed.
    folder.write("a.yaml", &mocked);
    let ran = folder.manifill(["generate", "a.yaml"]);
    assert_eq!(ran.run().good(), mocked);
    let ran = folder.manifill(["generate", "a.yaml"]);
    let told = ran.env("ARGOCD_APP_NAME", "web").run().failed();
    assert!(told.contains("a.yaml:4:"), "{told}");
    assert!(told.contains("filled with mock values"), "{told}");
}

#[test]
fn a_plan_with_mock_values_finds_what_only_filling_shows() {
    let folder = Folder::new();
    folder.write(
        "a.yaml",
        "kind: ConfigMap\ndata: {a: !!int <path:db#user>}\n",
    );
    folder.write("b.yaml", "kind: A\na: <path:db#user>\n");
    folder.manifill(["plan", "a.yaml"]).run().good();
    let told = folder.manifill(["plan", "--mock", "a.yaml"]).run().failed();
    assert!(
        told.contains("a.yaml:2:") && told.contains("!!int"),
        "{told}"
    );
    let plan = folder.manifill(["plan", "b.yaml"]).run();
    let mocked = folder.manifill(["plan", "--mock", "b.yaml"]).run();
    let mocked = mocked.good();
    assert!(mocked.starts_with(&plan.good()), "{mocked}");
}
