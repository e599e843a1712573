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
    let aws = vec![
        ("AWS_ENDPOINT_URL", NOBODY),
        ("AWS_REGION", "eu-central-1"),
        ("AWS_ACCESS_KEY_ID", "k"),
        ("AWS_SECRET_ACCESS_KEY", SECRET),
    ];
    let cases: [Case<'_>; 8] = [
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
        ("awssecretsmanager", "team/db", aws.clone(), NOBODY),
        ("awsssmparameterstore", "/team/db", aws, NOBODY),
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

/// What a setting names is told where the setting stands, and not at the manifest that first needs it.
#[test]
fn a_file_or_program_that_is_not_there_is_a_mistake_in_the_settings() {
    let samples = root().join("crates/vault/src/backend/sops/testdata");
    let folder = Folder::new();
    folder.write(
        "db.yaml",
        std::fs::read_to_string(samples.join("secrets.yaml")).unwrap(),
    );
    folder.write("empty", "");
    let server = [
        ("VAULT_ADDR", "https://127.0.0.1:1"),
        ("VAULT_TOKEN", SECRET),
    ];
    let jwt = [("VAULT_ADDR", NOBODY), ("AVP_AUTH_TYPE", "jwt")];
    let pod = [
        ("VAULT_ADDR", NOBODY),
        ("AVP_AUTH_TYPE", "k8s"),
        ("AVP_K8S_ROLE", "r"),
    ];
    type Variables<'v> = &'v [(&'v str, &'v str)];
    let cases: [(&str, Variables, (&str, &str), &str); 10] = [
        (
            "file",
            &[],
            ("MANIFILL_FILE", "/nope"),
            "there is no file `/nope`",
        ),
        (
            "file",
            &[],
            ("MANIFILL_FILE", "/"),
            "`/` is a folder, not a file",
        ),
        (
            "command",
            &[],
            ("MANIFILL_COMMAND", "/nope"),
            "there is no executable `/nope`",
        ),
        (
            "vault",
            &server,
            ("VAULT_CACERT", "/nope"),
            "cannot read the CA file `/nope`",
        ),
        (
            "vault",
            &server,
            ("VAULT_CACERT", "empty"),
            "holds no PEM certificate",
        ),
        (
            "vault",
            &jwt,
            ("AVP_JWT_PATH", "/nope"),
            "cannot read the login token in `/nope`",
        ),
        (
            "vault",
            &pod,
            ("AVP_K8S_TOKEN_PATH", "/nope"),
            "cannot read the login token in `/nope`",
        ),
        (
            "kubernetessecret",
            &[],
            ("KUBECONFIG", "/nope"),
            "there is no kubeconfig `/nope`",
        ),
        (
            "sops",
            &[],
            ("SOPS_AGE_KEY_FILE", "/nope"),
            "cannot read the key file `/nope`",
        ),
        (
            "awssecretsmanager",
            &[],
            ("AWS_CONFIG_FILE", "/nope"),
            "there is no file `/nope`",
        ),
    ];
    for (kind, variables, (setting, value), message) in cases {
        let path = match kind {
            "sops" => "db.yaml",
            "awssecretsmanager" => "db",
            _ => "argocd:db",
        };
        let run = manifill(["generate", "-"])
            .dir(folder.path())
            .env("AVP_TYPE", kind)
            .env(setting, value)
            .stdin(&format!(
                "kind: A\nx: <path:{path}#k>\ny: <path:{path}#l>\n"
            ));
        let run = variables
            .iter()
            .fold(run, |run, (name, value)| run.env(name, value));
        let told = run.run().failed();
        let place = told
            .find(" (needed by -:2:")
            .unwrap_or_else(|| panic!("{told}"));
        assert!(told[..place].contains(message), "{told}");
        assert!(
            told[place..].contains(&format!(
                " and 1 more place)\n  --> {setting} (environment)\n"
            )),
            "{told}"
        );
        assert_eq!(told.matches("error: ").count(), 1, "{told}");
        assert!(!told.contains(SECRET), "{told}");
    }
}

#[test]
fn a_settings_file_that_is_not_there_is_told_alone() {
    let folder = Folder::new();
    let ran = manifill(["generate", "-c", "nope.yaml", "-"])
        .dir(folder.path())
        .env("AVP_TYPE", "vault")
        .stdin("kind: A\nx: <path:a#b>\n")
        .run()
        .failed();
    assert!(ran.contains("nope.yaml`\n  --> nope.yaml\n"), "{ran}");
    assert_eq!(ran.matches("error: ").count(), 1, "{ran}");
}

#[test]
fn a_method_that_does_not_exist_is_told_with_the_other_mistakes() {
    let told = manifill(["generate", "-"])
        .env("AVP_TYPE", "vault")
        .env("VAULT_ADDR", NOBODY)
        .env("AVP_AUTH_TYPE", "tokn")
        .env("MANIFILL_TIMEOUT", "x")
        .stdin("kind: A\n")
        .run()
        .failed();
    assert!(
        told.contains("`MANIFILL_TIMEOUT` must be a number"),
        "{told}"
    );
    assert!(
        told.contains("received `tokn`\n  --> AVP_AUTH_TYPE (environment)\n"),
        "{told}"
    );
}
