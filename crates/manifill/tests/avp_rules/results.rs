//! Rules 16 to 21: what a value becomes.

use crate::*;

#[test]
fn rule_16_a_value_alone_keeps_its_type_t28_t32() {
    check(
        typed_foo,
        "a: <n>\nb: <f>\nc: <t>\nd: <o>\ne: <s>\nl: [<n>]",
        "a: 3\nb: 2.5\nc: true\nd: {x: [1, {y: z}]}\ne: str\nl: [3]",
    );
}

#[test]
fn rule_16_what_takes_only_text_gets_text() {
    let secret = |body: &str| typed("Secret", body);
    let filled =
        "stringData: {a: '3', b: 'true', c: '2.5', d: '{\"x\":[1,{\"y\":\"z\"}]}'}\ntype: 3";
    assert_eq!(
        documents(&render(&secret(
            "stringData: {a: <n>, b: <t>, c: <f>, d: <o>}\ntype: <n>"
        ))),
        documents(&secret(filled))
    );
}

#[test]
fn rule_16_in_text_every_value_is_text_t33() {
    check(
        typed_foo,
        "a: v<n>-<s>-<t>\nb: <n><n>\nc: 'x<o>'\nd: ' <n>'",
        "a: v3-str-true\nb: '33'\nc: 'x{\"x\":[1,{\"y\":\"z\"}]}'\nd: ' 3'",
    );
}

#[test]
fn rule_17_null_is_missing_t52() {
    let error = error(&typed_foo("a: <nul>"));
    assert!(
        error.contains("missing Vault value for placeholder nul: `kv/typed` has no value for key `nul`; a null counts as missing"),
        "{error}"
    );
    check(typed_foo, "a: <nul | default \"d\">", "a: d");
}

#[test]
fn rule_17_an_empty_text_is_a_value_t53() {
    check(
        foo,
        "a: <empty>\nb: x<empty>y\nc: <empty | default \"d\">",
        "a: ''\nb: xy\nc: ''",
    );
}

#[test]
fn rule_18_everything_in_a_config_map_is_text_t29_t30_t31() {
    let map = |body: &str| typed("ConfigMap", body);
    assert_eq!(
        documents(&render(&map(
            "data: {a: <n>, b: <t>, c: <f>, d: <o>, e: <big>, f: x<f>}\nother: [<n>, {k: <t>}]"
        ))),
        documents(&map(
            "data: {a: '3', b: 'true', c: '2.5', d: '{\"x\":[1,{\"y\":\"z\"}]}', e: '9007199254740993', f: x2.5}\nother: ['3', {k: 'true'}]"
        ))
    );
    let parsed = of(
        "ConfigMap",
        "data: {a: <jnull | jsonParse>, b: <b64 | base64decode>}",
    );
    assert!(render(&parsed).ends_with("data: {a: \"null\", b: \"green\"}\n"));
}

#[test]
fn rule_19_base64_in_any_field_of_a_secret_is_filled_inside_t39_t40() {
    // <path:vaults/Prod/items/Db#user>
    let encoded = "PHBhdGg6dmF1bHRzL1Byb2QvaXRlbXMvRGIjdXNlcj4=";
    let body = format!(
        "type: {encoded}\ndata: {{a: {encoded}}}\nstringData: {{a: {encoded}}}\nl: [{encoded}, {{k: {encoded}}}]\nmetadata: {{name: {encoded}, labels: {{l: {encoded}}}}}\n"
    );
    let source = format!("kind: Secret\n{body}");
    assert_eq!(
        documents(&render(&source)),
        documents(&source.replace(encoded, "c3ZjX29yZGVycw=="))
    );
    refuse(
        &format!("kind: Foo\n{body}"),
        &["m.yaml:2:7: a placeholder in base64 is not filled here"],
    );
}

#[test]
fn rule_19_clear_text_in_data_is_an_error() {
    refuse(
        &secret("data: {a: <password>}"),
        &["m.yaml:3:11: ", "use stringData or | base64encode"],
    );
}

#[test]
fn rule_19_values_of_any_type_fit_into_base64_t42() {
    // x <n> <o> <t>
    let source = typed("Secret", "data: {a: eCA8bj4gPG8+IDx0Pg==}");
    // x 3 {"x":[1,{"y":"z"}]} true
    assert!(render(&source).ends_with("data: {a: \"eCAzIHsieCI6WzEseyJ5IjoieiJ9XX0gdHJ1ZQ==\"}\n"));
    // <path:bytes#raw>
    let source = "kind: Secret\ndata: {a: PHBhdGg6Ynl0ZXMjcmF3Pg==}\n";
    assert_eq!(render(source), "kind: Secret\ndata: {a: \"/wA=\"}\n");
}

#[test]
fn rule_20_in_base64_brackets_count_as_the_document_says_t42() {
    // <user>
    let body = "data: {a: PHVzZXI+}";
    check(secret, body, "data: {a: c3ZjX29yZGVycw==}");
    // Without the annotation it is text, and hardly meant as such.
    refuse(
        &format!("kind: Secret\n{body}\n"),
        &["m.yaml:2:11: `<‹…›>` is not filled"],
    );
}

#[test]
fn rule_20_other_alphabets_blanks_and_missing_padding_are_no_base64_t44_t45() {
    let source = secret("data:\n  a: PHVz ZXI+\n  b: PHVzZXI-\n  c: eDx1c2VyPg");
    assert_eq!(render(&source), source);
}

#[test]
fn rule_21_digits_are_kept() {
    assert!(render(&typed_foo("a: <big>")).ends_with("a: 9007199254740993\n"));
    let body = "a: <cfg | jsonPath {.acct}>\nb: <cfg | jsonParse>";
    let rendered = render(&foo(body));
    assert!(
        rendered.contains("a: \"123456789012\"\n") && rendered.contains("\"acct\": 123456789012"),
        "{rendered}"
    );
}
