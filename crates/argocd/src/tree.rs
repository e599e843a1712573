//! The files of a repository, in memory.

use std::collections::BTreeMap;
use std::fmt;

/// How many links are followed for one name.
const LINKS: usize = 40;

/// What one entry costs beside its data: without it, very many empty files would take much memory.
const ENTRY: u64 = 256;

/// What an entry takes in memory, about, by its name and its data.
pub(crate) fn cost(name: &str, data: u64) -> u64 {
    (ENTRY + name.len() as u64).saturating_add(data)
}

/// The files of a repository by their names.
#[derive(Debug, Default)]
pub struct Tree {
    entries: BTreeMap<String, Entry>,
}

/// What a name stands for.
#[derive(Debug, PartialEq, Eq)]
pub enum Entry {
    /// A file.
    File(Vec<u8>),
    /// A link, with what it leads to, as it is written.
    Link(String),
    /// Something that is not taken in, and why: it matters only to those who come across it.
    Dropped(&'static str),
}

/// What a name leads to, behind all links.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Node<'t> {
    /// A file.
    File(&'t [u8]),
    /// A folder.
    Folder,
}

/// Why a name leads nowhere.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum TreeError {
    /// It leads out of the repository.
    LeadsOut(String),
    /// It goes through more links than anybody needs.
    TooManyLinks(String),
    /// It was not taken in.
    Dropped {
        /// The name.
        name: String,
        /// Why, as what follows the name in a sentence.
        reason: &'static str,
    },
}

impl fmt::Display for TreeError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            TreeError::LeadsOut(name) => write!(f, "`{name}` leads out of the repository"),
            TreeError::TooManyLinks(name) => write!(f, "`{name}` goes through too many links"),
            TreeError::Dropped { name, reason } => write!(f, "`{name}` {reason}"),
        }
    }
}

impl std::error::Error for TreeError {}

impl Tree {
    /// A tree of entries with plain names, such as `apps/web/a.yaml`.
    pub fn from_entries<N: Into<String>>(entries: impl IntoIterator<Item = (N, Entry)>) -> Self {
        let entries = entries
            .into_iter()
            .map(|(name, entry)| (name.into(), entry));
        Tree {
            entries: entries.collect(),
        }
    }

    /// What a name leads to, and its name behind all links.
    pub fn resolve(&self, name: &str) -> Result<Option<(String, Node<'_>)>, TreeError> {
        let mut real = String::new();
        let mut left: Vec<String> = parts(name);
        let mut links = 0;
        while let Some(part) = left.pop() {
            if part == "." {
                continue;
            }
            if part == ".." {
                if real.is_empty() {
                    return Err(TreeError::LeadsOut(name.to_owned()));
                }
                real.truncate(real.rfind('/').unwrap_or(0));
                continue;
            }
            let before = real.len();
            if !real.is_empty() {
                real.push('/');
            }
            real.push_str(&part);
            match self.entries.get(&real) {
                Some(Entry::Link(to)) => {
                    links += 1;
                    if links > LINKS {
                        return Err(TreeError::TooManyLinks(name.to_owned()));
                    }
                    if to.starts_with('/') {
                        return Err(TreeError::LeadsOut(name.to_owned()));
                    }
                    real.truncate(before);
                    left.extend(parts(to));
                }
                Some(Entry::Dropped(reason)) => {
                    return Err(TreeError::Dropped { name: real, reason });
                }
                Some(Entry::File(_)) if !left.is_empty() => return Ok(None),
                Some(Entry::File(_)) => {}
                None if self.is_folder(&real) => {}
                None => return Ok(None),
            }
        }
        let node = match self.entries.get(&real) {
            Some(Entry::File(data)) => Node::File(data),
            _ => Node::Folder,
        };
        Ok(Some((real, node)))
    }

    /// What there is, in the order of the names.
    #[cfg(feature = "server")]
    pub(crate) fn entries(&self) -> impl Iterator<Item = (&str, &Entry)> {
        self.entries
            .iter()
            .map(|(name, entry)| (name.as_str(), entry))
    }

    /// What it takes in memory, about.
    #[cfg(feature = "server")]
    pub(crate) fn bytes(&self) -> u64 {
        let size = |entry: &Entry| match entry {
            Entry::File(data) => data.len() as u64,
            Entry::Link(_) | Entry::Dropped(_) => 0,
        };
        self.entries()
            .map(|(name, entry)| cost(name, size(entry)))
            .sum()
    }

    /// What is at a name itself, no link being followed. A folder has no entry.
    pub fn entry(&self, name: &str) -> Option<&Entry> {
        self.entries.get(name)
    }

    fn is_folder(&self, name: &str) -> bool {
        let prefix = format!("{name}/");
        let mut below = self.entries.range(prefix.clone()..);
        name.is_empty()
            || below
                .next()
                .is_some_and(|(name, _)| name.starts_with(&prefix))
    }

    /// The names in a folder that is no link.
    pub fn children(&self, folder: &str) -> Vec<&str> {
        let prefix = match folder {
            "" => String::new(),
            folder => format!("{folder}/"),
        };
        let below = self.entries.range(prefix.clone()..);
        let below = below.take_while(|(name, _)| name.starts_with(&prefix));
        let mut children: Vec<&str> = below
            .filter_map(|(name, _)| name[prefix.len()..].split('/').next())
            .collect();
        children.dedup();
        children
    }
}

/// The parts of a path, the last one first. What ends with a slash or `/.` ends with a part of `.`,
/// which a file does not have.
fn parts(path: &str) -> Vec<String> {
    let parts = path.split('/').filter(|part| !matches!(*part, "" | "."));
    let mut parts: Vec<String> = parts.rev().map(str::to_owned).collect();
    if path.ends_with('/') || path.ends_with("/.") {
        parts.insert(0, ".".to_owned());
    }
    parts
}
