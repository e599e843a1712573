//! A value of a text.

use manifill_manifest::{Span, TextEdits};

use super::decoded::Decoded;

/// A value.
#[derive(Debug)]
pub(crate) struct Slot {
    /// The bytes it takes, with its quotes.
    pub(super) span: Span,
    /// Its name, such as `servers[0].password`.
    pub(super) field: String,
    pub(super) decoded: Decoded,
    pub(super) style: Style,
}

/// How a value is written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Style {
    /// Without any rules.
    Plain,
    /// In double quotes with the escapes of JSON.
    JsonString,
    /// A placeholder in the place of a JSON value.
    JsonBare,
    /// `"…"` of TOML.
    TomlBasic,
    /// `'…'` of TOML.
    TomlLiteral,
    /// `"""…"""` of TOML.
    TomlLines,
    /// `'''…'''` of TOML.
    TomlLiteralLines,
    /// A placeholder in the place of a TOML value.
    TomlBare,
    /// Without quotes in a dotenv file.
    DotenvBare,
    /// In single quotes in a dotenv file.
    DotenvSingle,
    /// In double quotes in a dotenv file.
    DotenvDouble,
    /// Of a properties file.
    Property,
}

impl Style {
    /// Whether a value has a type there that is not text.
    pub(crate) fn is_typed(self) -> bool {
        matches!(self, Style::JsonBare | Style::TomlBare)
    }

    /// The bytes that a text takes at most.
    pub(crate) fn taken_by(self, text: &str) -> usize {
        let taken = |c: char| match self {
            Style::Plain => c.len_utf8(),
            // An escape for each unit of UTF-16.
            Style::Property if !matches!(c, ' '..='~') => 6 * c.len_utf16(),
            _ if c.is_control() => 6,
            _ if matches!(c, '"' | '\'' | '\\' | ' ' | '=' | ':' | '#' | '!') => 2,
            // What some readers take for a line break or nothing is an escape in JSON and TOML.
            _ if matches!(
                c,
                '\u{2028}' | '\u{2029}' | '\u{feff}' | '\u{fffe}' | '\u{ffff}'
            ) =>
            {
                6
            }
            _ => c.len_utf8(),
        };
        text.chars().map(taken).sum()
    }
}

/// Why a value cannot stand where its placeholder does.
#[derive(Debug)]
pub(crate) struct Refused {
    pub(crate) message: &'static str,
    pub(crate) hint: Option<&'static str>,
}

impl Refused {
    pub(super) fn new(message: &'static str) -> Self {
        Refused {
            message,
            hint: None,
        }
    }

    pub(super) fn with_hint(mut self, hint: &'static str) -> Self {
        self.hint = Some(hint);
        self
    }

    pub(super) fn typed() -> Self {
        Refused::new("a value with a type cannot stand here")
    }
}

/// What is told if the new text is not what was meant.
pub(super) const MISMATCH: &str = "the text did not read back; nothing was written";

const MISFIT: &str = "the parts to fill overlap or are not parts";

impl Slot {
    /// A text that is a value as a whole.
    pub(super) fn whole(source: &str) -> Self {
        let mut decoded = Decoded::default();
        decoded.same(source, 0..source.len());
        Slot {
            span: 0..source.len(),
            field: String::new(),
            decoded,
            style: Style::Plain,
        }
    }

    pub(super) fn text(&self) -> &str {
        &self.decoded.text
    }

    /// The text with these values in it.
    pub(super) fn filled(&self, fills: &TextEdits) -> Result<String, Refused> {
        fills
            .filled(self.text())
            .ok_or_else(|| Refused::new(MISFIT))
    }

    /// The text with nothing in the places of these values.
    pub(super) fn literal(&self, fills: &TextEdits) -> String {
        let mut literal = TextEdits::new();
        for (range, _) in fills.iter() {
            literal.push(range, "");
        }
        literal.filled(self.text()).unwrap_or_default()
    }

    /// What is written, with `write` for each of the values, which is given what stands before it, and
    /// everything else as it is.
    pub(super) fn in_place(
        &self,
        source: &str,
        fills: &TextEdits,
        write: impl Fn(&mut String, &str),
    ) -> Result<String, Refused> {
        let misfit = || Refused::new(MISFIT);
        let mut out = String::new();
        let mut copied = self.span.start;
        for (range, text) in fills.iter() {
            let part = self.decoded.source(&range);
            out.push_str(source.get(copied..part.start).ok_or_else(misfit)?);
            write(&mut out, text);
            copied = part.end;
        }
        out.push_str(source.get(copied..self.span.end).ok_or_else(misfit)?);
        Ok(out)
    }
}

/// How much of the path of a field is kept, in bytes: a text has many fields, and each may be deep
/// or have long keys above it.
pub(super) const LONGEST_FIELD: usize = 1024;

/// Adds a part to the path of a field, as far as it fits.
pub(super) fn add_part(path: &mut String, part: &str) {
    let room = LONGEST_FIELD.saturating_sub(path.len());
    let fits = (0..=part.len().min(room))
        .rev()
        .find(|at| part.is_char_boundary(*at));
    let (start, rest) = part.split_at(fits.unwrap_or(0));
    path.push_str(start);
    if room > 0 && !rest.is_empty() {
        path.push('…');
    }
}

/// What a value must read as when the text is read again.
pub(super) enum Expected {
    Text(String),
    /// JSON of a value with a type.
    Json(String),
}

/// What marks begin with, with as many `_` as it takes behind it.
const MARK: &str = "manifill";

/// The source with a mark, as a string, in the place of each of these values, and what marks begin
/// with: a text that stands nowhere in the source.
pub(super) fn with_marks(source: &str, expected: &[(&Slot, Expected)]) -> (String, String) {
    let after = source.split(MARK).skip(1);
    let underscores = after.map(|rest| rest.bytes().take_while(|byte| *byte == b'_').count());
    let longer = underscores.max().map_or(0, |most| most + 1);
    let mark = format!("{MARK}{}", "_".repeat(longer));
    let mut out = String::with_capacity(source.len());
    let mut copied = 0;
    for (number, (slot, _)) in expected.iter().enumerate() {
        out.push_str(&source[copied..slot.span.start]);
        out.push_str(&format!("\"{mark}{number}\""));
        copied = slot.span.end;
    }
    out.push_str(&source[copied..]);
    (out, mark)
}

/// The value that a mark stands for.
pub(super) fn marked<'e>(
    text: &str,
    mark: &str,
    expected: &'e [(&Slot, Expected)],
) -> Option<&'e Expected> {
    let number: usize = text.strip_prefix(mark)?.parse().ok()?;
    expected.get(number).map(|(_, expected)| expected)
}

/// The source with strings of the same length in the places of placeholders that stand for whole
/// values, so that all bytes keep their places.
pub(super) fn with_stand_ins(source: &str, bare: &[Span]) -> String {
    let mut out = String::with_capacity(source.len());
    let mut copied = 0;
    for span in bare {
        out.push_str(&source[copied..span.start]);
        out.push('"');
        out.extend(std::iter::repeat_n('x', span.len() - 2));
        out.push('"');
        copied = span.end;
    }
    out.push_str(&source[copied..]);
    out
}
