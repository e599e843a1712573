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
        gone  m/a.yaml:7:6  Secret/s  data.c  (in base64)
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
    assert_eq!(
        manifill(["version"]).run().good(),
        concat!("manifill ", env!("CARGO_PKG_VERSION"), "\n")
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
    assert!(told.contains("nowhere.json cannot be read"), "{told}");
}
