//! Kubeconfig files: which there are, how they are merged, and the context that is chosen.

use std::path::{Path, PathBuf};

use zeroize::Zeroizing;

use crate::format::null::or_default;
use crate::{Settings, VaultError};

/// A kubeconfig, or several that were merged. Types are those of `kubectl`; what is not used is
/// not looked at.
#[derive(Default, serde::Deserialize)]
#[serde(rename_all = "kebab-case")]
pub(super) struct Kubeconfig {
    #[serde(default, deserialize_with = "or_default")]
    current_context: String,
    #[serde(default, deserialize_with = "or_default")]
    contexts: Vec<NamedContext>,
    #[serde(default, deserialize_with = "or_default")]
    clusters: Vec<NamedCluster>,
    #[serde(default, deserialize_with = "or_default")]
    users: Vec<NamedUser>,
}

#[derive(serde::Deserialize)]
struct NamedContext {
    name: String,
    context: Context,
}

#[derive(serde::Deserialize)]
struct Context {
    #[serde(default, deserialize_with = "or_default")]
    cluster: String,
    #[serde(default, deserialize_with = "or_default")]
    user: String,
}

#[derive(serde::Deserialize)]
struct NamedCluster {
    name: String,
    cluster: ClusterEntry,
    #[serde(skip)]
    folder: PathBuf,
}

#[derive(serde::Deserialize)]
struct NamedUser {
    name: String,
    #[serde(default, deserialize_with = "or_default")]
    user: UserEntry,
    #[serde(skip)]
    folder: PathBuf,
}

/// A cluster as it stands in a file.
#[derive(serde::Deserialize)]
#[serde(rename_all = "kebab-case")]
pub(super) struct ClusterEntry {
    pub(super) server: Option<String>,
    pub(super) certificate_authority: Option<String>,
    pub(super) certificate_authority_data: Option<String>,
    pub(super) insecure_skip_tls_verify: Option<bool>,
    pub(super) tls_server_name: Option<String>,
    pub(super) proxy_url: Option<String>,
    #[serde(default, deserialize_with = "or_default")]
    pub(super) extensions: Vec<Extension>,
}

/// Something that others have put into a kubeconfig.
#[derive(serde::Deserialize)]
pub(super) struct Extension {
    pub(super) name: String,
    pub(super) extension: serde_json::Value,
}

/// A login as it stands in a file.
#[derive(Default, serde::Deserialize)]
#[serde(rename_all = "kebab-case")]
pub(super) struct UserEntry {
    pub(super) token: Option<Zeroizing<String>>,
    #[serde(rename = "tokenFile")]
    pub(super) token_file: Option<String>,
    pub(super) client_certificate: Option<String>,
    pub(super) client_certificate_data: Option<String>,
    pub(super) client_key: Option<String>,
    pub(super) client_key_data: Option<Zeroizing<String>>,
    pub(super) exec: Option<ExecEntry>,
    #[serde(rename = "as")]
    pub(super) acts_as: Option<String>,
    // What is not supported must not be overlooked: the login would be another one.
    pub(super) as_uid: Option<serde::de::IgnoredAny>,
    pub(super) as_groups: Option<serde::de::IgnoredAny>,
    pub(super) as_user_extra: Option<serde::de::IgnoredAny>,
    pub(super) username: Option<serde::de::IgnoredAny>,
    pub(super) auth_provider: Option<serde::de::IgnoredAny>,
}

/// A program that gives the login.
#[derive(serde::Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct ExecEntry {
    pub(super) api_version: Option<String>,
    pub(super) command: String,
    #[serde(default, deserialize_with = "or_default")]
    pub(super) args: Vec<Zeroizing<String>>,
    #[serde(default, deserialize_with = "or_default")]
    pub(super) env: Vec<Variable>,
    pub(super) interactive_mode: Option<String>,
    #[serde(default, deserialize_with = "or_default")]
    pub(super) provide_cluster_info: bool,
}

#[derive(serde::Deserialize)]
pub(super) struct Variable {
    pub(super) name: String,
    pub(super) value: Zeroizing<String>,
}

/// What a context names; file names in each part start from the folder of its kubeconfig.
pub(super) struct Chosen {
    pub(super) cluster: (ClusterEntry, PathBuf),
    pub(super) user: (UserEntry, PathBuf),
}

/// The files that `KUBECONFIG` lists.
///
/// # Errors
/// If one is named by a relative path. Under Argo CD that would start from a folder whose author
/// could put a kubeconfig there, with a program to run (rule R7).
pub(super) fn files(settings: &Settings) -> Result<Vec<PathBuf>, VaultError> {
    let Some(list) = settings.value("KUBECONFIG") else {
        return Ok(Vec::new());
    };
    let files: Vec<PathBuf> = std::env::split_paths(list)
        .filter(|file| !file.as_os_str().is_empty())
        .collect();
    match files.iter().find(|file| !file.is_absolute()) {
        None => Ok(files),
        Some(file) => Err(
            VaultError::configuration("the path {} in KUBECONFIG is not absolute")
                .with_name(shown(file)),
        ),
    }
}

impl Kubeconfig {
    /// Reads these files and merges them as `kubectl` does: what an earlier one sets counts, and
    /// those that are not there are left out, unless none is.
    pub(super) fn read(files: &[PathBuf]) -> Result<Self, VaultError> {
        let mut merged = Kubeconfig::default();
        let mut found = false;
        for file in files {
            let text = match std::fs::read_to_string(file) {
                Ok(text) => Zeroizing::new(text),
                Err(error) if error.kind() == std::io::ErrorKind::NotFound => continue,
                Err(_) => {
                    return Err(
                        VaultError::configuration("the kubeconfig {} cannot be read")
                            .with_name(shown(file)),
                    );
                }
            };
            found = true;
            merged.merge(parse(&text, file)?);
        }
        match (found, files.last()) {
            (false, Some(file)) => {
                Err(VaultError::configuration("there is no kubeconfig {}").with_name(shown(file)))
            }
            _ => Ok(merged),
        }
    }

    fn merge(&mut self, other: Kubeconfig) {
        if self.current_context.is_empty() {
            self.current_context = other.current_context;
        }
        // The first entry of a name is found first.
        self.contexts.extend(other.contexts);
        self.clusters.extend(other.clusters);
        self.users.extend(other.users);
    }

    /// The cluster and the user of a context, by default of the current one.
    pub(super) fn choose(self, context: Option<&str>) -> Result<Chosen, VaultError> {
        let name = context.unwrap_or(&self.current_context);
        if name.is_empty() {
            return Err(
                VaultError::configuration("the kubeconfig has no current context")
                    .with_hint("name one with MANIFILL_KUBE_CONTEXT"),
            );
        }
        let context = self
            .contexts
            .iter()
            .find(|entry| entry.name == name)
            .map(|entry| &entry.context)
            .ok_or_else(|| {
                let names = self.contexts.iter().map(|entry| entry.name.clone());
                VaultError::configuration("the kubeconfig has no context {}")
                    .with_name(name)
                    .with_candidates(names)
            })?;
        let cluster = self
            .clusters
            .into_iter()
            .find(|entry| entry.name == context.cluster)
            .ok_or_else(|| {
                VaultError::configuration(
                    "the kubeconfig has no cluster {}, which its context {} names",
                )
                .with_name(&context.cluster)
                .with_name(name)
            })?;
        let user = match context.user.as_str() {
            "" => None,
            user => Some(
                self.users
                    .into_iter()
                    .find(|entry| entry.name == user)
                    .ok_or_else(|| {
                        VaultError::configuration(
                            "the kubeconfig has no user {}, which its context {} names",
                        )
                        .with_name(user)
                        .with_name(name)
                    })?,
            ),
        };
        Ok(Chosen {
            cluster: (cluster.cluster, cluster.folder),
            user: user.map_or_else(Default::default, |user| (user.user, user.folder)),
        })
    }
}

/// Reads a kubeconfig. What the parser says is dropped but for the line: it quotes.
fn parse(text: &str, file: &Path) -> Result<Kubeconfig, VaultError> {
    let text = text.trim_start_matches('\u{feff}');
    if text.trim().is_empty() {
        return Ok(Kubeconfig::default());
    }
    let mut config: Kubeconfig = serde_yaml::from_str(text).map_err(|error| {
        let line = error.location().map_or(1, |place| place.line());
        VaultError::configuration("the file {} is not a kubeconfig, see {}")
            .with_name(shown(file))
            .with_name(format!("line {line}"))
    })?;
    let folder = file.parent().unwrap_or(Path::new(""));
    for cluster in &mut config.clusters {
        cluster.folder = folder.to_owned();
    }
    for user in &mut config.users {
        user.folder = folder.to_owned();
    }
    Ok(config)
}

fn shown(path: &Path) -> String {
    path.display().to_string()
}
