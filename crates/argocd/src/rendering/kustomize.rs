//! Kustomizations, rendered as Argo CD does it: `kustomize edit`, then `kustomize build`.

use std::collections::BTreeMap;
use std::time::Instant;

use manifill::Input;
use serde_json::{Map, Value, json};

use super::error::{RenderingError, shown};
use super::fetch::Remote;
use super::kustomization;
use super::origins::{self, Origins};
use super::parameters::{Parameters, SourceKind};
use super::programs::{Programs, Renders};
use super::repository::{Found, Repository};
use crate::app::App;
use crate::tree::Tree;

/// Renders the kustomization of an app, until a time, and gives what kustomize prints.
///
/// The author's settings are the parameters of a [kustomization](SourceKind::Kustomize), which do
/// what `kustomize edit` does with them.
///
/// Kustomize sees a private copy of what the kustomization reaches, and nothing of this process's
/// environment. Where it runs does not matter; dropping the future ends it.
///
/// # Errors
/// Settings that are wrong, kustomizations that reach out of the repository or to other hosts, run
/// programs or Helm, limits, and what kustomize itself says.
pub async fn render_kustomize(
    tree: &Tree,
    app: &App,
    programs: &Programs,
    until: Instant,
) -> Result<Vec<Input>, RenderingError> {
    let (at, text) = build(tree, app, programs, until, |_| {}).await?;
    Ok(vec![Renders::Kustomize.input(&at, text)])
}

/// Which files the objects come from that [`render_kustomize`] gives, for places in them.
///
/// Kustomize is run once more for that, with annotations in its private copy of the kustomization.
/// They are not in what is rendered and taken out again, since a patch can read, move and replace
/// annotations, and what Argo CD gets would be something else than without.
///
/// # Errors
/// As [`render_kustomize`].
pub async fn kustomize_origins(
    tree: &Tree,
    app: &App,
    programs: &Programs,
    until: Instant,
) -> Result<Origins, RenderingError> {
    let (at, text) = build(tree, app, programs, until, origins::ask).await?;
    Ok(Origins::read(Repository(tree), &at, &text))
}

/// The folder of a kustomization behind all links, and what kustomize prints for it once its fields are
/// changed.
async fn build(
    tree: &Tree,
    app: &App,
    programs: &Programs,
    until: Instant,
    change: impl FnOnce(&mut Map<String, Value>),
) -> Result<(String, String), RenderingError> {
    let parameters = Parameters::read(&app.parameters, SourceKind::Kustomize)?;
    let repository = Repository(tree);
    let Some((at, Found::Folder)) = repository.find(&app.path)? else {
        return Err(RenderingError::source(format!(
            "there is no folder {}",
            shown(&app.path)
        )));
    };
    let (file, mut fields) = kustomization::read(repository, &at)?;
    edit(&mut fields, &parameters)?;
    change(&mut fields);
    let mut remote = Remote::new(&programs.remote);
    let folder = loop {
        let mut folder = programs.prepare(Renders::Kustomize)?;
        kustomization::copy(repository, &at, fields.clone(), &file, &mut folder, &remote)?;
        if !remote.download(until).await? {
            break folder;
        }
    };
    let arguments = vec!["build".into(), ".".into()];
    let text = programs
        .run(Renders::Kustomize, &folder, &at, arguments, until)
        .await?;
    Ok((at, text))
}

/// Does what `kustomize edit` does for Argo CD.
fn edit(fields: &mut Map<String, Value>, parameters: &Parameters) -> Result<(), RenderingError> {
    for (field, value) in [
        ("namePrefix", &parameters.kustomize_name_prefix),
        ("nameSuffix", &parameters.kustomize_name_suffix),
        ("namespace", &parameters.kustomize_namespace),
    ] {
        if !value.is_empty() {
            fields.insert(field.to_owned(), json!(value));
        }
    }
    if !parameters.kustomize_labels.is_empty() {
        let labels = fields.entry("commonLabels").or_insert(Value::Null);
        if labels.is_null() {
            *labels = json!({});
        }
        let Value::Object(labels) = labels else {
            return Err(RenderingError::source(
                "`commonLabels` of the kustomization is not a map",
            ));
        };
        for (name, value) in &parameters.kustomize_labels {
            labels.insert(name.clone(), json!(value));
        }
    }
    if !parameters.kustomize_images.is_empty() {
        set_images(fields, &parameters.kustomize_images)?;
    }
    Ok(())
}

/// What an image is replaced by.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
struct Image {
    new_name: String,
    new_tag: String,
    digest: String,
}

/// Sets images by their names; `*` keeps what is there.
fn set_images(fields: &mut Map<String, Value>, wanted: &[String]) -> Result<(), RenderingError> {
    let mut set = BTreeMap::new();
    for text in wanted {
        let (name, image) = parse_image(text).ok_or_else(|| {
            let message = format!("kustomize-images: {} is not an image", shown(text));
            RenderingError::settings(message)
                .with_hint("write name=new/name:tag, name:tag, name@digest or name=new/name")
        })?;
        set.insert(name, image);
    }
    // An old name of the field, which kustomize reads as the other one.
    let mut there = Vec::new();
    for field in ["imageTags", "images"] {
        match fields.remove(field) {
            Some(Value::Array(images)) => there.extend(images),
            Some(Value::Null) | None => {}
            Some(_) => {
                let message = format!("`{field}` of the kustomization is not a list");
                return Err(RenderingError::source(message));
            }
        }
    }
    let text = |image: &Value, field: &str| -> String {
        image
            .get(field)
            .and_then(Value::as_str)
            .unwrap_or_default()
            .to_owned()
    };
    let mut images: BTreeMap<String, Value> = BTreeMap::new();
    for image in there {
        let name = text(&image, "name");
        match set.get_mut(&name) {
            Some(new) => {
                for (new, field) in [
                    (&mut new.new_name, "newName"),
                    (&mut new.new_tag, "newTag"),
                    (&mut new.digest, "digest"),
                ] {
                    if new == "*" {
                        *new = text(&image, field);
                    }
                }
            }
            None => {
                images.insert(name, image);
            }
        }
    }
    for (name, image) in set {
        let mut value = Map::from_iter([("name".to_owned(), json!(name))]);
        for (field, text) in [
            ("newName", image.new_name),
            ("newTag", image.new_tag),
            ("digest", image.digest),
        ] {
            if !text.is_empty() && text != "*" {
                value.insert(field.to_owned(), json!(text));
            }
        }
        images.insert(name, Value::Object(value));
    }
    fields.insert("images".to_owned(), images.into_values().collect());
    Ok(())
}

/// Reads `name=new/name:tag@digest`, `name:tag@digest` and what is shorter.
fn parse_image(text: &str) -> Option<(String, Image)> {
    let (name, image) = match text.split_once('=') {
        Some((name, image)) => (Some(name), image),
        None => (None, text),
    };
    let (new_name, new_tag, digest) = split_image(image);
    if new_name.is_empty() || name == Some("") || (name.is_none() && new_name == text) {
        return None;
    }
    let (name, new_name) = match name {
        Some(name) => (name, new_name),
        None => (new_name, ""),
    };
    let image = Image {
        new_name: new_name.to_owned(),
        new_tag: new_tag.to_owned(),
        digest: digest.to_owned(),
    };
    Some((name.to_owned(), image))
}

/// The name, the tag and the digest of an image. A colon before the first slash is a host's port.
fn split_image(image: &str) -> (&str, &str, &str) {
    let host = image.find('/').unwrap_or(0);
    let (rest, digest) = match image[host..].find('@') {
        Some(at) => (&image[..host + at], &image[host + at + 1..]),
        None => (image, ""),
    };
    match rest[host..].find(':') {
        Some(at) => (&rest[..host + at], &rest[host + at + 1..], digest),
        None => (rest, "", digest),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn images_are_read_as_kustomize_reads_them() {
        for (text, wanted) in [
            ("a=b:1", Some(("a", "b", "1", ""))),
            ("a:1", Some(("a", "", "1", ""))),
            ("a@sha256:0", Some(("a", "", "", "sha256:0"))),
            ("a:1@sha256:0", Some(("a", "", "1", "sha256:0"))),
            ("a=h:5000/b", Some(("a", "h:5000/b", "", ""))),
            ("h:5000/b:2", Some(("h:5000/b", "", "2", ""))),
            ("a=b", Some(("a", "b", "", ""))),
            ("a=*:2", Some(("a", "*", "2", ""))),
            ("a", None),
            ("", None),
            ("=b:1", None),
            ("a=", None),
            ("h:5000/b", None),
        ] {
            let image = |(name, new_name, new_tag, digest): (&str, &str, &str, &str)| {
                let [new_name, new_tag, digest] = [new_name, new_tag, digest].map(str::to_owned);
                (
                    name.to_owned(),
                    Image {
                        new_name,
                        new_tag,
                        digest,
                    },
                )
            };
            assert_eq!(parse_image(text), wanted.map(image), "{text}");
        }
    }

    #[test]
    fn parameters_edit_the_kustomization() {
        let Value::Object(mut fields) = json!({
            "namePrefix": "old-",
            "commonLabels": {"a": "1", "b": "2"},
            "images": [{"name": "x", "newName": "y", "newTag": "1"}, {"name": "kept", "newTag": "3"}],
        }) else {
            unreachable!()
        };
        let parameters = Parameters {
            kustomize_name_prefix: "new-".into(),
            kustomize_namespace: "n".into(),
            kustomize_labels: BTreeMap::from([("b".into(), "3".into())]),
            kustomize_images: vec!["x=*:2".into(), "z=q@sha256:0".into()],
            ..Parameters::default()
        };
        edit(&mut fields, &parameters).unwrap();
        assert_eq!(
            Value::Object(fields),
            json!({
                "namePrefix": "new-",
                "namespace": "n",
                "commonLabels": {"a": "1", "b": "3"},
                "images": [
                    {"name": "kept", "newTag": "3"},
                    {"name": "x", "newName": "y", "newTag": "2"},
                    {"name": "z", "newName": "q", "digest": "sha256:0"},
                ],
            })
        );
    }
}
