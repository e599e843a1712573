//! Readers of formats that several backends share.

#[cfg(any(
    feature = "1passwordconnect",
    feature = "kubernetessecret",
    feature = "vault"
))]
mod null;
pub(crate) mod raw_json;
#[cfg(feature = "file")]
pub(crate) mod yaml;

#[cfg(any(
    feature = "1passwordconnect",
    feature = "kubernetessecret",
    feature = "vault"
))]
pub(crate) use null::or_default;
