//! The operator's policy.

use super::app::App;
use super::glob::{Glob, PathGlob};

/// The rules of an operator. An empty list is a policy too: it allows nothing.
#[derive(Clone, Debug, Default)]
#[must_use]
pub struct Policy {
    rules: Vec<Rule>,
}

/// One rule: for the apps it names, the paths it allows.
#[derive(Clone, Debug)]
#[must_use]
pub struct Rule {
    project: Glob,
    /// An Application's author chooses these, so they only narrow the rule.
    namespace: Option<Glob>,
    app: Option<Glob>,
    repo: Option<Glob>,
    allow: Vec<Entry>,
}

/// An entry of `allow`.
#[derive(Clone, Debug)]
struct Entry {
    path: PathGlob,
    /// Whether the value is only for `derive`, and never given out itself.
    only_derived: bool,
}

impl Entry {
    fn new(entry: &str) -> Self {
        let derived = only_derived(entry);
        Entry {
            path: PathGlob::new(derived.unwrap_or(entry)),
            only_derived: derived.is_some(),
        }
    }
}

/// The glob of an entry that ends in `| derive`.
pub(crate) fn only_derived(entry: &str) -> Option<&str> {
    let (glob, modifier) = entry.rsplit_once('|')?;
    (modifier.trim() == "derive").then(|| glob.trim_end())
}

impl Rule {
    /// A rule for the projects that a glob names: `*` stays inside a segment, `**` crosses. An
    /// entry of `allow` is such a glob for paths; one without `name!` means the default backend. One
    /// that ends in `| derive` allows what `derive` makes of the value, and never the value itself.
    pub fn new<'a>(project: &str, allow: impl IntoIterator<Item = &'a str>) -> Self {
        Rule {
            project: Glob::new(project),
            namespace: None,
            app: None,
            repo: None,
            allow: allow.into_iter().map(Entry::new).collect(),
        }
    }

    /// Narrows it to the namespaces that a glob names.
    pub fn with_namespace(mut self, glob: &str) -> Self {
        self.namespace = Some(Glob::new(glob));
        self
    }

    /// Narrows it to the Applications that a glob names.
    pub fn with_app(mut self, glob: &str) -> Self {
        self.app = Some(Glob::new(glob));
        self
    }

    /// Narrows it to the repositories that a glob names.
    pub fn with_repo(mut self, glob: &str) -> Self {
        self.repo = Some(Glob::new(glob));
        self
    }

    fn is_for(&self, app: &App) -> bool {
        let fits = |glob: &Option<Glob>, fact: &Option<String>| match (glob, fact) {
            (None, _) => true,
            (Some(glob), Some(fact)) => glob.matches(fact),
            // A rule for some namespace says nothing about an app without a known one.
            (Some(_), None) => false,
        };
        let project = app.project.as_ref();
        project.is_some_and(|project| self.project.matches(project))
            && fits(&self.namespace, &app.namespace)
            && fits(&self.app, &app.name)
            && fits(&self.repo, &app.repo)
    }
}

impl Policy {
    /// A policy of these rules.
    pub fn new(rules: impl IntoIterator<Item = Rule>) -> Self {
        Policy {
            rules: rules.into_iter().collect(),
        }
    }

    /// Whether a rule for this app lets it have what is at the path.
    pub fn allows(&self, app: &App, backend: &str, is_default: bool, path: &str) -> bool {
        self.entries(app, backend, is_default, path)
            .any(|entry| !entry.only_derived)
    }

    /// Whether a rule for this app allows what `derive` makes of the values at the path, if no more
    /// than that.
    pub fn allows_derived(&self, app: &App, backend: &str, is_default: bool, path: &str) -> bool {
        self.entries(app, backend, is_default, path)
            .next()
            .is_some()
    }

    /// The entries for this app and path.
    fn entries(
        &self,
        app: &App,
        backend: &str,
        is_default: bool,
        path: &str,
    ) -> impl Iterator<Item = &Entry> {
        self.rules
            .iter()
            .filter(|rule| rule.is_for(app))
            .flat_map(|rule| &rule.allow)
            .filter(move |entry| {
                let meant = match entry.path.backend() {
                    Some(name) => name == backend,
                    None => is_default,
                };
                meant && entry.path.matches(path)
            })
    }
}
