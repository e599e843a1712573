//! The files of a repository, in memory.

use std::collections::BTreeMap;
use std::fmt;
use std::sync::Arc;

/// How many links are followed for one name.
const LINKS: usize = 40;

/// How many folders are gone through for one name. Links can say `a/../a/../a`, each in hundreds of
/// steps.
const STEPS: usize = 1000;

/// What one entry costs beside its data: without it, very many empty files would take much memory.
const ENTRY: u64 = 256;

/// What an entry takes in memory, about, by its name and its data.
pub(crate) fn cost(name: &str, data: u64) -> u64 {
    (ENTRY + name.len() as u64).saturating_add(data)
}

/// The files of a repository by their names.
///
/// An archive can hold a folder of the repository alone. [`rooted_at`](Tree::rooted_at) says which, and
/// names start from the root of the repository all the same; what is beside the folder is out of reach.
/// A clone has the same files; nothing is copied.
#[derive(Clone, Debug, Default)]
pub struct Tree {
    /// By the names in the archive.
    entries: Arc<BTreeMap<String, Entry>>,
    /// The folder of the repository that the archive holds: a plain name, or nothing.
    root: String,
}

/// Where a name is in an archive.
enum Within {
    /// By this name.
    At(String),
    /// It is a folder that the archive is in: what is left of the way to the archive.
    Above(String),
    /// It is not there.
    Beside,
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
            entries: Arc::new(entries.collect()),
            root: String::new(),
        }
    }

    /// The same files as those of a folder of the repository. Nothing is copied.
    ///
    /// ```
    /// use manifill_argocd::{Entry, Node, Tree};
    ///
    /// let archive = Tree::from_entries([("web/a.yaml", Entry::File(Vec::new()))]);
    /// let tree = archive.rooted_at("apps/team");
    /// let name = "apps/team/web/../web/a.yaml";
    /// let found = ("apps/team/web/a.yaml".to_owned(), Node::File(&[]));
    /// assert_eq!(tree.resolve(name).unwrap(), Some(found));
    /// assert!(tree.resolve("apps/other").is_err());
    /// ```
    #[must_use]
    pub fn rooted_at(&self, folder: &str) -> Tree {
        let mut parts = parts(folder);
        parts.retain(|part| part != ".");
        parts.reverse();
        Tree {
            entries: Arc::clone(&self.entries),
            root: parts.join("/"),
        }
    }

    fn within(&self, name: &str) -> Within {
        if self.root.is_empty() {
            return Within::At(name.to_owned());
        }
        let mut parts = parts(name);
        let mut root = self.root.split('/');
        while let Some(folder) = root.next() {
            match parts.pop().as_deref() {
                Some(part) if part == folder => {}
                None | Some(".") => {
                    let rest: Vec<&str> = std::iter::once(folder).chain(root).collect();
                    return Within::Above(rest.join("/"));
                }
                Some(_) => return Within::Beside,
            }
        }
        parts.reverse();
        Within::At(parts.join("/"))
    }

    /// A name in the archive as one in the repository.
    fn outer(&self, name: &str) -> String {
        match (self.root.as_str(), name) {
            ("", name) => name.to_owned(),
            (root, "") => root.to_owned(),
            (root, name) => format!("{root}/{name}"),
        }
    }

    /// What a name leads to, and its name behind all links.
    pub fn resolve(&self, name: &str) -> Result<Option<(String, Node<'_>)>, TreeError> {
        let inner = match self.within(name) {
            Within::At(inner) => inner,
            Within::Above(rest) => {
                let above = self.root.strip_suffix(&rest).unwrap_or_default();
                return Ok(Some((above.trim_end_matches('/').to_owned(), Node::Folder)));
            }
            Within::Beside => return Err(TreeError::LeadsOut(name.to_owned())),
        };
        match self.resolve_inner(&inner) {
            Ok(found) => Ok(found.map(|(real, node)| (self.outer(&real), node))),
            Err(TreeError::LeadsOut(_)) => Err(TreeError::LeadsOut(name.to_owned())),
            Err(TreeError::TooManyLinks(_)) => Err(TreeError::TooManyLinks(name.to_owned())),
            Err(TreeError::Dropped { name, reason }) => Err(TreeError::Dropped {
                name: self.outer(&name),
                reason,
            }),
        }
    }

    fn resolve_inner(&self, name: &str) -> Result<Option<(String, Node<'_>)>, TreeError> {
        let mut real = String::new();
        let mut left: Vec<String> = parts(name);
        let (mut links, mut steps) = (0, 0);
        while let Some(part) = left.pop() {
            steps += 1;
            if steps > STEPS {
                return Err(TreeError::TooManyLinks(name.to_owned()));
            }
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
            Entry::Link(to) => to.len() as u64,
            Entry::Dropped(_) => 0,
        };
        self.entries()
            .map(|(name, entry)| cost(name, size(entry)))
            .sum()
    }

    /// What is at a name itself, no link being followed. A folder has no entry.
    pub fn entry(&self, name: &str) -> Option<&Entry> {
        match self.within(name) {
            Within::At(name) => self.entries.get(&name),
            Within::Above(_) | Within::Beside => None,
        }
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
        let folder = match self.within(folder) {
            Within::At(folder) => folder,
            Within::Above(rest) => {
                let rest = &self.root[self.root.len() - rest.len()..];
                return rest.split('/').take(1).collect();
            }
            Within::Beside => return Vec::new(),
        };
        let prefix = match folder.as_str() {
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_way_that_leads_nowhere_near_ends() {
        let link = |to: String| Entry::Link(to);
        let round = "d/../".repeat(200);
        let tree = Tree::from_entries([
            ("d/a", Entry::File(Vec::new())),
            ("short", link(format!("{round}d/a"))),
            ("l0", link("short".to_owned())),
            ("l1", link(format!("{round}l0"))),
            ("l2", link(format!("{round}l1"))),
        ]);
        assert!(tree.resolve("l0").unwrap().is_some());
        let too_many = TreeError::TooManyLinks("l2".to_owned());
        assert_eq!(tree.resolve("l2"), Err(too_many));
    }

    #[test]
    fn a_folder_of_a_repository_has_the_names_of_the_repository() {
        let link = |to: &str| Entry::Link(to.to_owned());
        let archive = Tree::from_entries([
            ("web/a.yaml", Entry::File(b"a".to_vec())),
            ("web/up.yaml", link("../../other/a.yaml")),
            ("web/b.yaml", link("../base/b.yaml")),
            ("base/b.yaml", Entry::File(b"b".to_vec())),
            ("base/c.yaml", Entry::Dropped("is a hard link")),
        ]);
        let tree = archive.rooted_at("./apps//team/");
        let found = |name: &str| tree.resolve(name).map(|found| found.map(|(name, _)| name));
        for (name, real) in [
            ("apps/team/web/b.yaml", Some("apps/team/base/b.yaml")),
            ("./apps/team/web/", Some("apps/team/web")),
            ("apps/team", Some("apps/team")),
            ("apps/team/", Some("apps/team")),
            ("apps/", Some("apps")),
            ("", Some("")),
            (".", Some("")),
            ("apps/team/none", None),
        ] {
            assert_eq!(found(name), Ok(real.map(str::to_owned)), "{name}");
        }
        for name in [
            "apps/other",
            "web/a.yaml",
            "..",
            "apps/team/../x",
            "apps/team/web/up.yaml",
        ] {
            assert_eq!(found(name), Err(TreeError::LeadsOut(name.to_owned())));
        }
        let dropped = found("apps/team/base/c.yaml").unwrap_err().to_string();
        assert_eq!(dropped, "`apps/team/base/c.yaml` is a hard link");
        assert_eq!(tree.children(""), ["apps"]);
        assert_eq!(tree.children("apps"), ["team"]);
        assert_eq!(tree.children("apps/team"), ["base", "web"]);
        assert_eq!(tree.children("apps/team/base"), ["b.yaml", "c.yaml"]);
        assert!(tree.children("web").is_empty());
        assert!(tree.entry("apps/team/web/a.yaml").is_some());
        assert!(tree.entry("web/a.yaml").is_none());
    }
}
