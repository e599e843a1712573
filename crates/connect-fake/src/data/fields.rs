//! The fields and sections of an item.

use serde_json::{Map, Value, json};

use super::error::DataError;
use super::reader::At;
use super::shape::{derived_id, omit_empty};

/// Collects fields and the sections they stand in.
pub(super) struct Fields {
    item: String,
    fields: Vec<Value>,
    sections: Vec<Value>,
}

impl Fields {
    pub(super) fn new(item: &str) -> Fields {
        Fields {
            item: item.to_owned(),
            fields: Vec::new(),
            sections: Vec::new(),
        }
    }

    /// Adds a field by its label.
    pub(super) fn push(&mut self, section: Option<&str>, label: &str, value: Option<String>) {
        let is_code = value
            .as_deref()
            .is_some_and(|value| value.starts_with("otpauth://"));
        let (kind, purpose) = match (section, label) {
            (None, "username") => ("STRING", "USERNAME"),
            (None, "password") => ("CONCEALED", "PASSWORD"),
            (None, "notesPlain") => ("STRING", "NOTES"),
            _ if is_code => ("OTP", ""),
            _ => ("CONCEALED", ""),
        };
        let mut field = Map::new();
        if let Some(section) = section {
            field.insert("section".into(), json!({"id": self.section(section)}));
        }
        field.insert("label".into(), json!(label));
        field.insert("type".into(), json!(kind));
        field.insert("purpose".into(), json!(purpose));
        field.insert("value".into(), json!(value.unwrap_or_default()));
        self.push_map(field);
    }

    /// Adds a field as the API has it, with an id if it has none.
    fn push_map(&mut self, mut field: Map<String, Value>) {
        omit_empty(&mut field);
        if !field.contains_key("id") {
            let label = field.get("label").and_then(Value::as_str).unwrap_or("");
            let is_builtin = field.contains_key("purpose");
            let id = if is_builtin && !label.is_empty() {
                label.to_owned()
            } else {
                let number = self.fields.len().to_string();
                derived_id(&[&self.item, "field", &number, label])
            };
            field.insert("id".into(), json!(id));
        }
        self.fields.push(Value::Object(field));
    }

    /// The id of a section, which is added unless it is there.
    pub(super) fn section(&mut self, name: &str) -> String {
        let known = self
            .sections
            .iter()
            .find(|section| section["id"] == name || section["label"] == name);
        if let Some(id) = known.and_then(|section| section["id"].as_str()) {
            return id.to_owned();
        }
        let id = derived_id(&[&self.item, "section", name]);
        self.sections.push(json!({"id": id, "label": name}));
        id
    }

    /// Reads the list `sections` of an item.
    pub(super) fn read_sections(&mut self, sections: &At) -> Result<(), DataError> {
        for section in sections.list()? {
            let mut map = section.map()?.clone();
            omit_empty(&mut map);
            if !map.contains_key("id") {
                let label = section.required("label", "needs `id` or `label`")?.text()?;
                map.insert(
                    "id".into(),
                    json!(derived_id(&[&self.item, "section", label])),
                );
            }
            self.sections.push(Value::Object(map));
        }
        Ok(())
    }

    /// Reads `fields` in either form.
    pub(super) fn read(&mut self, fields: &At) -> Result<(), DataError> {
        if fields.value.is_object() {
            return self.read_short(fields);
        }
        for field in fields.list()? {
            let mut map = field.map()?.clone();
            for key in ["id", "label", "value", "type", "totp"] {
                if let Some(at) = field.optional(key)? {
                    at.text()?;
                }
            }
            if let Some(section) = field.optional("section")? {
                let section = match section.value {
                    Value::Object(map) => json!(map),
                    _ => json!({"id": self.section(section.text()?)}),
                };
                map.insert("section".into(), section);
            }
            self.push_map(map);
        }
        Ok(())
    }

    fn read_short(&mut self, fields: &At) -> Result<(), DataError> {
        for (label, field) in fields.entries()? {
            match field.value {
                Value::Object(_) => {
                    for (inner, field) in field.entries()? {
                        self.push(Some(label), inner, short_value(&field)?);
                    }
                }
                _ => self.push(None, label, short_value(&field)?),
            }
        }
        Ok(())
    }

    /// Puts both lists into an item, in place of the short form; an empty one is left out.
    pub(super) fn write(self, item: &mut Map<String, Value>) {
        for (key, list) in [("sections", self.sections), ("fields", self.fields)] {
            if list.is_empty() {
                item.remove(key);
            } else {
                item.insert(key.into(), Value::Array(list));
            }
        }
    }
}

fn short_value(at: &At) -> Result<Option<String>, DataError> {
    match at.value {
        Value::Null => Ok(None),
        _ => Ok(Some(at.text()?.to_owned())),
    }
}
