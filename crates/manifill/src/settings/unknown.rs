//! Words of a settings file that are not known.
//!
//! One missing character makes a token part of a key, and under Argo CD every app's author sees the
//! error. So of such a word nothing is shown but its place and a known name (rule R9).

use manifill_vault::backend::BACKENDS;

use super::error::{ConfigError, Position};
use super::names;

/// An error about a word that is none of the known ones: fixed words, and the known name that it
/// begins with or is close to.
pub(super) fn unknown<'a>(
    message: &'static str,
    word: &str,
    known: impl IntoIterator<Item = &'a str>,
) -> ConfigError {
    let known: Vec<&str> = known.into_iter().collect();
    let error = ConfigError::new(message);
    let names = declared().map(|name| -> &'a str { name });
    match begins_with(word, names.chain(known.iter().copied())) {
        Some(name) => runs_on(error, name),
        None => error.near(word, known),
    }
}

/// The first line of a file that cannot be read, where a known name runs into its value.
///
/// Such a line makes YAML complain of another one, or take all lines for one text.
pub(super) fn glued(text: &str) -> Option<ConfigError> {
    let apart = |rest: &str| match rest.strip_prefix(':') {
        Some(value) => value.is_empty() || value.starts_with([' ', '\t']),
        None => !rest.trim_start().starts_with('='),
    };
    text.lines().zip(1..).find_map(|(line, number)| {
        let written = line.trim_start_matches(['\u{feff}', ' ']);
        let name = begins_with(written, declared())?;
        let at = Position {
            line: number,
            column: line.chars().count() - written.chars().count() + 1,
        };
        let told = ConfigError::new("this line is not `KEY: value`");
        (!apart(&written[name.len()..])).then(|| runs_on(told, name).at(at))
    })
}

/// What a known name begins that it should not.
fn runs_on(error: ConfigError, name: &str) -> ConfigError {
    error
        .begins_with(name)
        .with_hint("write a colon and a space between a name and its value")
}

/// The longest known name that a word begins with, if the word is longer.
fn begins_with<'a>(word: &str, known: impl Iterator<Item = &'a str>) -> Option<&'a str> {
    let starts = |name: &&str| {
        let start = word.get(..name.len());
        let next = word.get(name.len()..).and_then(|rest| rest.chars().next());
        start.is_some_and(|start| start.eq_ignore_ascii_case(name))
            && next.is_some_and(|next| !next.is_ascii_alphanumeric() && next != '_')
    };
    known.filter(starts).max_by_key(|name| name.len())
}

/// The names of all settings: manifill's own, and those of all backends.
pub(super) fn declared() -> impl Iterator<Item = &'static str> {
    let settings = BACKENDS.iter().flat_map(|info| info.settings);
    names::ALL
        .into_iter()
        .chain(settings.flat_map(|setting| std::iter::once(setting.name).chain(setting.alias)))
}

/// A name that may be shown, since a backend declares it.
pub(super) fn declared_name(word: &str) -> Option<&'static str> {
    declared().find(|name| name.eq_ignore_ascii_case(word))
}

/// How a whole value spells a variable, as shells, Compose files and workflows do: `${NAME}`, with
/// a default or an expression in it, too, `$(NAME)` or `$NAME`. It is never expanded.
pub(super) fn variable(value: &str) -> Option<&'static str> {
    let is_name = |name: &str| {
        !name.is_empty()
            && !name.starts_with(|first: char| first.is_ascii_digit())
            && name
                .bytes()
                .all(|byte| byte.is_ascii_alphanumeric() || byte == b'_')
    };
    let rest = value.strip_prefix('$')?;
    let between = |open, close| rest.strip_prefix(open)?.strip_suffix(close);
    if let Some(inside) = between("{{", "}}") {
        return (!inside.trim().is_empty()).then_some("${{…}}");
    }
    if let Some(inside) = between("{", "}") {
        let end = inside.find([':', '-', '?', '+', '=']);
        let name = end.map_or(inside, |end| &inside[..end]);
        return (is_name(name) && !inside.contains('}')).then_some("${…}");
    }
    if let Some(inside) = between("(", ")") {
        return is_name(inside).then_some("$(…)");
    }
    // Small letters may well be a password.
    let is_upper =
        |name: &str| is_name(name) && !name.bytes().any(|byte| byte.is_ascii_lowercase());
    (rest.len() > 2 && is_upper(rest)).then_some("$…")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_word_is_never_shown_and_a_known_name_is() {
        let told = |word| unknown("no", word, ["OP_CONNECT_HOST", "OP_CONNECT_TOKEN"]).to_string();
        for (word, wanted) in [
            (
                "OP_CONNECT_TOKEN:s3cr3t",
                "no; it begins with `OP_CONNECT_TOKEN`",
            ),
            (
                "op_connect_token=s3cr3t",
                "no; it begins with `OP_CONNECT_TOKEN`",
            ),
            ("VAULT_TOKEN\":\"s3cr3t", "no; it begins with `VAULT_TOKEN`"),
            ("VAULT_TOKEN s3cr3t", "no; it begins with `VAULT_TOKEN`"),
            ("AVP_K8S_ROLE", "no"),
            (
                "OP_CONNECT_TOKE",
                "no; did you mean `OP_CONNECT_TOKEN`, `OP_CONNECT_HOST`?",
            ),
            ("s3cr3t", "no"),
            ("é", "no"),
        ] {
            assert_eq!(told(word), wanted, "{word}");
        }
    }

    #[test]
    fn a_name_that_runs_into_its_value_is_found_in_its_line() {
        let told = |text| {
            glued(text).map(|told| {
                (
                    told.position().map(|at| (at.line, at.column)),
                    told.to_string(),
                )
            })
        };
        let wanted = |at| {
            let told = "this line is not `KEY: value`; it begins with `VAULT_TOKEN`";
            Some((Some(at), told.to_owned()))
        };
        assert_eq!(told("VAULT_TOKEN:s3cr3t"), wanted((1, 1)));
        assert_eq!(told("\u{feff}VAULT_TOKEN:s3cr3t"), wanted((1, 2)));
        assert_eq!(told("A: b\r\n  vault_token = s3cr3t\r\n"), wanted((2, 3)));
        for text in [
            "VAULT_TOKEN: s3cr3t\nVAULT_ADDR:\n",
            "VAULT_TOKENS:s3cr3t",
            "OTHER:s3cr3t",
            "# VAULT_TOKEN=s3cr3t",
        ] {
            assert_eq!(told(text), None, "{text}");
        }
    }

    #[test]
    fn a_variable_is_the_whole_value() {
        for (value, shape) in [
            ("${OP_TOKEN}", "${…}"),
            ("${op_token}", "${…}"),
            ("${OP_TOKEN:-none}", "${…}"),
            ("${A-b}", "${…}"),
            ("${env:OP_TOKEN}", "${…}"),
            ("${{ secrets.OP_TOKEN }}", "${{…}}"),
            ("$(OP_TOKEN)", "$(…)"),
            ("$OP_TOKEN", "$…"),
        ] {
            assert_eq!(variable(value), Some(shape), "{value}");
        }
        for value in [
            "${}", "a${B}", "${A}b", "${A}${B}", "${{}}", "$()", "$(a b)", "$", "$1A", "$aBC",
            "$A.B", "A", "",
        ] {
            assert_eq!(variable(value), None, "{value}");
        }
    }
}
