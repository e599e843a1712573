//! The section `policy` of a settings file (rule R8).

use manifill_placeholder::split_backend;

use super::error::{ConfigError, Position};
use super::unknown::unknown;
use super::yaml::{Content, Entry, Node};
use crate::policy::{Policy, Rule, only_derived};
use crate::transform::MODIFIERS;

/// Reads the section; `backends` are the names that entries may use.
pub(super) fn read(
    section: &Node,
    at: Position,
    backends: &[&str],
) -> Result<Policy, Vec<ConfigError>> {
    let Content::List(items) = &section.content else {
        return Err(vec![
            ConfigError::shape("policy", "a list", section.kind()).at(at),
        ]);
    };
    let mut errors = Vec::new();
    let rules: Vec<Rule> = items
        .iter()
        .filter_map(|item| rule(item, backends, &mut errors))
        .collect();
    if errors.is_empty() {
        Ok(Policy::new(rules))
    } else {
        Err(errors)
    }
}

fn rule(item: &Node, backends: &[&str], errors: &mut Vec<ConfigError>) -> Option<Rule> {
    const KEYS: [&str; 5] = ["project", "namespace", "app", "repo", "allow"];
    let Content::Map(entries) = &item.content else {
        errors.push(
            ConfigError::new("a rule of the policy must be a map, but it is {=}")
                .with_name(item.kind())
                .at(item.at),
        );
        return None;
    };
    let before = errors.len();
    for entry in entries
        .iter()
        .filter(|entry| !KEYS.contains(&entry.key.as_str()))
    {
        let message = "this key is not known in a rule of the policy";
        errors.push(unknown(message, &entry.key, KEYS).at(entry.at));
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
            .with_hint("every rule names the projects it is for; \"*\" means all");
        errors.push(error.at(item.at));
    }
    let (Some(project), true) = (project, errors.len() == before) else {
        return None;
    };
    let mut rule = Rule::new(project, allow);
    if let Some(glob) = namespace {
        rule = rule.with_namespace(glob);
    }
    if let Some(glob) = app {
        rule = rule.with_app(glob);
    }
    if let Some(glob) = repo {
        rule = rule.with_repo(glob);
    }
    Some(rule)
}

fn glob<'e>(entry: &'e Entry, errors: &mut Vec<ConfigError>) -> Option<&'e str> {
    match &entry.value.content {
        Content::Text(text) if !text.is_empty() => Some(text),
        _ => {
            errors.push(
                ConfigError::shape(&entry.key, "text", entry.value.kind()).at(entry.value.at),
            );
            None
        }
    }
}

fn allow<'e>(entry: &'e Entry, backends: &[&str], errors: &mut Vec<ConfigError>) -> Vec<&'e str> {
    let Content::List(items) = &entry.value.content else {
        errors.push(ConfigError::shape("allow", "a list", entry.value.kind()).at(entry.value.at));
        return Vec::new();
    };
    let mut globs = Vec::new();
    for item in items {
        let Content::Text(text) = &item.content else {
            errors.push(
                ConfigError::new("an entry of `allow` must be text, but it is {=}")
                    .with_name(item.kind())
                    .at(item.at),
            );
            continue;
        };
        if let (Some(name), _) = split_backend(text) {
            if !backends.contains(&name) {
                let error = unknown("there is no such backend", name, backends.iter().copied());
                errors.push(error.at(item.at));
            }
        }
        if let (None, Some((_, modifier))) = (only_derived(text), text.rsplit_once('|')) {
            if is_modifier(modifier) {
                let message = "an entry of `allow` may end in `| derive`, and in no other modifier";
                let hint = "`| derive` alone gives out what is derived of the value, never the value itself";
                errors.push(ConfigError::new(message).with_hint(hint).at(item.at));
            }
        }
        globs.push(text.as_str());
    }
    globs
}

/// Whether what stands behind `|` is meant to be a modifier: one that exists, with its arguments or
/// not, or a misspelled `derive`. Else the `|` belongs to a name.
fn is_modifier(text: &str) -> bool {
    let name = text.split_whitespace().next().unwrap_or_default();
    let near = strsim::levenshtein(&name.to_ascii_lowercase(), "derive") <= 2;
    near || MODIFIERS.iter().any(|modifier| modifier.name == name)
}
