//! Lines of a text.

/// The end of the line (before its break) that holds the byte `at`.
#[inline]
pub fn line_end(text: &str, at: usize) -> usize {
    let rest = text.as_bytes().get(at..).unwrap_or_default();
    memchr::memchr2(b'\n', b'\r', rest).map_or(text.len(), |n| at + n)
}

/// The start of the line that holds the byte `at`.
pub fn line_start(text: &str, at: usize) -> usize {
    let rest = text.as_bytes().get(..at).unwrap_or_default();
    memchr::memrchr2(b'\n', b'\r', rest).map_or(0, |n| n + 1)
}
