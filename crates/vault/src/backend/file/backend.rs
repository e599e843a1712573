#[cfg(test)]
mod tests;

use std::borrow::Cow;
use std::collections::HashMap;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use async_trait::async_trait;
use serde_json::value::RawValue;
use zeroize::Zeroizing;

use crate::format::raw_json::Map;
use crate::format::yaml;
use crate::settings::ConnectContext;
use crate::transport::text_file::{self, Unread};
use crate::{
    Exposed, RunContext, Secret, SecretRequest, SecretValue, Settings, VaultBackend, VaultError,
    VaultErrorKind,
};

/// Makes the backend from its settings.
///
/// # Errors
/// [`VaultErrorKind::Configuration`] if `MANIFILL_FILE` is not set. The file itself is opened
/// when it is read.
pub fn connect(
    settings: &Settings,
    _: &ConnectContext,
) -> Result<Arc<dyn VaultBackend>, VaultError> {
    match settings.path("MANIFILL_FILE") {
        Some(path) => Ok(Arc::new(FileBackend::open(path))),
        None => Err(VaultError::configuration("{} is not set")
            .with_name("MANIFILL_FILE")
            .with_hint("set it to the YAML or JSON file with the secrets")),
    }
}

/// Secrets in a YAML or JSON file.
///
/// ```
/// use manifill_vault::backend::file::FileBackend;
/// use manifill_vault::{Keys, RunContext, SecretPath, SecretRequest, VaultBackend};
///
/// # let folder = tempfile::tempdir().unwrap();
/// # let path = folder.path().join("secrets.yaml");
/// std::fs::write(&path, "db: {user: svc_orders, pin: 0042}\n").unwrap();
/// let backend = FileBackend::open(&path);
/// let request = SecretRequest::new(SecretPath::verbatim("db"), Keys::All);
/// # futures_util::future::FutureExt::now_or_never(async {
/// let answers = backend.read(&[request], &RunContext::default()).await;
/// let secret = answers[0].as_ref().unwrap();
/// assert_eq!(secret.value("pin").unwrap().unwrap().expose().as_text(), Some("0042"));
/// # }).unwrap();
/// ```
#[derive(Clone, Debug)]
pub struct FileBackend {
    path: PathBuf,
}

impl FileBackend {
    /// Reads from this file: JSON if its name ends with `.json`, else YAML. It is opened anew for
    /// each run.
    pub fn open(path: impl Into<PathBuf>) -> Self {
        FileBackend { path: path.into() }
    }

    /// The file.
    pub fn path(&self) -> &Path {
        &self.path
    }

    fn name(&self) -> String {
        self.path.display().to_string()
    }

    fn answers(
        &self,
        requests: &[SecretRequest],
        run: &RunContext,
    ) -> Result<Vec<Result<Secret, VaultError>>, VaultError> {
        let text = self.text(run)?;
        let is_json = self
            .path
            .extension()
            .is_some_and(|extension| extension.eq_ignore_ascii_case("json"));
        if is_json {
            let entries = self.json(&text)?;
            // A file can hold far more than one run wants, so each value is read by itself.
            let find = |place: &str| match last(&entries, place) {
                Some(value) => match SecretValue::from_json(value.get()) {
                    Some(value) => Ok(Some(Cow::Owned(value))),
                    None => Err(VaultError::configuration(
                        "what the file {} holds at path {} is nested too deeply",
                    )
                    .with_name(self.name())
                    .with_name(place)),
                },
                None => Ok(None),
            };
            return Ok(requests.iter().map(|one| self.answer(one, find)).collect());
        }
        let content = self.yaml(&text)?;
        drop(text);
        let entries: HashMap<&str, &SecretValue> = match content.expose() {
            Exposed::Map(entries) => entries
                .iter()
                .map(|(path, values)| (path.as_str(), values))
                .collect(),
            Exposed::Null => HashMap::new(),
            _ => return Err(self.no_map()),
        };
        let find = |place: &str| Ok(entries.get(place).copied().map(Cow::Borrowed));
        Ok(requests.iter().map(|one| self.answer(one, find)).collect())
    }

    fn text(&self, run: &RunContext) -> Result<Zeroizing<String>, VaultError> {
        text_file::read_until(&self.path, run.deadline()).map_err(|unread| {
            let kind = match unread {
                Unread::TooLate => VaultErrorKind::Timeout,
                _ => VaultErrorKind::Configuration,
            };
            VaultError::new(kind, unread.message()).with_name(self.name())
        })
    }

    /// The entries of a JSON file, sorted by their paths, the values not read yet.
    fn json<'t>(&self, text: &'t str) -> Result<Vec<(String, &'t RawValue)>, VaultError> {
        let text = text.strip_prefix('\u{feff}').unwrap_or(text);
        let misread = |error: serde_json::Error| {
            self.misread("this is not JSON", error.line(), error.column())
        };
        let content: &RawValue = serde_json::from_str(text).map_err(misread)?;
        match content.get().as_bytes().first() {
            Some(b'{') => {
                let Map(mut entries) = serde_json::from_str(text).map_err(misread)?;
                entries.sort_by(|(one, _), (other, _)| one.cmp(other));
                Ok(entries)
            }
            Some(b'n') => Ok(Vec::new()),
            _ => Err(self.no_map()),
        }
    }

    fn no_map(&self) -> VaultError {
        VaultError::configuration("the file {} is not a map from paths to secrets")
            .with_name(self.name())
    }

    fn yaml(&self, text: &str) -> Result<SecretValue, VaultError> {
        yaml::read(text).map_err(|error| self.misread(error.problem, error.line, error.column))
    }

    fn misread(&self, problem: &'static str, line: usize, column: usize) -> VaultError {
        VaultError::configuration(problem).with_name(format!("{}:{line}:{column}", self.name()))
    }

    fn answer<'c>(
        &self,
        request: &SecretRequest,
        find: impl Fn(&str) -> Result<Option<Cow<'c, SecretValue>>, VaultError>,
    ) -> Result<Secret, VaultError> {
        let path = request.path.as_str();
        let place = match &request.version {
            Some(version) => Cow::Owned(format!("{path}#{version}")),
            None => Cow::Borrowed(path),
        };
        let Some(values) = find(&place)? else {
            let missing =
                |message| VaultError::new(VaultErrorKind::NotFound, message).with_name(path);
            return Err(match &request.version {
                Some(version) => {
                    missing("could not find secrets at path {} with version {}").with_name(version)
                }
                None => missing("could not find secrets at path {}"),
            });
        };
        let Exposed::Map(values) = values.expose() else {
            return Err(VaultError::configuration(
                "what the file {} holds at path {} is not a map of keys",
            )
            .with_name(self.name())
            .with_name(place));
        };
        let secret = Secret::wanted_of(values, &request.keys);
        Ok(match &request.version {
            Some(version) => secret.with_version(version),
            None => secret,
        })
    }
}

#[async_trait]
impl VaultBackend for FileBackend {
    async fn read(
        &self,
        requests: &[SecretRequest],
        run: &RunContext,
    ) -> Vec<Result<Secret, VaultError>> {
        match self.answers(requests, run) {
            Ok(answers) => answers,
            Err(error) => {
                let error = error.about_setting("MANIFILL_FILE");
                requests.iter().map(|_| Err(error.clone())).collect()
            }
        }
    }
}

/// The last of the entries with this path; those with equal paths are in the order of the file.
fn last<'t>(sorted: &[(String, &'t RawValue)], path: &str) -> Option<&'t RawValue> {
    let behind = sorted.partition_point(|(other, _)| other.as_str() <= path);
    let (found, value) = sorted.get(behind.checked_sub(1)?)?;
    (found == path).then_some(*value)
}
