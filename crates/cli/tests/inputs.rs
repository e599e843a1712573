//! What is read: files, pipes and standard input, never devices, and nothing that leads out of an
//! app's repository.
#![allow(clippy::unwrap_used)]
#![cfg(unix)]

mod common;

use std::os::unix::fs::symlink;
use std::path::Path;

use common::{Folder, Manifill, manifill, program};

const MANIFEST: &str = "kind: A\nx: <path:db#user>\n";
const FILLED: &str = "kind: A\nx: \"svc\"\n";

/// A line of a shell that can run the program as `"$0"`.
fn shell(folder: &Folder, line: &str) -> Manifill {
    program(
        Path::new("/bin/bash"),
        ["-c", line, env!("CARGO_BIN_EXE_manifill")],
    )
    .dir(folder.path())
    .env("PATH", std::env::var_os("PATH").unwrap())
    .env("AVP_TYPE", "file")
    .env("MANIFILL_FILE", "vault.json")
}

#[test]
fn a_file_that_is_named_is_read_whatever_its_ending() {
    let folder = Folder::new();
    folder.write("m/a.tmpl", MANIFEST);
    folder.write("m/b", MANIFEST);
    let ran = folder.manifill(["generate", "m/a.tmpl", "m/b"]).run();
    assert_eq!(ran.good(), format!("{FILLED}---\n{FILLED}"));
    // Of a folder only what is called like a manifest.
    let told = folder.manifill(["generate", "m"]).run().failed();
    assert!(
        told.contains("no YAML or JSON files were found in m"),
        "{told}"
    );
}

#[test]
fn a_pipe_that_is_named_is_read_to_its_end() {
    let folder = Folder::new();
    folder.write("a.yaml", MANIFEST);
    for line in [
        "\"$0\" generate <(cat a.yaml)",
        "cat a.yaml | \"$0\" generate /dev/stdin",
        "\"$0\" generate /dev/stdin < a.yaml",
        "cat a.yaml | \"$0\" generate -",
        "MANIFILL_FILE=<(echo 'db: {user: svc}') \"$0\" generate a.yaml",
        "mkfifo p; cat a.yaml > p & \"$0\" generate p",
        "printf 'AVP_TYPE: file' > c.yaml; mkfifo c2.yaml; cat c.yaml > c2.yaml & \"$0\" generate a.yaml -c c2.yaml",
    ] {
        assert_eq!(shell(&folder, line).run().good(), FILLED, "{line}");
    }
    // In a folder a pipe is no input.
    let ran = shell(
        &folder,
        "mkdir m; cp a.yaml m; mkfifo m/p.yaml; \"$0\" generate m",
    )
    .run();
    assert_eq!(ran.good(), FILLED);
}

#[test]
fn a_pipe_that_nobody_writes_to_is_an_error_at_the_deadline() {
    for (line, told) in [
        (
            "mkfifo p.yaml; \"$0\" generate p.yaml",
            "p.yaml: it was not at its end",
        ),
        (
            "mkfifo p; exec 9<>p; \"$0\" generate - <&9",
            "standard input: it was not at its end",
        ),
        (
            "mkfifo c.yaml; \"$0\" generate a.yaml -c c.yaml",
            "c.yaml` was not at its end",
        ),
        (
            "mkfifo v; MANIFILL_FILE=v \"$0\" generate a.yaml",
            "v` was not at its end",
        ),
    ] {
        let folder = Folder::new();
        folder.write("a.yaml", MANIFEST);
        let ran = shell(&folder, line).env("MANIFILL_TIMEOUT", "1").run();
        let failed = ran.failed();
        assert!(failed.contains(told), "{line}: {failed}");
    }
}

#[test]
fn devices_and_links_to_them_are_refused() {
    let folder = Folder::new();
    folder.write("a.yaml", MANIFEST);
    symlink("/dev/zero", folder.path().join("z.yaml")).unwrap();
    for device in ["/dev/zero", "/dev/random", "z.yaml"] {
        let told = folder.manifill(["generate", device]).run().failed();
        let file = format!("\ncould not read file: {device}: it is a device");
        assert!(told.contains(&file), "{told}");
    }
    for arguments in [["-c", "z.yaml"], ["-c", "/dev/zero"]] {
        let told = folder
            .manifill(["generate", "a.yaml"].into_iter().chain(arguments))
            .run();
        assert!(told.failed().contains("is a device or a socket"));
    }
    let told = folder
        .manifill(["generate", "a.yaml"])
        .env("MANIFILL_FILE", "/dev/zero")
        .run();
    assert!(told.failed().contains("is a device or a socket"));
}

#[test]
fn an_argument_does_not_lead_out_of_an_apps_repository() {
    let folder = Folder::new();
    folder.write("outside/s.yaml", MANIFEST);
    folder.write("repo/app/in.yaml", MANIFEST);
    folder.write("repo/shared/s.yaml", MANIFEST);
    let app = folder.path().join("repo/app");
    let link = |to: &str, name: &str| symlink(to, app.join(name)).unwrap();
    link("../../outside", "manifests");
    link("../../outside/s.yaml", "l.yaml");
    link("../../outside/nothing", "gone");
    link("../shared", "shared");
    let run = |argument: &str| {
        let vault = folder.path().join("vault.json");
        manifill(["generate", argument])
            .dir(&app)
            .env("AVP_TYPE", "file")
            .env("MANIFILL_FILE", vault)
            .env("ARGOCD_APP_NAME", "x")
            .env("ARGOCD_APP_SOURCE_PATH", "app")
    };
    let absolute = app.join("manifests/s.yaml");
    for argument in [
        "manifests",
        "l.yaml",
        "manifests/s.yaml",
        "./manifests/../../outside/s.yaml",
        // Not even whether there is something outside is told.
        "gone",
        "gone/",
        "manifests/nothing",
        absolute.to_str().unwrap(),
    ] {
        let told = run(argument).run().failed();
        assert!(
            told.contains("it leads out of the app's repository"),
            "{argument}: {told}"
        );
        assert!(told.contains("MANIFILL_FILE_ROOT"), "{argument}: {told}");
        assert!(
            !told.replace(argument, "").contains("outside"),
            "{argument}: {told}"
        );
    }
    let opened = run("manifests").env("MANIFILL_FILE_ROOT", folder.path().join("outside"));
    assert_eq!(opened.run().good(), FILLED);
    let outside = folder.path().join("outside");
    for argument in [
        "in.yaml",
        "shared",
        "../shared/s.yaml",
        outside.to_str().unwrap(),
    ] {
        run(argument).run().good();
    }
    let told = run("none.yaml").run().failed();
    assert!(told.contains("none.yaml: there is no such file"), "{told}");
    // Outside Argo CD everything is the operator's.
    let ran = manifill(["generate", "manifests"])
        .dir(&app)
        .env("AVP_TYPE", "file");
    assert_eq!(
        ran.env("MANIFILL_FILE", folder.path().join("vault.json"))
            .run()
            .good(),
        FILLED
    );
}

#[test]
fn a_folder_with_a_mounted_config_map_is_printed_once() {
    let folder = Folder::new();
    folder.write("m/..2024_01_01_00_00_00.1/x.yaml", MANIFEST);
    symlink("..2024_01_01_00_00_00.1", folder.path().join("m/..data")).unwrap();
    symlink("..data/x.yaml", folder.path().join("m/x.yaml")).unwrap();
    for path in ["m", "m/..data", "./m/../m"] {
        assert_eq!(
            folder.manifill(["generate", path]).run().good(),
            FILLED,
            "{path}"
        );
    }
    // A file may be called what it likes.
    folder.write("n/..x.yaml", MANIFEST);
    assert_eq!(folder.manifill(["generate", "n"]).run().good(), FILLED);
}

#[test]
fn a_file_that_is_named_twice_is_read_once_with_a_note() {
    let folder = Folder::new();
    folder.write("m/a.yaml", MANIFEST);
    folder.write("m/b.yaml", "kind: B\n");
    symlink("a.yaml", folder.path().join("m/link")).unwrap();
    std::fs::hard_link(folder.path().join("m/a.yaml"), folder.path().join("h.yaml")).unwrap();
    for (paths, wanted, named) in [
        (vec!["m/a.yaml", "m/a.yaml"], FILLED.to_owned(), "m/a.yaml"),
        (vec!["m/a.yaml", "./m/link"], FILLED.to_owned(), "./m/link"),
        (vec!["m/a.yaml", "h.yaml"], FILLED.to_owned(), "h.yaml"),
        (
            vec!["m", "m/a.yaml"],
            format!("{FILLED}---\nkind: B\n"),
            "m/a.yaml",
        ),
        (
            vec!["m/b.yaml", "m"],
            format!("kind: B\n---\n{FILLED}"),
            "m/b.yaml",
        ),
        (
            vec!["m", "m"],
            format!("{FILLED}---\nkind: B\n"),
            "m/a.yaml",
        ),
    ] {
        let ran = folder
            .manifill(["generate"].into_iter().chain(paths.iter().copied()))
            .run();
        assert_eq!(ran.out, wanted, "{paths:?}");
        let note = format!("{named} is named twice and read once");
        assert!(ran.err.contains(&note), "{paths:?}: {}", ran.err);
    }
}
