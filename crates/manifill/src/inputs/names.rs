//! What a name says.

use std::path::Path;

use crate::file_source::FileSource;

/// Whether a path means standard input.
pub(super) fn is_stdin(source: &dyn FileSource, path: &Path) -> bool {
    source.has_stdin() && path.as_os_str() == "-"
}

/// Whether a file of a folder is called like a manifest.
pub(super) fn is_manifest(path: &Path) -> bool {
    path.extension()
        .is_some_and(|extension| extension == "yaml" || extension == "yml" || extension == "json")
}

/// Whether a folder is one that the kubelet makes where it mounts a ConfigMap, such as `..data`.
pub(super) fn is_hidden(path: &Path) -> bool {
    path.file_name()
        .is_some_and(|name| name.as_encoded_bytes().starts_with(b".."))
}

/// Whether a file of a folder holds what Argo CD overrides in an Application: `.argocd-source.yaml`, or
/// `.argocd-source-NAME.yaml` for the Application of that name.
pub(super) fn is_override(path: &Path) -> bool {
    let name = path.file_name().and_then(|name| name.to_str());
    let rest = name.and_then(|name| name.strip_prefix(".argocd-source")?.strip_suffix(".yaml"));
    rest.is_some_and(|rest| rest.is_empty() || rest.starts_with('-'))
}
