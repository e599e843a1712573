//! What runs share of a Connect server, and what they do not (rule R14).

use std::sync::{Arc, Mutex};
use std::time::Duration;

use serde_json::{Value, json};

use super::connect;
use super::samples::{
    Content, DOCUMENT, LOGIN, PROD, document, id, login, password, request, settings, simple,
    targets, twenty,
};
use crate::suite::Server;
use crate::{
    ConnectContext, RunContext, Secret, Sharing, Traffic, VaultBackend, VaultError, VaultErrorKind,
};

/// A server whose items can change, and a backend that shares what it reads.
struct Shared {
    items: Arc<Mutex<Content>>,
    server: Server,
    backend: Arc<dyn VaultBackend>,
    traffic: Traffic,
}

impl Shared {
    async fn of(items: Vec<Value>) -> Self {
        let items = Arc::new(Mutex::new(Content::new(items)));
        let content = Arc::clone(&items);
        let server = Server::start(move |seen| content.lock().unwrap().answer(seen)).await;
        let traffic = Traffic::new();
        let sharing = Sharing::new(Duration::from_secs(3600), &traffic);
        let context = ConnectContext::new().with_sharing(sharing);
        let backend = connect(&settings(&server), &context).unwrap();
        Shared {
            items,
            server,
            backend,
            traffic,
        }
    }

    /// One run that reads keys.
    async fn run(&self, path: &str, keys: &[&str]) -> Result<Secret, VaultError> {
        let requests = [request(&self.backend, path, keys)];
        let mut answers = self.backend.read(&requests, &RunContext::new()).await;
        answers.pop().unwrap()
    }

    fn change(&self, change: impl FnOnce(&mut Content)) {
        change(&mut self.items.lock().unwrap());
    }

    /// How many requests the server got since the last time.
    fn asked(&self) -> Vec<String> {
        let targets = targets(&self.server);
        self.server.forget();
        targets
    }
}

#[tokio::test]
async fn a_vault_is_listed_once_and_an_item_read_once_for_all_runs() {
    let shared = Shared::of(twenty()).await;
    for _ in 0..5 {
        for number in (0..20).step_by(2) {
            let found = shared
                .run(
                    &format!("vaults/Production/items/title {number}"),
                    &["password"],
                )
                .await;
            assert_eq!(password(&found), format!("value {number}"));
        }
    }
    // However an item is called, it is the same one.
    for path in [
        format!("vaults/{PROD}/items/{}", id("item", 4)),
        "op://Production/title 4".to_owned(),
    ] {
        assert_eq!(password(&shared.run(&path, &["password"]).await), "value 4");
    }
    let asked = shared.asked();
    assert_eq!(asked.len(), 12, "{asked:?}");
    assert!(
        asked.iter().all(|target| !target.contains("filter")),
        "{asked:?}"
    );
    assert_eq!(shared.traffic.requests_sent(), 12);
}

#[tokio::test]
async fn what_was_missing_for_one_run_may_be_there_for_the_next() {
    let shared = Shared::of(vec![simple(PROD, LOGIN, "db", "one")]).await;
    let first = shared
        .run("vaults/Production/items/new", &["password"])
        .await;
    assert_eq!(first.unwrap_err().kind(), VaultErrorKind::NotFound);
    assert_eq!(shared.asked().len(), 2);
    // The item comes; the next run has the list of the first one, but no error from it.
    let new = simple(PROD, DOCUMENT, "new", "two");
    shared.change(|content| content.items.push(new));
    let found = shared
        .run("vaults/Production/items/new", &["password"])
        .await;
    assert_eq!(password(&found), "two");
    assert_eq!(shared.asked().len(), 2, "the list again, and the item");
    // Those that come later have the new list.
    let found = shared
        .run("vaults/Production/items/new", &["password"])
        .await;
    assert_eq!(password(&found), "two");
    assert!(shared.asked().is_empty());
    // A miss costs what it costs without sharing: one list.
    let missing = shared
        .run("vaults/Production/items/none", &["password"])
        .await;
    assert_eq!(missing.unwrap_err().kind(), VaultErrorKind::NotFound);
    assert_eq!(shared.asked().len(), 1);
    // The same for a vault,
    let missing = shared.run("vaults/Third/items/db", &["password"]).await;
    assert!(
        missing
            .unwrap_err()
            .to_string()
            .starts_with("no such vault")
    );
    assert_eq!(shared.asked().len(), 1);
    let third = "thirdvault00000000000000aa";
    shared.change(|content| {
        content.vaults.push((third, "Third"));
        content
            .items
            .push(simple(third, &id("third", 1), "db", "three"));
    });
    let found = shared.run("vaults/Third/items/db", &["password"]).await;
    assert_eq!(password(&found), "three");
    shared.asked();
    // and for a key.
    shared.change(|content| {
        let fields = content.items[0]["fields"].as_array_mut().unwrap();
        fields.push(json!({"id": "f", "label": "pin", "value": "4711"}));
    });
    shared
        .run("vaults/Production/items/db", &["password"])
        .await
        .unwrap();
    shared.asked();
    shared.change(|content| {
        let fields = content.items[0]["fields"].as_array_mut().unwrap();
        fields.push(json!({"id": "g", "label": "puk", "value": "0815"}));
    });
    let found = shared
        .run("vaults/Production/items/db", &["password", "puk"])
        .await;
    assert!(found.unwrap().value("puk").is_some());
    assert_eq!(shared.asked().len(), 1, "the item again");
}

#[tokio::test]
async fn an_item_that_was_replaced_or_brought_back_is_found() {
    let mut archived = simple(PROD, LOGIN, "db", "one");
    let shared = Shared::of(vec![archived.clone()]).await;
    assert_eq!(
        password(
            &shared
                .run("vaults/Production/items/db", &["password"])
                .await
        ),
        "one"
    );
    // Another item has the title now, and the first is gone, though it is shared still.
    shared.change(|content| content.items = vec![simple(PROD, DOCUMENT, "other", "two")]);
    shared
        .run("vaults/Production/items/other", &["password"])
        .await
        .unwrap();
    shared.change(|content| content.items = vec![simple(PROD, &id("again", 1), "other", "three")]);
    let gone = format!("vaults/{PROD}/items/{}", id("again", 1));
    assert_eq!(password(&shared.run(&gone, &["password"]).await), "three");
    // An archived item by its id: the next run sees that it is live again.
    archived["state"] = "ARCHIVED".into();
    archived["id"] = id("archived", 1).into();
    shared.change(|content| content.items.push(archived.clone()));
    let path = format!("vaults/{PROD}/items/{}", id("archived", 1));
    let error = shared.run(&path, &["password"]).await.unwrap_err();
    assert!(error.to_string().contains("archived"), "{error}");
    archived["state"] = Value::Null;
    shared.change(|content| *content.items.last_mut().unwrap() = archived);
    assert_eq!(password(&shared.run(&path, &["password"]).await), "one");
}

#[tokio::test]
async fn one_time_codes_are_read_by_each_run() {
    let shared = Shared::of(vec![login()]).await;
    let path = "op://Production/db main";
    let key = "one-time password?attribute=otp";
    let code = |found: Result<Secret, VaultError>| {
        let found = found.unwrap();
        found.value(key).unwrap().unwrap().to_json()
    };
    assert_eq!(code(shared.run(path, &[key]).await), "\"620460\"");
    shared.change(|content| content.items[0]["fields"][3]["totp"] = "111111".into());
    assert_eq!(
        code(shared.run(path, &["password", key]).await),
        "\"111111\""
    );
    shared.asked();
    shared.change(|content| content.items[0]["fields"][3]["totp"] = "222222".into());
    assert_eq!(code(shared.run(path, &[key]).await), "\"222222\"");
    assert_eq!(shared.asked().len(), 1);
    // What is not a code is shared all the same.
    shared.run(path, &["password"]).await.unwrap();
    assert!(shared.asked().is_empty());
}

#[tokio::test]
async fn a_file_is_read_once() {
    let shared = Shared::of(vec![document()]).await;
    for _ in 0..3 {
        let found = shared
            .run("op://Production/document", &["tls/key.pem", "notesPlain"])
            .await;
        let found = found.unwrap();
        assert!(found.value("tls/key.pem").unwrap().is_ok(), "{found:?}");
    }
    assert_eq!(shared.asked().len(), 4);
}

#[tokio::test]
async fn a_refusal_is_not_shared_and_not_repeated_by_all() {
    let shared = Shared::of(vec![login()]).await;
    let other = settings(&shared.server).with("OP_CONNECT_TOKEN", "wrong");
    let sharing = Sharing::new(Duration::from_secs(3600), &shared.traffic);
    let backend = connect(&other, &ConnectContext::new().with_sharing(sharing)).unwrap();
    for _ in 0..2 {
        let requests = [request(
            &backend,
            "vaults/Production/items/db main",
            &["password"],
        )];
        let answers = backend.read(&requests, &RunContext::new()).await;
        let error = answers[0].as_ref().unwrap_err();
        assert_eq!(error.kind(), VaultErrorKind::Unauthenticated);
        assert_eq!(
            shared.asked().len(),
            2,
            "a 401 is asked about once more, once a run"
        );
    }
    shared
        .run("vaults/Production/items/db main", &["password"])
        .await
        .unwrap();
}
