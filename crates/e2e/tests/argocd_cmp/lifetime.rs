//! How a native server begins, ends and goes on.

use std::os::unix::net::UnixListener;
use std::path::Path;
use std::time::Duration;

use manifill_connect_fake::{Fault, FaultRule};
use manifill_e2e::{PluginServer, manifill, skip};
use serde_json::{Value, json};

use crate::world::{PASSWORD, Way, World, app, call, failed, manifill_plugin, object};

/// The sockets that a server has if nothing is said.
const DEFAULTS: [&str; 4] = [
    "manifill",
    "manifill-plain",
    "manifill-helm",
    "manifill-kustomize",
];

/// Lets the next request to the vault wait for a moment.
fn slow_down(world: &World) {
    world.connect.fault_rule(FaultRule {
        fault: Fault::Delay(Duration::from_secs(2)),
        times: Some(1),
        target: None,
    });
}

/// Asks, and does something once the vault is asked.
fn while_it_runs(world: &World, job: Value, action: impl FnOnce()) -> Value {
    world.connect.clear_requests();
    std::thread::scope(|scope| {
        let asked = scope.spawn(|| world.ask_one(job));
        while world.connect.requests().is_empty() && !asked.is_finished() {
            std::thread::sleep(Duration::from_millis(20));
        }
        action();
        asked.join().unwrap()
    })
}

#[test]
fn the_sockets_of_a_server_that_is_told_nothing() {
    if skip("the sockets of a native server") {
        return;
    }
    let world = World::new(Way::Native);
    world.write_secret("web/secret.yaml");
    let program = manifill().unwrap();
    let server = PluginServer::native(
        &[&program],
        &world.sockets(),
        &DEFAULTS,
        &[],
        &world.settings(),
    );
    let _server = server.unwrap();
    for name in DEFAULTS {
        let mut check = call("check", "");
        check["plugin"] = json!(name);
        let checked = world.ask_one(check);
        assert_eq!(checked["code"], "OK", "{name}: {checked}");
        assert_eq!(checked["discoveryConfigured"], false, "{name}");
        let mut matches = call("match", "web");
        matches["plugin"] = json!(name);
        let matched = world.ask_one(matches);
        assert_eq!(matched["code"], "OK", "{name}: {matched}");
        assert_eq!(matched["supported"], false, "{name}");
        assert_eq!(matched["discoveryEnabled"], false, "{name}");
    }
    for name in ["manifill", "manifill-plain"] {
        let answer = world.ask_one(app("web", &json!({"name": name})));
        assert_eq!(object(&answer)["stringData"]["password"], PASSWORD);
    }
    // An Application that names none is none of its.
    let answer = world.ask_one(app("web", &Value::Null));
    assert_eq!(answer["sourceType"], "Directory", "{answer}");
}

#[test]
fn a_server_that_is_asked_to_end_finishes_what_it_does() {
    if skip("the end of a native server") {
        return;
    }
    let mut world = World::native();
    world.write_secret("web/secret.yaml");
    slow_down(&world);
    let answer = while_it_runs(&world, app("web", &manifill_plugin()), || {
        world.servers[0].signal("TERM").unwrap();
    });
    assert_eq!(object(&answer)["stringData"]["password"], PASSWORD);
    assert!(world.servers[0].wait().unwrap().success());
    assert!(world.servers.remove(0).left().unwrap().is_empty());
    // The next one, after an update, takes its place.
    let server = world.native_server(&[&manifill().unwrap()], &[], &[]);
    world.servers.push(server.unwrap());
    world.assert_clean();
}

#[test]
fn a_server_that_was_killed_leaves_no_socket_in_the_way() {
    if skip("a native server that is killed") {
        return;
    }
    let mut world = World::native();
    world.write_secret("web/secret.yaml");
    slow_down(&world);
    let answer = while_it_runs(&world, app("web", &manifill_plugin()), || {
        world.servers[0].signal("KILL").unwrap();
    });
    assert_eq!(answer["code"], "Unavailable", "{answer}");
    failed(&answer);
    world.servers.remove(0).wait().unwrap();
    assert!(world.sockets().join("manifill.sock").exists());
    let server = world.native_server(&[&manifill().unwrap()], &[], &[]);
    world.servers.push(server.unwrap());
    let answer = world.ask_one(app("web", &manifill_plugin()));
    assert_eq!(object(&answer)["stringData"]["password"], PASSWORD);
    world.assert_clean();
}

#[test]
fn the_socket_of_another_one_is_left_to_it() {
    if skip("the socket of another server") {
        return;
    }
    let world = World::native();
    world.write_secret("web/secret.yaml");
    let second = world.native_server(&[&manifill().unwrap()], &[], &[]);
    let mut second = second.unwrap();
    assert!(!second.wait().unwrap().success());
    let told = second.log().unwrap();
    assert!(told.contains("manifill.sock"), "{told}");
    world.assert_clean();
    // What is no socket is nobody's to remove.
    let other = World::new(Way::Native);
    let file = other.sockets().join("manifill.sock");
    std::fs::write(&file, "mine").unwrap();
    let told = other.native_server(&[&manifill().unwrap()], &[], &[]);
    assert!(told.is_err());
    assert_eq!(std::fs::read_to_string(&file).unwrap(), "mine");
    // A socket that nobody listens at is a left-over.
    std::fs::remove_file(&file).unwrap();
    drop(UnixListener::bind(&file).unwrap());
    let server = other.native_server(&[&manifill().unwrap()], &[], &[]);
    let _server = server.unwrap();
    let mode = std::os::unix::fs::PermissionsExt::mode(&mode_of(&file));
    assert_eq!(mode & 0o777, 0o660);
}

fn mode_of(file: &Path) -> std::fs::Permissions {
    std::fs::symlink_metadata(file).unwrap().permissions()
}
