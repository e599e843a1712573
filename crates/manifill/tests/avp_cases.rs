//! What argocd-vault-plugin does, case by case: recorded from its own code, kept or improved.
#![allow(clippy::unwrap_used)]

#[path = "common/avp.rs"]
mod avp;

use avp::{Case, documents};
use futures_util::FutureExt as _;
use manifill::policy::PathRules;
use manifill::vault::backend::memory::Memory;
use manifill::{Diagnostic, Input, Options, Renderer, Rules, RunContext};
use manifill_manifest::Value;

struct Cases {
    vault: Memory,
    cases: Vec<Case>,
}

fn cases() -> Cases {
    let (vault, cases) = avp::recorded();
    Cases { vault, cases }
}

impl Cases {
    fn case(&self, id: &str) -> &Case {
        self.cases.iter().find(|case| case.id == id).unwrap()
    }

    /// The rendered text, or every finding with its hint.
    fn render(&self, case: &Case, options: Options) -> Result<String, String> {
        let validation = case
            .flags
            .iter()
            .skip_while(|flag| *flag != "-validate")
            .skip(1);
        let rules =
            PathRules::new(validation.map(String::as_str)).map_err(|error| error.to_string())?;
        let renderer = Renderer::with_backend("memory", self.vault.clone())
            .with_options(options)
            .with_rules(Rules::validating(rules));
        let inputs = [Input::new("case.yaml", case.input.as_str())];
        let rendered = renderer
            .render(&inputs, &RunContext::new())
            .now_or_never()
            .unwrap()
            .map_err(|error| {
                let line = |error: &Diagnostic| {
                    format!("{error}; {}\n", error.hint.as_deref().unwrap_or_default())
                };
                error.errors().map(line).collect::<String>()
            })?;
        Ok(rendered.texts()[0].to_string())
    }

    fn text(&self, id: &str) -> String {
        self.render(self.case(id), Options::default())
            .unwrap_or_else(|error| panic!("{id}: {error}"))
    }

    fn error(&self, id: &str) -> String {
        self.render(self.case(id), Options::default())
            .expect_err(id)
    }

    /// The one document of a case, as a map.
    fn document(&self, id: &str) -> Vec<(String, Value)> {
        match documents(&self.text(id)).pop() {
            Some(Value::Map(map)) => map,
            other => panic!("{id}: {other:?}"),
        }
    }
}

fn field<'v>(map: &'v [(String, Value)], name: &str) -> &'v Value {
    &map.iter()
        .find(|(key, _)| key == name)
        .unwrap_or_else(|| panic!("no {name}: {map:?}"))
        .1
}

fn text(value: &str) -> Value {
    Value::Text(value.to_owned())
}

#[test]
fn what_is_kept_reads_as_argocd_vault_plugins_output() {
    let cases = cases();
    let mut kept = 0;
    for case in cases.cases.iter().filter(|case| case.verdict == "KEEP") {
        kept += 1;
        match (cases.render(case, Options::default()), case.avp_rc) {
            (Ok(ours), 0) => {
                assert_eq!(documents(&ours), documents(&case.avp_stdout), "{}", case.id)
            }
            (Err(_), 1) => {}
            (ours, rc) => panic!(
                "{}: {ours:?}, but argocd-vault-plugin ended with {rc}",
                case.id
            ),
        }
    }
    assert!(kept > 20, "the table has {kept} cases to keep");
}

#[test]
fn every_improved_case_is_tested_below() {
    let improved: Vec<String> = cases()
        .cases
        .iter()
        .filter(|case| case.verdict == "IMPROVE")
        .map(|case| case.id.clone())
        .collect();
    assert_eq!(
        improved.join(" "),
        "T03 T09 T11 T17 T21 T23 T27 T31 T33 T37 T43 T55 T57 T65 T67 T73 T81 T83 T85"
    );
}

#[test]
fn white_space_round_the_path_is_trimmed_t03() {
    assert_eq!(field(&cases().document("T03"), "a"), &text("svc_orders"));
}

#[test]
fn white_space_round_a_key_is_trimmed_tabs_too_t09() {
    assert_eq!(field(&cases().document("T09"), "a"), &text("svc_orders"));
}

#[test]
fn path_must_come_first_t11() {
    let error = cases().error("T11");
    assert!(
        error.contains("zzpath:vaults/Prod/items/Cache#user"),
        "{error}"
    );
}

#[test]
fn prose_in_an_annotated_document_is_an_error_with_a_place_unless_strict_t17() {
    let cases = cases();
    let error = cases.error("T17");
    assert!(
        error.contains("case.yaml:3:6: ") && error.contains("--strict"),
        "{error}"
    );
    let strict = Options::new().with_strict(true);
    assert_eq!(
        cases.render(cases.case("T17"), strict).unwrap(),
        cases.case("T17").input
    );
}

#[test]
fn lists_in_lists_are_visited_t21() {
    let rendered = cases().text("T21");
    assert!(!rendered.contains("<user>"), "{rendered}");
    assert_eq!(rendered.matches("svc_orders").count(), 4, "{rendered}");
}

#[test]
fn a_number_among_the_annotations_switches_nothing_off_t23() {
    let cases = cases();
    assert_eq!(field(&cases.document("T23"), "a"), &text("svc_orders"));
    let renderer = Renderer::with_backend("memory", cases.vault.clone());
    let inputs = [Input::new("case.yaml", cases.case("T23").input.as_str())];
    let plan = renderer.plan(&inputs).unwrap();
    assert!(
        plan.warnings()[0].message.contains("`build`"),
        "{:?}",
        plan.warnings()
    );
}

#[test]
fn an_ignored_document_reads_nothing_t27() {
    let cases = cases();
    assert_eq!(cases.text("T27"), cases.case("T27").input);
}

#[test]
fn an_object_in_a_config_map_becomes_compact_json_t31() {
    let document = cases().document("T31");
    let Value::Map(data) = field(&document, "data") else {
        panic!("{document:?}")
    };
    assert_eq!(field(data, "o"), &text(r#"{"x":[1,{"y":"z"}]}"#));
}

#[test]
fn a_number_inside_text_becomes_text_t33() {
    assert_eq!(field(&cases().document("T33"), "a"), &text("v3-str"));
}

#[test]
fn a_key_that_stands_twice_is_an_error_when_strict_t37() {
    let cases = cases();
    let case = cases.case("T37");
    assert_eq!(cases.text("T37"), case.input);
    let strict = Options::new().with_strict(true);
    let error = cases.render(case, strict).unwrap_err();
    assert!(
        error.contains("case.yaml:3:1: ") && error.contains("line 2"),
        "{error}"
    );
}

#[test]
fn bytes_that_look_like_a_placeholder_are_left_alone_t43() {
    let cases = cases();
    assert_eq!(cases.text("T43"), cases.case("T43").input);
}

#[test]
fn an_empty_modifier_is_an_error_t55() {
    assert!(cases().error("T55").contains("empty modifier"));
}

#[test]
fn bad_base64_is_an_error_t57() {
    let error = cases().error("T57");
    assert!(
        error.contains("illegal base64 data at input byte 4"),
        "{error}"
    );
}

#[test]
fn a_parsed_null_is_null_t65_t67() {
    assert_eq!(field(&cases().document("T65"), "a"), &Value::Null);
    assert_eq!(field(&cases().document("T67"), "a"), &Value::Null);
}

#[test]
fn del_is_escaped_t73() {
    assert_eq!(field(&cases().document("T73"), "a"), &text("a\u{7f}b"));
}

#[test]
fn a_flow_map_that_is_not_json_is_yaml_t81() {
    assert_eq!(
        cases().document("T81"),
        [("b".to_owned(), text("c")), ("kind".to_owned(), text("A"))]
    );
}

#[test]
fn a_document_without_kind_is_an_error_without_its_body_t83() {
    let error = cases().error("T83");
    assert!(error.contains("Object 'Kind' is missing"), "{error}");
    assert!(error.contains("case.yaml:1:1: "), "{error}");
    assert!(
        !error.contains("a: 1") && !error.contains("\"a\""),
        "{error}"
    );
}

#[test]
fn nothing_is_rendered_when_one_document_fails_t85() {
    let error = cases().error("T85");
    assert!(
        error.contains("case.yaml:4:4: ") && error.contains("nope"),
        "{error}"
    );
}
