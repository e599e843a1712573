//! Keys of Azure Key Vault.
//!
//! Which key to ask, and where, stands in the encrypted file, and the file is written by whoever may
//! push to the repository. So a vault is asked only if its host is one of Azure's or of the
//! operator's, with a token for its cloud (rule R7).

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde::Deserialize;
use serde_json::json;
use zeroize::Zeroizing;

use super::kms::Unopened;
use crate::transport::azure::{Azure, KeyVault, Refusal, RunLogins, is_name};
use crate::transport::http::Answer;
use crate::{RunContext, VaultError, VaultErrorKind};

/// The only way in which SOPS encrypts for such a key.
const ALGORITHM: &str = "RSA-OAEP-256";

/// A key as an encrypted file names it.
pub(super) struct Key<'a> {
    pub(super) vault: &'a str,
    pub(super) name: &'a str,
    pub(super) version: &'a str,
}

#[derive(Deserialize)]
struct Decrypted {
    value: Zeroizing<String>,
}

/// Lets the vault decrypt a text.
pub(super) async fn open(
    azure: &Azure,
    key: &Key<'_>,
    enc: &str,
    run: &RunContext,
    of_run: &RunLogins,
) -> Result<Zeroizing<Vec<u8>>, Unopened> {
    let vault = place(azure, key).map_err(Unopened::Failed)?;
    let version = Some(key.version).filter(|version| !version.is_empty());
    let parts = ["keys", key.name].into_iter().chain(version);
    let url = vault.at(parts.chain(["decrypt"]));
    let url = url.map_err(Unopened::Failed)?;
    let body = json!({"alg": ALGORITHM, "value": enc}).to_string();
    let outcome = azure.post(&vault, &url, &body, run, of_run).await;
    let answer = outcome.map_err(Unopened::of)?;
    if !(200..300).contains(&answer.status()) {
        return Err(Unopened::Failed(meaning(&answer, &vault, key)));
    }
    let wrong = || VaultError::invalid_answer("the answer of the key vault is not base64");
    let plain = answer.json().and_then(|Decrypted { value }| {
        let plain = URL_SAFE_NO_PAD.decode(value.trim_end_matches('='));
        plain.map(Zeroizing::new).map_err(|_| wrong())
    });
    plain.map_err(Unopened::Failed)
}

fn place(azure: &Azure, key: &Key<'_>) -> Result<KeyVault, VaultError> {
    let is_version = key.version.bytes().all(|byte| byte.is_ascii_alphanumeric());
    if !is_name(key.name) || !is_version {
        let message = "{} with the version {} in the file cannot be a key of Azure Key Vault";
        return Err(VaultError::configuration(message)
            .with_name(key.name)
            .with_name(key.version));
    }
    azure.vault(key.vault).map_err(|_| {
        let message = "{} in the file is not the address of a key vault that may be asked";
        VaultError::configuration(message)
            .with_name(key.vault)
            .with_hint("only hosts of Azure and those of AZURE_KEYVAULT_HOSTS are asked")
    })
}

fn meaning(answer: &Answer, vault: &KeyVault, key: &Key<'_>) -> VaultError {
    if let Some(error) = Refusal::of_vault(answer, vault) {
        return error;
    }
    let told = |kind, message| {
        VaultError::new(kind, message)
            .with_name(key.name)
            .with_name(vault.plain())
            .with_status(answer.status())
            .with_tries(answer.tries())
    };
    match answer.status() {
        403 => told(
            VaultErrorKind::PermissionDenied,
            "this login may not decrypt with the key {} of the vault {}, or the key is disabled",
        )
        .with_hint("it needs the role Key Vault Crypto User, or the permission `decrypt` of keys in an access policy"),
        // Neither of them is a secret that does not exist, which `default` could replace.
        _ => told(
            VaultErrorKind::Configuration,
            "there is no such key as {} in the vault {}, or it is not the one that the file was encrypted with",
        ),
    }
}
