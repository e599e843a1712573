//! The services of Azure that give managed identities, each as a scripted server.

use std::fs;
use std::path::Path;

use serde_json::json;

use super::identity::of_service;
use super::service::{Kind, Service};
use crate::suite::{Reply, SENTINEL, Server};
use crate::{RunContext, Settings, VaultError, VaultErrorKind};

const RESOURCE: &str = "https://vault.azure.net";

fn service(settings: &Settings) -> Result<Service, VaultError> {
    Service::with_arc(settings, Path::new("/no/such/program")).map(Option::unwrap)
}

async fn token(service: &Service) -> Result<String, VaultError> {
    let given = of_service(service, RESOURCE, &RunContext::new()).await?;
    Ok(given.expose().to_owned())
}

/// Azure Arc with one identity, and others if it knows of them; the key lies where `names` says.
async fn arc(names: String, knows_others: bool) -> Server {
    Server::start(move |seen| {
        assert_eq!(seen.header("metadata"), Some("true"));
        let query = seen.query();
        assert_eq!(
            (query["api-version"].as_str(), query["resource"].as_str()),
            ("2020-06-01", RESOURCE)
        );
        match seen.header("authorization") {
            Some("Basic a key") => {}
            Some(_) => return Reply::new(403).with_body(SENTINEL),
            None => return Reply::new(401).with_header("WWW-Authenticate", &names),
        }
        let mut given = json!({"access_token": "arc", "expires_in": "3600"});
        if let Some(client) = query.get("client_id").filter(|_| knows_others) {
            given["client_id"] = json!(client.to_uppercase());
        }
        Reply::json(given.to_string())
    })
    .await
}

fn of_arc(server: &Server, keys: &Path, client: Option<&str>) -> Service {
    let settings = Settings::new()
        .with("IDENTITY_ENDPOINT", server.url())
        .with("IMDS_ENDPOINT", "http://127.0.0.1:40342")
        .with("AZURE_CLIENT_ID", client.unwrap_or_default());
    let mut service = service(&settings).unwrap();
    let Kind::Arc { keys: folder } = &mut service.kind else {
        panic!("not Azure Arc");
    };
    assert_eq!(folder, Path::new("/var/opt/azcmagent/tokens"));
    *folder = keys.to_owned();
    service
}

#[tokio::test]
async fn azure_arc_wants_a_key_that_lies_in_its_folder() {
    let folder = tempfile::tempdir().unwrap();
    let keys = folder.path().join("tokens");
    let in_it = |name: &str| format!("Basic realm={}", keys.join(name).display());
    fs::create_dir_all(keys.join("deeper")).unwrap();
    for name in [
        "tokens/a.key",
        "tokens/a.txt",
        "tokens/deeper/a.key",
        "a.key",
    ] {
        fs::write(folder.path().join(name), "a key\n").unwrap();
    }
    fs::write(keys.join("large.key"), vec![b'k'; 4097]).unwrap();
    fs::write(keys.join("wrong.key"), SENTINEL).unwrap();

    let server = arc(in_it("a.key"), false).await;
    let of = of_arc(&server, &keys, None);
    assert_eq!(token(&of).await.unwrap(), "arc");
    assert_eq!(server.seen().len(), 2);

    let outside = format!("Basic realm={}", folder.path().join("a.key").display());
    let none = format!(
        "Azure Arc names no file with a key, or one outside of `{}`",
        keys.display()
    );
    let unread = format!(
        "the key of Azure Arc in `{}` cannot be read",
        keys.display()
    );
    let hint = Some("the user that manifill runs as must be in the group `himds`");
    for (names, told, hint) in [
        (outside, none.clone(), None),
        (in_it("../a.key"), none.clone(), None),
        (in_it("deeper/a.key"), none.clone(), None),
        (in_it("a.txt"), none.clone(), None),
        ("Bearer realm=x".to_owned(), none.clone(), None),
        (String::new(), none, None),
        (in_it("no.key"), unread.clone(), hint),
        (in_it("large.key"), unread, hint),
    ] {
        let server = arc(names, false).await;
        let error = token(&of_arc(&server, &keys, None)).await.unwrap_err();
        assert_eq!((error.to_string(), error.hint()), (told, hint));
        // No key is sent.
        assert_eq!(server.seen().len(), 1);
    }
    let server = arc(in_it("wrong.key"), false).await;
    let error = token(&of_arc(&server, &keys, None)).await.unwrap_err();
    assert!(!format!("{error} {error:?}").contains(SENTINEL));
}

#[tokio::test]
async fn azure_arc_must_confirm_the_identity_that_is_asked_for() {
    let folder = tempfile::tempdir().unwrap();
    fs::write(folder.path().join("a.key"), "a key").unwrap();
    let names = format!("Basic realm={}", folder.path().join("a.key").display());
    let server = arc(names.clone(), true).await;
    let of = of_arc(&server, folder.path(), Some("mine"));
    assert_eq!(token(&of).await.unwrap(), "arc");
    let server = arc(names, false).await;
    let of = of_arc(&server, folder.path(), Some("mine"));
    let error = token(&of).await.unwrap_err();
    assert_eq!(error.kind(), VaultErrorKind::Unauthenticated);
    let told = "there is no managed identity with the client id `mine` here (HTTP 200)";
    assert_eq!(error.to_string(), told);
}

#[tokio::test]
async fn a_token_that_needs_no_key_is_not_of_azure_arc() {
    let server = Server::start(|_| Reply::json(r#"{"access_token":"t"}"#)).await;
    let of = of_arc(&server, Path::new("/"), None);
    let error = token(&of).await.unwrap_err();
    assert_eq!(error.to_string(), "Azure Arc gave a token without a key");
}

#[test]
fn azure_arc_is_known_by_its_program_where_nothing_is_set() {
    let nothing = Settings::new();
    let found = Service::with_arc(&nothing, Path::new("/"))
        .unwrap()
        .unwrap();
    assert_eq!(
        found.url.as_str(),
        "http://127.0.0.1:40342/metadata/identity/oauth2/token"
    );
    assert!(matches!(found.kind, Kind::Arc { .. }));
    let without = Service::with_arc(&nothing, Path::new("/no/such/program"));
    assert!(without.unwrap().is_none());
}

#[tokio::test]
async fn machine_learning_and_the_cloud_shell_are_asked_in_their_own_ways() {
    let server = Server::start(|seen| {
        let query = seen.query();
        let of = match (seen.method.as_str(), seen.header("secret")) {
            ("GET", Some("s")) => {
                assert_eq!(query["api-version"], "2017-09-01");
                assert_eq!(query["resource"], RESOURCE);
                let client = query.get("clientid").map_or("own", String::as_str);
                format!("learning {client}")
            }
            ("POST", None) => {
                assert_eq!(seen.header("metadata"), Some("true"));
                assert_eq!(seen.form()["resource"], RESOURCE);
                "shell".to_owned()
            }
            _ => return Reply::new(401),
        };
        Reply::json(json!({"access_token": of, "expires_on": 4_070_908_800_u64}).to_string())
    })
    .await;
    let shell = Settings::new().with("MSI_ENDPOINT", server.url());
    let learning = shell.clone().with("MSI_SECRET", "s");
    let default = learning
        .clone()
        .with("DEFAULT_IDENTITY_CLIENT_ID", "default");
    for (settings, given) in [
        (shell, "shell"),
        (learning.clone(), "learning own"),
        (default.clone(), "learning default"),
        (default.with("AZURE_CLIENT_ID", "mine"), "learning mine"),
        (
            learning
                .with("IMDS_ENDPOINT", "http://127.0.0.1")
                .with("IDENTITY_ENDPOINT", server.url()),
            "learning own",
        ),
    ] {
        let service = service(&settings).unwrap();
        assert_eq!(token(&service).await.unwrap(), given);
    }
}

#[test]
fn service_fabric_is_refused() {
    let settings = Settings::new()
        .with("IDENTITY_ENDPOINT", "https://127.0.0.1/token")
        .with("IDENTITY_HEADER", SENTINEL)
        .with("IDENTITY_SERVER_THUMBPRINT", "00");
    let error = service(&settings).err().unwrap();
    assert_eq!(error.kind(), VaultErrorKind::Configuration);
    let told = "`IDENTITY_SERVER_THUMBPRINT` is set: the managed identity of Service Fabric cannot be asked from here";
    assert_eq!(error.to_string(), told);
    let hint =
        "log in as an application: with AZURE_CLIENT_SECRET or AZURE_CLIENT_CERTIFICATE_PATH";
    assert_eq!(error.hint(), Some(hint));
}
