//! Argo CD's protocol, as a client of it sees the server.
#![cfg(all(target_os = "linux", feature = "server"))]
#![allow(clippy::unwrap_used)]

mod answers;
mod archives;
mod ends;
mod faults;
mod places;
#[cfg(feature = "serve")]
mod process;
mod room;
mod secrets;
mod streams;
mod world;
