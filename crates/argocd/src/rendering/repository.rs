//! A repository as a chart or kustomization sees it.

use crate::tree::{Node, Tree, TreeError};

use super::error::{RenderingError, shown};
use super::remote;

/// How deep folders may be nested, through links too.
const DEPTH: usize = 64;

const CIRCLE: &str = "look for a link to a folder that it is in";

/// How many files a folder may have, counting those behind links: a few links to folders that they
/// are in would make very many of few.
const FILES: usize = 100_000;

/// The files of a repository, which is all that rendering reads.
#[derive(Clone, Copy)]
pub(crate) struct Repository<'t>(pub(crate) &'t Tree);

/// What a name leads to.
pub(crate) enum Found<'t> {
    File(&'t [u8]),
    Folder,
}

impl<'t> Repository<'t> {
    /// What a name leads to, and its name behind all links. `None` if there is no such thing.
    pub(crate) fn find(self, name: &str) -> Result<Option<(String, Found<'t>)>, RenderingError> {
        let found = self.0.resolve(name).map_err(out)?;
        Ok(found.map(|(name, node)| match node {
            Node::File(data) => (name, Found::File(data)),
            Node::Folder => (name, Found::Folder),
        }))
    }

    /// The text of a file; `None` if there is none.
    pub(crate) fn text(self, name: &str) -> Result<Option<&'t str>, RenderingError> {
        match self.find(name)? {
            Some((_, Found::File(data))) => match std::str::from_utf8(data) {
                Ok(text) => Ok(Some(text)),
                Err(_) => Err(RenderingError::source(format!(
                    "{} is not UTF-8 text",
                    shown(name)
                ))),
            },
            _ => Ok(None),
        }
    }

    /// All files below a folder, through links, each by its name below this one.
    pub(crate) fn walk(self, folder: &str) -> Result<Vec<(String, &'t [u8])>, RenderingError> {
        let mut files = Vec::new();
        self.walk_below(folder, 0, &mut files)?;
        Ok(files)
    }

    fn walk_below(
        self,
        folder: &str,
        depth: usize,
        files: &mut Vec<(String, &'t [u8])>,
    ) -> Result<(), RenderingError> {
        let too_much = |what: &str| {
            let message = format!("{} {what}", shown(folder));
            Err(RenderingError::source(message).with_hint(CIRCLE))
        };
        if depth > DEPTH {
            return too_much("is nested too deep");
        }
        let Some((real, Found::Folder)) = self.find(folder)? else {
            return Ok(());
        };
        for child in self.0.children(&real) {
            if child == ".git" {
                continue;
            }
            if files.len() >= FILES {
                return too_much("has too many files");
            }
            let name = join(folder, child);
            match self.find(&name)? {
                Some((_, Found::File(data))) => files.push((name, data)),
                Some((_, Found::Folder)) => self.walk_below(&name, depth + 1, files)?,
                // A link to nothing is what nobody can read.
                None => {}
            }
        }
        Ok(())
    }

    /// The names in a folder.
    pub(crate) fn children(self, folder: &str) -> Result<Vec<&'t str>, RenderingError> {
        match self.find(folder)? {
            Some((real, Found::Folder)) => Ok(self.0.children(&real)),
            _ => Ok(Vec::new()),
        }
    }
}

fn out(error: TreeError) -> RenderingError {
    let told = RenderingError::source(error.to_string());
    match error {
        TreeError::TooManyLinks(_) => told.with_hint(CIRCLE),
        TreeError::LeadsOut(_) | TreeError::Dropped { .. } => told,
    }
}

/// A name in a folder.
pub(crate) fn join(folder: &str, name: &str) -> String {
    match folder {
        "" => name.to_owned(),
        folder => format!("{folder}/{name}"),
    }
}

/// The path from one folder to a name, both from the root and without links: `../base/a.yaml`.
pub(crate) fn relative(from: &str, to: &str) -> String {
    let split = |path: &str| -> Vec<String> {
        path.split('/')
            .filter(|part| !part.is_empty())
            .map(str::to_owned)
            .collect()
    };
    let (from, to) = (split(from), split(to));
    let same = from.iter().zip(&to).take_while(|(a, b)| a == b).count();
    let mut parts = vec!["..".to_owned(); from.len() - same];
    parts.extend(to[same..].iter().cloned());
    match parts.as_slice() {
        [] => ".".to_owned(),
        [first, ..] if first == ".." => parts.join("/"),
        _ => format!("./{}", parts.join("/")),
    }
}

/// Checks the name of a file that an author writes, and tells what is wrong with it: it is relative,
/// without a scheme, and no flag.
pub(crate) fn check_name(name: &str) -> Result<(), NameProblem> {
    if name.trim().is_empty() {
        Err(NameProblem::Wrong("is empty"))
    } else if remote::is_remote(name) {
        Err(NameProblem::Remote)
    } else if name.starts_with('-') {
        Err(NameProblem::Wrong("begins with `-`"))
    } else if name.starts_with('/') || name.starts_with('~') {
        Err(NameProblem::Wrong("is not relative"))
    } else if name.contains(char::is_control) {
        Err(NameProblem::Wrong("contains a control character"))
    } else {
        Ok(())
    }
}

/// What is wrong with the name of a file.
pub(crate) enum NameProblem {
    /// It is on another host.
    Remote,
    /// It is no name of a file in the repository.
    Wrong(&'static str),
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn links_that_go_round_in_circles_end() {
        use crate::tree::Entry;
        let link = |to: &str| Entry::Link(to.to_owned());
        let one = Tree::from_entries([("a/x", Entry::File(Vec::new())), ("a/l", link("."))]);
        let two = Tree::from_entries([
            ("a/x", Entry::File(Vec::new())),
            ("a/l", link("../a")),
            ("a/m", link("../a")),
        ]);
        for tree in [&one, &two] {
            let error = Repository(tree).walk("a").unwrap_err();
            assert_eq!(error.hint(), Some(CIRCLE));
        }
        let itself = Tree::from_entries([("a/l", link("l"))]);
        let error = Repository(&itself).walk("a").unwrap_err().to_string();
        assert_eq!(error, "`a/l` goes through too many links");
    }

    #[test]
    fn a_relative_path_never_looks_like_a_host() {
        for (from, to, wanted) in [
            ("apps/web", "apps/web/a.yaml", "./a.yaml"),
            ("apps/web", "apps/base", "../base"),
            ("apps/web", "", "../.."),
            ("", "github.com/x/y", "./github.com/x/y"),
            ("apps/web", "apps/web", "."),
            ("apps/web", "values/a.yaml", "../../values/a.yaml"),
        ] {
            assert_eq!(relative(from, to), wanted);
        }
    }
}
