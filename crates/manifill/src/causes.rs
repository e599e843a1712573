//! One cause is told once, at its first place, with its other places (rule R12).

use std::collections::BTreeMap;

use crate::finding::{Cause, PendingDiagnostic, PendingPlace};

/// How many causes are kept, and how many further places of all of them together: more than
/// anybody reads. A run can have millions of either.
const CAUSES: usize = 1000;
const PLACES: usize = 10_000;

/// The errors of a run or of a part of it that have a cause.
#[derive(Debug, Default)]
pub(crate) struct Causes {
    found: BTreeMap<Cause, Caused>,
    further: Vec<(Cause, PendingPlace)>,
    /// How many errors there were beside those that are kept.
    left_off: usize,
}

/// An error at the first of its places.
#[derive(Debug)]
struct Caused {
    first: PendingDiagnostic,
    /// How many places it has beside the first and those that are kept.
    left_off: usize,
}

impl Causes {
    pub(crate) fn is_empty(&self) -> bool {
        self.found.is_empty()
    }

    pub(crate) fn push(&mut self, cause: Cause, finding: PendingDiagnostic) {
        let place = match self.found.get_mut(&cause) {
            None => {
                self.found.insert(cause, Caused::new(finding));
                if self.found.len() == 2 * CAUSES {
                    self.cut();
                }
                return;
            }
            Some(told) => match told.add(finding) {
                Some(place) => place,
                None => return,
            },
        };
        self.further.push((cause, place));
        if self.further.len() == 2 * PLACES {
            self.cut_places();
        }
    }

    /// Adds those of another part of the run.
    pub(crate) fn append(&mut self, other: Causes) {
        self.left_off += other.left_off;
        for (cause, caused) in other.found {
            let left_off = caused.left_off;
            self.push(cause.clone(), caused.first);
            if let Some(told) = self.found.get_mut(&cause) {
                told.left_off += left_off;
            }
        }
        for (cause, place) in other.further {
            self.further.push((cause, place));
            if self.further.len() == 2 * PLACES {
                self.cut_places();
            }
        }
    }

    /// The offsets of all places.
    pub(crate) fn offsets(&mut self) -> impl Iterator<Item = &mut Option<usize>> {
        let further = self.further.iter_mut().map(|(_, place)| &mut place.offset);
        let first = self.found.values_mut().map(|told| &mut told.first.offset);
        first.chain(further)
    }

    /// Drops repetitions, and keeps the first in the order of the sources.
    pub(crate) fn cut(&mut self) {
        self.cut_places();
        if self.found.len() <= CAUSES {
            return;
        }
        let mut found: Vec<(Cause, Caused)> = std::mem::take(&mut self.found).into_iter().collect();
        found.sort_by(|(_, a), (_, b)| a.first.order().cmp(&b.first.order()));
        self.left_off += found.len() - CAUSES;
        found.truncate(CAUSES);
        self.found = found.into_iter().collect();
        self.further
            .retain(|(cause, _)| self.found.contains_key(cause));
    }

    fn cut_places(&mut self) {
        let order = |(cause, place): &(Cause, PendingPlace)| (place.order(), cause.clone());
        self.further.sort_by_cached_key(order);
        // A text in base64 has all its placeholders at its start.
        self.further.dedup();
        self.further.retain(|(cause, place)| {
            let told = self.found.get(cause);
            told.is_some_and(|told| !told.is_at(place))
        });
        for (cause, _) in self.further.drain(PLACES.min(self.further.len())..) {
            if let Some(told) = self.found.get_mut(&cause) {
                told.left_off += 1;
            }
        }
    }

    /// All of them with their places, and how many others there were.
    pub(crate) fn settle(mut self) -> (Vec<PendingDiagnostic>, usize) {
        self.cut();
        let mut places: BTreeMap<Cause, Vec<PendingPlace>> = BTreeMap::new();
        for (cause, place) in self.further {
            places.entry(cause).or_default().push(place);
        }
        let told = self.found.into_iter().map(|(cause, told)| {
            let further = places.remove(&cause).unwrap_or_default();
            told.first.with_further(further, told.left_off)
        });
        (told.collect(), self.left_off)
    }
}

impl Caused {
    fn new(first: PendingDiagnostic) -> Self {
        Caused { first, left_off: 0 }
    }

    /// Takes one more error of this cause; what is then no longer the first place is given back.
    fn add(&mut self, finding: PendingDiagnostic) -> Option<PendingPlace> {
        let first = &self.first;
        let here = (finding.input, finding.offset) == (first.input, first.offset);
        let field = |finding: &PendingDiagnostic| finding.diagnostic.place.field.is_some();
        // An annotation is judged by itself, too; a field that it is for says more.
        if here && field(first) != field(&finding) {
            if field(&finding) {
                self.first = finding;
            }
            return None;
        }
        let other = if finding.order() < first.order() {
            std::mem::replace(&mut self.first, finding)
        } else {
            finding
        };
        let place = PendingPlace::of(other);
        (!self.is_at(&place)).then_some(place)
    }

    fn is_at(&self, place: &PendingPlace) -> bool {
        let first = &self.first;
        let named = &first.diagnostic.place;
        (first.input, first.offset) == (place.input, place.offset)
            && (&named.resource, &named.field) == (&place.resource, &place.field)
    }
}
