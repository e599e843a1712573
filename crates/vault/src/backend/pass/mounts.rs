//! The stores that gopass has mounted, as its settings say: a subset of the format of git's.
//!
//! Only the file of the user counts. gopass also reads one in each store; that one is written by
//! whoever may write the store, and so it names no folder here.

use std::path::PathBuf;
use std::time::Instant;

use super::path::EntryName;
use crate::backend::home::Home;
use crate::files::{self, Unread};
use crate::{VaultError, VaultErrorKind};

/// More than this are no settings (rule R11).
const MOST: u64 = 1024 * 1024;

/// Where gopass has its stores.
#[derive(Debug, Default, PartialEq, Eq)]
pub(super) struct Mounts {
    /// The store that is not mounted anywhere, if it is not in the usual place.
    pub(super) root: Option<PathBuf>,
    /// The others by the name that stands in front of those of their entries.
    pub(super) others: Vec<(String, PathBuf)>,
}

impl Mounts {
    /// Reads the settings of gopass, if there are any.
    ///
    /// # Errors
    /// If they are there and cannot be read.
    pub(super) fn read(home: &Home, deadline: Instant) -> Result<Self, VaultError> {
        let file = home.config.join("gopass/config");
        let unread = match files::read(&file, MOST, deadline) {
            Ok(content) => match std::str::from_utf8(&content) {
                Ok(text) => return Ok(Mounts::parse(text, home)),
                Err(_) => Unread::NotText,
            },
            Err(Unread::NotFound) => return Ok(Mounts::default()),
            Err(unread) => unread,
        };
        let kind = match unread {
            Unread::TooLate => VaultErrorKind::Timeout,
            _ => VaultErrorKind::Configuration,
        };
        Err(VaultError::new(kind, unread.message()).with_name(file.display().to_string()))
    }

    fn parse(text: &str, home: &Home) -> Self {
        let mut mounts = Mounts::default();
        // The name of the mount whose section this is; the first store has an empty one.
        let mut section: Option<String> = None;
        for line in text.lines().map(str::trim) {
            if let Some(header) = line.strip_prefix('[') {
                section = mount_of(header);
                continue;
            }
            let (Some(name), Some((key, value))) = (&section, line.split_once('=')) else {
                continue;
            };
            if !key.trim().eq_ignore_ascii_case("path") {
                continue;
            }
            let value = unquoted(value.trim());
            let folder = match value.strip_prefix("~/") {
                Some(below) => home.folder.join(below),
                None => PathBuf::from(value),
            };
            // Of several values, gopass takes the first.
            if name.is_empty() {
                mounts.root.get_or_insert(folder);
            } else if mounts.others.iter().all(|(known, _)| known != name) {
                mounts.others.push((name.clone(), folder));
            }
        }
        mounts
    }
}

/// The name of the mount that a section is about, without the bracket in front: empty in
/// `[mounts]`, else as in `[mounts "team/eu"]`. `None` for what is no section of a mount.
fn mount_of(header: &str) -> Option<String> {
    let header = header.strip_suffix(']')?;
    let (section, name) = header.split_once(' ').unwrap_or((header, ""));
    if !section.eq_ignore_ascii_case("mounts") {
        return None;
    }
    let name = name.trim().trim_matches('"').replace('\\', "");
    let name = name.trim_matches('/');
    // What cannot stand in front of the name of an entry is never found.
    (name.is_empty() || EntryName::parse(name).is_ok()).then(|| name.to_owned())
}

/// A value without quotes and without the comment behind it.
fn unquoted(value: &str) -> String {
    let (mut plain, mut is_quoted) = (String::new(), false);
    let mut letters = value.chars();
    while let Some(letter) = letters.next() {
        match letter {
            '"' => is_quoted = !is_quoted,
            '\\' => plain.extend(letters.next()),
            '#' | ';' if !is_quoted => break,
            _ => plain.push(letter),
        }
    }
    if value.ends_with('"') {
        return plain;
    }
    plain.trim_end().to_owned()
}

#[cfg(test)]
mod tests {
    use std::path::Path;

    use super::*;

    fn parse(text: &str) -> Mounts {
        Mounts::parse(text, &Home::at(Path::new("/home/me")))
    }

    fn mount(name: &str, folder: &str) -> (String, PathBuf) {
        (name.to_owned(), folder.into())
    }

    #[test]
    fn the_settings_say_where_each_store_is() {
        let text = "[mounts]\n\tpath = /srv/root\n[recipients]\n\thash = 0\n[recipients \"team/eu\"]\n\tpath = /no\n\
                    [mounts \"team/eu\"]\n\tpath = /srv/team eu\n[core]\n\tpath = /no\n";
        let mounts = parse(text);
        assert_eq!(mounts.root.as_deref(), Some(Path::new("/srv/root")));
        assert_eq!(mounts.others, [mount("team/eu", "/srv/team eu")]);
        assert_eq!(parse(""), Mounts::default());
    }

    #[test]
    fn values_have_quotes_and_comments_as_in_git() {
        for (value, folder) in [
            ("/srv/a", "/srv/a"),
            ("  /srv/a \t", "/srv/a"),
            ("\"/srv/a \"", "/srv/a "),
            ("/srv/a # work", "/srv/a"),
            ("\"/srv/a;b#c\" ; work", "/srv/a;b#c"),
            ("\"/srv/\\\"a\\\\b\"", "/srv/\"a\\b"),
            ("~/a", "/home/me/a"),
            ("~other/a", "~other/a"),
        ] {
            let text =
                format!("# [mounts]\n[MOUNTS \"x\"]\n; path = /no\nPath={value}\npath = /no\n");
            assert_eq!(parse(&text).others, [mount("x", folder)], "{value}");
        }
    }

    #[test]
    fn what_is_no_name_is_no_mount() {
        for header in [
            "[mounts \"..\"]",
            "[mounts \"a/../b\"]",
            "[mounts \"a//b\"]",
            "[mounts \"x\"",
            "[mountsx \"x\"]",
            "[mount \"x\"]",
        ] {
            let text = format!("{header}\npath = /srv/a\n");
            assert_eq!(parse(&text), Mounts::default(), "{header}");
        }
        let slashes = "[mounts \"/x/\"]\npath = /srv/a\n";
        assert_eq!(parse(slashes).others, [mount("x", "/srv/a")]);
    }

    proptest::proptest! {
        #[test]
        fn no_text_makes_it_panic(text in "(\\[mounts|path=|[\"\\\\#;= \\[\\]~/a\n\u{e9}]){0,30}") {
            let _ = parse(&text);
        }
    }
}
