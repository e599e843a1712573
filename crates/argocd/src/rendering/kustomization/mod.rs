//! Kustomizations: which files they reach, and that all of them are in the repository.
//!
//! Nothing of a kustomization is handed on as it is written: what was read and checked is written
//! anew, so that kustomize cannot read something else than was checked. Each path is written as
//! one that begins with `./` or `../`, which kustomize never takes for a host.

mod file;

use std::collections::BTreeSet;

use serde_json::{Map, Value};

pub(crate) use self::file::{NAMES, read};
use crate::rendering::error::{RenderingError, RenderingErrorKind, shown};
use crate::rendering::fetch::{Remote, file_name};
use crate::rendering::plugins::{self, Reads};
use crate::rendering::private_folder::PrivateFolder;
use crate::rendering::remote::{self, REMOTE_HOSTS};
use crate::rendering::repository::{Found, NameProblem, Repository, check_name, join, relative};
use crate::rendering::yaml;

/// How many kustomizations one may reach.
const MOST: usize = 1000;

/// Where files from other hosts are, in the folder of the kustomization that names them.
pub(crate) const FETCHED: &str = ".fetched";

/// How deep folders of plugins' configurations may be nested.
const PLUGIN_FOLDERS: usize = 8;

/// The fields without paths.
const PLAIN: [&str; 17] = [
    "apiVersion",
    "kind",
    "metadata",
    "namePrefix",
    "nameSuffix",
    "namespace",
    "commonLabels",
    "labels",
    "commonAnnotations",
    "images",
    "imageTags",
    "replicas",
    "vars",
    "sortOptions",
    "generatorOptions",
    "buildMetadata",
    "helmGlobals",
];

/// The fields that are lists of paths, and what else than a file an entry may be.
const LISTS: [(&str, Entry); 6] = [
    ("resources", Entry::FileOrFolder),
    ("bases", Entry::Folder),
    ("components", Entry::Folder),
    ("crds", Entry::File),
    ("configurations", Entry::File),
    ("patchesStrategicMerge", Entry::FileOrPatch),
];

/// The fields that list configurations of plugins.
const PLUGINS: [&str; 3] = ["generators", "transformers", "validators"];

/// The fields that are lists of maps with a path in them.
const WITH_PATH: [&str; 3] = ["patches", "patchesJson6902", "replacements"];

/// The fields that make ConfigMaps and Secrets of files.
const GENERATORS: [&str; 2] = ["configMapGenerator", "secretGenerator"];

/// The fields that make kustomize run Helm.
const CHARTS: [&str; 2] = ["helmCharts", "helmChartInflationGenerator"];

/// What an entry of a list may be.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Entry {
    File,
    Folder,
    FileOrFolder,
    FileOrPatch,
}

/// Copies what a kustomization reaches to the private folder.
struct Copy<'r, 'f> {
    repository: Repository<'r>,
    folder: &'f mut PrivateFolder,
    remote: &'f Remote<'f>,
    /// How many files from other hosts were written.
    fetched: usize,
    /// The folders of the kustomizations that were copied or are to be.
    seen: BTreeSet<String>,
    left: Vec<String>,
}

/// Copies a kustomization, whose fields may have been changed, and all that it reaches.
pub(crate) fn copy(
    repository: Repository<'_>,
    at: &str,
    fields: Map<String, Value>,
    file: &str,
    folder: &mut PrivateFolder,
    remote: &Remote<'_>,
) -> Result<(), RenderingError> {
    let mut copy = Copy {
        repository,
        folder,
        remote,
        fetched: 0,
        seen: BTreeSet::from([at.to_owned()]),
        left: Vec::new(),
    };
    copy.kustomization(at, file, fields)?;
    while let Some(next) = copy.left.pop() {
        let (file, fields) = read(repository, &next)?;
        copy.kustomization(&next, &file, fields)?;
    }
    Ok(())
}

impl<'r> Copy<'r, '_> {
    fn kustomization(
        &mut self,
        at: &str,
        file: &str,
        mut fields: Map<String, Value>,
    ) -> Result<(), RenderingError> {
        let place = shown(file);
        for (field, value) in &mut fields {
            let is = |list: &[&str]| list.contains(&field.as_str());
            if value.is_null() || is(&PLAIN) {
                continue;
            }
            let what = format!("{place}: `{field}`");
            if let Some((_, entry)) = LISTS.iter().find(|(name, _)| name == field) {
                for item in items(&what, value)? {
                    let text = text_of(&what, item)?;
                    *item = Value::String(self.reference(at, &what, &text, *entry)?);
                }
            } else if is(&PLUGINS) {
                for item in items(&what, value)? {
                    let text = text_of(&what, item)?;
                    *item = Value::String(self.plugins(at, &what, &text)?);
                }
            } else if is(&WITH_PATH) {
                for item in items(&what, value)? {
                    self.field(at, &what, item, "path")?;
                }
            } else if is(&GENERATORS) {
                for item in items(&what, value)? {
                    self.generator(at, &what, item)?;
                }
            } else if field == "openapi" {
                self.field(at, &what, value, "path")?;
            } else if is(&CHARTS) {
                if value.as_array().is_none_or(|charts| !charts.is_empty()) {
                    return Err(charts(&what));
                }
            } else {
                let message = format!(
                    "{place}: {} is not a field of a kustomization that manifill knows",
                    shown(field)
                );
                return Err(RenderingError::source(message));
            }
        }
        let name = join(at, "kustomization.yaml");
        self.folder
            .write(&name, Value::Object(fields).to_string().as_bytes())
    }

    /// A path, or a patch in its place. What it leads to is copied, and a path from here is given
    /// back.
    fn reference(
        &mut self,
        at: &str,
        what: &str,
        written: &str,
        entry: Entry,
    ) -> Result<String, RenderingError> {
        if entry == Entry::FileOrPatch && is_inline(written) {
            // Never one line: that could be read as a path.
            return Ok(format!("{written}\n"));
        }
        if remote::is_remote(written) {
            // A file can be fetched, but kustomize reads what has no such ending as a git repository.
            let path = written.split(['?', '#']).next().unwrap_or_default();
            if entry == Entry::Folder
                || ![".yaml", ".yml", ".json"]
                    .iter()
                    .any(|end| path.ends_with(end))
            {
                return Err(remote::refused(what, written));
            }
            return self.file(at, what, written);
        }
        match self.find(at, what, written)? {
            (_, Found::File(_)) if entry == Entry::FileOrFolder && is_kustomization(written) => {
                Err(misplaced(what, written).with_hint("name its folder"))
            }
            (_, Found::File(_)) if entry != Entry::Folder => self.file(at, what, written),
            (real, Found::Folder) if matches!(entry, Entry::Folder | Entry::FileOrFolder) => {
                if self.seen.insert(real.clone()) {
                    self.left.push(real.clone());
                }
                if self.seen.len() > MOST {
                    let message = format!("{what} reaches more than {MOST} kustomizations");
                    return Err(RenderingError::new(RenderingErrorKind::Limit, message));
                }
                Ok(relative(at, &real))
            }
            (_, Found::File(_)) => Err(RenderingError::source(format!(
                "{what}: {} is a file, and this takes folders",
                shown(written)
            ))),
            (_, Found::Folder) => Err(is_folder(what, written)),
        }
    }

    /// The configurations of plugins that an entry stands for, in its place: paths in them are read
    /// from the folder of this kustomization, wherever they are written.
    fn plugins(&mut self, at: &str, what: &str, written: &str) -> Result<String, RenderingError> {
        let mut documents = Vec::new();
        self.collect_plugins(at, what, written, 0, &mut documents)?;
        for document in &mut documents {
            self.plugin(at, what, document)?;
        }
        let documents: Vec<String> = documents.iter().map(Value::to_string).collect();
        Ok(format!("---\n{}\n", documents.join("\n---\n")))
    }

    fn collect_plugins(
        &self,
        at: &str,
        what: &str,
        written: &str,
        depth: usize,
        documents: &mut Vec<Value>,
    ) -> Result<(), RenderingError> {
        if is_inline(written) {
            documents.extend(yaml::parse_all(what, written)?);
        } else if remote::is_remote(written) {
            if let Some(data) = self.remote.file(what, written)? {
                let text = String::from_utf8_lossy(data);
                documents.extend(yaml::parse_all(&shown(written), &text)?);
            }
        } else {
            match self.find(at, what, written)? {
                (name, Found::File(_)) => {
                    let text = self.repository.text(&name)?.unwrap_or_default();
                    documents.extend(yaml::parse_all(&shown(&name), text)?);
                }
                (folder, Found::Folder) if depth < PLUGIN_FOLDERS => {
                    let (file, mut fields) = read(self.repository, &folder)?;
                    let resources = fields
                        .remove("resources")
                        .unwrap_or(Value::Array(Vec::new()));
                    let rest = fields.keys().find(|field| {
                        !["apiVersion", "kind", "metadata"].contains(&field.as_str())
                    });
                    if let Some(field) = rest {
                        let message = format!(
                            "{}: {} is not possible here, since {what} lists this folder: only `resources` is",
                            shown(&file),
                            shown(field)
                        );
                        return Err(RenderingError::source(message));
                    }
                    let what = format!("{}: `resources`", shown(&file));
                    let mut resources = resources;
                    for item in items(&what, &mut resources)? {
                        let written = text_of(&what, item)?;
                        self.collect_plugins(&folder, &what, &written, depth + 1, documents)?;
                    }
                }
                (_, Found::Folder) => {
                    let message = format!("{what}: {} is nested too deep", shown(written));
                    return Err(RenderingError::source(message));
                }
            }
        }
        documents.retain(|document| !document.is_null());
        Ok(())
    }

    /// The configuration of a plugin, which is a built-in one, and its files.
    fn plugin(&mut self, at: &str, what: &str, plugin: &mut Value) -> Result<(), RenderingError> {
        let kind = plugins::built_in(what, plugin)?;
        let what = format!("{what}: {kind}");
        match kind.reads() {
            Reads::Nothing => Ok(()),
            Reads::Sources => self.generator(at, &what, plugin),
            Reads::Field(field) => self.field(at, &what, plugin, field),
            Reads::Patches => {
                let Some(paths) = plugin.get_mut("paths").filter(|paths| !paths.is_null()) else {
                    return Ok(());
                };
                for item in items(&what, paths)? {
                    let text = text_of(&what, item)?;
                    let entry = Entry::FileOrPatch;
                    *item = Value::String(self.reference(at, &what, &text, entry)?);
                }
                Ok(())
            }
            Reads::Replacements => {
                let list = plugin
                    .get_mut("replacements")
                    .filter(|list| !list.is_null());
                let Some(list) = list else { return Ok(()) };
                for item in items(&what, list)? {
                    self.field(at, &what, item, "path")?;
                }
                Ok(())
            }
        }
    }

    /// The sources of a generator of ConfigMaps or Secrets: files, maybe with a key before them.
    fn generator(&mut self, at: &str, what: &str, item: &mut Value) -> Result<(), RenderingError> {
        for list in ["files", "envs"] {
            let Some(value) = item.get_mut(list).filter(|value| !value.is_null()) else {
                continue;
            };
            let what = format!("{what}: `{list}`");
            for source in items(&what, value)? {
                let written = text_of(&what, source)?;
                let (key, path) = match written.split_once('=') {
                    // An address can hold an equals sign, too.
                    Some((key, path)) if list == "files" && !remote::is_remote(key) => {
                        (format!("{key}="), path)
                    }
                    _ => (String::new(), written.as_str()),
                };
                *source = Value::String(format!("{key}{}", self.file(at, &what, path)?));
            }
        }
        self.field(at, what, item, "env")
    }

    /// A path in a field of a map, if it is there.
    fn field(
        &mut self,
        at: &str,
        what: &str,
        map: &mut Value,
        field: &str,
    ) -> Result<(), RenderingError> {
        let Some(value) = map.get_mut(field).filter(|value| !value.is_null()) else {
            return Ok(());
        };
        let what = format!("{what}: `{field}`");
        let written = text_of(&what, value)?;
        if !written.is_empty() {
            *value = Value::String(self.file(at, &what, &written)?);
        }
        Ok(())
    }

    /// A path of a file, which is copied to where its name says, whatever links lead there: kustomize
    /// takes only files below the folder, and a name can become a key.
    fn file(&mut self, at: &str, what: &str, written: &str) -> Result<String, RenderingError> {
        if remote::is_remote(written) {
            let data = self.remote.file(what, written)?.unwrap_or_default();
            self.fetched += 1;
            let name = format!(
                "{}/{}/{}",
                join(at, FETCHED),
                self.fetched,
                file_name(written)
            );
            if is_kustomization(&file_name(written)) {
                return Err(remote::refused(what, written));
            }
            self.folder.write(&name, data)?;
            return Ok(relative(at, &name));
        }
        let (_, Found::File(data)) = self.find(at, what, written)? else {
            return Err(is_folder(what, written));
        };
        let name = plain(at, written).unwrap_or_default();
        // What kustomize reads as a kustomization is only what was checked.
        if is_kustomization(&name) {
            return Err(misplaced(what, written).with_hint("give it another name"));
        }
        self.folder.write(&name, data)?;
        Ok(relative(at, &name))
    }

    /// What a path leads to. As kustomize does it, `..` goes up in the path, whatever is a link in it.
    fn find(
        &self,
        at: &str,
        what: &str,
        written: &str,
    ) -> Result<(String, Found<'r>), RenderingError> {
        check_name(written).map_err(|problem| match problem {
            NameProblem::Remote => remote::refused(what, written),
            NameProblem::Wrong(why) => {
                RenderingError::source(format!("{what}: {} {why}", shown(written)))
            }
        })?;
        let leads_out = || {
            RenderingError::source(format!(
                "{what}: {} leads out of the repository",
                shown(written)
            ))
        };
        let name = plain(at, written).ok_or_else(leads_out)?;
        let found = self.repository.find(&name).map_err(|_| leads_out())?;
        found.ok_or_else(|| {
            RenderingError::source(format!("{what}: there is no {}", shown(written)))
        })
    }
}

/// Whether an entry is YAML in the place of a path.
fn is_inline(written: &str) -> bool {
    written.contains('\n') || written.starts_with('{')
}

/// Whether kustomize takes a file of this name for a kustomization, whatever names it.
fn is_kustomization(name: &str) -> bool {
    NAMES.contains(&name.rsplit('/').next().unwrap_or_default())
}

fn misplaced(what: &str, written: &str) -> RenderingError {
    RenderingError::source(format!(
        "{what}: {} is a kustomization, and this takes other files",
        shown(written)
    ))
}

fn is_folder(what: &str, written: &str) -> RenderingError {
    RenderingError::source(format!(
        "{what}: {} is a folder, and this takes files",
        shown(written)
    ))
}

/// A path from the root without `.` and `..`.
pub(crate) fn plain(at: &str, written: &str) -> Option<String> {
    let mut parts: Vec<&str> = Vec::new();
    for part in at.split('/').chain(written.split('/')) {
        match part {
            "" | "." => {}
            ".." => {
                parts.pop()?;
            }
            part => parts.push(part),
        }
    }
    Some(parts.join("/"))
}

fn items<'v>(what: &str, value: &'v mut Value) -> Result<&'v mut Vec<Value>, RenderingError> {
    value
        .as_array_mut()
        .ok_or_else(|| RenderingError::source(format!("{what} is not a list")))
}

fn text_of(what: &str, value: &Value) -> Result<String, RenderingError> {
    let text = value.as_str().map(str::to_owned);
    text.ok_or_else(|| RenderingError::source(format!("{what} has an entry that is not text")))
}

fn charts(what: &str) -> RenderingError {
    RenderingError::new(
        RenderingErrorKind::Remote,
        format!("{what} makes kustomize run Helm, which may fetch charts from other hosts"),
    )
    .with_hint(format!(
        "render the chart by itself, as an app of its own or with `helm template` into a file; no host in {REMOTE_HOSTS} opens this"
    ))
}

#[cfg(test)]
mod tests;
