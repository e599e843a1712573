//! What an entry holds: a password on its first line, lines `key: value`, YAML behind `---`.

use std::collections::BTreeMap;

use crate::format::yaml;
use crate::{Exposed, Keys, Secret, SecretValue, VaultError, VaultErrorKind};

/// The key of the first line.
const PASSWORD: &str = "password";

/// The key of everything.
const TEXT: &str = "text";

/// How entries of the format began that gopass wrote for a while and does not write any more. Its
/// password is not on the first line.
const OLD_FORMAT: &str = "GOPASS-SECRET-1.0";

/// The values of an entry by their keys. A key with several values is an error of its own.
pub(super) struct Entry(Vec<(String, Result<SecretValue, VaultError>)>);

impl Entry {
    /// Reads what was decrypted.
    ///
    /// # Errors
    /// [`VaultErrorKind::Configuration`] if it is in a format that is not read here.
    pub(super) fn read(content: &[u8], name: &str) -> Result<Self, VaultError> {
        let Ok(text) = std::str::from_utf8(content) else {
            let whole = SecretValue::bytes(content);
            return Ok(Entry(vec![(TEXT.to_owned(), Ok(whole))]));
        };
        let (first, rest) = text.split_once('\n').unwrap_or((text, ""));
        let first = first.strip_suffix('\r').unwrap_or(first);
        if first == OLD_FORMAT {
            let message = "the entry {} is in an old format of gopass, which is not read here";
            return Err(VaultError::configuration(message)
                .with_name(name)
                .with_hint("`gopass fsck --decrypt` writes it anew"));
        }
        let Parts {
            first,
            lines,
            values,
        } = with_yaml(first, rest, text).unwrap_or(Parts {
            first,
            lines: rest,
            values: Vec::new(),
        });
        let mut entry = Values::of(name);
        if !first.is_empty() {
            entry.add(PASSWORD, SecretValue::text(first));
        }
        // As gopass reads them: a colon alone is in addresses, too, and what follows is kept as it is.
        let pairs = lines.lines().filter_map(|line| line.split_once(": "));
        let pairs = pairs.map(|(key, value)| (key.trim(), value));
        for (key, value) in pairs.filter(|(key, _)| !key.is_empty()) {
            entry.add(key, SecretValue::text(value));
        }
        for (key, value) in values {
            entry.add(&key, value);
        }
        if first.is_empty() && !entry.has(PASSWORD) {
            entry.add(PASSWORD, SecretValue::text(""));
        }
        entry.add(TEXT, SecretValue::text(text));
        Ok(Entry(entry.values))
    }

    /// The answer for a request that wants these keys.
    pub(super) fn secret(&self, keys: &Keys) -> Secret {
        let names = self.0.iter().map(|(key, _)| key.as_str());
        let mut secret = Secret::new().with_names(names);
        for (key, value) in self.0.iter().filter(|(key, _)| keys.wants(key)) {
            secret.insert(key.as_str(), value.clone());
        }
        secret
    }
}

/// What an entry consists of.
struct Parts<'t> {
    first: &'t str,
    lines: &'t str,
    /// The YAML behind them.
    values: Vec<(String, SecretValue)>,
}

/// The parts of an entry that has YAML behind the first line that is `---`. `None` if there is no map:
/// then it is text like the rest.
fn with_yaml<'t>(first: &'t str, rest: &'t str, whole: &'t str) -> Option<Parts<'t>> {
    let is_marker = |line: &str| line.trim_end() == "---" || line.starts_with("--- ");
    let (first, lines, part) = if is_marker(first) {
        ("", "", whole)
    } else {
        let mut place = 0;
        let mut lines = rest.split_inclusive('\n');
        let before = lines.by_ref().take_while(|line| !is_marker(line));
        before.for_each(|line| place += line.len());
        let (lines, part) = rest.split_at_checked(place)?;
        (first, lines, part)
    };
    if part.is_empty() {
        return None;
    }
    let value = yaml::read(part).ok()?;
    match value.expose() {
        Exposed::Map(values) => Some(Parts {
            first,
            lines,
            values: values.to_vec(),
        }),
        _ => None,
    }
}

/// The values in their order, and where each key stands.
struct Values<'n> {
    entry: &'n str,
    values: Vec<(String, Result<SecretValue, VaultError>)>,
    places: BTreeMap<String, usize>,
}

impl<'n> Values<'n> {
    fn of(entry: &'n str) -> Self {
        Values {
            entry,
            values: Vec::new(),
            places: BTreeMap::new(),
        }
    }

    fn has(&self, key: &str) -> bool {
        self.places.contains_key(key)
    }

    fn add(&mut self, key: &str, value: SecretValue) {
        let place = self.places.get(key).copied();
        let Some((_, known)) = place.and_then(|place| self.values.get_mut(place)) else {
            self.places.insert(key.to_owned(), self.values.len());
            self.values.push((key.to_owned(), Ok(value)));
            return;
        };
        if known.as_ref().is_ok_and(|known| *known != value) {
            *known = Err(VaultError::new(
                VaultErrorKind::Ambiguous,
                "the entry {} has several values for the key {}",
            )
            .with_name(self.entry)
            .with_name(key)
            .with_hint(
                "rename lines; the first one is `password` already, and all of them are `text`",
            ));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// What a text holds, but for all of it: one line for each key.
    fn read(text: &str) -> Vec<String> {
        let Entry(values) = Entry::read(text.as_bytes(), "web/db").unwrap();
        let (whole, values) = values.split_last().unwrap();
        assert_eq!(whole.0, "text");
        assert!(*whole.1.as_ref().unwrap() == SecretValue::text(text));
        let line = |(key, value): &(String, Result<SecretValue, VaultError>)| match value {
            Ok(value) => format!("{key}={}", value.to_json()),
            Err(error) => format!("{key}: {error}"),
        };
        values.iter().map(line).collect()
    }

    #[test]
    fn the_first_line_is_the_password_as_it_is() {
        for (text, password) in [
            ("s3cr3t\n", "s3cr3t"),
            ("s3cr3t", "s3cr3t"),
            ("s3cr3t\r\n", "s3cr3t"),
            (" user: x \nnotes\n", " user: x "),
            ("", ""),
            ("\n", ""),
            ("\nnotes\n", ""),
            ("----\n", "----"),
            ("---", "---"),
        ] {
            let found = format!("password={}", SecretValue::text(password).to_json());
            assert_eq!(read(text), [found], "{text:?}");
        }
    }

    #[test]
    fn lines_with_a_colon_and_a_space_are_keys() {
        let text = "pw\nuser: svc_orders\r\n pin : 0042\nurl: https://a: b\nhttps://x\nk:v\n : none\nempty: \nUser: x";
        assert_eq!(
            read(text),
            [
                r#"password="pw""#,
                r#"user="svc_orders""#,
                r#"pin="0042""#,
                r#"url="https://a: b""#,
                r#"empty="""#,
                r#"User="x""#,
            ]
        );
    }

    #[test]
    fn yaml_has_types_and_what_is_in_front_of_it_counts_too() {
        let text = "pw\nuser: a\nnotes\n---\nport: 5432\npin: 0042\nbig: 12345678901234567890.10\nmap: {a: [1]}\nnone:\n";
        assert_eq!(
            read(text),
            [
                r#"password="pw""#,
                r#"user="a""#,
                "port=5432",
                r#"pin="0042""#,
                "big=12345678901234567890.10",
                r#"map={"a":[1]}"#,
                "none=null",
            ]
        );
        assert_eq!(read("---\na: 1\n"), ["a=1", r#"password="""#]);
        assert_eq!(
            read("---\na: 1\npassword: pw\n"),
            ["a=1", r#"password="pw""#]
        );
        assert_eq!(
            read("pw\r\n---\r\na: b\r\n"),
            [r#"password="pw""#, r#"a="b""#]
        );
    }

    #[test]
    fn what_is_no_map_behind_a_line_of_dashes_is_text() {
        for text in [
            "pw\n---\n- a\nuser: x\n",
            "pw\n---\nsome words\nuser: x\n",
            "pw\n---\na: [\nuser: x\n",
            "pw\n-----BEGIN X-----\nuser: x\n",
            "pw\nuser: x\n---\n",
            "pw\nuser: x\n---\na: 1\n---\n",
        ] {
            let found = read(text);
            assert_eq!(found[0], r#"password="pw""#, "{text:?}");
            assert!(found.contains(&r#"user="x""#.to_owned()), "{text:?}");
        }
    }

    #[test]
    fn several_values_of_a_key_are_an_error_of_this_key() {
        let several =
            |key| format!("{key}: the entry `web/db` has several values for the key `{key}`");
        assert_eq!(
            read("pw\na: 1\nb: 1\na: 2\nb: 1\n---\nc: 1\n"),
            [
                r#"password="pw""#.to_owned(),
                several("a"),
                r#"b="1""#.to_owned(),
                "c=1".to_owned()
            ]
        );
        assert_eq!(read("pw\na: 1\n---\na: 1\n")[1], several("a"));
        assert_eq!(read("pw\npassword: other\n"), [several("password")]);
        assert_eq!(read("pw\npassword: pw\n"), [r#"password="pw""#]);
        assert_eq!(read("\npassword: pw\n"), [r#"password="pw""#]);
        let Entry(values) = Entry::read(b"pw\ntext: x\n", "web/db").unwrap();
        let text = values.iter().find(|(key, _)| key == "text").unwrap();
        let error = text.1.as_ref().err().map(ToString::to_string);
        assert_eq!(error, Some(several("text").replace("text: ", "")));
    }

    #[test]
    fn what_is_not_text_comes_as_bytes_and_whole() {
        let Entry(values) = Entry::read(b"pw\nuser: \xff\n", "web/db").unwrap();
        assert_eq!(values.len(), 1);
        assert!(*values[0].1.as_ref().unwrap() == SecretValue::bytes(b"pw\nuser: \xff\n"));
        assert_eq!(values[0].0, "text");
    }

    #[test]
    fn an_old_format_is_refused() {
        let read = |text: &str| Entry::read(text.as_bytes(), "web/db").map(drop);
        let error = read("GOPASS-SECRET-1.0\r\nPassword: pw\n\nnotes\n").unwrap_err();
        assert_eq!(
            error.to_string(),
            "the entry `web/db` is in an old format of gopass, which is not read here"
        );
        assert!(read("GOPASS-SECRET-1.01\n").is_ok());
    }

    proptest::proptest! {
        #[test]
        fn no_text_makes_it_panic(text in "[-a: \n\r\u{e9}{}\\[\\],'\"|>&*!#]{0,60}") {
            let _ = Entry::read(text.as_bytes(), "x");
        }
    }
}
