//! The other commands.

mod common;

use common::{Folder, manifill};

#[test]
fn plan_shows_reads_and_places_and_sends_nothing() {
    let folder = Folder::new();
    folder.write(
        "m/a.yaml",
        "kind: Secret\nmetadata: {name: s, annotations: {avp.kubernetes.io/path: db}}\nstringData:\n  a: <user>\n  b: x<password>y<user>\ndata:\n  c: PGdvbmU+\n",
    );
    // No file is there to read from: a plan needs none.
    let ran = manifill(["plan", "m"])
        .dir(folder.path())
        .env("AVP_TYPE", "file")
        .env("MANIFILL_FILE", "gone.json")
        .run();
    insta::assert_snapshot!(ran.good(), @r"
    file  db
        user  m/a.yaml:4:6  Secret/s  stringData.a
        password  m/a.yaml:5:6  Secret/s  stringData.b
        user  m/a.yaml:5:6  Secret/s  stringData.b
        ‹…›  m/a.yaml:7:6  Secret/s  data.c  (in base64)
    1 secret for 4 placeholders in 1 document
    ");
}

#[test]
fn keys_are_names_only() {
    let folder = Folder::new();
    let ran = folder.manifill(["keys", "db"]).run();
    assert_eq!(ran.good(), "user\npassword\n");
    let told = folder.manifill(["keys", "nope"]).run().failed();
    assert!(
        told.contains("could not find secrets at path `nope`"),
        "{told}"
    );
    // What stands in a manifest, copied whole or in part.
    for path in ["db#user", "<path:db#user>"] {
        let told = folder.manifill(["keys", path]).run().failed();
        assert!(told.contains("hint: only the path is wanted"), "{told}");
    }
}

#[test]
fn the_version_and_the_backends_are_shown() {
    let version = concat!("manifill ", env!("CARGO_PKG_VERSION"), "\n");
    for flag in ["-V", "--version"] {
        assert_eq!(manifill([flag]).run().good(), version);
    }
    let told = manifill(["version"]).run().good();
    assert!(told.starts_with(version), "{told}");
    assert!(
        told.contains("\ncommit ") && told.contains("\nbackends 1passwordconnect, "),
        "{told}"
    );
    let plain = manifill(["backends"]).run().good();
    let table = manifill(["backends", "--markdown"]).run().good();
    for backend in manifill::vault::backend::BACKENDS {
        assert!(plain.contains(backend.name) && table.contains(&format!("| `{}` |", backend.name)));
        for setting in backend.settings {
            assert!(plain.contains(setting.name) && table.contains(setting.name));
        }
    }
}

#[test]
#[cfg(feature = "connect-server")]
fn connect_server_serves_the_data_and_its_faults() {
    use std::io::BufRead as _;
    use std::process::{Command, Stdio};

    let folder = Folder::new();
    let data = folder.write(
        "data.json",
        r#"{"vaults":[{"name":"Home","items":[{"title":"db","fields":{"user":"svc"}}]}]}"#,
    );
    let mut server = Command::new(env!("CARGO_BIN_EXE_manifill"))
        .args([
            "connect-server",
            "--port",
            "0",
            "--fault",
            "503x1",
            "--data",
        ])
        .arg(data)
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    let mut line = String::new();
    std::io::BufReader::new(server.stdout.take().unwrap())
        .read_line(&mut line)
        .unwrap();
    let mut run = manifill(["generate", "-", "--stats"])
        .stdin("kind: A\nx: <path:vaults/Home/items/db#user>\n");
    for setting in line.trim_start_matches("export ").split_whitespace() {
        let (name, value) = setting.split_once('=').unwrap();
        run = run.env(name, value);
    }
    let ran = run.run();
    server.kill().unwrap();
    server.wait().unwrap();
    // One vault list, one item list, one detail, and the fault.
    assert!(
        ran.err
            .contains("stats: 4 requests, 1 secret, 1 placeholder, 1 document, 1 input, "),
        "{}",
        ran.err
    );
    assert_eq!(ran.good(), "kind: A\nx: \"svc\"\n");
    let told = manifill(["connect-server", "--data", "nowhere.json"])
        .run()
        .failed();
    assert!(told.contains("there is no file nowhere.json"), "{told}");
}

#[test]
fn one_backend_is_shown_and_an_unknown_one_is_a_wrong_argument() {
    let one = manifill(["backends", "vault"]).run().good();
    assert!(
        one.starts_with("vault  ") && !one.contains("OP_CONNECT_HOST"),
        "{one}"
    );
    let ran = manifill(["backends", "valt"]).run();
    assert_eq!(ran.status, 2);
    assert!(ran.err.contains("there is no such backend"), "{}", ran.err);
}

#[test]
fn every_modifier_is_shown() {
    let shown = manifill(["modifiers"]).run().good();
    for modifier in manifill::transform::MODIFIERS {
        assert!(
            shown.contains(modifier.name) && shown.contains(modifier.summary),
            "{shown}"
        );
    }
}

#[test]
fn each_shell_gets_a_script_that_names_the_commands() {
    for shell in ["bash", "zsh", "fish", "powershell"] {
        let script = manifill(["completion", shell]).run().good();
        assert!(
            script.contains("generate") && script.contains("fail-on-empty"),
            "{shell}"
        );
    }
}

#[test]
fn help_has_examples_and_variables() {
    for arguments in [
        &["help"][..],
        &["--help"],
        &["help", "generate"],
        &["generate", "--help"],
    ] {
        let help = manifill(arguments).run().good();
        assert!(help.contains("Examples:"), "{arguments:?}: {help}");
    }
    let help = manifill(["-h"]).run().good();
    for name in ["AVP_TYPE", "MANIFILL_CONFIG", "MANIFILL_TIMEOUT"] {
        assert!(help.contains(name), "{name}");
    }
}

#[test]
fn a_file_may_follow_a_flag_as_with_kubectl() {
    let folder = Folder::new();
    folder.write("a.yaml", "kind: A\na: <path:db#user>\n");
    folder.write("b.yaml", "kind: B\n");
    let ran = folder
        .manifill(["generate", "-f", "a.yaml", "--filename", "b.yaml"])
        .run();
    assert_eq!(ran.good(), "kind: A\na: \"svc\"\n---\nkind: B\n");
}
