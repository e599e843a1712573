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
