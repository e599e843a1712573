//! What a guard stops and what it lets pass.
#![allow(clippy::unwrap_used)]

use futures_util::FutureExt as _;
use manifill::vault::backend::memory::Memory;
use manifill::{Diagnostic, DiagnosticKind, Input, Renderer, RunContext};
use manifill_check::{Guard, guard, refuse_mocks};
use manifill_placeholder::encode;

/// What is told of a text.
fn told(source: &str) -> Vec<Diagnostic> {
    told_with(source, &[])
}

fn told_with(source: &str, allowed: &[&str]) -> Vec<Diagnostic> {
    let inputs = [Input::new("m.yaml", source)];
    let all = allowed.iter().map(|field| field.parse().unwrap());
    let all = all.fold(Guard::new(), Guard::with_allowed);
    match guard(&inputs, &all).text() {
        Ok(text) => {
            assert_eq!(text, source);
            Vec::new()
        }
        Err(error) => error.diagnostics().to_vec(),
    }
}

/// Line, column, object, field and message of the only thing that is told.
#[track_caller]
fn only(source: &str) -> String {
    let told = told(source);
    assert_eq!(told.len(), 1, "{source}\n{told:#?}");
    let place = &told[0].place;
    format!(
        "{}:{} {} {} {}",
        place.line,
        place.column,
        place.resource.as_deref().unwrap_or("-"),
        place.field.as_deref().unwrap_or("-"),
        told[0].message
    )
}

const ANNOTATED: &str = "metadata: {name: web, annotations: {avp.kubernetes.io/path: db}}";

#[test]
fn what_is_left_in_is_told_with_its_place() {
    for (source, expected) in [
        (
            "kind: A\nmetadata: {name: web}\nspec:\n  a: [x, 'y <path:db#user> z']\n".to_owned(),
            "4:13 A/web spec.a[1] a placeholder is not filled",
        ),
        (
            "kind: A\nx: <op://v/i/f>\n".to_owned(),
            "2:4 A x a placeholder is not filled",
        ),
        // Malformed ones, and those that end nowhere.
        ("kind: A\nx: <path:db>\n".to_owned(), "2:4 A x a placeholder is not filled"),
        ("kind: A\nx: see <op://v/i\n".to_owned(), "2:8 A x a placeholder is not filled"),
        ("kind: A\nx: <path:db #user>\n".to_owned(), "2:4 A x a placeholder is not filled"),
        (
            format!("kind: A\n{ANNOTATED}\nx: {{\"a.b\": <user>}}\n"),
            "3:12 A/web x[\"a.b\"] a placeholder is not filled",
        ),
        (
            "kind: Secret\nmetadata: {name: db, namespace: home}\nstringData: {a: <user>}\n".to_owned(),
            "3:17 Secret/home/db stringData.a text that was meant as a placeholder is not filled",
        ),
        (
            "kind: ConfigMap\ndata: {a: op://v/i/f}\n".to_owned(),
            "2:11 ConfigMap data.a text that was meant as a placeholder is not filled",
        ),
        (
            "kind: ConfigMap\ndata: {a: x < path:db#user>}\n".to_owned(),
            "2:13 ConfigMap data.a text that was meant as a placeholder is not filled",
        ),
        (
            format!("kind: A\n{ANNOTATED}\nx: <user\n"),
            "3:4 A/web x text that was meant as a placeholder is not filled",
        ),
        (
            "kind: A\ndata: {<path:db#user>: b}\n".to_owned(),
            "2:8 A - a placeholder in a key is not filled",
        ),
        (
            "kind: List\nitems:\n- kind: A\n- kind: B\n  metadata: {name: b}\n  x: {y: <op://v/i/f>}\n".to_owned(),
            "6:10 B/b items[1].x.y a placeholder is not filled",
        ),
        // Neither YAML that Kubernetes takes nor an object: a pipe carries that, too.
        ("a:\n- b: <path:db#user>\n".to_owned(), "2:6 - a[0].b a placeholder is not filled"),
        ("{\"a\": \"\\u003cpath:db#user\\u003e\"}\n".to_owned(), "1:8 - a a placeholder is not filled"),
        ("[a]\nb = \"<path:db#user>\"\n".to_owned(), "2:6 - - a placeholder is not filled"),
        ("A=b\nB=<op://v/i/f>\n".to_owned(), "2:3 - - a placeholder is not filled"),
    ] {
        assert_eq!(only(&source), expected, "{source}");
    }
}

#[test]
fn every_escape_is_seen() {
    for text in [
        r"\u003cpath:db#user\u003e",
        r"\\u003cpath:db#user\\u003e",
        r"\x3cop://v/i/f\x3e",
        "%3Cpath%3Adb%23user%3E",
        "%3cop://v/i/f%3e",
        "&lt;path:db#user&gt;",
        "&#60;path:db#user&#62;",
        "&#x3c;op://v/i/f&#x3E;",
        // More than once, and with zeros in front.
        "%253Cpath%253Adb",
        "&amp;lt;path:db#user&amp;gt;",
        r"\u0026lt;path:db#user\u0026gt;",
        "%26lt%3Bop%3A//v/i/f",
        "&#060;path:db#user&#062;",
        "%25253Cpath:db#user",
    ] {
        let source = format!("kind: A\nx: '{text}'\n");
        let told = only(&source);
        assert!(
            told.ends_with("A x a placeholder with escaped brackets is not filled"),
            "{told}"
        );
    }
    let source = format!("kind: A\n{ANNOTATED}\nx: '\\u003cuser\\u003e'\n");
    assert_eq!(
        only(&source),
        "3:5 A/web x a placeholder with escaped brackets is not filled"
    );
    // In a text of YAML's own escapes there are brackets by then.
    assert_eq!(
        only("kind: A\nx: \"\\u003cpath:db#user\\x3e\"\n"),
        "2:5 A x a placeholder is not filled"
    );
}

#[test]
fn base64_is_looked_into_at_any_depth() {
    let references = [
        "<path:db#user>",
        "pw <op://v/i/f>",
        "\\u003cpath:db#user\\u003e",
        "%3Cpath%3Adb",
        "&amp;lt;path:db",
    ];
    for depth in 1..=7 {
        for reference in references {
            let mut text = reference.to_owned();
            for _ in 0..depth {
                text = encode(text.as_bytes());
            }
            for source in [
                format!("kind: Secret\ndata:\n  a: {text}\n"),
                format!("kind: A\nx:\n  a: {text}\n"),
                format!("kind: ConfigMap\nx:\n  a: {text}\n"),
                format!("kind: ConfigMap\nbinaryData:\n  a: {text}\n"),
                format!("kind: A\nx:\n  a: 'token: {text}; more'\n"),
                format!("kind: A\nx:\n  a: '{{\"auth\": \"{text}\"}}'\n"),
            ] {
                let told = only(&source);
                assert!(told.starts_with("3:"), "{source}\n{told}");
                assert!(
                    told.ends_with("a placeholder in base64 is not filled"),
                    "{source}\n{told}"
                );
            }
        }
    }
    // Names under the annotation, and folded lines.
    let name = encode(encode(b"<password>").as_bytes());
    for source in [
        format!("kind: Secret\n{ANNOTATED}\ndata: {{a: {name}}}\n"),
        format!("kind: A\n{ANNOTATED}\nx: {{a: {name}}}\n"),
    ] {
        assert!(
            only(&source).ends_with("a placeholder in base64 is not filled"),
            "{source}"
        );
    }
    // Short ones, anywhere in a value.
    for depth in 1..=4 {
        let name = (0..depth).fold("<a>".to_owned(), |text, _| encode(text.as_bytes()));
        for value in [
            name.clone(),
            format!("'token: {name}; more'"),
            format!("'{{\"auth\": \"{name}\"}}'"),
        ] {
            let source = format!("kind: Secret\n{ANNOTATED}\nstringData: {{a: {value}}}\n");
            assert!(
                only(&source).ends_with("a placeholder in base64 is not filled"),
                "{source}"
            );
        }
        // Without the annotation it is one alone in a Secret.
        let source = format!("kind: Secret\ndata: {{a: {name}}}\n");
        assert!(only(&source).ends_with("a placeholder in base64 is not filled"));
        let other = source.replace("Secret", "A");
        assert!(told(&other).is_empty(), "{other}");
    }
    let long = encode(format!("{} <path:db#user>", "text ".repeat(40)).as_bytes());
    let lines: Vec<_> = long
        .as_bytes()
        .chunks(64)
        .map(String::from_utf8_lossy)
        .collect();
    let source = format!("kind: A\nx: |\n  {}\n", lines.join("\n  "));
    assert!(
        only(&source).ends_with("a placeholder in base64 is not filled"),
        "{source}"
    );
}

#[test]
fn other_text_passes_as_it_is() {
    for source in [
        "kind: A\r\nx: <b>bold</b> # <path:db#user>\r\n...\n",
        "# <path:db#user>\nkind: A\nx: 'a < b > c'\n",
        "\u{feff}kind: A\n---\n---\nkind: B\n",
        "kind: Secret\nstringData: {a: '<a/>', b: '<user>:<password>'}\ndata: {c: dGV4dA==}\n",
        "kind: A\nmetadata: {annotations: {avp.kubernetes.io/ignore: 'true'}}\nx: <path:db#user>\n",
        "{\"kind\": \"A\"}{\"kind\": \"B\"}",
        "image: nginx\n",
        "plain text, <not> a placeholder",
        "[a]\nb = \"c\"\n",
        "kind: Kustomization\nresources: [a]\n",
        "kind: A\nmetadata: {annotations: {manifill.dev/mock: 'false'}}\n",
        // A key that stands twice and annotations that do nothing are for those who fill.
        "kind: A\nx: 1\nx: 2\nmetadata: {annotations: {avp.kubernetes.io/paths: x}}\n",
    ] {
        assert_eq!(told(source), [], "{source}");
    }
}

#[test]
fn what_cannot_be_read_is_told() {
    for (source, message) in [
        ("kind: A\nx: [\n", "2:4 - - "),
        ("kind: A\nkind: B\n", "2:1 - - "),
        ("{\"kind\": \"A\", \"x\": [", "1:"),
        ("kind: A\n---apiVersion: v1\nkind: B\n", "2:1 - - "),
    ] {
        assert!(
            only(source).starts_with(message),
            "{source} {}",
            only(source)
        );
    }
}

#[test]
fn an_input_without_anything_is_an_error() {
    for source in [
        "",
        "\n \t\n",
        "# only\n---\n# comments\n",
        "---\nnull\n---\n~\n...\n",
        "\u{feff}---\r\n",
    ] {
        let told = told(source);
        assert_eq!(told.len(), 1, "{source:?}");
        assert_eq!(
            told[0].to_string(),
            "m.yaml:1:1: the input is empty: there is nothing in it but comments and white space"
        );
        assert_eq!(told[0].kind, DiagnosticKind::Manifest);
    }
    for source in [
        "apiVersion: v1\nkind: List\nitems: []\n",
        "{\"kind\": \"SecretList\", \"items\": null}",
        "# c\n---\nkind: List\nitems:\n- {kind: ConfigMapList, items: []}\n---\nkind: List\nitems: []\n",
    ] {
        let told = told(source);
        assert_eq!(told.len(), 1, "{source:?}");
        assert_eq!(
            told[0].to_string(),
            "m.yaml:1:1: the input is empty: there is nothing in it but Lists without items"
        );
    }
    let inputs = [
        Input::new("a", "kind: A\n---\nkind: List\nitems: []\n"),
        Input::new("b", "---\n"),
        Input::new("c", "kind: C\nx: <path:db#u>\n"),
    ];
    let error = guard(&inputs, &Guard::new()).text().unwrap_err();
    let lines: Vec<String> = error
        .diagnostics()
        .iter()
        .map(ToString::to_string)
        .collect();
    assert_eq!(lines.len(), 2);
    assert!(
        lines[0].starts_with("b:1:1: the input is empty") && lines[1].starts_with("c:2:4: "),
        "{lines:?}"
    );
    assert!(
        error.report().ends_with("2 errors; nothing was printed\n"),
        "{}",
        error.report()
    );
    assert!(guard(&[], &Guard::new()).text().is_err());
}

#[test]
fn several_inputs_become_one_stream() {
    let inputs = [Input::new("a", "kind: A"), Input::new("b", "kind: B\n")];
    assert_eq!(
        guard(&inputs, &Guard::new()).text().unwrap(),
        "kind: A\n---\nkind: B\n"
    );
}

#[test]
fn an_object_with_mock_values_is_an_error() {
    for value in ["'true'", "true", "\"1\"", "'yes'"] {
        let source = format!(
            "kind: List\nitems:\n- kind: A\n  metadata:\n    name: a\n    annotations: {{manifill.dev/mock: {value}}}\n"
        );
        let told = only(&source);
        assert!(
            told.starts_with("6:") && told.contains("A/a - this object is filled with mock values"),
            "{told}"
        );
        assert!(refuse_mocks(&[Input::new("a", source.as_str())]).is_err());
        let ignored = source.replace("{manifill", "{avp.kubernetes.io/ignore: 'true', manifill");
        assert_eq!(told_with(&ignored, &["A/a:metadata"]).len(), 1);
    }
    // Placeholders are for whoever fills them.
    let source =
        "kind: A\nmetadata: {annotations: {manifill.dev/mock: 'false'}}\nx: <path:db#user>\n";
    assert!(refuse_mocks(&[Input::new("a", source)]).is_ok());
}

#[test]
fn a_field_can_be_allowed() {
    let source = "kind: List\nitems:\n- kind: Secret\n  metadata: {name: db, namespace: home}\n  stringData: {a: <path:db#user>, \"b:/c\": <op://v/i/f>}\n";
    let fields: Vec<String> = told(source)
        .iter()
        .map(|one| {
            let hint = one.hint.clone().unwrap();
            let (_, field) = hint.split_once("--allow '").unwrap();
            field.trim_end_matches('\'').to_owned()
        })
        .collect();
    assert_eq!(
        fields,
        [
            "Secret/home/db:items[0].stringData.a",
            "Secret/home/db:items[0].stringData[\"b:/c\"]"
        ]
    );
    let all: Vec<&str> = fields.iter().map(String::as_str).collect();
    assert_eq!(told_with(source, &all), []);
    // Without the namespace and without the List, too.
    assert_eq!(
        told_with(
            source,
            &["Secret/db:stringData.a", "Secret/db:stringData[\"b:/c\"]"]
        ),
        []
    );
    assert_eq!(told_with(source, &all[..1]).len(), 1);
    for other in [
        "Secret/other/db:stringData.a",
        "Secret/db2:stringData.a",
        "ConfigMap/db:stringData.a",
        "Secret/db:stringData.b",
    ] {
        assert_eq!(told_with(source, &[other]).len(), 2, "{other}");
    }
    let web = "kind: ConfigMap\nmetadata: {name: web}\ndata: {index.html: <path:db#user>}\n";
    for field in [
        "data[\"index.html\"]",
        "data.index.html",
        r"data.index\.html",
    ] {
        assert_eq!(told_with(web, &[&format!("ConfigMap/web:{field}")]), []);
    }
    let role = "kind: ClusterRole\nmetadata: {name: 'system:x'}\nrules: [{a: <path:db#user>}]\n";
    assert_eq!(told_with(role, &["ClusterRole/system:x:rules[0].a"]), []);
}

#[test]
fn an_allowed_field_that_did_not_need_it_is_noted() {
    let inputs = [Input::new(
        "m.yaml",
        "kind: A\nmetadata: {name: a}\nx: <path:db#user>\ny: 1\n",
    )];
    let allowed = |fields: &[&str]| {
        fields.iter().fold(Guard::new(), |all, field| {
            all.with_allowed(field.parse().unwrap())
        })
    };
    let good = guard(&inputs, &allowed(&["A/a:x", "A/a:y"]));
    assert_eq!(
        good.notes(),
        ["nothing in A/a:y reads like a placeholder: it need not be allowed"]
    );
    assert!(good.text().is_ok());
    // Of one that fails, too: it may be why.
    let failed = guard(&inputs, &allowed(&["A/a:z"]));
    assert_eq!(failed.notes().len(), 1);
    assert!(failed.text().is_err());
}

#[test]
fn nothing_of_a_value_is_told() {
    let secret = "sentinel-4711";
    let values = [
        format!("<{secret}>"),
        format!("<path:{secret}#{secret}>"),
        format!("<op://{secret}/{secret}/{secret}>"),
        format!("op://{secret}/{secret}/{secret}"),
        format!("{secret}>"),
        format!("<path:{secret}"),
        format!("<path:a#b | {secret}>"),
        format!("%3Cpath:{secret}%3E"),
        encode(format!("<path:{secret}#x>").as_bytes()),
    ];
    for value in values {
        let vault = Memory::new().with("db", [("user", value.as_str())]);
        let renderer = Renderer::with_backend("memory", vault);
        let source = format!(
            "kind: Secret\n{ANNOTATED}\nstringData: {{a: <user>}}\ndata: {{b: <user | base64encode>}}\n"
        );
        let inputs = [Input::new("m.yaml", source)];
        let rendered = renderer.render(&inputs, &RunContext::new()).now_or_never();
        let rendered = rendered.unwrap().unwrap();
        let inputs = [Input::new("m.yaml", rendered.texts()[0].as_ref())];
        let guarded = guard(&inputs, &Guard::new());
        assert!(!format!("{guarded:?}").contains(secret));
        let error = guarded.text().unwrap_err();
        let shown = format!("{error:?}{error:#}{error}");
        assert!(!shown.contains("4711"), "{shown}");
        let fields: Vec<_> = error
            .errors()
            .map(|one| one.place.field.clone().unwrap())
            .collect();
        // Half of a name is a matter of clear text: bytes end in anything.
        let both = ["stringData.a", "data.b"];
        let expected = if value.starts_with('s') {
            &both[..1]
        } else {
            &both
        };
        assert_eq!(fields, expected, "{value}");
    }
}

#[test]
fn places_name_the_file_of_a_chart() {
    let told = told("---\n# Source: web/templates/a.yaml\nkind: A\nx: <path:db#user>\n");
    assert_eq!(
        told[0].place.rendered_from.as_deref(),
        Some("web/templates/a.yaml")
    );
}
