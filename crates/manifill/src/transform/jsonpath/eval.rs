//! Running an expression on a value.

use manifill_vault::{Exposed, SecretValue};

use super::JsonPathError as Error;
use super::compare::compare;
use super::parse::{Operator, Path, Piece, Selector, Slice};
use crate::transform::bounded::Bounded;
use crate::transform::{TransformErrorKind, json};

/// How many values an expression may visit: far more than a secret holds, few enough that
/// `{..a..b..c}` cannot exhaust memory.
const MAX_VISITS: usize = 4_000_000;

/// Prints what the pieces select, as AVP does (rule 38).
pub(super) fn print(pieces: &[Piece], root: Exposed<'_>) -> Result<String, TransformErrorKind> {
    let mut run = Evaluation::default();
    let mut out = Bounded::value();
    run.print(pieces, root, &mut out)?;
    Ok(out.finish())
}

/// The names that stand where the pieces want one that is not there.
pub(super) fn names_there(pieces: &[Piece], root: Exposed<'_>) -> Vec<String> {
    let mut run = Evaluation {
        names: Some(Vec::new()),
        ..Evaluation::default()
    };
    match run.print(pieces, root, &mut Bounded::value()) {
        Err(TransformErrorKind::JsonPath(Error::NotFound(_))) => run.names.unwrap_or_default(),
        _ => Vec::new(),
    }
}

/// How many names are collected: more than anybody reads.
const MAX_NAMES: usize = 200;

#[derive(Default)]
struct Evaluation {
    visits: usize,
    /// If they are asked for, the names that stood where the last name was not found.
    names: Option<Vec<String>>,
}

impl Evaluation {
    fn print<'a>(
        &mut self,
        pieces: &'a [Piece],
        current: Exposed<'a>,
        out: &mut Bounded,
    ) -> Result<(), TransformErrorKind> {
        for piece in pieces {
            match piece {
                Piece::Text(text) => out.push(text)?,
                Piece::Print(path) => {
                    for (index, value) in self.select(current, path)?.into_iter().enumerate() {
                        if index > 0 {
                            out.push(" ")?;
                        }
                        print_value(value, out)?;
                    }
                }
                Piece::Range { over, body } => {
                    for value in self.select(current, over)? {
                        self.visit(body.len() + 1)?;
                        self.print(body, value, out)?;
                    }
                }
            }
        }
        Ok(())
    }

    fn select<'a>(
        &mut self,
        current: Exposed<'a>,
        path: &'a Path,
    ) -> Result<Vec<Exposed<'a>>, Error> {
        let mut values = vec![current];
        for selector in path {
            values = self.step(&values, selector)?;
        }
        Ok(values)
    }

    fn step<'a>(
        &mut self,
        values: &[Exposed<'a>],
        selector: &'a Selector,
    ) -> Result<Vec<Exposed<'a>>, Error> {
        self.visit(values.len())?;
        let mut found = Vec::new();
        match selector {
            Selector::Text(text) => found.push(Exposed::Text(text)),
            Selector::Number(digits) => found.push(Exposed::Number(digits)),
            Selector::Bool(value) => found.push(Exposed::Bool(*value)),
            Selector::Field(name) => {
                for value in values {
                    found.extend(self.entry(*value, name)?);
                }
                if found.is_empty() && !values.is_empty() {
                    return Err(self.not_found(name, values));
                }
            }
            Selector::Quoted { path, key } => {
                let mut missing = !values.is_empty();
                for value in values {
                    match self.select(*value, path) {
                        Ok(selected) if !selected.is_empty() => found.extend(selected),
                        // A wildcard that meets nothing is no error.
                        Ok(_) => {
                            found.extend(self.entry(*value, key)?);
                            missing = false;
                        }
                        Err(Error::NotFound(_)) => found.extend(self.entry(*value, key)?),
                        Err(error) => return Err(error),
                    }
                }
                if found.is_empty() && missing {
                    return Err(self.not_found(key, values));
                }
            }
            Selector::Wildcard => {
                for value in values {
                    self.visit(children(*value).count())?;
                    found.extend(children(*value));
                }
            }
            Selector::Recursive => {
                for value in values {
                    self.descend(*value, &mut found)?;
                }
            }
            Selector::Slice(slice) => {
                for value in values {
                    self.slice(*value, slice, &mut found)?;
                }
            }
            Selector::Union(selectors) => {
                for selector in selectors {
                    found.extend(self.step(values, selector)?);
                }
            }
            Selector::Filter { left, test } => {
                for value in values {
                    self.filter(*value, left, test.as_ref(), &mut found)?;
                }
            }
        }
        Ok(found)
    }

    fn not_found(&mut self, name: &str, values: &[Exposed<'_>]) -> Error {
        if let Some(names) = &mut self.names {
            names.clear();
            let maps = values.iter().filter_map(|value| match value {
                Exposed::Map(entries) => Some(*entries),
                _ => None,
            });
            for (key, _) in maps.flatten().take(MAX_NAMES) {
                if !names.contains(key) {
                    names.push(key.clone());
                }
            }
        }
        Error::NotFound(name.to_owned())
    }

    fn entry<'a>(&mut self, value: Exposed<'a>, name: &str) -> Result<Option<Exposed<'a>>, Error> {
        let Exposed::Map(entries) = value else {
            return Ok(None);
        };
        self.visit(entries.len() / 16)?;
        Ok(entries
            .iter()
            .find(|(key, _)| key == name)
            .map(|(_, item)| item.expose()))
    }

    /// Collects what `..` selects: a value that holds something, then all below it. Text counts as
    /// holding something, as it does in kubectl; numbers, booleans and null do not.
    fn descend<'a>(
        &mut self,
        value: Exposed<'a>,
        found: &mut Vec<Exposed<'a>>,
    ) -> Result<(), Error> {
        self.visit(1)?;
        let is_text = matches!(value, Exposed::Text(text) if !text.is_empty());
        if is_text || children(value).next().is_some() {
            found.push(value);
        }
        for child in children(value) {
            self.descend(child, found)?;
        }
        Ok(())
    }

    fn slice<'a>(
        &mut self,
        value: Exposed<'a>,
        slice: &Slice,
        found: &mut Vec<Exposed<'a>>,
    ) -> Result<(), Error> {
        let items = match value {
            Exposed::Null => return Ok(()),
            Exposed::List(items) => items,
            other => return Err(Error::NotList(other.type_name())),
        };
        let selected = bounds(slice, items.len())?;
        let step = match slice.step {
            None => 1,
            Some(step) => usize::try_from(step)
                .ok()
                .filter(|step| *step > 0)
                .ok_or(Error::Step)?,
        };
        let selected = items.get(selected).unwrap_or_default();
        self.visit(selected.len() / step)?;
        found.extend(selected.iter().step_by(step).map(SecretValue::expose));
        Ok(())
    }

    fn filter<'a>(
        &mut self,
        value: Exposed<'a>,
        left: &'a Path,
        test: Option<&'a (Operator, Path)>,
        found: &mut Vec<Exposed<'a>>,
    ) -> Result<(), Error> {
        let Exposed::List(items) = value else {
            return Err(Error::NotFilterable(value.type_name()));
        };
        for item in items {
            let item = item.expose();
            self.visit(1)?;
            let passes = match test {
                None => match self.select(item, left) {
                    Ok(selected) => !selected.is_empty(),
                    Err(Error::TooMuch) => return Err(Error::TooMuch),
                    Err(_) => false,
                },
                Some((operator, right)) => match (self.one(item, left)?, self.one(item, right)?) {
                    (Some(left), Some(right)) => compare(left, *operator, right)?,
                    _ => false,
                },
            };
            if passes {
                found.push(item);
            }
        }
        Ok(())
    }

    fn one<'a>(&mut self, item: Exposed<'a>, path: &'a Path) -> Result<Option<Exposed<'a>>, Error> {
        match self.select(item, path)?.as_slice() {
            [] => Ok(None),
            [one] => Ok(Some(*one)),
            _ => Err(Error::SeveralCompared),
        }
    }

    fn visit(&mut self, count: usize) -> Result<(), Error> {
        self.visits = self.visits.saturating_add(count);
        if self.visits > MAX_VISITS {
            Err(Error::TooMuch)
        } else {
            Ok(())
        }
    }
}

/// The range of a list that a slice selects; beyond the list is an error, nothing is not.
fn bounds(slice: &Slice, length: usize) -> Result<std::ops::Range<usize>, Error> {
    let out_of_bounds = |index| Error::OutOfBounds { index, length };
    let size = i64::try_from(length).unwrap_or(i64::MAX);
    let from_end = |index: i64| {
        if index < 0 {
            index.saturating_add(size)
        } else {
            index
        }
    };
    let start = from_end(slice.start.unwrap_or(0));
    if slice.single {
        let index = usize::try_from(start).ok().filter(|index| *index < length);
        return index
            .map(|index| index..index + 1)
            .ok_or_else(|| out_of_bounds(start));
    }
    let end = slice.end.map_or(size, from_end);
    if start == end {
        return Ok(0..0);
    }
    match (usize::try_from(start), usize::try_from(end)) {
        (Err(_), _) => Err(out_of_bounds(start)),
        (Ok(first), _) if first >= length => Err(out_of_bounds(start)),
        (_, Err(_)) => Err(out_of_bounds(end.saturating_sub(1))),
        (_, Ok(last)) if last > length => Err(out_of_bounds(end.saturating_sub(1))),
        (Ok(first), Ok(last)) if first > last => Err(Error::Backwards { start, end }),
        (Ok(first), Ok(last)) => Ok(first..last),
    }
}

fn children(value: Exposed<'_>) -> impl Iterator<Item = Exposed<'_>> {
    let (items, entries) = match value {
        Exposed::List(items) => (items, &[][..]),
        Exposed::Map(entries) => (&[][..], entries),
        _ => (&[][..], &[][..]),
    };
    items
        .iter()
        .chain(entries.iter().map(|(_, item)| item))
        .map(SecretValue::expose)
}

fn print_value(value: Exposed<'_>, out: &mut Bounded) -> Result<(), TransformErrorKind> {
    match value {
        Exposed::Text(text) | Exposed::Number(text) => out.push(text),
        Exposed::Bytes(bytes) => match std::str::from_utf8(bytes) {
            Ok(text) => out.push(text),
            Err(_) => Err(TransformErrorKind::Datatype(value.type_name())),
        },
        other => json::push_compact(other, out),
    }
}
