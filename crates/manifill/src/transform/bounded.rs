//! What a value may grow to.

use manifill_vault::{Exposed, SecretValue};

use super::TransformErrorKind;

/// The most that a value may hold after a modifier (rule R11): more than ten times what a cluster
/// stores in one object.
pub(super) const MAX_VALUE: usize = 16 << 20;

/// Escapes make a text up to six times as long, so it is written in pieces of this size.
const PIECE: usize = 4096;

/// Refuses a size that no value may have. To be asked before the memory for it is.
pub(super) fn fits(size: usize) -> Result<(), TransformErrorKind> {
    if size > MAX_VALUE {
        Err(TransformErrorKind::TooLarge)
    } else {
        Ok(())
    }
}

/// How much a value holds: its texts, and a byte for each node.
pub(super) fn size(value: Exposed<'_>) -> usize {
    match value {
        Exposed::Null | Exposed::Bool(_) => 1,
        Exposed::Text(text) | Exposed::Number(text) => text.len(),
        Exposed::Bytes(bytes) => bytes.len(),
        Exposed::List(items) => 1 + items.iter().map(inner).sum::<usize>(),
        Exposed::Map(entries) => {
            let entry = |(key, item): &(String, SecretValue)| key.len() + inner(item);
            1 + entries.iter().map(entry).sum::<usize>()
        }
    }
}

fn inner(value: &SecretValue) -> usize {
    1 + size(value.expose())
}

/// A text that is written up to a limit.
pub(super) struct Bounded {
    text: String,
    limit: usize,
}

impl Bounded {
    /// As much as a value may hold.
    pub(super) fn value() -> Self {
        Bounded {
            text: String::new(),
            limit: MAX_VALUE,
        }
    }

    /// For what is no value any more.
    pub(super) fn unlimited() -> Self {
        Bounded {
            text: String::new(),
            limit: usize::MAX,
        }
    }

    pub(super) fn push(&mut self, text: &str) -> Result<(), TransformErrorKind> {
        self.room(text.len())?;
        self.text.push_str(text);
        Ok(())
    }

    /// Appends blanks.
    pub(super) fn pad(&mut self, blanks: usize) -> Result<(), TransformErrorKind> {
        self.room(blanks)?;
        self.text.extend(std::iter::repeat_n(' ', blanks));
        Ok(())
    }

    /// Appends a text as `write` spells it, character by character.
    pub(super) fn spell(
        &mut self,
        text: &str,
        write: fn(&mut String, &str),
    ) -> Result<(), TransformErrorKind> {
        let mut rest = text;
        while !rest.is_empty() {
            let end = (PIECE..rest.len()).find(|at| rest.is_char_boundary(*at));
            let (piece, after) = rest.split_at(end.unwrap_or(rest.len()));
            write(&mut self.text, piece);
            self.room(0)?;
            rest = after;
        }
        Ok(())
    }

    pub(super) fn finish(self) -> String {
        self.text
    }

    fn room(&self, more: usize) -> Result<(), TransformErrorKind> {
        if self.text.len().saturating_add(more) > self.limit {
            Err(TransformErrorKind::TooLarge)
        } else {
            Ok(())
        }
    }
}
