//! The cargo features: one for each backend, as a program that embeds the crate chooses them.

use manifill::vault::Settings;
use manifill::vault::backend::{BACKENDS, BackendInfo};
use manifill::{Backends, Input, Renderer};

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

#[test]
fn a_backend_that_a_build_lacks_is_told_with_its_feature() {
    static LACKING: BackendInfo = BackendInfo::named("lacking");
    let renderer = Renderer::new(Backends::from_settings(&LACKING, Settings::new()));
    let inputs = [Input::new("a.yaml", "kind: A\na: <path:db#user>\n")];
    let error = renderer.plan(&inputs).unwrap_err();
    let told = error.to_string();
    let message =
        "this build has no backend `lacking`; it is built with the cargo feature `lacking`";
    assert!(told.contains(message), "{told}");
}
