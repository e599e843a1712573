//! The command of a plugin: the usual ones are written anew, the others run with manifill's name.

use serde_yaml::{Mapping, Value};

use super::flags::{FILE, SECRET};
use super::note::Note;
use super::program::{PROGRAM, is_program, renamed};
use super::script::{self, Script};
use super::shell;
use super::values::{holds, words};
use crate::plugin::{commands, found_by};

/// What has become of a plugin.
pub(super) struct Rewritten {
    pub(super) spec: Mapping,
    /// Whether its command is not one of the usual ones.
    pub(super) is_kept: bool,
    /// What stands behind `-s` in its commands.
    pub(super) secrets: Vec<String>,
    /// What stands behind `-c` in them.
    pub(super) files: Vec<String>,
    pub(super) notes: Vec<Note>,
}

/// A plugin that runs manifill.
pub(super) fn rewrite(name: &str, spec: &Mapping) -> Rewritten {
    let mut new = Mapping::new();
    let (mut notes, mut is_kept) = (Vec::new(), false);
    for (key, value) in spec {
        let value = match key.as_str() {
            Some("generate") => usual(value).unwrap_or_else(|| {
                is_kept = true;
                renamed_below(value)
            }),
            Some("init") => renamed_below(value),
            Some("discover") if looks_for_placeholders(value) => {
                notes.push(Note {
                    classic: format!(
                        "the plugin {name} now finds its Applications by `manifill discover`, which sees placeholders in base64 and escaped ones, too"
                    ),
                    native: format!(
                        "the plugin {name} now finds its Applications by all their placeholders, those in base64 and escaped ones, too"
                    ),
                });
                found_by(&["manifill", "discover"])
            }
            _ => value.clone(),
        };
        new.insert(key.clone(), value);
    }
    if let Some(variable) = shell::unquoted(spec) {
        notes.push(Note {
            classic: format!(
                "the plugin {name} puts {variable}, which the author of an Application sets, into its command without quotes: it can be any flag, such as --post-renderer of Helm, which runs a program with the sidecar's login; a native server (--native) takes such arguments as data"
            ),
            native: format!(
                "the plugin {name} takes {variable} as data: only the flags of Helm that the page names"
            ),
        });
    }
    let words = all_words(spec);
    if let Some(variable) = old_variable(&words) {
        notes.push(Note::of_both(format!(
            "the plugin {name} reads the variable {variable}: what an Application sets arrives as ARGOCD_ENV_{variable}"
        )));
    }
    Rewritten {
        spec: new,
        is_kept,
        secrets: SECRET.values(&words),
        files: FILE.values(&words),
        notes,
    }
}

/// The command of `generate`, if it is a run of the program alone or behind one other program.
fn usual(generate: &Value) -> Option<Value> {
    let words = words(generate);
    let words: Vec<&str> = words.iter().map(String::as_str).collect();
    if words.first().is_some_and(|word| is_program(word)) {
        let args = in_order(&words[1..])?;
        let args: Vec<&str> = args.iter().map(String::as_str).collect();
        return Some(commands(&["manifill"], &args));
    }
    let Script { nounset, stages } = script::of_shell(&words)?;
    let (last, first) = stages.split_last()?;
    let last: Vec<&str> = last.split(' ').filter(|word| !word.is_empty()).collect();
    if !last.first().is_some_and(|word| is_program(word)) || first.len() > 1 {
        return None;
    }
    let args = in_order(&last[1..])?;
    let Some(first) = first.first() else {
        let plain = !args
            .iter()
            .any(|arg| arg.contains(['$', '"', '\'', '\\', '*', '?', '~', '(']));
        let args: Vec<&str> = args.iter().map(String::as_str).collect();
        if plain {
            return Some(commands(&["manifill"], &args));
        }
        let script = format!("manifill {}\n", args.join(" "));
        return Some(commands(&["bash", "-c"], &[&script]));
    };
    if args.last().map(String::as_str) != Some("-") && !args.iter().any(|arg| arg == "-") {
        return None;
    }
    let set = if nounset {
        "set -euo pipefail"
    } else {
        "set -eo pipefail"
    };
    let script = format!("{set}\n{first} |\n  manifill {}\n", args.join(" "));
    Some(commands(&["bash", "-c"], &[&script]))
}

/// The arguments with `generate` first, which argocd-vault-plugin takes anywhere, and with
/// `--fail-on-empty`.
fn in_order(args: &[&str]) -> Option<Vec<String>> {
    let at = args.iter().position(|arg| *arg == "generate")?;
    let mut ordered = vec!["generate".to_owned(), "--fail-on-empty".to_owned()];
    let others = args.iter().enumerate().filter(|(number, _)| *number != at);
    ordered.extend(others.map(|(_, arg)| (*arg).to_owned()));
    Some(ordered)
}

/// Whether a discovery searches files for what argocd-vault-plugin fills.
pub(super) fn looks_for_placeholders(discover: &Value) -> bool {
    holds(discover, "grep") && (holds(discover, "<path") || holds(discover, "avp"))
}

/// The words of all commands, scripts cut at spaces.
fn all_words(spec: &Mapping) -> Vec<String> {
    let commands = ["init", "generate"].iter().filter_map(|key| spec.get(*key));
    let words = commands.flat_map(words);
    words
        .flat_map(|word| {
            let words = word.split_whitespace().map(str::to_owned);
            words.collect::<Vec<_>>()
        })
        .collect()
}

/// A variable that plugins of `argocd-cm` got under its own name, before Argo CD 2.4.
fn old_variable(words: &[String]) -> Option<String> {
    const KNOWN: [&str; 8] = [
        "ARGOCD_", "KUBE_", "PARAM_", "HOME", "PATH", "AVP_", "HELM_", "VAULT_",
    ];
    let mut names = words
        .iter()
        .flat_map(|word| word.split('$').skip(1))
        .map(|rest| {
            let rest = rest.trim_start_matches('{');
            let end = rest.find(|c: char| !(c.is_ascii_alphanumeric() || c == '_'));
            &rest[..end.unwrap_or(rest.len())]
        });
    let name =
        names.find(|name| name.len() > 1 && !KNOWN.iter().any(|known| name.starts_with(known)))?;
    Some(name.to_owned())
}

fn renamed_below(value: &Value) -> Value {
    match value {
        Value::String(text) if text.contains(PROGRAM) => Value::String(in_order_in(&renamed(text))),
        Value::Sequence(items) => items.iter().map(renamed_below).collect(),
        Value::Mapping(map) => {
            let entries = map
                .iter()
                .map(|(key, value)| (key.clone(), renamed_below(value)));
            Value::Mapping(entries.collect())
        }
        other => other.clone(),
    }
}

/// A script in which `generate` stands behind its program, with no flag between them.
fn in_order_in(script: &str) -> String {
    const HEAD: &str = "manifill -";
    let Some((before, rest)) = script.split_once(HEAD) else {
        return script.to_owned();
    };
    let end = rest.find(['|', ';', '&', '\n']).unwrap_or(rest.len());
    let (line, behind) = rest.split_at(end);
    let line = match line.split_once(" generate") {
        Some((flags, args)) => format!("manifill generate -{flags}{args}"),
        None => format!("{HEAD}{line}"),
    };
    before.to_owned() + &line + &in_order_in(behind)
}
