//! Placeholders in a plan. A run can have very many of them, so what most of them lack is kept
//! elsewhere.

use manifill_manifest::Span;
use manifill_placeholder::{Modifier, escaped::Escape};
use smallvec::SmallVec;

use super::planned_reads::KeyRef;

/// The placeholders of a scalar: nearly always one, which then needs no list.
pub(crate) type PlannedPlaceholders = SmallVec<[PlannedPlaceholder; 1]>;

/// A placeholder: the part of a text that a value will take the place of.
#[derive(Debug)]
pub(crate) struct PlannedPlaceholder {
    start: u32,
    end: u32,
    first: KeyRef,
    extras: Option<Box<Extras>>,
}

const _: () = assert!(size_of::<PlannedPlaceholder>() <= 24);

/// What few placeholders have.
#[derive(Debug, Default)]
struct Extras {
    others: Vec<KeyRef>,
    modifiers: Vec<Modifier>,
    escape: Option<Escape>,
    /// See [`PlannedPlaceholder::layers`].
    layers: Vec<Span>,
}

impl PlannedPlaceholder {
    /// A placeholder with its alternatives, the first to be tried first; `None` without any.
    pub(crate) fn new(
        range: Span,
        wanted: impl IntoIterator<Item = KeyRef>,
        modifiers: Vec<Modifier>,
        escape: Option<Escape>,
    ) -> Option<Self> {
        let mut wanted = wanted.into_iter();
        let first = wanted.next()?;
        let others: Vec<KeyRef> = wanted.collect();
        // What lies beyond 4 GiB of a text is refused when it is filled.
        let small = |at: usize| u32::try_from(at).unwrap_or(u32::MAX);
        let plain = others.is_empty() && modifiers.is_empty() && escape.is_none();
        Some(PlannedPlaceholder {
            start: small(range.start),
            end: small(range.end),
            first,
            extras: (!plain).then(|| {
                Box::new(Extras {
                    others,
                    modifiers,
                    escape,
                    layers: Vec::new(),
                })
            }),
        })
    }

    /// Says in which JSON strings of base64 it stands.
    pub(crate) fn within(mut self, layers: &[Span]) -> Self {
        if !layers.is_empty() {
            self.extras.get_or_insert_default().layers = layers.to_vec();
        }
        self
    }

    /// The JSON strings of base64 that it stands in, the outermost first: each by its bytes in the
    /// text that the one before it holds.
    pub(crate) fn layers(&self) -> &[Span] {
        self.extras.as_ref().map_or(&[], |extras| &extras.layers)
    }

    /// Its bytes in the text that is `depth` layers deep, or those of the string it stands in there.
    pub(crate) fn range_at(&self, depth: usize) -> Span {
        self.layers().get(depth).cloned().unwrap_or(self.range())
    }

    /// Its bytes in the text.
    pub(crate) fn range(&self) -> Span {
        self.start as usize..self.end as usize
    }

    /// The alternatives, the first to be tried first.
    pub(crate) fn wanted(&self) -> impl Iterator<Item = &KeyRef> {
        let others = self
            .extras
            .as_ref()
            .map_or(&[][..], |extras| &extras.others);
        std::iter::once(&self.first).chain(others)
    }

    pub(crate) fn wanted_mut(&mut self) -> impl Iterator<Item = &mut KeyRef> {
        let others = self.extras.as_mut().map(|extras| &mut extras.others);
        std::iter::once(&mut self.first).chain(others.into_iter().flatten())
    }

    pub(crate) fn modifiers(&self) -> &[Modifier] {
        self.extras.as_ref().map_or(&[], |extras| &extras.modifiers)
    }

    pub(crate) fn escape(&self) -> Option<&Escape> {
        self.extras.as_ref()?.escape.as_ref()
    }
}
