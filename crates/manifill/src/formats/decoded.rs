//! A text without its escapes, and where each part of it stands in the source.

use manifill_manifest::Span;

/// What a value reads as.
#[derive(Debug, Default)]
pub(super) struct Decoded {
    pub(super) text: String,
    runs: Vec<Run>,
}

/// A part of the text and the bytes it stands for: the same ones, or an escape.
#[derive(Debug)]
struct Run {
    start: usize,
    source: Span,
    is_same: bool,
}

impl Decoded {
    /// Takes over what stands in the source as it is.
    pub(super) fn same(&mut self, source: &str, span: Span) {
        let Some(text) = source.get(span.clone()).filter(|text| !text.is_empty()) else {
            return;
        };
        let start = self.text.len();
        self.text.push_str(text);
        if let Some(last) = self.runs.last_mut() {
            if last.is_same && last.source.end == span.start {
                last.source.end = span.end;
                return;
            }
        }
        self.runs.push(Run {
            start,
            source: span,
            is_same: true,
        });
    }

    /// Adds what an escape stands for.
    pub(super) fn escape(&mut self, c: char, source: Span) {
        let start = self.text.len();
        self.text.push(c);
        self.runs.push(Run {
            start,
            source,
            is_same: false,
        });
    }

    /// The bytes of the source that a part of the text stands for.
    pub(super) fn source(&self, part: &Span) -> Span {
        let place = |at: usize, is_end: bool| {
            let within = if is_end { at.saturating_sub(1) } else { at };
            let runs = self.runs.partition_point(|run| run.start <= within);
            let Some(run) = runs.checked_sub(1).and_then(|run| self.runs.get(run)) else {
                return 0;
            };
            match (run.is_same, is_end) {
                (true, _) => run.source.start + (at - run.start),
                (false, true) => run.source.end,
                (false, false) => run.source.start,
            }
        };
        place(part.start, false)..place(part.end, true)
    }
}

/// The character of four hexadecimal digits, with those of the second half of a pair behind `\u`, and
/// how many bytes they take.
pub(super) fn unicode(digits: &str) -> Option<(char, usize)> {
    let half = |text: &str| {
        let digits = text.get(..4)?;
        let hex = digits.bytes().all(|byte| byte.is_ascii_hexdigit());
        hex.then(|| u16::from_str_radix(digits, 16).ok())?
    };
    let first = half(digits)?;
    if let Some(c) = char::from_u32(first.into()) {
        return Some((c, 4));
    }
    let second = half(digits.get(4..)?.strip_prefix("\\u")?)?;
    let c = char::decode_utf16([first, second]).next()?.ok()?;
    Some((c, 10))
}
