#![doc = include_str!("README.md")]

#[cfg(feature = "kubernetessecret")]
#[path = "backend.rs"]
mod backend;
mod info;

#[cfg(feature = "kubernetessecret")]
pub use backend::*;
pub use info::INFO;
