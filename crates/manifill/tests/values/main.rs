//! What is told of values that do not fit where they go, and that following the hint helps.

#[path = "../common/mod.rs"]
mod common;
mod encoded;
mod json;
mod pem;

use futures_util::FutureExt as _;
use manifill::vault::SecretValue;
use manifill::vault::backend::memory::Memory;
use manifill::{Diagnostic, Input, Renderer, RunContext, Severity};
use manifill_placeholder::encode;

const PEM: &str = r"-----BEGIN KEY-----\nQUJD\n-----END KEY-----\n";

fn vault() -> Memory {
    let json = |text: &str| SecretValue::from_json(text).expect("it is JSON");
    let text = |text: &str| SecretValue::text(text);
    Memory::new()
        .with(
            "v",
            [
                ("pem", text(PEM)),
                ("n", json("5432")),
                ("t", json("true")),
                ("f", json("1.50")),
                ("o", json(r#"{"b": 1, "a": [true, "x"]}"#)),
                ("labels", json(r#"{"tier": 1, "on": true, "s": "x", "none": null}"#)),
                ("args", json(r#"["--port", 5432, true]"#)),
                ("env", json(r#"[{"name": "A", "value": 1}, {"name": "B", "valueFrom": {"x": 1}}]"#)),
                (
                    "pod",
                    json(
                        r#"{"metadata": {"labels": {"a": 1}}, "spec": {"containers": [{"args": [1], "ports": [{"containerPort": 80}], "env": [{"name": "X", "value": 2}]}]}}"#,
                    ),
                ),
                ("password", text("p@ss\"w'0rd\\x$1")),
                ("injecting", text("x\", \"admin\": \"yes")),
                ("plain", text("plain text")),
                ("dollars", text("a$$b")),
                ("variable", text("abc$(HOME)def")),
                ("dollar", text("a$b$")),
                ("expanding", json(r#"[{"name": "A", "value": "a$$b"}]"#)),
                ("yaml", text("l: ue\n\na: c\n")),
                ("indented", text("l: ue\n    a: c\n")),
                ("b64", text("cGxhaW4=")),
                ("accident", text("/+8A")),
                ("store", SecretValue::bytes(vec![0xff, 0xfe, 0x00, 0x01])),
                ("store64", text(&encode(&[0xc3; 300]))),
                ("jks64", text(&encode(&[0xfe, 0xed, 0xfe, 0xed, 0, 0, 0, 2]))),
                ("user", text("svc")),
            ],
        )
        .with("auth", [("json", r#"{"adminPassword": "s3cret", "user": {"name": "n"}}"#)])
}

fn renderer() -> Renderer {
    Renderer::with_backend("memory", vault())
}

/// What comes out, and all that is told, a line each.
fn rendered(source: &str) -> (Option<String>, String) {
    let inputs = [Input::new("m.yaml", source)];
    let renderer = renderer();
    let run = RunContext::new();
    match renderer
        .render(&inputs, &run)
        .now_or_never()
        .expect("memory never waits")
    {
        Ok(rendered) => (
            Some(rendered.texts()[0].to_string()),
            told(rendered.warnings()),
        ),
        Err(error) => (None, told(error.diagnostics())),
    }
}

fn told(diagnostics: &[Diagnostic]) -> String {
    let line = |one: &Diagnostic| {
        let level = match one.severity {
            Severity::Error => "error",
            _ => "warning",
        };
        let place = &one.place;
        format!(
            "{level} {}:{} {}: {} / {}\n",
            place.line,
            place.column,
            place.field.as_deref().unwrap_or_default(),
            one.message,
            one.hint.as_deref().unwrap_or_default()
        )
    };
    diagnostics.iter().map(line).collect()
}

/// Renders without a word.
#[track_caller]
fn quiet(source: &str) -> String {
    let (text, told) = rendered(source);
    assert_eq!(told, "", "{source}");
    text.expect("it is rendered")
}

/// What is told of a text that is rendered all the same.
#[track_caller]
fn warned(source: &str) -> String {
    let (text, told) = rendered(source);
    assert!(text.is_some() && told.starts_with("warning"), "{told}");
    told
}

#[track_caller]
fn failed(source: &str) -> String {
    let (text, told) = rendered(source);
    assert!(text.is_none(), "{text:?}");
    told
}

/// The manifest with this below a container of a Deployment.
fn container(body: &str) -> String {
    format!(
        "kind: Deployment\nspec:\n  template:\n    spec:\n      containers:\n        - name: c\n          {body}\n"
    )
}

#[test]
fn what_takes_only_text_gets_text() {
    for (source, filled) in [
        (
            "kind: Secret\nstringData: {a: <path:v#n>}\n",
            "kind: Secret\nstringData: {a: \"5432\"}\n",
        ),
        (
            "kind: Secret\nstringData: {a: '<path:v#t>'}\n",
            "kind: Secret\nstringData: {a: 'true'}\n",
        ),
        (
            "kind: Secret\nstringData:\n  a: |-\n    <path:v#f>\n",
            "kind: Secret\nstringData:\n  a: |-\n    1.50\n",
        ),
        (
            "kind: Secret\nstringData: {a: '<path:v#o>'}\n",
            "kind: Secret\nstringData: {a: '{\"a\":[true,\"x\"],\"b\":1}'}\n",
        ),
        (
            "kind: A\nmetadata: {labels: {a: <path:v#n>}}\n",
            "kind: A\nmetadata: {labels: {a: \"5432\"}}\n",
        ),
        (
            "kind: A\nspec: {template: {metadata: {annotations: {a: <path:v#t>}}}}\n",
            "kind: A\nspec: {template: {metadata: {annotations: {a: \"true\"}}}}\n",
        ),
        (
            "kind: List\nitems:\n  - kind: A\n    metadata: {labels: {a: <path:v#n>}}\n  - kind: Secret\n    stringData: {a: <path:v#n>}\n",
            "kind: List\nitems:\n  - kind: A\n    metadata: {labels: {a: \"5432\"}}\n  - kind: Secret\n    stringData: {a: \"5432\"}\n",
        ),
        (
            r#"{"kind": "A", "spec": {"initContainers": [{"args": ["<path:v#n>"], "env": [{"value": "<path:v#t>"}], "x": ["<path:v#n>"]}]}}"#,
            r#"{"kind": "A", "spec": {"initContainers": [{"args": ["5432"], "env": [{"value": "true"}], "x": [5432]}]}}"#,
        ),
    ] {
        assert_eq!(quiet(source), filled);
    }
    assert_eq!(
        quiet(&container("env: [{name: P, value: '<path:v#n>'}]")),
        container("env: [{name: P, value: '5432'}]")
    );
}

#[test]
fn a_whole_map_or_list_keeps_its_type_and_its_members_are_text() {
    for (source, filled) in [
        (
            "kind: A\nmetadata: {labels: <path:v#labels>}\n".to_owned(),
            "kind: A\nmetadata: {labels: {\"tier\": \"1\", \"on\": \"true\", \"s\": \"x\", \"none\": null}}\n".to_owned(),
        ),
        (
            "kind: ConfigMap\nmetadata: {labels: <path:v#labels>}\n".to_owned(),
            "kind: ConfigMap\nmetadata: {labels: {\"tier\": \"1\", \"on\": \"true\", \"s\": \"x\", \"none\": null}}\n".to_owned(),
        ),
        (
            "kind: Secret\nstringData: <path:v#o>\n".to_owned(),
            "kind: Secret\nstringData: {\"b\": \"1\", \"a\": \"[true,\\\"x\\\"]\"}\n".to_owned(),
        ),
        (container("args: <path:v#args>"), container("args: [\"--port\", \"5432\", \"true\"]")),
        (
            container("env: <path:v#env>"),
            container("env: [{\"name\": \"A\", \"value\": \"1\"}, {\"name\": \"B\", \"valueFrom\": {\"x\": 1}}]"),
        ),
        (
            "kind: A\nspec: {jobTemplate: {spec: {template: <path:v#pod>}}}\n".to_owned(),
            "kind: A\nspec: {jobTemplate: {spec: {template: {\"metadata\": {\"labels\": {\"a\": \"1\"}}, \"spec\": {\"containers\": [{\"args\": [\"1\"], \"ports\": [{\"containerPort\": 80}], \"env\": [{\"name\": \"X\", \"value\": \"2\"}]}]}}}}}\n".to_owned(),
        ),
        ("kind: A\nspec: {args: <path:v#args>}\n".to_owned(), "kind: A\nspec: {args: [\"--port\", 5432, true]}\n".to_owned()),
    ] {
        assert_eq!(quiet(&source), filled);
    }
}

#[test]
fn a_map_where_text_is_needed_is_an_error() {
    let told = failed("kind: A\nmetadata: {labels: {a: <path:v#o>}}\n");
    assert!(
        told.contains("error 2:24 metadata.labels.a: the value is of type map, and a label or annotation takes text / add | toJson"),
        "{told}"
    );
    quiet("kind: A\nmetadata: {labels: {a: <path:v#o | toJson>}}\n");
    let told = failed(&container("args: [<path:v#args>]"));
    assert!(
        told.contains(
            "the value is of type list, and a variable or argument of a container takes text"
        ),
        "{told}"
    );
    let told = failed("kind: A\nspec: {template: {metadata: {labels: <path:v#o>}}}\n");
    assert!(
        told.contains("the value is of type list, and a label"),
        "{told}"
    );
    let told = failed("kind: Secret\ndata: <path:v#labels>\n");
    assert!(told.contains("a member of the value is of type number, and data of a Secret takes base64 text / use stringData"), "{told}");
    // What the hint for a number in data says works.
    let told = failed("kind: Secret\ndata: {a: <path:v#n>}\n");
    assert!(
        told.contains("use stringData, or add | toJson | base64encode"),
        "{told}"
    );
    quiet(
        "kind: Secret\nstringData: {a: <path:v#n>}\ndata: {a: <path:v#n | toJson | base64encode>}\n",
    );
}

#[test]
fn what_the_kubelet_expands_is_told_once_a_field() {
    for body in [
        "env: [{name: A, value: <path:v#dollars>}]",
        "args: ['--a=<path:v#variable> <path:v#dollars>']",
        "command: ['<path:v#user><path:v#dollar><path:v#dollars>']",
        "args: ['<path:v#dollar>$x']",
        "env: [{name: A, value: '$<path:v#dollars>'}]",
    ] {
        let told = warned(&container(body));
        assert_eq!(told.lines().count(), 1, "{told}");
        let field = told
            .split(": ")
            .next()
            .and_then(|place| place.split(' ').next_back())
            .unwrap();
        assert!(
            told.contains(&format!("has `$$` or `$(NAME)` in it, which Kubernetes expands in {field} / keep it in a Secret and use secretKeyRef")),
            "{told}"
        );
        assert!(!told.contains("HOME"));
    }
    for body in [
        "env: [{name: A, value: <path:v#dollar>}]",
        "args: ['$$ $(A) <path:v#dollar> $$']",
        "env: [{name: <path:v#dollars>}]",
    ] {
        quiet(&container(body));
    }
    quiet("kind: Secret\nstringData: {a: <path:v#dollars>}\n");
    warned(&container("env: <path:v#expanding>"));
}

#[test]
fn lines_that_fall_out_of_an_indented_block_are_told() {
    let map = |text: &str| {
        format!("kind: ConfigMap\ndata:\n  a.yaml: |\n    v:\n      a: |\n        {text}\n")
    };
    let told = warned(&map("<path:v#yaml>"));
    assert_eq!(
        told,
        "warning 6:9 data[\"a.yaml\"]: the value of placeholder path:v#yaml has several lines, and only the first is indented / add | indent 4\n"
    );
    let filled = quiet(&map("<path:v#yaml | indent 4>"));
    assert!(
        filled.contains("        l: ue\n\n        a: c\n"),
        "{filled}"
    );
    quiet(&map("<path:v#indented>"));
    quiet(&map("<path:v#yaml | toJson>"));
    quiet(&map("x: <path:v#yaml>"));
    quiet(&map("<path:v#user>"));
    quiet("kind: Secret\nstringData:\n  a: |\n    <path:v#yaml>\n  b: <path:v#yaml>\n");
    // A tab is an indentation, too, though not one that `indent` can write.
    for (before, width) in [("\t", 4), ("  \t", 6), ("\t\t", 8)] {
        let tabbed = |text: &str| format!("kind: ConfigMap\ndata:\n  a: |\n    v:\n    {text}\n");
        let told = warned(&tabbed(&format!("{before}<path:v#yaml>")));
        let hint = format!(
            "has several lines, and only the first is indented / indent this line with {width} spaces instead of tabs, and add | indent {width}\n"
        );
        assert!(told.ends_with(&hint), "{told}");
        let spaces = " ".repeat(width);
        quiet(&tabbed(&format!("{spaces}<path:v#yaml | indent {width}>")));
    }
    // In quotes, and in base64, the text is the same.
    let told =
        warned("kind: Secret\nstringData: {a: \"x:\\n  <path:v#yaml>\\n  <path:v#yaml>\"}\n");
    assert!(
        told.lines().count() == 1 && told.contains("| indent 2"),
        "{told}"
    );
    let encoded = encode(b"x:\n   <path:v#yaml>\n");
    let told = warned(&format!("kind: Secret\ndata: {{a: {encoded}}}\n"));
    assert!(told.contains("| indent 3"), "{told}");
}

#[test]
fn a_key_that_is_missing_inside_a_value_has_the_names_that_are_there() {
    let covers =
        "`default` and `||` stand in for a missing key of the secret, not for one inside its value";
    for (modifiers, told, hint) in [
        (
            "jsonPath {.adminPasword}",
            "adminPasword is not found for placeholder path:auth#json; the value has `adminPassword`, `user`",
            format!("did you mean `adminPassword`? {covers}"),
        ),
        (
            "default \"x\" | jsonParse | jsonPath {.user.nam}",
            "nam is not found for placeholder path:auth#json; the value has `name`",
            format!("did you mean `name`? {covers}"),
        ),
        (
            "jsonPath {['adminUsername']}",
            "adminUsername is not found for placeholder path:auth#json; the value has `adminPassword`, `user`",
            covers.to_owned(),
        ),
        (
            "jsonPath {.adminPassword.x}",
            "x is not found for placeholder path:auth#json",
            covers.to_owned(),
        ),
    ] {
        let told_all = failed(&format!(
            "kind: Secret\nstringData: {{a: '<path:auth#json | {}>'}}\n",
            modifiers.replace('\'', "''")
        ));
        assert!(
            told_all.ends_with(&format!("jsonPath: {told} / {hint}\n")),
            "{told_all}"
        );
        assert!(!told_all.contains("s3cret"));
    }
    quiet("kind: Secret\nstringData: {a: '<path:auth#json | jsonPath {.adminPassword}>'}\n");
}
