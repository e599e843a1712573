mod answer;
#[cfg(test)]
mod test_shares;
#[cfg(test)]
mod tests;

use std::collections::{BTreeMap, BTreeSet};
use std::fmt;
use std::path::{Component, Path, PathBuf};
use std::sync::Arc;

use async_trait::async_trait;
use futures_util::stream::{self, StreamExt as _};
use serde::Serialize;

use crate::settings::ConnectContext;
use crate::shared::{Shareable, SharedReads};
use crate::transport::process::{Failure, Program};
use crate::transport::runtime;
use crate::{
    Keys, RunContext, Secret, SecretRequest, Settings, VaultBackend, VaultError, VaultErrorKind,
};

/// More than this is not what was asked for.
const MOST: usize = 64 * 1024 * 1024;

const SETTING: &str = "MANIFILL_COMMAND";

/// Only the operator knows whether what it prints is for one or for all (rule R14).
const SHARE: &str = "MANIFILL_COMMAND_SHARE";

/// Makes the backend from its settings; nothing is started yet.
///
/// # Errors
/// [`VaultErrorKind::Configuration`] if `MANIFILL_COMMAND` is missing or wrong.
pub fn connect(
    settings: &Settings,
    context: &ConnectContext,
) -> Result<Arc<dyn VaultBackend>, VaultError> {
    let missing =
        || Err(wrong("{} is not set").with_hint("set it to the full path of an executable"));
    let command = settings.value(SETTING).map_or_else(missing, Command::parse);
    let (command, shares) = VaultError::both(command, settings.switch(SHARE))?;
    let mut command = command.with_folder(settings.program_folder(SETTING));
    if shares.unwrap_or(false) {
        let shares = |sharing| Arc::new(SharedReads::new(sharing, &command.program));
        command.shares = context.sharing().map(shares);
    }
    Ok(Arc::new(command))
}

/// An executable that reads secrets.
///
/// `Debug` shows the executable and not its arguments, which may hold a secret.
#[derive(Clone)]
pub struct Command {
    program: String,
    arguments: Vec<String>,
    folder: PathBuf,
    /// What runs share, in a long-lived program.
    shares: Option<Arc<SharedReads<Question, Secret, VaultError>>>,
}

impl Shareable for Secret {}

impl Command {
    /// Reads from this executable: its full path, or a name that is looked up in `PATH`.
    ///
    /// # Errors
    /// [`VaultErrorKind::Configuration`] if it is neither.
    pub fn new(
        program: impl Into<String>,
        arguments: impl IntoIterator<Item = String>,
    ) -> Result<Self, VaultError> {
        let program = program.into();
        let mut parts = Path::new(&program).components();
        let is_name = matches!(parts.next(), Some(Component::Normal(_))) && !program.contains('/');
        if program.contains('\0') || !(is_name || Path::new(&program).is_absolute()) {
            return Err(
                wrong("{} must name an executable by its full path, or by a name in PATH")
                    .with_hint("a path that starts from the working folder could lead to a file of the app's author"),
            );
        }
        Ok(Command {
            program,
            arguments: arguments.into_iter().collect(),
            folder: PathBuf::from("/"),
            shares: None,
        })
    }

    /// Sets the folder that the executable runs in; without it, that is the root of all files.
    pub fn with_folder(mut self, folder: impl Into<PathBuf>) -> Self {
        self.folder = folder.into();
        self
    }

    /// Reads the setting: an executable, or a JSON list of it and its arguments.
    fn parse(text: &str) -> Result<Self, VaultError> {
        if !text.starts_with('[') {
            return Command::new(text, []);
        }
        let words: Option<Vec<String>> = serde_json::from_str(text).ok();
        let mut words = words.into_iter().flatten();
        match words.next() {
            Some(program) => Command::new(program, words),
            None => Err(wrong("{} must be a path, or a JSON list of texts")
                .with_hint("[\"/usr/local/bin/read-secret\", \"--profile\", \"prod\"]")),
        }
    }

    /// Asks the executable, or takes what it has just told another run that asked the same.
    async fn find(&self, question: &Question, run: &RunContext) -> Result<Secret, VaultError> {
        let Some(shares) = &self.shares else {
            return self.ask(question, run).await;
        };
        let ask = |run: RunContext| {
            let (command, question) = (self.clone(), question.clone());
            async move { command.ask(&question, &run).await }
        };
        let mut found = shares.read(question, run, &ask).await?;
        let has = |key: &String| found.value(key).is_some_and(|value| value.is_ok());
        if found.is_old && !question.keys.iter().flatten().all(has) {
            shares.forget(question, &found);
            found = shares.read(question, run, &ask).await?;
        }
        Ok(Secret::clone(&found))
    }

    /// Starts the executable for one path and version.
    async fn ask(&self, question: &Question, run: &RunContext) -> Result<Secret, VaultError> {
        let error = |kind, message| VaultError::new(kind, message).with_name(&self.program);
        let input = serde_json::to_vec(question).map_err(|_| {
            error(
                VaultErrorKind::InvalidRequest,
                "the request for {} cannot be written",
            )
        })?;
        let program = Program::new(self.program.as_ref(), &self.folder).args(&self.arguments);
        let outcome = program.run(&input, MOST, run.remaining()).await;
        let output = outcome.map_err(|failure| {
            use VaultErrorKind::{Configuration, InvalidAnswer, Timeout, Unavailable};
            match failure {
                Failure::NoSuchFile => {
                    let missing = error(Configuration, "there is no executable {}");
                    let missing = missing.about_setting(SETTING);
                    if self.program.contains(char::is_whitespace) && self.arguments.is_empty() {
                        missing.with_hint(
                            "MANIFILL_COMMAND with arguments is a JSON list: [\"op\", \"read\"]",
                        )
                    } else {
                        missing
                    }
                }
                Failure::NotExecutable => {
                    error(Configuration, "{} may not be executed").about_setting(SETTING)
                }
                Failure::Broken => error(Unavailable, "{} cannot be started"),
                Failure::NoRuntime => runtime::missing(),
                Failure::TooMuch => error(InvalidAnswer, "{} prints too much"),
                Failure::TooLong => {
                    error(Timeout, "{} was not done in time for path {}").with_name(&question.path)
                }
            }
        })?;
        if output.code != Some(0) {
            let failed = match output.code {
                Some(code) => error(
                    VaultErrorKind::Unavailable,
                    "{} failed with status {} for path {}",
                )
                .with_name(code.to_string()),
                None => error(
                    VaultErrorKind::Unavailable,
                    "{} was ended by a signal for path {}",
                ),
            };
            let failed = failed.with_name(&question.path);
            return Err(if output.stderr.is_empty() {
                failed
            } else {
                failed.with_hint(
                "it wrote to standard error, which is not shown since it may hold secrets; run it by hand",
            )
            });
        }
        answer::read(
            &output.stdout,
            &self.program,
            &question.path,
            question.version.as_deref(),
        )
    }
}

impl fmt::Debug for Command {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Command")
            .field("program", &self.program)
            .finish_non_exhaustive()
    }
}

/// What the executable is asked.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Serialize)]
struct Question {
    path: String,
    version: Option<String>,
    /// `None` for all.
    keys: Option<BTreeSet<String>>,
}

/// What tells one read from another: path and version.
type PathVersion = (String, Option<String>);

#[async_trait]
impl VaultBackend for Command {
    async fn read(
        &self,
        requests: &[SecretRequest],
        run: &RunContext,
    ) -> Vec<Result<Secret, VaultError>> {
        let mut questions: BTreeMap<PathVersion, Question> = BTreeMap::new();
        for request in requests {
            let question = questions.entry(place(request)).or_insert_with(|| Question {
                path: request.path.as_str().to_owned(),
                version: request.version.clone(),
                keys: Some(BTreeSet::new()),
            });
            match (&mut question.keys, &request.keys) {
                (keys, Keys::All) => *keys = None,
                (Some(keys), Keys::Names(names)) => keys.extend(names.iter().map(str::to_owned)),
                (None, _) => {}
            }
        }
        let asked = questions
            .into_iter()
            .map(|(place, question)| async move { (place, self.find(&question, run).await) });
        let answers: BTreeMap<_, _> = stream::iter(asked)
            .buffer_unordered(run.concurrency())
            .collect()
            .await;
        requests
            .iter()
            .map(|request| match answers.get(&place(request)) {
                Some(answer) => answer.clone(),
                None => Err(VaultError::new(
                    VaultErrorKind::InvalidAnswer,
                    "{} was not asked for path {}",
                )
                .with_name(&self.program)
                .with_name(request.path.as_str())),
            })
            .collect()
    }
}

fn place(request: &SecretRequest) -> PathVersion {
    (request.path.as_str().to_owned(), request.version.clone())
}

fn wrong(message: &'static str) -> VaultError {
    VaultError::new(VaultErrorKind::Configuration, message).with_name(SETTING)
}
