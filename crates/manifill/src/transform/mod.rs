//! Running modifiers on values: `<user | trim | base64encode>`.
//!
//! A placeholder's modifiers are parsed by `manifill_placeholder`; here they act on the value that
//! was read, from left to right. [`check`] finds what is wrong with them before anything is read,
//! [`run`] runs them, and [`text_of`] and [`typed_json`] give the result the shape in which it is
//! put into a manifest.
//!
//! Modifiers that AVP knows do what AVP does (its rules 31 to 39), with these differences: numbers,
//! booleans and bytes are accepted wherever text is, numbers keep their digits, `base64decode`
//! reports what is not base64 and keeps binary data, and `indent` keeps blank lines and inner
//! indentation.

mod bounded;
mod derive;
mod digest;
mod error;
mod escape;
mod hint;
mod json;
mod jsonpath;
mod location;
mod scalar;
mod text;
mod yaml;

#[cfg(test)]
mod tests;

use std::borrow::Cow;

use manifill_vault::{Exposed, SecretValue};

pub use manifill_placeholder::{MODIFIERS, Modifier, ModifierKind, ModifierSpec};

use bounded::{Bounded, fits};
pub use hint::hint;

pub use error::{TransformError, TransformErrorKind};
pub use json::typed_json;
pub use jsonpath::JsonPathError;
pub use location::KeyLocation;
use scalar::{bytes, scalar};

/// Runs modifiers on a value, from left to right.
///
/// `default` does nothing here: whether a value is missing is decided before.
///
/// # Errors
/// The first modifier that refuses its input or makes more than 16 MiB of it (rule R11). The error never holds a part of the value.
///
/// ```
/// use manifill_placeholder::{parse, Grammar};
/// use manifill::transform::{run, KeyLocation};
/// use manifill::vault::SecretValue;
///
/// let placeholder = parse("<path:db#cfg | jsonPath {.port} | base64encode>", Grammar::default()).unwrap();
/// let value = SecretValue::text(r#"{"port": 5432}"#);
/// let location = KeyLocation::new("file", "db", "cfg");
/// let port = run(&value, &placeholder.modifiers, &location).unwrap();
/// assert_eq!(port.expose().as_text(), Some("NTQzMg=="));
/// ```
pub fn run<'v>(
    value: &'v SecretValue,
    modifiers: &[Modifier],
    location: &KeyLocation<'_>,
) -> Result<Cow<'v, SecretValue>, TransformError> {
    run_in_time(value, modifiers, location, || false)
}

/// The same until `is_late`, which is asked before each modifier.
pub(crate) fn run_in_time<'v>(
    value: &'v SecretValue,
    modifiers: &[Modifier],
    location: &KeyLocation<'_>,
    is_late: impl Fn() -> bool,
) -> Result<Cow<'v, SecretValue>, TransformError> {
    let mut current = Cow::Borrowed(value);
    for (index, modifier) in modifiers.iter().enumerate() {
        if matches!(modifier.kind, ModifierKind::Default(_)) {
            continue;
        }
        let next = if is_late() {
            Err(TransformErrorKind::TooLate)
        } else {
            apply(&current, &modifier.kind, location).and_then(bounded_value)
        };
        let next = next.map_err(|kind| TransformError::new(index, modifier.kind.name(), kind))?;
        current = Cow::Owned(next);
    }
    Ok(current)
}

/// Finds what is wrong with modifiers without a value: the syntax of a `jsonPath` expression, the
/// user of `bcrypt`, the label and the number of `derive`.
///
/// # Errors
/// The first modifier that could not run on any value.
pub fn check(modifiers: &[Modifier]) -> Result<(), TransformError> {
    for (index, modifier) in modifiers.iter().enumerate() {
        let checked = match &modifier.kind {
            ModifierKind::JsonPath(expression) => jsonpath::check(expression).map_err(Into::into),
            ModifierKind::Bcrypt { user } => digest::check_user(user.as_deref()),
            ModifierKind::Derive { label, form } => derive::check(label, *form),
            _ => Ok(()),
        };
        checked.map_err(|kind| TransformError::new(index, modifier.kind.name(), kind))?;
    }
    Ok(())
}

/// For a key that a `jsonPath` of these modifiers does not find: its name, and the names that the
/// value has there.
pub(crate) fn names_there(
    value: &SecretValue,
    modifiers: &[Modifier],
) -> Option<(String, Vec<String>)> {
    let nowhere = KeyLocation::new("", "", "");
    let error = run(value, modifiers, &nowhere).err()?;
    let TransformErrorKind::JsonPath(JsonPathError::NotFound(name)) = error.kind else {
        return None;
    };
    let before = run(value, modifiers.get(..error.modifier)?, &nowhere).ok()?;
    match &modifiers.get(error.modifier)?.kind {
        ModifierKind::JsonPath(expression) => {
            Some((name, jsonpath::names_there(expression, &before)))
        }
        _ => None,
    }
}

/// The text of a value, for use inside other text and in ConfigMaps.
///
/// Numbers give their digits, booleans `true` and `false`, null `null`, maps and lists compact
/// JSON as Go writes it (sorted keys; `<`, `>` and `&` escaped), bytes the text that they hold.
/// `None` if the value is, or holds, bytes that are not UTF-8.
///
/// ```
/// use manifill::transform::text_of;
/// use manifill::vault::SecretValue;
///
/// let value = SecretValue::from_json(r#"{ "x": [1, {"y": "z"}] }"#).unwrap();
/// assert_eq!(text_of(&value).as_deref(), Some(r#"{"x":[1,{"y":"z"}]}"#));
/// assert_eq!(text_of(&SecretValue::bytes([0xff])), None);
/// ```
pub fn text_of(value: &SecretValue) -> Option<Cow<'_, str>> {
    match value.expose() {
        Exposed::Null => Some("null".into()),
        exposed @ (Exposed::List(_) | Exposed::Map(_)) => Some(json::compact(exposed).ok()?.into()),
        _ => Some(scalar(value).ok()?.into()),
    }
}

fn apply(
    value: &SecretValue,
    kind: &ModifierKind,
    location: &KeyLocation<'_>,
) -> Result<SecretValue, TransformErrorKind> {
    let text = match kind {
        ModifierKind::Default(_) => return Ok(value.clone()),
        ModifierKind::Base64Decode => return text::base64_decode(bytes(value)?),
        ModifierKind::JsonParse => {
            fits(scalar(value)?.len())?;
            return SecretValue::from_json(scalar(value)?).ok_or(TransformErrorKind::NotJson);
        }
        ModifierKind::YamlParse => {
            fits(scalar(value)?.len())?;
            return yaml::parse(scalar(value)?);
        }
        ModifierKind::Base64Encode => text::base64_encode(bytes(value)?)?,
        ModifierKind::Sha256Sum => digest::sha256(bytes(value)?),
        ModifierKind::Sha512Sum => digest::sha512(bytes(value)?),
        ModifierKind::Bcrypt { user } => digest::bcrypt(bytes(value)?, user.as_deref(), location)?,
        ModifierKind::Derive { label, form } => derive::derive(bytes(value)?, label, *form)?,
        ModifierKind::UrlEncode => text::url_encode(bytes(value)?)?,
        ModifierKind::Trim => scalar(value)?.trim().to_owned(),
        ModifierKind::Indent(blanks) => text::indent(scalar(value)?, *blanks)?,
        ModifierKind::NIndent(blanks) => text::nindent(scalar(value)?, *blanks)?,
        ModifierKind::JsonPath(expression) => jsonpath::run(expression, value)?,
        ModifierKind::ToJson => {
            let mut out = Bounded::value();
            json::push_compact(value.expose(), &mut out)?;
            out.finish()
        }
        ModifierKind::ToYaml => yaml::block(value.expose())?,
        ModifierKind::Unescape => escape::unescape(scalar(value)?),
        ModifierKind::JsonEscape => escape::json(&inside(value)?)?,
        ModifierKind::ShellQuote => escape::shell(&inside(value)?)?,
        ModifierKind::XmlEscape => escape::xml(&inside(value)?)?,
        _ => return Err(TransformErrorKind::Unsupported),
    };
    Ok(SecretValue::text(text))
}

/// A value as it stands inside other text: whatever would be put there can be escaped for it.
fn inside(value: &SecretValue) -> Result<Cow<'_, str>, TransformErrorKind> {
    text_of(value).ok_or(TransformErrorKind::Datatype("bytes"))
}

/// A value as a modifier may leave it.
fn bounded_value(value: SecretValue) -> Result<SecretValue, TransformErrorKind> {
    fits(bounded::size(value.expose()))?;
    Ok(value)
}
