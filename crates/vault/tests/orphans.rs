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

/// Runs programs until nothing is left, and sees that each has its own status.
async fn settle() {
    for _ in 0..1000 {
        let output = sh("exit 3").run(b"", 1024, SOON).await.unwrap();
        assert_eq!(output.code, Some(3));
        if zombies().is_empty() {
            return;
        }
    }
    panic!("{:?}", zombies());
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
    settle().await;

    // One that is cut off is waited for, too.
    let failure = sh("sleep 600 & sleep 600")
        .run(b"", 1024, Duration::from_millis(50))
        .await;
    assert_eq!(failure.unwrap_err(), Failure::TooLong);
    settle().await;
}
