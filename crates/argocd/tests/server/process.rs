//! A server around the plugins: sockets, turns, what it tells and counts, and how it ends.

use std::io::{self, Write};
use std::path::Path;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use futures_util::{StreamExt as _, stream};
use manifill::settings::Sources;
use manifill_argocd::serve::{Detail, Log, Options, ServeError, Server};
use manifill_argocd::server::Method;
use manifill_argocd::server::messages::ManifestResponse;
use manifill_connect_fake::{self as fake, Data, Token};
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

/// A sample of a text of metrics: name, labels and value.
type Sample = (String, Vec<(String, String)>, f64);

fn samples(text: &str) -> Vec<Sample> {
    let is_name = |name: &str| {
        !name.is_empty()
            && name
                .bytes()
                .all(|byte| byte.is_ascii_lowercase() || byte == b'_')
    };
    let mut family = String::new();
    let mut samples = Vec::new();
    assert!(text.ends_with('\n'));
    for line in text.lines() {
        if let Some(rest) = line.strip_prefix("# HELP ") {
            let (name, help) = rest.split_once(' ').unwrap();
            assert!(is_name(name) && help.ends_with('.'), "{line}");
            family = name.to_owned();
            continue;
        }
        if let Some(rest) = line.strip_prefix("# TYPE ") {
            let (name, kind) = rest.split_once(' ').unwrap();
            assert_eq!(name, family);
            assert!(["counter", "gauge", "histogram"].contains(&kind), "{line}");
            assert_eq!(kind == "counter", name.ends_with("_total"), "{line}");
            continue;
        }
        let (series, value) = line.rsplit_once(' ').unwrap();
        let (name, labels) = match series.split_once('{') {
            None => (series, Vec::new()),
            Some((name, labels)) => {
                let labels = labels.strip_suffix('}').unwrap().split(',');
                let label = |label: &str| {
                    let (name, value) = label.split_once('=').unwrap();
                    let value = value.strip_prefix('"').unwrap().strip_suffix('"').unwrap();
                    (name.to_owned(), value.to_owned())
                };
                (name, labels.map(label).collect())
            }
        };
        assert!(is_name(name) && name.starts_with(&family), "{line}");
        samples.push((name.to_owned(), labels, value.parse().unwrap()));
    }
    samples
}

#[tokio::test]
async fn what_is_counted_says_not_whose_it_was() {
    let world = World::new(Detail::Usual).await;
    let client = world.client().await;
    let names = ["app-name", "project-name", "secret-folder", "secret-path"];
    for _ in 0..2 {
        let ask = ask()
            .with_env("ARGOCD_APP_NAME", names[0])
            .with_env("ARGOCD_APP_PROJECT_NAME", names[1]);
        client.generate(&ask).await.unwrap();
    }
    client.generate(&wrong()).await.unwrap_err();
    client.check().await.unwrap();
    client.matches(&ask()).await.unwrap();
    let (code, text) = world.page("/metrics").await;
    assert_eq!(code, 200);
    let samples = samples(&text);
    let value = |name: &str, labels: &[(&str, &str)]| {
        let mut same = samples.iter().filter(|sample| {
            sample.0 == name
                && sample.1.len() == labels.len()
                && sample
                    .1
                    .iter()
                    .zip(labels)
                    .all(|(one, other)| (&*one.0, &*one.1) == *other)
        });
        let found = same
            .next()
            .unwrap_or_else(|| panic!("{name} {labels:?}: {text}"))
            .2;
        assert!(same.next().is_none(), "{name} {labels:?} twice");
        found
    };
    for (name, labels, wanted) in [
        (
            "manifill_apps_total",
            &[("kind", "plain"), ("outcome", "success")][..],
            2.0,
        ),
        (
            "manifill_apps_total",
            &[("kind", "plain"), ("outcome", "error")],
            1.0,
        ),
        ("manifill_app_seconds_count", &[], 3.0),
        ("manifill_app_seconds_bucket", &[("le", "+Inf")], 3.0),
        (
            "manifill_calls_total",
            &[("method", "GenerateManifest")],
            3.0,
        ),
        (
            "manifill_calls_total",
            &[("method", "MatchRepository")],
            1.0,
        ),
        (
            "manifill_calls_total",
            &[("method", "CheckPluginConfiguration")],
            1.0,
        ),
        ("manifill_archives_total", &[("use", "unpacked")], 2.0),
        ("manifill_archives_total", &[("use", "shared")], 2.0),
        ("manifill_errors_total", &[("kind", "not-found")], 1.0),
        ("manifill_requests_total", &[], 0.0),
        ("manifill_reads_shared_total", &[], 0.0),
        ("manifill_apps_running", &[], 0.0),
        ("manifill_apps_waiting", &[], 0.0),
    ] {
        assert_eq!(value(name, labels), wanted, "{name} {labels:?}");
    }
    let buckets: Vec<f64> = samples
        .iter()
        .filter(|sample| sample.0 == "manifill_app_seconds_bucket")
        .map(|sample| sample.2)
        .collect();
    assert!(buckets.is_sorted(), "{buckets:?}");
    for (_, labels, _) in &samples {
        for (label, _) in labels {
            let known = ["kind", "le", "method", "outcome", "use", "version"];
            assert!(known.contains(&label.as_str()), "{label}");
        }
    }
    for name in names.iter().chain(&["127.0.0.1", SENTINEL]) {
        assert!(!text.contains(name), "{name}: {text}");
    }
}

#[tokio::test]
async fn what_was_sent_and_what_was_shared_is_counted() {
    let data = Data::new()
        .with_vault("prodvault000000000000000aa", "Production")
        .with_item(
            "prodvault000000000000000aa",
            "loginitem0000000000000aaaa",
            "db",
            [("password", SENTINEL)],
        );
    let fake = fake::Options {
        data,
        tokens: vec![Token::new("token")],
        ..fake::Options::default()
    };
    let vault = fake::Server::start_blocking(fake).unwrap();
    let world = World::with(Detail::Usual, |_, _| {
        Sources::default()
            .with_variable("AVP_TYPE", "1passwordconnect")
            .with_variable("OP_CONNECT_HOST", vault.url())
            .with_variable("OP_CONNECT_TOKEN", "token")
    })
    .await;
    let client = world.client().await;
    let manifest = "kind: A\nx: <path:vaults/Production/items/db#password>\n";
    for folder in ["a", "b"] {
        let ask = Ask::new(files(&[(&format!("{folder}/a.yaml"), manifest)]), folder);
        assert!(client.text(&ask).await.contains(SENTINEL));
    }
    let (_, text) = world.page("/metrics").await;
    let samples = samples(&text);
    let value = |name: &str| samples.iter().find(|sample| sample.0 == name).unwrap().2;
    // The vaults, the items of one, and the item.
    assert_eq!(value("manifill_requests_total"), 3.0);
    assert!(value("manifill_reads_shared_total") > 0.0);
    assert!(
        !text.contains("Production") && !text.contains("127.0.0.1"),
        "{text}"
    );
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

#[tokio::test]
async fn a_server_does_not_start_without_what_it_needs() {
    let folder = tempfile::tempdir().unwrap();
    let occupied = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let occupied = occupied.local_addr().unwrap().to_string();
    let start = async |change: &dyn Fn(&mut Options), name: &str, value: &str| {
        let mut options = Options::new();
        options.socket_dir = folder.path().to_owned();
        change(&mut options);
        let settings = Sources::default().with_variable(name, value);
        let log = Log::new(Told::default(), Detail::Usual);
        let error = Server::bind(&options, settings, log).await.unwrap_err();
        assert_eq!(std::fs::read_dir(folder.path()).unwrap().count(), 0);
        (error.is_in_options(), told(&error))
    };
    let plain = |options: &mut Options| options.plugins = vec!["a=plain".parse().unwrap()];
    for (name, value, told) in [
        (
            "MANIFILL_SERVER_PARALLEL",
            "0",
            "must be a number of apps from 1 to 1000",
        ),
        (
            "MANIFILL_ARCHIVE_MEMORY",
            "64Mi",
            "must be a number of bytes, such as 67108864 (0 keeps no archive)",
        ),
        (
            "MANIFILL_REMOTE_HOSTS",
            "http://x",
            "MANIFILL_REMOTE_HOSTS: ",
        ),
        (
            "ARGOCD_GRPC_MAX_SIZE_MB",
            "0",
            "must be a number of megabytes",
        ),
    ] {
        let (is_in_options, error) = start(&plain, name, value).await;
        assert!(error.contains(name) && error.contains(told), "{error}");
        assert!(!is_in_options);
    }
    let twice = |options: &mut Options| {
        options.plugins = vec!["a=plain".parse().unwrap(), "a=helm".parse().unwrap()];
    };
    let error = start(&twice, "X", "").await.1;
    assert_eq!(error, "two plugins have the name `a`\n");
    let absent = |options: &mut Options| options.helm = Some("/nowhere/helm".into());
    let error = start(&absent, "X", "").await.1;
    assert_eq!(error, "there is no program `/nowhere/helm`\n");
    for (address, told, wrong) in [
        ("localhost", "is not an address", true),
        (":x", "is not an address", true),
        (occupied.as_str(), "cannot listen on 127.0.0.1:", false),
    ] {
        let listen = |options: &mut Options| options.listen = Some(address.to_owned());
        let (is_in_options, error) = start(&listen, "X", "").await;
        assert!(error.contains(told), "{error}");
        assert_eq!(is_in_options, wrong, "{address}");
    }
    // Of each kind of mistakes all are told, with those of backends.
    let wrong = |options: &mut Options| {
        options.plugins = ["a=plain", "b=helm", "a=helm", "a=auto"]
            .map(|plugin| plugin.parse().unwrap())
            .into();
        options.kustomize = Some(folder.path().join("nowhere"));
        options.listen = Some("x".to_owned());
    };
    let (is_in_options, error) = start(&wrong, "MANIFILL_SERVER_PARALLEL", "0").await;
    assert!(is_in_options);
    let lines: Vec<_> = error.lines().collect();
    assert_eq!(lines.len(), 3, "{error}");
    assert_eq!(lines[0], "two plugins have the name `a`");
    let mut options = Options::new();
    options.socket_dir = folder.path().to_owned();
    let settings = Sources::default()
        .with_variable("AVP_TYPE", "1passwordconnect")
        .with_variable("MANIFILL_SERVER_PARALLEL", "0")
        .with_variable("MANIFILL_REMOTE_HOSTS", "*")
        .with_variable("ARGOCD_GRPC_MAX_SIZE_MB", "x");
    let log = Log::new(Told::default(), Detail::Usual);
    let error = Server::bind(&options, settings, log).await.unwrap_err();
    let told: Vec<_> = error.mistakes().iter().map(ToString::to_string).collect();
    assert_eq!(
        told,
        [
            "`MANIFILL_SERVER_PARALLEL` must be a number of apps from 1 to 1000, such as 8",
            "`ARGOCD_GRPC_MAX_SIZE_MB` must be a number of megabytes from 1 to 2048, such as 100",
            "MANIFILL_REMOTE_HOSTS: `*` is not a host name",
            "OP_CONNECT_HOST is not set",
            "OP_CONNECT_TOKEN is not set",
        ]
    );
    let place = error.mistakes()[0].place();
    assert_eq!(place, Some("MANIFILL_SERVER_PARALLEL (environment)"));
}

/// A line for each mistake, and its hint.
fn told(error: &ServeError) -> String {
    let mut told = String::new();
    for mistake in error.mistakes() {
        told += &mistake.to_string();
        if let Some(hint) = mistake.hint() {
            told += &format!(" ({hint})");
        }
        told.push('\n');
    }
    told
}

/// Wrong settings of a backend are each app's error: a sidecar that ends takes repo-server with it.
#[tokio::test]
async fn a_server_with_wrong_settings_serves_and_says_so() {
    let wrong =
        |_: &mut Options, settings: Sources| settings.with_variable("MANIFILL_TIMEOUT", "soon");
    let world = World::with(Detail::Usual, wrong).await;
    let told = "MANIFILL_TIMEOUT` must be a number of seconds";
    let at_start = world
        .told
        .lines()
        .into_iter()
        .find(|line| line["level"] == "error")
        .unwrap();
    assert!(
        at_start["text"].as_str().unwrap().contains(told),
        "{at_start}"
    );
    let error = world.client().await.generate(&ask()).await.unwrap_err();
    assert!(error.message().contains(told), "{error}");
}
