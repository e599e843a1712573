//! What comes of an application, whichever server makes it.

use serde_json::{Value, json};

use crate::world::{PASSWORD, Way, World, app, call, failed, manifill_plugin, object};

pub(crate) fn an_application_without_a_plugin_gets_one_if_there_is_something_to_fill(
    world: &World,
) {
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
        let answer = world.ask_one(app(&format!("{folder}/deep"), &Value::Null));
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

pub(crate) fn an_application_is_filled_and_the_rest_stays(world: &World) {
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

pub(crate) fn an_error_is_located_and_says_how_to_refresh(world: &World) {
    world.write(
        "web/secret.yaml",
        "apiVersion: v1\nkind: Secret\nmetadata: {name: a}\nstringData:\n  \
         a: <path:vaults/Production/items/db#pasword>\n",
    );
    let answer = world.ask_one(app("web", &manifill_plugin()));
    let told = failed(&answer);
    // Only one of them knows the whole repository.
    let place = match world.way {
        Way::Classic => "secret.yaml:5",
        Way::Native => "web/secret.yaml:5",
    };
    assert!(told.contains(place), "{told}");
    assert!(told.contains("`password`"), "{told}");
    assert!(
        told.ends_with("argocd app get web --hard-refresh"),
        "{told}"
    );
    // An empty run would let Argo CD delete everything.
    world.write("nothing/notes.txt", "");
    let answer = world.ask_one(call("generate", "nothing"));
    assert!(
        failed(&answer).contains("no YAML or JSON files"),
        "{answer}"
    );
    world.assert_clean();
}

pub(crate) fn parameters_and_variables_of_an_author_are_data(world: &World) {
    world.write_secret("web/secret.yaml");
    let before = world.connect.requests().len();
    // A host without a login of the author's own is refused, before anything is sent.
    let plugin = json!({
        "name": "manifill",
        "env": [{"name": "OP_CONNECT_HOST", "value": "http://127.0.0.1:9"}],
    });
    let answer = world.ask_one(app("web", &plugin));
    let told = failed(&answer);
    assert!(told.contains("OP_CONNECT_HOST"), "{told}");
    assert_eq!(world.connect.requests().len(), before);
    // The operator's own value passes, and parameters are no settings, whatever they are called.
    let mut plugin = json!({
        "name": "manifill",
        "env": [{"name": "OP_CONNECT_HOST", "value": world.connect.url()}],
    });
    let answer = world.ask_one(app("web", &plugin));
    assert_eq!(object(&answer)["stringData"]["password"], PASSWORD);
    plugin["parameters"] = json!([
        {"name": "OP_CONNECT_HOST", "string": "http://127.0.0.1:9"},
        {"name": "manifill-config", "array": ["a", "b"]},
        {"name": "AVP", "map": {"TYPE": "file"}},
    ]);
    let answer = world.ask_one(app("web", &plugin));
    match world.way {
        Way::Classic => assert_eq!(object(&answer)["stringData"]["password"], PASSWORD),
        // It has parameters of its own, and tells of others.
        Way::Native => assert!(failed(&answer).contains("OP_CONNECT_HOST"), "{answer}"),
    }
    // A plugin that announces nothing makes no error of it.
    let announced = world.ask_one(call("parameters", "web"));
    assert_eq!(announced["code"], "OK", "{announced}");
    let names = |announced: &Value| -> Vec<String> {
        let all = announced["parameters"].as_array().into_iter().flatten();
        all.map(|parameter| parameter["name"].as_str().unwrap().to_owned())
            .collect()
    };
    let expected: &[&str] = match world.way {
        Way::Classic => &[],
        Way::Native => &["include", "exclude"],
    };
    assert_eq!(names(&announced), expected, "{announced}");
    world.assert_clean();
}
