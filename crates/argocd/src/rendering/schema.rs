//! The schema of a chart's values, which Helm would read other files and hosts for.

use std::collections::BTreeMap;

use manifill_vault::transport::http::Url;
use serde_json::{Value, json};

use super::error::{RenderingError, shown};
use super::fetch::Remote;
use super::remote::{self, REMOTE_HOSTS};
use super::yaml;

/// What a schema says it is written in; Helm knows these without asking anybody.
const KNOWN: [&str; 6] = [
    "json-schema.org/draft-03/schema",
    "json-schema.org/draft-04/schema",
    "json-schema.org/draft-06/schema",
    "json-schema.org/draft-07/schema",
    "json-schema.org/draft/2019-09/schema",
    "json-schema.org/draft/2020-12/schema",
];

/// Where schemas from other hosts are put in the one that refers to them.
const DEFINITIONS: &str = "definitions";

/// Checks that a `values.schema.json` refers to nothing but itself. Schemas from hosts that are open
/// are put into it, which gives a new text.
///
/// A reference without a scheme is refused, too, unless it is a fragment: with an `$id` it is an
/// address, and without one Helm 4 takes it for a path from the root of the file system.
pub(crate) fn check(
    place: &str,
    schema: &[u8],
    remote: &Remote<'_>,
) -> Result<Option<Vec<u8>>, RenderingError> {
    let Some(mut schema) = yaml::parse_json(place, schema)? else {
        return Err(RenderingError::source(format!("{place} is not JSON")));
    };
    let mut bundle = Bundle {
        place,
        remote,
        names: BTreeMap::new(),
        left: Vec::new(),
    };
    bundle.walk(&mut schema, None)?;
    if bundle.names.is_empty() {
        return Ok(None);
    }
    let mut schemas = Vec::new();
    while let Some((url, name)) = bundle.left.pop() {
        let Some(text) = remote.file(place, url.as_str())? else {
            continue;
        };
        let Some(mut other) = yaml::parse_json(&shown(url.as_str()), text)? else {
            let message = format!("{place}: {} is not JSON", shown(url.as_str()));
            return Err(RenderingError::source(message));
        };
        if let Value::Object(fields) = &mut other {
            // In its new place it has no address of its own.
            for field in ["$id", "id", "$schema"] {
                if fields.get(field).is_some_and(Value::is_string) {
                    fields.remove(field);
                }
            }
        }
        bundle.walk(&mut other, Some((&url, &name)))?;
        schemas.push((name, other));
    }
    let root = schema.as_object_mut();
    let definitions = root.map(|root| root.entry(DEFINITIONS).or_insert_with(|| json!({})));
    let Some(Value::Object(definitions)) = definitions else {
        return Err(RenderingError::source(format!(
            "{place}: `{DEFINITIONS}` is not a map"
        )));
    };
    definitions.extend(schemas);
    Ok(Some(schema.to_string().into_bytes()))
}

/// A schema and the others that it refers to.
struct Bundle<'a, 'h> {
    place: &'a str,
    remote: &'a Remote<'h>,
    /// What each other schema is called in this one.
    names: BTreeMap<Url, String>,
    left: Vec<(Url, String)>,
}

impl Bundle<'_, '_> {
    /// Looks through a schema, which is this one, or another one with its address and name.
    fn walk(
        &mut self,
        value: &mut Value,
        other: Option<(&Url, &str)>,
    ) -> Result<(), RenderingError> {
        match value {
            Value::Array(items) => items.iter_mut().try_for_each(|item| self.walk(item, other)),
            Value::Object(entries) => {
                entries
                    .iter_mut()
                    .try_for_each(|(key, value)| match (key.as_str(), value) {
                        ("$ref" | "$dynamicRef" | "$recursiveRef", Value::String(to)) => {
                            *to = self.reference(key, to, other)?;
                            Ok(())
                        }
                        ("$schema", Value::String(to)) if !is_known(to) => {
                            Err(refused(self.place, key, to))
                        }
                        (_, value) => self.walk(value, other),
                    })
            }
            _ => Ok(()),
        }
    }

    /// A reference as it is written in one text with all schemas.
    fn reference(
        &mut self,
        key: &str,
        to: &str,
        other: Option<(&Url, &str)>,
    ) -> Result<String, RenderingError> {
        let what = format!("{}: {key}", self.place);
        let url = match other {
            None if to.is_empty() || to.starts_with('#') => return Ok(to.to_owned()),
            None if remote::is_remote(to) => self.remote.allowed(&what, to)?,
            None => {
                let message = format!("{what} {} is another file", shown(to));
                return Err(RenderingError::source(message)
                    .with_hint("put what it names below `definitions` of the same file"));
            }
            Some((base, name)) if to.is_empty() || to.starts_with('#') => {
                return self.pointer(&what, base, name, to.trim_start_matches('#'));
            }
            Some((base, _)) => {
                let url = base.join(to).map_err(|_| remote::refused(&what, to))?;
                self.remote.allowed(&what, url.as_str())?
            }
        };
        let fragment = url.fragment().unwrap_or_default().to_owned();
        let mut file = url;
        file.set_fragment(None);
        let name = match self.names.get(&file) {
            Some(name) => name.clone(),
            None => {
                let name = format!("fetched-{}", self.names.len());
                self.names.insert(file.clone(), name.clone());
                self.left.push((file.clone(), name.clone()));
                name
            }
        };
        self.pointer(&what, &file, &name, &fragment)
    }

    /// Where a part of another schema is.
    fn pointer(
        &self,
        what: &str,
        url: &Url,
        name: &str,
        fragment: &str,
    ) -> Result<String, RenderingError> {
        if fragment.is_empty() || fragment.starts_with('/') {
            return Ok(format!("#/{DEFINITIONS}/{name}{fragment}"));
        }
        let message = format!(
            "{what}: {} is named by {}",
            shown(fragment),
            shown(url.as_str())
        );
        Err(RenderingError::source(message)
            .with_hint("name it by its path, such as #/definitions/a"))
    }
}

fn refused(place: &str, key: &str, to: &str) -> RenderingError {
    remote::refused(&format!("{place}: {key}"), to).with_hint(format!(
        "use one of the drafts at json-schema.org; no host in {REMOTE_HOSTS} opens others"
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
    use super::*;
    use crate::rendering::RemoteHosts;

    #[test]
    fn a_schema_refers_to_itself_only() {
        for schema in [
            "{}",
            "true",
            r##"{"$schema": "http://json-schema.org/draft-07/schema#", "$id": "https://example.com/s", "$ref": "#/definitions/a"}"##,
            r##"{"$schema": "https://json-schema.org/draft/2020-12/schema", "$dynamicRef": "#meta"}"##,
            r#"{"properties": {"$ref": {"type": "string"}, "$schema": {"type": "string"}}}"#,
        ] {
            let outcome = check(
                "s",
                schema.as_bytes(),
                &Remote::new(&RemoteHosts::default()),
            );
            assert_eq!(outcome.unwrap(), None, "{schema}");
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
            let closed = RemoteHosts::default();
            let error = check("s", schema.as_bytes(), &Remote::new(&closed)).unwrap_err();
            let hint = error.hint().unwrap_or_default();
            assert_eq!(
                hint.contains("MANIFILL_REMOTE_HOSTS"),
                remote,
                "{schema}: {error}"
            );
        }
    }

    #[test]
    fn schemas_from_an_open_host_are_put_into_the_one_that_names_them() {
        let open = RemoteHosts::parse("schemas.example.com").unwrap();
        let schema = br##"{"$schema": "http://json-schema.org/draft-07/schema#", "properties": {
            "a": {"$ref": "https://schemas.example.com/x/a.json#/definitions/t"},
            "b": {"$ref": "https://schemas.example.com/x/b.json"}, "c": {"$ref": "#/definitions/own"}},
            "definitions": {"own": {}}}"##;
        let remote = Remote::new(&open);
        check("s", schema, &remote).unwrap();
        assert_eq!(
            remote.wanted(),
            [
                "https://schemas.example.com/x/a.json",
                "https://schemas.example.com/x/b.json"
            ]
        );

        let with = |b: &str| {
            let a = r##"{"$id": "https://elsewhere.example.net/a", "definitions": {"t": {"$ref": "b.json#/u"}}}"##;
            let remote = Remote::new(&open).with_file("https://schemas.example.com/x/a.json", a);
            let remote = remote.with_file("https://schemas.example.com/x/b.json", b);
            check("s", schema, &remote)
        };
        let text = with(r##"{"u": {"type": "string"}, "v": {"$ref": "#/u"}, "w": {"$ref": "#"}}"##)
            .unwrap();
        let bundled: Value = serde_json::from_slice(&text.unwrap()).unwrap();
        assert_eq!(
            bundled["properties"],
            json!({
                "a": {"$ref": "#/definitions/fetched-0/definitions/t"},
                "b": {"$ref": "#/definitions/fetched-1"},
                "c": {"$ref": "#/definitions/own"},
            })
        );
        assert_eq!(
            bundled["definitions"],
            json!({
                "own": {},
                "fetched-0": {"definitions": {"t": {"$ref": "#/definitions/fetched-1/u"}}},
                "fetched-1": {
                    "u": {"type": "string"},
                    "v": {"$ref": "#/definitions/fetched-1/u"},
                    "w": {"$ref": "#/definitions/fetched-1"},
                },
            })
        );
        let error = with(r##"{"u": {"$id": "#t"}, "v": {"$ref": "#t"}}"##).unwrap_err();
        assert_eq!(
            error.hint(),
            Some("name it by its path, such as #/definitions/a")
        );
        for odd in [
            r#"{"$ref": "http://schemas.example.com/x/c.json"}"#,
            r#"{"$ref": "//elsewhere.example.net/c.json"}"#,
            r#"{"$ref": "file:///etc/passwd"}"#,
            r#"{"a": {"$schema": "https://elsewhere.example.net/c.json"}}"#,
            "no JSON",
        ] {
            assert!(with(odd).is_err(), "{odd}");
        }
    }
}
