//! The app a run is for: what Argo CD says about it, and which files its author wrote.

use std::path::{Path, PathBuf};

use super::error::ConfigError;
use super::sources::Sources;
use crate::confines::{Confines, normal};
use crate::policy::App;

/// The app, as Argo CD tells the plugin about it, and its checkout.
///
/// Argo CD sets these variables itself; what the app's author adds arrives as `ARGOCD_ENV_*`.
#[derive(Clone, Debug, Default)]
pub(super) struct Checkout {
    pub(super) app: App,
    /// The checkout of the app's repository; `None` outside Argo CD, where everything is the
    /// operator's.
    tree: Option<Tree>,
}

#[derive(Clone, Debug)]
struct Tree {
    /// The folder of the app as it was given, and with its links resolved.
    folder: PathBuf,
    real_folder: PathBuf,
    /// The checkout that the folder lies in, in both spellings.
    root: PathBuf,
    real_root: PathBuf,
}

/// Whose file a path names.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Owner {
    /// It lies outside the checkout.
    Operator,
    /// It lies in the checkout.
    Author,
    /// It is a link in the checkout that leads out of it.
    EscapesCheckout,
}

impl Checkout {
    /// Gathers the facts.
    pub(super) fn new(sources: &Sources, errors: &mut Vec<ConfigError>) -> Self {
        let fact = |name: &str| sources.variable(name).map(str::to_owned);
        let under_argo = sources.environment.contains_key("ARGOCD_APP_NAME");
        let mut project = fact("ARGOCD_APP_PROJECT_NAME");
        if let Some(given) = &sources.project {
            match &project {
                Some(known) if known == given => {}
                Some(known) => errors.push(
                    ConfigError::new("--project {} is not the project {} that Argo CD names")
                        .with_name(given)
                        .with_name(known)
                        .with_hint("ARGOCD_APP_PROJECT_NAME decides; leave --project out"),
                ),
                None if under_argo => errors.push(
                    ConfigError::new("--project {} has no effect under Argo CD")
                        .with_name(given)
                        .with_hint("only Argo CD says which project an app belongs to, through ARGOCD_APP_PROJECT_NAME"),
                ),
                None => project = Some(given.clone()),
            }
        }
        let mut app = App::new();
        app.project = project;
        app.name = fact("ARGOCD_APP_NAME");
        app.namespace = fact("ARGOCD_APP_NAMESPACE");
        app.repo = fact("ARGOCD_APP_SOURCE_REPO_URL");
        Checkout {
            app,
            tree: under_argo.then(|| Tree::new(sources)),
        }
    }

    /// Whether Argo CD runs this for an app.
    pub(super) fn is_under_argo(&self) -> bool {
        self.tree.is_some()
    }

    /// How far the arguments of a run may lead.
    pub(super) fn confines(&self, opened: Option<&Path>) -> Confines {
        self.tree
            .as_ref()
            .map_or_else(Confines::default, |tree| Confines::new(&tree.root, opened))
    }

    /// Whose file this is. A path is the author's if it lies in the checkout as it is written or
    /// after its links are resolved; so is a name that starts from the folder of the app, since
    /// the author chooses that folder.
    pub(super) fn owner(&self, path: &Path, from_folder: bool) -> Owner {
        let Some(tree) = &self.tree else {
            return Owner::Operator;
        };
        let written = normal(path);
        let within =
            from_folder || written.starts_with(&tree.root) || written.starts_with(&tree.real_root);
        match std::fs::canonicalize(path) {
            Ok(real) if real.starts_with(&tree.real_root) => Owner::Author,
            Ok(_) if within => Owner::EscapesCheckout,
            Err(_) if within => Owner::Author,
            _ => Owner::Operator,
        }
    }

    /// Whether a file that the author names stays inside the app's folder, or inside the one that
    /// the operator opened, after links are resolved.
    pub(super) fn is_inside(&self, path: &Path, opened: Option<&Path>) -> bool {
        let Some(tree) = &self.tree else { return true };
        let opened = opened.and_then(|folder| std::fs::canonicalize(folder).ok());
        match std::fs::canonicalize(path) {
            Ok(real) => [Some(&tree.real_folder), opened.as_ref()]
                .into_iter()
                .flatten()
                .any(|folder| real.starts_with(folder)),
            // A file that is not there is reported when it is read, unless the answer would tell
            // whether there is one outside.
            Err(_) => {
                let written = normal(path);
                [Some(&tree.folder), Some(&tree.real_folder), opened.as_ref()]
                    .into_iter()
                    .flatten()
                    .any(|folder| written.starts_with(folder))
            }
        }
    }
}

impl Tree {
    /// Argo CD starts the plugin in the folder of the app, which lies somewhere below the root of
    /// the checkout: `ARGOCD_APP_SOURCE_PATH` says how far below.
    fn new(sources: &Sources) -> Self {
        let folder = normal(&sources.absolute(""));
        let real_folder = std::fs::canonicalize(&folder).unwrap_or_else(|_| folder.clone());
        let below = sources
            .variable("ARGOCD_APP_SOURCE_PATH")
            .unwrap_or_default();
        let depth = normal(&Path::new("/").join(below))
            .components()
            .skip(1)
            .count();
        Tree {
            root: upwards(&folder, depth),
            real_root: upwards(&real_folder, depth),
            folder,
            real_folder,
        }
    }
}

/// The folder so many steps up, but never the root of all files.
fn upwards(folder: &Path, steps: usize) -> PathBuf {
    folder
        .ancestors()
        .take(steps + 1)
        .filter(|ancestor| ancestor.file_name().is_some())
        .last()
        .unwrap_or(folder)
        .to_owned()
}
