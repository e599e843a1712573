//! Which app may read which path (rule R8).

use manifill_placeholder::{Glob, PathGlob, split_backend};

use super::app::App;
use super::error::{ConfigError, Position};
use super::sections::wrong;
use super::yaml::{Content, Entry, Node};

/// The rules of a settings file. An empty list is a policy too: it allows nothing.
#[derive(Clone, Debug, Default)]
pub(super) struct Policy {
    rules: Vec<Rule>,
}

/// One rule: for the apps it names, the paths it allows.
#[derive(Clone, Debug)]
struct Rule {
    project: Glob,
    /// An Application's author chooses these, so they only narrow the rule.
    namespace: Option<Glob>,
    app: Option<Glob>,
    repo: Option<Glob>,
    allow: Vec<PathGlob>,
}

impl Policy {
    /// Reads the section; `backends` are the names that entries may use.
    pub(super) fn read(
        section: &Node,
        at: Position,
        backends: &[&str],
    ) -> Result<Self, Vec<ConfigError>> {
        let Content::List(items) = &section.content else {
            return Err(vec![wrong("policy", "a list", section.kind()).at(at)]);
        };
        let mut errors = Vec::new();
        let rules = items
            .iter()
            .filter_map(|item| rule(item, backends, &mut errors))
            .collect();
        if errors.is_empty() {
            Ok(Policy { rules })
        } else {
            Err(errors)
        }
    }

    /// Whether a rule for this app allows the path.
    pub(super) fn allows(&self, app: &App, backend: &str, is_default: bool, path: &str) -> bool {
        let fits = |glob: &Option<Glob>, fact: &Option<String>| match (glob, fact) {
            (None, _) => true,
            (Some(glob), Some(fact)) => glob.matches(fact),
            // A rule for some namespace says nothing about an app without a known one.
            (Some(_), None) => false,
        };
        let Some(project) = &app.project else {
            return false;
        };
        self.rules
            .iter()
            .filter(|rule| {
                rule.project.matches(project)
                    && fits(&rule.namespace, &app.namespace)
                    && fits(&rule.app, &app.name)
                    && fits(&rule.repo, &app.repo)
            })
            .flat_map(|rule| &rule.allow)
            .any(|entry| {
                let meant = match entry.backend() {
                    Some(name) => name == backend,
                    None => is_default,
                };
                meant && entry.matches(path)
            })
    }
}

fn rule(item: &Node, backends: &[&str], errors: &mut Vec<ConfigError>) -> Option<Rule> {
    const KEYS: [&str; 5] = ["project", "namespace", "app", "repo", "allow"];
    let Content::Map(entries) = &item.content else {
        errors.push(
            ConfigError::new("a rule of the policy must be a map, but it is {=}")
                .name(item.kind())
                .at(item.at),
        );
        return None;
    };
    let before = errors.len();
    for entry in entries
        .iter()
        .filter(|entry| !KEYS.contains(&entry.key.as_str()))
    {
        let error = ConfigError::new("the key {} is not known in a rule of the policy");
        errors.push(error.name(&entry.key).near(&entry.key, KEYS).at(entry.at));
    }
    let entry = |name: &str| entries.iter().find(|entry| entry.key == name);
    let mut glob = |name: &str| entry(name).and_then(|entry| glob(entry, errors));
    let [project, namespace, app, repo] = ["project", "namespace", "app", "repo"].map(&mut glob);
    let allow = match entry("allow") {
        Some(entry) => allow(entry, backends, errors),
        None => {
            errors.push(ConfigError::new("a rule of the policy has no `allow`").at(item.at));
            Vec::new()
        }
    };
    if entry("project").is_none() {
        let error = ConfigError::new("a rule of the policy has no `project`")
            .hint("every rule names the projects it is for; \"*\" means all");
        errors.push(error.at(item.at));
    }
    match (project, errors.len() == before) {
        (Some(project), true) => Some(Rule {
            project,
            namespace,
            app,
            repo,
            allow,
        }),
        _ => None,
    }
}

fn glob(entry: &Entry, errors: &mut Vec<ConfigError>) -> Option<Glob> {
    match &entry.value.content {
        Content::Text(text) if !text.is_empty() => Some(Glob::new(text)),
        _ => {
            errors.push(wrong(&entry.key, "text", entry.value.kind()).at(entry.value.at));
            None
        }
    }
}

fn allow(entry: &Entry, backends: &[&str], errors: &mut Vec<ConfigError>) -> Vec<PathGlob> {
    let Content::List(items) = &entry.value.content else {
        errors.push(wrong("allow", "a list", entry.value.kind()).at(entry.value.at));
        return Vec::new();
    };
    let mut globs = Vec::new();
    for item in items {
        let Content::Text(text) = &item.content else {
            errors.push(
                ConfigError::new("an entry of `allow` must be text, but it is {=}")
                    .name(item.kind())
                    .at(item.at),
            );
            continue;
        };
        if let (Some(name), _) = split_backend(text) {
            if !backends.contains(&name) {
                let error = ConfigError::new("there is no backend {}")
                    .name(name)
                    .near(name, backends.iter().copied());
                errors.push(error.at(item.at));
            }
        }
        globs.push(PathGlob::new(text));
    }
    globs
}
