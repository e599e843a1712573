//! What a program sees that works on an author's files, and how it is held in (rules R11 and R13).
//! The programs are scripts here; `crates/e2e` runs the real ones.
#![cfg(all(target_os = "linux", feature = "rendering"))]
#![allow(clippy::unwrap_used)]

use std::fs;
use std::os::unix::fs::PermissionsExt as _;
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use manifill_argocd::rendering::{
    Limits, Programs, RenderingError, RenderingErrorKind, Workspace, render_helm, render_kustomize,
};
use manifill_argocd::{App, Entry, Tree};
use tempfile::TempDir;

const MEMORY: &str = "a chart that is not made to need it needs much less; MANIFILL_SERVER_MEMORY and the memory of the container decide what a program may take";

struct World {
    folder: TempDir,
    programs: Programs,
}

impl World {
    /// With a script as Helm and as kustomize. It knows no `PATH`.
    fn new(script: &str, limits: Limits) -> World {
        let folder = tempfile::tempdir().unwrap();
        let program = folder.path().join("program");
        // Written by another process: one that is started meanwhile would keep the file open.
        let write = "cat > \"$1\" && chmod 755 \"$1\"";
        let mut shell = std::process::Command::new("sh");
        shell
            .args(["-c", write, "sh"])
            .arg(&program)
            .stdin(std::process::Stdio::piped());
        let mut child = shell.spawn().unwrap();
        let text = format!("#!/bin/sh\n{script}\n");
        std::io::Write::write_all(&mut child.stdin.take().unwrap(), text.as_bytes()).unwrap();
        assert!(child.wait().unwrap().success());
        let temporary = folder.path().join("tmp");
        fs::create_dir(&temporary).unwrap();
        let programs = Programs::new(Workspace::open(&temporary, limits).unwrap());
        let programs = programs
            .with_helm(&program)
            .unwrap()
            .with_kustomize(&program)
            .unwrap();
        World { folder, programs }
    }

    async fn helm(&self, until: Instant) -> Result<String, RenderingError> {
        let inputs = render_helm(&tree(), &app(), &self.programs, until).await?;
        Ok(inputs.into_iter().map(|input| input.source).collect())
    }

    fn file(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    /// The folders of runs.
    fn runs(&self) -> Vec<PathBuf> {
        let mut found = Vec::new();
        for user in fs::read_dir(self.file("tmp")).unwrap() {
            for server in fs::read_dir(user.unwrap().path()).unwrap() {
                let server = server.unwrap().path();
                if server.is_dir() {
                    found.extend(fs::read_dir(server).unwrap().map(|run| run.unwrap().path()));
                }
            }
        }
        found.retain(|path| path.is_dir());
        found
    }
}

fn tree() -> Tree {
    let file = |text: &str| Entry::File(text.as_bytes().to_vec());
    Tree::from_entries([
        ("app/Chart.yaml", file("name: a\n")),
        ("app/kustomization.yaml", file("resources: [a.yaml]\n")),
        ("app/a.yaml", file("kind: A\n")),
        ("app/.git/config", file("url")),
        ("other/b.yaml", file("kind: B\n")),
        ("values.yaml", file("a: b\n")),
    ])
}

fn app() -> App {
    App {
        release: "a".into(),
        namespace: "n".into(),
        path: "app".into(),
        env: [
            ("HELM_ARGS".into(), "-f ../values.yaml".into()),
            ("TOKEN".into(), "x".into()),
        ]
        .into(),
        ..App::default()
    }
}

fn soon() -> Instant {
    Instant::now() + Duration::from_secs(60)
}

/// A server renders on any thread.
fn sent<F: Future + Send>(future: F) -> F {
    future
}

#[tokio::test]
async fn the_root_of_a_repository_can_be_a_chart_and_a_kustomization() {
    let world = World::new(
        "/bin/pwd; /usr/bin/find . -type f; echo \"$*\"",
        Limits::new(),
    );
    let file = |text: &str| Entry::File(text.as_bytes().to_vec());
    let tree = Tree::from_entries([
        ("Chart.yaml", file("name: a\n")),
        ("kustomization.yaml", file("resources: [a/b.yaml]\n")),
        ("a/b.yaml", file("kind: B\n")),
    ]);
    for path in ["", ".", "./"] {
        let env = [("HELM_ARGS".to_owned(), "-f a/b.yaml".to_owned())].into();
        let app = App {
            path: path.into(),
            env,
            ..App::default()
        };
        let inputs = sent(render_helm(&tree, &app, &world.programs, soon()))
            .await
            .unwrap();
        assert_eq!(inputs[0].name, "what Helm prints for `.`");
        let text = &inputs[0].source;
        assert!(
            text.contains("/repository\n") && text.contains("--values=./a/b.yaml"),
            "{text}"
        );
        let inputs = render_kustomize(&tree, &app, &world.programs, soon())
            .await
            .unwrap();
        assert_eq!(inputs[0].name, "what kustomize prints for `.`");
        let text = &inputs[0].source;
        assert!(
            text.contains("./a/b.yaml\n") && !text.contains("Chart.yaml"),
            "{text}"
        );
    }
}

async fn wait_for(file: &Path) -> String {
    loop {
        match fs::read_to_string(file) {
            Ok(text) if text.ends_with('\n') => return text,
            _ => tokio::time::sleep(Duration::from_millis(5)).await,
        }
    }
}

/// Whether a process still runs.
fn runs(process: &str) -> bool {
    let stat = fs::read_to_string(format!("/proc/{}/stat", process.trim()));
    stat.is_ok_and(|stat| !stat.contains(") Z "))
}

#[tokio::test]
async fn a_program_sees_only_what_it_needs() {
    let script = "/usr/bin/env; echo \"arguments: $*\"; echo \"stdin: $(/bin/readlink /proc/self/fd/0)\"; cd ../..; /usr/bin/find . -printf '%y %m %p %l\\n'";
    let world = World::new(script, Limits::new());
    let text = world.helm(soon()).await.unwrap();
    let run = text
        .lines()
        .find_map(|line| line.strip_prefix("HOME="))
        .unwrap();
    let run = run.strip_suffix("/home").unwrap();
    let mut variables: Vec<_> = text
        .lines()
        .take_while(|line| !line.starts_with("arguments: "))
        .collect();
    // A shell sets some by itself.
    variables.retain(|line| {
        !["PWD=", "OLDPWD=", "SHLVL=", "_="]
            .iter()
            .any(|own| line.starts_with(own))
    });
    variables.sort_unstable();
    assert_eq!(
        variables,
        [
            &*format!("HELM_CACHE_HOME={run}/home/helm-cache"),
            &*format!("HELM_CONFIG_HOME={run}/home/helm-config"),
            &*format!("HELM_DATA_HOME={run}/home/helm-data"),
            &*format!("HOME={run}/home"),
            &*format!("PATH={run}/bin"),
            &*format!("TMPDIR={run}/home"),
        ]
    );
    assert!(text.contains("arguments: template . --name-template=a --namespace=n --include-crds=true --values=../values.yaml\n"), "{text}");
    assert!(text.contains("stdin: /dev/null\n"), "{text}");
    let program = world.file("program").display().to_string();
    let mut files: Vec<_> = text
        .lines()
        .filter(|line| ["d ", "f ", "l "].iter().any(|kind| line.starts_with(kind)))
        .map(str::trim_end)
        .collect();
    files.sort_unstable();
    assert_eq!(
        files,
        [
            "d 700 .",
            "d 700 ./bin",
            "d 700 ./home",
            "d 700 ./repository",
            "d 700 ./repository/app",
            "d 700 ./values",
            "f 600 ./repository/app/Chart.yaml",
            "f 600 ./repository/app/a.yaml",
            "f 600 ./repository/app/kustomization.yaml",
            "f 600 ./repository/values.yaml",
            &*format!("l 777 ./bin/helm {program}"),
            &*format!("l 777 ./bin/kustomize {program}"),
        ]
    );
    assert_eq!(world.runs(), Vec::<PathBuf>::new());

    // Of a kustomization it is what it reaches.
    let inputs = render_kustomize(&tree(), &app(), &world.programs, soon())
        .await
        .unwrap();
    let text = &inputs[0].source;
    assert!(
        text.contains("arguments: build .\n") && text.contains("app/a.yaml"),
        "{text}"
    );
    assert!(
        !text.contains("Chart.yaml") && !text.contains("values.yaml"),
        "{text}"
    );
    assert_eq!(inputs[0].name, "what kustomize prints for `app`");
}

#[tokio::test]
async fn a_program_ends_with_its_time_and_with_whoever_waits_for_it() {
    let ended = |world: &World| world.runs().is_empty();
    let script = |world: &Path| {
        format!(
            "/bin/sleep 600 & echo \"$$ $!\" > {0}; wait",
            world.display()
        )
    };
    let shared = tempfile::tempdir().unwrap();
    for cancel in [false, true] {
        let file = shared.path().join(format!("started-{cancel}"));
        let world = World::new(&script(&file), Limits::new());
        let started = if cancel {
            let run = world.helm(soon());
            tokio::select! {
                _ = run => panic!("it sleeps"),
                started = wait_for(&file) => started,
            }
        } else {
            let error = world
                .helm(Instant::now() + Duration::from_millis(300))
                .await
                .unwrap_err();
            assert_eq!(error.kind(), RenderingErrorKind::Timeout);
            assert_eq!(error.to_string(), "Helm was not done in time");
            fs::read_to_string(&file).unwrap_or_default()
        };
        for process in started.split_whitespace() {
            while runs(process) {
                tokio::time::sleep(Duration::from_millis(5)).await;
            }
        }
        assert!(ended(&world), "{cancel}");
    }
    let world = World::new("exit 0", Limits::new());
    let error = world.helm(Instant::now()).await.unwrap_err();
    assert_eq!(error.kind(), RenderingErrorKind::Timeout);
}

#[tokio::test]
async fn a_program_writes_and_prints_only_so_much() {
    let small = Limits::new()
        .with_output(1000)
        .with_run(1 << 20)
        .with_file(1 << 20)
        .with_memory(1 << 30);
    for (script, kind, told) in [
        (
            "/usr/bin/head -c 1001 /dev/zero",
            RenderingErrorKind::Limit,
            "Helm prints more than it may",
        ),
        (
            "/bin/sleep 0.2; exec /usr/bin/head -c 2000000 /dev/zero > $HOME/x",
            RenderingErrorKind::Limit,
            "Helm was ended by a signal",
        ),
        (
            "for n in 1 2 3 4 5; do /usr/bin/head -c 500000 /dev/zero > $TMPDIR/$n; done; exec /bin/sleep 600",
            RenderingErrorKind::Limit,
            "Helm writes more to disk for `app` than it may",
        ),
        (
            "printf '\\377'",
            RenderingErrorKind::Program,
            "Helm says: nothing that is UTF-8 text",
        ),
        (
            "echo 'Error: no' >&2; exit 1",
            RenderingErrorKind::Program,
            "Helm says: no",
        ),
        (
            "exit 1",
            RenderingErrorKind::Program,
            "Helm says: nothing, and fails",
        ),
        (
            "echo 'fatal error: runtime: out of memory' >&2; exit 2",
            RenderingErrorKind::Limit,
            "Helm needs more than 1073741824 bytes of memory for `app`",
        ),
        (
            "echo 'fatal error: runtime: cannot allocate memory' >&2; exit 2",
            RenderingErrorKind::Limit,
            "Helm needs more than 1073741824 bytes of memory for `app`",
        ),
    ] {
        let world = World::new(script, small);
        let error = world.helm(soon()).await.unwrap_err();
        assert_eq!(
            (error.kind(), error.to_string().as_str()),
            (kind, told),
            "{script}"
        );
        let most = 1 << 20;
        let hint = format!("a file that it writes may have {most} bytes, and memory may be short");
        match told {
            "Helm was ended by a signal" => assert_eq!(error.hint(), Some(&*hint)),
            told if told.contains("memory") => assert_eq!(error.hint(), Some(MEMORY)),
            _ => assert_eq!(error.hint(), None, "{script}"),
        }
        assert_eq!(world.runs(), Vec::<PathBuf>::new(), "{script}");
    }
    // What an author's repository may hold.
    let world = World::new("exit 0", Limits::new().with_file(3));
    let error = world.helm(soon()).await.unwrap_err();
    assert_eq!(error.kind(), RenderingErrorKind::Limit);
}

#[tokio::test]
async fn a_program_that_the_operator_did_not_name_is_told() {
    let folder = tempfile::tempdir().unwrap();
    let open = || Workspace::open(folder.path(), Limits::new()).unwrap();
    let none = Programs::new(open());
    let error = render_helm(&tree(), &app(), &none, soon())
        .await
        .unwrap_err();
    assert_eq!(
        error.to_string(),
        "this needs Helm, which this server does not have"
    );
    assert_eq!(
        error.hint(),
        Some("the operator of the server has to name the program")
    );
    let error = Programs::new(open()).with_helm("no-such-helm").unwrap_err();
    assert_eq!(error.to_string(), "there is no program `no-such-helm`");
    let file = folder.path().join("plain");
    fs::write(&file, "text").unwrap();
    fs::set_permissions(&file, fs::Permissions::from_mode(0o600)).unwrap();
    let error = Programs::new(open()).with_helm(&file).unwrap_err();
    let told = format!("the program `{}` may not be executed", file.display());
    assert_eq!(error.to_string(), told);
    // What was a program when it was named need not stay one.
    fs::set_permissions(&file, fs::Permissions::from_mode(0o700)).unwrap();
    let programs = Programs::new(open()).with_helm(&file).unwrap();
    fs::set_permissions(&file, fs::Permissions::from_mode(0o600)).unwrap();
    let error = render_helm(&tree(), &app(), &programs, soon())
        .await
        .unwrap_err();
    assert_eq!(error.to_string(), "Helm may not be executed");
}
