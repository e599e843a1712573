mod entry;
mod keys;
mod mounts;
mod opening;
mod path;
mod place;
#[cfg(test)]
mod samples;
mod store;
#[cfg(test)]
#[cfg(unix)]
mod test_gpg;
#[cfg(test)]
mod test_keys;
#[cfg(test)]
#[cfg(unix)]
mod test_mounts;
#[cfg(test)]
#[cfg(unix)]
mod test_store;
#[cfg(test)]
mod tests;

use std::fmt;
use std::sync::Arc;

use async_trait::async_trait;

use self::entry::Entry;
use self::keys::AgeKeys;
use self::opening::Opener;
use self::path::EntryName;
use self::place::Place;
use crate::backend::distinct;
use crate::backend::home::Home;
use crate::settings::ConnectContext;
use crate::transport::gpg::Gpg;
use crate::{
    Keys, PathError, RunContext, Secret, SecretPath, SecretRequest, Settings, VaultBackend,
    VaultError, VaultErrorKind,
};

/// The entries of a password store.
pub struct Pass {
    place: Place,
    gpg: Gpg,
    age: AgeKeys,
}

/// Makes the backend from its settings.
///
/// # Errors
/// None so far: the store and the keys are looked for when they are needed.
pub fn connect(
    settings: &Settings,
    _: &ConnectContext,
) -> Result<Arc<dyn VaultBackend>, VaultError> {
    Ok(Arc::new(Pass::from_settings(settings)))
}

impl Pass {
    /// Makes the backend from its settings. What they leave open is looked for in the home folder of
    /// the user that this process runs as.
    ///
    /// ```
    /// use manifill_vault::Settings;
    /// use manifill_vault::backend::pass::Pass;
    /// let settings = Settings::new().with("PASSWORD_STORE_DIR", "/srv/store");
    /// let backend = Pass::from_settings(&settings);
    /// # let _ = backend;
    /// ```
    pub fn from_settings(settings: &Settings) -> Self {
        Pass::at_home(settings, Home::of_process().as_ref())
    }

    /// The same with another home folder, or none.
    fn at_home(settings: &Settings, home: Option<&Home>) -> Self {
        let settings = &settings.with_aliases(super::info::INFO.settings);
        Pass {
            place: Place::from_settings(settings, home),
            gpg: Gpg::from_settings(settings, "GOPASS_GPG_BINARY", "GNUPGHOME"),
            age: AgeKeys::from_settings(settings, home),
        }
    }
}

impl fmt::Debug for Pass {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Pass")
            .field("place", &self.place)
            .finish_non_exhaustive()
    }
}

#[async_trait]
impl VaultBackend for Pass {
    async fn read(
        &self,
        requests: &[SecretRequest],
        run: &RunContext,
    ) -> Vec<Result<Secret, VaultError>> {
        let wanted = requests.iter().map(wanted).collect();
        let opener = &Opener::new(self, run);
        let find = |name: EntryName, _| async move { opener.entry(&name).await };
        let secret = |_: &EntryName, entry: &Entry, keys: &Keys| entry.secret(keys);
        distinct::answers(requests, wanted, run, find, secret).await
    }

    fn parse_path(&self, path: &str) -> Result<SecretPath, PathError> {
        EntryName::parse(path).map(EntryName::plain)
    }

    fn has_versions(&self) -> bool {
        false
    }
}

/// Paths come from [`VaultBackend::parse_path`], but a program may have made one itself.
fn wanted(request: &SecretRequest) -> Result<EntryName, VaultError> {
    let path = request.path.as_str();
    EntryName::parse(path).map_err(|_| {
        VaultError::new(
            VaultErrorKind::InvalidRequest,
            "the path {} is not the name of an entry",
        )
        .with_name(path)
    })
}
