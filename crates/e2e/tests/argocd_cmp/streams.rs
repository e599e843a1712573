//! Streams that are large, late, wrong or many, whichever server reads them.

use std::fmt::Write as _;
use std::time::{Duration, Instant};

use manifill_connect_fake::{Fault, FaultRule};
use serde_json::json;

use crate::world::{PASSWORD, Way, World, app, call, failed, manifill_plugin, object};

/// Lets the vault keep everybody waiting.
fn wait_for_ever(world: &World) {
    world.connect.fault_rule(FaultRule {
        fault: Fault::Delay(Duration::from_secs(600)),
        times: None,
        target: None,
    });
}

/// Waits until no program of the plugins runs.
fn await_the_end(world: &World) {
    let start = Instant::now();
    for server in &world.servers {
        while !server.children().unwrap().is_empty() {
            assert!(
                start.elapsed() < Duration::from_secs(60),
                "{:?}",
                server.children()
            );
            std::thread::sleep(Duration::from_millis(50));
        }
    }
}

pub(crate) fn a_deadline_ends_what_the_server_started(world: &World) {
    world.write_secret("web/secret.yaml");
    wait_for_ever(world);
    let mut job = app("web", &manifill_plugin());
    // On a busy machine the stream alone takes seconds.
    job["deadline"] = json!(8_000);
    let answer = world.ask_one(job);
    let told = failed(&answer);
    let words: &[&str] = match world.way {
        // Argo CD's server ends what it runs, so that manifill cannot say anything. It asks first,
        // and a busy machine decides which of the two signals is told, or whether that comes too late.
        Way::Classic => &[
            "signal: killed",
            "signal: terminated",
            "context deadline exceeded",
        ],
        Way::Native => &["secret.yaml:5"],
    };
    assert!(words.iter().any(|words| told.contains(words)), "{told}");
    assert!(!world.connect.requests().is_empty());
    await_the_end(world);
    world.connect.clear_faults();
    world.assert_clean();
}

pub(crate) fn a_caller_that_goes_away_leaves_nothing_behind(world: &World) {
    world.write_secret("web/secret.yaml");
    wait_for_ever(world);
    let file = tempfile::tempdir().unwrap();
    let file = file.path().join("now");
    let mut job = app("web", &manifill_plugin());
    job["cancelWhen"] = json!(file);
    let answer = std::thread::scope(|scope| {
        let asked = scope.spawn(|| world.ask_one(job));
        while world.connect.requests().is_empty() && !asked.is_finished() {
            std::thread::sleep(Duration::from_millis(20));
        }
        std::fs::write(&file, "").unwrap();
        asked.join().unwrap()
    });
    assert_eq!(answer["code"], "Canceled", "{answer}");
    await_the_end(world);
    world.connect.clear_faults();
    world.assert_clean();
}

pub(crate) fn a_stream_that_is_wrong_is_refused_and_the_next_one_is_not(world: &World) {
    world.write_secret("web/secret.yaml");
    // So much that it is more than one piece.
    world.write("web/more.txt", noise(64 * 1024));
    for (fault, classic, native) in [
        (
            "checksum",
            &["file checksum validation error"][..],
            "not the one whose checksum",
        ),
        (
            "no checksum",
            &["file checksum validation error"],
            "not the one whose checksum",
        ),
        ("half", &["file checksum validation error"], "ends after"),
        ("garbage", &["error decompressing tgz file"], "is damaged"),
        ("path", &["out of workDir bound"], "leads out"),
        // It answers before all is read, and so the sender may see its own error first.
        (
            "no metadata",
            &["metadata is nil", "error sending stream: EOF"],
            "does not begin with what it is about",
        ),
        (
            "metadata twice",
            &["request file is nil", "error sending stream: EOF"],
            "says twice what it is about",
        ),
        // It does not look at the size.
        ("size", &[], "more than 100 MiB"),
    ] {
        let words = match world.way {
            Way::Classic => classic,
            Way::Native => &[native],
        };
        for name in ["generate", "match"] {
            // A search of `argocd-cmp-server` takes such a path to mean the root.
            let same = (name, fault) == ("match", "path") && world.way == Way::Classic;
            if same || words.is_empty() {
                continue;
            }
            let mut job = call(name, "web");
            job["fault"] = json!(fault);
            let answer = world.ask_one(job);
            let told = failed(&answer);
            assert!(
                words.iter().any(|words| told.contains(words)),
                "{name} {fault}: {told}"
            );
        }
    }
    // Whoever is gone gets no answer, and asks for nothing at the vault.
    let mut gone = call("generate", "web");
    gone["fault"] = json!("gone");
    assert_eq!(world.ask_one(gone)["code"], "Canceled");
    assert!(world.connect.requests().is_empty());
    world.assert_clean();
}

/// Bytes that no compression makes fewer.
fn noise(length: usize) -> Vec<u8> {
    let mut state = 0x9e37_79b9_7f4a_7c15_u64;
    let mut bytes = Vec::with_capacity(length + 8);
    while bytes.len() < length {
        state ^= state << 13;
        state ^= state >> 7;
        state ^= state << 17;
        bytes.extend(state.to_le_bytes());
    }
    bytes.truncate(length);
    bytes
}

pub(crate) fn a_repository_of_a_hundred_megabytes_is_taken(world: &World) {
    world.write_secret("web/secret.yaml");
    world.write("pictures/large.bin", noise(99 * 1024 * 1024));
    let mut job = app("web", &manifill_plugin());
    // A build that is not optimized takes its time.
    job["deadline"] = json!(600_000);
    let answer = world.ask_one(job);
    assert_eq!(object(&answer)["stringData"]["password"], PASSWORD);
    std::fs::remove_file(world.root().join("pictures/large.bin")).unwrap();
    world.assert_clean();
}

pub(crate) fn fifty_applications_at_once_get_each_its_own(world: &World) {
    let names: Vec<String> = (0..50).map(|number| format!("app{number}")).collect();
    for name in &names {
        world.write_secret(&format!("{name}/secret.yaml"));
    }
    let jobs = names.iter().map(|name| app(name, &manifill_plugin()));
    let answers = world.ask_at_once(50, jobs.collect());
    let mut wrong = String::new();
    for (name, answer) in names.iter().zip(&answers) {
        let got = &answer["manifests"][0];
        if got["metadata"]["name"] != *name || got["stringData"]["password"] != PASSWORD {
            let _ = writeln!(wrong, "{name}: {answer}");
        }
    }
    assert_eq!(wrong, "");
    world.assert_clean();
}
