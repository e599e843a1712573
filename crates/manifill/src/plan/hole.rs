//! Placeholders in a plan. A run can have very many of them, so what most of them lack is kept
//! elsewhere.

use manifill_manifest::Span;
use manifill_placeholder::{Modifier, escaped::Escape};
use smallvec::SmallVec;

use super::Wanted;

/// The placeholders of a scalar: nearly always one, which then needs no list.
pub(crate) type Holes = SmallVec<[Hole; 1]>;

/// A placeholder: the part of a text that a value will take the place of.
#[derive(Debug)]
pub(crate) struct Hole {
    start: u32,
    end: u32,
    first: Wanted,
    more: Option<Box<More>>,
}

const _: () = assert!(size_of::<Hole>() <= 24);

/// What few placeholders have.
#[derive(Debug)]
struct More {
    others: Vec<Wanted>,
    modifiers: Vec<Modifier>,
    escape: Option<Escape>,
}

impl Hole {
    /// A placeholder with its alternatives, the first to be tried first; `None` without any.
    pub(crate) fn new(
        range: Span,
        wanted: impl IntoIterator<Item = Wanted>,
        modifiers: Vec<Modifier>,
        escape: Option<Escape>,
    ) -> Option<Self> {
        let mut wanted = wanted.into_iter();
        let first = wanted.next()?;
        let others: Vec<Wanted> = wanted.collect();
        // What lies beyond 4 GiB of a text is refused when it is filled.
        let small = |at: usize| u32::try_from(at).unwrap_or(u32::MAX);
        let plain = others.is_empty() && modifiers.is_empty() && escape.is_none();
        Some(Hole {
            start: small(range.start),
            end: small(range.end),
            first,
            more: (!plain).then(|| {
                Box::new(More {
                    others,
                    modifiers,
                    escape,
                })
            }),
        })
    }

    /// Its bytes in the text.
    pub(crate) fn range(&self) -> Span {
        self.start as usize..self.end as usize
    }

    /// The alternatives, the first to be tried first.
    pub(crate) fn wanted(&self) -> impl Iterator<Item = &Wanted> {
        let others = self.more.as_ref().map_or(&[][..], |more| &more.others);
        std::iter::once(&self.first).chain(others)
    }

    pub(crate) fn wanted_mut(&mut self) -> impl Iterator<Item = &mut Wanted> {
        let others = self.more.as_mut().map(|more| &mut more.others);
        std::iter::once(&mut self.first).chain(others.into_iter().flatten())
    }

    pub(crate) fn modifiers(&self) -> &[Modifier] {
        self.more.as_ref().map_or(&[], |more| &more.modifiers)
    }

    pub(crate) fn escape(&self) -> Option<&Escape> {
        self.more.as_ref()?.escape.as_ref()
    }
}
