//! `manifill krm`, which kustomize and kpt run.
#![cfg(unix)]
#![allow(clippy::unwrap_used)]

mod common;

use std::os::unix::fs::symlink;

use common::{Folder, Ran};

const LIST: &str = "apiVersion: config.kubernetes.io/v1
kind: ResourceList
items:
- apiVersion: v1
  kind: Secret
  metadata:
    name: db
    annotations: {internal.config.kubernetes.io/index: '0'} # theirs
  data: {password: PHBhdGg6ZGIjcGFzc3dvcmQ+}
";

fn list(kind: &str, spec: &str) -> String {
    format!("{LIST}functionConfig: {{apiVersion: manifill.dev/v1, kind: {kind}, spec: {spec}}}\n")
}

/// What a failed function told people and the orchestrator; the list came back as it was.
#[track_caller]
fn failed(ran: Ran, list: &str) -> (String, String) {
    assert_eq!(ran.status, 1, "{}", ran.err);
    let is_result = |line: &&str| line.starts_with("results: ");
    let (results, others): (Vec<&str>, Vec<&str>) =
        ran.out.split_inclusive('\n').partition(is_result);
    assert_eq!(others.concat(), list);
    (ran.err, results.concat())
}

#[test]
fn items_are_filled_without_a_configuration() {
    let folder = Folder::new();
    let ran = folder.manifill(["krm"]).stdin(LIST).run();
    assert_eq!(ran.err, "");
    let filled = LIST.replace("PHBhdGg6ZGIjcGFzc3dvcmQ+", "\"cEBzczogIzE=\"");
    assert_eq!(ran.good(), filled);
    // What orchestrators set for functions changes nothing.
    let told = folder.manifill(["krm"]).env("LOG_TO_STDERR", "true");
    let told = told.env("STRUCTURED_RESULTS", "true").stdin(LIST).run();
    assert_eq!(told.good(), filled);
}

#[test]
fn a_failure_is_told_to_people_and_to_the_orchestrator() {
    let folder = Folder::new();
    let wrong = LIST.replace("PHBhdGg6ZGIjcGFzc3dvcmQ+", "PHBhdGg6ZGIjcGFzc3dvcmRzPg==");
    let (told, results) = failed(folder.manifill(["krm"]).stdin(&wrong).run(), &wrong);
    assert!(
        told.contains("`db` has no key `passwords`")
            && told.contains("--> -:9:20  Secret/db  data.password")
            && told.contains("hint: did you mean `password`?"),
        "{told}"
    );
    assert!(
        results.contains(r#""name": "db"}, "field": {"path": "data.password"}"#)
            && results.contains(r#""severity": "error""#),
        "{results}"
    );
    for text in [told, results] {
        assert!(!text.contains("p@ss") && !text.contains("svc"), "{text}");
    }
}

#[test]
fn wrong_settings_are_told_to_people_alone() {
    let folder = Folder::new();
    let ran = folder.manifill(["krm"]).env("AVP_TYPE", "valt");
    let (told, results) = failed(ran.stdin(LIST).run(), LIST);
    assert!(told.contains("AVP_TYPE"), "{told}");
    assert!(
        results.contains("the settings of manifill are wrong; standard error says how"),
        "{results}"
    );
    // A guard has none.
    let guarded = list("ManifillGuard", "{}").replace("PHBhdGg6ZGIjcGFzc3dvcmQ+", "eA==");
    let ran = folder.manifill(["krm"]).env("AVP_TYPE", "valt");
    assert_eq!(ran.stdin(&guarded).run().good(), guarded);
}

#[test]
fn files_are_generated_from_the_folder_of_the_function_alone() {
    let folder = Folder::new();
    folder.write(
        "app/secrets/b.yaml",
        "kind: Secret # b\nstringData: {a: <path:db#user>}\n",
    );
    folder.write("app/a.yml", "kind: A\n---\nkind: B\n");
    folder.write("outside.yaml", "kind: C\n");
    let run = |spec: &str| {
        let list = list("ManifillGenerate", spec);
        let vault = folder.path().join("vault.json");
        let ran = folder.manifill(["krm"]).env("MANIFILL_FILE", vault);
        (ran.dir(&folder.path().join("app")).stdin(&list).run(), list)
    };
    let (ran, list) = run("{files: [./a.yml, secrets]}");
    let new = "- kind: A\n- kind: B\n- kind: Secret # b\n  stringData: {a: \"svc\"}\n";
    assert_eq!(
        ran.good(),
        list.replace("functionConfig", &format!("{new}functionConfig"))
    );
    symlink("../outside.yaml", folder.path().join("app/link.yaml")).unwrap();
    for (spec, told) in [
        (
            "{files: [../outside.yaml]}",
            "`../outside.yaml` does not lie in the folder of the function",
        ),
        (
            "{files: [link.yaml]}",
            "could not read link.yaml: it leads out of the folder in which the function runs",
        ),
    ] {
        let (ran, list) = run(spec);
        let (err, results) = failed(ran, &list);
        assert!(
            err.contains(told) && results.contains(told),
            "{err}\n{results}"
        );
    }
    // Nor is the file of the vault a manifest.
    folder.write("app/vault.json", r#"{"db": {"user": "svc"}}"#);
    let list = self::list("ManifillGenerate", "{files: [vault.json]}");
    let ran = folder.manifill(["krm"]).dir(&folder.path().join("app"));
    let (err, _) = failed(ran.stdin(&list).run(), &list);
    assert!(
        err.contains("only settings and secrets, no manifests, were found"),
        "{err}"
    );
}

#[test]
fn a_hint_names_what_a_function_has() {
    let folder = Folder::new();
    let escaped = LIST.replace(
        "data: {password: PHBhdGg6ZGIjcGFzc3dvcmQ+}",
        "stringData: {a: '%3Cpath:db%23user%3E'}",
    );
    let (told, _) = failed(folder.manifill(["krm"]).stdin(&escaped).run(), &escaped);
    assert!(
        told.contains("hint: `escaped: true` in functionConfig's spec fills it"),
        "{told}"
    );
    let config = "functionConfig: {apiVersion: manifill.dev/v1, kind: ManifillFill, spec: {escaped: true}}\n";
    let ran = folder.manifill(["krm"]).stdin(&(escaped + config)).run();
    assert!(ran.good().contains("svc"));
}

#[test]
fn no_app_gets_mock_values() {
    let folder = Folder::new();
    for command in ["krm", "post-render"] {
        let ran = folder
            .manifill([command, "--mock"])
            .env("ARGOCD_APP_NAME", "web");
        let ran = ran.stdin(LIST).run();
        assert_eq!((ran.status, ran.out.as_str()), (2, ""), "{}", ran.err);
        assert!(
            ran.err.contains("unexpected argument '--mock'"),
            "{}",
            ran.err
        );
    }
    let list = list("ManifillFill", "{mock: true}");
    let ran = folder.manifill(["krm"]).env("ARGOCD_APP_NAME", "web");
    let (told, _) = failed(ran.stdin(&list).run(), &list);
    assert!(
        told.contains("the `spec` of a ManifillFill has no field `mock`"),
        "{told}"
    );
}

#[test]
fn what_is_no_list_gives_nothing() {
    let folder = Folder::new();
    for source in ["", "kind: Secret\n", "kind: [\n"] {
        let told = folder.manifill(["krm"]).stdin(source).run().failed();
        assert!(told.starts_with("error: "), "{told}");
    }
}
