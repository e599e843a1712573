//! Files of kustomize, which no cluster takes: they are left out of what is printed.

use manifill_manifest::{Document, ManifestError, ManifestErrorKind};

use crate::diagnostic::DiagnosticKind;
use crate::door::Door;
use crate::input::Input;
use crate::pending::PendingDiagnostic;

/// What the file of a kustomization can be called, as kustomize goes by its name.
pub(crate) const NAMES: [&str; 3] = ["kustomization.yaml", "kustomization.yml", "Kustomization"];

const GROUP: &str = "kustomize.config.k8s.io/";

/// Whether a document is a kustomization or a component of one. Flux has a `Kustomization` of its
/// own, which is an object of the cluster.
pub(super) fn is(document: &Document, text: &str) -> bool {
    let root = document.resources().first();
    let kind = root.map_or("", |root| root.kind.as_str());
    if !matches!(kind, "Kustomization" | "Component") {
        return false;
    }
    let mut version = text
        .lines()
        .flat_map(|line| line.split(','))
        .filter_map(|part| {
            part.trim_start_matches([' ', '{', '"', '\''])
                .strip_prefix("apiVersion")
        });
    match version.next() {
        Some(version) => version.contains(GROUP),
        None => kind == "Kustomization",
    }
}

/// Whether a document without a kind is a kustomization by the file's name.
pub(super) fn is_without_kind(error: &ManifestError, file: &str) -> bool {
    let name = file.rsplit(['/', '\\']).next().unwrap_or_default();
    error.kind() == ManifestErrorKind::MissingKind && NAMES.contains(&name)
}

/// What is told of one that is left out.
pub(super) fn left_out(file: &Input, door: Door) -> PendingDiagnostic {
    let message = "this is a kustomization, which no cluster takes; it is left out";
    let hint = match door {
        Door::CommandLine => format!(
            "run `kustomize build {} | manifill generate -`",
            folder(&file.name)
        ),
        Door::Function => {
            "name its folder among the `resources` of the kustomization that runs this".to_owned()
        }
        Door::Application => {
            "an Application of its folder renders it, if its plugin has the mode auto or kustomize"
                .to_owned()
        }
    };
    PendingDiagnostic::warning(DiagnosticKind::Manifest, message).with_hint(hint)
}

/// The folder of a file, as a command takes it.
pub(super) fn folder(file: &str) -> &str {
    match file.rfind('/') {
        _ if file == "-" => "DIR",
        Some(0) => "/",
        Some(end) => &file[..end],
        None => ".",
    }
}
