//! The renderer: calls from Python turned into runs.

use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use manifill::config::Sources;
use manifill::placeholder::PathRules;
use manifill::vault::{self, Keys};
use manifill::{Config, Diagnostic, Fetched, Input, Options, RenderError, Rules, fetch};
use manifill_cli::files::{self, FilesError, Selection};
use pyo3::exceptions::{PyFileNotFoundError, PyValueError};
use pyo3::prelude::*;
use pyo3::types::{PyList, PyString};

use crate::backends::{self, Named};
use crate::call::{Call, Stop};
use crate::errors;
use crate::input::{self, Source};
use crate::plan;
use crate::pool::{Lease, Pool};
use crate::secret::Secret;

/// From this many bytes on the work is done in a thread of its own, so that Ctrl-C is seen in time.
const LARGE: usize = 1 << 20;

/// What `manifill.Renderer` holds.
#[pyclass(frozen, module = "manifill._native")]
#[derive(Debug)]
pub(crate) struct Renderer {
    pool: Arc<Pool>,
    never: Vec<PathBuf>,
    notes: Vec<String>,
}

/// Texts, warnings, remarks, and the number of documents.
type Texts<'py> = (Bound<'py, PyList>, Bound<'py, PyList>, Vec<String>, usize);

/// The options that every renderer has.
#[derive(Debug, FromPyObject)]
pub(crate) struct Shared {
    strict: bool,
    escaped: bool,
    allow_unresolved: bool,
    timeout: Option<f64>,
    concurrency: Option<usize>,
}

/// What a run gives.
struct Done {
    names: Vec<String>,
    /// The finished texts; none for an input in which nothing was filled.
    texts: Vec<Option<String>>,
    /// The inputs, where Python does not have their texts.
    inputs: Vec<Input>,
    warnings: Vec<Diagnostic>,
    notes: Vec<String>,
    documents: usize,
}

/// Why there is nothing.
enum Failure {
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

#[pymethods]
impl Renderer {
    /// A renderer with backends that the program names.
    #[staticmethod]
    fn made(
        py: Python<'_>,
        single: Option<&Bound<'_, PyAny>>,
        named: Vec<Named>,
        default: Option<&str>,
        path_validation: Vec<String>,
        shared: Shared,
    ) -> PyResult<Self> {
        let backends = backends::made(py, single, &named, default)?;
        let rules = PathRules::new(path_validation.iter().map(String::as_str))
            .map_err(|error| errors::setting(py, &error.to_string(), error.hint()))?;
        let renderer = manifill::Renderer::new(backends).with_rules(Rules::validating(rules));
        Self::new(renderer, shared, Vec::new(), Vec::new())
    }

    /// A renderer as a settings file and the environment say.
    #[staticmethod]
    fn configured(
        py: Python<'_>,
        config_file: Option<PathBuf>,
        project: Option<String>,
        named: Vec<Named>,
        shared: Shared,
    ) -> PyResult<Self> {
        let mut sources = Sources::from_env();
        sources.config_file = config_file;
        sources.project = project;
        let mut config = Config::load(&sources).map_err(|error| errors::settings(py, &error))?;
        config.backends = backends::with_named(py, config.backends, &named)?;
        let never = std::mem::take(&mut config.files_never_inputs);
        let notes = std::mem::take(&mut config.notes);
        Self::new(
            manifill::Renderer::from_config(config),
            shared,
            never,
            notes,
        )
    }

    /// Remarks about the settings.
    #[getter]
    fn notes(&self) -> Vec<String> {
        self.notes.clone()
    }

    /// The names that placeholders can choose with `name!`, and the name of the default backend.
    fn backends(&self) -> (Vec<String>, Option<String>) {
        let backends = self.pool.template().backends();
        let names = backends.names().map(str::to_owned).collect();
        (names, backends.default_name().map(str::to_owned))
    }

    /// Renders texts: a list of (name, text) in, (texts, warnings, notes, documents) out.
    #[pyo3(signature = (sources, stop, event_loop))]
    fn render<'py>(
        &self,
        py: Python<'py>,
        sources: Vec<Source<'py>>,
        stop: Option<&Stop>,
        event_loop: Option<Py<PyAny>>,
    ) -> PyResult<Texts<'py>> {
        let inputs = input::read(py, &sources)?;
        let large = inputs.iter().map(|input| input.source.len()).sum::<usize>() > LARGE;
        let call = Call::new(py, event_loop, stop)?;
        let lease = self.pool.lease(py);
        let done = call.run(py, large, move |call| render(&lease, inputs, &[], call))?;
        let done = settle(py, done, &call)?;
        let texts = PyList::empty(py);
        for (text, source) in done.texts.into_iter().zip(&sources) {
            match text {
                Some(text) => texts.append(text)?,
                None => texts.append(source.unchanged()?)?,
            }
        }
        let warnings = errors::diagnostic_list(py, &done.warnings, None)?;
        Ok((texts, warnings, done.notes, done.documents))
    }

    /// Renders files: (name, text) pairs, warnings, notes, documents.
    #[pyo3(signature = (paths, include, exclude, stop, event_loop))]
    fn render_files<'py>(
        &self,
        py: Python<'py>,
        paths: Vec<PathBuf>,
        include: Vec<String>,
        exclude: Vec<String>,
        stop: Option<&Stop>,
        event_loop: Option<Py<PyAny>>,
    ) -> PyResult<Texts<'py>> {
        let call = Call::new(py, event_loop, stop)?;
        let lease = self.pool.lease(py);
        let never = self.never.clone();
        let selection = Selection {
            paths,
            include,
            exclude,
        };
        let done = call.run(py, true, move |call| {
            let found = files::read(&selection, &never).map_err(Failure::Files)?;
            render(&lease, found.inputs, &found.roots, call)
        })?;
        let done = settle(py, done, &call)?;
        let texts = PyList::empty(py);
        for ((name, text), input) in done.names.into_iter().zip(done.texts).zip(&done.inputs) {
            let text = text.as_deref().unwrap_or(&input.source);
            texts.append((name, PyString::new(py, text)))?;
        }
        let warnings = errors::diagnostic_list(py, &done.warnings, None)?;
        Ok((texts, warnings, done.notes, done.documents))
    }

    /// Plans texts.
    fn plan<'py>(&self, py: Python<'py>, sources: Vec<Source<'py>>) -> PyResult<Bound<'py, PyAny>> {
        let inputs = input::read(py, &sources)?;
        let large = inputs.iter().map(|input| input.source.len()).sum::<usize>() > LARGE;
        let lease = self.pool.lease(py);
        let call = Call::new(py, None, None)?;
        let planned = call.run(py, large, move |_| plan::make(lease.renderer(), &inputs))?;
        plan::object(py, planned, true)
    }

    /// Plans files.
    fn plan_files<'py>(
        &self,
        py: Python<'py>,
        paths: Vec<PathBuf>,
        include: Vec<String>,
        exclude: Vec<String>,
    ) -> PyResult<Bound<'py, PyAny>> {
        let selection = Selection {
            paths,
            include,
            exclude,
        };
        let (lease, never) = (self.pool.lease(py), self.never.clone());
        let call = Call::new(py, None, None)?;
        let planned = call.run(py, true, move |_| {
            let found = files::read(&selection, &never)?;
            Ok(plan::make(lease.renderer(), &found.inputs))
        })?;
        plan::object(py, planned.map_err(|error| files_error(&error))?, true)
    }

    /// Reads what is at a path.
    #[pyo3(signature = (path, keys, stop, event_loop))]
    fn read(
        &self,
        py: Python<'_>,
        path: String,
        keys: Option<Vec<String>>,
        stop: Option<&Stop>,
        event_loop: Option<Py<PyAny>>,
    ) -> PyResult<(Secret, Vec<String>)> {
        let keys = keys.map_or(Keys::All, Keys::names);
        let call = Call::new(py, event_loop, stop)?;
        let lease = self.pool.lease(py);
        let done = call.run(py, false, move |call| read(&lease, &path, keys, call))?;
        match done {
            Ok((secret, notes)) => Ok((Secret(secret), notes)),
            Err(Failure::Render(error)) => Err(errors::read(py, &error, &call)),
            Err(other) => Err(failure(py, &other, &call)),
        }
    }
}

impl Renderer {
    fn new(
        renderer: manifill::Renderer,
        shared: Shared,
        never: Vec<PathBuf>,
        notes: Vec<String>,
    ) -> PyResult<Self> {
        let mut renderer = renderer.with_options(Options {
            strict: shared.strict,
            escaped: shared.escaped,
            allow_unresolved: shared.allow_unresolved,
        });
        if let Some(seconds) = shared.timeout {
            let timeout = Duration::try_from_secs_f64(seconds)
                .map_err(|_| PyValueError::new_err("timeout must be a number of seconds"))?;
            renderer = renderer.with_timeout(timeout);
        }
        if let Some(concurrency) = shared.concurrency {
            renderer = renderer.with_concurrency(concurrency);
        }
        Ok(Renderer {
            pool: Pool::new(renderer),
            never,
            notes,
        })
    }
}

/// Plans, reads and fills, without the GIL; `roots` are the folders of the inputs.
fn render(
    lease: &Lease,
    inputs: Vec<Input>,
    roots: &[PathBuf],
    call: &Arc<Call>,
) -> Result<Done, Failure> {
    let renderer = lease.renderer().ok_or(Failure::Ended)?;
    let plan = renderer.plan(&inputs)?;
    let run = renderer.run().with_roots(roots);
    let fetched = match plan.reads().next() {
        Some(_) => {
            let runtime = lease.runtime().map_err(Failure::Python)?;
            call.wait(runtime, fetch(&plan, renderer.backends(), &run))
                .ok_or(Failure::Ended)?
        }
        None => Fetched::default(),
    };
    let documents = plan.document_count();
    let rendered = plan.apply(&fetched)?;
    let warnings = rendered.warnings().to_vec();
    let texts = rendered.into_texts().into_iter().map(|text| match text {
        std::borrow::Cow::Borrowed(_) => None,
        std::borrow::Cow::Owned(text) => Some(text),
    });
    let texts = texts.collect();
    let names = inputs.iter().map(|input| input.name.clone()).collect();
    Ok(Done {
        names,
        texts,
        inputs,
        warnings,
        notes: run.notes(),
        documents,
    })
}

fn read(
    lease: &Lease,
    path: &str,
    keys: Keys,
    call: &Arc<Call>,
) -> Result<(vault::Secret, Vec<String>), Failure> {
    let renderer = lease.renderer().ok_or(Failure::Ended)?;
    let runtime = lease.runtime().map_err(Failure::Python)?;
    let run = renderer.run();
    let secret = call
        .wait(runtime, renderer.read(path, keys, &run))
        .ok_or(Failure::Ended)??;
    Ok((secret, run.notes()))
}

fn settle(py: Python<'_>, done: Result<Done, Failure>, call: &Call) -> PyResult<Done> {
    done.map_err(|error| failure(py, &error, call))
}

fn failure(py: Python<'_>, failure: &Failure, call: &Call) -> PyErr {
    match failure {
        Failure::Render(error) => errors::render(py, error, Some(call)),
        Failure::Files(error) => files_error(error),
        Failure::Python(error) => error.clone_ref(py),
        Failure::Ended => PyValueError::new_err("the call was stopped"),
    }
}

fn files_error(error: &FilesError) -> PyErr {
    match error {
        FilesError::Usage(message) => PyValueError::new_err(message.clone()),
        FilesError::Files(message) => PyFileNotFoundError::new_err(message.clone()),
    }
}
