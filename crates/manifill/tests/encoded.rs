//! Placeholders in base64 within a value.

mod common;

use common::{errors, render, render_with, renderer, with_options};
use data_encoding::{BASE64, BASE64_NOPAD, BASE64URL, BASE64URL_NOPAD};
use manifill::{Input, Options};

fn b64(text: &str) -> String {
    BASE64.encode(text.as_bytes())
}

fn plain(base64: &str) -> String {
    String::from_utf8(BASE64.decode(base64.as_bytes()).expect("base64"))
        .expect("the entry is written as it was")
}

/// A Secret with one entry.
fn secret(field: &str, value: &str) -> String {
    format!("kind: Secret\ntype: x\n{field}: # why\n  a: '{value}' # here\n")
}

/// The value of the only entry of a filled Secret, and that nothing else has changed.
fn value(field: &str, rendered: &str) -> String {
    let (before, rest) = rendered
        .split_once("  a: ")
        .expect("the entry is written as it was");
    assert_eq!(before, format!("kind: Secret\ntype: x\n{field}: # why\n"));
    let written = rest
        .strip_suffix(" # here\n")
        .expect("the entry is written as it was");
    match written.strip_prefix('\'') {
        Some(written) => written
            .strip_suffix('\'')
            .expect("the entry is written as it was")
            .to_owned(),
        None => {
            let written = written
                .strip_prefix('"')
                .expect("the entry is written as it was")
                .strip_suffix('"')
                .expect("the entry is written as it was");
            written.replace("\\\"", "\"").replace("\\\\", "\\")
        }
    }
}

/// `data` and `stringData` of a Secret with this text come to the same text.
fn filled(text: &str) -> String {
    let one = value("stringData", &render(&secret("stringData", text)));
    let other = value("data", &render(&secret("data", &b64(text))));
    assert_eq!(plain(&other), one);
    one
}

#[test]
fn the_password_of_a_pull_secret_is_filled() {
    let auth = b64("<path:db#user>:<path:db#password>");
    let config = |auth: &str, user: &str| {
        format!(
            "{{ \"auths\" : {{\"r.test\":{{\"auth\":  \"{auth}\",\"username\":\"{user}\"}} }}}}\n"
        )
    };
    // (A line break behind the JSON cannot stand in the quotes that `secret` writes.)
    let config = |auth: &str, user: &str| config(auth, user).trim_end().to_owned();
    assert_eq!(
        filled(&config(&auth, "<path:db#user>")),
        config(&b64("svc:p@ss: #1"), "svc")
    );
}

#[test]
fn every_spelling_and_every_form_is_filled() {
    for (text, expected) in [
        ("<path:db#user>", "svc"),
        ("a<path:db#user>", "asvc"),
        ("ab<path:db#user>é", "absvcé"),
        ("a<path:db#gone | default \"x\">b", "axb"),
        ("<path:db#user | sha256sum>", "64 digits"),
        ("<path:db#json>", r#"{"a":{"b":[1,2]}}"#),
        ("<path:gone#k || path:other#user>!", "svc_other!"),
    ] {
        let one = filled(&format!("[\"{}\", \"{}\"]", b64(text), b64("other")));
        let got = plain(one.split('"').nth(1).unwrap());
        if text.contains("sha256") {
            assert_eq!(got.len(), 64);
        } else {
            assert_eq!(got, expected);
        }
        assert!(one.ends_with(&format!(", \"{}\"]", b64("other"))), "{one}");
    }
}

#[test]
fn alphabet_and_padding_stay() {
    // The byte after the value makes digits that differ in the alphabets.
    for coding in [&BASE64, &BASE64_NOPAD, &BASE64URL, &BASE64URL_NOPAD] {
        let text = coding.encode("?>?<path:db#user>?>".as_bytes());
        let same = coding.encode("?>?svc?>".as_bytes());
        assert_eq!(
            filled(&format!("{{\"a\":\"{text}\"}}")),
            format!("{{\"a\":\"{same}\"}}")
        );
    }
}

#[test]
fn escapes_of_json_are_read() {
    let text = b64("?>?<path:db#user>");
    assert!(text.contains('/') && text.ends_with('='), "{text}");
    let escaped = text.replace('/', "\\/").replace('=', "\\u003d");
    let expected = format!("{{\"\\u0061\": \"{}\"}}", b64("?>?svc"));
    assert_eq!(filled(&format!("{{\"\\u0061\": \"{escaped}\"}}")), expected);
}

#[test]
fn three_encodings_are_looked_into_and_no_more() {
    let nest = |inner: &str, times: usize| {
        (0..times).fold(inner.to_owned(), |text, _| {
            format!("{{\"a\":\"{}\"}}", b64(&text))
        })
    };
    for times in 1..=3 {
        let source = secret("stringData", &nest("<path:db#user>", times));
        assert_eq!(value("stringData", &render(&source)), nest("svc", times));
        let source = secret("data", &b64(&nest("<path:db#user>", times)));
        if times == 3 {
            let told = errors(&source);
            assert!(
                told.contains("m.yaml:4:7: a placeholder in base64 is not filled here"),
                "{told}"
            );
        } else {
            assert_eq!(plain(&value("data", &render(&source))), nest("svc", times));
        }
    }
    let told = errors(&secret("stringData", &nest("<path:db#user>", 4)));
    assert!(
        told.contains("m.yaml:4:13: a placeholder in base64 is not filled here"),
        "{told}"
    );
}

#[test]
fn the_annotation_holds_within_base64_too() {
    let auth = b64("<user>:<password | trim>");
    let source = |auth: &str, note: &str| {
        format!(
            "kind: Secret\r\nmetadata:\r\n  annotations: {{{note}}}\r\nstringData:\r\n  a: |\r\n    {{\"auths\": {{\r\n      \"r\": {{\"auth\": \"{auth}\", \"n\": <port>}}}}}}\r\n"
        )
    };
    let note = "avp.kubernetes.io/path: db";
    assert_eq!(
        render(&source(&auth, note)),
        source(&b64("svc:p@ss: #1"), note).replace("<port>", "5432")
    );
    // Without it, it is text.
    let text = source(&auth, "x: y");
    assert_eq!(render(&text), text);
}

#[test]
fn mistakes_within_base64_have_a_place_and_no_text() {
    let source = |field: &str, text: &str| {
        format!(
            "kind: Secret\nmetadata: {{annotations: {{avp.kubernetes.io/path: db}}}}\n{field}:\n  a: '{text}'\n"
        )
    };
    for (text, message) in [
        (
            "<hunter2>",
            "m.yaml:4:13: missing Vault value for placeholder ‹…›",
        ),
        (
            "<path:db#gone>",
            "missing Vault value for placeholder path:db#gone",
        ),
        ("<hunter2 | frobnicate>", "m.yaml:4:13: invalid modifier"),
        ("<path:db", "m.yaml:4:13: a placeholder has no closing"),
        (
            "\\u003cpath:db#user\\u003e",
            "m.yaml:4:13: a placeholder with escaped brackets is not filled",
        ),
    ] {
        let told = errors(&source(
            "stringData",
            &format!("{{\"k\":\"{}\"}}", b64(text)),
        ));
        assert!(
            told.contains(message) && !told.contains("hunter2"),
            "{told}"
        );
        let told = errors(&source(
            "data",
            &b64(&format!("{{\"k\":\"{}\"}}", b64(text))),
        ));
        let message = message.replace("4:13", "4:7");
        assert!(
            told.contains(&message) && !told.contains("hunter2"),
            "{told}"
        );
    }
    let escaped = with_options(Options::new().with_escaped(true));
    let text = b64("{\"x\":\"\\u003cpath:db#user\\u003e\"}");
    let rendered = render_with(&escaped, &secret("stringData", &format!("[\"{text}\"]")));
    let expected = format!("[\"{}\"]", b64("{\"x\":\"svc\"}"));
    assert_eq!(value("stringData", &rendered.unwrap()), expected);
}

#[test]
fn missing_keys_within_base64_may_take_the_entry_out() {
    let source = format!(
        "kind: Secret\nmetadata: {{annotations: {{avp.kubernetes.io/path: db, avp.kubernetes.io/remove-missing: \"true\"}}}}\nstringData:\n  a: '[\"{}\"]'\n  b: c\n",
        b64("<gone>")
    );
    assert!(render(&source).ends_with("stringData:\n  b: c\n"));
}

#[test]
fn base64_of_a_placeholder_is_an_error_anywhere_else() {
    let one = b64("<path:db#user>");
    let json = format!("{{\"auth\":\"{one}\"}}");
    let unpadded = BASE64_NOPAD.encode(b"<path:db#user>::");
    for source in [
        // Not in a Secret.
        format!("kind: ConfigMap\ndata: {{a: {one}}}\n"),
        format!("kind: ConfigMap\ndata:\n  a: '{json}'\n"),
        format!("kind: Pod\nspec: {{x: [{{value: Basic {one}}}]}}\n"),
        format!(
            "kind: ConfigMap\ndata:\n  a: \"{}\"\n",
            one.replace('B', "\\x42")
        ),
        // Not a whole string of JSON.
        secret("stringData", &format!("Basic {one}")),
        secret("stringData", &format!("{{\"a\": \"Basic {one}\"}}")),
        secret("stringData", &format!("{{\"{one}\": 1}}")),
        secret("stringData", &format!("{{a: \"{one}\"}}")),
        // Base64 of base64, and base64 that the API server refuses.
        secret("data", &b64(&one)),
        secret("stringData", &b64(&one)),
        secret("stringData", &unpadded),
    ] {
        let message = "a placeholder in base64 is not filled here";
        let told = errors(&source);
        assert!(
            told.contains(message) && !told.contains("db#user"),
            "{source}{told}"
        );
        let all = with_options(Options::new().with_allow_unresolved(true));
        assert_eq!(render_with(&all, &source).unwrap(), source);
        let ignored = source.replace(
            "kind: ",
            "metadata: {annotations: {avp.kubernetes.io/ignore: \"true\"}}\nkind: ",
        );
        assert_eq!(render(&ignored), ignored);
    }
    // Bytes that are not text, and words that only look alike (T43).
    for text in ["//88cGF0aDp4I3k+", "xwYXRoO", "8cGF0aD"] {
        let source = format!("kind: ConfigMap\ndata: {{a: {text}}}\n");
        assert_eq!(render(&source), source);
    }
}

#[test]
fn go_escaped_names_are_an_error_under_the_annotation() {
    let source = |text: &str| {
        format!(
            "kind: ConfigMap\nmetadata: {{annotations: {{avp.kubernetes.io/path: db}}}}\ndata:\n  a: '{{\"k\": \"{text}\"}}'\n"
        )
    };
    for text in [
        "\\u003cuser\\u003e",
        "\\u003CUser | trim\\u003E",
        "\\x3cuser\\x3e",
        "%3Cuser%3E",
    ] {
        let told = errors(&source(text));
        assert!(
            told.contains("a placeholder with escaped brackets is not filled"),
            "{text}: {told}"
        );
        assert!(told.contains("hint: --escaped fills it"), "{told}");
        let plain = source(text).replace(
            "metadata: {annotations: {avp.kubernetes.io/path: db}}\n",
            "",
        );
        assert_eq!(render(&plain), plain);
    }
    for text in [
        "a \\u003c b",
        "\\u003cb",
        "\\u003c/b\\u003e",
        "\\u003ca href=x\\u003e",
        "\\u003c 5 \\u003e",
        "&lt;b&gt;",
    ] {
        assert_eq!(render(&source(text)), source(text));
    }
    let escaped = with_options(Options::new().with_escaped(true));
    let rendered = render_with(&escaped, &source("\\u003cuser\\u003e"));
    assert_eq!(
        rendered.unwrap(),
        source("\\u003cuser\\u003e").replace("\\u003cuser\\u003e", "svc")
    );
}

#[test]
fn base64_that_kubernetes_refuses_is_left_in_with_a_warning() {
    for coding in [&BASE64_NOPAD, &BASE64URL] {
        let source = secret("data", &coding.encode(b"<path:db#user>a?>??"));
        let inputs = [Input::new("m.yaml", source.as_str())];
        let renderer = renderer();
        let plan = renderer.plan(&inputs).unwrap();
        assert_eq!(plan.warnings().len(), 1, "{source}");
        assert!(
            plan.warnings()[0]
                .to_string()
                .contains("Kubernetes refuses it in `data`")
        );
        assert_eq!(render(&source), source);
    }
}

#[test]
fn json_around_and_within_base64_is_looked_at() {
    use manifill::vault::backend::memory::Memory;
    let vault = Memory::new().with(
        "p",
        [("user", "u\"x"), ("plain", "longer than its placeholder")],
    );
    let renderer = manifill::Renderer::with_backend("memory", vault);
    let source = |text: &str| format!("kind: Secret\nstringData:\n  .dockerconfigjson: '{text}'\n");
    let auth = b64("<path:p#plain>:<path:p#user>");
    // The string of base64 breaks nothing, whatever is in it, and the other value is told.
    let fine = source(&format!("{{\"auth\":\"{auth}\"}}"));
    assert!(render_with(&renderer, &fine).is_ok());
    let told = common::errors_with(
        &renderer,
        &source(&format!(
            "{{\"auth\":\"{auth}\",\"user\":\"<path:p#user>\"}}"
        )),
    );
    assert!(
        told.contains("the value of placeholder path:p#user breaks the JSON around it"),
        "{told}"
    );
    // Nor may a value break JSON that is in base64 itself.
    let inner = b64("{\"user\":\"<path:p#user>\"}");
    let told = common::errors_with(&renderer, &source(&format!("{{\"a\":\"{inner}\"}}")));
    assert!(told.contains("breaks the JSON around it"), "{told}");
}

#[test]
fn a_plan_shows_nothing_of_what_base64_within_a_text_holds() {
    let source = format!(
        "kind: Secret\nmetadata: {{annotations: {{avp.kubernetes.io/path: db}}}}\nstringData:\n  a: '[\"{}\"]'\n",
        b64("<hunter2>:<path:other#user>")
    );
    let inputs = [Input::new("m.yaml", source.as_str())];
    let renderer = renderer();
    let plan = renderer.plan(&inputs).unwrap();
    let field = plan.fields().next().unwrap();
    assert!(field.base64);
    let keys: Vec<String> = field.wants.into_iter().map(|(_, key)| key).collect();
    assert_eq!(keys, ["‹…›", "user"]);
    assert!(
        plan.reads()
            .all(|read| !read.keys.contains(&"hunter2".to_owned()))
    );
}

#[test]
fn binary_data_follows_the_data_of_a_secret() {
    let source = |text: &str| {
        format!(
            "kind: ConfigMap\nmetadata: {{annotations: {{avp.kubernetes.io/path: db}}}}\nbinaryData: {{a: {text}}}\n"
        )
    };
    let json = |text: &str| b64(&format!("[\"{}\"]", b64(text)));
    let rendered = render(&source(&json("<path:db#user>, <user>")));
    assert_eq!(rendered, source(&format!("\"{}\"", json("svc, svc"))));
}

#[test]
fn binary_data_is_looked_into_without_an_annotation_too() {
    let json = |text: &str| b64(&format!("[\"{}\"]", b64(text)));
    for key in ["binaryData", "'binaryData'", "binaryData "] {
        let source = |text: &str| format!("apiVersion: v1\nkind: ConfigMap\n{key}:\n  a: {text}\n");
        let rendered = render(&source(&json("<path:db#user>!")));
        assert_eq!(rendered, source(&format!("\"{}\"", json("svc!"))));
        let told = errors(&source(&b64(&b64("<path:db#user>"))));
        assert!(
            told.contains("m.yaml:4:6: a placeholder in base64 is not filled here"),
            "{told}"
        );
    }
}
