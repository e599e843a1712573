#![doc = include_str!("README.md")]

#[cfg(feature = "delineasecretserver")]
#[path = "backend.rs"]
mod backend;
mod info;

#[cfg(feature = "delineasecretserver")]
pub use backend::*;
pub use info::INFO;
