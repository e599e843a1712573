//! Finds the hints in the sources, without a parser of Rust.
//!
//! A hint is a text of more than one word
//!
//! - in the brackets of `with_hint(`, or after `hint = ` and `hint: `, `if` and `match` included;
//! - behind the message in the brackets of `output.error(`, `output.usage(` and `output.warning(`;
//! - in a constant that is named there or whose name ends in `HINT`, in a function of the same file that is called there, and
//!   in `fn hint(` and `fn usage(`;
//! - behind the comment `/* hint */`, which stands before the text wherever no such word does: in
//!   a tuple, or in what a function with another name returns.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::{Path, PathBuf};

use crate::common::root;

/// What stands before a hint that nothing else shows to be one.
const MARK: &str = "/* hint */";

const MAKERS: [(&str, &[char]); 11] = [
    ("with_hint(", &[]),
    ("hinted(", &[]),
    ("fn hint(", &[]),
    ("fn tip_for_", &[]),
    ("fn usage(", &[]),
    ("fn usage_in_json(", &[]),
    ("with_hint_of(", &[]),
    ("hint = ", &[';']),
    ("hint =\n", &[';']),
    ("hint: ", &[',']),
    (MARK, &[',', ';']),
];

/// What takes a message and its hint.
const TELLERS: [&str; 3] = ["output.error(", "output.usage(", "output.warning("];

/// The texts between quotes, and what is between them.
fn literals(code: &str) -> (Vec<String>, String) {
    let (mut found, mut rest, mut parts) = (Vec::new(), String::new(), code.chars().peekable());
    while let Some(c) = parts.next() {
        if c != '"' {
            rest.push(c);
            continue;
        }
        let mut text = String::new();
        while let Some(c) = parts.next() {
            match c {
                '"' => break,
                '\\' if parts.peek() == Some(&'\n') => {
                    while parts.next_if(|c| c.is_whitespace()).is_some() {}
                }
                '\\' => text.extend(['\\'].into_iter().chain(parts.next())),
                c => text.push(c),
            }
        }
        found.push(text);
        rest.push(' ');
    }
    (found, rest)
}

/// The code from here to where its bracket closes, or to one of these signs outside brackets.
fn expression<'c>(code: &'c str, ends: &[char]) -> &'c str {
    let (mut depth, mut quoted, mut escaped) = (0_i32, false, false);
    for (at, c) in code.char_indices() {
        match c {
            _ if escaped => escaped = false,
            '\\' if quoted => escaped = true,
            '"' => quoted = !quoted,
            _ if quoted => {}
            '(' | '[' | '{' => depth += 1,
            ')' | ']' | '}' => {
                depth -= 1;
                if depth < 0 || (depth == 0 && ends.is_empty()) {
                    return &code[..at];
                }
            }
            c if depth == 0 && ends.contains(&c) => return &code[..at],
            _ => {}
        }
    }
    code
}

/// A source without its tests and its lines of comment.
fn code_of(source: &str) -> String {
    let source = source.split("#[cfg(test)]\nmod tests {").next().unwrap();
    let lines = source
        .lines()
        .filter(|line| !line.trim_start().starts_with("//"));
    let code: String = lines.flat_map(|line| [line, "\n"]).collect();
    code.replace("'\"'", "' '").replace("'\\\"'", "' '")
}

fn words(code: &str) -> impl Iterator<Item = &str> {
    let is_part = |c: char| c.is_ascii_alphanumeric() || c == '_';
    code.split(move |c| !is_part(c))
        .filter(|word| !word.is_empty())
}

/// The texts that makers of hints hold, and the names in them.
fn made(code: &str) -> (Vec<String>, BTreeSet<String>) {
    let (mut found, mut named) = (Vec::new(), BTreeSet::new());
    for (maker, ends) in MAKERS {
        for (at, _) in code.match_indices(maker) {
            let mut rest = &code[at + maker.len()..];
            // An argument of that name.
            if maker == "hint: " && rest.starts_with("&str") {
                continue;
            }
            if maker.starts_with("fn ") {
                rest = &rest[rest.find('{').unwrap()..];
            } else if ends.is_empty() {
                rest = &code[at + maker.len() - 1..];
            }
            let (texts, names) = literals(expression(rest, ends));
            found.extend(texts);
            named.extend(words(&names).map(str::to_owned));
        }
    }
    for teller in TELLERS {
        for (at, _) in code.match_indices(teller) {
            let rest = &code[at + teller.len()..];
            let message = expression(rest, &[',']);
            let (texts, names) = literals(expression(&rest[message.len()..], &[]));
            found.extend(texts);
            named.extend(words(&names).map(str::to_owned));
        }
    }
    (found, named)
}

/// Every place in a source that makes a hint; these constants are named by the others.
fn hints_with(source: &str, constants: &BTreeSet<String>) -> Vec<String> {
    let code = code_of(source);
    let (mut found, named) = made(&code);
    for (at, _) in code.match_indices("const ") {
        let rest = &code[at + "const ".len()..];
        let name = rest.split(':').next().unwrap();
        let is_text = expression(rest, &['=']).contains("str");
        let is_named = [constants, &named].iter().any(|names| names.contains(name));
        if is_text && (is_named || name.ends_with("HINT")) {
            found.extend(literals(expression(rest, &[';'])).0);
        }
    }
    for (at, _) in code.match_indices("fn ") {
        let rest = &code[at + "fn ".len()..];
        let name = words(rest).next().unwrap_or_default();
        // A word that is no function of its own: those that are say in what they return that they
        // make a text.
        let head = rest.split('{').next().unwrap();
        let makes_text = head
            .split("->")
            .nth(1)
            .is_some_and(|made| made.contains("str") || made.contains("String"));
        if makes_text && named.contains(name) && is_called(&code, name) {
            found.extend(literals(expression(&rest[head.len()..], &[])).0);
        }
    }
    // One word is a name.
    found.retain(|hint| hint.contains(" ") && hint.contains(char::is_alphabetic));
    found
}

/// Every place in a source that makes a hint.
pub(crate) fn hints(source: &str) -> Vec<String> {
    hints_with(source, &BTreeSet::new())
}

/// Whether a function makes a hint directly.
fn is_called(code: &str, name: &str) -> bool {
    ["with_hint(", "hint = ", "hint: "]
        .iter()
        .any(|maker| code.contains(&format!("{maker}{name}(")))
}

/// Whether a source has a hint in a variable that is not found: in a tuple without a mark, or under
/// another name than `hint`.
pub(crate) fn unmarked(source: &str) -> bool {
    let code = code_of(source);
    let in_tuple = code.match_indices(", hint)").any(|(at, _)| {
        let line = code[..at].rfind('\n').map_or(0, |end| end + 1);
        code[line..].trim_start().starts_with("let (")
    });
    let renamed = code.split("with_hint(").skip(1).any(|rest| {
        let name = rest.split(')').next().unwrap();
        let is_part = |c: char| c.is_ascii_lowercase() || c == '_';
        !name.is_empty() && name.chars().all(is_part) && name != "hint"
    });
    renamed || (in_tuple && !code.contains(MARK))
}

fn files(folder: &Path, found: &mut Vec<PathBuf>) {
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        let name = path.file_name().unwrap().to_string_lossy().into_owned();
        let is_test = name.starts_with("test") || matches!(&*name, "samples.rs" | "suite");
        if path.is_dir() && !is_test {
            files(&path, found);
        } else if name.ends_with(".rs") && !is_test {
            found.push(path);
        }
    }
}

/// The sources of the crates that tell hints.
pub(crate) fn sources() -> Vec<(PathBuf, String)> {
    let mut found = Vec::new();
    for name in [
        "argocd",
        "check",
        "krm",
        "cli",
        "manifest",
        "manifill",
        "placeholder",
        "vault",
        "yaml",
    ] {
        files(&root().join("crates").join(name).join("src"), &mut found);
    }
    let read = |path: PathBuf| {
        let text = fs::read_to_string(&path).unwrap();
        (path, text)
    };
    found.into_iter().map(read).collect()
}

pub(crate) fn all_hints() -> BTreeMap<String, PathBuf> {
    let (all, mut found) = (sources(), BTreeMap::new());
    let named = all.iter().flat_map(|(_, source)| made(&code_of(source)).1);
    let is_constant = |name: &String| !name.contains(|c: char| c.is_ascii_lowercase());
    let constants = named.filter(is_constant).collect();
    for (file, source) in &all {
        for hint in hints_with(source, &constants) {
            found.insert(hint, file.clone());
        }
    }
    found
}
