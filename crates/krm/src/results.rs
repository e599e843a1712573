//! What is found, as the `results` of a list.

use manifill::{Diagnostic, Place, RenderError, Severity, printable};
use manifill_manifest::{NewEntry, NewValue, Value, contents, set_entries};

use crate::items::{Items, reference};

/// Results on their way.
#[derive(Debug, Default)]
pub(crate) struct Results(Vec<Value>);

impl Results {
    /// Adds what is found: once for each of its places, since each object has its own.
    pub(crate) fn add(&mut self, diagnostics: &[Diagnostic], items: &Items) {
        for one in diagnostics {
            let further = one.further_places.iter();
            for place in std::iter::once(&one.place).chain(further) {
                self.0.push(result(one, place, items));
            }
        }
    }

    /// Adds an error without a place.
    pub(crate) fn add_error(&mut self, message: &str) {
        self.0.push(Value::Map(vec![
            entry("message", message),
            entry("severity", "error"),
        ]));
    }

    /// Says how many errors there are beside those that are told.
    pub(crate) fn add_left_off(&mut self, error: &RenderError) {
        match error.errors_left_off() {
            0 => {}
            1 => self.add_error("and 1 more error"),
            more => self.add_error(&format!("and {more} more errors")),
        }
    }

    /// Adds remarks.
    pub(crate) fn add_notes(&mut self, notes: &[String]) {
        for note in notes {
            self.0.push(Value::Map(vec![
                entry("message", &printable(note)),
                entry("severity", "info"),
            ]));
        }
    }

    /// Puts them into a list, if there are any. A list whose results are shared with something else
    /// stays as it is: what is found is told elsewhere, too.
    pub(crate) fn put(self, list: String) -> String {
        if self.0.is_empty() {
            return list;
        }
        let results = Value::List(self.0);
        let entry = NewEntry {
            object: 0,
            path: &[],
            key: "results",
            value: NewValue::Any(&results),
        };
        let Some(span) = contents(&list).next() else {
            return list;
        };
        match set_entries(&list[span.clone()], &[entry]) {
            Ok(text) => {
                let mut list = list;
                list.replace_range(span, &text);
                list
            }
            Err(_) => list,
        }
    }
}

fn entry(key: &str, text: &str) -> (String, Value) {
    (key.to_owned(), Value::Text(text.to_owned()))
}

fn result(one: &Diagnostic, place: &Place, items: &Items) -> Value {
    let message = match &one.hint {
        Some(hint) => format!("{}; {hint}", one.message),
        None => one.message.clone(),
    };
    let severity = match one.severity {
        Severity::Error => "error",
        Severity::Warning => "warning",
        _ => "info",
    };
    let mut fields = vec![
        entry("message", &printable(&message)),
        entry("severity", severity),
    ];
    let item = items.at(place);
    let object = match (item, &place.resource) {
        (Some(item), _) => Some(item.reference.clone()),
        (None, Some(name)) => Some(by_name(name)),
        (None, None) => None,
    };
    fields.extend(object.map(|object| ("resourceRef".to_owned(), object)));
    if let Some(field) = &place.field {
        let path = Value::Map(vec![entry("path", field)]);
        fields.push(("field".to_owned(), path));
    }
    if let Some(file) = item.map_or_else(|| own_file(place), |item| item.path.clone()) {
        let mut parts = vec![entry("path", &file)];
        let index = item.and_then(|item| item.index.clone());
        let is_number = |text: &String| text.parse::<u32>().is_ok();
        if let Some(index) = index.filter(is_number) {
            parts.push(("index".to_owned(), Value::Number(index)));
        }
        fields.push(("file".to_owned(), Value::Map(parts)));
    }
    let kind = Value::Map(vec![entry("manifill.dev/kind", one.kind.as_str())]);
    fields.push(("tags".to_owned(), kind));
    Value::Map(fields)
}

/// An object by what messages call it: `Kind/name` or `Kind/namespace/name`.
fn by_name(name: &str) -> Value {
    let parts: Vec<&str> = name.split('/').collect();
    match parts.as_slice() {
        [kind, namespace, name] => reference([
            ("kind", Some(*kind)),
            ("name", Some(*name)),
            ("namespace", Some(*namespace)),
        ]),
        [kind, name] => reference([("kind", Some(*kind)), ("name", Some(*name))]),
        _ => reference([("kind", Some(name))]),
    }
}

/// The file of a place that is in no item.
fn own_file(place: &Place) -> Option<String> {
    let is_file = !matches!(place.file.as_str(), "" | "-") && place.setting.is_none();
    (is_file && !place.file.starts_with("functionConfig.")).then(|| place.file.clone())
}
