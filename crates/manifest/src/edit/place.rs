//! Where a new entry of a map goes, and what it makes of the document.

use crate::chars::{double_quoted, line_break, skip_space_and_comments};
use crate::edit::layout::{Layout, column};
use crate::edit::new_value::NewValue;
use crate::edit::output::Splice;
use crate::edit::write::whole;
use crate::error::{ManifestError, ManifestErrorKind};
use crate::read::block;
use crate::read::fingerprint::{hash_event, hash_scalar};
use crate::read::scalar::{Removable, Scalar};
use crate::read::tree::{Data, Tree};
use crate::value::resolve::resolve;
use crate::value::types::Value;
use manifill_yaml::{Events, Style, Tag, line_end, line_start};

/// New text, and the events that it stands for.
pub(crate) struct Change {
    pub(crate) splice: Splice,
    /// Where the events come, and how many go.
    pub(crate) event: u32,
    pub(crate) replaced: u32,
    pub(crate) hashes: Vec<u64>,
}

impl Change {
    /// What tells apart changes of different places.
    pub(crate) fn target(&self) -> (u32, usize) {
        (self.event, self.splice.range.start)
    }
}

/// Decides how an entry is set; `None` if it is there already.
pub(crate) fn plan(
    text: &str,
    tree: &Tree<'_>,
    object: u32,
    keys: &[&str],
    new: NewValue<'_>,
) -> Result<Option<Change>, ManifestError> {
    let written = new.written();
    let (mut map, mut above) = (object, None);
    for (depth, key) in keys.iter().enumerate() {
        let refused = |kind, message| {
            let at = tree.nodes[map as usize].span().start;
            let shared = kind == ManifestErrorKind::AliasedAnchor;
            let hint = /* hint */ "write the map out there instead of sharing it";
            let error = ManifestError::new(kind, message, at).with_name(*key);
            Err(error.with_hint(shared.then_some(hint)))
        };
        let Some((name, value)) = own_entry(tree, map, key) else {
            if tree.lookup(map, key)?.is_some() {
                return refused(ManifestErrorKind::AliasedAnchor, MERGED);
            }
            return insert(text, tree, map, above, &keys[depth..], &written).map(Some);
        };
        let node = &tree.nodes[value as usize];
        let is_last = depth + 1 == keys.len();
        match (tree.data(value), new) {
            (Some(Data::Map), _) if !is_last => (map, above) = (value, Some(name)),
            (Some(_), NewValue::Any(_)) if is_last => {
                if node.tag != Tag::None || tree.anchor(node).is_some() {
                    return refused(ManifestErrorKind::Type, NAMED);
                }
                return replace_any(text, tree, name, value, &written).map(Some);
            }
            (Some(Data::Scalar(old, style)), NewValue::Text(new)) if is_last => {
                if !matches!(node.tag, Tag::None | Tag::Str | Tag::Other) {
                    return refused(ManifestErrorKind::Type, TYPED);
                }
                let is_text = style != Style::Plain && node.tag == Tag::None;
                let same = is_text && old == new;
                return Ok((!same).then(|| replace(text, tree, value, style, new)));
            }
            (Some(Data::Scalar(old, Style::Plain)), _)
                if matches!(resolve(old), Some(Value::Null)) =>
            {
                let keys = &keys[depth + 1..];
                return Ok(Some(expand(text, tree, value, keys, &written)?));
            }
            (Some(Data::Alias(_)), _) => return refused(ManifestErrorKind::AliasedAnchor, ALIASED),
            _ => return refused(ManifestErrorKind::Type, NOT_A_MAP),
        }
    }
    Ok(None)
}

const MERGED: &str = "an entry cannot be added to a map that a merge key brings:";
const ALIASED: &str = "an entry cannot be added to a map that an alias stands for:";
const NOT_A_MAP: &str = "an entry cannot be added to what is not a map:";
const TYPED: &str = "an entry with such a tag cannot be set to a text:";
const NAMED: &str = "an entry with an anchor or a tag cannot be replaced:";

/// The entry of a map that has this key itself: the last one counts.
pub(crate) fn own_entry(tree: &Tree<'_>, map: u32, key: &str) -> Option<(u32, u32)> {
    let mut children = tree.children(map);
    let mut found = None;
    while let (Some(name), Some(value)) = (children.next(), children.next()) {
        if tree.text(name) == Some(key) {
            found = Some((name, value));
        }
    }
    found
}

/// Puts a text in place of a scalar.
fn replace(text: &str, tree: &Tree<'_>, node: u32, style: Style, value: &str) -> Change {
    let at = &tree.nodes[node as usize];
    let mut span = at.span();
    if style.is_block() {
        span.start = block::find_header(text, at.before as usize, span.start);
    }
    let scalar = Scalar {
        span,
        style,
        value,
        resource: 0,
        removable: Removable::MapValue,
        aliased: false,
        event: at.event,
        tag: at.tag,
        props: tree.props(at),
    };
    Change {
        splice: whole(text, &scalar, double_quoted(value)),
        event: at.event,
        replaced: 1,
        hashes: vec![hash_scalar(value, false, scalar.props)],
    }
}

/// Puts JSON in place of any value, on the line of its key.
fn replace_any(
    text: &str,
    tree: &Tree<'_>,
    key: u32,
    value: u32,
    written: &str,
) -> Result<Change, ManifestError> {
    let node = &tree.nodes[value as usize];
    let key_end = tree.nodes[key as usize].span().end;
    let colon = skip_space_and_comments(text, key_end);
    let mut start = colon + usize::from(text[colon..].starts_with(':'));
    // What is nothing stands nowhere, and a block scalar ends behind its last line break.
    let old = text.get(start..node.span().end).unwrap_or_default();
    let mut old = old.trim_end_matches(['\n', '\r']);
    let mut space = " ";
    let inline = old.trim_start_matches([' ', '\t']);
    if !inline.is_empty() && !inline.starts_with(['\n', '\r', '#']) {
        start += old.len() - inline.len();
        (old, space) = (inline, "");
    }
    let events = (value..node.next).map(|inner| match tree.data(inner) {
        Some(Data::List | Data::Map) => 2,
        _ => 1,
    });
    Ok(Change {
        splice: Splice {
            range: start..start + old.len(),
            text: format!("{space}{written}"),
        },
        event: node.event,
        replaced: events.sum(),
        hashes: hashes(written)?,
    })
}

/// Makes a map with an entry of what is null.
fn expand(
    text: &str,
    tree: &Tree<'_>,
    node: u32,
    keys: &[&str],
    value: &str,
) -> Result<Change, ManifestError> {
    let at = &tree.nodes[node as usize];
    let layout = Layout::of(text, tree);
    let map = layout.braces(keys, value);
    let mut span = at.span();
    let mut new = map.clone();
    if span.is_empty() {
        let colon = skip_space_and_comments(text, at.before as usize);
        let start = colon + usize::from(text[colon..].starts_with(':'));
        span = start..start;
        new.insert(0, ' ');
    }
    Ok(Change {
        splice: Splice {
            range: span,
            text: new,
        },
        event: at.event,
        replaced: 1,
        hashes: hashes(&map)?,
    })
}

/// Adds an entry to a map, which has no such key, with the maps that lead to it.
fn insert(
    text: &str,
    tree: &Tree<'_>,
    map: u32,
    above: Option<u32>,
    keys: &[&str],
    value: &str,
) -> Result<Change, ManifestError> {
    let node = &tree.nodes[map as usize];
    let layout = Layout::of(text, tree);
    let mut children = tree.children(map);
    let first = children.next().zip(children.next());
    let mut event = node.event + 1;
    let splice = |at: usize, text: String| Splice {
        range: at..at,
        text,
    };
    let new = match first {
        _ if !node.is_map() => {
            let error = ManifestError::new(ManifestErrorKind::Type, NOT_A_MAP, node.span().start);
            return Err(error.with_name(keys[0]));
        }
        None => splice(node.span().start + 1, layout.in_braces(keys, value)),
        Some((key, other)) if node.flow => {
            let key = &tree.nodes[key as usize];
            let (start, head) = (node.span().start, key.head as usize);
            let other = tree.nodes[other as usize].span().start;
            let new = layout.first_in_braces(keys, value, start, head..key.span().end, other);
            splice(head, new)
        }
        Some((key, _)) => {
            let start = layout.entry_start(tree, key);
            let indent = column(text, start);
            let lines = layout.lines(keys, value, indent, layout.unit(tree, map, above));
            let line = above.and_then(|above| layout.below_key(tree, above, node, start));
            if let Some(at) = line {
                splice(
                    at,
                    format!("{}{lines}{}", " ".repeat(indent), layout.line_break),
                )
            } else if let Some((at, next)) = below_kind(text, tree, map) {
                event = next;
                let indent = " ".repeat(indent);
                match line_break(&text.as_bytes()[at..]) {
                    0 => splice(at, format!("{}{indent}{lines}", layout.line_break)),
                    length => {
                        let line = format!("{indent}{lines}{}", layout.line_break);
                        splice(at + length, line)
                    }
                }
            } else {
                let between = format!("{}{}", layout.line_break, " ".repeat(indent));
                splice(start, format!("{lines}{between}"))
            }
        }
    };
    let mut hashes = hashes(&layout.braces(keys, value))?;
    hashes.pop();
    hashes.remove(0);
    Ok(Change {
        splice: new,
        event,
        replaced: 0,
        hashes,
    })
}

/// The end of the line of `kind`, if its value ends there, and the event behind it.
fn below_kind(text: &str, tree: &Tree<'_>, map: u32) -> Option<(usize, u32)> {
    let (name, value) = own_entry(tree, map, "kind")?;
    let node = &tree.nodes[value as usize];
    let same_line = |at: usize| line_start(text, at) == line_start(text, node.span().end);
    let fits = node.style().is_some_and(|style| !style.is_block())
        && same_line(tree.nodes[name as usize].span().start);
    fits.then(|| (line_end(text, node.span().end), node.event + 1))
}

/// The hashes of the events of a text.
fn hashes(text: &str) -> Result<Vec<u64>, ManifestError> {
    let mut events = Events::new(text);
    let mut all = Vec::new();
    while let Some(event) = events.next()? {
        all.push(hash_event(&event, text));
    }
    Ok(all)
}
