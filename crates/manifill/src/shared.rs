//! The backends that the runs of a long-lived program share (rule R14).

use std::fmt;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, SystemTime};

use manifill_vault::backend::BackendInfo;
use manifill_vault::settings::Kind;
use manifill_vault::{ConnectContext, Settings, Sharing, Traffic, VaultBackend, VaultError};

/// How many backends are kept. Only the operator's settings make one, so there are more only if those
/// change all the time.
const MOST_KEPT: usize = 32;

/// The backends of a program that fills for very many apps: they stay connected and logged in from
/// one run to the next, and what they read is shared for a short time
/// (`MANIFILL_SHARE_READS`, 30 s if nothing is said, 0 for not at all).
///
/// A backend is shared by runs in which all of its settings are the operator's and the same, and in
/// which the same is decided for it. One of which an app's author sets anything is that run's alone.
/// What may be read is judged for each app before anything is asked for. A clone shares the same
/// backends; all runs belong to one tokio runtime.
///
/// ```
/// use manifill::settings::Sources;
/// use manifill::{Input, Renderer, RunContext, SharedBackends};
///
/// # futures_util::future::FutureExt::now_or_never(async {
/// let backends = SharedBackends::new();
/// let app = Sources::default()
///     .with_working_dir("/no/checkout")
///     .with_variable("ARGOCD_APP_NAME", "web")
///     .with_variable("ARGOCD_APP_PROJECT_NAME", "team-a");
/// let config = backends.config(&app)?;
/// let renderer = Renderer::from_config(config);
/// let inputs = [Input::new("a.yaml", "kind: A\n")];
/// let rendered = renderer.render(&inputs, &RunContext::new()).await.unwrap();
/// assert_eq!(rendered.texts()[0], "kind: A\n");
/// assert_eq!((backends.requests_sent(), backends.reads_shared()), (0, 0));
/// # Ok::<(), manifill::settings::ConfigErrors>(())
/// # }).unwrap().unwrap();
/// ```
#[derive(Clone, Default)]
#[must_use]
pub struct SharedBackends(Arc<Shared>);

#[derive(Default)]
struct Shared {
    traffic: Traffic,
    state: Mutex<State>,
}

#[derive(Default)]
struct State {
    window: Duration,
    /// The one that was used last comes last.
    kept: Vec<Kept>,
}

/// A backend, with everything that decides whose it is.
struct Kept {
    origin: Origin,
    backend: Arc<dyn VaultBackend>,
}

#[derive(PartialEq)]
struct Origin {
    name: &'static str,
    settings: Settings,
    context: ConnectContext,
    window: Duration,
    files: Vec<Option<(SystemTime, u64)>>,
}

impl SharedBackends {
    /// No backends yet: each is made when a run first needs it.
    pub fn new() -> Self {
        SharedBackends::default()
    }

    /// How many requests all runs have sent.
    pub fn requests_sent(&self) -> u64 {
        self.0.traffic.requests_sent()
    }

    /// How many reads were spared, since another run had just done them or was about to.
    pub fn reads_shared(&self) -> u64 {
        self.0.traffic.reads_shared()
    }

    pub(crate) fn traffic(&self) -> &Traffic {
        &self.0.traffic
    }

    /// Sets how long reads are shared, and how many requests may be sent in a minute.
    pub(crate) fn set_limits(&self, window: Duration, most_per_minute: Option<u64>) {
        self.0.traffic.set_most_per_minute(most_per_minute);
        self.lock().window = window;
    }

    /// The backend that these settings describe: a shared one if they are the operator's.
    pub(crate) fn backend(
        &self,
        info: &'static BackendInfo,
        settings: &Settings,
        context: &ConnectContext,
        connect: impl Fn(&ConnectContext) -> Result<Arc<dyn VaultBackend>, VaultError>,
    ) -> Result<Arc<dyn VaultBackend>, VaultError> {
        if context.is_by_author() {
            return connect(context);
        }
        let mut state = self.lock();
        let origin = Origin {
            name: info.name,
            settings: settings.clone(),
            context: context.clone(),
            window: state.window,
            files: files(info, settings),
        };
        let same = state.kept.iter().position(|kept| kept.origin == origin);
        let kept = match same {
            Some(index) => state.kept.remove(index),
            None => {
                let sharing = Sharing::new(origin.window, &self.0.traffic);
                let context = context.clone().with_sharing(sharing);
                // What cannot be made is not kept: whoever asks next may be luckier.
                let backend = connect(&context)?;
                Kept { origin, backend }
            }
        };
        let backend = Arc::clone(&kept.backend);
        state.kept.push(kept);
        if state.kept.len() > MOST_KEPT {
            state.kept.remove(0);
        }
        Ok(backend)
    }

    fn lock(&self) -> std::sync::MutexGuard<'_, State> {
        self.0.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// The state of the files that a backend reads when it is made, such as certificates: where one has
/// changed, the backend is made anew.
fn files(info: &BackendInfo, settings: &Settings) -> Vec<Option<(SystemTime, u64)>> {
    let is_read = |kind| matches!(kind, Kind::File | Kind::SecretFile | Kind::Program);
    let named = info.settings.iter().filter(|setting| is_read(setting.kind));
    named
        .map(|setting| {
            let file = std::fs::metadata(settings.path(setting.name)?).ok()?;
            Some((file.modified().ok()?, file.len()))
        })
        .collect()
}

impl fmt::Debug for SharedBackends {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let state = self.lock();
        let names: Vec<&str> = state.kept.iter().map(|kept| kept.origin.name).collect();
        f.debug_struct("SharedBackends")
            .field("kept", &names)
            .field("traffic", &self.0.traffic)
            .finish()
    }
}
