//! The requests for secrets, and what answers mean.

use super::model::{Bundle, Item, Page, Read, Stored};
use crate::transport::azure::{Azure, KeyVault, Refusal, RunLogins};
use crate::transport::http::{Answer, Url};
use crate::{RunContext, VaultError, VaultErrorKind};

/// The most pages that are read for a message; each has 25 secrets.
pub(super) const PAGES_FOR_NAMES: usize = 20;

/// The most pages that a vault has.
pub(super) const MOST_PAGES: usize = 4000;

/// A secret of a vault.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Place {
    pub(super) vault: KeyVault,
    /// In lower case: names are not case-sensitive.
    pub(super) name: String,
    pub(super) version: Option<String>,
}

/// Reads a secret.
///
/// # Errors
/// If the login does not allow it or the vault cannot answer.
pub(super) async fn read(
    azure: &Azure,
    place: &Place,
    run: &RunContext,
    of_run: &RunLogins,
) -> Result<Read, VaultError> {
    let Place {
        vault,
        name,
        version,
    } = place;
    let parts = ["secrets", name].into_iter();
    let url = vault.at(parts.chain(version.as_deref()))?;
    let answer = azure.get(vault, &url, run, of_run).await?;
    match answer.status() {
        200..300 => Ok(Read(Some(Stored::of(answer.json::<Bundle>()?)))),
        status => match Refusal::of_vault(&answer, vault) {
            Some(error) => Err(error),
            None if status == 404 && is(&answer, "SecretNotFound") => Ok(Read(None)),
            None => Err(refused(&answer, place)),
        },
    }
}

/// The names of the secrets of a vault; `None` if they are on more pages than that.
///
/// # Errors
/// If the login does not allow it or the vault cannot answer.
pub(super) async fn list(
    azure: &Azure,
    vault: &KeyVault,
    most_pages: usize,
    run: &RunContext,
    of_run: &RunLogins,
) -> Result<Option<Vec<String>>, VaultError> {
    let mut url = vault.at(["secrets"])?;
    let mut listed = Vec::new();
    for _ in 0..most_pages {
        let answer = azure.get(vault, &url, run, of_run).await?;
        if !(200..300).contains(&answer.status()) {
            return Err(match Refusal::of_vault(&answer, vault) {
                Some(error) => error,
                None => unlisted(&answer, vault),
            });
        }
        let page: Page = answer.json()?;
        listed.extend(page.value.iter().filter_map(Item::name).map(str::to_owned));
        if page.next_link.is_empty() {
            return Ok(Some(listed));
        }
        let wrong = || {
            VaultError::invalid_answer(
                "the list of secrets of the vault {} does not say where it goes on",
            )
            .with_name(vault.plain())
        };
        url = Url::parse(&page.next_link).map_err(|_| wrong())?;
    }
    Ok(None)
}

fn is(answer: &Answer, reason: &str) -> bool {
    Refusal::of(answer).is_some_and(|refusal| refusal.is(&[reason]))
}

fn refused(answer: &Answer, place: &Place) -> VaultError {
    let told = |kind, message| about(kind, message, answer, &place.name, &place.vault);
    match answer.status() {
        403 if is(answer, "SecretDisabled") => told(
            VaultErrorKind::PermissionDenied,
            "the secret {} of the vault {} is disabled",
        ),
        403 => told(
            VaultErrorKind::PermissionDenied,
            "the login may not read the secret {} of the vault {}",
        )
        .with_hint("it needs the role Key Vault Secrets User, or the permission `get` of secrets in an access policy"),
        404 => without_secrets(answer, &place.vault),
        _ => told(
            VaultErrorKind::InvalidRequest,
            "{} cannot be the name of a secret of the vault {}, or that is not a version of it",
        ),
    }
}

/// What has other things than secrets, such as a managed HSM. Taken for a missing secret, it would
/// switch a default on.
fn without_secrets(answer: &Answer, vault: &KeyVault) -> VaultError {
    VaultError::invalid_answer("{} does not answer as a key vault with secrets")
        .with_name(vault.plain())
        .with_status(answer.status())
        .with_tries(answer.tries())
}

fn unlisted(answer: &Answer, vault: &KeyVault) -> VaultError {
    if answer.status() != 403 {
        return without_secrets(answer, vault);
    }
    let message = "the login may not list the secrets of the vault {}";
    VaultError::new(VaultErrorKind::PermissionDenied, message)
        .with_name(vault.plain())
        .with_status(answer.status())
        .with_hint("it needs the permission `list` of secrets, or name the keys that are wanted")
}

fn about(
    kind: VaultErrorKind,
    message: &'static str,
    answer: &Answer,
    name: &str,
    vault: &KeyVault,
) -> VaultError {
    VaultError::new(kind, message)
        .with_name(name)
        .with_name(vault.plain())
        .with_status(answer.status())
        .with_tries(answer.tries())
}
