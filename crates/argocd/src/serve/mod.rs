//! A server of Argo CD's plugin protocol as a process: its sockets, turns, counts and log, and its end.
//!
//! [`run`] is the whole of it, from its options and settings to a signal. [`Server`] is the same inside
//! of a program that has a runtime and decides itself when it ends.

mod connection;
mod error;
mod host;
mod log;
mod metrics;
mod options;
mod own_settings;
mod process;
mod programs;
mod server;
mod shares;
mod socket;
mod status_page;

pub use crate::served_plugin::{NotAPlugin, ServedPlugin};
pub use error::{Mistake, ServeError};
pub use log::{Detail, Log};
pub use options::Options;
pub use process::{Ended, protect, run};
pub use server::Server;
