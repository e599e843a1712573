//! Settings files of one `KEY value` a line: dotenv, Java properties, ini.
//!
//! The backend `sops` reads dotenv and ini by other rules (`sops/lines.rs`). What people write by
//! hand has `export`, escapes in quotes and one section that counts, and is told where it is wrong.

use super::error::{ConfigError, Position};

/// A key with its value and its line.
pub(super) struct Line {
    pub(super) key: String,
    pub(super) value: String,
    pub(super) at: Position,
}

/// Reads `KEY=value` with `export`, quotes and comments. `$` is a character like any other: a
/// password may hold one.
pub(super) fn dotenv(text: &str) -> Result<Vec<Line>, ConfigError> {
    let mut found = Vec::new();
    for (number, line) in numbered(text) {
        let content = line.trim();
        if content.is_empty() || content.starts_with('#') {
            continue;
        }
        let content = match content.strip_prefix("export") {
            Some(rest) if rest.starts_with([' ', '\t']) => rest.trim_start(),
            _ => content,
        };
        let (key, value) = split(content, &['=', ':'], number, line)?;
        found.push(Line {
            key,
            value: unquote(value, &[" #", "\t#"]),
            at: at(number, line),
        });
    }
    Ok(found)
}

/// Reads Java properties: `=`, `:` or a blank after the key, `#` and `!` comments, a backslash at
/// the end of a line joins the next one.
pub(super) fn properties(text: &str) -> Result<Vec<Line>, ConfigError> {
    let mut found = Vec::new();
    let mut lines = numbered(text);
    while let Some((number, line)) = lines.next() {
        let content = line.trim_start();
        if content.is_empty() || content.starts_with(['#', '!']) {
            continue;
        }
        let mut joined = content.to_owned();
        let mut goes_on = ends_in_odd_backslashes(content);
        while goes_on {
            joined.pop();
            let Some((_, next)) = lines.next() else { break };
            let next = next.trim_start();
            joined.push_str(next);
            // What was joined before ends in pairs, so only this line counts.
            goes_on = ends_in_odd_backslashes(next);
        }
        let end = key_end(&joined);
        let (key, rest) = joined.split_at(end);
        let rest = rest.trim_start();
        let value = rest.strip_prefix(['=', ':']).unwrap_or(rest).trim_start();
        found.push(Line {
            key: unescape(key, number, line)?,
            value: unescape(value, number, line)?,
            at: at(number, line),
        });
    }
    Ok(found)
}

/// Reads ini: what stands before the first section, or in `[DEFAULT]`, counts; the names of the
/// other sections are returned so that they can be noted.
pub(super) fn ini(text: &str) -> Result<(Vec<Line>, Vec<Line>), ConfigError> {
    let mut found = Vec::new();
    let mut sections = Vec::new();
    let mut counts = true;
    for (number, line) in numbered(text) {
        let content = line.trim();
        if content.is_empty() || content.starts_with(['#', ';']) {
            continue;
        }
        if let Some(section) = content.strip_prefix('[') {
            let Some((name, _)) = section.split_once(']') else {
                return Err(ConfigError::new("this section has no `]`").at(at(number, line)));
            };
            counts = name.trim().eq_ignore_ascii_case("default");
            if !counts {
                let key = name.trim().to_owned();
                sections.push(Line {
                    key,
                    value: String::new(),
                    at: at(number, line),
                });
            }
            continue;
        }
        let (key, value) = split(content, &['=', ':'], number, line)?;
        if counts {
            let value = unquote(value, &[" #", " ;", "\t#", "\t;"]);
            found.push(Line {
                key,
                value,
                at: at(number, line),
            });
        }
    }
    Ok((found, sections))
}

fn numbered(text: &str) -> impl Iterator<Item = (usize, &str)> {
    let text = text.strip_prefix('\u{feff}').unwrap_or(text);
    text.lines()
        .enumerate()
        .map(|(index, line)| (index + 1, line))
}

fn at(line: usize, text: &str) -> Position {
    let column = text.chars().take_while(|part| part.is_whitespace()).count() + 1;
    Position { line, column }
}

fn split<'l>(
    content: &'l str,
    signs: &[char],
    number: usize,
    line: &str,
) -> Result<(String, &'l str), ConfigError> {
    match content.split_once(signs) {
        Some((key, value)) if !key.trim().is_empty() => Ok((key.trim().to_owned(), value.trim())),
        _ => Err(ConfigError::new("this line is not `KEY=value`").at(at(number, line))),
    }
}

/// A value without its quotes; an unquoted one ends where a comment starts.
fn unquote(value: &str, comments: &[&str]) -> String {
    if let Some(rest) = value.strip_prefix('\'') {
        if let Some((inside, _)) = rest.split_once('\'') {
            return inside.to_owned();
        }
    }
    if let Some(inside) = value.strip_prefix('"').and_then(double_quoted) {
        return inside;
    }
    let end = comments
        .iter()
        .filter_map(|sign| value.find(sign))
        .min()
        .unwrap_or(value.len());
    value.split_at(end).0.trim_end().to_owned()
}

/// The text up to the closing quote, or `None` if there is none.
fn double_quoted(rest: &str) -> Option<String> {
    let mut value = String::new();
    let mut parts = rest.chars();
    loop {
        match parts.next()? {
            '"' => return Some(value),
            '\\' => match parts.next()? {
                'n' => value.push('\n'),
                'r' => value.push('\r'),
                't' => value.push('\t'),
                escaped @ ('"' | '\\' | '$') => value.push(escaped),
                other => value.extend(['\\', other]),
            },
            part => value.push(part),
        }
    }
}

fn ends_in_odd_backslashes(line: &str) -> bool {
    line.bytes().rev().take_while(|byte| *byte == b'\\').count() % 2 == 1
}

/// Where the key ends: at the first `=`, `:` or blank that no backslash precedes.
fn key_end(line: &str) -> usize {
    let mut escaped = false;
    for (index, part) in line.char_indices() {
        if !escaped && (matches!(part, '=' | ':') || part.is_whitespace()) {
            return index;
        }
        escaped = !escaped && part == '\\';
    }
    line.len()
}

fn unescape(text: &str, number: usize, line: &str) -> Result<String, ConfigError> {
    let mut value = String::new();
    let mut parts = text.chars();
    while let Some(part) = parts.next() {
        if part != '\\' {
            value.push(part);
            continue;
        }
        match parts.next() {
            Some('n') => value.push('\n'),
            Some('r') => value.push('\r'),
            Some('t') => value.push('\t'),
            Some('u') => {
                let digits: String = parts.by_ref().take(4).collect();
                let code = u32::from_str_radix(&digits, 16)
                    .ok()
                    .and_then(char::from_u32);
                match code {
                    Some(code) if digits.len() == 4 => value.push(code),
                    _ => {
                        let message = "a `\\u` here lacks four hexadecimal digits";
                        return Err(ConfigError::new(message).at(at(number, line)));
                    }
                }
            }
            Some(other) => value.push(other),
            None => {}
        }
    }
    Ok(value)
}
