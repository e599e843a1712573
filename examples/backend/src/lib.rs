//! A backend in a crate of its own: a service that answers `GET /secrets/PATH` with a JSON object.
//!
//! It has what a backend of manifill needs and nothing else. The transport keeps the deadline, tries
//! again, refuses redirects to other hosts and leaves bodies out of errors; the tests run the suite
//! that every backend runs.

use std::collections::BTreeMap;
use std::fmt;

use async_trait::async_trait;
use manifill_vault::transport::http::{Client, HttpSettings, Retry, Url, below};
use manifill_vault::{
    PathError, RunContext, Secret, SecretPath, SecretRequest, SecretValue, VaultBackend,
    VaultError, VaultErrorKind,
};
use serde_json::value::RawValue;
use zeroize::Zeroizing;

/// What CONTRIBUTING.md prints compiles.
#[cfg(doctest)]
#[doc = include_str!("../../../CONTRIBUTING.md")]
struct Contributing;

/// The secrets of one service.
pub struct Strongroom {
    client: Client,
    address: Url,
    token: Zeroizing<String>,
}

impl Strongroom {
    /// A service at this address; nothing is sent yet.
    ///
    /// # Errors
    /// [`VaultErrorKind::Configuration`] if the address is none.
    pub fn new(address: &str, token: impl Into<String>) -> Result<Self, VaultError> {
        let wrong = || {
            VaultError::new(VaultErrorKind::Configuration, "{} is not an address")
                .with_name(address)
        };
        let address = Url::parse(address).map_err(|_| wrong())?;
        if address.cannot_be_a_base() {
            return Err(wrong());
        }
        Ok(Strongroom {
            client: Client::new(HttpSettings::new("Strongroom"))?,
            address,
            token: Zeroizing::new(token.into()),
        })
    }

    async fn read_one(
        &self,
        request: &SecretRequest,
        run: &RunContext,
    ) -> Result<Secret, VaultError> {
        let path = request.path.as_str();
        let url = below(
            &self.address,
            std::iter::once("secrets").chain(path.split('/')),
        )?;
        let get = self.client.get(url).bearer(&self.token);
        let answer = get.send(run, &Retry::default()).await?;
        if answer.status() == 404 {
            let message = "there is no secret {}";
            return Err(VaultError::new(VaultErrorKind::NotFound, message).with_name(path));
        }
        let answer = answer.success()?;
        let values: BTreeMap<String, &RawValue> = answer.json()?;
        let mut secret = Secret::new().with_names(values.keys().map(String::as_str));
        for (key, value) in &values {
            if request.keys.wants(key) {
                let value = SecretValue::from_json(value.get());
                secret.insert(key.as_str(), value.ok_or_else(|| answer.error()));
            }
        }
        Ok(secret)
    }
}

#[async_trait]
impl VaultBackend for Strongroom {
    async fn read(
        &self,
        requests: &[SecretRequest],
        run: &RunContext,
    ) -> Vec<Result<Secret, VaultError>> {
        run.each(requests, |request| self.read_one(request, run))
            .await
    }

    fn parse_path(&self, path: &str) -> Result<SecretPath, PathError> {
        if path.split('/').any(|part| matches!(part, "" | "." | "..")) {
            return Err(PathError::new("{} has an empty segment, or one of dots")
                .with_name(path)
                .with_hint("write names with a slash between them, such as team/db"));
        }
        Ok(SecretPath::verbatim(path))
    }

    fn has_versions(&self) -> bool {
        false
    }
}

impl fmt::Debug for Strongroom {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Strongroom")
            .field("server", &self.address.origin().ascii_serialization())
            .finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use manifill::{Input, Renderer};
    use manifill_vault::suite::{self, Case, Fixture, Reply, Server, Setup, TOKEN};

    use super::*;

    /// A service with one secret.
    async fn server(value: SecretValue) -> Server {
        Server::start(move |seen| match seen.target.as_str() {
            "/secrets/team/db" => Reply::json(format!(r#"{{"password":{}}}"#, value.to_json())),
            _ => Reply::json("{}").with_status(404),
        })
        .await
    }

    struct InSuite;

    #[async_trait]
    impl Fixture for InSuite {
        async fn set_up(&self, case: Case) -> Setup {
            let server = server(case.value()).await;
            let backend = Arc::new(Strongroom::new(&server.url(), TOKEN).unwrap());
            let path = match case {
                Case::MissingPath => "team/absent",
                _ => "team/db",
            };
            let key = match case {
                Case::MissingKey => "absent",
                _ => "password",
            };
            Setup::new(backend, path, key).with_server(server)
        }

        fn unsupported(&self) -> Vec<(Case, &'static str)> {
            vec![
                (Case::Version, "the service has no versions"),
                (Case::MissingVersion, "the service has no versions"),
                (Case::Binary, "JSON has no bytes"),
                (Case::SameName, "an object has each key once"),
            ]
        }
    }

    #[tokio::test]
    async fn the_suite_that_every_backend_runs() {
        suite::run_all(&InSuite).await;
    }

    #[tokio::test]
    async fn a_renderer_reads_from_it() {
        let server = server(SecretValue::text("it's: #1")).await;
        let backend = Strongroom::new(&server.url(), TOKEN).unwrap();
        let renderer = Renderer::with_backend("strongroom", backend);
        let inputs = [Input::new(
            "a.yaml",
            "kind: Secret\nstringData:\n  a: <path:team/db#password>\n  b: <path:team/db#password | base64encode>\n",
        )];
        let rendered = renderer.render(&inputs, &RunContext::new()).await.unwrap();
        assert_eq!(
            rendered.texts()[0],
            "kind: Secret\nstringData:\n  a: \"it's: #1\"\n  b: \"aXQnczogIzE=\"\n"
        );
        assert_eq!(server.seen().len(), 1);
    }

    #[test]
    fn what_is_no_path_or_address_is_refused() {
        let backend = Strongroom::new("https://strongroom.example/base/", TOKEN).unwrap();
        for path in ["", "a//b", "../b", "a/."] {
            assert!(backend.parse_path(path).is_err(), "{path}");
        }
        assert!(Strongroom::new("nowhere", TOKEN).is_err());
        assert!(Strongroom::new("mailto:a@b", TOKEN).is_err());
    }

    #[test]
    fn without_a_runtime_there_is_an_error_and_no_panic() {
        let backend = Strongroom::new("http://127.0.0.1:9", TOKEN).unwrap();
        let renderer = Renderer::with_backend("strongroom", backend);
        let inputs = [Input::new(
            "a.yaml",
            "kind: A\na: <path:team/db#password>\n",
        )];
        let told = |builder: Option<&mut tokio::runtime::Builder>| {
            let run = RunContext::new();
            let render = renderer.render(&inputs, &run);
            let rendered = match builder {
                Some(builder) => builder.build().unwrap().block_on(render),
                None => poll(render),
            };
            rendered.unwrap_err().to_string()
        };
        let expected = "there is no tokio runtime with I/O and time";
        assert!(told(None).contains(expected));
        let new = tokio::runtime::Builder::new_current_thread;
        assert!(told(Some(&mut new())).contains(expected));
    }

    /// What a future gives at once.
    fn poll<T>(future: impl Future<Output = T>) -> T {
        let mut context = std::task::Context::from_waker(std::task::Waker::noop());
        match std::pin::pin!(future).poll(&mut context) {
            std::task::Poll::Ready(done) => done,
            std::task::Poll::Pending => panic!("it waits for something"),
        }
    }
}
