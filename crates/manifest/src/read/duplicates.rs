//! Keys that a map has more than once.

use crate::error::{ManifestError, ManifestErrorKind};
use crate::read::split::glued_marker;
use crate::read::tree::Tree;
use smallvec::SmallVec;
use std::collections::HashMap;

/// A key that a map has more than once; `a` and `"a"` are the same key.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct RepeatedKey {
    /// The key.
    pub name: String,
    /// The byte of the source where it stands again.
    pub offset: usize,
    /// The byte of the source where it stood before.
    pub first: usize,
    /// How many more keys of the document stand again.
    pub others: usize,
}

impl RepeatedKey {
    pub(crate) fn refused(self, message: &'static str) -> ManifestError {
        ManifestError::new(ManifestErrorKind::DuplicateKey, message, self.offset)
            .with_name(self.name)
            .with_other(self.first)
    }

    /// The same key in a text that begins `by` bytes earlier.
    pub(crate) fn shifted(mut self, by: usize) -> Self {
        self.offset += by;
        self.first += by;
        self
    }
}

/// Up to how many keys each is compared with all before it; more are sorted.
const FEW: usize = 24;

/// The first key that a map of the document has more than once; in a manifest, its top may not show
/// that two objects have become one.
pub(crate) fn find(
    tree: &Tree<'_>,
    is_manifest: bool,
) -> Result<Option<RepeatedKey>, ManifestError> {
    let mut found: Option<RepeatedKey> = None;
    let mut signatures: SmallVec<[u64; FEW]> = SmallVec::new();
    let mut wide = false;
    for (at, node) in tree.nodes.iter().enumerate() {
        wide |= tree.is_flow_of_several_lines(node);
        if !node.is_map() {
            continue;
        }
        signatures.clear();
        let (mut alike, mut dashes) = (false, false);
        for key in tree.children(at as u32).step_by(2) {
            let name = tree.key_bytes(key);
            if name.is_empty() && is_manifest {
                refuse_template(tree, key)?;
            }
            let signature = signature(name);
            dashes |= name.starts_with(b"---");
            alike |= signatures.len() < FEW && signatures.contains(&signature);
            signatures.push(signature);
        }
        if signatures.len() > FEW {
            signatures.sort_unstable();
            alike = signatures.windows(2).any(|pair| pair[0] == pair[1]);
        }
        if is_manifest && at == 0 {
            if alike {
                refuse_two_objects(tree)?;
            }
            wide |= dashes;
        }
        if alike {
            compare(tree, at as u32, &mut found);
        }
    }
    // In a block map, a line at column 0 begins a key; in braces it can be anything.
    let glued = Some(tree)
        .filter(|_| is_manifest && wide)
        .and_then(|tree| glued(tree.source()));
    glued.map_or(Ok(found), Err)
}

/// Refuses the text of a template that nobody has rendered: `name: {{ .Release.Name }}` is a map whose
/// key is a map, which no object has.
#[cold]
fn refuse_template(tree: &Tree<'_>, key: u32) -> Result<(), ManifestError> {
    let node = &tree.nodes[key as usize];
    let before = &tree.source()[..node.span().start];
    if !node.is_map() || !before.ends_with('{') {
        return Ok(());
    }
    let message = "a map is used as a key";
    let hint = "this looks like a Helm template; render it with `helm template` first";
    Err(
        ManifestError::new(ManifestErrorKind::Type, message, before.len() - 1)
            .with_hint(Some(hint)),
    )
}

/// A number that equal keys have in common and few others.
fn signature(name: &[u8]) -> u64 {
    let word = |part: &[u8; 8]| u64::from_le_bytes(*part);
    let half = |part: &[u8; 4]| u64::from(u32::from_le_bytes(*part));
    let mixed = match (name.first_chunk(), name.last_chunk()) {
        (Some(first), Some(last)) => word(first) ^ word(last).rotate_left(29),
        _ => match (name.first_chunk(), name.last_chunk()) {
            (Some(first), Some(last)) => half(first) | half(last) << 32,
            _ => match name {
                [] => 0,
                [first, .., last] => {
                    u64::from(*first) | u64::from(*last) << 8 | u64::from(name[1]) << 16
                }
                [only] => u64::from(*only),
            },
        },
    };
    mixed.wrapping_add((name.len() as u64) << 56)
}

/// Looks at the keys of a map one by one.
fn compare(tree: &Tree<'_>, map: u32, found: &mut Option<RepeatedKey>) {
    let mut seen = HashMap::new();
    for key in tree.children(map).step_by(2) {
        let Some(name) = tree.text(key).filter(|_| !tree.is_merge(key)) else {
            continue;
        };
        let offset = tree.nodes[key as usize].span().start;
        let Some(first) = seen.insert(name, offset) else {
            continue;
        };
        match found {
            // Maps are seen from the outside in, and the first in the source is told.
            Some(other) if other.offset <= offset => other.others += 1,
            _ => {
                *found = Some(RepeatedKey {
                    name: name.to_owned(),
                    offset,
                    first,
                    others: found.as_ref().map_or(0, |other| other.others + 1),
                });
            }
        }
    }
}

/// Refuses a second `kind` or `apiVersion` at the top of a document: two objects that have become
/// one, of which every reader keeps a part (rule R2).
fn refuse_two_objects(tree: &Tree<'_>) -> Result<(), ManifestError> {
    let (mut kind, mut version) = (None, None);
    for key in tree.children(0).step_by(2) {
        let name = tree.text(key).unwrap_or_default();
        let seen = match name {
            "kind" => &mut kind,
            "apiVersion" => &mut version,
            _ => continue,
        };
        let offset = tree.nodes[key as usize].span().start;
        if let Some(first) = seen.replace(offset) {
            let hint = if tree.nodes[0].flow {
                "an object has one `kind` and one `apiVersion`; remove the other"
            } else {
                "if a second object begins here, put `---` above it; else remove the line"
            };
            return Err(ManifestError::new(
                ManifestErrorKind::DuplicateKey,
                "the document has a key twice at its top:",
                offset,
            )
            .with_name(name)
            .with_other(first)
            .with_hint(Some(hint)));
        }
    }
    Ok(())
}

/// The mistake of a text in which a line begins with `---` and goes on.
pub(crate) fn glued(text: &str) -> Option<ManifestError> {
    let at = glued_marker(text)?;
    let message = "text stands directly behind `---`";
    let hint = if text[at..].starts_with("----") {
        "if it is a part of a value, such as a certificate, indent it; between documents `---` stands alone"
    } else {
        "put a line break behind `---`"
    };
    Some(ManifestError::new(ManifestErrorKind::Syntax, message, at).with_hint(Some(hint)))
}
