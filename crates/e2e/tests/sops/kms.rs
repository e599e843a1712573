//! Keys of AWS KMS: sops encrypts with those of moto, which checks our signatures with AWS's own code.

use manifill_e2e::{Moto, skip};
use manifill_vault::VaultErrorKind;
use serde_json::Value;

use crate::tools::Sandbox;

#[tokio::test]
async fn keys_of_aws_decrypt_what_sops_encrypted() {
    if skip("AWS KMS keys of sops") {
        return;
    }
    let moto = Moto::start().unwrap();
    let made: Value = serde_json::from_str(&moto.make().unwrap()).unwrap();
    moto.check_signatures().unwrap();
    let text = |place: &str| made.pointer(place).unwrap().as_str().unwrap().to_owned();
    let place = Sandbox::new()
        .with("AWS_ENDPOINT_URL", moto.url())
        // That of the key is in its name.
        .with("AWS_REGION", "us-west-2")
        .with("AWS_ACCESS_KEY_ID", text("/reader/id"))
        .with("AWS_SECRET_ACCESS_KEY", text("/reader/secret"));
    place.write("s.yaml", "password: s3cr3t\nport: 5432\n");
    let key = text("/key");
    place.encrypt(
        "s.yaml",
        &["--kms", &key, "--encryption-context", "app:demo,team:b"],
    );
    let values = place.agree("s.yaml").await;
    assert_eq!(values["password"], "s3cr3t");

    let place = place.with("AWS_ACCESS_KEY_ID", text("/nobody/id"));
    let place = place.with("AWS_SECRET_ACCESS_KEY", text("/nobody/secret"));
    let (kind, told) = place.refused("s.yaml").await;
    assert_eq!(kind, VaultErrorKind::PermissionDenied, "{told}");
    assert!(told.contains(&key), "{told}");

    let file = std::fs::read_to_string(place.path("s.yaml")).unwrap();
    place.write("s.yaml", file.replace("team: b", "team: c"));
    let place = place.with("AWS_ACCESS_KEY_ID", text("/reader/id"));
    let place = place.with("AWS_SECRET_ACCESS_KEY", text("/reader/secret"));
    let (kind, told) = place.refused("s.yaml").await;
    assert_eq!(kind, VaultErrorKind::Configuration, "{told}");
}
