//! Rule R13: the ways in which an author's files could reach out of what is theirs, each tried with
//! the real programs. One secret is in the environment of this process, one in a file outside of the
//! repository, and one on a server of this machine, which counts who asks.

mod helm;
mod kustomize;

use std::io::{Read as _, Write as _};
use std::net::TcpListener;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use manifill_argocd::rendering::{RenderingError, RenderingErrorKind};

const FILE: &str = "sentinel-in-a-file-outside";
const SERVED: &str = "sentinel-on-another-host";

/// What must not be reached.
struct Outside {
    folder: tempfile::TempDir,
    address: String,
    asked: Arc<AtomicUsize>,
}

impl Outside {
    fn new() -> Outside {
        let folder = tempfile::tempdir().unwrap();
        let text = format!(
            "kind: ConfigMap\napiVersion: v1\nmetadata: {{name: x}}\ndata: {{a: {FILE}}}\n"
        );
        std::fs::write(folder.path().join("x.yaml"), text).unwrap();
        let listener = TcpListener::bind(("127.0.0.1", 0)).unwrap();
        let address = format!("127.0.0.1:{}", listener.local_addr().unwrap().port());
        let asked = Arc::new(AtomicUsize::new(0));
        let count = asked.clone();
        std::thread::spawn(move || {
            for stream in listener.incoming() {
                count.fetch_add(1, Ordering::SeqCst);
                let mut stream = stream.unwrap();
                let body = format!(
                    "{{\"kind\": \"ConfigMap\", \"apiVersion\": \"v1\", \"metadata\": {{\"name\": \"x\"}}, \"a\": \"{SERVED}\"}}"
                );
                let _ = stream.read(&mut [0; 4096]);
                let _ = write!(
                    stream,
                    "HTTP/1.1 200 OK\r\nContent-Length: {}\r\nConnection: close\r\n\r\n{body}",
                    body.len()
                );
            }
        });
        Outside {
            folder,
            address,
            asked,
        }
    }

    fn file(&self) -> String {
        self.folder.path().join("x.yaml").display().to_string()
    }

    /// Checks what a run says: neither a secret nor a request, whether it fails or not.
    fn check(&self, vector: &str, outcome: &Result<String, RenderingError>) {
        let told = match outcome {
            Ok(text) => text.clone(),
            Err(error) => format!("{error} {}", error.hint().unwrap_or_default()),
        };
        // Cargo sets this one for every test.
        let environment = std::env::var("CARGO_PKG_DESCRIPTION").unwrap();
        assert!(environment.len() > 10);
        for secret in [FILE, SERVED, &environment] {
            assert!(!told.contains(secret), "{vector}: {told}");
        }
        assert_eq!(self.asked.load(Ordering::SeqCst), 0, "{vector}: {told}");
    }

    /// What names something on another host is refused before anything starts, and told how it could
    /// be opened.
    fn refused(&self, vector: &str, outcome: &Result<String, RenderingError>) {
        self.check(vector, outcome);
        let error = outcome.as_ref().expect_err(vector);
        assert_eq!(
            error.kind(),
            RenderingErrorKind::Remote,
            "{vector}: {error}"
        );
        let hint = error.hint().unwrap_or_default();
        assert!(hint.contains("MANIFILL_REMOTE_HOSTS"), "{vector}: {error}");
    }
}
