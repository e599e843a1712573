//! What the runs of many apps share in a long-lived program, over real HTTP (rule R14).
#![cfg(all(feature = "shared", feature = "1passwordconnect"))]
#![allow(clippy::unwrap_used)]

mod counts;
mod properties;
mod settings;
#[cfg(feature = "vault")]
mod versions;
mod world;
