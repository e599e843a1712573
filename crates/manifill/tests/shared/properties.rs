//! Two projects with different policies, whatever happens in whatever order.

use std::fs;
use std::pin::Pin;
use std::task::Poll;
use std::time::Duration;

use manifill::{RenderError, Renderer};
use manifill_connect_fake::Fault;
use proptest::prelude::*;

use crate::world::{AUTHOR, SENTINEL, World, data, fill};

const VAULTS: [&str; 3] = ["A", "B", "Common"];
const POLICY: &str = "policy:
- {project: team-a, allow: ['vaults/A/**', 'vaults/Common/**']}
- {project: team-b, allow: ['vaults/B/**', 'vaults/Common/items/item0']}
";

/// Whether the policy lets a project read an item.
fn may(project: &str, vault: &str, item: usize) -> bool {
    match vault {
        "A" => project == "team-a",
        "B" => project == "team-b",
        _ => project == "team-a" || item == 0,
    }
}

/// One app, in the words of its author.
#[derive(Clone, Debug)]
struct App {
    project: &'static str,
    /// Whether the author brings a login, which covers the vault B only.
    own_login: bool,
    paths: Vec<(usize, usize, usize)>,
    wrong_key: bool,
}

#[derive(Clone, Debug)]
enum Event {
    Begin(App),
    /// An app goes on as far as it can.
    Poll(usize),
    Cancel(usize),
    /// The next requests go wrong.
    Fail(u8),
    /// All values change.
    Change,
    Wait,
}

fn event() -> impl Strategy<Value = Event> {
    let project = prop_oneof![Just("team-a"), Just("team-b")];
    let paths = prop::collection::vec((0..VAULTS.len(), 0..2_usize, 0..3_usize), 1..4);
    let app = (
        project,
        prop::bool::weighted(0.2),
        paths,
        prop::bool::weighted(0.1),
    );
    let app = app.prop_map(|(project, own_login, paths, wrong_key)| App {
        project,
        own_login,
        paths,
        wrong_key,
    });
    prop_oneof![
        5 => app.prop_map(Event::Begin),
        6 => (0..8_usize).prop_map(Event::Poll),
        1 => (0..8_usize).prop_map(Event::Cancel),
        1 => (1..4_u8).prop_map(Event::Fail),
        1 => Just(Event::Change),
        3 => Just(Event::Wait),
    ]
}

type Filling = Pin<Box<dyn Future<Output = Result<String, RenderError>>>>;

/// Nothing is in a text that its project may not see, and nothing at all in an error.
fn check(app: &App, outcome: &Result<String, RenderError>, changes: usize) {
    let allowed = |vault: &str, item: usize| {
        may(app.project, vault, item) && (!app.own_login || vault == "B")
    };
    let all = || {
        app.paths
            .iter()
            .map(|&(vault, item, _)| (VAULTS[vault], item))
    };
    match outcome {
        Ok(text) => {
            assert!(
                all().all(|(vault, item)| allowed(vault, item)),
                "{app:?} got {text}"
            );
            assert!(!app.wrong_key, "{app:?} got {text}");
            let values: Vec<&str> = text.split(SENTINEL).skip(1).collect();
            assert_eq!(values.len(), app.paths.len(), "{text}");
            for ((vault, item, field), found) in app.paths.iter().zip(values) {
                let expected = format!("-{}-{item}-{field}-", VAULTS[*vault]);
                let time = found
                    .strip_prefix(&expected)
                    .and_then(|rest| rest.split('"').next());
                let time: Option<usize> = time.and_then(|time| time.parse().ok());
                assert!(
                    time.is_some_and(|time| time <= changes),
                    "{app:?} got {found}"
                );
            }
        }
        Err(error) => {
            let told = format!("{error:?} {error} {}", error.report());
            assert!(!told.contains(SENTINEL), "{told}");
            for vault in VAULTS {
                for item in 0..2 {
                    // Who names it knows it; nobody else is told.
                    let named = all().any(|known| known == (vault, item));
                    let title = format!("{vault}/items/item{item}");
                    assert!(named || !told.contains(&title), "{app:?}: {told}");
                }
            }
        }
    }
}

async fn play(events: Vec<Event>, window: &str) {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("policy.yaml");
    fs::write(&file, POLICY).unwrap();
    let world = World::new(data(&VAULTS, 2, 0)).await;
    let world = world
        .with("MANIFILL_CONFIG", file.to_str().unwrap())
        .with("MANIFILL_SHARE_READS", window);
    let mut running: Vec<(App, Filling)> = Vec::new();
    let mut changes = 0;
    for event in events {
        match event {
            Event::Begin(app) if running.len() < 8 => {
                let author = [("OP_CONNECT_TOKEN", AUTHOR)];
                let author = if app.own_login { &author[..] } else { &[] };
                let renderer = world.renderer(app.project, author);
                running.push((app.clone(), begin(renderer, app)));
            }
            Event::Begin(_) => {}
            Event::Poll(which) => {
                let Some((app, filling)) = running.get_mut(which) else {
                    continue;
                };
                if let Poll::Ready(outcome) = futures_util::poll!(filling) {
                    check(app, &outcome, changes);
                    drop(running.remove(which));
                }
            }
            Event::Cancel(which) if which < running.len() => drop(running.remove(which)),
            Event::Cancel(_) => {}
            Event::Fail(1) => world.server.fault(Fault::Status(400, "no".to_owned()), 1),
            Event::Fail(2) => world.server.fault(Fault::TruncatedJson, 1),
            Event::Fail(_) => world
                .server
                .fault(Fault::Delay(Duration::from_millis(5)), 2),
            Event::Change => {
                changes += 1;
                world.server.replace_data(data(&VAULTS, 2, changes));
            }
            Event::Wait => tokio::time::sleep(Duration::from_millis(1)).await,
        }
    }
    world.server.clear_faults();
    for (app, filling) in running {
        check(&app, &filling.await, changes);
    }
    // In the end all is well, for each with what is allowed.
    for project in ["team-a", "team-b"] {
        let text = world.fill(project, &["vaults/Common/items/item0#f0"]).await;
        assert!(text.unwrap().contains(SENTINEL));
    }
}

fn begin(renderer: Renderer, app: App) -> Filling {
    Box::pin(async move {
        let mut paths: Vec<String> = app
            .paths
            .iter()
            .map(|(vault, item, field)| {
                format!("vaults/{}/items/item{item}#f{field}", VAULTS[*vault])
            })
            .collect();
        if app.wrong_key {
            paths.push(paths[0].replace("#f", "#x"));
        }
        let paths: Vec<&str> = paths.iter().map(String::as_str).collect();
        fill(&renderer, &paths).await
    })
}

proptest! {
    #![proptest_config(ProptestConfig {
        cases: 24,
        max_shrink_iters: 100,
        ..ProptestConfig::default()
    })]

    #[test]
    fn two_projects_never_see_each_others_values(
        events in prop::collection::vec(event(), 10..60),
        window in prop_oneof![4 => Just("30"), 1 => Just("1"), 1 => Just("0")],
    ) {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build();
        runtime.unwrap().block_on(play(events, window));
    }
}
