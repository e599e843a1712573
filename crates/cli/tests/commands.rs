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
fn the_flags_of_generate_may_come_first_as_argocd_vault_plugin_takes_them() {
    let folder = Folder::new();
    folder.write("a.yaml", "kind: ConfigMap\ndata: {a: <path:db#user>}\n");
    let ran = folder.manifill(["-s", "", "--disable-token-cache", "generate", "a.yaml"]);
    assert_eq!(ran.run().good(), "kind: ConfigMap\ndata: {a: \"svc\"}\n");
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
    let piped = |text| folder.manifill(["keys", "-"]).stdin(text).run();
    assert_eq!(piped("db\n").good(), "user\npassword\n");
    assert_eq!(piped("\n  db").good(), "user\npassword\n");
    for text in ["", "db\ndb\n"] {
        let ran = piped(text);
        assert_eq!((ran.status, ran.out.as_str()), (2, ""), "{text}");
        assert!(ran.err.contains("must hold one path"), "{}", ran.err);
    }
    // What stands in a manifest, copied whole or in part.
    for path in ["db#user", "<path:db#user>"] {
        let told = folder.manifill(["keys", path]).run().failed();
        assert!(told.contains("hint: only the path is wanted"), "{told}");
    }
}

#[test]
fn a_settings_file_that_lies_unused_is_noted() {
    for name in ["manifill.yaml", "manifill.yml", "manifill.json"] {
        let folder = Folder::new();
        folder.write(
            name,
            "default: a\nbackends: {a: {type: file, settings: {MANIFILL_FILE: vault.json}}}\n",
        );
        let note = format!(
            "note: {name} in this folder is not read; -c {name} or MANIFILL_CONFIG names it"
        );
        let ran = folder.manifill(["plan", "-"]).stdin("kind: A\n").run();
        assert!(ran.err.contains(&note), "{}", ran.err);
        let ran = folder
            .manifill(["plan", "-c", name, "-"])
            .stdin("kind: A\n")
            .run();
        assert!(!ran.err.contains("is not read"), "{}", ran.err);
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
    // What takes the place of a setting that is required without it.
    let says = |name: &str, needed: &str| {
        let line = one.lines().find(|line| line.trim_start().starts_with(name));
        let columns = line.unwrap().split("  ").map(str::trim);
        let columns: Vec<_> = columns.filter(|column| !column.is_empty()).collect();
        assert_eq!(columns[1], needed, "{one}");
    };
    says("VAULT_ADDR", "required");
    says("AVP_AUTH_TYPE", "required without VAULT_TOKEN");
    says("VAULT_TOKEN", "required for token");
    says("AVP_JWT ", "required for jwt without AVP_JWT_PATH");
    let ran = manifill(["backends", "valt"]).run();
    assert_eq!(ran.status, 2);
    assert!(ran.err.contains("there is no such backend"), "{}", ran.err);
}

#[test]
fn what_people_know_from_other_programs_leads_on() {
    for (arguments, tip) in [
        (&["generate", "-o", "json", "x"][..], "--format json prints"),
        (&["plan", "--output=json", "x"], "--format json prints"),
        (&["plan", "--json", "x"], "--format json prints"),
        (&["lint", "x"], "`manifill check --offline PATH` checks"),
        (&["validate", "x"], "`manifill check --offline PATH` checks"),
        (&["diff", "x"], "kubectl diff -f -"),
        (&["genrate", "x"], "'generate'"),
        (&["generate", "--statts", "x"], "'--stats'"),
        (
            &["generate", "--dry-run", "x"],
            "unexpected argument '--dry-run'",
        ),
        (&["keys", "--format", "x"], "unexpected argument '--format'"),
        (&["--stats", "generate", "x"], "'generate --stats' exists"),
        (&["backends", "vualt"], "did you mean `vault`?"),
        (&["backends", "valt"], "did you mean `vault`?"),
        (&["backends", "x"], "use one of 1passwordconnect, aws"),
        (&["generate"], "or `-` for standard input; see --help"),
    ] {
        let ran = manifill(arguments.iter()).run();
        assert_eq!((ran.status, ran.out.as_str()), (2, ""), "{arguments:?}");
        assert!(ran.err.contains(tip), "{arguments:?}: {}", ran.err);
        assert!(!ran.err.contains("as a value"), "{}", ran.err);
        assert!(!ran.err.contains("[PATH]"), "{}", ran.err);
    }
    // What has no forms is not led to one.
    for command in ["backends", "keys", "modifiers"] {
        let ran = manifill([command, "-o", "json"]).run();
        assert_eq!(ran.status, 2, "{command}");
        assert!(!ran.err.contains("--format"), "{command}: {}", ran.err);
    }
    let completions = manifill(["completions", "bash"]).run().good();
    assert_eq!(completions, manifill(["completion", "bash"]).run().good());
}

#[test]
fn plan_has_the_flags_of_generate_that_make_sense() {
    let folder = Folder::new();
    folder.write(
        "settings.yaml",
        "AVP_TYPE: file\nMANIFILL_FILE: secrets.yaml\n",
    );
    let plan = |flags: &[&str], input: &str| {
        let settings = ["plan", "-", "--config", "settings.yaml"];
        let arguments = settings.into_iter().chain(flags.iter().copied());
        folder.manifill(arguments).stdin(input).run()
    };
    let source = "kind: A\nx: <path:db#user>\n";
    for flags in [&["--stats"][..], &["-v"]] {
        let ran = plan(flags, source);
        let stats = "stats: 1 secret, 1 placeholder, 1 document, 1 input, ";
        assert!(ran.err.contains(stats), "{}", ran.err);
        ran.good();
    }
    let ran = plan(&[], "");
    assert!(
        ran.err
            .contains("warning: there is no manifest in the input"),
        "{}",
        ran.err
    );
    ran.good();
    let told = plan(&["--fail-on-empty"], "# nothing\n").failed();
    assert!(
        told.contains("error: there is no manifest in the input"),
        "{told}"
    );
}

#[test]
fn the_settings_of_a_backend_stand_in_columns() {
    let shown = manifill(["backends", "1passwordconnect"]).run().good();
    let lines: Vec<&str> = shown
        .lines()
        .filter(|line| line.contains("OP_CONNECT_"))
        .collect();
    let [host, token] = lines[..] else {
        panic!("{shown}");
    };
    assert_eq!(host.find("required"), token.find("required"));
    assert_eq!(host.find("bundle"), token.find("bundle"));
    for word in ["free", "bundle", "operator", "locked"] {
        assert!(shown.contains(&format!("\n  {word} ")), "{shown}");
    }
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

#[test]
fn a_plan_needs_no_login_and_no_backend() {
    let source = "kind: A\nx: <path:vaults/Home/items/db#user>\ny: <op://Home/db/user>\n";
    let told = manifill(["plan", "-"]).stdin(source).run().good();
    assert!(told.starts_with("?  op://Home/db\n"), "{told}");
    assert!(
        told.contains("?  vaults/Home/items/db\n    user  -:2:"),
        "{told}"
    );
    for (kind, path) in [
        ("1passwordconnect", "vaults/Home/items/db"),
        ("vault", "secret/data/db"),
        ("file", "db"),
        ("command", "db"),
        ("azurekeyvault", "my-vault"),
        ("delineasecretserver", "7"),
        ("http", "team/db"),
        ("ibmsecretsmanager", "ibmcloud/kv/secrets/groups/team/db"),
        ("keepersecretsmanager", "db"),
        ("kubernetessecret", "db"),
        ("yandexcloudlockbox", "e6q"),
    ] {
        let source = format!("kind: A\nx: <path:{path}#user>\n");
        let told = manifill(["plan", "-"])
            .env("AVP_TYPE", kind)
            .stdin(&source)
            .run()
            .good();
        assert!(told.starts_with(&format!("{kind}  ")), "{told}");
        assert!(told.contains("1 secret for 1 placeholder"), "{told}");
    }
    // A plan that fails speaks of planning.
    let told = manifill(["plan", "-"])
        .stdin("kind: A\nx: <path:a>\ny: <path:b>\n")
        .run()
        .failed();
    assert!(told.ends_with("2 errors; nothing was planned\n"), "{told}");
    // Paths are still those of the type, and what is set must be right.
    let told = manifill(["plan", "-"])
        .env("AVP_TYPE", "1passwordconnect")
        .stdin("kind: A\nx: <path:Home/db#user>\n")
        .run()
        .failed();
    assert!(told.contains("does not begin with vaults/"), "{told}");
    let told = manifill(["plan", "-"])
        .env("AVP_TYPE", "1passwordconnect")
        .env("OP_CONNECT_HOST", "h:8080")
        .stdin(source)
        .run()
        .failed();
    assert!(told.contains("--> OP_CONNECT_HOST (environment)"), "{told}");
    let told = manifill(["plan", "-"])
        .env("AVP_TYPE", "vault")
        .env("AVP_AUTH_TYPE", "approle")
        .stdin("kind: A\nx: <path:secret/data/db#user>\n")
        .run()
        .good();
    assert!(told.starts_with("vault  "), "{told}");
}

#[test]
fn empty_names_of_settings_are_none_and_are_told() {
    let folder = Folder::new();
    let source = "kind: A\nx: <path:db#user>\n";
    for (flag, note) in [
        (&["-s", ""][..], "note: -s names no Secret"),
        (&["--secret-name="], "note: -s names no Secret"),
        (&["-c", ""], "note: -c names no file"),
        (&["--config-path="], "note: -c names no file"),
    ] {
        let arguments = ["generate"].iter().chain(flag).chain(&["-"]);
        let ran = folder.manifill(arguments.copied()).stdin(source).run();
        assert!(ran.err.contains(note), "{flag:?}: {}", ran.err);
        assert_eq!(ran.good(), "kind: A\nx: \"svc\"\n", "{flag:?}");
    }
}
