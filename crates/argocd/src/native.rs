//! Sidecars that speak Argo CD's protocol themselves: `manifill argocd-plugin`.

use serde_yaml::Value;

use crate::discovery::Discovery;
use crate::mode::Mode;
use crate::secret_name::SecretName;
use crate::served_plugin::ServedPlugin;

/// A sidecar that serves plugins, all with the same settings.
#[derive(Clone, Debug, PartialEq)]
pub struct Server {
    /// The name of its container.
    pub container: String,
    /// Its plugins.
    pub plugins: Vec<ServedPlugin>,
    /// Variables of its container besides manifill's own, as Kubernetes writes them.
    pub env: Vec<Value>,
    /// The same for `envFrom`.
    pub env_from: Vec<Value>,
    /// The Secret that it reads its settings from when it starts, as after `-s`.
    pub secret: Option<SecretName>,
    /// Whether its container gets the Secret with the settings as variables.
    pub takes_settings: bool,
    /// Whether its container gets the policy. Not if it reads a Secret: a settings file, which a policy
    /// needs, would take its place.
    pub takes_policy: bool,
    /// Volumes that its container mounts besides manifill's own.
    pub mounts: Vec<Value>,
}

impl Server {
    /// The server with the four standard plugins. With a Secret, it reads its settings from there. With
    /// discovery, the first plugin is asked about Applications that name none: each plugin that is
    /// asked gets the whole repository once more.
    pub fn standard(secret: Option<&SecretName>, discover: bool) -> Server {
        let mut plugins = ServedPlugin::usual();
        for plugin in &mut plugins {
            if discover && plugin.mode == Mode::Auto {
                plugin.discovery = Discovery::Placeholders;
            }
        }
        Server {
            container: "manifill".to_owned(),
            plugins,
            env: Vec::new(),
            env_from: Vec::new(),
            secret: secret.cloned(),
            takes_settings: secret.is_none(),
            takes_policy: secret.is_none(),
            mounts: Vec::new(),
        }
    }

    /// Whether one of its plugins may start Helm or kustomize, so that its image needs them.
    pub fn runs_programs(&self) -> bool {
        self.plugins.iter().any(|plugin| plugin.mode != Mode::Plain)
    }

    /// Whether another one has the same settings, so that one of them is enough.
    pub(crate) fn has_settings_of(&self, other: &Server) -> bool {
        let settings = |server: &Server| Server {
            container: String::new(),
            plugins: Vec::new(),
            ..server.clone()
        };
        settings(self) == settings(other)
    }
}
