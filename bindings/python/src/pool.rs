//! Runtimes and the renderers that belong to them.
//!
//! A connection belongs to the runtime it was opened on, and a runtime works for one thread at a
//! time. So every call takes a runtime with a renderer of its own out of the pool and puts it back
//! at the end: threads never wait for each other, and connections live on between calls.

use std::cell::OnceCell;
use std::sync::{Arc, Mutex, PoisonError};

use pyo3::exceptions::PyOSError;
use pyo3::prelude::*;
use tokio::runtime::Runtime;

use crate::sync::lock;

/// How many runtimes are kept for later calls.
const KEPT: usize = 16;

/// The renderers of one Python object.
#[derive(Debug)]
pub(crate) struct Pool {
    /// Never used itself, so that nothing of it is half-made when the process forks.
    template: manifill::Renderer,
    /// Only locked while the GIL is held, so that no fork finds it locked.
    idle: Mutex<Vec<Worker>>,
}

/// A runtime and its renderer.
#[derive(Debug)]
struct Worker {
    process: u32,
    runtime: OnceCell<Runtime>,
    renderer: manifill::Renderer,
}

/// A worker for the time of a call.
#[derive(Debug)]
pub(crate) struct Lease {
    pool: Arc<Pool>,
    worker: Option<Worker>,
}

impl Pool {
    pub(crate) fn new(template: manifill::Renderer) -> Arc<Self> {
        Arc::new(Pool {
            template,
            idle: Mutex::default(),
        })
    }

    pub(crate) fn template(&self) -> &manifill::Renderer {
        &self.template
    }

    /// Takes a worker of this process, a new one if none is idle.
    pub(crate) fn lease(self: &Arc<Self>, _py: Python<'_>) -> Lease {
        let process = std::process::id();
        let mut idle = lock(&self.idle);
        let mut worker = None;
        while let Some(found) = idle.pop() {
            if found.process == process {
                worker = Some(found);
                break;
            }
            found.forget();
        }
        let worker = worker.unwrap_or_else(|| Worker {
            process,
            runtime: OnceCell::new(),
            renderer: self.template.renewed(),
        });
        Lease {
            pool: Arc::clone(self),
            worker: Some(worker),
        }
    }
}

impl Worker {
    /// Leaves the worker of a parent process alone: taking it apart would close connections and
    /// registrations that the parent still uses.
    fn forget(self) {
        std::mem::forget(self);
    }

    fn end(self) {
        if self.process != std::process::id() {
            return self.forget();
        }
        if let Some(runtime) = self.runtime.into_inner() {
            // A name that is being looked up would otherwise be waited for.
            runtime.shutdown_background();
        }
    }
}

impl Drop for Pool {
    fn drop(&mut self) {
        let idle = self.idle.get_mut().unwrap_or_else(PoisonError::into_inner);
        idle.drain(..).for_each(Worker::end);
    }
}

impl Lease {
    /// The renderer; `None` only while the lease is being dropped.
    pub(crate) fn renderer(&self) -> Option<&manifill::Renderer> {
        self.worker.as_ref().map(|worker| &worker.renderer)
    }

    /// The runtime, made when it is first needed.
    pub(crate) fn runtime(&self) -> PyResult<&Runtime> {
        let worker = self.worker.as_ref().ok_or_else(no_loop)?;
        if let Some(runtime) = worker.runtime.get() {
            return Ok(runtime);
        }
        let runtime = runtime()?;
        Ok(worker.runtime.get_or_init(|| runtime))
    }
}

/// A runtime for one thread.
pub(crate) fn runtime() -> PyResult<Runtime> {
    tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .map_err(|_| no_loop())
}

fn no_loop() -> PyErr {
    PyOSError::new_err("the system provides no event loop")
}

impl Drop for Lease {
    fn drop(&mut self) {
        let Some(worker) = self.worker.take() else {
            return;
        };
        let mut worker = Some(worker);
        Python::try_attach(|_py| {
            let mut idle = lock(&self.pool.idle);
            if idle.len() < KEPT {
                idle.extend(worker.take());
            }
        });
        // Without Python the process is about to end.
        if let Some(worker) = worker {
            worker.end();
        }
    }
}
