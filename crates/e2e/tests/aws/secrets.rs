//! AWS Secrets Manager.

use manifill_e2e::skip;
use manifill_vault::{Exposed, VaultErrorKind};

use crate::{SECRETS, World, backend, read, value};

#[tokio::test]
async fn secrets_are_read_as_they_are() {
    if skip("secrets of AWS") {
        return;
    }
    let world = World::start();
    let backend = backend(SECRETS, &world.of("reader"));
    let backend = backend.as_ref();
    let (arn, far) = (world.text("secrets.db.arn"), world.text("secrets.far"));
    let short = arn.rsplit_once('-').unwrap().0;
    for (text, expected) in [
        ("team/db#password".to_owned(), "\"näw\""),
        // AWS's client would read it with other digits.
        ("team/db#port".to_owned(), "12345678901234567890.10"),
        ("team/db#nothing".to_owned(), "missing"),
        (format!("{arn}#password"), "\"näw\""),
        (format!("{short}#password"), "\"näw\""),
        ("team/db#password#AWSCURRENT".to_owned(), "\"näw\""),
        ("team/db#password#AWSPREVIOUS".to_owned(), "\"old\""),
        ("team/db#password#blue".to_owned(), "\"blue\""),
        (
            format!("team/db#password#{}", world.text("secrets.db.first")),
            "\"old\"",
        ),
        (
            format!("team/db#password#{}", world.text("secrets.db.second")),
            "\"näw\"",
        ),
        ("plain#SecretString".to_owned(), "\"just text\""),
        (format!("{far}#a"), "\"far\""),
    ] {
        assert_eq!(
            value(backend, &text).await.as_deref(),
            Ok(expected),
            "{text}"
        );
    }
    for (text, whole) in [
        ("team/db#SecretString", "db"),
        ("team/db#SecretString#AWSPREVIOUS", "old"),
    ] {
        let judged = serde_json::to_string(world.text(&format!("judged.{whole}"))).unwrap();
        let ours: String = value(backend, text).await.unwrap();
        let same = |text: &str| serde_json::from_str::<String>(text).unwrap();
        assert_eq!(same(&ours), same(&judged));
    }
    let (answers, _) = read(backend, &["bytes#SecretBinary"]).await;
    let bytes = answers[0]
        .as_ref()
        .unwrap()
        .value("SecretBinary")
        .unwrap()
        .unwrap();
    let all: Vec<u8> = (0..=255).collect();
    assert!(bytes.expose() == Exposed::Bytes(&all));
}

#[tokio::test]
async fn what_cannot_be_read_is_told_apart() {
    if skip("refusals of AWS Secrets Manager") {
        return;
    }
    use VaultErrorKind as Kind;
    let world = World::start();
    let reader = backend(SECRETS, &world.of("reader"));
    for (text, kind) in [
        ("no/such#a", Kind::NotFound),
        ("gone#a", Kind::NotFound),
        ("team/db#a#AWSPENDING", Kind::NotFound),
        ("team/db#a#0123456789abcdef0123456789abcdef", Kind::NotFound),
        // It is in another region.
        ("far#a", Kind::NotFound),
    ] {
        assert_eq!(value(reader.as_ref(), text).await, Err(kind), "{text}");
    }
    let nobody = backend(SECRETS, &world.of("nobody"));
    assert_eq!(
        value(nobody.as_ref(), "team/db#a").await,
        Err(Kind::PermissionDenied)
    );
    for (name, wrong) in [
        ("AWS_SECRET_ACCESS_KEY", "wrong"),
        ("AWS_ACCESS_KEY_ID", "AKIAUNKNOWN"),
    ] {
        let stranger = backend(SECRETS, &world.of("reader").with(name, wrong));
        assert_eq!(
            value(stranger.as_ref(), "team/db#a").await,
            Err(Kind::Unauthenticated),
            "{name}"
        );
    }
}

#[tokio::test]
async fn batches_are_for_those_who_may() {
    if skip("batches of AWS Secrets Manager") {
        return;
    }
    let world = World::start();
    let texts: Vec<String> = (0..25).map(|number| format!("many/{number}#v")).collect();
    let texts: Vec<&str> = texts.iter().map(String::as_str).collect();
    let batches = |user: &str| world.of(user).with("MANIFILL_AWS_BATCH", "true");
    for (settings, requests, is_told) in [
        (world.of("reader"), 25, false),
        (batches("reader"), 2, false),
        (batches("single"), 26, true),
    ] {
        let backend = backend(SECRETS, &settings);
        let (answers, run) = read(backend.as_ref(), &texts).await;
        for (number, answer) in answers.iter().enumerate() {
            let value = answer.as_ref().unwrap().value("v").unwrap().unwrap();
            assert_eq!(value.to_json(), number.to_string());
        }
        assert_eq!(run.requests_sent(), requests);
        assert_eq!(!run.notes().is_empty(), is_told);
    }
}
