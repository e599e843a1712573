//! What stands between the brackets of a placeholder.

use crate::Span;
use crate::error::{Mistake, PlaceholderError, PlaceholderErrorKind as Kind};
use crate::grammar::{Grammar, INLINE, SCHEME, begins_reference};
use crate::modifier::{self, MAX_MODIFIERS, Modifier, ModifierKind, Parsed};
use crate::op::OpReference;
use crate::piece::Piece;
use crate::placeholder::{Placeholder, Reference};
use crate::segments::{Cut, cuts};

/// Whether `<body>` is a placeholder, well-formed or not, and no ordinary text.
pub(crate) fn is_placeholder(body: &str, grammar: Grammar) -> bool {
    if !grammar.annotated {
        return begins_reference(body);
    }
    !grammar.strict || begins_reference(body.trim_ascii_start()) || is_strict_key(body)
}

/// Whether a body is a generic placeholder under `--strict`: `key`, then nothing or `| …`.
fn is_strict_key(body: &str) -> bool {
    let word = |c: char| c.is_ascii_alphanumeric() || matches!(c, '_' | '.' | '-');
    let rest = body.trim_start_matches(word);
    let after = rest.trim_ascii_start();
    rest.len() < body.len() && (after.is_empty() || after.starts_with('|'))
}

/// Whether what stands between brackets is a name as people give them to keys, `my key`, then
/// nothing or `| …`: hardly anything but a placeholder.
///
/// ```
/// use manifill_placeholder::is_name;
/// assert!(is_name("my key") && is_name("password | trim"));
/// assert!(!is_name("a href='x'") && !is_name("br/") && !is_name("vault:a"));
/// ```
pub fn is_name(body: &str) -> bool {
    let word = |c: char| c.is_ascii_alphanumeric() || matches!(c, '_' | '.' | '-' | ' ');
    let rest = body.trim_start_matches(word);
    body.starts_with(|c: char| c.is_ascii_alphabetic() || c == '_')
        && (rest.is_empty() || rest.starts_with('|'))
        && !rest.contains(['<', '>', '\n'])
}

/// Reads the body of the placeholder that covers `span`.
pub(crate) fn parse(
    span: Span,
    body: Piece<'_>,
    grammar: Grammar,
) -> Result<Placeholder, PlaceholderError> {
    let cuts = cuts(body.text);
    let modifiers_at = cuts
        .iter()
        .position(|(_, cut)| *cut == Cut::Modifier)
        .unwrap_or(cuts.len());
    let head_end = cuts
        .get(modifiers_at)
        .map_or(body.text.len(), |(at, _)| *at);
    let head = body.split_at(head_end).0;
    let alternatives = alternatives(head, &cuts[..modifiers_at], grammar).map_err(|mistake| {
        let survives = survives(body.text, &mistake, grammar);
        // These mistakes point at their place; they need no name.
        mistake.of("", survives)
    })?;
    let (modifiers, label) = modifiers(body, &cuts[modifiers_at..])
        .map_err(|mistake| mistake.of(&one_line(head.trim().text), false))?;
    Ok(Placeholder {
        span,
        alternatives,
        modifiers,
        label,
        head: head.trim().text.len(),
    })
}

fn alternatives(
    head: Piece<'_>,
    cuts: &[(usize, Cut)],
    grammar: Grammar,
) -> Result<Vec<Reference>, Mistake> {
    let mut alternatives = Vec::with_capacity(cuts.len() + 1);
    let mut start = 0;
    let ends = cuts.iter().map(|(at, _)| *at).chain([head.text.len()]);
    for end in ends {
        let piece = head.split_at(end).0.after(start).trim();
        if piece.is_empty() && !cuts.is_empty() {
            return Err(Mistake::at(Kind::EmptyAlternative, piece));
        }
        alternatives.push(reference(piece, grammar, start > 0)?);
        start = end + "||".len();
    }
    Ok(alternatives)
}

fn reference(piece: Piece<'_>, grammar: Grammar, later: bool) -> Result<Reference, Mistake> {
    if piece.text.starts_with(SCHEME) {
        return OpReference::parse(piece).map(Reference::Op);
    }
    if let Some(inline) = piece.strip_prefix(INLINE) {
        if inline.text.contains('#') {
            return path(inline);
        }
        if !grammar.annotated || grammar.strict {
            return Err(Mistake::at(Kind::NoKey, piece));
        }
    }
    let word = piece
        .text
        .split_ascii_whitespace()
        .next()
        .unwrap_or_default();
    // `|| default "x"` is a slip for `| default "x"`; taken for a key, it would show the text.
    let slip = later && word == "default" && word.len() < piece.text.len();
    if slip || !grammar.annotated {
        return Err(Mistake::at(Kind::AlternativeForm, piece).about(if slip { word } else { "" }));
    }
    if piece.is_empty() {
        return Err(Mistake::at(Kind::EmptyKey, piece));
    }
    Ok(Reference::Key { key: piece.part() })
}

/// `PATH#KEY` or `PATH#KEY#VERSION`.
fn path(piece: Piece<'_>) -> Result<Reference, Mistake> {
    let mut pieces = piece.split('#');
    let mut next = |empty: Kind| {
        pieces.next().map(Piece::trim).map(|piece| {
            if piece.is_empty() {
                Err(Mistake::at(empty, piece).about(INLINE))
            } else {
                Ok(piece)
            }
        })
    };
    let path = next(Kind::EmptyPath).transpose()?;
    let key = next(Kind::EmptyKey).transpose()?;
    let version = next(Kind::EmptyVersion).transpose()?;
    if let Some(more) = pieces.next() {
        return Err(Mistake::at(Kind::TooManyHashes, more));
    }
    let (Some(path), Some(key)) = (path, key) else {
        return Err(Mistake::at(Kind::NoKey, piece));
    };
    if key.text == "*" {
        return Err(Mistake::at(Kind::WholeItem, key));
    }
    Ok(Reference::Path {
        path: path.part(),
        key: key.part(),
        version: version.map(Piece::part),
    })
}

/// The modifiers, and the label of the placeholder, without the argument of `default`.
fn modifiers(body: Piece<'_>, cuts: &[(usize, Cut)]) -> Result<(Vec<Modifier>, String), Mistake> {
    let mut modifiers = Vec::with_capacity(cuts.len().min(MAX_MODIFIERS));
    let mut hidden: Option<Span> = None;
    for (index, (at, cut)) in cuts.iter().enumerate() {
        let end = cuts.get(index + 1).map_or(body.text.len(), |(end, _)| *end);
        if *cut == Cut::Alternative {
            let mark = body.after(*at).split_at("||".len()).0;
            return Err(Mistake::at(Kind::LateAlternative, mark));
        }
        let piece = body.split_at(end).0.after(at + 1);
        if index == MAX_MODIFIERS {
            return Err(Mistake::at(Kind::TooManyModifiers, piece.trim()));
        }
        let Parsed {
            modifier,
            arguments,
        } = modifier::parse(piece, index == 0)?;
        if matches!(modifier.kind, ModifierKind::Default(_)) {
            hidden = Some(arguments.start - body.start..arguments.end - body.start);
        }
        modifiers.push(modifier);
    }
    let label = match hidden {
        None => body.trim().text.to_owned(),
        Some(hidden) => {
            let (before, rest) = body.split_at(hidden.start);
            let after = rest.after(hidden.len());
            format!(
                "{}…{}",
                before.text.trim_ascii_start(),
                after.text.trim_ascii_end()
            )
        }
    };
    Ok((modifiers, label))
}

/// Whether AVP takes the body for ordinary text and leaves it in its output.
///
/// Under the annotation it takes everything for a placeholder. Without, its expression wants two or
/// three parts between `#`, none of them empty, and knows nothing of `op://`.
fn survives(body: &str, mistake: &Mistake, grammar: Grammar) -> bool {
    if grammar.annotated || matches!(mistake.kind, Kind::OpCharacter | Kind::OpQuery) {
        return false;
    }
    let Some(inline) = body.strip_prefix(INLINE) else {
        return true;
    };
    let parts: Vec<&str> = inline.splitn(4, '#').collect();
    !(matches!(parts.len(), 2 | 3) && parts.iter().all(|part| !part.is_empty()))
}

/// A head as a message shows it.
fn one_line(head: &str) -> String {
    head.chars()
        .map(|c| if c.is_control() { ' ' } else { c })
        .collect()
}
