#![doc = include_str!("README.md")]

#[cfg(feature = "yandexcloudlockbox")]
#[path = "backend.rs"]
mod backend;
mod info;

#[cfg(feature = "yandexcloudlockbox")]
pub use backend::*;
pub use info::INFO;
