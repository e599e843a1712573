//! Values in the JSON of a field.

use super::{failed, quiet, warned};
use futures_util::FutureExt as _;
use manifill::vault::SecretValue;
use manifill::vault::backend::memory::Memory;
use manifill::{Input, Renderer, RunContext};
use manifill_manifest::{Value, read_one};
use manifill_placeholder::encode;
use proptest::prelude::*;

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
