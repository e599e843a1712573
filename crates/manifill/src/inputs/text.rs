//! What is in a file.

use manifill_vault::backend::BACKENDS;
use zeroize::Zeroizing;

use crate::plan::may_need_filling;

/// What a document counts beside an eighth of its bytes if it is only copied: what is remembered of it.
const DOCUMENT: u64 = 16;

/// What a text weighs against [`Selection::with_most`](super::Selection::with_most): the bytes of
/// documents in which something may be filled, and about an eighth of the others, which are only copied.
///
/// ```
/// use manifill::inputs::weight;
///
/// let plain = format!("kind: A\n# {}\n", "x".repeat(8000));
/// assert!(weight(&plain) < 1100);
/// let filled = format!("{plain}a: <path:b#c>\n");
/// assert_eq!(weight(&filled), filled.len() as u64);
/// ```
pub fn weight(text: &str) -> u64 {
    let mut light = text.len() as u64;
    let mut weight = 0;
    for document in manifill_manifest::contents(text) {
        let bytes = document.len() as u64;
        if may_need_filling(&text[document]) {
            light -= bytes;
            weight += bytes;
        } else {
            weight += DOCUMENT.min(bytes);
        }
    }
    weight + light / 8
}

/// What the bytes of a file are.
pub(super) enum Content {
    /// A text, which may be manifests.
    Text(String),
    /// What belongs to a backend and is no manifest.
    SetAside,
    /// No text in UTF-8: why, and what to do about it.
    Unlike(String, &'static str),
}

const UTF8_HINT: &str = "save it as UTF-8";
const PACKED_HINT: &str = "unpack it; `helm template` renders a chart that is packed";

impl Content {
    /// Looks at bytes, which can belong to a backend if they are a file's.
    pub(super) fn of(mut bytes: Zeroizing<Vec<u8>>, is_file: bool) -> Content {
        let utf16 = || Content::Unlike("it is UTF-16".to_owned(), UTF8_HINT);
        match String::from_utf8(std::mem::take(&mut *bytes)) {
            // Without its mark, English text in UTF-16 is UTF-8 full of zeros.
            Ok(source) if is_utf16(source.as_bytes()) => utf16(),
            Ok(source) if is_file && is_a_backends(source.as_bytes()) => Content::SetAside,
            Ok(source) => Content::Text(source),
            Err(error) => {
                let first = error.utf8_error().valid_up_to();
                match error.as_bytes() {
                    file if is_utf16(file) => utf16(),
                    [0x1f, 0x8b, ..] => Content::Unlike("it is compressed".to_owned(), PACKED_HINT),
                    _ => Content::Unlike(format!("byte {first} is not UTF-8"), UTF8_HINT),
                }
            }
        }
    }
}

/// Whether a file is UTF-16, by its mark, or by two letters that begin it.
fn is_utf16(file: &[u8]) -> bool {
    matches!(
        file,
        [0xff, 0xfe, ..]
            | [0xfe, 0xff, ..]
            | [1..=255, 0, 1..=255, 0, ..]
            | [0, 1..=255, 0, 1..=255, ..]
    )
}

/// Whether a file belongs to a backend and is no manifest.
fn is_a_backends(file: &[u8]) -> bool {
    BACKENDS.iter().any(|info| (info.leaves_aside)(file))
}
