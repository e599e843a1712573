//! A cluster, a Helm with folders of its own, and a chart.

use std::path::{Path, PathBuf};
use std::process::{Command, Output};
use std::sync::Arc;

use manifill_e2e::{ADMIN_TOKEN, KubeApiserver, direct};
use tempfile::TempDir;

/// A Helm that installs into a namespace of the cluster, and nothing of the surrounding environment.
pub(crate) struct World {
    cluster: Arc<KubeApiserver>,
    namespace: &'static str,
    folder: TempDir,
}

impl World {
    /// A namespace, and a folder in which `helm`, `kubectl` and `manifill` are in the PATH.
    pub(crate) fn new(cluster: Arc<KubeApiserver>, helm: &Path, namespace: &'static str) -> Self {
        let manifest =
            format!("apiVersion: v1\nkind: Namespace\nmetadata: {{name: {namespace}}}\n");
        cluster.apply(&manifest).unwrap();
        let folder = tempfile::tempdir().unwrap();
        let world = World {
            cluster: Arc::clone(&cluster),
            namespace,
            folder,
        };
        world.write(
            "vault.json",
            r#"{"db": {"user": "svc", "password": "sentinel: #1"}}"#,
        );
        let kubeconfig = format!(
            "apiVersion: v1\nkind: Config\ncurrent-context: e2e\nclusters: [{{name: e2e, cluster: {{server: '{}', certificate-authority: '{}'}}}}]\nusers: [{{name: admin, user: {{token: '{ADMIN_TOKEN}'}}}}]\ncontexts: [{{name: e2e, context: {{cluster: e2e, user: admin, namespace: {namespace}}}}}]\n",
            cluster.url(),
            cluster.ca_file().display(),
        );
        world.write("kubeconfig", &kubeconfig);
        let bin = world.path().join("bin");
        std::fs::create_dir(&bin).unwrap();
        for (name, program) in [
            ("helm", helm.to_owned()),
            ("kubectl", cluster.kubectl_program()),
            ("manifill", manifill_e2e::manifill().unwrap()),
        ] {
            std::os::unix::fs::symlink(program, bin.join(name)).unwrap();
        }
        world
    }

    pub(crate) fn path(&self) -> &Path {
        self.folder.path()
    }

    pub(crate) fn write(&self, name: &str, text: &str) -> PathBuf {
        let path = self.path().join(name);
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        std::fs::write(&path, text).unwrap();
        path
    }

    pub(crate) fn read(&self, name: &str) -> String {
        std::fs::read_to_string(self.path().join(name)).unwrap()
    }

    /// A chart of these templates.
    pub(crate) fn chart(&self, name: &str, templates: &[(&str, &str)]) {
        let about = format!("apiVersion: v2\nname: {name}\nversion: 0.1.0\n");
        self.write(&format!("{name}/Chart.yaml"), &about);
        for (file, text) in templates {
            self.write(&format!("{name}/templates/{file}"), text);
        }
    }

    /// A script of the shell in the folder.
    pub(crate) fn command(&self, script: &str) -> Command {
        let mut command = direct("bash");
        command.args(["-euo", "pipefail", "-c", script]);
        let system = std::env::var("PATH").unwrap_or_default();
        command
            .env_clear()
            .env(
                "PATH",
                format!("{}:{system}", self.path().join("bin").display()),
            )
            .env("HOME", self.path())
            .env("KUBECONFIG", self.path().join("kubeconfig"))
            .env("HELM_NAMESPACE", self.namespace)
            .env("AVP_TYPE", "file")
            .env("MANIFILL_FILE", self.path().join("vault.json"))
            .current_dir(self.path());
        command
    }

    pub(crate) fn ran(&self, script: &str) -> Output {
        self.command(script).output().unwrap()
    }

    /// What a script prints that succeeds.
    #[track_caller]
    pub(crate) fn good(&self, script: &str) -> String {
        let ran = self.ran(script);
        let told = String::from_utf8_lossy(&ran.stderr);
        assert!(ran.status.success(), "{script}\n{told}");
        String::from_utf8(ran.stdout).unwrap()
    }

    /// What a script tells that fails, having printed nothing.
    #[track_caller]
    pub(crate) fn failed(&self, script: &str) -> String {
        let ran = self.ran(script);
        let printed = String::from_utf8_lossy(&ran.stdout);
        assert!(
            !ran.status.success() && printed.is_empty(),
            "{script}\n{printed}"
        );
        String::from_utf8(ran.stderr).unwrap()
    }

    /// The value of a Secret's key in the cluster, or nothing if there is no such Secret.
    pub(crate) fn secret(&self, name: &str, key: &str) -> Option<String> {
        let mut get = self.cluster.kubectl();
        let template = format!("{{{{index .data {key:?} | base64decode}}}}");
        get.args(["get", "secret", name, "-n", self.namespace, "-o"]);
        manifill_e2e::run(get.arg(format!("go-template={template}"))).ok()
    }
}
