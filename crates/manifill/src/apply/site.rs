//! Filling one scalar.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use manifill_manifest::{Change, Document, Edit, Fill, Removable, Scalar};
use manifill_placeholder::{self as placeholder, ModifierKind};
use manifill_vault::{Exposed, SecretValue, VaultErrorKind};
use zeroize::Zeroizing;

use super::findings::Advise as _;
use crate::diagnostic::{DiagnosticKind, Severity};
use crate::fetch::Fetched;
use crate::finding::{Finding, Findings};
use crate::plan::{HIDDEN, Hole, Plan, PlannedSite, Wanted};
use crate::transform::{self, Origin};

/// One scalar to fill and all that is known about it.
pub(crate) struct Filling<'a> {
    pub(crate) plan: &'a Plan<'a>,
    pub(crate) document: &'a Document,
    pub(crate) input: usize,
    pub(crate) site: &'a PlannedSite,
    pub(crate) source: &'a str,
    pub(crate) fetched: &'a Fetched,
}

/// Why a placeholder has no value.
pub(super) enum Absent {
    /// Its key is missing; `remove-missing` may act on that.
    Missing(Box<Finding>),
    /// Something is wrong.
    Failed(Box<Finding>),
}

/// What kind of field the value goes to; it decides how bytes and typed values are written.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Target {
    /// `data` of a Secret: base64 (the API server refuses anything else).
    SecretData,
    /// `binaryData` of a ConfigMap: base64.
    BinaryData,
    /// Anything else in a ConfigMap: always text (AVP rule 18).
    ConfigMap,
    Other,
}

impl Filling<'_> {
    /// The edit that fills the scalar; without one, the findings say why.
    pub(crate) fn edit(&self, findings: &mut Findings) -> Option<Edit> {
        let mut in_text = Findings::default();
        let edit = self.attempt(&mut in_text);
        in_text.locate(self.document, self.source, self.scalar_index());
        findings.append(in_text);
        edit
    }

    /// The same; the offsets of the findings are still those in the scalar's text.
    fn attempt(&self, findings: &mut Findings) -> Option<Edit> {
        let mut values = Vec::with_capacity(self.site.holes.len());
        let mut missing = Findings::default();
        let mut failed = false;
        for hole in &self.site.holes {
            match self.value(hole) {
                Ok(value) => values.push(value),
                Err(Absent::Missing(finding)) => missing.push(*finding),
                Err(Absent::Failed(finding)) => {
                    failed = true;
                    findings.push(*finding);
                }
            }
        }
        if !missing.is_empty() {
            let removable = self.scalar().removable == Removable::MapValue;
            if self.site.remove_missing && removable && !failed {
                return Some(Edit {
                    scalar: self.scalar_index(),
                    change: Change::Remove,
                });
            }
            findings.append(missing);
            return None;
        }
        if failed {
            return None;
        }
        match self.change(&values, findings) {
            Ok(change) => Some(Edit {
                scalar: self.scalar_index(),
                change,
            }),
            Err(finding) => {
                findings.push(*finding);
                None
            }
        }
    }

    pub(super) fn scalar(&self) -> &Scalar {
        &self.document.scalars()[self.scalar_index()]
    }

    pub(super) fn scalar_index(&self) -> usize {
        self.site.scalar as usize
    }

    pub(super) fn key(&self, wanted: &Wanted) -> &str {
        wanted.key(&self.plan.reads)
    }

    /// The text the holes are in.
    pub(super) fn text(&self) -> &str {
        self.site.decoded.as_deref().unwrap_or(&self.scalar().value)
    }

    fn kind(&self) -> &str {
        &self.document.resources()[self.scalar().resource].kind
    }

    /// The value of a hole: of the first alternative that has one, else the default, through the
    /// modifiers.
    fn value(&self, hole: &Hole) -> Result<SecretValue, Absent> {
        let default = hole
            .modifiers
            .first()
            .and_then(|modifier| match &modifier.kind {
                ModifierKind::Default(text) => Some(text),
                _ => None,
            });
        let mut last = None;
        let mut found = None;
        for wanted in &hole.wanted {
            match self.fetched.answer(wanted.read()) {
                Ok(secret) => match secret.value(self.key(wanted)) {
                    Some(Ok(value)) => {
                        found = Some((wanted, value.clone()));
                        break;
                    }
                    Some(Err(error)) => return Err(self.key_error(hole, wanted, error)),
                    None => last = Some(Absent::Missing(self.missing(hole, wanted, secret))),
                },
                // Only a secret that is not there lets the next alternative speak; a vault that
                // cannot be reached never turns into a default.
                Err(error) if error.kind() == VaultErrorKind::NotFound => {
                    last = Some(self.vault_error(hole, wanted, error));
                }
                Err(error) => return Err(self.vault_error(hole, wanted, error)),
            }
        }
        let (wanted, value) = match (found, default, last, hole.wanted.last()) {
            (Some(found), ..) => found,
            (None, Some(text), _, Some(wanted)) => (wanted, SecretValue::text(text.as_str())),
            (None, _, Some(absent), _) => return Err(absent),
            (None, ..) => {
                let message = "the placeholder names nothing to read";
                return Err(Absent::Failed(self.finding(
                    hole,
                    DiagnosticKind::Placeholder,
                    message,
                )));
            }
        };
        let read = self.plan.reads.get(wanted.read());
        let origin = Origin {
            backend: read.backend_name,
            path: read.request.path.as_str(),
            key: self.key(wanted),
        };
        transform::run(&value, &hole.modifiers, &origin).map_err(|error| {
            let head = self.head(hole);
            // The words of an error can come from the modifier's argument.
            let message = match head == HIDDEN {
                true => format!("{}: the value does not fit", error.name),
                false => format!("{error} for placeholder {head}"),
            };
            let mut finding = self.finding(hole, DiagnosticKind::Modifier, message);
            if let Some(modifier) = hole.modifiers.get(error.modifier) {
                finding.offset = self.offset(modifier.span.start);
            }
            finding.diagnostic.hint = error.hint().map(str::to_owned);
            Absent::Failed(self.with_read(finding, wanted))
        })
    }

    /// What becomes of the scalar.
    fn change(
        &self,
        values: &[SecretValue],
        findings: &mut Findings,
    ) -> Result<Change, Box<Finding>> {
        let text = self.text();
        let whole = 0..text.len();
        if self.site.decoded.is_some() {
            let bytes = self.decoded_bytes(values)?;
            let fill = Fill {
                range: 0..self.scalar().value.len(),
                text: STANDARD.encode(&bytes),
            };
            return Ok(Change::Fill(vec![fill]));
        }
        let target = self.target();
        if let ([hole], [value]) = (self.site.holes.as_slice(), values) {
            if hole.range == whole && hole.escape.is_none() {
                if let Some(change) = self.alone(hole, value, target)? {
                    return Ok(change);
                }
            }
        }
        let mut fills = Vec::with_capacity(values.len());
        for (hole, value) in self.site.holes.iter().zip(values) {
            let mut text = self.text_of(hole, value)?;
            if let Some(escape) = &hole.escape {
                text = escape.apply(&text);
            }
            fills.push(Fill {
                range: hole.range.clone(),
                text,
            });
        }
        if target == Target::SecretData {
            self.check_secret_data(&fills, findings)?;
        }
        Ok(Change::Fill(fills))
    }

    /// A value that is the whole scalar keeps its type (AVP rule 16); `None` if it goes in as text.
    fn alone(
        &self,
        hole: &Hole,
        value: &SecretValue,
        target: Target,
    ) -> Result<Option<Change>, Box<Finding>> {
        let fill = |text: String| {
            Ok(Some(Change::Fill(vec![Fill {
                range: hole.range.clone(),
                text,
            }])))
        };
        match (value.expose(), target) {
            (Exposed::Bytes(bytes), Target::SecretData | Target::BinaryData) => {
                fill(STANDARD.encode(bytes))
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

    /// The text inside a base64 value, filled.
    fn decoded_bytes(&self, values: &[SecretValue]) -> Result<Zeroizing<Vec<u8>>, Box<Finding>> {
        let text = self.text();
        let mut bytes = Zeroizing::new(Vec::with_capacity(text.len()));
        let mut copied = 0;
        for (hole, value) in self.site.holes.iter().zip(values) {
            bytes.extend_from_slice(&text.as_bytes()[copied..hole.range.start]);
            match (value.expose(), &hole.escape) {
                (Exposed::Bytes(raw), None) => bytes.extend_from_slice(raw),
                (_, escape) => {
                    let value = self.text_of(hole, value)?;
                    let value = escape
                        .as_ref()
                        .map_or_else(|| value.clone(), |e| e.apply(&value));
                    bytes.extend_from_slice(value.as_bytes());
                }
            }
            copied = hole.range.end;
        }
        bytes.extend_from_slice(&text.as_bytes()[copied..]);
        Ok(bytes)
    }

    fn text_of(&self, hole: &Hole, value: &SecretValue) -> Result<String, Box<Finding>> {
        transform::text_of(value).ok_or_else(|| {
            self.finding(
                hole,
                DiagnosticKind::Value,
                format!("the value of placeholder {} is binary", self.head(hole)),
            )
            .advise("add | base64encode, or put it alone into data of a Secret")
        })
    }

    /// The API server takes only base64 in `data` of a Secret, so clear text there is a mistake
    /// that is better found now.
    fn check_secret_data(
        &self,
        fills: &[Fill],
        findings: &mut Findings,
    ) -> Result<(), Box<Finding>> {
        let Some(hole) = self.site.holes.first() else {
            return Ok(());
        };
        let result = Zeroizing::new(filled(self.text(), fills));
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
            hole.modifiers
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

    fn target(&self) -> Target {
        match self.kind() {
            "Secret" if self.is_under("data") => Target::SecretData,
            "ConfigMap" if self.is_under("binaryData") => Target::BinaryData,
            "ConfigMap" => Target::ConfigMap,
            _ => Target::Other,
        }
    }

    /// Whether the scalar is in that field at the top of its resource.
    fn is_under(&self, field: &str) -> bool {
        let path = self.document.field_path(self.source, self.scalar_index());
        let mut path = path.as_str();
        let resources = self.document.resources();
        let mut list = resources[self.scalar().resource].list;
        while let Some(above) = list {
            // `items[3].` of the List that holds the resource.
            path = path.split_once("].").map_or("", |(_, rest)| rest);
            list = resources[above].list;
        }
        path.strip_prefix(field)
            .is_some_and(|rest| rest.starts_with(['.', '[']))
    }
}

/// A text with some ranges replaced.
fn filled(text: &str, fills: &[Fill]) -> String {
    let mut out = String::with_capacity(text.len());
    let mut copied = 0;
    for fill in fills {
        out.push_str(&text[copied..fill.range.start]);
        out.push_str(&fill.text);
        copied = fill.range.end;
    }
    out.push_str(&text[copied..]);
    out
}
