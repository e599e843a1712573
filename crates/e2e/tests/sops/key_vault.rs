//! Keys of Azure Key Vault: sops encrypts with one of a vault over Microsoft's generated code.

use manifill_e2e::{KeyVault, skip};
use manifill_vault::VaultErrorKind;

use crate::tools::Sandbox;

#[tokio::test]
async fn keys_of_azure_decrypt_what_sops_encrypted() {
    if skip("Azure Key Vault keys of sops") {
        return;
    }
    let server = KeyVault::start().unwrap();
    let ca = server.file("ca.pem").to_str().unwrap().to_owned();
    let place = Sandbox::new()
        .with("IDENTITY_ENDPOINT", server.identity())
        .with("IDENTITY_HEADER", KeyVault::HEADER)
        .with("AZURE_KEYVAULT_HOSTS", server.url())
        .with("AZURE_CA_BUNDLE", &ca)
        // For sops, which takes no vault but one of Azure's.
        .with("SSL_CERT_FILE", &ca)
        .with("HTTPS_PROXY", server.proxy());
    place.write("s.yaml", "password: s3cr3t\nport: 5432\n");
    let vault = "https://e2e.vault.azure.net";
    let key = format!("{vault}/keys/sops-key/{}", server.key_version());
    place.encrypt("s.yaml", &["--azure-kv", &key]);
    let theirs = place.judged("s.yaml").unwrap();
    assert_eq!(theirs["password"], "s3cr3t");

    // The hash is over the values, not over who can open them.
    let file = std::fs::read_to_string(place.path("s.yaml")).unwrap();
    place.write("s.yaml", file.replace(vault, &server.url()));
    server.requests().unwrap();
    assert_eq!(place.values("s.yaml").await, theirs);
    assert_eq!(server.requests().unwrap().len(), 2);

    let version = server.key_version();
    place.write(
        "s.yaml",
        file.replace(vault, &server.url())
            .replace(&version, &"0".repeat(32)),
    );
    let (kind, told) = place.refused("s.yaml").await;
    assert_eq!(kind, VaultErrorKind::Configuration, "{told}");
    server.requests().unwrap();
    place.write("s.yaml", file.replace(vault, "https://127.0.0.1:1"));
    let (kind, told) = place.refused("s.yaml").await;
    assert_eq!(kind, VaultErrorKind::Configuration, "{told}");
    assert!(server.requests().unwrap().is_empty());
}
