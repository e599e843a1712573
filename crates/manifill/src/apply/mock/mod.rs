//! Mock values: what stands for the result of a placeholder where no vault is asked.
//!
//! They are the same in every run, so that a change of a manifest shows as itself, and they fit where
//! they stand, so that what reads manifests (a linter, a dry run) takes them.

mod fields;

use data_encoding::HEXLOWER;
use manifill_manifest::Step;
use manifill_placeholder::{self as placeholder, ModifierKind};
use manifill_vault::SecretValue;
use sha2::{Digest as _, Sha256};

use super::field::FieldWriter;
use crate::plan::{PlannedPlaceholder, Target};

/// A certificate, which is its own authority, and its key: for `mock.invalid`, until 2120.
const CERTIFICATE: &str = include_str!("tls.crt");
const KEY: &str = include_str!("tls.key");

/// The login of a registry, as `kubectl create secret docker-registry` writes it.
const REGISTRIES: &str =
    r#"{"auths":{"mock.invalid":{"username":"mock","password":"mock","auth":"bW9jazptb2Nr"}}}"#;
const REGISTRIES_OF_OLD: &str =
    r#"{"mock.invalid":{"username":"mock","password":"mock","auth":"bW9jazptb2Nr"}}"#;

/// How many characters a text has.
const LENGTH: usize = 32;

/// How many characters a text has whose base64 has as many as another text.
const LENGTH_IN_BASE64: usize = LENGTH / 4 * 3;

impl FieldWriter<'_> {
    /// What stands for the result of a placeholder with all its modifiers.
    pub(super) fn mocked(&self, placeholder: &PlannedPlaceholder) -> SecretValue {
        let report = &self.report;
        let target = self.field.target;
        let text = |length| self.mock_text(placeholder, length);
        let place = report.locator.steps(self.field.scalar as usize);
        let (kind, steps) = place.unwrap_or_default();
        let known = (report.depth == 0 && self.is_all_placeholders())
            .then(|| of_secret(target, &steps))
            .flatten();
        if report.encodings == 0 && target.base64_place().is_some() {
            let text = known.map_or_else(|| text(LENGTH_IN_BASE64), str::to_owned);
            return SecretValue::text(placeholder::encode(text.as_bytes()));
        }
        if let Some(known) = known {
            return SecretValue::text(known);
        }
        let is_whole = placeholder.range_at(report.depth) == (0..report.text.len());
        if is_whole && placeholder.escape().is_none() {
            let tagged = self.tagged_type();
            match (target, tagged, steps.last()) {
                (Target::Holder, _, last) => return holder(kind, &steps, last, &text),
                (Target::Other, Some(tag), _) => return of_type(tag, text(LENGTH)),
                (Target::Other, None, _) => {
                    if let Some(number) = fields::number(&steps) {
                        return literal(number);
                    }
                    if is_parsed(placeholder) {
                        return SecretValue::null();
                    }
                }
                _ => {}
            }
        } else if self.is_bare_in_json(placeholder) {
            return literal("1");
        }
        SecretValue::text(text(LENGTH))
    }

    /// A text that tells apart what is read, and what modifiers make of it.
    fn mock_text(&self, placeholder: &PlannedPlaceholder, length: usize) -> String {
        let mut hash = Sha256::new();
        let mut add = |word: &str| {
            hash.update(word.as_bytes());
            hash.update([0]);
        };
        for wanted in placeholder.wanted() {
            let read = self.report.plan.reads.get(wanted.read());
            add(read.request.path.as_str());
            add(read.request.version.as_deref().unwrap_or_default());
            add(self.report.key(wanted));
        }
        // The modifiers as they are spelled, without the argument of `default`, which may be a value.
        let label = self.report.label(placeholder);
        let modifiers = label.get(self.report.head(placeholder).len()..);
        add(&modifiers.unwrap_or_default().replace(' ', ""));
        let mut text = format!("mock-{}", HEXLOWER.encode(&hash.finalize()));
        text.truncate(length);
        text
    }

    /// Whether there is nothing beside placeholders in the text.
    fn is_all_placeholders(&self) -> bool {
        let text = self.report.text.as_ref();
        let mut from = 0;
        let mut between = self.field.placeholders.iter().map(|one| {
            let range = one.range_at(self.report.depth);
            let before = text.get(from..range.start);
            from = range.end;
            before
        });
        let is_white = |text: Option<&str>| text.is_some_and(|text| text.trim_ascii().is_empty());
        between.all(is_white) && is_white(text.get(from..))
    }

    /// Whether it stands in JSON outside of its strings, where a text would need quotes.
    fn is_bare_in_json(&self, placeholder: &PlannedPlaceholder) -> bool {
        let text = self.report.text.as_ref();
        let range = placeholder.range_at(self.report.depth);
        let parts = text.get(..range.start).zip(text.get(range.end..));
        parts.is_some_and(|(before, after)| {
            text.trim_ascii_start().starts_with(['{', '['])
                && before.trim_ascii_end().ends_with([':', ',', '['])
                && after.trim_ascii_start().starts_with([',', '}', ']'])
        })
    }
}

/// Whether its value is of any type: what a field takes that is given a list or a map is not known, but
/// a cluster takes null for what is not set.
fn is_parsed(placeholder: &PlannedPlaceholder) -> bool {
    let last = placeholder.modifiers().last().map(|last| &last.kind);
    matches!(
        last,
        Some(ModifierKind::JsonParse | ModifierKind::YamlParse)
    )
}

/// What a key of a Secret holds that programs know by its name.
fn of_secret(target: Target, steps: &[Step<'_>]) -> Option<&'static str> {
    if !matches!(target, Target::SecretData | Target::StringData) {
        return None;
    }
    match steps.last()? {
        Step::Key(key) => match key.as_ref() {
            "tls.crt" | "ca.crt" => Some(CERTIFICATE),
            "tls.key" => Some(KEY),
            ".dockerconfigjson" => Some(REGISTRIES),
            ".dockercfg" => Some(REGISTRIES_OF_OLD),
            _ => None,
        },
        _ => None,
    }
}

/// A whole list or map whose members are texts.
fn holder(
    kind: &str,
    steps: &[Step<'_>],
    last: Option<&Step<'_>>,
    text: &dyn Fn(usize) -> String,
) -> SecretValue {
    let is_list =
        matches!(last, Some(Step::Key(key)) if matches!(key.as_ref(), "args" | "command"));
    if is_list {
        return SecretValue::list([SecretValue::text(text(LENGTH))]);
    }
    let mut member = steps.to_vec();
    member.push(Step::Key("mock".into()));
    let text = match Target::of(kind, &member).base64_place() {
        Some(_) => placeholder::encode(text(LENGTH_IN_BASE64).as_bytes()),
        None => text(LENGTH),
    };
    SecretValue::map([("mock", SecretValue::text(text))])
}

/// A value of the type that a tag asks for.
fn of_type(tag: &str, text: String) -> SecretValue {
    match tag {
        "int" | "float" => literal("1"),
        "bool" => literal("true"),
        "null" => SecretValue::null(),
        "seq" => SecretValue::list([SecretValue::text(text)]),
        "map" => SecretValue::map([("mock", SecretValue::text(text))]),
        _ => SecretValue::text(text),
    }
}

fn literal(json: &str) -> SecretValue {
    SecretValue::from_json(json).unwrap_or_else(SecretValue::null)
}
