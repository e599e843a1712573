//! Says which commit is built, for `manifill version`, and has the program's relocations packed.

use std::path::Path;
use std::process::Command;

fn main() {
    say_commit();
    pack_relocations();
}

/// Packed, the list of addresses that the loader adjusts takes 20 KB instead of 670 KB, which every
/// run otherwise reads into memory. Loaders know the form from glibc 2.36 on, so it is used only
/// where the machine that builds for itself has that.
fn pack_relocations() {
    let var = |name| std::env::var(name).unwrap_or_default();
    if var("HOST") != var("TARGET") || var("CARGO_CFG_TARGET_ENV") != "gnu" {
        return;
    }
    let libc = Command::new("getconf").arg("GNU_LIBC_VERSION").output();
    let libc = libc.map(|said| String::from_utf8_lossy(&said.stdout).into_owned());
    let minor = libc
        .ok()
        .and_then(|said| said.trim().strip_prefix("glibc 2.")?.parse().ok());
    if minor.is_some_and(|minor: u32| minor >= 36) {
        println!("cargo:rustc-link-arg-bins=-Wl,-z,pack-relative-relocs");
    }
}

fn say_commit() {
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
