//! Amazon Web Services: the settings, the credentials and the signed requests that backends share.
//!
//! The sources of credentials, their order and their settings are those of AWS's own SDK for Rust.
//! Everything comes from the [`Settings`](crate::Settings) of the backend and nothing from the
//! environment of the process, so that a named backend never uses another one's login (rule R7).

#[cfg(feature = "aws")]
mod chain;
#[cfg(feature = "aws")]
mod client;
#[cfg(feature = "aws")]
mod credentials;
#[cfg(feature = "aws")]
mod dpop;
#[cfg(feature = "aws")]
mod identity;
#[cfg(feature = "aws")]
mod login;
#[cfg(feature = "aws")]
mod metadata;
#[cfg(feature = "aws")]
mod profile;
#[cfg(feature = "aws")]
mod programs;
#[cfg(feature = "aws")]
mod refusal;
#[cfg(feature = "aws")]
mod region;
pub(crate) mod settings;
#[cfg(feature = "aws")]
mod sign;
#[cfg(feature = "aws")]
mod sign_in;
#[cfg(feature = "aws")]
mod sso;
#[cfg(feature = "aws")]
mod sso_token;
#[cfg(feature = "aws")]
mod sts;
#[cfg(test)]
#[cfg(feature = "aws")]
mod test_login;
#[cfg(test)]
#[cfg(feature = "aws")]
mod test_profile;
#[cfg(test)]
#[cfg(feature = "aws")]
mod test_sign_in;
#[cfg(test)]
#[cfg(feature = "aws")]
mod test_sso_token;
#[cfg(feature = "aws")]
mod wire;

#[cfg(feature = "aws")]
pub(crate) use client::{Aws, Call};
#[cfg(feature = "aws")]
pub(crate) use identity::Identity;
#[cfg(feature = "aws")]
pub(crate) use refusal::{Failed, Refused};
#[cfg(feature = "aws")]
pub(crate) use region::{Service, is_region, of_settings as region_of};
