//! Where the stores are: one folder, or the one of gopass and what it has mounted.

use std::path::{Path, PathBuf};
use std::time::Instant;

use super::mounts::Mounts;
use super::path::EntryName;
use super::store::{Sealed, Store};
use crate::backend::home::Home;
use crate::{Settings, VaultError};

const FOLDER: &str = "PASSWORD_STORE_DIR";

/// Where a store is.
#[derive(Clone, Debug)]
pub(super) struct Place {
    /// The one of the settings.
    set: Option<PathBuf>,
    /// Where stores usually are.
    home: Option<Home>,
}

/// A store, and those that gopass has mounted in it.
pub(super) struct Stores {
    root: Store,
    /// Those with longer names first, since they stand in the way of the others.
    mounts: Vec<(String, PathBuf)>,
}

impl Place {
    pub(super) fn from_settings(settings: &Settings, home: Option<&Home>) -> Self {
        Place {
            set: settings.path(FOLDER),
            home: home.cloned(),
        }
    }

    /// Finds the store.
    ///
    /// # Errors
    /// [`VaultErrorKind::Configuration`](crate::VaultErrorKind::Configuration) if there is none.
    pub(super) fn open(&self, deadline: Instant) -> Result<Stores, VaultError> {
        if let Some(folder) = &self.set {
            let folder = std::path::absolute(folder).unwrap_or_else(|_| folder.clone());
            let root = Store::at(&folder).map_err(|error| error.about_setting(FOLDER))?;
            let mounts = Vec::new();
            return Ok(Stores { root, mounts });
        }
        let missing = || {
            VaultError::configuration("{} is not set, and there is no store in the home folder")
                .with_name(FOLDER)
                .with_hint("set PASSWORD_STORE_DIR to the folder of the store")
        };
        let home = self.home.as_ref().ok_or_else(missing)?;
        let known = Mounts::read(home, deadline)?;
        let own = home.data.join("gopass/stores/root");
        let of_gopass = known.root.unwrap_or(own);
        let usual = [
            home.folder.join(".password-store"),
            of_gopass.clone(),
            home.folder.join(".passage/store"),
        ];
        let folder = usual.iter().find(|folder| folder.is_dir());
        let root = Store::at(folder.ok_or_else(missing)?)?;
        let mut mounts = match Store::at(&of_gopass) {
            Ok(store) if store == root => known.others,
            _ => Vec::new(),
        };
        mounts.sort_by_key(|(name, _)| std::cmp::Reverse(name.len()));
        Ok(Stores { root, mounts })
    }
}

impl Stores {
    /// The file of an entry; `None` if there is no such entry.
    ///
    /// # Errors
    /// As those of [`Store::find`], or if there is no store where gopass has mounted one.
    pub(super) fn find(&self, name: &EntryName) -> Result<Option<Sealed>, VaultError> {
        match self.mount(name.as_str()) {
            None => self.root.find(name.as_str(), name),
            Some((_, "")) => Ok(None),
            Some((folder, below)) => Store::at(folder)?.find(below, name),
        }
    }

    /// The folder of the mounted store that an entry is in, and its name there.
    fn mount<'n>(&self, name: &'n str) -> Option<(&Path, &'n str)> {
        self.mounts.iter().find_map(|(mount, folder)| {
            let below = name.strip_prefix(mount.as_str())?;
            let is_whole = below.is_empty() || below.starts_with('/');
            is_whole.then(|| (folder.as_path(), below.trim_start_matches('/')))
        })
    }

    /// The names of the entries, as far as they can be listed quickly.
    pub(super) fn names(&self) -> Vec<String> {
        let mut names = self.root.names();
        // What a mounted store stands in front of is not found.
        names.retain(|name| self.mount(name).is_none());
        for (mount, folder) in &self.mounts {
            let inside = Store::at(folder).map(|store| store.names());
            let inside = inside.unwrap_or_default().into_iter();
            let inside = inside.map(|name| format!("{mount}/{name}"));
            names.extend(inside.filter(|name| {
                let found = self.mount(name);
                found.is_some_and(|(nearest, _)| nearest == folder)
            }));
        }
        names
    }
}
