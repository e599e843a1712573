//! What a server does to its own process before it reads anything. It holds for the whole process, so
//! this test has one of its own.
#![allow(clippy::unwrap_used)]
#![cfg(all(target_os = "linux", feature = "serve"))]

use std::os::unix::fs::PermissionsExt as _;

use manifill_argocd::serve::{Detail, protect};
use rustix::process::{DumpableBehavior, dumpable_behavior};

/// What a program finds open that this process starts.
fn open_in_a_program() -> String {
    let mut program = std::process::Command::new("ls");
    let output = program.args(["-l", "/proc/self/fd"]).output().unwrap();
    String::from_utf8(output.stdout).unwrap()
}

#[test]
fn nobody_looks_into_the_process_or_into_what_it_has_open_or_creates() {
    let inherited = tempfile::NamedTempFile::new().unwrap();
    let name = inherited.path().to_str().unwrap();
    // As it was before this process began: no flag closes it.
    let _open = rustix::io::dup(&inherited).unwrap();
    assert!(open_in_a_program().contains(name));
    protect(Detail::Errors);
    let open = open_in_a_program();
    assert!(open.contains(" 1 -> ") && !open.contains(name), "{open}");
    let behavior = dumpable_behavior().unwrap();
    assert_eq!(behavior, DumpableBehavior::NotDumpable);
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("a");
    std::fs::write(&file, "").unwrap();
    let mode = file.metadata().unwrap().permissions().mode();
    assert_eq!(mode & 0o777, 0o600);
}
