//! The way through what a selection names.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt;
use std::path::{Path, PathBuf};
use std::time::Instant;

use globset::{Glob, GlobSet, GlobSetBuilder};
use manifill_vault::RunContext;
use manifill_vault::files::{self, Unread};
use zeroize::Zeroizing;

use super::error::{FilesError, Problem, reason};
use super::files::Files;
use super::names::{is_hidden, is_manifest, is_override, is_stdin};
use super::selection::Selection;
use super::text::{Content, weight};
use crate::diagnostic::printable;
use crate::door::Door;
use crate::file_source::{FileSource, Identity, Kind, Missing};
use crate::input::Input;

/// The most that a file, a pipe or standard input may hold (rule R11).
pub(super) const MOST: u64 = 256 << 20;

/// What a file counts beside its bytes and an eighth of its name where all of them may take only so much:
/// what is remembered of twenty thousand files of eight bytes is thirty times what they have.
const FILE: usize = 16;

pub(super) struct Walk<'s> {
    source: &'s dyn FileSource,
    selection: &'s Selection,
    include: Option<GlobSet>,
    exclude: Option<GlobSet>,
    never: BTreeSet<Identity>,
    /// Which path of the selection is read, and for which the regular files were that have been.
    argument: usize,
    read: BTreeMap<Identity, usize>,
    /// The folder that links must stay inside of.
    root: PathBuf,
    deadline: Instant,
    /// Whether the deadline has passed and that is told.
    is_late: bool,
    files: Files,
    /// How many bytes files may still have, and the first one for which there is no room.
    left: u64,
    too_much: Option<String>,
    problems: Vec<Problem>,
}

impl<'s> Walk<'s> {
    pub(super) fn new(
        source: &'s dyn FileSource,
        selection: &'s Selection,
        never: &[PathBuf],
    ) -> Result<Self, FilesError> {
        let never = never.iter().filter_map(|path| source.identity(path));
        Ok(Walk {
            source,
            selection,
            include: globs(&selection.include)?,
            exclude: globs(&selection.exclude)?,
            never: never.collect(),
            argument: 0,
            read: BTreeMap::new(),
            root: PathBuf::new(),
            deadline: selection
                .deadline
                .unwrap_or_else(|| Instant::now() + RunContext::DEFAULT_TIMEOUT),
            is_late: false,
            files: Files::default(),
            left: selection.most.unwrap_or(u64::MAX),
            too_much: None,
            problems: Vec::new(),
        })
    }

    /// What was found, or what is wrong; `without` are the arguments that gave no input.
    pub(super) fn end(mut self, mut without: Vec<Problem>) -> Result<Files, FilesError> {
        if let Some(file) = self.too_much {
            let most = self.selection.most.unwrap_or_default();
            return Err(FilesError::TooMuch { file, most });
        }
        match (self.problems.is_empty(), without.pop()) {
            (true, None) => Ok(self.files),
            (true, Some(only)) if without.is_empty() => Err(FilesError::Nothing(only)),
            (_, last) => {
                self.problems.extend(without.into_iter().chain(last));
                Err(FilesError::Files(self.problems))
            }
        }
    }

    /// Reads what the next argument names, and tells one that gives no input.
    pub(super) fn argument(&mut self, path: &Path) -> Option<Problem> {
        self.argument += 1;
        if is_stdin(self.source, path) {
            match files::read_stdin(MOST, self.deadline) {
                Ok(bytes) => self.take(None, "-".to_owned(), bytes),
                Err(unread) => self.problem("standard input", reason(unread)),
            }
            self.files.roots.extend(self.source.on_disk(Path::new(".")));
            return None;
        }
        if !self.selection.confines.allow_in(self.source, path) {
            self.leads_out(path);
            return None;
        }
        let kind = match self.source.kind(path) {
            Ok(kind) => kind,
            Err(Missing::LeadsOut) => {
                self.leads_out(path);
                return None;
            }
            Err(missing) => {
                self.missing(path, &missing);
                return None;
            }
        };
        self.files.roots.extend(self.root_of(path, &kind));
        self.read(path, &kind)
    }

    fn read(&mut self, path: &Path, kind: &Kind) -> Option<Problem> {
        let found = |walk: &Walk<'_>| {
            walk.files.inputs.len() + walk.problems.len() + walk.files.notes.len()
        };
        let before = found(self);
        let set_aside = self.files.set_aside.len();
        match kind {
            Kind::Folder => {
                match self.source.real_path(path) {
                    Ok(root) => self.root = root,
                    Err(missing) => self.missing(path, &missing),
                }
                self.folder(path, Path::new(""));
            }
            Kind::Unusable(reason) => self.problem(&path.to_string_lossy(), reason),
            _ => self.file(path, None),
        }
        let filtered = self.include.is_some() || self.exclude.is_some();
        let (reason, hint) = if self.files.set_aside.len() != set_aside {
            (
                "only settings and secrets, no manifests, were found",
                /* hint */ "name the folder of the manifests",
            )
        } else if filtered {
            let hint = match self.selection.door {
                Door::CommandLine | Door::Function => {
                    "`--include` and `--exclude` are matched against the path below the folder"
                }
                Door::Application => {
                    "the parameters `include` and `exclude` are matched against the path below the Application's folder"
                }
            };
            ("no YAML or JSON files were found", hint)
        } else {
            (
                "no YAML or JSON files were found",
                /* hint */
                "files in folders count if they end with .yaml, .yml or .json; one with another ending is read if it is named itself",
            )
        };
        let nothing = found(self) == before;
        nothing.then(|| Problem {
            file: shown(path),
            reason: reason.to_owned(),
            hint: (*kind == Kind::Folder).then_some(hint),
        })
    }

    /// The folder of a path that is given, in a spelling that holds wherever the process goes.
    fn root_of(&self, path: &Path, kind: &Kind) -> Option<PathBuf> {
        let folder = match kind {
            Kind::Folder => path,
            Kind::File => path.parent().unwrap_or(path),
            // What comes out of a pipe has no folder.
            _ => Path::new(""),
        };
        self.source.on_disk(if folder.as_os_str().is_empty() {
            Path::new(".")
        } else {
            folder
        })
    }

    /// Reads a folder in the byte order of its names; folders come at their sorted place.
    fn folder(&mut self, path: &Path, relative: &Path) {
        let names = match self.source.names(path) {
            Ok(names) => names,
            Err(missing) => return self.missing(path, &missing),
        };
        for name in names {
            if name == ".git" {
                continue;
            }
            // Looking takes time, too: whoever writes a repository decides how much there is.
            if Instant::now() >= self.deadline {
                if !std::mem::replace(&mut self.is_late, true) {
                    let late = "the time of the run ran out while this folder was read";
                    self.problem(&path.to_string_lossy(), late);
                }
                return;
            }
            self.entry(&path.join(&name), &relative.join(&name));
        }
    }

    fn entry(&mut self, path: &Path, relative: &Path) {
        if self
            .exclude
            .as_ref()
            .is_some_and(|exclude| exclude.is_match(relative))
        {
            return;
        }
        let is_link = match self.source.own_kind(path) {
            Ok(kind) => kind == Kind::Link,
            Err(missing) => return self.missing(path, &missing),
        };
        if is_override(path) {
            self.files.set_aside.push(path.to_owned());
            return;
        }
        let wanted = || is_manifest(path) && self.is_included(relative);
        match self.source.kind(path) {
            // A link to a folder is not followed, as in AVP: it may lead round in circles.
            Ok(Kind::Folder) if !is_link && !is_hidden(relative) => self.folder(path, relative),
            Ok(Kind::File) if wanted() => {
                if is_link && !self.is_inside(path) {
                    self.link_leads_out(path);
                } else {
                    self.file(path, Some(relative));
                }
            }
            Ok(Kind::Unusable(reason)) if wanted() => {
                self.problem(&path.to_string_lossy(), reason);
            }
            Ok(_) => {}
            Err(Missing::LeadsOut) => {
                if wanted() {
                    self.link_leads_out(path);
                }
            }
            // What would be no input if it were there; editors make such links.
            Err(_) if is_link && !is_manifest(path) => {}
            Err(missing) => self.missing(path, &missing),
        }
    }

    fn is_included(&self, relative: &Path) -> bool {
        self.include
            .as_ref()
            .is_none_or(|include| include.is_match(relative))
    }

    /// Whether a link leads to where links may: below the folder given, and in the checkout of an app,
    /// whose author may read all of it.
    fn is_inside(&self, path: &Path) -> bool {
        let real = self.source.real_path(path);
        real.is_ok_and(|path| path.starts_with(&self.root) || self.selection.confines.hold(&path))
    }

    /// Reads a file, which was found in a folder if it has a path below it.
    fn file(&mut self, path: &Path, relative: Option<&Path>) {
        if let Some(identity) = self.source.identity(path) {
            if self.never.contains(&identity) {
                self.files.set_aside.push(path.to_owned());
                return;
            }
            let first = *self.read.entry(identity).or_insert(self.argument);
            if first != self.argument {
                let note = format!("{} is named twice and read once", shown(path));
                self.files.notes.push(note);
                return;
            }
        }
        if self.too_much.is_some() {
            return;
        }
        // A text weighs an eighth of its bytes at least.
        let most = MOST.min(self.left.saturating_mul(8));
        match self.source.read(path, most, self.deadline) {
            Ok(bytes) => {
                if self.selection.most.is_some() {
                    let text = std::str::from_utf8(&bytes);
                    let text = text.map_or(bytes.len() as u64, weight);
                    let beside = FILE + path.as_os_str().len() / 8;
                    let Some(left) = self.left.checked_sub(text + beside as u64) else {
                        self.too_much = Some(shown(path));
                        return;
                    };
                    self.left = left;
                }
                let before = self.files.inputs.len();
                self.take(Some(path), path.display().to_string(), bytes);
                if let Some(input) = self.files.inputs.get_mut(before) {
                    input.found_as = relative.and_then(Path::to_str).map(str::to_owned);
                }
            }
            Err(Unread::TooLarge) if most < MOST => self.too_much = Some(shown(path)),
            Err(unread) => self.problem(&path.to_string_lossy(), reason(unread)),
        }
    }

    fn take(&mut self, path: Option<&Path>, name: String, bytes: Zeroizing<Vec<u8>>) {
        match Content::of(bytes, path.is_some()) {
            Content::Text(source) => self.files.inputs.push(Input::new(name, source)),
            Content::SetAside => self.files.set_aside.extend(path.map(Path::to_owned)),
            Content::Unlike(reason, hint) => self.problems.push(Problem {
                file: printable(&name).into_owned(),
                reason,
                hint: Some(hint),
            }),
        }
    }

    fn missing(&mut self, path: &Path, missing: &Missing) {
        let file = path.to_string_lossy();
        match missing {
            Missing::NotFound if self.source.own_kind(path) == Ok(Kind::Link) => {
                self.problem(&file, "the link leads to something that does not exist");
            }
            missing => self.problem(&file, missing),
        }
    }

    /// Tells of a path that leads out of the app's checkout, and not where it leads.
    fn leads_out(&mut self, path: &Path) {
        self.problems.push(Problem {
            file: shown(path),
            reason: match self.selection.door {
                Door::Function => "it leads out of the folder in which the function runs",
                _ => "it leads out of the app's repository",
            }
            .to_owned(),
            hint: (self.selection.door != Door::Function)
                .then_some("the operator can open a folder with MANIFILL_FILE_ROOT"),
        });
    }

    fn link_leads_out(&mut self, path: &Path) {
        let reason = match self.selection.door {
            _ if !self.selection.confines.is_set() => "the link leads out of the folder",
            Door::Function => "the link leads out of the folder in which the function runs",
            _ => "the link leads out of the app's repository",
        };
        self.problem(&path.to_string_lossy(), reason);
    }

    fn problem(&mut self, file: &str, reason: impl fmt::Display) {
        self.problems.push(Problem {
            file: printable(file).into_owned(),
            reason: reason.to_string(),
            hint: None,
        });
    }
}

/// The longest glob, in bytes.
const LONGEST_GLOB: usize = 4096;
/// How many braces of a glob may be open: to read them takes the stack of a thread, and an app's
/// author can choose a glob.
const DEEPEST_GLOB: usize = 16;
/// How much of a wrong glob is shown, in characters.
const SHOWN_GLOB: usize = 80;

fn globs(patterns: &[String]) -> Result<Option<GlobSet>, FilesError> {
    if patterns.is_empty() {
        return Ok(None);
    }
    let mut set = GlobSetBuilder::new();
    for pattern in patterns {
        let wrong = |reason: &dyn fmt::Display| {
            let start: String = pattern.chars().take(SHOWN_GLOB).collect();
            let cut = if start.len() < pattern.len() {
                "…"
            } else {
                ""
            };
            let shown = printable(&start).into_owned();
            FilesError::Usage(format!("`{shown}{cut}` is not a glob: {reason}"))
        };
        if pattern.len() > LONGEST_GLOB {
            return Err(wrong(&format_args!(
                "it has more than {LONGEST_GLOB} bytes"
            )));
        }
        if depth(pattern) > DEEPEST_GLOB {
            return Err(wrong(&format_args!(
                "it has more than {DEEPEST_GLOB} braces inside each other"
            )));
        }
        set.add(Glob::new(pattern).map_err(|error| wrong(error.kind()))?);
    }
    set.build().map(Some).map_err(|_| {
        FilesError::Usage("the globs are too large to be looked for together".to_owned())
    })
}

/// How many braces of a glob are open at most.
fn depth(pattern: &str) -> usize {
    let (mut open, mut most) = (0_usize, 0);
    for byte in pattern.bytes() {
        match byte {
            b'{' => open += 1,
            b'}' => open = open.saturating_sub(1),
            _ => {}
        }
        most = most.max(open);
    }
    most
}

/// A path as messages show it.
fn shown(path: &Path) -> String {
    printable(&path.to_string_lossy()).into_owned()
}
