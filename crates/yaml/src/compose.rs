//! Events made into values.

use std::collections::{HashMap, HashSet};

use crate::error::{YamlError, YamlErrorKind};
use crate::events::{Event, Events, Kind, Style, Tag};

/// Nesting beyond this is refused, as in JSON.
const MAX_DEPTH: usize = 128;

/// How many bytes aliases may add: a few lines could otherwise fill the memory.
const MAX_EXPANSION: usize = 16 * 1024 * 1024;

/// What a node weighs beside its text.
const NODE: usize = 32;

/// A place in a text; both numbers start at 1, the column counts characters.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Position {
    /// The line.
    pub line: usize,
    /// The character in the line.
    pub column: usize,
}

/// A scalar as it stands in the text.
#[derive(Clone, Copy, Debug)]
pub struct Scalar<'e> {
    /// Its decoded text.
    pub text: &'e str,
    /// How it is written.
    pub style: Style,
    /// Its tag.
    pub tag: Tag,
    /// Whether it has an anchor.
    pub is_anchored: bool,
}

/// A key of a map.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Key {
    /// Its text.
    pub text: String,
    /// Where it stands.
    pub at: Position,
}

/// How a reader makes values.
pub trait Schema {
    /// What it makes.
    type Value: Clone;

    /// What is said of an alias, if there may be none.
    const NO_ALIASES: Option<&'static str> = None;

    /// The value of a scalar.
    ///
    /// # Errors
    /// What is wrong with it, in fixed words.
    fn scalar(&self, scalar: Scalar<'_>, at: Position) -> Result<Self::Value, &'static str>;

    /// The value of a list.
    fn list(&self, items: Vec<Self::Value>, at: Position) -> Self::Value;

    /// The value of a map, whose keys differ.
    fn map(&self, entries: Vec<(Key, Self::Value)>, at: Position) -> Self::Value;

    /// The value that an alias at this place stands for.
    fn alias(&self, value: Self::Value, _at: Position) -> Self::Value {
        value
    }

    /// Judges the tag of a list or a map.
    ///
    /// # Errors
    /// What is wrong with it, in fixed words.
    fn collection(&self, tag: Tag, is_map: bool) -> Result<(), &'static str>;

    /// Judges a scalar that is a key.
    ///
    /// # Errors
    /// What is wrong with it, in fixed words.
    fn key(&self, _scalar: Scalar<'_>) -> Result<(), &'static str> {
        Ok(())
    }
}

/// What is wrong with a text, and where; nothing of the text but a key that is given twice.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ComposeError {
    /// What it is.
    pub problem: Problem,
    /// Where it is.
    pub at: Position,
    /// What the parser says, and what to do about it; nothing of the text.
    pub reason: Option<(&'static str, Option<&'static str>)>,
}

impl ComposeError {
    fn new(problem: Problem, at: Position) -> Self {
        ComposeError {
            problem,
            at,
            reason: None,
        }
    }
}

/// What a [`ComposeError`] is about.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Problem {
    /// The text is not YAML.
    Syntax,
    /// It is nested too deeply.
    TooDeep,
    /// Its aliases make it too large.
    TooLarge,
    /// An alias stands inside its own anchor.
    InsideItself,
    /// A key is no scalar.
    KeyForm,
    /// A key is given twice.
    Twice(String),
    /// The schema refuses something, in these words.
    Refused(&'static str),
}

/// A document of a text.
#[derive(Clone, Debug)]
pub struct Composed<V> {
    /// Its value.
    pub value: V,
    /// Where the value begins.
    pub at: Position,
    /// Where the document begins: at its `---`, if it has one.
    pub start: Position,
}

/// Makes a value of each document of a text.
///
/// # Errors
/// The first thing that is wrong.
pub fn compose<S: Schema>(text: &str, schema: &S) -> Result<Vec<Composed<S::Value>>, ComposeError> {
    let text = text.strip_prefix('\u{feff}').unwrap_or(text);
    let mut composer = Composer {
        events: Events::stream(text),
        place: Cursor::new(text),
        schema,
        anchors: HashMap::new(),
        left: MAX_EXPANSION,
    };
    let mut documents = Vec::new();
    let mut start = composer.place.position;
    while let Some(event) = composer.next()? {
        let at = composer.place.at(event.span.start);
        if matches!(event.kind, Kind::Document) {
            start = at;
        } else {
            let (value, _) = composer.node(event, 0)?;
            documents.push(Composed { value, at, start });
        }
    }
    Ok(documents)
}

struct Composer<'t, 's, S: Schema> {
    events: Events<'t>,
    place: Cursor<'t>,
    schema: &'s S,
    /// The anchored values with their sizes.
    anchors: HashMap<usize, (S::Value, usize)>,
    /// How much aliases may still add.
    left: usize,
}

impl<'t, S: Schema> Composer<'t, '_, S> {
    fn next(&mut self) -> Result<Option<Event<'t>>, ComposeError> {
        self.events.next().map_err(|error: YamlError| ComposeError {
            problem: match error.kind() {
                YamlErrorKind::Limit => Problem::TooDeep,
                _ => Problem::Syntax,
            },
            at: self.place.at(error.offset()),
            reason: Some((error.message(), error.hint())),
        })
    }

    /// The next event of a collection, which cannot be the end of the text.
    fn inner(&mut self) -> Result<Event<'t>, ComposeError> {
        if let Some(event) = self.next()? {
            return Ok(event);
        }
        let (problem, at) = (Problem::Syntax, self.place.at(usize::MAX));
        Err(ComposeError::new(problem, at))
    }

    /// The value that an event begins, and its size.
    fn node(&mut self, event: Event<'t>, depth: usize) -> Result<(S::Value, usize), ComposeError> {
        let at = self.place.at(event.span.start);
        let wrong = |problem| ComposeError::new(problem, at);
        let refused = |words| wrong(Problem::Refused(words));
        if depth > MAX_DEPTH {
            return Err(wrong(Problem::TooDeep));
        }
        let (value, size) = match event.kind {
            Kind::Alias(anchor) => return self.alias(anchor, at),
            Kind::Scalar(ref text, _) => {
                let size = NODE + text.len();
                let scalar = scalar(&event).ok_or_else(|| wrong(Problem::Syntax))?;
                (self.schema.scalar(scalar, at).map_err(refused)?, size)
            }
            Kind::List => {
                self.schema.collection(event.tag, false).map_err(refused)?;
                self.list(depth, at)?
            }
            Kind::Map => {
                self.schema.collection(event.tag, true).map_err(refused)?;
                self.map(depth, at)?
            }
            _ => return Err(wrong(Problem::Syntax)),
        };
        if let (Some((anchor, _)), None) = (event.anchor, S::NO_ALIASES) {
            self.anchors.insert(anchor, (value.clone(), size));
        }
        Ok((value, size))
    }

    fn alias(&mut self, anchor: usize, at: Position) -> Result<(S::Value, usize), ComposeError> {
        let wrong = |problem| ComposeError::new(problem, at);
        if let Some(words) = S::NO_ALIASES {
            return Err(wrong(Problem::Refused(words)));
        }
        let known = self.anchors.get(&anchor);
        let (value, size) = known.ok_or_else(|| wrong(Problem::InsideItself))?;
        let left = self.left.checked_sub(*size);
        self.left = left.ok_or_else(|| wrong(Problem::TooLarge))?;
        Ok((self.schema.alias(value.clone(), at), *size))
    }

    fn list(&mut self, depth: usize, at: Position) -> Result<(S::Value, usize), ComposeError> {
        let (mut items, mut size) = (Vec::new(), NODE);
        loop {
            let event = self.inner()?;
            if matches!(event.kind, Kind::ListEnd) {
                return Ok((self.schema.list(items, at), size));
            }
            let (item, more) = self.node(event, depth + 1)?;
            items.push(item);
            size += more;
        }
    }

    fn map(&mut self, depth: usize, at: Position) -> Result<(S::Value, usize), ComposeError> {
        let (mut entries, mut size) = (Vec::new(), NODE);
        let mut seen = HashSet::new();
        loop {
            let event = self.inner()?;
            if matches!(event.kind, Kind::MapEnd) {
                return Ok((self.schema.map(entries, at), size));
            }
            let at = self.place.at(event.span.start);
            let wrong = |problem| ComposeError::new(problem, at);
            let key = scalar(&event).ok_or_else(|| wrong(Problem::KeyForm))?;
            let judged = self.schema.key(key);
            judged.map_err(|words| wrong(Problem::Refused(words)))?;
            let text = key.text.to_owned();
            if !seen.insert(text.clone()) {
                return Err(wrong(Problem::Twice(text)));
            }
            let event = self.inner()?;
            let (value, more) = self.node(event, depth + 1)?;
            size += more + text.len();
            entries.push((Key { text, at }, value));
        }
    }
}

/// The scalar that an event is.
fn scalar<'e>(event: &'e Event<'_>) -> Option<Scalar<'e>> {
    match &event.kind {
        Kind::Scalar(text, style) => Some(Scalar {
            text,
            style: *style,
            tag: event.tag,
            is_anchored: event.anchor.is_some(),
        }),
        _ => None,
    }
}

/// Lines and columns of places that come in their order, in one pass over the text.
struct Cursor<'t> {
    text: &'t str,
    at: usize,
    position: Position,
}

impl<'t> Cursor<'t> {
    fn new(text: &'t str) -> Self {
        Cursor {
            text,
            at: 0,
            position: Position { line: 1, column: 1 },
        }
    }

    /// The position of a byte. One before the last place that was asked for is looked up anew.
    fn at(&mut self, offset: usize) -> Position {
        let mut offset = offset.min(self.text.len());
        while !self.text.is_char_boundary(offset) {
            offset -= 1;
        }
        if offset < self.at {
            *self = Cursor::new(self.text);
        }
        let bytes = self.text.as_bytes();
        let passed = &self.text[self.at..offset];
        for (at, c) in passed.char_indices() {
            let next = bytes.get(self.at + at + 1);
            if c == '\n' || (c == '\r' && next != Some(&b'\n')) {
                self.position.line += 1;
                self.position.column = 1;
            } else {
                self.position.column += 1;
            }
        }
        self.at = offset;
        self.position
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Everything as text, with brackets.
    struct Shown;

    impl Schema for Shown {
        type Value = String;

        fn scalar(&self, scalar: Scalar<'_>, _: Position) -> Result<String, &'static str> {
            match scalar.text {
                "bad" => Err("no bad things"),
                text => Ok(text.to_owned()),
            }
        }

        fn list(&self, items: Vec<String>, _: Position) -> String {
            format!("[{}]", items.join(" "))
        }

        fn map(&self, entries: Vec<(Key, String)>, _: Position) -> String {
            let shown = entries.iter().map(|(key, value)| {
                format!("{}@{}:{}={value}", key.text, key.at.line, key.at.column)
            });
            format!("{{{}}}", shown.collect::<Vec<_>>().join(" "))
        }

        fn collection(&self, tag: Tag, _: bool) -> Result<(), &'static str> {
            match tag {
                Tag::None => Ok(()),
                _ => Err("no tags"),
            }
        }
    }

    #[test]
    fn documents_are_composed_with_their_places() {
        let text = "\u{feff}a: [x, &l {é: y}]\r\nb: *l\n--- z\n---\n# nothing\n...\n";
        let documents = compose(text, &Shown).unwrap();
        let shown: Vec<_> = documents
            .iter()
            .map(|one| (one.value.as_str(), one.at.line, one.at.column))
            .collect();
        assert_eq!(shown[0], ("{a@1:1=[x {é@1:12=y}] b@2:1={é@1:12=y}}", 1, 1));
        assert_eq!(shown[1], ("z", 3, 5));
        assert_eq!(documents[1].start, Position { line: 3, column: 1 });
    }

    #[test]
    fn what_is_wrong_has_its_place() {
        let deep = "[".repeat(200) + &"]".repeat(200);
        for (text, problem, line, column) in [
            ("a: [1,\nb: }\n", Problem::Syntax, 1, 4),
            (deep.as_str(), Problem::TooDeep, 1, 130),
            ("a: &x [*x]\n", Problem::InsideItself, 1, 8),
            ("? [a]\n: 1\n", Problem::KeyForm, 1, 3),
            ("a: 1\né: 2\na: 3\n", Problem::Twice("a".to_owned()), 3, 1),
            ("a: 1\nb: bad\n", Problem::Refused("no bad things"), 2, 4),
            ("a: !!seq []\n", Problem::Refused("no tags"), 1, 10),
        ] {
            let at = Position { line, column };
            let error = compose(text, &Shown).unwrap_err();
            assert_eq!((&error.problem, error.at), (&problem, at), "{text:?}");
            // What the parser finds it has words for.
            assert_eq!(
                error.reason.is_some(),
                problem == Problem::Syntax,
                "{text:?}"
            );
        }
    }

    #[test]
    fn aliases_cannot_fill_the_memory() {
        let mut text = "a0: &a0 [x, x, x, x, x, x, x, x, x, x]\n".to_owned();
        for level in 1..12 {
            let aliases = vec![format!("*a{}", level - 1); 10].join(", ");
            text.push_str(&format!("a{level}: &a{level} [{aliases}]\n"));
        }
        let error = compose(&text, &Shown).unwrap_err();
        assert_eq!(error.problem, Problem::TooLarge);
    }

    proptest::proptest! {
        #[test]
        fn no_text_makes_it_panic(text in "[-a:&*!\\[\\]{},'\"|>~<0\n\r \u{e9}#%@?]{0,60}") {
            let _ = compose(&text, &Shown);
        }
    }
}
