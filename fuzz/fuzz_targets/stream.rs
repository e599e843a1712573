//! Any stream to any method: it is answered, and no value of the vault is in what is told.
#![no_main]

use std::fmt::Write as _;
use std::sync::{Arc, LazyLock};

use http_body_util::{BodyExt as _, Full};
use libfuzzer_sys::{arbitrary, fuzz_target};
use manifill::settings::Sources;
use manifill_argocd::Discovery;
use manifill_argocd::server::messages::{AppStreamRequest, Metadata, Part, Piece, Variable};
use manifill_argocd::server::{Engine, Memory, Mode, PluginService};
use prost::Message as _;
use prost::bytes::Bytes;
use sha2::{Digest as _, Sha256};
use tonic::codegen::{Service as _, http};

const SENTINEL: &str = "sentinel-8a2e";

#[derive(Debug, arbitrary::Arbitrary)]
struct Asked<'a> {
    method: u8,
    mode: u8,
    discovery: u8,
    timeout: Option<&'a str>,
    sent: Sent<'a>,
}

#[derive(Debug, arbitrary::Arbitrary)]
enum Sent<'a> {
    /// Bytes as they are.
    Body(&'a [u8]),
    /// Messages that may be malformed.
    Messages(Vec<&'a [u8]>),
    /// An archive that arrives whole, with what is said about it.
    App {
        path: &'a str,
        env: Vec<(&'a str, &'a str)>,
        file: &'a str,
        text: &'a str,
        is_broken: bool,
        chunk: u8,
    },
}

struct Server {
    runtime: tokio::runtime::Runtime,
    engine: Arc<Engine>,
}

static SERVER: LazyLock<Server> = LazyLock::new(|| {
    let secrets = std::env::temp_dir().join(format!("manifill-fuzz-{}.yaml", std::process::id()));
    std::fs::write(&secrets, format!("a: {{b: {SENTINEL}}}\n")).unwrap();
    let settings = Sources::default()
        .with_variable("AVP_TYPE", "file")
        .with_variable("MANIFILL_FILE", secrets.to_str().unwrap());
    let memory = Memory::new()
        .with_packed(1 << 20)
        .with_unpacked(1 << 20)
        .with_kept(1 << 20);
    Server {
        runtime: tokio::runtime::Builder::new_current_thread()
            .enable_all()
            .build()
            .unwrap(),
        engine: Arc::new(Engine::new(settings).with_memory(memory)),
    }
});

fn frame(body: &mut Vec<u8>, message: &[u8]) {
    body.push(0);
    body.extend((message.len() as u32).to_be_bytes());
    body.extend(message);
}

fn part(body: &mut Vec<u8>, part: Part) {
    let message = AppStreamRequest {
        request: Some(part),
    };
    frame(body, &message.encode_to_vec());
}

fn body(sent: &Sent<'_>) -> Vec<u8> {
    let mut body = Vec::new();
    match sent {
        Sent::Body(bytes) => body.extend_from_slice(bytes),
        Sent::Messages(messages) => messages
            .iter()
            .for_each(|message| frame(&mut body, message)),
        Sent::App {
            path,
            env,
            file,
            text,
            is_broken,
            chunk,
        } => {
            let mut tar = tar::Builder::new(Vec::new());
            let mut header = tar::Header::new_gnu();
            header.set_size(text.len() as u64);
            // A name that cannot be written is left out, and then there is no file.
            let _ = tar.append_data(&mut header, file, text.as_bytes());
            let mut gzip = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::fast());
            std::io::Write::write_all(&mut gzip, &tar.into_inner().unwrap()).unwrap();
            let archive = gzip.finish().unwrap();
            let mut checksum = String::new();
            for byte in Sha256::digest(&archive) {
                let _ = write!(checksum, "{byte:02x}");
            }
            if *is_broken {
                checksum.pop();
            }
            let env = env.iter().map(|(name, value)| Variable {
                name: (*name).to_owned(),
                value: (*value).to_owned(),
            });
            let metadata = Metadata {
                app_name: "fuzz".to_owned(),
                app_rel_path: (*path).to_owned(),
                checksum,
                size: archive.len() as i64,
                env: env.collect(),
            };
            part(&mut body, Part::Metadata(metadata));
            for chunk in archive.chunks(usize::from(*chunk) + 1) {
                let piece = Piece {
                    chunk: chunk.to_vec().into(),
                };
                part(&mut body, Part::File(piece));
            }
        }
    }
    body
}

fuzz_target!(|asked: Asked<'_>| {
    let methods = [
        "GenerateManifest",
        "MatchRepository",
        "GetParametersAnnouncement",
        "CheckPluginConfiguration",
        "Other",
    ];
    let method = methods[usize::from(asked.method) % methods.len()];
    let mode = Mode::ALL[usize::from(asked.mode) % Mode::ALL.len()];
    let uri = format!("/plugin.ConfigManagementPluginService/{method}");
    let mut request = http::Request::post(uri);
    let timeout = asked.timeout.map(http::HeaderValue::from_str);
    if let Some(Ok(timeout)) = timeout {
        request = request.header("grpc-timeout", timeout);
    }
    let request = request
        .body(Full::new(Bytes::from(body(&asked.sent))))
        .unwrap();
    let server = &*SERVER;
    let mut plugin = PluginService::new(server.engine.clone(), mode);
    let discoveries = [Discovery::Off, Discovery::Placeholders, Discovery::Kind];
    plugin = plugin.with_discovery(discoveries[usize::from(asked.discovery) % discoveries.len()]);
    server.runtime.block_on(async {
        let answer = plugin.call(request).await.unwrap();
        if let Some(message) = answer.headers().get("grpc-message") {
            let told = String::from_utf8_lossy(message.as_bytes());
            assert!(!told.contains(SENTINEL), "{told}");
            // What is malformed where nothing is read, tonic tells of.
            let is_read = method != "CheckPluginConfiguration";
            assert!(
                !is_read || answer.headers()["grpc-status"] != "13",
                "{told}"
            );
        }
        let _ = answer.into_body().collect().await.unwrap();
    });
});
