//! Exec plugins: programs that give a login (`client.authentication.k8s.io`).

use std::path::{Path, PathBuf};

use serde_json::{Value, json};
use zeroize::Zeroizing;

use super::cluster::Cluster;
use super::credentials::{Credentials, joined};
use super::kubeconfig::{ExecEntry, Variable};
use super::time;
use crate::transport::process::{Failure, Program};
use crate::transport::runtime;
use crate::{RunContext, VaultError, VaultErrorKind};

/// The versions of the protocol; `v1alpha1` is gone from Kubernetes.
const VERSIONS: [&str; 2] = [
    "client.authentication.k8s.io/v1",
    "client.authentication.k8s.io/v1beta1",
];

/// More than this is no login.
const MAX_ANSWER: usize = 1024 * 1024;

/// A program, run as it is and never through a shell.
pub(super) struct Plugin {
    /// The name that the kubeconfig has for it.
    name: String,
    program: PathBuf,
    /// The folder of the kubeconfig, where it runs. Under Argo CD the folder of this process is
    /// the app author's, and programs look for their own settings where they run.
    folder: PathBuf,
    args: Vec<Zeroizing<String>>,
    env: Vec<Variable>,
    version: &'static str,
    cluster: Option<Value>,
}

#[derive(serde::Deserialize)]
#[serde(rename_all = "camelCase")]
struct ExecCredential {
    api_version: String,
    kind: String,
    status: Option<Status>,
}

#[derive(serde::Deserialize)]
#[serde(rename_all = "camelCase")]
struct Status {
    token: Option<Zeroizing<String>>,
    client_certificate_data: Option<Zeroizing<String>>,
    client_key_data: Option<Zeroizing<String>>,
    expiration_timestamp: Option<String>,
}

impl Plugin {
    /// The plugin of a kubeconfig that lies in `folder`.
    pub(super) fn from_entry(
        entry: ExecEntry,
        folder: &Path,
        cluster: &Cluster,
    ) -> Result<Self, VaultError> {
        let name = entry.command;
        if name.is_empty() {
            return Err(VaultError::configuration(
                "the exec plugin in the kubeconfig has no command",
            ));
        }
        let version = VERSIONS
            .into_iter()
            .find(|known| entry.api_version.as_deref() == Some(*known))
            .ok_or_else(|| {
                VaultError::configuration(
                    "the exec plugin {} has an apiVersion that is not supported",
                )
                .with_name(&name)
                .with_hint("client.authentication.k8s.io/v1 and v1beta1 are")
            })?;
        if entry.interactive_mode.as_deref() == Some("Always") {
            return Err(VaultError::configuration(
                "the exec plugin {} wants to ask questions, which is not possible here",
            )
            .with_name(&name));
        }
        // A name without a slash is looked up, anything else starts from the kubeconfig.
        let program = if name.contains('/') {
            folder.join(&name)
        } else {
            PathBuf::from(&name)
        };
        let cluster = if entry.provide_cluster_info {
            Some(cluster.info()?)
        } else {
            None
        };
        Ok(Plugin {
            name,
            program,
            folder: folder.to_owned(),
            args: entry.args,
            env: entry.env,
            version,
            cluster,
        })
    }

    /// Runs the program.
    pub(super) async fn credentials(&self, run: &RunContext) -> Result<Credentials, VaultError> {
        let outcome = self.program().run(&[], MAX_ANSWER, run.remaining()).await;
        let output = outcome.map_err(|failure| self.failure(failure))?;
        if output.code == Some(0) {
            return self.read(&output.stdout);
        }
        let end = match output.code {
            Some(code) => format!("exit status: {code}"),
            None => "a signal".to_owned(),
        };
        let error = self.error(
            VaultErrorKind::Unauthenticated,
            "the exec plugin {} gives no login: it ended with {}",
        );
        Err(error.with_name(end).with_hint(if output.stderr.is_empty() { "run it by hand to see why" } else {
            "it wrote to standard error, which is not shown since it may hold a token; run it by hand"
        }))
    }

    fn program(&self) -> Program {
        let mut spec = json!({"interactive": false});
        if let Some(cluster) = &self.cluster {
            spec["cluster"] = cluster.clone();
        }
        let info = json!({"apiVersion": self.version, "kind": "ExecCredential", "spec": spec});
        let mut program = Program::new(&self.program, &self.folder)
            .args(self.args.iter().map(|arg| arg.as_str()));
        for Variable { name, value } in &self.env {
            program = program.env(name, value.as_str());
        }
        program.env("KUBERNETES_EXEC_INFO", info.to_string())
    }

    fn failure(&self, failure: Failure) -> VaultError {
        match failure {
            Failure::NoSuchFile => VaultError::configuration(
                "there is no program {} for the exec plugin of the kubeconfig",
            )
            .with_name(&self.name),
            Failure::NotExecutable | Failure::Broken => {
                VaultError::configuration("the exec plugin {} cannot be run").with_name(&self.name)
            }
            Failure::TooMuch => self.nonsense(),
            Failure::NoRuntime => runtime::missing(),
            Failure::TooLong => self.error(
                VaultErrorKind::Timeout,
                "the exec plugin {} gave no login in time",
            ),
        }
    }

    fn read(&self, answer: &[u8]) -> Result<Credentials, VaultError> {
        let credential: ExecCredential =
            serde_json::from_slice(answer).map_err(|_| self.nonsense())?;
        if credential.kind != "ExecCredential" || credential.api_version != self.version {
            return Err(self.nonsense());
        }
        let status = credential.status.ok_or_else(|| self.nonsense())?;
        let identity = match (&status.client_certificate_data, &status.client_key_data) {
            (Some(certificate), Some(key)) => Some(joined(certificate.as_bytes(), key.as_bytes())),
            (None, None) => None,
            _ => return Err(self.nonsense()),
        };
        let token = status.token.filter(|token| !token.is_empty());
        if token.is_none() && identity.is_none() {
            return Err(self.nonsense());
        }
        let expires = match &status.expiration_timestamp {
            Some(text) => Some(time::parse(text).ok_or_else(|| self.nonsense())?),
            None => None,
        };
        Ok(Credentials {
            token,
            identity,
            expires,
        })
    }

    fn nonsense(&self) -> VaultError {
        let message =
            "the answer of the exec plugin {} is not an ExecCredential of {} with a login";
        self.error(VaultErrorKind::InvalidAnswer, message)
            .with_name(self.version)
    }

    fn error(&self, kind: VaultErrorKind, message: &'static str) -> VaultError {
        VaultError::new(kind, message).with_name(&self.name)
    }
}
