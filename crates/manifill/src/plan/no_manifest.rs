//! What is told of a text that is no manifest at all.

use manifill_manifest::{ManifestError, ManifestErrorKind, Span};

use super::kustomization::folder;
use crate::input::Input;

/// What to do about a document that cannot be read, by what it looks like.
pub(super) fn hint(error: &ManifestError, file: &Input, span: Span) -> Option<String> {
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
    if is_log(first) || is_log(at_error) {
        return Some(
            "this is a line of a program's log; keep standard error out of the input, and leave `--debug` out"
                .to_owned(),
        );
    }
    if error.hint().is_none() && first.starts_with("{{") {
        return Some(
            "this looks like a Helm template; render it with `helm template` first".to_owned(),
        );
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
    let chart = format!(
        "run `helm template {} | manifill generate -`",
        folder(&file.name)
    );
    if name == "manifill.yaml" || name == "manifill.yml" || has(&keys) && file.name != "-" {
        return Some(format!(
            "this looks like a settings file; give it with `-c {}`",
            file.name
        ));
    }
    if name == "Chart.yaml" {
        return Some(format!("this folder is a Helm chart; {chart}"));
    }
    let excluded = excluded(file);
    if name.starts_with("values") && !content(text).any(|line| line.starts_with("kind:")) {
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

/// Whether a line is one of those that programs in Go write to standard error:
/// `install.go:214: [debug] …`, `level=WARN msg=…`, `W0512 10:00:00.000000 …`, and a sentence
/// behind `WARNING:` or `Error:`.
fn is_log(line: &str) -> bool {
    let place = line.split_once(".go:").is_some_and(|(file, rest)| {
        let digits = rest.bytes().take_while(u8::is_ascii_digit).count();
        digits > 0 && rest[digits..].starts_with(':') && !file.contains([' ', '"', '\''])
    });
    let klog = matches!(line.as_bytes(), [b'I' | b'W' | b'E' | b'F', month_and_day @ .., ]
        if month_and_day.len() > 4
            && month_and_day[..4].iter().all(u8::is_ascii_digit)
            && month_and_day[4] == b' ');
    let sentence = ["WARNING: ", "Warning: ", "Error: ", "error: "]
        .iter()
        .find_map(|level| line.strip_prefix(level))
        .is_some_and(|rest| rest.split_ascii_whitespace().count() > 3);
    place
        || klog
        || sentence
        || line.starts_with("level=")
        || line.contains(" level=DEBUG ")
        || line.contains(" level=WARN ")
}

/// The flag that leaves a file out that was found in a folder.
fn excluded(file: &Input) -> Option<String> {
    let name = file.found_as.as_deref()?;
    let plain = |c: char| c.is_alphanumeric() || matches!(c, '/' | '.' | '_' | '-' | '+' | '@');
    name.chars()
        .all(plain)
        .then(|| format!("`--exclude {name}`"))
}
