//! The requests to servers of transit keys.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, PoisonError};

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde::Deserialize;
use tokio::sync::OnceCell;
use zeroize::Zeroizing;

use super::transit::{Key, Transit, TransitKey};
use crate::transport::http::{Answer, Method, Retry, Url};
use crate::transport::vault_api::refuses_token;
use crate::{RunContext, VaultError, VaultErrorKind};

/// Whether an engine is one of transit, once that was asked.
type Checked = OnceCell<Result<(), VaultError>>;

/// The requests of one run.
pub(super) struct Session<'t> {
    transit: &'t Transit,
    run: &'t RunContext,
    engines: Mutex<BTreeMap<Url, Arc<Checked>>>,
}

/// Why the key server does not decrypt a text.
pub(super) enum Unopened {
    /// It may not be asked, or there is no token for it.
    NotAsked(VaultError),
    /// It was asked, and refused or failed.
    Failed(VaultError),
}

/// An engine and where it is mounted, seen from its namespace.
#[derive(Deserialize)]
struct Mounted {
    data: Mount,
}

#[derive(Deserialize)]
struct Mount {
    #[serde(rename = "type")]
    kind: String,
    path: String,
}

#[derive(Deserialize)]
struct Decrypted {
    data: Plain,
}

#[derive(Deserialize)]
struct Plain {
    plaintext: String,
}

impl<'t> Session<'t> {
    pub(super) fn new(transit: &'t Transit, run: &'t RunContext) -> Self {
        Session {
            transit,
            run,
            engines: Mutex::default(),
        }
    }

    /// Lets the server decrypt a text.
    pub(super) async fn open(
        &self,
        key: &Key<'_>,
        enc: &str,
    ) -> Result<Zeroizing<Vec<u8>>, Unopened> {
        let place = self.transit.place(key).map_err(Unopened::NotAsked)?;
        let token = self.transit.token().map_err(Unopened::NotAsked)?;
        let answer = async {
            self.engine(&place, &token).await?;
            self.ask(&place, &token, enc).await
        };
        answer.await.map_err(Unopened::Failed)
    }

    /// Makes sure that a transit engine is mounted there, once for each in a run.
    async fn engine(&self, place: &TransitKey<'_>, token: &str) -> Result<(), VaultError> {
        let url = place.engine()?;
        let known = {
            let mut engines = self.engines.lock().unwrap_or_else(PoisonError::into_inner);
            Arc::clone(engines.entry(url.clone()).or_default())
        };
        let check = || self.check(place, url, token);
        known.get_or_init(check).await.clone()
    }

    async fn check(&self, place: &TransitKey<'_>, url: Url, token: &str) -> Result<(), VaultError> {
        let request = self.transit.request(Method::GET, url, token)?;
        let answer = request.send(self.run, &Retry::default()).await?;
        let none = || {
            VaultError::new(
                VaultErrorKind::PermissionDenied,
                "{} shows this token no transit engine at {}, which the file names",
            )
            .with_name(place.server.origin().ascii_serialization())
            .with_name(place.mount.join("/"))
            .with_hint(
                "check VAULT_TOKEN: its policies must allow `update` on <engine>/decrypt/<key>",
            )
        };
        match answer.status() {
            403 if refuses_token(&answer) => Err(not_accepted(place, &answer)),
            200..=299 => match answer.json()? {
                Mounted { data } if data.kind == "transit" && place.is_at(&data.path) => Ok(()),
                _ => Err(none()),
            },
            400 | 403 | 404 => Err(none().with_status(answer.status())),
            _ => Err(answer.error()),
        }
    }

    async fn ask(
        &self,
        place: &TransitKey<'_>,
        token: &str,
        enc: &str,
    ) -> Result<Zeroizing<Vec<u8>>, VaultError> {
        let body = serde_json::json!({ "ciphertext": enc }).to_string();
        // Decrypting changes nothing.
        let retry = Retry::default().with_any_method();
        let answer = self
            .transit
            .request(Method::PUT, place.key()?, token)?
            .body("application/json", body)
            .send(self.run, &retry)
            .await?;
        let refused = |kind, message| {
            VaultError::new(kind, message)
                .with_name(place.server.origin().ascii_serialization())
                .with_status(answer.status())
                .with_tries(answer.tries())
        };
        match answer.status() {
            200..=299 => {}
            403 if refuses_token(&answer) => return Err(not_accepted(place, &answer)),
            403 => {
                return Err(refused(
                    VaultErrorKind::PermissionDenied,
                    "{} does not let this token decrypt with the key of the file",
                )
                .with_hint("check VAULT_TOKEN and its policies"));
            }
            // Neither is a secret that does not exist, which `default` could replace.
            400 | 404 => {
                return Err(refused(
                    VaultErrorKind::Configuration,
                    "{} has no such transit key, or it is not the one that the file was encrypted with",
                ));
            }
            _ => return Err(answer.error()),
        }
        let Decrypted { data } = answer.json()?;
        let text = Zeroizing::new(data.plaintext);
        let plain = STANDARD.decode(text.as_bytes());
        plain.map(Zeroizing::new).map_err(|_| {
            refused(
                VaultErrorKind::InvalidAnswer,
                "the answer of {} is not base64",
            )
        })
    }
}

fn not_accepted(place: &TransitKey<'_>, answer: &Answer) -> VaultError {
    VaultError::new(
        VaultErrorKind::Unauthenticated,
        "{} does not accept the token",
    )
    .with_name(place.server.origin().ascii_serialization())
    .with_status(answer.status())
    .with_hint("check VAULT_TOKEN and its policies")
}
