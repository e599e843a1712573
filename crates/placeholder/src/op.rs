//! 1Password's secret references.

use crate::Span;
use crate::backend::split_backend;
use crate::error::{Mistake, PlaceholderErrorKind as Kind};
use crate::grammar::SCHEME;
use crate::piece::{Part, Piece};

/// A 1Password reference: `op://vault/item/[section/]field[?attribute=otp]`.
///
/// Its segments hold ASCII letters, digits, blanks, `-`, `_` and `.`, as 1Password's own parser
/// demands; a name with other characters is written by its id.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct OpReference {
    /// Where the whole reference stands.
    pub span: Span,
    /// The backend to read from, of `op://name!vault/…`.
    pub backend: Option<Part>,
    /// The vault's name or id.
    pub vault: Part,
    /// The item's title or id.
    pub item: Part,
    /// The section's label or id.
    pub section: Option<Part>,
    /// The label or id of a field, or the name of a file.
    pub field: Part,
    /// What of the field is wanted, if not its value.
    pub query: Option<OpQuery>,
}

/// What of a field is wanted.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum OpQuery {
    /// `attribute=otp`: the one-time code.
    Otp,
    /// `attribute=totp`: the one-time code.
    Totp,
    /// `ssh-format=openssh`: the private key as OpenSSH writes it.
    OpenSsh,
    /// `attribute=value`: the value.
    Value,
    /// `attribute=type`: the type of the field.
    Type,
    /// `attribute=id`: the id of the field.
    Id,
    /// `attribute=title`: the label of the field.
    Title,
    /// `attribute=purpose`: what the field is for.
    Purpose,
}

const QUERIES: [(&str, OpQuery); 8] = [
    ("attribute=otp", OpQuery::Otp),
    ("attribute=totp", OpQuery::Totp),
    ("ssh-format=openssh", OpQuery::OpenSsh),
    ("attribute=value", OpQuery::Value),
    ("attribute=type", OpQuery::Type),
    ("attribute=id", OpQuery::Id),
    ("attribute=title", OpQuery::Title),
    ("attribute=purpose", OpQuery::Purpose),
];

impl OpQuery {
    /// The spelling behind the `?`.
    pub fn as_str(self) -> &'static str {
        QUERIES
            .iter()
            .find(|(_, query)| *query == self)
            .map_or("", |(text, _)| text)
    }
}

impl OpReference {
    /// The item, `op://vault/item`, which the backend takes as a path.
    pub fn path(&self) -> String {
        format!("{SCHEME}{}/{}", self.vault.text, self.item.text)
    }

    /// What to read of the item, `[section/]field[?attribute=…]`.
    ///
    /// ```
    /// use manifill_placeholder::{Grammar, Reference, parse};
    ///
    /// let text = "<op://Prod/Db/admin/code?attribute=otp>";
    /// let placeholder = parse(text, Grammar::default())?;
    /// let Reference::Op(reference) = &placeholder.alternatives[0] else { panic!() };
    /// assert_eq!(reference.path(), "op://Prod/Db");
    /// assert_eq!(reference.key(), "admin/code?attribute=otp");
    /// # Ok::<(), manifill_placeholder::PlaceholderError>(())
    /// ```
    pub fn key(&self) -> String {
        let mut key = String::new();
        if let Some(section) = &self.section {
            key.push_str(&section.text);
            key.push('/');
        }
        key.push_str(&self.field.text);
        if let Some(query) = self.query {
            key.push('?');
            key.push_str(query.as_str());
        }
        key
    }

    /// Reads a reference; the piece begins with `op://` and has no white space at its ends.
    pub(crate) fn parse(piece: Piece<'_>) -> Result<Self, Mistake> {
        let rest = piece.after(SCHEME.len());
        let (names, query) = match rest.split_once('?') {
            Some((names, query)) => (names, Some(query)),
            None => (rest, None),
        };
        let (backend, names) = match split_backend(names.text) {
            (Some(name), _) => {
                let (name, mark) = names.split_at(name.len());
                (Some(name.part()), mark.after(1))
            }
            (None, _) => (None, names),
        };
        if let Some((at, odd)) = names.text.char_indices().find(|(_, c)| !is_allowed(*c)) {
            let odd = names.after(at).split_at(odd.len_utf8()).0;
            return Err(Mistake::at(Kind::OpCharacter, odd).about(odd.text));
        }
        let segments: Vec<Piece<'_>> = names.split('/').map(Piece::trim).collect();
        if let Some(empty) = segments.iter().find(|segment| segment.is_empty()) {
            return Err(Mistake::at(Kind::OpSegments, *empty));
        }
        let (vault, item, section, field) = match segments.as_slice() {
            [vault, item, field] => (vault, item, None, field),
            [vault, item, section, field] => (vault, item, Some(section), field),
            _ => return Err(Mistake::at(Kind::OpSegments, piece)),
        };
        Ok(OpReference {
            span: piece.span(),
            backend,
            vault: vault.part(),
            item: item.part(),
            section: section.map(|section| section.part()),
            field: field.part(),
            query: query.map(parse_query).transpose()?,
        })
    }

    pub(crate) fn move_parts(&mut self, place: &dyn Fn(&Span) -> Span) {
        self.span = place(&self.span);
        let parts = [&mut self.vault, &mut self.item, &mut self.field];
        for part in parts
            .into_iter()
            .chain(&mut self.backend)
            .chain(&mut self.section)
        {
            part.span = place(&part.span);
        }
    }
}

fn is_allowed(c: char) -> bool {
    c.is_ascii_alphanumeric() || matches!(c, '-' | '_' | '.' | ' ' | '/')
}

fn parse_query(query: Piece<'_>) -> Result<OpQuery, Mistake> {
    let known = QUERIES.iter().find(|(text, _)| *text == query.text);
    known
        .map(|(_, query)| *query)
        .ok_or_else(|| Mistake::at(Kind::OpQuery, query).about(query.text))
}
