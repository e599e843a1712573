//! Programs that the command line starts: where they run, what they see, and how they end.
#![cfg(unix)]
#![allow(clippy::unwrap_used)]

mod common;

use std::os::unix::fs::PermissionsExt as _;
use std::os::unix::process::ExitStatusExt as _;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::Duration;

use common::{Folder, Manifill, manifill};

const MANIFEST: &str = "kind: ConfigMap\na: <path:p#k>\n";

/// The command line in the app's folder under Argo CD, with this program as its backend.
fn filling(app: &Path, command: &str) -> Manifill {
    let manifill = manifill(["generate", "-"])
        .dir(app)
        .stdin(MANIFEST)
        .env("ARGOCD_APP_NAME", "web")
        .env("AVP_TYPE", "command")
        .env("MANIFILL_COMMAND", command);
    // Where Python is found may depend on the home folder.
    ["PATH", "HOME"]
        .into_iter()
        .fold(manifill, |manifill, name| {
            manifill.env(name, std::env::var_os(name).unwrap_or_default())
        })
}

fn executable(folder: &Folder, name: &str, text: &str) -> PathBuf {
    let path = folder.write(name, text);
    std::fs::set_permissions(&path, std::fs::Permissions::from_mode(0o755)).unwrap();
    path
}

/// Python looks for modules where it runs.
#[test]
fn what_an_author_puts_beside_the_manifests_is_no_module_of_the_operators_program() {
    let app = Folder::new();
    app.write("json.py", "open('ran', 'w')\ndef dumps(x): return '{}'\n");
    app.write("vaultread.py", "open('ran', 'w')\n");
    let prints = r#"["python3", "-c", "import json; print(json.dumps({'values': {'k': 'v'}}))"]"#;
    assert!(
        filling(app.path(), prints)
            .run()
            .good()
            .ends_with("a: \"v\"\n")
    );
    let absent = r#"["python3", "-m", "vaultread"]"#;
    let told = filling(app.path(), absent).run().failed();
    assert!(told.contains("failed with status `1`"), "{told}");
    assert!(!app.path().join("ran").exists());
}

#[test]
fn a_program_runs_at_the_root_or_beside_the_settings_file_that_names_it() {
    let (app, place) = (Folder::new(), Folder::new());
    let program = executable(
        &place,
        "where",
        "#!/bin/sh\nprintf '{\"values\": {\"k\": \"%s %s\"}}' \"$(/bin/pwd -P)\" \"$PWD\"\n",
    );
    let program = program.to_str().unwrap();
    let filled = filling(app.path(), program).run().good();
    assert!(filled.ends_with("a: \"/ /\"\n"), "{filled}");

    let file = place.write(
        "manifill.yaml",
        format!("default: c\nbackends: {{c: {{type: command, settings: {{MANIFILL_COMMAND: {program}}}}}}}\n"),
    );
    let filled = manifill(["generate", "-", "-c", file.to_str().unwrap()])
        .dir(app.path())
        .stdin(MANIFEST)
        .env("ARGOCD_APP_NAME", "web")
        .run()
        .good();
    let place = place.path().canonicalize().unwrap();
    let place = place.to_str().unwrap();
    assert!(
        filled.ends_with(&format!("a: \"{place} {place}\"\n")),
        "{filled}"
    );
}

#[test]
fn a_program_has_the_operators_environment_and_not_the_authors() {
    let app = Folder::new();
    let program = executable(
        &app,
        "shows",
        "#!/bin/sh\nprintf '{\"values\": {\"k\": \"%s\"}}' \"$OP_TOKEN:$ARGOCD_ENV_OP_TOKEN:$PARAM_X:$ARGOCD_APP_PARAMETERS:$ARGOCD_APP_NAME\"\n",
    );
    let filled = filling(app.path(), program.to_str().unwrap())
        .env("OP_TOKEN", "operators")
        .env("ARGOCD_ENV_OP_TOKEN", "authors")
        .env("PARAM_X", "authors")
        .env("ARGOCD_APP_PARAMETERS", "[]")
        .env("OLDPWD", app.path())
        .run()
        .good();
    assert!(filled.ends_with("a: \"operators::::web\"\n"), "{filled}");
}

/// Waits for what another process does; a process that never does it fails the test.
fn wait_until(what: &str, is_so: impl Fn() -> bool) {
    for _ in 0..3000 {
        if is_so() {
            return;
        }
        std::thread::sleep(Duration::from_millis(10));
    }
    panic!("{what}");
}

/// Whether a process runs; one that nobody has waited for yet does not.
#[cfg(target_os = "linux")]
fn runs(process: &str) -> bool {
    let status = std::fs::read_to_string(format!("/proc/{process}/status")).unwrap_or_default();
    let state = status.lines().find(|line| line.starts_with("State:"));
    state.is_some_and(|state| !state.contains('Z'))
}

#[cfg(target_os = "linux")]
#[test]
fn a_signal_ends_what_was_started_and_then_the_program() {
    for (signal, status) in [("HUP", 129), ("INT", 130), ("TERM", 143)] {
        let app = Folder::new();
        let program = executable(
            &app,
            "sleeps",
            "#!/bin/sh\nsleep 600 &\necho $! $$ > \"$1.new\"\nmv \"$1.new\" \"$1\"\nwait\n",
        );
        let started = app.path().join("started");
        let mut child = Command::new(env!("CARGO_BIN_EXE_manifill"))
            .args(["generate", "-"])
            .env_clear()
            .env("AVP_TYPE", "command")
            .env("MANIFILL_COMMAND", format!("[{program:?}, {started:?}]"))
            .env("PATH", std::env::var_os("PATH").unwrap_or_default())
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()
            .unwrap();
        std::io::Write::write_all(&mut child.stdin.take().unwrap(), MANIFEST.as_bytes()).unwrap();
        wait_until("the program is started", || started.exists());
        let processes = std::fs::read_to_string(&started).unwrap();
        let processes: Vec<&str> = processes.split_whitespace().collect();
        assert!(processes.iter().all(|process| runs(process)));

        let kill = Command::new("kill")
            .args([format!("-{signal}"), child.id().to_string()])
            .status();
        assert!(kill.unwrap().success());
        let output = child.wait_with_output().unwrap();
        assert_eq!(output.status.code(), Some(status), "{signal}");
        assert_eq!((output.status.signal(), output.stdout.len()), (None, 0));
        for process in processes {
            wait_until("the group is gone", || !runs(process));
        }
    }
}

/// Nothing waits while the result is printed, and a reader may never come.
#[cfg(target_os = "linux")]
#[test]
fn a_signal_counts_while_the_result_is_printed() {
    let app = Folder::new();
    let value = "x".repeat(1024 * 1024);
    app.write("vault.json", format!(r#"{{"p": {{"k": "{value}"}}}}"#));
    let file = "default: f\nbackends:\n  f: {type: file, settings: {MANIFILL_FILE: vault.json}}\n";
    let program = "  c: {type: command, settings: {MANIFILL_COMMAND: /bin/true}}\n";
    // Where no program can run, a signal ends this one as it ends any other.
    for (more, ended) in [(program, (Some(143), None)), ("", (None, Some(15)))] {
        app.write("m.yaml", format!("{file}{more}"));
        let mut child = Command::new(env!("CARGO_BIN_EXE_manifill"))
            .args(["generate", "-c", "m.yaml", "-"])
            .env_clear()
            .current_dir(app.path())
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .unwrap();
        std::io::Write::write_all(&mut child.stdin.take().unwrap(), MANIFEST.as_bytes()).unwrap();
        let mut first = [0];
        std::io::Read::read_exact(child.stdout.as_mut().unwrap(), &mut first).unwrap();
        let kill = Command::new("kill").arg(child.id().to_string()).status();
        assert!(kill.unwrap().success());
        let status = child.wait().unwrap();
        assert_eq!((status.code(), status.signal()), ended);
    }
}
