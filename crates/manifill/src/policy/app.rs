//! The app a run is for.

/// What is known of the app a run is for.
///
/// Under Argo CD only the project is a fact that the operator controls; name, namespace and
/// repository are chosen by whoever writes the Application, so they can only narrow a rule
/// (rule R8).
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
#[must_use]
pub struct App {
    /// The Argo CD project.
    pub project: Option<String>,
    /// The name of the Application.
    pub name: Option<String>,
    /// The namespace it deploys to.
    pub namespace: Option<String>,
    /// The repository it comes from.
    pub repo: Option<String>,
}

impl App {
    /// An app of which nothing is known; a policy refuses it every read.
    pub fn new() -> Self {
        App::default()
    }

    /// Sets the Argo CD project.
    pub fn with_project(mut self, project: impl Into<String>) -> Self {
        self.project = Some(project.into());
        self
    }

    /// Sets the name of the Application.
    pub fn with_name(mut self, name: impl Into<String>) -> Self {
        self.name = Some(name.into());
        self
    }

    /// Sets the namespace it deploys to.
    pub fn with_namespace(mut self, namespace: impl Into<String>) -> Self {
        self.namespace = Some(namespace.into());
        self
    }

    /// Sets the repository it comes from.
    pub fn with_repo(mut self, repo: impl Into<String>) -> Self {
        self.repo = Some(repo.into());
        self
    }
}
