//! What is told of a text that is no manifest at all.

use manifill_manifest::{ManifestError, ManifestErrorKind, Span};

use super::kustomization::folder;
use super::other_output;
use crate::door::Door;
use crate::input::Input;

/// What to do about a document that cannot be read, by what it looks like.
pub(super) fn hint(error: &ManifestError, file: &Input, span: Span, door: Door) -> Option<String> {
    let text = file.source.get(span.clone())?;
    let name = file.name.rsplit(['/', '\\']).next().unwrap_or_default();
    let wrong = error.offset().saturating_sub(span.start).min(text.len());
    let line = text.get(..wrong)?.rfind('\n').map_or(0, |end| end + 1);
    let at_error = text[line..].lines().next().unwrap_or_default();
    let first = content(text).next().unwrap_or_default();
    if is_html(first) {
        return Some(
            "this is HTML; download the file itself, not the page that shows it".to_owned(),
        );
    }
    if let Some(hint) = other_output::hint(first).or_else(|| other_output::hint(at_error)) {
        return Some(hint.to_owned());
    }
    let is_template = match door {
        Door::CommandLine | Door::Function => error.hint().is_none() && first.starts_with("{{"),
        // The reader has a hint for some of them, which names a command.
        Door::Application => first.starts_with("{{") || at_error.contains("{{"),
    };
    if is_template {
        let hint = match door {
            Door::CommandLine | Door::Function => {
                "this looks like a Helm template; render it with `helm template` first"
            }
            Door::Application => {
                "this looks like a Helm template; an Application of its chart renders it, if its plugin has the mode auto or helm"
            }
        };
        return Some(hint.to_owned());
    }
    if at_error.trim_start().starts_with("{%") {
        return Some("this looks like a template of Jinja; render it first".to_owned());
    }
    if name.ends_with(".md") || content(text).any(|line| line.starts_with("```")) {
        return Some("this looks like Markdown; manifests are YAML or JSON".to_owned());
    }
    if error.kind() != ManifestErrorKind::MissingKind {
        return None;
    }
    if content(text).any(|line| ["Kind:", "KIND:"].iter().any(|kind| line.starts_with(kind))) {
        return Some("write `kind` with a small k".to_owned());
    }
    let keys = ["backends:", "default:", "policy:", "AVP_TYPE:"];
    let has =
        |keys: &[&str]| content(text).any(|line| keys.iter().any(|key| line.starts_with(key)));
    let is_settings =
        name == "manifill.yaml" || name == "manifill.yml" || has(&keys) && file.name != "-";
    let is_values =
        name.starts_with("values") && !content(text).any(|line| line.starts_with("kind:"));
    if door == Door::Application {
        // What a program has printed is no file that could be left out.
        file.found_as.as_ref()?;
        let hint = if is_settings {
            "this looks like a settings file; leave it out with the parameter `exclude`"
        } else if name == "Chart.yaml" {
            "this folder is a Helm chart; an Application of it renders it, if its plugin has the mode auto or helm"
        } else if is_values {
            "if these are the values of a Helm chart, make its folder an Application of its own, or leave them out with the parameter `exclude`"
        } else {
            "every document needs a `kind` that is text; leave a file that is no manifest out with the parameter `exclude`"
        };
        return Some(hint.to_owned());
    }
    if door == Door::Function {
        return Some("every document needs a `kind` that is text".to_owned());
    }
    let chart = format!(
        "run `helm template {} | manifill generate -`",
        folder(&file.name)
    );
    if is_settings {
        return Some(format!(
            "this looks like a settings file; give it with `-c {}`",
            file.name
        ));
    }
    if name == "Chart.yaml" {
        return Some(format!("this folder is a Helm chart; {chart}"));
    }
    let excluded = excluded(file);
    if is_values {
        let excluded = excluded.map_or(String::new(), |flag| {
            format!(", or leave it out with {flag}")
        });
        return Some(format!(
            "if these are the values of a Helm chart, {chart}{excluded}"
        ));
    }
    let excluded = excluded?;
    Some(format!(
        "every document needs a `kind` that is text; leave a file that is no manifest out with {excluded}"
    ))
}

/// The lines that say something.
fn content(text: &str) -> impl Iterator<Item = &str> {
    let lines = text.trim_start_matches('\u{feff}').lines();
    lines.filter(|line| !line.is_empty() && !line.starts_with(['#', '-', ' ', '%']))
}

fn is_html(line: &str) -> bool {
    let line = line.to_ascii_lowercase();
    line.starts_with("<!doctype") || line.starts_with("<html")
}

/// The flag that leaves a file out that was found in a folder.
fn excluded(file: &Input) -> Option<String> {
    let name = file.found_as.as_deref()?;
    let plain = |c: char| c.is_alphanumeric() || matches!(c, '/' | '.' | '_' | '-' | '+' | '@');
    name.chars()
        .all(plain)
        .then(|| format!("`--exclude {name}`"))
}
