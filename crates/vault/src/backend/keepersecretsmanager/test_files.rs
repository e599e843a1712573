//! Files, which are kept at another host.

use super::samples::{DB, Keeper, database, json_of, read_one, seal, targets};
use crate::suite::{Reply, SENTINEL, Server, TOKEN};
use crate::{Exposed, Settings, VaultErrorKind};

/// A server that answers for the file itself, and settings for it.
async fn serve(file: Reply) -> (Server, Settings) {
    let record = database().with_file("F1", "a.pem", "A", SENTINEL.as_bytes());
    let keeper = Keeper::new(TOKEN, vec![record]);
    let config = keeper.config("HOST");
    let server = Server::start(move |seen| {
        if seen.target.starts_with("/files/") {
            file.clone()
        } else {
            keeper.answer(seen)
        }
    })
    .await;
    let config = config.to_string().replace("HOST", &server.url());
    (server, Settings::new().with("KSM_CONFIG", config))
}

#[tokio::test]
async fn a_file_is_text_or_bytes() {
    let record = database()
        .with_file("F1", "text", "", "ü\n".as_bytes())
        .with_file("F2", "empty", "", b"")
        .with_file("F3", "store", "", b"\xff\x00");
    let (_server, settings) = super::samples::serve(vec![record]).await;
    let keys = ["text", "empty", "store"];
    let secret = read_one(&settings, DB, &keys).await.unwrap();
    assert_eq!(json_of(&secret, "text"), "\"ü\\n\"");
    assert_eq!(json_of(&secret, "empty"), "\"\"");
    let store = secret.value("store").unwrap().unwrap();
    assert!(store.expose() == Exposed::Bytes(&[255, 0]));
}

#[tokio::test]
async fn what_is_wrong_with_a_file_is_told_for_its_key_and_is_no_missing_key() {
    use VaultErrorKind::{InvalidAnswer, Unavailable};
    let fetched = "a file of `URL` cannot be fetched from where it is kept";
    let opened = "a file of `URL` cannot be opened with its key";
    for (reply, kind, message) in [
        (
            Reply::new(403).with_body(SENTINEL),
            Unavailable,
            format!("{fetched} (HTTP 403)"),
        ),
        (
            Reply::new(404).with_body(SENTINEL),
            Unavailable,
            format!("{fetched} (HTTP 404)"),
        ),
        (
            Reply::new(302),
            Unavailable,
            format!("{fetched} (HTTP 302)"),
        ),
        (
            Reply::new(200).with_body(SENTINEL),
            InvalidAnswer,
            opened.to_owned(),
        ),
        (
            Reply::new(200).with_body(seal(&[7; 32], b"x")),
            InvalidAnswer,
            opened.to_owned(),
        ),
        (Reply::new(200), InvalidAnswer, opened.to_owned()),
    ] {
        let (server, settings) = serve(reply).await;
        let secret = read_one(&settings, DB, &["a.pem", "login"]).await.unwrap();
        assert_eq!(json_of(&secret, "login"), "\"svc\"");
        let error = secret.value("a.pem").unwrap().unwrap_err();
        let shown = error.to_string().replace(&server.url(), "URL");
        assert_eq!((error.kind(), shown), (kind, message));
        let hint = "files are kept at another host, such as one of Amazon S3: it must be reachable";
        assert_eq!(error.hint(), (kind == Unavailable).then_some(hint));
        assert_eq!(targets(&server), ["get_secret", "/files/F1"]);
    }
}

#[tokio::test]
async fn a_file_at_an_address_without_tls_is_not_fetched() {
    let elsewhere = Server::start(|_| Reply::new(200)).await;
    for url in [
        elsewhere.url() + "/files/F1",
        "file:///etc/hostname".to_owned(),
        String::new(),
    ] {
        let record = database().with_file("F1", "a.pem", "A", b"pem");
        let mut keeper = Keeper::new(TOKEN, vec![record]);
        keeper.file_url = Some(url);
        let config = keeper.config("HOST");
        let server = Server::start(move |seen| keeper.answer(seen)).await;
        let config = config.to_string().replace("HOST", &server.url());
        let settings = Settings::new().with("KSM_CONFIG", config);
        let secret = read_one(&settings, DB, &["a.pem"]).await.unwrap();
        let error = secret.value("a.pem").unwrap().unwrap_err();
        assert_eq!(error.kind(), VaultErrorKind::InvalidAnswer);
        assert!(
            error
                .to_string()
                .ends_with("does not say where the file is"),
            "{error}"
        );
        assert_eq!(targets(&server), ["get_secret"]);
    }
    assert!(elsewhere.seen().is_empty());
}
