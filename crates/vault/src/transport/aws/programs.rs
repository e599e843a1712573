//! Programs that print credentials (`credential_process`).

use std::path::Path;

use super::credentials::{Credentials, Written};
use crate::transport::process::{Failure, Program};
use crate::transport::runtime;
use crate::{RunContext, VaultError, VaultErrorKind};

/// More than this are no credentials.
const MAX_ANSWER: usize = 1024 * 1024;

/// Runs the line of a profile, as AWS's own tools do it: by the shell. It runs in the folder of the
/// configuration, which is the operator's, and its environment is without what an author sets.
pub(super) async fn run(
    line: &str,
    folder: &Path,
    run: &RunContext,
) -> Result<Credentials, VaultError> {
    let program = Program::new("sh".as_ref(), folder).args(["-c", line]);
    let outcome = program.run(&[], MAX_ANSWER, run.remaining()).await;
    let output = outcome.map_err(|failure| match failure {
        Failure::TooLong => VaultError::new(
            VaultErrorKind::Timeout,
            "the credential_process of the AWS profile gave no credentials in time",
        ),
        Failure::NoRuntime => runtime::missing(),
        Failure::TooMuch => nonsense(),
        _ => VaultError::configuration("the credential_process of the AWS profile cannot be run"),
    })?;
    if output.code != Some(0) {
        let message = "the credential_process of the AWS profile failed";
        return Err(VaultError::new(VaultErrorKind::Unauthenticated, message)
            .with_hint("run it by hand: what it writes is not shown, since it may hold a secret"));
    }
    let written: Written = serde_json::from_slice(&output.stdout).map_err(|_| nonsense())?;
    let is_known = written.version == Some(1);
    written.read().filter(|_| is_known).ok_or_else(nonsense)
}

fn nonsense() -> VaultError {
    VaultError::invalid_answer(
        "what the credential_process of the AWS profile prints is not JSON with credentials of version 1",
    )
}
