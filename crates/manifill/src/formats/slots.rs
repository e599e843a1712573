//! The values of a text, and how they are read and written: each format is a file.

use manifill_manifest::{Replacement, Span};

use super::format::Format;
use super::slot::{Expected, MISMATCH, Refused, Slot, Style};
use super::unreadable::Unreadable;
use super::{dotenv, json, properties, toml};

/// The values of a text that may hold placeholders, in their order.
#[derive(Debug)]
pub(crate) struct Slots {
    format: Format,
    length: usize,
    slots: Vec<Slot>,
}

/// The values of a text that `keep` says may hold placeholders.
pub(crate) fn read(
    source: &str,
    format: Format,
    keep: &dyn Fn(&str) -> bool,
) -> Result<Slots, Unreadable> {
    let slots = match format {
        Format::Json => json::read(source, keep)?,
        Format::Toml => toml::read(source, keep)?,
        Format::Dotenv => dotenv::read(source, keep)?,
        Format::Properties => properties::read(source, keep)?,
        Format::Manifest | Format::Yaml | Format::Text => vec![Slot::whole(source)],
    };
    Ok(Slots {
        format,
        length: source.len(),
        slots,
    })
}

impl Slots {
    /// The bytes of the text.
    pub(crate) fn span(&self) -> Span {
        0..self.length
    }

    /// How many values there are.
    pub(crate) fn len(&self) -> usize {
        self.slots.len()
    }

    /// What a value reads as.
    pub(crate) fn text(&self, number: usize) -> Option<&str> {
        self.slots.get(number).map(Slot::text)
    }

    /// The first byte of a value.
    pub(crate) fn start(&self, number: usize) -> Option<usize> {
        self.slots.get(number).map(|slot| slot.span.start)
    }

    /// The name of a value, if it has one.
    pub(crate) fn field(&self, number: usize) -> Option<&str> {
        let field = self.slots.get(number).map(|slot| slot.field.as_str());
        field.filter(|field| !field.is_empty())
    }

    /// How a value is written.
    pub(crate) fn style(&self, number: usize) -> Style {
        self.slots
            .get(number)
            .map_or(Style::Plain, |slot| slot.style)
    }

    /// The bytes of the source at which these bytes of a value begin.
    pub(crate) fn locate_all(&self, number: usize, offsets: &[usize]) -> Vec<usize> {
        let Some(slot) = self.slots.get(number) else {
            return vec![0; offsets.len()];
        };
        let locate = |at: &usize| slot.decoded.source(&(*at..*at)).start;
        offsets.iter().map(locate).collect()
    }

    /// What is written for one of the values.
    ///
    /// # Errors
    /// The value with the reason why it cannot be written.
    pub(crate) fn written(
        &self,
        source: &str,
        (number, change): &(usize, Replacement),
    ) -> Result<String, (usize, Refused)> {
        let slot = self.slots.get(*number);
        let slot = slot.ok_or_else(|| (*number, Refused::new(MISMATCH)))?;
        write(slot, source, change).map_err(|refused| (*number, refused))
    }

    /// The text with these changes, which are in the order of the values.
    ///
    /// # Errors
    /// The value that cannot be written as it should, with the reason.
    pub(crate) fn apply(
        &self,
        source: &str,
        changes: &[(usize, Replacement)],
    ) -> Result<String, (usize, Refused)> {
        let mut out = String::with_capacity(source.len());
        let mut copied = 0;
        for one @ (number, _) in changes {
            let broken = || (*number, Refused::new(MISMATCH));
            let slot = self.slots.get(*number).ok_or_else(broken)?;
            out.push_str(source.get(copied..slot.span.start).ok_or_else(broken)?);
            out.push_str(&self.written(source, one)?);
            copied = slot.span.end;
        }
        out.push_str(source.get(copied..).unwrap_or_default());
        if self.reads_back(source, changes, &out) {
            Ok(out)
        } else {
            let first = changes.first().map_or(0, |(number, _)| *number);
            Err((first, Refused::new(MISMATCH)))
        }
    }

    fn reads_back(&self, source: &str, changes: &[(usize, Replacement)], new: &str) -> bool {
        let expected = changes.iter().map(|(number, change)| {
            let slot = self.slots.get(*number)?;
            let expected = match change {
                Replacement::Text(fills) => Expected::Text(fills.filled(slot.text())?),
                Replacement::Json(json) => Expected::Json(json.clone()),
                _ => return None,
            };
            Some((slot, expected))
        });
        let Some(expected) = expected.collect::<Option<Vec<_>>>() else {
            return false;
        };
        match self.format {
            Format::Json => json::reads_back(source, &expected, new),
            Format::Toml => toml::reads_back(source, &expected, new),
            Format::Dotenv => dotenv::reads_back(source, &expected, new),
            Format::Properties => properties::reads_back(source, &expected, new),
            // What is put into plain text is what stands there.
            Format::Manifest | Format::Yaml | Format::Text => true,
        }
    }
}

/// What is written in the place of a value.
fn write(slot: &Slot, source: &str, change: &Replacement) -> Result<String, Refused> {
    use Style::*;
    match (slot.style, change) {
        (Plain, Replacement::Text(fills)) => {
            slot.in_place(source, fills, |out, text| out.push_str(text))
        }
        (JsonString | JsonBare, change) => json::write(slot, source, change),
        (TomlBasic | TomlLiteral | TomlLines | TomlLiteralLines | TomlBare, change) => {
            toml::write(slot, source, change)
        }
        (DotenvBare | DotenvSingle | DotenvDouble, Replacement::Text(fills)) => {
            dotenv::write(slot, source, fills)
        }
        (Property, Replacement::Text(fills)) => properties::write(slot, source, fills),
        _ => Err(Refused::typed()),
    }
}
