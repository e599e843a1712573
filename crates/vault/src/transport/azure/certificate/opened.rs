//! What is found in a file, or why nothing is.

use aws_lc_rs::signature::RsaKeyPair;

/// What a file holds.
pub(super) struct Contents {
    pub(super) certificates: Vec<Vec<u8>>,
    pub(super) key: Option<RsaKeyPair>,
}

/// Why something is not opened.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Unopened {
    /// It is not what it should be.
    Malformed,
    /// The password is not the right one, or there is none.
    Password,
    /// It is encrypted in a way that is not known here.
    Unknown,
}
