//! The home lab: what lies in git, what `manifill install argocd` writes, what runs.

use std::collections::BTreeMap;
use std::fs;
use std::io::{Read as _, Write as _};
use std::net::TcpStream;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::thread::sleep;
use std::time::{Duration, Instant};

use manifill_connect_fake::{Data, Options, Server};
use manifill_e2e::{
    ArgoCdCmp, KubeApiserver, PluginServer, Running, direct, free_port, manifill, run,
};
use manifill_manifest::read;
use serde_json::{Value, json};
use tempfile::TempDir;

pub(crate) struct Lab {
    pub(crate) connect: Server,
    argocd: ArgoCdCmp,
    program: PathBuf,
    folder: TempDir,
}

/// The container that fills plain manifests. Its sockets go with it, as a pod's do.
pub(crate) struct Sidecar {
    _server: Program,
    sockets: TempDir,
    /// Where a native server answers probes.
    port: Option<u16>,
}

/// What runs in the container.
enum Program {
    Classic { _server: PluginServer },
    Native { _server: Running },
}

impl Sidecar {
    /// Whether the kubelet takes the container for one that is well and ready. It has nothing to ask
    /// where Argo CD's own server runs.
    pub(crate) fn is_ready(&self) -> bool {
        let is_ok = |port: u16, path: &str| {
            let mut stream = TcpStream::connect(("127.0.0.1", port)).unwrap();
            write!(
                stream,
                "GET {path} HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n"
            )
            .unwrap();
            let mut answer = String::new();
            stream.read_to_string(&mut answer).unwrap();
            answer.starts_with("HTTP/1.1 200")
        };
        self.port
            .is_none_or(|port| is_ok(port, "/healthz") && is_ok(port, "/readyz"))
    }
}

/// The root of this repository.
fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../..")
}

fn objects(text: &str) -> Vec<Value> {
    let all = read(text).unwrap();
    all.iter()
        .map(|one| serde_json::from_str(&one.to_json()).unwrap())
        .collect()
}

fn copy(from: &Path, to: &Path) {
    fs::create_dir_all(to).unwrap();
    for entry in fs::read_dir(from).unwrap() {
        let path = entry.unwrap().path();
        fs::copy(&path, to.join(path.file_name().unwrap())).unwrap();
    }
}

/// `name` and `value` of the variables of a container.
fn variables(container: &Value) -> impl Iterator<Item = (String, String)> {
    let all = container["env"].as_array().into_iter().flatten();
    all.map(|one| {
        let text = |key: &str| one[key].as_str().unwrap().to_owned();
        (text("name"), text("value"))
    })
}

impl Lab {
    /// An empty directory, with three apps in git, and a Connect server with the vault of the home
    /// lab's example.
    pub(crate) fn new() -> Lab {
        let data = root().join("examples/manifests/connect-data.json");
        let data = Data::from_json(&fs::read_to_string(data).unwrap()).unwrap();
        let connect = Server::start_blocking(Options {
            data,
            ..Options::default()
        });
        let folder = tempfile::tempdir().unwrap();
        let own = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/first_seed/apps");
        let example = root().join("examples/manifests/homelab/bagetter");
        let apps = folder.path().join("git/apps");
        copy(&example, &apps.join("bagetter"));
        for app in ["forgejo", "homepage"] {
            copy(&own.join(app), &apps.join(app));
        }
        Lab {
            connect: connect.unwrap(),
            argocd: ArgoCdCmp::build().unwrap(),
            program: manifill().unwrap(),
            folder,
        }
    }

    /// Lets manifill write what Argo CD needs.
    pub(crate) fn install(&self, arguments: &[&str]) {
        let mut install = Command::new(&self.program);
        install.args(["install", "argocd", "--to", "sidecar"]);
        run(install.args(arguments).current_dir(self.folder.path())).unwrap();
    }

    pub(crate) fn sidecar_file(&self, name: &str) -> PathBuf {
        self.folder.path().join("sidecar").join(name)
    }

    fn sidecar_objects(&self, name: &str) -> Vec<Value> {
        objects(&fs::read_to_string(self.sidecar_file(name)).unwrap())
    }

    /// Writes a value into the Secret, as somebody with an editor does.
    pub(crate) fn set_in_secret(&self, name: &str, value: &str) {
        let file = self.sidecar_file("secret.yaml");
        let text = fs::read_to_string(&file).unwrap();
        let mut lines: Vec<String> = text.lines().map(str::to_owned).collect();
        let start = format!("  {name}: ");
        let mut found = lines.iter_mut().filter(|line| line.starts_with(&start));
        *found.next().unwrap() = format!("{start}{}", Value::from(value));
        fs::write(file, lines.join("\n") + "\n").unwrap();
    }

    /// The container, with the variables of its file and of the Secret that this names.
    fn container(&self) -> (Value, BTreeMap<String, String>) {
        let deployment = self.sidecar_objects("repo-server.yaml").remove(0);
        let containers = &deployment["spec"]["template"]["spec"]["containers"];
        let mut containers = containers.as_array().unwrap().iter();
        let container = containers.find(|one| one["name"] == "manifill").unwrap();
        let mut environment = BTreeMap::new();
        for from in container["envFrom"].as_array().into_iter().flatten() {
            let secret = self.sidecar_objects("secret.yaml").remove(0);
            assert_eq!(from["secretRef"]["name"], secret["metadata"]["name"]);
            for (name, value) in secret["stringData"].as_object().unwrap() {
                environment.insert(name.clone(), value.as_str().unwrap().to_owned());
            }
        }
        environment.extend(variables(container));
        // Where the file is mounted.
        if let Some(config) = environment.get_mut("MANIFILL_CONFIG") {
            let name = config.strip_prefix("/etc/manifill/").unwrap();
            *config = self.sidecar_file(name).display().to_string();
        }
        (container.clone(), environment)
    }

    /// Starts the container, as the kubelet does.
    pub(crate) fn start(&self) -> Sidecar {
        self.start_with([])
    }

    /// The same with the token of its account, for the API server.
    pub(crate) fn start_with_account(&self, cluster: &KubeApiserver) -> Sidecar {
        let mut create = cluster.kubectl();
        create.args([
            "create",
            "token",
            "argocd-repo-server",
            "--namespace=argocd",
        ]);
        let token = run(&mut create).unwrap();
        let text = format!(
            "apiVersion: v1\nkind: Config\ncurrent-context: c\n\
             contexts: [{{name: c, context: {{cluster: c, user: u, namespace: argocd}}}}]\n\
             clusters: [{{name: c, cluster: {{server: '{}', certificate-authority: '{}'}}}}]\n\
             users: [{{name: u, user: {{token: '{}'}}}}]\n",
            cluster.url(),
            cluster.ca_file().display(),
            token.trim(),
        );
        let file = cluster.folder().join("account");
        fs::write(&file, text).unwrap();
        self.start_with([("KUBECONFIG".to_owned(), file.display().to_string())])
    }

    fn start_with(&self, more: impl IntoIterator<Item = (String, String)>) -> Sidecar {
        let (container, environment) = self.container();
        if container["command"][0] == "manifill" {
            return self.start_native(&container, &environment);
        }
        assert_eq!(container["command"][0], "/var/run/argocd/argocd-cmp-server");
        let plugin = match self.sidecar_file("plugins.yaml") {
            file if file.exists() => {
                let map = self.sidecar_objects("plugins.yaml").remove(0);
                map["data"]["manifill.yaml"].as_str().unwrap().to_owned()
            }
            _ => fs::read_to_string(self.sidecar_file("plugin-manifill.yaml")).unwrap(),
        };
        let environment: Vec<_> = environment.into_iter().chain(more).collect();
        let sockets = tempfile::tempdir().unwrap();
        let programs = self.program.parent().unwrap();
        let server = self
            .argocd
            .serve(sockets.path(), "manifill", &plugin, programs, &environment);
        Sidecar {
            _server: Program::Classic {
                _server: server.unwrap(),
            },
            sockets,
            port: None,
        }
    }

    /// Runs the command of the container, but for the folder of the sockets and the port, which many
    /// tests share here.
    fn start_native(&self, container: &Value, environment: &BTreeMap<String, String>) -> Sidecar {
        let sockets = tempfile::tempdir().unwrap();
        let port = free_port().unwrap();
        let words = |key: &str| -> Vec<String> {
            let words = container[key].as_array().unwrap().iter();
            words
                .map(|word| word.as_str().unwrap().to_owned())
                .collect()
        };
        let (mut args, listen) = (words("args"), format!("--listen=127.0.0.1:{port}"));
        let last = args.pop().unwrap();
        assert!(last.starts_with("--listen="), "{last}");
        let mut command = direct(&self.program);
        command
            .env_clear()
            .env("PATH", std::env::var("PATH").unwrap())
            .env("TMPDIR", sockets.path())
            .envs(environment)
            .args(&words("command")[1..])
            .args(args)
            .arg(listen)
            .arg("--socket-dir")
            .arg(sockets.path());
        let mut server = Running::start(&mut command, &sockets.path().join("log")).unwrap();
        let start = Instant::now();
        while TcpStream::connect(("127.0.0.1", port)).is_err() {
            server.check().unwrap();
            assert!(start.elapsed() < Duration::from_secs(60));
            sleep(Duration::from_millis(20));
        }
        let sidecar = Sidecar {
            _server: Program::Native { _server: server },
            sockets,
            port: Some(port),
        };
        while !sidecar.is_ready() {
            assert!(start.elapsed() < Duration::from_secs(60));
            sleep(Duration::from_millis(20));
        }
        sidecar
    }

    /// What Argo CD gets for an app, as after a hard refresh.
    pub(crate) fn refresh(&self, sidecar: &Sidecar, app: &str) -> Value {
        let application = self.sidecar_objects("application.yaml").remove(0);
        let mut application = application.clone();
        application["metadata"]["name"] = app.into();
        application["spec"]["source"]["path"] = format!("apps/{app}").into();
        let root = self.folder.path().join("git");
        let jobs = json!([{"application": application, "root": root, "deadline": 60_000}]);
        let answers = self
            .argocd
            .ask(sidecar.sockets.path(), 1, &jobs.to_string())
            .unwrap();
        serde_json::from_str::<Vec<Value>>(&answers)
            .unwrap()
            .remove(0)
    }

    /// The objects of an app, as they are in git.
    pub(crate) fn in_git(&self, app: &str) -> Vec<Value> {
        let folder = self.folder.path().join("git/apps").join(app);
        let files = fs::read_dir(folder).unwrap();
        let texts = files.map(|file| fs::read_to_string(file.unwrap().path()).unwrap());
        texts.flat_map(|text| objects(&text)).collect()
    }

    /// Every file but the Secret, with its text.
    pub(crate) fn snapshot(&self) -> BTreeMap<PathBuf, String> {
        let mut files = BTreeMap::new();
        let mut folders = vec![self.folder.path().to_owned()];
        while let Some(folder) = folders.pop() {
            for entry in fs::read_dir(folder).unwrap() {
                let path = entry.unwrap().path();
                if path.is_dir() {
                    folders.push(path);
                } else if !path.ends_with("secret.yaml")
                    || path.starts_with(self.folder.path().join("git"))
                {
                    let text = fs::read_to_string(&path).unwrap();
                    files.insert(path, text);
                }
            }
        }
        files
    }
}
