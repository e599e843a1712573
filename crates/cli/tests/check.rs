//! `manifill check`, for pull requests and pre-commit hooks.
#![allow(clippy::unwrap_used)]

mod common;

use common::{Folder, manifill, root};

const SECRET: &str = "apiVersion: v1\nkind: Secret\nmetadata: {name: db}\n\
                      stringData: {user: <path:db#user>, password: <path:db#password>}\n";
const POD: &str = "apiVersion: v1\nkind: Pod\nmetadata: {name: web}\nspec:\n  containers:\n    \
                   - env: [{valueFrom: {secretKeyRef: {name: db, key: usr}}}]\n";

/// Values of the vault, none of which may be seen.
const VALUES: [&str; 2] = ["svc", "p@ss: #1"];

#[test]
fn what_is_there_is_told_by_type_and_class() {
    let folder = Folder::new();
    for (flags, last) in [
        (&["--exists"][..], "(exists)"),
        (&[], "(exists)"),
        (&["--readable"], "(readable)"),
    ] {
        let arguments = ["check"].iter().chain(flags).chain(&["-"]).copied();
        let out = folder.manifill(arguments).stdin(SECRET).run().good();
        let expected = format!(
            "file  db\n    password  text, 1 to 16 bytes\n    user  text, 1 to 16 bytes\n\
             no error: 1 secret for 2 placeholders in 1 document {last}\n"
        );
        assert_eq!(out, expected);
    }
}

#[test]
fn offline_needs_neither_settings_nor_a_vault() {
    let ran = manifill(["check", "--offline", "-"]).stdin(SECRET).run();
    let expected = "no error: 1 secret for 2 placeholders in 1 document (offline)\n";
    assert_eq!(ran.good(), expected);
    let ran = manifill(["check", "--offline", "--exists", "-"])
        .stdin(SECRET)
        .run();
    assert_eq!((ran.status, ran.out.as_str()), (2, ""), "{}", ran.err);
    assert!(ran.err.contains("cannot be used with"), "{}", ran.err);
}

#[test]
fn everything_that_is_wrong_is_told_at_once_and_nothing_is_printed() {
    let folder = Folder::new();
    folder.write("a/secret.yaml", SECRET.replace("db#user", "db#usr"));
    folder.write("a/pod.yaml", POD);
    let told = folder.manifill(["check", "a"]).run().failed();
    assert_eq!(
        told,
        "error: Secret `db` has no key `usr`; it has `password`, `user`\n  \
         --> a/pod.yaml:6:56  Pod/web  spec.containers[0].env[0].valueFrom.secretKeyRef.key\n  \
         hint: did you mean `user`?\n\
         error: missing Vault value for placeholder path:db#usr: `db` has no key `usr`; it has `user`, `password`\n  \
         --> a/secret.yaml:4:20  Secret/db  stringData.user\n   \
         | <path:db#usr>\n   | read from file, path db\n  hint: did you mean `user`?\n\
         2 errors; the check has failed\n"
    );
}

#[test]
fn the_flags_say_what_else_is_wrong() {
    let source = format!("{SECRET}---\nkind: ConfigMap\nmetadata: {{name: a}}\ndata: {{b: <path:db#user>}}\n\
                          ---\nkind: Secret\nmetadata: {{name: c}}\nstringData: {{token: written-out}}\n\
                          ---\n{POD}").replace("key: usr", "key: user");
    let check = |flags: &[&'static str]| {
        let arguments = ["check", "--offline", "-q"].into_iter();
        let arguments = arguments.chain(flags.iter().copied()).chain(["-"]);
        let ran = manifill(arguments).stdin(&source).run();
        let errors = ran.err.lines().filter(|line| line.starts_with("error: "));
        let errors: Vec<String> = errors.map(str::to_owned).collect();
        assert_eq!(ran.status, i32::from(!errors.is_empty()), "{}", ran.err);
        errors
    };
    assert_eq!(check(&[]), [""; 0]);
    let literal = "error: a value is written out where a placeholder is expected";
    assert_eq!(check(&["--literals"]), [literal]);
    assert_eq!(
        check(&["--literals", "--allow", "Secret/c:stringData.token"]),
        [""; 0]
    );
    let placed = "error: a value goes to a ConfigMap, where none is allowed";
    assert_eq!(check(&["--only-kinds", "Secret"]), [placed]);
    assert_eq!(check(&["--only-kinds", "Secret,ConfigMap"]), [""; 0]);
    assert_eq!(
        check(&["--only-kinds=Secret", "--allow", "ConfigMap/a:data.b"]),
        [""; 0]
    );
}

#[test]
fn a_policy_holds() {
    let folder = Folder::new();
    folder.write("a.yaml", SECRET);
    folder.write(
        "settings.yaml",
        "policy:\n  rules: [{project: home, paths: [other/**]}]\n",
    );
    for depth in ["--offline", "--exists"] {
        let ran = folder
            .manifill([
                "check",
                depth,
                "-c",
                "settings.yaml",
                "--project",
                "home",
                "a.yaml",
            ])
            .run();
        let told = ran.failed();
        assert!(told.contains("policy"), "{told}");
    }
}

#[test]
fn no_stream_and_no_form_has_a_value() {
    let folder = Folder::new();
    folder.write("good.yaml", SECRET);
    folder.write(
        "bad.yaml",
        SECRET.replace("db#user", "db#user | base64decode"),
    );
    for file in ["good.yaml", "bad.yaml"] {
        for form in ["human", "json", "sarif", "github"] {
            for depth in ["--offline", "--exists", "--readable"] {
                let ran = folder
                    .manifill(["check", "-v", depth, "--format", form, file])
                    .run();
                let failed = file == "bad.yaml" && depth == "--readable";
                assert_eq!(ran.status, i32::from(failed), "{form} {depth}: {}", ran.err);
                for value in VALUES {
                    let told = format!("{}{}", ran.out, ran.err);
                    assert!(!told.contains(value), "{form} {depth}: {told}");
                }
            }
        }
    }
}

#[test]
fn programs_read_it_on_standard_output() {
    let folder = Folder::new();
    folder.write("a.yaml", SECRET);
    let ran = folder
        .manifill(["check", "--format", "json", "a.yaml"])
        .run();
    assert_eq!(
        ran.good(),
        "{\"version\":1,\"diagnostics\":[],\"check\":{\"depth\":\"exists\",\"keys\":[\
         {\"backend\":\"file\",\"path\":\"db\",\"key\":\"password\",\"found\":{\"type\":\"text\",\"size\":\"1 to 16 bytes\"}},\
         {\"backend\":\"file\",\"path\":\"db\",\"key\":\"user\",\"found\":{\"type\":\"text\",\"size\":\"1 to 16 bytes\"}}],\
         \"secrets\":1,\"placeholders\":2,\"documents\":1}}\n"
    );
    folder.write("b.yaml", POD);
    let told = |form| {
        let ran = folder.manifill(["check", "--offline", "--format", form, "a.yaml", "b.yaml"]);
        let ran = ran.run();
        assert_eq!((ran.status, ran.err.as_str()), (1, ""), "{form}");
        ran.out
    };
    assert!(told("json").contains("\"kind\":\"reference\""));
    assert!(told("sarif").contains("\"ruleId\":\"reference\""));
    let github = told("github");
    assert!(
        github.starts_with("::error file=b.yaml,line=6,col=56::Secret `db` has no key `usr`"),
        "{github}"
    );
}

#[test]
fn a_note_is_no_error() {
    let source = POD.replace("name: db", "name: elsewhere");
    let ran = manifill(["check", "--offline", "-"]).stdin(&source).run();
    assert_eq!(ran.status, 0, "{}", ran.err);
    assert!(
        ran.err
            .starts_with("note: Secret `elsewhere` is not among these manifests\n"),
        "{}",
        ran.err
    );
    let quiet = ["check", "--offline", "--external", "elsewhere", "-"];
    let ran = manifill(quiet).stdin(&source).run();
    assert_eq!((ran.status, ran.err.as_str()), (0, ""));
}

#[test]
fn nothing_to_check_is_told() {
    let ran = manifill(["check", "--offline", "-"])
        .stdin("# nothing\n")
        .run();
    assert_eq!(ran.status, 0, "{}", ran.err);
    assert!(
        ran.err.contains("there is no manifest in the input"),
        "{}",
        ran.err
    );
    let fails = ["check", "--offline", "--fail-on-empty", "-"];
    assert_eq!(manifill(fails).stdin("# nothing\n").run().status, 1);
    assert_eq!(manifill(["check"]).run().status, 2);
}

/// The hook runs what it says, in a repository whose manifests are good and in one with a mistake.
#[test]
fn the_hook_checks_all_manifests_together() {
    let text = std::fs::read_to_string(root().join(".pre-commit-hooks.yaml")).unwrap();
    let hooks: Vec<serde_yaml::Value> = serde_yaml::from_str(&text).unwrap();
    let [hook] = hooks.as_slice() else {
        panic!("{hooks:?}");
    };
    let entry = hook["entry"].as_str().unwrap().split(' ');
    // As in the README.
    let arguments: Vec<&str> = entry.skip(1).chain(["apps"]).collect();
    assert_eq!(hook["pass_filenames"].as_bool(), Some(false));
    let folder = Folder::new();
    folder.write("apps/a/secret.yaml", SECRET);
    folder.write("apps/b/pod.yaml", POD.replace("key: usr", "key: user"));
    let run = || manifill(arguments.clone()).dir(folder.path()).run();
    run().good();
    folder.write("apps/b/pod.yaml", POD);
    assert!(run().failed().contains("has no key `usr`"));
}
