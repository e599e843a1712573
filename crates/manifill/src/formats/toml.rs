//! TOML: placeholders in strings of each kind, and in the place of values.

use std::collections::BTreeMap;

use manifill_manifest::{Replacement, Span, push_escaped, push_quoted};
use serde_json::Value;
use serde_json::value::RawValue;
use toml::Spanned;
use toml::de::{DeTable, DeValue};

use super::decoded::{Decoded, unicode};
use super::opener::{opener_in, opens, placeholder_end};
use super::slot::{Expected, Refused, Slot, Style, add_part, marked, with_marks, with_stand_ins};
use super::unreadable::Unreadable;

const INVALID: &str = "this is not valid TOML";

/// The strings that `keep` keeps, and the placeholders outside of strings.
pub(super) fn read(source: &str, keep: &dyn Fn(&str) -> bool) -> Result<Vec<Slot>, Unreadable> {
    let bare = bare(source)?;
    let stood_in = with_stand_ins(source, &bare);
    let table = DeTable::parse(&stood_in)
        .map_err(|error| Unreadable::new(INVALID, error.span().map_or(0, |span| span.start)))?;
    let mut walk = Walk {
        source,
        bare: &bare,
        keep,
        slots: Vec::new(),
    };
    walk.table(table.get_ref(), "")?;
    let mut slots = walk.slots;
    slots.sort_by_key(|slot| slot.span.start);
    Ok(slots)
}

/// The placeholders that stand in no string and no comment.
fn bare(source: &str) -> Result<Vec<Span>, Unreadable> {
    let mut found = Vec::new();
    let mut at = 0;
    while let Some(byte) = source.as_bytes().get(at) {
        at = match byte {
            b'#' => source[at..].find('\n').map_or(source.len(), |end| at + end),
            b'"' | b'\'' => string_end(source, at),
            b'<' if opens(source, at) => {
                let end =
                    placeholder_end(source, at).ok_or_else(|| Unreadable::unterminated(at))?;
                found.push(at..end);
                end
            }
            _ => at + 1,
        };
    }
    Ok(found)
}

/// Where the string ends that begins at a byte, or all of it could end.
fn string_end(source: &str, start: usize) -> usize {
    let quote = &source[start..=start];
    let three = quote.repeat(3);
    let is_long = source[start..].starts_with(&three);
    let close = if is_long { three.as_str() } else { quote };
    let mut at = start + close.len();
    while let Some(rest) = source.get(at..).filter(|rest| !rest.is_empty()) {
        if rest.starts_with(close) {
            at += close.len();
            // Two more may belong to the text.
            let more = source[at..]
                .bytes()
                .take_while(|byte| *byte == quote.as_bytes()[0]);
            return at + if is_long { more.take(2).count() } else { 0 };
        }
        let escaped = quote == "\"" && rest.starts_with('\\');
        let chars = rest.chars().take(if escaped { 2 } else { 1 });
        at += chars.map(char::len_utf8).sum::<usize>();
        if !is_long && rest.starts_with('\n') {
            return at;
        }
    }
    source.len()
}

struct Walk<'w> {
    source: &'w str,
    bare: &'w [Span],
    keep: &'w dyn Fn(&str) -> bool,
    slots: Vec<Slot>,
}

impl Walk<'_> {
    fn table(&mut self, table: &DeTable<'_>, path: &str) -> Result<(), Unreadable> {
        for (key, value) in table {
            if opener_in(key.get_ref()).is_some() || self.is_bare(&key.span()) {
                return Err(Unreadable::key(key.span().start));
            }
            let mut below = path.to_owned();
            if !path.is_empty() {
                add_part(&mut below, ".");
            }
            add_part(&mut below, key.get_ref());
            self.value(value, &below)?;
        }
        Ok(())
    }

    fn is_bare(&self, span: &Span) -> bool {
        self.bare
            .binary_search_by_key(&span.start, |bare| bare.start)
            .is_ok()
    }

    fn value(&mut self, value: &Spanned<DeValue<'_>>, path: &str) -> Result<(), Unreadable> {
        let span = value.span();
        match value.get_ref() {
            DeValue::Table(table) => self.table(table, path)?,
            DeValue::Array(items) => {
                for (number, item) in items.iter().enumerate() {
                    let mut below = path.to_owned();
                    add_part(&mut below, &format!("[{number}]"));
                    self.value(item, &below)?;
                }
            }
            DeValue::String(_) if self.is_bare(&span) => {
                let mut decoded = Decoded::default();
                decoded.same(self.source, span.clone());
                self.push(span, path, decoded, Style::TomlBare);
            }
            DeValue::String(text) if (self.keep)(text) => {
                let unread =
                    || Unreadable::new("this string cannot be read a second time", span.start);
                let (style, decoded) = string(self.source, &span).ok_or_else(unread)?;
                if decoded.text != **text {
                    return Err(unread());
                }
                self.push(span, path, decoded, style);
            }
            _ => {}
        }
        Ok(())
    }

    fn push(&mut self, span: Span, path: &str, decoded: Decoded, style: Style) {
        self.slots.push(Slot {
            span,
            field: path.to_owned(),
            decoded,
            style,
        });
    }
}

/// How the string at these bytes is written, and what it reads as.
fn string(source: &str, span: &Span) -> Option<(Style, Decoded)> {
    let raw = source.get(span.clone())?;
    let (style, quotes) = match raw {
        _ if raw.starts_with("\"\"\"") => (Style::TomlLines, 3),
        _ if raw.starts_with("'''") => (Style::TomlLiteralLines, 3),
        _ if raw.starts_with('"') => (Style::TomlBasic, 1),
        _ if raw.starts_with('\'') => (Style::TomlLiteral, 1),
        _ => return None,
    };
    let (mut at, end) = (span.start + quotes, span.end.checked_sub(quotes)?);
    if quotes == 3 {
        let rest = source.get(at..end)?;
        at += ["\r\n", "\n"]
            .iter()
            .find(|eol| rest.starts_with(**eol))
            .map_or(0, |eol| eol.len());
    }
    let mut decoded = Decoded::default();
    if matches!(style, Style::TomlLiteral | Style::TomlLiteralLines) {
        decoded.same(source, at..end);
        return Some((style, decoded));
    }
    while at < end {
        let plain = source.get(at..end)?.find('\\').unwrap_or(end - at);
        decoded.same(source, at..at + plain);
        at += plain;
        if at == end {
            break;
        }
        let rest = source.get(at + 1..end)?;
        let (c, length) = match rest.chars().next()? {
            'b' => ('\u{8}', 1),
            't' => ('\t', 1),
            'n' => ('\n', 1),
            'f' => ('\u{c}', 1),
            'r' => ('\r', 1),
            'e' => ('\u{1b}', 1),
            c @ ('"' | '\\') => (c, 1),
            'x' => (hex(rest.get(1..3)?)?, 3),
            'u' => (unicode(rest.get(1..5)?)?.0, 5),
            'U' => (hex(rest.get(1..9)?)?, 9),
            // The end of a line is left out, with the white space that follows.
            _ => {
                let blank = rest.trim_start_matches([' ', '\t', '\r', '\n']);
                at += 1 + rest.len() - blank.len();
                continue;
            }
        };
        decoded.escape(c, at..at + 1 + length);
        at += 1 + length;
    }
    Some((style, decoded))
}

fn hex(digits: &str) -> Option<char> {
    char::from_u32(u32::from_str_radix(digits, 16).ok()?)
}

/// What is written in the place of a value.
pub(super) fn write(slot: &Slot, source: &str, change: &Replacement) -> Result<String, Refused> {
    let fills = match (slot.style, change) {
        (Style::TomlBare, Replacement::Json(json)) => {
            let mut out = String::new();
            push_value(&mut out, json)?;
            return Ok(out);
        }
        (_, Replacement::Text(fills)) => fills,
        _ => return Err(Refused::typed()),
    };
    let filled = slot.filled(fills)?;
    let stays = match slot.style {
        Style::TomlLiteral => !filled.contains('\'') && is_literal(&filled),
        Style::TomlLiteralLines => {
            let lines = filled.replace("\r\n", "\n").replace('\n', "");
            // A line break behind the quotes is not read, and quotes beside quotes end the text.
            !filled.contains("''")
                && !filled.starts_with(['\'', '\n'])
                && !filled.ends_with('\'')
                && !filled.contains('\r')
                && is_literal(&lines)
        }
        _ => false,
    };
    match slot.style {
        _ if stays => slot.in_place(source, fills, |out, text| out.push_str(text)),
        Style::TomlBasic => slot.in_place(source, fills, push_escaped),
        Style::TomlLines => {
            let written = slot.in_place(source, fills, push_lines)?;
            // Behind a line that ends in a backslash, an empty value leaves white space that is not read.
            let read = string(&written, &(0..written.len()));
            let is_same = read.is_some_and(|(_, read)| read.text == filled);
            Ok(if is_same { written } else { quoted(&filled) })
        }
        _ => Ok(quoted(&filled)),
    }
}

fn quoted(text: &str) -> String {
    let mut out = String::new();
    push_quoted(&mut out, text);
    out
}

/// Whether a text can stand in single quotes but for these quotes.
fn is_literal(text: &str) -> bool {
    text.chars()
        .all(|c| c == '\t' || !(c < ' ' || c == '\u{7f}'))
}

/// Appends a value inside `"""`, with its line breaks.
fn push_lines(out: &mut String, text: &str) {
    // White space is left out behind the quotes and behind a line that ends in a backslash.
    let before = out.trim_end_matches([' ', '\t', '\r', '\n']);
    let is_open = before.ends_with("\"\"\"") || before.len() < out.len() && before.ends_with('\\');
    for (at, line) in text.split('\n').enumerate() {
        match at {
            0 => {}
            1 if is_open && text.starts_with('\n') => out.push_str("\\n"),
            _ => out.push('\n'),
        }
        match line.strip_prefix(' ') {
            Some(rest) if at == 0 && is_open => {
                out.push_str("\\u0020");
                push_escaped(out, rest);
            }
            _ => push_escaped(out, line),
        }
    }
}

/// Appends a value with a type, which is one line of JSON; numbers keep their digits.
fn push_value(out: &mut String, json: &str) -> Result<(), Refused> {
    match json.as_bytes().first() {
        Some(b'n') => {
            return Err(Refused::new(
                "the value is null, or contains one, and TOML has none",
            ));
        }
        Some(b'"') => {
            let text: String = serde_json::from_str(json).map_err(|_| Refused::typed())?;
            push_quoted(out, &text);
        }
        Some(b'[') => {
            let items: Vec<&RawValue> = serde_json::from_str(json).map_err(|_| Refused::typed())?;
            out.push('[');
            for (number, item) in items.iter().enumerate() {
                out.push_str(if number > 0 { ", " } else { "" });
                push_value(out, item.get())?;
            }
            out.push(']');
        }
        Some(b'{') => {
            let entries: BTreeMap<String, &RawValue> =
                serde_json::from_str(json).map_err(|_| Refused::typed())?;
            out.push('{');
            for (number, (key, item)) in entries.iter().enumerate() {
                out.push_str(if number > 0 { ", " } else { " " });
                push_quoted(out, key);
                out.push_str(" = ");
                push_value(out, item.get())?;
            }
            out.push_str(" }");
        }
        Some(b't' | b'f') => out.push_str(json),
        _ if json.parse::<i64>().is_err() && !json.contains(['.', 'e', 'E']) => {
            let message = "the value is a number that is too large for TOML";
            return Err(Refused::new(message).with_hint("put the placeholder in quotes, as text"));
        }
        _ => out.push_str(json),
    }
    Ok(())
}

/// Whether the new text is the source with these values.
pub(super) fn reads_back(source: &str, expected: &[(&Slot, Expected)], new: &str) -> bool {
    let (before, mark) = with_marks(source, expected);
    let (Ok(before), Ok(after)) = (DeTable::parse(&before), DeTable::parse(new)) else {
        return false;
    };
    let marks = |text: &str| marked(text, &mark, expected);
    same_table(before.get_ref(), after.get_ref(), &marks)
}

fn same_table<'e>(
    before: &DeTable<'_>,
    after: &DeTable<'_>,
    marks: &dyn Fn(&str) -> Option<&'e Expected>,
) -> bool {
    // Both are in the same order.
    before.len() == after.len()
        && before.iter().zip(after.iter()).all(|(before, after)| {
            let ((key, before), (other, after)) = (before, after);
            key.get_ref() == other.get_ref() && same(before.get_ref(), after.get_ref(), marks)
        })
}

fn same<'e>(
    before: &DeValue<'_>,
    after: &DeValue<'_>,
    marks: &dyn Fn(&str) -> Option<&'e Expected>,
) -> bool {
    match (before, after) {
        (DeValue::String(before), after) => match (marks(before), after) {
            (None, DeValue::String(after)) => before == after,
            (Some(Expected::Text(text)), DeValue::String(after)) => **after == **text,
            (Some(Expected::Json(json)), after) => {
                serde_json::from_str(json).is_ok_and(|json| is_json(after, &json))
            }
            _ => false,
        },
        (DeValue::Integer(before), DeValue::Integer(after)) => {
            (before.as_str(), before.radix()) == (after.as_str(), after.radix())
        }
        (DeValue::Float(before), DeValue::Float(after)) => before.as_str() == after.as_str(),
        (DeValue::Boolean(before), DeValue::Boolean(after)) => before == after,
        (DeValue::Datetime(before), DeValue::Datetime(after)) => before == after,
        (DeValue::Array(before), DeValue::Array(after)) => {
            before.len() == after.len()
                && before
                    .iter()
                    .zip(after.iter())
                    .all(|(before, after)| same(before.get_ref(), after.get_ref(), marks))
        }
        (DeValue::Table(before), DeValue::Table(after)) => same_table(before, after, marks),
        _ => false,
    }
}

/// Whether a value of TOML is one of JSON.
fn is_json(value: &DeValue<'_>, json: &Value) -> bool {
    match (value, json) {
        (DeValue::String(text), Value::String(json)) => **text == **json,
        (DeValue::Boolean(value), Value::Bool(json)) => value == json,
        (DeValue::Integer(number), Value::Number(json)) => number.as_str() == json.to_string(),
        (DeValue::Float(number), Value::Number(json)) => {
            number.as_str().parse().ok() == json.as_f64()
        }
        (DeValue::Array(items), Value::Array(json)) => {
            items.len() == json.len()
                && items
                    .iter()
                    .zip(json)
                    .all(|(item, json)| is_json(item.get_ref(), json))
        }
        (DeValue::Table(entries), Value::Object(json)) => {
            entries.len() == json.len()
                && entries.iter().all(|(key, item)| {
                    let json = json.get(key.get_ref().as_ref());
                    json.is_some_and(|json| is_json(item.get_ref(), json))
                })
        }
        _ => false,
    }
}
