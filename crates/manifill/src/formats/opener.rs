//! Where placeholders stand in a text whose quotes and escapes are not known yet.

use manifill_placeholder::OPENERS;

/// Whether an opener of placeholders stands at a byte.
pub(super) fn opens(source: &str, at: usize) -> bool {
    let inside = source.get(at..).and_then(|rest| rest.strip_prefix('<'));
    inside.is_some_and(|inside| OPENERS.iter().any(|opener| inside.starts_with(opener)))
}

/// Where the placeholder ends that begins at a byte: it stays on its line and holds no further `<`.
pub(super) fn placeholder_end(source: &str, at: usize) -> Option<usize> {
    if !opens(source, at) {
        return None;
    }
    let inside = &source[at + 1..];
    let end = inside.find(['<', '>', '\n', '\r'])?;
    inside[end..].starts_with('>').then_some(at + 1 + end + 1)
}

/// The byte of an opener in a text.
pub(super) fn opener_in(text: &str) -> Option<usize> {
    memchr::memchr_iter(b'<', text.as_bytes()).find(|at| opens(text, *at))
}
