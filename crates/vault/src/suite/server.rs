//! A small HTTP server for tests: it answers as it is told, fails on demand, and remembers what
//! it was asked.

use std::collections::VecDeque;
use std::fmt;
use std::net::SocketAddr;
use std::sync::{Arc, Mutex, MutexGuard};
use std::time::Duration;

use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::{TcpListener, TcpStream};
use tokio::task::{JoinHandle, JoinSet};

use super::Seen;
use crate::sync::lock;

/// A server on a free port of this machine; it ends when it is dropped.
pub struct Server {
    address: SocketAddr,
    state: Arc<State>,
    task: JoinHandle<()>,
}

/// An answer.
#[derive(Clone, Debug)]
pub struct Reply {
    status: u16,
    headers: Vec<(String, String)>,
    body: Vec<u8>,
}

impl Reply {
    /// An answer without a body.
    pub fn new(status: u16) -> Self {
        Reply {
            status,
            headers: Vec::new(),
            body: Vec::new(),
        }
    }

    /// A 200 with JSON.
    pub fn json(body: impl Into<Vec<u8>>) -> Self {
        Reply::new(200)
            .with_header("Content-Type", "application/json")
            .with_body(body)
    }

    /// Sets the status.
    pub fn with_status(mut self, status: u16) -> Self {
        self.status = status;
        self
    }

    /// Adds a header.
    pub fn with_header(mut self, name: &str, value: &str) -> Self {
        self.headers.push((name.to_owned(), value.to_owned()));
        self
    }

    /// Sets the body.
    pub fn with_body(mut self, body: impl Into<Vec<u8>>) -> Self {
        self.body = body.into();
        self
    }

    fn head(&self) -> String {
        let mut head = format!("HTTP/1.1 {} Answer\r\n", self.status);
        for (name, value) in &self.headers {
            head.push_str(&format!("{name}: {value}\r\n"));
        }
        head + &format!("Content-Length: {}\r\n\r\n", self.body.len())
    }
}

/// What goes wrong with a request.
#[derive(Clone, Debug)]
pub enum Fault {
    /// Another answer.
    Answer(Reply),
    /// Half of the body, as if it were all of it.
    Truncate,
    /// Half of the body, then the end of the connection.
    CutOff,
    /// The end of the connection without an answer.
    Drop,
    /// No answer at all.
    Silence,
    /// The answer, but later.
    Delay(Duration),
}

type Responder = Box<dyn Fn(&Seen) -> Reply + Send + Sync>;

struct State {
    responder: Responder,
    script: Mutex<Script>,
}

#[derive(Default)]
struct Script {
    next: VecDeque<Fault>,
    always: Option<Fault>,
    seen: Vec<Seen>,
}

impl State {
    fn script(&self) -> MutexGuard<'_, Script> {
        lock(&self.script)
    }
}

impl Server {
    /// Starts a server that answers by a function of the request.
    ///
    /// # Panics
    /// If no port can be opened; this is for tests.
    pub async fn start(responder: impl Fn(&Seen) -> Reply + Send + Sync + 'static) -> Self {
        let opened = TcpListener::bind(("127.0.0.1", 0))
            .await
            .and_then(|listener| Ok((listener.local_addr()?, listener)));
        let (address, listener) = match opened {
            Ok(opened) => opened,
            Err(error) => panic!("no port for a test server: {error}"),
        };
        let state = Arc::new(State {
            responder: Box::new(responder),
            script: Mutex::default(),
        });
        let task = tokio::spawn(serve(listener, Arc::clone(&state)));
        Server {
            address,
            state,
            task,
        }
    }

    /// Its address, without a slash at the end.
    pub fn url(&self) -> String {
        format!("http://{}", self.address)
    }

    /// Lets the next requests fail, after those that are to fail already.
    pub fn fail_next(&self, times: usize, fault: Fault) {
        self.state
            .script()
            .next
            .extend(std::iter::repeat_n(fault, times));
    }

    /// Lets every request fail.
    pub fn fail_always(&self, fault: Fault) {
        self.state.script().always = Some(fault);
    }

    /// The requests so far.
    pub fn seen(&self) -> Vec<Seen> {
        self.state.script().seen.clone()
    }

    /// Forgets the requests so far.
    pub fn forget(&self) {
        self.state.script().seen.clear();
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        self.task.abort();
    }
}

impl fmt::Debug for Server {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Server")
            .field("address", &self.address)
            .finish_non_exhaustive()
    }
}

async fn serve(listener: TcpListener, state: Arc<State>) {
    // The connections end with this task.
    let mut connections = JoinSet::new();
    while let Ok((stream, _)) = listener.accept().await {
        connections.spawn(connection(stream, Arc::clone(&state)));
    }
}

async fn connection(mut stream: TcpStream, state: Arc<State>) -> std::io::Result<()> {
    let mut buffer = Vec::new();
    while let Some(seen) = read_request(&mut stream, &mut buffer).await? {
        let fault = {
            let mut script = state.script();
            script.seen.push(seen.clone());
            script.next.pop_front().or_else(|| script.always.clone())
        };
        let mut reply = (state.responder)(&seen);
        match fault {
            None => {}
            Some(Fault::Answer(other)) => reply = other,
            Some(Fault::Truncate) => reply.body.truncate(reply.body.len() / 2),
            Some(Fault::CutOff) => {
                stream.write_all(reply.head().as_bytes()).await?;
                stream
                    .write_all(&reply.body[..reply.body.len() / 2])
                    .await?;
                return stream.shutdown().await;
            }
            Some(Fault::Drop) => return Ok(()),
            Some(Fault::Silence) => std::future::pending().await,
            Some(Fault::Delay(delay)) => tokio::time::sleep(delay).await,
        }
        stream.write_all(reply.head().as_bytes()).await?;
        stream.write_all(&reply.body).await?;
    }
    Ok(())
}

/// Reads the next request of a connection; `None` at its end.
async fn read_request(
    stream: &mut TcpStream,
    buffer: &mut Vec<u8>,
) -> std::io::Result<Option<Seen>> {
    let head_end = loop {
        if let Some(end) = buffer.windows(4).position(|window| window == b"\r\n\r\n") {
            break end;
        }
        if stream.read_buf(buffer).await? == 0 {
            return Ok(None);
        }
        if !buffer[0].is_ascii_uppercase() {
            // Not HTTP; perhaps the start of TLS.
            let refusal = Reply::new(400).head();
            stream.write_all(refusal.as_bytes()).await?;
            return Ok(None);
        }
    };
    let head = String::from_utf8_lossy(&buffer[..head_end]).into_owned();
    let mut lines = head.split("\r\n");
    let mut start = lines
        .next()
        .unwrap_or_default()
        .split(' ')
        .map(str::to_owned);
    let (method, target) = (
        start.next().unwrap_or_default(),
        start.next().unwrap_or_default(),
    );
    let headers: Vec<(String, String)> = lines
        .filter_map(|line| line.split_once(':'))
        .map(|(name, value)| (name.to_ascii_lowercase(), value.trim().to_owned()))
        .collect();
    let mut seen = Seen {
        method,
        target,
        headers,
        body: Vec::new(),
    };
    let length: usize = seen
        .header("content-length")
        .and_then(|text| text.parse().ok())
        .unwrap_or(0);
    let end = head_end + 4 + length;
    while buffer.len() < end {
        if stream.read_buf(buffer).await? == 0 {
            return Ok(None);
        }
    }
    seen.body = buffer[head_end + 4..end].to_vec();
    buffer.drain(..end);
    Ok(Some(seen))
}
