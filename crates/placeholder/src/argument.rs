//! The arguments of modifiers.

use crate::error::PlaceholderErrorKind as Kind;
use crate::piece::Piece;

/// Why a modifier does not take its arguments.
pub(crate) struct Misfit<'t> {
    pub(crate) kind: Kind,
    /// The argument that is wrong, where it is not all of them.
    pub(crate) at: Option<Piece<'t>>,
    /// What to do, where the usage of the modifier does not say it.
    pub(crate) hint: Option<&'static str>,
}

impl From<Kind> for Misfit<'_> {
    fn from(kind: Kind) -> Self {
        Misfit {
            kind,
            at: None,
            hint: None,
        }
    }
}

/// A modifier without arguments (AVP rule 31).
pub(crate) fn none<T>(arguments: Piece<'_>, kind: T) -> Result<T, Misfit<'_>> {
    if arguments.is_empty() {
        Ok(kind)
    } else {
        Err(Kind::InvalidParameters.into())
    }
}

/// Exactly one decimal number, which may have a plus sign (AVP rule 35).
///
/// AVP takes a negative number for 0 and has no upper bound, so that one placeholder can ask for
/// gigabytes of blanks.
pub(crate) fn number(arguments: Piece<'_>, most: usize) -> Result<usize, Misfit<'_>> {
    match arguments.text.parse() {
        Ok(number) if number <= most => Ok(number),
        _ => Err(Kind::InvalidParameters.into()),
    }
}

/// A jsonPath expression: the words of the arguments joined by single spaces (AVP rule 36).
/// Quotes belong to the expression. `\u003c` and `\u003e` are `<` and `>`, which cannot stand in a
/// placeholder.
pub(crate) fn joined(arguments: Piece<'_>) -> Result<String, Misfit<'_>> {
    let words: Vec<&str> = arguments.text.split_whitespace().collect();
    if words.is_empty() {
        return Err(Kind::InvalidParameters.into());
    }
    let joined = words.join(" ");
    if is_open(&joined) {
        return Err(Kind::UnclosedBrace.into());
    }
    Ok(with_brackets(&joined))
}

/// A text in which `\u003c` and `\u003e` stand for brackets and every other backslash for itself.
fn with_brackets(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(at) = rest.find('\\') {
        let (before, escape) = rest.split_at(at);
        out.push_str(before);
        let (bracket, length) = bracket(escape).unwrap_or(('\\', 1));
        out.push(bracket);
        rest = &escape[length..];
    }
    out.push_str(rest);
    out
}

/// One text, in quotes or a bare word; nothing gives nothing. Single quotes are for JSON, where a double
/// one ends the string around the placeholder.
pub(crate) fn one_text(arguments: Piece<'_>) -> Result<Option<String>, Misfit<'_>> {
    let text = arguments.text;
    let single = text
        .strip_prefix('\'')
        .and_then(|rest| rest.strip_suffix('\''));
    if let Some(inside) = single.filter(|inside| !inside.contains('\'')) {
        return Ok(Some(with_brackets(inside)));
    }
    match text.strip_prefix('"') {
        Some(rest) => {
            let (unquoted, after) = unquote(rest)?;
            if after.is_empty() {
                Ok(Some(unquoted))
            } else {
                Err(Kind::InvalidParameters.into())
            }
        }
        None if text.is_empty() => Ok(None),
        None if text.contains('"') || text.contains(char::is_whitespace) => {
            Err(Kind::InvalidParameters.into())
        }
        None => Ok(Some(text.to_owned())),
    }
}

/// Reads a quoted text from behind its opening quote, and says what follows the closing one.
fn unquote(text: &str) -> Result<(String, &str), Kind> {
    let mut unquoted = String::with_capacity(text.len());
    let mut rest = text;
    // An unclosed quote is the likelier mistake: a `>` may have cut off the rest of the escape.
    let mut unknown_escape = false;
    loop {
        let Some(at) = rest.find(['"', '\\']) else {
            return Err(Kind::UnclosedQuote);
        };
        let (before, from) = rest.split_at(at);
        unquoted.push_str(before);
        if let Some(after) = from.strip_prefix('"') {
            if unknown_escape {
                return Err(Kind::UnknownEscape);
            }
            return Ok((unquoted, after));
        }
        let (escaped, length) = match from.as_bytes() {
            [_, b'"', ..] => ('"', 2),
            [_, b'\\', ..] => ('\\', 2),
            _ => bracket(from).unwrap_or_else(|| {
                unknown_escape = true;
                ('\\', 1)
            }),
        };
        unquoted.push(escaped);
        rest = &from[length..];
    }
}

/// The bracket that a text begins with as an escape sequence, and the length of that.
fn bracket(text: &str) -> Option<(char, usize)> {
    const LENGTH: usize = r"\u003c".len();
    let escape = text.get(..LENGTH)?;
    if escape.eq_ignore_ascii_case(r"\u003c") && escape.starts_with(r"\u") {
        return Some(('<', LENGTH));
    }
    if escape.eq_ignore_ascii_case(r"\u003e") && escape.starts_with(r"\u") {
        return Some(('>', LENGTH));
    }
    None
}

/// Whether a jsonPath expression ends inside of `{…}`. Braces in its quoted texts do not count.
fn is_open(expression: &str) -> bool {
    let mut inside = false;
    let mut quote = None;
    let mut chars = expression.chars();
    while let Some(c) = chars.next() {
        match (c, quote) {
            _ if !inside => inside = c == '{',
            ('\\', _) => {
                chars.next();
            }
            (c, Some(open)) if c == open => quote = None,
            (_, Some(_)) => {}
            ('\'' | '"', None) => quote = Some(c),
            ('}', None) => inside = false,
            _ => {}
        }
    }
    inside
}
