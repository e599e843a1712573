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
