//! The backends of a renderer as Python names them, and the list of those there are.

use std::sync::Arc;

use manifill::Backends;
use manifill::vault::backend::{BACKENDS, BackendInfo, by_name};
use manifill::vault::settings::Required;
use manifill::vault::{Settings, VaultBackend};
use manifill_placeholder::split_backend;
use pyo3::prelude::*;
use pyo3::types::{PyDict, PyList, PyString, PyTuple};

use crate::backend::PythonBackend;
use crate::errors;
use crate::objects;
use crate::value::{key_text, text};

/// A named backend: its name, and a type with settings or a backend in Python.
pub(crate) type Named<'py> = (String, Bound<'py, PyAny>);

/// What a program gives as a backend.
enum Given<'py> {
    Settings(&'static BackendInfo, Settings),
    Python(Bound<'py, PyAny>),
}

/// The backends of a program: at most one without a name, and any number with one.
pub(crate) fn made(
    py: Python<'_>,
    single: Option<&Bound<'_, PyAny>>,
    named: &[Named<'_>],
    default: Option<&str>,
) -> PyResult<Backends> {
    let backends = match single.map(|single| given(py, single)).transpose()? {
        None => Backends::new(),
        Some(Given::Settings(info, settings)) => Backends::from_settings(info, settings),
        Some(Given::Python(reading)) => Backends::single(
            "python",
            PythonBackend::new("python", &reading)? as Arc<dyn VaultBackend>,
        ),
    };
    let backends = with_named(py, backends, named)?;
    let Some(default) = default else {
        return Ok(backends);
    };
    if !backends.names().any(|name| name == default) {
        let message = format!("`default` names `{default}`, which is not one of the backends");
        return Err(errors::setting(py, &message, None));
    }
    Ok(backends.with_default(default))
}

/// Adds named backends.
pub(crate) fn with_named(
    py: Python<'_>,
    mut backends: Backends,
    named: &[Named<'_>],
) -> PyResult<Backends> {
    for (name, backend) in named {
        if split_backend(&format!("{name}!")).0 != Some(name.as_str()) {
            return Err(errors::setting(
                py,
                &format!("`{name}` cannot be the name of a backend"),
                Some("a name is lower-case letters, digits and hyphens, and starts with a letter"),
            ));
        }
        if backends.names().any(|known| known == name) {
            return Err(errors::setting(
                py,
                &format!("there is a backend `{name}` already"),
                None,
            ));
        }
        backends = match given(py, backend)? {
            Given::Settings(info, settings) => {
                backends.with_named_settings(name.as_str(), info, settings)
            }
            Given::Python(reading) => {
                let backend = PythonBackend::new(name, &reading)?;
                backends.with_named(name.as_str(), "python", backend)
            }
        };
    }
    Ok(backends)
}

fn given<'py>(py: Python<'py>, backend: &Bound<'py, PyAny>) -> PyResult<Given<'py>> {
    let Ok((kind, settings)) = backend.extract::<(String, Bound<'_, PyDict>)>() else {
        return Ok(Given::Python(backend.clone()));
    };
    let Some(info) = by_name(&kind) else {
        let known: Vec<&str> = BACKENDS.iter().map(|info| info.name).collect();
        let message = format!("there is no backend of type `{kind}`");
        let near = manifill::near_backends(&kind);
        let hint = if near.is_empty() {
            meant(&kind, &known).unwrap_or_else(|| one_of(&known))
        } else {
            format!("did you mean {near}?")
        };
        return Err(errors::setting(py, &message, Some(&hint)));
    };
    let mut read = Settings::new();
    for (name, value) in settings {
        let name = key_text(&name)?;
        if info.setting(&name).is_none() {
            let known: Vec<&str> = info.settings.iter().map(|known| known.name).collect();
            let message = format!("a backend of type `{kind}` has no setting `{name}`");
            let hint = meant(&name, &known).unwrap_or_else(|| match known.len() {
                0 => "it takes no settings".to_owned(),
                _ => one_of(&known),
            });
            return Err(errors::setting(py, &message, Some(&hint)));
        }
        let Ok(value) = value.cast::<PyString>() else {
            let message = format!("the setting `{name}` must be str");
            return Err(errors::setting(py, &message, None));
        };
        read = read.with(&name, text(value)?);
    }
    read = read.with_aliases(info.settings);
    let missing = info.missing(&read);
    if !missing.is_empty() && info.is_built() {
        let names: Vec<&str> = missing.iter().map(|one| one.name).collect();
        let names = match names.as_slice() {
            [first @ .., last] if !first.is_empty() => format!("{} and {last}", first.join(", ")),
            names => names.concat(),
        };
        let message = format!("a backend of type `{kind}` needs {names}");
        let about = missing
            .iter()
            .map(|one| format!("{}: {}", one.name, one.about));
        let hint = about.collect::<Vec<_>>().join("; ");
        return Err(errors::setting(py, &message, Some(&hint)));
    }
    Ok(Given::Settings(info, read))
}

/// The names that could have been meant: near ones, or those that go on from what was written.
fn meant(written: &str, known: &[&str]) -> Option<String> {
    let near = manifill::near_names(written, known.iter().copied());
    if !near.is_empty() {
        return Some(format!("did you mean {near}?"));
    }
    let goes_on = |name: &&&str| {
        let start: String = name.chars().take(written.chars().count() + 1).collect();
        written.len() > 3 && !manifill::near_names(written, [&*start].into_iter()).is_empty()
    };
    let name = known.iter().find(goes_on)?;
    Some(format!("did you mean `{name}`?"))
}

fn one_of(known: &[&str]) -> String {
    format!("use one of {}", known.join(", "))
}

/// Every backend, those that this build lacks included.
#[pyfunction]
pub(crate) fn backends(py: Python<'_>) -> PyResult<Bound<'_, PyList>> {
    let list = PyList::empty(py);
    for info in BACKENDS {
        let settings = PyList::empty(py);
        for setting in info.settings {
            let required_with = match setting.required {
                Required::With(methods) => methods,
                _ => &[],
            };
            let fields = (
                setting.name,
                setting.kind.as_str(),
                setting.class.as_str(),
                setting.is_required(),
                PyTuple::new(py, required_with)?,
                PyTuple::new(py, setting.alternatives)?,
                setting.goes_with_login,
                setting.about,
            );
            settings.append(objects::make(py, "vault", "Setting", fields)?)?;
        }
        let fields = (
            info.name,
            info.feature,
            info.about,
            info.example,
            PyTuple::new(py, settings.iter())?,
            info.is_built(),
        );
        list.append(objects::make(py, "vault", "BackendInfo", fields)?)?;
    }
    Ok(list)
}
