//! What a native server does not do: write files, start programs, unpack twice, take much memory.

use std::fs;
use std::path::Path;

use manifill_e2e::{helm3, manifill, skip};
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
        "-f",
        "-qq",
        "-e",
        calls,
        "-e",
        "signal=none",
        "-o",
    ];
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
