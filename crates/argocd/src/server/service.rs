//! One plugin, as a gRPC service.

use std::convert::Infallible;
use std::future::ready;
use std::pin::Pin;
use std::task::{Context, Poll};

use tonic::body::Body;
use tonic::codegen::{Body as HttpBody, BoxFuture, Service, StdError, http};
use tonic::server::{ClientStreamingService, Grpc, NamedService, UnaryService};
use tonic::{Request, Response, Status, Streaming};
use tonic_prost::ProstCodec;

use super::call::Call;
use super::hooks::Method;
use super::messages::{
    AppStreamRequest, CheckPluginConfigurationResponse, Empty, ManifestResponse,
    ParametersAnnouncementResponse, RepositoryResponse,
};
use super::plugin::PluginService;

/// The name of the service in Argo CD's protocol.
const NAME: &str = "plugin.ConfigManagementPluginService";

impl PluginService {
    fn grpc<E, D>(&self) -> Grpc<ProstCodec<E, D>>
    where
        E: prost::Message + Send + 'static,
        D: prost::Message + Default + Send + 'static,
    {
        Grpc::new(ProstCodec::default())
            .max_decoding_message_size(self.engine().message_read())
            .max_encoding_message_size(self.engine().message_sent())
    }
}

impl NamedService for PluginService {
    const NAME: &'static str = NAME;
}

impl<B> Service<http::Request<B>> for PluginService
where
    B: HttpBody + Send + 'static,
    B::Error: Into<StdError> + Send + 'static,
{
    type Response = http::Response<Body>;
    type Error = Infallible;
    type Future = BoxFuture<Self::Response, Infallible>;

    fn poll_ready(&mut self, _: &mut Context<'_>) -> Poll<Result<(), Infallible>> {
        Poll::Ready(Ok(()))
    }

    fn call(&mut self, request: http::Request<B>) -> Self::Future {
        let plugin = self.clone();
        let method = request.uri().path().strip_prefix('/');
        let method = method.and_then(|path| path.strip_prefix(NAME)?.strip_prefix('/'));
        match method {
            Some("GenerateManifest") => Box::pin(async move {
                let mut grpc = plugin.grpc();
                Ok(grpc.client_streaming(Generate(plugin), request).await)
            }),
            Some("MatchRepository") => Box::pin(async move {
                let mut grpc = plugin.grpc();
                Ok(grpc.client_streaming(Match(plugin), request).await)
            }),
            Some("GetParametersAnnouncement") => Box::pin(async move {
                let mut grpc = plugin.grpc();
                Ok(grpc.client_streaming(Announce(plugin), request).await)
            }),
            Some("CheckPluginConfiguration") => Box::pin(async move {
                let mut grpc = plugin.grpc();
                Ok(grpc.unary(Check(plugin), request).await)
            }),
            _ => {
                let status = Status::unimplemented("Argo CD's plugin protocol has no such method");
                Box::pin(ready(Ok(status.into_http())))
            }
        }
    }
}

type Answer<T> = Pin<Box<dyn Future<Output = Result<Response<T>, Status>> + Send>>;

/// One type for each method, as tonic has it.
struct Generate(PluginService);
struct Match(PluginService);
struct Announce(PluginService);
struct Check(PluginService);

impl ClientStreamingService<AppStreamRequest> for Generate {
    type Response = ManifestResponse;
    type Future = Answer<ManifestResponse>;

    fn call(&mut self, request: Request<Streaming<AppStreamRequest>>) -> Self::Future {
        Box::pin(Call::new(&self.0, Method::GenerateManifest).generate(request))
    }
}

impl ClientStreamingService<AppStreamRequest> for Match {
    type Response = RepositoryResponse;
    type Future = Answer<RepositoryResponse>;

    fn call(&mut self, request: Request<Streaming<AppStreamRequest>>) -> Self::Future {
        Box::pin(Call::new(&self.0, Method::MatchRepository).matches(request))
    }
}

impl ClientStreamingService<AppStreamRequest> for Announce {
    type Response = ParametersAnnouncementResponse;
    type Future = Answer<ParametersAnnouncementResponse>;

    fn call(&mut self, request: Request<Streaming<AppStreamRequest>>) -> Self::Future {
        Box::pin(Call::new(&self.0, Method::GetParametersAnnouncement).announce(request))
    }
}

impl UnaryService<Empty> for Check {
    type Response = CheckPluginConfigurationResponse;
    type Future = Answer<CheckPluginConfigurationResponse>;

    fn call(&mut self, _: Request<Empty>) -> Self::Future {
        Box::pin(ready(
            Call::new(&self.0, Method::CheckPluginConfiguration).check(),
        ))
    }
}
