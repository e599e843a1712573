//! Readers of formats that several backends share.
//!
//! Which backends use one is theirs to say: none is named here, and a build of few backends leaves
//! something unused.

#[cfg(feature = "age")]
#[cfg_attr(not(feature = "full"), allow(dead_code))]
pub(crate) mod age;
#[cfg_attr(not(feature = "full"), allow(dead_code))]
pub(crate) mod base64;
#[cfg_attr(not(feature = "full"), allow(dead_code))]
pub(crate) mod der;
#[cfg_attr(not(feature = "full"), allow(dead_code))]
pub(crate) mod form;
#[cfg_attr(not(feature = "full"), allow(dead_code))]
pub(crate) mod json_object;
#[cfg_attr(not(feature = "full"), allow(dead_code))]
pub(crate) mod json_texts;
#[cfg(feature = "jwt")]
#[cfg_attr(not(feature = "full"), allow(dead_code))]
pub(crate) mod jwt;
#[cfg_attr(not(feature = "full"), allow(dead_code))]
pub(crate) mod null;
pub(crate) mod raw_json;
#[cfg_attr(not(feature = "full"), allow(dead_code))]
pub(crate) mod uuid;
#[cfg(feature = "yaml")]
#[cfg_attr(not(feature = "full"), allow(dead_code))]
pub(crate) mod yaml;
