//! Which files of the repository the objects of a kustomization come from, as kustomize says it in an
//! annotation of each when it is asked to.

use std::collections::BTreeMap;
use std::collections::btree_map::Entry;

use serde_json::{Map, Value, json};

use super::kustomization::{FETCHED, NAMES, plain};
use super::repository::{Found, Repository};
use super::yaml;

/// The field of a kustomization that asks for such annotations, and the one that is asked for.
const FIELD: &str = "buildMetadata";
const ASKED: &str = "originAnnotations";

const ANNOTATION: &str = "config.kubernetes.io/origin";

/// The files of the repository that objects come from.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Origins {
    /// By the objects as places name them; `None` if several of that name have different ones.
    files: BTreeMap<String, Option<String>>,
}

impl Origins {
    /// The file that an object comes from, by its name as places have it: `Kind/name`, or
    /// `Kind/namespace/name`. It is that of the object itself, whatever patches it.
    pub fn file(&self, resource: &str) -> Option<&str> {
        self.files.get(resource)?.as_deref()
    }

    /// Reads what kustomize prints for a folder.
    pub(crate) fn read(repository: Repository<'_>, at: &str, text: &str) -> Origins {
        let mut files = BTreeMap::new();
        for object in yaml::parse_large("what kustomize prints", text).unwrap_or_default() {
            let Some(name) = name(&object) else { continue };
            let file = origin(&object).and_then(|path| file(repository, at, &path));
            match files.entry(name) {
                Entry::Vacant(entry) => {
                    entry.insert(file);
                }
                Entry::Occupied(mut entry) if *entry.get() != file => {
                    entry.insert(None);
                }
                Entry::Occupied(_) => {}
            }
        }
        Origins { files }
    }
}

/// Asks for the annotations, in the fields of a kustomization.
pub(crate) fn ask(fields: &mut Map<String, Value>) {
    let asked = fields.entry(FIELD).or_insert(Value::Null);
    match asked {
        Value::Array(others) => others.push(json!(ASKED)),
        asked => *asked = json!([ASKED]),
    }
}

fn name(object: &Value) -> Option<String> {
    let metadata = object.get("metadata")?;
    let kind = object.get("kind")?.as_str()?;
    let name = metadata.get("name")?.as_str()?;
    let namespace = metadata.get("namespace").and_then(Value::as_str);
    Some(match namespace.filter(|namespace| !namespace.is_empty()) {
        Some(namespace) => format!("{kind}/{namespace}/{name}"),
        None => format!("{kind}/{name}"),
    })
}

/// The path of an object from the folder of the kustomization, or of the kustomization that makes it.
fn origin(object: &Value) -> Option<String> {
    let annotation = object
        .get("metadata")?
        .get("annotations")?
        .get(ANNOTATION)?;
    let origin = yaml::parse("the annotation", annotation.as_str()?).ok()?;
    let path = origin.get("path").or_else(|| origin.get("configuredIn"))?;
    Some(path.as_str()?.to_owned())
}

/// The file of the repository. A kustomization has another name in the private copy.
fn file(repository: Repository<'_>, at: &str, path: &str) -> Option<String> {
    let name = plain(at, path)?;
    let is_file = |name: &str| matches!(repository.find(name), Ok(Some((_, Found::File(_)))));
    if name.split('/').any(|part| part == FETCHED) {
        return None;
    }
    let folder = name.strip_suffix(NAMES[0]);
    let others = NAMES
        .iter()
        .filter_map(|other| Some(format!("{}{other}", folder?)));
    std::iter::once(name.clone())
        .chain(others)
        .find(|name| is_file(name))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::tree::{Entry, Tree};

    #[test]
    fn an_object_has_the_file_that_kustomize_names() {
        let file = || Entry::File(Vec::new());
        let tree = Tree::from_entries([
            ("apps/base/a.yaml", file()),
            ("apps/base/Kustomization", file()),
            ("apps/web/.fetched/1/x.yaml", file()),
        ]);
        let object = |name: &str, origin: &str| {
            format!(
                "kind: A\nmetadata:\n  name: {name}\n  annotations:\n    {ANNOTATION}: |\n      {origin}\n"
            )
        };
        let text = [
            object("a", "path: ../base/a.yaml"),
            object(
                "made\n  namespace: web",
                "configuredIn: ../base/kustomization.yaml",
            ),
            object("fetched", "path: .fetched/1/x.yaml"),
            object("out", "path: ../../../a.yaml"),
            object("absent", "path: ../base/b.yaml"),
            object("odd", "[path"),
            object("twice", "path: ../base/a.yaml"),
            object("twice", "path: ../base/b.yaml"),
            "kind: A\nmetadata: {name: none}\n".to_owned(),
            "kind: A\n".to_owned(),
        ];
        let origins = Origins::read(Repository(&tree), "apps/web", &text.join("---\n"));
        for (name, file) in [
            ("A/a", Some("apps/base/a.yaml")),
            ("A/web/made", Some("apps/base/Kustomization")),
            ("A/fetched", None),
            ("A/out", None),
            ("A/absent", None),
            ("A/odd", None),
            ("A/twice", None),
            ("A/none", None),
            ("A", None),
        ] {
            assert_eq!(origins.file(name), file, "{name}");
        }
        let broken = Origins::read(Repository(&tree), "apps/web", "a: [");
        assert_eq!(broken, Origins::default());
    }

    #[test]
    fn what_else_a_kustomization_asks_for_stays() {
        for (before, after) in [
            (json!({}), json!([ASKED])),
            (json!({FIELD: null}), json!([ASKED])),
            (
                json!({FIELD: ["managedByLabel"]}),
                json!(["managedByLabel", ASKED]),
            ),
        ] {
            let Value::Object(mut fields) = before else {
                unreachable!()
            };
            ask(&mut fields);
            assert_eq!(fields[FIELD], after);
        }
    }
}
