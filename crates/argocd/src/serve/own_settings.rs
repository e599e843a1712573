//! The settings of the server itself.

use manifill::settings::{Config, ServerSettings, Sources};

use super::error::{Mistake, ServeError};
use crate::rendering::RemoteHosts;

/// How large one message may be, in MB: Argo CD has the same variable for all of its programs.
const MESSAGE: &str = "ARGOCD_GRPC_MAX_SIZE_MB";

/// The settings of the server itself, as far as they are set.
#[derive(Debug)]
pub(crate) struct OwnSettings {
    /// How many apps are worked on at a time.
    pub(crate) parallel: Option<usize>,
    /// How many bytes of unpacked archives are kept.
    pub(crate) archive_memory: Option<u64>,
    /// How many bytes of memory the server and its programs may take.
    pub(crate) memory: Option<u64>,
    /// How many bytes one message may have.
    pub(crate) message_size: Option<usize>,
    /// The hosts that charts and kustomizations may name.
    pub(crate) remote_hosts: RemoteHosts,
    /// Those that a Secret may hold, as they are written.
    pub(crate) written: ServerSettings,
}

impl OwnSettings {
    /// # Errors
    /// All that is wrong with the settings, those of backends among them, if the server's own are.
    pub(crate) fn load(settings: &Sources) -> Result<OwnSettings, ServeError> {
        let (own, errors) = ServerSettings::load(settings);
        let mut mistakes: Vec<_> = errors.iter().map(Mistake::from).collect();
        let message_size = message_size(settings).unwrap_or_else(|mistake| {
            mistakes.push(mistake);
            None
        });
        let hosts = own.remote_hosts.as_deref().unwrap_or_default();
        let remote_hosts = RemoteHosts::parse(hosts).unwrap_or_else(|error| {
            mistakes.push(error.into());
            RemoteHosts::default()
        });
        if mistakes.is_empty() {
            return Ok(OwnSettings {
                parallel: own.parallel,
                archive_memory: own.archive_memory,
                memory: own.memory,
                message_size,
                remote_hosts,
                written: own,
            });
        }
        // Whoever mends these should not meet the others one start later.
        mistakes.extend(Config::mistakes(settings).iter().map(Mistake::from));
        Err(ServeError::in_settings(mistakes))
    }
}

fn message_size(settings: &Sources) -> Result<Option<usize>, Mistake> {
    let Some(value) = settings.environment.get(MESSAGE).map(|value| value.trim()) else {
        return Ok(None);
    };
    match value.parse::<usize>() {
        _ if value.is_empty() => Ok(None),
        Ok(megabytes @ 1..=2048) => Ok(Some(megabytes << 20)),
        _ => Err(Mistake::new(format!(
            "`{MESSAGE}` must be a number of megabytes from 1 to 2048, such as 100"
        ))
        .in_place(Some(format!("{MESSAGE} (environment)")))),
    }
}
