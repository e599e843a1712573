//! The requests, how a login brings a token, and what answers mean.

use std::sync::{Arc, Mutex};

use percent_encoding::{NON_ALPHANUMERIC, utf8_percent_encode};
use tokio::sync::OnceCell;

use super::info::INFO;
use super::login::{Credentials, Services, endpoint};
use super::model::{Directory, Entries, Granted, MachineToken, NamedPayload, Payload, Refusal};
use super::path::Locator;
use crate::clock::now;
use crate::shared::{LoginToken, RunTokens, Tokens};
use crate::sync::lock;
use crate::transport::http::{self, Answer, HttpSettings, Method, Request, Retry, Url, below};
use crate::{RunContext, Settings, VaultError, VaultErrorKind};

/// How long a token is used, in seconds. It is good for up to 12 hours, and the cloud recommends to
/// get a new one each hour.
const USED_FOR: u64 = 3600;

/// The cloud and the login to it.
pub(super) struct Client {
    http: http::Client,
    credentials: Credentials,
    tokens: Tokens,
    /// The API of another installation, which says where its services are.
    endpoint: Option<Url>,
    /// Where they are, for the next run.
    services: Mutex<Option<Arc<Services>>>,
}

/// What a run finds out once.
#[derive(Default)]
pub(super) struct Known {
    login: RunTokens,
    services: OnceCell<Result<Arc<Services>, VaultError>>,
}

/// A secret in one of its versions.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Wanted {
    pub(super) at: Locator,
    pub(super) version: Option<String>,
}

impl Client {
    /// Reads the settings; nothing is connected yet.
    ///
    /// # Errors
    /// If one of them is missing or cannot be used.
    pub(super) fn from_settings(settings: &Settings) -> Result<Self, VaultError> {
        let settings = &settings.with_aliases(INFO.settings);
        let credentials = Credentials::from_settings(settings);
        let (credentials, endpoint) = VaultError::both(credentials, endpoint(settings))?;
        let services = match endpoint {
            Some(_) => None,
            None => Services::of_the_cloud().map(Arc::new),
        };
        Ok(Client {
            http: http::Client::new(HttpSettings::new("Yandex Cloud"))?,
            credentials,
            tokens: Tokens::new("Yandex Cloud"),
            endpoint,
            services: Mutex::new(services),
        })
    }

    /// What is asked, for messages.
    pub(super) fn name(&self) -> String {
        match &self.endpoint {
            Some(endpoint) => endpoint.origin().ascii_serialization(),
            None => "Yandex Cloud".to_owned(),
        }
    }

    /// Reads a version of a secret.
    ///
    /// # Errors
    /// If there is no login, the login does not allow it, or the cloud cannot answer.
    pub(super) async fn entries(
        &self,
        wanted: &Wanted,
        run: &RunContext,
        known: &Known,
    ) -> Result<Entries, VaultError> {
        let services = self.services(run, known).await?;
        let escaped = |text| utf8_percent_encode(text, NON_ALPHANUMERIC);
        let mut query = Vec::new();
        let mut url = match &wanted.at {
            Locator::Id(id) => below(
                &services.payload,
                ["lockbox", "v1", "secrets", id, "payload"],
            )?,
            Locator::Name { folder, name } => {
                query.push(format!("folderAndName.folderId={}", escaped(folder)));
                query.push(format!("folderAndName.secretName={}", escaped(name)));
                below(&services.payload, ["lockbox", "v1", "secrets:getEx"])?
            }
        };
        query.extend(
            (wanted.version.as_deref()).map(|version| format!("versionId={}", escaped(version))),
        );
        url.set_query(
            Some(query.join("&"))
                .filter(|query| !query.is_empty())
                .as_deref(),
        );
        let answer = self.get(&url, &services, run, known).await?;
        let answer = success(answer, wanted)?;
        Ok(match &wanted.at {
            Locator::Id(id) => Entries::of_id(id, answer.json::<Payload>()?),
            Locator::Name { .. } => Entries::of_name(answer.json::<NamedPayload>()?),
        })
    }

    /// The answer to a GET, with a login if there has been none.
    async fn get(
        &self,
        url: &Url,
        services: &Services,
        run: &RunContext,
        known: &Known,
    ) -> Result<Answer, VaultError> {
        let send = |token: &str| {
            let request = self.http.get(url.clone()).bearer(token);
            async move { request.send(run, &Retry::default()).await }
        };
        match &self.credentials {
            Credentials::Token(token) => return send(token).await,
            Credentials::Key(key) => run.remember_login(key.private_key.trim()),
            Credentials::Machine(_) => {}
        }
        let (tokens, of_run) = (&self.tokens, &known.login);
        let token = tokens
            .token(run, of_run, self.log_in(services, run))
            .await?;
        let answer = send(token.expose()).await?;
        if answer.status() != 401 {
            return Ok(answer);
        }
        let log_in = self.log_in(services, run);
        match tokens.renewed(run, of_run, &token, log_in).await {
            Some(renewed) => send(renewed?.expose()).await,
            None => Ok(answer),
        }
    }

    async fn log_in(
        &self,
        services: &Services,
        run: &RunContext,
    ) -> Result<LoginToken, VaultError> {
        let (text, seconds) = match &self.credentials {
            Credentials::Token(token) => (token.clone(), None),
            Credentials::Machine(host) => {
                let found = self.machine_token(host, run).await?;
                (found.access_token, found.expires_in)
            }
            Credentials::Key(key) => {
                let url = below(&services.iam, ["iam", "v1", "tokens"])?;
                let jwt = key.jwt(url.as_str(), now())?;
                // A JWT has no character that JSON would escape.
                let body = format!(r#"{{"jwt":"{}"}}"#, *jwt);
                let request = self.http.request(Method::POST, url);
                let request = request.body("application/json", body);
                let answer = self.ask(request, run).await?;
                let refused = |kind, message| {
                    VaultError::new(kind, message)
                        .with_name(&key.account)
                        .with_status(answer.status())
                        .with_hint("check the ids of the service account and of its key; the clock of this machine must be right, too")
                };
                let granted: Granted = match answer.status() {
                    200..300 => answer.json()?,
                    400 | 401 | 404 if answer.json::<Refusal>().is_ok() => {
                        let message = "the login of the service account {} is not accepted";
                        return Err(refused(VaultErrorKind::Unauthenticated, message));
                    }
                    404 => return Err(no_api(&answer)),
                    _ => return Err(answer.error()),
                };
                (granted.iam_token, Some(USED_FOR))
            }
        };
        if text.is_empty() {
            let message = "the login to Yandex Cloud brings no token";
            return Err(VaultError::invalid_answer(message));
        }
        Ok(LoginToken::new(text, seconds))
    }

    async fn machine_token(
        &self,
        host: &Url,
        run: &RunContext,
    ) -> Result<MachineToken, VaultError> {
        let service = ["instance", "service-accounts", "default", "token"];
        let url = below(host, ["computeMetadata", "v1"].into_iter().chain(service))?;
        // Pages in a browser cannot send it.
        let request = self.http.get(url).header("metadata-flavor", "Google");
        let answer = self.ask(request, run).await?;
        if answer.status() == 404 {
            let message = "the machine of {} has no service account";
            return Err(VaultError::new(VaultErrorKind::Unauthenticated, message)
                .with_name("YC_METADATA_ADDR")
                .with_status(404)
                .with_hint("give the virtual machine a service account, or set a key"));
        }
        answer.success()?.json()
    }

    async fn ask(&self, request: Request<'_>, run: &RunContext) -> Result<Answer, VaultError> {
        request.send(run, &Retry::default().with_any_method()).await
    }

    /// Where the services are: asked for once, if they are not the cloud's own.
    async fn services(&self, run: &RunContext, known: &Known) -> Result<Arc<Services>, VaultError> {
        if let Some(services) = lock(&self.services).clone() {
            return Ok(services);
        }
        let find = || async {
            let services = Arc::new(self.find_services(run).await?);
            *lock(&self.services) = Some(Arc::clone(&services));
            Ok(services)
        };
        known.services.get_or_init(find).await.clone()
    }

    async fn find_services(&self, run: &RunContext) -> Result<Services, VaultError> {
        let wrong = |message| VaultError::invalid_answer(message).with_name(self.name());
        let endpoint = self.endpoint.as_ref();
        let endpoint = endpoint.ok_or_else(|| wrong("{} says nothing of its services"))?;
        let answer = self
            .ask(self.http.get(below(endpoint, ["endpoints"])?), run)
            .await?;
        if answer.status() == 404 {
            return Err(no_api(&answer));
        }
        let directory: Directory = answer.success()?.json()?;
        let service = |id| {
            // A port is part of it, the scheme is not.
            let host = directory.address(id)?;
            http::address::parse(&format!("{}://{host}", endpoint.scheme()))
        };
        let (iam, payload) = service("iam")
            .zip(service("lockbox-payload"))
            .ok_or_else(|| wrong("{} does not say where Lockbox is"))?;
        Ok(Services { iam, payload })
    }
}

/// The answer if it is a success.
fn success(answer: Answer, wanted: &Wanted) -> Result<Answer, VaultError> {
    use VaultErrorKind::{InvalidRequest, NotFound, PermissionDenied, Unauthenticated};
    let about = |kind, message| VaultError::new(kind, message).with_name(wanted.at.to_string());
    let is_genuine = || answer.json::<Refusal>().is_ok();
    let error = match answer.status() {
        401 => VaultError::new(Unauthenticated, "Yandex Cloud does not accept the token")
            .with_hint("check YC_IAM_TOKEN if it is set: it is good for 12 hours at most"),
        403 => about(PermissionDenied, "the login may not read the secret {}").with_hint(
            "it needs the role lockbox.payloadViewer; a secret that does not exist may look the same",
        ),
        404 if is_genuine() => match &wanted.version {
            Some(version) => {
                about(NotFound, "there is no secret {} with the version {}").with_name(version)
            }
            None => about(NotFound, "there is no secret {}"),
        },
        404 => return Err(no_api(&answer)),
        400 if is_genuine() => about(InvalidRequest, "{} is not a secret that can be read")
            .with_hint("check the id, the version, and that the secret is active"),
        _ => return answer.success(),
    };
    Err(error
        .with_status(answer.status())
        .with_tries(answer.tries()))
}

/// Something that answers 404 in another way than the cloud's API; taken for a missing secret, it
/// would switch a default on.
fn no_api(answer: &Answer) -> VaultError {
    VaultError::invalid_answer("there is no API of Yandex Cloud where it should be")
        .with_status(answer.status())
        .with_hint("check YC_ENDPOINT if it is set, and the proxy")
}
