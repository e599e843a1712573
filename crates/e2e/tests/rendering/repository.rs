//! A small repository, and what is made of it.

use std::collections::BTreeMap;
use std::path::PathBuf;
use std::time::{Duration, Instant};

use manifill_argocd::rendering::{
    Limits, Origins, Programs, RenderingError, Workspace, kustomize_origins, render_helm,
    render_kustomize,
};
use manifill_argocd::{App, Entry, Tree};
use tempfile::TempDir;

/// Programs, and the folder that they work below.
pub(crate) struct Renderer {
    pub(crate) programs: Programs,
    temporary: TempDir,
}

impl Renderer {
    pub(crate) fn helm(program: PathBuf) -> Renderer {
        Renderer::new(|programs| programs.with_helm(program).unwrap())
    }

    pub(crate) fn kustomize() -> Renderer {
        let program = manifill_e2e::kustomize().unwrap();
        Renderer::new(|programs| programs.with_kustomize(program).unwrap())
    }

    fn new(named: impl FnOnce(Programs) -> Programs) -> Renderer {
        let temporary = tempfile::tempdir().unwrap();
        let workspace = Workspace::open(temporary.path(), Limits::new()).unwrap();
        Renderer {
            programs: named(Programs::new(workspace)),
            temporary,
        }
    }

    /// What is below the folders of runs; nothing once they are over.
    pub(crate) fn left_over(&self) -> Vec<PathBuf> {
        let mut found = Vec::new();
        let mut folders = vec![self.temporary.path().to_owned()];
        while let Some(folder) = folders.pop() {
            for entry in std::fs::read_dir(folder).unwrap() {
                let path = entry.unwrap().path();
                if path
                    .file_name()
                    .unwrap()
                    .to_str()
                    .unwrap()
                    .starts_with("run-")
                {
                    found.push(path.clone());
                }
                if path.is_dir() {
                    folders.push(path);
                }
            }
        }
        found
    }
}

/// A repository with an app in it.
#[derive(Clone)]
pub(crate) struct Repository {
    entries: BTreeMap<String, Vec<u8>>,
    links: BTreeMap<String, String>,
    pub(crate) app: App,
}

impl Repository {
    /// With files, each with its text.
    pub(crate) fn new(path: &str, files: &[(&str, &str)]) -> Repository {
        let files = files
            .iter()
            .map(|(name, text)| ((*name).to_owned(), text.as_bytes().to_vec()));
        let app = App {
            release: "web".to_owned(),
            namespace: "team".to_owned(),
            path: path.to_owned(),
            kube_version: "1.31.0".to_owned(),
            api_versions: vec!["v1".to_owned(), "example.com/v1/Thing".to_owned()],
            ..App::default()
        };
        Repository {
            entries: files.collect(),
            links: BTreeMap::new(),
            app,
        }
    }

    pub(crate) fn with(mut self, name: &str, text: &str) -> Self {
        self.entries
            .insert(name.to_owned(), text.as_bytes().to_vec());
        self
    }

    /// With a packed chart, made by the `tar` of the system.
    pub(crate) fn with_packed(mut self, name: &str, files: &[(&str, &str)]) -> Self {
        let folder = tempfile::tempdir().unwrap();
        for (file, text) in files {
            let path = folder.path().join(file);
            std::fs::create_dir_all(path.parent().unwrap()).unwrap();
            std::fs::write(path, text).unwrap();
        }
        let mut tar = std::process::Command::new("tar");
        let output = tar
            .arg("-czC")
            .arg(folder.path())
            .arg(".")
            .output()
            .unwrap();
        assert!(output.status.success());
        self.entries.insert(name.to_owned(), output.stdout);
        self
    }

    pub(crate) fn with_link(mut self, name: &str, to: &str) -> Self {
        self.links.insert(name.to_owned(), to.to_owned());
        self
    }

    pub(crate) fn with_parameters(mut self, parameters: &str) -> Self {
        self.app.parameters = parameters.to_owned();
        self
    }

    pub(crate) fn with_env(mut self, name: &str, value: &str) -> Self {
        self.app.env.insert(name.to_owned(), value.to_owned());
        self
    }

    fn tree(&self) -> Tree {
        let files = self.entries.iter();
        let files = files.map(|(name, text)| (name.as_str(), Entry::File(text.clone())));
        let links = self
            .links
            .iter()
            .map(|(name, to)| (name.as_str(), Entry::Link(to.clone())));
        Tree::from_entries(files.chain(links))
    }

    /// The chart as Helm prints it.
    pub(crate) fn helm(&self, renderer: &Renderer) -> Result<String, RenderingError> {
        let until = Instant::now() + Duration::from_secs(120);
        let tree = self.tree();
        let inputs = wait(render_helm(&tree, &self.app, &renderer.programs, until))?;
        Ok(inputs.into_iter().map(|input| input.source).collect())
    }

    /// The kustomization as kustomize prints it.
    pub(crate) fn kustomize(&self, renderer: &Renderer) -> Result<String, RenderingError> {
        let until = Instant::now() + Duration::from_secs(120);
        let tree = self.tree();
        let inputs = wait(render_kustomize(
            &tree,
            &self.app,
            &renderer.programs,
            until,
        ))?;
        Ok(inputs.into_iter().map(|input| input.source).collect())
    }

    /// The files that the objects of the kustomization come from.
    pub(crate) fn origins(&self, renderer: &Renderer) -> Result<Origins, RenderingError> {
        let until = Instant::now() + Duration::from_secs(120);
        let tree = self.tree();
        wait(kustomize_origins(
            &tree,
            &self.app,
            &renderer.programs,
            until,
        ))
    }

    /// Writes the repository to a folder, links too.
    pub(crate) fn write(&self, folder: &std::path::Path) {
        for (name, text) in &self.entries {
            let path = folder.join(name);
            std::fs::create_dir_all(path.parent().unwrap()).unwrap();
            std::fs::write(path, text).unwrap();
        }
        for (name, to) in &self.links {
            let path = folder.join(name);
            std::fs::create_dir_all(path.parent().unwrap()).unwrap();
            std::os::unix::fs::symlink(to, path).unwrap();
        }
    }
}

fn wait<T>(future: impl Future<Output = T>) -> T {
    let mut runtime = tokio::runtime::Builder::new_current_thread();
    runtime.enable_all().build().unwrap().block_on(future)
}
