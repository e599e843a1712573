//! How the server is reached: the settings of Vault's own client for TLS, time and tries.

use std::path::Path;
use std::time::Duration;

use zeroize::Zeroizing;

use crate::transport::http::{HttpSettings, Url};
use crate::{Settings, VaultError};

/// What the settings say about connections.
pub(super) struct Connection {
    pub(super) http: HttpSettings,
    pub(super) verifies: bool,
    /// How many more tries there may be, if the settings say so.
    pub(super) retries: Option<u32>,
}

/// Reads the settings; some of them need the address, which may be wrong itself.
///
/// # Errors
/// If one of them cannot be used; a value is not shown, a file is named.
pub(super) fn connection(
    settings: &Settings,
    address: Option<&Url>,
) -> Result<Connection, VaultError> {
    let verifies = settings.switch("VAULT_SKIP_VERIFY");
    let http = authorities(settings, HttpSettings::new("Vault"));
    let ((verifies, mut http), ((identity, timeout), retries)) = VaultError::both(
        VaultError::both(verifies, http),
        VaultError::both(
            VaultError::both(identity(settings), timeout(settings)),
            retries(settings),
        ),
    )?;
    let verifies = !verifies.unwrap_or(false);
    if let Some(pem) = identity {
        http = http.with_identity_pem(&*pem)?;
    }
    if let Some(timeout) = timeout {
        http = http.with_try_timeout(timeout);
    }
    if !verifies {
        http = http.with_any_certificate();
    }
    if let (Some(name), Some(address)) = (settings.value("VAULT_TLS_SERVER_NAME"), address) {
        http = http.with_tls_server_name(address, name).map_err(|_| {
            VaultError::configuration("VAULT_TLS_SERVER_NAME is not the name of a host")
        })?;
    }
    Ok(Connection {
        http,
        verifies,
        retries,
    })
}

fn authorities(settings: &Settings, mut http: HttpSettings) -> Result<HttpSettings, VaultError> {
    if let Some(file) = settings.path("VAULT_CACERT") {
        let read = http.with_ca_file(file);
        http = read.map_err(|error| error.about_setting("VAULT_CACERT"))?;
    }
    if let Some(pem) = settings.value("VAULT_CACERT_BYTES") {
        http = http.with_ca_pem(pem).map_err(|_| {
            VaultError::configuration("VAULT_CACERT_BYTES holds no PEM certificate")
        })?;
    }
    let Some(folder) = settings.path("VAULT_CAPATH") else {
        return Ok(http);
    };
    let unreadable = |_| {
        VaultError::configuration("cannot read the folder {} of VAULT_CAPATH")
            .with_name(shown(&folder))
    };
    let mut files = Vec::new();
    for entry in std::fs::read_dir(&folder).map_err(unreadable)? {
        let path = entry.map_err(unreadable)?.path();
        // A mounted ConfigMap has folders of its own beside the links to its files.
        if path.is_file() {
            files.push(path);
        }
    }
    files.sort();
    if files.is_empty() {
        return Err(
            VaultError::configuration("the folder {} of VAULT_CAPATH holds no file")
                .with_name(shown(&folder)),
        );
    }
    let read = files.iter().try_fold(http, HttpSettings::with_ca_file);
    read.map_err(|error| error.about_setting("VAULT_CAPATH"))
}

/// The client certificate with its key.
fn identity(settings: &Settings) -> Result<Option<Zeroizing<Vec<u8>>>, VaultError> {
    let (certificate, key) = match (
        settings.path("VAULT_CLIENT_CERT"),
        settings.path("VAULT_CLIENT_KEY"),
    ) {
        (Some(certificate), Some(key)) => (certificate, key),
        (None, None) => return Ok(None),
        _ => {
            return Err(VaultError::configuration(
                "VAULT_CLIENT_CERT and VAULT_CLIENT_KEY need each other",
            ));
        }
    };
    let read = |path: &Path, setting| {
        std::fs::read(path).map(Zeroizing::new).map_err(|_| {
            VaultError::configuration("cannot read the file {}")
                .with_name(shown(path))
                .about_setting(setting)
        })
    };
    let certificate = read(&certificate, "VAULT_CLIENT_CERT")?;
    let key = read(&key, "VAULT_CLIENT_KEY")?;
    let mut pem = Zeroizing::new(Vec::with_capacity(certificate.len() + key.len() + 1));
    pem.extend_from_slice(&certificate);
    pem.push(b'\n');
    pem.extend_from_slice(&key);
    Ok(Some(pem))
}

fn retries(settings: &Settings) -> Result<Option<u32>, VaultError> {
    let number = |text: &str| text.parse().ok().filter(|number| *number <= 100);
    let Some(text) = settings.value("VAULT_MAX_RETRIES") else {
        return Ok(None);
    };
    match number(text) {
        Some(number) => Ok(Some(number)),
        None => Err(VaultError::configuration(
            "VAULT_MAX_RETRIES is not a number from 0 to 100",
        )),
    }
}

fn timeout(settings: &Settings) -> Result<Option<Duration>, VaultError> {
    let Some(text) = settings.value("VAULT_CLIENT_TIMEOUT") else {
        return Ok(None);
    };
    match duration(text) {
        // No limit but that of the run.
        Some(Duration::ZERO) => Ok(Some(Duration::MAX)),
        Some(duration) => Ok(Some(duration)),
        None => Err(
            VaultError::configuration("VAULT_CLIENT_TIMEOUT is not a time")
                .with_hint("write 30, 30s or 1m30s"),
        ),
    }
}

/// A time as Vault's client reads it: seconds, or numbers with units.
fn duration(text: &str) -> Option<Duration> {
    if let Ok(seconds) = text.parse() {
        return Some(Duration::from_secs(seconds));
    }
    let mut rest = text;
    let mut seconds = 0.0;
    while !rest.is_empty() {
        let end = rest.find(|c: char| !c.is_ascii_digit() && c != '.')?;
        let number: f64 = rest[..end].parse().ok()?;
        rest = &rest[end..];
        let end = rest
            .find(|c: char| c.is_ascii_digit() || c == '.')
            .unwrap_or(rest.len());
        seconds += number
            * match &rest[..end] {
                "ns" => 1e-9,
                "us" | "µs" => 1e-6,
                "ms" => 1e-3,
                "s" => 1.0,
                "m" => 60.0,
                "h" => 3600.0,
                _ => return None,
            };
        rest = &rest[end..];
    }
    if text.is_empty() {
        None
    } else {
        Duration::try_from_secs_f64(seconds).ok()
    }
}

fn shown(path: &Path) -> String {
    path.display().to_string()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times_are_seconds_or_have_units() {
        for (text, millis) in [
            ("30", 30_000),
            ("0", 0),
            ("500ms", 500),
            ("1m30s", 90_000),
            ("1.5h", 5_400_000),
            ("2us", 0),
        ] {
            let time = duration(text).map(|time| time.as_millis());
            assert_eq!(time, Some(millis), "{text}");
        }
        for text in [
            "", "s", "30x", "-1", "-1s", "1m30", "1..5s", "1s ", "1e400s", "µ",
        ] {
            assert_eq!(duration(text), None, "{text}");
        }
    }
}
