//! How many requests apps send together.

use std::time::Duration;

use futures_util::stream::{self, StreamExt as _};
use manifill::{DiagnosticKind, Input, RunContext};
use manifill_connect_fake::Fault;

use crate::world::{AUTHOR, OPERATOR, SENTINEL, World, data, fill, value};

#[tokio::test]
async fn five_hundred_apps_over_forty_items_by_title_send_at_most_43_requests() {
    let world = World::new(data(&["Home"], 40, 0)).await;
    let apps = (0..500).map(|app| {
        let world = &world;
        async move {
            let number = |file: usize| (app * 7 + file * 3) % 40;
            let inputs: Vec<Input> = (0..10)
                .map(|file| {
                    let (item, field) = (number(file), (app + file) % 10);
                    let path = format!("<path:vaults/Home/items/item{item}#f{field}>");
                    let text = format!("kind: Secret\nstringData: {{a: {path}}}\n");
                    Input::new(format!("{file}.yaml"), text)
                })
                .collect();
            let renderer = world.renderer("default", &[]);
            let rendered = renderer.render(&inputs, &RunContext::new()).await.unwrap();
            for (file, text) in rendered.texts().iter().enumerate() {
                let expected = value("Home", number(file), (app + file) % 10, 0);
                assert_eq!(
                    *text,
                    format!("kind: Secret\nstringData: {{a: \"{expected}\"}}\n")
                );
            }
        }
    });
    stream::iter(apps)
        .buffer_unordered(50)
        .collect::<Vec<()>>()
        .await;
    let asked = world.asked();
    assert!(asked.len() <= 43, "{} requests", asked.len());
    assert_eq!(world.backends.requests_sent(), asked.len() as u64);
    assert!(world.backends.reads_shared() > 1000);
}

#[tokio::test]
async fn a_window_of_zero_shares_nothing() {
    let world = World::new(data(&["Home"], 3, 0))
        .await
        .with("MANIFILL_SHARE_READS", "0");
    for _ in 0..3 {
        world
            .fill("default", &["vaults/Home/items/item1#f1"])
            .await
            .unwrap();
        assert_eq!(world.asked().len(), 3);
    }
    assert_eq!(
        (
            world.backends.requests_sent(),
            world.backends.reads_shared()
        ),
        (9, 0)
    );
}

#[tokio::test]
async fn after_the_window_everything_is_read_again() {
    let world = World::new(data(&["Home"], 3, 0))
        .await
        .with("MANIFILL_SHARE_READS", "4s");
    let path = ["vaults/Home/items/item1#f1"];
    assert!(
        world
            .fill("default", &path)
            .await
            .unwrap()
            .contains(&value("Home", 1, 1, 0))
    );
    world.server.replace_data(data(&["Home"], 3, 1));
    assert!(
        world
            .fill("default", &path)
            .await
            .unwrap()
            .contains(&value("Home", 1, 1, 0))
    );
    assert_eq!(world.asked().len(), 3);
    let mut text = String::new();
    while !text.contains(&value("Home", 1, 1, 1)) {
        tokio::time::sleep(Duration::from_millis(100)).await;
        text = world.fill("default", &path).await.unwrap();
    }
    assert!(world.asked().len() >= 3);
}

#[tokio::test]
async fn a_cancelled_app_does_not_end_the_reads_of_others() {
    let world = World::new(data(&["Home"], 3, 0)).await;
    world
        .server
        .fault(Fault::Delay(Duration::from_millis(100)), 3);
    let path = ["vaults/Home/items/item1#f1"];
    let mut first = Box::pin(world.fill("default", &path));
    while world.server.requests().is_empty() {
        assert!(futures_util::poll!(&mut first).is_pending());
        tokio::time::sleep(Duration::from_millis(1)).await;
    }
    let mut second = Box::pin(world.fill("default", &path));
    assert!(futures_util::poll!(&mut second).is_pending());
    drop(first);
    assert!(second.await.unwrap().contains(SENTINEL));
    assert_eq!(world.asked().len(), 3);
}

#[tokio::test]
async fn an_app_without_time_does_not_end_the_reads_of_others() {
    let world = World::new(data(&["Home"], 3, 0)).await;
    world
        .server
        .fault(Fault::Delay(Duration::from_millis(1500)), 1);
    let path = ["vaults/Home/items/item1#f1"];
    let hasty = world
        .renderer("default", &[])
        .with_timeout(Duration::from_millis(400));
    let (first, second) = tokio::join!(fill(&hasty, &path), world.fill("default", &path));
    let error = first.unwrap_err();
    assert_eq!(error.diagnostics()[0].kind, DiagnosticKind::Unavailable);
    assert!(error.to_string().contains("in time"), "{error}");
    assert!(second.unwrap().contains(SENTINEL));
    assert_eq!(world.asked().len(), 3);
}

#[tokio::test]
async fn an_error_is_nobody_elses() {
    let world = World::new(data(&["Home"], 3, 0)).await;
    let path = ["vaults/Home/items/item1#f1"];
    world.server.fault(Fault::Status(400, "no".to_owned()), 1);
    assert!(world.fill("default", &path).await.is_err());
    assert_eq!(world.asked().len(), 1);
    assert!(world.fill("default", &path).await.is_ok());
    assert_eq!(world.asked().len(), 3);
    // A missing item costs each app what it costs alone.
    for _ in 0..2 {
        let error = world
            .fill("default", &["vaults/Home/items/none#f1"])
            .await
            .unwrap_err();
        assert_eq!(error.diagnostics()[0].kind, DiagnosticKind::NotFound);
        assert_eq!(world.asked().len(), 1);
    }
}

#[tokio::test]
async fn an_author_with_another_login_shares_nothing() {
    let world = World::new(data(&["A", "B"], 3, 0)).await;
    let path = ["vaults/B/items/item1#f1"];
    world.fill("default", &path).await.unwrap();
    world.asked();
    for _ in 0..2 {
        let own = world.renderer("default", &[("OP_CONNECT_TOKEN", AUTHOR)]);
        assert!(fill(&own, &path).await.unwrap().contains(SENTINEL));
        assert_eq!(world.asked().len(), 3);
        // What the operator has just read is not there for a login that does not cover it.
        world
            .fill("default", &["vaults/A/items/item1#f1"])
            .await
            .unwrap();
        world.asked();
        let error = fill(&own, &["vaults/A/items/item1#f1"]).await.unwrap_err();
        assert!(!error.to_string().contains(SENTINEL), "{error}");
        world.asked();
    }
    // Who sets what the operator has set is as good as who sets nothing.
    let same = world.renderer("default", &[("OP_CONNECT_TOKEN", OPERATOR)]);
    assert!(fill(&same, &path).await.is_ok());
    assert_eq!(world.asked().len(), 0);
}

#[tokio::test]
async fn a_budget_holds_for_all_apps_together() {
    let world = World::new(data(&["Home"], 3, 0))
        .await
        .with("MANIFILL_MAX_REQUESTS_PER_MINUTE", "3");
    world
        .fill("default", &["vaults/Home/items/item1#f1"])
        .await
        .unwrap();
    // What is shared costs nothing.
    world
        .fill("other", &["vaults/Home/items/item1#f2"])
        .await
        .unwrap();
    let hasty = world
        .renderer("default", &[])
        .with_timeout(Duration::from_secs(20));
    let error = fill(&hasty, &["vaults/Home/items/item2#f1"])
        .await
        .unwrap_err();
    assert_eq!(error.diagnostics()[0].kind, DiagnosticKind::RequestBudget);
    assert!(
        error.to_string().contains("`3` requests a minute"),
        "{error}"
    );
    let hint = "MANIFILL_MAX_REQUESTS_PER_MINUTE sets how many all apps may send together";
    assert_eq!(error.diagnostics()[0].hint.as_deref(), Some(hint));
    // More in a minute, and it goes on.
    let world = world.with("MANIFILL_MAX_REQUESTS_PER_MINUTE", "4");
    let hasty = world
        .renderer("default", &[])
        .with_timeout(Duration::from_secs(20));
    assert!(fill(&hasty, &["vaults/Home/items/item2#f1"]).await.is_ok());
    // An author's own login is no way round.
    let author = world.renderer("default", &[("OP_CONNECT_TOKEN", AUTHOR)]);
    let author = author.with_timeout(Duration::from_secs(20));
    let error = fill(&author, &["vaults/B/items/item1#f1"])
        .await
        .unwrap_err();
    assert_eq!(error.diagnostics()[0].kind, DiagnosticKind::RequestBudget);
    assert_eq!(world.asked().len(), 4);
}

#[tokio::test]
async fn nothing_of_what_is_shared_shows() {
    let world = World::new(data(&["Home"], 3, 0)).await;
    let renderer = world.renderer("default", &[]);
    fill(&renderer, &["vaults/Home/items/item1#f1"])
        .await
        .unwrap();
    let shown = format!("{:?} {:#?} {renderer:?}", world.backends, world.backends);
    assert!(shown.contains("1passwordconnect"), "{shown}");
    assert!(!shown.contains(SENTINEL), "{shown}");
}
