//! A server around the plugins: sockets, turns, what it tells, and how it ends.

mod metrics;
mod start;

use std::io::{self, Write};
use std::path::Path;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use futures_util::{StreamExt as _, stream};
use manifill::settings::Sources;
use manifill_argocd::serve::{Detail, Log, Options, Server};
use manifill_argocd::server::Method;
use manifill_argocd::server::messages::ManifestResponse;
use tempfile::TempDir;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::sync::oneshot;
use tokio::task::JoinHandle;
use tonic::transport::{Channel, Endpoint};
use tonic::{Code, Status};
use tonic_health::pb::HealthCheckRequest;
use tonic_health::pb::health_check_response::ServingStatus;
use tonic_health::pb::health_client::HealthClient;

use crate::world::{Ask, Client, SENTINEL, files, settings};

/// What a server tells.
#[derive(Clone, Default)]
struct Told(Arc<Mutex<Vec<u8>>>);

impl Write for Told {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.0.lock().unwrap().extend_from_slice(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

impl Told {
    fn lines(&self) -> Vec<serde_json::Value> {
        let bytes = self.0.lock().unwrap().clone();
        let text = String::from_utf8(bytes).unwrap();
        let lines = text.lines();
        lines
            .map(|line| serde_json::from_str(line).unwrap())
            .collect()
    }
}

struct World {
    folder: TempDir,
    told: Told,
    address: Option<std::net::SocketAddr>,
    end: Option<oneshot::Sender<()>>,
    at_once: Option<oneshot::Sender<()>>,
    server: tokio::task::JoinHandle<bool>,
}

impl World {
    async fn new(detail: Detail) -> World {
        World::with(detail, |_, settings| settings).await
    }

    async fn with(detail: Detail, change: impl FnOnce(&mut Options, Sources) -> Sources) -> World {
        let folder = tempfile::tempdir().unwrap();
        let told = Told::default();
        let mut options = Options::new();
        options.socket_dir = folder.path().join("plugins");
        options.plugins = vec!["manifill=plain,discover".parse().unwrap()];
        options.listen = Some("127.0.0.1:0".to_owned());
        options.drain = Duration::from_secs(600);
        std::fs::create_dir(&options.socket_dir).unwrap();
        let settings = change(&mut options, settings(folder.path()));
        let log = Log::new(told.clone(), detail);
        let server = Server::bind(&options, settings, log).await.unwrap();
        let address = server.address();
        let (end, ends) = oneshot::channel();
        let (at_once, ends_at_once) = oneshot::channel();
        let wait = async |signal: oneshot::Receiver<()>| {
            if signal.await.is_err() {
                std::future::pending::<()>().await;
            }
        };
        let server = async move { server.run(wait(ends), wait(ends_at_once)).await };
        World {
            folder,
            told,
            address,
            end: Some(end),
            at_once: Some(at_once),
            server: tokio::spawn(server),
        }
    }

    fn socket(&self) -> std::path::PathBuf {
        self.folder.path().join("plugins/manifill.sock")
    }

    async fn client(&self) -> Client {
        Client::connect(&self.socket()).await
    }

    async fn ended(self) -> bool {
        self.server.await.unwrap()
    }

    /// The status and the body that are answered at a path.
    async fn page(&self, path: &str) -> (u16, String) {
        let mut stream = tokio::net::TcpStream::connect(self.address.unwrap())
            .await
            .unwrap();
        let request = format!("GET {path} HTTP/1.1\r\nHost: x\r\n\r\n");
        stream.write_all(request.as_bytes()).await.unwrap();
        let mut answer = String::new();
        stream.read_to_string(&mut answer).await.unwrap();
        let (head, body) = answer.split_once("\r\n\r\n").unwrap();
        (head[9..12].parse().unwrap(), body.to_owned())
    }
}

async fn channel(socket: &Path) -> Channel {
    let endpoint = Endpoint::try_from(format!("unix:{}", socket.display())).unwrap();
    endpoint.connect().await.unwrap()
}

async fn health(channel: Channel, service: &str) -> Result<ServingStatus, Code> {
    let request = HealthCheckRequest {
        service: service.to_owned(),
    };
    let answer = HealthClient::new(channel).check(request).await;
    answer
        .map(|answer| answer.into_inner().status())
        .map_err(|status| status.code())
}

fn ask() -> Ask {
    let manifest = "kind: Secret\nmetadata: {name: a}\nstringData:\n  p: <path:db#password>\n";
    Ask::new(files(&[("web/a.yaml", manifest)]), "web")
}

fn wrong() -> Ask {
    let manifest = "kind: A\nx: <path:secret-path#nothing>\n";
    Ask::new(
        files(&[("secret-folder/a.yaml", manifest)]),
        "secret-folder",
    )
}

/// A request whose last part waits for a signal, and the signal.
fn held(
    client: Client,
    ask: Ask,
) -> (
    oneshot::Sender<()>,
    impl Future<Output = Result<ManifestResponse, Status>>,
) {
    let mut parts = ask.parts();
    let last = parts.pop().unwrap();
    let (go, gone) = oneshot::channel();
    let last = stream::once(async move {
        gone.await.unwrap();
        last
    });
    let parts = stream::iter(parts).chain(last);
    let answer = async move { client.stream(Method::GenerateManifest, parts).await };
    (go, answer)
}

/// A request under way, of which the server knows: what was sent later on its connection was answered.
async fn under_way(
    world: &World,
) -> (
    oneshot::Sender<()>,
    JoinHandle<Result<ManifestResponse, Status>>,
) {
    let client = world.client().await;
    let (go, answer) = held(client.clone(), ask());
    let answer = tokio::spawn(answer);
    for _ in 0..3 {
        client.check().await.unwrap();
    }
    (go, answer)
}

async fn until_gone(path: &Path) {
    while path.exists() {
        tokio::time::sleep(Duration::from_millis(5)).await;
    }
}

#[tokio::test]
async fn what_runs_ends_and_nothing_else_begins() {
    let mut world = World::new(Detail::Usual).await;
    let socket = world.socket();
    assert_eq!(world.page("/readyz").await.0, 200);
    let (go, answer) = under_way(&world).await;
    world.end.take().unwrap().send(()).unwrap();
    until_gone(&socket).await;
    assert_eq!(world.page("/readyz").await.0, 503);
    assert_eq!(world.page("/healthz").await.0, 200);
    assert!(!world.server.is_finished());
    go.send(()).unwrap();
    let answer = answer.await.unwrap().unwrap();
    assert!(answer.manifests[0].contains(SENTINEL));
    let told = world.told.clone();
    assert!(world.ended().await);
    let last = told.lines().pop().unwrap();
    assert_eq!(last["message"], "ended");
}

#[tokio::test]
async fn a_second_signal_or_the_end_of_patience_cuts_off_what_runs() {
    let mut world = World::new(Detail::Usual).await;
    let (_go, _answer) = under_way(&world).await;
    world.end.take().unwrap().send(()).unwrap();
    until_gone(&world.socket()).await;
    world.at_once.take().unwrap().send(()).unwrap();
    assert!(!world.ended().await);

    let without_patience = |options: &mut Options, settings| {
        options.drain = Duration::ZERO;
        settings
    };
    let mut world = World::with(Detail::Usual, without_patience).await;
    let (_go, _answer) = under_way(&world).await;
    world.end.take().unwrap().send(()).unwrap();
    let told = world.told.clone();
    assert!(!world.ended().await);
    let last = told.lines().pop().unwrap();
    assert_eq!(last["message"], "ended before all was done");
}

#[tokio::test]
async fn a_server_says_whether_it_serves() {
    let mut world = World::new(Detail::Usual).await;
    let channel = channel(&world.socket()).await;
    for service in ["", "plugin.ConfigManagementPluginService"] {
        let status = health(channel.clone(), service).await;
        assert_eq!(status, Ok(ServingStatus::Serving), "{service}");
    }
    assert_eq!(health(channel.clone(), "x").await, Err(Code::NotFound));
    // Whoever watches hears of the end, and does not hold it up.
    let request = HealthCheckRequest::default();
    let watch = HealthClient::new(channel).watch(request).await.unwrap();
    let mut watch = watch.into_inner();
    let first = watch.message().await.unwrap().unwrap().status();
    world.end.take().unwrap().send(()).unwrap();
    assert!(world.ended().await);
    assert_eq!(first, ServingStatus::Serving);
}

#[tokio::test]
async fn what_authors_choose_is_told_escaped_and_cut_and_paths_only_for_debugging() {
    let odd = format!("{}\n\u{1b}[31m\u{202e}\"}}", "long".repeat(2500));
    for detail in [Detail::Usual, Detail::Debug] {
        let world = World::new(detail).await;
        let client = world.client().await;
        let named = |ask: Ask, name: &str| {
            ask.with_env("ARGOCD_APP_NAME", name)
                .with_env("ARGOCD_APP_PROJECT_NAME", name)
        };
        client.generate(&named(ask(), &odd)).await.unwrap();
        client
            .generate(&named(ask(), "a\n{\"level\":1}\u{7f}"))
            .await
            .unwrap();
        client.generate(&wrong()).await.unwrap_err();
        let lines = world.told.lines();
        let text = String::from_utf8(world.told.0.lock().unwrap().clone()).unwrap();
        assert!(!text.contains(SENTINEL), "{text}");
        assert!(!text.contains(['\u{1b}', '\u{202e}', '\u{7f}']), "{text}");
        assert!(text.lines().all(|line| line.len() < 1500), "{text}");
        assert!(
            lines
                .iter()
                .any(|line| line["app"] == "a\\n{\"level\":1}\\u{7f}"),
            "{text}"
        );
        let failed = lines
            .iter()
            .find(|line| line["message"] == "failed")
            .unwrap();
        assert_eq!(failed["error"], "not-found");
        assert_eq!(
            (&failed["app"], &failed["project"]),
            (&"app".into(), &"team".into())
        );
        let shows_paths = text.contains("secret-path") && text.contains("secret-folder");
        assert_eq!(shows_paths, detail == Detail::Debug, "{text}");
    }
}

#[tokio::test]
async fn a_project_with_many_apps_keeps_no_other_one_waiting() {
    let one_at_a_time = |_: &mut Options, settings: Sources| {
        settings.with_variable("MANIFILL_SERVER_PARALLEL", "1")
    };
    let world = World::with(Detail::Usual, one_at_a_time).await;
    let client = world.client().await;
    let of = |project: &str| ask().with_env("ARGOCD_APP_PROJECT_NAME", project);
    let many = (0..20).map(|_| of("many"));
    let asks: Vec<Ask> = many.chain([of("few")]).collect();
    let answers = asks.iter().map(|ask| client.generate(ask));
    for answer in futures_util::future::join_all(answers).await {
        assert!(answer.unwrap().manifests[0].contains(SENTINEL));
    }
    assert_eq!(
        world
            .told
            .lines()
            .iter()
            .filter(|line| line["message"] == "done")
            .count(),
        21
    );
}
