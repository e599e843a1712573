//! What a placeholder says.

use crate::Span;
use crate::modifier::{Modifier, ModifierKind};
use crate::op::OpReference;
use crate::piece::Part;

/// A placeholder, and where its parts stand in the scanned text.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Placeholder {
    /// What a value takes the place of: the brackets and all between them.
    pub span: Span,
    /// What to read: the first that is there. Never empty.
    pub alternatives: Vec<Reference>,
    /// What to do with the value, in this order.
    pub modifiers: Vec<Modifier>,
    /// The spelling without what `default` says; it is kept since the text is not.
    pub(crate) label: String,
    /// How much of the label stands before the modifiers.
    pub(crate) head: usize,
}

/// One thing to read.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Reference {
    /// `path:PATH#KEY#VERSION`: a key at a path of its own.
    Path {
        /// The path, as a backend understands it.
        path: Part,
        /// The key in the secret.
        key: Part,
        /// The version of the secret, if one is asked for.
        version: Option<Part>,
    },
    /// A key at the path of the resource's annotation.
    Key {
        /// The key in the secret.
        key: Part,
    },
    /// A 1Password reference, `op://vault/item/field`.
    Op(OpReference),
}

impl Reference {
    /// The byte where it begins.
    pub fn start(&self) -> usize {
        match self {
            Reference::Path { path, .. } => path.span.start,
            Reference::Key { key } => key.span.start,
            Reference::Op(reference) => reference.span.start,
        }
    }

    /// Where the reference stands, from its path or key to its last part.
    pub fn span(&self) -> Span {
        match self {
            Reference::Path { path, key, version } => {
                path.span.start..version.as_ref().unwrap_or(key).span.end
            }
            Reference::Key { key } => key.span.clone(),
            Reference::Op(reference) => reference.span.clone(),
        }
    }
}

impl Placeholder {
    /// The spelling between the brackets, for messages: the argument of `default` is shown as `…`.
    ///
    /// ```
    /// use manifill_placeholder::{Grammar, parse};
    ///
    /// let placeholder = parse(r#"<path:db#user | default "guest" | trim>"#, Grammar::default())?;
    /// assert_eq!(placeholder.label(), "path:db#user | default … | trim");
    /// # Ok::<(), manifill_placeholder::PlaceholderError>(())
    /// ```
    pub fn label(&self) -> String {
        self.label.clone()
    }

    /// The spelling without its modifiers, as AVP names a placeholder in messages (AVP rules 25
    /// and 26).
    ///
    /// ```
    /// use manifill_placeholder::{Grammar, parse};
    ///
    /// let placeholder = parse("<path:db#user | trim>", Grammar::default())?;
    /// assert_eq!(placeholder.head(), "path:db#user");
    /// # Ok::<(), manifill_placeholder::PlaceholderError>(())
    /// ```
    pub fn head(&self) -> &str {
        self.label.get(..self.head).unwrap_or(&self.label)
    }

    /// The text that takes the place of a missing value, if the placeholder has one.
    pub fn default(&self) -> Option<&str> {
        self.modifiers
            .iter()
            .find_map(|modifier| match &modifier.kind {
                ModifierKind::Default(text) => Some(text.as_str()),
                _ => None,
            })
    }

    /// Moves every part, but not the placeholder's own span, which the caller knows better.
    pub(crate) fn move_parts(&mut self, place: &dyn Fn(&Span) -> Span) {
        for reference in &mut self.alternatives {
            match reference {
                Reference::Path { path, key, version } => {
                    for part in [path, key].into_iter().chain(version) {
                        part.span = place(&part.span);
                    }
                }
                Reference::Key { key } => key.span = place(&key.span),
                Reference::Op(reference) => reference.move_parts(place),
            }
        }
        for modifier in &mut self.modifiers {
            modifier.span = place(&modifier.span);
        }
    }
}
