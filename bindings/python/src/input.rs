//! Texts that Python hands in.

use manifill::Input;
use pyo3::prelude::*;
use pyo3::types::{PyBytes, PyString};

use crate::objects;
use crate::value;

/// A name and a text, `str` or `bytes`.
#[derive(Debug, FromPyObject)]
pub(crate) struct Source<'py>(String, Text<'py>);

#[derive(Debug, FromPyObject)]
enum Text<'py> {
    Str(Bound<'py, PyString>),
    Bytes(Bound<'py, PyBytes>),
}

impl<'py> Source<'py> {
    /// The text as it came, without a copy where it is a `str`.
    pub(crate) fn unchanged(&self) -> PyResult<Bound<'py, PyString>> {
        match &self.1 {
            Text::Str(text) => Ok(text.clone()),
            Text::Bytes(bytes) => PyString::from_bytes(bytes.py(), bytes.as_bytes()),
        }
    }
}

/// The inputs; an exception with the first text that is none.
pub(crate) fn read(py: Python<'_>, sources: &[Source<'_>]) -> PyResult<Vec<Input>> {
    sources
        .iter()
        .map(|source| {
            let text = match &source.1 {
                Text::Str(text) => {
                    value::text(text).map_err(|_| "the text holds a lone surrogate".to_owned())
                }
                Text::Bytes(bytes) => match std::str::from_utf8(bytes.as_bytes()) {
                    Ok(text) => Ok(text.to_owned()),
                    Err(error) => Err(format!("byte {} is not UTF-8", error.valid_up_to())),
                },
            };
            match text {
                Ok(text) => Ok(Input::new(source.0.as_str(), text)),
                Err(message) => Err(no_text(py, &message, &source.0)),
            }
        })
        .collect()
}

fn no_text(py: Python<'_>, message: &str, name: &str) -> PyErr {
    let diagnostic = objects::make(
        py,
        "report",
        "Diagnostic",
        ("error", "manifest", message, None::<&str>, name),
    );
    match diagnostic.and_then(|one| objects::make(py, "errors", "RenderError", (vec![one],))) {
        Ok(error) => PyErr::from_value(error),
        Err(error) => error,
    }
}
