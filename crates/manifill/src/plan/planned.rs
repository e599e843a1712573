//! What a plan holds of the documents: their fields and what each of them is for.

use manifill_manifest::ScalarIndex;
use smallvec::SmallVec;

use super::index::Index;
use super::planned_placeholder::PlannedPlaceholders;
use super::target::Target;

/// A document that has something to fill, or that is left out. A run can have very many of them.
#[derive(Debug)]
pub(crate) struct PlannedDocument {
    pub(crate) input: usize,
    pub(crate) index: Index,
    /// Nearly always one or two; none in a document that is left out of the result.
    pub(crate) fields: SmallVec<[PlannedField; 1]>,
}

impl PlannedDocument {
    /// A document that is no manifest and does not come out.
    pub(crate) fn left_out(input: usize, index: ScalarIndex) -> Self {
        PlannedDocument {
            input,
            index: Index::Document(index),
            fields: SmallVec::new(),
        }
    }

    pub(crate) fn is_left_out(&self) -> bool {
        self.fields.is_empty()
    }
}

/// A scalar with placeholders.
#[derive(Debug)]
pub(crate) struct PlannedField {
    pub(crate) scalar: u32,
    pub(crate) target: Target,
    /// Whether the placeholders are in what the scalar's base64 holds (AVP rule 19), not in its
    /// own text.
    pub(crate) base64: bool,
    pub(crate) annotated: bool,
    /// Whether a missing key takes the entry out (AVP rule 23).
    pub(crate) remove_missing: bool,
    pub(crate) placeholders: PlannedPlaceholders,
}

const _: () = assert!(size_of::<PlannedField>() <= 40 && size_of::<PlannedDocument>() <= 136);

/// What is shown of a placeholder whose text may be a secret.
pub(crate) const HIDDEN: &str = "‹…›";

/// A placeholder's label as it may be shown: what base64 holds may be a secret already, unless it
/// is plainly a reference (rule R9).
pub(crate) fn shown(label: String, decoded: bool) -> String {
    let plain = label.starts_with("path:") || label.starts_with("op://");
    if decoded && !plain {
        HIDDEN.to_owned()
    } else {
        label
    }
}
