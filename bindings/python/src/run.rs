//! What a call does without the GIL, and what comes of it.

use std::borrow::Cow;
use std::sync::Arc;

use manifill::inputs::FilesError;
use manifill::vault::{self, Keys};
use manifill::{Diagnostic, Input, RenderError, Rendered, RunContext, Stats};
use manifill_check::Check;
use pyo3::exceptions::PyValueError;
use pyo3::prelude::*;

use crate::call::{Call, stopped};
use crate::check::{self, Seen};
use crate::pool::Lease;
use crate::{errors, input};

/// What makes texts of inputs: a renderer, or mock values.
pub(crate) type Work = fn(&Lease, Vec<Input>, RunContext, &Arc<Call>) -> Result<Done, Failure>;

/// What a run gives.
pub(crate) struct Done {
    pub(crate) names: Vec<String>,
    /// The finished texts; none for an input in which nothing was filled.
    pub(crate) texts: Vec<Option<String>>,
    /// The inputs, where Python does not have their texts.
    pub(crate) inputs: Vec<Input>,
    pub(crate) warnings: Vec<Diagnostic>,
    pub(crate) notes: Vec<String>,
    pub(crate) stats: Stats,
}

/// Why there is nothing.
pub(crate) enum Failure {
    Render(RenderError),
    Files(FilesError),
    Python(PyErr),
    /// The call was ended; whoever did that knows why.
    Ended,
}

impl From<RenderError> for Failure {
    fn from(error: RenderError) -> Self {
        Failure::Render(error)
    }
}

/// Renders without the GIL.
pub(crate) fn render(
    lease: &Lease,
    inputs: Vec<Input>,
    context: RunContext,
    call: &Arc<Call>,
) -> Result<Done, Failure> {
    let renderer = lease.renderer().ok_or(Failure::Ended)?;
    let runtime = lease.runtime().map_err(Failure::Python)?;
    let rendered = call
        .wait(runtime, renderer.render(&inputs, &context))
        .ok_or(Failure::Ended)??;
    Ok(done(&inputs, rendered).with(inputs))
}

/// Fills with mock values without the GIL.
pub(crate) fn mock(
    lease: &Lease,
    inputs: Vec<Input>,
    _: RunContext,
    _: &Arc<Call>,
) -> Result<Done, Failure> {
    let renderer = lease.renderer().ok_or(Failure::Ended)?;
    let rendered = renderer.mock(&inputs)?;
    Ok(done(&inputs, rendered).with(inputs))
}

/// What came of these inputs, which are still to be handed over.
fn done(inputs: &[Input], rendered: Rendered<'_>) -> Done {
    let (warnings, notes) = (rendered.warnings().to_vec(), rendered.notes().to_vec());
    let stats = rendered.stats();
    let texts = rendered.into_texts().into_iter().map(|text| match text {
        Cow::Borrowed(_) => None,
        Cow::Owned(text) => Some(text),
    });
    Done {
        names: inputs.iter().map(|input| input.name.clone()).collect(),
        texts: texts.collect(),
        inputs: Vec::new(),
        warnings,
        notes,
        stats,
    }
}

impl Done {
    fn with(self, inputs: Vec<Input>) -> Self {
        Done { inputs, ..self }
    }
}

/// Looks at inputs without the GIL.
pub(crate) fn check(
    lease: &Lease,
    inputs: &[Input],
    options: &Check,
    context: &RunContext,
    call: &Arc<Call>,
) -> Result<Seen, Failure> {
    let renderer = lease.renderer().ok_or(Failure::Ended)?;
    let runtime = lease.runtime().map_err(Failure::Python)?;
    let looking = manifill_check::check(renderer, inputs, options, context);
    let checked = call.wait(runtime, looking).ok_or(Failure::Ended)?;
    Ok(check::seen(&checked)?)
}

/// Reads a secret without the GIL.
pub(crate) fn read(
    lease: &Lease,
    path: &str,
    keys: Keys,
    call: &Arc<Call>,
) -> Result<(vault::Secret, Vec<String>), Failure> {
    let renderer = lease.renderer().ok_or(Failure::Ended)?;
    let runtime = lease.runtime().map_err(Failure::Python)?;
    let context = RunContext::new();
    let secret = call
        .wait(runtime, renderer.read(path, keys, &context))
        .ok_or(Failure::Ended)??;
    Ok((secret, context.notes()))
}

/// What came of a run, or the exception for it.
pub(crate) fn settle(py: Python<'_>, done: Result<Done, Failure>, call: &Call) -> PyResult<Done> {
    done.map_err(|error| failure(py, &error, call))
}

/// The exception that says why there is nothing.
pub(crate) fn failure(py: Python<'_>, failure: &Failure, call: &Call) -> PyErr {
    match failure {
        Failure::Render(error) => errors::render(py, error, Some(call)),
        Failure::Files(error) => files_error(py, error),
        Failure::Python(error) => error.clone_ref(py),
        Failure::Ended => stopped(),
    }
}

/// The exception for files that cannot be read.
pub(crate) fn files_error(py: Python<'_>, error: &FilesError) -> PyErr {
    match error {
        FilesError::Usage(message) => PyValueError::new_err(message.clone()),
        FilesError::Nothing(one) => {
            input::unreadable(py, &[(one.file.as_str(), one.reason.clone())])
        }
        FilesError::Files(problems) => {
            let wrong = problems.iter().map(|one| {
                let message = format!("could not read file: {}", one.reason);
                (one.file.as_str(), message)
            });
            input::unreadable(py, &wrong.collect::<Vec<_>>())
        }
        _ => PyValueError::new_err(error.to_string()),
    }
}
