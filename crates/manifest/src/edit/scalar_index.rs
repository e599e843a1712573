//! What editing a document needs.

use crate::Span;
use crate::edit::editor::Editor;
use crate::edit::room::Room;
use crate::read::fingerprint::Fingerprint;
use crate::read::raw;
use crate::read::scalar::{Scalar, Scalars};

/// A document as far as editing needs it: its scalars, without its objects and field paths.
///
/// A caller may keep very many of them; one with a single scalar takes less than 100 bytes.
#[derive(Debug, Clone)]
pub struct ScalarIndex {
    pub(crate) start: usize,
    pub(crate) length: u32,
    pub(crate) fingerprint: Fingerprint,
    pub(crate) scalars: Scalars,
}

impl ScalarIndex {
    /// The bytes of the document in its source.
    pub fn span(&self) -> Span {
        self.start..self.start + self.length as usize
    }

    /// A scalar by its number in [`Document::scalars`](crate::Document::scalars).
    pub fn scalar<'a>(&'a self, source: &'a str, number: usize) -> Option<Scalar<'a>> {
        self.scalars.get(number, source, self.start)
    }

    /// See [`Document::locate_all`](crate::Document::locate_all).
    pub fn locate_all(&self, source: &str, scalar: usize, offsets: &[usize]) -> Vec<usize> {
        match self.scalar(source, scalar) {
            Some(scalar) => raw::locate(source, &scalar, offsets),
            None => vec![self.start; offsets.len()],
        }
    }

    /// What texts take in the place of a scalar, to be asked before they are put there.
    pub fn room(&self, source: &str, scalar: usize) -> Room {
        Room::of(source, self.scalar(source, scalar).as_ref())
    }

    /// Begins to edit the document; its new text is appended to `text`.
    ///
    /// ```
    /// use manifill_manifest::{Replacement, Document, TextEdits, ParseOptions};
    ///
    /// let source = "kind: A\na: <x>\nb: <y>\n";
    /// let options = ParseOptions::default();
    /// let keep = |_: &_, value: &str| value.contains('<');
    /// let draft = Document::parse(source, 0..source.len(), &options, keep)?.into_index();
    ///
    /// let mut editor = draft.edit(source, "---\n".to_owned());
    /// let mut fills = TextEdits::new();
    /// fills.push(0..3, "1");
    /// editor.change(0, &Replacement::Text(fills))?;
    /// editor.change(1, &Replacement::Json("2".to_owned()))?;
    /// assert_eq!(editor.finish()?, "---\nkind: A\na: \"1\"\nb: 2\n");
    /// # Ok::<(), manifill_manifest::ManifestError>(())
    /// ```
    pub fn edit<'d>(&'d self, source: &'d str, text: String) -> Editor<'d> {
        Editor::new(self, source, text)
    }
}
