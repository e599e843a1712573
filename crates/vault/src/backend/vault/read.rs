//! What is read at a path, by the version of the KV engine.

use super::model::{Envelope, Metadata, Versioned};
use super::path::may_be_internal;
use super::session::Session;
use crate::shared::Shareable;
use crate::transport::http::Answer;
use crate::{Keys, Secret, SecretValue, VaultError, VaultErrorKind};

/// How the answer for a path is to be understood.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Kv {
    /// As it is: KV version 1, and every engine but KV version 2.
    One,
    /// As a version of a secret, with its metadata.
    Two,
}

impl Kv {
    /// Reads the version of the engine.
    pub(super) fn parse(text: &str) -> Option<Self> {
        match text.trim() {
            "1" => Some(Kv::One),
            "2" => Some(Kv::Two),
            _ => None,
        }
    }
}

/// One read: requests that are equal in this are answered by it together, since each read of a
/// dynamic secret makes a new one.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Wanted {
    pub(super) path: String,
    /// The version of the secret; the newest if there is none.
    pub(super) version: Option<u64>,
    pub(super) kv: Kv,
}

/// What a path holds.
pub(super) struct KvData {
    path: String,
    version: Option<u64>,
    values: Vec<(String, SecretValue)>,
    /// Whether it may be somebody else's as well (rule R14).
    is_for_all: bool,
}

impl Shareable for KvData {
    fn may_be_shared(&self) -> bool {
        self.is_for_all
    }
}

impl KvData {
    /// Whether all of these keys are there.
    pub(super) fn has_all(&self, keys: &Keys) -> bool {
        keys.are_in(&self.values)
    }

    /// The answer for a request that wants these keys.
    pub(super) fn secret(&self, keys: &Keys) -> Secret {
        let mut secret = Secret::wanted_of(&self.values, keys).with_id(&self.path);
        if let Some(version) = self.version {
            secret = secret.with_version(version.to_string());
        }
        secret
    }
}

/// What an answer comes down to.
enum Outcome {
    Data(KvData),
    /// The path lacks `/data/`.
    NoData,
}

/// Reads what is wanted. A path that lacks `/data/` is read with it if `repairs` allows that.
///
/// # Errors
/// If there is no such secret or version, or it cannot be read.
pub(super) async fn read(
    session: &Session<'_>,
    wanted: &Wanted,
    repairs: bool,
) -> Result<KvData, VaultError> {
    if may_be_internal(&wanted.path) {
        session.needs_engine(&wanted.path).await?;
    }
    if let Outcome::Data(found) = ask(session, wanted).await? {
        return Ok(found);
    }
    let forgotten =
        |message| VaultError::new(VaultErrorKind::InvalidRequest, message).with_name(&wanted.path);
    let Some(path) = session.with_data(&wanted.path).await? else {
        return Err(forgotten(
            "the Vault path: {} is empty - did you forget to include /data/ in the Vault path for kv-v2?",
        ));
    };
    if !repairs {
        return Err(forgotten(
            "the Vault path: {} is empty - did you forget to include /data/ in the Vault path for kv-v2? it would be {}",
        )
        .with_name(path)
        .with_hint("the path is not corrected while rules say which paths may be read"));
    }
    session.run.note(format!(
        "the path `{}` lacks /data/ and was read as `{path}`; please write it that way",
        wanted.path
    ));
    let full = Wanted {
        path,
        ..wanted.clone()
    };
    match ask(session, &full).await? {
        Outcome::Data(found) => Ok(found),
        Outcome::NoData => Err(missing(&full)),
    }
}

async fn ask(session: &Session<'_>, wanted: &Wanted) -> Result<Outcome, VaultError> {
    let query = wanted.version.map(|version| format!("version={version}"));
    let answer = session.read(&wanted.path, query.as_deref()).await?;
    if answer.status() == 204 {
        // Some engines say so that there is nothing.
        Err(missing(wanted))
    } else {
        judge(&answer, wanted)
    }
}

fn judge(answer: &Answer, wanted: &Wanted) -> Result<Outcome, VaultError> {
    let envelope: Envelope<'_> = answer.json()?;
    let Some(data) = envelope.data else {
        return match (envelope.has_warnings(), wanted.kv) {
            (true, Kv::Two) => Ok(Outcome::NoData),
            (true, Kv::One) => Err(error("the Vault path: {} is empty", wanted)
                .with_hint("a KV version 2 engine wants /data/ after the mount, and kv-version 2")),
            _ if envelope.has_no_route() => Err(error("nothing is mounted at the path {}", wanted)
                .with_hint("check the first parts of the path, and VAULT_NAMESPACE")),
            // What answers so is broken, or in front of the server: no reason for a default.
            _ if answer.status() == 200 => Err(VaultError::invalid_answer(
                "the answer for the path {} is not what Vault or OpenBao gives",
            )
            .with_name(&wanted.path)),
            _ => Err(missing(wanted)),
        };
    };
    let is_for_all = !envelope.is_leased() && (wanted.kv == Kv::Two || envelope.says_how_long());
    let (values, version) = match wanted.kv {
        Kv::One => (envelope.entries(), None),
        Kv::Two => {
            let versioned = Versioned::read(data);
            if let Some(gone) = versioned.as_ref().and_then(Versioned::gone) {
                return Err(gone_away(wanted, gone));
            }
            match versioned {
                None => (None, None),
                Some(versioned) => (
                    versioned.entries(),
                    versioned.metadata.and_then(|metadata| metadata.version),
                ),
            }
        }
    };
    match values {
        Some(values) => Ok(Outcome::Data(KvData {
            path: wanted.path.clone(),
            version,
            values,
            is_for_all,
        })),
        None => Err(match wanted.kv {
            Kv::One => error("the answer for the path {} holds no keys", wanted),
            Kv::Two => error(
                "could not get data from Vault for the path {}, check that kv-v2 is the correct engine",
                wanted,
            )
            .with_hint("for KV version 1 and other engines: the annotation avp.kubernetes.io/kv-version: \"1\", or AVP_KV_VERSION=1"),
        }),
    }
}

/// There is nothing at the path, or no such version (AVP rule 62).
fn missing(wanted: &Wanted) -> VaultError {
    let missing =
        |message| VaultError::new(VaultErrorKind::NotFound, message).with_name(&wanted.path);
    match wanted.version {
        None => missing("could not find secrets at path {}")
            .with_hint("check each part of the path; `vault kv list` or `bao kv list` names what is there"),
        Some(version) => missing("could not find secrets at path {} with version {}")
            .with_name(version.to_string())
            .with_hint("`vault kv metadata get` or `bao kv metadata get` names the versions that are there"),
    }
}

/// The version has been there (AVP rule 62, which cannot tell what became of it).
fn gone_away(wanted: &Wanted, gone: &Metadata) -> VaultError {
    let error = |message| VaultError::new(VaultErrorKind::NotFound, message);
    let (error, hint) = match (wanted.version, gone.destroyed) {
        (Some(version), true) => (
            error("the secret version {} for Vault path {} is nil: it was destroyed")
                .with_name(version.to_string()),
            /* hint */ "a destroyed version cannot be brought back",
        ),
        (Some(version), false) => (
            error("the secret version {} for Vault path {} is nil: it was deleted")
                .with_name(version.to_string()),
            /* hint */ "a deleted version can be undeleted",
        ),
        (None, true) => (
            error("the newest version of the secret for Vault path {} was destroyed"),
            /* hint */ "write a new version, or ask for an older one",
        ),
        (None, false) => (
            error("the newest version of the secret for Vault path {} was deleted"),
            /* hint */ "undelete it, write a new one, or ask for an older one",
        ),
    };
    error.with_name(&wanted.path).with_hint(hint)
}

fn error(message: &'static str, wanted: &Wanted) -> VaultError {
    VaultError::new(VaultErrorKind::InvalidRequest, message).with_name(&wanted.path)
}
