//! What a look at manifests has seen, without a value.

use manifill_vault::{Exposed, SecretValue};

use crate::diagnostic::Diagnostic;
use crate::rendered::{Rendered, Stats};
use crate::transform;

/// How far a look goes.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
#[non_exhaustive]
pub enum Depth {
    /// Grammar, modifiers, paths, policy and annotations, without a request and without a login.
    Offline,
    /// Also whether every secret and every key is there.
    #[default]
    Exists,
    /// Also whether every modifier runs and every value fits where it goes.
    Readable,
}

impl Depth {
    /// A stable word for reports, such as `exists`.
    pub fn as_str(self) -> &'static str {
        match self {
            Depth::Offline => "offline",
            Depth::Exists => "exists",
            Depth::Readable => "readable",
        }
    }
}

/// What [`Renderer::inspect`](crate::Renderer::inspect) has seen. `Debug` shows no value.
#[derive(Debug, Default)]
#[must_use]
pub struct Inspection<'i> {
    pub(crate) keys: Vec<KeyReport>,
    pub(crate) rendered: Option<Rendered<'i>>,
    pub(crate) warnings: Vec<Diagnostic>,
    pub(crate) notes: Vec<String>,
    pub(crate) stats: Stats,
}

impl<'i> Inspection<'i> {
    /// The keys that are wanted, sorted by backend, path and name; none if nothing was read.
    pub fn keys(&self) -> &[KeyReport] {
        &self.keys
    }

    /// The filled texts, of [`Depth::Readable`]. They hold secrets.
    pub fn rendered(&self) -> Option<&Rendered<'i>> {
        self.rendered.as_ref()
    }

    /// What is remarkable but no error.
    pub fn warnings(&self) -> &[Diagnostic] {
        &self.warnings
    }

    /// Remarks for the user, names only.
    pub fn notes(&self) -> &[String] {
        &self.notes
    }

    /// What the manifests hold and what the look cost.
    pub fn stats(&self) -> Stats {
        self.stats
    }
}

/// A key that is wanted, and what is there.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
#[non_exhaustive]
pub struct KeyReport {
    /// The backend's name.
    pub backend: String,
    /// The path, in the backend's plain spelling.
    pub path: String,
    /// The version, where one is asked for.
    pub version: Option<String>,
    /// The key; `‹…›` for one that only base64 names.
    pub key: String,
    /// What is there; `None` where a default, another placeholder or nothing takes its place.
    pub found: Option<FoundValue>,
}

/// What may be told of a value.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
#[non_exhaustive]
pub struct FoundValue {
    /// `text`, `bytes`, `number`, `bool`, `list` or `map`.
    pub type_name: &'static str,
    /// About how large it is.
    pub size: SizeClass,
}

impl FoundValue {
    pub(crate) fn of(value: &SecretValue) -> Self {
        let exposed = value.expose();
        let bytes = match exposed {
            Exposed::Bytes(bytes) => bytes.len(),
            _ => transform::text_of(value).map_or(0, |text| text.len()),
        };
        FoundValue {
            type_name: exposed.type_name(),
            size: SizeClass::of(bytes),
        }
    }
}

/// About how large a value is: wide enough that it does not help to guess the value.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
#[non_exhaustive]
pub enum SizeClass {
    /// Nothing at all.
    Empty,
    /// Up to 16 bytes.
    Tiny,
    /// Up to 256 bytes.
    Small,
    /// Up to 4 KiB.
    Medium,
    /// Up to 64 KiB.
    Large,
    /// More than that.
    Huge,
}

impl SizeClass {
    fn of(bytes: usize) -> Self {
        match bytes {
            0 => SizeClass::Empty,
            1..=16 => SizeClass::Tiny,
            17..=256 => SizeClass::Small,
            257..=4096 => SizeClass::Medium,
            4097..=65536 => SizeClass::Large,
            _ => SizeClass::Huge,
        }
    }

    /// The class in words, such as `17 to 256 bytes`.
    pub fn as_str(self) -> &'static str {
        match self {
            SizeClass::Empty => "empty",
            SizeClass::Tiny => "1 to 16 bytes",
            SizeClass::Small => "17 to 256 bytes",
            SizeClass::Medium => "up to 4 KiB",
            SizeClass::Large => "up to 64 KiB",
            SizeClass::Huge => "more than 64 KiB",
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sizes_are_told_in_wide_classes() {
        let class = |bytes| SizeClass::of(bytes).as_str();
        for (bytes, words) in [
            (0, "empty"),
            (1, "1 to 16 bytes"),
            (16, "1 to 16 bytes"),
            (17, "17 to 256 bytes"),
            (256, "17 to 256 bytes"),
            (257, "up to 4 KiB"),
            (4097, "up to 64 KiB"),
            (65537, "more than 64 KiB"),
        ] {
            assert_eq!(class(bytes), words, "{bytes}");
        }
    }

    #[test]
    fn a_value_is_told_by_its_type_and_class_alone() {
        let found = FoundValue::of(&SecretValue::bytes([0xff; 40]));
        assert_eq!((found.type_name, found.size), ("bytes", SizeClass::Small));
        let found = FoundValue::of(&SecretValue::text(""));
        assert_eq!((found.type_name, found.size), ("text", SizeClass::Empty));
    }
}
