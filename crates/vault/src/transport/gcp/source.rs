//! Where credentials are looked for, in their order.

use std::path::{Path, PathBuf};

use zeroize::Zeroizing;

use super::credentials::{Credentials, Found};
use super::metadata;
use super::settings;
use super::universe::Universe;
use crate::transport::text_file::{self, Unread};
use crate::{RunContext, Settings, VaultError};

/// What gcloud calls the file of `gcloud auth application-default login`.
const WELL_KNOWN: &str = "application_default_credentials.json";

/// What a run logs in with.
pub(super) struct Sourced {
    pub(super) found: Found,
    /// The folder of the file, from which names in it start, and in which a program of it runs.
    pub(super) folder: PathBuf,
    /// The text of the credentials.
    text: Zeroizing<String>,
}

impl Sourced {
    /// Tells the run what no app is to be given (rule R7).
    pub(super) fn remember(&self, run: &RunContext) {
        run.remember_login(self.text.trim());
        match self.found.credentials.first() {
            Credentials::Account(account) => run.remember_login(account.private_key.trim()),
            Credentials::User(user) => {
                run.remember_login(&user.refresh_token);
                run.remember_login(&user.client_secret);
            }
            Credentials::Worker(worker) => {
                run.remember_login(&worker.refresh_token);
                run.remember_login(&worker.client_secret);
            }
            _ => {}
        }
    }
}

/// Finds credentials. The first source that is set up counts, whether it works or not: what another
/// one gives is somebody else's.
///
/// # Errors
/// If credentials cannot be read.
pub(super) fn find(settings: &Settings, home: Option<&Path>) -> Result<Sourced, VaultError> {
    let name = settings::CREDENTIALS.name;
    if let Some(text) = settings.value(name) {
        if text.starts_with('{') {
            let folder = settings.program_folder(name);
            return read(
                Zeroizing::new(text.to_owned()),
                folder,
                name,
                name,
                settings,
            );
        }
        return file(
            settings.absolute_path(name).unwrap_or_default(),
            name,
            settings,
        );
    }
    if let Some(token) = settings.value(settings::TOKEN.name) {
        let token = Zeroizing::new(token.to_owned());
        return without_text(Credentials::Token(token), settings);
    }
    let name = settings::FILE.name;
    if let Some(path) = settings.absolute_path(name) {
        return file(path, name, settings);
    }
    if let Some(folder) = gcloud(settings, home) {
        let name = settings::CONFIG_FOLDER.name;
        let path = folder.join(WELL_KNOWN);
        match text_file::read(&path) {
            // It need not be there, nor be this program's to read.
            Err(Unread::NotFound | Unread::Denied) => {}
            _ => return file(path, name, settings),
        }
    }
    let host = settings.value(settings::METADATA_HOST.name);
    let machine = Credentials::Machine {
        host: metadata::address(host)?,
        is_set: host.is_some(),
    };
    without_text(machine, settings)
}

/// The folder of gcloud's configuration.
pub(super) fn gcloud(settings: &Settings, home: Option<&Path>) -> Option<PathBuf> {
    let set = settings.absolute_path(settings::CONFIG_FOLDER.name);
    set.or_else(|| Some(home?.join(".config/gcloud")))
}

fn file(path: PathBuf, setting: &'static str, settings: &Settings) -> Result<Sourced, VaultError> {
    let name = path.display().to_string();
    let text = text_file::read(&path).map_err(|unread| {
        VaultError::configuration(unread.message())
            .with_name(&*name)
            .about_setting(setting)
    })?;
    let folder = path.parent().unwrap_or(Path::new("/")).to_owned();
    read(text, folder, &name, setting, settings)
}

fn read(
    text: Zeroizing<String>,
    folder: PathBuf,
    place: &str,
    setting: &'static str,
    settings: &Settings,
) -> Result<Sourced, VaultError> {
    let mut found = Found::read(&text).map_err(|misread| {
        VaultError::configuration(misread)
            .with_name(place)
            .about_setting(setting)
    })?;
    if universe(settings)?.is_some_and(|universe| universe != found.universe) {
        let message = "the Google credentials in {} are for another cloud than {} says";
        return Err(VaultError::configuration(message)
            .with_name(place)
            .with_name(settings::UNIVERSE.name)
            .about_setting(setting));
    }
    if let Some(project) = settings.value(settings::QUOTA_PROJECT.name) {
        found.quota_project = Some(project.to_owned());
    }
    Ok(Sourced {
        found,
        folder,
        text,
    })
}

fn without_text(credentials: Credentials, settings: &Settings) -> Result<Sourced, VaultError> {
    let project = settings.value(settings::QUOTA_PROJECT.name);
    Ok(Sourced {
        found: Found {
            credentials,
            quota_project: project.map(str::to_owned),
            universe: universe(settings)?.unwrap_or_else(Universe::google),
        },
        folder: PathBuf::from("/"),
        text: Zeroizing::default(),
    })
}

/// The cloud that the settings name.
fn universe(settings: &Settings) -> Result<Option<Universe>, VaultError> {
    let name = settings::UNIVERSE.name;
    let wrong = || VaultError::configuration("{} is no domain").with_name(name);
    let parse = |text| Universe::parse(text).ok_or_else(wrong);
    settings.value(name).map(parse).transpose()
}
