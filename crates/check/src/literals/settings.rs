//! Settings within a value: JSON, lines, and texts such as `host=db password=…`.

use manifill_manifest::{Value, read_one};
use manifill_placeholder::decode_text;

use super::{names, values};
use crate::written::is_to_be_filled;

/// Whether one of the settings that a text holds is a secret.
pub(super) fn set_secret(text: &str) -> bool {
    if text.starts_with(['{', '[']) {
        // What stands in brackets may have placeholders without quotes, which YAML takes.
        if let Ok(value) = read_one(text) {
            return in_value(&value);
        }
    }
    if text.contains('\n') {
        return text.lines().any(in_line);
    }
    let ends = [';', '&', '?', ' '];
    text.split(ends).any(|part| {
        let set = part.split_once('=');
        set.is_some_and(|(name, value)| is_secret(name, value))
    })
}

/// Whether a text is set to a secret in a map, at any depth.
fn in_value(value: &Value) -> bool {
    match value {
        Value::Map(entries) => entries.iter().any(|(name, value)| match value {
            Value::Text(text) => is_secret(name, text) || is_login(name, text),
            other => in_value(other),
        }),
        Value::List(items) => items.iter().any(in_value),
        _ => false,
    }
}

/// Whether a line, `name: value` or `name=value`, sets a secret.
fn in_line(line: &str) -> bool {
    let trimmed = line.trim();
    if trimmed.starts_with(['#', ';', '/']) {
        return false;
    }
    let Some(at) = trimmed.find([':', '=']) else {
        return false;
    };
    let quotes = ['"', '\'', ' ', '\t', ',', '{', '}'];
    let name = trimmed[..at]
        .trim_matches(quotes)
        .trim_start_matches("export ");
    is_secret(name, trimmed[at + 1..].trim_matches(quotes))
}

fn is_secret(name: &str, value: &str) -> bool {
    let is_word = !name.is_empty() && !name.contains(char::is_whitespace);
    is_word && !is_to_be_filled(value) && names::is_secret(name) && values::may_be_secret(value)
}

/// Whether it is the login of a registry, base64 of `user:password`.
fn is_login(name: &str, value: &str) -> bool {
    let login = (name == "auth").then(|| decode_text(value)).flatten();
    login.is_some_and(|login| login.contains(':') && !is_to_be_filled(&login))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_stands_beside_a_placeholder_counts() {
        for (text, expected) in [
            ("user: <path:a#b>\npassword: hunter2\n", true),
            ("user: app\npassword: <path:a#b>\n", false),
            ("user: app\npassword: <word>\n", false),
            (r#"{"user": <path:a#b>, "password": "hunter2"}"#, true),
            (r#"{"user": "app", "password": "<path:a#b>"}"#, false),
            (r#"{"user": "app", "password": <path:a#b>}"#, false),
            // base64 of "<path:a#b>:<path:a#c>" and of "app:<path:a#c>".
            (r#"{"auth": "PHBhdGg6YSNiPjo8cGF0aDphI2M+"}"#, false),
            (r#"{"auth": "YXBwOjxwYXRoOmEjYz4="}"#, false),
            ("user=<path:a#b>;password=hunter2", true),
            ("user=app;password=<path:a#b>", false),
            ("postgres://app:<path:a#b>@db/app?sslmode=require", false),
        ] {
            assert_eq!(set_secret(text), expected, "{text}");
        }
    }
}
