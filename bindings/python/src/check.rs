//! A look at manifests before they are filled, from Python.

use futures_util::FutureExt as _;
use manifill::{Backends, Depth, Diagnostic, KeyReport, Options, RenderError, RunContext, Stats};
use manifill_check::{AllowedField, Check, Checked, NotAField};
use pyo3::exceptions::PyValueError;
use pyo3::prelude::*;
use pyo3::types::PyList;

use crate::call::Call;
use crate::errors;
use crate::input::{self, Source};
use crate::objects;

/// What is looked for.
#[derive(Debug, FromPyObject)]
pub(crate) struct Look {
    depth: String,
    external: Vec<String>,
    literals: bool,
    only_kinds: Vec<String>,
    allow: Vec<String>,
}

impl Look {
    /// The same in Rust.
    ///
    /// # Errors
    /// A depth or a field that is none.
    pub(crate) fn check(self) -> PyResult<Check> {
        let depth = match self.depth.as_str() {
            "offline" => Depth::Offline,
            "exists" => Depth::Exists,
            "readable" => Depth::Readable,
            _ => {
                let words = "depth must be 'offline', 'exists' or 'readable'";
                return Err(PyValueError::new_err(words));
            }
        };
        let check = Check::new().with_depth(depth).with_literals(self.literals);
        let check = self.external.into_iter().fold(check, Check::with_external);
        let kinds = self.only_kinds.into_iter();
        let mut check = kinds.fold(check, Check::with_only_kind);
        for text in self.allow {
            let field: AllowedField = text.parse().map_err(|error: NotAField| {
                let words = format!("allow: `{}` is not a field; {error}", text.escape_debug());
                PyValueError::new_err(words)
            })?;
            check = check.with_allowed(field);
        }
        Ok(check)
    }
}

/// What a look has seen.
pub(crate) struct Seen {
    depth: Depth,
    keys: Vec<KeyReport>,
    remarks: Vec<Diagnostic>,
    notes: Vec<String>,
    stats: Stats,
}

/// What has come of a look.
pub(crate) fn seen(checked: &Checked) -> Result<Seen, RenderError> {
    let remarks = checked.found().map_err(RenderError::clone)?;
    Ok(Seen {
        depth: checked.depth(),
        keys: checked.keys().to_vec(),
        remarks: remarks.to_vec(),
        notes: checked.notes().to_vec(),
        stats: checked.stats().unwrap_or_default(),
    })
}

/// The same as a `manifill.Checked`, and remarks.
pub(crate) fn object(py: Python<'_>, seen: Seen) -> PyResult<(Bound<'_, PyAny>, Vec<String>)> {
    let keys = PyList::empty(py);
    for key in seen.keys {
        let found = key.found.map(|one| (one.type_name, one.size.as_str()));
        let (kind, size) = found.unzip();
        let parts = (key.backend, key.path, key.version, key.key, kind, size);
        keys.append(objects::make(py, "report", "KeyReport", parts)?)?;
    }
    let remarks = errors::diagnostic_list(py, &seen.remarks, None)?;
    let stats = seen.stats;
    let parts = (
        seen.depth.as_str(),
        keys,
        remarks,
        stats.documents,
        stats.placeholders,
    );
    Ok((objects::make(py, "report", "Checked", parts)?, seen.notes))
}

/// Looks at a text without settings and without a request: every path is taken as it is written.
#[pyfunction]
pub(crate) fn check_offline<'py>(
    py: Python<'py>,
    source: Source<'py>,
    look: Look,
    strict: bool,
    escaped: bool,
    allow_unresolved: bool,
) -> PyResult<(Bound<'py, PyAny>, Vec<String>)> {
    let check = look.check()?.with_depth(Depth::Offline);
    let inputs = input::read(py, &[source])?;
    let options = Options::new()
        .with_strict(strict)
        .with_escaped(escaped)
        .with_allow_unresolved(allow_unresolved);
    let renderer = manifill::Renderer::new(Backends::new());
    let renderer = renderer.with_options(options).for_plans();
    let call = Call::new(py, None, None)?;
    let done = call.run(py, input::are_large(&inputs), move |_| {
        let context = RunContext::new();
        let looking = manifill_check::check(&renderer, &inputs, &check, &context);
        // It waits for nothing.
        looking.now_or_never().map(|checked| seen(&checked))
    })?;
    match done {
        Some(Ok(seen)) => object(py, seen),
        Some(Err(error)) => Err(errors::render(py, &error, None)),
        None => Err(PyValueError::new_err("the manifests cannot be looked at")),
    }
}
