//! What can be wrong with a placeholder.

use std::borrow::Cow;
use std::fmt;

use crate::Span;
use crate::piece::Piece;

/// A placeholder, or text that was meant to be one, that cannot be filled.
///
/// The message names modifiers, paths and keys as they are written, never the argument of
/// `default`. Where the text itself may be a secret, [`summary`](Self::summary) says the same
/// without a word of it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PlaceholderError {
    kind: PlaceholderErrorKind,
    span: Span,
    subject: String,
    placeholder: String,
    /// What to do, where only whoever finds the mistake can say it.
    hint: Option<String>,
    survives: bool,
    escaped: bool,
}

/// The situation that a [`PlaceholderError`] is about.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum PlaceholderErrorKind {
    /// No `>` follows before the line ends or another `<` comes.
    Unterminated,
    /// A path holds `<…>`, as documentation has it: `vaults/<VAULT UUID>/items/…`.
    PathHoldsBracket,
    /// An argument holds `<`, which cannot stand in a placeholder.
    BracketInArgument,
    /// A path without `#KEY`.
    NoKey,
    /// More `#` than the two that separate path, key and version.
    TooManyHashes,
    /// Nothing between `path:` and `#`.
    EmptyPath,
    /// Nothing where the key should be.
    EmptyKey,
    /// Nothing after the second `#`.
    EmptyVersion,
    /// The key `*`, which is reserved for the whole item.
    WholeItem,
    /// Nothing on one side of `||`.
    EmptyAlternative,
    /// An alternative that is neither a path with a key nor a reference.
    AlternativeForm,
    /// `||` after a modifier.
    LateAlternative,
    /// An `op://` reference that has not three or four segments, or an empty one.
    OpSegments,
    /// A character that `op://` references do not take.
    OpCharacter,
    /// A query that `op://` references do not know.
    OpQuery,
    /// More modifiers than [`MAX_MODIFIERS`](crate::MAX_MODIFIERS).
    TooManyModifiers,
    /// Nothing where a modifier should be.
    EmptyModifier,
    /// A modifier that does not exist.
    UnknownModifier,
    /// Arguments that the modifier does not take, or too few.
    InvalidParameters,
    /// `default` behind another modifier.
    LateDefault,
    /// An argument's quote that is not closed.
    UnclosedQuote,
    /// An argument's brace that is not closed.
    UnclosedBrace,
    /// An escape sequence that quoted arguments do not know.
    UnknownEscape,
    /// A placeholder whose brackets are escaped, such as `\u003cpath:a#b\u003e`.
    Escaped,
    /// A placeholder whose brackets are escaped twice, such as `\\u003cpath:a#b\\u003e`.
    EscapedTwice,
    /// An escaped placeholder whose inside cannot be read.
    BrokenEscape,
    /// A text that is not exactly one placeholder.
    NotOne,
}

impl PlaceholderErrorKind {
    /// A stable word for reports, such as `unterminated`.
    pub fn as_str(self) -> &'static str {
        match self {
            PlaceholderErrorKind::Unterminated => "unterminated",
            PlaceholderErrorKind::PathHoldsBracket => "path-holds-bracket",
            PlaceholderErrorKind::BracketInArgument => "bracket-in-argument",
            PlaceholderErrorKind::NoKey => "no-key",
            PlaceholderErrorKind::TooManyHashes => "too-many-hashes",
            PlaceholderErrorKind::EmptyPath => "empty-path",
            PlaceholderErrorKind::EmptyKey => "empty-key",
            PlaceholderErrorKind::EmptyVersion => "empty-version",
            PlaceholderErrorKind::WholeItem => "whole-item",
            PlaceholderErrorKind::EmptyAlternative => "empty-alternative",
            PlaceholderErrorKind::AlternativeForm => "alternative-form",
            PlaceholderErrorKind::LateAlternative => "late-alternative",
            PlaceholderErrorKind::OpSegments => "op-segments",
            PlaceholderErrorKind::OpCharacter => "op-character",
            PlaceholderErrorKind::OpQuery => "op-query",
            PlaceholderErrorKind::TooManyModifiers => "too-many-modifiers",
            PlaceholderErrorKind::EmptyModifier => "empty-modifier",
            PlaceholderErrorKind::UnknownModifier => "unknown-modifier",
            PlaceholderErrorKind::InvalidParameters => "invalid-parameters",
            PlaceholderErrorKind::LateDefault => "late-default",
            PlaceholderErrorKind::UnclosedQuote => "unclosed-quote",
            PlaceholderErrorKind::UnclosedBrace => "unclosed-brace",
            PlaceholderErrorKind::UnknownEscape => "unknown-escape",
            PlaceholderErrorKind::Escaped => "escaped",
            PlaceholderErrorKind::EscapedTwice => "escaped-twice",
            PlaceholderErrorKind::BrokenEscape => "broken-escape",
            PlaceholderErrorKind::NotOne => "not-one",
        }
    }
}

use PlaceholderErrorKind as Kind;

impl PlaceholderError {
    pub(crate) fn new(kind: Kind, span: Span) -> Self {
        PlaceholderError {
            kind,
            span,
            subject: String::new(),
            placeholder: String::new(),
            hint: None,
            survives: false,
            escaped: false,
        }
    }

    pub(crate) fn with_hint(mut self, hint: impl Into<String>) -> Self {
        self.hint = Some(hint.into());
        self
    }

    pub(crate) fn surviving(mut self, survives: bool) -> Self {
        self.survives = survives;
        self
    }

    pub(crate) fn of_escaped(mut self) -> Self {
        self.escaped = true;
        self
    }

    pub(crate) fn at(mut self, span: Span) -> Self {
        self.span = span;
        self
    }

    /// What is wrong.
    pub fn kind(&self) -> Kind {
        self.kind
    }

    /// The bytes that are wrong: the name of an unknown modifier, a character, a part.
    pub fn span(&self) -> Span {
        self.span.clone()
    }

    /// The name that no modifier has, if that is the mistake: whoever knows names that are near can
    /// say so.
    pub fn unknown_modifier(&self) -> Option<&str> {
        (self.kind == Kind::UnknownModifier).then_some(self.subject.as_str())
    }

    /// Whether AVP leaves such text in its output without a word, so that a caller may choose to
    /// do the same. It is false for a placeholder of the right shape with a mistake inside.
    pub fn survives(&self) -> bool {
        self.survives
    }

    /// Whether it is about a placeholder with escaped brackets (see [`escaped`](crate::escaped)).
    pub fn is_escaped(&self) -> bool {
        self.escaped
    }

    /// What is wrong, without a name or any text of the source.
    pub fn summary(&self) -> &'static str {
        match self.kind {
            Kind::Unterminated => "a placeholder has no closing `>` on its line",
            Kind::PathHoldsBracket => "a path contains `<…>`",
            Kind::BracketInArgument => "an argument contains `<`",
            Kind::NoKey => "a placeholder has a path and no `#KEY`",
            Kind::TooManyHashes => "a placeholder has more than two `#`",
            Kind::EmptyPath => "a placeholder has an empty path",
            Kind::EmptyKey => "a placeholder has an empty key",
            Kind::EmptyVersion => "a placeholder has an empty version",
            Kind::WholeItem => "the key `*` is reserved for the whole item and reads nothing yet",
            Kind::EmptyAlternative => "an alternative of a placeholder is empty",
            Kind::AlternativeForm => {
                "an alternative is neither path:PATH#KEY nor an op:// reference"
            }
            Kind::LateAlternative => "an alternative follows a modifier",
            Kind::OpSegments => "an op:// reference is not op://vault/item/[section/]field",
            Kind::OpCharacter => {
                "an op:// reference contains a character that is not allowed there"
            }
            Kind::OpQuery => "an op:// reference has an unknown query",
            Kind::TooManyModifiers => "a placeholder has more than 16 modifiers",
            Kind::EmptyModifier => "empty modifier",
            Kind::UnknownModifier => "invalid modifier",
            Kind::InvalidParameters => "invalid parameters",
            Kind::LateDefault => "it must be the first modifier",
            Kind::UnclosedQuote => "a quote is not closed",
            Kind::UnclosedBrace => "a brace is not closed",
            Kind::UnknownEscape => "unknown escape sequence",
            Kind::Escaped => "a placeholder with escaped brackets is not filled",
            Kind::EscapedTwice => "a placeholder with brackets escaped twice is not filled",
            Kind::BrokenEscape => "the inside of an escaped placeholder cannot be unescaped",
            Kind::NotOne => "the text is not exactly one placeholder",
        }
    }

    /// What to do about it.
    pub fn hint(&self) -> Option<Cow<'static, str>> {
        const BRACKET: &str = "`>` ends a placeholder wherever it is; write \\u003e in an argument";
        if let Some(hint) = &self.hint {
            return Some(hint.clone().into());
        }
        let hint = match self.kind {
            Kind::Unterminated => "a placeholder is on one line and contains neither `<` nor `>`",
            Kind::BracketInArgument => "write \\u003c for `<` and \\u003e for `>` in an argument",
            Kind::NoKey => "write <path:PATH#KEY>",
            Kind::TooManyHashes => {
                "write <path:PATH#KEY#VERSION>; a title with # needs the item's id or its link"
            }
            Kind::EmptyKey if self.subject.is_empty() => {
                "with the annotation avp.kubernetes.io/path every <…> is a placeholder; for text use --strict or avp.kubernetes.io/ignore: \"true\""
            }
            Kind::EmptyPath | Kind::EmptyKey | Kind::EmptyVersion => {
                "write <path:PATH#KEY> or <path:PATH#KEY#VERSION>"
            }
            Kind::WholeItem => "name one key of the item",
            Kind::EmptyAlternative => "write one more placeholder after `||`",
            Kind::AlternativeForm if self.subject == "default" => "`default` follows a single `|`",
            Kind::AlternativeForm => "a modifier follows a single `|`",
            Kind::LateAlternative => "alternatives come first: <path:A#K || path:B#K | trim>",
            Kind::OpSegments => {
                "op://vault/item/[section/]field; instead of a name that holds `/`, use the id"
            }
            Kind::OpCharacter => {
                "only letters, digits, spaces, `-`, `_` and `.` are allowed here; write <path:vaults/VAULT/items/ITEM#FIELD>, which takes any name, or use the id"
            }
            Kind::OpQuery => {
                "use attribute=otp, totp, value, type, id, title or purpose, or ssh-format=openssh"
            }
            Kind::TooManyModifiers => "a value that needs more is made where it is stored",
            Kind::EmptyModifier => "write a modifier after `|`; alternatives are separated by `||`",
            Kind::LateDefault => "later modifiers act on what `default` says too",
            Kind::UnclosedQuote | Kind::UnclosedBrace => BRACKET,
            Kind::UnknownEscape => "quoted arguments know \\\", \\\\, \\u003c and \\u003e",
            Kind::Escaped => "--escaped fills it and escapes the value in the same way",
            Kind::EscapedTwice => "escape it once and use --escaped, or do not escape it",
            Kind::PathHoldsBracket
            | Kind::UnknownModifier
            | Kind::InvalidParameters
            | Kind::BrokenEscape
            | Kind::NotOne => return None,
        };
        Some(hint.into())
    }
}

impl fmt::Display for PlaceholderError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let PlaceholderError {
            subject,
            placeholder,
            ..
        } = self;
        let summary = self.summary();
        match self.kind {
            // AVP's words, which people search for.
            Kind::UnknownModifier => write!(f, "{summary}: {subject}")?,
            Kind::InvalidParameters
            | Kind::LateDefault
            | Kind::UnclosedQuote
            | Kind::UnclosedBrace
            | Kind::UnknownEscape => write!(f, "{subject}: {summary}")?,
            // What can be seen stands as it is written: an escape would be another text.
            Kind::OpCharacter if matches!(subject.as_str(), "\\" | "'" | "\"") => {
                write!(f, "{summary}: `{subject}`")?;
            }
            Kind::OpCharacter => write!(f, "{summary}: `{}`", subject.escape_debug())?,
            Kind::OpQuery => write!(f, "{summary}: `{subject}`")?,
            _ => f.write_str(summary)?,
        }
        if !placeholder.is_empty() {
            write!(f, " for placeholder {placeholder}")?;
        }
        Ok(())
    }
}

impl std::error::Error for PlaceholderError {}

/// What is wrong, found where the rest of the placeholder is not in sight.
#[derive(Debug)]
pub(crate) struct Mistake {
    pub(crate) kind: Kind,
    span: Span,
    subject: String,
    hint: Option<String>,
}

impl Mistake {
    pub(crate) fn at(kind: Kind, piece: Piece<'_>) -> Self {
        Mistake {
            kind,
            span: piece.span(),
            subject: String::new(),
            hint: None,
        }
    }

    pub(crate) fn about(mut self, subject: &str) -> Self {
        subject.clone_into(&mut self.subject);
        self
    }

    /// Says what to do, where the kind alone does not tell.
    pub(crate) fn with_hint(mut self, hint: String) -> Self {
        self.hint = Some(hint);
        self
    }

    /// The error about the placeholder with this head.
    pub(crate) fn of(self, placeholder: &str, survives: bool) -> PlaceholderError {
        PlaceholderError {
            placeholder: placeholder.to_owned(),
            subject: self.subject,
            hint: self.hint,
            survives,
            ..PlaceholderError::new(self.kind, self.span)
        }
    }
}
