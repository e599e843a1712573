//! `manifill generate` as people call it.

mod common;

use std::os::unix::fs::symlink;
use std::path::Path;
use std::process::{Command, Stdio};

use common::{Folder, manifill, program, root};

const HOMELAB: [&str; 4] = [
    "generate",
    "examples/manifests/homelab",
    "-c",
    "examples/manifests/homelab/manifill.yaml",
];

#[test]
fn the_home_lab_is_filled_offline() {
    let ran = manifill(HOMELAB).run();
    assert_eq!(ran.err, "");
    let text = ran.good();
    for filled in [
        "  apiKey: \"fake-nuget-api-key-0001\"\n",
        "  gh_client_id: \"Iv1.fake0000argo0000\"\n",
        "          clientSecret: $dex.github.clientSecret\n",
        "    -----BEGIN CERTIFICATE-----\n",
        "nodePort: 30022}\n",
        "{\"auths\": {\"images.home.example\": {\"username\": \"ci\"",
        "# The API key for `dotnet nuget push` comes from the Secret in secret.yaml.\n",
    ] {
        assert!(text.contains(filled), "{filled}");
    }
    // Comments and the ignored note keep theirs; nothing else does.
    let left: Vec<&str> = text
        .lines()
        .filter(|line| line.contains("<path:") && !line.starts_with('#'))
        .collect();
    assert_eq!(
        left,
        ["    Write <path:vaults/Home/items/ITEM#FIELD> where the value belongs"]
    );
}

#[test]
fn a_second_run_prints_the_same_bytes() {
    assert_eq!(
        manifill(HOMELAB).run().good(),
        manifill(HOMELAB).run().good()
    );
}

#[test]
#[cfg(feature = "connect-server")]
fn a_connect_server_with_the_same_data_gives_the_same_text() {
    use manifill_connect_fake::{Data, Options, Server};
    let data =
        std::fs::read_to_string(root().join("examples/manifests/connect-data.json")).unwrap();
    let server = Server::start_blocking(Options {
        data: Data::from_json(&data).unwrap(),
        ..Options::default()
    })
    .unwrap();
    // The folders alone: in the home lab itself lie the files of the offline run.
    let apps = std::fs::read_dir(root().join("examples/manifests/homelab")).unwrap();
    let mut apps: Vec<_> = apps
        .map(|app| app.unwrap().path())
        .filter(|path| path.is_dir())
        .collect();
    apps.sort();
    let config = |name: &str| vec!["-c".into(), root().join("examples/manifests").join(name)];
    let run = |config: Vec<std::path::PathBuf>| {
        let arguments = ["generate".into()]
            .into_iter()
            .chain(apps.clone())
            .chain(config);
        manifill(arguments)
            .env("OP_CONNECT_HOST", server.url())
            .env("OP_CONNECT_TOKEN", server.token())
            .run()
            .good()
    };
    let offline = run(config("homelab/manifill.yaml"));
    assert_eq!(run(config("connect.yaml")), offline);
}

#[test]
fn standard_input_is_filled_and_the_rest_is_the_same_bytes() {
    let folder = Folder::new();
    let source = "\u{feff}kind: A # é\r\nx: <path:db#user>\r\n...\r\n";
    let ran = folder.manifill(["generate", "-"]).stdin(source).run();
    assert_eq!(ran.good(), source.replace("<path:db#user>", "\"svc\""));
}

#[test]
fn an_error_shows_where_what_and_what_to_do() {
    let folder = Folder::new();
    folder.write(
        "app/secret.yaml",
        "kind: Secret\nmetadata:\n  name: s\n  annotations:\n    avp.kubernetes.io/path: db\nstringData:\n  a: <pasword>\n  b: <user | nope>\n",
    );
    let told = folder.manifill(["generate", "app"]).run().failed();
    insta::assert_snapshot!(told, @r"
    error: invalid modifier: nope for placeholder user
      --> app/secret.yaml:8:14  Secret/s  stringData.b
      hint: modifiers are base64encode, base64decode, jsonParse, yamlParse, jsonPath, indent, sha256sum, default, trim, urlencode, toJson, toYaml, nindent, sha512sum, bcrypt, unescape, jsonEscape, shellQuote, xmlEscape, derive
    note: 1 secret was not read; there may be more errors once those in the manifests are fixed
    ");
    folder.write(
        "app/secret.yaml",
        "kind: Secret\nmetadata:\n  name: s\n  annotations:\n    avp.kubernetes.io/path: db\nstringData:\n  a: <pasword>\n  b: <path:nope#user>\n",
    );
    let told = folder.manifill(["generate", "app"]).run().failed();
    insta::assert_snapshot!(told, @r"
    error: missing Vault value for placeholder pasword: `db` has no key `pasword`; it has `user`, `password`
      --> app/secret.yaml:7:6  Secret/s  stringData.a
       | <pasword>
       | read from file, path db
      hint: did you mean `password`?
    error: could not find secrets at path `nope`
      --> app/secret.yaml:8:6  Secret/s  stringData.b
       | <path:nope#user>
       | read from file, path nope
    2 errors; nothing was rendered
    ");
}

#[test]
fn broken_yaml_is_located_and_not_quoted() {
    let folder = Folder::new();
    let told = folder
        .manifill(["generate", "-"])
        .stdin("kind: Secret\nstringData:\n  a: <path:db#user>\n  sentinel-text: [1, 2\n")
        .run()
        .failed();
    assert!(told.contains("--> -:"), "{told}");
    assert!(!told.contains("sentinel-text"), "{told}");
}

#[test]
fn folders_are_read_in_byte_order_and_joined() {
    let folder = Folder::new();
    folder.write("m/b.yaml", "kind: B\n");
    folder.write("m/B.yml", "kind: BB");
    folder.write("m/a/z.json", "{\"kind\": \"Z\"}\n");
    folder.write("m/.git/config.yaml", "no: kind\n");
    folder.write("m/Chart.txt", "no: kind\n");
    folder.write("m/c.YAML", "no: kind\n");
    let ran = folder.manifill(["generate", "m"]).run();
    assert_eq!(
        ran.good(),
        "kind: BB\n---\n{\"kind\": \"Z\"}\n---\nkind: B\n"
    );
    let both = folder.manifill(["generate", "m/b.yaml", "m/a"]).run();
    assert_eq!(both.good(), "kind: B\n---\n{\"kind\": \"Z\"}\n");
}

#[test]
fn globs_choose_files() {
    let folder = Folder::new();
    folder.write("m/a.yaml", "kind: A\n");
    folder.write("m/values.yaml", "no: kind\n");
    folder.write("m/charts/x/b.yaml", "no: kind\n");
    let ran = folder
        .manifill([
            "generate",
            "m",
            "--exclude",
            "values.yaml",
            "--exclude",
            "charts",
        ])
        .run();
    assert_eq!(ran.good(), "kind: A\n");
    let ran = folder.manifill(["generate", "m", "--include", "a.*"]).run();
    assert_eq!(ran.good(), "kind: A\n");
    let told = folder.manifill(["generate", "m", "--include", "["]).run();
    assert_eq!(told.status, 2);
    let none = folder
        .manifill(["generate", "m", "--include", "nope*"])
        .run()
        .failed();
    assert!(
        none.contains("no YAML or JSON files were found in m"),
        "{none}"
    );
}

#[test]
fn links_stay_inside_the_folder() {
    let folder = Folder::new();
    folder.write("outside.yaml", "kind: Outside\n");
    folder.write("m/a.yaml", "kind: A\n");
    symlink("a.yaml", folder.path().join("m/b.yaml")).unwrap();
    symlink("..", folder.path().join("m/round")).unwrap();
    assert_eq!(
        folder.manifill(["generate", "m"]).run().good(),
        "kind: A\n---\nkind: A\n"
    );
    symlink("m", folder.path().join("link")).unwrap();
    assert_eq!(
        folder.manifill(["generate", "link"]).run().good(),
        "kind: A\n---\nkind: A\n"
    );
    symlink("../outside.yaml", folder.path().join("m/c.yaml")).unwrap();
    let told = folder.manifill(["generate", "m"]).run().failed();
    assert!(
        told.contains("m/c.yaml: the link leads out of the folder"),
        "{told}"
    );
}

#[test]
fn what_cannot_be_read_is_an_error_and_all_of_it_is_told() {
    let folder = Folder::new();
    folder.write("m/good.yaml", "kind: A\n");
    folder.write("m/latin.yaml", b"kind: A\nx: \xe9\n");
    symlink("gone.yaml", folder.path().join("m/dangling.yaml")).unwrap();
    let told = folder.manifill(["generate", "m"]).run().failed();
    assert!(told.contains("could not read YAML/JSON files:"), "{told}");
    assert!(
        told.contains("m/latin.yaml: byte 11 is not UTF-8"),
        "{told}"
    );
    assert!(
        told.contains("m/dangling.yaml: the link leads to something that does not exist"),
        "{told}"
    );
    let told = folder.manifill(["generate", "nowhere"]).run().failed();
    assert!(told.contains("nowhere: there is no such file"), "{told}");
    std::fs::create_dir(folder.path().join("empty")).unwrap();
    let told = folder.manifill(["generate", "empty"]).run().failed();
    assert!(
        told.contains("no YAML or JSON files were found in empty"),
        "{told}"
    );
    // One does not hide the others.
    for arguments in [["empty", "nowhere", "m"], ["nowhere", "m", "empty"]] {
        let arguments = ["generate"].into_iter().chain(arguments);
        let told = folder.manifill(arguments).run().failed();
        assert!(told.contains("nowhere: there is no such file"), "{told}");
        assert!(told.contains("m/latin.yaml: byte 11"), "{told}");
        assert!(
            told.contains("empty: no YAML or JSON files were found"),
            "{told}"
        );
    }
}

#[test]
fn the_settings_file_and_the_data_file_are_no_manifests() {
    let folder = Folder::new();
    folder.write("m/vault.yaml", "db: {user: svc}\n");
    folder.write(
        "m/settings.yaml",
        "AVP_TYPE: file\nMANIFILL_FILE: vault.yaml\n",
    );
    folder.write("m/a.yaml", "kind: A\nx: <path:db#user>\n");
    // By another name and through a link: the identity counts.
    symlink("settings.yaml", folder.path().join("m/zz.yaml")).unwrap();
    let ran = manifill(["generate", "./m", "-c", "m/../m/settings.yaml", "--stats"])
        .dir(folder.path())
        .run();
    assert_eq!(ran.out, "kind: A\nx: \"svc\"\n", "{}", ran.err);
    for name in ["vault.yaml", "settings.yaml", "zz.yaml"] {
        assert!(
            ran.err
                .contains(&format!("m/{name} holds settings or secrets")),
            "{}",
            ran.err
        );
    }
}

#[test]
fn nothing_in_is_a_warning_or_an_error() {
    let folder = Folder::new();
    for source in ["", "# only this\n", "---\n---\nnull\n"] {
        let ran = folder.manifill(["generate", "-"]).stdin(source).run();
        assert_eq!((ran.status, ran.out.as_str()), (0, source));
        assert!(
            ran.err.contains("there is no manifest in the input\n  hint: --fail-on-empty makes this an error, which keeps Argo CD from pruning everything\n"),
            "{}",
            ran.err
        );
        let told = folder
            .manifill(["generate", "-", "--fail-on-empty"])
            .stdin(source)
            .run()
            .failed();
        assert!(told.contains("there is no manifest in the input"), "{told}");
    }
}

#[test]
fn no_settings_are_needed_without_a_placeholder() {
    let ran = manifill(["generate", "-"]).stdin("kind: A\nx: 1\n").run();
    assert_eq!(ran.err, "");
    assert_eq!(ran.good(), "kind: A\nx: 1\n");
    let told = manifill(["generate", "-"])
        .stdin("kind: A\nx: <path:a#b>\ny: <path:a#c>\n")
        .run()
        .failed();
    assert!(
        told.contains("Must provide a supported Vault Type") && told.contains("-:2:"),
        "{told}"
    );
    assert_eq!(told.matches("Must provide").count(), 1, "{told}");
}

#[test]
fn mistakes_in_the_arguments_have_a_status_of_their_own() {
    for arguments in [
        vec!["generate"],
        vec!["generate", "-", "-"],
        vec!["generate", "--nope", "-"],
        vec!["nope"],
        vec![],
    ] {
        let ran = manifill(&arguments).run();
        assert_eq!(
            (ran.status, ran.out.as_str()),
            (2, ""),
            "{arguments:?}: {}",
            ran.err
        );
    }
    for command in ["generate", "plan"] {
        let told = manifill([command]).stdin("kind: A\n").run().err;
        assert!(
            told.contains(&format!("<path> argument required to {command} manifests"))
                && told.contains("hint: name files or folders, or `-` for standard input"),
            "{told}"
        );
    }
}

#[test]
fn the_flags_of_argocd_vault_plugin_are_accepted() {
    let folder = Folder::new();
    let settings = folder.write("avp.env", "AVP_TYPE=file\nMANIFILL_FILE=vault.json\n");
    let settings = settings.to_str().unwrap();
    let ran = manifill([
        "generate",
        "--verbose-sensitive-output",
        "--disable-token-cache=true",
        "--config-path",
        settings,
        "-",
    ])
    .stdin("kind: A\nx: <path:db#password>\n")
    .run();
    assert!(
        ran.err.contains("no secret is printed") && !ran.err.contains("p@ss"),
        "{}",
        ran.err
    );
    assert_eq!(ran.good(), "kind: A\nx: \"p@ss: #1\"\n");
}

#[test]
fn under_the_other_name_it_behaves_the_same() {
    let folder = Folder::new();
    let other = folder.path().join("argocd-vault-plugin");
    symlink(env!("CARGO_BIN_EXE_manifill"), &other).unwrap();
    let run = |path: &Path| {
        program(path, ["generate", "-"])
            .dir(folder.path())
            .env("AVP_TYPE", "file")
            .env("MANIFILL_FILE", "vault.json")
            .stdin("kind: A\nx: <path:db#user>\ny: <path:db#gone>\n")
            .run()
    };
    let (ours, theirs) = (run(Path::new(env!("CARGO_BIN_EXE_manifill"))), run(&other));
    assert_eq!(
        (ours.status, ours.out, ours.err),
        (theirs.status, theirs.out, theirs.err)
    );
    for command in ["generate", "plan", "keys"] {
        let told = program(&other, [command, "--nope", "x"]).run().err;
        let usage = format!("Usage: argocd-vault-plugin {command} [OPTIONS] <PATH>");
        assert!(told.contains(&usage), "{told}");
    }
}

#[test]
fn a_reader_that_goes_away_is_no_panic() {
    let folder = Folder::new();
    let big = format!("kind: A\nx: {}\n", "y".repeat(1 << 20));
    let file = folder.write("big.yaml", big);
    let mut child = Command::new(env!("CARGO_BIN_EXE_manifill"))
        .arg("generate")
        .arg(file)
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    drop(child.stdout.take());
    let output = child.wait_with_output().unwrap();
    assert_eq!(output.status.code(), Some(1));
    assert_eq!(String::from_utf8(output.stderr).unwrap(), "");
}

#[test]
fn names_in_manifests_and_of_files_cannot_forge_messages() {
    let folder = Folder::new();
    folder.write(
        "a\nerror: forged\u{1b}[2J.yaml",
        "kind: Secret\nmetadata: {name: \"x\\ny\\e[1m\"}\n\"k\\r\\u202e\": <path:db#no>\nb: \"<path:d\\eb#user|x\\e[7m>\"\n",
    );
    folder.write("b\nc.yaml", b"\xff");
    let told = [
        folder.manifill(["generate", "."]).run().failed(),
        folder
            .manifill(["generate", ".", "--exclude", "b*"])
            .run()
            .failed(),
    ]
    .concat();
    assert!(told.contains("./b\\nc.yaml: byte 0"), "{told}");
    assert!(
        told.contains("./a\\nerror: forged\\u{1b}[2J.yaml:4"),
        "{told}"
    );
    assert!(told.contains("Secret/x\\ny\\u{1b}[1m"), "{told}");
    assert!(
        !told.contains(|c: char| c.is_control() && c != '\n'),
        "{told:?}"
    );
    assert!(
        !told.contains("\nerror: forged") && !told.contains('\u{202e}'),
        "{told:?}"
    );
}
