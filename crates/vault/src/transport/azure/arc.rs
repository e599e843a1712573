//! The managed identity of Azure Arc: whoever asks for it shows that he may read a file.

use std::path::{Path, PathBuf};

use serde::Deserialize;
use zeroize::Zeroizing;

use super::near::{TITLE, asked, near, no_identity, send};
use super::service::Service;
use super::token::Granted;
use crate::files;
use crate::shared::LoginToken;
use crate::transport::http::Answer;
use crate::{RunContext, VaultError, VaultErrorKind};

/// More than this is no key.
const MOST: u64 = 4096;

/// Whose token it is. Agents that know of one identity only do not say.
#[derive(Deserialize)]
struct Whose {
    #[serde(default)]
    client_id: Option<String>,
}

/// The token of a machine, with a key that lies in this folder.
pub(super) async fn log_in(
    service: &Service,
    keys: &Path,
    resource: &str,
    run: &RunContext,
) -> Result<LoginToken, VaultError> {
    let client = service.client.as_deref();
    let url = asked(service.url.clone(), "2020-06-01", resource, client);
    let near = near()?;
    let first = send(near.get(url.clone()), run).await?;
    if first.status() != 401 {
        return Err(match first.status() {
            400 => no_identity(client, &first),
            200..300 => VaultError::invalid_answer("Azure Arc gave a token without a key"),
            _ => first.error(),
        });
    }
    let path = key_file(&first, keys).ok_or_else(|| {
        VaultError::invalid_answer("Azure Arc names no file with a key, or one outside of {}")
            .with_name(keys.display().to_string())
    })?;
    let key = files::read(&path, MOST, run.deadline()).map_err(|_| {
        let message = "the key of Azure Arc in {} cannot be read";
        VaultError::new(VaultErrorKind::Unauthenticated, message)
            .with_name(keys.display().to_string())
            .with_hint("the user that manifill runs as must be in the group `himds`")
    })?;
    let key = std::str::from_utf8(&key).map(str::trim);
    let key = key.map_err(|_| VaultError::invalid_answer("the key of Azure Arc is no text"))?;
    // As it is, and not as in a browser.
    let basic = Zeroizing::new(format!("Basic {key}"));
    let request = near.get(url).login("authorization", &basic);
    let answer = send(request, run).await?;
    match answer.status() {
        200..300 => {}
        400 => return Err(no_identity(client, &answer)),
        _ => return Err(answer.error()),
    }
    if let Some(client) = client {
        let whose = answer.json::<Whose>()?.client_id;
        if !whose.is_some_and(|whose| whose.eq_ignore_ascii_case(client)) {
            return Err(no_identity(Some(client), &answer));
        }
    }
    answer.json::<Granted>()?.token(TITLE)
}

/// The file that a challenge names: `Basic realm=/folder/NAME.key`.
fn key_file(challenge: &Answer, keys: &Path) -> Option<PathBuf> {
    let challenge = challenge.header("www-authenticate")?;
    let (_, path) = challenge.split_once("Basic realm=")?;
    let path = Path::new(path.trim());
    let is_key = path.parent() == Some(keys) && path.extension().is_some_and(|end| end == "key");
    is_key.then(|| path.to_owned())
}
