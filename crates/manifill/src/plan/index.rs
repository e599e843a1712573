//! The values of a planned text: of a document in YAML, or of a text of another kind.

#[cfg(feature = "fill")]
use crate::formats::{Slots, Style};
use manifill_manifest::{Removable, Room, ScalarIndex, Span};

/// Where the values of a text stand, by their numbers.
#[derive(Debug)]
pub(crate) enum Index {
    /// The scalars of a document.
    Document(ScalarIndex),
    /// The values of a text that is no YAML.
    #[cfg(feature = "fill")]
    Text(Box<Slots>),
}

impl Index {
    /// The bytes of the text in its source.
    pub(crate) fn span(&self) -> Span {
        match self {
            Index::Document(index) => index.span(),
            #[cfg(feature = "fill")]
            Index::Text(slots) => slots.span(),
        }
    }

    /// What a value reads as.
    pub(crate) fn value<'a>(&'a self, source: &'a str, number: usize) -> Option<&'a str> {
        match self {
            Index::Document(index) => index.scalar(source, number).map(|scalar| scalar.value),
            #[cfg(feature = "fill")]
            Index::Text(slots) => slots.text(number),
        }
    }

    /// The first byte of a value.
    pub(crate) fn start(&self, source: &str, number: usize) -> Option<usize> {
        match self {
            Index::Document(index) => index.scalar(source, number).map(|scalar| scalar.span.start),
            #[cfg(feature = "fill")]
            Index::Text(slots) => slots.start(number),
        }
    }

    /// The type that a tag before a value asks for.
    pub(crate) fn tagged_type(&self, source: &str, number: usize) -> Option<&'static str> {
        match self {
            Index::Document(index) => index.scalar(source, number)?.tagged_type(),
            #[cfg(feature = "fill")]
            Index::Text(_) => None,
        }
    }

    /// Whether the entry of a value can be taken out.
    pub(crate) fn is_removable(&self, source: &str, number: usize) -> bool {
        match self {
            Index::Document(index) => index
                .scalar(source, number)
                .is_some_and(|scalar| scalar.removable == Removable::MapValue),
            #[cfg(feature = "fill")]
            Index::Text(_) => false,
        }
    }

    /// Whether a value belongs to the object of this number in its document.
    pub(crate) fn is_in_resource(&self, source: &str, number: usize, resource: usize) -> bool {
        match self {
            Index::Document(index) => index
                .scalar(source, number)
                .is_some_and(|scalar| scalar.resource == resource),
            #[cfg(feature = "fill")]
            Index::Text(_) => false,
        }
    }

    /// What texts take in the place of a value.
    pub(crate) fn space(&self, source: &str, number: usize) -> Space {
        match self {
            Index::Document(index) => Space::Document(index.room(source, number)),
            #[cfg(feature = "fill")]
            Index::Text(slots) => Space::Text(slots.style(number)),
        }
    }

    /// The bytes of the source at which these bytes of a value begin.
    pub(crate) fn locate_all(&self, source: &str, number: usize, offsets: &[usize]) -> Vec<usize> {
        match self {
            Index::Document(index) => index.locate_all(source, number, offsets),
            #[cfg(feature = "fill")]
            Index::Text(slots) => slots.locate_all(number, offsets),
        }
    }
}

/// What texts take where they are put, see [`Room`].
#[derive(Clone, Copy, Debug)]
pub(crate) enum Space {
    Document(Room),
    #[cfg(feature = "fill")]
    Text(Style),
}

impl Space {
    /// The bytes that a text takes at most.
    pub(crate) fn taken_by(self, text: &str) -> usize {
        match self {
            Space::Document(room) => room.taken_by(text),
            #[cfg(feature = "fill")]
            Space::Text(style) => style.taken_by(text),
        }
    }
}
