//! `manifill fill`: texts that are no manifests.
#![allow(clippy::unwrap_used)]

mod common;

use common::Folder;

#[test]
fn the_end_of_the_name_says_what_a_text_is() {
    let folder = Folder::new();
    for (name, source, filled) in [
        (
            "values.yaml",
            "db: {user: <path:db#user>} # c\n",
            "db: {user: svc} # c\n",
        ),
        ("a.YML", "- <path:db#user>", "- svc"),
        ("a.json", "{\"a\":<path:db#user>}", "{\"a\":\"svc\"}"),
        (".env", "A=<path:db#user>\r\n", "A=svc\r\n"),
        (".env.local", "A='<path:db#user>'\n", "A='svc'\n"),
        ("app.env", "A=\"<path:db#user>\"\n", "A=\"svc\"\n"),
        ("a.properties", "a: <path:db#user>\n", "a: svc\n"),
        ("a.toml", "a=<path:db#user>\n", "a=\"svc\"\n"),
        ("a.txt", "hello <path:db#user>, <b>\n", "hello svc, <b>\n"),
    ] {
        folder.write(name, source);
        let ran = folder.manifill(["fill", name]).run();
        assert_eq!((ran.out.as_str(), ran.err.as_str()), (filled, ""), "{name}");
    }
}

#[test]
fn a_name_that_says_nothing_is_plain_text_and_that_is_told() {
    let folder = Folder::new();
    folder.write("app.conf", "a = \"<path:db#user>\"\n");
    let ran = folder.manifill(["fill", "app.conf"]).run();
    assert_eq!(ran.out, "a = \"svc\"\n");
    assert!(
        ran.err
            .contains("app.conf is filled as plain text, in which nothing is escaped"),
        "{}",
        ran.err
    );
    for arguments in [
        ["fill", "app.conf", "--format", "text"],
        ["fill", "--format", "toml", "app.conf"],
    ] {
        let ran = folder.manifill(arguments).run();
        assert_eq!((ran.out.as_str(), ran.err.as_str()), ("a = \"svc\"\n", ""));
    }
    let ran = folder
        .manifill(["fill", "-"])
        .stdin("nothing <here>\n")
        .run();
    assert_eq!(
        (ran.out.as_str(), ran.err.as_str()),
        ("nothing <here>\n", "")
    );
    let ran = folder
        .manifill(["fill", "-", "--format", "dotenv"])
        .stdin("A=<path:db#password>")
        .run();
    assert_eq!(ran.good(), "A='p@ss: #1'");
}

#[test]
fn what_is_wrong_is_told_at_its_place_and_nothing_is_printed() {
    let folder = Folder::new();
    folder.write("vault.json", r#"{"db": {"user": "it's $5"}}"#);
    folder.write(".env", "A=1\nB=<path:db#user>\nC=<path:db#usr>\n");
    let told = folder.manifill(["fill", ".env"]).run().failed();
    // What is missing is told first; the rest of the file is told when all values are there.
    assert!(
        told.contains("--> .env:3:3") && told.contains("did you mean `user`?"),
        "{told}"
    );
    folder.write(".env", "A=1\nB=<path:db#user>\n");
    let told = folder.manifill(["fill", ".env"]).run().failed();
    assert!(
        told.contains("--> .env:2:3") && told.contains("  B\n"),
        "{told}"
    );
    assert!(!told.contains("it's"), "{told}");
    let ran = folder
        .manifill(["fill", ".env", "--messages", "json"])
        .run();
    assert_eq!((ran.status, ran.out.as_str()), (1, ""));
    let report: serde_json::Value = serde_json::from_str(&ran.err).unwrap();
    assert_eq!(report["diagnostics"][0]["line"], 2, "{}", ran.err);
    let told = folder
        .manifill(["fill", ".env", "--messages", "github"])
        .run()
        .failed();
    assert!(told.starts_with("::error file=.env,line=2,"), "{told}");
}

#[test]
fn it_takes_one_file() {
    let folder = Folder::new();
    folder.write("a.txt", "x");
    for arguments in [
        vec!["fill"],
        vec!["fill", "a.txt", "a.txt"],
        vec!["fill", "."],
        vec!["fill", "a.txt", "--format", "xml"],
    ] {
        let ran = folder.manifill(arguments).run();
        assert_eq!((ran.status, ran.out.as_str()), (2, ""), "{}", ran.err);
    }
    let told = folder.manifill(["fill", "gone.txt"]).run().failed();
    assert_eq!(
        told,
        "error: could not read gone.txt: there is no such file\n"
    );
    // What a backend reads is never filled.
    let told = folder.manifill(["fill", "vault.json"]).run().failed();
    assert!(told.contains("never filled"), "{told}");
}

#[test]
fn the_rules_of_the_settings_hold() {
    let folder = Folder::new();
    folder.write(
        "manifill.yaml",
        "default: local\nbackends: {local: {type: file, settings: {MANIFILL_FILE: vault.json}}}\npolicy: [{project: a, allow: [other]}]\n",
    );
    let ran = folder
        .manifill([
            "fill",
            "-",
            "--format",
            "json",
            "-c",
            "manifill.yaml",
            "--project",
            "a",
        ])
        .stdin("[<path:db#user>]");
    let told = ran.run().failed();
    assert!(
        told.contains("the policy does not allow project `a` to read `db`"),
        "{told}"
    );
}

#[test]
fn helm_takes_the_values_that_come_out() {
    // The recipe of the help, without Helm: what comes out is YAML that holds the values.
    let folder = Folder::new();
    folder.write(
        "values.yaml",
        "auth:\n  password: <path:db#password> # from the vault\n  port: 5432\n",
    );
    let filled = folder.manifill(["fill", "values.yaml", "--stats"]).run();
    assert!(filled.err.contains("1 placeholder"), "{}", filled.err);
    let read: serde_yaml::Value = serde_yaml::from_str(&filled.good()).unwrap();
    assert_eq!(read["auth"]["password"], "p@ss: #1");
}
