//! The two formats that consist of lines, dotenv and INI, as sops reads them.
//!
//! Settings files of the same formats are read by other rules (`settings/lines.rs` of the engine):
//! here what a value is must be what sops hashed, to the byte, so that quotes have no escapes, a
//! value in backquotes has several lines, every section counts and a key may not stand twice.
//!
//! Neither has nesting, so what sops writes about itself is flattened in them:
//! `age__list_0__map_enc` is the entry `enc` of the first item of the list `age`.

use std::collections::{BTreeMap, HashSet};

use super::tree::{Entries, Misread, Node, TWICE};

/// How the names of what sops writes about itself begin in a dotenv file.
const PREFIX: &str = "sops_";

/// Which section holds what sops writes about itself in an INI file.
const SECTION: &str = "sops";

const LIST: &str = "__list_";
const MAP: &str = "__map_";

/// What sops writes about itself is nested less than this. Whatever follows belongs to the name.
const MAX_STEPS: usize = 16;

/// Reads a dotenv file: its values and what sops wrote about itself. sops knows neither quotes
/// nor `export` in it: a value is what follows the `=`, with `\n` for a line break.
pub(super) fn dotenv(text: &str) -> Result<(Entries, Node), Misread> {
    let (mut entries, mut about, mut keys) = (Vec::new(), Vec::new(), HashSet::new());
    for (number, line) in text.split('\n').enumerate() {
        if line.trim_end().is_empty() || line.starts_with('#') {
            continue;
        }
        let Some((key, value)) = line.split_once('=') else {
            return Err(at(number, "this is not a line of a dotenv file"));
        };
        if !keys.insert(key) {
            return Err(at(number, TWICE));
        }
        let value = value.replace("\\n", "\n");
        match key.strip_prefix(PREFIX) {
            Some(key) => about.push((key.to_owned(), value)),
            None => entries.push((key.to_owned(), Node::text(value))),
        }
    }
    Ok((entries, nested(about)))
}

/// Reads an INI file: a map for each section, and what sops wrote about itself. What stands
/// before the first section belongs to `DEFAULT`, which sops counts as a section too.
pub(super) fn ini(text: &str) -> Result<(Entries, Node), Misread> {
    let mut sections: Vec<(String, Vec<(String, String)>)> =
        vec![("DEFAULT".to_owned(), Vec::new())];
    let (mut names, mut keys) = (HashSet::from(["DEFAULT"]), HashSet::new());
    let mut lines = text.split_inclusive('\n').enumerate();
    while let Some((number, whole)) = lines.next() {
        let line = whole.trim().trim_start_matches('\u{feff}');
        if line.is_empty() || line.starts_with(['#', ';']) {
            continue;
        }
        if let Some(rest) = line.strip_prefix('[') {
            let Some((name, _)) = rest.rsplit_once(']') else {
                return Err(at(number, "the name of a section does not end"));
            };
            if !names.insert(name) {
                return Err(at(number, "a section is given twice"));
            }
            sections.push((name.to_owned(), Vec::new()));
            keys.clear();
            continue;
        }
        let split = line.split_once(['=', ':']);
        let (Some((key, value)), Some((_, section))) = (split, sections.last_mut()) else {
            return Err(at(number, "this is not a line of an INI file"));
        };
        let key = unquoted(key.trim());
        if !keys.insert(key) {
            return Err(at(number, TWICE));
        }
        let quotes = ["\"\"\"", "`"];
        let opening = quotes
            .into_iter()
            .find(|quote| value.trim().starts_with(quote));
        let value = match opening {
            None => ini_value(value.trim()).to_owned(),
            // In these a value may have several lines.
            Some(quote) => {
                // The first line with its end, which `line` lacks.
                let (_, value) = whole.split_once(['=', ':']).unwrap_or_default();
                let (_, mut value) = value.split_once(quote).unwrap_or_default();
                let mut all = String::new();
                loop {
                    if let Some((rest, _)) = value.rsplit_once(quote) {
                        break all + rest;
                    }
                    all += value;
                    let end = || at(number, "a value in quotes does not end");
                    (_, value) = lines.next().ok_or_else(end)?;
                }
            }
        };
        section.push((key.to_owned(), value));
    }
    let (mut entries, mut about) = (Vec::new(), Vec::new());
    for (name, section) in sections {
        if name == SECTION {
            // Some versions escape the line breaks, and some escape the escapes.
            let plain = |text: String| text.replace("\\\\n", "\n").replace("\\n", "\n");
            about = section.into_iter().map(|(k, v)| (k, plain(v))).collect();
        } else {
            let section = section.into_iter().map(|(k, v)| (k, Node::text(v)));
            entries.push((name, Node::Map(section.collect())));
        }
    }
    Ok((entries, nested(about)))
}

/// A value of one line without its quotes, or without the comment that follows it.
fn ini_value(value: &str) -> &str {
    for quote in ['"', '\''] {
        let inner = value.strip_prefix(quote);
        let inner = inner.and_then(|rest| rest.strip_suffix(quote));
        if let Some(inner) = inner.filter(|inner| !inner.contains(quote)) {
            return inner;
        }
    }
    let comment = [" #", " ;", "\t#", "\t;"].map(|mark| value.find(mark));
    let end = comment.into_iter().flatten().min().unwrap_or(value.len());
    value[..end].trim_end()
}

fn unquoted(text: &str) -> &str {
    let quotes = ["\"\"\"", "\"", "`", "'"];
    let inner = |quote: &&str| text.strip_prefix(*quote)?.strip_suffix(*quote);
    quotes.iter().find_map(inner).unwrap_or(text)
}

fn at(number: usize, problem: &'static str) -> Misread {
    Misread {
        problem,
        line: number + 1,
        column: 1,
    }
}

/// Puts flattened names together again.
fn nested(flat: Vec<(String, String)>) -> Node {
    let mut root = Level::default();
    for (name, value) in flat {
        root.put(&name, value);
    }
    root.into_node()
}

/// What lies below a name: entries, or the items of a list by their numbers, or a value.
#[derive(Default)]
struct Level {
    value: Option<String>,
    entries: BTreeMap<String, Level>,
    items: BTreeMap<u32, Level>,
}

impl Level {
    fn put(&mut self, name: &str, value: String) {
        let mut level = self;
        let mut rest = name;
        let mut is_item = false;
        for left in (0..MAX_STEPS).rev() {
            let list = rest.find(LIST).map(|at| (at, LIST));
            let map = rest.find(MAP).map(|at| (at, MAP));
            let next = [list, map].into_iter().flatten().min();
            let next = next.filter(|_| left > 0);
            let step = next.map_or(rest, |(at, _)| &rest[..at]);
            level = match step.parse() {
                Ok(number) if is_item => level.items.entry(number).or_default(),
                _ => level.entries.entry(step.to_owned()).or_default(),
            };
            let Some((at, mark)) = next else { break };
            is_item = mark == LIST;
            rest = &rest[at + mark.len()..];
        }
        level.value = Some(value);
    }

    fn into_node(self) -> Node {
        match self.value {
            Some(value) => Node::text(value),
            None if !self.items.is_empty() => {
                Node::List(self.items.into_values().map(Level::into_node).collect())
            }
            None => {
                let entries = self.entries.into_iter();
                Node::Map(
                    entries
                        .map(|(key, level)| (key, level.into_node()))
                        .collect(),
                )
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn words(entries: &[(String, Node)]) -> Vec<(&str, &str)> {
        entries
            .iter()
            .map(|(key, node)| (key.as_str(), node.word().unwrap()))
            .collect()
    }

    fn problem(result: Result<(Entries, Node), Misread>) -> (&'static str, usize) {
        let misread = result.err().unwrap();
        (misread.problem, misread.line)
    }

    #[test]
    fn dotenv_values_are_what_follows_the_equals_sign() {
        let text = "# c\nA=1=2 \n\nB=\"x\\ny\"\nC=\nsops_mac=m\nsops_age__list_1__map_enc=two\nsops_age__list_0__map_enc=o\\nne\n";
        let (entries, about) = dotenv(text).unwrap();
        assert_eq!(
            words(&entries),
            [("A", "1=2 "), ("B", "\"x\ny\""), ("C", "")]
        );
        assert_eq!(about.entry("mac").unwrap().word(), Some("m"));
        let items = about.entry("age").unwrap().items();
        let enc: Vec<_> = items
            .iter()
            .map(|item| item.entry("enc").unwrap().word().unwrap())
            .collect();
        assert_eq!(enc, ["o\nne", "two"]);
    }

    #[test]
    fn ini_has_sections_quotes_and_comments() {
        let text = "top = 1 ; c\n[db]\n# c\n; c\nuser: \"a ; b\"\npass=`x#y`\nurl = a#b;c\nquote='''\nmany=\"\"\"one\n  [two]\nk=v \"\"\" ; c\nnext=\"\"\"\nl\n\"\"\"\nback = `a\r\nb`\nodd = \"a\"b\"\n[empty]\n[sops]\nmac = m\nage__list_0__map_enc = a\\\\nb\\nc\n";
        let (entries, about) = ini(text).unwrap();
        let names: Vec<_> = entries.iter().map(|(name, _)| name.as_str()).collect();
        assert_eq!(names, ["DEFAULT", "db", "empty"]);
        let section = |index: usize| match &entries[index].1 {
            Node::Map(entries) => words(entries),
            _ => Vec::new(),
        };
        assert_eq!(section(0), [("top", "1")]);
        let db = [
            ("user", "a ; b"),
            ("pass", "x#y"),
            ("url", "a#b;c"),
            ("quote", "'''"),
            ("many", "one\n  [two]\nk=v "),
            ("next", "\nl\n"),
            ("back", "a\r\nb"),
            ("odd", "\"a\"b\""),
        ];
        assert_eq!(section(1), db);
        let enc = about.entry("age").unwrap().items()[0].entry("enc").unwrap();
        assert_eq!(enc.word(), Some("a\nb\nc"));
    }

    #[test]
    fn what_is_wrong_is_said_with_its_line() {
        assert_eq!(problem(dotenv("A=1\nA=2\n")), (TWICE, 2));
        let no_line = "this is not a line of a dotenv file";
        assert_eq!(problem(dotenv("A=1\nB\n")), (no_line, 2));
        assert_eq!(problem(ini("a=1\n[x]\na=1\na=2\n")), (TWICE, 4));
        assert_eq!(problem(ini("[x]\n[x]\n")), ("a section is given twice", 2));
        let no_end = "the name of a section does not end";
        assert_eq!(problem(ini("[x\n")), (no_end, 1));
        let no_quote = "a value in quotes does not end";
        assert_eq!(problem(ini("[x]\na=`b\nc\n")), (no_quote, 2));
        let no_line = "this is not a line of an INI file";
        assert_eq!(problem(ini("x\n")), (no_line, 1));
    }

    #[test]
    fn a_long_name_does_not_nest_without_end() {
        let text = format!("sops_{}mac=m\n", "a__map_".repeat(200_000));
        let (_, about) = dotenv(&text).unwrap();
        let mut depth = 0;
        let mut node = &about;
        while let Node::Map(entries) = node {
            node = &entries[0].1;
            depth += 1;
        }
        assert_eq!((depth, node.word()), (MAX_STEPS, Some("m")));
    }

    proptest::proptest! {
        #[test]
        fn no_text_makes_them_panic(text in "[a=:\\[\\]\"'`#; \t\n_slitmp0-9é\\\\]{0,60}") {
            let _ = (dotenv(&text), ini(&text));
            nested(vec![(text.clone(), text)]);
        }
    }
}
