//! What is told when a scalar cannot be filled: names and places, never values.

use std::borrow::Cow;

use manifill_placeholder::{self as placeholder, Grammar, Placeholder, Reference};
use manifill_vault::{Secret, SecretValue, VaultError, VaultErrorKind};

use super::budget::Budget;
use super::key_hint::{MissingKey, key_in_path};
use crate::diagnostic::{Diagnostic, DiagnosticKind, Severity, append_names};
use crate::door::Door;
use crate::fetch::Answers;
use crate::finding::{Cause, cause};
use crate::near;
use crate::pending::PendingDiagnostic;
use crate::plan::{
    HIDDEN, KeyRef, Locator, Plan, PlannedField, PlannedPlaceholder, parsed, spelling,
};
use crate::transform;

/// A secret that lacks a key, or why there is no such secret.
pub(super) type Missed<'a> = Result<&'a Secret, &'a VaultError>;

/// Says what is wrong with the placeholders of one scalar.
pub(super) struct Reporter<'a> {
    pub(super) plan: &'a Plan<'a, 'a>,
    pub(super) input: usize,
    pub(super) field: &'a PlannedField,
    pub(super) locator: &'a Locator<'a>,
    /// The text the placeholders are in: the scalar's, or what base64 in it holds.
    pub(super) text: Cow<'a, str>,
    /// How often the text was encoded: not at all if it is the scalar's own.
    pub(super) encodings: usize,
    /// How many of the strings that a placeholder stands in lie round the text, see
    /// [`PlannedPlaceholder::layers`].
    pub(super) depth: usize,
    /// Where what base64 holds stands in the scalar's text.
    pub(super) start: usize,
}

impl Reporter<'_> {
    /// The secret has no value for a key, or is not there.
    pub(super) fn missing(
        &self,
        placeholder: &PlannedPlaceholder,
        wanted: &KeyRef,
        missed: Missed<'_>,
    ) -> PendingDiagnostic {
        let secret = match missed {
            Ok(secret) => secret,
            Err(error) => return self.vault_error(placeholder, wanted, error),
        };
        let path = self.plan.reads.get(wanted.read()).request.path.as_str();
        let (head, key) = (self.head(placeholder), self.key(wanted));
        let names = secret.names();
        // A null is missing, too (AVP rule 17); its key is there.
        let is_null = secret.is_null(key);
        let name = secret.title().unwrap_or(path);
        let mut message = format!("missing Vault value for placeholder {head}: `{name}` has ");
        match (head == HIDDEN, is_null) {
            (true, _) => message.push_str("no such key"),
            (false, true) => message.push_str(&format!("no value for key `{key}`")),
            (false, false) => message.push_str(&format!("no key `{key}`")),
        }
        if is_null {
            let finding = self
                .finding(placeholder, DiagnosticKind::NotFound, message)
                .with_cause(self.cause(placeholder, wanted, "null"));
            return self.with_read(finding.with_hint("a null counts as missing"), wanted);
        }
        if secret.is_empty() {
            message.push_str("; it is empty")
        } else {
            append_names(&mut message, "; it has ", names)
        }
        let finding = self
            .finding(placeholder, DiagnosticKind::NotFound, message)
            .with_cause(self.cause(placeholder, wanted, "missing"));
        let options = self.plan.renderer.options();
        let missing = MissingKey {
            key,
            secret,
            head: &head,
            path,
            may_be_strict: !options.strict && options.door == Door::CommandLine,
        };
        let finding = match missing.slip() {
            Some(hint) => finding.with_hint(hint),
            None => finding
                .with_hint_of(missing.hint(self.parsed(placeholder).as_ref()))
                .with_missing(*wanted),
        };
        self.with_read(finding, wanted)
    }

    /// The result of the run has become too large.
    pub(super) fn too_large(
        &self,
        placeholder: &PlannedPlaceholder,
        budget: &Budget,
    ) -> PendingDiagnostic {
        let finding = self.finding(placeholder, DiagnosticKind::Manifest, budget.message());
        finding.once().with_hint(budget.hint())
    }

    /// The time of the run is over, and modifiers have not all run.
    pub(super) fn late(
        &self,
        placeholder: &PlannedPlaceholder,
        wanted: &KeyRef,
    ) -> PendingDiagnostic {
        let message = "the time of the run ran out before its modifiers had run";
        let finding = self.finding(placeholder, DiagnosticKind::Unavailable, message);
        self.with_read(finding.once(), wanted)
    }

    /// An error about just one key; its words can name the key.
    pub(super) fn key_error(
        &self,
        placeholder: &PlannedPlaceholder,
        wanted: &KeyRef,
        error: &VaultError,
    ) -> PendingDiagnostic {
        let finding = if self.label(placeholder) != HIDDEN {
            let finding = self.vault_error(placeholder, wanted, error);
            if is_of_run(error) {
                return finding;
            }
            finding
        } else {
            let message = format!("the key of placeholder {HIDDEN} cannot be read");
            let finding = self.finding(placeholder, error.kind().into(), message);
            self.with_read(finding, wanted)
        };
        finding.with_cause(self.cause(placeholder, wanted, "key"))
    }

    /// The secret cannot be read.
    pub(super) fn vault_error(
        &self,
        placeholder: &PlannedPlaceholder,
        wanted: &KeyRef,
        error: &VaultError,
    ) -> PendingDiagnostic {
        let told = Diagnostic::from_vault(error, self.plan.renderer.rules().is_restricted());
        let read = self.plan.reads.get(wanted.read());
        let finding = self.finding(placeholder, told.kind, told.message);
        let is_near = told
            .hint
            .as_deref()
            .is_some_and(|hint| hint.starts_with("did you mean"));
        let is_cut = error.kind() == VaultErrorKind::NotFound
            && read.request.version.is_none()
            && self.has_version(placeholder);
        let finding = match key_in_path(told.kind, read.request.path.as_str()) {
            _ if is_cut => {
                finding.with_hint("if its title holds a #, use the item's id or its link")
            }
            Some(key) if !is_near => finding.with_hint(format!(
                "if `#{key}` is a key, leave it out of the path; keys stand in placeholders"
            )),
            _ => finding.with_hint_of(told.hint),
        };
        // Once a server has failed, others ask it less often.
        let words = error.clone().with_tries(1).to_string();
        // What an error names is what it is about: a vault that is missing is one cause, whatever
        // is wanted from it. One that names nothing is about its path.
        let about = if is_of_run(error) || error.names().next().is_some() {
            [read.backend_name, &words, "", ""]
        } else {
            let (path, version) = (read.request.path.as_str(), &read.request.version);
            let version = version.as_deref().unwrap_or_default();
            [read.backend_name, &words, path, version]
        };
        let about = cause(about);
        let finding = finding.with_cause(about);
        let backends = self.plan.renderer.backends();
        let place = error
            .setting()
            .and_then(|setting| backends.setting_place(read.backend_name, setting));
        match place {
            Some(place) => finding.with_setting_at(place.clone()),
            None => self.with_read(finding, wanted),
        }
    }

    /// Whether a version is asked for. Where the backend has none, it may be what a `#` cut off from
    /// a title (rule R3).
    fn has_version(&self, placeholder: &PlannedPlaceholder) -> bool {
        let has = |one: &Reference| {
            matches!(
                one,
                Reference::Path {
                    version: Some(_),
                    ..
                }
            )
        };
        let parsed = self.parsed(placeholder);
        parsed.is_some_and(|parsed| parsed.alternatives.iter().any(has))
    }

    /// Adds what was to be read, without a key that may be a secret.
    pub(super) fn with_read(
        &self,
        mut finding: PendingDiagnostic,
        wanted: &KeyRef,
    ) -> PendingDiagnostic {
        let read = self.plan.reads.get(wanted.read());
        let hidden = finding
            .diagnostic
            .placeholder
            .as_ref()
            .is_some_and(|shown| shown.contains(HIDDEN));
        let key = (!hidden).then(|| self.key(wanted));
        *finding.diagnostic = finding
            .diagnostic
            .with_read(read.backend_name, read.request, key);
        finding
    }

    /// What is about one key of one read, and here `about` that. What may be shown and what may not
    /// are told apart, since the first place speaks for the others.
    pub(super) fn cause(
        &self,
        placeholder: &PlannedPlaceholder,
        wanted: &KeyRef,
        about: &str,
    ) -> Cause {
        let shown = if self.label(placeholder) == HIDDEN {
            HIDDEN
        } else {
            ""
        };
        let read = wanted.read().to_string();
        cause([about, &read, self.key(wanted), shown])
    }

    pub(super) fn key(&self, wanted: &KeyRef) -> &str {
        wanted.key(&self.plan.reads)
    }

    /// What is wrong with a placeholder, at its first byte.
    pub(super) fn finding(
        &self,
        placeholder: &PlannedPlaceholder,
        kind: DiagnosticKind,
        message: impl Into<String>,
    ) -> PendingDiagnostic {
        let offset = self.offset(placeholder.range().start);
        let scalar = self.field.scalar as usize;
        PendingDiagnostic::error(kind, message)
            .at(self.input, offset)
            .with_place(self.locator.resource(scalar), self.locator.field(scalar))
            .with_placeholder(&self.label(placeholder))
    }

    /// What is remarkable about the value of a placeholder, and does not stop the run.
    pub(super) fn warning(
        &self,
        placeholder: &PlannedPlaceholder,
        message: impl Into<String>,
    ) -> PendingDiagnostic {
        let mut finding = self.finding(placeholder, DiagnosticKind::Value, message);
        finding.diagnostic.severity = Severity::Warning;
        finding
    }

    /// A byte of the text; what base64 holds is found where the base64 begins.
    pub(super) fn offset(&self, at: usize) -> usize {
        if self.encodings > 0 { self.start } else { at }
    }

    /// The placeholder as it may be shown (rule R9).
    pub(super) fn label(&self, placeholder: &PlannedPlaceholder) -> String {
        self.spelling(placeholder, Placeholder::label)
    }

    fn parsed(&self, placeholder: &PlannedPlaceholder) -> Option<Placeholder> {
        let strict = self.plan.renderer.options().strict;
        parsed(&self.text, self.depth, self.field, placeholder, strict)
    }

    /// The placeholder without its modifiers, as a sentence names it.
    pub(super) fn head(&self, placeholder: &PlannedPlaceholder) -> String {
        self.spelling(placeholder, |found| found.head().to_owned())
    }

    fn spelling(
        &self,
        placeholder: &PlannedPlaceholder,
        part: impl Fn(&Placeholder) -> String,
    ) -> String {
        let strict = self.plan.renderer.options().strict;
        spelling(
            &self.text,
            self.depth,
            self.field,
            placeholder,
            strict,
            part,
        )
    }
}

/// Adds the keys that could have been meant to what is told of a missing one.
pub(super) fn suggest(finding: &mut PendingDiagnostic, answers: &Answers<'_, '_>) {
    let Some(missing) = finding.missing().filter(|_| !answers.run().is_late()) else {
        return;
    };
    let Ok(secret) = answers.answer(missing.read()) else {
        return;
    };
    let key = missing.key(&answers.plan.reads);
    if finding.diagnostic.kind == DiagnosticKind::Modifier {
        if let Some(Ok(value)) = secret.value(key) {
            suggest_inside(&mut finding.diagnostic, value);
        }
        return;
    }
    let near = near::names(key, secret.names());
    if !near.is_empty() {
        finding.diagnostic.hint = Some(format!("did you mean {near}?"));
    }
}

/// What to do about a key that is missing inside of a value.
pub(super) const INSIDE: &str =
    "`default` and `||` stand in for a missing key of the secret, not for one inside its value";

/// Adds the keys that a value has where a `jsonPath` found none: names only, like those of a secret.
fn suggest_inside(diagnostic: &mut Diagnostic, value: &SecretValue) {
    let label = diagnostic.placeholder.as_deref().unwrap_or_default();
    let Ok(placeholder) = placeholder::parse(label, Grammar::new().with_annotated(true)) else {
        return;
    };
    let Some((name, names)) = transform::names_there(value, &placeholder.modifiers) else {
        return;
    };
    let names = names.iter().map(String::as_str);
    append_names(&mut diagnostic.message, "; the value has ", names.clone());
    let near = near::names(&name, names);
    if !near.is_empty() {
        diagnostic.hint = Some(format!("did you mean {near}? {INSIDE}"));
    }
}

/// Whether an error is about all that a run reads there, not about one secret.
fn is_of_run(error: &VaultError) -> bool {
    matches!(
        error.kind(),
        VaultErrorKind::Unavailable
            | VaultErrorKind::Timeout
            | VaultErrorKind::Unauthenticated
            | VaultErrorKind::Configuration
            | VaultErrorKind::InvalidAnswer
            | VaultErrorKind::RequestBudget
    )
}
