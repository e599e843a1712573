//! What was probably meant for manifill and does nothing: annotations and text in brackets.
#![allow(clippy::unwrap_used)]

mod common;

use common::{errors, render, renderer, told};
use futures_util::FutureExt as _;
use manifill::{Input, Options, Renderer, RunContext};

/// Renders what changes nothing, and gives the warnings with their hints.
fn warned(source: &str) -> Vec<String> {
    warned_by(&renderer(), source)
}

fn warned_by(renderer: &Renderer, source: &str) -> Vec<String> {
    let inputs = [Input::new("m.yaml", source)];
    let rendered = renderer.render(&inputs, &RunContext::new()).now_or_never();
    let rendered = rendered
        .unwrap()
        .unwrap_or_else(|error| panic!("{}", told(&error)));
    let line =
        |one: &manifill::Diagnostic| format!("{one} | {}", one.hint.as_deref().unwrap_or_default());
    rendered.warnings().iter().map(line).collect()
}

fn annotated(name: &str) -> String {
    format!("kind: ConfigMap\nmetadata:\n  annotations: {{{name}: \"1\"}}\ndata: {{a: b}}\n")
}

#[test]
fn an_annotation_that_does_not_exist_is_an_error_with_the_one_that_was_meant() {
    for (name, meant) in [
        ("avp.kubernetes.io/Path", "avp.kubernetes.io/path"),
        ("avp.kubernetes.io/paths", "avp.kubernetes.io/path"),
        ("manifill.dev/path", "avp.kubernetes.io/path"),
        ("avp.kubernetes.io/backend", "manifill.dev/backend"),
        (
            "avp.kubernetes.io/remove_missing",
            "avp.kubernetes.io/remove-missing",
        ),
        (
            "avp.kubernetes.io/secretversion",
            "avp.kubernetes.io/secret-version",
        ),
        (
            "avp.kubernetes.io/kv_version",
            "avp.kubernetes.io/kv-version",
        ),
    ] {
        let told = errors(&annotated(name));
        let expected = format!(
            "m.yaml:3:{}: no annotation is called `{name}`",
            19 + name.len()
        );
        assert!(told.contains(&expected), "{expected}: {told}");
        assert!(
            told.contains(&format!("hint: did you mean `{meant}`?")),
            "{told}"
        );
        // As a number it would be no annotation for Kubernetes, either.
        assert!(errors(&annotated(name).replace("\"1\"", "1")).contains("no annotation is called"));
        assert!(render(&annotated(meant).replace("\"1\"", "\"db\"")).contains("a: b"));
    }
    let told = errors(&annotated("avp.kubernetes.io/frobnicate"));
    assert!(
        told.contains("annotations are `avp.kubernetes.io/path`, "),
        "{told}"
    );
    let ignored = annotated("avp.kubernetes.io/ignore: \"true\", avp.kubernetes.io/paths");
    assert_eq!(render(&ignored), ignored);
}

#[test]
fn names_that_are_nearly_an_annotation_get_a_warning() {
    for (name, meant) in [
        ("avp.kuberenetes.io/path", "path"),
        ("avp.kubernets.io/remove-missing", "remove-missing"),
        ("app.kubernetes.io/path", "path"),
        ("avp_path", "path"),
        ("AVP-Path", "path"),
        ("avp_remove_missing", "remove-missing"),
        ("avp.kubernetes.iopath", "path"),
    ] {
        let source = annotated(name)
            .replace("ConfigMap", "Secret")
            .replace("kind", "# <op://\nkind");
        let warnings = warned(&source);
        assert_eq!(warnings.len(), 1, "{name}: {warnings:?}");
        let expected = format!(
            "m.yaml:4:17: `{name}` is no annotation of manifill and does nothing | did you mean `avp.kubernetes.io/{meant}`?"
        );
        assert_eq!(warnings[0], expected);
    }
    for name in [
        "app.kubernetes.io/name",
        "kubernetes.io/path",
        "path",
        "avp",
        "example.com/avp_path",
        "argocd.argoproj.io/sync-wave",
    ] {
        let source = annotated(name).replace("ConfigMap", "Secret");
        assert!(warned(&source).is_empty(), "{name}");
    }
}

#[test]
fn an_annotation_in_the_wrong_place_gets_a_warning() {
    let note = "{avp.kubernetes.io/path: db}";
    for (source, place) in [
        (
            format!("kind: Secret\nmetadata: {{labels: {note}}}\n"),
            "2:21: `avp.kubernetes.io/path` does nothing among the labels",
        ),
        (
            format!("kind: Secret\nannotations: {note}\n"),
            "2:15: `avp.kubernetes.io/path` does nothing outside of metadata",
        ),
        (
            format!(
                "kind: Deployment\nspec:\n  template:\n    metadata: {{annotations: {note}}}\n"
            ),
            "4:30: `avp.kubernetes.io/path` does nothing in a pod template",
        ),
        (
            format!(
                "kind: CronJob\nspec: {{jobTemplate: {{spec: {{template: {{metadata: {{annotations: {note}}}}}}}}}}}\n"
            ),
            "2:65: `avp.kubernetes.io/path` does nothing in a pod template",
        ),
        (
            format!(
                "kind: List\nmetadata: {{annotations: {note}}}\nitems:\n- kind: Secret\n  metadata: {{labels: {note}}}\n"
            ),
            "5:23: `avp.kubernetes.io/path` does nothing among the labels",
        ),
    ] {
        let warnings = warned(&source);
        assert_eq!(warnings.len(), 1, "{source}{warnings:?}");
        assert!(
            warnings[0].starts_with(&format!("m.yaml:{place}")),
            "{source}{warnings:?}"
        );
    }
    for source in [
        // kustomize's commonAnnotations sets both.
        format!(
            "kind: Deployment\nmetadata: {{annotations: {note}}}\nspec: {{template: {{metadata: {{annotations: {note}}}}}}}\n"
        ),
        "kind: Secret\nmetadata: {labels: {manifill.dev/readable: \"true\"}}\n".to_owned(),
        "# avp.kubernetes.io/path\nkind: Secret\n".to_owned(),
    ] {
        assert_eq!(warned(&source), [""; 0], "{source}");
    }
}

#[test]
fn a_name_in_brackets_in_a_secret_without_a_path_is_an_error() {
    let all = renderer().with_options(Options::new().with_allow_unresolved(true));
    for (value, shown) in [
        (
            "stringData: {a: <password>}",
            "2:17: `<password>` is not filled",
        ),
        (
            "stringData: {a: \" <my key | trim> \"}",
            "2:19: `<my key | trim>` is not filled",
        ),
        ("data: {a: PHBhc3N3b3JkPgo=}", "2:11: `<‹…›>` is not filled"),
        (
            "data: {a: <pass.word>}",
            "2:11: `<pass.word>` is not filled",
        ),
    ] {
        let source = format!("kind: Secret\n{value}\n");
        let told = errors(&source);
        assert!(told.contains(&format!("m.yaml:{shown}")), "{told}");
        assert!(
            told.contains("hint: set that annotation, or write <path:PATH#KEY>"),
            "{told}"
        );
        assert_eq!(warned_by(&all, &source), [""; 0]);
        let other = source.replace("Secret", "ConfigMap # Secret");
        assert_eq!(render(&other), other);
    }
    for text in [
        "<a/>",
        "<vault:a>",
        "<user>:<password>",
        "x <user>",
        "<a href='b'>",
        "<!-- -->",
        "<5>",
        "<?xml?>",
    ] {
        let source = format!("kind: Secret\nstringData: {{a: \"{text}\"}}\n");
        assert_eq!(render(&source), source);
    }
}

#[test]
fn half_a_placeholder_and_slips_get_a_warning_that_says_what_to_write() {
    let note = "metadata: {annotations: {avp.kubernetes.io/path: db}}\n";
    for (value, warning) in [
        (
            "<user",
            "3:11: `<user` is half a placeholder and is not filled | write <user>",
        ),
        (
            "other>",
            "3:11: `other>` is half a placeholder and is not filled | write <other>",
        ),
        (
            "user>",
            "3:11: `user>` is half a placeholder and is not filled | write <user>",
        ),
    ] {
        let source = format!("kind: Secret\n{note}x: {{a: {value}}}\n");
        let at = source.find(value).unwrap() - source.rfind("x: ").unwrap() + 1;
        assert_eq!(
            warned(&source),
            [format!(
                "m.yaml:{}",
                warning.replace("3:11", &format!("3:{at}"))
            )]
        );
        let plain = source.replace(note, "");
        assert_eq!(warned(&plain), [""; 0]);
    }
    for value in ["path:db#user>", "op://a/b/c>"] {
        let warning = format!("`{value}` is half a placeholder and is not filled | write <{value}");
        for (note, line) in [(note, 3), ("", 2)] {
            assert_eq!(
                warned(&format!("kind: Secret\n{note}x: {{a: '{value}'}}\n")),
                [format!("m.yaml:{line}:9: {warning}")]
            );
        }
    }
    for value in ["path:db>", "x path:db#user>", "path: a#b -> c>", "op://a>"] {
        assert_eq!(
            warned(&format!("kind: Secret\nx: {{a: '{value}'}}\n")),
            [""; 0],
            "{value}"
        );
    }
    for (value, warning) in [
        (
            "a < path:db#user >",
            "4: `< path:` does not begin a placeholder | write <path:",
        ),
        (
            "<Path:db#user>",
            "2: `<Path:` does not begin a placeholder | write <path:",
        ),
        (
            "<PATH:db#user>",
            "2: `<PATH:` does not begin a placeholder | write <path:",
        ),
        (
            "<OP://a/b/c>",
            "2: `<OP://` does not begin a placeholder | write <op://",
        ),
    ] {
        let warnings = warned(&format!("kind: Secret\nx: {value}\n"));
        let column = 3 + value.find('<').unwrap() + 1;
        let (_, warning) = warning.split_once(": ").unwrap();
        assert_eq!(warnings, [format!("m.yaml:2:{column}: {warning}")]);
    }
    for value in ["a < b", "<p>", "<operator>", "<P/>", "< 5"] {
        assert_eq!(warned(&format!("kind: Secret\nx: a {value}\n")), [""; 0]);
    }
}

#[test]
fn references_without_brackets_get_a_warning_in_secrets_and_config_maps() {
    for value in [
        "op://v/i/f",
        "op://v/i/s/f",
        "'{{ op://v/i/f }}'",
        "'{{op://My vault/i/f}}'",
    ] {
        for kind in ["Secret", "ConfigMap"] {
            let source = format!("kind: {kind}\nmetadata: {{annotations: {{manifill.dev/backend: x}}}}\ndata: {{a: {value}}}\n")
                .replace("manifill.dev/backend: x", "avp.kubernetes.io/remove-missing: \"0\"");
            let warnings = warned(&source);
            assert_eq!(warnings.len(), 1, "{source}");
            let bare = value.trim_matches(['\'', '{', '}', ' ']);
            assert!(
                warnings[0].ends_with(&format!(
                    "a reference without brackets is not filled | write <{bare}>"
                )),
                "{warnings:?}"
            );
        }
        // 1Password's injector takes them from here.
        let pod = format!(
            "kind: Pod\nmetadata: {{annotations: {{avp.kubernetes.io/path: db}}}}\nenv: [{{value: {value}}}]\n"
        );
        assert_eq!(warned(&pod), [""; 0]);
    }
    // A path may be one, and it is judged as such.
    let path = "kind: Secret\nmetadata: {annotations: {avp.kubernetes.io/path: 'op://v/i/f'}}\n";
    assert_eq!(warned(path), [""; 0]);
    // In base64, too.
    let warnings = warned("kind: Secret\ndata: {a: b3A6Ly92L2kvZg==}\n");
    assert_eq!(
        warnings,
        ["m.yaml:2:11: a reference without brackets is not filled | write <op://v/i/f>"]
    );
    for value in ["see op://v/i/f", "op://v/i", "op://v//f", "{{ x }}"] {
        assert_eq!(
            warned(&format!("kind: Secret\nstringData: {{a: '{value}'}}\n")),
            [""; 0]
        );
    }
}

#[test]
fn a_placeholder_in_a_key_gets_a_warning() {
    let warning = "a placeholder in a key is not filled | placeholders stand in values";
    assert_eq!(
        warned("kind: A\ndata: {<path:db#user>: b}\n"),
        [format!("m.yaml:2:8: {warning}")]
    );
    let source = "kind: A\nmetadata: {annotations: {avp.kubernetes.io/path: db}}\ndata: {\"<user>\": b, <<: {}}\n";
    assert_eq!(warned(source), [format!("m.yaml:3:8: {warning}")]);
    assert_eq!(warned("kind: Secret\ndata: {<user>: b}\n"), [""; 0]);
}

#[test]
fn numeric_entities_are_escapes() {
    for text in ["&#60;path:db#user&#62;", "&#x3c;path:db#user&#x3E;"] {
        let source = format!("kind: Pod\nx: '{text}'\n");
        let told = errors(&source);
        assert!(
            told.contains("a placeholder with escaped brackets is not filled"),
            "{told}"
        );
        let escaped = renderer().with_options(Options::new().with_escaped(true));
        assert_eq!(
            common::render_with(&escaped, &source).unwrap(),
            "kind: Pod\nx: 'svc'\n"
        );
    }
}

#[test]
fn a_key_that_is_missing_has_a_hint_that_can_be_followed() {
    let source = |text: &str| {
        format!(
            "kind: ConfigMap\nmetadata: {{annotations: {{avp.kubernetes.io/path: db}}}}\ndata: {{a: \"{text}\"}}\n"
        )
    };
    let field = "is read as a field of `db`; use one of the names above, or, if it is only text, ";
    for (text, hint) in [
        ("<key>", format!("hint: `<key>` {field}write the placeholders as <path:PATH#KEY> and take the annotation away\n")),
        ("<your name>", format!("hint: `<your name>` {field}use --strict, or write ")),
        ("<pasword>", "hint: did you mean `password`?".to_owned()),
        ("<path:vaults/Home/items/x>", "hint: write <path:PATH#KEY>\n".to_owned()),
        ("<Path:db#user>", "hint: write <path:PATH#KEY>\n".to_owned()),
        ("<password#2>", "hint: the annotation avp.kubernetes.io/secret-version asks for a version; so does <path:PATH#password#2>\n".to_owned()),
        ("<nothing#2>", format!("hint: `<nothing#2>` {field}use --strict, or write ")),
    ] {
        let told = errors(&source(text));
        assert!(told.contains(&hint), "{text}: {told}");
    }
    // What the hints say: --strict spares the one, and taking the annotation away both.
    let strict = renderer().with_options(Options::new().with_strict(true));
    let told = common::errors_with(&strict, &source("<key>"));
    assert!(told.contains(&format!("{field}write")), "{told}");
    assert_eq!(
        common::render_with(&strict, &source("<your name>")).unwrap(),
        source("<your name>")
    );
    let bare = source("<key>").replace("avp.kubernetes.io/path: db", "");
    assert_eq!(render(&bare), bare);
    // A placeholder with a path is none of these.
    let told = errors(&source("<path:db#zzzzzzz>"));
    assert!(!told.contains("hint"), "{told}");
}

#[test]
fn a_run_that_ends_before_its_reads_says_how_many_they_were() {
    let run = |source: &str| {
        let inputs = [Input::new("m.yaml", source)];
        let rendered = renderer()
            .render(&inputs, &RunContext::new())
            .now_or_never();
        rendered.unwrap().unwrap_err().secrets_unread()
    };
    assert_eq!(
        run("kind: A\nx: <path:db#user>\ny: <path:other#gone>\nz: <path:x>\n"),
        2
    );
    assert_eq!(run("kind: A\nz: <path:x>\n"), 0);
    assert_eq!(run("kind: A\nx: <path:db#gone>\n"), 0);
}
