//! One plugin.

use std::sync::Arc;

use super::engine::Engine;
use crate::discovery::Discovery;
use crate::mode::Mode;

/// One plugin: what Argo CD finds behind a socket, as a service for an HTTP/2 server.
///
/// It answers `plugin.ConfigManagementPluginService` and nothing else. A request is worked on apart
/// from the thread that serves, and ends with its stream: when a client goes away, so do the programs
/// that were started for it. It needs a tokio runtime with I/O and time.
///
/// A panic in one request is that request's error, and its text is not told. What a panic hook prints
/// is the program's to decide: Rust's own prints the text.
#[derive(Clone, Debug)]
pub struct PluginService {
    engine: Arc<Engine>,
    mode: Mode,
    discovery: Discovery,
    skips_crds: bool,
}

impl PluginService {
    /// A plugin that Applications name.
    pub fn new(engine: Arc<Engine>, mode: Mode) -> Self {
        PluginService {
            engine,
            mode,
            discovery: Discovery::Off,
            skips_crds: false,
        }
    }

    /// Sets which Applications the plugin says that it is for. Each of them then costs a whole stream
    /// more.
    #[must_use]
    pub fn with_discovery(mut self, discovery: Discovery) -> Self {
        self.discovery = discovery;
        self
    }

    /// Sets whether a chart's custom resource definitions are left out unless an app's author asks for
    /// them, as `helm template` does it. Argo CD's own way is to have them.
    #[must_use]
    pub fn with_skipped_crds(mut self, skipped: bool) -> Self {
        self.skips_crds = skipped;
        self
    }

    /// What it takes an app's folder for.
    pub fn mode(&self) -> Mode {
        self.mode
    }

    /// Which Applications it says that it is for.
    pub fn discovery(&self) -> Discovery {
        self.discovery
    }

    pub(crate) fn skips_crds(&self) -> bool {
        self.skips_crds
    }

    pub(crate) fn engine(&self) -> &Arc<Engine> {
        &self.engine
    }
}
