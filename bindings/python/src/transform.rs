//! `manifill.transform`: modifiers run on values.

use std::borrow::Cow;

use manifill::transform::{self as rust, KeyLocation, TransformError};
use manifill_placeholder::{self as placeholder, Grammar, Modifier, Span};
use pyo3::prelude::*;
use pyo3::types::PyDict;

use crate::chars::Chars;
use crate::errors;
use crate::objects;
use crate::value::{SecretValue, from_python};

/// What stands before the modifiers in the placeholder that they are read from.
const HEAD: &str = "<path:a#b | ";

/// Runs modifiers, from left to right.
#[pyfunction]
pub(crate) fn run(
    py: Python<'_>,
    value: &Bound<'_, PyAny>,
    modifiers: &str,
    backend: &str,
    path: &str,
    key: &str,
) -> PyResult<SecretValue> {
    let value = from_python(value)?;
    let modifiers = parse(py, modifiers)?;
    let location = KeyLocation::new(backend, path, key);
    py.detach(|| rust::run(&value, &modifiers, &location).map(Cow::into_owned))
        .map(SecretValue)
        .map_err(|error| failed(py, &error))
}

/// Finds what is wrong with modifiers without a value.
#[pyfunction]
pub(crate) fn check(py: Python<'_>, modifiers: &str) -> PyResult<()> {
    rust::check(&parse(py, modifiers)?).map_err(|error| failed(py, &error))
}

/// The text of a value, inside other text.
#[pyfunction]
pub(crate) fn text_of(value: &Bound<'_, PyAny>) -> PyResult<Option<String>> {
    Ok(rust::text_of(&from_python(value)?).map(Cow::into_owned))
}

/// The value as JSON on one line, if it is neither text nor bytes.
#[pyfunction]
pub(crate) fn typed_json(value: &Bound<'_, PyAny>) -> PyResult<Option<String>> {
    Ok(rust::typed_json(&from_python(value)?))
}

fn parse(py: Python<'_>, modifiers: &str) -> PyResult<Vec<Modifier>> {
    let text = format!("{HEAD}{modifiers}>");
    let parsed = placeholder::parse(&text, Grammar::default());
    parsed.map(|found| found.modifiers).map_err(|error| {
        let raised = errors::placeholder(py, &error, &text, &Chars::new(&text));
        let within = |at: usize| at.saturating_sub(HEAD.len()).min(modifiers.len());
        let Span { start, end } = error.span();
        let span = within(start)..within(end);
        let span = Chars::new(modifiers).slice(py, modifiers, &span);
        match span.and_then(|span| raised.value(py).setattr("span", span)) {
            Ok(()) => raised,
            Err(error) => error,
        }
    })
}

fn failed(py: Python<'_>, error: &TransformError) -> PyErr {
    let details = PyDict::new(py);
    let set = details
        .set_item("kind", error.kind.as_str())
        .and_then(|()| details.set_item("modifier", error.modifier))
        .and_then(|()| details.set_item("hint", error.hint()));
    match set {
        Ok(()) => objects::error(py, "TransformError", &error.to_string(), &details),
        Err(error) => error,
    }
}
