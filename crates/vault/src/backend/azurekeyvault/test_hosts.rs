//! No path, no list and no answer chooses where a login goes (rule R7).

use serde_json::json;

use super::connect;
use super::samples::{Stored, answer, read_one, request, serve, settings};
use crate::suite::{Reply, SENTINEL, Server};
use crate::{ConnectContext, Keys, SecretPath, SecretRequest, VaultErrorKind};

#[tokio::test]
async fn nothing_is_sent_to_a_host_that_is_no_vault() {
    let (vault, foreign) = (serve(&[]).await, serve(&[]).await);
    let settings = settings(&vault);
    let backend = connect(&settings, &ConnectContext::new()).unwrap();
    let host = foreign.url().replace("http://", "");
    let hosts = "only hosts of Azure and those of AZURE_KEYVAULT_HOSTS are asked";
    let names = "write the name of a vault, or its host: my-vault.vault.azure.cn";
    for (path, message, hint) in [
        (foreign.url(), "is not the host of a key vault", hosts),
        (host.clone(), "is not the host of a key vault", hosts),
        (
            format!("https://{host}"),
            "is not the host of a key vault",
            hosts,
        ),
        (
            "evil.example/.vault.azure.net".to_owned(),
            "is not the name of a key vault",
            names,
        ),
        (
            format!("https://a.vault.azure.net@{host}"),
            "is not the name of a key vault",
            names,
        ),
        (
            format!("http://{host}#.vault.azure.net"),
            "is not the name of a key vault",
            names,
        ),
        ("../x".to_owned(), "is not the name of a key vault", names),
    ] {
        let error = backend.parse_path(&path).unwrap_err();
        assert_eq!(error.to_string(), format!("the path `{path}` {message}"));
        assert_eq!(error.hint(), Some(hint));
        // A program may have made the path itself.
        let by_hand = SecretRequest::new(SecretPath::verbatim(path), Keys::All);
        let error = read_one(&settings, by_hand).await.unwrap_err();
        assert_eq!(error.kind(), VaultErrorKind::InvalidRequest);
    }
    assert!(foreign.seen().is_empty() && vault.seen().is_empty());
}

#[test]
fn equal_vaults_have_one_path() {
    let backend = connect(
        &crate::Settings::new().with("AZURE_TOKEN_CREDENTIALS", "dev"),
        &ConnectContext::new(),
    )
    .unwrap();
    for path in [
        "My-Vault",
        "my-vault.vault.azure.net",
        "https://my-vault.vault.azure.net/",
        " my-vault ",
    ] {
        assert_eq!(backend.parse_path(path).unwrap().as_str(), "my-vault");
    }
}

#[tokio::test]
async fn a_list_does_not_go_on_at_another_host() {
    let foreign = serve(&[]).await;
    for link in [
        format!("{}/secrets?api-version=7.4&skip=2", foreign.url()),
        format!("http://{SENTINEL}@127.0.0.1:1/secrets"),
        "/secrets?skip=2".to_owned(),
    ] {
        let body = json!({"value": [], "nextLink": link}).to_string();
        let server = Server::start(move |seen| {
            if seen.target.starts_with("/secrets?") {
                Reply::json(body.clone())
            } else {
                answer(seen, &[])
            }
        })
        .await;
        let error = read_one(&settings(&server), request(&server, &[])).await;
        let error = error.unwrap_err();
        assert_eq!(error.kind(), VaultErrorKind::InvalidAnswer, "{link}");
        assert!(!error.to_string().contains(SENTINEL), "{error}");
    }
    assert!(foreign.seen().is_empty());
}

#[tokio::test]
async fn a_list_without_end_ends() {
    let server = Server::start(|seen| {
        if seen.target.starts_with("/secrets?") {
            let host = seen.header("host").unwrap_or_default();
            let link = format!("http://{host}/secrets?api-version=7.4");
            Reply::json(json!({"value": [], "nextLink": link}).to_string())
        } else {
            answer(seen, &[Stored::new("user", &[("1", "svc")])])
        }
    })
    .await;
    let secret = read_one(&settings(&server), request(&server, &["user", "absent"])).await;
    assert!(secret.unwrap().value("user").unwrap().is_ok());
    assert_eq!(server.seen().len(), 23);
}

#[tokio::test]
async fn the_secret_of_one_cloud_is_not_shown_to_another() {
    let server = serve(&[]).await;
    for (authority, path, told) in [
        (
            "login.microsoftonline.com",
            "a.vault.azure.cn",
            "`login.microsoftonline.com` is not where an application logs in to for `https://vault.azure.cn`",
        ),
        (
            "login.chinacloudapi.cn",
            "a.managedhsm.azure.net",
            "`login.chinacloudapi.cn` is not where an application logs in to for `https://managedhsm.azure.net`",
        ),
    ] {
        let settings = settings(&server).with("AZURE_AUTHORITY_HOST", authority);
        let request = SecretRequest::new(SecretPath::verbatim(path), Keys::names(["user"]));
        let error = read_one(&settings, request).await.unwrap_err();
        assert_eq!(error.kind(), VaultErrorKind::Configuration);
        assert_eq!(error.to_string(), told);
        let hint = "AZURE_AUTHORITY_HOST says the cloud, and vaults of another one need a backend of their own";
        assert_eq!(error.hint(), Some(hint));
    }
    assert!(server.seen().is_empty());
}
