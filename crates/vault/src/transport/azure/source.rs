//! The sources of a login: the first that is set up counts, in the order of
//! `DefaultAzureCredential`.

use std::path::PathBuf;

use zeroize::Zeroizing;

use super::command_line::CommandLine;
use super::service::{Service, near_url};
use super::{certificate, settings};
use crate::transport::http::Url;
use crate::{Settings, VaultError};

/// Where a token comes from.
pub(super) enum Source {
    /// An application of a tenant.
    App(App),
    /// The managed identity that a service gives.
    Service(Service),
    /// What is found where it runs: the managed identity of the machine, else the login of a tool.
    Found {
        machine: Option<Machine>,
        tools: Vec<CommandLine>,
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

/// Which sources count.
#[derive(Clone, Copy)]
struct Choice {
    environment: bool,
    workload: bool,
    managed: bool,
    cli: bool,
    developer_cli: bool,
}

impl Choice {
    /// Reads the words of Azure's own libraries.
    fn from_settings(settings: &Settings) -> Result<Self, VaultError> {
        let name = settings::CREDENTIALS.name;
        let none = Choice {
            environment: false,
            workload: false,
            managed: false,
            cli: false,
            developer_cli: false,
        };
        let prod = Choice {
            environment: true,
            workload: true,
            managed: true,
            ..none
        };
        let dev = Choice {
            cli: true,
            developer_cli: true,
            ..none
        };
        let Some(word) = settings.value(name) else {
            return Ok(Choice {
                cli: true,
                developer_cli: true,
                ..prod
            });
        };
        match word.to_ascii_lowercase().as_str() {
            "prod" => Ok(prod),
            "dev" => Ok(dev),
            "environmentcredential" => Ok(Choice {
                environment: true,
                ..none
            }),
            "workloadidentitycredential" => Ok(Choice {
                workload: true,
                ..none
            }),
            "managedidentitycredential" => Ok(Choice {
                managed: true,
                ..none
            }),
            "azureclicredential" => Ok(Choice { cli: true, ..none }),
            "azuredeveloperclicredential" => Ok(Choice {
                developer_cli: true,
                ..none
            }),
            _ => Err(VaultError::configuration("{} is not a source of a login that is read here")
                .with_name(name)
                .with_hint("it is prod, dev, EnvironmentCredential, WorkloadIdentityCredential, ManagedIdentityCredential, AzureCLICredential or AzureDeveloperCLICredential")),
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
        if choice.managed {
            if let Some(service) = Service::from_settings(settings)? {
                return Ok(Source::Service(service));
            }
        }
        if !choice.managed && !choice.cli && !choice.developer_cli {
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
        let cli = choice
            .cli
            .then(|| CommandLine::azure(folder, tenant.clone()));
        let developers = choice
            .developer_cli
            .then(|| CommandLine::developers(tenant));
        Ok(Source::Found {
            machine: choice.managed.then_some(Machine { url, client }),
            tools: cli.into_iter().chain(developers).collect(),
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
