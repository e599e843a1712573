//! Every kind of key that does not need a cloud, freshly made.

use manifill_e2e::{run, skip};
use manifill_vault::VaultErrorKind;
use serde_json::{Value, json};

use crate::openbao::{OpenBao, TOKEN};
use crate::tools::{AGE, Sandbox, key};

/// Encrypts a small file and checks that both read it.
async fn both_read(place: &Sandbox, name: &str, arguments: &[&str]) {
    place.write(name, "k: v\n");
    place.encrypt(name, arguments);
    assert_eq!(place.agree(name).await, json!({"k": "v"}), "{name}");
}

#[tokio::test]
async fn age_keys() {
    if skip("age keys of sops") {
        return;
    }
    let all = AGE.map(|(recipient, _)| recipient).join(",");
    for (_, name) in AGE {
        let place = Sandbox::new().with("SOPS_AGE_KEY", key(name));
        both_read(&place, "a.yaml", &["--age", &all]).await;
    }
    let place = Sandbox::new().with("SOPS_AGE_KEY", key(AGE[1].1));
    place.write("a.yaml", "k: v\n");
    place.encrypt("a.yaml", &["--age", AGE[0].0]);
    assert!(place.judged("a.yaml").is_none());
    let (kind, message) = place.refused("a.yaml").await;
    assert_eq!(kind, VaultErrorKind::PermissionDenied);
    assert_eq!(message, "none of the age keys here opens the file `a.yaml`");
}

#[tokio::test]
async fn ssh_keys() {
    if skip("SSH keys of sops") {
        return;
    }
    for (kind, bits) in [("ed25519", "256"), ("rsa", "3072")] {
        let place = Sandbox::new();
        let mut keygen = place.command("ssh-keygen");
        run(keygen.args([
            "-q", "-t", kind, "-b", bits, "-N", "", "-C", "c", "-f", kind,
        ]))
        .unwrap();
        let public = std::fs::read_to_string(place.path(&format!("{kind}.pub"))).unwrap();
        let file = place.path(kind).display().to_string();
        let place = place.with("SOPS_AGE_SSH_PRIVATE_KEY_FILE", file);
        both_read(&place, "a.yaml", &["--age", public.trim()]).await;
    }
}

/// A PGP key of a folder's own, and an end to the agent that looks after it.
struct Pgp(Sandbox);

impl Pgp {
    fn new(place: Sandbox) -> (Self, String) {
        let home = place.path("gnupg");
        std::fs::create_dir(&home).unwrap();
        #[cfg(unix)]
        {
            use std::os::unix::fs::PermissionsExt as _;
            let private = std::fs::Permissions::from_mode(0o700);
            std::fs::set_permissions(&home, private).unwrap();
        }
        let pgp = Pgp(place.with("GNUPGHOME", home.display().to_string()));
        let gpg = |arguments: &[&str]| {
            let mut command = pgp.0.command("gpg");
            command
                .args(["--batch", "--passphrase", ""])
                .args(arguments);
            run(&mut command).unwrap()
        };
        gpg(&[
            "--quick-generate-key",
            "t <t@example.invalid>",
            "rsa3072",
            "default",
            "never",
        ]);
        let listed = gpg(&["--list-keys", "--with-colons"]);
        let fingerprint = listed.lines().find_map(|line| line.strip_prefix("fpr:"));
        let fingerprint = fingerprint.unwrap().trim_matches(':').to_owned();
        // The first key signs only.
        gpg(&["--quick-add-key", &fingerprint, "rsa3072", "encr", "never"]);
        (pgp, fingerprint)
    }
}

impl Drop for Pgp {
    fn drop(&mut self) {
        let mut command = self.0.command("gpgconf");
        // Its folder goes away, so it would end by itself in a while.
        let _ = run(command.args(["--kill", "gpg-agent"]));
    }
}

#[tokio::test]
async fn pgp_keys() {
    if skip("PGP keys of sops") {
        return;
    }
    let (mut pgp, fingerprint) = Pgp::new(Sandbox::new());
    both_read(&pgp.0, "a.yaml", &["--pgp", &fingerprint]).await;
    let elsewhere = pgp.0.path("elsewhere");
    std::fs::create_dir(&elsewhere).unwrap();
    let home = std::mem::replace(&mut pgp.0, Sandbox::new());
    let settings = home.settings.clone();
    pgp.0 = home.with("GNUPGHOME", elsewhere.display().to_string());
    assert!(pgp.0.judged("a.yaml").is_none());
    let (kind, message) = pgp.0.refused("a.yaml").await;
    assert_eq!(kind, VaultErrorKind::PermissionDenied);
    assert_eq!(
        message,
        "gpg has none of the PGP keys that open the file `a.yaml`"
    );
    pgp.0.settings = settings;
}

#[tokio::test]
async fn transit_keys() {
    if skip("transit keys of sops") {
        return;
    }
    let server = OpenBao::start();
    server.ask(&["secrets", "enable", "-path=team/transit", "transit"]);
    for name in ["sops", "other"] {
        server.ask(&["write", "-f", &format!("team/transit/keys/{name}")]);
    }
    let uri = |name: &str| format!("{}/v1/team/transit/keys/{name}", server.url);
    let place = Sandbox::new()
        .with("VAULT_ADDR", &server.url)
        .with("VAULT_TOKEN", TOKEN);
    both_read(&place, "a.yaml", &["--hc-vault-transit", &uri("sops")]).await;

    let policy = "path \"team/transit/decrypt/other\" { capabilities = [\"update\"] }";
    place.write("policy.hcl", policy);
    let file = place.path("policy.hcl").display().to_string();
    server.ask(&["policy", "write", "other", &file]);
    let token = server.ask(&["token", "create", "-policy=other", "-field=token"]);
    for (token, kind) in [
        (token.trim(), VaultErrorKind::PermissionDenied),
        ("no-such-token", VaultErrorKind::Unauthenticated),
    ] {
        let place = Sandbox::new()
            .with("VAULT_ADDR", &server.url)
            .with("VAULT_TOKEN", token);
        let file = std::fs::read(place_file(&place, &uri("sops"), &server)).unwrap();
        place.write("b.yaml", file);
        let (found, message) = place.refused("b.yaml").await;
        assert_eq!(found, kind, "{message}");
        assert!(!message.contains(token));
    }
    // The server of the file must be the operator's.
    let other = place.with("VAULT_ADDR", "http://127.0.0.1:1");
    let (kind, message) = other.refused("a.yaml").await;
    assert_eq!(kind, VaultErrorKind::PermissionDenied);
    assert!(message.contains("may not be sent to"), "{message}");
    let allowed = other.with("SOPS_HC_VAULT_ALLOWLIST", &server.url);
    assert_eq!(allowed.values("a.yaml").await, json!({"k": "v"}));
    // A key that is gone.
    server.ask(&[
        "write",
        "team/transit/keys/sops/config",
        "deletion_allowed=true",
    ]);
    server.ask(&["delete", "team/transit/keys/sops"]);
    let (kind, message) = allowed.refused("a.yaml").await;
    assert_eq!(kind, VaultErrorKind::Configuration, "{message}");
    drop(server);
    let (kind, _) = allowed.refused("a.yaml").await;
    assert_eq!(kind, VaultErrorKind::Unavailable);
}

/// A file for a transit key, written with the right to do so.
fn place_file(place: &Sandbox, uri: &str, server: &OpenBao) -> std::path::PathBuf {
    let writer = Sandbox::new()
        .with("VAULT_ADDR", &server.url)
        .with("VAULT_TOKEN", TOKEN);
    writer.write("w.yaml", "k: v\n");
    writer.encrypt("w.yaml", &["--hc-vault-transit", uri]);
    let to = place.path("written.yaml");
    std::fs::copy(writer.path("w.yaml"), &to).unwrap();
    to
}

/// Groups of different kinds, and each way to have enough of them.
#[tokio::test]
async fn key_groups() {
    if skip("key groups of sops") {
        return;
    }
    let server = OpenBao::start();
    server.ask(&["secrets", "enable", "transit"]);
    server.ask(&["write", "-f", "transit/keys/sops"]);
    let (pgp, fingerprint) = Pgp::new(
        Sandbox::new()
            .with("VAULT_ADDR", &server.url)
            .with("VAULT_TOKEN", TOKEN)
            .with("SOPS_AGE_KEY", key(AGE[0].1)),
    );
    let place = &pgp.0;
    let config = json!({"creation_rules": [{
        "shamir_threshold": 2,
        "key_groups": [
            {"age": [AGE[1].0, AGE[0].0]},
            {"pgp": [fingerprint]},
            {"hc_vault": [format!("{}/v1/transit/keys/sops", server.url)]},
        ],
    }]});
    place.write(".sops.yaml", config.to_string());
    for name in ["a.yaml", "a.json", "a.env", "a.ini"] {
        let content = match name {
            "a.json" => "{\"k\": \"v\"}",
            "a.yaml" => "k: v\n",
            "a.env" => "k=v\n",
            _ => "[k]\nk=v\n",
        };
        place.write(name, content);
        place.encrypt(name, &[]);
        place.agree(name).await;
    }
    let nobody = |setting: &str| match setting {
        "SOPS_AGE_KEY" => key(AGE[2].1),
        "GNUPGHOME" => {
            let empty = place.path("empty");
            std::fs::create_dir_all(&empty).unwrap();
            empty.display().to_string()
        }
        _ => "http://127.0.0.1:1".to_owned(),
    };
    let lost = ["SOPS_AGE_KEY", "GNUPGHOME", "VAULT_ADDR"];
    for kept in 0..8 {
        let copy = Sandbox::new();
        copy.write("a.yaml", std::fs::read(place.path("a.yaml")).unwrap());
        let copy = place.settings.iter().fold(copy, |copy, (name, value)| {
            let lost = lost.iter().position(|one| one == name);
            let value = match lost {
                Some(bit) if kept & (1 << bit) == 0 => nobody(name),
                _ => value.clone(),
            };
            copy.with(name, value)
        });
        let values: Result<Value, VaultErrorKind> = copy
            .read("a.yaml")
            .await
            .map(|secret| crate::tools::json(&secret))
            .map_err(|error| error.kind());
        match u32::count_ones(kept) {
            2.. => assert_eq!(values, Ok(json!({"k": "v"})), "{kept}"),
            _ => assert_eq!(values, Err(VaultErrorKind::PermissionDenied), "{kept}"),
        }
    }
}
