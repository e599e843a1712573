//! What whoever runs a server has to do with each request.

use std::any::Any;
use std::fmt;
use std::time::Duration;

use manifill::settings::Sources;
use tonic::async_trait;

use super::archives::ArchiveUse;
use crate::app::App;
use crate::mode::Mode;
use crate::rendering::SourceKind;

/// What whoever runs a server has to do with each request: let apps wait for their turn, count, log.
#[async_trait]
pub trait Hooks: Send + Sync + 'static {
    /// Waits until an app of this project may be worked on. Of its stream only what it is about has
    /// been read by then. The turn ends when it is dropped; a request that ends while it waits drops
    /// the future.
    async fn turn(&self, project: &str) -> Turn {
        let _ = project;
        Turn::default()
    }

    /// Hears that the Kubernetes Secret with the settings has been read, which could not be when the
    /// server started: what the operator's settings are now.
    fn settings_read(&self, settings: &Sources) {
        let _ = settings;
    }

    /// Hears of a request that is over, whichever way.
    fn done(&self, done: &Done<'_>) {
        let _ = done;
    }
}

/// Hooks that let everything pass.
#[derive(Clone, Copy, Debug, Default)]
pub struct NoHooks;

impl Hooks for NoHooks {}

/// The right to work; it ends when this is dropped.
#[derive(Default)]
pub struct Turn {
    _held: Option<Box<dyn Any + Send>>,
}

impl Turn {
    /// A turn that holds something, such as the permit of a semaphore.
    pub fn holding(held: impl Any + Send) -> Self {
        Turn {
            _held: Some(Box::new(held)),
        }
    }
}

impl fmt::Debug for Turn {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Turn").finish_non_exhaustive()
    }
}

/// What was asked for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Method {
    /// Manifests.
    GenerateManifest,
    /// Whether the plugin is for an app.
    MatchRepository,
    /// Which parameters an app has.
    GetParametersAnnouncement,
    /// How the plugin is set up.
    CheckPluginConfiguration,
}

impl Method {
    /// Its name in the protocol.
    pub fn as_str(self) -> &'static str {
        match self {
            Method::GenerateManifest => "GenerateManifest",
            Method::MatchRepository => "MatchRepository",
            Method::GetParametersAnnouncement => "GetParametersAnnouncement",
            Method::CheckPluginConfiguration => "CheckPluginConfiguration",
        }
    }
}

/// A request that is over.
#[derive(Debug)]
#[non_exhaustive]
pub struct Done<'d> {
    /// What was asked for.
    pub method: Method,
    /// What the plugin is for.
    pub mode: Mode,
    /// How long it took, the reading of the stream included.
    pub time: Duration,
    /// The app, if the stream came so far. Its author chose most of the text in it.
    pub app: Option<&'d App>,
    /// How the app came to its archive, if it did.
    pub archive: Option<ArchiveUse>,
    /// What the app is, if that was found out.
    pub kind: Option<SourceKind>,
    /// The requests that were sent to vaults.
    pub requests: u64,
    /// Warnings and remarks of a run that succeeded, as people read them.
    pub remarks: &'d [String],
    /// Why it failed, if it did: a word out of few, and the text that Argo CD shows.
    pub failure: Option<(&'static str, &'d str)>,
}
