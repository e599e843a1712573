//! Writes what Argo CD needs to run manifill as a Config Management Plugin: sidecars of the
//! repo-server, the Secret with the settings, rights, and the parameters of Argo CD.
//!
//! [`Install`] says what to install, and [`Install::files`] gives the files, for kustomize, for the
//! Helm chart, or for `kubectl apply`. Nothing is read and nothing is sent; whoever calls it tells
//! what it needs to know of the backend.

#[cfg(all(unix, feature = "rendering"))]
mod app;
#[cfg(all(unix, feature = "rendering"))]
mod archive;
mod avp;
mod backend;
mod beginning;
mod container;
mod discovery;
mod egress;
mod error_page;
mod file;
mod files;
mod helm;
mod install;
mod kustomize;
mod mode;
pub mod native;
mod native_pod;
mod objects;
mod operator;
mod plugin;
mod pod;
#[cfg(all(unix, feature = "rendering"))]
mod portions;
mod program;
mod raw;
#[cfg(all(unix, feature = "rendering"))]
pub mod rendering;
#[cfg(feature = "rendering")]
mod run_errors;
mod secret_name;
#[cfg(all(unix, feature = "serve"))]
pub mod serve;
mod served_plugin;
#[cfg(all(unix, feature = "server"))]
pub mod server;
#[cfg(all(unix, feature = "rendering"))]
mod tree;
#[cfg(all(unix, feature = "rendering"))]
mod tree_source;
mod yaml;

#[cfg(all(unix, feature = "rendering"))]
pub use app::App;
#[cfg(all(unix, feature = "rendering"))]
pub use archive::ArchiveError;
pub use avp::{Avp, AvpError};
pub use backend::{Backend, Needed, Setting};
pub use discovery::Discovery;
pub use error_page::ErrorPage;
pub use file::File;
pub use install::{Flavor, Install};
pub use mode::{Mode, NotAMode};
pub use plugin::Plugin;
pub use program::copy_program;
pub use secret_name::{NotASecretName, SecretName, is_object_name};
pub use served_plugin::{NotAPlugin, ServedPlugin};
#[cfg(all(unix, feature = "rendering"))]
pub use tree::{Entry, Node, Tree, TreeError};
