//! 1Password Connect over real HTTP: what a run asks for, and what happens when it goes wrong.
#![cfg(feature = "1passwordconnect")]
#![allow(clippy::unwrap_used)]

mod common;

use std::collections::BTreeSet;
use std::fmt::Write as _;
use std::time::Duration;

use common::told;
use manifill::vault::{Settings, backend};
use manifill::{Backends, Input, RenderError, Renderer, RunContext};
use manifill_connect_fake::{Data, Fault, Options, Server};

const SENTINEL: &str = "sentinel-7d1e";

/// The id of a vault, or of an item in it: 26 characters from their names.
fn id(vault: &str, item: &str) -> String {
    let name = format!("{vault}{item}").to_lowercase().replace(' ', "");
    format!("{name:0<26}")
}

/// Two vaults of ten items each; every item has ten fields.
fn data() -> Data {
    let mut data = Data::new();
    for vault in ["Home", "Work"] {
        let vault_id = id(vault, "");
        data = data.with_vault(&vault_id, vault);
        for item in 0..10 {
            let title = format!("item {item}");
            let fields: Vec<(String, String)> = (0..10)
                .map(|field| {
                    (
                        format!("f{field}"),
                        format!("{SENTINEL}-{vault}-{item}-{field}"),
                    )
                })
                .collect();
            let id = id(vault, &title);
            data = data.with_item(
                &vault_id,
                &id,
                &title,
                fields.iter().map(|(k, v)| (k.as_str(), v.as_str())),
            );
        }
    }
    data
}

fn server(options: Options) -> Server {
    Server::start_blocking(options).unwrap()
}

fn renderer(server: &Server) -> Renderer {
    renderer_with(server.url(), server.token())
}

fn renderer_with(host: &str, token: &str) -> Renderer {
    let settings = Settings::new()
        .with("OP_CONNECT_HOST", host)
        .with("OP_CONNECT_TOKEN", token);
    let info = backend::by_name("1passwordconnect").unwrap();
    Renderer::new(Backends::from_settings(info, settings)).with_timeout(Duration::from_secs(20))
}

#[tokio::main(flavor = "current_thread")]
async fn render(renderer: &Renderer, source: &str) -> Result<String, RenderError> {
    let inputs = [Input::new("m.yaml", source)];
    let rendered = renderer.render(&inputs, &RunContext::new()).await?;
    Ok(rendered.texts()[0].to_string())
}

/// The requests a server got, without the log's marks.
fn requests(server: &Server) -> Vec<String> {
    server
        .requests()
        .iter()
        .map(|request| request.path.clone())
        .collect()
}

fn details(server: &Server) -> usize {
    requests(server)
        .iter()
        .filter(|path| path.contains("/items/"))
        .count()
}

#[test]
fn forty_placeholders_on_one_item_by_titles_are_three_requests() {
    let server = server(Options {
        data: data(),
        ..Options::default()
    });
    let mut source = String::from("kind: A\n");
    for n in 0..40 {
        let _ = writeln!(source, "k{n}: <path:vaults/Home/items/item 3#f{}>", n % 10);
    }
    let text = render(&renderer(&server), &source).unwrap();
    assert_eq!(text.matches(SENTINEL).count(), 40);
    assert_eq!(requests(&server).len(), 3, "{:?}", requests(&server));
}

/// 200 placeholders over 20 items in 2 vaults.
fn twenty_items(path: impl Fn(&str, usize) -> String) -> String {
    let mut source = String::from("kind: A\n");
    for vault in ["Home", "Work"] {
        for item in 0..10 {
            for field in 0..10 {
                let _ = writeln!(
                    source,
                    "{vault}-{item}-{field}: <path:{}#f{field}>",
                    path(vault, item)
                );
            }
        }
    }
    source
}

#[test]
fn two_hundred_placeholders_over_twenty_items_by_titles() {
    let server = server(Options {
        data: data(),
        ..Options::default()
    });
    let source = twenty_items(|vault, item| format!("vaults/{vault}/items/item {item}"));
    let text = render(&renderer(&server), &source).unwrap();
    assert_eq!(text.matches(SENTINEL).count(), 200);
    // One list of vaults, one of items for each vault, one detail for each item.
    assert_eq!(requests(&server).len(), 1 + 2 + 20);
    assert_eq!(details(&server), 20);
}

#[test]
fn two_hundred_placeholders_over_twenty_items_by_ids() {
    let server = server(Options {
        data: data(),
        ..Options::default()
    });
    let source = twenty_items(|vault, item| {
        let item = id(vault, &format!("item {item}"));
        format!("vaults/{}/items/{item}", id(vault, ""))
    });
    let text = render(&renderer(&server), &source).unwrap();
    assert_eq!(text.matches(SENTINEL).count(), 200);
    assert_eq!(requests(&server).len(), 20);
}

#[test]
fn an_item_by_title_id_link_and_reference_is_one_detail() {
    let server = server(Options {
        data: data(),
        ..Options::default()
    });
    let (vault, item) = (id("Home", ""), id("Home", "item 1"));
    let source = format!(
        "kind: A\na: <path:vaults/Home/items/item 1#f1>\nb: <path:vaults/{vault}/items/{item}#f2>\nc: <op://Home/item 1/f3>\nd: <path:https://start.1password.com/open/i?a=A&v={vault}&i={item}&h=my.1password.com#f4>\n"
    );
    let text = render(&renderer(&server), &source).unwrap();
    assert_eq!(text.matches(SENTINEL).count(), 4, "{text}");
    assert_eq!(details(&server), 1, "{:?}", requests(&server));
}

#[test]
fn nothing_is_asked_without_a_placeholder_and_a_render_remembers_nothing() {
    let server = server(Options {
        data: data(),
        ..Options::default()
    });
    let renderer = renderer(&server);
    render(&renderer, "kind: A\n---\nkind: B\nmetadata: {annotations: {avp.kubernetes.io/path: vaults/Home/items/item 1}}\n").unwrap();
    assert_eq!(requests(&server).len(), 0);
    for _ in 0..2 {
        server.clear_requests();
        render(
            &renderer,
            "kind: A\nx: <path:vaults/Home/items/item 1#f1>\n",
        )
        .unwrap();
        assert_eq!(requests(&server).len(), 3);
    }
}

#[test]
fn independent_requests_run_at_the_same_time() {
    let latency = Duration::from_millis(100);
    let server = server(Options {
        data: data(),
        latency,
        ..Options::default()
    });
    let source = twenty_items(|vault, item| format!("vaults/{vault}/items/item {item}"));
    render(&renderer(&server), &source).unwrap();
    // Ten at a time take ten connections; one after the other would take one.
    let connections: BTreeSet<u64> = server
        .requests()
        .iter()
        .map(|request| request.connection)
        .collect();
    assert!(connections.len() >= 10, "{connections:?}");
}

/// Every way to fail, each with values, the token and bodies that must not show.
#[test]
fn failures_name_the_place_and_the_path_and_show_no_value() {
    let token = "token-sentinel-91c2";
    let body = "body-sentinel-e07b";
    let source = "kind: A\na: <path:vaults/Home/items/item 1#f1>\n---\nkind: B\nb: <path:vaults/Work/items/item 2#f2>\n";
    let one = |status| Fault::Status(status, body.to_owned());
    let cases: Vec<(Fault, &[&str])> = vec![
        (one(401), &["401"]),
        (one(403), &["403"]),
        (Fault::TransientForbidden, &["this token may not see it"]),
        (one(500), &["500"]),
        (one(503), &["503"]),
        (Fault::TooManyRequests { retry_after: 3600 }, &["429"]),
        (Fault::HtmlBadGateway, &["502"]),
        (Fault::TruncatedJson, &["m.yaml"]),
        (Fault::DroppedConnection, &["m.yaml"]),
        (Fault::Delay(Duration::from_secs(30)), &["m.yaml"]),
    ];
    for (fault, words) in cases {
        let options = Options {
            data: data(),
            tokens: vec![manifill_connect_fake::Token::new(token)],
            ..Options::default()
        };
        let server = server(options);
        server.fault(fault.clone(), u32::MAX);
        let renderer = renderer_with(server.url(), token).with_timeout(Duration::from_millis(1500));
        let error = render(&renderer, source).unwrap_err();
        let text = format!("{} {error:?}", told(&error));
        assert!(text.starts_with("m.yaml:2:4: "), "{fault:?}: {text}");
        for word in words {
            assert!(text.contains(word), "{fault:?}: {text}");
        }
        for secret in [SENTINEL, token, body] {
            assert!(!text.contains(secret), "{fault:?}: {text}");
        }
        assert!(
            text.contains("vaults/Home/items/item 1"),
            "{fault:?}: {text}"
        );
    }
}

#[test]
fn a_fault_that_passes_is_not_seen() {
    for fault in [
        Fault::Status(503, String::new()),
        Fault::TransientForbidden,
        Fault::DroppedConnection,
        Fault::Status(401, String::new()),
    ] {
        let server = server(Options {
            data: data(),
            ..Options::default()
        });
        server.fault(fault.clone(), 1);
        let rendered = render(
            &renderer(&server),
            "kind: A\nx: <path:vaults/Home/items/item 1#f1>\n",
        );
        assert!(
            rendered.is_ok(),
            "{fault:?}: {}",
            told(&rendered.unwrap_err())
        );
    }
}

#[test]
fn a_wrong_token_an_absent_server_and_a_host_without_scheme_say_so() {
    let server = server(Options {
        data: data(),
        ..Options::default()
    });
    let source = "kind: A\nx: <path:vaults/Home/items/item 1#f1>\n";
    let wrong = told(&render(&renderer_with(server.url(), "nope-sentinel"), source).unwrap_err());
    assert!(
        wrong.contains("401") && !wrong.contains("nope-sentinel"),
        "{wrong}"
    );
    let gone = renderer_with("http://127.0.0.1:9", "t").with_timeout(Duration::from_millis(800));
    let gone = told(&render(&gone, source).unwrap_err());
    assert!(gone.contains("connection refused"), "{gone}");
    let host = told(&render(&renderer_with("127.0.0.1:8080", "t"), source).unwrap_err());
    assert!(
        host.contains(
            "OP_CONNECT_HOST must be a URL such as http://onepassword-connect.1password:8080"
        ),
        "{host}"
    );
}

#[test]
fn a_default_never_hides_a_vault_that_cannot_be_reached() {
    let source = "kind: A\nx: <path:vaults/Home/items/item 1#f1 | default \"d\">\ny: <path:vaults/Home/items/item 1#f1 || path:vaults/Home/items/item 2#f1>\n";
    let server = server(Options {
        data: data(),
        ..Options::default()
    });
    server.fault(Fault::Status(500, String::new()), u32::MAX);
    let renderer = renderer(&server).with_timeout(Duration::from_millis(1000));
    assert!(told(&render(&renderer, source).unwrap_err()).contains("500"));
    server.clear_faults();
    let missing = source.replace("item 1", "item 99");
    let text = render(&renderer, &missing).unwrap();
    assert!(
        text.contains("x: \"d\"") && text.contains(&format!("{SENTINEL}-Home-2-1")),
        "{text}"
    );
}

#[test]
fn candidates_are_named_unless_rules_are_set() {
    let server = server(Options {
        data: data(),
        ..Options::default()
    });
    let source =
        "kind: A\nx: <path:vaults/Home/items/item 11#f1>\ny: <path:vaults/Home/items/item 12#f1>\n";
    let open = told(&render(&renderer(&server), source).unwrap_err());
    assert!(open.contains("`item 1`"), "{open}");
    let rules = manifill::policy::PathRules::new(["item 1[12]"]).unwrap();
    let restricted = renderer(&server).with_rules(manifill::Rules::validating(rules));
    let closed = told(&render(&restricted, source).unwrap_err());
    assert!(
        closed.contains("item 11") && !closed.contains("`item 1`"),
        "{closed}"
    );
}

#[test]
fn the_names_of_keys_are_told_and_no_value() {
    let server = server(Options {
        data: data(),
        ..Options::default()
    });
    let renderer = renderer(&server);
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .unwrap();
    let names = runtime
        .block_on(renderer.keys("vaults/Home/items/item 1", &RunContext::new()))
        .unwrap();
    assert!(names.contains(&"f3".to_owned()), "{names:?}");
    assert!(
        !names.iter().any(|name| name.contains(SENTINEL)),
        "{names:?}"
    );
}

#[test]
fn what_was_fetched_does_not_print() {
    let server = server(Options {
        data: data(),
        ..Options::default()
    });
    let renderer = renderer(&server);
    let inputs = [Input::new(
        "m.yaml",
        "kind: A\nx: <path:vaults/Home/items/item 1#f1>\n",
    )];
    let plan = renderer.plan(&inputs).unwrap();
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .unwrap();
    let answers = runtime.block_on(plan.fetch(&RunContext::new()));
    let shown = format!("{plan:?} {answers:?} {renderer:?}");
    assert!(
        !shown.contains(SENTINEL) && !shown.contains(server.token()),
        "{shown}"
    );
}
