#![doc = include_str!("README.md")]

#[cfg(feature = "azurekeyvault")]
#[path = "backend.rs"]
mod backend;
mod info;

#[cfg(feature = "azurekeyvault")]
pub use backend::*;
pub use info::INFO;
