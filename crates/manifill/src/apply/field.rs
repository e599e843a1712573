//! Fills one scalar.

use manifill_manifest::{Replacement, TextEdits};
use manifill_placeholder::{self as placeholder, ModifierKind};
use manifill_vault::{Exposed, SecretValue, VaultErrorKind};
use std::borrow::Cow;
use zeroize::Zeroizing;

use super::budget::Budget;
use super::checks::{Checks, base64, is_escaped_pem};
use super::diagnose::{INSIDE, Missed, Reporter};
use super::only_text::{self, Fitter, Misfit};
use crate::diagnostic::DiagnosticKind;
use crate::fetch::Answers;
use crate::pending::{Findings, PendingDiagnostic};
use crate::plan::{
    HIDDEN, KeyRef, Locator, PlannedDocument, PlannedField, PlannedPlaceholder, Space, Target,
};
use crate::transform::{self, JsonPathError, KeyLocation, TransformErrorKind};

/// One scalar to fill and all that is known about it.
pub(crate) struct FieldWriter<'a> {
    planned: &'a PlannedDocument,
    pub(super) field: &'a PlannedField,
    answers: &'a Answers<'a, 'a>,
    budget: &'a Budget,
    space: Space,
    source: &'a str,
    pub(super) report: Reporter<'a>,
    pub(super) removable: bool,
}

/// Why a placeholder has no value.
pub(super) enum Absent<'a> {
    /// Its key is missing; `remove-missing` may act on that.
    Missing(&'a PlannedPlaceholder, &'a KeyRef, Missed<'a>),
    /// Something is wrong.
    Failed(PendingDiagnostic),
}

/// Where a placeholder has its value from.
pub(super) enum Source<'a> {
    /// From a secret.
    Value(&'a KeyRef, &'a SecretValue),
    /// From its own default, since the key is missing.
    Default(&'a KeyRef, &'a str),
}

impl From<PendingDiagnostic> for Absent<'_> {
    fn from(finding: PendingDiagnostic) -> Self {
        Absent::Failed(finding)
    }
}

/// What becomes of a scalar, as one value after the other comes in.
pub(super) enum NewValue {
    /// What the base64 holds, and how much of the text it stands for.
    Base64(Zeroizing<Vec<u8>>, usize),
    Texts(TextEdits),
    /// A value that is the whole scalar.
    Whole(Replacement),
}

impl<'a> FieldWriter<'a> {
    pub(crate) fn new(
        answers: &'a Answers<'a, 'a>,
        planned: &'a PlannedDocument,
        field: &'a PlannedField,
        locator: &'a Locator<'a>,
        budget: &'a Budget,
    ) -> Self {
        let plan = answers.plan;
        let source = plan.inputs[planned.input].source.as_str();
        let scalar = field.scalar as usize;
        let text = planned.index.value(source, scalar).unwrap_or_default();
        let text = if field.base64 {
            placeholder::decode_text(text).unwrap_or_default().into()
        } else {
            text.into()
        };
        FieldWriter {
            planned,
            field,
            answers,
            budget,
            space: planned.index.space(source, scalar),
            source,
            report: Reporter {
                plan,
                input: planned.input,
                field,
                locator,
                text,
                start: 0,
                encodings: usize::from(field.base64),
                depth: 0,
            },
            removable: planned.index.is_removable(source, scalar),
        }
    }

    /// What becomes of the scalar; without it, the findings say why.
    pub(crate) fn change(&self, findings: &mut Findings) -> Option<Replacement> {
        let mut in_text = Findings::default();
        let change = self.attempt(&mut in_text);
        self.locate(in_text, findings);
        change
    }

    /// Adds findings whose offsets are those in the scalar's text.
    pub(super) fn locate(&self, mut in_text: Findings, findings: &mut Findings) {
        if !in_text.is_empty() {
            let scalar = self.field.scalar as usize;
            let index = &self.planned.index;
            in_text.locate(|offsets| index.locate_all(self.source, scalar, offsets));
            findings.append(in_text);
        }
    }

    /// The same; the offsets of the findings are still those in the scalar's text.
    fn attempt(&self, findings: &mut Findings) -> Option<Replacement> {
        let mut filled = if self.field.base64 {
            NewValue::Base64(Vec::with_capacity(self.report.text.len()).into(), 0)
        } else {
            NewValue::Texts(TextEdits::with_capacity(self.field.placeholders.len()))
        };
        let mut checks = Checks::new(&self.report);
        let outcome = self.fill(&self.field.placeholders, &mut filled, &mut checks, findings);
        if outcome.failed {
            for (placeholder, wanted, secret) in outcome.missing {
                findings.push(self.report.missing(placeholder, wanted, secret));
            }
            for finding in outcome.missing_within {
                findings.push(finding);
            }
            return None;
        }
        if !outcome.missing.is_empty() || !outcome.missing_within.is_empty() {
            return Some(Replacement::Remove);
        }
        match filled {
            NewValue::Base64(mut bytes, copied) => {
                bytes.extend_from_slice(&self.report.text.as_bytes()[copied..]);
                if let Ok(text) = std::str::from_utf8(&bytes) {
                    checks.text(text);
                }
                checks.finish(findings)?;
                let mut fills = TextEdits::new();
                fills.push(0..self.scalar_len(), &placeholder::encode(&bytes));
                Some(Replacement::Text(fills))
            }
            NewValue::Texts(fills) => {
                checks.fills(&fills);
                checks.finish(findings)?;
                Some(Replacement::Text(fills))
            }
            NewValue::Whole(change) => {
                checks.finish(findings)?;
                Some(change)
            }
        }
    }

    /// The same scalar with a text that stands in base64 in its own.
    pub(super) fn within(&self, report: Reporter<'a>) -> Self {
        FieldWriter { report, ..*self }
    }

    /// The type that a tag before the scalar asks for.
    pub(super) fn tagged_type(&self) -> Option<&'static str> {
        let scalar = self.field.scalar as usize;
        self.planned.index.tagged_type(self.source, scalar)
    }

    /// The length of the scalar's own text.
    fn scalar_len(&self) -> usize {
        let value = self
            .planned
            .index
            .value(self.source, self.field.scalar as usize);
        value.map_or(0, str::len)
    }

    /// The value of a placeholder, through the modifiers.
    pub(super) fn value(
        &self,
        placeholder: &'a PlannedPlaceholder,
    ) -> Result<Cow<'a, SecretValue>, Absent<'a>> {
        if self.answers.is_mocked() {
            return Ok(Cow::Owned(self.mocked(placeholder)));
        }
        match self.source(placeholder)? {
            Source::Value(wanted, value) => self.transformed(placeholder, wanted, value),
            Source::Default(wanted, text) => {
                let value = SecretValue::text(text);
                let value = self.transformed(placeholder, wanted, &value)?;
                Ok(Cow::Owned(value.into_owned()))
            }
        }
    }

    /// Where a placeholder has its value from: the first alternative that has one, else the default.
    pub(super) fn source(
        &self,
        placeholder: &'a PlannedPlaceholder,
    ) -> Result<Source<'a>, Absent<'a>> {
        let mut absent = None;
        for wanted in placeholder.wanted() {
            absent = match self.answers.answer(wanted.read()) {
                Ok(secret) => match secret.value(self.report.key(wanted)) {
                    Some(Ok(value)) => return Ok(Source::Value(wanted, value)),
                    Some(Err(error)) => {
                        return Err(self.report.key_error(placeholder, wanted, error).into());
                    }
                    None => Some((wanted, Ok(secret))),
                },
                // Only a secret that is not there lets the next alternative speak; a vault that
                // cannot be reached never turns into a default.
                Err(error) if error.kind() == VaultErrorKind::NotFound => {
                    Some((wanted, Err(error)))
                }
                Err(error) => {
                    return Err(self.report.vault_error(placeholder, wanted, error).into());
                }
            };
        }
        let default = placeholder
            .modifiers()
            .first()
            .map(|modifier| &modifier.kind);
        match (default, absent) {
            (Some(ModifierKind::Default(text)), Some((wanted, _))) => {
                Ok(Source::Default(wanted, text.as_str()))
            }
            (_, Some((wanted, Err(error)))) if !error.means_missing_keys() => {
                Err(self.report.vault_error(placeholder, wanted, error).into())
            }
            (_, Some((wanted, missed))) => Err(Absent::Missing(placeholder, wanted, missed)),
            (_, None) => {
                let message = "the placeholder names nothing to read";
                let finding =
                    self.report
                        .finding(placeholder, DiagnosticKind::Placeholder, message);
                Err(finding.into())
            }
        }
    }

    fn transformed<'v>(
        &self,
        placeholder: &PlannedPlaceholder,
        wanted: &KeyRef,
        value: &'v SecretValue,
    ) -> Result<Cow<'v, SecretValue>, Absent<'a>> {
        let read = self.report.plan.reads.get(wanted.read());
        let path = read.request.path.as_str();
        let location = KeyLocation::new(read.backend_name, path, self.report.key(wanted));
        let run = self.answers.run();
        if self.budget.is_spent() {
            return Err(self.report.too_large(placeholder, self.budget).into());
        }
        let modifiers = placeholder.modifiers();
        transform::run_in_time(value, modifiers, &location, || run.is_late()).map_err(|error| {
            if error.kind == TransformErrorKind::TooLate {
                return self.report.late(placeholder, wanted).into();
            }
            let head = self.report.head(placeholder);
            // The words of an error can come from the modifier's argument.
            let message = if head == HIDDEN {
                format!("{}: the value does not fit", error.name)
            } else {
                format!("{error} for placeholder {head}")
            };
            let escaped = error.name == "jsonParse"
                && error.kind == TransformErrorKind::NotJson
                && value.expose().as_text().is_some_and(is_escaped_pem);
            let hint = if escaped {
                Some("this is PEM text with \\n as two characters: use | unescape in place of | jsonParse")
            } else {
                error.hint()
            };
            let mut finding = self
                .report
                .finding(placeholder, DiagnosticKind::Modifier, message)
                .with_hint_of(hint);
            let about = self.report.cause(placeholder, wanted, &error.to_string());
            finding = finding.with_cause(about);
            if let Some(modifier) = modifiers.get(error.modifier) {
                finding = finding.at_offset(self.report.offset(modifier.span.start));
            }
            if matches!(
                error.kind,
                TransformErrorKind::JsonPath(JsonPathError::NotFound(_))
            ) {
                finding = finding.with_hint(INSIDE).with_missing(*wanted);
            }
            self.report.with_read(finding, wanted).into()
        })
    }

    /// Puts a value in the place of its placeholder.
    pub(super) fn put<'c>(
        &self,
        placeholder: &'a PlannedPlaceholder,
        value: &SecretValue,
        filled: &mut NewValue,
        checks: &mut Checks<'c>,
    ) -> Result<(), PendingDiagnostic>
    where
        'a: 'c,
    {
        match filled {
            NewValue::Base64(bytes, copied) => {
                let range = placeholder.range();
                bytes.extend_from_slice(&self.report.text.as_bytes()[*copied..range.start]);
                *copied = range.end;
                let text;
                let new = match (value.expose(), placeholder.escape()) {
                    (Exposed::Bytes(raw), None) => raw,
                    _ => {
                        text = self.text_of(placeholder, value)?;
                        text.as_bytes()
                    }
                };
                let length =
                    (0..self.report.encodings).fold(new.len(), |length, _| base64_len(length));
                self.pay(placeholder, length)?;
                if let Ok(text) = std::str::from_utf8(new) {
                    checks.value(placeholder, text);
                }
                bytes.extend_from_slice(new);
            }
            NewValue::Texts(fills) => {
                let whole = placeholder.range() == (0..self.report.text.len())
                    && placeholder.escape().is_none();
                let change = if whole {
                    self.alone(placeholder, value, checks)?
                } else {
                    None
                };
                match change {
                    Some(change) => *filled = NewValue::Whole(change),
                    None => {
                        let text = self.text_of(placeholder, value)?;
                        self.pay(placeholder, self.space.taken_by(&text))?;
                        checks.value(placeholder, &text);
                        fills.push(placeholder.range(), &text);
                    }
                }
            }
            NewValue::Whole(_) => {}
        }
        Ok(())
    }

    /// A value that is the whole scalar keeps its type (AVP rule 16); `None` if it goes in as text.
    fn alone(
        &self,
        placeholder: &PlannedPlaceholder,
        value: &SecretValue,
        checks: &mut Checks<'_>,
    ) -> Result<Option<Replacement>, PendingDiagnostic> {
        match (value.expose(), self.field.target) {
            (Exposed::Bytes(bytes), Target::SecretData | Target::BinaryData) => {
                self.pay(placeholder, base64_len(bytes.len()))?;
                let mut fills = TextEdits::new();
                fills.push(placeholder.range(), &placeholder::encode(bytes));
                Ok(Some(Replacement::Text(fills)))
            }
            (Exposed::Text(_) | Exposed::Bytes(_), _) => Ok(None),
            (
                exposed @ (Exposed::List(_) | Exposed::Map(_)),
                target @ (Target::Label | Target::Container),
            ) => Err(self.misfit(placeholder, only_text::misfit(exposed, target))),
            #[cfg(feature = "fill")]
            (_, Target::Text) => Ok(None),
            (_, Target::ConfigMap | Target::StringData | Target::Label | Target::Container) => {
                Ok(None)
            }
            (exposed, target @ (Target::SecretData | Target::BinaryData)) => Err(
                base64::wrong_type(&self.report, placeholder, exposed, target),
            ),
            (_, Target::Holder) => {
                self.typed(placeholder, &self.fitted(placeholder, value, checks)?)
            }
            (exposed, Target::Other) if only_text::may_depend(exposed) => {
                self.typed(placeholder, &self.fitted(placeholder, value, checks)?)
            }
            (_, Target::Other) => self.typed(placeholder, value),
        }
    }

    /// A value that keeps its type.
    fn typed(
        &self,
        placeholder: &PlannedPlaceholder,
        value: &SecretValue,
    ) -> Result<Option<Replacement>, PendingDiagnostic> {
        let Some(json) = transform::typed_json(value) else {
            return Ok(None);
        };
        self.pay(placeholder, json.len())?;
        Ok(Some(Replacement::Json(json)))
    }

    /// A list or map whose members are text where only text is allowed.
    fn fitted(
        &self,
        placeholder: &PlannedPlaceholder,
        value: &SecretValue,
        checks: &mut Checks<'_>,
    ) -> Result<SecretValue, PendingDiagnostic> {
        let place = self.report.locator.steps(self.field.scalar as usize);
        let (kind, steps) = place.unwrap_or_default();
        let mut fitter = Fitter::new(kind, steps);
        let fitted = fitter.fit(value);
        if fitter.expands {
            checks.expanded(placeholder);
        }
        fitted.map_err(|misfit| self.misfit(placeholder, misfit))
    }

    fn misfit(&self, placeholder: &PlannedPlaceholder, misfit: Misfit) -> PendingDiagnostic {
        self.report
            .finding(placeholder, DiagnosticKind::Value, misfit.message)
            .with_hint(misfit.hint)
    }

    /// Takes the bytes that stand for a placeholder from what the run may write.
    fn pay(&self, placeholder: &PlannedPlaceholder, bytes: usize) -> Result<(), PendingDiagnostic> {
        if self.budget.replace(placeholder.range().len(), bytes) {
            Ok(())
        } else {
            Err(self.report.too_large(placeholder, self.budget))
        }
    }

    /// A value as text, escaped like the text around its placeholder.
    fn text_of<'v>(
        &self,
        placeholder: &PlannedPlaceholder,
        value: &'v SecretValue,
    ) -> Result<Cow<'v, str>, PendingDiagnostic> {
        let text = transform::text_of(value).ok_or_else(|| {
            self.report
                .finding(
                    placeholder,
                    DiagnosticKind::Value,
                    format!(
                        "the value of placeholder {} is binary",
                        self.report.head(placeholder)
                    ),
                )
                .with_hint(match self.field.target {
                    Target::ConfigMap => "add | base64encode, or put it alone into binaryData",
                    #[cfg(feature = "fill")]
                    Target::Text => "add | base64encode; a text cannot hold bytes",
                    _ => "add | base64encode, or put it alone into data of a Secret",
                })
        })?;
        Ok(match placeholder.escape() {
            Some(escape) => escape.apply(&text).into(),
            None => text,
        })
    }
}

/// How long bytes are in base64.
fn base64_len(bytes: usize) -> usize {
    bytes.div_ceil(3).saturating_mul(4)
}
