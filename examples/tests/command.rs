//! The example of the `command` backend, with a stand-in for `op`.
#![cfg(unix)]
#![allow(clippy::unwrap_used)]

use std::process::{Command, Output};

fn render(file: &str) -> Output {
    let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/command");
    let path = std::env::var("PATH").unwrap();
    Command::new(env!("CARGO_BIN_EXE_render"))
        .args([&format!("{folder}/manifill.yaml"), file])
        .env("PATH", format!("{folder}/stand-in:{folder}:{path}"))
        .current_dir(folder)
        .output()
        .unwrap()
}

#[test]
fn op_read_fills_a_secret() {
    let output = render("secret.yaml");
    let told = String::from_utf8(output.stderr).unwrap();
    assert!(output.status.success(), "{told}");
    let text = String::from_utf8(output.stdout).unwrap();
    let filled = concat!(
        "stringData:\n",
        "  user: \"svc_orders\"\n",
        "  password: \"not-so-secret\"\n",
        "  host: \"db.home.example\"\n",
        "  port: \"5432\"\n",
    );
    assert!(text.ends_with(filled), "{text}");
}

#[test]
fn op_read_tells_what_is_missing_and_what_is_locked() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("secret.yaml");
    for (path, told) in [
        ("Home/none#password", "finds nothing at path `Home/none`"),
        ("None/db#password", "finds nothing at path `None/db`"),
        ("Locked/db#password", "cannot log in for path `Locked/db`"),
        ("Home#password", "cannot have a path such as `Home`"),
        ("Home/db#none", "`none`"),
    ] {
        let text = format!("kind: Secret\nstringData:\n  a: <path:{path}>\n");
        std::fs::write(&file, text).unwrap();
        let output = render(file.to_str().unwrap());
        let text = String::from_utf8(output.stderr).unwrap();
        assert!(!output.status.success() && text.contains(told), "{text}");
        assert!(!text.contains("[ERROR]"), "{text}");
    }
}
