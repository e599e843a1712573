//! `manifill guard`, the last step of a pipe.
#![allow(clippy::unwrap_used)]

mod common;

use common::{Folder, manifill};

const LEFT: &str = "# Source: web/templates/a.yaml\nkind: Secret\nmetadata: {name: db}\nstringData: {user: <path:db#user>}\n";

#[test]
fn what_holds_no_placeholder_is_passed_on_byte_for_byte() {
    let folder = Folder::new();
    for source in [
        "kind: A\r\nx: 1   \r\n",
        "\u{feff}kind: A",
        "# only <path:a#b>\n\nkind: A\n...\n---\n---\n",
        "{\"kind\": \"A\"}\n\n\n",
        "A=b\n",
    ] {
        assert_eq!(manifill(["guard"]).stdin(source).run().good(), source);
        assert_eq!(manifill(["guard", "-"]).stdin(source).run().good(), source);
        folder.write("a.txt", source);
        let ran = manifill(["guard", "a.txt"]).dir(folder.path()).run();
        assert_eq!(ran.good(), source);
    }
    folder.write("a", "kind: A");
    folder.write("b", "kind: B\n");
    let ran = manifill(["guard", "a", "-", "b"])
        .dir(folder.path())
        .stdin("---\nkind: C\n")
        .run();
    assert_eq!(ran.good(), "kind: A\n---\nkind: C\n---\nkind: B\n");
}

#[test]
fn what_is_left_in_is_told_and_nothing_is_printed() {
    let told = manifill(["guard"]).stdin(LEFT).run().failed();
    assert_eq!(
        told,
        "error: a placeholder is not filled\n  --> -:4:20 (web/templates/a.yaml)  Secret/db  stringData.user\n  \
         hint: fill it in a step before; if it belongs there: --allow 'Secret/db:stringData.user'\n"
    );
    let allow = ["guard", "--allow", "Secret/db:stringData.user"];
    let ran = manifill(allow).stdin(LEFT).run();
    assert_eq!(
        (ran.status, ran.out.as_str(), ran.err.as_str()),
        (0, LEFT, "")
    );
    let ran = manifill(allow).stdin("kind: A\n").run();
    assert_eq!(ran.out, "kind: A\n");
    assert_eq!(
        ran.err,
        "note: nothing in Secret/db:stringData.user reads like a placeholder: it need not be allowed\n"
    );
}

#[test]
fn a_malformed_field_is_a_wrong_argument() {
    for field in [
        "",
        "Secret/db",
        "stringData.user",
        "Secret:data.a",
        "Secret/db:",
        "/db:data.a",
    ] {
        let ran = manifill(["guard", "--allow", field])
            .stdin("kind: A\n")
            .run();
        assert_eq!((ran.status, ran.out.as_str()), (2, ""), "{field}");
        assert!(
            ran.err
                .contains("KIND/NAME:FIELD, such as Secret/db:stringData.password"),
            "{}",
            ran.err
        );
    }
}

#[test]
fn an_input_without_anything_is_an_error() {
    for source in ["", "\n", "---\n# nothing\n---\nnull\n"] {
        let told = manifill(["guard"]).stdin(source).run().failed();
        assert!(told.starts_with("error: the input is empty"), "{told}");
    }
}

#[test]
fn it_is_told_in_every_form() {
    let told = |format| {
        manifill(["guard", "--format", format])
            .stdin(LEFT)
            .run()
            .failed()
    };
    let json: serde_json::Value = serde_json::from_str(&told("json")).unwrap();
    let one = &json["diagnostics"][0];
    assert_eq!(one["kind"], "placeholder");
    assert_eq!(
        (&one["resource"], &one["field"]),
        (&"Secret/db".into(), &"stringData.user".into())
    );
    assert_eq!((&one["line"], &one["column"]), (&4.into(), &20.into()));
    assert_eq!(one["rendered_from"], "web/templates/a.yaml");
    let sarif: serde_json::Value = serde_json::from_str(&told("sarif")).unwrap();
    assert_eq!(sarif["runs"][0]["results"][0]["ruleId"], "placeholder");
    assert!(
        told("github").starts_with("::error file=-,line=4,col=20::a placeholder is not filled")
    );
    // Of one that passes nothing but the form itself.
    let ran = manifill(["guard", "--format", "json"])
        .stdin("kind: A\n")
        .run();
    assert_eq!(
        (ran.out.as_str(), ran.err.as_str()),
        ("kind: A\n", "{\"version\":1,\"diagnostics\":[]}\n")
    );
}

#[test]
fn no_settings_are_read() {
    let ran = manifill(["guard"])
        .env("AVP_TYPE", "nonsense")
        .env("MANIFILL_CONFIG", "absent")
        .stdin("kind: A\n")
        .run();
    assert_eq!((ran.good().as_str()), "kind: A\n");
}

#[test]
fn what_generate_fills_passes_and_a_value_that_reads_like_a_placeholder_is_named() {
    let folder = Folder::new();
    let source = "kind: Secret\nmetadata: {name: db}\nstringData: {user: <path:db#user>}\n";
    let filled = folder
        .manifill(["generate", "-"])
        .stdin(source)
        .run()
        .good();
    assert_eq!(manifill(["guard"]).stdin(&filled).run().good(), filled);
    folder.write("vault.json", r#"{"db": {"user": "<path:sentinel-1#x>"}}"#);
    let filled = folder
        .manifill(["generate", "-"])
        .stdin(source)
        .run()
        .good();
    let told = manifill(["guard"]).stdin(&filled).run().failed();
    assert!(
        told.contains("Secret/db  stringData.user") && !told.contains("sentinel"),
        "{told}"
    );
}

#[test]
fn files_that_are_not_manifests_are_told() {
    let folder = Folder::new();
    folder.write("a.yaml", "kind: A\n");
    let ran = manifill(["guard", "a.yaml", "absent"])
        .dir(folder.path())
        .run();
    assert!(ran.failed().contains("absent"));
    folder.write("bytes", [0xff, 0x00, 0x01]);
    let told = manifill(["guard", "a.yaml", "bytes"])
        .dir(folder.path())
        .run()
        .failed();
    assert!(told.contains("is not UTF-8"), "{told}");
    let ran = manifill(["guard", "-", "-"]).run();
    assert_eq!((ran.status, ran.out.as_str()), (2, ""));
    // Under Argo CD, an argument must not lead out of the checkout.
    let elsewhere = Folder::new();
    let shared = elsewhere.write("shared.yaml", "kind: A\n");
    std::os::unix::fs::symlink(&shared, folder.path().join("link")).unwrap();
    let under_argo = || {
        manifill(["guard", "link"])
            .dir(folder.path())
            .env("ARGOCD_APP_NAME", "web")
    };
    let told = under_argo().run().failed();
    assert!(told.contains("leads out of the app's repository"), "{told}");
    // The operator can open another folder, and nobody else.
    let opened = under_argo().env("MANIFILL_FILE_ROOT", elsewhere.path());
    assert_eq!(opened.run().good(), "kind: A\n");
    let told = under_argo()
        .env("ARGOCD_ENV_MANIFILL_FILE_ROOT", elsewhere.path())
        .run()
        .failed();
    assert!(told.contains("leads out of the app's repository"), "{told}");
    // The repository may be larger than the app's folder.
    let nested = folder.path().join("apps/web");
    std::fs::create_dir_all(&nested).unwrap();
    std::os::unix::fs::symlink("../../base.yaml", nested.join("base.yaml")).unwrap();
    folder.write("base.yaml", "kind: B\n");
    let in_nested = || {
        manifill(["guard", "base.yaml"])
            .dir(&nested)
            .env("ARGOCD_APP_NAME", "web")
    };
    in_nested().run().failed();
    let with_path = in_nested().env("ARGOCD_APP_SOURCE_PATH", "apps/web");
    assert_eq!(with_path.run().good(), "kind: B\n");
}
