//! Fills secret placeholders in Kubernetes manifests.

mod backends;
pub mod config;
pub mod transform;

pub use backends::Backends;
pub use {manifill_manifest as manifest, manifill_placeholder as placeholder, manifill_vault as vault};
