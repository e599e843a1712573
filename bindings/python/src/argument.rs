//! Arguments of classes in native code, and what is said of one that has another type.

use pyo3::exceptions::PyTypeError;
use pyo3::prelude::*;
use pyo3::types::{PyMapping, PyString};

use crate::value::{text, type_name};

/// The same words as those of `manifill._arguments`.
fn wrong(name: &str, wanted: &str, value: &Bound<'_, PyAny>) -> PyErr {
    let found = type_name(value);
    PyTypeError::new_err(format!("{name} must be {wanted}, not {found}"))
}

pub(crate) fn string(name: &str, value: &Bound<'_, PyAny>) -> PyResult<String> {
    let found = value.cast::<PyString>();
    text(found.map_err(|_| wrong(name, "str", value))?)
}

pub(crate) fn optional_string(
    name: &str,
    value: Option<&Bound<'_, PyAny>>,
) -> PyResult<Option<String>> {
    let read = |value: &Bound<'_, PyAny>| match value.cast::<PyString>() {
        Ok(found) => text(found),
        Err(_) => Err(wrong(name, "str or None", value)),
    };
    value.map(read).transpose()
}

pub(crate) fn number(name: &str, value: &Bound<'_, PyAny>) -> PyResult<usize> {
    value.extract().map_err(|error: PyErr| {
        if error.is_instance_of::<PyTypeError>(value.py()) {
            wrong(name, "int", value)
        } else {
            error
        }
    })
}

/// Texts in a list, or in anything else that has an order but is no text itself.
pub(crate) fn strings(name: &str, value: &Bound<'_, PyAny>) -> PyResult<Vec<String>> {
    let wanted = "a list of str";
    if value.is_instance_of::<PyString>() {
        return Err(wrong(name, wanted, value));
    }
    let items = value.try_iter().map_err(|_| wrong(name, wanted, value))?;
    items
        .enumerate()
        .map(|(index, item)| string(&format!("{name}[{index}]"), &item?))
        .collect()
}

pub(crate) fn mapping<'a, 'py>(
    name: &str,
    value: &'a Bound<'py, PyAny>,
) -> PyResult<&'a Bound<'py, PyMapping>> {
    let found = value.cast::<PyMapping>();
    found.map_err(|_| wrong(name, "a dict", value))
}
