//! What goes wrong when a modifier runs.

use std::fmt;

use super::JsonPathError;

/// A modifier that failed: which one, and why.
///
/// `Display` is `MODIFIER: REASON`, in the words of AVP where AVP has an error of its own. It holds
/// fixed words, positions, and names that stand in the modifier's arguments, never a part of the
/// value.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct TransformError {
    /// The index of the modifier in the placeholder.
    pub modifier: usize,
    /// The name of the modifier.
    pub name: &'static str,
    /// Why it failed.
    pub kind: TransformErrorKind,
}

impl TransformError {
    pub(super) fn new(modifier: usize, name: &'static str, kind: TransformErrorKind) -> Self {
        TransformError {
            modifier,
            name,
            kind,
        }
    }

    /// What to do about it.
    pub fn hint(&self) -> Option<&'static str> {
        self.kind.hint()
    }
}

impl fmt::Display for TransformError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {}", self.name, self.kind)
    }
}

impl std::error::Error for TransformError {}

/// Why a modifier failed.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum TransformErrorKind {
    /// The modifier does not work on values of this type.
    #[error("invalid datatype {0}")]
    Datatype(&'static str),
    /// The value is not base64; the position is the first byte that shows it.
    #[error("illegal base64 data at input byte {0}")]
    Base64(usize),
    /// The value is not one JSON value, or is nested too deeply.
    #[error("the value is not valid JSON")]
    NotJson,
    /// The value is not YAML, or holds something JSON has no word for.
    #[error("the value is not valid YAML")]
    NotYaml,
    /// The result would be larger than anything a cluster accepts (rule R11).
    #[error("the result is larger than 16 MiB")]
    TooLarge,
    /// The time of the run was over before the modifier began (rule R11).
    #[error("the time of the run was over")]
    TooLate,
    /// bcrypt looks at the first 72 bytes only; a longer password would be cut without a word.
    #[error("the value is longer than 72 bytes")]
    BcryptTooLong,
    /// bcrypt stops at a NUL.
    #[error("the value contains a NUL byte")]
    BcryptNul,
    /// The user of an htpasswd line ends at the first colon.
    #[error(
        "invalid parameters: a user name must not be empty or contain a colon, a space or a control character"
    )]
    BcryptUser,
    /// A short root can be found from what is derived of it.
    #[error("the value is shorter than 16 bytes")]
    DeriveRoot,
    /// The arguments are none that a placeholder can have.
    #[error("invalid parameters: the label must not be empty, and the number is from 1 to 1024")]
    DeriveArguments,
    /// Nearly all bytes of the label's output are of no use, which does not happen by chance.
    #[error("the label gives too few characters")]
    DeriveOutput,
    /// No word of a shell holds a NUL.
    #[error("the value contains a NUL byte, which no shell takes")]
    ShellNul,
    /// XML has no way to write this character, not even as a reference.
    #[error("the value contains a control character that XML cannot hold")]
    XmlCharacter,
    /// The modifier is newer than this engine.
    #[error("this version cannot run it")]
    Unsupported,
    /// The jsonPath expression is wrong, or does not fit the value.
    #[error(transparent)]
    JsonPath(#[from] JsonPathError),
}

impl TransformErrorKind {
    /// A stable word for reports, such as `datatype`.
    pub fn as_str(&self) -> &'static str {
        match self {
            TransformErrorKind::Datatype(_) => "datatype",
            TransformErrorKind::Base64(_) => "base64",
            TransformErrorKind::NotJson => "not-json",
            TransformErrorKind::NotYaml => "not-yaml",
            TransformErrorKind::TooLarge => "too-large",
            TransformErrorKind::TooLate => "too-late",
            TransformErrorKind::BcryptTooLong => "bcrypt-too-long",
            TransformErrorKind::BcryptNul => "bcrypt-nul",
            TransformErrorKind::BcryptUser => "bcrypt-user",
            TransformErrorKind::DeriveRoot => "derive-root",
            TransformErrorKind::DeriveArguments => "derive-arguments",
            TransformErrorKind::DeriveOutput => "derive-output",
            TransformErrorKind::ShellNul => "shell-nul",
            TransformErrorKind::XmlCharacter => "xml-character",
            TransformErrorKind::Unsupported => "unsupported",
            TransformErrorKind::JsonPath(_) => "json-path",
        }
    }
}

impl TransformErrorKind {
    /// What to do about it.
    pub fn hint(&self) -> Option<&'static str> {
        match self {
            TransformErrorKind::Datatype("bytes") => {
                Some("the value is binary; use `base64encode` first")
            }
            TransformErrorKind::Datatype("map" | "list") => {
                Some("use `toJson`, `toYaml` or `jsonPath` first")
            }
            TransformErrorKind::DeriveRoot => Some(
                "keep at least 16 random bytes there, such as the digits that `openssl rand -hex 32` prints",
            ),
            TransformErrorKind::NotJson => Some("`yamlParse` reads YAML, `toJson` writes JSON"),
            TransformErrorKind::JsonPath(error) => error.hint(),
            _ => None,
        }
    }
}
