//! What Argo CD's user interface is told of the parameters an app can set.

use std::collections::BTreeMap;

use serde_json::Value;

use super::error::{RenderingError, RenderingErrorKind};
use super::parameters::{KNOWN, SourceKind};
use super::repository::{Repository, join};
use super::{kustomization, yaml};
use crate::app::App;
use crate::tree::Tree;

/// How many values of a chart are shown; more than that nobody looks through.
const MOST: usize = 1000;

/// How long a value that is shown may be, in bytes.
const LONGEST: usize = 4096;

/// A parameter, as Argo CD's messages have it. Of `string`, `array` and `map` the one that
/// `collection_type` names holds what is set in the repository.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Announcement {
    /// The name that an Application sets it by.
    pub name: &'static str,
    /// Its title for people.
    pub title: &'static str,
    /// What it does.
    pub tooltip: &'static str,
    /// `array`, `string` or `map`; the items are always strings.
    pub collection_type: &'static str,
    /// The value of one string.
    pub string: String,
    /// The items of an array.
    pub array: Vec<String>,
    /// The entries of a map.
    pub map: BTreeMap<String, String>,
}

/// The parameters of an app, with what its chart or kustomization sets now.
///
/// No program is started and no secret is read: values are as they are in the repository, with their
/// placeholders. Of a chart the values of `values.yaml` are told under `helm-set`, each by its path.
///
/// # Errors
/// A file that would have to be read and is not as it should be.
pub fn announcements(
    tree: &Tree,
    app: &App,
    kind: SourceKind,
) -> Result<Vec<Announcement>, RenderingError> {
    let repository = Repository(tree);
    let mut announcements: Vec<Announcement> = KNOWN
        .iter()
        .filter(|known| known.kind == kind)
        .map(|known| Announcement {
            name: known.name,
            title: known.title,
            tooltip: known.tooltip,
            collection_type: known.collection.name(),
            string: String::new(),
            array: Vec::new(),
            map: BTreeMap::new(),
        })
        .collect();
    match kind {
        SourceKind::Plain => {}
        SourceKind::Helm => {
            let values = match yaml::read(repository, &join(&app.path, "values.yaml")) {
                // Helm may well read what is too large to be told.
                Err(error) if error.kind() == RenderingErrorKind::Limit => None,
                values => values?,
            };
            let mut map = BTreeMap::new();
            flatten("", &values.unwrap_or_default(), &mut map);
            for announcement in &mut announcements {
                if announcement.name == "helm-set" {
                    announcement.map = std::mem::take(&mut map);
                }
            }
        }
        SourceKind::Kustomize => {
            let (_, fields) = kustomization::read(repository, &app.path)?;
            for announcement in &mut announcements {
                announce_field(announcement, |field| {
                    fields.get(field).unwrap_or(&Value::Null)
                });
            }
        }
    }
    Ok(announcements)
}

/// Tells what a kustomization sets.
fn announce_field<'f>(announcement: &mut Announcement, field: impl Fn(&str) -> &'f Value) {
    let text = |name: &str| field(name).as_str().unwrap_or_default().to_owned();
    match announcement.name {
        "kustomize-name-prefix" => announcement.string = text("namePrefix"),
        "kustomize-name-suffix" => announcement.string = text("nameSuffix"),
        "kustomize-namespace" => announcement.string = text("namespace"),
        "kustomize-labels" => {
            let labels = field("commonLabels").as_object().into_iter().flatten();
            announcement.map = labels
                .filter_map(|(name, value)| Some((name.clone(), value.as_str()?.to_owned())))
                .collect();
        }
        "kustomize-images" => {
            let images = field("images").as_array().into_iter().flatten();
            announcement.array = images.filter_map(image).collect();
        }
        _ => {}
    }
}

/// An image as the parameter takes it.
fn image(image: &Value) -> Option<String> {
    let part = |field: &str, before: &str| {
        let text = image.get(field).and_then(Value::as_str).unwrap_or_default();
        if text.is_empty() {
            String::new()
        } else {
            format!("{before}{text}")
        }
    };
    let name = image.get("name")?.as_str()?;
    Some(format!(
        "{name}{}{}{}",
        part("newName", "="),
        part("newTag", ":"),
        part("digest", "@")
    ))
}

/// The values of a chart by their paths, as `--set` has them.
fn flatten(path: &str, value: &Value, map: &mut BTreeMap<String, String>) {
    let text = match value {
        Value::Null => return,
        Value::String(text) => text.clone(),
        Value::Array(items) => {
            for (number, item) in items.iter().enumerate() {
                flatten(&format!("{path}[{number}]"), item, map);
            }
            return;
        }
        Value::Object(entries) => {
            for (key, value) in entries {
                let key = key.replace('.', "\\.");
                let below = if path.is_empty() {
                    key
                } else {
                    format!("{path}.{key}")
                };
                flatten(&below, value, map);
            }
            return;
        }
        other => other.to_string(),
    };
    if map.len() < MOST && text.len() <= LONGEST && !path.is_empty() {
        map.insert(path.to_owned(), text);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::tree::Entry;

    fn announced(files: &[(&str, &str)], kind: SourceKind) -> Vec<Announcement> {
        let files = files
            .iter()
            .map(|(name, text)| (*name, Entry::File(text.as_bytes().to_vec())));
        let app = App {
            path: "app".into(),
            ..App::default()
        };
        announcements(&Tree::from_entries(files), &app, kind).unwrap()
    }

    #[test]
    fn each_kind_announces_its_own_parameters() {
        let names = |list: &[Announcement]| -> Vec<_> {
            list.iter()
                .map(|one| (one.name, one.collection_type))
                .collect()
        };
        let plain = announced(&[("app/a.yaml", "")], SourceKind::Plain);
        assert_eq!(names(&plain), [("include", "array"), ("exclude", "array")]);
        let helm = announced(&[("app/Chart.yaml", "")], SourceKind::Helm);
        assert_eq!(
            names(&helm),
            [
                ("helm-values-files", "array"),
                ("helm-values", "string"),
                ("helm-set", "map"),
                ("helm-set-string", "map"),
            ]
        );
        let kustomize = announced(&[("app/kustomization.yaml", "")], SourceKind::Kustomize);
        assert_eq!(
            names(&kustomize),
            [
                ("kustomize-images", "array"),
                ("kustomize-name-prefix", "string"),
                ("kustomize-name-suffix", "string"),
                ("kustomize-namespace", "string"),
                ("kustomize-labels", "map"),
            ]
        );
    }

    #[test]
    fn values_are_those_of_the_repository_with_their_placeholders() {
        let values = "image: {tag: 1.10, on: true}\nports: [{name: http}]\npassword: <path:db#password>\na.b: c\nnone:\nempty: {}\n";
        let helm = announced(&[("app/values.yaml", values)], SourceKind::Helm);
        let told: Vec<_> = helm[2]
            .map
            .iter()
            .map(|(name, value)| format!("{name}={value}"))
            .collect();
        assert_eq!(
            told,
            [
                r"a\.b=c",
                "image.on=true",
                "image.tag=1.1",
                "password=<path:db#password>",
                "ports[0].name=http",
            ]
        );
        let text = "namePrefix: a-\nnameSuffix: -b\nnamespace: team\ncommonLabels: {l: v}\nimages: [{name: x, newName: new, newTag: '1'}, {name: z, digest: 'sha256:0'}]\n";
        let kustomize = announced(&[("app/kustomization.yml", text)], SourceKind::Kustomize);
        assert_eq!(kustomize[0].array, ["x=new:1", "z@sha256:0"]);
        assert_eq!(
            (
                &*kustomize[1].string,
                &*kustomize[2].string,
                &*kustomize[3].string
            ),
            ("a-", "-b", "team")
        );
        assert_eq!(kustomize[4].map["l"], "v");
    }
}
