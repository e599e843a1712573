//! The last step of a pipe that renders manifests.

use std::borrow::Cow;
use std::sync::atomic::{AtomicBool, Ordering};

use manifill::{
    DiagnosticKind, Door, Finding, Input, LeftIn, LeftInKind, RenderError, find_left_in,
};
use manifill_manifest::contents;

use crate::allowed::{AllowedField, in_spec};
use crate::blank::is_blank;

/// What [`guard`] lets pass.
#[derive(Clone, Debug, Default)]
#[must_use]
pub struct Guard {
    allowed: Vec<AllowedField>,
    door: Door,
}

impl Guard {
    /// A guard that lets nothing pass that reads like a placeholder.
    pub fn new() -> Self {
        Guard::default()
    }

    /// Lets the value of a field read like a placeholder.
    pub fn with_allowed(mut self, field: AllowedField) -> Self {
        self.allowed.push(field);
        self
    }

    /// Sets what hints may name.
    pub fn with_door(mut self, door: Door) -> Self {
        self.door = door;
        self
    }
}

/// What has come of a look at inputs.
///
/// `Debug` does not show the inputs, since they hold secrets by now.
#[must_use]
pub struct Guarded<'i> {
    inputs: &'i [Input],
    notes: Vec<String>,
    error: Option<RenderError>,
}

impl std::fmt::Debug for Guarded<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Guarded")
            .field("inputs", &self.inputs.len())
            .field("notes", &self.notes)
            .field("error", &self.error)
            .finish()
    }
}

impl<'i> Guarded<'i> {
    /// Remarks for the user: which allowed fields did not need it. Names only.
    pub fn notes(&self) -> &[String] {
        &self.notes
    }

    /// The inputs as they are: one byte for byte, several as one stream of documents, with `---`
    /// between them unless one is there.
    ///
    /// # Errors
    /// All that is left in the inputs, with its places; no text is shown, since it may be a secret.
    pub fn text(self) -> Result<Cow<'i, str>, RenderError> {
        match (self.error, self.inputs) {
            (Some(error), _) => Err(error),
            (None, [only]) => Ok(Cow::Borrowed(&only.source)),
            (None, several) => {
                let texts: Vec<&str> = several.iter().map(|one| one.source.as_str()).collect();
                Ok(Cow::Owned(manifill_manifest::join(&texts)))
            }
        }
    }
}

/// Looks for what is left of placeholders: in clear, escaped, in base64 at any depth, half ones,
/// those in keys, and objects with mock values. An input that holds nothing at all is an error, too.
///
/// Every document is looked at, with a `kind` or without one, since a pipe carries more than objects.
/// What looks like an object and cannot be read is an error: nobody knows what is in it. Comments and
/// objects with the annotation `avp.kubernetes.io/ignore` may say what they like.
pub fn guard<'i>(inputs: &'i [Input], guard: &Guard) -> Guarded<'i> {
    let unused: Vec<AtomicBool> = guard
        .allowed
        .iter()
        .map(|_| AtomicBool::new(true))
        .collect();
    let judge = |left: &LeftIn<'_>| {
        let mut allowed = false;
        for (field, unused) in guard.allowed.iter().zip(&unused) {
            if left.kind != LeftInKind::Mock && field.has(left) {
                unused.store(false, Ordering::Relaxed);
                allowed = true;
            }
        }
        (!allowed).then(|| finding(left, guard.door))
    };
    let mut findings = find_left_in(inputs, judge);
    for (number, input) in inputs.iter().enumerate() {
        if is_blank(&input.source) {
            let message = match contents(&input.source).next() {
                None => "the input is empty: there is nothing in it but comments and white space",
                Some(_) => "the input is empty: there is nothing in it but Lists without items",
            };
            findings.push(Finding::error(DiagnosticKind::Manifest, message).at(number, 0));
        }
    }
    if inputs.is_empty() {
        findings.push(Finding::error(
            DiagnosticKind::Manifest,
            "there is no input",
        ));
    }
    let error = findings.settle("nothing was printed").err();
    let fields = guard.allowed.iter().zip(&unused);
    let unused = fields.filter(|(_, unused)| unused.load(Ordering::Relaxed));
    Guarded {
        inputs,
        notes: unused
            .map(|(field, _)| {
                format!("nothing in {field} reads like a placeholder: it need not be allowed")
            })
            .collect(),
        error,
    }
}

/// Looks for objects with mock values alone, for whoever fills manifests for a cluster.
///
/// # Errors
/// All of these objects, and what cannot be read of the inputs that may have one.
pub fn refuse_mocks(inputs: &[Input]) -> Result<(), RenderError> {
    let may_be_mocked = |input: &&Input| input.source.contains("mock");
    let inputs: Vec<Input> = inputs.iter().filter(may_be_mocked).cloned().collect();
    let judge =
        |left: &LeftIn<'_>| (left.kind == LeftInKind::Mock).then(|| finding(left, Door::default()));
    let settled = find_left_in(&inputs, judge).settle("nothing was rendered");
    settled.map(drop)
}

/// What is told of something that is left in.
fn finding(left: &LeftIn<'_>, door: Door) -> Finding {
    let message = match left.kind {
        LeftInKind::Mock => {
            let message = "this object is filled with mock values, which no cluster should get";
            return Finding::error(DiagnosticKind::Value, message)
                .with_hint("render it again without --mock");
        }
        LeftInKind::Escaped => "a placeholder with escaped brackets is not filled",
        LeftInKind::InBase64 => "a placeholder in base64 is not filled",
        LeftInKind::InKey => {
            let message = "a placeholder in a key is not filled";
            return Finding::error(DiagnosticKind::Placeholder, message)
                .with_hint("placeholders stand in values");
        }
        LeftInKind::Meant => "text that was meant as a placeholder is not filled",
        _ => "a placeholder is not filled",
    };
    let hint = match (AllowedField::of(left, door), door) {
        (Some(field), Door::Function) => {
            let allow = in_spec(&field);
            format!("fill it in a step before; if it belongs there, write {allow}")
        }
        (Some(field), _) => {
            format!("fill it in a step before; if it belongs there: --allow '{field}'")
        }
        (None, _) => "fill it in a step before".to_owned(),
    };
    Finding::error(DiagnosticKind::Placeholder, message).with_hint(hint)
}
