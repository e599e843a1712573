//! Backends that are written in Python.

use std::borrow::Cow;
use std::sync::Arc;

use async_trait::async_trait;
use manifill::RunContext;
use manifill::vault::{
    Keys, Secret, SecretRequest, VaultBackend, VaultError, VaultErrorKind as Kind,
};
use pyo3::exceptions::PyBaseException;
use pyo3::prelude::*;
use pyo3::types::{PyDict, PyFrozenSet, PyList};
use tokio::sync::mpsc::{UnboundedSender, unbounded_channel};

use crate::call::{CALL, Call, Raised};
use crate::objects;
use crate::value;

/// A backend whose `read` is a Python function, called in threads or on an event loop.
pub(crate) struct PythonBackend {
    /// Its name, as diagnostics have it.
    name: String,
    /// A `manifill._reading.Reading`.
    reading: Py<PyAny>,
    /// The annotations that it understands.
    options: Vec<String>,
}

type ReadResult = (usize, Result<Secret, VaultError>);

impl PythonBackend {
    pub(crate) fn new(name: &str, reading: &Bound<'_, PyAny>) -> PyResult<Arc<Self>> {
        Ok(Arc::new(PythonBackend {
            name: name.to_owned(),
            options: reading.getattr("options")?.extract()?,
            reading: reading.clone().unbind(),
        }))
    }

    /// Starts the reads; the object that is returned stops them when it is called.
    fn start(
        &self,
        py: Python<'_>,
        requests: &[SecretRequest],
        run: &RunContext,
        reply: Reply,
    ) -> PyResult<Py<PyAny>> {
        let list = PyList::empty(py);
        for request in requests {
            list.append(request_object(py, request)?)?;
        }
        let event_loop = reply.call.event_loop.as_ref().map(|one| one.clone_ref(py));
        let context = reply.call.context.clone_ref(py);
        let reply = Bound::new(py, reply)?;
        let args = (list, run.concurrency(), event_loop, context, reply);
        self.reading.call_method1(py, "start", args)
    }
}

impl std::fmt::Debug for PythonBackend {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("PythonBackend")
            .field("name", &self.name)
            .finish()
    }
}

#[async_trait]
impl VaultBackend for PythonBackend {
    async fn read(
        &self,
        requests: &[SecretRequest],
        run: &RunContext,
    ) -> Vec<Result<Secret, VaultError>> {
        let late = |request: &SecretRequest| {
            VaultError::new(Kind::Timeout, "the time ran out before path {} was read")
                .with_name(request.path.as_str())
        };
        let mut answers: Vec<_> = requests.iter().map(|request| Err(late(request))).collect();
        let Ok(call) = CALL.try_with(Arc::clone) else {
            return answers;
        };
        let (send, mut receive) = unbounded_channel();
        let asked = requests
            .iter()
            .map(|request| (request.path.as_str().to_owned(), request.version.clone()))
            .collect();
        let reply = Reply {
            backend: self.name.clone(),
            asked,
            call: Arc::clone(&call),
            send,
        };
        let started = Python::try_attach(|py| self.start(py, requests, run, reply));
        let _stop = match started {
            Some(Ok(stop)) => StopOnDrop(stop),
            Some(Err(error)) => {
                call.end(error);
                return answers;
            }
            None => return answers,
        };
        let deadline = tokio::time::sleep_until(run.deadline().into());
        let mut deadline = std::pin::pin!(deadline);
        for _ in requests {
            tokio::select! {
                biased;
                answer = receive.recv() => match answer {
                    Some((index, answer)) => {
                        run.count_request();
                        if let Some(place) = answers.get_mut(index) {
                            *place = answer;
                        }
                    }
                    None => break,
                },
                () = &mut deadline => break,
            }
        }
        answers
    }

    fn options(&self) -> Cow<'_, [&str]> {
        self.options.iter().map(String::as_str).collect()
    }
}

/// Stops reads that nobody waits for any more.
struct StopOnDrop(Py<PyAny>);

impl Drop for StopOnDrop {
    fn drop(&mut self) {
        Python::try_attach(|py| {
            if let Err(error) = self.0.call0(py) {
                error.write_unraisable(py, None);
            }
        });
    }
}

/// Takes the answers of a Python backend.
#[pyclass(frozen, module = "manifill._native")]
#[derive(Debug)]
pub(crate) struct Reply {
    backend: String,
    asked: Vec<(String, Option<String>)>,
    call: Arc<Call>,
    send: UnboundedSender<ReadResult>,
}

#[pymethods]
impl Reply {
    /// Whether nobody waits for answers any more.
    fn is_over(&self) -> bool {
        self.send.is_closed()
    }

    /// Takes what `read` returned for a request, as `manifill._plain` has it.
    #[pyo3(signature = (index, answer, /))]
    fn answer(&self, index: usize, answer: &Bound<'_, PyAny>) -> PyResult<()> {
        let Some((path, version)) = self.asked.get(index) else {
            return Ok(());
        };
        let answer = if answer.is_none() {
            Err(not_found(path, version.as_deref()))
        } else {
            Ok(secret(answer)?)
        };
        self.send(index, answer);
        Ok(())
    }

    /// Takes what `read` raised for a request, and what `manifill._plain` says about it.
    #[pyo3(signature = (index, error, kind, name, is_lookup, /))]
    fn failure(
        &self,
        index: usize,
        error: Bound<'_, PyBaseException>,
        kind: Option<&str>,
        name: String,
        is_lookup: bool,
    ) {
        let Some((path, version)) = self.asked.get(index) else {
            return;
        };
        let error = PyErr::from_value(error.into_any());
        let Some(kind) = kind else {
            self.call.end(error);
            return;
        };
        let told = told(kind, name, is_lookup, path, version.as_deref());
        self.call.note(Raised {
            backend: self.backend.clone(),
            path: path.clone(),
            version: version.clone(),
            error,
        });
        self.send(index, Err(told));
    }
}

impl Reply {
    fn send(&self, index: usize, answer: Result<Secret, VaultError>) {
        // The call may be over.
        let _ = self.send.send((index, answer));
    }
}

fn not_found(path: &str, version: Option<&str>) -> VaultError {
    match version {
        Some(version) => VaultError::new(
            Kind::NotFound,
            "could not find secrets at path {} with version {}",
        )
        .with_name(path)
        .with_name(version),
        None => {
            VaultError::new(Kind::NotFound, "could not find secrets at path {}").with_name(path)
        }
    }
}

/// What a diagnostic says about an exception: the name of its type. Its text may hold anything.
fn told(
    kind: &str,
    name: String,
    is_lookup: bool,
    path: &str,
    version: Option<&str>,
) -> VaultError {
    let kind = match kind {
        "not-found" => return not_found(path, version),
        "unauthenticated" => Kind::Unauthenticated,
        "permission-denied" => Kind::PermissionDenied,
        "ambiguous" => Kind::Ambiguous,
        "configuration" => Kind::Configuration,
        "invalid-request" => Kind::InvalidRequest,
        "unavailable" => Kind::Unavailable,
        _ => Kind::InvalidAnswer,
    };
    let told = VaultError::new(kind, "reading path {} raised {}")
        .with_name(path)
        .with_name(name);
    if is_lookup {
        told.with_hint("if there is no such secret, read() returns None or raises NotFoundError")
    } else {
        told
    }
}

/// What `read` returned as a secret. A mapping may hold the wanted keys alone, so it does not say
/// which others there are: an empty one is no sign that the secret is empty.
fn secret(answer: &Bound<'_, PyAny>) -> PyResult<Secret> {
    if let Ok(secret) = answer.cast::<crate::secret::Secret>() {
        return Ok(secret.get().0.clone());
    }
    let values = value::entries(answer.cast()?, 0)?;
    Ok(if values.is_empty() {
        Secret::new()
    } else {
        Secret::from_values(values)
    })
}

fn request_object<'py>(py: Python<'py>, request: &SecretRequest) -> PyResult<Bound<'py, PyAny>> {
    let options = PyDict::new(py);
    for (name, value) in &request.options {
        options.set_item(name, value)?;
    }
    let keys = match &request.keys {
        Keys::Names(names) => Some(PyFrozenSet::new(py, names.iter())?),
        _ => None,
    };
    let version = request.version.as_deref();
    objects::make(
        py,
        "vault",
        "SecretRequest",
        (request.path.as_str(), version, keys, options),
    )
}
