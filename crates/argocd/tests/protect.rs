//! What a server does to its own process before it reads anything. It holds for the whole process, so
//! this test has one of its own.
#![allow(clippy::unwrap_used)]
#![cfg(all(target_os = "linux", feature = "serve"))]

use std::os::unix::fs::PermissionsExt as _;

use manifill_argocd::serve::{Detail, protect};
use rustix::process::{DumpableBehavior, dumpable_behavior};

#[test]
fn nobody_looks_into_the_process_or_into_what_it_creates() {
    protect(Detail::Errors);
    let behavior = dumpable_behavior().unwrap();
    assert_eq!(behavior, DumpableBehavior::NotDumpable);
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("a");
    std::fs::write(&file, "").unwrap();
    let mode = file.metadata().unwrap().permissions().mode();
    assert_eq!(mode & 0o777, 0o600);
}
