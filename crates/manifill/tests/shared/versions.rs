//! The same with versions, leases and logins, from a server like Vault.

use std::collections::BTreeSet;
use std::fmt::Write as _;
use std::fs;
use std::pin::Pin;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::task::Poll;
use std::time::Duration;

use manifill::settings::Sources;
use manifill::{Input, RenderError, Renderer, RunContext, SharedBackends};
use manifill_vault::suite::{Fault, Reply, Seen, Server};
use proptest::prelude::*;

use crate::world::SENTINEL;

const POLICY: &str = "policy:
- {project: team-a, allow: ['secret/data/a', 'secret/data/common', 'database/creds/*']}
- {project: team-b, allow: ['secret/data/b', 'secret/data/common', 'database/creds/*']}
";

/// One app: whose it is, whether its author brings a token, and what it reads.
#[derive(Clone, Debug)]
struct App {
    project: &'static str,
    own_login: bool,
    reads: Vec<(&'static str, usize)>,
    leases: bool,
}

#[derive(Clone, Debug)]
enum Event {
    Begin(App),
    Poll(usize),
    Cancel(usize),
    Fail,
    Wait,
}

fn event() -> impl Strategy<Value = Event> {
    let project = prop_oneof![Just("team-a"), Just("team-b")];
    let path = prop_oneof![1 => Just("a"), 1 => Just("b"), 2 => Just("common")];
    let reads = prop::collection::vec((path, 0..3_usize), 1..3);
    let app = (project, any::<bool>(), reads, any::<bool>());
    let app = app.prop_map(|(project, own_login, reads, leases)| App {
        project,
        own_login,
        reads,
        leases,
    });
    prop_oneof![
        5 => app.prop_map(Event::Begin),
        6 => (0..8_usize).prop_map(Event::Poll),
        1 => (0..8_usize).prop_map(Event::Cancel),
        1 => Just(Event::Fail),
        3 => Just(Event::Wait),
    ]
}

/// A server whose values say who asked, for what and for which version. Each lease is another one.
async fn server() -> Server {
    let leases = AtomicUsize::new(0);
    Server::start(move |seen: &Seen| {
        let whose = seen.header("x-vault-token").unwrap_or_default();
        let target = seen.target.trim_start_matches("/v1/");
        let (path, query) = target.split_once('?').unwrap_or((target, ""));
        if path.starts_with("database/") {
            let number = leases.fetch_add(1, Ordering::SeqCst);
            return Reply::json(format!(
                r#"{{"lease_id":"{path}/{number}","lease_duration":60,"data":{{"k":"{SENTINEL}/lease-{whose}/{number}"}}}}"#
            ));
        }
        let version = query.strip_prefix("version=").unwrap_or("9");
        Reply::json(format!(
            r#"{{"data":{{"data":{{"k":"{SENTINEL}/{whose}/{path}/{version}"}},"metadata":{{"version":{version}}}}}}}"#
        ))
    })
    .await
}

type Filling = Pin<Box<dyn Future<Output = Result<String, RenderError>>>>;

fn begin(renderer: Renderer, app: App) -> Filling {
    let mut texts = "kind: A\n".to_owned();
    for (number, (path, version)) in app.reads.iter().enumerate() {
        let version = if *version == 0 {
            String::new()
        } else {
            format!("#{version}")
        };
        let _ = writeln!(texts, "k{number}: <path:secret/data/{path}#k{version}>");
    }
    if app.leases {
        texts += "---\nkind: B\nmetadata: {annotations: {avp.kubernetes.io/kv-version: \"1\"}}\nk: <path:database/creds/app#k>\n";
    }
    Box::pin(async move {
        let inputs = [Input::new("m.yaml", texts)];
        let rendered = renderer.render(&inputs, &RunContext::new()).await?;
        Ok(rendered.texts()[0].to_string())
    })
}

fn check(app: &App, outcome: &Result<String, RenderError>, leases: &mut BTreeSet<String>) {
    let may = |path: &str| path == "common" || app.project.ends_with(path);
    let whose = if app.own_login { "author" } else { "operator" };
    let text = match outcome {
        Ok(text) => text,
        Err(error) => {
            let told = format!("{error:?} {}", error.report());
            assert!(!told.contains(SENTINEL), "{told}");
            return;
        }
    };
    let found = text.split(SENTINEL).skip(1);
    let mut found = found.map(|rest| rest.split('"').next().unwrap_or_default());
    for (path, version) in &app.reads {
        assert!(may(path), "{app:?} got {text}");
        let version = if *version == 0 { 9 } else { *version };
        let expected = format!("/{whose}/secret/data/{path}/{version}");
        assert_eq!(found.next(), Some(&*expected), "{app:?}");
    }
    if app.leases {
        let lease = found.next().unwrap_or_default();
        assert!(
            lease.starts_with(&format!("/lease-{whose}/")),
            "{app:?} got {lease}"
        );
        assert!(leases.insert(lease.to_owned()), "two apps got {lease}");
    }
    assert_eq!(found.next(), None);
}

async fn play(events: Vec<Event>) {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("policy.yaml");
    fs::write(&file, POLICY).unwrap();
    let server = server().await;
    let operator = Sources::default()
        .with_working_dir("/no/checkout")
        .with_variable("AVP_TYPE", "vault")
        .with_variable("AVP_AUTH_TYPE", "token")
        .with_variable("VAULT_ADDR", server.url())
        .with_variable("VAULT_TOKEN", "operator")
        .with_variable("MANIFILL_CONFIG", file.to_str().unwrap())
        .with_variable("ARGOCD_APP_NAME", "web");
    let backends = SharedBackends::new();
    let renderer = |app: &App| {
        let mut sources = operator
            .clone()
            .with_variable("ARGOCD_APP_PROJECT_NAME", app.project);
        if app.own_login {
            sources = sources.with_variable("ARGOCD_ENV_VAULT_TOKEN", "author");
        }
        Renderer::from_config(backends.config(&sources).unwrap())
    };
    let mut running: Vec<(App, Filling)> = Vec::new();
    let mut leases = BTreeSet::new();
    for event in events {
        match event {
            Event::Begin(app) if running.len() < 8 => {
                running.push((app.clone(), begin(renderer(&app), app)));
            }
            Event::Begin(_) => {}
            Event::Poll(which) => {
                let Some((app, filling)) = running.get_mut(which) else {
                    continue;
                };
                if let Poll::Ready(outcome) = futures_util::poll!(filling) {
                    check(app, &outcome, &mut leases);
                    drop(running.remove(which));
                }
            }
            Event::Cancel(which) if which < running.len() => drop(running.remove(which)),
            Event::Cancel(_) => {}
            Event::Fail => server.fail_next(1, Fault::Answer(Reply::new(400))),
            Event::Wait => tokio::time::sleep(Duration::from_millis(1)).await,
        }
    }
    for (app, filling) in running {
        check(&app, &filling.await, &mut leases);
    }
}

proptest! {
    #![proptest_config(ProptestConfig {
        cases: 24,
        max_shrink_iters: 100,
        ..ProptestConfig::default()
    })]

    #[test]
    fn versions_leases_and_logins_stay_apart(events in prop::collection::vec(event(), 10..60)) {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build();
        runtime.unwrap().block_on(play(events));
    }
}
