//! The schema of a chart's values, which Helm would read other files and hosts for.

use serde_json::Value;

use super::error::RenderingError;
use super::remote;

/// What a schema says it is written in; Helm knows these without asking anybody.
const KNOWN: [&str; 6] = [
    "json-schema.org/draft-03/schema",
    "json-schema.org/draft-04/schema",
    "json-schema.org/draft-06/schema",
    "json-schema.org/draft-07/schema",
    "json-schema.org/draft/2019-09/schema",
    "json-schema.org/draft/2020-12/schema",
];

/// Checks that a `values.schema.json` refers to nothing but itself.
///
/// A reference without a scheme is refused, too, unless it is a fragment: with an `$id` it is an
/// address, and without one Helm 4 takes it for a path from the root of the file system.
pub(crate) fn check(place: &str, schema: &[u8]) -> Result<(), RenderingError> {
    let Ok(schema) = serde_json::from_slice(schema) else {
        return Err(RenderingError::source(format!("{place} is not JSON")));
    };
    walk(place, &schema)
}

fn walk(place: &str, value: &Value) -> Result<(), RenderingError> {
    match value {
        Value::Array(items) => items.iter().try_for_each(|item| walk(place, item)),
        Value::Object(entries) => {
            entries
                .iter()
                .try_for_each(|(key, value)| match (key.as_str(), value) {
                    ("$ref" | "$dynamicRef" | "$recursiveRef", Value::String(to)) => {
                        check_reference(place, key, to)
                    }
                    ("$schema", Value::String(to)) if !is_known(to) => Err(refused(place, key, to)),
                    _ => walk(place, value),
                })
        }
        _ => Ok(()),
    }
}

fn check_reference(place: &str, key: &str, to: &str) -> Result<(), RenderingError> {
    if to.is_empty() || to.starts_with('#') {
        Ok(())
    } else if remote::is_remote(to) {
        Err(refused(place, key, to))
    } else {
        let message = format!("{place}: {key} {} is another file", super::error::shown(to));
        Err(RenderingError::source(message)
            .with_hint("put what it names below `definitions` of the same file"))
    }
}

fn refused(place: &str, key: &str, to: &str) -> RenderingError {
    remote::refused(&format!("{place}: {key}"), to).with_hint(format!(
        "put what it names below `definitions` of the same file; no host in {} opens this",
        remote::REMOTE_HOSTS
    ))
}

fn is_known(schema: &str) -> bool {
    let name = schema.trim_end_matches('#');
    let name = name
        .strip_prefix("https://")
        .or_else(|| name.strip_prefix("http://"));
    name.is_some_and(|name| KNOWN.contains(&name))
}

#[cfg(test)]
mod tests {
    use super::check;

    #[test]
    fn a_schema_refers_to_itself_only() {
        for schema in [
            "{}",
            "true",
            r##"{"$schema": "http://json-schema.org/draft-07/schema#", "$id": "https://example.com/s", "$ref": "#/definitions/a"}"##,
            r##"{"$schema": "https://json-schema.org/draft/2020-12/schema", "$dynamicRef": "#meta"}"##,
            r#"{"properties": {"$ref": {"type": "string"}, "$schema": {"type": "string"}}}"#,
        ] {
            check("s", schema.as_bytes()).unwrap();
        }
        for (schema, remote) in [
            (r#"{"$ref": "http://example.com/x"}"#, true),
            (r#"{"a": [{"$ref": "file:///etc/passwd"}]}"#, true),
            (r#"{"$dynamicRef": "https://example.com/x"}"#, true),
            (r#"{"$recursiveRef": "HTTPS://example.com/x#a"}"#, true),
            (r#"{"$schema": "https://example.com/x"}"#, true),
            (
                r#"{"$schema": "https://json-schema.org.example.com/draft-07/schema"}"#,
                true,
            ),
            (r#"{"$ref": "/etc/passwd"}"#, false),
            (r#"{"$ref": "../x.json#/a"}"#, false),
            (r#"{"$ref": "//example.com/x"}"#, false),
            ("{", false),
        ] {
            let error = check("s", schema.as_bytes()).unwrap_err();
            let hint = error.hint().unwrap_or_default();
            assert_eq!(
                hint.contains("MANIFILL_REMOTE_HOSTS"),
                remote,
                "{schema}: {error}"
            );
        }
    }
}
