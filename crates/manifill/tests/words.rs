//! Messages and pages do without the words that CONTRIBUTING.md lists.
#![allow(clippy::unwrap_used)]

use std::fs;
use std::path::{Path, PathBuf};

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../..")
}

/// The words of the table in CONTRIBUTING.md.
fn words() -> Vec<String> {
    let page = fs::read_to_string(root().join("CONTRIBUTING.md")).unwrap();
    let (_, table) = page.split_once("## Words").unwrap();
    let rows = table.lines().filter_map(|line| line.strip_prefix("| "));
    let cells = rows.skip(1).map(|row| row.split(" | ").next().unwrap());
    let words: Vec<String> = cells
        .flat_map(|cell| cell.split(", "))
        .map(|word| word.trim_end_matches(" 3").to_owned())
        .collect();
    assert!(words.len() > 20 && words[0] == "blank", "{words:?}");
    words
}

/// The files below a folder, but for what is built and what is not ours.
fn files(folder: &Path, found: &mut Vec<PathBuf>) {
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        let name = path.file_name().unwrap().to_string_lossy().into_owned();
        let is_left_out =
            name.starts_with('.') || matches!(&*name, "target" | "node_modules" | "corpus");
        if path.is_dir() && !path.is_symlink() && !is_left_out {
            files(&path, found);
        } else if path.is_file() {
            found.push(path);
        }
    }
}

/// The texts in double quotes of a Rust or Python source, without comments and without the tests at
/// its end. A name in code has no spaces, so a text without one is no message.
fn messages(source: &str) -> Vec<String> {
    let source = source.split("#[cfg(test)]\nmod tests").next().unwrap();
    let code: String = source
        .lines()
        .filter(|line| !line.trim_start().starts_with("//"))
        .flat_map(|line| [line, "\n"])
        .collect();
    let code = code.replace("'\"'", "' '").replace("'\\\"'", "' '");
    let mut found = Vec::new();
    let mut parts = code.chars().peekable();
    while let Some(c) = parts.next() {
        if c != '"' {
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
        if text.contains(' ') {
            found.push(text);
        }
    }
    found
}

/// The prose of a page: not its code, nor the list of words itself.
fn prose(page: &str) -> Vec<String> {
    let page = page.split("\n## Words").next().unwrap();
    let mut is_code = false;
    let mut lines = Vec::new();
    for line in page.lines() {
        if line.starts_with("```") {
            is_code = !is_code;
        } else if !is_code {
            // What is quoted is a name or code.
            let quoted = line.split('`').step_by(2);
            lines.push(quoted.collect::<Vec<_>>().join("…"));
        }
    }
    lines
}

/// Whether a text has a word or a phrase that does not go on before or after.
fn has(text: &str, word: &str) -> bool {
    let (first, rest) = word.split_at(1);
    let capital = format!("{}{rest}", first.to_uppercase());
    let is_letter = |c: char| c.is_alphanumeric() || c == '_' || c == '-';
    let mut found = text.match_indices(word).chain(text.match_indices(&capital));
    found.any(|(at, _)| {
        let (before, after) = (&text[..at], &text[at + word.len()..]);
        let is_part = word.starts_with(is_letter) && before.ends_with(is_letter)
            || after.starts_with(is_letter);
        // "There is no program x" and "a blank line" are what everybody says.
        let is_fine = before.ends_with("here ") && word.starts_with("is no ")
            || after.starts_with(" line") && word == "blank";
        !is_part && !is_fine
    })
}

#[test]
fn no_message_and_no_page_has_a_word_that_is_not_to_be_used() {
    let words = words();
    let (mut found, mut texts, mut pages) = (Vec::new(), 0, 0);
    let mut all = Vec::new();
    files(&root(), &mut all);
    for path in all {
        let shown = path.strip_prefix(root()).unwrap().display().to_string();
        let name = path.file_name().unwrap().to_string_lossy();
        let is_test = shown.contains("/tests/")
            || name.starts_with("test")
            || matches!(&*name, "tests.rs" | "samples.rs" | "suite.rs")
            || shown.contains("/suite/")
            || shown.starts_with("fuzz/")
            || shown.starts_with("benches/");
        let read = match path.extension().and_then(|ending| ending.to_str()) {
            Some("rs") if !is_test => messages(&fs::read_to_string(&path).unwrap()),
            Some("py")
                if shown.starts_with("bindings/python/python") || shown.starts_with("examples") =>
            {
                messages(&fs::read_to_string(&path).unwrap())
            }
            Some("md") => {
                pages += 1;
                prose(&fs::read_to_string(&path).unwrap())
            }
            _ => continue,
        };
        texts += read.len();
        for text in read {
            for word in words.iter().filter(|word| has(&text, word)) {
                found.push(format!("{shown}: `{word}` in: {text}"));
            }
        }
    }
    assert!(texts > 2000 && pages > 12, "{texts} texts, {pages} pages");
    assert!(
        found.is_empty(),
        "CONTRIBUTING.md says what to write instead:\n{}",
        found.join("\n")
    );
}

#[test]
fn a_word_is_found_in_a_message_and_not_in_a_name() {
    let source = "// \"a blank here\"\nlet blanks = 1; f(\"a {} blank \\\n    follows\", '\"', \"no_blank\");";
    assert_eq!(messages(source), ["a {} blank follows"]);
    assert!(has("a blank", "blank") && has("Blank!", "blank"));
    assert!(!has("is_blank", "blank") && !has("blankly", "blank"));
    assert!(has("x; there is `y`", "; there is"));
    assert!(!has("there is no key x", "is no key") && has("that is no key", "is no key"));
    assert!(!has("keys is None", "is none"));
    assert_eq!(
        prose("a `blank` b\n```\nblank\n```\n## Words\nblank"),
        ["a … b"]
    );
}
