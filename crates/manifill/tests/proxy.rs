//! What stands between manifill and a Connect server: answers that are none of its.
#![cfg(feature = "1passwordconnect")]
#![allow(clippy::unwrap_used)]

mod common;

use std::time::Duration;

use common::told;
use manifill::vault::{Settings, backend};
use manifill::{Backends, Input, Renderer, RunContext};

/// A server that gives every request this answer.
#[tokio::main(flavor = "current_thread")]
async fn error(status: usize, header: (&str, &str), body: &str) -> String {
    let mut server = mockito::Server::new_async().await;
    server
        .mock("GET", mockito::Matcher::Any)
        .with_status(status)
        .with_header(header.0, header.1)
        .with_body(body)
        .create_async()
        .await;
    let settings = Settings::new()
        .with("OP_CONNECT_HOST", server.url())
        .with("OP_CONNECT_TOKEN", "token-sentinel");
    let info = backend::by_name("1passwordconnect").unwrap();
    let renderer = Renderer::new(Backends::from_settings(info, settings))
        .with_timeout(Duration::from_millis(800));
    let inputs = [Input::new(
        "m.yaml",
        "kind: A\nx: <path:vaults/Home/items/db#user>\n",
    )];
    let error = renderer
        .render(&inputs, &RunContext::new())
        .await
        .unwrap_err();
    let told = format!("{} {error:?}", told(&error));
    assert!(told.starts_with("m.yaml:2:4: "), "{told}");
    assert!(!told.contains("sentinel"), "{told}");
    told
}

const HTML: (&str, &str) = ("content-type", "text/html");

#[test]
fn a_login_page_is_not_taken_for_secrets() {
    let told = error(200, HTML, "<html>body-sentinel</html>");
    assert!(told.contains("is not JSON"), "{told}");
}

#[test]
fn a_redirect_to_another_host_is_not_followed() {
    let told = error(302, ("location", "http://127.0.0.1:9/sentinel"), "");
    assert!(told.contains("redirect"), "{told}");
}

#[test]
fn a_gateway_without_a_server_behind_it_is_told_with_its_status() {
    let told = error(502, HTML, "<html>body-sentinel</html>");
    assert!(told.contains("HTTP 502"), "{told}");
}

#[test]
fn json_of_another_kind_is_told() {
    let told = error(
        200,
        ("content-type", "application/json"),
        "{\"sentinel\": 1}",
    );
    assert!(told.contains("InvalidAnswer"), "{told}");
}
