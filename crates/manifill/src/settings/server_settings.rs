//! The settings of a server: how much it works at a time, and what it keeps.

use super::error::ConfigError;
use super::layers::Layers;
use super::names::{ARCHIVE_MEMORY, REMOTE_HOSTS, SERVER_MEMORY, SERVER_PARALLEL};

/// More at a time than any machine has use for.
const MOST_APPS: usize = 1000;

/// How much a server works at a time, and what it keeps.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct ServerSettings {
    /// How many apps are worked on at a time (`MANIFILL_SERVER_PARALLEL`), if that is set.
    pub parallel: Option<usize>,
    /// How many bytes of unpacked archives are kept for the next app (`MANIFILL_ARCHIVE_MEMORY`), if
    /// that is set.
    pub archive_memory: Option<u64>,
    /// How many bytes of memory the server and the programs that it starts may take
    /// (`MANIFILL_SERVER_MEMORY`), if that is set.
    pub memory: Option<u64>,
    /// The hosts that charts and kustomizations may name (`MANIFILL_REMOTE_HOSTS`), as they are written.
    pub remote_hosts: Option<String>,
}

impl ServerSettings {
    pub(super) fn new(layers: &Layers<'_>, errors: &mut Vec<ConfigError>) -> Self {
        let mut settings = ServerSettings::default();
        if let Some(found) = layers.manifill_setting(SERVER_PARALLEL, errors) {
            match found.value.parse() {
                Ok(number @ 1..=MOST_APPS) => settings.parallel = Some(number),
                _ => errors.push(
                    found.error(
                        ConfigError::new("{} must be a number of apps from 1 to 1000, such as 8")
                            .with_name(SERVER_PARALLEL),
                    ),
                ),
            }
        }
        if let Some(found) = layers.manifill_setting(ARCHIVE_MEMORY, errors) {
            match found.value.parse() {
                Ok(bytes) => settings.archive_memory = Some(bytes),
                Err(_) => errors.push(
                    found.error(
                        ConfigError::new("{} must be a number of bytes, such as 67108864")
                            .with_name(ARCHIVE_MEMORY)
                            .with_hint("0 keeps no archive"),
                    ),
                ),
            }
        }
        if let Some(found) = layers.manifill_setting(SERVER_MEMORY, errors) {
            match found.value.parse() {
                Ok(bytes @ 1..) => settings.memory = Some(bytes),
                _ => errors.push(
                    found.error(
                        ConfigError::new("{} must be a number of bytes, such as 2147483648")
                            .with_name(SERVER_MEMORY),
                    ),
                ),
            }
        }
        let hosts = layers.manifill_setting(REMOTE_HOSTS, errors);
        settings.remote_hosts = hosts.map(|found| found.value);
        settings
    }

    /// The names of the settings that are not the same in others.
    ///
    /// ```
    /// use manifill::settings::{ServerSettings, Sources};
    ///
    /// let sources = Sources::default().with_variable("MANIFILL_ARCHIVE_MEMORY", "0");
    /// let (settings, _) = ServerSettings::load(&sources);
    /// let different = settings.different_from(&ServerSettings::default());
    /// assert_eq!(different, ["MANIFILL_ARCHIVE_MEMORY"]);
    /// ```
    pub fn different_from(&self, other: &ServerSettings) -> Vec<&'static str> {
        let all = [
            (SERVER_PARALLEL, self.parallel != other.parallel),
            (ARCHIVE_MEMORY, self.archive_memory != other.archive_memory),
            (SERVER_MEMORY, self.memory != other.memory),
            (REMOTE_HOSTS, self.remote_hosts != other.remote_hosts),
        ];
        let different = all.into_iter().filter(|(_, is_different)| *is_different);
        different.map(|(name, _)| name).collect()
    }
}
