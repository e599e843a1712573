//! Where Helm has its plugins.

use std::ffi::OsString;
use std::path::PathBuf;

use super::own_program::ask;

/// The Helm that is found, and its folder of plugins.
#[derive(Debug)]
pub(super) struct HelmFolder {
    /// Its version, such as `v4.3.1`, if there is a Helm.
    pub(super) version: Option<String>,
    pub(super) plugins: Option<PathBuf>,
}

impl HelmFolder {
    /// Asks Helm; without one, the environment says it as Helm would.
    pub(super) fn find() -> Self {
        // Helm says which one it is to what it starts.
        let helm = variable("HELM_BIN").unwrap_or_else(|| OsString::from("helm"));
        let version = ask(&helm, ["version", "--template", "{{.Version}}"]);
        let told = version
            .as_ref()
            .and_then(|_| ask(&helm, ["env", "HELM_PLUGINS"]));
        let told = told
            .map(OsString::from)
            .or_else(|| variable("HELM_PLUGINS"));
        // It may be a list of folders.
        let first = told.and_then(|list| std::env::split_paths(&list).next());
        HelmFolder {
            version,
            plugins: first.or_else(default_folder),
        }
    }

    /// Whether this Helm starts programs and reads no plugins of this type.
    pub(super) fn is_helm_3(&self) -> bool {
        let version = self.version.as_deref().unwrap_or_default();
        version.trim_start_matches('v').starts_with("3.")
    }
}

fn variable(name: &str) -> Option<OsString> {
    std::env::var_os(name).filter(|value| !value.is_empty())
}

/// Helm's own default, by its variables and those of the system.
fn default_folder() -> Option<PathBuf> {
    if let Some(data) = variable("HELM_DATA_HOME") {
        return Some(PathBuf::from(data).join("plugins"));
    }
    let below = |name, rest: &str| variable(name).map(|folder| PathBuf::from(folder).join(rest));
    let data = below("XDG_DATA_HOME", "helm").or_else(|| {
        if cfg!(windows) {
            below("APPDATA", "helm")
        } else if cfg!(target_os = "macos") {
            below("HOME", "Library/helm")
        } else {
            below("HOME", ".local/share/helm")
        }
    })?;
    Some(data.join("plugins"))
}
