//! Starting, stopping and watching a server.

use std::fmt;
use std::io;
use std::net::{Ipv4Addr, SocketAddr};
use std::sync::atomic::AtomicU64;
use std::sync::{Arc, PoisonError, RwLock};
use std::thread;
use std::time::Duration;

use tokio::net::TcpListener;
use tokio::sync::watch;

use crate::api::Switches;
use crate::data::Data;
use crate::fault::{Fault, FaultRule, Faults};
use crate::log::{Log, Recorded};
use crate::service::{Shared, accept};
use crate::token::Token;

/// How a server is set up. All but [`data`](Options::data) is good as it is by default.
#[derive(Debug, Clone)]
pub struct Options {
    /// What is served.
    pub data: Data,
    /// The tokens that are accepted. If empty, those of the data; if there are none either, one
    /// is made up that covers every vault.
    pub tokens: Vec<Token>,
    /// Where to listen: the local host by default. Port 0 is a free one.
    pub address: SocketAddr,
    /// How long every answer under `/v1` takes.
    pub latency: Duration,
    /// What goes wrong from the start.
    pub faults: Vec<FaultRule>,
    /// Whether filters compare without regard to case, as real servers do for vaults at least.
    pub filters_ignore_case: bool,
    /// Whether `content_path` of a file begins with a slash: servers differ.
    pub content_path_slash: bool,
    /// The size in bytes up to which a file is sent inside JSON.
    pub inline_limit: usize,
}

impl Default for Options {
    fn default() -> Options {
        Options {
            data: Data::new(),
            tokens: Vec::new(),
            address: (Ipv4Addr::LOCALHOST, 0).into(),
            latency: Duration::ZERO,
            faults: Vec::new(),
            filters_ignore_case: true,
            content_path_slash: true,
            inline_limit: 100 * 1024,
        }
    }
}

/// A running server. It stops when this is dropped, open connections included.
pub struct Server {
    url: String,
    shared: Arc<Shared>,
    stop: watch::Sender<bool>,
    thread: Option<thread::JoinHandle<()>>,
}

impl Server {
    /// Starts a server on the runtime of the caller.
    ///
    /// # Errors
    ///
    /// That of the system if the address cannot be bound.
    pub async fn start(options: Options) -> io::Result<Server> {
        let listener = TcpListener::bind(options.address).await?;
        let (server, stopped) = Server::new(options, listener.local_addr()?);
        tokio::spawn(accept(listener, Arc::clone(&server.shared), stopped));
        Ok(server)
    }

    /// Starts a server on a thread of its own, for callers without a runtime.
    ///
    /// # Errors
    ///
    /// That of the system if the address cannot be bound or no thread be had.
    pub fn start_blocking(options: Options) -> io::Result<Server> {
        let listener = std::net::TcpListener::bind(options.address)?;
        listener.set_nonblocking(true)?;
        let (mut server, stopped) = Server::new(options, listener.local_addr()?);
        let runtime = tokio::runtime::Builder::new_current_thread()
            .enable_all()
            .build()?;
        let listener = {
            let _inside = runtime.enter();
            TcpListener::from_std(listener)?
        };
        let shared = Arc::clone(&server.shared);
        let run = move || runtime.block_on(accept(listener, shared, stopped));
        server.thread = Some(
            thread::Builder::new()
                .name("connect-fake".to_owned())
                .spawn(run)?,
        );
        Ok(server)
    }

    fn new(options: Options, address: SocketAddr) -> (Server, watch::Receiver<bool>) {
        let mut tokens = options.tokens;
        if tokens.is_empty() {
            tokens.clone_from(&options.data.tokens);
        }
        if tokens.is_empty() {
            let vaults = options.data.vaults.iter().map(|vault| vault.id.as_str());
            tokens.push(Token::new(Token::made_up(vaults)));
        }
        let faults = Faults::default();
        options
            .faults
            .into_iter()
            .for_each(|rule| faults.push(rule));
        let shared = Shared {
            data: RwLock::new(Arc::new(options.data)),
            first_token: tokens
                .first()
                .map(|token| token.text().to_owned())
                .unwrap_or_default(),
            tokens,
            latency: options.latency,
            switches: Switches {
                filters_ignore_case: options.filters_ignore_case,
                content_path_slash: options.content_path_slash,
                inline_limit: options.inline_limit,
            },
            faults,
            log: Log::default(),
            connections: AtomicU64::new(0),
        };
        let (stop, stopped) = watch::channel(false);
        let server = Server {
            url: format!("http://{address}"),
            shared: Arc::new(shared),
            stop,
            thread: None,
        };
        (server, stopped)
    }

    /// The base address, such as `http://127.0.0.1:40123`: the value of `OP_CONNECT_HOST`.
    pub fn url(&self) -> &str {
        &self.url
    }

    /// The first token that is accepted: the value of `OP_CONNECT_TOKEN`.
    pub fn token(&self) -> &str {
        &self.shared.first_token
    }

    /// The requests so far, in the order of their arrival. Those to `/__ctl` do not count.
    pub fn requests(&self) -> Vec<Recorded> {
        self.shared
            .log
            .read(|entries| entries.iter().map(|entry| entry.request.clone()).collect())
    }

    /// Forgets the requests so far, and the mark.
    pub fn clear_requests(&self) {
        self.shared.log.clear();
    }

    /// Lets the next requests go wrong. Faults queue up: of several, a request meets the first
    /// that concerns it.
    pub fn fault(&self, fault: Fault, times: u32) {
        self.fault_rule(FaultRule {
            times: Some(times),
            ..FaultRule::from(fault)
        });
    }

    /// Lets requests go wrong by a rule.
    pub fn fault_rule(&self, rule: FaultRule) {
        self.shared.faults.push(rule);
    }

    /// Forgets all faults that are left.
    pub fn clear_faults(&self) {
        self.shared.faults.clear();
    }

    /// Serves other data from now on. The tokens stay.
    pub fn replace_data(&self, data: Data) {
        let mut current = self
            .shared
            .data
            .write()
            .unwrap_or_else(PoisonError::into_inner);
        *current = Arc::new(data);
    }

    /// Waits as long as the server runs: what a program awaits that does nothing but serve.
    pub async fn wait(&self) {
        self.stop.closed().await;
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        self.stop.send_replace(true);
        if let Some(thread) = self.thread.take() {
            // A panic of that thread was reported where it happened.
            let _ = thread.join();
        }
    }
}

impl fmt::Debug for Server {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Server")
            .field("url", &self.url)
            .finish_non_exhaustive()
    }
}
