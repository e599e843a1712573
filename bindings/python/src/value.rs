//! Values of secrets on their way from and to Python.

use manifill::vault::{self, Exposed};
use manifill_manifest as manifest;
use pyo3::exceptions::{PyTypeError, PyValueError};
use pyo3::prelude::*;
use pyo3::types::{
    PyBool, PyByteArray, PyBytes, PyDict, PyFloat, PyInt, PyList, PyMapping, PyString, PyTuple,
};

/// How deep lists and maps may be nested; one that holds itself would never end.
const DEPTH: usize = 128;

/// The value of a secret, which shows itself only when asked.
#[pyclass(frozen, module = "manifill.vault")]
#[derive(Debug)]
pub(crate) struct SecretValue(pub(crate) vault::SecretValue);

#[pymethods]
impl SecretValue {
    #[new]
    #[pyo3(signature = (value, /))]
    fn new(value: &Bound<'_, PyAny>) -> PyResult<Self> {
        from_python(value).map(SecretValue)
    }

    /// The value: str, bytes, int, float, bool, None, list or dict.
    fn expose<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyAny>> {
        to_python(py, &self.0)
    }

    /// The type: `text`, `bytes`, `number`, `bool`, `null`, `list` or `map`.
    #[getter]
    fn type_name(&self) -> &'static str {
        self.0.expose().type_name()
    }

    fn __repr__(&self) -> &'static str {
        "SecretValue([redacted])"
    }
}

/// Reads a value that Python code gives. No error shows any of it.
pub(crate) fn from_python(value: &Bound<'_, PyAny>) -> PyResult<vault::SecretValue> {
    read(value, 0)
}

fn read(value: &Bound<'_, PyAny>, depth: usize) -> PyResult<vault::SecretValue> {
    if depth > DEPTH {
        return Err(PyValueError::new_err("a value is nested too deeply"));
    }
    if let Ok(value) = value.cast::<SecretValue>() {
        return Ok(value.get().0.clone());
    }
    if value.is_none() {
        return Ok(vault::SecretValue::null());
    }
    if let Ok(value) = value.cast::<PyBool>() {
        return Ok(vault::SecretValue::bool(value.is_true()));
    }
    if let Ok(value) = value.cast::<PyString>() {
        return text(value).map(vault::SecretValue::text);
    }
    if let Ok(value) = value.cast::<PyBytes>() {
        return Ok(vault::SecretValue::bytes(value.as_bytes()));
    }
    if let Ok(value) = value.cast::<PyByteArray>() {
        return Ok(vault::SecretValue::bytes(value.to_vec()));
    }
    if value.is_instance_of::<PyInt>() || value.is_instance_of::<PyFloat>() || is_decimal(value)? {
        // Digits of a subclass, such as an IntEnum, are those of its number.
        let digits = match value.cast::<PyInt>() {
            Ok(int) => value
                .py()
                .get_type::<PyInt>()
                .call_method1("__repr__", (int,))?,
            Err(_) => value.str()?.into_any(),
        };
        let digits = text(digits.cast::<PyString>()?)?;
        return vault::SecretValue::number(digits.to_ascii_lowercase()).ok_or_else(|| {
            PyValueError::new_err("a number that is not finite cannot be a secret value")
        });
    }
    if let Ok(map) = value.cast::<PyMapping>() {
        return Ok(vault::SecretValue::map(entries(map, depth + 1)?));
    }
    if value.is_instance_of::<PyList>() || value.is_instance_of::<PyTuple>() {
        let items = value.try_iter()?.map(|item| read(&item?, depth + 1));
        return Ok(vault::SecretValue::list(
            items.collect::<PyResult<Vec<_>>>()?,
        ));
    }
    Err(PyTypeError::new_err(format!(
        "a secret value cannot be of type {}",
        type_name(value)
    )))
}

/// The keys and values of a mapping, which stands `depth` deep in another.
pub(crate) fn entries(
    map: &Bound<'_, PyMapping>,
    depth: usize,
) -> PyResult<Vec<(String, vault::SecretValue)>> {
    let mut entries = Vec::with_capacity(map.len()?);
    for entry in map.items()?.iter() {
        let (key, value) = entry.extract::<(Bound<'_, PyAny>, Bound<'_, PyAny>)>()?;
        entries.push((key_text(&key)?, read(&value, depth)?));
    }
    Ok(entries)
}

fn is_decimal(value: &Bound<'_, PyAny>) -> PyResult<bool> {
    value.is_instance(&value.py().import("decimal")?.getattr("Decimal")?)
}

/// The key of an entry.
pub(crate) fn key_text(key: &Bound<'_, PyAny>) -> PyResult<String> {
    match key.cast::<PyString>() {
        Ok(key) => text(key),
        Err(_) => Err(PyTypeError::new_err(format!(
            "a key must be str, not {}",
            type_name(key)
        ))),
    }
}

/// The text of a `str`. Python's own error would hold the whole text.
pub(crate) fn text(value: &Bound<'_, PyString>) -> PyResult<String> {
    value
        .to_cow()
        .map(std::borrow::Cow::into_owned)
        .map_err(|_| PyValueError::new_err("a text holds a lone surrogate"))
}

pub(crate) fn type_name(value: &Bound<'_, PyAny>) -> String {
    value
        .get_type()
        .name()
        .map_or_else(|_| "object".to_owned(), |name| name.to_string())
}

/// The value as a Python object.
pub(crate) fn to_python<'py>(
    py: Python<'py>,
    value: &vault::SecretValue,
) -> PyResult<Bound<'py, PyAny>> {
    Ok(match value.expose() {
        Exposed::Null => py.None().into_bound(py),
        Exposed::Bool(value) => PyBool::new(py, value).to_owned().into_any(),
        Exposed::Number(digits) => number(py, digits)?,
        Exposed::Text(text) => PyString::new(py, text).into_any(),
        Exposed::Bytes(bytes) => PyBytes::new(py, bytes).into_any(),
        Exposed::List(items) => list(py, items, to_python)?,
        Exposed::Map(entries) => dict(py, entries, to_python)?,
    })
}

type ToPython<'py, T> = fn(Python<'py>, &T) -> PyResult<Bound<'py, PyAny>>;

fn list<'py, T>(
    py: Python<'py>,
    items: &[T],
    convert: ToPython<'py, T>,
) -> PyResult<Bound<'py, PyAny>> {
    let list = PyList::empty(py);
    for item in items {
        list.append(convert(py, item)?)?;
    }
    Ok(list.into_any())
}

fn dict<'py, T>(
    py: Python<'py>,
    entries: &[(String, T)],
    convert: ToPython<'py, T>,
) -> PyResult<Bound<'py, PyAny>> {
    let dict = PyDict::new(py);
    for (key, value) in entries {
        dict.set_item(key, convert(py, value)?)?;
    }
    Ok(dict.into_any())
}

/// What a manifest says as a Python object.
pub(crate) fn manifest_to_python<'py>(
    py: Python<'py>,
    value: &manifest::Value,
) -> PyResult<Bound<'py, PyAny>> {
    use manifest::Value;
    Ok(match value {
        Value::Null => py.None().into_bound(py),
        Value::Bool(value) => PyBool::new(py, *value).to_owned().into_any(),
        Value::Number(digits) => number(py, digits)?,
        Value::Text(text) => PyString::new(py, text).into_any(),
        Value::List(items) => list(py, items, manifest_to_python)?,
        Value::Map(entries) => dict(py, entries, manifest_to_python)?,
    })
}

/// A JSON number as int or float. An int has all its digits, up to Python's own limit.
fn number<'py>(py: Python<'py>, digits: &str) -> PyResult<Bound<'py, PyAny>> {
    if !digits.contains(['.', 'e', 'E']) {
        if let Ok(small) = digits.parse::<i64>() {
            return Ok(PyInt::new(py, small).into_any());
        }
        if let Ok(large) = py.get_type::<PyInt>().call1((digits,)) {
            return Ok(large);
        }
    }
    py.get_type::<PyFloat>().call1((digits,))
}

/// What Python code says as a value of a manifest: the types of JSON.
pub(crate) fn manifest_from_python(value: &Bound<'_, PyAny>) -> PyResult<manifest::Value> {
    fn convert(value: &vault::SecretValue) -> PyResult<manifest::Value> {
        use manifest::Value;
        Ok(match value.expose() {
            Exposed::Null => Value::Null,
            Exposed::Bool(value) => Value::Bool(value),
            Exposed::Number(digits) => Value::Number(digits.to_owned()),
            Exposed::Text(text) => Value::Text(text.to_owned()),
            Exposed::Bytes(_) => {
                return Err(PyTypeError::new_err(
                    "a value of a manifest cannot be of type bytes",
                ));
            }
            Exposed::List(items) => {
                Value::List(items.iter().map(convert).collect::<PyResult<_>>()?)
            }
            Exposed::Map(entries) => Value::Map(
                entries
                    .iter()
                    .map(|(key, value)| Ok((key.clone(), convert(value)?)))
                    .collect::<PyResult<_>>()?,
            ),
        })
    }
    convert(&from_python(value)?)
}
