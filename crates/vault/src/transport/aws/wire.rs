//! What requests of all kinds go through: the settings, the addresses and the client.

use std::path::{Path, PathBuf};
use std::sync::OnceLock;

use zeroize::Zeroizing;

use super::credentials::Credentials;
use super::profile::Profiles;
use super::refusal;
use super::region::{self, Endpoints, Service};
use super::settings;
use super::sign::Unsigned;
use crate::transport::http::{self, Answer, HttpSettings, Method, Retry, Url};
use crate::{RunContext, Settings, VaultError, clock};

/// The profile where nothing says which.
const DEFAULT_PROFILE: &str = "default";

/// The way to AWS, for whoever logs in and whoever has logged in.
pub(super) struct Wire {
    title: &'static str,
    pub(super) settings: Settings,
    pub(super) endpoints: Endpoints,
    region: Option<String>,
    http: OnceLock<http::Client>,
    /// Where `.aws` is.
    pub(super) home: Option<PathBuf>,
}

/// What is posted, and for which service of which region it is signed.
pub(super) struct Post<'a> {
    pub(super) url: Url,
    pub(super) content_type: &'static str,
    /// A header of the protocol.
    pub(super) target: Option<&'a str>,
    pub(super) body: Zeroizing<String>,
    pub(super) service: &'a str,
    pub(super) region: &'a str,
}

impl Wire {
    pub(super) fn new(
        settings: &Settings,
        service: &Service,
        home: Option<&Path>,
    ) -> Result<Self, VaultError> {
        let (endpoints, region) = VaultError::both(
            Endpoints::from_settings(settings, service),
            region::of_settings(settings),
        )?;
        Ok(Wire {
            title: service.title,
            settings: settings.clone(),
            endpoints,
            region,
            http: OnceLock::new(),
            home: home.filter(|home| home.is_absolute()).map(Path::to_owned),
        })
    }

    /// The region of calls that name none: that of the settings, else that of the profile. Where
    /// neither says one it is `us-east-2`, which the run is told.
    ///
    /// # Errors
    /// If the files of profiles cannot be read, or the region is malformed.
    pub(super) fn region(&self, run: &RunContext) -> Result<String, VaultError> {
        if let Some(region) = &self.region {
            return Ok(region.clone());
        }
        let profiles = self.profiles()?;
        match profiles.region(self.profile()) {
            Some(region) if region::is_region(region) => Ok(region.to_owned()),
            Some(_) => Err(VaultError::configuration(
                "the region of the profile {} of the AWS configuration is malformed",
            )
            .with_name(self.profile())),
            None => {
                let (region, note) = region::default();
                run.note(note);
                Ok(region)
            }
        }
    }

    /// Posts something that changes nothing, so that it may be sent again, with a signature if
    /// there are credentials to sign with.
    pub(super) async fn post(
        &self,
        post: Post<'_>,
        credentials: Option<&Credentials>,
        run: &RunContext,
    ) -> Result<Answer, VaultError> {
        let mut headers = vec![("content-type", post.content_type)];
        headers.extend(post.target.map(|target| ("x-amz-target", target)));
        let signed = credentials.map(|credentials| {
            credentials.remember(run);
            let unsigned = Unsigned {
                url: &post.url,
                headers: &headers,
                body: post.body.as_bytes(),
                service: post.service,
                region: post.region,
            };
            unsigned.sign(credentials, clock::now())
        });
        let client = self.http()?;
        let mut request = client.request(Method::POST, post.url.clone());
        if let Some(credentials) = credentials {
            // A region may not know what another one accepts.
            let identity = credentials.identity(post.service, post.region);
            request = request
                .with_identity(&identity)
                .with_refusal(refusal::is_of_login);
        }
        request = request.body(post.content_type, post.body.as_bytes());
        if let Some(target) = post.target {
            request = request.header("x-amz-target", target);
        }
        for (name, value) in signed.into_iter().flatten() {
            request = request.header(name, &value);
        }
        let retry = Retry::default()
            .with_any_method()
            .with_rule(refusal::throttled);
        request.send(run, &retry).await
    }

    /// The client for services.
    pub(super) fn http(&self) -> Result<&http::Client, VaultError> {
        if let Some(client) = self.http.get() {
            return Ok(client);
        }
        let mut http = HttpSettings::new(self.title);
        if let Some(path) = self.settings.path(settings::CA_FILE.name) {
            http = http.with_ca_file(path)?;
        }
        let client = http::Client::new(http)?;
        Ok(self.http.get_or_init(|| client))
    }

    /// The profiles as the files say now: other programs write them.
    pub(super) fn profiles(&self) -> Result<Profiles, VaultError> {
        Profiles::read(&self.settings, self.home.as_deref())
    }

    /// The name of the profile.
    pub(super) fn profile(&self) -> &str {
        let name = self.settings.value(settings::PROFILE.name);
        name.unwrap_or(DEFAULT_PROFILE)
    }
}
