//! The vendor's client and the backend find the same in the server that the backend is tested
//! against.
#![allow(clippy::unwrap_used)]

use std::collections::BTreeMap;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use manifill_e2e::{client, run, skip};
use manifill_vault::backend::delineasecretserver::connect;
use manifill_vault::suite::{self, Server};
use manifill_vault::{
    ConnectContext, Exposed, Keys, RunContext, SecretRequest, Settings, VaultBackend,
    VaultErrorKind,
};
use serde_json::{Value, json};

#[path = "../../vault/src/backend/delineasecretserver/test_server.rs"]
mod test_server;

use test_server::{SecretServer, Stored, USER};

const PASSWORD: &str = "p+w &=%/ü";

fn secrets() -> Vec<Stored> {
    let database = Stored::new(7, "\\Team\\db")
        .with("Username", "username", "svc_örders")
        .with("Password", "password", "a\"b\\c\n d 密码")
        .with("Notes", "notes", "");
    let store = Stored::new(8, "\\Team\\A & B\\store")
        .with("Alias", "alias", "main")
        .with_file("Keystore", "keystore", &[0, 255, 10, 13])
        .with_file("Readme", "readme", "text ü\n".as_bytes());
    vec![database, store]
}

/// What the backend reads, in the words of the client.
async fn read(backend: &dyn VaultBackend, path: &str, slugs: &[&str]) -> Value {
    let path = backend.parse_path(path).unwrap();
    let request = SecretRequest::new(path, Keys::names(slugs.iter().copied()));
    let answers = backend.read(&[request], &RunContext::new()).await;
    let secret = answers[0].as_ref().unwrap();
    let value = |slug: &str| {
        let shown = match secret.value(slug).unwrap().unwrap().expose() {
            Exposed::Text(text) if slug == "readme" => json!({"file": STANDARD.encode(text)}),
            Exposed::Bytes(bytes) => json!({"file": STANDARD.encode(bytes)}),
            Exposed::Text(text) => json!(text),
            other => panic!("{} at {slug}", other.type_name()),
        };
        (slug.to_owned(), shown)
    };
    slugs
        .iter()
        .copied()
        .map(value)
        .collect::<serde_json::Map<_, _>>()
        .into()
}

#[tokio::test]
async fn the_vendors_client_and_the_backend_read_the_same() {
    if skip("the official client of Secret Server") {
        return;
    }
    for domain in [None, Some("corp")] {
        let fake = SecretServer {
            token: "token-of-the-server".to_owned(),
            password: PASSWORD.to_owned(),
            domain: domain.map(str::to_owned),
            secrets: secrets(),
        };
        let server = Server::start(move |seen| fake.answer(seen)).await;
        let mut variables = BTreeMap::from([
            ("AVP_DELINEA_URL", server.url() + "/SecretServer"),
            ("AVP_DELINEA_USER", USER.to_owned()),
            ("AVP_DELINEA_PASSWORD", PASSWORD.to_owned()),
        ]);
        variables.extend(domain.map(|domain| ("AVP_DELINEA_DOMAIN", domain.to_owned())));

        let mut judge = client("delineasecretserver").unwrap();
        judge.envs(&variables);
        let told = tokio::task::spawn_blocking(move || run(&mut judge));
        let told: Value = serde_json::from_str(&told.await.unwrap().unwrap()).unwrap();

        let mut settings = Settings::new();
        for (name, value) in &variables {
            settings = settings.with(name, value);
        }
        let backend = connect(&settings, &ConnectContext::new()).unwrap();
        let database = ["username", "password", "notes"];
        let store = ["alias", "keystore", "readme"];
        for (path, slugs) in [
            ("7", database),
            ("Team/db", database),
            ("8", store),
            ("Team/A & B/store", store),
        ] {
            assert_eq!(
                read(backend.as_ref(), path, &slugs).await,
                told[path],
                "{path}"
            );
        }
        for (path, words, kind) in [
            ("9", "Secret not found", VaultErrorKind::NotFound),
            ("Team/no", "Secret not found", VaultErrorKind::NotFound),
            ("13", "Access Denied", VaultErrorKind::PermissionDenied),
        ] {
            let parsed = backend.parse_path(path).unwrap();
            let request = SecretRequest::new(parsed, Keys::All);
            let answers = backend.read(&[request], &RunContext::new()).await;
            assert_eq!(answers[0].as_ref().unwrap_err().kind(), kind);
            assert_eq!(told["refused"][path], words);
        }
        assert_eq!(told["refused"]["login"], "Login failed.");
    }
}
