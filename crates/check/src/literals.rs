//! Secrets that stand in a manifest where a placeholder is expected.

mod names;
mod values;

use manifill::{DiagnosticKind, Finding};

use crate::allowed::AllowedField;
use crate::problem::Problem;
use crate::set::Set;
use crate::written::values;

/// Values of Secrets that are secrets themselves, as far as names and forms tell. A value with a
/// placeholder in it is none.
pub(crate) fn find(set: &Set, allowed: &[AllowedField]) -> Vec<Problem> {
    let mut problems = Vec::new();
    for (number, object) in set.objects.iter().enumerate() {
        if !object.is("", "Secret") {
            continue;
        }
        for one in values(object) {
            let text = one.bytes.as_deref().map(std::str::from_utf8);
            let found = match text {
                Some(Ok(text)) => is_secret(one.key, text),
                Some(Err(_)) => names::is_keystore(one.key),
                None => false,
            };
            let field = one.field.path.to_string();
            let is_allowed = || {
                let is_field = |field: &AllowedField| field.is(object, &one.field.path);
                allowed.iter().any(is_field)
            };
            if !found || is_allowed() {
                continue;
            }
            let message = "a value is written out where a placeholder is expected";
            let place = format!("{}:{field}", object.shown());
            let hint = format!(
                "keep it in a vault and write a placeholder; if it is no secret: --allow '{place}'"
            );
            let finding = Finding::error(DiagnosticKind::Literal, message).with_hint(hint);
            problems.push(Problem::new(number, one.field.path, finding));
        }
    }
    problems
}

/// Whether a value of this key is a secret.
fn is_secret(key: &str, text: &str) -> bool {
    let text = text.trim();
    if text.is_empty() || values::is_public(text) {
        return false;
    }
    if values::is_certain(text) {
        return true;
    }
    if text.contains('\n') || text.starts_with('{') {
        // Settings with secrets among them.
        return text.lines().any(line_has_secret);
    }
    names::is_secret(key) && values::may_be_secret(text) || values::is_random(text)
}

/// Whether a line of settings, `name: value` or `name=value`, sets a secret.
fn line_has_secret(line: &str) -> bool {
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
    let value = trimmed[at + 1..].trim_matches(quotes);
    let is_word = !name.is_empty() && !name.contains(char::is_whitespace);
    is_word && names::is_secret(name) && values::may_be_secret(value)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_secret_is_told_by_its_name_or_its_form() {
        for (key, text) in [
            ("password", "hunter2"),
            ("DB_PASSWORD", "changeme"),
            ("dex.github.clientSecret", "abc"),
            ("apiKey", "k"),
            ("id", "ghp_0123456789abcdefghij0123456789abcdef"),
            (
                "tls.key",
                "-----BEGIN PRIVATE KEY-----\nMII\n-----END PRIVATE KEY-----\n",
            ),
            ("url", "postgres://app:hunter2@db:5432/app"),
            ("config.yaml", "user: app\npassword: hunter2\n"),
            (".env", "USER=app\nexport API_TOKEN=\"abc\"\n"),
            (
                "config.json",
                "{\n  \"user\": \"app\",\n  \"password\": \"hunter2\"\n}",
            ),
            ("value", "kT9x2LmQ8vR4wZ7nB3cF6hJ1"),
            (
                "admin",
                "$2a$10$abcdefghijklmnopqrstuuABCDEFGHIJKLMNOPQRSTUVWXYZ01234",
            ),
        ] {
            assert!(is_secret(key, text), "{key}: {text}");
        }
    }

    #[test]
    fn what_is_no_secret_passes() {
        for (key, text) in [
            ("username", "admin"),
            ("password", ""),
            ("password", "true"),
            ("tokenUrl", "https://sso.example/token"),
            ("passwordFile", "/run/secrets/password"),
            ("password", "$(PASSWORD)"),
            ("password", "${PASSWORD}"),
            ("password", "$dex.github.clientSecret"),
            ("url", "https://github.com/app/repo"),
            ("type", "git"),
            (
                "tls.crt",
                "-----BEGIN CERTIFICATE-----\nMII\n-----END CERTIFICATE-----\n",
            ),
            ("key_id", "abc"),
            ("public_key", "abc"),
            (
                "config.yaml",
                "user: app\n# password: hunter2\npassword_file: /x\n",
            ),
            ("id", "8f14e45f-ceea-467f-a8d2-5f6f1b1d9c3e"),
            ("image", "registry.example/team/web:1.27.3"),
        ] {
            assert!(!is_secret(key, text), "{key}: {text}");
        }
    }
}
