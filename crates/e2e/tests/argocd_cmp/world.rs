//! Plugin servers, a fake Connect server for them, and a repository.

use std::path::{Path, PathBuf};
use std::process::Command;
use std::{fs, io};

use manifill_connect_fake::{Data, Options, Server};
use manifill_e2e::{ArgoCdCmp, PluginServer, helm3, kustomize, manifill, run};
use serde_json::{Value, json};
use tempfile::TempDir;

/// A value that is in the vault and must not show in what is told.
pub(crate) const PASSWORD: &str = "sentinel-of-the-vault";

/// Who speaks Argo CD's protocol.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Way {
    /// `argocd-cmp-server`, which runs the plugins of `manifill install argocd`.
    Classic,
    /// `manifill argocd-plugin`.
    Native,
}

/// The plugins, which are called the same in both ways.
const PLUGINS: [(&str, &str); 3] = [
    ("manifill", "plain"),
    ("manifill-helm", "helm"),
    ("manifill-kustomize", "kustomize"),
];

/// The plugins and what they need.
pub(crate) struct World {
    pub(crate) way: Way,
    pub(crate) argocd: ArgoCdCmp,
    pub(crate) connect: Server,
    pub(crate) servers: Vec<PluginServer>,
    folder: TempDir,
}

impl World {
    /// Starts the fake Connect server, and no plugin.
    pub(crate) fn new(way: Way) -> World {
        let vault = "prodvault000000000000000aa";
        let fields = [("username", "svc"), ("password", PASSWORD)];
        let item = "loginitem0000000000000aaaa";
        let data = Data::new()
            .with_vault(vault, "Production")
            .with_item(vault, item, "db", fields)
            .with_file(vault, item, "key.pem", PASSWORD);
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
            way,
            argocd: ArgoCdCmp::build().unwrap(),
            connect,
            servers: Vec::new(),
            folder,
        }
    }

    /// Starts `argocd-cmp-server` for each plugin that manifill writes.
    pub(crate) fn classic() -> World {
        World::classic_with(&helm3().unwrap())
    }

    /// The same with this Helm.
    pub(crate) fn classic_with(helm: &Path) -> World {
        let mut world = World::new(Way::Classic);
        let files = world.folder.path().join("install");
        let mut install = Command::new(manifill().unwrap());
        install.args(["install", "argocd", "--discover", "--to"]);
        run(install.arg(&files)).unwrap();
        let programs = world.programs("programs", helm);
        for (name, _) in PLUGINS {
            let file = fs::read_to_string(files.join(format!("plugin-{name}.yaml"))).unwrap();
            let (sockets, settings) = (world.sockets(), world.settings());
            let server = world
                .argocd
                .serve(&sockets, name, &file, &programs, &settings);
            world.servers.push(server.unwrap());
        }
        world
    }

    /// Starts `manifill argocd-plugin` with the same plugins.
    pub(crate) fn native() -> World {
        World::native_with(&helm3().unwrap())
    }

    /// The same with this Helm.
    pub(crate) fn native_with(helm: &Path) -> World {
        let mut world = World::new(Way::Native);
        let helm = ["--helm", helm.to_str().unwrap()];
        let server = world.native_server(&[&manifill().unwrap()], &helm, &[]);
        world.servers.push(server.unwrap());
        world
    }

    /// Starts `manifill argocd-plugin`, by a command that ends with manifill, with more arguments and
    /// settings.
    pub(crate) fn native_server(
        &self,
        command: &[&Path],
        arguments: &[&str],
        settings: &[(&str, &str)],
    ) -> io::Result<PluginServer> {
        let kustomize = kustomize()?;
        let plugins = PLUGINS.map(|(name, mode)| format!("{name}={mode},discover"));
        let mut all = vec!["--kustomize", kustomize.to_str().unwrap()];
        all.extend(
            plugins
                .iter()
                .flat_map(|plugin| ["--plugin", plugin.as_str()]),
        );
        all.extend(arguments);
        let mut environment = self.settings();
        let settings = settings.iter();
        environment.extend(settings.map(|(name, value)| ((*name).to_owned(), (*value).to_owned())));
        let names = PLUGINS.map(|(name, _)| name);
        PluginServer::native(command, &self.sockets(), &names, &all, &environment)
    }

    /// A folder of programs for plugins, with this Helm.
    pub(crate) fn programs(&self, name: &str, helm: &Path) -> PathBuf {
        let folder = self.folder.path().join(name);
        fs::create_dir(&folder).unwrap();
        for (name, program) in [
            ("manifill", manifill().unwrap().as_path()),
            ("helm", helm),
            ("kustomize", kustomize().unwrap().as_path()),
        ] {
            std::os::unix::fs::symlink(program, folder.join(name)).unwrap();
        }
        folder
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

    /// The folder of all that is here.
    pub(crate) fn folder(&self) -> &Path {
        self.folder.path()
    }

    /// The folder of the sockets.
    pub(crate) fn sockets(&self) -> PathBuf {
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

/// The plugin of an Application that is plain manifests.
pub(crate) fn manifill_plugin() -> Value {
    json!({"name": "manifill"})
}

/// The only object of an answer.
pub(crate) fn object(answer: &Value) -> &Value {
    assert_eq!(answer["code"], "OK", "{answer}");
    assert_eq!(answer["manifests"].as_array().unwrap().len(), 1, "{answer}");
    &answer["manifests"][0]
}

/// What is told of a failure, without anything of the vault.
pub(crate) fn failed(answer: &Value) -> &str {
    assert_ne!(answer["code"], "OK", "{answer}");
    assert_eq!(answer["manifests"], Value::Null, "{answer}");
    let told = answer["message"].as_str().unwrap();
    assert!(!told.contains(PASSWORD), "{told}");
    told
}
