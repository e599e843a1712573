//! The backends, and [`BACKENDS`], the one list of them.

pub mod awssecretsmanager;
pub mod awsssmparameterstore;
pub mod azurekeyvault;
pub mod command;
pub(crate) mod confined;
pub mod conjur;
pub mod delineasecretserver;
#[cfg(feature = "shared")]
#[cfg_attr(not(feature = "full"), allow(dead_code))]
pub(crate) mod distinct;
pub mod doppler;
pub mod file;
pub mod gcpsecretmanager;
#[cfg_attr(not(feature = "full"), allow(dead_code))]
pub(crate) mod home;
pub mod httpservice;
pub mod ibmsecretsmanager;
pub mod infisical;
pub mod keepass;
pub mod keepersecretsmanager;
pub mod kubernetessecret;
#[cfg_attr(not(feature = "full"), allow(dead_code))]
pub(crate) mod local_login;
#[cfg(feature = "memory")]
pub mod memory;
#[cfg(feature = "near")]
#[cfg_attr(not(feature = "full"), allow(dead_code))]
pub(crate) mod near;
pub mod onepasswordconnect;
pub mod pass;
pub mod sops;
#[cfg(test)]
#[cfg(feature = "http")]
#[cfg_attr(not(feature = "full"), allow(dead_code))]
pub(crate) mod test_logins;
#[cfg(test)]
mod tests;
pub mod vault;
pub mod yandexcloudlockbox;

use std::sync::Arc;

use crate::settings::{ConnectContext, Kind, Setting, Settings};
use crate::{VaultBackend, VaultError};

/// Every backend, those that this build lacks included.
pub static BACKENDS: &[BackendInfo] = &[
    onepasswordconnect::INFO,
    awssecretsmanager::INFO,
    awsssmparameterstore::INFO,
    azurekeyvault::INFO,
    command::INFO,
    conjur::INFO,
    delineasecretserver::INFO,
    doppler::INFO,
    file::INFO,
    gcpsecretmanager::INFO,
    httpservice::INFO,
    ibmsecretsmanager::INFO,
    infisical::INFO,
    keepass::INFO,
    keepersecretsmanager::INFO,
    kubernetessecret::INFO,
    pass::INFO,
    sops::INFO,
    vault::INFO,
    yandexcloudlockbox::INFO,
];

/// A backend that settings can name: everything that the engine, the command line, the Python
/// package and the documents know about it.
#[derive(Debug)]
#[non_exhaustive]
pub struct BackendInfo {
    /// Its name, as in `AVP_TYPE`.
    pub name: &'static str,
    /// What people call it instead, in lower case and without hyphens, to be told of the name.
    pub known_as: &'static [&'static str],
    /// The cargo feature that builds it.
    pub feature: &'static str,
    /// What it reads, in a few words.
    pub about: &'static str,
    /// A path with its key, as it stands in a placeholder.
    pub example: &'static str,
    /// The settings it reads.
    pub settings: &'static [Setting],
    /// The annotations of documents that it understands, as its
    /// [`options`](VaultBackend::options) say.
    pub annotations: &'static [&'static str],
    /// Whether it logs in with the account of the pod it runs in, unless its settings say otherwise.
    pub uses_account: bool,
    /// Whether a path is one of its links, such as `op://vault/item/field`, which go to it
    /// whichever backend is the default.
    pub claims: fn(&str) -> bool,
    /// Whether a file among the manifests is one of its own that holds no Kubernetes object.
    pub leaves_aside: fn(&[u8]) -> bool,
    /// Makes the backend; `None` in a build without the feature.
    pub(crate) connect: Option<Connect>,
}

/// Makes a backend from its settings and from what the engine has decided for it.
pub type Connect = fn(&Settings, &ConnectContext) -> Result<Arc<dyn VaultBackend>, VaultError>;

impl BackendInfo {
    /// An entry that declares nothing but its name.
    pub const fn named(name: &'static str) -> Self {
        BackendInfo {
            name,
            known_as: &[],
            feature: name,
            about: "",
            example: "",
            settings: &[],
            annotations: &[],
            uses_account: false,
            claims: |_| false,
            leaves_aside: |_| false,
            connect: None,
        }
    }

    /// Declares the settings that it reads.
    pub const fn with_settings(mut self, settings: &'static [Setting]) -> Self {
        self.settings = settings;
        self
    }

    /// Says how it is made of its settings.
    pub const fn with_connect(mut self, connect: Connect) -> Self {
        self.connect = Some(connect);
        self
    }

    /// Makes the backend from its settings and from what the engine has decided for it. Nothing is
    /// connected yet. `None` in a build without the backend.
    pub fn connect(
        &self,
        settings: &Settings,
        context: &ConnectContext,
    ) -> Option<Result<Arc<dyn VaultBackend>, VaultError>> {
        let backend = self.connect?(settings, context);
        Some(backend.map(|backend| {
            if context.is_confined() {
                Arc::new(confined::Confined(backend))
            } else {
                backend
            }
        }))
    }

    /// The settings without which no backend can be made of these, in the order of the
    /// declaration. What is there may still be wrong.
    ///
    /// ```
    /// use manifill_vault::Settings;
    /// use manifill_vault::backend::by_name;
    ///
    /// let missing = |settings: Settings| -> Vec<&str> {
    ///     let missing = by_name("vault").unwrap().missing(&settings);
    ///     missing.iter().map(|setting| setting.name).collect()
    /// };
    /// assert_eq!(missing(Settings::new()), ["VAULT_ADDR", "AVP_AUTH_TYPE"]);
    /// assert_eq!(missing(Settings::new().with("VAULT_TOKEN", "…")), ["VAULT_ADDR"]);
    /// ```
    pub fn missing(&self, settings: &Settings) -> Vec<&'static Setting> {
        let value = |setting: &Setting| {
            let alias = || settings.value(setting.alias?);
            settings.value(setting.name).or_else(alias)
        };
        let is_set = |name: &str| self.setting(name).and_then(value).is_some();
        let mut all = self.settings.iter();
        let method = all.find(|setting| setting.kind == Kind::LoginMethod);
        let method = method.and_then(value);
        let is_needed = |setting: &&Setting| setting.is_required() || setting.is_needed_by(method);
        let needed = self.settings.iter().filter(is_needed);
        needed
            .filter(|setting| value(setting).is_none())
            .filter(|setting| !setting.alternatives.iter().any(|name| is_set(name)))
            .collect()
    }

    /// Whether this build has the backend.
    pub fn is_built(&self) -> bool {
        self.connect.is_some()
    }

    /// The setting that a message is about: the first of those that it names.
    pub fn setting_in(&self, message: &str) -> Option<&'static Setting> {
        let mut words = message.split(|c: char| !c.is_ascii_alphanumeric() && c != '_');
        words.find_map(|word| {
            let mut settings = self.settings.iter();
            settings.find(|setting| setting.name == word || setting.alias == Some(word))
        })
    }

    /// The setting of this name or alias; names are not case-sensitive (AVP rule 56).
    pub fn setting(&self, name: &str) -> Option<&'static Setting> {
        self.settings.iter().find(|setting| setting.is_called(name))
    }
}

/// The backend of a name, in a build with it or without.
#[inline]
pub fn by_name(name: &str) -> Option<&'static BackendInfo> {
    BACKENDS.iter().find(|backend| backend.name == name)
}

/// Whether a word may stand in an error though it is none of those that a setting can be (rule
/// R9): not if it could be a token, or a line that was not cut into name and value.
///
/// ```
/// use manifill_vault::backend::is_showable;
///
/// assert!(is_showable("valt"));
/// assert!(!is_showable("vault VAULT_TOKEN=s.1") && !is_showable("vault_token") && !is_showable("hvs.CAE"));
/// ```
pub fn is_showable(word: &str) -> bool {
    // Tokens are longer than this, or have other characters.
    const LONGEST: usize = 40;
    let is_plain = |byte: u8| byte.is_ascii_alphanumeric() || b"-_".contains(&byte);
    let upper = word.to_ascii_uppercase();
    let mut settings = BACKENDS.iter().flat_map(|info| info.settings);
    word.len() <= LONGEST
        && word.bytes().all(is_plain)
        && !settings.any(|setting| {
            upper.contains(setting.name) || setting.alias.is_some_and(|alias| upper.contains(alias))
        })
}

/// The backend that people call by another name, or by its own in other letters.
///
/// ```
/// use manifill_vault::backend::known_as;
///
/// assert_eq!(known_as("OpenBao").map(|info| info.name), Some("vault"));
/// assert_eq!(known_as("1password-connect").map(|info| info.name), Some("1passwordconnect"));
/// assert!(known_as("nothing").is_none());
/// ```
pub fn known_as(name: &str) -> Option<&'static BackendInfo> {
    let folded: String = name
        .chars()
        .filter(char::is_ascii_alphanumeric)
        .map(|letter| letter.to_ascii_lowercase())
        .collect();
    let known =
        |info: &&BackendInfo| info.name == folded || info.known_as.contains(&folded.as_str());
    BACKENDS.iter().find(known)
}

/// The other name of a setting, if it has one. Backends that share a setting share its alias.
#[inline]
pub fn alias_of(name: &str) -> Option<&'static str> {
    let mut declared = BACKENDS.iter().flat_map(|backend| backend.settings);
    declared.find(|setting| setting.name == name)?.alias
}

/// The backend that a path belongs to, whichever is the default: a secret reference or the link to
/// an item, as the 1Password apps copy it.
///
/// ```
/// use manifill_vault::backend::claiming;
///
/// let link = "https://start.1password.com/open/i?a=A&v=V&i=I&h=my.1password.com";
/// assert_eq!(claiming(link).map(|info| info.name), Some("1passwordconnect"));
/// assert!(claiming("https://vault.example.com/open/i?v=V&i=I").is_none());
/// ```
pub fn claiming(path: &str) -> Option<&'static BackendInfo> {
    BACKENDS.iter().find(|backend| (backend.claims)(path))
}
