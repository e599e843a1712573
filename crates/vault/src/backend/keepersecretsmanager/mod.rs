#![doc = include_str!("README.md")]

#[cfg(feature = "keepersecretsmanager")]
#[path = "backend.rs"]
mod backend;
mod info;

#[cfg(feature = "keepersecretsmanager")]
pub use backend::*;
pub use info::INFO;
