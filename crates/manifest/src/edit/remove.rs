//! Removes entries of maps.
//!
//! What goes and what stays, case by case:
//!
//! - *An entry on its own line* goes with all lines of its value, a comment behind the value, and
//!   comment lines below that are indented more than the key. Comments above and blank lines
//!   below stay (but for blank lines that would become part of a `|+` block above).
//! - *The first entry behind `- ` or `? `* goes up to the next thing in the map, which moves up:
//!   `- a: x⏎  b: 1` becomes `- b: 1`.
//! - *An entry in braces* goes with one comma, so that JSON stays JSON: the one behind it, or for
//!   the last entry the one before it. A comment on its line goes, comments on other lines stay.
//! - *All entries of a map* leave `{}` where the first one was.
//! - *A pair without braces in a flow list* (`[a: x]`) leaves `{}`.
//! - `? ` keys, anchors and tags of key and value go with the entry. If an alias elsewhere needs
//!   one of the anchors, it is an error.

use crate::Span;
use crate::chars::{line_break, skip_blanks, skip_space_and_comments};
use crate::edit::output::Splice;
use crate::error::{ManifestError, ManifestErrorKind};
use crate::read::block::{self, Block};
use crate::read::split::readable;
use crate::read::tree::{Data, Tree};
use manifill_yaml::Style;
use manifill_yaml::{line_end, line_start};
use std::ops::RangeInclusive;

/// What to cut, and which events of the document go away, in order.
#[derive(Default)]
pub(crate) struct Removals {
    pub(crate) splices: Vec<Splice>,
    pub(crate) events: Vec<RangeInclusive<u32>>,
}

/// An entry of a map that loses at least one.
struct Entry {
    /// From `?`, anchor, tag or key to the end of the value.
    span: Span,
    /// The end of the last token before the entry.
    before: usize,
    removed: bool,
    /// Whether the token before is a block scalar that takes in blank lines below.
    after_keep: bool,
}

/// Plans the removal of the entries whose values are these events of the document `text`, which
/// are in order.
pub(crate) fn plan(text: &str, values: &[u32]) -> Result<Removals, ManifestError> {
    let readable = readable(text);
    let tree = Tree::parse_readable(&readable, text.len())?;
    let mut all = Removals::default();
    for map in 0..tree.nodes.len() as u32 {
        if !matches!(tree.data(map), Some(Data::Map)) {
            continue;
        }
        let mut entries = Vec::new();
        let mut children = tree.children(map);
        while let (Some(key), Some(value)) = (children.next(), children.next()) {
            let (key_event, value_event) = (
                tree.nodes[key as usize].event,
                tree.nodes[value as usize].event,
            );
            let removed = values.binary_search(&value_event).is_ok();
            if removed {
                refuse_aliased(&tree, key, value)?;
                all.events.push(key_event..=value_event);
            }
            entries.push((key, value, removed));
        }
        if entries.iter().any(|(_, _, removed)| *removed) {
            let entries: Vec<Entry> = entries
                .into_iter()
                .map(|(key, value, removed)| entry(text, &tree, key, value, removed))
                .collect();
            let node = &tree.nodes[map as usize];
            if node.flow {
                cut_flow(text, &entries, node.span(), &mut all.splices);
            } else {
                cut_block(text, &entries, &mut all.splices);
            }
        }
    }
    all.events.sort_unstable_by_key(|range| *range.start());
    all.splices.sort_by_key(|splice| splice.range.start);
    Ok(all)
}

fn refuse_aliased(tree: &Tree<'_>, key: u32, value: u32) -> Result<(), ManifestError> {
    for at in key..=value {
        let node = &tree.nodes[at as usize];
        let Some(name) = tree.anchor(node) else {
            continue;
        };
        if tree.aliased.contains(&at) {
            return Err(ManifestError::new(
                ManifestErrorKind::AliasedAnchor,
                "the entry cannot be removed, because aliases elsewhere need its anchor",
                node.span().start,
            )
            .with_name(name));
        }
    }
    Ok(())
}

fn entry(text: &str, tree: &Tree<'_>, key: u32, value: u32, removed: bool) -> Entry {
    let (first, last) = (&tree.nodes[key as usize], &tree.nodes[value as usize]);
    let mut start = first.head as usize;
    if first.style().is_some_and(Style::is_block) {
        start = start.min(block::find_header(text, first.before as usize, start));
    }
    let above = text[..start].trim_end_matches([' ', '\t']);
    if let Some(rest) = above.strip_suffix('?') {
        if rest.is_empty() || rest.ends_with([' ', '\t', '\n', '\r', '{', ',', '[']) {
            start = rest.len();
        }
    }
    let span = last.span();
    let end = match last.style() {
        Some(style) if style.is_block() => {
            let header = block::find_header(text, last.before as usize, span.start);
            let block = Block::read(text, &(header..span.end));
            block.text_end.max(block.header_end)
        }
        Some(_) if span.is_empty() => {
            let colon = skip_space_and_comments(text, last.before as usize);
            colon + usize::from(text[colon..].starts_with(':'))
        }
        _ => span.end,
    };
    let previous = tree.nodes.get((key as usize).wrapping_sub(1));
    let after_keep = previous.is_some_and(|node| match node.style() {
        Some(Style::Literal | Style::Folded) => {
            let header = block::find_header(text, node.before as usize, node.span().start);
            let block = Block::read(text, &(header..node.span().end));
            text[block.indicators].contains('+')
        }
        _ => false,
    });
    Entry {
        span: start..end.max(start),
        before: first.before as usize,
        removed,
        after_keep,
    }
}

fn cut(splices: &mut Vec<Splice>, range: Span, text: &str) {
    splices.push(Splice {
        range,
        text: text.to_owned(),
    });
}

/// The position behind a comment that follows on the same line, else `at`.
fn behind_comment(text: &str, at: usize) -> usize {
    let blank = skip_blanks(text, at);
    if blank > at && text[blank..].starts_with('#') {
        line_end(text, blank)
    } else {
        at
    }
}

fn next_line(text: &str, at: usize) -> usize {
    let end = line_end(text, at);
    end + line_break(&text.as_bytes()[end..])
}

fn starts_line(text: &str, at: usize) -> bool {
    text[line_start(text, at)..at]
        .trim_matches([' ', '\t', '\u{feff}'])
        .is_empty()
}

fn cut_block(text: &str, entries: &[Entry], splices: &mut Vec<Splice>) {
    let none_left = entries.iter().all(|entry| entry.removed);
    // Entries before this one are cut already.
    let mut done = 0;
    // Whether a block that takes in blank lines below is the last thing that stays.
    let mut after_keep = false;
    for (n, entry) in entries.iter().enumerate() {
        let above_stays = n == 0 || !entries[n - 1].removed;
        after_keep = entry.after_keep || (after_keep && !above_stays);
        if !entry.removed || n < done {
            continue;
        }
        let Span { start, end } = entry.span;
        if n == 0 && none_left {
            cut(splices, start..behind_comment(text, end).max(end), "{}");
        } else if n == 0 && !starts_line(text, start) {
            let kept = entries.iter().position(|entry| !entry.removed);
            done = kept.unwrap_or(entries.len());
            let last = entries[done - 1].span.end;
            let resume = below(text, start, last, false);
            cut(splices, start..skip_white(text, resume), "");
        } else {
            let until = below(text, start, end, after_keep);
            cut(splices, line_start(text, start)..until, "");
        }
    }
}

fn skip_white(text: &str, at: usize) -> usize {
    text.len() - text[at..].trim_start_matches([' ', '\t', '\n', '\r']).len()
}

/// The line below an entry, its comments and, if `blank` is set, blank lines.
fn below(text: &str, start: usize, end: usize, blank: bool) -> usize {
    let column = start - line_start(text, start);
    let mut at = next_line(text, end);
    let mut until = at;
    while at < text.len() {
        let first = skip_blanks(text, at);
        let is_blank = line_break(&text.as_bytes()[first..]) > 0;
        let is_comment = text[first..].starts_with('#') && first - at > column;
        if !is_blank && !is_comment {
            break;
        }
        at = next_line(text, first);
        if is_comment || blank {
            until = at;
        }
    }
    until
}

fn cut_flow(text: &str, entries: &[Entry], map: Span, splices: &mut Vec<Splice>) {
    let mut n = 0;
    while n < entries.len() {
        if !entries[n].removed {
            n += 1;
            continue;
        }
        let first = n;
        while entries.get(n).is_some_and(|entry| entry.removed) {
            n += 1;
        }
        let (start, end) = (entries[first].span.start, entries[n - 1].span.end);
        let comma = skip_space_and_comments(text, end);
        let has_comma = text[comma..].starts_with(',');
        if first == 0 && n == entries.len() {
            let inner = map.start + 1..map.end.saturating_sub(1);
            let behind = if has_comma { comma + 1 } else { end };
            let white = |span: Span| text[span].trim_matches([' ', '\t', '\n', '\r']).is_empty();
            if white(inner.start..start) && white(behind..inner.end) {
                cut(splices, inner, "");
            } else {
                cut(splices, start..behind, "");
            }
        } else if n < entries.len() {
            let behind = if has_comma { comma + 1 } else { end };
            let line = behind_comment(text, behind);
            let resume = if line_break(&text.as_bytes()[skip_blanks(text, line)..]) > 0 {
                skip_white(text, line)
            } else {
                skip_blanks(text, line)
            };
            cut(splices, start..resume, "");
        } else {
            let comma = before_comma(text, entries[first].before);
            let until = behind_comment(text, end);
            let between = &text[(comma + 1).min(start)..start];
            if between.contains('#') && starts_line(text, start) {
                cut(splices, comma..comma + 1, "");
                let line = line_start(text, start);
                let above = text[..line].trim_end_matches(['\n', '\r']).len();
                // A bracket on the same line must not get behind a comment above.
                let alone = line_break(&text.as_bytes()[skip_blanks(text, until)..]) > 0;
                let from = if alone { above } else { start };
                cut(splices, from.max(comma + 1)..until, "");
            } else {
                cut(splices, comma..until, "");
            }
        }
    }
}

/// The comma between the token that ends at `before` and the entry behind it.
fn before_comma(text: &str, before: usize) -> usize {
    let at = skip_space_and_comments(text, before);
    if text[at..].starts_with(':') {
        return skip_space_and_comments(text, at + 1);
    }
    at
}
