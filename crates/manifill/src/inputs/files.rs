//! What is read.

use std::path::PathBuf;

use crate::input::Input;

/// The inputs and what was found on the way to them.
#[derive(Debug, Default)]
#[non_exhaustive]
pub struct Files {
    /// The inputs, in the order the selection names them.
    pub inputs: Vec<Input>,
    /// The folders of the inputs, for [`RunContext::with_roots`](crate::RunContext::with_roots): that
    /// of a file is the one it lies in, that of a pipe the working folder. Of what is not on the disk
    /// there are none.
    pub roots: Vec<PathBuf>,
    /// Files that hold settings or secrets and therefore are no manifests.
    pub set_aside: Vec<PathBuf>,
    /// Remarks for the user, such as that a file is named twice and read once.
    pub notes: Vec<String>,
}
