//! The file of a kustomization.

use serde_json::{Map, Value};

use crate::rendering::error::{RenderingError, shown};
use crate::rendering::repository::{Found, Repository, join};
use crate::rendering::yaml;

/// What a kustomization may be called.
pub(crate) const NAMES: [&str; 3] = ["kustomization.yaml", "kustomization.yml", "Kustomization"];

/// Finds the kustomization of a folder: the name of its file, and what is in it.
pub(crate) fn read(
    repository: Repository<'_>,
    folder: &str,
) -> Result<(String, Map<String, Value>), RenderingError> {
    let mut files = Vec::new();
    for name in NAMES {
        let name = join(folder, name);
        if let Some((_, Found::File(_))) = repository.find(&name)? {
            files.push(name);
        }
    }
    let [file] = files.as_slice() else {
        let place = shown(if folder.is_empty() { "." } else { folder });
        let what = match files.len() {
            0 => format!("{place} has no kustomization.yaml"),
            _ => format!(
                "{place} has several of kustomization.yaml, kustomization.yml, Kustomization"
            ),
        };
        return Err(RenderingError::source(what));
    };
    match yaml::read(repository, file)? {
        Some(Value::Object(fields)) => Ok((file.clone(), fields)),
        Some(Value::Null) | None => Ok((file.clone(), Map::new())),
        Some(_) => Err(RenderingError::source(format!(
            "{} is not a map",
            shown(file)
        ))),
    }
}
