//! The AWS SSM Parameter Store.

use manifill_e2e::skip;
use manifill_vault::VaultErrorKind;

use crate::{PARAMETERS, World, backend, read, value};

#[tokio::test]
async fn parameters_are_read_as_they_are() {
    if skip("parameters of AWS") {
        return;
    }
    let world = World::start();
    let backend = backend(PARAMETERS, &world.of("reader"));
    let backend = backend.as_ref();
    let arn = "arn:aws:ssm:eu-central-1:123456789012:parameter/team/db/password";
    for (text, expected) in [
        ("/team/db/password#Value".to_owned(), "\"second\""),
        ("/team/db/password:1#Value".to_owned(), "\"first\""),
        ("/team/db/password#Value#2".to_owned(), "\"second\""),
        ("/team/db/password#Value#blue".to_owned(), "\"first\""),
        ("/team/db/password#nothing".to_owned(), "missing"),
        (format!("{arn}#Value"), "\"second\""),
        ("list#Value".to_owned(), "\"a,b\""),
        ("json#port".to_owned(), "5432"),
        ("/team/db/#deep".to_owned(), "missing"),
        ("/team/db/deep/#er".to_owned(), "\"x\""),
    ] {
        assert_eq!(
            value(backend, &text).await.as_deref(),
            Ok(expected),
            "{text}"
        );
    }
    let folder = world.made["judged"]["folder"].as_object().unwrap();
    for (name, judged) in folder {
        let ours = value(backend, &format!("/team/db/#{name}")).await.unwrap();
        assert_eq!(ours, judged.to_string());
    }
    assert_eq!(folder.len(), 2);
}

#[tokio::test]
async fn requests_are_few_and_refusals_told_apart() {
    if skip("requests to the Parameter Store") {
        return;
    }
    use VaultErrorKind as Kind;
    let world = World::start();
    let reader = backend(PARAMETERS, &world.of("reader"));
    let mut texts: Vec<String> = (0..25)
        .map(|number| format!("/many/{number}#Value"))
        .collect();
    texts.push("/no/such#Value".to_owned());
    let texts: Vec<&str> = texts.iter().map(String::as_str).collect();
    let (answers, run) = read(reader.as_ref(), &texts).await;
    assert!(answers[..25].iter().all(Result::is_ok));
    assert_eq!(answers[25].as_ref().unwrap_err().kind(), Kind::NotFound);
    assert_eq!(run.requests_sent(), 3);
    let (answers, run) = read(reader.as_ref(), &["/many/#7", "/many/#24"]).await;
    assert!(answers.iter().all(Result::is_ok));
    assert_eq!(run.requests_sent(), 3);
    for (text, kind) in [
        ("/team/db/password#Value#9", Kind::NotFound),
        ("/team/db/password#Value#green", Kind::NotFound),
        ("/nowhere/#a", Kind::NotFound),
    ] {
        assert_eq!(value(reader.as_ref(), text).await, Err(kind), "{text}");
    }
    let nobody = backend(PARAMETERS, &world.of("nobody"));
    for text in ["/team/db/password#Value", "/team/db/#user"] {
        assert_eq!(
            value(nobody.as_ref(), text).await,
            Err(Kind::PermissionDenied)
        );
    }
}
