//! `manifill.manifest`: documents with spans, and changes that leave every other byte alone.

use manifill_manifest::{
    self as rust, Document, Edit, ManifestError, ParseOptions, Replacement, Resource, Scalar,
    TextEdit,
};
use pyo3::exceptions::PyIndexError;
use pyo3::prelude::*;
use pyo3::types::{PyList, PyTuple};

use crate::argument;
use crate::call::{Call, LARGE};
use crate::chars::Chars;
use crate::errors;
use crate::objects;
use crate::value::{manifest_from_python, manifest_to_python};

/// A parsed source.
#[pyclass(frozen, module = "manifill._native")]
#[derive(Debug)]
pub(crate) struct Manifest {
    source: String,
    chars: Chars,
    documents: Vec<Document>,
}

/// A change: document, scalar, and texts for parts of the value or JSON for all of it; without
/// either the entry is removed.
type RawEdit = (
    usize,
    usize,
    Option<Vec<(usize, usize, String)>>,
    Option<String>,
);

#[pymethods]
impl Manifest {
    #[new]
    fn new(
        py: Python<'_>,
        source: String,
        strict: bool,
        any: bool,
        keep: Option<&Bound<'_, PyAny>>,
    ) -> PyResult<Self> {
        let chars = Chars::new(&source);
        let options = ParseOptions::new()
            .with_strict(strict)
            .with_annotations(manifill::annotation_rules());
        let (source, documents) = match keep {
            None => {
                let call = Call::new(py, None, None)?;
                call.run(py, source.len() > LARGE, move |_| {
                    let documents = parse(&source, options, any, |_, _| true);
                    (source, documents)
                })?
            }
            Some(keep) => {
                let raised = std::cell::RefCell::new(None);
                let wanted = |resource: &Resource, value: &str| {
                    if raised.borrow().is_some() {
                        return false;
                    }
                    let answer = resource_object(py, &source, &chars, resource)
                        .and_then(|resource| keep.call1((resource, value))?.is_truthy());
                    answer.unwrap_or_else(|error| {
                        raised.replace(Some(error));
                        false
                    })
                };
                let documents = parse(&source, options, any, wanted);
                if let Some(error) = raised.take() {
                    return Err(error);
                }
                (source, documents)
            }
        };
        let documents = documents.map_err(|error| errors::manifest(py, &error, &source, &chars))?;
        Ok(Manifest {
            source,
            chars,
            documents,
        })
    }

    /// The objects of the documents, in Python's own classes.
    fn documents<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyList>> {
        let lines = rust::LineIndex::new(&self.source);
        let list = PyList::empty(py);
        for (number, document) in self.documents.iter().enumerate() {
            py.check_signals()?;
            let resources: Vec<_> = document
                .resources()
                .iter()
                .map(|one| resource_object(py, &self.source, &self.chars, one))
                .collect::<PyResult<_>>()?;
            let scalars = PyList::empty(py);
            for (index, scalar) in document.scalars(&self.source).enumerate() {
                let resource = resources.get(scalar.resource);
                scalars.append(self.scalar(py, &lines, number, index, &scalar, resource)?)?;
            }
            let fields = (
                self.slice(py, &document.span())?,
                PyTuple::new(py, &resources)?,
                PyTuple::new(py, scalars.iter())?,
            );
            list.append(objects::make(py, "manifest", "Document", fields)?)?;
        }
        Ok(list)
    }

    /// The source with these changes made.
    fn apply(&self, py: Python<'_>, edits: Vec<RawEdit>) -> PyResult<String> {
        let mut of_document: Vec<Vec<Edit>> = self.documents.iter().map(|_| Vec::new()).collect();
        for (document, scalar, fills, typed) in edits {
            let change = match (fills, typed) {
                (Some(fills), _) => {
                    let value = self.known(document, scalar)?.value;
                    let chars = Chars::new(value);
                    let fill = |(start, end, text)| TextEdit {
                        range: chars.to_byte(value, start)..chars.to_byte(value, end),
                        text,
                    };
                    Replacement::Text(fills.into_iter().map(fill).collect())
                }
                (None, Some(json)) => Replacement::Json(json),
                (None, None) => Replacement::Remove,
            };
            let edits = of_document
                .get_mut(document)
                .ok_or_else(|| unknown("document"))?;
            edits.push(Edit { scalar, change });
        }
        let applied = py.detach(|| self.applied(&of_document));
        applied.map_err(|error| errors::manifest(py, &error, &self.source, &self.chars))
    }

    /// The character of the source at which a character of a scalar's value is written.
    fn locate(&self, document: usize, scalar: usize, offset: usize) -> PyResult<usize> {
        let value = self.known(document, scalar)?.value;
        let byte = Chars::new(value).to_byte(value, offset);
        let found = self.documents[document].locate(&self.source, scalar, byte);
        Ok(self.chars.of_byte(&self.source, found))
    }
}

impl Manifest {
    fn applied(&self, of_document: &[Vec<Edit>]) -> Result<String, ManifestError> {
        let mut text = String::with_capacity(self.source.len());
        let mut copied = 0;
        for (document, edits) in self.documents.iter().zip(of_document) {
            if edits.is_empty() {
                continue;
            }
            let span = document.span();
            text.push_str(&self.source[copied..span.start]);
            text.push_str(&document.apply(&self.source, edits)?);
            copied = span.end;
        }
        text.push_str(&self.source[copied..]);
        Ok(text)
    }

    fn known(&self, document: usize, scalar: usize) -> PyResult<Scalar<'_>> {
        let document = self
            .documents
            .get(document)
            .ok_or_else(|| unknown("document"))?;
        document
            .scalar(&self.source, scalar)
            .ok_or_else(|| unknown("scalar"))
    }

    fn slice<'py>(&self, py: Python<'py>, span: &rust::Span) -> PyResult<Bound<'py, PyAny>> {
        self.chars.slice(py, &self.source, span)
    }

    fn optional<'py>(
        &self,
        py: Python<'py>,
        span: Option<&rust::Span>,
    ) -> PyResult<Bound<'py, PyAny>> {
        span.map_or_else(|| Ok(py.None().into_bound(py)), |span| self.slice(py, span))
    }

    fn scalar<'py>(
        &self,
        py: Python<'py>,
        lines: &rust::LineIndex<'_>,
        document: usize,
        index: usize,
        scalar: &Scalar<'_>,
        resource: Option<&Bound<'py, PyAny>>,
    ) -> PyResult<Bound<'py, PyAny>> {
        let (line, column) = lines.line_column(scalar.span.start);
        let removable = scalar.removable.as_str();
        let fields = [
            document.into_pyobject(py)?.into_any(),
            index.into_pyobject(py)?.into_any(),
            self.slice(py, &scalar.span)?,
            scalar.style.as_str().into_pyobject(py)?.into_any(),
            scalar.value.into_pyobject(py)?.into_any(),
            self.documents[document]
                .field_path(&self.source, index)
                .into_pyobject(py)?
                .into_any(),
            line.into_pyobject(py)?.into_any(),
            column.into_pyobject(py)?.into_any(),
            resource.into_pyobject(py)?.into_any(),
            removable.into_pyobject(py)?.into_any(),
            self.optional(py, scalar.comment_after(&self.source).as_ref())?,
            pyo3::types::PyBool::new(py, scalar.aliased)
                .to_owned()
                .into_any(),
        ];
        objects::make(py, "manifest", "Scalar", PyTuple::new(py, fields)?)
    }
}

/// Reads the documents of a source with the values that are wanted.
fn parse(
    source: &str,
    options: ParseOptions,
    any: bool,
    wanted: impl Fn(&Resource, &str) -> bool,
) -> Result<Vec<Document>, ManifestError> {
    let parse = |span: rust::Span| {
        if rust::is_blank(&source[span.clone()]) {
            // It has no kind and needs none; its null stands nowhere.
            Document::parse_any(source, span, &options, |_, _| false)
        } else if any {
            Document::parse_any(source, span, &options, &wanted)
        } else {
            Document::parse(source, span, &options, &wanted)
        }
    };
    rust::split(source).into_iter().map(parse).collect()
}

fn unknown(what: &str) -> PyErr {
    PyIndexError::new_err(format!("there is no such {what}"))
}

fn resource_object<'py>(
    py: Python<'py>,
    source: &str,
    chars: &Chars,
    resource: &Resource,
) -> PyResult<Bound<'py, PyAny>> {
    let slice = |span: &rust::Span| chars.slice(py, source, span);
    let annotations: Vec<_> = resource
        .annotations
        .iter()
        .map(|one| {
            let fields = (&one.name, &one.value, slice(&one.span)?);
            objects::make(py, "manifest", "Annotation", fields)
        })
        .collect::<PyResult<_>>()?;
    let odd: Vec<_> = resource
        .odd_annotations
        .iter()
        .map(|one| {
            objects::make(
                py,
                "manifest",
                "OddAnnotation",
                (&one.name, slice(&one.span)?),
            )
        })
        .collect::<PyResult<_>>()?;
    let fields = (
        &resource.kind,
        resource.name.as_deref(),
        resource.namespace.as_deref(),
        PyTuple::new(py, annotations)?,
        PyTuple::new(py, odd)?,
        slice(&resource.span)?,
        resource.kind_span.as_ref().map(slice).transpose()?,
        resource.list,
    );
    objects::make(py, "manifest", "Resource", fields)
}

/// The lines and columns of a text.
#[pyclass(frozen, module = "manifill.manifest")]
#[derive(Debug)]
pub(crate) struct LineIndex {
    source: String,
    chars: Chars,
}

#[pymethods]
impl LineIndex {
    #[new]
    #[pyo3(signature = (source, /))]
    fn new(source: &Bound<'_, PyAny>) -> PyResult<Self> {
        let source = argument::string("source", source)?;
        let chars = Chars::new(&source);
        Ok(LineIndex { source, chars })
    }

    /// The line and column of a character, both from 1.
    #[pyo3(signature = (offset, /))]
    fn line_column(&self, offset: &Bound<'_, PyAny>) -> PyResult<(usize, usize)> {
        let offset = argument::number("offset", offset)?;
        let byte = self.chars.to_byte(&self.source, offset);
        Ok(rust::LineIndex::new(&self.source).line_column(byte))
    }
}

/// Where the documents of a source stand.
#[pyfunction]
pub(crate) fn split<'py>(py: Python<'py>, source: &str) -> PyResult<Vec<Bound<'py, PyAny>>> {
    let chars = Chars::new(source);
    rust::split(source)
        .iter()
        .map(|span| chars.slice(py, source, span))
        .collect()
}

/// Whether a document holds nothing.
#[pyfunction]
pub(crate) fn is_blank(document: &str) -> bool {
    rust::is_blank(document)
}

/// Whether a document can hold anything to fill.
#[pyfunction]
pub(crate) fn may_need_filling(document: &str) -> bool {
    manifill::may_need_filling(document)
}

/// Joins texts into one stream of documents.
#[pyfunction]
pub(crate) fn join(parts: Vec<String>) -> String {
    let parts: Vec<&str> = parts.iter().map(String::as_str).collect();
    rust::join(&parts)
}

/// The values of all documents.
#[pyfunction]
pub(crate) fn read(py: Python<'_>, source: String) -> PyResult<Bound<'_, PyList>> {
    let call = Call::new(py, None, None)?;
    let (source, values) = call.run(py, source.len() > LARGE, move |_| {
        let values = rust::read(&source);
        (source, values)
    })?;
    let values =
        values.map_err(|error| errors::manifest(py, &error, &source, &Chars::new(&source)))?;
    let list = PyList::empty(py);
    for value in &values {
        py.check_signals()?;
        list.append(manifest_to_python(py, value)?)?;
    }
    Ok(list)
}

/// The value of the first document.
#[pyfunction]
pub(crate) fn read_one<'py>(py: Python<'py>, source: &str) -> PyResult<Bound<'py, PyAny>> {
    let value = py
        .detach(|| rust::read_one(source))
        .map_err(|error| errors::manifest(py, &error, source, &Chars::new(source)))?;
    manifest_to_python(py, &value)
}

/// A value as JSON on one line that every YAML reader reads alike.
#[pyfunction]
pub(crate) fn to_json(value: &Bound<'_, PyAny>) -> PyResult<String> {
    Ok(manifest_from_python(value)?.to_json())
}
