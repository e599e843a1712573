//! Connections, and the way of a request to its answer.

use std::io;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, PoisonError, RwLock};
use std::time::Duration;

use http_body_util::Full;
use hyper::body::{Bytes, Incoming};
use hyper::header::{AUTHORIZATION, HeaderValue};
use hyper::service::service_fn;
use hyper::{Request, StatusCode};
use hyper_util::rt::TokioIo;
use tokio::net::TcpListener;
use tokio::sync::watch;
use tokio::task::JoinSet;

use crate::api::{Api, Call, Switches};
use crate::data::Data;
use crate::fault::Faults;
use crate::log::{Log, Recorded};
use crate::query::Query;
use crate::response::Response;
use crate::root;
use crate::token::Token;

/// What all connections share.
pub(crate) struct Shared {
    pub(crate) data: RwLock<Arc<Data>>,
    pub(crate) tokens: Vec<Token>,
    pub(crate) first_token: String,
    pub(crate) latency: Duration,
    pub(crate) switches: Switches,
    pub(crate) faults: Faults,
    pub(crate) log: Log,
    pub(crate) connections: AtomicU64,
}

/// Serves until told to stop.
pub(crate) async fn accept(
    listener: TcpListener,
    shared: Arc<Shared>,
    mut stopped: watch::Receiver<bool>,
) {
    // Dropping the set ends the connections that are open.
    let mut connections = JoinSet::new();
    loop {
        let accepted = tokio::select! {
            _ = stopped.wait_for(|stop| *stop) => return,
            Some(_) = connections.join_next() => continue,
            accepted = listener.accept() => accepted,
        };
        let Ok((stream, _)) = accepted else {
            // Out of file descriptors, most likely: some may be free again in a moment.
            tokio::time::sleep(Duration::from_millis(10)).await;
            continue;
        };
        // Without this small answers wait for the client's acknowledgement.
        let _ = stream.set_nodelay(true);
        let shared = Arc::clone(&shared);
        let number = shared.connections.fetch_add(1, Ordering::Relaxed) + 1;
        connections.spawn(async move {
            let service = service_fn(|request| respond(&shared, number, request));
            // An error here is the client going away, or a dropped connection on demand.
            let _ = hyper::server::conn::http1::Builder::new()
                .serve_connection(TokioIo::new(stream), service)
                .await;
        });
    }
}

/// Answers a request; an error closes the connection without an answer.
async fn respond(
    shared: &Shared,
    connection: u64,
    request: Request<Incoming>,
) -> io::Result<hyper::Response<Full<Bytes>>> {
    let uri = request.uri();
    let path = uri.path();
    let query = Query::parse(uri.query().unwrap_or_default());
    if path == "/__ctl" {
        return response(root::control(&query, &shared.log, &shared.faults));
    }
    let target = uri.path_and_query().map_or(path, |target| target.as_str());
    let number = shared.log.push(recorded(&request, target, connection));
    let (delay, fault) = shared.faults.take(target);
    let wait = shared.latency + delay;
    // A sleep takes a millisecond at least, however short it is meant to be.
    if path.starts_with("/v1/") && !wait.is_zero() {
        tokio::time::sleep(wait).await;
    }
    let right = || shared.answer(&request, &query);
    let answer = match fault {
        Some(fault) => fault.answer(path, right),
        None => Some(right()),
    };
    let Some(answer) = answer else {
        return Err(io::ErrorKind::ConnectionAborted.into());
    };
    shared.log.answered(number, answer.status);
    response(answer)
}

impl Shared {
    fn answer(&self, request: &Request<Incoming>, query: &Query) -> Response {
        let path = request.uri().path();
        match path {
            "/heartbeat" => return root::heartbeat(),
            "/health" => return root::health(&self.log),
            "/metrics" => return root::metrics(&self.log),
            _ => {}
        }
        if path.contains("//") {
            return moved(path, request.uri().query());
        }
        let Some(path) = path.strip_prefix("/v1/") else {
            return Response::error(404, "not found");
        };
        let data = Arc::clone(&self.data.read().unwrap_or_else(PoisonError::into_inner));
        let api = Api {
            data: &data,
            tokens: &self.tokens,
            log: &self.log,
            switches: &self.switches,
        };
        let call = Call {
            method: request.method().as_str(),
            path,
            query,
            authorization: request
                .headers()
                .get(AUTHORIZATION)
                .and_then(|value| value.to_str().ok()),
        };
        api.answer(&call)
            .with_header("1password-connect-version", root::VERSION)
    }
}

/// Go's router, which real servers have, redirects to the clean path: `//v1/vaults` is what its
/// own client asks for if the host ends in a slash.
fn moved(path: &str, query: Option<&str>) -> Response {
    let mut clean = path.to_owned();
    while clean.contains("//") {
        clean = clean.replace("//", "/");
    }
    if let Some(query) = query {
        clean = format!("{clean}?{query}");
    }
    Response::typed(301, "text/html; charset=utf-8", "").with_header("location", clean)
}

fn recorded(request: &Request<Incoming>, target: &str, connection: u64) -> Recorded {
    let headers = request
        .headers()
        .iter()
        .filter(|(name, _)| *name != AUTHORIZATION)
        .map(|(name, value)| {
            let value = String::from_utf8_lossy(value.as_bytes()).into_owned();
            (name.as_str().to_owned(), value)
        })
        .collect();
    Recorded {
        method: request.method().as_str().to_owned(),
        target: target.to_owned(),
        path: request.uri().path().to_owned(),
        status: None,
        headers,
        connection,
        mark: None,
    }
}

fn response(answer: Response) -> io::Result<hyper::Response<Full<Bytes>>> {
    let mut response = hyper::Response::new(Full::from(answer.body));
    *response.status_mut() = StatusCode::from_u16(answer.status).map_err(io::Error::other)?;
    for (name, value) in answer.headers {
        let value = HeaderValue::from_bytes(value.as_bytes()).map_err(io::Error::other)?;
        response.headers_mut().insert(name, value);
    }
    Ok(response)
}
