//! The operator's settings, a part of which may not be there yet.

use std::sync::Arc;
use std::time::{Duration, Instant};

use manifill::settings::{ConfigErrors, Sources};
use tokio::sync::Mutex;

/// How long a Secret that could not be read is left alone: many apps may ask for it.
const AGAIN: Duration = Duration::from_secs(5);

/// The operator's settings. Those in a Secret may not be there when a server starts.
#[derive(Debug)]
pub(crate) struct OperatorSettings {
    known: Mutex<Known>,
    again: Duration,
}

#[derive(Debug)]
struct Known {
    sources: Arc<Sources>,
    unread: Option<Unread>,
}

/// A Secret that could not be read.
#[derive(Debug)]
struct Unread {
    name: String,
    errors: ConfigErrors,
    tried: Instant,
}

impl OperatorSettings {
    pub(crate) fn new(sources: Sources) -> Self {
        OperatorSettings {
            known: Mutex::new(Known {
                sources: Arc::new(sources),
                unread: None,
            }),
            again: AGAIN,
        }
    }

    /// The same with a Secret that could not be read for these reasons.
    pub(crate) fn with_unread(mut self, name: String, errors: ConfigErrors) -> Self {
        self.known.get_mut().unread = Some(Unread {
            name,
            errors,
            tried: Instant::now(),
        });
        self
    }

    /// All of them. A Secret that is not there yet is read again, once for all who ask meanwhile; `late`
    /// hears of it when it has been.
    ///
    /// # Errors
    /// Why the Secret cannot be read.
    pub(crate) async fn get(
        &self,
        late: impl FnOnce(&Sources),
    ) -> Result<Arc<Sources>, ConfigErrors> {
        let known = &mut *self.known.lock().await;
        if let Some(unread) = &mut known.unread {
            if unread.tried.elapsed() < self.again {
                return Err(unread.errors.clone());
            }
            let mut sources = Sources::clone(&known.sources);
            let read = sources.read_secret(&unread.name).await;
            if let Err(errors) = read {
                unread.errors = errors.clone();
                unread.tried = Instant::now();
                return Err(errors);
            }
            late(&sources);
            *known = Known {
                sources: Arc::new(sources),
                unread: None,
            };
        }
        Ok(Arc::clone(&known.sources))
    }
}

#[cfg(test)]
mod tests {
    use std::io::{Read as _, Write as _};
    use std::net::TcpListener;

    use super::*;

    /// `AVP_TYPE` is `file`.
    const SECRET: &str = r#"{"apiVersion": "v1", "kind": "Secret", "metadata": {"name": "settings", "namespace": "argocd"}, "type": "Opaque", "data": {"AVP_TYPE": "ZmlsZQ=="}}"#;

    /// A cluster that has no Secret for the first so many requests.
    fn cluster(folder: &std::path::Path, absent: usize) -> Sources {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let server = format!("http://{}", listener.local_addr().unwrap());
        std::thread::spawn(move || {
            for (count, stream) in listener.incoming().flatten().enumerate() {
                let mut stream = stream;
                let mut request = [0; 8192];
                let _ = stream.read(&mut request);
                let (status, body) = if count < absent {
                    ("404 Not Found", "{}")
                } else {
                    ("200 OK", SECRET)
                };
                let length = body.len();
                let answer = format!(
                    "HTTP/1.1 {status}\r\ncontent-type: application/json\r\ncontent-length: {length}\r\nconnection: close\r\n\r\n{body}"
                );
                let _ = stream.write_all(answer.as_bytes());
            }
        });
        let file = folder.join("kubeconfig");
        let text = format!(
            "current-context: a\ncontexts: [{{name: a, context: {{cluster: a, user: a}}}}]\n\
             clusters: [{{name: a, cluster: {{server: '{server}'}}}}]\nusers: [{{name: a, user: {{token: t}}}}]\n"
        );
        std::fs::write(&file, text).unwrap();
        Sources::default().with_variable("KUBECONFIG", file.to_str().unwrap())
    }

    #[tokio::test]
    async fn a_secret_that_is_not_there_is_read_again() {
        let folder = tempfile::tempdir().unwrap();
        let mut sources = cluster(folder.path(), 2);
        let errors = sources.read_secret("argocd:settings").await.unwrap_err();
        let settings = |again| {
            let settings = OperatorSettings::new(sources.clone());
            let settings = settings.with_unread("argocd:settings".to_owned(), errors.clone());
            OperatorSettings { again, ..settings }
        };
        // Those who ask too soon hear the same, and nothing is sent.
        let soon = settings(Duration::MAX);
        let mut heard = 0;
        for _ in 0..3 {
            let told = soon.get(|_| heard += 1).await.unwrap_err();
            assert_eq!(told.to_string(), errors.to_string());
        }
        let settings = settings(Duration::ZERO);
        let told = settings.get(|_| heard += 1).await.unwrap_err();
        assert_eq!(told.to_string(), errors.to_string());
        assert_eq!(heard, 0);
        for _ in 0..2 {
            let late = |sources: &Sources| {
                assert!(sources.secret.is_some());
                heard += 1;
            };
            let found = settings.get(late).await.unwrap();
            let data = &found.secret.as_ref().unwrap().1;
            assert_eq!(data["AVP_TYPE"], "file");
        }
        assert_eq!(heard, 1);
    }
}
