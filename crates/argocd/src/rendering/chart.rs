//! The files of a chart, and that it needs no others.

use serde_json::Value;

use super::error::{RenderingError, RenderingErrorKind, shown};
use super::private_folder::PrivateFolder;
use super::remote::REMOTE_HOSTS;
use super::repository::{Found, Repository, join};
use super::{schema, yaml};

/// What a chart depends on.
struct Dependency {
    name: String,
    repository: String,
}

/// Copies a chart to the private folder, and the charts of the same repository that it depends on.
/// What Helm would look for elsewhere is refused.
pub(crate) fn copy(
    repository: Repository<'_>,
    chart: &str,
    folder: &mut PrivateFolder,
) -> Result<(), RenderingError> {
    copy_folder(repository, chart, chart, folder)?;
    for (file, dependency) in dependencies(repository, chart)? {
        if is_there(repository, chart, &dependency.name)? {
            continue;
        }
        let Some(path) = dependency.repository.strip_prefix("file://") else {
            return Err(missing(&file, &dependency));
        };
        if path.starts_with('/') {
            return Err(missing(&file, &dependency));
        }
        let from = join(chart, path);
        let chart_file = join(&from, "Chart.yaml");
        let Some((from, Found::Folder)) = repository.find(&from)? else {
            return Err(missing(&file, &dependency));
        };
        if repository.find(&chart_file)?.is_none() {
            return Err(missing(&file, &dependency));
        }
        let to = join(chart, &format!("charts/{}", dependency.name));
        copy_folder(repository, &from, &to, folder)?;
    }
    Ok(())
}

fn copy_folder(
    repository: Repository<'_>,
    from: &str,
    to: &str,
    folder: &mut PrivateFolder,
) -> Result<(), RenderingError> {
    for (name, data) in repository.walk(from)? {
        let place = shown(&name);
        let below = name
            .strip_prefix(from)
            .unwrap_or(&name)
            .trim_start_matches('/');
        let file = below.rsplit('/').next().unwrap_or(below);
        if file == "values.schema.json" {
            schema::check(&place, data)?;
        }
        folder.write(&join(to, below), data)?;
    }
    Ok(())
}

/// The dependencies that a chart declares, and where: in `Chart.yaml`, or as Helm 2 had it.
fn dependencies(
    repository: Repository<'_>,
    chart: &str,
) -> Result<Vec<(String, Dependency)>, RenderingError> {
    let mut found = Vec::new();
    for file in ["Chart.yaml", "requirements.yaml"] {
        let name = join(chart, file);
        let Some(declared) = yaml::read(repository, &name)? else {
            continue;
        };
        let list = declared.get("dependencies").and_then(Value::as_array);
        for dependency in list.into_iter().flatten() {
            let text = |key: &str| {
                let text = dependency.get(key).and_then(Value::as_str);
                text.unwrap_or_default().to_owned()
            };
            let dependency = Dependency {
                name: text("name"),
                repository: text("repository"),
            };
            let is_name = |byte: u8| byte.is_ascii_alphanumeric() || b"-_.".contains(&byte);
            if dependency.name.is_empty()
                || !dependency.name.bytes().all(is_name)
                || dependency.name.starts_with('.')
            {
                let message = format!(
                    "{}: a dependency has the name {}",
                    shown(&name),
                    shown(&dependency.name)
                );
                return Err(RenderingError::source(message));
            }
            found.push((name.clone(), dependency));
        }
    }
    Ok(found)
}

/// Whether a chart of that name is in `charts/`, as a folder or packed.
fn is_there(repository: Repository<'_>, chart: &str, name: &str) -> Result<bool, RenderingError> {
    let charts = join(chart, "charts");
    for child in repository.children(&charts)? {
        let packed = child
            .strip_suffix(".tgz")
            .and_then(|child| child.strip_prefix(name));
        let version = packed.and_then(|rest| rest.strip_prefix('-'));
        if version.is_some_and(|version| {
            version
                .trim_start_matches('v')
                .starts_with(|c: char| c.is_ascii_digit())
        }) {
            return Ok(true);
        }
        let file = join(&charts, &format!("{child}/Chart.yaml"));
        let Some(found) = yaml::read(repository, &file)? else {
            continue;
        };
        if found.get("name").and_then(Value::as_str) == Some(name) {
            return Ok(true);
        }
    }
    Ok(false)
}

fn missing(file: &str, dependency: &Dependency) -> RenderingError {
    let place = shown(file);
    let name = shown(&dependency.name);
    let message = match dependency.repository.as_str() {
        "" => format!("{place}: the dependency {name} is not in charts/"),
        from => format!(
            "{place}: the dependency {name} from {} is not in charts/",
            shown(from)
        ),
    };
    RenderingError::new(RenderingErrorKind::Remote, message).with_hint(format!(
        "run `helm dependency update` and commit charts/, or name a chart of this repository with file://../NAME; a chart from https may be fetched if the operator names its host in {REMOTE_HOSTS}"
    ))
}
