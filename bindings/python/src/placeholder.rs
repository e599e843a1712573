//! `manifill.placeholder`: texts in, objects out.

use manifill::policy;
use manifill_placeholder::escaped::{Escape, scan_escaped as rust_scan_escaped};
use manifill_placeholder::{
    self as rust, Argument, Grammar, MODIFIERS, Modifier, Part, Placeholder, PlaceholderError,
    Reference,
};
use pyo3::exceptions::{PyNotImplementedError, PyValueError};
use pyo3::prelude::*;
use pyo3::types::{PyList, PyString, PyTuple};

use crate::argument;
use crate::chars::Chars;
use crate::errors;
use crate::objects;

/// A text and what it takes to make objects of its placeholders.
struct Text<'t, 'py> {
    py: Python<'py>,
    text: &'t str,
    chars: Chars,
}

/// Finds the placeholders of a text; malformed ones are raised, or returned if `keep` is set.
#[pyfunction]
pub(crate) fn scan<'py>(
    py: Python<'py>,
    text: &str,
    annotated: bool,
    strict: bool,
    keep: bool,
) -> PyResult<Bound<'py, PyList>> {
    let made = Text::new(py, text);
    let list = PyList::empty(py);
    let grammar = Grammar::new().with_annotated(annotated).with_strict(strict);
    let all: Vec<_> = py.detach(|| rust::scan(text, grammar).collect());
    for found in all {
        match found {
            Ok(found) => list.append(made.placeholder(&found)?)?,
            Err(error) if keep => list.append(made.error(&error).into_value(py))?,
            Err(error) => return Err(made.error(&error)),
        }
    }
    Ok(list)
}

/// Finds placeholders with escaped brackets, each with how it is escaped.
#[pyfunction]
pub(crate) fn scan_escaped<'py>(
    py: Python<'py>,
    text: &str,
    annotated: bool,
    strict: bool,
) -> PyResult<Bound<'py, PyList>> {
    let made = Text::new(py, text);
    let list = PyList::empty(py);
    let grammar = Grammar::new().with_annotated(annotated).with_strict(strict);
    let all: Vec<_> = py.detach(|| rust_scan_escaped(text, grammar).collect());
    for found in all {
        let (found, escape) = found.map_err(|error| made.error(&error))?;
        list.append((made.placeholder(&found)?, escape.as_str()))?;
    }
    Ok(list)
}

/// Escapes a value as the placeholder was escaped.
#[pyfunction]
pub(crate) fn escape(how: &str, value: &str) -> PyResult<String> {
    let known = [Escape::Json, Escape::Percent, Escape::Html];
    let found = known.into_iter().find(|one| one.as_str() == how);
    let escape = found.ok_or_else(|| PyValueError::new_err(format!("`{how}` is not an escape")))?;
    Ok(escape.apply(value))
}

/// Reads a text that is one placeholder.
#[pyfunction]
pub(crate) fn parse<'py>(
    py: Python<'py>,
    text: &str,
    annotated: bool,
    strict: bool,
) -> PyResult<Bound<'py, PyAny>> {
    let made = Text::new(py, text);
    match rust::parse(
        text,
        Grammar::new().with_annotated(annotated).with_strict(strict),
    ) {
        Ok(found) => made.placeholder(&found),
        Err(error) => Err(made.error(&error)),
    }
}

/// Whether a text can hold a placeholder.
#[pyfunction]
pub(crate) fn may_contain(text: &str) -> bool {
    rust::may_contain(text)
}

/// Where a placeholder begins that does not end.
#[pyfunction]
pub(crate) fn unclosed_opener(text: &str, annotated: bool) -> Option<usize> {
    let open = rust::unclosed_opener(text, annotated)?;
    Some(Chars::new(text).of_byte(text, open))
}

/// The text that a value holds in base64.
#[pyfunction]
pub(crate) fn decode_text(value: &str) -> Option<String> {
    rust::decode_text(value)
}

/// The bytes that a value holds in base64.
#[pyfunction]
pub(crate) fn decode_bytes(value: &str) -> Option<std::borrow::Cow<'_, [u8]>> {
    rust::decode_bytes(value).map(std::borrow::Cow::Owned)
}

/// Whether a value is base64.
#[pyfunction]
pub(crate) fn is_base64(value: &str) -> bool {
    rust::is_base64(value)
}

/// Bytes in base64.
#[pyfunction]
pub(crate) fn encode(value: &[u8]) -> String {
    rust::encode(value)
}

/// The name of a backend and the path behind it.
#[pyfunction]
pub(crate) fn split_backend(path: &str) -> (Option<&str>, &str) {
    rust::split_backend(path)
}

/// Refuses a path that may mean another than it seems to.
#[pyfunction]
pub(crate) fn refuse_odd_segments(py: Python<'_>, path: &str) -> PyResult<()> {
    policy::refuse_odd_segments(path).map_err(|error| errors::path_rule(py, &error))
}

/// All modifiers: name, arguments, what they do.
#[pyfunction]
pub(crate) fn modifiers() -> Vec<(&'static str, &'static str, &'static str)> {
    MODIFIERS
        .iter()
        .map(|one| (one.name, one.arguments, one.summary))
        .collect()
}

/// Whether a pattern for names matches.
#[pyfunction]
pub(crate) fn glob_matches(pattern: &str, name: &str) -> bool {
    policy::Glob::new(pattern).matches(name)
}

/// Whether a pattern for paths matches a path without the name of its backend.
#[pyfunction]
pub(crate) fn path_glob_matches(pattern: &str, path: &str) -> bool {
    policy::PathGlob::new(pattern).matches(path)
}

/// Expressions that every path has to match.
#[pyclass(frozen, module = "manifill.placeholder")]
#[derive(Debug)]
pub(crate) struct PathRules(policy::PathRules);

#[pymethods]
impl PathRules {
    #[new]
    #[pyo3(signature = (expressions, /))]
    fn new(py: Python<'_>, expressions: &Bound<'_, PyAny>) -> PyResult<Self> {
        let expressions = argument::strings("expressions", expressions)?;
        policy::PathRules::new(expressions.iter().map(String::as_str))
            .map(PathRules)
            .map_err(|error| errors::path_rule(py, &error))
    }

    /// Raises PathRuleError if the path is not allowed.
    #[pyo3(signature = (path, /))]
    fn check(&self, py: Python<'_>, path: &Bound<'_, PyAny>) -> PyResult<()> {
        self.0
            .check(&argument::string("path", path)?)
            .map_err(|error| errors::path_rule(py, &error))
    }
}

impl<'t, 'py> Text<'t, 'py> {
    fn new(py: Python<'py>, text: &'t str) -> Self {
        Text {
            py,
            text,
            chars: Chars::new(text),
        }
    }

    fn error(&self, error: &PlaceholderError) -> PyErr {
        errors::placeholder(self.py, error, self.text, &self.chars)
    }

    fn make<A: pyo3::call::PyCallArgs<'py>>(
        &self,
        class: &str,
        args: A,
    ) -> PyResult<Bound<'py, PyAny>> {
        objects::make(self.py, "placeholder", class, args)
    }

    fn slice(&self, span: &rust::Span) -> PyResult<Bound<'py, PyAny>> {
        self.chars.slice(self.py, self.text, span)
    }

    fn placeholder(&self, found: &Placeholder) -> PyResult<Bound<'py, PyAny>> {
        let alternatives: Vec<_> = found
            .alternatives
            .iter()
            .map(|one| self.reference(one))
            .collect::<PyResult<_>>()?;
        let modifiers: Vec<_> = found
            .modifiers
            .iter()
            .map(|one| self.modifier(one))
            .collect::<PyResult<_>>()?;
        let fields = (
            self.slice(&found.span)?,
            PyTuple::new(self.py, alternatives)?,
            PyTuple::new(self.py, modifiers)?,
            found.label(),
            found.head(),
            found.default(),
        );
        self.make("Placeholder", fields)
    }

    fn part(&self, part: &Part) -> PyResult<Bound<'py, PyAny>> {
        self.make("Part", (&part.text, self.slice(&part.span)?))
    }

    fn optional(&self, part: &Option<Part>) -> PyResult<Option<Bound<'py, PyAny>>> {
        part.as_ref().map(|part| self.part(part)).transpose()
    }

    fn reference(&self, reference: &Reference) -> PyResult<Bound<'py, PyAny>> {
        let span = self.slice(&reference.span())?;
        match reference {
            Reference::Path { path, key, version } => self.make(
                "PathReference",
                (
                    span,
                    self.part(path)?,
                    self.part(key)?,
                    self.optional(version)?,
                ),
            ),
            Reference::Key { key } => self.make("KeyReference", (span, self.part(key)?)),
            Reference::Op(one) => self.make(
                "OpReference",
                (
                    span,
                    self.optional(&one.backend)?,
                    self.part(&one.vault)?,
                    self.part(&one.item)?,
                    self.optional(&one.section)?,
                    self.part(&one.field)?,
                    one.query.map(|query| query.as_str()),
                    one.path(),
                    one.key(),
                ),
            ),
            _ => Err(PyNotImplementedError::new_err(
                "this version has no class for such a reference",
            )),
        }
    }

    fn modifier(&self, modifier: &Modifier) -> PyResult<Bound<'py, PyAny>> {
        let py = self.py;
        let mut arguments = Vec::new();
        for argument in modifier.kind.arguments() {
            arguments.push(match argument {
                Argument::Number(number) => number.into_pyobject(py)?.into_any(),
                Argument::Text(text) => PyString::new(py, text).into_any(),
                _ => py.None().into_bound(py),
            });
        }
        let arguments = PyTuple::new(py, arguments)?;
        self.make(
            "Modifier",
            (modifier.kind.name(), arguments, self.slice(&modifier.span)?),
        )
    }
}
