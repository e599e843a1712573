//! Vaults that do not answer as they should, through the native server: each failure is told at its
//! place, and goes away with its cause.

use std::path::PathBuf;
use std::process::Command;
use std::time::{Duration, Instant};

use manifill_connect_fake::FaultRule;
use manifill_e2e::{PluginServer, Running, bao, direct, free_ports, manifill, run, skip};
use serde_json::{Value, json};

use crate::world::{PASSWORD, Way, World, app, failed, manifill_plugin, object};

/// How Argo CD gets to hear of each failure of this Secret.
const REFRESH: &str = "argocd app get web --hard-refresh";

fn assert_located(told: &str) {
    assert!(told.contains("web/secret.yaml:5"), "{told}");
    assert!(told.ends_with(REFRESH), "{told}");
}

#[test]
fn every_fault_of_connect_is_told_at_its_place() {
    if skip("faults of Connect") {
        return;
    }
    let world = World::native();
    // One with a field, and one with a file, which has a request of its own.
    world.write_secret("web/secret.yaml");
    world.write(
        "file/secret.yaml",
        "apiVersion: v1\nkind: Secret\nmetadata: {name: file}\nstringData:\n  \
         key: <path:vaults/Production/items/db#key.pem>\n",
    );
    let faults = [
        "400",
        "401",
        "403",
        "404",
        "408",
        "413",
        "429",
        "429=2",
        "500",
        "502",
        "503",
        "504",
        "html",
        "truncated",
        "drop",
        "500@/items",
        "truncated@/items",
        "404@/items",
        "403@/items",
        "drop@/items",
        "html@/items",
        "delay=600s",
    ];
    let of_fields = faults.map(|fault| ("web", fault));
    let of_files = ["file-not-synced", "file-not-synced=503", "500@/content"];
    let of_files = of_files.map(|fault| ("file", fault));
    for (folder, fault) in of_fields.into_iter().chain(of_files) {
        world
            .connect
            .fault_rule(fault.parse::<FaultRule>().unwrap());
        let mut job = app(folder, &manifill_plugin());
        job["deadline"] = json!(5_000);
        let answer = world.ask_one(job);
        let told = failed(&answer);
        let place = format!("{folder}/secret.yaml:5");
        assert!(told.contains(&place), "{fault}: {told}");
        assert!(told.ends_with(REFRESH), "{fault}: {told}");
        assert!(!told.contains(world.connect.token()), "{fault}");
        // Nothing has to be started anew.
        world.connect.clear_faults();
        world.connect.clear_requests();
    }
    for (folder, key) in [("web", "password"), ("file", "key")] {
        let answer = world.ask_one(app(folder, &manifill_plugin()));
        assert_eq!(object(&answer)["stringData"][key], PASSWORD);
    }
    world.assert_clean();
}

#[test]
fn a_wrong_token_and_a_vault_that_is_gone_are_told_at_their_place() {
    if skip("a wrong token") {
        return;
    }
    let world = World::new(Way::Native);
    world.write_secret("web/secret.yaml");
    let port = free_ports(1).unwrap();
    let gone = format!("http://127.0.0.1:{port}");
    for (name, value, words) in [
        (
            "OP_CONNECT_TOKEN",
            "sentinel-of-a-token",
            "OP_CONNECT_TOKEN",
        ),
        ("OP_CONNECT_HOST", gone.as_str(), "127.0.0.1"),
    ] {
        let server = world.native_server(&[&manifill().unwrap()], &[], &[(name, value)]);
        let mut server = server.unwrap();
        let mut job = app("web", &manifill_plugin());
        job["deadline"] = json!(10_000);
        let answer = world.ask_one(job);
        let told = failed(&answer);
        assert_located(told);
        assert!(told.contains(words), "{told}");
        for text in [told, &server.log().unwrap()] {
            assert!(!text.contains("sentinel-of-a-token"), "{text}");
        }
        server.signal("TERM").unwrap();
        assert!(server.wait().unwrap().success());
    }
}

/// OpenBao in its development mode.
struct Bao {
    _running: Running,
    program: PathBuf,
    url: String,
    _folder: tempfile::TempDir,
}

const ROOT: &str = "sentinel-of-root";

impl Bao {
    fn start() -> Bao {
        // Between the look for a free port and its use, another test may take the port.
        let mut started = (0..3).filter_map(|_| Bao::try_start());
        started.next().expect("OpenBao does not start")
    }

    /// `None` if it ends at once.
    fn try_start() -> Option<Bao> {
        let folder = tempfile::tempdir().unwrap();
        let program = bao().unwrap();
        // The port behind it is that of the cluster.
        let port = free_ports(2).unwrap();
        let mut command = direct(&program);
        command
            .args(["server", "-dev", "-dev-no-store-token"])
            .arg(format!("-dev-root-token-id={ROOT}"))
            .arg(format!("-dev-listen-address=127.0.0.1:{port}"))
            .env("HOME", folder.path());
        let mut running = Running::start(&mut command, &folder.path().join("log")).unwrap();
        let url = format!("http://127.0.0.1:{port}");
        let start = Instant::now();
        let bao = loop {
            running.check().ok()?;
            let mut status = direct(&program);
            if run(status.arg("status").env("BAO_ADDR", &url)).is_ok() {
                break Bao {
                    _running: running,
                    program,
                    url,
                    _folder: folder,
                };
            }
            assert!(start.elapsed() < Duration::from_secs(60));
            std::thread::sleep(Duration::from_millis(50));
        };
        bao.run(&["kv", "put", "secret/db", &format!("password={PASSWORD}")]);
        Some(bao)
    }

    /// Runs its client.
    fn run(&self, arguments: &[&str]) -> String {
        let mut command: Command = direct(&self.program);
        command.args(arguments);
        command.env("BAO_ADDR", &self.url).env("BAO_TOKEN", ROOT);
        run(&mut command).unwrap().trim().to_owned()
    }

    /// A native server that logs in here, and reads anew for each application.
    fn server(&self, world: &World, login: &[(&str, &str)]) -> PluginServer {
        let mut settings = vec![
            ("AVP_TYPE", "vault"),
            ("VAULT_ADDR", self.url.as_str()),
            ("MANIFILL_SHARE_READS", "0"),
        ];
        settings.extend(login);
        world
            .native_server(&[&manifill().unwrap()], &[], &settings)
            .unwrap()
    }
}

/// A Secret that wants what OpenBao has.
fn write_secret(world: &World) {
    let text = "apiVersion: v1\nkind: Secret\nmetadata: {name: a}\nstringData:\n  \
                password: <path:secret/data/db#password>\n";
    world.write("web/secret.yaml", text);
}

fn ask(world: &World) -> Value {
    let mut job = app("web", &manifill_plugin());
    job["deadline"] = json!(10_000);
    world.ask_one(job)
}

#[test]
fn a_sealed_vault_is_told_at_its_place() {
    if skip("a sealed vault") {
        return;
    }
    let world = World::new(Way::Native);
    write_secret(&world);
    let bao = Bao::start();
    let login = [("AVP_AUTH_TYPE", "token"), ("VAULT_TOKEN", ROOT)];
    let server = bao.server(&world, &login);
    assert_eq!(object(&ask(&world))["stringData"]["password"], PASSWORD);
    bao.run(&["operator", "seal"]);
    let answer = ask(&world);
    let told = failed(&answer);
    assert_located(told);
    assert!(told.contains("sealed"), "{told}");
    assert!(!told.contains(ROOT) && !server.log().unwrap().contains(ROOT));
}

#[test]
fn a_login_that_has_ended_is_made_anew_or_told_at_its_place() {
    if skip("a login that ends") {
        return;
    }
    let world = World::new(Way::Native);
    write_secret(&world);
    let bao = Bao::start();
    let reads = r#"path "secret/data/*" { capabilities = ["read"] }"#;
    let policy = world.folder().join("reads.hcl");
    std::fs::write(&policy, reads).unwrap();
    bao.run(&["policy", "write", "reads", policy.to_str().unwrap()]);
    // A token that somebody gave cannot be made anew.
    let token = bao.run(&["token", "create", "-policy=reads", "-field=token"]);
    let login = [("AVP_AUTH_TYPE", "token"), ("VAULT_TOKEN", token.as_str())];
    let server = bao.server(&world, &login);
    assert_eq!(object(&ask(&world))["stringData"]["password"], PASSWORD);
    bao.run(&["token", "revoke", &token]);
    let answer = ask(&world);
    let told = failed(&answer);
    assert_located(told);
    assert!(!told.contains(&token) && !server.log().unwrap().contains(&token));
    drop(server);
    // A login can.
    bao.run(&["auth", "enable", "approle"]);
    bao.run(&["write", "auth/approle/role/it", "token_policies=reads"]);
    let role = bao.run(&["read", "-field=role_id", "auth/approle/role/it/role-id"]);
    let secret = bao.run(&[
        "write",
        "-f",
        "-field=secret_id",
        "auth/approle/role/it/secret-id",
    ]);
    let login = [
        ("AVP_AUTH_TYPE", "approle"),
        ("AVP_ROLE_ID", role.as_str()),
        ("AVP_SECRET_ID", secret.as_str()),
    ];
    let _server = bao.server(&world, &login);
    assert_eq!(object(&ask(&world))["stringData"]["password"], PASSWORD);
    bao.run(&["token", "revoke", "-mode=path", "auth/approle"]);
    assert_eq!(object(&ask(&world))["stringData"]["password"], PASSWORD);
}
