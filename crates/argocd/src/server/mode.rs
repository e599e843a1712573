//! What a folder is.

use super::failure::Failure;
use crate::mode::Mode;
use crate::rendering::SourceKind;
use crate::tree::{Node, Tree};

/// The names that the file of a kustomization can have, as kustomize knows them.
const KUSTOMIZATIONS: [&str; 3] = ["kustomization.yaml", "kustomization.yml", "Kustomization"];

impl Mode {
    /// What a folder is taken for.
    pub(crate) fn kind(self, tree: &Tree, folder: &str) -> Result<SourceKind, Failure> {
        let folder = match tree.resolve(folder)? {
            Some((folder, Node::Folder)) => folder,
            _ => {
                let message = format!("there is no folder {}", crate::rendering::shown(folder));
                let hint = "the path of the Application is seen from the root of its repository";
                return Err(Failure::input(message, Some(hint)));
            }
        };
        Ok(match self {
            Mode::Plain => SourceKind::Plain,
            Mode::Helm => SourceKind::Helm,
            Mode::Kustomize => SourceKind::Kustomize,
            Mode::Auto if has(tree, &folder, &["Chart.yaml"])? => SourceKind::Helm,
            Mode::Auto if has(tree, &folder, &KUSTOMIZATIONS)? => SourceKind::Kustomize,
            Mode::Auto => SourceKind::Plain,
        })
    }

    /// Whether a folder is of the kind that this mode is for.
    pub(crate) fn is_for(self, tree: &Tree, folder: &str) -> Result<bool, Failure> {
        let kind = Mode::Auto.kind(tree, folder)?;
        Ok(match self {
            Mode::Auto => true,
            Mode::Plain => kind == SourceKind::Plain,
            Mode::Helm => kind == SourceKind::Helm,
            Mode::Kustomize => kind == SourceKind::Kustomize,
        })
    }
}

/// Whether a folder has a file of one of these names.
fn has(tree: &Tree, folder: &str, names: &[&str]) -> Result<bool, Failure> {
    for name in names {
        let file = match folder {
            "" => (*name).to_owned(),
            folder => format!("{folder}/{name}"),
        };
        if matches!(tree.resolve(&file)?, Some((_, Node::File(_)))) {
            return Ok(true);
        }
    }
    Ok(false)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::tree::Entry;

    #[test]
    fn a_folder_is_what_its_files_make_it() {
        let file = || Entry::File(Vec::new());
        let tree = Tree::from_entries([
            ("chart/Chart.yaml", file()),
            ("chart/kustomization.yaml", file()),
            ("k1/kustomization.yaml", file()),
            ("k2/kustomization.yml", file()),
            ("k3/Kustomization", file()),
            ("link/Chart.yaml", Entry::Link("../chart/Chart.yaml".into())),
            ("plain/chart.yaml", file()),
            ("plain/Chart.yaml/x", file()),
        ]);
        for (folder, kind) in [
            ("chart", SourceKind::Helm),
            ("k1", SourceKind::Kustomize),
            ("k2", SourceKind::Kustomize),
            ("k3", SourceKind::Kustomize),
            ("link/", SourceKind::Helm),
            ("plain", SourceKind::Plain),
            (".", SourceKind::Plain),
        ] {
            assert_eq!(Mode::Auto.kind(&tree, folder), Ok(kind), "{folder}");
            for (mode, own) in [
                (Mode::Plain, SourceKind::Plain),
                (Mode::Helm, SourceKind::Helm),
                (Mode::Kustomize, SourceKind::Kustomize),
            ] {
                assert_eq!(mode.kind(&tree, folder), Ok(own));
                assert_eq!(
                    mode.is_for(&tree, folder),
                    Ok(own == kind),
                    "{folder} {mode}"
                );
            }
        }
        for absent in ["none", "plain/chart.yaml", "../x"] {
            assert!(Mode::Auto.kind(&tree, absent).is_err(), "{absent}");
        }
    }
}
