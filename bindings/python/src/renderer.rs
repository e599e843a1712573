//! The renderer: calls from Python turned into runs.

use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use manifill::inputs::{self, Confines, Selection};
use manifill::policy::PathRules;
use manifill::settings::{ConfigErrors, Sources};
use manifill::vault::Keys;
use manifill::{Backends, Config, Input, Options, Rules, RunContext};
use pyo3::exceptions::PyValueError;
use pyo3::prelude::*;
use pyo3::types::{PyList, PyString};

use crate::backends::{self, Named};
use crate::call::{Call, Stop, stopped};
use crate::check::{self, Look};
use crate::errors;
use crate::input::{self, Source};
use crate::plan;
use crate::pool::{self, Pool};
use crate::run::{self, Failure, Work, failure, files_error, settle};
use crate::secret::Secret;

/// What `manifill.Renderer` holds.
#[pyclass(frozen, module = "manifill._native")]
#[derive(Debug)]
pub(crate) struct Renderer {
    pool: Arc<Pool>,
    never: Vec<PathBuf>,
    confines: Confines,
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
    max_output: Option<u64>,
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
        Self::new(
            renderer,
            shared,
            Vec::new(),
            Confines::default(),
            Vec::new(),
        )
    }

    /// A renderer that takes every path as it is written, good for mock values and plans alone.
    #[staticmethod]
    fn without_settings(shared: Shared) -> PyResult<Self> {
        let renderer = manifill::Renderer::new(Backends::new()).for_plans();
        Self::new(
            renderer,
            shared,
            Vec::new(),
            Confines::default(),
            Vec::new(),
        )
    }

    /// A renderer as a settings file, a Kubernetes Secret and the environment say.
    #[staticmethod]
    fn configured(
        py: Python<'_>,
        config_file: Option<PathBuf>,
        secret_name: Option<String>,
        project: Option<String>,
        disable_token_cache: bool,
        named: Vec<Named>,
        shared: Shared,
    ) -> PyResult<Self> {
        let own = backends::with_named(py, Backends::new(), &named)?;
        let mut sources = Sources::from_env();
        sources.config_file = config_file;
        sources.project = project;
        sources.without_token_cache = disable_token_cache;
        if let Some(name) = secret_name {
            sources = with_secret(py, sources, name)?;
        }
        let mut config =
            Config::load_with(&sources, own).map_err(|error| errors::settings(py, &error))?;
        let never = std::mem::take(&mut config.files_never_inputs);
        let confines = std::mem::take(&mut config.confines);
        let notes = std::mem::take(&mut config.notes);
        Self::new(
            manifill::Renderer::from_config(config),
            shared,
            never,
            confines,
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
        let apart = input::are_large(&inputs) || input::may_be_filled(&inputs);
        self.run(py, &sources, inputs, apart, run::render, stop, event_loop)
    }

    /// Fills texts with mock values: what `render` takes and gives.
    fn mock<'py>(&self, py: Python<'py>, sources: Vec<Source<'py>>) -> PyResult<Texts<'py>> {
        let inputs = input::read(py, &sources)?;
        let apart = input::are_large(&inputs);
        self.run(py, &sources, inputs, apart, run::mock, None, None)
    }

    /// Fills files with mock values: what `render_files` takes and gives.
    fn mock_files<'py>(
        &self,
        py: Python<'py>,
        paths: Vec<PathBuf>,
        include: Vec<String>,
        exclude: Vec<String>,
    ) -> PyResult<Texts<'py>> {
        self.run_files(py, paths, include, exclude, run::mock, None, None)
    }

    /// Fills a text that is no manifest: a (name, text) and its format in, what `render` gives out.
    #[pyo3(signature = (source, format, stop, event_loop))]
    fn fill<'py>(
        &self,
        py: Python<'py>,
        source: Source<'py>,
        format: Option<&str>,
        stop: Option<&Stop>,
        event_loop: Option<Py<PyAny>>,
    ) -> PyResult<Texts<'py>> {
        let sources = [source];
        let inputs = input::with_format(input::read(py, &sources)?, format)?;
        self.run(py, &sources, inputs, true, run::render, stop, event_loop)
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
        self.run_files(py, paths, include, exclude, run::render, stop, event_loop)
    }

    /// Plans texts.
    fn plan<'py>(&self, py: Python<'py>, sources: Vec<Source<'py>>) -> PyResult<Bound<'py, PyAny>> {
        let inputs = input::read(py, &sources)?;
        let lease = self.pool.lease(py);
        let call = Call::new(py, None, None)?;
        let large = input::are_large(&inputs);
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
        let selection = Selection::new(paths)
            .with_include(include)
            .with_exclude(exclude)
            .with_confines(self.confines.clone());
        let (lease, never) = (self.pool.lease(py), self.never.clone());
        let call = Call::new(py, None, None)?;
        let planned = call.run(py, true, move |_| {
            let found = inputs::read(&selection, &never)?;
            Ok(plan::make(lease.renderer(), &found.inputs))
        })?;
        plan::object(py, planned.map_err(|error| files_error(py, &error))?, true)
    }

    /// Looks at texts before they are filled.
    #[pyo3(signature = (sources, look, stop, event_loop))]
    fn check<'py>(
        &self,
        py: Python<'py>,
        sources: Vec<Source<'py>>,
        look: Look,
        stop: Option<&Stop>,
        event_loop: Option<Py<PyAny>>,
    ) -> PyResult<(Bound<'py, PyAny>, Vec<String>)> {
        let options = look.check()?;
        let inputs = input::read(py, &sources)?;
        let call = Call::new(py, event_loop, stop)?;
        let lease = self.pool.lease(py);
        let done = call.run(py, true, move |call| {
            run::check(&lease, &inputs, &options, &RunContext::new(), call)
        })?;
        check::object(py, done.map_err(|error| failure(py, &error, &call))?)
    }

    /// Looks at files before they are filled.
    #[pyo3(signature = (paths, include, exclude, look, stop, event_loop))]
    #[allow(clippy::too_many_arguments)]
    fn check_files<'py>(
        &self,
        py: Python<'py>,
        paths: Vec<PathBuf>,
        include: Vec<String>,
        exclude: Vec<String>,
        look: Look,
        stop: Option<&Stop>,
        event_loop: Option<Py<PyAny>>,
    ) -> PyResult<(Bound<'py, PyAny>, Vec<String>)> {
        let options = look.check()?;
        let selection = Selection::new(paths)
            .with_include(include)
            .with_exclude(exclude)
            .with_confines(self.confines.clone());
        let (lease, never) = (self.pool.lease(py), self.never.clone());
        let call = Call::new(py, event_loop, stop)?;
        let done = call.run(py, true, move |call| {
            let renderer = lease.renderer().ok_or(Failure::Ended)?;
            let context = renderer.limit(&RunContext::new());
            let selection = selection.with_deadline(context.deadline());
            let found = inputs::read(&selection, &never).map_err(Failure::Files)?;
            let context = context.with_roots(&found.roots);
            run::check(&lease, &found.inputs, &options, &context, call)
        })?;
        check::object(py, done.map_err(|error| failure(py, &error, &call))?)
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
        let done = call.run(py, true, move |call| run::read(&lease, &path, keys, call))?;
        match done {
            Ok((secret, notes)) => Ok((Secret(secret), notes)),
            Err(Failure::Render(error)) => Err(errors::read(py, &error, &call)),
            Err(other) => Err(failure(py, &other, &call)),
        }
    }
}

impl Renderer {
    /// Makes texts of the inputs that these sources are.
    #[allow(clippy::too_many_arguments)]
    fn run<'py>(
        &self,
        py: Python<'py>,
        sources: &[Source<'py>],
        inputs: Vec<Input>,
        apart: bool,
        work: Work,
        stop: Option<&Stop>,
        event_loop: Option<Py<PyAny>>,
    ) -> PyResult<Texts<'py>> {
        let call = Call::new(py, event_loop, stop)?;
        let lease = self.pool.lease(py);
        let done = call.run(py, apart, move |call| {
            work(&lease, inputs, RunContext::new(), call)
        })?;
        let done = settle(py, done, &call)?;
        let texts = PyList::empty(py);
        for (text, source) in done.texts.into_iter().zip(sources) {
            match text {
                Some(text) => texts.append(text)?,
                None => texts.append(source.unchanged()?)?,
            }
        }
        let warnings = errors::diagnostic_list(py, &done.warnings, None)?;
        Ok((texts, warnings, done.notes, done.stats.documents))
    }

    /// Finds files and makes texts of them.
    #[allow(clippy::too_many_arguments)]
    fn run_files<'py>(
        &self,
        py: Python<'py>,
        paths: Vec<PathBuf>,
        include: Vec<String>,
        exclude: Vec<String>,
        work: Work,
        stop: Option<&Stop>,
        event_loop: Option<Py<PyAny>>,
    ) -> PyResult<Texts<'py>> {
        let call = Call::new(py, event_loop, stop)?;
        let lease = self.pool.lease(py);
        let never = self.never.clone();
        let selection = Selection::new(paths)
            .with_include(include)
            .with_exclude(exclude)
            .with_confines(self.confines.clone());
        let done = call.run(py, true, move |call| {
            let renderer = lease.renderer().ok_or(Failure::Ended)?;
            let context = renderer.limit(&RunContext::new());
            let selection = selection.with_deadline(context.deadline());
            let found = inputs::read(&selection, &never).map_err(Failure::Files)?;
            let roots = context.with_roots(&found.roots);
            let mut done = work(&lease, found.inputs, roots, call)?;
            done.notes.splice(0..0, found.notes);
            Ok(done)
        })?;
        let done = settle(py, done, &call)?;
        let texts = PyList::empty(py);
        for ((name, text), input) in done.names.into_iter().zip(done.texts).zip(&done.inputs) {
            let text = text.as_deref().unwrap_or(&input.source);
            texts.append((name, PyString::new(py, text)))?;
        }
        let warnings = errors::diagnostic_list(py, &done.warnings, None)?;
        Ok((texts, warnings, done.notes, done.stats.documents))
    }

    fn new(
        renderer: manifill::Renderer,
        shared: Shared,
        never: Vec<PathBuf>,
        confines: Confines,
        notes: Vec<String>,
    ) -> PyResult<Self> {
        let options = Options::new()
            .with_strict(shared.strict)
            .with_escaped(shared.escaped)
            .with_allow_unresolved(shared.allow_unresolved);
        let mut renderer = renderer.with_options(options);
        if let Some(seconds) = shared.timeout {
            let timeout = Duration::try_from_secs_f64(seconds)
                .map_err(|_| PyValueError::new_err("timeout must be a number of seconds"))?;
            renderer = renderer.with_timeout(timeout);
        }
        if let Some(concurrency) = shared.concurrency {
            renderer = renderer.with_concurrency(concurrency);
        }
        if let Some(bytes) = shared.max_output {
            renderer = renderer.with_max_output(bytes);
        }
        Ok(Renderer {
            pool: Pool::new(renderer),
            never,
            confines,
            notes,
        })
    }
}

/// Adds the settings of a Kubernetes Secret.
fn with_secret(py: Python<'_>, mut sources: Sources, name: String) -> PyResult<Sources> {
    let call = Call::new(py, None, None)?;
    let done = call.run(py, true, move |call| {
        let runtime = pool::runtime()?;
        let read = call.wait(&runtime, sources.read_secret(&name));
        PyResult::Ok(read.map(|read: Result<(), ConfigErrors>| read.map(|()| sources)))
    })?;
    done?
        .ok_or_else(stopped)?
        .map_err(|error| errors::settings(py, &error))
}
