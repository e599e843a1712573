//! Sidecars that speak Argo CD's protocol themselves: `manifill argocd-plugin`.

use serde_yaml::Value;

use crate::install::Install;
use crate::mode::Mode;
use crate::pod::{self, RESTRICTED};
use crate::secret_name::SecretName;
use crate::served_plugin::ServedPlugin;
use crate::yaml::{indented, text};

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
    /// Whether its container gets the Secret with the settings as variables, and the policy. Not if
    /// it reads a Secret: a settings file would take its place.
    pub takes_settings: bool,
    /// Volumes that its container mounts besides manifill's own.
    pub mounts: Vec<Value>,
}

/// The port of the first server, for probes and metrics. All containers of a pod share their ports,
/// and those of Argo CD's own programs are 8080 to 8087.
const PORT: u16 = 8090;

impl Server {
    /// The server with the four standard plugins. With a Secret, it reads its settings from there. With
    /// discovery, the first plugin is asked about Applications that name none: each plugin that is
    /// asked gets the whole repository once more.
    pub fn standard(secret: Option<&SecretName>, discover: bool) -> Server {
        let mut plugins = ServedPlugin::usual();
        for plugin in &mut plugins {
            plugin.discovery = discover && plugin.mode == Mode::Auto;
        }
        Server {
            container: "manifill".to_owned(),
            plugins,
            env: Vec::new(),
            env_from: Vec::new(),
            secret: secret.cloned(),
            takes_settings: secret.is_none(),
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

    fn tmp(&self) -> String {
        format!("{}-tmp", self.container)
    }
}

/// The containers, as a list at column 0.
pub(crate) fn sidecars(install: &Install) -> String {
    let servers = install.servers.iter().zip(PORT..);
    servers
        .map(|(server, port)| sidecar(install, server, port))
        .collect()
}

fn sidecar(install: &Install, server: &Server, port: u16) -> String {
    let plugins = server.plugins.iter();
    let plugins = plugins.map(|plugin| format!("--plugin={plugin}"));
    let secret = server.secret.iter();
    let secret = secret.map(|name| format!("--secret-name={name}"));
    let listen = format!("--listen=:{port}");
    let args: String = plugins
        .chain(secret)
        .chain([listen])
        .map(|arg| format!("- {}\n", text(&arg)))
        .collect();
    let environment = pod::environment(server.takes_settings, &[], &server.env, &server.env_from);
    let mut mounts = "- {name: plugins, mountPath: /home/argocd/cmp-server/plugins}\n".to_owned();
    if server.runs_programs() {
        mounts += &format!(
            "# Where Helm and kustomize work; plain manifests stay in memory.\n\
             - {{name: {}, mountPath: /tmp}}\n",
            server.tmp()
        );
    }
    mounts += &pod::shared_mounts(install, server.takes_settings, &server.mounts);
    format!(
        "\
- name: {}
  image: {}
  command: [manifill, argocd-plugin]
  args:
{}{environment}{}  ports:
    - {{name: {}, containerPort: {port}}}
  # They ask no vault: one that cannot be reached must not take the repo-server out of service.
  readinessProbe:
    httpGet: {{path: /readyz, port: {port}}}
  livenessProbe:
    httpGet: {{path: /healthz, port: {port}}}
    periodSeconds: 30
    timeoutSeconds: 10
    failureThreshold: 5
  resources:
    requests: {{cpu: 10m, memory: 64Mi}}
    # One repository unpacked, the archives that are kept, and Helm with what lies in /tmp.
    limits: {{memory: {}}}
  volumeMounts:
{}",
        text(&server.container),
        text(&install.image),
        indented(&args, 4),
        indented(RESTRICTED, 2),
        format_args!("manifill-{port}"),
        text(&install.server_memory),
        indented(&mounts, 4),
    )
}

/// The volumes of the servers, as a list at column 0.
pub(crate) fn volumes(install: &Install) -> String {
    let servers = install.servers.iter();
    servers
        .filter(|server| server.runs_programs())
        .map(|server| pod::tmp_volume(install, &server.tmp()))
        .collect()
}

/// How long the pod may take to end, as a line at column 0.
pub(crate) fn grace(install: &Install) -> &'static str {
    if install.servers.is_empty() {
        return "";
    }
    "\
# A run takes up to 45 seconds, and a server that is asked to end finishes those that it has begun.
terminationGracePeriodSeconds: 60
"
}
