//! Azure: the settings, the login and the requests to key vaults that backends share.
//!
//! The sources of a login, their order and their settings are those of `DefaultAzureCredential`.
//! Everything comes from the [`Settings`](crate::Settings) of the backend and nothing from the
//! environment of the process, so that a named backend never uses another one's login (rule R7).

#[cfg(feature = "azure")]
mod app;
#[cfg(feature = "azure")]
mod arc;
#[cfg(feature = "azure")]
mod assertion;
#[cfg(feature = "azure")]
mod certificate;
#[cfg(feature = "azure")]
mod client;
#[cfg(feature = "azure")]
mod command_line;
#[cfg(feature = "azure")]
mod identity;
#[cfg(feature = "azure")]
mod login;
#[cfg(feature = "azure")]
mod near;
#[cfg(feature = "azure")]
mod refusal;
#[cfg(feature = "azure")]
mod service;
pub(crate) mod settings;
#[cfg(feature = "azure")]
mod source;
#[cfg(test)]
#[cfg(feature = "azure")]
mod test_assertion;
#[cfg(test)]
#[cfg(feature = "azure")]
mod test_login;
#[cfg(test)]
#[cfg(feature = "azure")]
mod test_services;
#[cfg(test)]
#[cfg(feature = "azure")]
mod test_vaults;
#[cfg(feature = "azure")]
mod token;
#[cfg(feature = "azure")]
mod vaults;
#[cfg(feature = "azure")]
mod wire;

#[cfg(fuzzing)]
#[cfg(feature = "azure")]
pub(crate) use certificate::fuzz as fuzz_certificate;
#[cfg(feature = "azure")]
pub(crate) use client::Azure;
#[cfg(feature = "azure")]
pub(crate) use login::RunLogins;
#[cfg(feature = "azure")]
pub(crate) use refusal::Refusal;
#[cfg(feature = "azure")]
pub(crate) use vaults::{KeyVault, NoVault, is_name};
