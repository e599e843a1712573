//! What a kustomization names: files in its folder, and folders anywhere.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

use manifill_manifest::Value;

use super::search::{Search, shows};
use crate::file_source::Kind;
use crate::plan::KUSTOMIZATIONS;

/// How many kustomizations are looked at.
const MOST: usize = 1000;

/// How large a kustomization may be that is parsed, in bytes: its values take more memory than its text.
const LARGEST: usize = 1 << 20;

/// The first file that a kustomization reaches and that shows something to fill, in the order in which
/// it and those that it names come to them. What kustomize refuses shows nothing: a file that is not
/// below the folder of the kustomization that names it, and a folder without one.
pub(super) fn first(search: &Search<'_>, folder: &Path) -> Option<PathBuf> {
    let mut seen = BTreeSet::new();
    let mut left = vec![folder.to_owned()];
    while let Some(folder) = left.pop() {
        let Ok(real) = search.source.real_path(&folder) else {
            continue;
        };
        if seen.len() >= MOST || !seen.insert(real.clone()) {
            continue;
        }
        let files = KUSTOMIZATIONS.map(|name| folder.join(name));
        let Some(file) = files.iter().find(|file| search.is_within(file, &real)) else {
            continue;
        };
        let Some(bytes) = search.bytes(file) else {
            continue;
        };
        // A patch can be in the kustomization itself.
        if shows(&bytes) {
            return Some(file.clone());
        }
        if bytes.len() > LARGEST {
            continue;
        }
        let mut folders = Vec::new();
        for name in names(&String::from_utf8_lossy(&bytes)) {
            if search.is_over() {
                return None;
            }
            let path = folder.join(name);
            match search.source.kind(&path) {
                Ok(Kind::Folder) => folders.push(path),
                Ok(Kind::File) if search.is_within(&path, &real) && search.shows(&path) => {
                    return Some(path);
                }
                _ => {}
            }
        }
        left.extend(folders.into_iter().rev());
    }
    None
}

/// Every text that could be a relative path. Which fields hold one differs from version to version, and
/// a text that is none names nothing.
fn names(text: &str) -> Vec<String> {
    let mut names = Vec::new();
    let mut left: Vec<Value> = manifill_manifest::read_one(text).into_iter().collect();
    while let Some(value) = left.pop() {
        match value {
            Value::List(items) => left.extend(items.into_iter().rev()),
            Value::Map(entries) => left.extend(entries.into_iter().rev().map(|(_, value)| value)),
            Value::Text(text) => {
                // A generator can name the key first: `key=../file`.
                let name = text.split_once('=').map_or(&*text, |(_, name)| name);
                if !name.is_empty() && !name.starts_with('/') && !name.contains('\n') {
                    names.push(name.to_owned());
                }
            }
            Value::Null | Value::Bool(_) | Value::Number(_) => {}
        }
    }
    names
}

#[cfg(test)]
mod tests {
    use super::super::discover;

    #[test]
    fn what_a_kustomization_reaches_counts_wherever_it_is() {
        let folder = tempfile::tempdir().unwrap();
        let write = |name: &str, text: &str| {
            let path = folder.path().join(name);
            std::fs::create_dir_all(path.parent().unwrap()).unwrap();
            std::fs::write(path, text).unwrap();
        };
        let found = |app: &str| {
            let found = discover(&folder.path().join(app))?;
            let found = found.strip_prefix(folder.path()).unwrap();
            Some(found.display().to_string())
        };
        let filled = "kind: A\na: <path:b#c>\n";
        write("base/a.yaml", "kind: A\n");
        write("base/secret", filled);
        write("base/unused.yaml", filled);
        write("base/Kustomization", "resources: [a.yaml, ../dev]\n");
        write("dev/kustomization.yml", "bases: [../base]\nnamePrefix: a\n");
        assert_eq!(found("dev"), None);

        write(
            "prod/kustomization.yaml",
            "resources:\n- ../base\n- ../component\n",
        );
        write(
            "component/kustomization.yaml",
            "secretGenerator: [{name: s, files: [key=s.txt]}]\n",
        );
        write("component/s.txt", "<path:b#c>");
        let reached = Some("prod/../component/s.txt".to_owned());
        assert_eq!(found("prod"), reached);
        write(
            "base/Kustomization",
            "resources: [a.yaml]\npatches: [{path: secret}]\n",
        );
        assert_eq!(found("dev"), Some("dev/../base/secret".to_owned()));

        // What kustomize would not read, and folders without a kustomization.
        write(
            "other/kustomization.yaml",
            "resources: [../base/secret, ../plain]\n",
        );
        write("plain/a.yaml", filled);
        assert_eq!(found("other"), None);
        // A folder of plain manifests reaches nothing.
        write("apps/one/kustomization.yaml", "resources: [../../base]\n");
        assert_eq!(found("apps"), None);
        write("inline/kustomization.yaml", "resources: [../patched]\n");
        write(
            "patched/kustomization.yaml",
            "patches: [{patch: \"- {op: add, path: /a, value: <path:b#c>}\"}]\n",
        );
        let reached = Some("inline/../patched/kustomization.yaml".to_owned());
        assert_eq!(found("inline"), reached);
    }
}
