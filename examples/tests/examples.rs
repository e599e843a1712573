//! The examples do what they say.
#![allow(clippy::unwrap_used)]

use std::process::Command;

fn run(program: &str, arguments: &[&str]) -> String {
    let output = Command::new(program)
        .args(arguments)
        .env_clear()
        .current_dir(env!("CARGO_MANIFEST_DIR"))
        .output()
        .unwrap();
    let told = String::from_utf8(output.stderr).unwrap();
    assert!(output.status.success(), "{told}");
    String::from_utf8(output.stdout).unwrap()
}

#[test]
fn render_fills_a_file_of_the_home_lab() {
    let text = run(
        env!("CARGO_BIN_EXE_render"),
        &[
            "manifests/homelab/manifill.yaml",
            "manifests/homelab/bagetter/secret.yaml",
        ],
    );
    assert!(
        text.contains("  apiKey: \"fake-nuget-api-key-0001\"\n"),
        "{text}"
    );
}

#[test]
fn a_custom_backend_is_asked_for_its_keys() {
    assert_eq!(
        run(env!("CARGO_BIN_EXE_custom_backend"), &[]),
        "kind: Secret # made here\nstringData:\n  key: \"backward\"\n"
    );
}
