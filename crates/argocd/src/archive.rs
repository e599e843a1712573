//! The archive of a repository, unpacked in memory: nothing is written to disk.

use std::collections::BTreeMap;
use std::fmt;
use std::io::Read;

use flate2::read::GzDecoder;
use tar::{Archive, EntryType};

use crate::tree::{Entry, Tree, cost};

/// What a name of an entry may hold, in bytes; a path of Linux holds no more.
const NAME: usize = 4096;

/// What the stream may hold beside what is kept, in bytes: headers, padding, and a `.git`, which is
/// packed already and so hardly larger than the 100 MB that an archive may have.
const BESIDE: u64 = 128 << 20;

/// How many folders lie inside each other at most. Whoever walks through them comes back the same
/// way, and every name on it is looked up from the root.
const DEEPEST: usize = 100;

const TOO_DEEP: &str = "has folders that lie too deep inside each other";

/// How much memory the size that an entry claims is good for before its data is there.
const AT_ONCE: u64 = 1 << 20;

/// Why an archive is refused.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum ArchiveError {
    /// It is no gzip or no tar, or ends too early.
    Broken,
    /// It unpacks to more than the given number of bytes.
    TooLarge(u64),
    /// A name is absolute or holds `..`.
    Name,
}

impl fmt::Display for ArchiveError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            ArchiveError::Broken => f.write_str("the archive of the repository is damaged"),
            ArchiveError::TooLarge(most) => write!(
                f,
                "the archive of the repository unpacks to more than {} MiB",
                most >> 20
            ),
            ArchiveError::Name => {
                f.write_str("the archive of the repository holds a name that leads out of it")
            }
        }
    }
}

impl std::error::Error for ArchiveError {}

impl Tree {
    /// Unpacks a gzip tar in memory to at most `most` bytes, everything called `.git` left out.
    ///
    /// Devices, hard links, and names that are there twice are kept as [dropped](Entry::Dropped),
    /// and so matter only to an app that reaches them; where links lead shows when one is followed.
    ///
    /// # Errors
    /// An archive that is damaged or too large, and one with a name that is absolute or holds `..`.
    pub fn unpack(archive: &[u8], most: u64) -> Result<Tree, ArchiveError> {
        let stream = GzDecoder::new(archive).take(most.saturating_add(BESIDE));
        let mut archive = Archive::new(stream);
        let entries = entries(&mut archive, most);
        // A stream that is cut off there is not damaged.
        if entries == Err(ArchiveError::Broken) && archive.into_inner().limit() == 0 {
            return Err(ArchiveError::TooLarge(most));
        }
        let mut entries = entries?;
        drop_files_with_children(&mut entries);
        Ok(Tree::from_entries(entries))
    }
}

type Entries = BTreeMap<String, Entry>;

fn entries(archive: &mut Archive<impl Read>, most: u64) -> Result<Entries, ArchiveError> {
    let mut entries = Entries::new();
    let mut used = 0u64;
    for entry in archive.entries().map_err(|_| ArchiveError::Broken)? {
        let mut entry = entry.map_err(|_| ArchiveError::Broken)?;
        let kind = entry.header().entry_type();
        // Git's own `git archive` writes the commit into one.
        if kind == EntryType::XGlobalHeader {
            continue;
        }
        let Name { name, unusable } = Name::read(&entry.path_bytes())?;
        // What has no name is the folder of the repository itself.
        if kind.is_dir() || name.is_empty() || name.split('/').any(|part| part == ".git") {
            continue;
        }
        let is_file = kind.is_file() || kind.is_contiguous();
        let data = if is_file { entry.size() } else { 0 };
        used = used.saturating_add(cost(&name, data));
        if used > most {
            return Err(ArchiveError::TooLarge(most));
        }
        let found = if let Some(reason) = unusable {
            Entry::Dropped(reason)
        } else if is_file {
            Entry::File(read(&mut entry)?)
        } else {
            match kind {
                EntryType::Symlink => link(entry.link_name_bytes().as_deref()),
                EntryType::Link => Entry::Dropped("is a hard link"),
                _ => Entry::Dropped("is no regular file"),
            }
        };
        entries
            .entry(name)
            .and_modify(|first| {
                let reason = unusable.unwrap_or("is in the archive twice");
                *first = Entry::Dropped(reason);
            })
            .or_insert(found);
    }
    Ok(entries)
}

fn read(entry: &mut tar::Entry<'_, impl Read>) -> Result<Vec<u8>, ArchiveError> {
    let size = entry.size();
    let mut data = Vec::with_capacity(size.min(AT_ONCE) as usize);
    match entry.read_to_end(&mut data) {
        Ok(read) if read as u64 == size => {
            // What grows takes more than it needs.
            data.shrink_to_fit();
            Ok(data)
        }
        _ => Err(ArchiveError::Broken),
    }
}

fn link(to: Option<&[u8]>) -> Entry {
    match to.map(std::str::from_utf8) {
        Some(Ok(to)) if to.len() <= NAME => Entry::Link(to.to_owned()),
        _ => Entry::Dropped("is a link that cannot be used"),
    }
}

/// A file or a link in whose place a folder is needed: which of them is meant, nobody knows.
fn drop_files_with_children(entries: &mut Entries) {
    let has_children = |name: &&String| {
        let prefix = format!("{name}/");
        let next = entries.range(prefix.clone()..).next();
        next.is_some_and(|(next, _)| next.starts_with(&prefix))
    };
    let folders: Vec<String> = entries.keys().filter(has_children).cloned().collect();
    for folder in folders {
        entries.insert(folder, Entry::Dropped("is both a file and a folder"));
    }
}

/// A name without `.` and doubled slashes, and why nothing can be found by it. Of one that lies too
/// deep it is the folder in which it does.
struct Name {
    name: String,
    unusable: Option<&'static str>,
}

impl Name {
    fn read(bytes: &[u8]) -> Result<Name, ArchiveError> {
        let text = String::from_utf8_lossy(bytes);
        let parts = || text.split('/').filter(|part| !matches!(*part, "" | "."));
        if text.starts_with('/') || parts().any(|part| part == "..") {
            return Err(ArchiveError::Name);
        }
        let name = parts().take(DEEPEST).collect::<Vec<_>>().join("/");
        let is_usable =
            std::str::from_utf8(bytes).is_ok() && !name.contains('\0') && name.len() <= NAME;
        let unusable = if parts().nth(DEEPEST).is_some() {
            Some(TOO_DEEP)
        } else {
            (!is_usable).then_some("has a name that cannot be used")
        };
        Ok(Name { name, unusable })
    }
}

#[cfg(test)]
mod tests {
    use std::io::Write as _;

    use super::*;
    use crate::tree::{Node, TreeError};

    fn packed(build: impl FnOnce(&mut tar::Builder<Vec<u8>>)) -> Vec<u8> {
        let mut tar = tar::Builder::new(Vec::new());
        build(&mut tar);
        let mut gzip = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::fast());
        gzip.write_all(&tar.into_inner().unwrap()).unwrap();
        gzip.finish().unwrap()
    }

    fn header(kind: EntryType, name: &str, size: u64) -> tar::Header {
        let mut header = tar::Header::new_gnu();
        header.as_gnu_mut().unwrap().name[..name.len()].copy_from_slice(name.as_bytes());
        header.set_entry_type(kind);
        header.set_size(size);
        header.set_mode(0o644);
        header.set_cksum();
        header
    }

    fn file(tar: &mut tar::Builder<Vec<u8>>, name: &str, data: &[u8]) {
        let header = header(EntryType::Regular, name, data.len() as u64);
        tar.append(&header, data).unwrap();
    }

    fn link(tar: &mut tar::Builder<Vec<u8>>, kind: EntryType, name: &str, to: &str) {
        let mut header = header(kind, name, 0);
        header.set_link_name_literal(to).unwrap();
        header.set_cksum();
        tar.append(&header, &b""[..]).unwrap();
    }

    #[test]
    fn links_inside_are_followed_and_others_matter_to_those_who_reach_them() {
        let archive = packed(|tar| {
            file(tar, ".git/index", b"x");
            file(tar, "charts/.git/index", b"x");
            file(tar, "./a/b.yaml", b"b");
            link(tar, EntryType::Symlink, "a/l.yaml", "../a/b.yaml");
            link(tar, EntryType::Symlink, "a/out.yaml", "../../etc/passwd");
            link(tar, EntryType::Symlink, "a/abs.yaml", "/etc/passwd");
            link(tar, EntryType::Link, "a/hard.yaml", "a/b.yaml");
            tar.append(&header(EntryType::Block, "a/dev.yaml", 0), &b""[..])
                .unwrap();
            file(tar, "a/twice.yaml", b"1");
            file(tar, "a/twice.yaml", b"2");
            file(tar, "a/both", b"1");
            file(tar, "a/both/c.yaml", b"2");
        });
        let tree = Tree::unpack(&archive, 1 << 20).unwrap();
        assert_eq!(tree.children(""), ["a"]);
        let real = Some(("a/b.yaml".to_owned(), Node::File(b"b")));
        assert_eq!(tree.resolve("a/l.yaml").unwrap(), real);
        for name in ["a/out.yaml", "a/abs.yaml"] {
            assert_eq!(
                tree.resolve(name),
                Err(TreeError::LeadsOut(name.to_owned()))
            );
        }
        for (name, reason) in [
            ("a/hard.yaml", "is a hard link"),
            ("a/dev.yaml", "is no regular file"),
            ("a/twice.yaml", "is in the archive twice"),
            ("a/both", "is both a file and a folder"),
        ] {
            let error = tree.resolve(name).unwrap_err();
            assert_eq!(error.to_string(), format!("`{name}` {reason}"));
        }
    }

    #[test]
    fn names_that_lead_out_refuse_the_archive() {
        for bad in ["../a.yaml", "a/../../b", "/etc/passwd", "a/.."] {
            let archive = packed(|tar| file(tar, bad, b"x"));
            assert_eq!(
                Tree::unpack(&archive, 1 << 20).unwrap_err(),
                ArchiveError::Name
            );
        }
    }

    #[test]
    fn what_unpacks_to_too_much_is_refused() {
        let archive = packed(|tar| file(tar, "zeros", &vec![0; 3 << 20]));
        assert!(archive.len() < 64 << 10);
        let refused = Err(ArchiveError::TooLarge(2 << 20));
        assert_eq!(Tree::unpack(&archive, 2 << 20).map(drop), refused);
        assert!(Tree::unpack(&archive, 4 << 20).is_ok());
        // What is left out takes time, if no memory.
        let git = packed(|tar| file(tar, ".git/pack", &vec![0; 130 << 20]));
        let refused = Err(ArchiveError::TooLarge(1 << 20));
        assert_eq!(Tree::unpack(&git, 1 << 20).map(drop), refused);
        let many = packed(|tar| (0..5000).for_each(|n| file(tar, &n.to_string(), b"")));
        assert_eq!(
            Tree::unpack(&many, 1 << 20).map(drop),
            Err(ArchiveError::TooLarge(1 << 20))
        );
    }

    #[test]
    fn what_has_no_name_is_nothing() {
        let archive = packed(|tar| {
            for name in ["", ".", "./"] {
                link(tar, EntryType::Symlink, name, "a");
                tar.append(&header(EntryType::Block, name, 0), &b""[..])
                    .unwrap();
            }
            file(tar, "a.yaml", b"1");
        });
        let tree = Tree::unpack(&archive, 1 << 20).unwrap();
        assert_eq!(tree.children(""), ["a.yaml"]);
    }

    #[test]
    fn what_lies_too_deep_is_told_where_it_does() {
        let long = |name: &str, depth: usize| format!("{}{name}", "d/".repeat(depth));
        let mut tar = tar::Builder::new(Vec::new());
        for name in [
            long("a.yaml", DEEPEST - 1),
            long("e/b.yaml", DEEPEST - 1),
            long("e/c.yaml", 2000),
        ] {
            let mut header = tar::Header::new_gnu();
            header.set_size(1);
            tar.append_data(&mut header, name, &b"1"[..]).unwrap();
        }
        let mut gzip = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::fast());
        gzip.write_all(&tar.into_inner().unwrap()).unwrap();
        let tree = Tree::unpack(&gzip.finish().unwrap(), 1 << 20).unwrap();
        let found = tree.resolve(&long("a.yaml", DEEPEST - 1)).unwrap();
        assert!(matches!(found, Some((_, Node::File(b"1")))));
        for deep in [long("e", DEEPEST - 1), long("d", DEEPEST - 1)] {
            let error = tree.resolve(&deep).unwrap_err();
            assert_eq!(error.to_string(), format!("`{deep}` {TOO_DEEP}"));
            assert!(tree.children(&deep).is_empty());
        }
    }

    #[test]
    fn a_name_that_is_not_utf8_spoils_nothing_else() {
        let archive = packed(|tar| {
            let mut header = header(EntryType::Regular, "x", 1);
            header.as_gnu_mut().unwrap().name[0] = 0xff;
            header.set_cksum();
            tar.append(&header, &b"1"[..]).unwrap();
            file(tar, "a.yaml", b"2");
        });
        let tree = Tree::unpack(&archive, 1 << 20).unwrap();
        assert!(matches!(tree.entry("a.yaml"), Some(Entry::File(data)) if data == b"2"));
        assert!(matches!(tree.entry("\u{fffd}"), Some(Entry::Dropped(_))));
    }

    #[test]
    fn damage_is_told() {
        let archive = packed(|tar| file(tar, "a", &[7; 4096]));
        for broken in [&b"no gzip"[..], b"", &archive[..archive.len() / 2]] {
            assert_eq!(
                Tree::unpack(broken, 1 << 20).map(drop),
                Err(ArchiveError::Broken)
            );
        }
    }
}
