//! What is told of values that do not fit where they go, and that following the hint helps.

mod common;

use futures_util::FutureExt as _;
use manifill::vault::SecretValue;
use manifill::vault::backend::memory::Memory;
use manifill::{Diagnostic, Input, Renderer, RunContext, Severity};
use manifill_manifest::{Value, read_one};
use manifill_placeholder::{decode_text, encode};
use proptest::prelude::*;

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

#[test]
fn a_pem_text_on_one_line_is_told() {
    let message = "the value of placeholder path:v#pem has \\n as two characters where a PEM text has line breaks";
    for (source, field, hint, works) in [
        (
            "kind: Secret\nstringData: {k: <path:v#pem>}\n",
            "2:17 stringData.k",
            "add | unescape",
            "kind: Secret\nstringData: {k: <path:v#pem | unescape>}\n",
        ),
        (
            "kind: Secret\ndata: {k: <path:v#pem | base64encode>}\n",
            "2:11 data.k",
            "put | unescape before | base64encode",
            "kind: Secret\ndata: {k: <path:v#pem | unescape | base64encode>}\n",
        ),
        (
            "kind: ConfigMap\ndata:\n  k: |\n    <path:v#pem>\n",
            "4:5 data.k",
            "add | unescape",
            "kind: ConfigMap\ndata:\n  k: |\n    <path:v#pem | unescape>\n",
        ),
    ] {
        assert_eq!(
            warned(source),
            format!("warning {field}: {message} / {hint}\n")
        );
        let fixed = quiet(works);
        assert!(!fixed.contains(r"KEY-----\\n"), "{fixed}");
    }
}

#[test]
fn a_pem_text_inside_a_string_of_json_is_as_it_should_be() {
    for text in [
        r#"{"key": "<path:v#pem>"}"#,
        r#"KEY="<path:v#pem>""#,
        "<path:v#pem | toJson>",
        "<path:v#pem | sha256sum>",
    ] {
        quiet(&format!("kind: ConfigMap\ndata: {{k: '{text}'}}\n"));
    }
}

#[test]
fn what_json_parse_refuses_may_be_a_pem_text() {
    let told = failed("kind: A\nx: <path:v#pem | jsonParse>\n");
    assert!(
        told.contains("jsonParse: the value is not valid JSON")
            && told.contains("use | unescape in place of | jsonParse"),
        "{told}"
    );
    quiet("kind: A\nx: <path:v#pem | unescape>\n");
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
fn binary_data_follows_the_data_of_a_secret() {
    let map = |value: &str| format!("kind: ConfigMap\nbinaryData: {{a: {value}}}\n");
    let told = failed(&map("<path:v#password>"));
    assert_eq!(
        told,
        "error 2:17 binaryData.a: the value of placeholder path:v#password is clear text, and binaryData of a ConfigMap takes base64 / use data or | base64encode\n"
    );
    let told = failed(&map("<path:v#n>"));
    assert!(told.contains("the value is of type number, and binaryData of a ConfigMap takes base64 text / use data, or add | toJson | base64encode"), "{told}");
    let told = warned(&map("<path:v#accident>"));
    assert!(
        told.contains("by accident") && told.contains("use data or"),
        "{told}"
    );
    quiet(&map("<path:v#b64>"));
    assert_eq!(quiet(&map("<path:v#store>")), map("\"//4AAQ==\""));
    // Base64 is looked into; in data it is an error.
    let encoded = encode(b"user=<path:v#user>");
    let filled = encode(b"user=svc");
    let source = format!(
        "kind: ConfigMap\nbinaryData: {{a: {encoded}, b: <path:v#b64>}}\ndata: {{a: Zm9v}}\n"
    );
    assert_eq!(
        quiet(&source),
        format!(
            "kind: ConfigMap\nbinaryData: {{a: \"{filled}\", b: \"cGxhaW4=\"}}\ndata: {{a: Zm9v}}\n"
        )
    );
    let told = failed(&source.replace(&encoded, &encode(b"<path:v#gone>")));
    assert!(told.contains("binaryData.a: missing Vault value"), "{told}");
}

#[test]
fn bytes_in_a_config_map_are_told_where_they_fit() {
    let told = failed("kind: ConfigMap\ndata: {a: <path:v#store>}\n");
    assert!(told.contains("put it alone into binaryData"), "{told}");
    quiet("kind: ConfigMap\nbinaryData: {a: <path:v#store>}\n");
}

#[test]
fn long_base64_and_known_files_are_no_accident() {
    quiet("kind: Secret\ndata: {a: <path:v#store64>, b: <path:v#jks64>}\n");
    warned("kind: Secret\ndata: {a: <path:v#accident>}\n");
}

#[test]
fn base64_cannot_be_joined() {
    let source = "kind: Secret\ndata: {a: Z2xvYmFsOg==<path:v#user | base64encode>CiAgeDogeQ==}\n";
    let told = failed(source);
    assert!(
        told.contains("the value of placeholder path:v#user is base64 beside other text, and base64 cannot be joined / encode the whole text with the placeholder in it, without | base64encode, or write it into stringData"),
        "{told}"
    );
    let whole = encode(b"global: <path:v#user>\n x: y");
    let filled = quiet(&format!("kind: Secret\ndata: {{a: {whole}}}\n"));
    let text = filled.split('"').nth(1).and_then(decode_text);
    assert_eq!(text.as_deref(), Some("global: svc\n x: y"));
    let told = failed("kind: Secret\ndata: {a: 'x <path:v#user>'}\n");
    assert!(
        told.contains("use stringData, or encode the whole text"),
        "{told}"
    );
}

#[test]
fn a_value_that_breaks_the_json_around_it_is_told() {
    let map = |text: &str| format!("kind: ConfigMap\ndata:\n  a: |\n    {text}\n");
    for (broken, column, hint, works) in [
        (
            r#"{"KEY": "<path:v#password>"}"#,
            14,
            "add | jsonEscape, or take the quotes around it away and add | toJson",
            &[
                r#"{"KEY": "<path:v#password | jsonEscape>"}"#,
                r#"{"KEY": <path:v#password | toJson>}"#,
            ][..],
        ),
        (
            r#"["<path:v#user>", "a <path:v#password> b"]"#,
            26,
            "add | jsonEscape",
            &[r#"["<path:v#user>", "a <path:v#password | jsonEscape> b"]"#],
        ),
        (
            r#"{"KEY": <path:v#plain>}"#,
            13,
            "add | toJson, or put quotes around it and add | jsonEscape",
            &[
                r#"{"KEY": <path:v#plain | toJson>}"#,
                r#"{"KEY": "<path:v#plain | jsonEscape>"}"#,
            ],
        ),
        (
            r#"{"KEY": "<path:v#password | toJson>"}"#,
            14,
            "take the quotes around it away, or use | jsonEscape in place of | toJson",
            &[r#"{"KEY": <path:v#password | toJson>}"#],
        ),
        (
            r#"{"KEY": <path:v#plain | jsonEscape>}"#,
            13,
            "use | toJson in place of | jsonEscape",
            &[r#"{"KEY": <path:v#plain | toJson>}"#],
        ),
        (
            r#"{"KEY": "<path:v#injecting>"}"#,
            14,
            "add | jsonEscape, or take the quotes around it away and add | toJson",
            &[
                r#"{"KEY": "<path:v#injecting | jsonEscape>"}"#,
                r#"{"KEY": <path:v#injecting | toJson>}"#,
            ],
        ),
        (
            r#"{"KEY": "<path:v#o>"}"#,
            14,
            "add | jsonEscape, or take the quotes around it away and add | toJson",
            &[
                r#"{"KEY": "<path:v#o | jsonEscape>"}"#,
                r#"{"KEY": <path:v#o | toJson>}"#,
            ],
        ),
    ] {
        let told = warned(&map(broken));
        let head = told
            .split("placeholder ")
            .nth(1)
            .and_then(|rest| rest.split(' ').next());
        assert_eq!(
            told,
            format!(
                "warning 4:{column} data.a: the value of placeholder {} breaks the JSON around it / {hint}\n",
                head.unwrap()
            )
        );
        for text in works {
            let filled = quiet(&map(text));
            let json = filled.split("a: |\n").nth(1).unwrap();
            assert!(SecretValue::from_json(json).is_some(), "{filled}");
        }
    }
    for fine in [
        r#"{"KEY": "<path:v#plain>", "n": <path:v#n>, "o": <path:v#o>}"#,
        r#"{{ "<path:v#password>" }}"#,
        r#"{a: "<path:v#password>"}"#,
        r#"[section] "<path:v#password>""#,
        r#"{"a": "\\", "b": "<path:v#plain>"}"#,
        r#"[<path:v#n>, "<path:v#user>-<path:v#plain>"]"#,
    ] {
        quiet(&map(fine));
    }
}

#[test]
fn a_broken_pull_secret_is_an_error() {
    let json = r#"{"auths": {"r.test": {"password": "<path:v#password>"}}}"#;
    let fixed = json.replace("#password", "#password | jsonEscape");
    for (source, works) in [
        (
            format!("kind: Secret\nstringData:\n  .dockerconfigjson: '{json}'\n"),
            format!("kind: Secret\nstringData:\n  .dockerconfigjson: '{fixed}'\n"),
        ),
        (
            format!(
                "kind: Secret\ndata:\n  .dockerconfigjson: {}\n",
                encode(json.as_bytes())
            ),
            format!(
                "kind: Secret\ndata:\n  .dockerconfigjson: {}\n",
                encode(fixed.as_bytes())
            ),
        ),
    ] {
        let told = failed(&source);
        assert!(
            told.contains("breaks the JSON around it / add | jsonEscape, or"),
            "{told}"
        );
        quiet(&works);
    }
    warned(&format!("kind: Secret\nstringData:\n  other: '{json}'\n"));
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
fn what_only_base64_names_is_hidden_in_a_plan() {
    let secret = "correct horse battery staple";
    let data = encode(format!("A<{secret}>B <path:v#user> <op://a/b/c> <user>").as_bytes());
    let source = format!(
        "kind: Secret\nmetadata: {{annotations: {{avp.kubernetes.io/path: v}}}}\ndata: {{a: {data}}}\nstringData: {{b: <password>}}\n"
    );
    let renderer = Renderer::with_backend("1passwordconnect", vault());
    let inputs = [Input::new("m.yaml", source)];
    let plan = renderer.plan(&inputs).unwrap();
    let fields: Vec<_> = plan.fields().collect();
    let keys = |field: usize| -> Vec<&str> {
        fields[field]
            .wants
            .iter()
            .map(|(_, key)| key.as_str())
            .collect()
    };
    assert_eq!(keys(0), ["‹…›", "user", "c", "‹…›"]);
    assert_eq!(keys(1), ["password"]);
    let reads: Vec<_> = plan.reads().map(|read| read.keys).collect();
    assert_eq!(reads, [vec!["c"], vec!["password", "user", "‹…›"]]);
    let told = format!(
        "{fields:?} {reads:?} {:?} {:?}",
        plan.notes(),
        plan.warnings()
    );
    assert!(!told.contains("horse"));
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

/// The text of this key below `data`.
fn data_of(manifest: &str, name: &str) -> Option<String> {
    let entry = |value: &Value, name: &str| match value {
        Value::Map(entries) => entries
            .iter()
            .find(|(key, _)| key == name)
            .map(|(_, it)| it.clone()),
        _ => None,
    };
    match entry(&entry(&read_one(manifest).ok()?, "data")?, name)? {
        Value::Text(text) => Some(text),
        _ => None,
    }
}

proptest! {
    #[test]
    fn any_text_fits_into_json_with_its_modifier_and_none_breaks_it_unseen(
        text in prop_oneof![any::<String>(), "[\"\\\\a{},:\n]{0,6}"],
    ) {
        let vault = Memory::new().with("p", [("x", text.as_str())]);
        let renderer = Renderer::with_backend("memory", vault);
        let rendered = |body: &str| {
            let source = format!("kind: ConfigMap\ndata:\n  a: |\n    {body}\n");
            let inputs = [Input::new("m.yaml", source)];
            let run = RunContext::new();
            let rendered = renderer.render(&inputs, &run).now_or_never().unwrap().unwrap();
            (data_of(&rendered.texts()[0], "a").unwrap(), rendered.warnings().len())
        };
        let (fitted, told) = rendered(r#"{"a": ["<path:p#x | jsonEscape>"], "b": <path:p#x | toJson>}"#);
        let json: serde_json::Value = serde_json::from_str(&fitted).unwrap();
        prop_assert_eq!(json["a"][0].as_str(), Some(text.as_str()));
        prop_assert_eq!(json["b"].as_str(), Some(text.as_str()));
        prop_assert_eq!(told, 0);
        let (raw, told) = rendered(r#"{"a": ["<path:p#x>"], "b": 1}"#);
        let json = serde_json::from_str::<serde_json::Value>(&raw).ok();
        let shape = json.is_some_and(|json| {
            json["a"].as_array().is_some_and(|list| list.len() == 1 && list[0].is_string())
                && json.as_object().is_some_and(|map| map.len() == 2)
        });
        prop_assert!(shape || told == 1, "{}", told);
    }
}
