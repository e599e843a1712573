//! Writing YAML for people: what Argo CD, Helm and kubectl read must read the same in YAML 1.1 and 1.2.

use serde_yaml::{Mapping, Value};

/// A text in double quotes, unless it is a word that is text for every reader.
pub(crate) fn text(text: &str) -> String {
    if is_word(text) {
        text.to_owned()
    } else {
        // A JSON string is a YAML one in double quotes.
        serde_json::to_string(text).unwrap_or_default()
    }
}

/// Whether a text is a word that no reader takes for anything but text.
fn is_word(text: &str) -> bool {
    const OTHERS: [&str; 10] = [
        "y", "n", "yes", "no", "on", "off", "true", "false", "null", "nan",
    ];
    let is_plain = |byte: u8| byte.is_ascii_alphanumeric() || b"-_./".contains(&byte);
    let begins = |byte: u8| byte.is_ascii_alphabetic() || byte == b'/';
    text.bytes().next().is_some_and(begins)
        && text.bytes().all(is_plain)
        && !OTHERS.iter().any(|other| text.eq_ignore_ascii_case(other))
}

/// The lines of a text, each that is not empty behind this many spaces.
pub(crate) fn indented(text: &str, by: usize) -> String {
    let spaces = " ".repeat(by);
    text.split_inclusive('\n')
        .map(|line| match line.trim_end_matches('\n') {
            "" => line.to_owned(),
            _ => format!("{spaces}{line}"),
        })
        .collect()
}

/// A list under its key, this many spaces from the left; nothing if it is empty.
pub(crate) fn section(key: &str, list: &str, by: usize) -> String {
    if list.is_empty() {
        return String::new();
    }
    indented(&format!("{key}:\n{}", indented(list, 2)), by)
}

/// The lines of a comment, each behind `# `.
pub(crate) fn comment(text: &str) -> String {
    text.lines()
        .map(|line| format!("# {line}").trim_end().to_owned() + "\n")
        .collect()
}

/// A map or list as lines at column 0.
pub(crate) fn lines(value: &Value) -> String {
    match value {
        Value::Mapping(map) if !map.is_empty() => map_lines(map),
        Value::Sequence(items) if !items.is_empty() => items.iter().map(item).collect(),
        other => format!("{}\n", scalar(other)),
    }
}

fn map_lines(map: &Mapping) -> String {
    map.iter()
        .map(|(key, value)| format!("{}:{}", scalar(key), behind_colon(value)))
        .collect()
}

/// What stands behind a key and its colon, with the line break.
fn behind_colon(value: &Value) -> String {
    match value {
        Value::Mapping(map) if !map.is_empty() => format!("\n{}", indented(&map_lines(map), 2)),
        Value::Sequence(items) if items.iter().all(is_short) && !items.is_empty() => {
            let words: Vec<String> = items.iter().map(scalar).collect();
            format!(" [{}]\n", words.join(", "))
        }
        Value::Sequence(items) if !items.is_empty() => {
            let items: String = items.iter().map(item).collect();
            format!("\n{}", indented(&items, 2))
        }
        Value::String(text) if is_block(text) => literal(text),
        other => format!(" {}\n", scalar(other)),
    }
}

fn item(value: &Value) -> String {
    match value {
        Value::String(text) if is_block(text) => format!("-{}", literal(text)),
        other => format!("- {}", indented(&lines(other), 2).trim_start()),
    }
}

/// Whether an item goes beside others on one line.
fn is_short(value: &Value) -> bool {
    matches!(value, Value::String(text) if !is_block(text) && text.len() < 40)
}

/// Whether a text can stand in a literal block as it is.
fn is_block(text: &str) -> bool {
    let body = text.trim_end_matches('\n');
    body.contains('\n')
        && text.len() - body.len() <= 1
        && !body.starts_with([' ', '\n', '\t'])
        && !body.lines().any(|line| line.ends_with([' ', '\t']))
        && !body
            .chars()
            .any(|c| c.is_control() && c != '\n' && c != '\t')
}

fn literal(text: &str) -> String {
    let chomping = if text.ends_with('\n') { "" } else { "-" };
    let body = text.trim_end_matches('\n');
    format!(" |{chomping}\n{}\n", indented(body, 2))
}

fn scalar(value: &Value) -> String {
    match value {
        Value::String(string) => text(string),
        Value::Null => "null".to_owned(),
        Value::Bool(truth) => truth.to_string(),
        Value::Number(number) => number.to_string(),
        Value::Sequence(items) if items.is_empty() => "[]".to_owned(),
        Value::Mapping(map) if map.is_empty() => "{}".to_owned(),
        // What is nested is written as JSON, which is YAML too.
        other => serde_json::to_string(other).unwrap_or_default(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_written_reads_back() {
        for source in [
            "a: {b: [c, d], e: {}, f: [], g: null, h: 1.5, i: true}",
            "a: [{b: c, d: [e, {f: g}]}, 'x: #y', \"1e3\", 'no', '0777', '']",
            "a: \"one\\ntwo\\n\"\nb: \"one\\n\\n  two\"\nc: \"one \\ntwo\"\nd: \" one\\ntwo\"\ne: \"one\\n\\n\\n\"",
            "- - a\n  - b\n- \"x\\ny\\n\"\n- {a: \"x\\ny\"}",
            "'y': 'n'\n'a b': '{{ x }}'\n'k': \"tab\\t\\u0007\"",
        ] {
            let value: Value = serde_yaml::from_str(source).unwrap();
            let written = lines(&value);
            assert_eq!(
                serde_yaml::from_str::<Value>(&written).unwrap(),
                value,
                "{written}"
            );
        }
    }
}
