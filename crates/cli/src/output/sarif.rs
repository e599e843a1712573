//! One SARIF 2.1.0 log, as code scanning and editors read it.

use manifill::{Plan, RenderError};
use manifill_check::Checked;
use serde_json::{Value, json};

use super::form::{Form, counted};
use super::told::{Level, Told};

#[derive(Default)]
pub(super) struct Sarif {
    results: Vec<Value>,
}

impl Form for Sarif {
    fn tell(&mut self, told: Told) -> String {
        self.results.push(result(&told));
        String::new()
    }

    fn count(&mut self, error: &RenderError) -> String {
        if error.errors_left_off() > 0 {
            let message = format!("and {}", counted(error.errors_left_off(), "more error"));
            self.tell(Told::new(Level::Note, "note", message));
        }
        String::new()
    }

    fn plan(&mut self, _: &Plan<'_, '_>) -> String {
        String::new()
    }

    fn checked(&mut self, _: &Checked) -> String {
        String::new()
    }

    fn end(&mut self) -> String {
        let log = json!({
            "$schema": "https://json.schemastore.org/sarif-2.1.0.json",
            "version": "2.1.0",
            "runs": [{
                "tool": {"driver": {
                    "name": "manifill",
                    "version": env!("CARGO_PKG_VERSION"),
                    "semanticVersion": env!("CARGO_PKG_VERSION"),
                }},
                // Columns count characters, not UTF-16 units.
                "columnKind": "unicodeCodePoints",
                "results": self.results,
            }],
        });
        format!("{log}\n")
    }
}

fn result(told: &Told) -> Value {
    let level = match told.level {
        Level::Error => "error",
        Level::Warning => "warning",
        Level::Note => "note",
    };
    let mut message = told.message.clone();
    if let Some(hint) = &told.hint {
        message = format!("{message} (hint: {hint})");
    }
    if let Some(setting) = &told.setting {
        message = format!("{setting}: {message}");
    }
    let mut result = json!({
        "ruleId": told.kind,
        "level": level,
        "message": {"text": message},
    });
    let line = told.line.zip(told.column);
    let first = told.file.as_ref().map(|file| {
        let names = [told.resource.as_deref(), told.field.as_deref()];
        location(file, line, names, told.rendered_from.as_deref())
    });
    let further = told.further_places.iter().map(|place| {
        let names = [place.resource.as_deref(), place.field.as_deref()];
        let line = Some((place.line, place.column));
        location(&place.file, line, names, place.rendered_from.as_deref())
    });
    let locations: Vec<Value> = first.into_iter().chain(further).collect();
    if !locations.is_empty() {
        result["locations"] = locations.into();
    }
    result
}

fn location(
    file: &str,
    line: Option<(usize, usize)>,
    names: [Option<&str>; 2],
    rendered_from: Option<&str>,
) -> Value {
    let uri = uri(file);
    let mut physical = json!({"artifactLocation": {"uri": uri}});
    if let Some((line, column)) = line {
        physical["region"] = json!({"startLine": line, "startColumn": column});
    }
    let mut location = json!({"physicalLocation": physical});
    let name: Vec<&str> = names.into_iter().flatten().collect();
    if !name.is_empty() {
        location["logicalLocations"] = json!([{"fullyQualifiedName": name.join(" ")}]);
    }
    if let Some(file) = rendered_from {
        location["properties"] = json!({"renderedFrom": file});
    }
    location
}

/// A file name as a URI, relative unless the name is absolute (RFC 3986, section 2.1).
fn uri(name: &str) -> String {
    let mut uri = String::from(if name.starts_with('/') { "file://" } else { "" });
    for byte in name.bytes() {
        if byte.is_ascii_alphanumeric() || b"-._~/".contains(&byte) {
            uri.push(char::from(byte));
        } else {
            uri.push_str(&format!("%{byte:02X}"));
        }
    }
    uri
}
