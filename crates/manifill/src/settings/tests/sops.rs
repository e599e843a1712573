//! Rule R7: which encrypted files an app's author reaches.

use manifill_vault::{Keys, RunContext, SecretPath, SecretRequest, VaultErrorKind};

use super::*;
use crate::{Input, Renderer};

const SOPS: (&str, &str) = ("AVP_TYPE", "sops");
const NAMED: &str = "default: s\nbackends: {s: {type: sops}}\n";

/// What the default backend says about a path: the files of these tests are clear text.
async fn said(sources: &Sources, path: &str) -> String {
    let config = Config::load(sources).unwrap();
    let index = config.backends.default_index().unwrap();
    let backend = config.backends.backend(index).unwrap();
    let request = SecretRequest::new(SecretPath::verbatim(path), Keys::All);
    let answers = backend.read(&[request], &RunContext::default()).await;
    let error = answers[0].as_ref().unwrap_err();
    assert_ne!(error.kind(), VaultErrorKind::NotFound, "{error}");
    error.to_string()
}

#[tokio::test]
async fn files_lie_below_the_working_folder_or_the_one_that_the_operator_opens() {
    let place = Folder::new();
    let plain = "a: 1\n";
    place.file("checkout/apps/web/secrets/db.yaml", plain);
    place.file("checkout/other.yaml", plain);
    let shared = place.file("shared/db.yaml", plain);
    let shared = shared.to_str().unwrap();
    // The settings file is elsewhere, and paths do not start from it.
    let file = place.file("etc/manifill.yaml", NAMED);
    let found = "is not encrypted with SOPS";
    let outside = "leads out of the folder of the manifests";
    for sources in [place.argo(&[SOPS]), place.argo(&[]).with_config_file(&file)] {
        for (path, wanted) in [
            ("secrets/db.yaml", found),
            ("../../other.yaml", outside),
            ("../../../etc/manifill.yaml", outside),
            (shared, outside),
        ] {
            let text = said(&sources, path).await;
            assert!(text.contains(wanted), "{path}: {text}");
        }
        let root = place.path("shared");
        let opened = sources.with_variable("MANIFILL_FILE_ROOT", root.to_str().unwrap());
        for (path, wanted) in [
            (shared, found),
            ("secrets/db.yaml", found),
            ("../../other.yaml", outside),
        ] {
            let text = said(&opened, path).await;
            assert!(text.contains(wanted), "{path}: {text}");
        }
    }
}

#[test]
fn a_named_backend_may_have_a_root_of_its_own() {
    let place = Folder::new();
    let text = "default: s\nbackends:\n  s: {type: sops, settings: {MANIFILL_FILE_ROOT: shared}}\n  t: {type: sops}\n";
    let file = place.file("etc/manifill.yaml", text);
    let sources = place.argo(&[("MANIFILL_FILE_ROOT", "/opened")]);
    let config = Config::load(&sources.with_config_file(file)).unwrap();
    let own = |name| named(&config, name).path("MANIFILL_FILE_ROOT");
    assert_eq!(own("s"), Some(place.path("etc/shared")));
    assert_eq!(own("t"), None);
    let opened = decided_for(&config, "t").file_root();
    assert_eq!(opened, Some(Path::new("/opened")));
}

#[tokio::test]
async fn keys_lie_beside_the_settings_file_and_secrets_beside_the_manifests() {
    let samples = concat!(
        env!("CARGO_MANIFEST_DIR"),
        "/../vault/src/backend/sops/testdata/"
    );
    let sample = |name: &str| std::fs::read_to_string(format!("{samples}{name}")).unwrap();
    let place = Folder::new();
    place.file("etc/age.key", &sample("throwaway-age.key"));
    place.file("checkout/apps/web/secrets/db.yaml", &sample("secrets.yaml"));
    for text in [
        "AVP_TYPE: sops\nSOPS_AGE_KEY_FILE: age.key\n",
        "default: s\nbackends: {s: {type: sops, settings: {SOPS_AGE_KEY_FILE: age.key}}}\n",
    ] {
        let file = place.file("etc/manifill.yaml", text);
        let config = Config::load(&place.argo(&[]).with_config_file(file)).unwrap();
        let inputs = [Input::new(
            "a.yaml",
            "kind: A\na: <path:secrets/db.yaml#database | jsonPath {.port}>\n",
        )];
        let rendered = Renderer::from_config(config)
            .render(&inputs, &RunContext::new())
            .await
            .unwrap();
        assert!(rendered.joined().contains("5432"), "{}", rendered.joined());
    }
}
