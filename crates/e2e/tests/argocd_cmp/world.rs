//! A plugin server that has the plugins of `manifill install argocd`, a fake Connect server for
//! them, and a repository.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use manifill_connect_fake::{Data, Options, Server};
use manifill_e2e::{ArgoCdCmp, PluginServer, manifill, run};
use serde_json::{Value, json};
use tempfile::TempDir;

/// A value that is in the vault and must not show in what is told.
pub(crate) const PASSWORD: &str = "sentinel-of-the-vault";

/// The plugins and what they need.
pub(crate) struct World {
    pub(crate) argocd: ArgoCdCmp,
    pub(crate) connect: Server,
    pub(crate) servers: Vec<PluginServer>,
    folder: TempDir,
}

impl World {
    /// Starts the fake Connect server, and no plugin.
    pub(crate) fn new() -> World {
        let vault = "prodvault000000000000000aa";
        let fields = [("username", "svc"), ("password", PASSWORD)];
        let data = Data::new().with_vault(vault, "Production").with_item(
            vault,
            "loginitem0000000000000aaaa",
            "db",
            fields,
        );
        let connect = Server::start_blocking(Options {
            data,
            ..Options::default()
        })
        .unwrap();
        let folder = tempfile::tempdir().unwrap();
        for name in ["sockets", "repository"] {
            fs::create_dir(folder.path().join(name)).unwrap();
        }
        World {
            argocd: ArgoCdCmp::build().unwrap(),
            connect,
            servers: Vec::new(),
            folder,
        }
    }

    /// Starts `argocd-cmp-server` for each plugin that manifill writes.
    pub(crate) fn classic() -> World {
        let mut world = World::new();
        let program = manifill().unwrap();
        let files = world.folder.path().join("install");
        let mut install = Command::new(&program);
        install.args(["install", "argocd", "--discover", "--to"]);
        run(install.arg(&files)).unwrap();
        let programs = program.parent().unwrap();
        for name in ["manifill", "manifill-helm", "manifill-kustomize"] {
            let file = fs::read_to_string(files.join(format!("plugin-{name}.yaml"))).unwrap();
            let (sockets, settings) = (world.sockets(), world.settings());
            let server = world
                .argocd
                .serve(&sockets, name, &file, programs, &settings);
            world.servers.push(server.unwrap());
        }
        world
    }

    /// The settings that an operator gives the plugins.
    pub(crate) fn settings(&self) -> Vec<(String, String)> {
        let settings = [
            ("AVP_TYPE", "1passwordconnect"),
            ("OP_CONNECT_HOST", self.connect.url()),
            ("OP_CONNECT_TOKEN", self.connect.token()),
        ];
        let owned = settings.map(|(name, value)| (name.to_owned(), value.to_owned()));
        owned.to_vec()
    }

    fn sockets(&self) -> PathBuf {
        self.folder.path().join("sockets")
    }

    /// The repository, as Argo CD has checked it out.
    pub(crate) fn root(&self) -> PathBuf {
        self.folder.path().join("repository")
    }

    /// Writes a file of the repository.
    pub(crate) fn write(&self, name: &str, data: impl AsRef<[u8]>) {
        let path = self.root().join(name);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, data).unwrap();
    }

    /// Writes a Secret that wants the password.
    pub(crate) fn write_secret(&self, name: &str) {
        let text = format!(
            "apiVersion: v1\nkind: Secret\nmetadata: {{name: {}}}\nstringData:\n  \
             password: <path:vaults/Production/items/db#password>\n",
            Path::new(name).parent().unwrap().display()
        );
        self.write(name, text);
    }

    /// Runs jobs one after the other.
    pub(crate) fn ask(&self, jobs: Vec<Value>) -> Vec<Value> {
        self.ask_at_once(1, jobs)
    }

    /// Runs jobs one after the other, at the servers of another folder of sockets.
    pub(crate) fn ask_at(&self, sockets: &Path, jobs: Vec<Value>) -> Vec<Value> {
        self.run(sockets, 1, jobs)
    }

    /// Runs jobs, so many at once.
    pub(crate) fn ask_at_once(&self, parallel: usize, jobs: Vec<Value>) -> Vec<Value> {
        self.run(&self.sockets(), parallel, jobs)
    }

    fn run(&self, sockets: &Path, parallel: usize, mut jobs: Vec<Value>) -> Vec<Value> {
        for job in &mut jobs {
            job["root"] = json!(self.root());
        }
        let jobs = Value::Array(jobs).to_string();
        let answers = self.argocd.ask(sockets, parallel, &jobs).unwrap();
        serde_json::from_str(&answers).unwrap()
    }

    /// Runs one job.
    pub(crate) fn ask_one(&self, job: Value) -> Value {
        self.ask(vec![job]).remove(0)
    }

    /// Checks that nothing is left of all that was asked, and that the servers still serve.
    pub(crate) fn assert_clean(&self) {
        self.write_secret("clean/secret.yaml");
        let answer = self.ask_one(app("clean", &json!({"name": "manifill"})));
        assert_eq!(answer["code"], "OK", "{answer}");
        for server in &self.servers {
            assert!(server.left().unwrap().is_empty());
            assert_eq!(server.children().unwrap(), Vec::<String>::new());
            assert!(!server.log().unwrap().contains(PASSWORD));
        }
    }
}

/// A job for an Application of a folder. Its plugin may be `null`.
pub(crate) fn app(path: &str, plugin: &Value) -> Value {
    let application = json!({
        "metadata": {"name": "web", "namespace": "argocd"},
        "spec": {
            "project": "infrastructure",
            "source": {
                "repoURL": "https://git.example/cluster.git",
                "path": path,
                "targetRevision": "main",
                "plugin": plugin,
            },
            "destination": {"namespace": "team"},
        },
    });
    json!({"application": application, "deadline": 60_000})
}

/// A job that is one call.
pub(crate) fn call(name: &str, path: &str) -> Value {
    json!({"call": name, "plugin": "manifill", "path": path, "deadline": 60_000,
           "env": ["ARGOCD_APP_NAME=web", "ARGOCD_APP_PROJECT_NAME=infrastructure"]})
}
