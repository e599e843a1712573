//! Dotenv files. Programs read them differently, so a value is written only as Docker Compose,
//! python-dotenv and a shell's `source` read it alike:
//!
//! - without quotes if it is made of characters that mean nothing to any of them;
//! - in single quotes without `'`, without two backslashes in a row and without one at the end, since
//!   python-dotenv knows `\\` and `\'` there and a shell does not;
//! - in double quotes with `\"` and `\\`, without `$` and `` ` ``, for which they have no escape in
//!   common, and without a backslash at the end, which hides the closing quote from python-dotenv;
//! - never with `${…}`, which python-dotenv expands in any quotes, nor with a carriage return, which
//!   only a program that opens the file as bytes would keep.

use manifill_manifest::{Span, TextEdits};

use super::decoded::Decoded;
use super::opener::{opener_in, opens, placeholder_end};
use super::slot::{Expected, Refused, Slot, Style};
use super::unreadable::Unreadable;

/// What to do about a value that no quotes help.
const ENCODE: &str = "add | base64encode, and decode it where the variable is read";

/// A line `KEY=value`.
struct Entry {
    key: Span,
    value: Decoded,
    /// The value with its quotes.
    span: Span,
    style: Style,
    /// Whether something follows the closing quote, which is read in more than one way.
    goes_on: bool,
}

/// The values that `keep` keeps.
pub(super) fn read(source: &str, keep: &dyn Fn(&str) -> bool) -> Result<Vec<Slot>, Unreadable> {
    let mut slots = Vec::new();
    for entry in entries(source)? {
        let key = &source[entry.key.clone()];
        if opener_in(key).is_some() {
            return Err(Unreadable::key(entry.key.start));
        }
        let behind = &source[entry.span.end..line_end(source, entry.span.end)];
        let is_kept = keep(&entry.value.text);
        if entry.goes_on && (is_kept || opener_in(behind).is_some()) {
            let message = "text follows a closing quote, which programs read differently";
            return Err(Unreadable::new(message, entry.span.end)
                .with_hint("put the quotes around the whole value"));
        }
        if !is_kept {
            continue;
        }
        slots.push(Slot {
            span: entry.span,
            field: key.to_owned(),
            decoded: entry.value,
            style: entry.style,
        });
    }
    Ok(slots)
}

fn entries(source: &str) -> Result<Vec<Entry>, Unreadable> {
    let mut entries = Vec::new();
    let mut at = 0;
    while at < source.len() {
        let rest = &source[at..];
        let blank = rest.len()
            - rest
                .trim_start_matches([' ', '\t', '\r', '\n', '\u{feff}'])
                .len();
        at += blank;
        let end = line_end(source, at);
        let line = &source[at..end];
        let open = line.find('<').filter(|open| opens(line, *open));
        let equals = line.find('=').filter(|_| !line.starts_with('#'));
        // The `=` of a placeholder stands behind its bracket.
        if let (Some(open), false) = (open, line.starts_with('#')) {
            if equals.is_none_or(|equals| open < equals) {
                return Err(Unreadable::key(at + open));
            }
        }
        let Some(equals) = equals else {
            at = end + 1;
            continue;
        };
        let name = &line[..equals];
        let bare = name
            .strip_prefix("export")
            .filter(|rest| rest.starts_with([' ', '\t']));
        let name = bare.unwrap_or(name).trim();
        let key = at + line[..equals].rfind(name).unwrap_or(0);
        let after = &source[at + equals + 1..end];
        let value = end - after.trim_start_matches([' ', '\t']).len();
        let mut entry = match source.as_bytes().get(value).filter(|_| value < end) {
            Some(quote @ (b'\'' | b'"')) => quoted(source, value, char::from(*quote))?,
            _ => unquoted(source, value, end),
        };
        entry.key = key..key + name.len();
        at = line_end(source, entry.span.end) + 1;
        entries.push(entry);
    }
    Ok(entries)
}

/// Where the line ends that a byte stands in.
fn line_end(source: &str, at: usize) -> usize {
    let end = source[at..].find('\n').map_or(source.len(), |end| at + end);
    if source[at..end].ends_with('\r') {
        end - 1
    } else {
        end
    }
}

fn unquoted(source: &str, start: usize, end: usize) -> Entry {
    let mut at = start;
    let mut last = start;
    while at < end {
        if let Some(behind) = placeholder_end(source, at).filter(|behind| *behind <= end) {
            (at, last) = (behind, behind);
            continue;
        }
        let rest = &source[at..end];
        let is_blank = rest.starts_with([' ', '\t']);
        let blanks = rest.len() - rest.trim_start_matches([' ', '\t']).len();
        if is_blank && rest[blanks..].starts_with('#') {
            break;
        }
        at += if is_blank {
            blanks
        } else {
            rest.chars().next().map_or(1, char::len_utf8)
        };
        if !is_blank {
            last = at;
        }
    }
    let mut value = Decoded::default();
    value.same(source, start..last);
    Entry {
        key: 0..0,
        value,
        span: start..last,
        style: Style::DotenvBare,
        goes_on: false,
    }
}

fn quoted(source: &str, start: usize, quote: char) -> Result<Entry, Unreadable> {
    let unclosed = || Unreadable::new("this quote is not closed", start);
    let mut value = Decoded::default();
    let mut at = start + 1;
    loop {
        let rest = source.get(at..).ok_or_else(unclosed)?;
        let c = rest.chars().next().ok_or_else(unclosed)?;
        if let Some(end) = placeholder_end(source, at) {
            let escapes = quote == '"' && source[at..end].contains("\\\"");
            if !escapes {
                value.same(source, at..end);
                at = end;
                continue;
            }
        }
        if c == quote {
            break;
        }
        let escaped = rest[c.len_utf8()..].chars().next();
        match (quote, c, escaped) {
            ('"', '\\', Some(escaped @ ('"' | '\\'))) => {
                value.escape(escaped, at..at + 2);
                at += 2;
            }
            _ => {
                value.same(source, at..at + c.len_utf8());
                at += c.len_utf8();
            }
        }
    }
    let span = start..at + 1;
    let behind = &source[span.end..line_end(source, span.end)];
    let rest = behind.trim_start_matches([' ', '\t']);
    let is_comment = rest.starts_with('#') && rest.len() < behind.len();
    Ok(Entry {
        key: 0..0,
        value,
        span,
        style: if quote == '"' {
            Style::DotenvDouble
        } else {
            Style::DotenvSingle
        },
        goes_on: !rest.is_empty() && !is_comment,
    })
}

/// What is written in the place of a value.
pub(super) fn write(slot: &Slot, source: &str, fills: &TextEdits) -> Result<String, Refused> {
    let filled = slot.filled(fills)?;
    for (_, text) in fills.iter() {
        if text.contains('\0') {
            return Err(Refused::new(
                "the value contains a NUL byte, and no variable can hold one",
            ));
        }
        if text.contains('\r') {
            let message = "the value contains a carriage return, which not every program keeps";
            return Err(Refused::new(message).with_hint(ENCODE));
        }
    }
    let literal = slot.literal(fills);
    if expansions(&filled) > expansions(&literal) {
        return Err(Refused::new(
            "the value contains `${…}`, which python-dotenv expands in any quotes",
        )
        .with_hint(ENCODE));
    }
    let all = |fits: fn(&str) -> bool| fills.iter().all(|(_, text)| fits(text));
    let stays = match slot.style {
        Style::DotenvBare => {
            let end = slot.span.end;
            let is_last = source[end..line_end(source, end)].trim().is_empty();
            all(is_bare)
                && (!filled.is_empty() || is_last)
                && is_whole(&filled)
                && !is_glued(slot, fills)
        }
        Style::DotenvSingle => is_single(&filled),
        _ => {
            all(|text| !text.contains(['$', '`']))
                && !filled.ends_with('\\')
                && !is_glued(slot, fills)
        }
    };
    if stays {
        return slot.in_place(source, fills, |out, text| match slot.style {
            Style::DotenvDouble => push_double(out, text),
            _ => out.push_str(text),
        });
    }
    // Other quotes would change what the rest of the value means.
    let expanded: &[char] = match slot.style {
        Style::DotenvBare => &['$', '`', '\\', '\'', '"'],
        Style::DotenvSingle => &[],
        _ => &['$', '`', '\\'],
    };
    if literal.contains(expanded) {
        return Err(Refused::new(
            "the value needs quotes, in which the text beside it would mean something else",
        )
        .with_hint("put the placeholder alone into a variable of its own"));
    }
    if is_single(&filled) {
        return Ok(format!("'{filled}'"));
    }
    if filled.contains(['$', '`']) || filled.ends_with('\\') {
        return Err(Refused::new(
            "there are no quotes in which Docker Compose, python-dotenv and a shell read this value alike",
        )
        .with_hint(ENCODE));
    }
    let mut out = "\"".to_owned();
    push_double(&mut out, &filled);
    out.push('"');
    Ok(out)
}

/// Whether a text means itself without quotes, to each of the programs.
fn is_bare(text: &str) -> bool {
    let plain = |c: char| c.is_ascii_alphanumeric() || "_-./:@%+,=".contains(c);
    text.chars().all(plain)
}

/// Whether a text without quotes is read to its end, and as one without quotes.
fn is_whole(text: &str) -> bool {
    let blank = [' ', '\t'];
    !text.starts_with(['\'', '"'])
        && text.trim_matches(blank) == text
        && ![" #", "\t#"].iter().any(|comment| text.contains(comment))
}

fn is_single(text: &str) -> bool {
    !text.contains('\'') && !text.contains("\\\\") && !text.ends_with('\\')
}

/// Whether a character before a value would act on it.
fn is_glued(slot: &Slot, fills: &TextEdits) -> bool {
    let before = |range: Span| slot.text().get(..range.start).unwrap_or_default();
    fills
        .iter()
        .any(|(range, _)| before(range).ends_with(['$', '\\']))
}

/// How often a text is expanded by `${…}`.
fn expansions(text: &str) -> usize {
    let opened = text.rfind('}').and_then(|end| text.get(..end));
    opened.map_or(0, |text| text.matches("${").count())
}

fn push_double(out: &mut String, text: &str) {
    for c in text.chars() {
        if matches!(c, '"' | '\\') {
            out.push('\\');
        }
        out.push(c);
    }
}

/// Whether the new text is the source with these values.
pub(super) fn reads_back(source: &str, expected: &[(&Slot, Expected)], new: &str) -> bool {
    let (Ok(before), Ok(after)) = (entries(source), entries(new)) else {
        return false;
    };
    let mut expected = expected.iter().peekable();
    before.len() == after.len()
        && before.iter().zip(&after).all(|(before, after)| {
            let value = match expected.next_if(|(slot, _)| slot.span == before.span) {
                Some((_, Expected::Text(text))) => text,
                Some((_, Expected::Json(_))) => return false,
                None => &before.value.text,
            };
            source[before.key.clone()] == new[after.key.clone()] && *value == after.value.text
        })
        && expected.next().is_none()
}
