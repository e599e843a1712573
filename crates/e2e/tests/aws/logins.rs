//! Roles from STS.

use manifill_e2e::skip;
use manifill_vault::VaultErrorKind;

use crate::{SECRETS, World, backend, read, value};

#[tokio::test]
async fn a_profile_assumes_a_role() {
    if skip("roles of AWS") {
        return;
    }
    let world = World::start();
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("config");
    let key = &world.made["assumer"];
    let config = format!(
        "[profile base]\naws_access_key_id = {}\naws_secret_access_key = {}\n\
         [profile reading]\nrole_arn = {}\nsource_profile = base\nregion = eu-central-1\n",
        key["id"].as_str().unwrap(),
        key["secret"].as_str().unwrap(),
        world.text("role"),
    );
    std::fs::write(&file, config).unwrap();
    let settings = world
        .settings()
        .with("AWS_CONFIG_FILE", file.to_str().unwrap())
        .with("AWS_REGION", "");
    let reading = backend(SECRETS, &settings.clone().with("AWS_PROFILE", "reading"));
    let (answers, run) = read(
        reading.as_ref(),
        &["team/db#password", "plain#SecretString"],
    )
    .await;
    assert!(answers.iter().all(Result::is_ok), "{answers:?}");
    assert_eq!(run.requests_sent(), 3, "one login, two reads");
    // Without the role it may not.
    let base = settings
        .with("AWS_PROFILE", "base")
        .with("AWS_REGION", "eu-central-1");
    let base = backend(SECRETS, &base);
    let denied = value(base.as_ref(), "team/db#password").await;
    assert_eq!(denied, Err(VaultErrorKind::PermissionDenied));
}

#[tokio::test]
async fn a_web_identity_assumes_a_role_whose_signatures_are_good() {
    if skip("web identities of AWS") {
        return;
    }
    // The call for the role has no signature, which moto would miss.
    let world = World::open();
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("token");
    std::fs::write(&file, "a.b.c\n").unwrap();
    let settings = world
        .settings()
        .with("AWS_WEB_IDENTITY_TOKEN_FILE", file.to_str().unwrap())
        .with("AWS_ROLE_ARN", world.text("role"));
    let backend = backend(SECRETS, &settings);
    let (_, run) = read(backend.as_ref(), &["team/db#password"]).await;
    assert_eq!(run.requests_sent(), 2);
    world.moto.check_signatures().unwrap();
    let (answers, run) = read(backend.as_ref(), &["team/db#password"]).await;
    assert!(answers[0].is_ok(), "{answers:?}");
    assert_eq!(run.requests_sent(), 1, "the role of before is still good");
}
