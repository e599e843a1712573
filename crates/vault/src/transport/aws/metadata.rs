//! Credentials that the machine, the container or the pod is given by what runs it.

use std::net::IpAddr;
use std::time::Duration;

use zeroize::Zeroizing;

use super::credentials::{Credentials, Written};
use super::refusal;
use super::settings;
use super::wire::Wire;
use crate::transport::http::{
    self, Answer, HttpSettings, Method, Request, Retry, Url, address, below,
};
use crate::transport::text_file;
use crate::{RunContext, Settings, VaultError, VaultErrorKind};

/// The agents of ECS and EKS.
const AGENTS: [&str; 3] = ["169.254.170.2", "169.254.170.23", "fd00:ec2::23"];

/// A role and its machine, for messages.
const MACHINE: &str = "the metadata of the machine";

pub(super) fn is_container(settings: &Settings) -> bool {
    let names = [settings::CONTAINER_PATH.name, settings::CONTAINER_URL.name];
    names.into_iter().any(|name| settings.value(name).is_some())
}

/// The credentials of the container or pod.
pub(super) async fn container(wire: &Wire, run: &RunContext) -> Result<Credentials, VaultError> {
    let settings = &wire.settings;
    let url = container_url(settings)?;
    let token = match settings.absolute_path(settings::CONTAINER_TOKEN_FILE.name) {
        // Kubernetes writes another token now and then.
        Some(path) => Some(text_file::read(&path).map_err(|unread| {
            VaultError::configuration(unread.message())
                .with_name(path.display().to_string())
                .about_setting(settings::CONTAINER_TOKEN_FILE.name)
        })?),
        None => settings
            .value(settings::CONTAINER_TOKEN.name)
            .map(|token| Zeroizing::new(token.to_owned())),
    };
    let client = client("the credentials of a container")?;
    let mut request = client.get(url);
    if let Some(token) = &token {
        request = request.login("authorization", token.trim());
    }
    let answer = request.send(run, &Retry::default()).await?;
    read(answer)
}

fn container_url(settings: &Settings) -> Result<Url, VaultError> {
    let wrong = |name, message| VaultError::configuration(message).with_name(name);
    if let Some(path) = settings.value(settings::CONTAINER_PATH.name) {
        let name = settings::CONTAINER_PATH.name;
        let url = format!("http://{}{path}", AGENTS[0]);
        let parsed = Url::parse(&url).ok().filter(|_| path.starts_with('/'));
        return parsed.ok_or_else(|| wrong(name, "{} is not a path"));
    }
    let name = settings::CONTAINER_URL.name;
    let text = settings.value(name).unwrap_or_default();
    let url = Url::parse(text).ok().filter(|url| url.has_host());
    let url = url.ok_or_else(|| wrong(name, "{} is not an http or https address"))?;
    let host = url.host_str().unwrap_or_default();
    let host = host.trim_start_matches('[').trim_end_matches(']');
    let is_local = host
        .parse()
        .is_ok_and(|address: IpAddr| address.is_loopback());
    // A token goes there in clear text.
    let is_safe =
        url.scheme() == "https" || is_local || host == "localhost" || AGENTS.contains(&host);
    if is_safe {
        Ok(url)
    } else {
        Err(wrong(
            name,
            "{} must be an https address, or that of this machine or of an agent of AWS",
        ))
    }
}

/// The credentials of the machine's role.
pub(super) async fn machine(wire: &Wire, run: &RunContext) -> Result<Credentials, VaultError> {
    let settings = &wire.settings;
    if settings.switch(settings::METADATA_DISABLED.name)? == Some(true) {
        return Err(nobody());
    }
    let address = machine_url(settings)?;
    let client = client(MACHINE)?;
    let at = |path: &[&str]| below(&address, path.iter().copied());
    let request = client
        .request(Method::PUT, at(&["latest", "api", "token"])?)
        .header("x-aws-ec2-metadata-token-ttl-seconds", "300");
    // Most machines have none, and nothing answers there.
    let token = send(request, run)
        .await
        .map_err(|error| match error.kind() {
            VaultErrorKind::Timeout | VaultErrorKind::RequestBudget => error,
            _ => nobody(),
        })?;
    if !(200..300).contains(&token.status()) {
        return Err(nobody());
    }
    let token = Zeroizing::new(token.text()?.trim().to_owned());
    let get = |url: Url| client.get(url).login("x-aws-ec2-metadata-token", &token);
    let mut folder = at(&["latest", "meta-data", "iam", "security-credentials"])?;
    folder.set_path(&format!("{}/", folder.path()));
    let role = send(get(folder.clone()), run).await?;
    if role.status() == 404 {
        return Err(nobody());
    }
    let role = success(role)?;
    let role = role.text()?.lines().next().unwrap_or_default().trim();
    read(send(get(below(&folder, [role])?), run).await?)
}

fn machine_url(settings: &Settings) -> Result<Url, VaultError> {
    let name = settings::METADATA_URL.name;
    let is_v6 = match settings.value(settings::METADATA_MODE.name) {
        Some(mode) if mode.eq_ignore_ascii_case("ipv6") => true,
        Some(mode) if mode.eq_ignore_ascii_case("ipv4") => false,
        Some(_) => {
            return Err(VaultError::configuration("{} must be IPv4 or IPv6")
                .with_name(settings::METADATA_MODE.name));
        }
        None => false,
    };
    let usual = if is_v6 {
        "http://[fd00:ec2::254]/"
    } else {
        "http://169.254.169.254/"
    };
    let text = settings.value(name).unwrap_or(usual);
    address::parse(text).ok_or_else(|| {
        VaultError::configuration("{} is not an http or https address").with_name(name)
    })
}

async fn send(request: Request<'_>, run: &RunContext) -> Result<Answer, VaultError> {
    let retry = Retry::default().with_more(1).with_any_method();
    request.send(run, &retry).await
}

fn read(answer: Answer) -> Result<Credentials, VaultError> {
    given(&success(answer)?)
}

/// The credentials in an answer of the machine or the container.
pub(super) fn given(answer: &Answer) -> Result<Credentials, VaultError> {
    let written: Written = answer.json()?;
    let wrong = || {
        VaultError::invalid_answer("what the machine or container gives are not credentials of AWS")
    };
    written.read().ok_or_else(wrong)
}

fn success(answer: Answer) -> Result<Answer, VaultError> {
    if (200..300).contains(&answer.status()) {
        Ok(answer)
    } else {
        Err(refusal::of_status(&answer, "the source of AWS credentials"))
    }
}

/// Connects to what is near, and never through a proxy.
fn client(server: &'static str) -> Result<http::Client, VaultError> {
    let near = Duration::from_secs(1);
    http::Client::new(
        HttpSettings::new(server)
            .without_proxy()
            .with_connect_timeout(near)
            .with_try_timeout(5 * near),
    )
}

fn nobody() -> VaultError {
    VaultError::new(VaultErrorKind::Unauthenticated, "there are no AWS credentials")
        .with_hint("set AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY, or AWS_PROFILE, or give the pod or the machine a role")
}
