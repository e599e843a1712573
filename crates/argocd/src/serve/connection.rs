//! One connection to a plugin: what it serves, and how it ends.

use std::convert::Infallible;
use std::task::{Context, Poll};

use hyper::body::Incoming;
use hyper::server::conn::http2;
use hyper_util::rt::{TokioExecutor, TokioIo};
use hyper_util::service::TowerToHyperService;
use tokio::net::UnixStream;
use tokio::sync::watch;
use tonic::body::Body;
use tonic::codegen::{BoxFuture, Service, http};
use tonic_health::pb::health_server::HealthServer;
use tonic_health::server::HealthService;

use crate::server::{Connection, PluginService};

/// How much a client may send for a call before it must wait, in bytes: archives come in large pieces.
const WINDOW: u32 = 512 << 10;

/// How many calls a connection has at a time. Argo CD makes a new connection for each.
const CALLS: u32 = 32;

/// What a socket serves: a plugin, and whether it does.
#[derive(Clone)]
pub(crate) struct Services {
    pub(crate) plugin: PluginService,
    pub(crate) health: HealthServer<HealthService>,
}

impl Service<http::Request<Incoming>> for Services {
    type Response = http::Response<Body>;
    type Error = Infallible;
    type Future = BoxFuture<Self::Response, Infallible>;

    fn poll_ready(&mut self, _: &mut Context<'_>) -> Poll<Result<(), Infallible>> {
        Poll::Ready(Ok(()))
    }

    fn call(&mut self, request: http::Request<Incoming>) -> Self::Future {
        if request.uri().path().starts_with("/grpc.health.v1.Health/") {
            self.health.call(request)
        } else {
            self.plugin.call(request)
        }
    }
}

/// Serves a client until it goes away. When the server ends, calls under way are answered and no more
/// are taken.
pub(crate) async fn serve(stream: UnixStream, services: Services, mut ends: watch::Receiver<bool>) {
    let mut connection = std::pin::pin!(
        http2::Builder::new(TokioExecutor::new())
            .initial_stream_window_size(WINDOW)
            // What waits for its turn is not read, and takes nothing from those that have it.
            .initial_connection_window_size(CALLS * WINDOW)
            .max_concurrent_streams(CALLS)
            .serve_connection(
                TokioIo::new(Connection::new(stream)),
                TowerToHyperService::new(services)
            )
    );
    let ended = async {
        // Without its sender, there is nobody who could end it.
        if ends.wait_for(|ends| *ends).await.is_err() {
            std::future::pending::<()>().await;
        }
    };
    tokio::select! {
        // A client that breaks off is no fault of anybody here.
        _ = connection.as_mut() => return,
        () = ended => {}
    }
    connection.as_mut().graceful_shutdown();
    let _ = connection.await;
}
