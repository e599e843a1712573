//! The settings of a server: what it shares, and how much it sends.

use std::time::Duration;

use super::error::ConfigError;
use super::layers::Layers;
use super::names::{MAX_REQUESTS, SHARE_READS};

/// Long enough that a refresh of all apps falls into it, and short enough for a secret that was just
/// changed: Argo CD does not tell plugins of a hard refresh.
const USUAL: Duration = Duration::from_secs(30);

/// Nobody waits longer for a changed secret, and longer is a typing mistake.
const MOST_SECONDS: u64 = 600;

pub(super) struct SharedLimits {
    /// How long what was read is shared; zero for not at all.
    pub(super) window: Duration,
    /// The requests in a minute.
    pub(super) most: Option<u64>,
}

impl SharedLimits {
    pub(super) fn new(layers: &Layers<'_>, errors: &mut Vec<ConfigError>) -> Self {
        let mut limits = SharedLimits {
            window: USUAL,
            most: None,
        };
        if let Some(found) = layers.manifill_setting(SHARE_READS, errors) {
            let number = found.value.strip_suffix('s').unwrap_or(&found.value);
            match number.parse() {
                Ok(seconds @ 0..=MOST_SECONDS) => limits.window = Duration::from_secs(seconds),
                _ => errors.push(
                    found.error(
                        ConfigError::new(
                            "{} must be a number of seconds from 0 to 600, such as 30s",
                        )
                        .with_name(SHARE_READS)
                        .with_hint("0 shares nothing"),
                    ),
                ),
            }
        }
        if let Some(found) = layers.manifill_setting(MAX_REQUESTS, errors) {
            match found.value.parse() {
                Ok(number @ 1..) => limits.most = Some(number),
                _ => errors.push(
                    found.error(
                        ConfigError::new("{} must be a number of requests, such as 600")
                            .with_name(MAX_REQUESTS)
                            .with_hint("leave it out for no limit"),
                    ),
                ),
            }
        }
        limits
    }
}
