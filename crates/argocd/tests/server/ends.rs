//! How requests end that do not end by themselves, and many at a time.

use std::fs;
use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use futures_util::future::join_all;
use manifill::settings::Sources;
use manifill_argocd::Discovery;
use manifill_argocd::rendering::{Limits, Programs, Workspace};
use manifill_argocd::server::{Engine, Hooks, Memory, Mode, PluginService, Turn};
use tonic::Code;
use tonic::body::Body;
use tonic::codegen::{Service as _, http};

use crate::world::{Ask, Heard, Packed, World, files, pack, pack_with, path};

/// A script in the place of Helm and of kustomize. It knows no `PATH`.
pub(crate) fn with_script(engine: Engine, folder: &Path, script: &str) -> Engine {
    let program = folder.join("program");
    // Written by another process: one that is started meanwhile would keep the file open.
    let text = format!("#!/bin/sh\n{script}\n");
    let written = std::process::Command::new("sh")
        .args(["-c", "printf %s \"$2\" > \"$1\" && chmod 755 \"$1\"", "sh"])
        .arg(&program)
        .arg(text)
        .status();
    assert!(written.unwrap().success());
    let temporary = folder.join("tmp");
    fs::create_dir(&temporary).unwrap();
    let programs = Programs::new(Workspace::open(&temporary, Limits::new()).unwrap());
    let programs = programs.with_helm(&program).unwrap();
    engine.with_programs(programs.with_kustomize(&program).unwrap())
}

fn chart() -> Vec<u8> {
    files(&[("chart/Chart.yaml", "name: a\n")])
}

async fn started(file: &Path) -> Vec<String> {
    loop {
        match fs::read_to_string(file) {
            Ok(text) if text.ends_with('\n') => {
                return text.split_whitespace().map(str::to_owned).collect();
            }
            _ => tokio::time::sleep(Duration::from_millis(5)).await,
        }
    }
}

async fn await_the_end(processes: &[String]) {
    for process in processes {
        loop {
            let stat = fs::read_to_string(format!("/proc/{process}/stat"));
            if stat.map_or(true, |stat| stat.contains(") Z ")) {
                break;
            }
            tokio::time::sleep(Duration::from_millis(5)).await;
        }
    }
}

fn sleeping(folder: &Path) -> String {
    let file = folder.join("started").display().to_string();
    format!("/bin/sleep 600 & echo \"$$ $!\" > {file}; wait")
}

#[tokio::test]
async fn a_client_that_goes_away_ends_what_was_started_for_it() {
    let heard = Heard::default();
    let mut world = World::with(|engine, folder| {
        with_script(engine, folder, &sleeping(folder)).with_hooks(heard.clone())
    });
    let client = world.client(Mode::Helm, Discovery::Off).await;
    let ask = Ask::new(chart(), "chart");
    let file = world.file("started");
    let processes = tokio::select! {
        _ = client.generate(&ask) => panic!("it sleeps"),
        processes = started(&file) => processes,
    };
    await_the_end(&processes).await;
    while heard.calls().is_empty() {
        tokio::time::sleep(Duration::from_millis(5)).await;
    }
    assert_eq!(heard.calls()[0].failure, Some("cancelled"));
}

/// Asks without a client, which would watch over the deadline itself.
async fn ask_within(engine: &Arc<Engine>, mode: Mode, ask: &Ask, timeout: &str) -> (Code, String) {
    let mut body = Vec::new();
    for part in ask.parts() {
        let message = prost::Message::encode_to_vec(&part);
        body.push(0);
        body.extend(u32::try_from(message.len()).unwrap().to_be_bytes());
        body.extend(message);
    }
    let method = path(manifill_argocd::server::Method::GenerateManifest);
    let request = http::Request::post(method.as_str())
        .header("grpc-timeout", timeout)
        .body(Body::new(http_body_util::Full::from(body)))
        .unwrap();
    let mut plugin = PluginService::new(engine.clone(), mode);
    let answer = plugin.call(request).await.unwrap();
    let header = |name: &str| {
        answer
            .headers()
            .get(name)
            .map(|value| value.to_str().unwrap())
    };
    let code = header("grpc-status").map_or(Code::Ok, |code| Code::from_bytes(code.as_bytes()));
    let message = header("grpc-message").unwrap_or_default();
    (code, message.replace("%20", " ").replace("%0A", "\n"))
}

/// Nobody gets a turn.
struct Never;

#[tonic::async_trait]
impl Hooks for Never {
    async fn turn(&self, _: &str) -> Turn {
        std::future::pending().await
    }
}

const DEADLINE: &str = "Argo CD sets this time: controller.repo.server.timeout.seconds and server.repo.server.timeout.seconds in argocd-cmd-params-cm, 60 unless set";

/// What the operator can set is longer already.
#[tokio::test]
async fn a_vault_that_is_too_slow_for_argo_cd_is_told_with_argo_cds_time() {
    let silent = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let host = format!("http://{}", silent.local_addr().unwrap());
    let settings = Sources::default()
        .with_variable("AVP_TYPE", "1passwordconnect")
        .with_variable("OP_CONNECT_HOST", &host)
        .with_variable("OP_CONNECT_TOKEN", "token")
        .with_variable("MANIFILL_TIMEOUT", "1");
    let world = World::with(|_, _| Engine::new(settings.clone()));
    let source = "kind: A\na: <path:vaults/v/items/i#k>\n";
    let ask = Ask::new(files(&[("a.yaml", source)]), ".");
    let (code, message) = ask_within(&world.engine, Mode::Plain, &ask, "1777S").await;
    assert_eq!(code, Code::Unavailable, "{message}");
    assert!(message.contains("MANIFILL_TIMEOUT"), "{message}");
    let world = World::with(|_, _| Engine::new(settings.with_variable("MANIFILL_TIMEOUT", "600")));
    let (_, message) = ask_within(&world.engine, Mode::Plain, &ask, "1777m").await;
    assert!(message.contains(DEADLINE), "{message}");
    assert!(!message.contains("MANIFILL_TIMEOUT"), "{message}");
}

#[tokio::test]
async fn a_deadline_ends_a_request_wherever_it_is() {
    let world = World::with(|engine, _| engine.with_hooks(Never));
    let ask = Ask::new(files(&[("a.yaml", "kind: A\n")]), ".");
    for timeout in ["200m", "0n", "100000u"] {
        let (code, message) = ask_within(&world.engine, Mode::Plain, &ask, timeout).await;
        assert_eq!(code, Code::DeadlineExceeded, "{message}");
        assert!(message.contains("ran out while it"), "{message}");
        assert!(message.contains(DEADLINE), "{message}");
    }

    let world = World::with(|engine, folder| with_script(engine, folder, &sleeping(folder)));
    let ask = Ask::new(chart(), "chart");
    let (code, message) = ask_within(&world.engine, Mode::Helm, &ask, "2S").await;
    assert_eq!(code, Code::DeadlineExceeded);
    // On a busy machine there is no time left to hear of Helm.
    let ends = [
        "Helm was not done in time",
        "ran out while its manifests were made",
    ];
    assert!(ends.iter().any(|end| message.contains(end)), "{message}");
    await_the_end(&started(&world.file("started")).await).await;
}

/// Only apps of one project get a turn.
struct Few;

#[tonic::async_trait]
impl Hooks for Few {
    async fn turn(&self, project: &str) -> Turn {
        if project != "few" {
            std::future::pending::<()>().await;
        }
        Turn::default()
    }
}

#[tokio::test]
async fn an_app_without_a_turn_holds_no_memory() {
    let archive = files(&[("a.yaml", "kind: A\n")]);
    let memory = Memory::new().with_packed(u64::try_from(archive.len()).unwrap());
    let world = World::with(|engine, _| engine.with_hooks(Few).with_memory(memory));
    let of =
        |project: &str| Ask::new(archive.clone(), ".").with_env("ARGOCD_APP_PROJECT_NAME", project);
    let (many, few) = (of("many"), of("few"));
    let waiting = ask_within(&world.engine, Mode::Plain, &many, "60S");
    let served = ask_within(&world.engine, Mode::Plain, &few, "30S");
    let (code, message) = tokio::select! {
        biased;
        _ = waiting => panic!("it has no turn"),
        told = served => told,
    };
    assert_eq!(code, Code::Ok, "{message}");
}

#[tokio::test]
async fn an_archive_waits_for_memory_until_the_deadline() {
    let memory = Memory::new().with_unpacked(1 << 20).with_kept(0);
    let mut world = World::with(|engine, folder| {
        with_script(engine, folder, &sleeping(folder)).with_memory(memory)
    });
    let large = vec![7; 700 << 10];
    let repository = |name: &str| {
        pack([
            Packed::File("chart/Chart.yaml", b"name: a\n"),
            Packed::File("a.yaml", b"kind: A\n"),
            Packed::File(name, &large),
        ])
    };
    let client = world.client(Mode::Auto, Discovery::Off).await;
    let (first, second) = (
        Ask::new(repository("1"), "chart"),
        Ask::new(repository("2"), "chart"),
    );
    let file = world.file("started");
    {
        let mut working = std::pin::pin!(client.generate(&first));
        tokio::select! {
            _ = &mut working => panic!("it sleeps"),
            _ = started(&file) => {}
        }
        let waiting = ask_within(&world.engine, Mode::Auto, &second, "500m");
        let (code, message) = tokio::select! {
            _ = &mut working => panic!("it sleeps"),
            told = waiting => told,
        };
        assert_eq!(code, Code::DeadlineExceeded);
        assert!(message.contains("waited for memory"), "{message}");
        // The same archive is there already, and needs none.
        let (_, message) = ask_within(
            &world.engine,
            Mode::Plain,
            &Ask::new(first.archive.clone(), "none"),
            "30S",
        )
        .await;
        assert!(message.contains("there is no folder"), "{message}");
    }
    // The memory comes back with the end of the first.
    let (_, message) = ask_within(
        &world.engine,
        Mode::Plain,
        &Ask::new(second.archive, "none"),
        "60S",
    )
    .await;
    assert!(message.contains("there is no folder"), "{message}");
}

#[tokio::test]
async fn fifty_apps_at_once_get_by_with_little_memory() {
    let memory = Memory::new()
        .with_packed(1 << 20)
        .with_unpacked(1 << 20)
        .with_kept(1 << 20);
    let mut world = World::with(|engine, _| engine.with_memory(memory));
    let client = world.plain().await;
    let asks: Vec<_> = (0..50)
        .map(|n| {
            let name = format!("kind: A\nn: {n}\na: <path:db#user>\n");
            let large = vec![n; 600 << 10];
            let archive = pack([
                Packed::File("a/a.yaml", name.as_bytes()),
                Packed::File("large", &large),
            ]);
            Ask::new(archive, "a")
        })
        .collect();
    let texts = join_all(asks.iter().map(|ask| client.text(ask))).await;
    for (n, text) in texts.iter().enumerate() {
        assert_eq!(*text, format!("kind: A\nn: {n}\na: \"svc\"\n"));
    }
}

/// Something that fails as nothing should.
struct Panics {
    when: &'static str,
}

const PANIC: &str = "sentinel of a panic";

struct Bomb;

impl Drop for Bomb {
    fn drop(&mut self) {
        panic!("{PANIC}");
    }
}

#[tonic::async_trait]
impl Hooks for Panics {
    async fn turn(&self, project: &str) -> Turn {
        match (project, self.when) {
            ("bad", "waiting") => panic!("{PANIC}"),
            ("bad", _) => Turn::holding(Bomb),
            _ => Turn::default(),
        }
    }
}

#[tokio::test]
async fn a_panic_is_an_error_of_its_request() {
    for when in ["waiting", "working"] {
        let mut world = World::with(|engine, _| engine.with_hooks(Panics { when }));
        let client = world.plain().await;
        let good = Ask::new(files(&[("a.yaml", "kind: A\na: <path:db#user>\n")]), ".");
        let bad = good.clone().with_env("ARGOCD_APP_PROJECT_NAME", "bad");
        let (failure, text) = tokio::join!(client.failure(&bad), client.text(&good));
        assert_eq!(failure.code(), Code::Internal);
        assert!(
            failure.message().contains("a fault of manifill"),
            "{failure}"
        );
        assert!(!failure.message().contains(PANIC), "{failure}");
        assert_eq!(text, "kind: A\na: \"svc\"\n");
        assert_eq!(client.text(&good).await, text);
    }
}

#[tokio::test]
async fn a_hundred_megabytes_are_unpacked() {
    let mut world = World::new();
    let client = world.plain().await;
    let large = vec![7; 99 << 20];
    let entries = [
        Packed::File("a/a.yaml", b"kind: A\na: <path:db#user>\n"),
        Packed::File("large", &large),
    ];
    let archive = pack_with(flate2::Compression::none(), entries);
    assert!(archive.len() > 99 << 20);
    // A message of it is far larger than those of other protocols.
    let ask = Ask::new(archive, "a").with_chunk(50 << 20);
    assert_eq!(client.text(&ask).await, "kind: A\na: \"svc\"\n");
}
