//! Errors of the Rust crates as Python exceptions.

use manifill::policy::PathRuleError;
use manifill::settings::ConfigErrors;
use manifill::transform::hint;
use manifill::vault::VaultError;
use manifill::{Diagnostic, Place, RenderError, Severity};
use manifill_manifest::{LineIndex, ManifestError};
use manifill_placeholder::PlaceholderError;
use pyo3::prelude::*;
use pyo3::types::{PyDict, PyList, PyTuple};

use crate::call::Call;
use crate::chars::Chars;
use crate::objects;

/// Sets the details of an exception; a detail that Python cannot hold is left out.
macro_rules! details {
    ($py:expr, $($name:literal: $value:expr),* $(,)?) => {{
        let details = PyDict::new($py);
        $( let _ = details.set_item($name, $value); )*
        details
    }};
}

/// The exception of a render that failed.
pub(crate) fn render(py: Python<'_>, error: &RenderError, call: Option<&Call>) -> PyErr {
    match render_object(py, error, call) {
        Ok(error) | Err(error) => error,
    }
}

fn render_object(py: Python<'_>, error: &RenderError, call: Option<&Call>) -> PyResult<PyErr> {
    let list = diagnostic_list(py, error.diagnostics(), call)?;
    let known = (
        list,
        error.errors_left_off(),
        error.secrets_unread(),
        error.notes(),
    );
    let made = PyErr::from_value(objects::make(py, "errors", "RenderError", known)?);
    made.set_cause(py, first_exception(py, error.diagnostics(), call));
    Ok(made)
}

/// The exception of a read of one path.
pub(crate) fn read(py: Python<'_>, error: &RenderError, call: &Call) -> PyErr {
    let Some(first) = error.errors().next() else {
        return render(py, error, Some(call));
    };
    let class = class_of(py, first.kind.as_str());
    let details = details!(py, "kind": first.kind.as_str(), "hint": first.hint.as_deref());
    let made = objects::error(py, &class, &first.message, &details);
    if let Ok(notes) = PyTuple::new(py, error.notes()) {
        let _ = made.value(py).setattr("notes", notes);
    }
    made.set_cause(py, first_exception(py, error.diagnostics(), Some(call)));
    made
}

fn first_exception(
    py: Python<'_>,
    diagnostics: &[Diagnostic],
    call: Option<&Call>,
) -> Option<PyErr> {
    let errors = diagnostics
        .iter()
        .filter(|one| one.severity == Severity::Error);
    errors
        .filter_map(|diagnostic| exception(py, diagnostic, call?))
        .next()
}

fn exception(py: Python<'_>, diagnostic: &Diagnostic, call: &Call) -> Option<PyErr> {
    let (backend, path) = (diagnostic.backend.as_deref()?, diagnostic.path.as_deref()?);
    call.exception(py, backend, path, diagnostic.version.as_deref())
}

/// Diagnostics as objects of `manifill.Diagnostic`.
pub(crate) fn diagnostic_list<'py>(
    py: Python<'py>,
    diagnostics: &[Diagnostic],
    call: Option<&Call>,
) -> PyResult<Bound<'py, PyList>> {
    let list = PyList::empty(py);
    let class = py.import("manifill.report")?.getattr("Diagnostic")?;
    for one in diagnostics {
        let raised = match one.severity {
            Severity::Error => call.and_then(|call| exception(py, one, call)),
            _ => None,
        };
        let place = &one.place;
        let known = |number: usize| Some(number).filter(|number| *number > 0);
        let fields = details!(
            py,
            "severity": one.severity.as_str(),
            "kind": one.kind.as_str(),
            "message": &one.message,
            "hint": one.hint.as_deref(),
            "file": Some(place.file.as_str()).filter(|file| !file.is_empty()),
            "line": known(place.line),
            "column": known(place.column),
            "resource": place.resource.as_deref(),
            "field": place.field.as_deref(),
            "placeholder": one.placeholder.as_deref(),
            "backend": one.backend.as_deref(),
            "path": one.path.as_deref(),
            "version": one.version.as_deref(),
            "key": one.key.as_deref(),
            "setting": place.setting.as_deref(),
            "rendered_from": place.rendered_from.as_deref(),
            "further_places": place_list(py, &one.further_places)?,
            "exception": raised.map(|error| error.into_value(py)),
        );
        list.append(class.call((), Some(&fields))?)?;
    }
    Ok(list)
}

/// Places as objects of `manifill.Place`.
fn place_list<'py>(py: Python<'py>, places: &[Place]) -> PyResult<Bound<'py, PyList>> {
    let list = PyList::empty(py);
    for place in places {
        let known = (
            place.file.as_str(),
            place.line,
            place.column,
            place.resource.as_deref(),
            place.field.as_deref(),
            place.rendered_from.as_deref(),
        );
        list.append(objects::make(py, "report", "Place", known)?)?;
    }
    Ok(list)
}

/// The exception of a backend's own error.
pub(crate) fn vault(py: Python<'_>, error: &VaultError) -> PyErr {
    let kind = error.kind().as_str();
    let details = details!(py, "kind": kind, "hint": error.hint());
    objects::error(py, &class_of(py, kind), &error.to_string(), &details)
}

/// The class of an error kind, from the one table that `manifill.errors` has.
fn class_of(py: Python<'_>, kind: &str) -> String {
    let name = || {
        let kinds = py.import("manifill.errors")?.getattr("KINDS")?;
        kinds
            .get_item(kind)?
            .getattr("__name__")?
            .extract::<String>()
    };
    name().unwrap_or_else(|_: PyErr| "ManifillError".to_owned())
}

/// The exception of malformed placeholders.
pub(crate) fn placeholder(
    py: Python<'_>,
    error: &PlaceholderError,
    text: &str,
    chars: &Chars,
) -> PyErr {
    let details = details!(
        py,
        "kind": error.kind().as_str(),
        "span": chars.slice(py, text, &error.span()).ok(),
        "summary": error.summary(),
        "hint": hint(error),
        "survives": error.survives(),
        "is_escaped": error.is_escaped(),
    );
    objects::error(py, "PlaceholderError", &error.to_string(), &details)
}

/// The exception of a path that the rules do not allow.
pub(crate) fn path_rule(py: Python<'_>, error: &PathRuleError) -> PyErr {
    let details = details!(py, "kind": error.kind().as_str(), "hint": error.hint());
    objects::error(py, "PathRuleError", &error.to_string(), &details)
}

/// The exception of YAML that cannot be read or edited.
pub(crate) fn manifest(
    py: Python<'_>,
    error: &ManifestError,
    source: &str,
    chars: &Chars,
) -> PyErr {
    let (line, column) = LineIndex::new(source).line_column(error.offset());
    let details = details!(
        py,
        "kind": error.kind().as_str(),
        "offset": chars.of_byte(source, error.offset()),
        "line": line,
        "column": column,
        "other_offset": error.other_offset().map(|other| chars.of_byte(source, other)),
        "name": error.name(),
        "hint": error.hint(),
    );
    objects::error(py, "ManifestError", &error.to_string(), &details)
}

/// The exception of wrong settings, with each of the mistakes.
pub(crate) fn settings(py: Python<'_>, errors: &ConfigErrors) -> PyErr {
    let list = PyList::empty(py);
    for error in errors {
        let file = error.file().map(|file| file.display().to_string());
        let (line, column) = match error.position() {
            Some(at) => (Some(at.line), Some(at.column)),
            None => (None, None),
        };
        let made = objects::make(
            py,
            "errors",
            "ConfigError",
            (
                error.to_string(),
                file,
                line,
                column,
                error.hint(),
                error.setting(),
            ),
        );
        if let Err(error) = made.and_then(|made| list.append(made)) {
            return error;
        }
    }
    objects::error(
        py,
        "ConfigurationError",
        &errors.to_string(),
        &details!(py, "errors": list, "notes": errors.notes()),
    )
}

/// The exception of wrong arguments about backends.
pub(crate) fn setting(py: Python<'_>, message: &str, hint: Option<&str>) -> PyErr {
    let none = None::<usize>;
    match objects::make(
        py,
        "errors",
        "ConfigError",
        (message, None::<&str>, none, none, hint),
    ) {
        Ok(one) => objects::error(
            py,
            "ConfigurationError",
            message,
            &details!(py, "errors": [one]),
        ),
        Err(error) => error,
    }
}
