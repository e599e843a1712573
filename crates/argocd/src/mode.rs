//! What a plugin makes manifests of.

use std::fmt;
use std::str::FromStr;

/// What a plugin takes an app's folder for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Mode {
    /// What it is: a chart if it has a `Chart.yaml`, else a kustomization if it has one of the names
    /// of its file, else manifests.
    Auto,
    /// Manifests.
    Plain,
    /// A chart of Helm.
    Helm,
    /// A kustomization.
    Kustomize,
}

impl Mode {
    /// All modes.
    pub const ALL: [Mode; 4] = [Mode::Auto, Mode::Plain, Mode::Helm, Mode::Kustomize];

    /// Its name in arguments: `auto`, `plain`, `helm` or `kustomize`.
    pub fn as_str(self) -> &'static str {
        match self {
            Mode::Auto => "auto",
            Mode::Plain => "plain",
            Mode::Helm => "helm",
            Mode::Kustomize => "kustomize",
        }
    }
}

impl fmt::Display for Mode {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

/// A word that is not the name of a mode.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct NotAMode;

impl fmt::Display for NotAMode {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("the modes are auto, plain, helm and kustomize")
    }
}

impl std::error::Error for NotAMode {}

impl FromStr for Mode {
    type Err = NotAMode;

    fn from_str(text: &str) -> Result<Self, NotAMode> {
        let mut modes = Mode::ALL.into_iter();
        modes.find(|mode| mode.as_str() == text).ok_or(NotAMode)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_mode_has_a_name() {
        for mode in Mode::ALL {
            assert_eq!(mode.to_string().parse(), Ok(mode));
        }
        assert_eq!("Helm".parse::<Mode>(), Err(NotAMode));
    }
}
