//! What is counted, and that it does not say whose it was.

use manifill::settings::Sources;
use manifill_argocd::serve::Detail;
use manifill_connect_fake::{self as fake, Data, Token};

use super::{World, ask, wrong};
use crate::world::{Ask, SENTINEL, files};

/// A sample of a text of metrics: name, labels and value.
type Sample = (String, Vec<(String, String)>, f64);

fn samples(text: &str) -> Vec<Sample> {
    let is_name = |name: &str| {
        !name.is_empty()
            && name
                .bytes()
                .all(|byte| byte.is_ascii_lowercase() || byte == b'_')
    };
    let mut family = String::new();
    let mut samples = Vec::new();
    assert!(text.ends_with('\n'));
    for line in text.lines() {
        if let Some(rest) = line.strip_prefix("# HELP ") {
            let (name, help) = rest.split_once(' ').unwrap();
            assert!(is_name(name) && help.ends_with('.'), "{line}");
            family = name.to_owned();
            continue;
        }
        if let Some(rest) = line.strip_prefix("# TYPE ") {
            let (name, kind) = rest.split_once(' ').unwrap();
            assert_eq!(name, family);
            assert!(["counter", "gauge", "histogram"].contains(&kind), "{line}");
            assert_eq!(kind == "counter", name.ends_with("_total"), "{line}");
            continue;
        }
        let (series, value) = line.rsplit_once(' ').unwrap();
        let (name, labels) = match series.split_once('{') {
            None => (series, Vec::new()),
            Some((name, labels)) => {
                let labels = labels.strip_suffix('}').unwrap().split(',');
                let label = |label: &str| {
                    let (name, value) = label.split_once('=').unwrap();
                    let value = value.strip_prefix('"').unwrap().strip_suffix('"').unwrap();
                    (name.to_owned(), value.to_owned())
                };
                (name, labels.map(label).collect())
            }
        };
        assert!(is_name(name) && name.starts_with(&family), "{line}");
        samples.push((name.to_owned(), labels, value.parse().unwrap()));
    }
    samples
}

#[tokio::test]
async fn what_is_counted_says_not_whose_it_was() {
    let world = World::new(Detail::Usual).await;
    let client = world.client().await;
    let names = ["app-name", "project-name", "secret-folder", "secret-path"];
    for _ in 0..2 {
        let ask = ask()
            .with_env("ARGOCD_APP_NAME", names[0])
            .with_env("ARGOCD_APP_PROJECT_NAME", names[1]);
        client.generate(&ask).await.unwrap();
    }
    client.generate(&wrong()).await.unwrap_err();
    client.check().await.unwrap();
    client.matches(&ask()).await.unwrap();
    let (code, text) = world.page("/metrics").await;
    assert_eq!(code, 200);
    let samples = samples(&text);
    let value = |name: &str, labels: &[(&str, &str)]| {
        let mut same = samples.iter().filter(|sample| {
            sample.0 == name
                && sample.1.len() == labels.len()
                && sample
                    .1
                    .iter()
                    .zip(labels)
                    .all(|(one, other)| (&*one.0, &*one.1) == *other)
        });
        let found = same
            .next()
            .unwrap_or_else(|| panic!("{name} {labels:?}: {text}"))
            .2;
        assert!(same.next().is_none(), "{name} {labels:?} twice");
        found
    };
    for (name, labels, wanted) in [
        (
            "manifill_apps_total",
            &[("kind", "plain"), ("outcome", "success")][..],
            2.0,
        ),
        (
            "manifill_apps_total",
            &[("kind", "plain"), ("outcome", "error")],
            1.0,
        ),
        ("manifill_app_seconds_count", &[], 3.0),
        ("manifill_app_seconds_bucket", &[("le", "+Inf")], 3.0),
        (
            "manifill_calls_total",
            &[("method", "GenerateManifest")],
            3.0,
        ),
        (
            "manifill_calls_total",
            &[("method", "MatchRepository")],
            1.0,
        ),
        (
            "manifill_calls_total",
            &[("method", "CheckPluginConfiguration")],
            1.0,
        ),
        ("manifill_archives_total", &[("use", "unpacked")], 2.0),
        ("manifill_archives_total", &[("use", "shared")], 2.0),
        ("manifill_errors_total", &[("kind", "not-found")], 1.0),
        ("manifill_requests_total", &[], 0.0),
        ("manifill_reads_shared_total", &[], 0.0),
        ("manifill_apps_running", &[], 0.0),
        ("manifill_apps_waiting", &[], 0.0),
    ] {
        assert_eq!(value(name, labels), wanted, "{name} {labels:?}");
    }
    let buckets: Vec<f64> = samples
        .iter()
        .filter(|sample| sample.0 == "manifill_app_seconds_bucket")
        .map(|sample| sample.2)
        .collect();
    assert!(buckets.is_sorted(), "{buckets:?}");
    for (_, labels, _) in &samples {
        for (label, _) in labels {
            let known = ["kind", "le", "method", "outcome", "use", "version"];
            assert!(known.contains(&label.as_str()), "{label}");
        }
    }
    for name in names.iter().chain(&["127.0.0.1", SENTINEL]) {
        assert!(!text.contains(name), "{name}: {text}");
    }
}

#[tokio::test]
async fn what_was_sent_and_what_was_shared_is_counted() {
    let data = Data::new()
        .with_vault("prodvault000000000000000aa", "Production")
        .with_item(
            "prodvault000000000000000aa",
            "loginitem0000000000000aaaa",
            "db",
            [("password", SENTINEL)],
        );
    let fake = fake::Options {
        data,
        tokens: vec![Token::new("token")],
        ..fake::Options::default()
    };
    let vault = fake::Server::start_blocking(fake).unwrap();
    let world = World::with(Detail::Usual, |_, _| {
        Sources::default()
            .with_variable("AVP_TYPE", "1passwordconnect")
            .with_variable("OP_CONNECT_HOST", vault.url())
            .with_variable("OP_CONNECT_TOKEN", "token")
    })
    .await;
    let client = world.client().await;
    let manifest = "kind: A\nx: <path:vaults/Production/items/db#password>\n";
    for folder in ["a", "b"] {
        let ask = Ask::new(files(&[(&format!("{folder}/a.yaml"), manifest)]), folder);
        assert!(client.text(&ask).await.contains(SENTINEL));
    }
    let (_, text) = world.page("/metrics").await;
    let samples = samples(&text);
    let value = |name: &str| samples.iter().find(|sample| sample.0 == name).unwrap().2;
    // The vaults, the items of one, and the item.
    assert_eq!(value("manifill_requests_total"), 3.0);
    assert!(value("manifill_reads_shared_total") > 0.0);
    assert!(
        !text.contains("Production") && !text.contains("127.0.0.1"),
        "{text}"
    );
}
