//! One JSON object, for programs; `diagnostics.schema.json` describes it.

use manifill::{KeyReport, Plan, RenderError};
use manifill_check::Checked;
use serde::Serialize;

use super::form::{Form, counted};
use super::told::{Level, Told};

#[derive(Default)]
pub(super) struct Json {
    diagnostics: Vec<Told>,
    plan: Option<Planned>,
    check: Option<Check>,
}

/// The object. A number is added to it, or a field, without a new version.
#[derive(Serialize)]
struct Object<'a> {
    version: u8,
    diagnostics: &'a [Told],
    #[serde(skip_serializing_if = "Option::is_none")]
    plan: Option<&'a Planned>,
    #[serde(skip_serializing_if = "Option::is_none")]
    check: Option<&'a Check>,
}

/// What would be read.
#[derive(Serialize)]
struct Planned {
    secrets: Vec<Secret>,
    placeholders: usize,
    documents: usize,
}

#[derive(Serialize)]
struct Secret {
    backend: String,
    path: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    version: Option<String>,
    uses: Vec<Use>,
}

/// A key, and a field it fills.
#[derive(Serialize)]
struct Use {
    key: String,
    file: String,
    line: usize,
    column: usize,
    #[serde(skip_serializing_if = "Option::is_none")]
    rendered_from: Option<String>,
    resource: String,
    field: String,
    base64: bool,
}

/// What a check has seen.
#[derive(Serialize)]
struct Check {
    depth: &'static str,
    keys: Vec<Key>,
    secrets: usize,
    placeholders: usize,
    documents: usize,
}

/// A key that is wanted, and what may be told of it.
#[derive(Serialize)]
struct Key {
    backend: String,
    path: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    version: Option<String>,
    key: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    found: Option<Found>,
}

#[derive(Serialize)]
struct Found {
    #[serde(rename = "type")]
    value_type: &'static str,
    size: &'static str,
}

impl Form for Json {
    fn tell(&mut self, told: Told) -> String {
        self.diagnostics.push(told);
        String::new()
    }

    fn count(&mut self, error: &RenderError) -> String {
        if error.errors_left_off() > 0 {
            let message = format!("and {}", counted(error.errors_left_off(), "more error"));
            self.diagnostics
                .push(Told::new(Level::Note, "note", message));
        }
        String::new()
    }

    fn plan(&mut self, plan: &Plan<'_, '_>) -> String {
        let mut secrets: Vec<Secret> = plan
            .reads()
            .map(|read| Secret {
                backend: read.backend,
                path: read.path,
                version: read.version,
                uses: Vec::new(),
            })
            .collect();
        for field in plan.fields() {
            for (read, key) in field.wants {
                if let Some(secret) = secrets.get_mut(read) {
                    secret.uses.push(Use {
                        key,
                        file: field.file.clone(),
                        line: field.line,
                        column: field.column,
                        rendered_from: field.rendered_from.clone(),
                        resource: field.resource.clone(),
                        field: field.field.clone(),
                        base64: field.base64,
                    });
                }
            }
        }
        self.plan = Some(Planned {
            secrets,
            placeholders: plan.placeholder_count(),
            documents: plan.document_count(),
        });
        String::new()
    }

    fn checked(&mut self, checked: &Checked) -> String {
        let key = |key: &KeyReport| Key {
            backend: key.backend.clone(),
            path: key.path.clone(),
            version: key.version.clone(),
            key: key.key.clone(),
            found: key.found.map(|found| Found {
                value_type: found.type_name,
                size: found.size.as_str(),
            }),
        };
        let stats = checked.stats().unwrap_or_default();
        self.check = Some(Check {
            depth: checked.depth().as_str(),
            keys: checked.keys().iter().map(key).collect(),
            secrets: stats.secrets,
            placeholders: stats.placeholders,
            documents: stats.documents,
        });
        String::new()
    }

    fn end(&mut self) -> String {
        let object = Object {
            version: 1,
            diagnostics: &self.diagnostics,
            plan: self.plan.as_ref(),
            check: self.check.as_ref(),
        };
        // Texts and numbers only: there is nothing in it that JSON could not hold.
        serde_json::to_string(&object).map_or_else(|_| String::new(), |text| text + "\n")
    }
}
