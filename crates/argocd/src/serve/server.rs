//! A server: bound, serving, ending.

use std::net::SocketAddr;
use std::pin::pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use manifill::settings::{Config, ConfigErrors, Sources};
use tokio::net::{TcpListener, UnixListener};
use tokio::sync::{mpsc, watch};
use tonic_health::ServingStatus;
use tonic_health::pb::health_server::HealthServer;
use tonic_health::server::{HealthReporter, HealthService};

use super::connection::{self, Services};
use super::error::{Mistake, ServeError};
use super::host::Host;
use super::log::{Field, Level, Log};
use super::metrics::{Metrics, Others};
use super::options::Options;
use super::own_settings::OwnSettings;
use super::programs::Wanted;
use super::shares::{self, Shares, Whole};
use super::socket::Socket;
use super::status_page::{self, Status};
use crate::rendering::{Limits, Workspace};
use crate::server::turns::Turns;
use crate::server::{Engine, Memory, PluginService};

/// Whose health is told: that of all, and that of the protocol.
const HEALTH: [&str; 2] = ["", <PluginService as tonic::server::NamedService>::NAME];

/// A server whose sockets are there.
pub struct Server {
    sockets: Vec<Bound>,
    page: Option<(TcpListener, SocketAddr)>,
    status: Arc<Status>,
    health: HealthReporter,
    host: Host,
    drain: Duration,
}

struct Bound {
    socket: Socket,
    listener: UnixListener,
    services: Services,
}

impl std::fmt::Debug for Server {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let sockets: Vec<_> = self.sockets.iter().map(|bound| &bound.socket).collect();
        f.debug_struct("Server")
            .field("sockets", &sockets)
            .field("address", &self.address())
            .finish_non_exhaustive()
    }
}

impl Server {
    /// Makes a server with the operator's settings and its sockets. From then on clients can connect;
    /// they are served when it [runs](Server::run).
    ///
    /// What is wrong with the settings of a backend, or keeps its Secret from being read, is an error of
    /// each app, and told in the log at once: a
    /// sidecar that ends would take the whole repo-server out of service.
    ///
    /// # Errors
    /// All that is wrong with the options, or else with the settings if the server's own are among them; a
    /// socket or an address that cannot be had.
    pub async fn bind(
        options: &Options,
        mut settings: Sources,
        log: Log,
    ) -> Result<Server, ServeError> {
        let address = options.check()?;
        let log = Arc::new(log);
        let unread = match &options.secret {
            Some(name) => settings.read_secret(name).await.err(),
            None => None,
        };
        let own = OwnSettings::load(&settings)?;
        match &unread {
            Some(errors) => tell_mistakes(errors, &log),
            None => {
                Config::load(&settings).map_or_else(|errors| tell_mistakes(&errors, &log), drop)
            }
        }
        let parallel = own.parallel.unwrap_or_else(usual_parallel);
        let temporary = std::env::temp_dir();
        let mut memory = Memory::new();
        if let Some(bytes) = own.archive_memory {
            memory = memory.with_kept(bytes);
        }
        let wanted = Wanted::of(options, &log);
        let disk = wanted
            .as_ref()
            .map(|_| Workspace::memory_for(&temporary, Limits::new()));
        let bytes = shares::memory(own.memory);
        let shares = Shares::of(Whole { bytes, disk }, memory, parallel.saturating_add(1));
        shares.tell(&log);
        let programs = match wanted {
            Some(wanted) => {
                let limits = shares.limit(Limits::new());
                Some(wanted.open(&temporary, limits, own.remote_hosts)?)
            }
            None => None,
        };
        let host = Host {
            // One more is for a project that has none.
            turns: Turns::new(parallel.saturating_add(1)),
            metrics: Arc::new(Metrics::default()),
            log,
            own: Arc::new(own.written),
        };
        let mut engine = Engine::new(settings)
            .with_hooks(host.clone())
            .with_memory(memory)
            .with_room(shares.room);
        if let (Some(name), Some(errors)) = (&options.secret, unread) {
            engine = engine.with_unread_secret(name, errors);
        }
        if let Some(programs) = programs {
            engine = engine.with_programs(programs);
        }
        if let Some(bytes) = own.message_size {
            engine = engine.with_message_size(bytes);
        }
        let engine = Arc::new(engine);
        let page = match address {
            Some(address) => Some(status_page::listen(address).await?),
            None => None,
        };
        let reporter = HealthReporter::new();
        let health = HealthServer::new(HealthService::from_health_reporter(reporter.clone()));
        set_health(&reporter, ServingStatus::Serving).await;
        let names = options.plugins.iter().map(|plugin| plugin.name.as_str());
        let made = Socket::bind_all(&options.socket_dir, names)?;
        let mut sockets = Vec::new();
        for ((socket, listener), plugin) in made.into_iter().zip(&options.plugins) {
            let listener = UnixListener::from_std(listener).map_err(|error| {
                Mistake::new(format!("cannot serve a socket: {}", error.kind()))
            })?;
            let service = PluginService::new(Arc::clone(&engine), plugin.mode)
                .with_discovery(plugin.discovery)
                .with_skipped_crds(plugin.skips_crds);
            sockets.push(Bound {
                socket,
                listener,
                services: Services {
                    plugin: service,
                    health: health.clone(),
                },
            });
        }
        let plugins: Vec<_> = options.plugins.iter().map(ToString::to_string).collect();
        host.log.tell(
            Level::Info,
            "serving",
            &[
                ("version", Field::Word(env!("CARGO_PKG_VERSION"))),
                ("plugins", Field::Text(&plugins.join(" "))),
                ("parallel", Field::Number(parallel as u64)),
            ],
        );
        let counted = host.clone();
        let metrics = move || {
            let (running, waiting) = counted.turns.counts();
            counted.metrics.text(&Others {
                running,
                waiting,
                requests: engine.backends().requests_sent(),
                reads_shared: engine.backends().reads_shared(),
            })
        };
        let status = Arc::new(Status {
            ready: AtomicBool::new(true),
            metrics: Box::new(metrics),
        });
        Ok(Server {
            sockets,
            page,
            status,
            health: reporter,
            host,
            drain: options.drain,
        })
    }

    /// Where health and metrics are served.
    pub fn address(&self) -> Option<SocketAddr> {
        self.page.as_ref().map(|(_, address)| *address)
    }

    /// Serves until `end`. Then the sockets go away, and what runs may end in the time that the options
    /// give for it, or until `at_once`.
    ///
    /// Gives whether everything ended by itself.
    pub async fn run(
        mut self,
        end: impl Future<Output = ()>,
        at_once: impl Future<Output = ()>,
    ) -> bool {
        let (sender, ends) = watch::channel(false);
        // Whoever serves has a clone; when all are gone, so is every connection.
        let (alive, mut all_gone) = mpsc::channel::<()>(1);
        let mut tasks = tokio::task::JoinSet::new();
        if let Some((listener, _)) = self.page {
            tasks.spawn(status_page::serve(listener, Arc::clone(&self.status)));
        }
        let mut sockets = Vec::new();
        for bound in self.sockets {
            sockets.push(bound.socket);
            let accepts = accept(bound.listener, bound.services, ends.clone(), alive.clone());
            tasks.spawn(accepts);
        }
        drop(alive);
        end.await;
        self.status.ready.store(false, Ordering::Relaxed);
        let (running, waiting) = self.host.turns.counts();
        let counts = [
            ("running", Field::Number(running as u64)),
            ("waiting", Field::Number(waiting as u64)),
        ];
        self.host.log.tell(Level::Info, "ending", &counts);
        // Nobody finds the plugins any more; then those that found them end.
        drop(sockets);
        sender.send_replace(true);
        set_health(&self.health, ServingStatus::NotServing).await;
        // Whoever watches has heard it, and would keep a connection open.
        for name in HEALTH {
            self.health.clear_service_status(name).await;
        }
        let patience = tokio::time::sleep(self.drain);
        let ended = tokio::select! {
            _ = all_gone.recv() => true,
            () = patience => false,
            () = at_once => false,
        };
        let message = if ended {
            "ended"
        } else {
            "ended before all was done"
        };
        self.host.log.tell(Level::Info, message, &[]);
        tasks.shutdown().await;
        ended
    }
}

/// Takes connections until the server ends.
async fn accept(
    listener: UnixListener,
    services: Services,
    mut ends: watch::Receiver<bool>,
    alive: mpsc::Sender<()>,
) {
    let ended = ends.clone();
    let mut ending = pin!(ends.wait_for(|ends| *ends));
    loop {
        let accepted = tokio::select! {
            biased;
            // What connected before is served, too.
            accepted = listener.accept() => accepted,
            _ = &mut ending => return,
        };
        let Ok((stream, _)) = accepted else {
            // There are too many open files, for instance.
            tokio::time::sleep(Duration::from_millis(100)).await;
            continue;
        };
        let (services, ended, alive) = (services.clone(), ended.clone(), alive.clone());
        tokio::spawn(async move {
            connection::serve(stream, services, ended).await;
            drop(alive);
        });
    }
}

async fn set_health(health: &HealthReporter, status: ServingStatus) {
    for name in HEALTH {
        health.set_service_status(name, status).await;
    }
}

/// Tells the operator what is wrong with the settings of backends, which is each app's error.
fn tell_mistakes(errors: &ConfigErrors, log: &Log) {
    for error in errors.iter() {
        let (text, place) = (error.to_string(), error.place().unwrap_or_default());
        let fields = [("text", Field::Text(&text)), ("place", Field::Text(&place))];
        log.tell(
            Level::Error,
            "the settings are wrong, so no app can be filled",
            &fields,
        );
    }
}

fn usual_parallel() -> usize {
    2 * std::thread::available_parallelism().map_or(1, usize::from)
}
