//! The logins of Azure's command lines (`az login`, `azd auth login`).

use std::path::{Path, PathBuf};

use super::token::Granted;
use crate::shared::LoginToken;
use crate::transport::process::{Failure, Program};
use crate::transport::runtime;
use crate::{RunContext, VaultError, VaultErrorKind};

/// More than this is no token.
const MAX_ANSWER: usize = 1024 * 1024;

/// A tool that somebody has logged in with.
pub(super) struct CommandLine {
    /// What the operator's `PATH` says where it is.
    pub(super) program: PathBuf,
    tool: Tool,
    /// The folder of its settings.
    folder: Option<PathBuf>,
    tenant: Option<String>,
}

enum Tool {
    Azure,
    Developers,
}

impl Tool {
    fn name(&self) -> &'static str {
        match self {
            Tool::Azure => "az",
            Tool::Developers => "azd",
        }
    }

    fn hint(&self) -> &'static str {
        match self {
            Tool::Azure => "log in with `az login`; what it writes is not shown",
            Tool::Developers => "log in with `azd auth login`; what it writes is not shown",
        }
    }
}

impl CommandLine {
    /// The Azure CLI.
    pub(super) fn azure(folder: Option<PathBuf>, tenant: Option<String>) -> Self {
        CommandLine {
            program: Tool::Azure.name().into(),
            tool: Tool::Azure,
            folder,
            tenant,
        }
    }

    /// The Azure Developer CLI.
    pub(super) fn developers(tenant: Option<String>) -> Self {
        CommandLine {
            program: Tool::Developers.name().into(),
            tool: Tool::Developers,
            folder: None,
            tenant,
        }
    }

    /// Asks for a token, as Azure's own libraries do it; `None` if there is no such program. It runs
    /// in the root of all files, and its environment is without what an author sets.
    pub(super) async fn log_in(
        &self,
        resource: &str,
        run: &RunContext,
    ) -> Result<Option<LoginToken>, VaultError> {
        let mut program = Program::new(&self.program, Path::new("/"));
        program = match self.tool {
            Tool::Azure => program
                .args(["account", "get-access-token", "--output", "json"])
                .args(["--resource", resource]),
            Tool::Developers => program
                .args(["auth", "token", "--output", "json", "--no-prompt"])
                .args(["--scope", &format!("{resource}/.default")]),
        };
        if let Some(tenant) = &self.tenant {
            program = match self.tool {
                Tool::Azure => program.args(["--tenant", tenant]),
                Tool::Developers => program.args(["--tenant-id", tenant]),
            };
        }
        if let Some(folder) = &self.folder {
            program = program.env("AZURE_CONFIG_DIR", folder);
        }
        let named = |error: VaultError| error.with_name(self.tool.name());
        let nonsense = || {
            named(VaultError::invalid_answer(
                "what {} prints is not JSON with a token",
            ))
        };
        let output = match program.run(&[], MAX_ANSWER, run.remaining()).await {
            Ok(output) => output,
            Err(Failure::NoSuchFile) => return Ok(None),
            Err(Failure::TooLong) => {
                let message = "{} gave no token in time";
                return Err(named(VaultError::new(VaultErrorKind::Timeout, message)));
            }
            Err(Failure::NoRuntime) => return Err(runtime::missing()),
            Err(Failure::TooMuch) => return Err(nonsense()),
            Err(_) => return Err(named(VaultError::configuration("{} cannot be run"))),
        };
        if output.code != Some(0) {
            let message = "{} gives no token for {}";
            let error = VaultError::new(VaultErrorKind::Unauthenticated, message);
            return Err(named(error).with_name(resource).with_hint(self.tool.hint()));
        }
        let granted: Granted = serde_json::from_slice(&output.stdout).map_err(|_| nonsense())?;
        granted.token(self.tool.name()).map(Some)
    }
}
