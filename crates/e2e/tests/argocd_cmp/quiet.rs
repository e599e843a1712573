//! What a native server does not do: write files, start programs, unpack twice, read twice, take much
//! memory.

use std::fs;
use std::io::{Read as _, Write as _};
use std::net::TcpStream;
use std::path::Path;

use manifill_e2e::{direct, free_port, helm3, manifill, run, skip};
use serde_json::{Value, json};

use crate::world::{PASSWORD, Way, World, app, manifill_plugin, object};

/// How many applications there are.
const APPS: usize = 200;

/// Writes so many applications, and files that belong to none.
fn write_repository(world: &World) {
    for number in 0..APPS {
        world.write_secret(&format!("apps/{number}/secret.yaml"));
        for other in 0..2 {
            world.write(
                &format!("apps/{number}/{other}.yaml"),
                format!(
                    "apiVersion: v1\nkind: ConfigMap\nmetadata: {{name: a-{number}-{other}}}\n"
                ),
            );
        }
    }
    for number in 0..100 {
        world.write(&format!("others/{number}.yaml"), "kind: ConfigMap\n");
    }
}

fn job(number: usize) -> Value {
    let mut job = app(&format!("apps/{number}"), &manifill_plugin());
    job["exclude"] = json!([".git"]);
    job
}

/// The calls of the system, by which files are written or programs are started, in what strace has
/// told.
fn told(log: &str) -> Vec<&str> {
    let writes = ["O_WRONLY", "O_RDWR", "O_CREAT", "O_TMPFILE", "O_TRUNC"];
    let lines = log.lines().filter(|line| {
        // "123 openat(…" or "123 <... openat resumed>…".
        let call = line
            .split_once(' ')
            .map_or("", |(_, rest)| rest.trim_start());
        if call.starts_with("open") {
            return writes.iter().any(|flag| call.contains(flag));
        }
        if call.starts_with("clone") {
            return !call.contains("CLONE_THREAD");
        }
        !call.starts_with("<...") && !call.starts_with("+++") && !call.starts_with("---")
    });
    lines.collect()
}

#[test]
fn no_file_is_written_and_no_program_is_started_for_plain_manifests() {
    if skip("what a native server writes and starts") {
        return;
    }
    let mut world = World::new(Way::Native);
    write_repository(&world);
    let log = world.folder().join("strace");
    let calls = "trace=open,openat,openat2,creat,fork,vfork,clone,clone3,execve,execveat,mkdir,mkdirat,\
                 mknod,mknodat,rename,renameat,renameat2,link,linkat,symlink,symlinkat,unlink,\
                 unlinkat,rmdir,truncate,ftruncate,fallocate,chmod,fchmod,fchmodat,memfd_create";
    let strace = [
        "strace",
        "-D",
        "-f",
        "-qq",
        "-e",
        calls,
        "-e",
        "signal=none",
        "-o",
    ];
    // With -D it is the server that ends with the test, and strace with it.
    let (program, helm) = (manifill().unwrap(), helm3().unwrap());
    let mut command: Vec<&Path> = strace.iter().map(Path::new).collect();
    command.extend([log.as_path(), program.as_path()]);
    let server = world.native_server(&command, &["--helm", helm.to_str().unwrap()], &[]);
    let server = server.expect("strace runs the server: apt-get install strace");
    world.servers.push(server);
    // What is read once is read now.
    assert_eq!(world.ask_one(job(0))["code"], "OK");
    let before = fs::read_to_string(&log).unwrap().len();
    let answers = world.ask_at_once(4, (0..APPS).map(job).collect());
    for answer in &answers {
        assert_eq!(answer["code"], "OK", "{answer}");
        assert_eq!(answer["manifests"].as_array().unwrap().len(), 3);
        assert!(answer.to_string().contains(PASSWORD));
    }
    let all = fs::read_to_string(&log).unwrap();
    assert_eq!(told(&all[before..]), Vec::<&str>::new());
    // The sockets were bound under its eyes.
    assert!(!told(&all[..before]).is_empty());
    // It would have told of a program.
    world.write(
        "chart/Chart.yaml",
        "apiVersion: v2\nname: web\nversion: 1.0.0\n",
    );
    world.write(
        "chart/templates/a.yaml",
        "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: a}\n\
         data: {a: <path:vaults/Production/items/db#username>}\n",
    );
    object(&world.ask_one(app("chart", &json!({"name": "manifill-helm"}))));
    let all = fs::read_to_string(&log).unwrap();
    assert!(
        told(&all[before..])
            .iter()
            .any(|call| call.contains("execve"))
    );
}

/// What a page of the server says.
fn page(port: u16, path: &str) -> String {
    let mut connection = TcpStream::connect(("127.0.0.1", port)).unwrap();
    let request = format!("GET {path} HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n");
    connection.write_all(request.as_bytes()).unwrap();
    let mut page = String::new();
    connection.read_to_string(&mut page).unwrap();
    page
}

/// A number of the metrics.
fn number(page: &str, name: &str) -> u64 {
    let line = page.lines().find_map(|line| line.strip_prefix(name));
    line.unwrap_or_else(|| panic!("{name}: {page}"))
        .trim()
        .parse()
        .unwrap()
}

#[test]
fn the_applications_of_a_commit_share_its_archive_and_what_they_read() {
    if skip("applications of one commit") {
        return;
    }
    let mut world = World::new(Way::Native);
    write_repository(&world);
    for arguments in [
        &["init", "-q"][..],
        &["add", "-A"],
        &["commit", "-q", "-m", "All"],
    ] {
        let mut git = direct("git");
        git.args([
            "-c",
            "user.name=e2e",
            "-c",
            "user.email=e2e@example.invalid",
        ]);
        run(git.args(arguments).current_dir(world.root())).unwrap();
    }
    let port = free_port().unwrap();
    let address = format!("127.0.0.1:{port}");
    let server = world.native_server(
        &[&manifill().unwrap()],
        &["--listen", &address],
        &[("MANIFILL_SHARE_READS", "600")],
    );
    world.servers.push(server.unwrap());
    assert!(page(port, "/readyz").starts_with("HTTP/1.1 200"));
    let all_good = |answers: Vec<Value>| {
        for answer in answers {
            assert_eq!(answer["code"], "OK", "{answer}");
            assert!(answer.to_string().contains(PASSWORD));
        }
    };
    all_good(world.ask_at_once(50, (0..50).map(job).collect()));
    // repo-server makes its checkout anew before each of them.
    let checked_out = (0..10).map(|number| {
        let mut job = job(number);
        job["checkout"] = json!(true);
        job
    });
    all_good(world.ask(checked_out.collect()));
    let metrics = page(port, "/metrics");
    assert_eq!(
        number(&metrics, "manifill_archives_total{use=\"unpacked\"}"),
        1
    );
    // It is asked twice for each: whether it is for it, and for its manifests.
    let shared = number(&metrics, "manifill_archives_total{use=\"shared\"}");
    assert_eq!(shared, 119);
    // A list of vaults, one of items, an item.
    assert_eq!(world.connect.requests().len(), 3);
    let peak = world.servers[0].peak_memory().unwrap();
    assert!(peak < 200_000_000, "{peak} bytes");
    world.assert_clean();
}
