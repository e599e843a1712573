//! The arguments of `derive`: a label, how much, and in which form.

use std::fmt;

use crate::argument::{Misfit, one_text};
use crate::error::PlaceholderErrorKind as Kind;
use crate::piece::Piece;

/// The most characters, or bytes in base64, that `derive` gives.
pub const MAX_DERIVED: usize = 1024;

/// What a derived secret looks like, and how long it is: from 1 to [`MAX_DERIVED`].
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum DeriveForm {
    /// So many characters of `0-9A-Za-z`.
    Alnum(usize),
    /// So many lower-case hexadecimal digits.
    Hex(usize),
    /// So many bytes, as standard base64 with padding.
    Base64(usize),
    /// A UUID of version 4.
    Uuid,
}

impl DeriveForm {
    /// The word for it in a placeholder, such as `hex`.
    pub fn name(self) -> &'static str {
        match self {
            DeriveForm::Alnum(_) => "alnum",
            DeriveForm::Hex(_) => "hex",
            DeriveForm::Base64(_) => "base64",
            DeriveForm::Uuid => "uuid",
        }
    }

    /// How many characters, or bytes in base64; a UUID has its own length.
    pub fn number(self) -> Option<usize> {
        match self {
            DeriveForm::Alnum(number) | DeriveForm::Hex(number) | DeriveForm::Base64(number) => {
                Some(number)
            }
            DeriveForm::Uuid => None,
        }
    }

    pub(crate) fn is_alnum(self) -> bool {
        matches!(self, DeriveForm::Alnum(_))
    }
}

impl fmt::Display for DeriveForm {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.number() {
            Some(number) if self.is_alnum() => write!(f, "{number}"),
            Some(number) => write!(f, "{number} {}", self.name()),
            None => f.write_str(self.name()),
        }
    }
}

/// `"LABEL" N`, `"LABEL" N FORM` or `"LABEL" uuid`.
pub(crate) fn parse(arguments: Piece<'_>) -> Result<(String, DeriveForm), Misfit<'_>> {
    let (label, rest) = arguments.split_at(label_end(arguments.text));
    // A forgotten label: what stands in its place is one of the others.
    let bare_number = !label.is_empty() && label.text.bytes().all(|byte| byte.is_ascii_digit());
    if label.is_empty() || bare_number || FORMS.contains(&label.text) {
        return Err(hinted(
            label,
            "a label of your choice comes first, in quotes: derive \"LABEL\" 32",
        ));
    }
    let text = one_text(label)?.unwrap_or_default();
    if text.is_empty() {
        return Err(hinted(
            label,
            "the label says what the secret is for and cannot be empty: derive \"LABEL\" 32",
        ));
    }
    if rest.text.starts_with(|c: char| !c.is_whitespace()) {
        return Err(Kind::InvalidParameters.into());
    }
    let (number, rest) = word(rest);
    let (form, rest) = word(rest);
    let form = match (number.text, form.text) {
        ("uuid", "") => DeriveForm::Uuid,
        (_, "uuid") | ("uuid", _) => {
            return Err(hinted(
                form,
                "a UUID has its own length: derive \"LABEL\" uuid",
            ));
        }
        ("", _) => {
            return Err(hinted(
                label,
                "say how many characters, or bytes for base64: derive \"LABEL\" 32",
            ));
        }
        (number_text, name) => {
            let count = count(number_text)
                .ok_or_else(|| hinted(number, "N is a whole number from 1 to 1024"))?;
            match name {
                "" | "alnum" => DeriveForm::Alnum(count),
                "hex" => DeriveForm::Hex(count),
                "base64" => DeriveForm::Base64(count),
                _ => {
                    return Err(hinted(form, "the form is alnum, hex, base64 or uuid"));
                }
            }
        }
    };
    if !rest.is_empty() {
        return Err(hinted(
            rest,
            "nothing follows the form: derive \"LABEL\" N FORM",
        ));
    }
    Ok((text, form))
}

const FORMS: [&str; 4] = ["alnum", "hex", "base64", "uuid"];

fn hinted<'t>(at: Piece<'t>, hint: &'static str) -> Misfit<'t> {
    Misfit {
        at: Some(at),
        hint: Some(hint),
        ..Kind::InvalidParameters.into()
    }
}

/// Digits alone, and no more than there may be.
fn count(text: &str) -> Option<usize> {
    let digits = text.bytes().all(|byte| byte.is_ascii_digit());
    let count: usize = text.parse().ok().filter(|_| digits)?;
    (1..=MAX_DERIVED).contains(&count).then_some(count)
}

/// Where the first argument ends: behind its closing quote, or before white space.
fn label_end(text: &str) -> usize {
    let mut chars = text.char_indices();
    let quote = match chars.next() {
        Some((_, quote @ ('"' | '\''))) => quote,
        _ => return text.find(char::is_whitespace).unwrap_or(text.len()),
    };
    while let Some((at, c)) = chars.next() {
        match c {
            // Between single quotes a backslash is text.
            '\\' if quote == '"' => {
                chars.next();
            }
            c if c == quote => return at + 1,
            _ => {}
        }
    }
    text.len()
}

/// The next word, and what follows it.
fn word(piece: Piece<'_>) -> (Piece<'_>, Piece<'_>) {
    let piece = piece.trim();
    let end = piece.text.find(char::is_whitespace);
    let (word, rest) = piece.split_at(end.unwrap_or(piece.text.len()));
    (word, rest.trim())
}
