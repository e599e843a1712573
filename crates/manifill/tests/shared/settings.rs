//! Who shares backends, and what the settings of a server are.

use std::fs;

use manifill_connect_fake::Data;

use crate::world::{OPERATOR, SENTINEL, World, data, fill, id};

#[tokio::test]
async fn policy_is_judged_before_anything_is_shared() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("manifill.yaml");
    fs::write(
        &file,
        "policy:\n- {project: team-a, allow: ['vaults/A/**']}\n- {project: team-b, allow: ['vaults/B/**']}\n",
    )
    .unwrap();
    let world = World::new(data(&["A", "B"], 3, 0)).await;
    let world = world.with("MANIFILL_CONFIG", file.to_str().unwrap());
    let path = ["vaults/A/items/item1#f1"];
    assert!(
        world
            .fill("team-a", &path)
            .await
            .unwrap()
            .contains(SENTINEL)
    );
    world.asked();
    let error = world.fill("team-b", &path).await.unwrap_err();
    assert!(
        error
            .to_string()
            .contains("the policy does not allow project `team-b`"),
        "{error}"
    );
    assert!(world.asked().is_empty());
    // A wrong title is told without the names that the list has, though it is there already.
    world
        .fill("team-b", &["vaults/B/items/item1#f1"])
        .await
        .unwrap();
    let error = world
        .fill("team-b", &["vaults/B/items/itm1#f1"])
        .await
        .unwrap_err();
    assert!(!error.report().to_string().contains("item1"), "{error}");
    // Policies of a file that has changed hold for the next app.
    fs::write(
        &file,
        "policy:\n- {project: team-b, allow: ['vaults/**']}\n",
    )
    .unwrap();
    assert!(world.fill("team-b", &path).await.is_ok());
    assert!(world.fill("team-a", &path).await.is_err());
}

#[tokio::test]
async fn a_setting_that_has_changed_holds_for_the_next_app() {
    let folder = tempfile::tempdir().unwrap();
    let token = folder.path().join("token");
    let file = folder.path().join("manifill.yaml");
    fs::write(&token, "wrong").unwrap();
    let world = World::new(data(&["A"], 3, 0)).await;
    let settings = format!(
        "default: op\nbackends:\n  op: {{type: 1passwordconnect, settings: {{OP_CONNECT_HOST: \"{}\", OP_CONNECT_TOKEN: {{file: token}}}}}}\n",
        world.server.url()
    );
    fs::write(&file, settings).unwrap();
    let world = world.with("MANIFILL_CONFIG", file.to_str().unwrap());
    let path = ["vaults/A/items/item1#f1"];
    assert!(world.fill("default", &path).await.is_err());
    fs::write(&token, OPERATOR).unwrap();
    assert!(world.fill("default", &path).await.is_ok());
}

#[tokio::test]
async fn an_app_in_a_setting_makes_it_the_apps() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("manifill.yaml");
    let world = World::new(data(&["A"], 3, 0)).await;
    let settings = format!(
        "default: op\nbackends:\n  op: {{type: 1passwordconnect, settings: {{OP_CONNECT_HOST: \"{}\", OP_CONNECT_TOKEN: {{env: ARGOCD_ENV_TOKEN}}}}}}\n",
        world.server.url()
    );
    fs::write(&file, settings).unwrap();
    let world = world
        .with("MANIFILL_CONFIG", file.to_str().unwrap())
        .with("MANIFILL_APP_MAY_SET", "OP_CONNECT_TOKEN");
    for _ in 0..2 {
        let own = world.renderer("default", &[("TOKEN", OPERATOR)]);
        fill(&own, &["vaults/A/items/item1#f1"]).await.unwrap();
        assert_eq!(world.asked().len(), 3);
    }
}

#[tokio::test]
async fn the_settings_of_a_server_are_the_operators() {
    let world = World::new(Data::new().with_vault(id("A", ""), "A")).await;
    const SHARE: &str = "MANIFILL_SHARE_READS";
    const MOST: &str = "MANIFILL_MAX_REQUESTS_PER_MINUTE";
    let (seconds, requests) = ("a number of seconds from 0 to 600", "a number of requests");
    for (name, value, told, hint) in [
        (SHARE, "soon", seconds, "0 shares nothing"),
        (SHARE, "601", seconds, "0 shares nothing"),
        (MOST, "0", requests, "leave it out for no limit"),
        (MOST, "-1", requests, "leave it out for no limit"),
    ] {
        let sources = world.sources("default", &[]).with_variable(name, value);
        let errors = world.backends.config(&sources).unwrap_err();
        let error = errors.to_string();
        assert!(error.contains(name) && error.contains(told), "{error}");
        assert_eq!(errors.iter().next().unwrap().hint(), Some(hint));
        // Following the hint works.
        let value = if name == SHARE { "0" } else { "" };
        let sources = world.sources("default", &[]).with_variable(name, value);
        assert!(world.backends.config(&sources).is_ok());
    }
    let author = [
        ("MANIFILL_SHARE_READS", "600"),
        ("MANIFILL_MAX_REQUESTS_PER_MINUTE", "x"),
    ];
    let config = world
        .backends
        .config(&world.sources("default", &author))
        .unwrap();
    assert_eq!(
        (config.share_reads.as_secs(), config.max_requests_per_minute),
        (30, None)
    );
    assert_eq!(config.notes.len(), 2, "{:?}", config.notes);
}
