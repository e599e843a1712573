//! What can go wrong with a vault ends in an error at its place, whatever it is.

use std::time::Duration;

use futures_util::future::join_all;
use manifill::settings::Sources;
use manifill_argocd::server::Engine;
use manifill_connect_fake::{Data, Fault, Options, Server, Token};

use crate::world::{Ask, SENTINEL, World, files};

const TOKEN: &str = "token-sentinel-91c2";
const BODY: &str = "body-sentinel-e07b";
const SOURCE: &str = "kind: A\na: <path:vaults/Production/items/db#password>\n---\nkind: B\nb: <path:vaults/Production/items/db#username>\n";

#[tokio::test]
async fn every_fault_of_connect_is_told_at_its_place() {
    let one = |status| Fault::Status(status, BODY.to_owned());
    let mut cases: Vec<(Fault, &str)> = [400, 401, 403, 404, 408, 500, 501, 503]
        .map(|status| (one(status), ""))
        .into();
    cases.extend([
        (Fault::TransientForbidden, "this token may not see it"),
        (Fault::TooManyRequests { retry_after: 3600 }, "429"),
        (Fault::HtmlBadGateway, "502"),
        (Fault::TruncatedJson, ""),
        (Fault::DroppedConnection, ""),
        (Fault::Delay(Duration::from_secs(600)), ""),
    ]);
    join_all(cases.iter().map(|(fault, word)| ends(fault, word))).await;
}

fn connect() -> Server {
    let vault = "prodvault000000000000000aa";
    let fields = [("username", "svc"), ("password", SENTINEL)];
    let item = "loginitem0000000000000aaaa";
    let data = Data::new()
        .with_vault(vault, "Production")
        .with_item(vault, item, "db", fields);
    let options = Options {
        data,
        tokens: vec![Token::new(TOKEN)],
        ..Options::default()
    };
    Server::start_blocking(options).unwrap()
}

fn settings(server: &Server) -> Sources {
    Sources::default()
        .with_variable("AVP_TYPE", "1passwordconnect")
        .with_variable("OP_CONNECT_HOST", server.url())
        .with_variable("OP_CONNECT_TOKEN", TOKEN)
}

async fn ends(fault: &Fault, word: &str) {
    let server = connect();
    let sources = settings(&server)
        .with_variable("MANIFILL_TIMEOUT", "3s")
        .with_variable("MANIFILL_SHARE_READS", "0");
    let mut world = World::with(|_, _| Engine::new(sources));
    let client = world.plain().await;
    let ask = Ask::new(files(&[("web/app.yaml", SOURCE)]), "web");
    assert!(client.text(&ask).await.contains(SENTINEL));
    server.fault(fault.clone(), u32::MAX);
    let failure = client.failure(&ask).await;
    let text = format!("{failure:?}");
    assert!(text.contains("web/app.yaml:2:4"), "{fault:?}: {text}");
    assert!(text.contains(word), "{fault:?}: {text}");
    assert!(
        text.contains("vaults/Production/items/db"),
        "{fault:?}: {text}"
    );
    for secret in [SENTINEL, TOKEN, BODY] {
        assert!(!text.contains(secret), "{fault:?}: {text}");
    }
    // What has passed leaves nothing behind.
    server.clear_faults();
    assert!(client.text(&ask).await.contains(SENTINEL));
}

#[tokio::test]
async fn apps_read_together_what_they_read_at_one_time() {
    let server = connect();
    let mut world = World::with(|_, _| Engine::new(settings(&server)));
    let client = world.plain().await;
    let apps = (0..20).map(|n| {
        let name = format!("app-{n}/app.yaml");
        Ask::new(files(&[(&name, SOURCE)]), &format!("app-{n}"))
    });
    let apps: Vec<_> = apps.collect();
    let texts = join_all(apps.iter().map(|ask| client.text(ask))).await;
    assert!(texts.iter().all(|text| text.contains(SENTINEL)));
    // The vaults, the items of one, and the item.
    assert_eq!(world.engine.backends().requests_sent(), 3);
    assert!(world.engine.backends().reads_shared() > 0);
    // What an author sets goes to nobody else.
    let own = apps[0]
        .clone()
        .with_env("ARGOCD_ENV_OP_CONNECT_TOKEN", "mine");
    let failure = client.failure(&own).await;
    assert!(
        failure.message().contains("app-0/app.yaml:2:4"),
        "{failure}"
    );
}
