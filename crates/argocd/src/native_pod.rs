//! What native servers add to the pod of the repo-server, as lists at column 0.

use crate::container::{self, RESTRICTED, Takes};
use crate::install::Install;
use crate::native::Server;
use crate::yaml::{indented, text};

/// The port of the first server, for probes and metrics. All containers of a pod share their ports,
/// and those of Argo CD's own programs are 8080 to 8087.
const PORT: u16 = 8090;

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
    let takes = Takes {
        settings: server.takes_settings,
        policy: server.takes_policy,
    };
    let environment = container::environment(takes, &[], &server.env, &server.env_from);
    let mut mounts = "- {name: plugins, mountPath: /home/argocd/cmp-server/plugins}\n".to_owned();
    if server.runs_programs() {
        mounts += &format!(
            "# Where Helm and kustomize work; plain manifests stay in memory.\n\
             - {{name: {}, mountPath: /tmp}}\n",
            tmp(server)
        );
    }
    mounts += &container::shared_mounts(install, takes, &server.mounts);
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
        .map(|server| container::tmp_volume(install, &tmp(server)))
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

fn tmp(server: &Server) -> String {
    format!("{}-tmp", server.container)
}
