//! What is at a path, for Python programs that read it themselves.

use manifill::vault;
use pyo3::exceptions::PyKeyError;
use pyo3::prelude::*;

use crate::argument;
use crate::errors;
use crate::value::{SecretValue, entries, to_python};

/// The values at a path, which show themselves only when asked.
///
/// A backend may return one instead of a mapping, to tell what the path was resolved to, or all
/// `names` that there are where it has read only the wanted ones.
#[pyclass(frozen, mapping, module = "manifill.vault")]
#[derive(Debug)]
pub(crate) struct Secret(pub(crate) vault::Secret);

#[pymethods]
impl Secret {
    #[new]
    #[pyo3(signature = (values, /, *, names=None, id=None, version=None))]
    fn new(
        values: &Bound<'_, PyAny>,
        names: Option<&Bound<'_, PyAny>>,
        id: Option<&Bound<'_, PyAny>>,
        version: Option<&Bound<'_, PyAny>>,
    ) -> PyResult<Self> {
        let values = argument::mapping("values", values)?;
        // Without names, there may be keys that nobody has asked for.
        let mut secret = vault::Secret::new();
        for (key, value) in entries(values, 0)? {
            secret.insert(key, Ok(value));
        }
        if let Some(names) = names {
            secret = secret.with_names(argument::strings("names", names)?);
        }
        if let Some(id) = argument::optional_string("id", id)? {
            secret = secret.with_id(id);
        }
        if let Some(version) = argument::optional_string("version", version)? {
            secret = secret.with_version(version);
        }
        Ok(Secret(secret))
    }

    /// The keys that exist.
    #[getter]
    fn names(&self) -> Vec<String> {
        self.0.names().map(str::to_owned).collect()
    }

    /// What the path was resolved to, such as an item's id.
    #[getter]
    fn id(&self) -> Option<&str> {
        self.0.id()
    }

    /// The version that was read, where the backend has versions.
    #[getter]
    fn version(&self) -> Option<&str> {
        self.0.version()
    }

    /// The value of a key as a Python object: str, bytes, int, float, bool, list or dict.
    fn expose<'py>(&self, py: Python<'py>, key: &Bound<'py, PyAny>) -> PyResult<Bound<'py, PyAny>> {
        to_python(py, self.value(py, &argument::string("key", key)?)?)
    }

    /// The keys, as of a mapping.
    fn keys(&self) -> Vec<String> {
        self.readable().map(str::to_owned).collect()
    }

    /// The values, as of a mapping; each shows itself only by `expose`.
    fn values(&self, py: Python<'_>) -> PyResult<Vec<SecretValue>> {
        self.readable()
            .map(|key| self.value(py, key).cloned().map(SecretValue))
            .collect()
    }

    /// The keys with their values, as of a mapping.
    fn items(&self, py: Python<'_>) -> PyResult<Vec<(String, SecretValue)>> {
        self.readable()
            .map(|key| Ok((key.to_owned(), SecretValue(self.value(py, key)?.clone()))))
            .collect()
    }

    /// The value of a key, or `default` if there is no such key.
    #[pyo3(signature = (key, default=None, /))]
    fn get<'py>(
        &self,
        py: Python<'py>,
        key: &Bound<'py, PyAny>,
        default: Option<Bound<'py, PyAny>>,
    ) -> PyResult<Bound<'py, PyAny>> {
        let key = argument::string("key", key)?;
        if self.0.value(&key).is_none() {
            return Ok(default.unwrap_or_else(|| py.None().into_bound(py)));
        }
        let value = self.value(py, &key).cloned().map(SecretValue)?;
        Ok(Bound::new(py, value)?.into_any())
    }

    fn __getitem__(&self, py: Python<'_>, key: &Bound<'_, PyAny>) -> PyResult<SecretValue> {
        let key = argument::string("key", key)?;
        self.value(py, &key).cloned().map(SecretValue)
    }

    fn __contains__(&self, key: &Bound<'_, PyAny>) -> bool {
        key.extract::<String>()
            .is_ok_and(|key| self.0.value(&key).is_some())
    }

    fn __len__(&self) -> usize {
        self.readable().count()
    }

    fn __iter__<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyAny>> {
        Ok(self.keys().into_pyobject(py)?.try_iter()?.into_any())
    }

    fn __repr__(&self, py: Python<'_>) -> PyResult<String> {
        Ok(format!(
            "Secret({})",
            self.names().into_pyobject(py)?.repr()?
        ))
    }
}

impl Secret {
    fn readable(&self) -> impl Iterator<Item = &str> {
        let names = self.0.names();
        names.filter(|name| self.0.value(name).is_some())
    }

    fn value(&self, py: Python<'_>, key: &str) -> PyResult<&vault::SecretValue> {
        match self.0.value(key) {
            Some(Ok(value)) => Ok(value),
            Some(Err(error)) => Err(errors::vault(py, error)),
            None => Err(PyKeyError::new_err(key.to_owned())),
        }
    }
}
