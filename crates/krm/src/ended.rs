//! What has come of a function.

use std::fmt;

use manifill::{Diagnostic, RenderError, Stats};

use crate::items::Items;
use crate::results::Results;

/// What has come of a function.
///
/// `Debug` does not show the list, since it holds secrets by now.
#[must_use]
pub struct Ended {
    text: String,
    notes: Vec<String>,
    stats: Option<Stats>,
    found: Result<Vec<Diagnostic>, RenderError>,
}

impl Ended {
    /// A function that has done what it should, with the new list.
    pub(crate) fn good(
        text: String,
        mut warnings: Vec<Diagnostic>,
        notes: &[String],
        stats: Option<Stats>,
        items: &Items,
    ) -> Self {
        warnings.iter_mut().for_each(|one| items.place_all(one));
        let mut results = Results::default();
        results.add(&warnings, items);
        results.add_notes(notes);
        Ended {
            text: results.put(text),
            notes: notes.to_vec(),
            stats,
            found: Ok(warnings),
        }
    }

    /// A function that has failed, with the list as it was.
    pub(crate) fn bad(text: String, error: RenderError, items: &Items) -> Self {
        let error = error.with_places(|place| items.place(place));
        let mut results = Results::default();
        results.add(error.diagnostics(), items);
        results.add_left_off(&error);
        results.add_notes(error.notes());
        Ended {
            text: results.put(text),
            notes: Vec::new(),
            stats: None,
            found: Err(error),
        }
    }

    /// The list to print, whatever the outcome: with what the function has done if it has done it, else
    /// as it was. What is found is in its `results`.
    pub fn text(&self) -> &str {
        &self.text
    }

    /// What is remarkable.
    ///
    /// # Errors
    /// Why the function has failed; its caller should, too.
    pub fn found(&self) -> Result<&[Diagnostic], &RenderError> {
        self.found.as_ref().map(Vec::as_slice)
    }

    /// Remarks for the user, names only; those about a failure are the error's.
    pub fn notes(&self) -> &[String] {
        &self.notes
    }

    /// What it was made of and what it cost; `None` if nothing was filled.
    pub fn stats(&self) -> Option<Stats> {
        self.stats
    }
}

impl fmt::Debug for Ended {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Ended")
            .field("notes", &self.notes)
            .field("found", &self.found)
            .finish_non_exhaustive()
    }
}
