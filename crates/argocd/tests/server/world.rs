//! Plugins behind sockets, a client, and repositories that are packed as Argo CD packs them.

use std::fmt::Write as _;
use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex};

use futures_util::stream;
use hyper::server::conn::http2;
use hyper_util::rt::{TokioExecutor, TokioIo};
use hyper_util::service::TowerToHyperService;
use manifill::settings::Sources;
use manifill_argocd::Discovery;
use manifill_argocd::server::messages::{
    AppStreamRequest, CheckPluginConfigurationResponse, Empty, ManifestResponse, Metadata,
    ParametersAnnouncementResponse, Part, Piece, RepositoryResponse, Variable,
};
use manifill_argocd::server::{ArchiveUse, Done, Engine, Hooks, Method, Mode, PluginService};
use prost::Message;
use sha2::{Digest as _, Sha256};
use tempfile::TempDir;
use tokio::net::UnixListener;
use tonic::client::Grpc;
use tonic::codegen::http::uri::PathAndQuery;
use tonic::transport::{Channel, Endpoint};
use tonic::{IntoStreamingRequest, Status};
use tonic_prost::ProstCodec;

/// A value that is in the vault and must not show in what is told.
pub(crate) const SENTINEL: &str = "sentinel-of-the-vault";

/// The operator's settings: a file with one secret.
pub(crate) fn settings(folder: &Path) -> Sources {
    let file = folder.join("secrets.yaml");
    let text = format!("db:\n  user: svc\n  password: {SENTINEL}\n");
    std::fs::write(&file, text).unwrap();
    Sources::default()
        .with_variable("AVP_TYPE", "file")
        .with_variable("MANIFILL_FILE", file.to_str().unwrap())
}

/// A plugin that serves on a socket until it is dropped.
pub(crate) struct World {
    pub(crate) folder: TempDir,
    pub(crate) engine: Arc<Engine>,
    tasks: Vec<tokio::task::JoinHandle<()>>,
}

impl Drop for World {
    fn drop(&mut self) {
        self.tasks.iter().for_each(|task| task.abort());
    }
}

impl World {
    /// With a file as a vault.
    pub(crate) fn new() -> World {
        World::with(|engine, _| engine)
    }

    /// With an engine that is finished here.
    pub(crate) fn with(finish: impl FnOnce(Engine, &Path) -> Engine) -> World {
        let folder = tempfile::tempdir().unwrap();
        let engine = finish(Engine::new(settings(folder.path())), folder.path());
        World {
            folder,
            engine: Arc::new(engine),
            tasks: Vec::new(),
        }
    }

    pub(crate) fn file(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    /// A client of a plugin in this mode, that has a socket of its own.
    pub(crate) async fn client(&mut self, mode: Mode, discovery: Discovery) -> Client {
        let plugin = PluginService::new(self.engine.clone(), mode).with_discovery(discovery);
        let socket = self.file(&format!("{mode}-{discovery:?}.sock"));
        let _ = std::fs::remove_file(&socket);
        let listener = UnixListener::bind(&socket).unwrap();
        self.tasks.push(tokio::spawn(async move {
            while let Ok((stream, _)) = listener.accept().await {
                let service = TowerToHyperService::new(plugin.clone());
                let served = http2::Builder::new(TokioExecutor::new())
                    .serve_connection(TokioIo::new(stream), service);
                tokio::spawn(served);
            }
        }));
        Client::connect(&socket).await
    }

    pub(crate) async fn plain(&mut self) -> Client {
        self.client(Mode::Plain, Discovery::Off).await
    }
}

/// What repo-server is to a plugin.
#[derive(Clone)]
pub(crate) struct Client(Channel);

impl Client {
    pub(crate) async fn connect(socket: &Path) -> Client {
        let endpoint = Endpoint::try_from(format!("unix:{}", socket.display())).unwrap();
        Client(endpoint.connect().await.unwrap())
    }

    /// Streams these parts to a method.
    pub(crate) async fn stream<A: Message + Default + 'static>(
        &self,
        method: Method,
        parts: impl IntoStreamingRequest<Message = AppStreamRequest>,
    ) -> Result<A, Status> {
        let mut grpc = Grpc::new(self.0.clone()).max_decoding_message_size(usize::MAX);
        grpc.ready().await.unwrap();
        let parts = parts.into_streaming_request();
        let answer = grpc.client_streaming(parts, path(method), ProstCodec::default());
        Ok(answer.await?.into_inner())
    }

    pub(crate) async fn generate(&self, app: &Ask) -> Result<ManifestResponse, Status> {
        let parts = stream::iter(app.parts());
        self.stream(Method::GenerateManifest, parts).await
    }

    pub(crate) async fn matches(&self, app: &Ask) -> Result<RepositoryResponse, Status> {
        let parts = stream::iter(app.parts());
        self.stream(Method::MatchRepository, parts).await
    }

    pub(crate) async fn announce(
        &self,
        app: &Ask,
    ) -> Result<ParametersAnnouncementResponse, Status> {
        let parts = stream::iter(app.parts());
        self.stream(Method::GetParametersAnnouncement, parts).await
    }

    pub(crate) async fn check(&self) -> Result<CheckPluginConfigurationResponse, Status> {
        let mut grpc = Grpc::new(self.0.clone());
        grpc.ready().await.unwrap();
        let method = path(Method::CheckPluginConfiguration);
        let answer = grpc.unary(tonic::Request::new(Empty {}), method, ProstCodec::default());
        Ok(answer.await?.into_inner())
    }

    /// The only text of the manifests of an app.
    pub(crate) async fn text(&self, app: &Ask) -> String {
        let mut answer = self.generate(app).await.unwrap();
        assert_eq!(answer.source_type, "");
        assert_eq!(answer.manifests.len(), 1);
        answer.manifests.remove(0)
    }

    /// Why an app has no manifests.
    pub(crate) async fn failure(&self, app: &Ask) -> Status {
        let failure = self.generate(app).await.unwrap_err();
        assert!(!failure.message().contains(SENTINEL), "{failure}");
        failure
    }
}

pub(crate) fn path(method: Method) -> PathAndQuery {
    let path = format!("/plugin.ConfigManagementPluginService/{}", method.as_str());
    path.parse().unwrap()
}

/// What is asked for an app.
#[derive(Clone)]
pub(crate) struct Ask {
    pub(crate) archive: Vec<u8>,
    pub(crate) metadata: Metadata,
    pub(crate) chunk: usize,
}

impl Ask {
    /// An app in a folder of a repository, described as Argo CD describes it.
    pub(crate) fn new(archive: Vec<u8>, folder: &str) -> Ask {
        let env = [
            ("ARGOCD_APP_NAME", "app"),
            ("ARGOCD_APP_NAMESPACE", "web"),
            ("ARGOCD_APP_PROJECT_NAME", "team"),
            ("ARGOCD_APP_SOURCE_PATH", folder),
            (
                "ARGOCD_APP_SOURCE_REPO_URL",
                "https://git.example.org/a.git",
            ),
            ("KUBE_VERSION", "1.34"),
        ];
        let metadata = Metadata {
            app_name: folder.rsplit('/').next().unwrap_or_default().to_owned(),
            app_rel_path: folder.to_owned(),
            checksum: checksum(&archive),
            size: archive.len().try_into().unwrap(),
            env: Vec::new(),
        };
        let ask = Ask {
            archive,
            metadata,
            chunk: 1024,
        };
        env.into_iter()
            .fold(ask, |ask, (name, value)| ask.with_env(name, value))
    }

    pub(crate) fn with_env(mut self, name: &str, value: &str) -> Ask {
        self.metadata.env.push(Variable {
            name: name.to_owned(),
            value: value.to_owned(),
        });
        self
    }

    pub(crate) fn with_chunk(mut self, bytes: usize) -> Ask {
        self.chunk = bytes;
        self
    }

    pub(crate) fn parts(&self) -> Vec<AppStreamRequest> {
        let pieces = self.archive.chunks(self.chunk).map(piece);
        std::iter::once(about(self.metadata.clone()))
            .chain(pieces)
            .collect()
    }
}

pub(crate) fn about(metadata: Metadata) -> AppStreamRequest {
    AppStreamRequest {
        request: Some(Part::Metadata(metadata)),
    }
}

pub(crate) fn piece(bytes: &[u8]) -> AppStreamRequest {
    AppStreamRequest {
        request: Some(Part::File(Piece {
            chunk: bytes.to_vec().into(),
        })),
    }
}

pub(crate) fn checksum(archive: &[u8]) -> String {
    let mut digits = String::new();
    for byte in Sha256::digest(archive) {
        write!(digits, "{byte:02x}").unwrap();
    }
    digits
}

/// Something in a repository.
pub(crate) enum Packed<'p> {
    File(&'p str, &'p [u8]),
    Link(&'p str, &'p str),
    HardLink(&'p str, &'p str),
    Device(&'p str),
}

/// A repository of files.
pub(crate) fn files(files: &[(&str, &str)]) -> Vec<u8> {
    let files = files.iter();
    pack(files.map(|(name, text)| Packed::File(name, text.as_bytes())))
}

/// A gzip tar.
pub(crate) fn pack<'p>(entries: impl IntoIterator<Item = Packed<'p>>) -> Vec<u8> {
    pack_with(flate2::Compression::fast(), entries)
}

pub(crate) fn pack_with<'p>(
    compression: flate2::Compression,
    entries: impl IntoIterator<Item = Packed<'p>>,
) -> Vec<u8> {
    let mut tar = tar::Builder::new(Vec::new());
    for entry in entries {
        let (kind, name, to, data): (_, _, _, &[u8]) = match entry {
            Packed::File(name, data) => (tar::EntryType::Regular, name, None, data),
            Packed::Link(name, to) => (tar::EntryType::Symlink, name, Some(to), b""),
            Packed::HardLink(name, to) => (tar::EntryType::Link, name, Some(to), b""),
            Packed::Device(name) => (tar::EntryType::Block, name, None, b""),
        };
        let mut header = tar::Header::new_gnu();
        // What the library would not write.
        header.as_gnu_mut().unwrap().name[..name.len()].copy_from_slice(name.as_bytes());
        if let Some(to) = to {
            header.set_link_name_literal(to).unwrap();
        }
        header.set_entry_type(kind);
        header.set_size(data.len() as u64);
        header.set_mode(0o644);
        header.set_cksum();
        tar.append(&header, data).unwrap();
    }
    let mut gzip = flate2::write::GzEncoder::new(Vec::new(), compression);
    gzip.write_all(&tar.into_inner().unwrap()).unwrap();
    gzip.finish().unwrap()
}

/// Hooks that remember what they hear.
#[derive(Clone, Debug, Default)]
pub(crate) struct Heard(Arc<Mutex<Vec<Call>>>);

/// What is heard of a request.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Call {
    pub(crate) method: Method,
    pub(crate) project: Option<String>,
    pub(crate) archive: Option<ArchiveUse>,
    pub(crate) failure: Option<&'static str>,
    pub(crate) remarks: Vec<String>,
}

impl Hooks for Heard {
    fn done(&self, done: &Done<'_>) {
        self.0.lock().unwrap().push(Call {
            method: done.method,
            project: done.app.map(|app| app.project.clone()),
            archive: done.archive,
            failure: done.failure.map(|(kind, _)| kind),
            remarks: done.remarks.to_vec(),
        });
    }
}

impl Heard {
    pub(crate) fn calls(&self) -> Vec<Call> {
        self.0.lock().unwrap().clone()
    }
}
