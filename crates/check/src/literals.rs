//! Secrets that stand in a manifest where a placeholder is expected.

mod names;
mod settings;
mod values;

use manifill::{DiagnosticKind, Finding};

use crate::allowed::AllowedField;
use crate::problem::Problem;
use crate::set::Set;
use crate::written::{Written, values};

/// Values of Secrets that are secrets themselves, as far as names and forms tell. A value with a
/// placeholder in it is one only if it holds settings, and another one of them is a secret.
pub(crate) fn find(set: &Set, allowed: &[AllowedField]) -> Vec<Problem> {
    let mut problems = Vec::new();
    for (number, object) in set.objects.iter().enumerate() {
        if !object.is("", "Secret") {
            continue;
        }
        for one in values(object) {
            let found = is_literal(&one);
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

/// Whether a value, or a part of it, is a secret.
fn is_literal(one: &Written<'_>) -> bool {
    match one.bytes.as_deref().map(std::str::from_utf8) {
        Some(Ok(text)) if one.is_to_be_filled => settings::set_secret(text.trim()),
        Some(Ok(text)) => is_secret(one.key, text),
        // Bytes that a machine has drawn, or files.
        Some(Err(_)) => names::is_secret(one.key) || names::is_keystore(one.key),
        None => false,
    }
}

/// Whether a value of this key is a secret.
fn is_secret(key: &str, text: &str) -> bool {
    let text = text.trim();
    if text.is_empty() || values::is_public(text) {
        return false;
    }
    if values::is_certain(text) || settings::set_secret(text) {
        return true;
    }
    let is_file = text.contains('\n') || text.starts_with('{');
    !is_file && (names::is_secret(key) && values::may_be_secret(text) || values::is_random(text))
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
            ("auth", "admin:$apr1$Rf9bVFRD$uMfEVWAvN3CGYvjLfRkWt/"),
            (
                "config.json",
                r#"{"auths": {"ghcr.io": {"username": "a", "password": "b"}}}"#,
            ),
            ("config.json", r#"{"auths":{"ghcr.io":{"auth":"YTpi"}}}"#),
            ("hooks", r#"[{"url": "https://a.example", "token": "t"}]"#),
            ("dsn", "host=db user=app password=hunter2"),
            ("db", "Server=db;User Id=app;Password=hunter2;"),
            (
                "storage",
                "DefaultEndpointsProtocol=https;AccountName=a;AccountKey=bGV0IG1l",
            ),
            ("url", "https://hooks.example/notify?channel=a&token=abc"),
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
            (
                "config.json",
                r#"{"auths": {}, "passwordFile": "/x", "token": "${TOKEN}", "n": 3}"#,
            ),
            ("config.json", r#"{"auths":{"ghcr.io":{"auth":""}}}"#),
            ("dsn", "host=db user=app password=$PASSWORD"),
            ("args", "--token-file=/run/token --password="),
            (
                "url",
                "https://a.example/login?grant_type=password&next=token",
            ),
            ("auth", "basic"),
        ] {
            assert!(!is_secret(key, text), "{key}: {text}");
        }
    }
}
