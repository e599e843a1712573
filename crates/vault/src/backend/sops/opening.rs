//! The data key of a file: whoever of its recipients can be asked.

use std::sync::OnceLock;

use zeroize::Zeroizing;

use super::age::{self, AgeKeys};
use super::cipher::DataKey;
use super::gcp_kms;
use super::key_server::{self, Session};
use super::key_vault;
use super::kms;
use super::metadata::{Metadata, Recipient};
use super::pgp;
use super::shamir;
use super::transit::{self, Transit};
use crate::format::age::{Identities, Unopened};
use crate::transport::aws::Aws;
use crate::transport::azure::{Azure, RunLogins};
use crate::transport::gcp::{Gcp, OfRun};
use crate::transport::gpg::Gpg;
use crate::{RunContext, VaultError, VaultErrorKind};

/// What opens files in one run.
pub(super) struct Opener<'a> {
    pub(super) age: &'a AgeKeys,
    pub(super) gpg: &'a Gpg,
    pub(super) transit: Session<'a>,
    pub(super) clouds: Clouds<'a>,
    azure: RunLogins,
    pub(super) run: &'a RunContext,
    google: OfRun,
    identities: OnceLock<Result<Option<Identities>, VaultError>>,
}

/// The clouds that have keys. What is wrong with the settings of one matters to its keys only.
#[derive(Clone, Copy)]
pub(super) struct Clouds<'a> {
    pub(super) aws: &'a Result<Aws, VaultError>,
    pub(super) azure: &'a Result<Azure, VaultError>,
    pub(super) google: &'a Result<Gcp, VaultError>,
}

/// Why a recipient does not help, in the order of how much it tells: of several, the most telling counts.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Weight {
    /// It is a kind of key that is not read here.
    Unknown,
    /// Nothing is set up for it.
    NotSetUp,
    /// What is set up is for others.
    DoesNotFit,
    /// What is set up does not work.
    Broken,
}

struct Refusal(Weight, VaultError);

impl Refusal {
    fn of_cloud(unopened: kms::Unopened) -> Self {
        match unopened {
            kms::Unopened::NoLogin(error) => Refusal(Weight::NotSetUp, error),
            kms::Unopened::Failed(error) => Refusal(Weight::Broken, error),
        }
    }
}

type Part = Zeroizing<Vec<u8>>;

/// What is told of a file that there is no time for.
pub(super) fn too_late(file: &str) -> VaultError {
    wrong(
        VaultErrorKind::Timeout,
        "the time of the run was over before the file {} was decrypted",
        file,
    )
}

fn wrong(kind: VaultErrorKind, message: &'static str, file: &str) -> VaultError {
    VaultError::new(kind, message).with_name(file)
}

impl<'a> Opener<'a> {
    pub(super) fn new(
        age: &'a AgeKeys,
        gpg: &'a Gpg,
        transit: &'a Transit,
        clouds: Clouds<'a>,
        run: &'a RunContext,
    ) -> Self {
        Opener {
            age,
            gpg,
            transit: Session::new(transit, run),
            clouds,
            azure: RunLogins::default(),
            run,
            google: OfRun::default(),
            identities: OnceLock::new(),
        }
    }

    /// Finds the data key of a file.
    pub(super) async fn data_key(
        &self,
        metadata: &Metadata,
        file: &str,
    ) -> Result<DataKey, VaultError> {
        let mut parts = Vec::new();
        let mut refusals = Vec::new();
        let needed = match metadata.groups.len() {
            0 | 1 => 1,
            several => metadata.threshold.clamp(1, several),
        };
        for group in &metadata.groups {
            match self.part(group, file).await {
                Ok(part) => parts.push(part),
                Err(refusal) => refusals.push(refusal),
            }
            if parts.len() == needed {
                break;
            }
        }
        if parts.len() < needed {
            let several = metadata.groups.len() > 1;
            let refusal = refusals.into_iter().max_by_key(|refusal| refusal.0);
            return Err(match refusal {
                Some(Refusal(Weight::Broken, error)) => error,
                Some(Refusal(_, error)) if !several => error,
                _ => wrong(
                    VaultErrorKind::PermissionDenied,
                    "the file {} needs {} of its key groups, and the keys here open {}",
                    file,
                )
                .with_name(needed.to_string())
                .with_name(parts.len().to_string()),
            });
        }
        let key = match metadata.groups.len() {
            0 | 1 => parts.pop(),
            _ => shamir::combine(&parts),
        };
        key.and_then(|key| DataKey::new(&key)).ok_or_else(|| {
            wrong(
                VaultErrorKind::InvalidAnswer,
                "the keys decrypt no data key for the file {}",
                file,
            )
        })
    }

    /// The part of one group, from whichever recipient gives it.
    async fn part(&self, group: &[Recipient], file: &str) -> Result<Part, Refusal> {
        let mut worst: Option<Refusal> = None;
        for recipient in group {
            if self.run.is_late() {
                return Err(Refusal(Weight::Broken, too_late(file)));
            }
            match self.ask(recipient, file).await {
                Ok(part) => return Ok(part),
                Err(refusal) => {
                    if worst.as_ref().is_none_or(|worst| refusal.0 > worst.0) {
                        worst = Some(refusal);
                    }
                }
            }
        }
        Err(worst.unwrap_or_else(|| {
            Refusal(
                Weight::Unknown,
                wrong(
                    VaultErrorKind::Configuration,
                    "the file {} names no key that could open it",
                    file,
                ),
            )
        }))
    }

    async fn ask(&self, recipient: &Recipient, file: &str) -> Result<Part, Refusal> {
        match recipient {
            Recipient::Age { enc } => self.ask_age(enc, file),
            Recipient::Pgp { enc } => {
                let outcome = pgp::open(self.gpg, enc, self.run).await;
                outcome.map_err(|unopened| match unopened {
                    pgp::Unopened::NoProgram(error) => Refusal(Weight::NotSetUp, error),
                    pgp::Unopened::NoKey => Refusal(
                        Weight::DoesNotFit,
                        wrong(
                            VaultErrorKind::PermissionDenied,
                            "gpg has none of the PGP keys that open the file {}",
                            file,
                        )
                        .with_hint("GNUPGHOME says where it looks"),
                    ),
                    pgp::Unopened::Failed(error) => Refusal(Weight::Broken, error),
                })
            }
            Recipient::Transit {
                address,
                mount,
                key,
                enc,
            } => {
                let key = transit::Key {
                    address,
                    mount,
                    name: key,
                };
                let outcome = self.transit.open(&key, enc).await;
                outcome.map_err(|unopened| match unopened {
                    key_server::Unopened::NotAsked(error) => Refusal(Weight::NotSetUp, error),
                    key_server::Unopened::Failed(error) => Refusal(Weight::Broken, error),
                })
            }
            Recipient::Kms {
                arn,
                context,
                enc,
                names_role,
            } => {
                let key = kms::Key {
                    arn,
                    context,
                    names_role: *names_role,
                };
                self.ask_kms(&key, enc).await
            }
            Recipient::KeyVault {
                vault,
                key,
                version,
                enc,
            } => {
                let key = key_vault::Key {
                    vault,
                    name: key,
                    version,
                };
                self.ask_key_vault(&key, enc).await
            }
            Recipient::GcpKms { key, enc } => self.ask_gcp_kms(key, enc).await,
            Recipient::Other(kind) => Err(Refusal(
                Weight::Unknown,
                wrong(
                    VaultErrorKind::Configuration,
                    "the file {} is encrypted for {}, which this version cannot ask",
                    file,
                )
                .with_name(*kind)
                .with_hint("sops can add an age key to the file: `sops rotate -i --add-age RECIPIENT FILE`"),
            )),
        }
    }

    async fn ask_kms(&self, key: &kms::Key<'_>, enc: &str) -> Result<Part, Refusal> {
        let aws = self.clouds.aws.as_ref();
        let aws = aws.map_err(|error| Refusal(Weight::Broken, error.clone()))?;
        let outcome = kms::open(aws, key, enc, self.run).await;
        outcome.map_err(Refusal::of_cloud)
    }

    async fn ask_gcp_kms(&self, key: &str, enc: &str) -> Result<Part, Refusal> {
        let google = self.clouds.google.as_ref();
        let google = google.map_err(|error| Refusal(Weight::Broken, error.clone()))?;
        let outcome = gcp_kms::open(google, key, enc, self.run, &self.google).await;
        outcome.map_err(Refusal::of_cloud)
    }

    async fn ask_key_vault(&self, key: &key_vault::Key<'_>, enc: &str) -> Result<Part, Refusal> {
        let azure = self.clouds.azure.as_ref();
        let azure = azure.map_err(|error| Refusal(Weight::Broken, error.clone()))?;
        let outcome = key_vault::open(azure, key, enc, self.run, &self.azure).await;
        outcome.map_err(Refusal::of_cloud)
    }

    fn ask_age(&self, enc: &str, file: &str) -> Result<Part, Refusal> {
        let identities = match self.identities.get_or_init(|| self.age.read()) {
            Ok(Some(identities)) => identities,
            Ok(None) => {
                return Err(Refusal(
                    Weight::NotSetUp,
                    wrong(
                        VaultErrorKind::Configuration,
                        "the file {} is encrypted for age keys, and no age key is set",
                        file,
                    )
                    .with_hint(
                        "set SOPS_AGE_KEY, SOPS_AGE_KEY_FILE or SOPS_AGE_SSH_PRIVATE_KEY_FILE",
                    ),
                ));
            }
            Err(error) => return Err(Refusal(Weight::Broken, error.clone())),
        };
        age::open(identities, enc).map_err(|unopened| match unopened {
            Unopened::NoKey(left_out) => {
                let error = wrong(
                    VaultErrorKind::PermissionDenied,
                    "none of the age keys here opens the file {}",
                    file,
                );
                Refusal(
                    Weight::DoesNotFit,
                    match left_out {
                        Some(hint) => error.with_hint(hint),
                        None => error,
                    },
                )
            }
            Unopened::Damaged | Unopened::TooLarge => Refusal(
                Weight::Broken,
                wrong(
                    VaultErrorKind::InvalidAnswer,
                    "the data of the file {} for an age key was changed, or was not written by age",
                    file,
                ),
            ),
        })
    }
}
