//! Where the scalars of a planned document are, for reports.

use std::cell::OnceCell;

use manifill_manifest::{Document, Resource, Step};

use super::directives::name_of;
use super::document;
use super::index::Index;
use super::planned::PlannedDocument;
use crate::input::Options;

/// The objects and field paths of a planned document.
///
/// A plan does not keep them, since a run of many documents would have little else in its memory.
/// Whoever reports something reads the document again.
pub(crate) struct Locator<'p> {
    source: &'p str,
    options: Options,
    planned: &'p PlannedDocument,
    document: OnceCell<Option<Document>>,
}

impl<'p> Locator<'p> {
    pub(crate) fn new(source: &'p str, options: Options, planned: &'p PlannedDocument) -> Self {
        Locator {
            source,
            options,
            planned,
            document: OnceCell::new(),
        }
    }

    /// The document as it was planned, with the same scalars; a text that is no YAML has none.
    fn document(&self) -> Option<&Document> {
        if !matches!(self.planned.index, Index::Document(_)) {
            return None;
        }
        let read = || {
            let span = self.planned.index.span();
            let read = |objects| document::read(self.source, span.clone(), self.options, objects);
            read(true).or_else(|_| read(false)).ok()
        };
        self.document.get_or_init(read).as_ref()
    }

    /// The object that a scalar belongs to.
    pub(crate) fn object(&self, scalar: usize) -> Option<&Resource> {
        let document = self.document()?;
        let scalar = document.scalar(self.source, scalar)?;
        document.resources().get(scalar.resource)
    }

    /// The name of the object that a scalar belongs to.
    pub(crate) fn resource(&self, scalar: usize) -> Option<String> {
        self.object(scalar).map(name_of)
    }

    /// The kind of the object that a scalar belongs to, and the steps from there to the scalar.
    pub(crate) fn steps(&self, scalar: usize) -> Option<(&str, Vec<Step<'_>>)> {
        let (document, object) = (self.document()?, self.object(scalar)?);
        let mut steps: Vec<Step<'_>> = document.steps(self.source, scalar).collect();
        steps.reverse();
        Some((object.kind.as_str(), steps))
    }

    /// The path of a scalar.
    pub(crate) fn field(&self, scalar: usize) -> Option<String> {
        #[cfg(feature = "fill")]
        if let Index::Text(slots) = &self.planned.index {
            return slots.field(scalar).map(str::to_owned);
        }
        Some(self.document()?.field_path(self.source, scalar))
    }
}
