//! How new entries of maps are written so that they look like those around them.

use crate::Span;
use crate::chars::{double_quoted, line_break, skip_space_and_comments};
use crate::read::tree::{Node, Tree};
use manifill_yaml::{line_end, line_start};

/// How a document is written.
pub(crate) struct Layout<'t> {
    text: &'t str,
    pub(crate) line_break: &'static str,
    /// Whether keys are in quotes, as in JSON.
    quoted: bool,
}

impl<'t> Layout<'t> {
    pub(crate) fn of(text: &'t str, tree: &Tree<'_>) -> Self {
        let end = line_end(text, 0);
        Layout {
            text,
            line_break: match line_break(&text.as_bytes()[end..]) {
                2 => "\r\n",
                1 if text.as_bytes()[end] == b'\r' => "\r",
                _ => "\n",
            },
            quoted: tree.nodes.first().is_some_and(|root| root.flow),
        }
    }

    fn key(&self, key: &str) -> String {
        let is_word = key.starts_with(|c: char| c.is_ascii_alphabetic())
            && key
                .bytes()
                .all(|byte| byte.is_ascii_alphanumeric() || b"-_./".contains(&byte));
        if is_word && !self.quoted {
            key.to_owned()
        } else {
            double_quoted(key)
        }
    }

    /// An entry in braces with the maps that lead to it: `{a: {b: "x"}}`. Its value is text in quotes,
    /// or JSON.
    pub(crate) fn braces(&self, keys: &[&str], value: &str) -> String {
        format!("{{{}}}", self.in_braces(keys, value))
    }

    /// The same without the outer braces.
    pub(crate) fn in_braces(&self, keys: &[&str], value: &str) -> String {
        self.flow(keys, value, ": ")
    }

    /// A new first entry in braces and what separates it from the one that was the first: spaced as
    /// that one is, whose key and value stand at these bytes.
    pub(crate) fn first_in_braces(
        &self,
        keys: &[&str],
        text: &str,
        brace: usize,
        key: Span,
        value: usize,
    ) -> String {
        let is_tight = self.quoted && self.text.get(key.end..value) == Some(":");
        let entry = self.flow(keys, text, if is_tight { ":" } else { ": " });
        let between = self.text.get(brace + 1..key.start).unwrap_or_default();
        let is_white = between.bytes().all(|byte| byte.is_ascii_whitespace());
        if !is_white {
            // A comment belongs to the entry that it stands above.
            let indent = column(self.text, key.start);
            format!("{entry},{}{}", self.line_break, " ".repeat(indent))
        } else if between.contains(['\n', '\r']) {
            format!("{entry},{between}")
        } else {
            format!("{entry},{}", if is_tight { "" } else { " " })
        }
    }

    fn flow(&self, keys: &[&str], value: &str, colon: &str) -> String {
        match keys {
            [] => value.to_owned(),
            [key] => format!("{}{colon}{value}", self.key(key)),
            [key, inner @ ..] => {
                let inner = self.flow(inner, value, colon);
                format!("{}{colon}{{{inner}}}", self.key(key))
            }
        }
    }

    /// An entry in lines with the maps that lead to it, the first line without its indentation and the
    /// last one without its line break.
    pub(crate) fn lines(&self, keys: &[&str], value: &str, indent: usize, unit: usize) -> String {
        let mut out = String::new();
        for (depth, key) in keys.iter().enumerate() {
            if depth > 0 {
                out.push_str(self.line_break);
                out.extend(std::iter::repeat_n(' ', indent + depth * unit));
            }
            out.push_str(&self.key(key));
            out.push(':');
        }
        out.push(' ');
        out.push_str(value);
        out
    }

    /// How far a map in lines is indented within this one, which has a first entry.
    pub(crate) fn unit(&self, tree: &Tree<'_>, map: u32, above: Option<u32>) -> usize {
        let own = |map: u32| {
            let first = tree.children(map).next()?;
            Some(column(self.text, self.entry_start(tree, first)))
        };
        let in_lines = |node: &u32| {
            let node = &tree.nodes[*node as usize];
            node.is_map() && !node.flow
        };
        let inner = tree.children(map).skip(1).step_by(2).find(in_lines);
        let outer = above.map(|above| column(self.text, self.entry_start(tree, above)));
        let units = [inner.and_then(own).zip(own(map)), own(map).zip(outer)];
        let units = units.into_iter().flatten();
        let mut units = units.filter_map(|(deep, high)| deep.checked_sub(high));
        units.find(|unit| (1..=8).contains(unit)).unwrap_or(2)
    }

    /// Where an entry begins that has this key.
    pub(crate) fn entry_start(&self, tree: &Tree<'_>, key: u32) -> usize {
        let start = tree.nodes[key as usize].head as usize;
        let before = self.text[..start].trim_end_matches([' ', '\t']);
        match before.strip_suffix('?') {
            Some(rest) if rest.is_empty() || rest.ends_with([' ', '\t', '\n', '\r']) => rest.len(),
            _ => start,
        }
    }

    /// The line below that of the key of a map, if the map begins there or further down.
    pub(crate) fn below_key(
        &self,
        tree: &Tree<'_>,
        key: u32,
        map: &Node,
        first: usize,
    ) -> Option<usize> {
        let text = self.text;
        let colon = skip_space_and_comments(text, tree.nodes[key as usize].span().end);
        let end = line_end(text, colon);
        let line = end + line_break(&text.as_bytes()[end..]);
        let head = map.head as usize;
        let apart = head >= line && head < first;
        (text[colon..].starts_with(':') && line > end && line <= first && !apart).then_some(line)
    }
}

/// The column of a byte, from 0, in characters.
pub(crate) fn column(text: &str, at: usize) -> usize {
    let line = text.get(line_start(text, at)..at).unwrap_or_default();
    line.trim_start_matches('\u{feff}').chars().count()
}
