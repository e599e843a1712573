//! Every hint of the program has a row in `hints/table.txt`; one that has none fails.
//!
//! A row begins with `hint:` and the text as it stands in the source. What raises the hint, and the
//! edit that follows it:
//!
//! - `from:` and `to:`, a manifest before and after (`\n` is a line break, `\t` a tab);
//! - `env:` and `env to:`, a variable, empty for none; `flags to:`, flags;
//! - `settings:` and `settings to:`, the file of `-c`;
//! - `type: 1passwordconnect` runs `plan`, which needs no server.
//!
//! Before, the hint is shown; after, the run succeeds and the hint is gone. What takes a server, a
//! key or another program has `seen in:` instead, a test and a part of the hint that it looks for.
//! `untried:` says why neither is there.
#![allow(clippy::unwrap_used)]

mod common;

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::{Path, PathBuf};

use common::{Folder, Ran, manifill, root};

const TABLE: &str = include_str!("hints/table.txt");

/// The rows: each a list of fields.
fn rows() -> Vec<BTreeMap<&'static str, &'static str>> {
    let mut rows: Vec<BTreeMap<_, _>> = Vec::new();
    for line in TABLE.lines().filter(|line| !line.is_empty()) {
        let (name, text) = line.split_once(':').unwrap();
        if name == "hint" {
            rows.push(BTreeMap::new());
        }
        let row = rows.last_mut().unwrap();
        assert!(row.insert(name, text.trim_start()).is_none(), "{line}");
    }
    rows
}

/// The texts between quotes.
fn literals(code: &str) -> Vec<String> {
    let (mut found, mut parts) = (Vec::new(), code.chars().peekable());
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
        found.push(text);
    }
    found
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

/// Every place in a source that makes a hint.
fn hints(source: &str) -> Vec<String> {
    let source = source.split("#[cfg(test)]\nmod tests {").next().unwrap();
    let lines = source
        .lines()
        .filter(|line| !line.trim_start().starts_with("//"));
    let code: String = lines.flat_map(|line| [line, "\n"]).collect();
    let code = code.replace("'\"'", "' '").replace("'\\\"'", "' '");
    let mut found = Vec::new();
    let makers: [(&str, &[char]); 8] = [
        ("with_hint(", &[]),
        ("hinted(", &[]),
        ("fn hint(", &[]),
        ("fn usage(", &[]),
        ("fn usage_in_json(", &[]),
        ("hint = ", &[';']),
        ("hint: ", &[',']),
        ("const ", &[';']),
    ];
    for (maker, ends) in makers {
        for (at, _) in code.match_indices(maker) {
            let mut rest = &code[at + maker.len()..];
            match maker {
                _ if maker.starts_with("fn ") => rest = &rest[rest.find('{').unwrap()..],
                "const " => {
                    let name = rest.split(':').next().unwrap();
                    let known = ["SHAPE", "EXAMPLE", "INSIDE", "EXTENSIONS"];
                    if !(name.ends_with("HINT") || known.contains(&name)) {
                        continue;
                    }
                }
                _ if ends.is_empty() => rest = &code[at + maker.len() - 1..],
                _ => {}
            }
            found.extend(literals(expression(rest, ends)));
        }
    }
    // One word is a name.
    found.retain(|hint| hint.contains(' '));
    found
}

fn sources(folder: &Path, found: &mut Vec<PathBuf>) {
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        let name = path.file_name().unwrap().to_string_lossy().into_owned();
        let is_test = name.starts_with("test") || matches!(&*name, "samples.rs" | "suite");
        if path.is_dir() && !is_test {
            sources(&path, found);
        } else if name.ends_with(".rs") && !is_test {
            found.push(path);
        }
    }
}

fn all_hints() -> BTreeMap<String, PathBuf> {
    let mut found = BTreeMap::new();
    for name in [
        "cli",
        "manifest",
        "manifill",
        "placeholder",
        "vault",
        "yaml",
    ] {
        let mut files = Vec::new();
        sources(&root().join("crates").join(name).join("src"), &mut files);
        for file in files {
            for hint in hints(&fs::read_to_string(&file).unwrap()) {
                found.insert(hint, file.clone());
            }
        }
    }
    found
}

#[test]
fn every_hint_has_a_row_and_every_row_its_hint() {
    let all = all_hints();
    assert!(all.len() > 150, "{}", all.len());
    let listed: BTreeSet<&str> = rows().iter().map(|row| row["hint"]).collect();
    let unlisted = all
        .iter()
        .filter(|(hint, _)| !listed.contains(hint.as_str()));
    let unlisted: Vec<_> = unlisted.collect();
    assert!(
        unlisted.is_empty(),
        "hints/table.txt needs a row for each of these: {unlisted:#?}"
    );
    let gone: Vec<_> = listed
        .iter()
        .filter(|hint| !all.contains_key(**hint))
        .collect();
    assert!(gone.is_empty(), "no source makes these any more: {gone:#?}");
    assert_eq!(rows().len(), listed.len(), "a hint has two rows");
}

/// The parts of a hint between its holes, as they are shown.
fn parts(hint: &str) -> Vec<String> {
    let mut parts = vec![String::new()];
    let mut letters = hint.chars().peekable();
    while let Some(c) = letters.next() {
        match c {
            '{' if hint.contains("{}") || hint.contains("{near}") || !hint.contains(": ") => {
                letters.by_ref().find(|c| *c == '}');
                parts.push(String::new());
            }
            '\\' => parts.last_mut().unwrap().extend(letters.next()),
            c => parts.last_mut().unwrap().push(c),
        }
    }
    parts
}

fn shows(told: &str, hint: &str) -> bool {
    told.lines()
        .filter_map(|line| line.strip_prefix("  hint: "))
        .any(|line| {
            let mut rest = Some(line);
            for part in parts(hint) {
                rest = rest.and_then(|rest| rest.find(&part).map(|at| &rest[at + part.len()..]));
            }
            rest.is_some()
        })
}

fn written(text: &str) -> String {
    let lines = text.replace("\\n", "\n").replace("\\t", "\t");
    lines + "\n"
}

/// Runs the case of a row, before or after the edit.
fn run(row: &BTreeMap<&str, &str>, is_edited: bool) -> Ran {
    let field = |name: &str| {
        let edited = match name {
            "from" => "to".to_owned(),
            name => format!("{name} to"),
        };
        let edited = row.get(edited.as_str()).filter(|_| is_edited);
        edited
            .or_else(|| row.get(name).filter(|_| name != "flags"))
            .copied()
    };
    let folder = Folder::new();
    folder.write("data.json", r#"{"db": {"user": "svc", "map": {"a": 1}}}"#);
    let kind = row.get("type").copied().unwrap_or("file");
    let mut arguments = vec![if kind == "file" { "generate" } else { "plan" }, "-"];
    let mut variables = BTreeMap::new();
    if let Some(settings) = field("settings") {
        folder.write("settings.yaml", written(settings));
        arguments.extend(["-c", "settings.yaml"]);
        if !settings.contains("backends") {
            variables.insert("MANIFILL_FILE", "data.json");
        }
    } else {
        variables.insert("AVP_TYPE", kind);
        variables.insert("MANIFILL_FILE", "data.json");
        variables.insert("OP_CONNECT_HOST", "http://127.0.0.1:1");
        variables.insert("OP_CONNECT_TOKEN", "token");
    }
    if let Some((name, value)) = field("env").and_then(|text| text.split_once('=')) {
        variables.insert(name, value);
    }
    arguments.extend(field("flags").into_iter().flat_map(str::split_whitespace));
    let source = field("from").unwrap_or(r"kind: A\na: <path:db#user>");
    let mut run = manifill(arguments)
        .dir(folder.path())
        .stdin(&written(source));
    for (name, value) in variables.into_iter().filter(|(_, value)| !value.is_empty()) {
        run = run.env(name, value);
    }
    run.run()
}

#[test]
fn following_a_hint_works() {
    let (mut tried, mut wrong) = (0, Vec::new());
    for row in rows() {
        let hint = row["hint"];
        if row.contains_key("seen in") || row.contains_key("untried") {
            continue;
        }
        tried += 1;
        let (before, after) = (run(&row, false), run(&row, true));
        if !shows(&before.err, hint) {
            wrong.push(format!(
                "`{hint}` is not shown before ({}): {}{}",
                before.status, before.out, before.err
            ));
        } else if after.status != 0 || shows(&after.err, hint) {
            wrong.push(format!("following `{hint}` does not help:\n{}", after.err));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
    assert!(tried > 40, "{tried}");
}

#[test]
fn what_is_seen_in_another_test_is_seen_there() {
    for row in rows().iter().filter(|row| row.contains_key("seen in")) {
        let (file, text) = row["seen in"].split_once(' ').unwrap();
        let source = fs::read_to_string(root().join(file)).unwrap();
        let (mut joined, mut lines) = (String::new(), source.split("\\\n"));
        joined.push_str(lines.next().unwrap());
        lines.for_each(|line| joined.push_str(line.trim_start()));
        assert!(joined.contains(text), "{file} does not look for `{text}`");
        let hint = row["hint"].replace('\\', "");
        assert!(
            hint.contains(&text.replace('\\', "")),
            "`{hint}` has no `{text}`"
        );
    }
}

#[test]
fn hints_are_found_wherever_they_are_made() {
    let source = "let hint = match x {\n    1 => \"a b\",\n    _ => format!(\"c {d}\"),\n};\n\
        error.with_hint(if y { \"e f\" } else { \"g h\" }).with_name(\"i j\");\n\
        const X_HINT: &str = \"k \\\n    l\";\nfn hint(&self) -> Z { \"m n\" }\n// with_hint(\"o p\")\n";
    let mut found = hints(source);
    found.sort();
    assert_eq!(found, ["a b", "c {d}", "e f", "g h", "k l", "m n"]);
    assert!(shows(
        "x\n  hint: replace <A> by the id",
        "replace {odd} by the id"
    ));
    assert!(!shows("replace <A> by the id", "replace {odd} by the id"));
}
