//! `derive`: frozen results, where they can stand, and what a policy makes of it.
#![allow(clippy::unwrap_used)]

#[path = "../common/mod.rs"]
mod common;

use common::{errors_with, render_with};
use data_encoding::{BASE64, HEXLOWER};
use manifill::policy::{App, Policy, Rule, Rules};
use manifill::transform::{KeyLocation, run};
use manifill::vault::SecretValue;
use manifill::vault::backend::memory::Memory;
use manifill::{Renderer, RunContext};
use manifill_placeholder::{Grammar, parse};

/// What stands in the vault; it must never come out.
const SEED: &str = "correct horse battery staple";

/// The first characters of `derive "sentry/rpc" N` with that seed; see `vectors.json`.
const ALNUM: &str = "C0DcKtknrkVpzrW4O2gnHqoaulScPTat";

fn renderer() -> Renderer {
    let vault = Memory::new()
        .with(
            "vaults/Home/items/root",
            [
                ("seed", SecretValue::text(SEED)),
                ("short", SecretValue::text("fifteen letters")),
                ("number", SecretValue::number("1234567890123456").unwrap()),
                (
                    "bytes",
                    SecretValue::bytes((0x80..0xa0).collect::<Vec<u8>>()),
                ),
                ("list", SecretValue::from_json("[1]").unwrap()),
                (
                    "json",
                    SecretValue::text(format!(r#"{{"seed": "{SEED}"}}"#)),
                ),
            ],
        )
        .with("other", [("user", "svc")]);
    Renderer::with_backend("memory", vault)
}

fn render(source: &str) -> String {
    render_with(&renderer(), source).unwrap_or_else(|error| panic!("{error:#}"))
}

/// They were computed by another implementation, in Python, and never change.
#[test]
fn frozen_vectors() {
    let vectors: serde_json::Value = serde_json::from_str(include_str!("vectors.json")).unwrap();
    let vectors = vectors.as_array().unwrap();
    assert_eq!(vectors.len(), 32);
    for vector in vectors {
        let text = |name: &str| vector[name].as_str().unwrap();
        let root = match text("root").split_once('*') {
            Some((byte, times)) => HEXLOWER
                .decode(byte.as_bytes())
                .unwrap()
                .repeat(times.parse().unwrap()),
            None => HEXLOWER.decode(text("root").as_bytes()).unwrap(),
        };
        let label = text("label")
            .replace('"', "\\\"")
            .replace('<', "\\u003c")
            .replace('>', "\\u003e");
        let number = vector["number"]
            .as_u64()
            .map_or(String::new(), |number| number.to_string());
        let placeholder = format!("<path:a#b | derive \"{label}\" {number} {}>", text("form"));
        let placeholder = parse(&placeholder, Grammar::new()).unwrap();
        let location = KeyLocation::new("", "", "");
        let value = SecretValue::bytes(root);
        let derived = run(&value, &placeholder.modifiers, &location).unwrap();
        assert_eq!(
            derived.expose().as_text(),
            Some(text("derived")),
            "{vector}"
        );
    }
}

#[test]
fn it_stands_wherever_a_modifier_can() {
    let of = |modifiers: &str| format!("<path:vaults/Home/items/root#seed | {modifiers}>");
    let plain = of(r#"derive "sentry/rpc" 32"#);
    let short = of("derive sentry/rpc 16 alnum");
    let encoded = of(r#"derive "sentry/rpc" 32 | base64encode"#);
    let single = of("derive ''sentry/rpc'' 16");
    let source = format!(
        "kind: Secret\nmetadata: {{annotations: {{avp.kubernetes.io/path: vaults/Home/items/root}}}}\n\
         data:\n  a: {encoded}\n  b: {}\n  c: '{}'\n\
         stringData:\n  d: {plain}\n  e: postgres://u:{short}@h\n  f: '{{\"k\": \"{single}\"}}'\n  \
         g: <seed | derive \"sentry/rpc\" 16>\n  \
         h: <path:vaults/Home/items/root#json | jsonPath {{.seed}} | derive \"sentry/rpc\" 16>\n  \
         i: <path:vaults/Home/items/gone#x || path:vaults/Home/items/root#seed | derive \"sentry/rpc\" 16>\n",
        BASE64.encode(plain.as_bytes()),
        of(r#"derive "sentry/rpc" 3 base64"#),
    );
    let derived16 = &ALNUM[..16];
    let rendered = render(&source);
    let lines: Vec<&str> = rendered.lines().skip(3).collect();
    let alnum64 = BASE64.encode(ALNUM.as_bytes());
    assert_eq!(lines[0], format!("  a: \"{alnum64}\""));
    assert_eq!(lines[1], format!("  b: \"{alnum64}\""));
    assert!(lines[2].len() == "  c: 'abcd'".len(), "{}", lines[2]);
    assert_eq!(lines[4], format!("  d: \"{ALNUM}\""));
    assert_eq!(lines[5], format!("  e: \"postgres://u:{derived16}@h\""));
    assert_eq!(lines[6], format!("  f: '{{\"k\": \"{derived16}\"}}'"));
    for (line, key) in [(7, "g"), (8, "h"), (9, "i")] {
        assert_eq!(lines[line], format!("  {key}: \"{derived16}\""));
    }
    assert!(!rendered.contains(SEED));
}

#[test]
fn base64_that_derive_made_is_no_accident() {
    let warnings = |form: &str| {
        let placeholder = format!("<path:vaults/Home/items/root#seed | derive x 24 {form}>");
        let inputs = [manifill::Input::new(
            "m.yaml",
            format!("kind: Secret\ndata: {{a: '{placeholder}'}}\n"),
        )];
        let renderer = renderer();
        let context = RunContext::new();
        let rendered = renderer.render(&inputs, &context);
        let rendered = futures_util::FutureExt::now_or_never(rendered)
            .unwrap()
            .unwrap();
        rendered.warnings().len()
    };
    assert_eq!(warnings("base64"), 0);
    assert_eq!(warnings("alnum"), 1);
}

#[test]
fn numbers_and_bytes_are_roots_and_lists_and_short_texts_are_not() {
    let of =
        |key: &str| format!("kind: A\na: <path:vaults/Home/items/root#{key} | derive x uuid>\n");
    for key in ["number", "bytes"] {
        assert_eq!(
            render(&of(key)).len(),
            "kind: A\na: \"\"\n".len() + 36,
            "{key}"
        );
    }
    let told = errors_with(&renderer(), &of("short"));
    assert!(told.starts_with(
        "m.yaml:2:41: derive: the value is shorter than 16 bytes for placeholder path:vaults/Home/items/root#short"
    ), "{told}");
    assert!(
        told.contains("openssl rand -hex 32") && !told.contains("fifteen"),
        "{told}"
    );
    let told = errors_with(&renderer(), &of("list"));
    assert!(told.contains("derive: invalid datatype"), "{told}");
}

/// A renderer whose policy has these entries for every project, for an app of the project `blog`.
fn bound(entries: &[&'static str]) -> Renderer {
    let policy = Policy::new([Rule::new("*", entries.iter().copied())]);
    let app = App::new().with_project("blog");
    renderer().with_rules(Rules::default().with_policy(policy, app))
}

fn field(modifiers: &str) -> String {
    format!("kind: A\na: <path:vaults/Home/items/root#seed{modifiers}>\n")
}

#[test]
fn an_entry_for_derive_never_gives_the_value_itself() {
    let bound = bound(&["vaults/Home/items/root | derive", "other"]);
    let own = [
        " | derive \"blog/session\" 32",
        " | derive \"blog/session\" 32 hex | base64encode",
        " | derive blog/x uuid",
        // Another alternative is judged by its own entry.
        " || path:other#user | derive \"blog/session\" 32",
    ];
    for modifiers in own {
        let rendered = render_with(&bound, &field(modifiers)).unwrap();
        assert!(!rendered.contains(SEED), "{modifiers}");
    }
    let raw = "policy gives project `blog` only what is derived of `vaults/Home/items/root`";
    let label = "only with labels that begin with `blog/`";
    for (modifiers, message) in [
        ("", raw),
        (" | base64encode", raw),
        (" | trim | derive \"blog/session\" 32", raw),
        (
            " | default \"0123456789abcdef\" | derive \"blog/session\" 32",
            raw,
        ),
        (" | sha256sum", raw),
        (" | derive \"session\" 32", label),
        (" | derive \"shop/session\" 32", label),
        (" | derive \"blog\" 32", label),
        (" | derive \"blogger/x\" 32", label),
        (" | derive \"/blog/x\" 32", label),
    ] {
        let told = errors_with(&bound, &field(modifiers));
        assert!(
            told.contains(message) && told.starts_with("m.yaml:2:"),
            "{modifiers}: {told}"
        );
        assert!(!told.contains(SEED), "{told}");
    }
}

/// A path that was found good for `derive` is not good for all.
#[test]
fn one_placeholder_that_may_derive_does_not_open_the_value_for_another() {
    let bound = bound(&["vaults/Home/items/root | derive"]);
    let derived = "<path:vaults/Home/items/root#seed | derive \"blog/a\" 8>";
    let raw = "<path:vaults/Home/items/root#seed>";
    for (one, other) in [(derived, raw), (raw, derived)] {
        let told = errors_with(&bound, &format!("kind: A\na: {one}\nb: {other}\n"));
        assert_eq!(told.lines().count(), 1, "{told}");
        assert!(told.contains("only what is derived of"), "{told}");
    }
}

#[test]
fn an_entry_without_derive_beside_it_gives_the_value() {
    let bound = bound(&["vaults/Home/items/root | derive", "vaults/Home/**"]);
    assert!(render_with(&bound, &field("")).unwrap().contains(SEED));
    // And every label, as the value itself says more than any of them.
    assert!(render_with(&bound, &field(" | derive any 8")).is_ok());
}

#[test]
fn an_annotation_may_name_a_path_that_is_for_derive() {
    let bound = bound(&["vaults/Home/items/root|derive"]);
    let source = |value: &str| {
        format!(
            "kind: A\nmetadata: {{annotations: {{avp.kubernetes.io/path: vaults/Home/items/root}}}}\na: {value}\n"
        )
    };
    assert!(render_with(&bound, &source("<seed | derive blog/a 8>")).is_ok());
    assert!(errors_with(&bound, &source("<seed>")).contains("only what is derived of"));
}

/// The names of keys are no values; what is there is read by nobody.
#[test]
fn keys_may_be_named_and_not_read() {
    use futures_util::FutureExt as _;
    use manifill::vault::Keys;
    let (bound, context) = (
        bound(&["vaults/Home/items/root | derive"]),
        RunContext::new(),
    );
    let path = "vaults/Home/items/root";
    let keys = bound.keys(path, &context).now_or_never().unwrap().unwrap();
    assert!(keys.contains(&"seed".to_owned()));
    let read = bound
        .read(path, Keys::All, &context)
        .now_or_never()
        .unwrap();
    assert!(
        read.unwrap_err()
            .to_string()
            .contains("only what is derived of")
    );
}
