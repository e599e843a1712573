//! What an author writes to fill the memory: each is refused at its place, and takes little until then
//! (rule R11). One test, since it looks at the memory of its process.
#![cfg(all(target_os = "linux", feature = "rendering"))]
#![allow(clippy::unwrap_used)]

use std::fmt::Write as _;
use std::time::{Duration, Instant};

use manifill_argocd::rendering::{
    Limits, Parameters, Programs, RenderingErrorKind, SourceKind, Workspace, announcements,
    render_helm, render_kustomize,
};
use manifill_argocd::{App, Entry, Tree};

/// What a refusal may take, in bytes. An app has 24 MiB on a server of 2 GiB; the rest is the size of
/// the largest texts below, and what this process has besides.
const MOST: u64 = 48 << 20;

/// Texts that are YAML and mean much, or nest deep.
fn yaml() -> Vec<(&'static str, String)> {
    let mut aliases = "a0: &a0 [x, x, x, x, x, x, x, x, x, x]\n".to_owned();
    let mut merges = "a0: &a0 {x0: 1, y0: 2}\n".to_owned();
    for level in 1..12 {
        let before = vec![format!("*a{}", level - 1); 10].join(", ");
        writeln!(aliases, "a{level}: &a{level} [{before}]").unwrap();
        writeln!(
            merges,
            "a{level}: &a{level} {{<<: [{before}], x{level}: 1}}"
        )
        .unwrap();
    }
    let dense = |unit: &str| format!("a: [{}]\n", unit.repeat((1 << 20) / unit.len() - 8));
    vec![
        ("aliases", aliases),
        ("deep lists", "[".repeat(100_000)),
        ("deep maps", format!("a: {}", "{a: ".repeat(100_000))),
        ("deep blocks", "- ".repeat(100_000) + "a\n"),
        ("many lists", dense("[],")),
        ("many maps", dense("{a: },")),
        ("many texts", dense("a,")),
        ("many documents", "a: 1\n---\n".repeat(100_000)),
        ("large", "a: b\n".repeat(2_000_000)),
        ("merges", merges),
    ]
}

/// The most memory that this process has had, in bytes.
fn peak() -> u64 {
    let status = std::fs::read_to_string("/proc/self/status").unwrap();
    let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:"));
    let kilobytes: u64 = line
        .unwrap()
        .trim()
        .trim_end_matches(" kB")
        .parse()
        .unwrap();
    kilobytes << 10
}

/// What something takes beyond what there is.
async fn taken<T>(work: impl Future<Output = T>) -> (T, u64) {
    std::fs::write("/proc/self/clear_refs", "5").unwrap();
    let before = peak();
    let done = work.await;
    (done, peak().saturating_sub(before))
}

fn tree(files: &[(&str, &str)]) -> Tree {
    let file = |text: &str| Entry::File(text.as_bytes().to_vec());
    Tree::from_entries(files.iter().map(|(name, text)| (*name, file(text))))
}

#[tokio::test]
async fn what_fills_the_memory_is_refused_at_its_place() {
    let folder = tempfile::tempdir().unwrap();
    let programs = Programs::new(Workspace::open(folder.path(), Limits::new()).unwrap());
    let programs = programs.with_helm("/bin/false").unwrap();
    let programs = programs.with_kustomize("/bin/false").unwrap();
    let until = Instant::now() + Duration::from_secs(600);
    let app = App {
        path: "app".into(),
        ..App::default()
    };
    let with_values = |text: &str| App {
        env: [("HELM_VALUES".to_owned(), text.to_owned())].into(),
        ..app.clone()
    };
    // Nearly too much: what is read as it should be takes the most.
    for unit in ["{a: },", "[],", "a,"] {
        let weighs = if unit == "{a: }," { 100 } else { 66 };
        let text = format!("a: [{}]\n", unit.repeat((2 << 20) / weighs));
        let chart = tree(&[("app/Chart.yaml", &text)]);
        let (failed, bytes) = taken(render_helm(&chart, &app, &programs, until)).await;
        let failed = failed.unwrap_err();
        assert_eq!(
            failed.kind(),
            RenderingErrorKind::Program,
            "{unit}: {failed}"
        );
        assert!(bytes < MOST, "{unit} takes {bytes}");
    }
    for (name, text) in yaml() {
        let mut told = Vec::new();
        // Only the first document counts for a file of these; those of plugins have more.
        let many = name == "many documents" || name == "merges";
        if !many {
            let kustomization = tree(&[("app/kustomization.yaml", &text)]);
            let run = render_kustomize(&kustomization, &app, &programs, until);
            told.push(("app/kustomization.yaml", taken(run).await));
            let chart = tree(&[("app/Chart.yaml", &text)]);
            let run = render_helm(&chart, &app, &programs, until);
            told.push(("app/Chart.yaml", taken(run).await));
            let chart = tree(&[("app/Chart.yaml", "name: a\n")]);
            let values = with_values(&text);
            let run = render_helm(&chart, &values, &programs, until);
            told.push(("HELM_VALUES", taken(run).await));
        }
        let plugins = tree(&[
            ("app/kustomization.yaml", "transformers: [t.yaml]\n"),
            ("app/t.yaml", &text),
        ]);
        let run = render_kustomize(&plugins, &app, &programs, until);
        told.push(("app/t.yaml", taken(run).await));
        for (place, (refused, bytes)) in told {
            let error = refused.unwrap_err();
            assert!(error.to_string().contains(place), "{name}: {error}");
            assert_eq!(error.kind(), RenderingErrorKind::Limit, "{name}: {error}");
            assert!(bytes < MOST, "{name}: {place} takes {bytes}");
        }
        // To see what a chart takes, nobody needs them.
        if !many && !name.starts_with("deep") {
            let chart = tree(&[("app/values.yaml", &text)]);
            let (known, bytes) =
                taken(async { announcements(&chart, &app, SourceKind::Helm) }).await;
            let known = known.unwrap();
            assert!(known.iter().all(|known| known.map.is_empty()), "{name}");
            assert!(bytes < MOST, "{name}: values.yaml takes {bytes}");
        }
    }
    for (name, text) in [
        ("deep", "[".repeat(100_000)),
        ("many maps", format!("[{}0]", r#"{"":0},"#.repeat(140_000))),
        ("many lists", format!("[{}0]", "[],".repeat(300_000))),
        ("large", format!("[{}0]", " ".repeat(2 << 20))),
    ] {
        let (refused, bytes) =
            taken(async { Parameters::read(&text, SourceKind::Helm).unwrap_err() }).await;
        assert!(
            refused.to_string().starts_with("ARGOCD_APP_PARAMETERS"),
            "{refused}"
        );
        assert!(bytes < MOST, "{name} takes {bytes}");
        let schema = tree(&[
            ("app/Chart.yaml", "name: a\n"),
            ("app/values.schema.json", &text),
        ]);
        let (refused, bytes) = taken(render_helm(&schema, &app, &programs, until)).await;
        let refused = refused.unwrap_err().to_string();
        assert!(
            refused.contains("app/values.schema.json"),
            "{name}: {refused}"
        );
        assert!(bytes < MOST, "{name} takes {bytes}");
    }
}
