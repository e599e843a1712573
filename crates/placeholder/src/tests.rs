//! The grammar, sentence by sentence.
#![allow(clippy::unwrap_used)]

use crate::*;

#[test]
fn smoke() {
    assert!(parse("<path:a#b>", Grammar::default()).is_ok());
}
