//! The settings of manifill itself: how long, how much at a time.

use std::time::Duration;

use manifill_vault::RunContext;

use super::error::ConfigError;
use super::layers::Layers;
use super::names::{CONCURRENCY, DIGEST_KEY, MAX_OUTPUT, TIMEOUT};
use crate::digest_key::DigestKey;

/// The most requests at a time that make sense against one server.
const MOST_REQUESTS: usize = 100;
/// A day: a longer run is a typing mistake.
const MOST_SECONDS: u64 = 86_400;

pub(super) struct Limits {
    pub(super) timeout: Duration,
    pub(super) concurrency: usize,
    pub(super) max_output: Option<u64>,
    pub(super) digest_key: Option<DigestKey>,
}

impl Limits {
    pub(super) fn new(layers: &Layers<'_>, errors: &mut Vec<ConfigError>) -> Self {
        let mut timeout = RunContext::DEFAULT_TIMEOUT;
        if let Some(found) = layers.manifill_setting(TIMEOUT, errors) {
            let number = found.value.strip_suffix('s').unwrap_or(&found.value);
            match number.parse() {
                Ok(seconds @ 1..=MOST_SECONDS) => timeout = Duration::from_secs(seconds),
                _ => errors.push(
                    found.error(
                        ConfigError::new(
                            "{} must be a number of seconds from 1 to 86400, such as 45s",
                        )
                        .with_name(TIMEOUT),
                    ),
                ),
            }
        }
        let mut concurrency = RunContext::DEFAULT_CONCURRENCY;
        if let Some(found) = layers.manifill_setting(CONCURRENCY, errors) {
            match found.value.parse() {
                Ok(number @ 1..=MOST_REQUESTS) => concurrency = number,
                _ => errors.push(found.error(
                    ConfigError::new("{} must be a number from 1 to 100").with_name(CONCURRENCY),
                )),
            }
        }
        let mut max_output = None;
        if let Some(found) = layers.manifill_setting(MAX_OUTPUT, errors) {
            match found.value.parse() {
                Ok(bytes @ 1..) => max_output = Some(bytes),
                _ => errors.push(
                    found.error(
                        ConfigError::new("{} must be a number of bytes, such as 268435456")
                            .with_name(MAX_OUTPUT),
                    ),
                ),
            }
        }
        let mut digest_key = None;
        if let Some(found) = layers.manifill_setting(DIGEST_KEY, errors) {
            digest_key = DigestKey::new(found.value.as_bytes());
            if digest_key.is_none() {
                errors.push(
                    found.error(
                        ConfigError::new("{} must have at least 16 characters")
                            .with_name(DIGEST_KEY)
                            .with_hint("make one with openssl rand -hex 32"),
                    ),
                );
            }
        }
        Limits {
            timeout,
            concurrency,
            max_output,
            digest_key,
        }
    }
}
