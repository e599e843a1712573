#![doc = include_str!("README.md")]

#[cfg(feature = "doppler")]
#[path = "backend.rs"]
mod backend;
mod info;

#[cfg(feature = "doppler")]
pub use backend::*;
pub use info::INFO;
