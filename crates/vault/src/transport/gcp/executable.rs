//! Programs that print the token of a workload.
//!
//! <https://google.aip.dev/auth/4117>

use std::path::Path;
use std::time::Duration;

use serde::Deserialize;
use zeroize::Zeroizing;

use super::external::External;
use super::settings;
use super::subject::Executable;
use crate::transport::process::{Failure, Output, Program};
use crate::transport::{runtime, text_file};
use crate::{RunContext, Settings, VaultError, VaultErrorKind, clock};

/// More than this is not a token.
const MAX_ANSWER: usize = 1024 * 1024;

/// How long a program may take, unless the credentials say so.
const PATIENCE: Duration = Duration::from_secs(30);

/// What a program prints.
#[derive(Deserialize)]
struct Printed {
    version: u64,
    success: bool,
    #[serde(default)]
    token_type: Option<String>,
    #[serde(default)]
    id_token: Option<Zeroizing<String>>,
    #[serde(default)]
    saml_response: Option<Zeroizing<String>>,
    #[serde(default)]
    expiration_time: Option<u64>,
}

/// A program of credentials, and what it is told.
pub(super) struct Run<'a> {
    pub(super) executable: &'a Executable,
    pub(super) external: &'a External,
    /// The folder of the credentials.
    pub(super) folder: &'a Path,
    pub(super) settings: &'a Settings,
    pub(super) run: &'a RunContext,
}

/// Runs the program of credentials, if the operator allows that: whoever writes the file of the
/// credentials is not always who runs it.
pub(super) async fn token(run: &Run<'_>) -> Result<Zeroizing<String>, VaultError> {
    if run.settings.switch(settings::EXECUTABLES.name)? != Some(true) {
        return Err(VaultError::configuration(
            "the Google credentials name a program to log in with, and {} is not set",
        )
        .with_name(settings::EXECUTABLES.name)
        .with_hint("set it to `true` if the program may run"));
    }
    if let Some(token) = run.kept() {
        return Ok(token);
    }
    let output = run.start().await?;
    if output.code != Some(0) {
        return Err(nothing());
    }
    let printed: Printed = serde_json::from_slice(&output.stdout).map_err(|_| nonsense())?;
    printed.token()
}

impl Printed {
    fn token(self) -> Result<Zeroizing<String>, VaultError> {
        if !self.success || self.version != 1 {
            return Err(nothing());
        }
        if self.expiration_time.is_some_and(|end| end <= clock::now()) {
            let message = "the token of the program that the Google credentials name has ended";
            return Err(VaultError::new(VaultErrorKind::Unauthenticated, message));
        }
        let is_saml = |kind: &String| kind == "urn:ietf:params:oauth:token-type:saml2";
        let token = if self.token_type.as_ref().is_some_and(is_saml) {
            self.saml_response
        } else {
            self.id_token
        };
        token.filter(|token| !token.is_empty()).ok_or_else(nonsense)
    }
}

impl Run<'_> {
    /// The token of an earlier run of the program, if it keeps one where the credentials say and
    /// tells when that ends. Whatever is wrong with it, the program is asked.
    fn kept(&self) -> Option<Zeroizing<String>> {
        let file = self.executable.output_file.as_deref()?;
        let text = text_file::read(&self.folder.join(file)).ok()?;
        let printed: Printed = serde_json::from_str(&text).ok()?;
        printed.expiration_time?;
        printed.token().ok()
    }

    /// Runs it as Google's libraries do: its words are separated by spaces, and no shell is asked. It
    /// runs in the folder of the credentials, which is the operator's.
    async fn start(&self) -> Result<Output, VaultError> {
        let cannot = || {
            VaultError::configuration("the program that the Google credentials name cannot be run")
        };
        let external = self.external;
        let mut words = self.executable.command.split_whitespace();
        let name = words.next().ok_or_else(cannot)?;
        // A bare name is looked for in `PATH`.
        let path = if name.contains(['/', '\\']) {
            self.folder.join(name)
        } else {
            Path::new(name).to_owned()
        };
        let mut program = Program::new(&path, self.folder)
            .args(words)
            .env("GOOGLE_EXTERNAL_ACCOUNT_AUDIENCE", &external.audience)
            .env("GOOGLE_EXTERNAL_ACCOUNT_TOKEN_TYPE", &external.token_type)
            .env("GOOGLE_EXTERNAL_ACCOUNT_INTERACTIVE", "0")
            .env(settings::EXECUTABLES.name, "1");
        if let Some(account) = &external.acts_as {
            program = program.env(
                "GOOGLE_EXTERNAL_ACCOUNT_IMPERSONATED_EMAIL",
                account.email(),
            );
        }
        if let Some(file) = &self.executable.output_file {
            let file = self.folder.join(file);
            program = program.env("GOOGLE_EXTERNAL_ACCOUNT_OUTPUT_FILE", file);
        }
        let patience = self.executable.timeout_millis.map(Duration::from_millis);
        let time = self.run.remaining().min(patience.unwrap_or(PATIENCE));
        let outcome = program.run(&[], MAX_ANSWER, time).await;
        outcome.map_err(|failure| match failure {
            Failure::TooLong => VaultError::new(
                VaultErrorKind::Timeout,
                "the program that the Google credentials name brought no token in time",
            ),
            Failure::NoRuntime => runtime::missing(),
            Failure::TooMuch => nonsense(),
            _ => cannot(),
        })
    }
}

fn nothing() -> VaultError {
    let message = "the program that the Google credentials name brings no token";
    VaultError::new(VaultErrorKind::Unauthenticated, message)
        .with_hint("run it by hand: what it prints is not shown, since it may hold a secret")
}

fn nonsense() -> VaultError {
    VaultError::invalid_answer(
        "what the program that the Google credentials name prints is not JSON with a token of version 1",
    )
}
