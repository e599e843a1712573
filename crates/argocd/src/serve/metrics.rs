//! What a server counts, in Prometheus' text form. No label says whose app it was, or where.

use std::collections::BTreeMap;
use std::fmt::{Display, Write as _};
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use crate::rendering::SourceKind;
use crate::server::{ArchiveUse, Done, Method};

/// The form of the answer to whoever asks for metrics.
pub(crate) const CONTENT_TYPE: &str = "text/plain; version=0.0.4; charset=utf-8";

/// Up to how many seconds each part of the histogram goes.
const SECONDS: [f64; 11] = [
    0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 5.0, 15.0, 60.0,
];

/// What a server counts.
#[derive(Default)]
pub(crate) struct Metrics(Mutex<Counts>);

#[derive(Default)]
struct Counts {
    /// By what the app is and how it ended.
    apps: BTreeMap<(&'static str, &'static str), u64>,
    /// How many took no longer, for each of [`SECONDS`], and the sum.
    within: [u64; SECONDS.len()],
    seconds: Duration,
    calls: BTreeMap<&'static str, u64>,
    archives: BTreeMap<&'static str, u64>,
    errors: BTreeMap<&'static str, u64>,
}

/// What others count.
pub(crate) struct Others {
    pub(crate) requests: u64,
    pub(crate) running: usize,
    pub(crate) waiting: usize,
    pub(crate) reads_shared: u64,
}

impl Metrics {
    /// Counts a request that is over.
    pub(crate) fn count(&self, done: &Done<'_>) {
        let mut counts = self.counts();
        *counts.calls.entry(done.method.as_str()).or_default() += 1;
        if let Some(archive) = done.archive {
            let archive = match archive {
                ArchiveUse::Unpacked => "unpacked",
                ArchiveUse::Shared => "shared",
            };
            *counts.archives.entry(archive).or_default() += 1;
        }
        if let Some((kind, _)) = done.failure {
            *counts.errors.entry(kind).or_default() += 1;
        }
        if done.method == Method::GenerateManifest {
            let outcome = match done.failure {
                None => "success",
                Some(_) => "error",
            };
            let kind = (kind(done.kind), outcome);
            *counts.apps.entry(kind).or_default() += 1;
            counts.seconds += done.time;
            let seconds = done.time.as_secs_f64();
            for (within, most) in counts.within.iter_mut().zip(SECONDS) {
                *within += u64::from(seconds <= most);
            }
        }
    }

    /// Everything, as Prometheus reads it.
    pub(crate) fn text(&self, others: &Others) -> String {
        let counts = self.counts();
        let mut text = Text(String::new());
        text.family(
            "manifill_apps",
            "counter",
            "Apps whose manifests were asked for.",
        );
        for ((kind, outcome), count) in &counts.apps {
            text.sample(
                "manifill_apps_total",
                &[("kind", kind), ("outcome", outcome)],
                count,
            );
        }
        let name = "manifill_app_seconds";
        text.family(
            name,
            "histogram",
            "Seconds that an app took, its archive and its wait included.",
        );
        let all: u64 = counts.apps.values().sum();
        let bucket = format!("{name}_bucket");
        for (within, most) in counts.within.iter().zip(SECONDS) {
            text.sample(&bucket, &[("le", &most.to_string())], within);
        }
        text.sample(&bucket, &[("le", "+Inf")], all);
        text.sample(&format!("{name}_sum"), &[], counts.seconds.as_secs_f64());
        text.sample(&format!("{name}_count"), &[], all);
        text.counters(
            "manifill_calls",
            "Calls of Argo CD.",
            "method",
            &counts.calls,
        );
        text.counters(
            "manifill_archives",
            "Archives of repositories that apps came with, by whether they were unpacked for them.",
            "use",
            &counts.archives,
        );
        text.counters(
            "manifill_errors",
            "Calls that failed, by why.",
            "kind",
            &counts.errors,
        );
        text.family(
            "manifill_requests",
            "counter",
            "Requests that were sent to vaults.",
        );
        text.sample("manifill_requests_total", &[], others.requests);
        text.family(
            "manifill_reads_shared",
            "counter",
            "Reads that another app had just done.",
        );
        text.sample("manifill_reads_shared_total", &[], others.reads_shared);
        text.family("manifill_apps_running", "gauge", "Apps that are worked on.");
        text.sample("manifill_apps_running", &[], others.running);
        text.family(
            "manifill_apps_waiting",
            "gauge",
            "Apps that wait for their turn.",
        );
        text.sample("manifill_apps_waiting", &[], others.waiting);
        text.family("manifill_build_info", "gauge", "The version that runs.");
        let version = [("version", env!("CARGO_PKG_VERSION"))];
        text.sample("manifill_build_info", &version, 1);
        text.0
    }

    fn counts(&self) -> MutexGuard<'_, Counts> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// What an app is, as a label.
pub(crate) fn kind(kind: Option<SourceKind>) -> &'static str {
    match kind {
        Some(SourceKind::Plain) => "plain",
        Some(SourceKind::Helm) => "helm",
        Some(SourceKind::Kustomize) => "kustomize",
        None => "unknown",
    }
}

struct Text(String);

impl Text {
    fn family(&mut self, name: &str, kind: &str, help: &str) {
        // The sample of a counter has a name with an end of its own; so has its family here.
        let end = if kind == "counter" { "_total" } else { "" };
        let _ = writeln!(
            self.0,
            "# HELP {name}{end} {help}\n# TYPE {name}{end} {kind}"
        );
    }

    /// The values of labels are fixed words and numbers, in which nothing is to be escaped.
    fn sample(&mut self, name: &str, labels: &[(&str, &str)], value: impl Display) {
        self.0.push_str(name);
        for (number, (label, value)) in labels.iter().enumerate() {
            let before = if number == 0 { '{' } else { ',' };
            let _ = write!(self.0, "{before}{label}=\"{value}\"");
        }
        if !labels.is_empty() {
            self.0.push('}');
        }
        let _ = writeln!(self.0, " {value}");
    }

    fn counters(
        &mut self,
        name: &str,
        help: &str,
        label: &str,
        counts: &BTreeMap<&'static str, u64>,
    ) {
        self.family(name, "counter", help);
        for (value, count) in counts {
            self.sample(&format!("{name}_total"), &[(label, value)], count);
        }
    }
}
