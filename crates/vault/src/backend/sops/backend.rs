mod age;
mod cipher;
mod decrypt;
mod format;
mod gcp_kms;
mod json;
mod key_server;
mod key_vault;
mod kms;
mod lines;
mod metadata;
mod opening;
mod path;
mod pgp;
#[cfg(test)]
mod sealing;
mod shamir;
mod source;
#[cfg(test)]
mod test_costs;
#[cfg(test)]
mod test_damage;
#[cfg(test)]
mod test_gcp_kms;
#[cfg(test)]
mod test_key_vault;
#[cfg(test)]
mod test_keys;
#[cfg(test)]
mod test_kms;
#[cfg(test)]
#[cfg(unix)]
mod test_roots;
#[cfg(test)]
mod test_samples;
#[cfg(test)]
mod test_transit;
#[cfg(test)]
mod tests;
mod transit;
mod tree;
mod types;
mod yaml;

use std::collections::BTreeMap;
use std::fmt;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use async_trait::async_trait;
use futures_util::stream::{self, StreamExt as _};

use self::age::AgeKeys;
use self::cipher::Damage;
use self::format::{Format, Parts};
use self::metadata::Metadata;
use self::opening::{Clouds, Opener};
use self::path::Roots;
use self::source::Source;
use self::transit::Transit;
use self::tree::Misread;
use crate::backend::home::Home;
use crate::settings::ConnectContext;
use crate::transport::aws::Aws;
use crate::transport::azure::Azure;
use crate::transport::gcp::Gcp;
use crate::transport::gpg::Gpg;
use crate::{
    Keys, PathError, RunContext, Secret, SecretPath, SecretRequest, SecretValue, Settings,
    VaultBackend, VaultError, VaultErrorKind,
};

/// More than SOPS writes about a file of very many recipients.
const MAX_END: usize = 1024 * 1024;

/// Files that were encrypted with SOPS.
pub struct Sops {
    /// The working folder.
    base: PathBuf,
    /// The folder that the operator opens.
    opened: Option<PathBuf>,
    age: AgeKeys,
    gpg: Gpg,
    transit: Transit,
    /// What is wrong with its settings matters to files with keys of AWS only.
    aws: Result<Aws, VaultError>,
    /// The same, for files with keys of Azure Key Vault.
    azure: Result<Azure, VaultError>,
    /// So it is with those of Google.
    google: Result<Gcp, VaultError>,
}

/// Makes the backend from its settings.
///
/// # Errors
/// [`VaultErrorKind::Configuration`] if a setting is wrong. Keys are read when a file needs them.
pub fn connect(
    settings: &Settings,
    context: &ConnectContext,
) -> Result<Arc<dyn VaultBackend>, VaultError> {
    let mut sops = Sops::from_settings(settings)?;
    if sops.opened.is_none() {
        sops.opened = context.file_root().map(Path::to_owned);
    }
    Ok(Arc::new(sops))
}

/// Whether a file among manifests is none: SOPS wrote each document of it, and none has a `kind`
/// that could be read. An object with an encrypted `data` is still one, and so is one that is
/// encrypted as a whole, `apiVersion` and `kind` included: the cluster is to refuse it, not to
/// miss it.
///
/// ```
/// use manifill_vault::backend::sops::holds_no_object;
///
/// let sealed = "ENC[AES256_GCM,data:QQ==,iv:QQ==,tag:QQ==,type:str]";
/// let values = format!("password: {sealed}\nsops:\n  mac: {sealed}\n");
/// assert!(holds_no_object(values.as_bytes()));
/// assert!(!holds_no_object(format!("kind: Secret\n{values}").as_bytes()));
/// ```
pub fn holds_no_object(manifest: &[u8]) -> bool {
    // Most manifests hold nothing encrypted, and some are very big. SOPS writes its own part, the
    // hash in it, at the end.
    let end = &manifest[manifest.len().saturating_sub(MAX_END)..];
    memchr::memmem::find(end, cipher::MARK.as_bytes()).is_some()
        && std::str::from_utf8(manifest).is_ok_and(format::holds_no_object)
}

impl Sops {
    /// Makes the backend from its settings. Files are found below [`RunContext::roots`], else below
    /// the working folder, which is [`Settings::base`] or that of the process, and below
    /// `MANIFILL_FILE_ROOT`.
    ///
    /// # Errors
    /// [`VaultErrorKind::Configuration`] if a setting is wrong.
    pub fn from_settings(settings: &Settings) -> Result<Self, VaultError> {
        Sops::at_home(settings, Home::of_process().as_ref())
    }

    /// The same with another home folder, or none.
    fn at_home(settings: &Settings, home: Option<&Home>) -> Result<Self, VaultError> {
        let settings = &settings.with_aliases(super::info::INFO.settings);
        let base = settings.base().unwrap_or(Path::new(".")).to_owned();
        let folder = home.map(|home| home.folder.as_path());
        Ok(Sops {
            base,
            opened: settings.path("MANIFILL_FILE_ROOT"),
            age: AgeKeys::from_settings(settings, home),
            gpg: Gpg::from_settings(settings, "SOPS_GPG_EXEC", "GNUPGHOME"),
            transit: Transit::from_settings(settings, home)?,
            aws: Aws::at_home(settings, &kms::SERVICE, folder),
            azure: Azure::from_settings(settings),
            google: Gcp::at_home(settings, &gcp_kms::SERVICE, folder),
        })
    }
}

impl Sops {
    /// Where the file of each request is. One of the app's own comes before one that the operator
    /// opens.
    fn find(
        &self,
        requests: &[SecretRequest],
        run: &RunContext,
    ) -> Vec<Result<Source, VaultError>> {
        let roots = Roots::new(&self.base, run.roots(), self.opened.as_deref());
        let paths = requests.iter().map(|request| &request.path);
        paths
            .map(|path| match run.app_files() {
                Some(files) => Source::of_app(files, path, || {
                    let opened = self.opened.as_ref()?;
                    roots.find(path).ok().filter(|_| opened.is_dir())
                }),
                None => roots.find(path).map(Source::Disk),
            })
            .collect()
    }
}

impl fmt::Debug for Sops {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Sops")
            .field("base", &self.base)
            .field("opened", &self.opened)
            .finish_non_exhaustive()
    }
}

#[async_trait]
impl VaultBackend for Sops {
    async fn read(
        &self,
        requests: &[SecretRequest],
        run: &RunContext,
    ) -> Vec<Result<Secret, VaultError>> {
        let found = self.find(requests, run);
        // Each file is decrypted once, however it is written.
        let mut files: BTreeMap<Source, String> = BTreeMap::new();
        for (request, found) in requests.iter().zip(&found) {
            if let Ok(file) = found {
                let name = request.path.as_str();
                files.entry(file.clone()).or_insert_with(|| name.to_owned());
            }
        }
        let clouds = Clouds {
            aws: &self.aws,
            azure: &self.azure,
            google: &self.google,
        };
        let opener = Opener::new(&self.age, &self.gpg, &self.transit, clouds, run);
        let opener = &opener;
        let reads = files.into_iter().map(|(file, name)| async move {
            let content = Content::read(&file, &name, opener).await;
            (file, content)
        });
        let contents: BTreeMap<Source, Result<Content, VaultError>> = stream::iter(reads)
            .buffer_unordered(run.concurrency())
            .collect()
            .await;
        let answer = |(request, found): (&SecretRequest, Result<Source, VaultError>)| {
            let file = found?;
            match contents.get(&file) {
                Some(Ok(content)) => Ok(content.secret(&request.keys)),
                Some(Err(error)) => Err(error.clone()),
                None => Err(
                    VaultError::new(VaultErrorKind::NotFound, "there is no file {}")
                        .with_name(request.path.as_str()),
                ),
            }
        };
        requests.iter().zip(found).map(answer).collect()
    }

    fn parse_path(&self, path: &str) -> Result<SecretPath, PathError> {
        path::parse(path)
    }

    fn has_versions(&self) -> bool {
        false
    }
}

/// The decrypted values of a file by their keys at the top. A key that several documents have
/// with different values is an error of its own.
struct Content(Vec<(String, Result<SecretValue, VaultError>)>);

impl Content {
    async fn read(file: &Source, name: &str, opener: &Opener<'_>) -> Result<Self, VaultError> {
        let wrong = |kind, message| VaultError::new(kind, message).with_name(name);
        let text = file.text(name, opener.run)?;
        let Parts { documents, about } = Format::of(file.path())
            .read(&text)
            .map_err(|error| misread(&error, name))?;
        let about = about.ok_or_else(|| {
            wrong(
                VaultErrorKind::Configuration,
                "the file {} is not encrypted with SOPS",
            )
        })?;
        let metadata = Metadata::read(&about)
            .map_err(|problem| wrong(VaultErrorKind::Configuration, problem))?;
        let key = opener.data_key(&metadata, name).await?;
        let documents = decrypt::decrypt(&documents, &metadata, &key, opener.run);
        let documents = documents.map_err(|damage| match damage {
            Damage::TooLate => opening::too_late(name),
            Damage::LongNames => wrong(
                VaultErrorKind::InvalidAnswer,
                "the names that lead to a value of the file {} are longer than 4 KiB",
            ),
            Damage::NotEncrypted => wrong(
                VaultErrorKind::InvalidAnswer,
                "the file {} holds a value in clear text that should be encrypted",
            )
            .with_hint("edit the file with `sops edit`"),
            Damage::Changed => wrong(
                VaultErrorKind::InvalidAnswer,
                "the file {} was changed after it was encrypted",
            )
            .with_hint("check where it comes from; change it with `sops edit` only"),
        })?;
        Ok(Content::merged(documents, name))
    }

    fn merged(documents: decrypt::Documents, name: &str) -> Self {
        let mut merged: Vec<(String, Result<SecretValue, VaultError>)> = Vec::new();
        let mut places = BTreeMap::new();
        for (key, value) in documents.into_iter().flatten() {
            match places.get(&key) {
                None => {
                    places.insert(key.clone(), merged.len());
                    merged.push((key, Ok(value)));
                }
                Some(&place) => {
                    let known: &mut (String, Result<SecretValue, VaultError>) = &mut merged[place];
                    if known.1.as_ref().is_ok_and(|known| *known != value) {
                        known.1 = Err(VaultError::new(
                            VaultErrorKind::Ambiguous,
                            "several documents of the file {} have the key {}",
                        )
                        .with_name(name)
                        .with_name(key)
                        .with_hint("put the documents into files of their own"));
                    }
                }
            }
        }
        Content(merged)
    }

    fn secret(&self, keys: &Keys) -> Secret {
        let names = self.0.iter().map(|(key, _)| key.as_str());
        let mut secret = Secret::new().with_names(names);
        for (key, value) in &self.0 {
            if keys.wants(key) {
                secret.insert(key.as_str(), value.clone());
            }
        }
        secret
    }
}

fn misread(error: &Misread, name: &str) -> VaultError {
    VaultError::new(VaultErrorKind::Configuration, error.problem)
        .with_name(format!("{name}:{}:{}", error.line, error.column))
}
