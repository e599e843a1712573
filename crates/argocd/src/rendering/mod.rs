//! Charts and kustomizations, rendered by Helm and kustomize as Argo CD does it.
//!
//! These programs are the operator's, and what they work on is an author's, who may be anybody with
//! an app. So they get a fresh folder with a copy of what they need, and nothing else (rule R13): no
//! environment, no credentials, no file of the machine, no other host. What would lead there is
//! refused before anything starts.

mod announcements;
mod chart;
mod error;
mod fetch;
mod helm;
mod helm_args;
mod kustomization;
mod kustomize;
mod limits;
mod origins;
mod packed;
mod parameters;
mod plugins;
mod private_folder;
mod programs;
mod remote;
mod repository;
mod schema;
mod words;
mod workspace;
mod yaml;

pub use announcements::{Announcement, announcements};
#[cfg(feature = "server")]
pub(crate) use error::shown;
pub use error::{RenderingError, RenderingErrorKind};
pub use helm::render_helm;
pub use kustomize::{kustomize_origins, render_kustomize};
pub use limits::Limits;
pub use origins::Origins;
pub use parameters::{Parameters, SourceKind};
pub use programs::Programs;
#[cfg(feature = "serve")]
pub(crate) use programs::find as find_program;
pub use remote::RemoteHosts;
pub use workspace::Workspace;
