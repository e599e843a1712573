//! JSON: placeholders in strings, and in the place of values.

use manifill_manifest::{Replacement, Span, push_escaped, push_quoted};
use serde_json::{Deserializer, Value};

use super::decoded::{Decoded, unicode};
use super::opener::{opener_in, opens, placeholder_end};
use super::slot::{
    Expected, LONGEST_FIELD, Refused, Slot, Style, add_part, marked, with_marks, with_stand_ins,
};
use super::unreadable::Unreadable;

/// A map or list that is open.
struct Frame {
    is_map: bool,
    /// The key of the entry under way.
    key: String,
    /// The number of the item under way.
    index: usize,
    wants_key: bool,
}

/// The strings that `keep` keeps, and the placeholders outside of strings.
pub(super) fn read(source: &str, keep: &dyn Fn(&str) -> bool) -> Result<Vec<Slot>, Unreadable> {
    let mut slots: Vec<Slot> = Vec::new();
    let mut bare: Vec<Span> = Vec::new();
    let mut frames: Vec<Frame> = Vec::new();
    let mut at = 0;
    while let Some(byte) = source.as_bytes().get(at) {
        let frame = frames.last_mut();
        match byte {
            b'{' | b'[' => frames.push(Frame {
                is_map: *byte == b'{',
                key: String::new(),
                index: 0,
                wants_key: *byte == b'{',
            }),
            b'}' | b']' => {
                frames.pop();
            }
            b':' => {
                if let Some(frame) = frame {
                    frame.wants_key = false;
                }
            }
            b',' => {
                if let Some(frame) = frame {
                    frame.wants_key = frame.is_map;
                    frame.index += 1;
                }
            }
            b'"' => {
                let Some((span, decoded)) = string(source, at) else {
                    return Err(Unreadable::new("this string is not valid JSON", at));
                };
                at = span.end;
                match frame.filter(|frame| frame.wants_key) {
                    Some(_) if opener_in(&decoded.text).is_some() => {
                        return Err(Unreadable::key(span.start));
                    }
                    Some(frame) => frame.key = decoded.text,
                    None if keep(&decoded.text) => slots.push(Slot {
                        span,
                        field: field(&frames),
                        decoded,
                        style: Style::JsonString,
                    }),
                    None => {}
                }
                continue;
            }
            b'<' if opens(source, at) => {
                let end =
                    placeholder_end(source, at).ok_or_else(|| Unreadable::unterminated(at))?;
                if frame.is_some_and(|frame| frame.wants_key) {
                    return Err(Unreadable::key(at));
                }
                let mut decoded = Decoded::default();
                decoded.same(source, at..end);
                slots.push(Slot {
                    span: at..end,
                    field: field(&frames),
                    decoded,
                    style: Style::JsonBare,
                });
                bare.push(at..end);
                at = end;
                continue;
            }
            _ => {}
        }
        at += 1;
    }
    let stood_in = with_stand_ins(source, &bare);
    match values(&stood_in) {
        Ok(_) => Ok(slots),
        Err(error) => {
            let at = offset(&stood_in, &error);
            Err(Unreadable::new("this is not valid JSON", at))
        }
    }
}

fn field(frames: &[Frame]) -> String {
    let mut path = String::new();
    for frame in frames {
        if !frame.is_map {
            add_part(&mut path, &format!("[{}]", frame.index));
        } else {
            if !path.is_empty() {
                add_part(&mut path, ".");
            }
            add_part(&mut path, &frame.key);
        }
        if path.len() >= LONGEST_FIELD {
            break;
        }
    }
    path
}

/// The string that begins at a byte, and what it reads as.
fn string(source: &str, start: usize) -> Option<(Span, Decoded)> {
    let mut decoded = Decoded::default();
    let mut at = start + 1;
    loop {
        let plain = source.get(at..)?.find(['"', '\\'])?;
        decoded.same(source, at..at + plain);
        at += plain;
        if source[at..].starts_with('"') {
            return Some((start..at + 1, decoded));
        }
        let (c, length) = match source.as_bytes().get(at + 1)? {
            b'n' => ('\n', 2),
            b't' => ('\t', 2),
            b'r' => ('\r', 2),
            b'b' => ('\u{8}', 2),
            b'f' => ('\u{c}', 2),
            b'u' => {
                let (c, digits) = unicode(source.get(at + 2..)?)?;
                (c, 2 + digits)
            }
            c @ (b'"' | b'\\' | b'/') => (char::from(*c), 2),
            _ => return None,
        };
        decoded.escape(c, at..at + length);
        at += length;
    }
}

/// What is written in the place of a value.
pub(super) fn write(slot: &Slot, source: &str, change: &Replacement) -> Result<String, Refused> {
    match (slot.style, change) {
        (Style::JsonString, Replacement::Text(fills)) => slot.in_place(source, fills, push_escaped),
        (_, Replacement::Text(fills)) => {
            let mut out = String::new();
            push_quoted(&mut out, &slot.filled(fills)?);
            Ok(out)
        }
        (Style::JsonBare, Replacement::Json(json)) => Ok(json.clone()),
        _ => Err(Refused::typed()),
    }
}

/// Whether the new text is the source with these values.
pub(super) fn reads_back(source: &str, expected: &[(&Slot, Expected)], new: &str) -> bool {
    let (before, mark) = with_marks(source, expected);
    let (Ok(mut before), Ok(after)) = (values(&before), values(new)) else {
        return false;
    };
    before.iter_mut().all(|value| put(value, &mark, expected)) && before == after
}

/// Puts the values in that are expected.
fn put(value: &mut Value, mark: &str, expected: &[(&Slot, Expected)]) -> bool {
    match value {
        Value::String(text) => {
            match marked(text, mark, expected) {
                None => {}
                Some(Expected::Text(new)) => new.clone_into(text),
                Some(Expected::Json(json)) => match serde_json::from_str(json) {
                    Ok(new) => *value = new,
                    Err(_) => return false,
                },
            }
            true
        }
        Value::Array(items) => items.iter_mut().all(|item| put(item, mark, expected)),
        Value::Object(entries) => entries.values_mut().all(|item| put(item, mark, expected)),
        _ => true,
    }
}

fn values(text: &str) -> Result<Vec<Value>, serde_json::Error> {
    let text = text.strip_prefix('\u{feff}').unwrap_or(text);
    Deserializer::from_str(text).into_iter::<Value>().collect()
}

/// The byte that an error is about.
fn offset(text: &str, error: &serde_json::Error) -> usize {
    let above = text.split_inclusive('\n').take(error.line().max(1) - 1);
    let line: usize = above.map(str::len).sum();
    let mark = if line == 0 && text.starts_with('\u{feff}') {
        '\u{feff}'.len_utf8()
    } else {
        0
    };
    let mut at = (line + mark + error.column().saturating_sub(1)).min(text.len());
    while !text.is_char_boundary(at) {
        at -= 1;
    }
    at
}
