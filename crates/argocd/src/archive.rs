//! The archive of a repository, unpacked in memory: nothing is written to disk.

#[cfg(test)]
mod tests;

use std::collections::BTreeMap;
use std::fmt;
use std::io::Read;

use flate2::read::GzDecoder;
use tar::{Archive, EntryType};

use crate::portions::{HEADERS, Over, Portions, Room};
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
    /// The headers of an entry take more bytes than any name needs.
    Headers,
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
            ArchiveError::Headers => write!(
                f,
                "the archive of the repository says more than {} MiB about one file",
                HEADERS >> 20
            ),
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
        let room = Room::new(most.saturating_add(BESIDE));
        let mut archive = Archive::new(Portions::new(GzDecoder::new(archive), &room));
        let mut entries = match (entries(&mut archive, most, &room), room.over()) {
            (Err(ArchiveError::Broken), Some(Over::Archive)) => {
                return Err(ArchiveError::TooLarge(most));
            }
            (Err(ArchiveError::Broken), Some(Over::Headers)) => return Err(ArchiveError::Headers),
            (entries, _) => entries?,
        };
        drop_files_with_children(&mut entries);
        Ok(Tree::from_entries(entries))
    }
}

type Entries = BTreeMap<String, Entry>;

fn entries(
    archive: &mut Archive<impl Read>,
    most: u64,
    room: &Room,
) -> Result<Entries, ArchiveError> {
    let mut entries = Entries::new();
    let mut used = 0u64;
    for entry in archive.entries().map_err(|_| ArchiveError::Broken)? {
        let mut entry = entry.map_err(|_| ArchiveError::Broken)?;
        let kind = entry.header().entry_type();
        room.follow(&entry);
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
        let data = match kind {
            EntryType::Symlink => entry.link_name_bytes().map_or(0, |to| to.len() as u64),
            _ if is_file => entry.size(),
            _ => 0,
        };
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
