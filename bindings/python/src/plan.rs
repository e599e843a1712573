//! Plans as Python objects.

use manifill::vault::backend::claiming;
use manifill::vault::backend::memory::Memory;
use manifill::{Diagnostic, FieldReport, Input, Options, ReadReport, RenderError};
use pyo3::prelude::*;
use pyo3::types::{PyList, PyTuple};

use crate::call::Call;
use crate::errors;
use crate::input::{self, Source};
use crate::objects;

/// What a plan says, without the inputs it was made of.
pub(crate) struct Planned {
    reads: Vec<ReadReport>,
    fields: Vec<FieldReport>,
    warnings: Vec<Diagnostic>,
    documents: usize,
    placeholders: usize,
}

/// Plans these inputs; without a renderer there is nothing to plan.
pub(crate) fn make(
    renderer: Option<&manifill::Renderer>,
    inputs: &[Input],
) -> Result<Planned, RenderError> {
    let none = Planned {
        reads: Vec::new(),
        fields: Vec::new(),
        warnings: Vec::new(),
        documents: 0,
        placeholders: 0,
    };
    let Some(renderer) = renderer else {
        return Ok(none);
    };
    let plan = renderer.plan(inputs)?;
    Ok(Planned {
        reads: plan.reads().collect(),
        fields: plan.fields().collect(),
        warnings: plan.warnings().to_vec(),
        documents: plan.document_count(),
        placeholders: plan.placeholder_count(),
    })
}

/// The plan as a `manifill.Plan`.
pub(crate) fn object(
    py: Python<'_>,
    planned: Result<Planned, RenderError>,
    backends_are_known: bool,
) -> PyResult<Bound<'_, PyAny>> {
    let planned = planned.map_err(|error| errors::render(py, &error, None))?;
    let reads = PyList::empty(py);
    for read in planned.reads {
        let keys = PyTuple::new(py, read.keys)?;
        let backend = backends_are_known.then_some(read.backend);
        let fields = (backend, read.path, read.version, keys);
        reads.append(objects::make(py, "report", "ReadReport", fields)?)?;
    }
    let fields = PyList::empty(py);
    for field in planned.fields {
        let wants = PyTuple::new(py, field.wants)?;
        let parts = (
            field.file,
            field.line,
            field.column,
            field.resource,
            field.field,
            field.base64,
            wants,
            field.rendered_from,
        );
        fields.append(objects::make(py, "report", "FieldReport", parts)?)?;
    }
    let warnings = errors::diagnostic_list(py, &planned.warnings, None)?;
    let fields = (
        reads,
        fields,
        warnings,
        planned.documents,
        planned.placeholders,
    );
    objects::make(py, "report", "Plan", fields)
}

/// Plans texts without any settings: every path is taken as it is written.
#[pyfunction]
pub(crate) fn plan<'py>(
    py: Python<'py>,
    sources: Vec<Source<'py>>,
    strict: bool,
    escaped: bool,
    allow_unresolved: bool,
) -> PyResult<Bound<'py, PyAny>> {
    let inputs = input::read(py, &sources)?;
    let options = Options::new()
        .with_strict(strict)
        .with_escaped(escaped)
        .with_allow_unresolved(allow_unresolved);
    // References of 1Password are planned as well, for which a backend must be of its type.
    let kind = claiming("op://").map_or("memory", |info| info.name);
    let renderer = manifill::Renderer::with_backend(kind, Memory::new());
    let renderer = renderer.with_options(options);
    let call = Call::new(py, None, None)?;
    let planned = call.run(py, input::are_large(&inputs), move |_| {
        make(Some(&renderer), &inputs)
    })?;
    object(py, planned, false)
}
