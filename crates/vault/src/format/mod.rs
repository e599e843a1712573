//! Readers of formats that several backends share.

pub(crate) mod raw_json;
#[cfg(feature = "file")]
pub(crate) mod yaml;
