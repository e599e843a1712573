//! Where the inside of a placeholder is cut.

/// What the cut before a segment is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Cut {
    /// `|`
    Modifier,
    /// `||`
    Alternative,
}

/// The cuts of a placeholder's inside: every `|` and `||` outside of double quotes and braces
/// (rule R3), with its offset.
///
/// A quote or brace that is never closed is ordinary text. One pass: when a brace closes, the cuts
/// found since it opened are dropped.
pub(crate) fn cuts(body: &str) -> Vec<(usize, Cut)> {
    let bytes = body.as_bytes();
    let mut cuts: Vec<(usize, Cut)> = Vec::new();
    let mut open_braces = Vec::new();
    let mut quotes_close = true;
    let mut at = 0;
    while let Some(byte) = bytes.get(at) {
        match byte {
            b'"' if quotes_close => match closing_quote(bytes, at) {
                Some(end) => at = end,
                // The quotes that follow, if any, all stand behind a backslash.
                None => quotes_close = false,
            },
            b'{' => open_braces.push(cuts.len()),
            b'}' => {
                if let Some(count) = open_braces.pop() {
                    cuts.truncate(count);
                }
            }
            b'|' if bytes.get(at + 1) == Some(&b'|') => {
                cuts.push((at, Cut::Alternative));
                at += 1;
            }
            b'|' => cuts.push((at, Cut::Modifier)),
            _ => {}
        }
        at += 1;
    }
    cuts
}

/// The offset of the quote that closes the one at `open`.
fn closing_quote(bytes: &[u8], open: usize) -> Option<usize> {
    let mut at = open + 1;
    loop {
        match bytes.get(at)? {
            b'"' => return Some(at),
            b'\\' => at += 2,
            _ => at += 1,
        }
    }
}
