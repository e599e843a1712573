//! Settings that nobody asks for and that are one slip away from one that is known.
//!
//! A flat file may hold anything, and so may the environment, so this is a remark and no error. Of
//! a file nothing is shown but the place and the known name (rule R9).

use strsim::levenshtein;

use super::flat::Flat;
use super::layers::Layers;
use super::names;
use super::sources::Sources;
use super::unknown::{declared, declared_name};

/// Names that the environment alone is asked for.
const SWITCHES: [&str; 3] = [
    "MANIFILL_CONFIG",
    "MANIFILL_TRUST_APP_ENV",
    "MANIFILL_APP_MAY_SET",
];

/// The remarks on a flat file, with its name in front.
pub(super) fn in_file(flat: &Flat, file: &str) -> Vec<String> {
    let note = |(key, at): (&str, super::Position)| {
        let name = meant(key)?;
        Some(format!(
            "{file}:{}:{}: this is not a setting; did you mean `{name}`?",
            at.line, at.column
        ))
    };
    flat.keys().filter_map(note).collect()
}

/// The remarks on variables of the process: those of manifill, and those that are nearly the ones
/// that are set nowhere.
pub(super) fn in_environment(sources: &Sources, layers: &Layers<'_>) -> Vec<String> {
    let is_manifills = |name: &str| name.starts_with("MANIFILL_");
    let odd = |name: &&String| {
        let prefixes = ["MANIFILL_", "MANIFIL_", "OP_", "VAULT_", "BAO_", "AVP_"];
        prefixes.iter().any(|prefix| name.starts_with(prefix))
    };
    let note = |word: &String| {
        let name = meant(word)?;
        (is_manifills(name) || !layers.has(name))
            .then(|| format!("the variable {word} is not a setting; did you mean `{name}`?"))
    };
    sources
        .environment
        .keys()
        .filter(odd)
        .filter_map(note)
        .collect()
}

/// The known name that a word is within two edits of, if it is none itself.
fn meant(word: &str) -> Option<&'static str> {
    let upper = word.to_ascii_uppercase();
    if declared_name(word).is_some() || SWITCHES.contains(&upper.as_str()) {
        return None;
    }
    let is_near = |name: &&'static str| {
        name.len().abs_diff(upper.len()) <= 2 && levenshtein(name, &upper) <= 2
    };
    let known = declared().chain(SWITCHES).filter(is_near);
    known.min_by_key(|name| levenshtein(name, &upper))
}

/// What to say of a known name that stands where it cannot: beside `backends`.
pub(super) fn belongs(key: &str) -> Option<(&'static str, &'static str)> {
    let name = declared_name(key)?;
    Some(if names::ALL[1..].contains(&name) {
        (name, /* hint */ "set it as an environment variable")
    } else if name == names::TYPE {
        (
            name,
            /* hint */ "the `type` of a backend says this here",
        )
    } else {
        (
            name,
            /* hint */ "put it into the `settings` of a backend",
        )
    })
}
