//! What can go wrong with a vault ends in an error at its place, whatever it is.

use std::time::Duration;

use futures_util::future::join_all;
use manifill::settings::Sources;
use manifill_argocd::server::Engine;
use manifill_connect_fake::{Data, Fault, Options, Server, Token};

use crate::world::{Ask, SENTINEL, World, files};

const TOKEN: &str = "token-sentinel-91c2";
const BODY: &str = "body-sentinel-e07b";
/// A field that all of them meet, with another one of its item.
const FIELDS: &str = "kind: A\na: <path:vaults/Production/items/db#password>\n---\nkind: B\nb: <path:vaults/Production/items/db#username>\n";
/// A file, which has a request of its own.
const FILE: &str = "kind: A\na: <path:vaults/Production/items/db#key.pem>\n";

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
    let of_fields = cases.iter().map(|(fault, word)| ends(FIELDS, fault, word));
    let of_files = [500, 503].map(Fault::FileNotSynced);
    let of_files = of_files.iter().map(|fault| ends(FILE, fault, "key.pem"));
    futures_util::future::join(join_all(of_fields), join_all(of_files)).await;
}

fn connect() -> Server {
    let vault = "prodvault000000000000000aa";
    let fields = [("username", "svc"), ("password", SENTINEL)];
    let item = "loginitem0000000000000aaaa";
    let data = Data::new()
        .with_vault(vault, "Production")
        .with_item(vault, item, "db", fields)
        .with_file(vault, item, "key.pem", SENTINEL);
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

async fn ends(source: &str, fault: &Fault, word: &str) {
    let server = connect();
    let sources = settings(&server)
        .with_variable("MANIFILL_TIMEOUT", "3s")
        .with_variable("MANIFILL_SHARE_READS", "0");
    let mut world = World::with(|_, _| Engine::new(sources));
    let client = world.plain().await;
    let ask = Ask::new(files(&[("web/app.yaml", source)]), "web");
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
        Ask::new(files(&[(&name, FIELDS)]), &format!("app-{n}"))
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

/// One for the vaults, one for the items of one, and one for each item, however many apps there are:
/// what `benches/argocd.py` measures.
#[tokio::test]
async fn many_apps_send_a_request_for_each_item() {
    const ITEMS: usize = 40;
    const FILES: usize = 10;
    let vault = "prodvault000000000000000aa";
    let data = (0..ITEMS).fold(
        Data::new().with_vault(vault, "Production"),
        |data, number| {
            let id = format!("item{number:0>22}");
            data.with_item(vault, id, format!("db-{number}"), [("password", SENTINEL)])
        },
    );
    let options = Options {
        data,
        tokens: vec![Token::new(TOKEN)],
        ..Options::default()
    };
    let server = Server::start_blocking(options).unwrap();
    // All of them fall into one window, however long they take.
    let settings = settings(&server).with_variable("MANIFILL_SHARE_READS", "600");
    let mut world = World::with(|_, _| Engine::new(settings));
    let client = world.plain().await;
    let ask = |app: usize| {
        let texts = (0..FILES).map(|file| {
            let item = (app + 7 * file) % ITEMS;
            let text = format!("kind: A\na: <path:vaults/Production/items/db-{item}#password>\n");
            (format!("app-{app}/{file}.yaml"), text)
        });
        let texts: Vec<_> = texts.collect();
        let named: Vec<_> = texts
            .iter()
            .map(|(name, text)| (name.as_str(), text.as_str()))
            .collect();
        Ask::new(files(&named), &format!("app-{app}"))
    };
    for first in (0..200).step_by(20) {
        let asks: Vec<_> = (first..first + 20).map(ask).collect();
        for text in join_all(asks.iter().map(|ask| client.text(ask))).await {
            assert_eq!(text.matches(SENTINEL).count(), FILES);
        }
    }
    assert_eq!(server.requests().len(), 2 + ITEMS);
    assert_eq!(world.engine.backends().requests_sent(), 2 + ITEMS as u64);
}
