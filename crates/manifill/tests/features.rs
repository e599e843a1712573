//! The cargo features: one for each backend, as a program that embeds the crate chooses them.
#![allow(clippy::unwrap_used)]

use manifill::vault::backend::BACKENDS;

#[test]
fn every_backend_has_its_feature_line() {
    let manifest: toml::Table = include_str!("../Cargo.toml").parse().unwrap();
    let features = manifest["features"].as_table().unwrap();
    let full = features["full"].as_array().unwrap();
    for backend in BACKENDS {
        let line = features
            .get(backend.feature)
            .and_then(|line| line.as_array());
        let passed_on = toml::Value::from(format!("manifill-vault/{}", backend.feature));
        assert!(
            line.is_some_and(|line| line.contains(&passed_on)),
            "Cargo.toml, [features]: {} = [{passed_on}]",
            backend.feature
        );
        assert!(
            full.contains(&toml::Value::from(backend.feature)),
            "Cargo.toml, [features], full: \"{}\"",
            backend.feature
        );
    }
}
