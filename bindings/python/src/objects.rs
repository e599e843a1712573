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
