//! The cargo features: one for each backend, as a program that embeds the crate chooses them.

use manifill::vault::backend::BACKENDS;

#[test]
fn every_backend_has_its_feature_line() {
    let manifest = include_str!("../Cargo.toml");
    let full = manifest.lines().find(|line| line.starts_with("full = "));
    for feature in BACKENDS.iter().map(|backend| backend.feature) {
        let line = format!("{feature} = [\"manifill-vault/{feature}\"]");
        assert!(manifest.lines().any(|one| one == line), "missing: {line}");
        assert!(
            full.is_some_and(|full| full.contains(&format!("\"{feature}\""))),
            "missing in full: {feature}"
        );
    }
}
