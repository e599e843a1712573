//! The files of a chart, and that it needs no others.

use serde_json::Value;

use super::error::{RenderingError, RenderingErrorKind, shown};
use super::fetch::{Remote, file_name};
use super::packed::{is_packed, repack};
use super::private_folder::PrivateFolder;
use super::remote::REMOTE_HOSTS;
use super::repository::{Found, Repository, join};
use super::{schema, yaml};

/// What a chart depends on.
struct Dependency {
    name: String,
    repository: String,
    version: String,
}

/// Copies a chart to the private folder, and the charts of the same repository that it depends on.
/// What Helm would look for elsewhere is refused.
pub(crate) fn copy(
    repository: Repository<'_>,
    chart: &str,
    folder: &mut PrivateFolder,
    remote: &Remote<'_>,
) -> Result<(), RenderingError> {
    copy_folder(repository, chart, chart, folder, remote)?;
    for (file, dependency) in dependencies(repository, chart)? {
        if is_there(repository, chart, &dependency.name)? {
            continue;
        }
        let Some(path) = dependency.repository.strip_prefix("file://") else {
            fetch(repository, chart, &file, &dependency, folder, remote)?;
            continue;
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
        copy_folder(repository, &from, &to, folder, remote)?;
    }
    Ok(())
}

fn copy_folder(
    repository: Repository<'_>,
    from: &str,
    to: &str,
    folder: &mut PrivateFolder,
    remote: &Remote<'_>,
) -> Result<(), RenderingError> {
    for (name, data) in repository.walk(from)? {
        let place = shown(&name);
        let below = name
            .strip_prefix(from)
            .unwrap_or(&name)
            .trim_start_matches('/');
        let file = below.rsplit('/').next().unwrap_or(below);
        if file == "values.schema.json" {
            if let Some(text) = schema::check(&place, data, remote)? {
                folder.write(&join(to, below), &text)?;
                continue;
            }
        }
        if is_packed(below) {
            let packed = repack(&place, data, folder.limits().run, remote)?;
            folder.write(&join(to, below), &packed)?;
        } else {
            folder.write(&join(to, below), data)?;
        }
    }
    Ok(())
}

/// Fetches a packed chart from a repository of charts, in the version that is locked.
fn fetch(
    repository: Repository<'_>,
    chart: &str,
    file: &str,
    dependency: &Dependency,
    folder: &mut PrivateFolder,
    remote: &Remote<'_>,
) -> Result<(), RenderingError> {
    let base = format!("{}/", dependency.repository.trim_end_matches('/'));
    let index = format!("{base}index.yaml");
    let place = format!("{}: {}", shown(file), shown(&dependency.name));
    let index_file = remote
        .file(&place, &index)
        .map_err(|_| missing(file, dependency))?;
    let version = locked(repository, chart, dependency)?;
    let Some(version) = version else {
        let message = format!("{place} has no version in Chart.lock");
        return Err(RenderingError::source(message)
            .with_hint("run `helm dependency update` and commit Chart.lock"));
    };
    let Some(index_file) = index_file else {
        return Ok(());
    };
    let not_text = || RenderingError::source(format!("{} is not UTF-8 text", shown(&index)));
    let text = std::str::from_utf8(index_file).map_err(|_| not_text())?;
    let listed = yaml::parse_large(&shown(&index), text)?;
    let entries = listed
        .first()
        .and_then(|listed| listed.get("entries"))
        .and_then(|entries| entries.get(&dependency.name));
    let plain = |version: &str| version.trim_start_matches('v').to_owned();
    let entry = entries
        .and_then(Value::as_array)
        .into_iter()
        .flatten()
        .find(|entry| {
            let listed = entry.get("version").and_then(Value::as_str);
            listed.is_some_and(|listed| plain(listed) == plain(&version))
        });
    let url = entry
        .and_then(|entry| entry.pointer("/urls/0"))
        .and_then(Value::as_str);
    let Some(url) = url else {
        let message = format!(
            "{place}: {} does not list version {}",
            shown(&index),
            shown(&version)
        );
        return Err(RenderingError::source(message));
    };
    let url = if url.contains("://") {
        url.to_owned()
    } else {
        format!("{base}{url}")
    };
    if let Some(packed) = remote.file(&place, &url)? {
        let packed = repack(&shown(&url), packed, folder.limits().run, remote)?;
        let name = file_name(&format!("{}-{}.tgz", dependency.name, plain(&version)));
        folder.write(&join(chart, &format!("charts/{name}")), &packed)?;
    }
    Ok(())
}

/// The version of a dependency that is locked, or the one that is declared if it is a whole one.
fn locked(
    repository: Repository<'_>,
    chart: &str,
    dependency: &Dependency,
) -> Result<Option<String>, RenderingError> {
    for file in ["Chart.lock", "requirements.lock"] {
        let Some(lock) = yaml::read(repository, &join(chart, file))? else {
            continue;
        };
        let list = lock.get("dependencies").and_then(Value::as_array);
        for locked in list.into_iter().flatten() {
            let text = |key: &str| locked.get(key).and_then(Value::as_str);
            if text("name") == Some(&dependency.name) {
                return Ok(text("version").map(str::to_owned));
            }
        }
    }
    let version = dependency.version.trim_start_matches('v');
    let is_number = |part: &str| !part.is_empty() && part.bytes().all(|byte| byte.is_ascii_digit());
    let is_whole = version.split('.').count() == 3 && version.split('.').all(is_number);
    Ok(is_whole.then(|| version.to_owned()))
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
                version: text("version"),
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
        "run `helm dependency update` and commit charts/, or name a chart of this repository with file://../NAME; one from https is fetched in the version of Chart.lock if the operator names its host in {REMOTE_HOSTS}"
    ))
}

#[cfg(test)]
mod tests {
    use super::super::packed::pack;
    use super::super::{Limits, RemoteHosts, Workspace};
    use super::*;
    use crate::tree::{Entry, Tree};

    #[test]
    fn a_chart_is_fetched_from_an_open_host_in_its_locked_version() {
        let chart = "name: web\ndependencies: [{name: db, version: 1.x, repository: 'https://charts.example.com/stable/'}]\n";
        let lock = "dependencies: [{name: db, version: 1.2.3, repository: x}]\n";
        let index = "entries: {db: [{version: 1.3.0, urls: [other.tgz]}, {version: v1.2.3, urls: [db-1.2.3.tgz]}]}\n";
        let packed = pack(&[("db/Chart.yaml", b"name: db\nversion: 1.2.3\n")]);
        let file = |text: &str| Entry::File(text.as_bytes().to_vec());
        let with_lock = Tree::from_entries([
            ("web/Chart.yaml", file(chart)),
            ("web/Chart.lock", file(lock)),
        ]);
        let without = Tree::from_entries([("web/Chart.yaml", file(chart))]);
        let temporary = tempfile::tempdir().unwrap();
        let workspace = Workspace::open(temporary.path(), Limits::new()).unwrap();
        let open = RemoteHosts::parse("charts.example.com").unwrap();
        let copy_with = |tree: &Tree, remote: &Remote<'_>| {
            let mut folder = workspace.private_folder().unwrap();
            copy(Repository(tree), "web", &mut folder, remote).map(|()| folder)
        };

        let mut remote = Remote::new(&open);
        for url in ["index.yaml", "db-1.2.3.tgz"] {
            copy_with(&with_lock, &remote).unwrap();
            let url = format!("https://charts.example.com/stable/{url}");
            assert_eq!(remote.wanted(), [url.as_str()]);
            remote =
                Remote::new(&open).with_file("https://charts.example.com/stable/index.yaml", index);
            if url.ends_with(".tgz") {
                remote = remote.with_file(&url, packed.clone());
            }
        }
        let folder = copy_with(&with_lock, &remote).unwrap();
        assert_eq!(remote.wanted(), Vec::<String>::new());
        assert!(folder.repository("web/charts/db-1.2.3.tgz").exists());

        let error = copy_with(&without, &remote).unwrap_err();
        assert_eq!(
            error.to_string(),
            "`web/Chart.yaml`: `db` has no version in Chart.lock"
        );
        assert_eq!(
            error.hint(),
            Some("run `helm dependency update` and commit Chart.lock")
        );
        let closed = RemoteHosts::default();
        let error = copy_with(&with_lock, &Remote::new(&closed)).unwrap_err();
        assert_eq!(error.kind(), RenderingErrorKind::Remote);
        // A list that leads to another host leads nowhere.
        let elsewhere = index.replace("db-1.2.3.tgz", "'https://evil.example.net/db.tgz'");
        let remote =
            Remote::new(&open).with_file("https://charts.example.com/stable/index.yaml", elsewhere);
        let error = copy_with(&with_lock, &remote).unwrap_err().to_string();
        assert_eq!(
            error,
            "`web/Chart.yaml`: `db`: `https://evil.example.net/db.tgz` is on another host"
        );
    }
}
