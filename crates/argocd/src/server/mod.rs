//! Argo CD's plugin protocol, spoken natively: a sidecar needs no `argocd-cmp-server`, no shell and
//! no file of a checkout.
//!
//! An [`Engine`] is what all plugins of a server have in common, a [`PluginService`] is one of them, for
//! an HTTP/2 server to serve. Sockets, logs and signals are the business of the program around it,
//! which hears of each request through [`Hooks`].
//!
//! The archive of a repository is unpacked in memory, once for all apps that come with the same files.
//! Folders of manifests start no program and write nothing to disk. What an app's author sets is data:
//! it never gets into the environment of this process.

mod archives;
mod author;
mod call;
mod connection;
mod deadline;
mod digest;
mod engine;
mod failure;
mod hooks;
mod job;
pub mod messages;
mod mode;
mod operator;
mod own_files;
mod plugin;
mod room;
mod service;
mod stream;
pub(crate) mod turns;
mod work;

pub use crate::mode::{Mode, NotAMode};
pub use archives::ArchiveUse;
pub use connection::Connection;
pub use engine::{Engine, Memory};
pub use hooks::{Done, Hooks, Method, NoHooks, Turn};
pub use plugin::PluginService;
pub use room::Room;
