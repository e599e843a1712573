//! What a vault says when it refuses.

use serde::Deserialize;

use super::vaults::KeyVault;
use crate::transport::http::Answer;
use crate::{VaultError, VaultErrorKind};

#[derive(Deserialize)]
struct Body {
    error: Outer,
}

#[derive(Deserialize)]
struct Outer {
    code: String,
    #[serde(default)]
    innererror: Option<Inner>,
}

#[derive(Deserialize)]
struct Inner {
    #[serde(default)]
    code: String,
}

/// The reason of a refusal. It is compared and never shown.
pub(crate) struct Refusal {
    code: String,
    inner: String,
}

impl Refusal {
    /// The reason in an answer; `None` if it is not one of a key vault.
    pub(crate) fn of(answer: &Answer) -> Option<Self> {
        let Body { error } = answer.json().ok()?;
        Some(Refusal {
            code: error.code,
            inner: error.innererror.map(|inner| inner.code).unwrap_or_default(),
        })
    }

    /// Whether the reason is one of these.
    pub(crate) fn is(&self, reasons: &[&str]) -> bool {
        reasons.contains(&self.code.as_str()) || reasons.contains(&self.inner.as_str())
    }

    /// What an answer other than a success means whatever was asked for. `None` where that is for
    /// whoever asked to say: nothing is there, or the login does not allow it, or the request is wrong.
    pub(crate) fn of_vault(answer: &Answer, vault: &KeyVault) -> Option<VaultError> {
        let refusal = Refusal::of(answer);
        let told = |kind, message| {
            VaultError::new(kind, message)
                .with_name(vault.plain())
                .with_status(answer.status())
                .with_tries(answer.tries())
        };
        match (answer.status(), refusal) {
            (401, _) => Some(
                told(
                    VaultErrorKind::Unauthenticated,
                    "the vault {} does not accept the login",
                )
                .with_hint(
                    "the vault must be of the tenant that the login is of, and of its cloud",
                ),
            ),
            (403, Some(refusal))
                if refusal.is(&["ForbiddenByFirewall", "ForbiddenByConnection"]) =>
            {
                Some(
                    told(
                        VaultErrorKind::PermissionDenied,
                        "the vault {} takes no requests from this network",
                    )
                    .with_hint(
                        "allow it in the firewall of the vault, or go there by a private link",
                    ),
                )
            }
            (403 | 404, Some(_)) | (400, Some(_)) => None,
            // Taken for a missing secret, something else that answers there would switch a default on.
            (404 | 410, _) => {
                let message = "there is no API of Azure Key Vault at {}";
                Some(told(VaultErrorKind::InvalidAnswer, message))
            }
            _ => Some(answer.error()),
        }
    }
}
