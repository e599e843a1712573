//! Argo CD's own code at both ends: its repo-server's functions ask, its plugin server runs the
//! plugins that `manifill install argocd` writes.
#![allow(clippy::unwrap_used)]

mod from_avp;
mod world;

use std::fmt::Write as _;
use std::time::{Duration, Instant};

use manifill_connect_fake::{Fault, FaultRule};
use manifill_e2e::skip;
use serde_json::{Value, json};
use world::{PASSWORD, World, app, call};

fn manifill_plugin() -> Value {
    json!({"name": "manifill"})
}

/// The only object of an answer.
fn object(answer: &Value) -> &Value {
    assert_eq!(answer["code"], "OK", "{answer}");
    assert_eq!(answer["manifests"].as_array().unwrap().len(), 1, "{answer}");
    &answer["manifests"][0]
}

#[test]
fn an_application_without_a_plugin_gets_one_if_there_is_something_to_fill() {
    if skip("discovery by Argo CD") {
        return;
    }
    let world = World::classic();
    let secret =
        |data: &str| format!("apiVersion: v1\nkind: Secret\nmetadata: {{name: a}}\n{data}\n");
    for (folder, data, found) in [
        (
            "plain",
            "stringData: {a: '<path:vaults/Production/items/db#username>'}",
            true,
        ),
        // The same path.
        (
            "base64",
            "data: {a: PHBhdGg6dmF1bHRzL1Byb2R1Y3Rpb24vaXRlbXMvZGIjdXNlcm5hbWU+}",
            true,
        ),
        (
            "escaped",
            r#"stringData: {a: "\u003cpath:vaults/Production/items/db#username\u003e"}"#,
            true,
        ),
        ("none", "stringData: {a: b}", false),
    ] {
        world.write(&format!("{folder}/deep/a.yaml"), secret(data));
        // A folder of Argo CD's own kind is read to its depth only if it is told to.
        let mut job = app(&format!("{folder}/deep"), &Value::Null);
        let answer = world.ask_one(job.take());
        let kind = if found { "Plugin" } else { "Directory" };
        assert_eq!(answer["sourceType"], kind, "{folder}: {answer}");
        assert_eq!(object(&answer)["kind"], "Secret");
        let matched = world.ask_one(call("match", folder));
        assert_eq!(matched["code"], "OK", "{folder}: {matched}");
        assert_eq!(matched["supported"], found, "{folder}: {matched}");
        assert_eq!(matched["discoveryEnabled"], true);
    }
    // What is no YAML, and what is no file at all, is no error either.
    world.write("broken/a.yaml", "a: [\n\t\0");
    world.write("empty/.keep", "");
    for folder in ["broken", "empty"] {
        let matched = world.ask_one(call("match", folder));
        assert_eq!(matched["code"], "OK", "{matched}");
        assert_eq!(matched["supported"], false);
    }
    let checked = world.ask_one(call("check", ""));
    assert_eq!(checked["discoveryConfigured"], true, "{checked}");
    assert_eq!(checked["gitCredentials"], false);
    world.assert_clean();
}

#[test]
fn an_application_is_filled_and_the_rest_stays() {
    if skip("a run under Argo CD") {
        return;
    }
    let world = World::classic();
    world.write_secret("apps/web/secret.yaml");
    world.write(
        "apps/web/config.yaml",
        "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: c}\ndata: {a: '0123'}\n---\n\
         apiVersion: v1\nkind: ConfigMap\nmetadata: {name: d}\ndata: {b: '<not a path>'}\n",
    );
    world.write("apps/other/broken.yaml", "a: [");
    let answer = world.ask_one(app("apps/web", &manifill_plugin()));
    assert_eq!(answer["code"], "OK", "{answer}");
    assert_eq!(answer["sourceType"], "Plugin");
    let got = answer["manifests"].as_array().unwrap();
    let named = |name: &str| {
        let mut all = got.iter();
        all.find(|object| object["metadata"]["name"] == name)
            .unwrap()
    };
    assert_eq!(got.len(), 3, "{answer}");
    assert_eq!(named("apps/web")["stringData"]["password"], PASSWORD);
    assert_eq!(named("c")["data"]["a"], "0123");
    assert_eq!(named("d")["data"]["b"], "<not a path>");
    // A call of the protocol gives the same.
    let called = world.ask_one(call("generate", "apps/web"));
    assert_eq!(called["manifests"], answer["manifests"]);
    world.assert_clean();
}

#[test]
fn an_error_is_located_and_says_how_to_refresh() {
    if skip("an error under Argo CD") {
        return;
    }
    let world = World::classic();
    world.write(
        "web/secret.yaml",
        "apiVersion: v1\nkind: Secret\nmetadata: {name: a}\nstringData:\n  \
         a: <path:vaults/Production/items/db#pasword>\n",
    );
    let answer = world.ask_one(app("web", &manifill_plugin()));
    let told = answer["message"].as_str().unwrap();
    assert_eq!(answer["code"], "Unknown", "{answer}");
    assert!(told.contains("secret.yaml:5"), "{told}");
    assert!(told.contains("`password`"), "{told}");
    assert!(
        told.ends_with("argocd app get web --hard-refresh"),
        "{told}"
    );
    assert!(!told.contains(PASSWORD));
    // An empty run would let Argo CD delete everything.
    world.write("nothing/notes.txt", "");
    let answer = world.ask_one(app("nothing", &manifill_plugin()));
    assert_eq!(answer["code"], "Unknown", "{answer}");
    world.assert_clean();
}

#[test]
fn parameters_and_variables_of_an_author_are_data() {
    if skip("an author's settings under Argo CD") {
        return;
    }
    let world = World::classic();
    world.write_secret("web/secret.yaml");
    let before = world.connect.requests().len();
    // A host without a login of the author's own is refused, before anything is sent.
    let plugin = json!({
        "name": "manifill",
        "env": [{"name": "OP_CONNECT_HOST", "value": "http://127.0.0.1:9"}],
    });
    let answer = world.ask_one(app("web", &plugin));
    let told = answer["message"].as_str().unwrap();
    assert_eq!(answer["code"], "Unknown", "{answer}");
    assert!(told.contains("OP_CONNECT_HOST"), "{told}");
    assert_eq!(world.connect.requests().len(), before);
    // The operator's own value passes, and parameters are no settings, whatever they are called.
    let plugin = json!({
        "name": "manifill",
        "env": [{"name": "OP_CONNECT_HOST", "value": world.connect.url()}],
        "parameters": [
            {"name": "OP_CONNECT_HOST", "string": "http://127.0.0.1:9"},
            {"name": "manifill-config", "array": ["a", "b"]},
            {"name": "AVP", "map": {"TYPE": "file"}},
        ],
    });
    let answer = world.ask_one(app("web", &plugin));
    assert_eq!(object(&answer)["stringData"]["password"], PASSWORD);
    // The classic plugin announces nothing, which is no error.
    let announced = world.ask_one(call("parameters", "web"));
    assert_eq!(announced["code"], "OK", "{announced}");
    world.assert_clean();
}

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

#[test]
fn a_deadline_ends_what_the_server_started() {
    if skip("a deadline under Argo CD") {
        return;
    }
    let world = World::classic();
    world.write_secret("web/secret.yaml");
    wait_for_ever(&world);
    let mut job = app("web", &manifill_plugin());
    job["deadline"] = json!(2000);
    let answer = world.ask_one(job);
    // Argo CD's server ends what it runs, so that manifill cannot say anything. It asks first, and a
    // busy machine decides which of the two signals is told.
    let told = answer["message"].as_str().unwrap();
    assert_eq!(answer["code"], "Unknown", "{answer}");
    let ended = ["signal: killed", "signal: terminated"];
    assert!(ended.iter().any(|signal| told.contains(signal)), "{told}");
    assert!(!world.connect.requests().is_empty());
    await_the_end(&world);
    world.connect.clear_faults();
    world.assert_clean();
}

#[test]
fn a_caller_that_goes_away_leaves_nothing_behind() {
    if skip("a cancelled run under Argo CD") {
        return;
    }
    let world = World::classic();
    world.write_secret("web/secret.yaml");
    wait_for_ever(&world);
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
    await_the_end(&world);
    world.connect.clear_faults();
    world.assert_clean();
}

#[test]
fn a_stream_that_is_wrong_is_refused_and_the_next_one_is_not() {
    if skip("wrong streams under Argo CD") {
        return;
    }
    let world = World::classic();
    world.write_secret("web/secret.yaml");
    // So much that it is more than one piece.
    world.write("web/more.txt", noise(64 * 1024));
    for (fault, words) in [
        ("checksum", &["file checksum validation error"][..]),
        ("no checksum", &["file checksum validation error"]),
        ("half", &["file checksum validation error"]),
        ("garbage", &["error decompressing tgz file"]),
        ("path", &["out of workDir bound"]),
        // It answers before all is read, and so the sender may see its own error first.
        (
            "no metadata",
            &["metadata is nil", "error sending stream: EOF"],
        ),
        (
            "metadata twice",
            &["request file is nil", "error sending stream: EOF"],
        ),
    ] {
        for name in ["generate", "match"] {
            // A search takes such a path to mean the root.
            if (name, fault) == ("match", "path") {
                continue;
            }
            let mut job = call(name, "web");
            job["fault"] = json!(fault);
            let answer = world.ask_one(job);
            let told = answer["message"].as_str().unwrap_or_default();
            assert_eq!(answer["code"], "Unknown", "{name} {fault}: {answer}");
            assert!(
                words.iter().any(|words| told.contains(words)),
                "{name} {fault}: {told}"
            );
            assert_eq!(answer["manifests"], Value::Null, "{name} {fault}: {answer}");
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

#[test]
fn a_repository_of_a_hundred_megabytes_is_taken() {
    if skip("a large repository under Argo CD") {
        return;
    }
    let world = World::classic();
    world.write_secret("web/secret.yaml");
    world.write("pictures/large.bin", noise(99 * 1024 * 1024));
    let answer = world.ask_one(app("web", &manifill_plugin()));
    assert_eq!(object(&answer)["stringData"]["password"], PASSWORD);
    world.assert_clean();
}

#[test]
fn fifty_applications_at_once_get_each_its_own() {
    if skip("many applications under Argo CD") {
        return;
    }
    let world = World::classic();
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
