//! Why inputs could not be read.

use std::fmt;

use manifill_vault::files::Unread;

/// Why the inputs could not be read.
#[derive(Debug)]
#[non_exhaustive]
pub enum FilesError {
    /// The selection makes no sense.
    Usage(String),
    /// Files that cannot be read.
    Files(Vec<Problem>),
    /// A file or folder that gives no input.
    Nothing(Problem),
    /// All files have more bytes together than they [may](super::Selection::most).
    TooMuch {
        /// The file with which there are too many, as messages show it.
        file: String,
        /// How many they may have.
        most: u64,
    },
}

/// A file or folder that does not give what it should.
#[derive(Debug)]
#[non_exhaustive]
pub struct Problem {
    /// The file or folder as messages show it.
    pub file: String,
    /// Why.
    pub reason: String,
    /// What to do about it.
    pub hint: Option<&'static str>,
}

impl FilesError {
    /// What to do about it.
    pub fn hint(&self) -> Option<&'static str> {
        match self {
            FilesError::Files(problems) => problems.iter().find_map(|one| one.hint),
            FilesError::Nothing(one) => one.hint,
            FilesError::Usage(_) | FilesError::TooMuch { .. } => None,
        }
    }
}

impl fmt::Display for FilesError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            FilesError::Usage(message) => f.write_str(message),
            FilesError::Files(problems) => {
                f.write_str("could not read YAML/JSON files:")?;
                problems.iter().try_for_each(|one| {
                    write!(f, "\ncould not read file: {}: {}", one.file, one.reason)
                })
            }
            FilesError::Nothing(one) => write!(f, "{} in {}", one.reason, one.file),
            FilesError::TooMuch { file, most } => write!(
                f,
                "could not read file: {file}: with it, all files take more than {most} bytes"
            ),
        }
    }
}

impl std::error::Error for FilesError {}

/// Why a file is not read, behind its name.
pub(super) fn reason(unread: Unread) -> &'static str {
    match unread {
        Unread::TooLarge => "it is larger than 256 MiB",
        unread => unread.reason(),
    }
}
