//! The sources of a login: the first that is set up counts, in the order of
//! `DefaultAzureCredential`.

use std::path::PathBuf;

use zeroize::Zeroizing;

use super::wire::{is_link_local, is_local};
use super::{certificate, settings};
use crate::transport::http::Url;
use crate::{Settings, VaultError};

/// What the operator's `PATH` says where it is.
const COMMAND_LINE: &str = "az";

/// Where a token comes from.
pub(super) enum Source {
    /// An application of a tenant.
    App(App),
    /// The managed identity of an app service, at its own address.
    Service {
        url: Url,
        header: Zeroizing<String>,
        client: Option<String>,
    },
    /// What is found where it runs: the managed identity of the machine, else the login of the Azure
    /// CLI.
    Found {
        machine: Option<Machine>,
        command_line: Option<CommandLine>,
    },
}

/// An application and what it proves that it is it.
pub(super) struct App {
    pub(super) tenant: String,
    pub(super) client: String,
    pub(super) proof: Proof,
}

pub(super) enum Proof {
    Secret(Zeroizing<String>),
    /// A file with a certificate and its key.
    Certificate(certificate::Place),
    /// A file with the token of a pod.
    Federated(PathBuf),
}

/// The managed identity of the machine.
pub(super) struct Machine {
    pub(super) url: Option<Url>,
    pub(super) client: Option<String>,
}

/// The Azure CLI.
pub(super) struct CommandLine {
    pub(super) program: PathBuf,
    pub(super) folder: Option<PathBuf>,
    pub(super) tenant: Option<String>,
}

/// Which sources count.
#[derive(Clone, Copy)]
struct Choice {
    environment: bool,
    workload: bool,
    managed: bool,
    command_line: bool,
}

impl Choice {
    /// Reads the words of Azure's own libraries.
    fn from_settings(settings: &Settings) -> Result<Self, VaultError> {
        let name = settings::CREDENTIALS.name;
        let of = |environment, workload, managed, command_line| Choice {
            environment,
            workload,
            managed,
            command_line,
        };
        let Some(word) = settings.value(name) else {
            return Ok(of(true, true, true, true));
        };
        match word.to_ascii_lowercase().as_str() {
            "prod" => Ok(of(true, true, true, false)),
            "dev" | "azureclicredential" => Ok(of(false, false, false, true)),
            "environmentcredential" => Ok(of(true, false, false, false)),
            "workloadidentitycredential" => Ok(of(false, true, false, false)),
            "managedidentitycredential" => Ok(of(false, false, true, false)),
            _ => Err(VaultError::configuration("{} is not a source of a login that is read here")
                .with_name(name)
                .with_hint("it is prod, dev, EnvironmentCredential, WorkloadIdentityCredential, ManagedIdentityCredential or AzureCLICredential")),
        }
    }
}

impl Source {
    /// Reads the settings.
    ///
    /// # Errors
    /// If a source is set up in part, or none of those that count is.
    pub(super) fn from_settings(settings: &Settings) -> Result<Self, VaultError> {
        let choice = Choice::from_settings(settings)?;
        let text = |name| settings.value(name).map(str::to_owned);
        if let Some(proof) = proof(settings, choice)? {
            let need = |name| {
                let message = "{} is not set, and the login of an application needs it";
                let missing = || VaultError::configuration(message).with_name(name);
                settings.value(name).map(str::to_owned).ok_or_else(missing)
            };
            let both = VaultError::both(need(settings::TENANT.name), need(settings::CLIENT.name));
            let (tenant, client) = both?;
            check_tenant(&tenant)?;
            return Ok(Source::App(App {
                tenant,
                client,
                proof,
            }));
        }
        let client = text(settings::CLIENT.name);
        if choice.managed && settings.value(settings::ENDPOINT.name).is_some() {
            let url = near_url(settings, settings::ENDPOINT.name)?;
            let header = settings.value(settings::HEADER.name);
            let half = || {
                VaultError::configuration("{} is set and {} is not")
                    .with_name(settings::ENDPOINT.name)
                    .with_name(settings::HEADER.name)
            };
            let header = Zeroizing::new(header.ok_or_else(half)?.to_owned());
            return Ok(Source::Service {
                url: url.ok_or_else(half)?,
                header,
                client,
            });
        }
        if !choice.managed && !choice.command_line {
            let message = "the login that {} asks for is not set up";
            return Err(VaultError::configuration(message)
                .with_name(settings::CREDENTIALS.name)
                .with_hint("set the application's secret, certificate or token file, or leave AZURE_TOKEN_CREDENTIALS out"));
        }
        let tenant = text(settings::TENANT.name);
        if let Some(tenant) = &tenant {
            check_tenant(tenant)?;
        }
        let url = near_url(settings, settings::MACHINE.name)?;
        let folder = settings.absolute_path(settings::CLI_FOLDER.name);
        Ok(Source::Found {
            machine: choice.managed.then_some(Machine { url, client }),
            command_line: choice.command_line.then(|| CommandLine {
                program: COMMAND_LINE.into(),
                folder,
                tenant,
            }),
        })
    }
}

/// What an application proves itself with, if something is set for it.
fn proof(settings: &Settings, choice: Choice) -> Result<Option<Proof>, VaultError> {
    if choice.environment {
        if let Some(secret) = settings.value(settings::SECRET.name) {
            return Ok(Some(Proof::Secret(Zeroizing::new(secret.to_owned()))));
        }
        if let Some(place) = certificate::Place::from_settings(settings)? {
            return Ok(Some(Proof::Certificate(place)));
        }
    }
    let path = settings.absolute_path(settings::FEDERATED_TOKEN.name);
    Ok(path.filter(|_| choice.workload).map(Proof::Federated))
}

/// A tenant becomes a part of an address and an argument of a program.
fn check_tenant(tenant: &str) -> Result<(), VaultError> {
    let is_part = |byte: u8| byte.is_ascii_alphanumeric() || b".-".contains(&byte);
    if tenant.bytes().all(is_part) && !tenant.starts_with(['.', '-']) {
        return Ok(());
    }
    let message = "{} is neither the id of a tenant nor a domain";
    Err(VaultError::configuration(message).with_name(settings::TENANT.name))
}

/// An address of what gives the identity of this machine: what is sent there is sent in clear text,
/// and so is what comes back.
fn near_url(settings: &Settings, name: &'static str) -> Result<Option<Url>, VaultError> {
    let Some(text) = settings.value(name) else {
        return Ok(None);
    };
    let url = Url::parse(text).ok().filter(|url| {
        let is_near = url.scheme() == "http" && (is_local(url) || is_link_local(url));
        url.has_host() && (is_near || url.scheme() == "https")
    });
    let wrong = || {
        let message = "{} must be an https address, or one of this machine or its network";
        VaultError::configuration(message).with_name(name)
    };
    url.map(Some).ok_or_else(wrong)
}
