//! The first process of a container inherits what programs leave behind, and waits for it. Alone in
//! its file, since it makes this process one that inherits.
#![cfg(all(target_os = "linux", feature = "process"))]
#![allow(clippy::unwrap_used)]

use std::time::Duration;

use manifill_vault::transport::process::{Failure, Program};

const SOON: Duration = Duration::from_secs(60);

/// What has ended and was not waited for, of this process.
fn zombies() -> Vec<String> {
    let parent = format!(" Z {} ", std::process::id());
    let processes = std::fs::read_dir("/proc").unwrap().flatten();
    processes
        .filter_map(|process| std::fs::read_to_string(process.path().join("stat")).ok())
        .filter(|stat| stat.contains(&parent))
        .collect()
}

fn sh(script: &str) -> Program {
    let program = Program::bare("/bin/sh".as_ref(), "/".as_ref());
    program
        .env("PATH", std::env::var_os("PATH").unwrap())
        .args(["-c", script])
}

#[tokio::test]
async fn orphans_are_ended_and_waited_for() {
    let this = rustix::process::getpid();
    rustix::process::set_child_subreaper(Some(this)).unwrap();

    // In its group: it ends with the program, though it holds neither of its streams.
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("orphan");
    let script = format!(
        "(sleep 600 >/dev/null 2>&1 & echo $! > {0}.new; mv {0}.new {0})",
        file.display()
    );
    let output = sh(&script).run(b"", 1024, SOON).await.unwrap();
    assert_eq!(output.code, Some(0));
    let orphan = std::fs::read_to_string(&file).unwrap();
    let state = || {
        let stat = std::fs::read_to_string(format!("/proc/{}/stat", orphan.trim()));
        stat.ok().filter(|stat| !stat.contains(") Z "))
    };
    while state().is_some() {
        tokio::time::sleep(Duration::from_millis(5)).await;
    }

    // Out of its group: it is waited for after a later run, once it has ended.
    sh("(setsid sleep 0 >/dev/null 2>&1 &)")
        .run(b"", 1024, SOON)
        .await
        .unwrap();
    for _ in 0..1000 {
        let output = sh("exit 3").run(b"", 1024, SOON).await.unwrap();
        assert_eq!(
            output.code,
            Some(3),
            "the status of a program is its caller's"
        );
        if zombies().is_empty() {
            break;
        }
    }
    assert_eq!(zombies(), Vec::<String>::new());

    // One that is cut off is waited for, too.
    let failure = sh("sleep 600 & sleep 600")
        .run(b"", 1024, Duration::from_millis(50))
        .await;
    assert_eq!(failure.unwrap_err(), Failure::TooLong);
    sh("exit 0").run(b"", 1024, SOON).await.unwrap();
    for _ in 0..1000 {
        if zombies().is_empty() {
            break;
        }
        sh("exit 0").run(b"", 1024, SOON).await.unwrap();
    }
    assert_eq!(zombies(), Vec::<String>::new());
}

#[tokio::test]
async fn a_bare_program_sees_nothing_of_this_environment_and_writes_no_large_file() {
    assert!(std::env::var_os("CARGO_MANIFEST_DIR").is_some());
    let output = Program::bare("/usr/bin/env".as_ref(), "/".as_ref())
        .env("HOME", "/nowhere")
        .run(b"", 1024, SOON)
        .await
        .unwrap();
    assert_eq!(*output.stdout, *b"HOME=/nowhere\n");

    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("large");
    let script = format!("head -c 100000 /dev/zero > {}", file.display());
    let written = || std::fs::metadata(&file).unwrap().len();
    sh(&script).run(b"", 1024, SOON).await.unwrap();
    assert_eq!(written(), 100_000);
    sh(&script)
        .with_file_limit(4096)
        .run(b"", 1024, SOON)
        .await
        .unwrap();
    assert!(written() <= 4096, "{}", written());
}
