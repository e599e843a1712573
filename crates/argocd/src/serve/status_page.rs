//! What `--listen` answers: whether the server lives, whether its sockets are there, and what it counts.
//! No backend is asked: a sidecar that is not ready takes the whole repo-server out of service.

use std::convert::Infallible;
use std::net::{Ipv4Addr, Ipv6Addr, SocketAddr};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use http_body_util::Full;
use hyper::body::{Bytes, Incoming};
use hyper::header::{ALLOW, CONTENT_TYPE};
use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper::{Method, Request, Response, StatusCode};
use hyper_util::rt::{TokioIo, TokioTimer};
use tokio::net::TcpListener;
use tokio::sync::Semaphore;

use super::error::Mistake;
use super::metrics;

/// How many may ask at a time.
const MOST: usize = 32;

/// How long somebody may take to ask.
const PATIENCE: Duration = Duration::from_secs(2);

/// What is answered.
pub(crate) struct Status {
    /// Whether the sockets are there.
    pub(crate) ready: AtomicBool,
    /// What is counted.
    pub(crate) metrics: Box<dyn Fn() -> String + Send + Sync>,
}

/// Reads an address: `IP:PORT`, or `:PORT` for all addresses of the pod.
pub(crate) fn address(text: &str) -> Result<SocketAddr, Mistake> {
    // On Linux this one takes IPv4 as well.
    let full = match text.strip_prefix(':') {
        Some(port) => format!("[::]:{port}"),
        None => text.to_owned(),
    };
    full.parse().map_err(|_| {
        let text = manifill::printable(text);
        Mistake::new(format!("--listen: `{text}` is not an address"))
            .with_hint("write 127.0.0.1:8080, or :8080 for all addresses")
    })
}

/// Takes an address.
pub(crate) async fn listen(address: SocketAddr) -> Result<(TcpListener, SocketAddr), Mistake> {
    let failed = |error: std::io::Error| {
        Mistake::new(format!("cannot listen on {address}: {}", error.kind()))
    };
    let listener = match TcpListener::bind(address).await {
        // There may be no IPv6 at all.
        Err(_) if address.ip() == Ipv6Addr::UNSPECIFIED => {
            TcpListener::bind((Ipv4Addr::UNSPECIFIED, address.port())).await
        }
        bound => bound,
    };
    let listener = listener.map_err(failed)?;
    let address = listener.local_addr().map_err(failed)?;
    Ok((listener, address))
}

/// Answers until it is dropped.
pub(crate) async fn serve(listener: TcpListener, status: Arc<Status>) {
    let places = Arc::new(Semaphore::new(MOST));
    loop {
        let Ok(place) = Arc::clone(&places).acquire_owned().await else {
            return;
        };
        let Ok((stream, _)) = listener.accept().await else {
            tokio::time::sleep(Duration::from_millis(100)).await;
            continue;
        };
        let status = Arc::clone(&status);
        tokio::spawn(async move {
            let answer = service_fn(|request| {
                let answer = answer(&request, &status);
                async { Ok::<_, Infallible>(answer) }
            });
            // Whoever asks once and stays would keep others out.
            let connection = http1::Builder::new()
                .keep_alive(false)
                .timer(TokioTimer::new())
                .header_read_timeout(PATIENCE)
                .serve_connection(TokioIo::new(stream), answer);
            let _ = tokio::time::timeout(2 * PATIENCE, connection).await;
            drop(place);
        });
    }
}

fn answer(request: &Request<Incoming>, status: &Status) -> Response<Full<Bytes>> {
    let (code, kind, body) = match request.uri().path() {
        "/healthz" => (StatusCode::OK, "text/plain", "ok\n".to_owned()),
        "/readyz" if status.ready.load(Ordering::Relaxed) => {
            (StatusCode::OK, "text/plain", "ok\n".to_owned())
        }
        "/readyz" => {
            let body = "the sockets are not there\n".to_owned();
            (StatusCode::SERVICE_UNAVAILABLE, "text/plain", body)
        }
        "/metrics" => (StatusCode::OK, metrics::CONTENT_TYPE, (status.metrics)()),
        _ => {
            let body = "there are /healthz, /readyz and /metrics\n".to_owned();
            (StatusCode::NOT_FOUND, "text/plain", body)
        }
    };
    let mut answer = Response::new(Full::new(Bytes::from(body)));
    *answer.status_mut() = code;
    let headers = answer.headers_mut();
    headers.insert(CONTENT_TYPE, hyper::header::HeaderValue::from_static(kind));
    if request.method() != Method::GET && request.method() != Method::HEAD {
        headers.insert(ALLOW, hyper::header::HeaderValue::from_static("GET, HEAD"));
        *answer.status_mut() = StatusCode::METHOD_NOT_ALLOWED;
        *answer.body_mut() = Full::default();
    }
    answer
}
