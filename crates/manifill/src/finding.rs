//! A diagnostic on its way: a byte offset first, its line at the end.

use std::collections::HashMap;

use crate::diagnostic::{Diagnostic, DiagnosticKind, Place, RenderError};
use crate::input::Input;
use crate::plan::KeyRef;
use crate::rendered_from::Located;

/// What an error is about: two with the same cause are one.
pub(crate) type Cause = Box<str>;

/// The cause that some words tell apart from others.
pub(crate) fn cause<const N: usize>(words: [&str; N]) -> Cause {
    // No name has this in it: errors show names on one line.
    words.join("\0").into()
}

/// A place of a cause beside its first one.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct PendingPlace {
    pub(crate) input: usize,
    pub(crate) offset: Option<usize>,
    pub(crate) resource: Option<String>,
    pub(crate) field: Option<String>,
}

impl PendingPlace {
    pub(crate) fn of(finding: PendingDiagnostic) -> Self {
        let place = finding.diagnostic.place;
        PendingPlace {
            input: finding.input,
            offset: finding.offset,
            resource: place.resource,
            field: place.field,
        }
    }

    pub(crate) fn order(&self) -> (usize, Option<usize>) {
        (self.input, self.offset)
    }
}

/// A diagnostic whose place is not resolved yet: its line and column are told when all is known,
/// and until then it has at most a byte offset. Whoever finds a mistake without knowing where it
/// stands leaves that to whoever asked.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct PendingDiagnostic {
    pub(crate) input: usize,
    /// A byte of the input, or of the text of a scalar until `Findings::locate`; `None` as long
    /// as nobody has said where it is.
    pub(crate) offset: Option<usize>,
    /// What it is about, if it is told once for all places that have it.
    pub(crate) cause: Option<Cause>,
    further: Option<Box<Further>>,
    /// Where it is in the settings, if they are to blame and not the manifests that need them.
    in_settings: Option<Box<Place>>,
    /// What was found with it and is told beside it.
    others: Vec<PendingDiagnostic>,
    /// The key that is missing: if this is told, the keys that could have been meant are, too.
    missing: Option<KeyRef>,
    /// Boxed, since it is handed on in results.
    pub(crate) diagnostic: Box<Diagnostic>,
}

/// The other places of a cause, of very many the first, and how many there are.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
struct Further {
    places: Vec<PendingPlace>,
    count: usize,
}

impl From<Diagnostic> for PendingDiagnostic {
    fn from(diagnostic: Diagnostic) -> Self {
        PendingDiagnostic {
            input: 0,
            offset: None,
            cause: None,
            further: None,
            in_settings: None,
            others: Vec::new(),
            missing: None,
            diagnostic: Box::new(diagnostic),
        }
    }
}

impl PendingDiagnostic {
    pub(crate) fn error(kind: DiagnosticKind, message: impl Into<String>) -> Self {
        Diagnostic::error(kind, message).into()
    }

    pub(crate) fn warning(kind: DiagnosticKind, message: impl Into<String>) -> Self {
        Diagnostic::warning(kind, message).into()
    }

    pub(crate) fn note(kind: DiagnosticKind, message: impl Into<String>) -> Self {
        Diagnostic::note(kind, message).into()
    }

    /// Mistakes in the settings, at least one, where they stand there. Each is told once, and no
    /// manifest is to blame.
    pub(crate) fn in_settings(mistakes: Vec<Diagnostic>) -> Self {
        let pending = |mistake: Diagnostic| {
            let about = cause([
                mistake.backend.as_deref().unwrap_or_default(),
                &mistake.message,
            ]);
            let mut pending = PendingDiagnostic::from(mistake).with_cause(about);
            pending.in_settings = Some(Box::new(std::mem::take(&mut pending.diagnostic.place)));
            pending
        };
        let mut all: Vec<PendingDiagnostic> = mistakes.into_iter().map(pending).collect();
        let mut first = all.pop().unwrap_or_else(|| {
            PendingDiagnostic::error(DiagnosticKind::Configuration, "the backend cannot be made")
        });
        first.others = all;
        first
    }

    /// Says that a setting is to blame, which stands here, and no manifest.
    pub(crate) fn with_setting_at(mut self, place: Place) -> Self {
        self.in_settings = Some(Box::new(place));
        self
    }

    /// What was found with it, at the same place.
    pub(crate) fn take_others(&mut self) -> Vec<PendingDiagnostic> {
        let mut others = std::mem::take(&mut self.others);
        for other in &mut others {
            (other.input, other.offset) = (self.input, self.offset);
            let place = &self.diagnostic.place;
            other.diagnostic.place.resource.clone_from(&place.resource);
            other.diagnostic.place.field.clone_from(&place.field);
        }
        others
    }

    /// This and what was found with it, for whoever has no place to add.
    pub(crate) fn into_diagnostics(self) -> Vec<Diagnostic> {
        let told = |one: PendingDiagnostic| {
            let mut diagnostic = *one.diagnostic;
            if let Some(place) = one.in_settings {
                diagnostic.place = *place;
            }
            diagnostic
        };
        let mut first = self;
        let others = first.take_others();
        std::iter::once(first).chain(others).map(told).collect()
    }

    /// Says where it stands.
    pub(crate) fn at(mut self, input: usize, offset: usize) -> Self {
        self.input = input;
        self.offset = Some(offset);
        self
    }

    /// Says where it stands in an input that whoever asked knows.
    pub(crate) fn at_offset(mut self, offset: usize) -> Self {
        self.offset = Some(offset);
        self
    }

    /// The time of the run is over; it is told once.
    pub(crate) fn late(message: &str) -> Self {
        PendingDiagnostic::error(DiagnosticKind::Unavailable, message).once()
    }

    /// The error of a run that ends with this alone.
    pub(crate) fn into_error(self, inputs: &[Input]) -> RenderError {
        RenderError::new(vec![self.resolve(inputs, &mut HashMap::new())], 0)
    }

    /// Says which key is missing.
    pub(crate) fn with_missing(mut self, key: KeyRef) -> Self {
        self.missing = Some(key);
        self
    }

    /// The key that is missing, if that is what is wrong.
    pub(crate) fn missing(&self) -> Option<KeyRef> {
        self.missing
    }

    /// Says that whatever has the same message is the same thing, and told once.
    pub(crate) fn once(self) -> Self {
        let message = self.diagnostic.message.as_str().into();
        self.with_cause(message)
    }

    /// Says what it is about: all that is about the same is told once (rule R12).
    pub(crate) fn with_cause(mut self, cause: Cause) -> Self {
        self.cause = Some(cause);
        self
    }

    /// Adds the other places of its cause, and that there are `left_off` more than these.
    pub(crate) fn with_further(mut self, further: Vec<PendingPlace>, left_off: usize) -> Self {
        let count = further.len() + left_off;
        self.further = Some(Box::new(Further {
            places: further,
            count,
        }));
        self
    }

    /// What comes before what, in the order of the sources.
    pub(crate) fn order(&self) -> (usize, Option<usize>, &str) {
        (self.input, self.offset, self.diagnostic.message.as_str())
    }

    pub(crate) fn with_hint(mut self, hint: impl Into<String>) -> Self {
        self.diagnostic.hint = Some(hint.into());
        self
    }

    /// Takes over what an error has for a hint.
    pub(crate) fn with_hint_of(mut self, hint: Option<impl Into<String>>) -> Self {
        self.diagnostic.hint = hint.map(Into::into);
        self
    }

    pub(crate) fn with_place(mut self, resource: Option<String>, field: Option<String>) -> Self {
        // The document of a text that is no manifest has no name.
        self.diagnostic.place.resource = resource.filter(|name| !name.is_empty());
        self.diagnostic.place.field = field;
        self
    }

    /// Says which placeholder it is about, by its label.
    pub(crate) fn with_placeholder(mut self, label: &str) -> Self {
        self.diagnostic.placeholder = Some(format!("<{label}>"));
        self
    }

    /// The diagnostic with its line and column; `lines` are those of the inputs seen so far.
    pub(crate) fn resolve<'i>(
        self,
        inputs: &'i [Input],
        lines: &mut HashMap<usize, Located<'i>>,
    ) -> Diagnostic {
        let mut diagnostic = *self.diagnostic;
        let place = std::mem::take(&mut diagnostic.place);
        let place = resolve(place, (self.input, self.offset), inputs, lines);
        let further = self.further.map(|further| *further).unwrap_or_default();
        let places = further.places.into_iter().map(|further| {
            let place = Place {
                resource: further.resource,
                field: further.field,
                ..Place::default()
            };
            resolve(place, (further.input, further.offset), inputs, lines)
        });
        diagnostic.further_places = places.collect();
        let others = match further.count {
            0 => None,
            1 => Some("1 more place".to_owned()),
            count => Some(format!("{count} more places")),
        };
        if let Some(in_settings) = self.in_settings {
            let first = match place.file.as_str() {
                "" => None,
                file => Some(format!("{file}:{}:{}", place.line, place.column)),
            };
            let needing: Vec<String> = first.into_iter().chain(others).collect();
            if !needing.is_empty() {
                let message = &mut diagnostic.message;
                message.push_str(&format!(" (needed by {})", needing.join(" and ")));
            }
            diagnostic.further_places.insert(0, place);
            diagnostic.place = *in_settings;
            diagnostic.placeholder = None;
        } else {
            if let Some(others) = others {
                let message = &mut diagnostic.message;
                message.push_str(&format!(" (also needed in {others})"));
            }
            diagnostic.place = place;
        }
        diagnostic
    }
}

/// A place with its line and column.
fn resolve<'i>(
    place: Place,
    (number, offset): (usize, Option<usize>),
    inputs: &'i [Input],
    lines: &mut HashMap<usize, Located<'i>>,
) -> Place {
    let Some(input) = inputs.get(number) else {
        return place;
    };
    let located = lines
        .entry(number)
        .or_insert_with(|| Located::new(&input.source));
    let offset = offset.unwrap_or(0);
    let (line, column) = located.line_column(offset);
    Place {
        input: number + 1,
        file: input.name.clone(),
        line,
        column,
        rendered_from: located.rendered_from(offset),
        ..place
    }
}
