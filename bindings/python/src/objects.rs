//! Objects of the classes that are written in Python.

use pyo3::prelude::*;
use pyo3::types::PyDict;

/// Makes an object of a class of the package, `module` being its module below `manifill`.
pub(crate) fn make<'py, A>(
    py: Python<'py>,
    module: &str,
    class: &str,
    args: A,
) -> PyResult<Bound<'py, PyAny>>
where
    A: pyo3::call::PyCallArgs<'py>,
{
    class_of(py, module, class)?.call1(args)
}

/// Makes an exception of a class in `manifill.errors`: a message and what else is known.
pub(crate) fn error(
    py: Python<'_>,
    class: &str,
    message: &str,
    details: &Bound<'_, PyDict>,
) -> PyErr {
    let made =
        class_of(py, "errors", class).and_then(|class| class.call((message,), Some(details)));
    match made {
        Ok(error) => PyErr::from_value(error),
        Err(error) => error,
    }
}

fn class_of<'py>(py: Python<'py>, module: &str, class: &str) -> PyResult<Bound<'py, PyAny>> {
    py.import(format!("manifill.{module}"))?.getattr(class)
}

/// A word for a variant of an enum, without what it holds: `PathHoldsBracket` is
/// `path-holds-bracket`.
pub(crate) fn word(variant: &impl std::fmt::Debug) -> String {
    let name = format!("{variant:?}");
    let mut word = String::with_capacity(name.len() + 4);
    let name = name
        .split(|c: char| !c.is_ascii_alphanumeric())
        .next()
        .unwrap_or_default();
    for (index, c) in name.char_indices() {
        if c.is_ascii_uppercase() {
            if index > 0 {
                word.push('-');
            }
            word.push(c.to_ascii_lowercase());
        } else {
            word.push(c);
        }
    }
    word
}
