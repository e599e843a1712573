//! `manifill argocd-plugin` as a process: its sockets, its signals and what it writes.
#![allow(clippy::unwrap_used)]
#![cfg(unix)]

mod common;

use std::io::{BufRead as _, BufReader, Read as _, Write as _};
use std::net::TcpStream;
use std::os::unix::fs::PermissionsExt as _;
use std::os::unix::net::UnixStream;
use std::path::{Path, PathBuf};
use std::process::{Child, ChildStderr, Command, Stdio};

use common::{Folder, manifill};
use futures_util::{StreamExt as _, stream};
use manifill_argocd::server::messages::{
    AppStreamRequest, CheckPluginConfigurationResponse, Empty, ManifestResponse, Metadata, Part,
    Piece,
};
use tonic::client::Grpc;
use tonic::codegen::http::uri::PathAndQuery;
use tonic::transport::{Channel, Endpoint};
use tonic::{Code, Request};
use tonic_prost::ProstCodec;

const SENTINEL: &str = "sentinel-of-the-operator";

/// A server that runs, and has told that it serves.
struct Server {
    child: Child,
    told: BufReader<ChildStderr>,
    lines: Vec<String>,
}

impl Drop for Server {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

fn start(sockets: &Path, arguments: &[&str]) -> Server {
    let mut command = Command::new(env!("CARGO_BIN_EXE_manifill"));
    command
        .arg("argocd-plugin")
        .arg("--socket-dir")
        .arg(sockets)
        .args(arguments)
        .env_clear()
        .env("AVP_TYPE", "1passwordconnect")
        .env("OP_CONNECT_HOST", "http://127.0.0.1:9")
        .env("OP_CONNECT_TOKEN", SENTINEL)
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped());
    let mut child = command.spawn().unwrap();
    let told = BufReader::new(child.stderr.take().unwrap());
    let mut server = Server {
        child,
        told,
        lines: Vec::new(),
    };
    server.until("serving");
    server
}

impl Server {
    /// Reads what is told, up to a message.
    fn until(&mut self, message: &str) -> serde_json::Value {
        loop {
            let mut line = String::new();
            assert_ne!(
                self.told.read_line(&mut line).unwrap(),
                0,
                "{:?}",
                self.lines
            );
            let told: serde_json::Value = serde_json::from_str(&line).unwrap();
            self.lines.push(line);
            if told["message"] == message {
                return told;
            }
        }
    }

    fn signal(&self, name: &str) {
        let id = self.child.id().to_string();
        let sent = Command::new("kill").args(["-s", name, &id]).status();
        assert!(sent.unwrap().success());
    }

    /// The exit status; what it told is in `lines`, and it printed nothing.
    fn ended(mut self) -> (std::process::ExitStatus, String) {
        let status = self.child.wait().unwrap();
        let mut printed = String::new();
        let mut out = self.child.stdout.take().unwrap();
        out.read_to_string(&mut printed).unwrap();
        assert_eq!(printed, "");
        let mut rest = String::new();
        self.told.read_to_string(&mut rest).unwrap();
        (status, self.lines.concat() + &rest)
    }
}

fn names(folder: &Path) -> Vec<String> {
    let entries = std::fs::read_dir(folder).unwrap();
    let mut names: Vec<_> = entries
        .map(|entry| entry.unwrap().file_name().into_string().unwrap())
        .collect();
    names.sort();
    names
}

fn plugins(folder: &Folder) -> PathBuf {
    let plugins = folder.path().join("plugins");
    std::fs::create_dir(&plugins).unwrap();
    plugins
}

#[test]
fn a_server_has_a_socket_for_each_plugin_and_ends_with_them() {
    let folder = Folder::new();
    let plugins = plugins(&folder);
    for (signal, arguments, sockets) in [
        (
            "TERM",
            &[][..],
            &[
                "manifill-helm",
                "manifill-kustomize",
                "manifill-plain",
                "manifill",
            ][..],
        ),
        (
            "INT",
            &["--plugin", "b=plain", "--plugin", "a-1.0=helm,discover"],
            &["a-1.0", "b"],
        ),
        ("HUP", &["--plugin", "a=kustomize"], &["a"]),
    ] {
        let mut server = start(&plugins, arguments);
        let wanted: Vec<_> = sockets.iter().map(|name| format!("{name}.sock")).collect();
        assert_eq!(names(&plugins), wanted);
        for name in &wanted {
            let mode = plugins.join(name).metadata().unwrap().permissions().mode();
            assert_eq!(mode & 0o777, 0o660, "{name}");
        }
        server.signal(signal);
        server.until("ended");
        let (status, told) = server.ended();
        assert_eq!(status.code(), Some(0), "{told}");
        assert!(!told.contains(SENTINEL), "{told}");
        assert!(names(&plugins).is_empty());
    }
}

#[test]
fn a_killed_server_is_replaced_and_a_running_one_is_left_alone() {
    let folder = Folder::new();
    let plugins = plugins(&folder);
    let mut killed = start(&plugins, &["--plugin", "a=plain"]);
    killed.child.kill().unwrap();
    killed.child.wait().unwrap();
    assert_eq!(names(&plugins), ["a.sock"]);
    assert!(UnixStream::connect(plugins.join("a.sock")).is_err());
    let running = start(&plugins, &["--plugin", "a=plain"]);
    assert!(UnixStream::connect(plugins.join("a.sock")).is_ok());
    let directory = plugins.to_str().unwrap();
    let second = |plugin: &str| {
        manifill([
            "argocd-plugin",
            "--socket-dir",
            directory,
            "--plugin",
            plugin,
        ])
        .run()
        .failed()
    };
    let told = second("a=helm");
    assert!(
        told.contains("a.sock is the socket of a plugin that runs\n  hint: each plugin of a pod needs a name of its own, which --plugin NAME=MODE gives\n"),
        "{told}"
    );
    assert!(UnixStream::connect(plugins.join("a.sock")).is_ok());
    // Another one beside it is fine.
    drop(start(&plugins, &["--plugin", "b=plain"]));
    drop(running);
    let file = plugins.join("c.sock");
    std::fs::write(&file, "mine").unwrap();
    let told = second("c=plain");
    assert!(told.contains("c.sock is not a socket"), "{told}");
    assert_eq!(std::fs::read_to_string(&file).unwrap(), "mine");
}

#[test]
fn mistakes_in_the_arguments_are_told_before_anything_is_made() {
    let folder = Folder::new();
    let plugins = plugins(&folder);
    let directory = plugins.to_str().unwrap();
    for (plugin, told) in [
        ("manifill", "write NAME=MODE"),
        ("../x=auto", "a plugin's name has at most 63"),
        ("x=jsonnet", "the modes are auto, plain, helm and kustomize"),
        ("x=helm,discovery", "can follow the mode"),
    ] {
        let arguments = [
            "argocd-plugin",
            "--socket-dir",
            directory,
            "--plugin",
            plugin,
        ];
        let ran = manifill(arguments).run();
        assert_eq!(ran.status, 2, "{}", ran.err);
        assert!(ran.err.contains(told), "{}", ran.err);
    }
    folder.write("text", "x");
    let text = folder.path().join("text");
    let text = text.to_str().unwrap();
    for (arguments, told) in [
        (
            &["--helm", "/nowhere/helm"][..],
            &["error: there is no program `/nowhere/helm`\n  hint: see --help\n"][..],
        ),
        (
            &["--kustomize", text, "--listen", "localhost"],
            &[
                "/text` may not be executed\n  hint: its file needs the permission that `chmod +x` gives",
                "write 127.0.0.1:8080, or :8080",
            ],
        ),
        (
            &["--plugin", "a=plain", "--plugin", "a=helm"],
            &["two plugins have the name `a`"],
        ),
    ] {
        let common = ["argocd-plugin", "--socket-dir", directory];
        let ran = manifill(common.iter().chain(arguments)).run();
        assert_eq!(ran.status, 2, "{}", ran.err);
        for told in told {
            assert!(ran.err.contains(told), "{}", ran.err);
        }
    }
    let ran = manifill(["argocd-plugin", "--socket-dir", directory])
        .env("MANIFILL_SERVER_PARALLEL", "0")
        .env("MANIFILL_TIMEOUT", "soon")
        .run();
    let errors = ran.failed();
    for name in ["MANIFILL_SERVER_PARALLEL", "MANIFILL_TIMEOUT"] {
        assert!(
            errors.contains(&format!("  --> {name} (environment)\n")),
            "{errors}"
        );
    }
    let absent = manifill(["argocd-plugin", "--socket-dir", "/nowhere/plugins"]).run();
    assert!(absent.failed().contains("/nowhere/plugins"));
    assert!(names(&plugins).is_empty());
}

/// With a settings file the Secret is not read, but it is waited for: that must not take the signals.
#[test]
fn a_settings_file_and_a_secret_leave_signals_to_the_server() {
    let folder = Folder::new();
    let plugins = plugins(&folder);
    folder.write(
        "manifill.yaml",
        "AVP_TYPE: file\nMANIFILL_SERVER_PARALLEL: 3\n",
    );
    let file = folder.path().join("manifill.yaml");
    let arguments = [
        "-c",
        file.to_str().unwrap(),
        "-s",
        "argocd:manifill",
        "--plugin",
        "a=plain",
    ];
    let mut server = start(&plugins, &arguments);
    assert!(
        server.lines.last().unwrap().contains("\"parallel\":3"),
        "{:?}",
        server.lines
    );
    server.signal("TERM");
    server.until("ended");
    let (status, told) = server.ended();
    assert_eq!(status.code(), Some(0), "{told}");
}

#[test]
fn the_address_that_is_named_answers() {
    let folder = Folder::new();
    let plugins = plugins(&folder);
    let port = {
        let free = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
        free.local_addr().unwrap()
    };
    let server = start(&plugins, &["-v", "--listen", &port.to_string()]);
    let mut stream = TcpStream::connect(port).unwrap();
    stream.write_all(b"GET /readyz HTTP/1.0\r\n\r\n").unwrap();
    let mut answer = String::new();
    stream.read_to_string(&mut answer).unwrap();
    assert!(answer.starts_with("HTTP/1.0 200 "), "{answer}");
    drop(server);
}

async fn connect(socket: PathBuf) -> Channel {
    let endpoint = Endpoint::try_from(format!("unix:{}", socket.display())).unwrap();
    endpoint.connect().await.unwrap()
}

fn method(name: &'static str) -> PathAndQuery {
    let path = format!("/plugin.ConfigManagementPluginService/{name}");
    path.parse().unwrap()
}

async fn check(channel: &Channel) -> CheckPluginConfigurationResponse {
    let mut grpc = Grpc::new(channel.clone());
    grpc.ready().await.unwrap();
    let method = method("CheckPluginConfiguration");
    let answer = grpc.unary(Request::new(Empty {}), method, ProstCodec::default());
    answer.await.unwrap().into_inner()
}

/// A request that is under way when the signal comes, and is answered afterwards: with its own mistake,
/// a checksum of something else.
#[tokio::test]
async fn what_is_under_way_is_answered_after_the_signal_and_a_second_one_ends_it() {
    let folder = Folder::new();
    let plugins = plugins(&folder);
    for signals in [1, 2] {
        let mut server = start(&plugins, &["--plugin", "a=plain"]);
        let channel = connect(plugins.join("a.sock")).await;
        let (go, gone) = tokio::sync::oneshot::channel::<()>();
        let about = Metadata {
            app_name: "web".to_owned(),
            app_rel_path: ".".to_owned(),
            checksum: "0".repeat(64),
            size: 1,
            env: Vec::new(),
        };
        let part = |part| AppStreamRequest {
            request: Some(part),
        };
        let last = async move {
            let _ = gone.await;
            part(Part::File(Piece {
                chunk: b"x".to_vec().into(),
            }))
        };
        let parts = stream::iter([part(Part::Metadata(about))]).chain(stream::once(last));
        let mut grpc = Grpc::new(channel.clone());
        grpc.ready().await.unwrap();
        let answer = tokio::spawn(async move {
            let codec = ProstCodec::<AppStreamRequest, ManifestResponse>::default();
            let request = Request::new(parts);
            grpc.client_streaming(request, method("GenerateManifest"), codec)
                .await
        });
        // Of what was sent before on this connection, the server knows.
        for _ in 0..3 {
            assert!(!check(&channel).await.is_discovery_configured);
        }
        server.signal("TERM");
        server.until("ending");
        while !names(&plugins).is_empty() {
            tokio::time::sleep(std::time::Duration::from_millis(5)).await;
        }
        assert!(server.child.try_wait().unwrap().is_none());
        if signals == 1 {
            go.send(()).unwrap();
            let failure = answer.await.unwrap().unwrap_err();
            assert_eq!(failure.code(), Code::DataLoss, "{failure}");
            let (status, told) = server.ended();
            assert_eq!(status.code(), Some(0), "{told}");
        } else {
            server.signal("TERM");
            let (status, told) = server.ended();
            assert_eq!(status.code(), Some(128 + 15), "{told}");
            assert!(answer.await.unwrap().is_err());
            drop(go);
        }
    }
}
