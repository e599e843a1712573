//! The official client of Conjur and manifill read the same from a fake server.
#![allow(clippy::unwrap_used)]

mod server;

use manifill_e2e::{client, run, skip};
use manifill_vault::backend::conjur::Conjur;
use manifill_vault::suite::{Seen, Server};
use manifill_vault::{
    Exposed, Keys, RunContext, Secret, SecretRequest, Settings, VaultBackend, VaultError,
    VaultErrorKind,
};
use server::{ACCOUNT, JWT, KEY, LOGIN, PASSWORD, SERVICE, answer};

async fn read(settings: &Settings, requests: &[(&str, Keys)]) -> Vec<Result<Secret, VaultError>> {
    let backend = Conjur::from_settings(settings).unwrap();
    let requests: Vec<SecretRequest> = requests
        .iter()
        .map(|(path, keys)| {
            let (path, version) = path.split_once('#').unwrap_or((path, ""));
            let request = SecretRequest::new(backend.parse_path(path).unwrap(), keys.clone());
            match version {
                "" => request,
                version => request.with_version(version),
            }
        })
        .collect();
    backend.read(&requests, &RunContext::new()).await
}

#[tokio::test]
async fn the_client_and_manifill_read_the_same() {
    if skip("the official client of Conjur") {
        return;
    }
    let server = Server::start(answer).await;
    let mut official = client("conjur").unwrap();
    official
        .env("CONJUR_APPLIANCE_URL", server.url())
        .env("CONJUR_ACCOUNT", ACCOUNT)
        .env("CONJUR_AUTHN_LOGIN", LOGIN)
        .env("CONJUR_AUTHN_API_KEY", KEY)
        .env("CONJUR_SERVICE_ID", SERVICE)
        .env("CONJUR_AUTHN_JWT_TOKEN", JWT);
    let reading = tokio::task::spawn_blocking(move || run(&mut official).map(drop));
    reading.await.unwrap().unwrap();
    let theirs = server.seen();
    assert!(
        theirs
            .iter()
            .all(|seen| seen.header("user-agent").unwrap().contains("aiohttp/"))
    );

    let file = tempfile::NamedTempFile::new().unwrap();
    std::fs::write(file.path(), JWT).unwrap();
    let common = Settings::new()
        .with("CONJUR_APPLIANCE_URL", server.url())
        .with("CONJUR_ACCOUNT", ACCOUNT);
    let by_key = common
        .clone()
        .with("CONJUR_AUTHN_LOGIN", LOGIN)
        .with("CONJUR_AUTHN_API_KEY", KEY);
    let by_jwt = common
        .with("CONJUR_SERVICE_ID", SERVICE)
        .with("JWT_TOKEN_PATH", file.path().to_str().unwrap());
    for settings in [&by_key, &by_jwt] {
        server.forget();
        let keys = Keys::names(["user", "password", "keystore"]);
        let answers = read(
            settings,
            &[("prod/db", keys), ("prod/db#1", Keys::names(["password"]))],
        )
        .await;
        let value = |index: usize, key: &str| {
            let secret = answers[index].as_ref().unwrap();
            secret.value(key).unwrap().unwrap().clone()
        };
        assert!(value(0, "user").expose() == Exposed::Text("svc_orders"));
        assert!(value(0, "password").expose() == Exposed::Text(PASSWORD));
        let bytes: Vec<u8> = (0..=255).collect();
        assert!(value(0, "keystore").expose() == Exposed::Bytes(&bytes));
        assert!(value(1, "password").expose() == Exposed::Text("old"));
        let ours = server.seen();
        assert_eq!(ours.len(), 3, "a login, all at once, and a version");
        // The login and the version are asked for as the client does.
        let asks = |theirs: &Seen, ours: &Seen| {
            (&theirs.method, &theirs.target, &theirs.body)
                == (&ours.method, &ours.target, &ours.body)
        };
        for ours in [&ours[0], &ours[2]] {
            assert!(
                theirs.iter().any(|theirs| asks(theirs, ours)),
                "{}",
                ours.target
            );
        }
    }
    let keys = Keys::names(["user", "absent", "root"]);
    let requests = [("prod/db", keys), ("prod/none", Keys::names(["user"]))];
    let answers = read(&by_key, &requests).await;
    let secret = answers[0].as_ref().unwrap();
    assert!(secret.value("user").unwrap().is_ok() && secret.value("absent").is_none());
    let denied = secret.value("root").unwrap().unwrap_err();
    assert_eq!(denied.kind(), VaultErrorKind::PermissionDenied);
    let missing = answers[1].as_ref().unwrap_err();
    assert_eq!(missing.kind(), VaultErrorKind::NotFound);

    let wrong = by_key.with("CONJUR_AUTHN_API_KEY", "wrong");
    let answers = read(&wrong, &[("prod/db", Keys::All)]).await;
    let error = answers[0].as_ref().unwrap_err();
    assert_eq!(error.kind(), VaultErrorKind::Unauthenticated);
}
