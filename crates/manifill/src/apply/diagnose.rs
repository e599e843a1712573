//! What is told when a scalar cannot be filled: names and places, never values.

use manifill_placeholder::{self as placeholder, Grammar, Placeholder, escaped};
use manifill_vault::{Secret, VaultError, VaultErrorKind};

use super::budget;
use super::field::{Absent, FieldWriter};
use crate::diagnostic::{Diagnostic, DiagnosticKind, append_names};
use crate::fetch::Answers;
use crate::finding::Finding;
use crate::near;
use crate::plan::{HIDDEN, KeyRef, PlannedPlaceholder, shown};

impl<'a> FieldWriter<'a> {
    pub(super) fn missing(
        &self,
        placeholder: &PlannedPlaceholder,
        wanted: &KeyRef,
        secret: &Secret,
    ) -> Box<Finding> {
        let path = self.plan.reads.get(wanted.read()).request.path.as_str();
        let (head, key) = (self.head(placeholder), self.key(wanted));
        let names = secret.names();
        // A null is missing, too (AVP rule 17); its key is there.
        let is_null = secret.is_null(key);
        let mut message = format!("missing Vault value for placeholder {head}: `{path}` has ");
        match (head == HIDDEN, is_null) {
            (true, _) => message.push_str("no such key"),
            (false, true) => message.push_str(&format!("no value for key `{key}`")),
            (false, false) => message.push_str(&format!("no key `{key}`")),
        }
        if is_null {
            let finding = self.finding(placeholder, DiagnosticKind::NotFound, message);
            return self.with_read(finding.advise("a null counts as missing"), wanted);
        }
        if names.len() == 0 {
            message.push_str("; it is empty")
        } else {
            append_names(&mut message, "; it has ", names)
        }
        let mut finding = self.finding(placeholder, DiagnosticKind::NotFound, message);
        finding.missing = Some(*wanted);
        if self.field.annotated {
            finding = finding.advise(
                "if this text is no placeholder, quote it differently, use --strict, or set avp.kubernetes.io/ignore: \"true\"",
            );
        }
        self.with_read(finding, wanted)
    }

    pub(super) fn too_large(&self, placeholder: &PlannedPlaceholder) -> Box<Finding> {
        let kind = DiagnosticKind::Manifest;
        let mut finding = self.finding(placeholder, kind, self.budget.message());
        finding.once = true;
        finding.advise(budget::HINT)
    }

    pub(super) fn late(&self, placeholder: &PlannedPlaceholder, wanted: &KeyRef) -> Absent<'a> {
        let message = "the time of the run was over before its modifiers had run";
        let mut finding = self.finding(placeholder, DiagnosticKind::Unavailable, message);
        finding.once = true;
        Absent::Failed(self.with_read(finding, wanted))
    }

    /// An error about just one key; its words can name the key.
    pub(super) fn key_error(
        &self,
        placeholder: &PlannedPlaceholder,
        wanted: &KeyRef,
        error: &VaultError,
    ) -> Absent<'a> {
        if self.label(placeholder) != HIDDEN {
            return self.vault_error(placeholder, wanted, error);
        }
        let message = format!("the key of placeholder {HIDDEN} cannot be read");
        let finding = self.finding(placeholder, error.kind().into(), message);
        Absent::Failed(self.with_read(finding, wanted))
    }

    pub(super) fn vault_error(
        &self,
        placeholder: &PlannedPlaceholder,
        wanted: &KeyRef,
        error: &VaultError,
    ) -> Absent<'a> {
        let told = Diagnostic::from_vault(error, self.plan.renderer.rules().is_restricted());
        let mut finding = self.finding(placeholder, told.kind, told.message);
        finding.diagnostic.hint = told.hint;
        finding.once = matches!(
            error.kind(),
            VaultErrorKind::Unavailable
                | VaultErrorKind::Timeout
                | VaultErrorKind::Unauthenticated
                | VaultErrorKind::Configuration
                | VaultErrorKind::InvalidAnswer
        );
        Absent::Failed(self.with_read(finding, wanted))
    }

    pub(super) fn with_read(&self, mut finding: Box<Finding>, wanted: &KeyRef) -> Box<Finding> {
        let read = self.plan.reads.get(wanted.read());
        let hidden = finding
            .diagnostic
            .placeholder
            .as_ref()
            .is_some_and(|shown| shown.contains(HIDDEN));
        let key = (!hidden).then(|| self.key(wanted));
        finding.diagnostic = finding
            .diagnostic
            .with_read(read.backend_name, read.request, key);
        finding
    }

    pub(super) fn finding(
        &self,
        placeholder: &PlannedPlaceholder,
        kind: DiagnosticKind,
        message: impl Into<String>,
    ) -> Box<Finding> {
        let offset = self.offset(placeholder.range().start);
        let resource = self.locator.resource(self.scalar());
        let field = self.locator.field(self.scalar());
        Box::new(
            Finding::error(self.input(), offset, kind, message)
                .with_place(resource, field)
                .with_placeholder(Some(format!("<{}>", self.label(placeholder)))),
        )
    }

    /// A byte of the text; what base64 holds is found at the scalar's start.
    pub(super) fn offset(&self, at: usize) -> usize {
        if self.field.base64 { 0 } else { at }
    }

    /// The placeholder as it may be shown (rule R9).
    pub(super) fn label(&self, placeholder: &PlannedPlaceholder) -> String {
        self.spelling(placeholder, Placeholder::label)
    }

    /// The placeholder without its modifiers, as a sentence names it.
    pub(super) fn head(&self, placeholder: &PlannedPlaceholder) -> String {
        self.spelling(placeholder, |found| found.head().to_owned())
    }

    pub(super) fn spelling(
        &self,
        placeholder: &PlannedPlaceholder,
        spelling: impl Fn(&Placeholder) -> String,
    ) -> String {
        let grammar = Grammar::new()
            .with_annotated(self.field.annotated)
            .with_strict(self.plan.renderer.options().strict);
        let text = self.text().get(placeholder.range()).unwrap_or_default();
        let placeholder = match placeholder.escape() {
            None => placeholder::parse(text, grammar).ok(),
            Some(_) => escaped::scan_escaped(text, grammar)
                .next()
                .and_then(Result::ok)
                .map(|(placeholder, _)| placeholder),
        };
        let text = placeholder.map_or_else(|| "…".to_owned(), |found| spelling(&found));
        shown(text, self.field.base64)
    }
}

/// Adds the keys that could have been meant to what is told of a missing one.
pub(super) fn suggest(finding: &mut Finding, answers: &Answers<'_, '_>) {
    let Some(missing) = finding.missing.filter(|_| !answers.run().is_late()) else {
        return;
    };
    if let Ok(secret) = answers.answer(missing.read()) {
        let near = near::names(missing.key(&answers.plan.reads), secret.names());
        if !near.is_empty() {
            finding.diagnostic.hint = Some(format!("did you mean {near}?"));
        }
    }
}

/// Adds advice to a finding.
pub(super) trait Advise {
    fn advise(self, hint: impl Into<String>) -> Self;
}

impl Advise for Box<Finding> {
    fn advise(mut self, hint: impl Into<String>) -> Self {
        self.diagnostic.hint = Some(hint.into());
        self
    }
}
