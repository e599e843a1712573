//! Texts that Python hands in.

use manifill::may_need_filling;
use manifill::{Format, Input};
use manifill_manifest::split;
use pyo3::exceptions::PyValueError;
use pyo3::prelude::*;
use pyo3::types::{PyBytes, PyString};

use crate::call::LARGE;
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

    fn text(&self) -> Result<String, String> {
        match &self.1 {
            Text::Str(text) => {
                value::text(text).map_err(|_| "the text holds a lone surrogate".to_owned())
            }
            Text::Bytes(bytes) => std::str::from_utf8(bytes.as_bytes())
                .map(str::to_owned)
                .map_err(|error| format!("byte {} is not UTF-8", error.valid_up_to())),
        }
    }
}

/// The inputs; an exception with every text that is none.
pub(crate) fn read(py: Python<'_>, sources: &[Source<'_>]) -> PyResult<Vec<Input>> {
    let (mut inputs, mut wrong) = (Vec::with_capacity(sources.len()), Vec::new());
    for source in sources {
        let name = source.0.as_str();
        match source.text() {
            Ok(text) => inputs.push(Input::new(name, text)),
            Err(message) => wrong.push((name, message)),
        }
    }
    if wrong.is_empty() {
        Ok(inputs)
    } else {
        Err(unreadable(py, &wrong))
    }
}

/// The inputs as texts of a format: the one that is named, that their names tell, or plain text.
pub(crate) fn with_format(inputs: Vec<Input>, format: Option<&str>) -> PyResult<Vec<Input>> {
    let named = |format: &str| {
        let mut formats = Format::TEXTS.into_iter();
        formats.find(|one| one.as_str() == format).ok_or_else(|| {
            let names = Format::TEXTS.map(Format::as_str).join(", ");
            PyValueError::new_err(format!("format must be one of {names}"))
        })
    };
    let named = format.map(named).transpose()?;
    let with_format = |input: Input| {
        let format = named.or_else(|| Format::of_name(&input.name));
        input.with_format(format.unwrap_or(Format::Text))
    };
    Ok(inputs.into_iter().map(with_format).collect())
}

/// Whether reading the inputs takes long.
pub(crate) fn are_large(inputs: &[Input]) -> bool {
    inputs.iter().map(|input| input.source.len()).sum::<usize>() > LARGE
}

/// Whether there may be anything to fill, which takes as long as a backend or a `bcrypt` takes.
pub(crate) fn may_be_filled(inputs: &[Input]) -> bool {
    inputs.iter().any(|input| {
        let documents = split(&input.source);
        documents
            .into_iter()
            .any(|span| may_need_filling(&input.source[span]))
    })
}

/// The exception of inputs that cannot be read: their names, and what is wrong with them.
pub(crate) fn unreadable(py: Python<'_>, wrong: &[(&str, String)]) -> PyErr {
    let diagnostic = |(name, message): &(&str, String)| {
        let fields = ("error", "manifest", message, None::<&str>, *name);
        objects::make(py, "report", "Diagnostic", fields)
    };
    let diagnostics: PyResult<Vec<_>> = wrong.iter().map(diagnostic).collect();
    match diagnostics.and_then(|all| objects::make(py, "errors", "RenderError", (all,))) {
        Ok(error) => PyErr::from_value(error),
        Err(error) => error,
    }
}
