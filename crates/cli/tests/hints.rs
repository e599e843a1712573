//! Every hint of the program has a row in `hints/table.txt`; one that has none fails.
//!
//! A row begins with `hint:` and the text as it stands in the source. What raises the hint, and the
//! edit that follows it (`\n` is a line break, `\t` a tab; `{dir}` the folder of the case, `{url}` and
//! `{host}` its server):
//!
//! - `dir:`, the folder below it that the program works in;
//! - `from:` and `to:`, a manifest before and after; or `input:` and `input to:`, paths; or
//!   `command:` and `command to:`, other arguments, of which `argocd-plugin` is ended once it serves;
//! - `env:` and `env to:`, variables with a space between them, `\s` for one in a value, empty for
//!   none; `flags:` and `flags to:`;
//! - `settings:` and `settings to:`, the file of `-c`;
//! - `data:` and `data to:`, what the `file` backend reads, as it stands;
//! - `file:`, `file 2:` to `file 5:`, and `file to:` and so on: `NAME TEXT`, a program if the text
//!   begins with `#!`; `NAME = PATH`, a file of this repository, or `NAME = PATH OLD => NEW`, with that
//!   change; `NAME 0x HEX`, bytes; or `NAME -> TARGET`, a link;
//! - `type:` of the backend if it is not `file`; `1passwordconnect` runs `plan`, which needs no
//!   server, unless `connect:`, the data of one, is there, perhaps with a `fault:` of it;
//! - `answers:` of a server, as `hints/answers.rs` says.
//!
//! Before, the hint is shown; after, the run succeeds and the hint is gone. `seen in:` names the test
//! that looks for a hint which the program alone cannot show.
// Its programs are shell scripts.
#![cfg(unix)]
#![allow(clippy::unwrap_used)]

#[path = "hints/answers.rs"]
mod answers;
#[path = "hints/case.rs"]
mod case;
mod common;
#[path = "hints/library.rs"]
mod library;
#[path = "hints/sources.rs"]
mod sources;

use std::collections::BTreeSet;
use std::fs;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::thread;

use case::{Row, run};
use common::root;
use sources::{all_hints, hints, sources as all_sources, unmarked};

const TABLE: &str = include_str!("hints/table.txt");

/// The rows: each a list of fields.
fn rows() -> Vec<Row> {
    let mut rows: Vec<Row> = Vec::new();
    for line in TABLE.lines().filter(|line| !line.is_empty()) {
        let (name, text) = line.split_once(':').unwrap();
        if name == "hint" {
            rows.push(Row::new());
        }
        let row = rows.last_mut().unwrap();
        assert!(row.insert(name, text.trim_start()).is_none(), "{line}");
    }
    rows
}

#[test]
fn every_hint_has_a_row_and_every_row_its_hint() {
    let all = all_hints();
    assert!(all.len() > 200, "{}", all.len());
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

#[test]
fn a_hint_in_a_variable_can_be_found() {
    for (file, source) in all_sources() {
        assert!(
            !unmarked(&source),
            "{}: put /* hint */ before the hints in the tuples of `let (…, hint)`, and call the \
             variable `hint` that goes to `with_hint`",
            file.display()
        );
    }
}

/// The parts of a hint between its holes, as they are shown. A hole is a name in braces, or none;
/// where a hint has holes, braces of its own are doubled.
fn parts(hint: &str) -> Vec<String> {
    let (mut parts, mut rest) = (vec![String::new()], hint);
    while let Some(c) = rest.chars().next() {
        let is_in_name = |c: char| c.is_ascii_alphabetic() || matches!(c, '_' | ':' | '?');
        let after = rest[c.len_utf8()..].trim_start_matches(is_in_name);
        let doubled = hint.contains("{{") && (rest.starts_with("{{") || rest.starts_with("}}"));
        if c == '{' && !doubled && after.starts_with('}') {
            parts.push(String::new());
            rest = &after[1..];
            continue;
        }
        let skipped = usize::from(doubled || c == '\\');
        let shown = rest[skipped..].chars().next().unwrap_or_default();
        parts.last_mut().unwrap().push(shown);
        rest = &rest[skipped + shown.len_utf8()..];
    }
    parts
}

fn shows(told: &str, hint: &str) -> bool {
    // Of arguments `clap` tells, with a word of its own.
    let shown = |line| ["  hint: ", "  tip: "].map(|word| str::strip_prefix(line, word));
    told.lines()
        .filter_map(|line| shown(line).into_iter().flatten().next())
        .any(|line| {
            let mut rest = Some(line);
            for part in parts(hint) {
                rest = rest.and_then(|rest| rest.find(&part).map(|at| &rest[at + part.len()..]));
            }
            rest.is_some()
        })
}

/// What is wrong with a row: nothing if its hint is shown and following it helps.
fn wrong_with(row: &Row) -> Option<String> {
    let hint = row["hint"];
    let (before, after) = (run(row, false), run(row, true));
    if !shows(&before.err, hint) {
        let (status, out, err) = (before.status, before.out, before.err);
        return Some(format!(
            "`{hint}` is not shown before ({status}): {out}{err}"
        ));
    }
    (after.status != 0 || shows(&after.err, hint))
        .then(|| format!("following `{hint}` does not help:\n{}", after.err))
}

#[test]
fn following_a_hint_works() {
    let is_seen = |row: &Row| row.contains_key("seen in");
    let rows: Vec<Row> = rows().into_iter().filter(|row| !is_seen(row)).collect();
    assert!(rows.len() > 200, "{}", rows.len());
    let next = AtomicUsize::new(0);
    let wrong: Vec<String> = thread::scope(|scope| {
        let work = || {
            let numbers = std::iter::repeat_with(|| next.fetch_add(1, Ordering::Relaxed));
            let rows = numbers.map_while(|number| rows.get(number));
            rows.filter_map(wrong_with).collect::<Vec<_>>()
        };
        // Some of them wait for a deadline.
        let workers: Vec<_> = (0..8).map(|_| scope.spawn(work)).collect();
        let found = workers.into_iter().map(|worker| worker.join().unwrap());
        found.flatten().collect()
    });
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn what_is_seen_in_another_test_is_seen_there() {
    let rows = rows();
    let seen = rows
        .iter()
        .filter_map(|row| row.get_key_value("seen in").map(|it| (row, it.1)));
    for (row, file) in seen {
        let source = fs::read_to_string(root().join(file)).unwrap();
        // A file that makes hints has its tests at its end.
        let tests = match source.split_once("#[cfg(test)]\nmod tests {") {
            Some((_, tests)) => tests,
            None => {
                assert!(file.contains("test"), "{file} has no tests");
                &source
            }
        };
        let hint = row["hint"];
        assert!(tests.contains(hint), "{file} does not look for `{hint}`");
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
    let source = "let (what, hint) = match x {\n    1 => (\"a b\", /* hint */ \"c d\"),\n    \
        _ => (\"e f\", /* hint */ format!(\"g {h}\")),\n};\nerror.with_hint(SHAPE).with_hint(near(x))\n\
        const SHAPE: &str = \"i j\";\nconst OTHER: &str = \"k l\";\nfn near(a: B) -> String {\n    \
        format!(\"m n\")\n}\nfn x(a: B) -> &'static str {\n    \"o p\"\n}\n";
    let mut found = hints(source);
    found.sort();
    assert_eq!(found, ["c d", "g {h}", "i j", "m n"]);
    assert!(!unmarked(source) && unmarked(&source.replace("/* hint */ ", "")));
    assert!(unmarked("error.with_hint(advice)") && !unmarked("error.with_hint(hint)"));
    let source = "output.error(&format!(\"a b {}\", c), Some(\"d e\"));\n\
        output.usage(\n    \"f g\",\n    \"h i\",\n)\noutput.warning(message, \"j k\");\n\
        output.error(&message, None);\n\
        let hint =\n    format!(\"l m\");\n\
        fn tip_for_x(name: &str) -> Option<&'static str> {\n    Some(\"n o\")\n}\n";
    let mut found = hints(source);
    found.sort();
    assert_eq!(found, ["d e", "h i", "j k", "l m", "n o"]);
    assert!(shows(
        "x\n  hint: replace <A> by the id",
        "replace {odd} by the id"
    ));
    assert!(shows("x\n\n  tip: a b\n", "a b"));
    assert!(!shows("replace <A> by the id", "replace {odd} by the id"));
}
