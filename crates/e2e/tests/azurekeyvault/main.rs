//! Microsoft's client and manifill read the same from a vault over Microsoft's generated code.
#![allow(clippy::unwrap_used)]

mod chain;
mod chain_apps;
mod chain_near;
mod chain_server;
mod chain_table;

use std::path::Path;

use manifill_e2e::{KeyVault, skip};
use manifill_vault::backend::azurekeyvault::AzureKeyVault;
use manifill_vault::{
    Keys, RunContext, Secret, SecretRequest, Settings, VaultBackend, VaultError, VaultErrorKind,
};
use serde_json::Value;

/// Settings that every login shares.
fn settings(server: &KeyVault) -> Settings {
    Settings::new()
        .with("AZURE_AUTHORITY_HOST", server.url())
        .with("AZURE_KEYVAULT_HOSTS", server.url())
        .with("AZURE_CA_BUNDLE", text(&server.file("ca.pem")))
}

fn app(server: &KeyVault) -> Settings {
    settings(server)
        .with("AZURE_TENANT_ID", KeyVault::TENANT)
        .with("AZURE_CLIENT_ID", KeyVault::READER)
}

fn by_secret(server: &KeyVault) -> Settings {
    app(server).with("AZURE_CLIENT_SECRET", KeyVault::SECRET)
}

fn text(path: &Path) -> String {
    path.to_str().unwrap().to_owned()
}

async fn read(
    settings: &Settings,
    server: &KeyVault,
    keys: Keys,
    version: Option<&str>,
) -> Result<Secret, VaultError> {
    let backend = AzureKeyVault::from_settings(settings).unwrap();
    read_from(&backend, &server.url(), keys, version).await
}

async fn read_from(
    backend: &dyn VaultBackend,
    vault: &str,
    keys: Keys,
    version: Option<&str>,
) -> Result<Secret, VaultError> {
    let path = backend.parse_path(vault).unwrap();
    let mut request = SecretRequest::new(path, keys);
    request.version = version.map(str::to_owned);
    let mut answers = backend.read(&[request], &RunContext::new()).await;
    answers.pop().unwrap()
}

fn json(secret: &Secret, key: &str) -> Value {
    let value = secret.value(key).unwrap().unwrap();
    serde_json::from_str(&value.to_json()).unwrap()
}

fn started() -> (KeyVault, Value) {
    let server = KeyVault::start().unwrap();
    let made = server.make().unwrap();
    let asked = server.requests().unwrap();
    let vendors = |one: &String| one.split(' ').nth(2).unwrap().starts_with("azsdk-python");
    assert!(asked.iter().all(vendors), "{asked:?}");
    (server, made)
}

#[tokio::test]
async fn the_client_and_manifill_read_the_same() {
    if skip("the official client of Azure Key Vault") {
        return;
    }
    let (server, made) = started();
    let settings = by_secret(&server);
    for (name, versions) in made.as_object().unwrap() {
        let versions = versions.as_object().unwrap();
        for (version, value) in versions {
            let keys = Keys::names([name.as_str()]);
            let secret = read(&settings, &server, keys, Some(version)).await.unwrap();
            assert_eq!(&json(&secret, name), value);
            assert_eq!(secret.version(), Some(version.as_str()));
        }
        // The current one is the one that was written last.
        let newest = read(&settings, &server, Keys::names([name.to_uppercase()]), None).await;
        let newest = newest.unwrap();
        let current = &versions[newest.version().unwrap()];
        assert_eq!(&json(&newest, &name.to_uppercase()), current);
    }
    let all = read(&settings, &server, Keys::All, None).await.unwrap();
    let mut names: Vec<&str> = all.names().collect();
    names.sort_unstable();
    assert_eq!(
        names,
        ["Certificate", "db-password", "db-user", "empty", "off"]
    );
}

#[tokio::test]
async fn one_login_and_one_read_for_each_secret() {
    if skip("the official client of Azure Key Vault") {
        return;
    }
    let (server, _) = started();
    let keys = Keys::names(["db-user", "DB-User", "db-password"]);
    let secret = read(&by_secret(&server), &server, keys, None)
        .await
        .unwrap();
    assert_eq!(json(&secret, "db-user"), "svc_orders");
    let mut asked = server.requests().unwrap();
    asked.sort();
    let login = format!("POST /{}/oauth2/v2.0/token manifill", KeyVault::TENANT);
    let reads = ["db-password", "db-user"].map(|name| format!("GET /secrets/{name} manifill"));
    assert_eq!(asked, [&reads[..], &[login]].concat());
}

#[tokio::test]
async fn every_login_works_that_works_for_the_client() {
    if skip("the official client of Azure Key Vault") {
        return;
    }
    let (server, _) = started();
    for settings in [
        by_secret(&server),
        app(&server).with(
            "AZURE_CLIENT_CERTIFICATE_PATH",
            text(&server.file("app.pem")),
        ),
        app(&server).with("AZURE_FEDERATED_TOKEN_FILE", text(&server.file("pod"))),
        settings(&server)
            .with("IDENTITY_ENDPOINT", server.identity())
            .with("IDENTITY_HEADER", KeyVault::HEADER),
    ] {
        let secret = read(&settings, &server, Keys::names(["db-user"]), None).await;
        assert_eq!(json(&secret.unwrap(), "db-user"), "svc_orders");
        assert_eq!(server.requests().unwrap().len(), 2);
    }
}

#[tokio::test]
async fn refusals_are_told_apart() {
    use VaultErrorKind::{PermissionDenied, Unauthenticated, Unavailable};
    if skip("the official client of Azure Key Vault") {
        return;
    }
    let (server, _) = started();
    let good = by_secret(&server);
    for (settings, key, kind) in [
        (good.clone(), "off", PermissionDenied),
        (
            good.clone().with("AZURE_CLIENT_ID", KeyVault::NOBODY),
            "db-user",
            PermissionDenied,
        ),
        (
            good.clone().with("AZURE_CLIENT_SECRET", "wrong"),
            "db-user",
            Unauthenticated,
        ),
        (
            good.clone().with("AZURE_CLIENT_ID", "unknown"),
            "db-user",
            Unauthenticated,
        ),
        (
            good.clone().with("AZURE_CA_BUNDLE", ""),
            "db-user",
            Unavailable,
        ),
    ] {
        let error = read(&settings, &server, Keys::names([key]), None).await;
        let error = error.unwrap_err();
        assert_eq!(error.kind(), kind, "{error}");
    }
    let absent = read(&good, &server, Keys::names(["absent"]), None).await;
    assert!(absent.unwrap().value("absent").is_none());
    let version = "0".repeat(32);
    let absent = read(&good, &server, Keys::names(["db-user"]), Some(&version)).await;
    assert_eq!(absent.unwrap_err().kind(), VaultErrorKind::NotFound);
}
