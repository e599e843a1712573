//! What is decided for a backend besides its settings.

use std::path::{Path, PathBuf};

#[cfg(feature = "shared")]
use crate::shared::Sharing;

/// What the engine decides for a backend, which no setting of it can change.
///
/// The default is that of a program that makes a backend for itself: nothing is restricted.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[must_use]
pub struct ConnectContext {
    restricted: bool,
    confined: bool,
    forgets_login: bool,
    local_login: Option<bool>,
    file_root: Option<PathBuf>,
    settings_secret: Option<String>,
    by_author: bool,
    #[cfg(feature = "shared")]
    sharing: Option<Sharing>,
}

impl ConnectContext {
    /// A context in which nothing is restricted.
    pub fn new() -> Self {
        ConnectContext::default()
    }

    /// Says that rules are set for paths: a backend reads a path as it is written or not at all,
    /// since that is what the rules have judged (rule R8).
    pub fn with_restriction(mut self, restricted: bool) -> Self {
        self.restricted = restricted;
        self
    }

    /// Says that an app's author whom no policy binds chooses the paths: under Argo CD without a
    /// policy (rule R7). A backend that reaches further than one app should keeps to what is near.
    pub fn with_confinement(mut self, confined: bool) -> Self {
        self.confined = confined;
        self
    }

    /// Says whether a login may be kept on disk, where the settings name a folder for it.
    pub fn with_kept_login(mut self, kept: bool) -> Self {
        self.forgets_login = !kept;
        self
    }

    /// Says whether a login of this machine, such as the token of its pod, may be sent to the
    /// server. It must not be where an author chose the server (rule R7).
    pub fn with_local_login(mut self, allowed: bool) -> Self {
        self.local_login = Some(allowed);
        self
    }

    /// Sets the folder that the operator opens for files, besides that of the inputs.
    pub fn with_file_root(mut self, root: impl Into<PathBuf>) -> Self {
        self.file_root = Some(root.into());
        self
    }

    /// Names the Kubernetes Secret that settings come from, `[namespace:]name`: without a policy
    /// no app reads it (rule R7).
    pub fn with_settings_secret(mut self, name: impl Into<String>) -> Self {
        self.settings_secret = Some(name.into());
        self
    }

    /// Says that an app's author has set something of it: then nothing that it reads is shared with
    /// other apps (rule R14).
    pub fn with_author(mut self, by_author: bool) -> Self {
        self.by_author = by_author;
        self
    }

    /// Lets it share what it reads between runs, as a long-lived program does (rule R14); with a
    /// window of zero it shares nothing. Each backend that is made needs a [`Sharing`] of its own.
    #[cfg(feature = "shared")]
    pub fn with_sharing(mut self, sharing: Sharing) -> Self {
        self.sharing = Some(sharing);
        self
    }

    /// Whether rules are set for paths.
    pub fn is_restricted(&self) -> bool {
        self.restricted
    }

    /// Whether paths are chosen by an app's author whom no policy binds.
    pub fn is_confined(&self) -> bool {
        self.confined
    }

    /// Whether a login may be kept on disk.
    pub fn keeps_login(&self) -> bool {
        !self.forgets_login
    }

    /// Whether a login of this machine may be sent; `None` where the settings decide.
    pub fn local_login(&self) -> Option<bool> {
        self.local_login
    }

    /// The folder that the operator opens for files.
    pub fn file_root(&self) -> Option<&Path> {
        self.file_root.as_deref()
    }

    /// Whether an app's author has set something of it.
    pub fn is_by_author(&self) -> bool {
        self.by_author
    }

    /// How it shares what it reads, if it does.
    #[cfg(feature = "shared")]
    pub fn sharing(&self) -> Option<&Sharing> {
        let sharing = self.sharing.as_ref().filter(|_| !self.by_author);
        sharing.filter(|sharing| !sharing.window().is_zero())
    }

    /// Whether it belongs to a long-lived program, with one runtime for all its runs: then
    /// connections are kept from run to run.
    #[cfg(feature = "shared")]
    pub fn is_long_lived(&self) -> bool {
        self.sharing.is_some()
    }

    /// The Kubernetes Secret that settings come from.
    pub fn settings_secret(&self) -> Option<&str> {
        self.settings_secret.as_deref()
    }
}
