//! One call from Python: how it is stopped, and what Python backends raise during it.

use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use pyo3::exceptions::{PyRuntimeError, PyTimeoutError};
use pyo3::prelude::*;
use tokio::sync::Notify;

use crate::sync::lock;

/// How often a waiting call looks for signals: Ctrl-C ends it within a tenth of a second, of which
/// half is left for a Python backend that is busy and gives the GIL back late.
const SIGNALS: Duration = Duration::from_millis(50);

/// How many bytes are read at once without a look for signals.
pub(crate) const LARGE: usize = 1 << 16;

tokio::task_local! {
    /// The call that a backend is read for.
    pub(crate) static CALL: Arc<Call>;
}

/// Ends a call from another thread or task.
#[pyclass(frozen, module = "manifill._native")]
#[derive(Clone, Debug, Default)]
pub(crate) struct Stop(Arc<Flag>);

#[derive(Debug, Default)]
struct Flag {
    set: AtomicBool,
    changed: Notify,
}

#[pymethods]
impl Stop {
    #[new]
    fn new() -> Self {
        Stop::default()
    }

    /// Ends the call; what it would have returned is dropped.
    fn stop(&self) {
        self.0.set.store(true, Ordering::Release);
        // The permit waits for a call that is not listening yet.
        self.0.changed.notify_one();
    }
}

impl Stop {
    fn is_set(&self) -> bool {
        self.0.set.load(Ordering::Acquire)
    }

    async fn stopped(&self) {
        while !self.is_set() {
            self.0.changed.notified().await;
        }
    }
}

/// An exception of a Python backend and what it was raised for.
#[derive(Debug)]
pub(crate) struct Raised {
    pub(crate) backend: String,
    pub(crate) path: String,
    pub(crate) version: Option<String>,
    pub(crate) error: PyErr,
}

/// What belongs to one call.
#[derive(Debug)]
pub(crate) struct Call {
    /// The event loop that `async` backends are read on; without one they have their own.
    pub(crate) event_loop: Option<Py<PyAny>>,
    /// The context variables of the caller.
    pub(crate) context: Py<PyAny>,
    stop: Stop,
    raised: Mutex<Vec<Raised>>,
    /// An exception that is no failure of a backend but ends the program, such as Ctrl-C.
    fatal: Mutex<Option<PyErr>>,
}

impl Call {
    pub(crate) fn new(
        py: Python<'_>,
        event_loop: Option<Py<PyAny>>,
        stop: Option<&Stop>,
    ) -> PyResult<Arc<Self>> {
        Ok(Arc::new(Call {
            event_loop,
            context: py
                .import("contextvars")?
                .call_method0("copy_context")?
                .unbind(),
            stop: stop.cloned().unwrap_or_default(),
            raised: Mutex::default(),
            fatal: Mutex::default(),
        }))
    }

    pub(crate) fn note(&self, raised: Raised) {
        lock(&self.raised).push(raised);
    }

    /// Ends the call with this exception.
    pub(crate) fn end(&self, error: PyErr) {
        lock(&self.fatal).get_or_insert(error);
        self.stop.stop();
    }

    /// What was raised for a path of a backend.
    pub(crate) fn exception(
        &self,
        py: Python<'_>,
        backend: &str,
        path: &str,
        version: Option<&str>,
    ) -> Option<PyErr> {
        let raised = lock(&self.raised);
        raised
            .iter()
            .find(|one| {
                one.backend == backend && one.path == path && one.version.as_deref() == version
            })
            .map(|one| one.error.clone_ref(py))
    }

    /// Waits on a runtime; `None` if the call was ended before.
    pub(crate) fn wait<T>(
        self: &Arc<Self>,
        runtime: &tokio::runtime::Runtime,
        work: impl Future<Output = T>,
    ) -> Option<T> {
        runtime.block_on(CALL.scope(Arc::clone(self), async {
            tokio::select! {
                biased;
                done = work => Some(done),
                () = self.stop.stopped() => None,
            }
        }))
    }

    /// Runs the handlers of signals that have come; only Python's main thread has any.
    fn look_for_signals(&self) {
        if let Some(Err(error)) = Python::try_attach(|py| py.check_signals()) {
            self.end(error);
        }
    }

    /// Does work without the GIL. Work that may take longer than Ctrl-C may is done `apart`, in a
    /// thread of its own, so that this one can see signals.
    pub(crate) fn run<T: Send + 'static>(
        self: &Arc<Self>,
        py: Python<'_>,
        apart: bool,
        work: impl FnOnce(&Arc<Call>) -> T + Send + 'static,
    ) -> PyResult<T> {
        let done = if apart {
            py.detach(|| self.run_apart(work))
        } else {
            Some(py.detach(|| work(self)))
        };
        let fatal = lock(&self.fatal).take();
        match (fatal, done) {
            (Some(error), _) => Err(error),
            (None, Some(done)) if !self.stop.is_set() => Ok(done),
            (None, _) if self.stop.is_set() => Err(stopped()),
            (None, _) => Err(PyRuntimeError::new_err(
                "the thread of the call ended early",
            )),
        }
    }

    fn run_apart<T: Send + 'static>(
        self: &Arc<Self>,
        work: impl FnOnce(&Arc<Call>) -> T + Send + 'static,
    ) -> Option<T> {
        use std::sync::mpsc::{RecvTimeoutError, channel};
        let (send, receive) = channel();
        let call = Arc::clone(self);
        let apart = move || {
            // Nobody receives what comes after the call was ended.
            let _ = send.send(work(&call));
        };
        std::thread::Builder::new()
            .name("manifill".to_owned())
            .spawn(apart)
            .ok()?;
        loop {
            match receive.recv_timeout(SIGNALS) {
                Ok(done) => return Some(done),
                Err(RecvTimeoutError::Disconnected) => return None,
                Err(RecvTimeoutError::Timeout) => self.look_for_signals(),
            }
            if self.stop.is_set() {
                return None;
            }
        }
    }
}

/// What a call says that was ended. Whoever ended it no longer waits for it.
pub(crate) fn stopped() -> PyErr {
    PyTimeoutError::new_err("the call was stopped")
}
