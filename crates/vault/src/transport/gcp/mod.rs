//! Google Cloud: the settings, the login and the requests that backends share.
//!
//! The sources of credentials, their order and their settings are those of Google's own libraries
//! (Application Default Credentials). Everything comes from the [`Settings`](crate::Settings) of the
//! backend and nothing from the environment of the process, so that a named backend never uses
//! another one's login (rule R7).

#[cfg(feature = "gcp")]
mod aws_identity;
#[cfg(feature = "gcp")]
mod certificate;
#[cfg(feature = "gcp")]
mod client;
#[cfg(feature = "gcp")]
mod crc32c;
#[cfg(feature = "gcp")]
mod credentials;
#[cfg(feature = "gcp")]
mod exchange;
#[cfg(feature = "gcp")]
mod executable;
#[cfg(feature = "gcp")]
mod external;
#[cfg(feature = "gcp")]
mod federation;
#[cfg(feature = "gcp")]
mod granted;
#[cfg(feature = "gcp")]
mod impersonated;
#[cfg(feature = "gcp")]
mod metadata;
#[cfg(feature = "gcp")]
mod refusal;
#[cfg(feature = "gcp")]
mod rotated;
#[cfg(test)]
#[cfg(feature = "gcp")]
pub(crate) mod samples;
pub(crate) mod settings;
#[cfg(feature = "gcp")]
mod source;
#[cfg(feature = "gcp")]
mod subject;
#[cfg(test)]
#[cfg(feature = "gcp")]
mod test_aws_identity;
#[cfg(test)]
#[cfg(feature = "gcp")]
mod test_certificate;
#[cfg(test)]
#[cfg(feature = "gcp")]
mod test_login;
#[cfg(test)]
#[cfg(feature = "gcp")]
mod test_universe;
#[cfg(test)]
#[cfg(feature = "gcp")]
mod test_worker;
#[cfg(test)]
#[cfg(feature = "gcp")]
mod test_workload;
#[cfg(feature = "gcp")]
mod universe;
#[cfg(feature = "gcp")]
mod wire;
#[cfg(feature = "gcp")]
mod workload;
#[cfg(feature = "gcp")]
mod written;

#[cfg(feature = "gcp")]
pub(crate) use client::{Call, Gcp, OfRun, Service};
#[cfg(feature = "gcp")]
pub(crate) use crc32c::crc32c;
#[cfg(feature = "gcp")]
pub(crate) use refusal::{Refused, general, refused};
