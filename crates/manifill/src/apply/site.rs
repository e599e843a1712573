//! Filling one scalar.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use manifill_manifest::{Change, Fills, Removable};
use manifill_placeholder::{self as placeholder, ModifierKind};
use manifill_vault::{Exposed, Secret, SecretValue, VaultErrorKind};
use std::borrow::Cow;
use zeroize::Zeroizing;

use super::findings::Advise as _;
use crate::diagnostic::{DiagnosticKind, Severity};
use crate::fetch::Answers;
use crate::finding::{Finding, Findings};
use crate::plan::{HIDDEN, Hole, Places, Plan, PlannedDocument, PlannedSite, Target, Wanted};
use crate::transform::{self, Origin};

/// One scalar to fill and all that is known about it.
pub(crate) struct Filling<'a> {
    pub(super) plan: &'a Plan<'a, 'a>,
    planned: &'a PlannedDocument,
    pub(super) site: &'a PlannedSite,
    pub(super) places: &'a Places<'a>,
    answers: &'a Answers<'a, 'a>,
    source: &'a str,
    /// The text the holes are in: the scalar's, or what its base64 holds.
    text: Cow<'a, str>,
    removable: bool,
}

/// Why a placeholder has no value.
pub(super) enum Absent<'a> {
    /// Its key is missing; `remove-missing` may act on that.
    Missing(&'a Hole, &'a Wanted, &'a Secret),
    /// Something is wrong.
    Failed(Box<Finding>),
}

/// What becomes of a scalar, as one value after the other comes in.
enum Filled {
    /// What the base64 holds, and how much of the text it stands for.
    Base64(Zeroizing<Vec<u8>>, usize),
    Texts(Fills),
    /// A value that is the whole scalar.
    Whole(Change),
}

impl<'a> Filling<'a> {
    pub(crate) fn new(
        answers: &'a Answers<'a, 'a>,
        planned: &'a PlannedDocument,
        site: &'a PlannedSite,
        places: &'a Places<'a>,
    ) -> Self {
        let plan = answers.plan;
        let source = plan.inputs[planned.input].source.as_str();
        let scalar = planned.draft.scalar(source, site.scalar as usize);
        let text = scalar.as_ref().map_or("", |scalar| scalar.value);
        Filling {
            plan,
            planned,
            site,
            places,
            answers,
            source,
            text: if site.base64 {
                placeholder::decode_text(text).unwrap_or_default().into()
            } else {
                text.into()
            },
            removable: scalar.is_some_and(|scalar| scalar.removable == Removable::MapValue),
        }
    }

    /// What becomes of the scalar; without it, the findings say why.
    pub(crate) fn change(&self, findings: &mut Findings) -> Option<Change> {
        let mut in_text = Findings::default();
        let change = self.attempt(&mut in_text);
        in_text.locate(&self.planned.draft, self.source, self.scalar());
        findings.append(in_text);
        change
    }

    /// The same; the offsets of the findings are still those in the scalar's text.
    fn attempt(&self, findings: &mut Findings) -> Option<Change> {
        let mut filled = if self.site.base64 {
            Filled::Base64(Vec::with_capacity(self.text.len()).into(), 0)
        } else {
            Filled::Texts(Fills::with_capacity(self.site.holes.len()))
        };
        let may_remove = self.site.remove_missing && self.removable;
        let mut missing = Vec::new();
        let mut failed = false;
        for hole in &self.site.holes {
            let put = self
                .value(hole)
                .and_then(|value| self.put(hole, &value, &mut filled).map_err(Absent::Failed));
            match put {
                Ok(()) => {}
                Err(Absent::Missing(hole, wanted, secret)) if may_remove => {
                    missing.push((hole, wanted, secret));
                }
                Err(Absent::Missing(hole, wanted, secret)) => {
                    failed = true;
                    findings.push(*self.missing(hole, wanted, secret));
                }
                Err(Absent::Failed(finding)) => {
                    failed = true;
                    findings.push(*finding);
                }
            }
        }
        if failed {
            for (hole, wanted, secret) in missing {
                findings.push(*self.missing(hole, wanted, secret));
            }
            return None;
        }
        if !missing.is_empty() {
            return Some(Change::Remove);
        }
        match filled {
            Filled::Base64(mut bytes, copied) => {
                bytes.extend_from_slice(&self.text.as_bytes()[copied..]);
                let mut fills = Fills::new();
                fills.push(0..self.scalar_len(), &STANDARD.encode(&bytes));
                Some(Change::Fill(fills))
            }
            Filled::Texts(fills) => {
                if self.site.target == Target::SecretData {
                    if let Err(finding) = self.check_secret_data(&fills, findings) {
                        findings.push(*finding);
                        return None;
                    }
                }
                Some(Change::Fill(fills))
            }
            Filled::Whole(change) => Some(change),
        }
    }

    pub(super) fn scalar(&self) -> usize {
        self.site.scalar as usize
    }

    /// The length of the scalar's own text.
    fn scalar_len(&self) -> usize {
        let scalar = self.planned.draft.scalar(self.source, self.scalar());
        scalar.map_or(0, |scalar| scalar.value.len())
    }

    pub(super) fn input(&self) -> usize {
        self.planned.input
    }

    pub(super) fn key(&self, wanted: &Wanted) -> &str {
        wanted.key(&self.plan.reads)
    }

    pub(super) fn text(&self) -> &str {
        &self.text
    }

    /// The value of a hole: of the first alternative that has one, else the default, through the
    /// modifiers.
    fn value(&self, hole: &'a Hole) -> Result<Cow<'a, SecretValue>, Absent<'a>> {
        let mut absent = None;
        for wanted in hole.wanted() {
            absent = match self.answers.answer(wanted.read()) {
                Ok(secret) => match secret.value(self.key(wanted)) {
                    Some(Ok(value)) => return self.transformed(hole, wanted, value),
                    Some(Err(error)) => return Err(self.key_error(hole, wanted, error)),
                    None => Some((wanted, Ok(secret))),
                },
                // Only a secret that is not there lets the next alternative speak; a vault that
                // cannot be reached never turns into a default.
                Err(error) if error.kind() == VaultErrorKind::NotFound => {
                    Some((wanted, Err(error)))
                }
                Err(error) => return Err(self.vault_error(hole, wanted, error)),
            };
        }
        let default = hole.modifiers().first().map(|modifier| &modifier.kind);
        match (default, absent) {
            (Some(ModifierKind::Default(text)), Some((wanted, _))) => {
                let value = SecretValue::text(text.as_str());
                let value = self.transformed(hole, wanted, &value)?;
                Ok(Cow::Owned(value.into_owned()))
            }
            (_, Some((wanted, Ok(secret)))) => Err(Absent::Missing(hole, wanted, secret)),
            (_, Some((wanted, Err(error)))) => Err(self.vault_error(hole, wanted, error)),
            (_, None) => {
                let message = "the placeholder names nothing to read";
                let finding = self.finding(hole, DiagnosticKind::Placeholder, message);
                Err(Absent::Failed(finding))
            }
        }
    }

    fn transformed<'v>(
        &self,
        hole: &Hole,
        wanted: &Wanted,
        value: &'v SecretValue,
    ) -> Result<Cow<'v, SecretValue>, Absent<'a>> {
        let read = self.plan.reads.get(wanted.read());
        let path = read.request.path.as_str();
        let origin = Origin::new(read.backend_name, path, self.key(wanted));
        if !hole.modifiers().is_empty() && self.answers.is_late() {
            let message = "the time of the run was over before its values were ready";
            let mut finding = self.finding(hole, DiagnosticKind::Modifier, message);
            finding.once = true;
            return Err(Absent::Failed(self.with_read(finding, wanted)));
        }
        transform::run(value, hole.modifiers(), &origin).map_err(|error| {
            let head = self.head(hole);
            // The words of an error can come from the modifier's argument.
            let message = if head == HIDDEN {
                format!("{}: the value does not fit", error.name)
            } else {
                format!("{error} for placeholder {head}")
            };
            let mut finding = self.finding(hole, DiagnosticKind::Modifier, message);
            if let Some(modifier) = hole.modifiers().get(error.modifier) {
                finding.offset = self.offset(modifier.span.start);
            }
            finding.diagnostic.hint = error.hint().map(str::to_owned);
            Absent::Failed(self.with_read(finding, wanted))
        })
    }

    /// Puts a value in the place of its hole.
    fn put(
        &self,
        hole: &Hole,
        value: &SecretValue,
        filled: &mut Filled,
    ) -> Result<(), Box<Finding>> {
        match filled {
            Filled::Base64(bytes, copied) => {
                let range = hole.range();
                bytes.extend_from_slice(&self.text.as_bytes()[*copied..range.start]);
                *copied = range.end;
                match (value.expose(), hole.escape()) {
                    (Exposed::Bytes(raw), None) => bytes.extend_from_slice(raw),
                    _ => bytes.extend_from_slice(self.text_of(hole, value)?.as_bytes()),
                }
            }
            Filled::Texts(fills) => {
                let whole = hole.range() == (0..self.text.len()) && hole.escape().is_none();
                let change = if whole {
                    self.alone(hole, value)?
                } else {
                    None
                };
                match change {
                    Some(change) => *filled = Filled::Whole(change),
                    None => fills.push(hole.range(), &self.text_of(hole, value)?),
                }
            }
            Filled::Whole(_) => {}
        }
        Ok(())
    }

    /// A value that is the whole scalar keeps its type (AVP rule 16); `None` if it goes in as text.
    fn alone(&self, hole: &Hole, value: &SecretValue) -> Result<Option<Change>, Box<Finding>> {
        match (value.expose(), self.site.target) {
            (Exposed::Bytes(bytes), Target::SecretData | Target::BinaryData) => {
                let mut fills = Fills::new();
                fills.push(hole.range(), &STANDARD.encode(bytes));
                Ok(Some(Change::Fill(fills)))
            }
            (Exposed::Text(_) | Exposed::Bytes(_), _) => Ok(None),
            (_, Target::ConfigMap | Target::BinaryData) => Ok(None),
            (exposed, Target::SecretData) => Err(self
                .finding(
                    hole,
                    DiagnosticKind::Value,
                    format!(
                        "the value is of type {}, and data of a Secret takes base64 text",
                        exposed.type_name()
                    ),
                )
                .advise("use stringData, or add | toJson | base64encode")),
            (_, Target::Other) => Ok(transform::typed_json(value).map(Change::Typed)),
        }
    }

    /// A value as text, escaped like the text around its hole.
    fn text_of<'v>(
        &self,
        hole: &Hole,
        value: &'v SecretValue,
    ) -> Result<Cow<'v, str>, Box<Finding>> {
        let text = transform::text_of(value).ok_or_else(|| {
            self.finding(
                hole,
                DiagnosticKind::Value,
                format!("the value of placeholder {} is binary", self.head(hole)),
            )
            .advise("add | base64encode, or put it alone into data of a Secret")
        })?;
        Ok(match hole.escape() {
            Some(escape) => escape.apply(&text).into(),
            None => text,
        })
    }

    /// The API server takes only base64 in `data` of a Secret, so clear text there is a mistake
    /// that is better found now.
    fn check_secret_data(
        &self,
        fills: &Fills,
        findings: &mut Findings,
    ) -> Result<(), Box<Finding>> {
        let Some(hole) = self.site.holes.first() else {
            return Ok(());
        };
        let result = Zeroizing::new(fills.filled(self.text()).unwrap_or_default());
        let Some(bytes) = placeholder::decode_bytes(&result) else {
            return Err(self
                .finding(
                    hole,
                    DiagnosticKind::Value,
                    format!(
                        "the value of placeholder {} is clear text, and data of a Secret takes base64",
                        self.head(hole)
                    ),
                )
                .advise("use stringData or | base64encode"));
        };
        let bytes = Zeroizing::new(bytes);
        let encoded = |hole: &Hole| {
            hole.modifiers()
                .iter()
                .any(|modifier| matches!(modifier.kind, ModifierKind::Base64Encode))
        };
        if std::str::from_utf8(&bytes).is_err() && !self.site.holes.iter().any(encoded) {
            let message = format!(
                "the value of placeholder {} is base64 perhaps only by accident: it decodes to bytes that are not text",
                self.head(hole)
            );
            let mut finding = self.finding(hole, DiagnosticKind::Value, message);
            finding.diagnostic.severity = Severity::Warning;
            findings.push(*finding.advise("if it is clear text, use stringData or | base64encode"));
        }
        Ok(())
    }
}
