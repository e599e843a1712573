//! A run that fails tells its notes, too: one of them can be about the cause (rule R12).

mod common;

use common::{Folder, manifill};

const NOBODY: &str = "http://127.0.0.1:1";

/// What is set, the placeholder that fails, and the note that is told all the same.
type Case<'a> = (&'a [(&'a str, &'a str)], &'a str, &'a str);

const FAILING_READS: [Case<'_>; 7] = [
    (
        &[
            ("AVP_TYPE", "vault"),
            ("VAULT_ADDR", NOBODY),
            ("VAULT_TOKEN", "t"),
        ],
        "secret/data/a",
        "AVP_AUTH_TYPE is not set; since VAULT_TOKEN is, the login is by `token`",
    ),
    (
        &[
            ("AVP_TYPE", "vault"),
            ("VAULT_ADDR", "http://127.0.0.1:1/v1"),
            ("VAULT_TOKEN", "t"),
        ],
        "secret/data/a",
        "VAULT_ADDR ends with /v1",
    ),
    (
        &[
            ("AVP_TYPE", "vault"),
            ("VAULT_ADDR", "https://127.0.0.1:1"),
            ("VAULT_TOKEN", "t"),
            ("VAULT_SKIP_VERIFY", "true"),
        ],
        "secret/data/a",
        "VAULT_SKIP_VERIFY is on",
    ),
    (
        &[
            ("AVP_TYPE", "1passwordconnect"),
            ("OP_CONNECT_HOST", "http://127.0.0.1:1/v1/vaults"),
            ("OP_CONNECT_TOKEN", "t"),
        ],
        "vaults/a/items/b",
        "OP_CONNECT_HOST ends with /v1",
    ),
    (
        &[("AVP_TYPE", "file"), ("MANIFILL_FILE", "nope")],
        "a",
        "manifill.yaml in this folder is not read",
    ),
    (
        &[
            ("AVP_TYPE", "file"),
            ("MANIFILL_FILE", "nope"),
            ("VAULT_ADR", "x"),
        ],
        "a",
        "VAULT_ADDR",
    ),
    (
        &[
            ("AVP_TYPE", "vault"),
            ("VAULT_ADDR", NOBODY),
            ("VAULT_TOKEN", "t"),
            ("AVP_KV_VERSION", "1"),
        ],
        "secret/a#k#2>",
        "only KV version 2 has versions",
    ),
];

#[test]
fn a_read_that_fails_is_told_with_the_notes_of_the_run() {
    let folder = Folder::new();
    folder.write("manifill.yaml", "{}");
    for (variables, path, note) in FAILING_READS {
        let placeholder = match path.split_once('#') {
            Some(_) => format!("<path:{path}"),
            None => format!("<path:{path}#k>"),
        };
        let run = manifill(["generate", "-"])
            .dir(folder.path())
            .env("MANIFILL_TIMEOUT", "1")
            .env("VAULT_MAX_RETRIES", "0")
            .stdin(&format!("kind: A\nx: {placeholder}\n"));
        let run = variables
            .iter()
            .fold(run, |run, (name, value)| run.env(name, value));
        let told = run.run().failed();
        assert!(told.contains("error: "), "{told}");
        let notes: Vec<&str> = told
            .lines()
            .filter(|line| line.starts_with("note: "))
            .collect();
        assert!(
            notes.iter().any(|line| line.contains(note)),
            "{note}: {told}"
        );
    }
}

#[test]
fn keys_that_cannot_be_read_are_told_with_the_notes_of_the_run() {
    let told = manifill(["keys", "secret/data/a"])
        .env("AVP_TYPE", "vault")
        .env("VAULT_ADDR", NOBODY)
        .env("VAULT_TOKEN", "t")
        .env("VAULT_MAX_RETRIES", "0")
        .run()
        .failed();
    assert!(told.contains("note: AVP_AUTH_TYPE is not set"), "{told}");
}

#[test]
fn what_planning_remarks_is_told_with_the_mistakes_of_manifests() {
    let connect = |arguments: &[&str]| {
        manifill(arguments)
            .env("AVP_TYPE", "1passwordconnect")
            .env("OP_CONNECT_HOST", NOBODY)
            .env("OP_CONNECT_TOKEN", "t")
            .env("MANIFILL_TIMEOUT", "1")
    };
    let note = "backend 1passwordconnect has no versions of secrets";
    for command in ["generate", "plan"] {
        // The second document fails before anything is read.
        let told = connect(&[command, "-"])
            .stdin("kind: A\nx: <path:vaults/a/items/b#k#2>\n---\nkind: A\nx: <path:a>\n")
            .run()
            .failed();
        assert!(told.contains(&format!("note: {note}")), "{command}: {told}");
    }
    let told = connect(&["generate", "--format", "json", "-"])
        .stdin("kind: A\nx: <path:vaults/a/items/b#k#2>\n")
        .run()
        .failed();
    let object: serde_json::Value = serde_json::from_str(&told).unwrap();
    let levels = object["diagnostics"].as_array().unwrap().iter();
    let levels = levels.map(|one| one["level"].as_str().unwrap());
    assert_eq!(levels.collect::<Vec<_>>(), ["error", "note"], "{told}");
}

#[test]
fn wrong_settings_are_told_with_the_notes_about_settings() {
    let folder = Folder::new();
    folder.write(
        "flat.yaml",
        "AVP_TYPE: file\nOP_CONNECT_HOSTS: x\nMANIFILL_FILE: ${DATA}\nAVP_PATH_VALIDATION: '('\n",
    );
    for command in ["generate", "plan"] {
        let told = manifill([command, "-c", "flat.yaml", "-s", "", "-"])
            .dir(folder.path())
            .env("ARGOCD_ENV_MANIFILL_TIMEOUT", "x")
            .stdin("kind: A\n")
            .run()
            .failed();
        assert!(told.contains("AVP_PATH_VALIDATION"), "{told}");
        for note in [
            "-s names no Secret and is left out",
            "flat.yaml:2:19: ",
            "flat.yaml:3:16: ",
        ] {
            assert!(told.contains(&format!("note: {note}")), "{note}: {told}");
        }
    }
    let told = manifill(["generate", "-c", "nope.yaml", "-s", "n:a", "-"])
        .dir(folder.path())
        .env("VAULT_ADR", "x")
        .stdin("kind: A\n")
        .run()
        .failed();
    assert!(
        told.contains("note: the Secret `n:a` is not read"),
        "{told}"
    );
}
