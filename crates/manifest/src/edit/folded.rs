//! Where a folded block (`>`) is written into: it stays one where each new part is a piece of a line.

use crate::Span;
use crate::edit::edits::TextEdits;
use crate::edit::output::ranges;
use crate::read::raw;
use crate::read::scalar::Scalar;

/// Whether a folded block stays as it is around these parts: its lines stay lines of text.
pub(crate) fn stays(fills: &TextEdits, old: &str) -> bool {
    let end = old.trim_end_matches('\n').len();
    fills.iter().all(|(part, text)| {
        let text = if part.end == end {
            text.trim_end_matches('\n')
        } else {
            text
        };
        let blank = [' ', '\t', '\n'];
        !text.is_empty()
            && !text.starts_with(blank)
            && !text.ends_with(blank)
            && !text.contains('\n')
    })
}

/// Where the parts stand in the source. What is not white space is the same there as in the value,
/// so a part that is not folded itself can be found by counting.
pub(crate) fn places(
    source: &str,
    scalar: &Scalar<'_>,
    fills: &TextEdits,
) -> Option<std::vec::IntoIter<Span>> {
    if let Some(exact) = ranges(source, scalar, fills) {
        return Some(exact.collect::<Vec<Span>>().into_iter());
    }
    let ends = |(part, _): (Span, &str)| [part.start, part.end.saturating_sub(1)];
    let offsets: Vec<usize> = fills.iter().flat_map(ends).collect();
    let found = raw::locate(source, scalar, &offsets);
    let spans: Vec<Span> = found.chunks(2).map(|ends| ends[0]..ends[1] + 1).collect();
    let same = spans
        .iter()
        .zip(fills.iter())
        .all(|(span, (part, _))| source.get(span.clone()) == scalar.value.get(part));
    same.then(|| spans.into_iter())
}
