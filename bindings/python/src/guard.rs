//! The last step of a pipe, from Python.

use manifill_check::{AllowedField, Guard, NotAField};
use pyo3::exceptions::PyValueError;
use pyo3::prelude::*;

use crate::call::Call;
use crate::errors;
use crate::input::{self, Source};

/// Looks for what is left of placeholders in texts: the texts as they are, and remarks.
#[pyfunction]
pub(crate) fn guard<'py>(
    py: Python<'py>,
    source: Source<'py>,
    allow: Vec<String>,
) -> PyResult<(Bound<'py, PyAny>, Vec<String>)> {
    let field = |text: &String| {
        text.parse::<AllowedField>().map_err(|error: NotAField| {
            let words = format!("allow: `{}` is not a field; {error}", text.escape_debug());
            PyValueError::new_err(words)
        })
    };
    let fields = allow.iter().map(field).collect::<PyResult<Vec<_>>>()?;
    let guard = fields.into_iter().fold(Guard::new(), Guard::with_allowed);
    let sources = [source];
    let inputs = input::read(py, &sources)?;
    let call = Call::new(py, None, None)?;
    let large = input::are_large(&inputs);
    let (notes, error) = call.run(py, large, move |_| {
        let guarded = manifill_check::guard(&inputs, &guard);
        (guarded.notes().to_vec(), guarded.text().err())
    })?;
    match error {
        Some(error) => Err(errors::render(py, &error, None)),
        None => Ok((sources[0].unchanged()?.into_any(), notes)),
    }
}
