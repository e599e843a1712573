//! Secrets that are written out.

use super::{offline, told, told_with};

const SOURCE: &str = "apiVersion: v1\nkind: Secret\nmetadata: {name: db}\nstringData:\n  \
                      user: app\n  password: hunter2\n  token: <path:db#token>\n\
                      data:\n  api-key: aHVudGVyMg==\n  other-token: PHBhdGg6ZGIjdG9rZW4+\n";

#[test]
fn a_secret_that_is_written_out_is_an_error_where_that_is_asked_for() {
    assert_eq!(told(SOURCE), [""; 0]);
    let message = "a value is written out where a placeholder is expected";
    assert_eq!(
        told_with(SOURCE, &offline().with_literals(true)),
        [
            format!("error 6:13 Secret/db stringData.password: {message}"),
            format!("error 9:12 Secret/db data.api-key: {message}"),
        ]
    );
}

#[test]
fn a_login_is_found_in_a_pull_secret_and_beside_placeholders() {
    let head = "apiVersion: v1\nkind: Secret\nmetadata: {name: a}\n";
    let with = |rest: &str| told_with(&format!("{head}{rest}"), &offline().with_literals(true));
    // {"auths":{"r":{"auth":"YTpi"}}}, and random bytes.
    for literal in [
        "data: {.dockerconfigjson: eyJhdXRocyI6eyJyIjp7ImF1dGgiOiJZVHBpIn19fQ==}\n",
        "stringData: {.dockerconfigjson: '{\"auths\": {\"r\": {\"password\": \"b\"}}}'}\n",
        "stringData:\n  app.ini: |\n    user = <path:a#b>\n    password = hunter2\n",
        "data: {session-key: /v8AgYKDhIWGh4iJiouMjY4=}\n",
    ] {
        let told = with(literal);
        assert!(
            matches!(told.as_slice(), [one] if one.ends_with("where a placeholder is expected")),
            "{literal}: {told:?}"
        );
    }
    // {"auths":{"r":{"auth":"PHBhdGg6YSNiPjo8cGF0aDphI2M+"}}}
    for filled in [
        "data: {.dockerconfigjson: eyJhdXRocyI6eyJyIjp7ImF1dGgiOiJQSEJoZEdnNllTTmlQam84Y0dGMGFEcGhJMk0rIn19fQ==}\n",
        "stringData:\n  app.ini: |\n    user = app\n    password = <path:a#b>\n",
        "data: {picture: /v8AgYKDhIWGh4iJiouMjY4=}\n",
    ] {
        assert_eq!(with(filled), [""; 0], "{filled}");
    }
}

#[test]
fn a_field_can_be_allowed() {
    let look = offline().with_literals(true);
    let look = look.with_allowed("Secret/db:stringData.password".parse().unwrap());
    let told = told_with(SOURCE, &look);
    assert_eq!(told.len(), 1, "{told:?}");
    assert!(told[0].contains("data.api-key"), "{told:?}");
}

#[test]
fn only_secrets_are_looked_at() {
    let source = SOURCE
        .replace("kind: Secret", "kind: Other")
        .replace("PHBhdGg6ZGIjdG9rZW4+", "a");
    assert_eq!(told_with(&source, &offline().with_literals(true)), [""; 0]);
}

#[test]
fn no_value_is_told() {
    let renderer =
        manifill::Renderer::with_backend("memory", manifill::vault::backend::memory::Memory::new());
    let inputs = [manifill::Input::new("a.yaml", SOURCE)];
    let look = offline().with_literals(true);
    let context = manifill::RunContext::new();
    let looking = manifill_check::check(&renderer, &inputs, &look, &context);
    let checked = futures_util::FutureExt::now_or_never(looking).unwrap();
    let error = checked.found().unwrap_err();
    for shown in [format!("{error:#}"), format!("{error:?}")] {
        assert!(
            !shown.contains("hunter2") && !shown.contains("aHVudGVy"),
            "{shown}"
        );
    }
}
