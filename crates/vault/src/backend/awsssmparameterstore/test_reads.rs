//! What is asked for, how often, and what refusals mean.

use std::time::Duration;

use serde_json::json;

use super::connect;
use super::samples::{asked, backend, parameter, read, refusal, request, serve, settings, text};
use crate::suite::{Reply, Server};
use crate::{
    ConnectContext, Keys, RunContext, SecretPath, SecretRequest, Sharing, Traffic,
    VaultBackend as _, VaultErrorKind,
};

/// A server in which each parameter is its own name.
async fn with_all() -> Server {
    serve(|name| Some(format!("value of {name}"))).await
}

#[tokio::test]
async fn parameters_are_read_in_tens_and_none_twice_in_a_call() {
    let server = with_all().await;
    let backend = backend(&server);
    let arn = "arn:aws:ssm:us-west-2:123456789012:parameter/far";
    let mut requests: Vec<_> = (0..25)
        .map(|one| request(&format!("/p{one}"), &["Value"]))
        .collect();
    requests.push(request("/p1", &["other"]));
    requests.push(request("/p1:2", &["Value"]));
    requests.push(request("/p1", &["Value"]).with_version("2"));
    requests.push(request("/p1", &["Value"]).with_version("blue"));
    requests.push(request(arn, &["Value"]));
    let answers = backend.read(&requests, &RunContext::default()).await;
    for (request, answer) in requests.iter().zip(&answers).take(25) {
        let expected = format!("value of {}", request.path.as_str());
        assert_eq!(text(answer.as_ref().unwrap(), "Value"), Some(expected));
    }
    assert!(answers[25].as_ref().unwrap().value("other").is_none());
    for (at, name) in [(26, "/p1:2"), (27, "/p1:2"), (28, "/p1:blue")] {
        let answer = answers[at].as_ref().unwrap();
        assert_eq!(text(answer, "Value"), Some(format!("value of {name}")));
        assert_eq!(answer.version(), Some("3"));
    }
    // The sample server has that parameter in another region, and says so.
    assert_eq!(
        answers[29].as_ref().unwrap_err().kind(),
        VaultErrorKind::InvalidAnswer
    );
    let seen = server.seen();
    let mut sizes = Vec::new();
    for seen in &seen {
        let (operation, body) = asked(seen);
        assert_eq!(
            (operation.as_str(), &body["WithDecryption"]),
            ("GetParameters", &json!(true))
        );
        let names = body["Names"].as_array().unwrap();
        let mut plain: Vec<_> = names
            .iter()
            .map(|name| name.as_str().unwrap().split(':').next())
            .collect();
        plain.sort_unstable();
        plain.dedup();
        assert_eq!(plain.len(), names.len(), "{body}");
        sizes.push(names.len());
    }
    sizes.sort_unstable();
    assert_eq!(sizes, [1, 7, 10, 10]);
}

#[tokio::test]
async fn a_parameter_is_its_text_and_the_keys_of_its_json() {
    let server = serve(|name| match name {
        "/json" => Some(r#"{"port":5432,"Value":"own"}"#.to_owned()),
        _ => Some("a,b".to_owned()),
    })
    .await;
    let backend = backend(&server);
    let list = read(&backend, "list", &["Value", "port"]).await.unwrap();
    assert_eq!(text(&list, "Value").as_deref(), Some("a,b"));
    assert!(list.value("port").is_none());
    let json = read(&backend, "/json", &["Value", "port"]).await.unwrap();
    assert_eq!(text(&json, "Value").as_deref(), Some("own"));
    assert_eq!(json.value("port").unwrap().unwrap().to_json(), "5432");
}

/// A server that says nothing of versions and labels but the number of each.
#[tokio::test]
async fn another_version_than_the_one_that_was_asked_for_is_refused() {
    let server = Server::start(|_| {
        let found = json!({"Name": "/a", "Value": "x", "Version": 3});
        Reply::json(json!({ "Parameters": [found] }).to_string())
    })
    .await;
    let backend = backend(&server);
    for path in ["/a", "/a:3", "/a:blue"] {
        assert!(read(&backend, path, &["Value"]).await.is_ok(), "{path}");
    }
    let other = read(&backend, "/a:2", &["Value"]).await.unwrap_err();
    assert_eq!(other.kind(), VaultErrorKind::InvalidAnswer);
}

/// A folder that comes in parts, the second of which is empty.
async fn with_folder() -> Server {
    Server::start(|seen| {
        let (operation, body) = asked(seen);
        assert_eq!(operation, "GetParametersByPath");
        assert_eq!(
            (&body["Recursive"], &body["WithDecryption"]),
            (&json!(false), &json!(true))
        );
        let page = |names: &[&str], next: Option<&str>| {
            let found: Vec<_> = names.iter().map(|name| parameter(name, name)).collect();
            Reply::json(json!({"Parameters": found, "NextToken": next}).to_string())
        };
        match (body["Path"].as_str().unwrap(), body["NextToken"].as_str()) {
            ("/team/db", None) => page(&["/team/db/user"], Some("1")),
            ("/team/db", Some("1")) => page(&[], Some("2")),
            ("/team/db", Some("2")) => page(&["/team/db/password"], None),
            ("/odd", None) => page(&["/team/db/user"], None),
            ("/endless", _) => page(&[], Some("1")),
            _ => page(&[], None),
        }
    })
    .await
}

#[tokio::test]
async fn a_folder_is_one_secret() {
    let server = with_folder().await;
    let backend = backend(&server);
    let requests = [
        request("/team/db/", &["password", "gone"]),
        SecretRequest::new(SecretPath::verbatim("/team/db/"), Keys::All),
    ];
    let answers = backend.read(&requests, &RunContext::default()).await;
    let some = answers[0].as_ref().unwrap();
    assert_eq!(text(some, "password").as_deref(), Some("/team/db/password"));
    assert!(some.value("gone").is_none() && some.value("user").is_none());
    assert_eq!(some.names().collect::<Vec<_>>(), ["user", "password"]);
    let all = answers[1].as_ref().unwrap();
    assert!(all.value("user").is_some() && all.value("password").is_some());
    assert_eq!(server.seen().len(), 3);

    let missing = read(&backend, "/empty/", &["a"]).await.unwrap_err();
    assert_eq!(missing.kind(), VaultErrorKind::NotFound);
    assert_eq!(
        missing.to_string(),
        "there are no parameters in the folder `/empty/` in `eu-central-1`"
    );
    let odd = read(&backend, "/odd/", &["a"]).await.unwrap_err();
    assert_eq!(odd.kind(), VaultErrorKind::InvalidAnswer);
    server.forget();
    let endless = read(&backend, "/endless/", &["a"]).await.unwrap_err();
    assert_eq!(endless.kind(), VaultErrorKind::InvalidAnswer);
    assert_eq!(server.seen().len(), 200);
}

#[tokio::test]
async fn versions_that_make_no_sense_are_refused_unasked() {
    let server = with_all().await;
    let backend = backend(&server);
    for (path, version, part) in [
        ("/a/", "3", "is a folder"),
        ("/a:2", "3", "and the placeholder another one"),
        ("/a", "b/c", "neither a number nor a label"),
    ] {
        let requests = [request(path, &["Value"]).with_version(version)];
        let error = backend
            .read(&requests, &RunContext::default())
            .await
            .remove(0)
            .unwrap_err();
        assert_eq!(error.kind(), VaultErrorKind::InvalidRequest);
        assert!(error.to_string().contains(part), "{error}");
    }
    assert!(server.seen().is_empty());
}

#[tokio::test]
async fn one_that_may_not_be_read_leaves_the_others_alone() {
    let server = Server::start(|seen| {
        let (_, body) = asked(seen);
        let names: Vec<_> = body["Names"]
            .as_array()
            .unwrap()
            .iter()
            .filter_map(|name| name.as_str())
            .collect();
        if names.contains(&"/secret") {
            return refusal("AccessDeniedException");
        }
        let found: Vec<_> = names.iter().map(|name| parameter(name, "x")).collect();
        Reply::json(json!({ "Parameters": found }).to_string())
    })
    .await;
    let backend = backend(&server);
    let requests = ["/a", "/secret", "/b"].map(|path| request(path, &["Value"]));
    let answers = backend.read(&requests, &RunContext::default()).await;
    assert!(answers[0].is_ok() && answers[2].is_ok());
    let error = answers[1].as_ref().unwrap_err();
    assert_eq!(error.kind(), VaultErrorKind::PermissionDenied);
    assert_eq!(
        error.to_string(),
        "this AWS login may not read `/secret` in `eu-central-1` (HTTP 400)"
    );
    assert_eq!(server.seen().len(), 4);
}

#[tokio::test]
async fn a_login_that_does_not_work_is_not_tried_for_each_parameter() {
    let server = Server::start(|_| refusal("ExpiredTokenException")).await;
    let backend = backend(&server);
    let requests = ["/a", "/b", "/c"].map(|path| request(path, &["Value"]));
    for answer in backend.read(&requests, &RunContext::default()).await {
        assert_eq!(answer.unwrap_err().kind(), VaultErrorKind::Unauthenticated);
    }
    assert_eq!(server.seen().len(), 1);
}

#[tokio::test]
async fn refusals_are_told_apart() {
    use VaultErrorKind as Kind;
    for (reason, kind) in [
        ("ParameterVersionNotFound", Kind::NotFound),
        ("InvalidKeyId", Kind::PermissionDenied),
        ("AccessDeniedException", Kind::PermissionDenied),
        ("ValidationException", Kind::InvalidRequest),
        ("UnrecognizedClientException", Kind::Unauthenticated),
        ("InternalServerError", Kind::Unavailable),
    ] {
        let server = Server::start(move |_| refusal(reason)).await;
        let backend = backend(&server);
        for path in ["/a", "/a/"] {
            let error = read(&backend, path, &["Value"]).await.unwrap_err();
            assert_eq!(error.kind(), kind, "{reason}: {error}");
        }
        assert_eq!(server.seen().len(), 2, "{reason}");
    }
}

#[tokio::test]
async fn runs_share_a_read_until_a_key_is_missing() {
    let server = serve(|_| Some(r#"{"a":"1"}"#.to_owned())).await;
    let sharing = Sharing::new(Duration::from_secs(60), &Traffic::default());
    let context = ConnectContext::new().with_sharing(sharing);
    let shared = connect(&settings(&server), &context).unwrap();
    for (key, requests) in [("a", 1), ("Value", 1), ("new", 2)] {
        let answers = shared
            .read(&[request("/db", &[key])], &RunContext::default())
            .await;
        assert_eq!(
            answers[0].as_ref().unwrap().value(key).is_some(),
            key != "new"
        );
        assert_eq!(server.seen().len(), requests, "{key}");
    }
}

#[tokio::test]
async fn credentials_that_are_refused_are_not_sent_for_each_folder() {
    let server = Server::start(|_| refusal("UnrecognizedClientException")).await;
    let backend = backend(&server);
    let requests: Vec<_> = (0..40)
        .map(|number| request(&format!("/team-{number}/"), &["a"]))
        .collect();
    let run = RunContext::new().with_concurrency(3);
    let answers = backend.read(&requests, &run).await;
    assert!(answers.iter().all(|answer| {
        let error = answer.as_ref().unwrap_err();
        error.kind() == VaultErrorKind::Unauthenticated
    }));
    assert!(server.seen().len() <= 3, "{}", server.seen().len());
}
