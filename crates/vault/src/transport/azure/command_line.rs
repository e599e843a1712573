//! The login of the Azure CLI (`az login`).

use std::path::Path;

use super::source::CommandLine;
use super::token::Granted;
use crate::shared::LoginToken;
use crate::transport::process::{Failure, Program};
use crate::transport::runtime;
use crate::{RunContext, VaultError, VaultErrorKind};

/// More than this is no token.
const MAX_ANSWER: usize = 1024 * 1024;

/// Asks the Azure CLI for a token, as Azure's own libraries do it; `None` if there is no such program.
/// It runs in the root of all files, and its environment is without what an author sets.
pub(super) async fn log_in(
    place: &CommandLine,
    resource: &str,
    run: &RunContext,
) -> Result<Option<LoginToken>, VaultError> {
    let mut program = Program::new(&place.program, Path::new("/")).args([
        "account",
        "get-access-token",
        "--output",
        "json",
        "--resource",
        resource,
    ]);
    if let Some(tenant) = &place.tenant {
        program = program.args(["--tenant", tenant]);
    }
    if let Some(folder) = &place.folder {
        program = program.env("AZURE_CONFIG_DIR", folder);
    }
    let output = match program.run(&[], MAX_ANSWER, run.remaining()).await {
        Ok(output) => output,
        Err(Failure::NoSuchFile) => return Ok(None),
        Err(Failure::TooLong) => {
            let message = "the Azure CLI gave no token in time";
            return Err(VaultError::new(VaultErrorKind::Timeout, message));
        }
        Err(Failure::NoRuntime) => return Err(runtime::missing()),
        Err(Failure::TooMuch) => return Err(nonsense()),
        Err(_) => {
            return Err(VaultError::configuration("the Azure CLI cannot be run"));
        }
    };
    if output.code != Some(0) {
        let message = "the Azure CLI gives no token for {}";
        return Err(VaultError::new(VaultErrorKind::Unauthenticated, message)
            .with_name(resource)
            .with_hint("log in with `az login`; what it writes is not shown"));
    }
    let granted: Granted = serde_json::from_slice(&output.stdout).map_err(|_| nonsense())?;
    granted.token("the Azure CLI").map(Some)
}

fn nonsense() -> VaultError {
    VaultError::invalid_answer("what the Azure CLI prints is not JSON with a token")
}
