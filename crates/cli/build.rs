//! Says which commit is built, for `manifill version`.

use std::path::Path;
use std::process::Command;

fn main() {
    println!("cargo:rerun-if-env-changed=MANIFILL_COMMIT");
    // A build from an archive has no repository around it, or another one; then a packager says it.
    let git = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../.git");
    if std::env::var_os("MANIFILL_COMMIT").is_some() || !git.exists() {
        return;
    }
    // The log grows with each commit; without one, the branch is at least watched.
    let log = Some(git.join("logs/HEAD")).filter(|log| log.exists());
    let watched = log.unwrap_or_else(|| git.join("HEAD"));
    println!("cargo:rerun-if-changed={}", watched.display());
    let commit = Command::new("git")
        .args(["rev-parse", "--short=12", "HEAD"])
        .current_dir(env!("CARGO_MANIFEST_DIR"))
        .output();
    if let Ok(commit) = commit {
        if commit.status.success() {
            let commit = String::from_utf8_lossy(&commit.stdout);
            println!("cargo:rustc-env=MANIFILL_COMMIT={}", commit.trim());
        }
    }
}
