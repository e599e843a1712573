//! `manifill generate` with files that SOPS encrypted, beside the manifests and among them.
#![cfg(unix)]
#![allow(clippy::unwrap_used)]

mod common;

use std::os::unix::fs::symlink;
use std::path::Path;

use common::{Folder, Manifill, manifill, root};

/// What the real sops wrote, with a key that is worth nothing.
fn sample(name: &str) -> String {
    let samples = root().join("crates/vault/src/backend/sops/testdata");
    std::fs::read_to_string(samples.join(name)).unwrap()
}

const MANIFEST: &str = "kind: A\nx: <path:secrets/db.yaml#database | jsonPath {.port}>\n";
const FILLED: &str = "kind: A\nx: \"5432\"\n";

/// A repository with an app and its encrypted files.
fn repository() -> Folder {
    let folder = Folder::new();
    std::fs::remove_file(folder.path().join("vault.json")).unwrap();
    folder.write("apps/web/a.yaml", MANIFEST);
    folder.write("apps/web/secrets/db.yaml", sample("secrets.yaml"));
    folder.write("apps/web/secrets/prod.env", sample("app.env"));
    folder
}

fn in_folder<'a>(dir: &Path, arguments: impl IntoIterator<Item = &'a str>) -> Manifill {
    manifill(arguments)
        .dir(dir)
        .env("AVP_TYPE", "sops")
        .env("SOPS_AGE_KEY", sample("throwaway-age.key"))
}

#[test]
fn an_app_is_filled_from_its_own_folder_and_from_elsewhere() {
    let folder = repository();
    let app = folder.path().join("apps/web");
    // As Argo CD runs it.
    let ran = in_folder(&app, ["generate", "."])
        .env("ARGOCD_APP_NAME", "web")
        .run();
    assert_eq!(ran.good(), FILLED);
    let ran = in_folder(&app, ["generate", "-"]).stdin(MANIFEST).run();
    assert_eq!(ran.good(), FILLED);
    // As a person runs it, with the same manifests.
    let elsewhere = tempfile::tempdir().unwrap();
    let app = app.to_str().unwrap();
    for (dir, input) in [
        (folder.path(), "apps/web"),
        (folder.path(), "apps/web/a.yaml"),
        (folder.path(), "."),
        (elsewhere.path(), app),
    ] {
        let told = in_folder(dir, ["generate", input]).run();
        match input {
            // There it is `apps/web/secrets/db.yaml`.
            "." => assert!(told.failed().contains("there is no file `secrets/db.yaml`")),
            _ => assert_eq!(told.good(), FILLED, "{input}"),
        }
    }
    let ran = in_folder(folder.path(), ["generate", "-", "apps/web"])
        .stdin(&MANIFEST.replace("secrets/", "apps/web/secrets/"))
        .run();
    assert_eq!(ran.good(), [FILLED, FILLED].join("---\n"));
}

#[test]
fn what_lies_outside_the_folder_that_is_filled_needs_the_operator() {
    let folder = repository();
    folder.write("secrets/common.yaml", sample("secrets.yaml"));
    let common = folder.path().join("secrets/common.yaml");
    symlink(&common, folder.path().join("apps/web/link.env")).unwrap();
    for path in [
        "secrets/common.yaml",
        "../../secrets/common.yaml",
        "link.env",
        common.to_str().unwrap(),
    ] {
        // What is refused is not missing: the second path is not tried.
        let both = format!("{path}#database || path:secrets/db.yaml#database");
        let manifest = MANIFEST.replace("secrets/db.yaml#database", &both);
        folder.write("apps/web/a.yaml", manifest);
        let told = in_folder(folder.path(), ["generate", "apps/web"]).run();
        let message = format!("the path `{path}` leads out of the folder of the manifests");
        assert!(told.failed().contains(&message), "{path}");
        let opened = in_folder(folder.path(), ["generate", "apps/web"])
            .env("MANIFILL_FILE_ROOT", "secrets")
            .run();
        assert_eq!(opened.good(), FILLED, "{path}");
    }
}

#[test]
fn files_of_values_are_no_manifests_and_that_is_noted() {
    let folder = repository();
    folder.write(
        "apps/web/values.json",
        sample("k8s-secret.json").replace("\"kind\"", "\"was\""),
    );
    let ran = in_folder(folder.path(), ["generate", "apps/web", "--stats"]).run();
    assert_eq!(ran.out, FILLED, "{}", ran.err);
    for name in ["secrets/db.yaml", "values.json"] {
        let note = format!("apps/web/{name} holds settings or secrets and is no manifest");
        assert!(ran.err.contains(&note), "{}", ran.err);
    }
    // Without a word about SOPS in the settings as well: no cluster could take them.
    let ran = manifill(["generate", "apps/web/secrets", "apps/web/a.yaml"])
        .dir(folder.path())
        .run();
    let told = ran.failed();
    assert!(
        told.contains("only settings and secrets, no manifests, were found in apps/web/secrets"),
        "{told}"
    );
}

#[test]
fn an_object_is_never_left_out() {
    let folder = Folder::new();
    let object = sample("k8s-secret.json");
    assert!(object.contains("\"kind\": \"Secret\"") && object.contains("ENC[AES256_GCM"));
    folder.write("m/a.json", &object);
    let ran = in_folder(folder.path(), ["generate", "m"]).run();
    assert_eq!(ran.good(), object);
    // Encrypted as a whole it is none that a cluster takes, which the cluster is to say.
    let sealed = "ENC[AES256_GCM,data:QQ==,iv:QQ==,tag:QQ==,type:str]";
    let whole = format!("apiVersion: {sealed}\nkind: {sealed}\nsops:\n  mac: {sealed}\n");
    let folder = Folder::new();
    folder.write("m/a.yaml", &whole);
    let ran = in_folder(folder.path(), ["generate", "m"]).run();
    assert_eq!(ran.good(), whole);
    // Without `kind` and without what SOPS writes, it is a mistake.
    folder.write(
        "m/b.yaml",
        "a: ENC[AES256_GCM,data:a,iv:b,tag:c,type:str]\n",
    );
    let told = in_folder(folder.path(), ["generate", "m"]).run().failed();
    assert!(told.contains("m/b.yaml"), "{told}");
}
