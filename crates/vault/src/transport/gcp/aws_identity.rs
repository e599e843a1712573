//! Who this is on AWS, shown to Google by a signed request that it may send to AWS.
//!
//! <https://google.aip.dev/auth/4117>

use serde::Serialize;
use zeroize::Zeroizing;

use super::subject::{Metadata, OfAws};
use super::wire::Wire;
use crate::format::form;
use crate::transport::aws::{self, Identity};
use crate::transport::http::{Answer, Method, Url, below};
use crate::{RunContext, Settings, VaultError, VaultErrorKind};

/// The header that keeps the request from being used for anything else.
const TARGET: &str = "x-goog-cloud-target-resource";

/// What is shown, to whom, and with what.
pub(super) struct Shown<'a> {
    pub(super) source: &'a OfAws,
    pub(super) audience: &'a str,
    pub(super) settings: &'a Settings,
    pub(super) wire: &'a Wire,
    pub(super) run: &'a RunContext,
}

/// The request as it is handed on.
#[derive(Serialize)]
struct Signed<'a> {
    url: &'a str,
    method: &'static str,
    headers: Vec<Header<'a>>,
}

#[derive(Serialize)]
struct Header<'a> {
    key: &'a str,
    value: &'a str,
}

/// The token: a signed request for the name of whoever has signed it.
pub(super) async fn token(shown: &Shown<'_>) -> Result<Zeroizing<String>, VaultError> {
    let machine = Machine {
        addresses: &shown.source.metadata,
        wire: shown.wire,
        run: shown.run,
    };
    let region = aws::region_of(shown.settings)?;
    let identity = Identity::of_settings(shown.settings)?;
    let session = match (&region, &identity) {
        (Some(_), Some(_)) => None,
        _ => machine.session().await?,
    };
    let region = match region {
        Some(region) => region,
        None => machine.region(session.as_ref()).await?,
    };
    let identity = match identity {
        Some(identity) => identity,
        None => machine.identity(session.as_ref()).await?,
    };
    let written = shown.source.verification.replace("{region}", &region);
    let url = Url::parse(&written).map_err(|_| {
        VaultError::configuration("{} is not an http or https address").with_name(&*written)
    })?;
    let target = (TARGET, shown.audience);
    let headers = identity.sign(&url, &region, target, shown.run);
    let mut headers: Vec<_> = headers
        .iter()
        .map(|(key, value)| Header { key, value })
        .collect();
    headers.sort_unstable_by_key(|header| header.key);
    let signed = Signed {
        // As it is written, which is what Google's libraries hand on.
        url: &written,
        method: "POST",
        headers,
    };
    // Room for every character escaped, so that no copy is left behind.
    let room = |header: &Header<'_>| header.key.len() + 6 * header.value.len() + 32;
    let room: usize = signed.headers.iter().map(room).sum();
    let mut json = Zeroizing::new(Vec::with_capacity(room + 6 * written.len() + 64));
    let wrong = || VaultError::configuration("the request for AWS cannot be written");
    serde_json::to_writer(&mut *json, &signed).map_err(|_| wrong())?;
    let json = std::str::from_utf8(&json).map_err(|_| wrong())?;
    // It is escaped once more in the form that it goes into.
    let mut token = Zeroizing::new(String::with_capacity(3 * json.len()));
    form::push(&mut token, json);
    Ok(token)
}

/// The metadata of a machine of AWS.
struct Machine<'a> {
    addresses: &'a Metadata,
    wire: &'a Wire,
    run: &'a RunContext,
}

impl Machine<'_> {
    /// The token for further requests, where the credentials name an address for it.
    async fn session(&self) -> Result<Option<Zeroizing<String>>, VaultError> {
        let Some(url) = &self.addresses.token else {
            return Ok(None);
        };
        let client = self.wire.near_or_far(url)?;
        let request = client
            .request(Method::PUT, url.clone())
            .header("x-aws-ec2-metadata-token-ttl-seconds", "300");
        let answer = self.wire.send(request, url, self.run).await?;
        Ok(Some(Zeroizing::new(answer.text()?.trim().to_owned())))
    }

    /// The region of the zone that the machine is in.
    async fn region(&self, session: Option<&Zeroizing<String>>) -> Result<String, VaultError> {
        let url = self.addresses.zone.as_ref().ok_or_else(nobody)?;
        let answer = self.get(url, session).await?;
        let zone = answer.text()?.trim();
        let region = zone.trim_end_matches(|c: char| c.is_ascii_lowercase());
        let wrong = || VaultError::invalid_answer("what the machine gives is not a zone of AWS");
        aws::is_region(region)
            .then(|| region.to_owned())
            .ok_or_else(wrong)
    }

    async fn identity(&self, session: Option<&Zeroizing<String>>) -> Result<Identity, VaultError> {
        let url = self.addresses.role.as_ref().ok_or_else(nobody)?;
        let role = self.get(url, session).await?;
        let role = role.text()?.lines().next().unwrap_or_default().trim();
        Identity::of_machine(&self.get(&below(url, [role])?, session).await?)
    }

    async fn get(
        &self,
        url: &Url,
        session: Option<&Zeroizing<String>>,
    ) -> Result<Answer, VaultError> {
        let mut request = self.wire.near_or_far(url)?.get(url.clone());
        if let Some(session) = session {
            request = request.login("x-aws-ec2-metadata-token", session);
        }
        self.wire.send(request, url, self.run).await
    }
}

fn nobody() -> VaultError {
    VaultError::new(VaultErrorKind::Unauthenticated, "there are no AWS credentials")
        .with_hint("set AWS_ACCESS_KEY_ID, AWS_SECRET_ACCESS_KEY and AWS_REGION, or make the Google credentials for a machine of AWS")
}
