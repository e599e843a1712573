//! Helm, kustomize and kpt.

use std::io;
use std::path::PathBuf;
use std::process::Command;

use crate::{go, installed, servers};

/// Helm 3.17.
///
/// # Errors
///
/// What the installation wrote, if it failed.
pub fn helm3() -> io::Result<PathBuf> {
    installed(Command::new(servers().join("helm.sh")).arg("helm3"))
}

/// Helm 4.3.
///
/// # Errors
///
/// What the installation wrote, if it failed.
pub fn helm4() -> io::Result<PathBuf> {
    installed(Command::new(servers().join("helm.sh")).arg("helm4"))
}

/// The Helm that `images/Containerfile.tools` has.
///
/// # Errors
///
/// What the build wrote, if it failed.
pub fn helm_of_image() -> io::Result<PathBuf> {
    installed(&mut Command::new(servers().join("helm-of-image/build.sh")))
}

/// Each Helm that is tested, with its name.
///
/// # Errors
///
/// What the installation or the build wrote, if it failed.
pub fn helms() -> io::Result<[(&'static str, PathBuf); 3]> {
    Ok([
        ("Helm 3", helm3()?),
        ("Helm 4", helm4()?),
        ("the image's Helm", helm_of_image()?),
    ])
}

/// The real kustomize.
///
/// # Errors
///
/// What the build wrote, if it failed.
pub fn kustomize() -> io::Result<PathBuf> {
    go("kustomize", Some("sigs.k8s.io/kustomize/kustomize/v5"))
}

/// The real kpt, of which there is `kpt fn`.
///
/// # Errors
///
/// What the build wrote, if it failed.
pub fn kpt() -> io::Result<PathBuf> {
    go("kpt", None)
}
