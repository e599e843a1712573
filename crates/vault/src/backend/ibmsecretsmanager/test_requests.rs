//! How many requests there are and for what, and what is told where something is wrong.

use super::samples::{
    EMPTY_ID, SecretsManager, TEAM_ID, json_of, map, path, read, read_one, request, serve,
    settings, targets, text, with,
};
use crate::suite::{Reply, SENTINEL, Server};
use crate::{RunContext, VaultErrorKind};

fn list(group: &str, of_type: &str) -> String {
    format!("secrets?offset=0&limit=1000&groups={group}&secret_types={of_type}")
}

#[tokio::test]
async fn one_login_and_one_read_for_each_secret_however_it_is_named() {
    let secrets = [
        map("db", "{\"user\":\"u\",\"password\":\"p\"}"),
        map("Größe & Co", "{\"a\":\"1\"}"),
        map("own", "{\"a\":\"2\"}").in_group("default"),
    ];
    let server = serve(with(secrets)).await;
    let requests = [
        request(&path("kv", "team/db"), &["user"]),
        request(&path("kv", "team/db#current"), &["password", "absent"]),
        request(&path("kv", "team"), &["db", "Größe & Co"]),
        request(&path("kv", "team/Größe & Co"), &["a"]),
        request(&path("kv", "default/own"), &["a"]),
    ];
    let (answers, run) = read(&settings(&server), &requests).await;
    assert!(answers.iter().all(Result::is_ok), "{answers:?}");
    let whole = json_of(answers[2].as_ref().unwrap(), "db");
    assert_eq!(
        whole.as_deref(),
        Some("{\"user\":\"u\",\"password\":\"p\"}")
    );
    assert_eq!(
        targets(&server),
        [
            "/identity/token",
            "secret_groups/default/secret_types/kv/secrets/own",
            "secret_groups/team/secret_types/kv/secrets/Gr%C3%B6%C3%9Fe%20&%20Co",
            "secret_groups/team/secret_types/kv/secrets/db",
        ]
    );
    assert_eq!(run.requests_sent(), 4);
}

#[tokio::test]
async fn the_id_of_a_group_and_versions_need_one_list() {
    let old = Some("\"data\":{\"a\":\"old\"}");
    let secrets =
        ["a", "b", "c"].map(|name| map(name, "{\"a\":\"1\"}").with_version("v-1", "previous", old));
    let server = serve(with(secrets)).await;
    let upper = TEAM_ID.to_ascii_uppercase();
    let requests = [
        request(&path("kv", TEAM_ID), &["a", "b"]),
        request(&path("kv", &format!("{upper}/b")), &["a"]),
        request(&path("kv", "team#previous"), &["a", "b"]),
        request(&path("kv", "team/c#v-1"), &["a"]),
    ];
    let (answers, _) = read(&settings(&server), &requests).await;
    assert!(answers.iter().all(Result::is_ok), "{answers:?}");
    assert_eq!(
        targets(&server),
        [
            "/identity/token".to_owned(),
            "secret_groups".to_owned(),
            "secrets/id-of-kv-a".to_owned(),
            "secrets/id-of-kv-a/versions/previous".to_owned(),
            "secrets/id-of-kv-b".to_owned(),
            "secrets/id-of-kv-b/versions/previous".to_owned(),
            "secrets/id-of-kv-c/versions/v-1".to_owned(),
            // By its id, and by its name: they are not known to be the same.
            list(TEAM_ID, "kv"),
            list(TEAM_ID, "kv"),
        ]
    );
}

#[tokio::test]
async fn long_lists_come_in_pages() {
    let secrets = (0..7).map(|index| text(&format!("s{index}"), "v"));
    let server = serve(SecretsManager {
        page: Some(3),
        ..with(secrets)
    })
    .await;
    let all = read_one(&server, &path("arbitrary", "team"), &[]).await;
    let names: Vec<String> = (0..7).map(|index| format!("s{index}")).collect();
    let all = all.unwrap();
    assert_eq!(all.names().collect::<Vec<_>>(), names);
    // What nobody asks for by name is not read.
    assert!(names.iter().all(|name| all.value(name).is_none()));
    assert_eq!(server.seen().len(), 1 + 1 + 3);
}

#[tokio::test]
async fn what_is_missing_is_told_apart_with_two_more_requests() {
    let server = serve(with([text("orders-db", "v"), text("forbidden", "v")])).await;
    let missing = [
        request(
            &path("arbitrary", "team"),
            &["order-db", "", "..", "orders-db"],
        ),
        request(&path("arbitrary", "team/order-db"), &["payload"]),
        request(&path("arbitrary", "team/order_db"), &["payload"]),
    ];
    let (answers, _) = read(&settings(&server), &missing).await;
    let group = answers[0].as_ref().unwrap();
    assert!(group.value("order-db").is_none() && group.value("orders-db").is_some());
    assert_eq!(
        group.names().collect::<Vec<_>>(),
        ["forbidden", "orders-db"]
    );
    let error = answers[1].as_ref().unwrap_err();
    assert_eq!(error.kind(), VaultErrorKind::NotFound);
    assert_eq!(
        error.to_string(),
        "there is no `arbitrary` secret `order-db` in the group `team` (HTTP 404)"
    );
    assert_eq!(error.candidates(), ["orders-db"]);
    let lists = targets(&server)
        .into_iter()
        .filter(|target| target == "secret_groups" || target.starts_with("secrets?"));
    assert_eq!(lists.count(), 2);

    for (at, keys, message) in [
        ("teem", &["a"][..], "there is no secret group `teem`"),
        ("teem", &[], "there is no secret group `teem`"),
        ("teem/a", &["payload"], "there is no secret group `teem`"),
        (
            "11111111-3a4d-4c5e-9f60-718293a4b5c6",
            &["a"],
            "there is no secret group `11111111-3a4d-4c5e-9f60-718293a4b5c6`",
        ),
    ] {
        let error = read_one(&server, &path("arbitrary", at), keys).await;
        let error = error.unwrap_err();
        assert_eq!(error.kind(), VaultErrorKind::NotFound);
        assert_eq!(error.to_string(), message);
        let near: &[&str] = if at.len() < 9 { &["team"] } else { &[] };
        assert_eq!(error.candidates(), near);
    }
    let empty = read_one(&server, &path("arbitrary", EMPTY_ID), &["a"]).await;
    assert!(empty.unwrap().value("a").is_none());
}

#[tokio::test]
async fn names_that_nobody_may_see_are_not_asked_for() {
    let server = serve(with([text("db", "v")])).await;
    let backend = super::connect(&settings(&server), &crate::ConnectContext::new()).unwrap();
    let requests = [
        request(&path("arbitrary", "team"), &["db", "absent"]),
        request(&path("arbitrary", "team/dbs"), &["payload"]),
    ];
    let run = RunContext::new().without_suggestions();
    let answers = backend.read(&requests, &run).await;
    let group = answers[0].as_ref().unwrap();
    assert!(group.value("db").is_some() && group.value("absent").is_none());
    let error = answers[1].as_ref().unwrap_err();
    assert_eq!(error.kind(), VaultErrorKind::NotFound);
    assert!(error.candidates().is_empty());
    let by_name = "secret_groups/team/secret_types/arbitrary/secrets/";
    let read = ["absent", "db", "dbs"].map(|name| format!("{by_name}{name}"));
    let login = "/identity/token".to_owned();
    assert_eq!(targets(&server), [&[login][..], &read].concat());
}

#[tokio::test]
async fn who_may_not_list_reads_by_name_all_the_same() {
    let server = serve(SecretsManager {
        unlisted: true,
        ..with([text("db", "v"), text("forbidden", "v")])
    })
    .await;
    let at = path("arbitrary", "team");
    let secret = read_one(&server, &at, &["db", "absent", "forbidden"]).await;
    let secret = secret.unwrap();
    assert_eq!(json_of(&secret, "db").as_deref(), Some("\"v\""));
    assert!(secret.value("absent").is_none());
    let error = secret.value("forbidden").unwrap().unwrap_err();
    assert_eq!(
        error.to_string(),
        "the login may not read the `arbitrary` secret `forbidden` in the group `team` (HTTP 403)"
    );
    let error = read_one(&server, &path("arbitrary", "team/absent"), &["payload"]).await;
    assert_eq!(error.unwrap_err().kind(), VaultErrorKind::NotFound);
    for (at, keys, message) in [
        (
            TEAM_ID,
            &["db"][..],
            "the login may not list the secrets of the group `GROUP` (HTTP 403)",
        ),
        (
            "team",
            &[],
            "the login may not list the secret groups of `URL` (HTTP 403)",
        ),
        (
            "team#v-1",
            &["db"],
            "the login may not list the secret groups of `URL` (HTTP 403)",
        ),
    ] {
        let error = read_one(&server, &path("arbitrary", at), keys).await;
        let error = error.unwrap_err();
        assert_eq!(error.kind(), VaultErrorKind::PermissionDenied);
        let shown = error.to_string().replace(&server.url(), "URL");
        assert_eq!(shown.replace(TEAM_ID, "GROUP"), message);
    }
}

#[tokio::test]
async fn answers_that_make_no_sense_are_told() {
    use VaultErrorKind::{InvalidAnswer, InvalidRequest, Unauthenticated};
    let other = |name: &str, of_type: &str| {
        format!(
            "{{\"name\":\"{name}\",\"secret_type\":\"{of_type}\",\"data\":{{\"a\":\"{SENTINEL}\"}}}}"
        )
    };
    for (reply, kind, message) in [
        (
            Reply::new(404).with_body(SENTINEL),
            InvalidAnswer,
            "`URL` has no API of Secrets Manager (HTTP 404)",
        ),
        (
            Reply::json("{}").with_status(401),
            Unauthenticated,
            "`URL` does not accept the token of its login (HTTP 401)",
        ),
        (
            Reply::json("{}").with_status(400),
            InvalidRequest,
            "`URL` refuses the request (HTTP 400)",
        ),
        (
            Reply::json(other("db2", "kv")),
            InvalidAnswer,
            "`URL` answers with another secret than was asked for",
        ),
        (
            Reply::json(other("db", "arbitrary")),
            InvalidAnswer,
            "`URL` answers with another secret than was asked for",
        ),
        (
            Reply::json(
                other("db", "kv")
                    .replace("{\"a\"", "[{\"a\"")
                    .replace("}}", "}]}"),
            ),
            InvalidAnswer,
            "the answer of `URL` is not what a Secrets Manager gives",
        ),
    ] {
        let login = with([]);
        let server = Server::start(move |seen| match seen.method.as_str() {
            "POST" => login.answer(seen),
            _ => reply.clone(),
        })
        .await;
        let error = read_one(&server, &path("kv", "team/db"), &["a"]).await;
        let error = error.unwrap_err();
        let shown = error.to_string().replace(&server.url(), "URL");
        assert_eq!((error.kind(), shown.as_str()), (kind, message));
    }
}

#[tokio::test]
async fn an_outage_is_one_error_and_no_storm() {
    let login = with([]);
    let server = Server::start(move |seen| match seen.method.as_str() {
        "POST" => login.answer(seen),
        _ => Reply::new(503),
    })
    .await;
    let names: Vec<String> = (0..40).map(|index| format!("s{index}")).collect();
    let names: Vec<&str> = names.iter().map(String::as_str).collect();
    let wanted = [request(&path("kv", "team"), &names)];
    let backend = super::connect(&settings(&server), &crate::ConnectContext::new()).unwrap();
    let run = RunContext::new().with_concurrency(4);
    let answers = backend.read(&wanted, &run).await;
    let error = answers[0].as_ref().unwrap_err();
    assert_eq!(error.kind(), VaultErrorKind::Unavailable);
    // The first four find out, the others ask once.
    assert!(
        server.seen().len() <= 1 + 4 * 5 + 36,
        "{}",
        server.seen().len()
    );
}
