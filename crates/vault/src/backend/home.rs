//! The folders of the user that this process runs as.

use std::path::PathBuf;

/// Where a user's keys and stores are if no setting says where.
#[derive(Clone, Debug)]
pub(crate) struct Home {
    pub(crate) folder: PathBuf,
    /// `$XDG_CONFIG_HOME`, or what it is where it is not set.
    pub(crate) config: PathBuf,
    /// `$XDG_DATA_HOME`, or what it is where it is not set.
    pub(crate) data: PathBuf,
}

impl Home {
    /// Where the home is, is no setting: no one chooses it for one backend.
    pub(crate) fn of_process() -> Option<Self> {
        let folder = |name| std::env::var_os(name).map(PathBuf::from);
        let folder = |name| folder(name).filter(|path: &PathBuf| path.is_absolute());
        let home = folder("HOME")?;
        Some(Home {
            config: folder("XDG_CONFIG_HOME").unwrap_or_else(|| home.join(".config")),
            data: folder("XDG_DATA_HOME").unwrap_or_else(|| home.join(".local/share")),
            folder: home,
        })
    }

    /// A home with nothing but this folder.
    #[cfg(test)]
    pub(crate) fn at(folder: &std::path::Path) -> Self {
        Home {
            folder: folder.to_owned(),
            config: folder.join("config"),
            data: folder.join("data"),
        }
    }
}
