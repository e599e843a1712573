//! The files of a repository in memory are chosen as those on the disk are.
#![allow(clippy::unwrap_used)]
#![cfg(all(unix, feature = "rendering"))]

mod links;
mod random;
mod shapes;
mod twins;
