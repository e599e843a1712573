//! Rules 31 to 39: modifiers.

use crate::*;

#[test]
fn rule_31_modifiers_without_arguments_take_none_t70() {
    for name in [
        "base64encode",
        "base64decode",
        "jsonParse",
        "yamlParse",
        "sha256sum",
    ] {
        let words = format!("{name}: invalid parameters for placeholder user");
        refuse(&foo(&format!("a: <user | {name} x>")), &[&words]);
    }
}

#[test]
fn rule_31_names_are_case_sensitive_and_run_from_left_to_right_t54() {
    refuse(
        &foo("a: <user | Base64Encode>"),
        &["invalid modifier: Base64Encode"],
    );
    check(
        foo,
        "a: <user | base64encode | base64decode>\nb: <user | base64encode | sha256sum>",
        "a: svc_orders\nb: 16983a8bf94b08ef2fceeaff8fa9d464f244c1dc840c626edd6c736590aa4050",
    );
}

#[test]
fn rule_31_numbers_and_booleans_are_taken_as_text_and_lists_are_refused_t70() {
    check(
        typed_foo,
        "a: <n | base64encode>\nb: <t | base64encode>\nc: <n | jsonPath {}>\nd: <n | jsonParse>",
        "a: Mw==\nb: dHJ1ZQ==\nc: '3'\nd: 3",
    );
    for name in [
        "base64encode",
        "sha256sum",
        "jsonParse",
        "yamlParse",
        "indent 2",
    ] {
        let modifier = name.split(' ').next().unwrap();
        let words = format!("{modifier}: invalid datatype map for placeholder o");
        refuse(&typed_foo(&format!("a: <o | {name}>")), &[&words]);
    }
    assert!(render(&plain("a: <path:bytes#raw | base64encode>")).ends_with("a: \"/wA=\"\n"));
}

#[test]
fn rule_32_wrong_base64_is_an_error_with_its_place_t57() {
    refuse(
        &foo("a: <badb64 | base64decode>"),
        &["base64decode: illegal base64 data at input byte 4 for placeholder badb64"],
    );
    check(foo, "a: <b64 | base64decode>", "a: green");
}

#[test]
fn rule_33_the_sum_of_an_empty_text_t69() {
    check(
        foo,
        "a: <empty | sha256sum>",
        "a: e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855",
    );
}

#[test]
fn rule_34_parsed_values_have_types_t66() {
    check(
        foo,
        "a: <yml | yamlParse>\nb: <cfg | jsonParse | jsonPath {.hosts[1].h}>\nc: <port | jsonParse>\nd: <port | yamlParse>",
        "a: {a: true, b: 8, c: 1.5, d: [p, q]}\nb: b\nc: 5432\nd: 5432",
    );
}

#[test]
fn rule_34_null_is_null_t65_t67() {
    check(
        foo,
        "a: <jnull | jsonParse>\nb: <empty | yamlParse>\nc: [<jnull | yamlParse>]",
        "a: null\nb: null\nc: [null]",
    );
}

#[test]
fn rule_34_what_is_not_json_is_an_error_and_is_not_shown() {
    for key in ["empty", "user", "yml"] {
        let error = error(&foo(&format!("a: <{key} | jsonParse>")));
        assert!(
            error.contains(&format!(
                "jsonParse: the value is not valid JSON for placeholder {key}"
            )),
            "{error}"
        );
        assert!(!error.contains("svc_orders"), "{error}");
    }
}

#[test]
fn rule_35_indent_leaves_the_first_line_and_keeps_the_rest_t68() {
    check(
        foo,
        "a: <pem | indent 2>\nb: <lead | indent +3>\nc: <user | indent 4>",
        "a: \"-----BEGIN KEY-----\\n  QUJD\\n\\n    indented\\n  REVG\\n  -----END KEY-----\\n\"\nb: \"  two\\n       four\\n\"\nc: svc_orders",
    );
}

#[test]
fn rule_35_indent_fits_into_a_block() {
    let rendered = render(&foo(
        "cfg: |-\n  tls:\n    key: |\n      <pem | trim | indent 4>",
    ));
    assert!(
        rendered.ends_with("cfg: |-\n  tls:\n    key: |\n      -----BEGIN KEY-----\n      QUJD\n\n        indented\n      REVG\n      -----END KEY-----\n"),
        "{rendered}"
    );
}

#[test]
fn rule_35_indent_takes_one_number_t68() {
    for arguments in ["", " x", " 1 2", " -1", " 1001", " 99999999999999999999"] {
        refuse(
            &foo(&format!("a: <pem | indent{arguments}>")),
            &["indent: invalid parameters for placeholder pem"],
        );
    }
}

/// Runs `jsonPath` on the JSON of the recorded cases.
fn selects(expression: &str, expected: &str) {
    let source = foo(&format!(
        "a: '<cfg | jsonPath {}>'",
        expression.replace('\'', "''")
    ));
    let rendered = render(&source);
    let Value::Map(fields) = &documents(&rendered)[0] else {
        panic!("{rendered}")
    };
    assert_eq!(
        fields.iter().find(|(key, _)| key == "a").unwrap().1,
        Value::Text(expected.to_owned()),
        "{expression}"
    );
}

#[test]
fn rule_36_the_dialect_is_kubectls_t60() {
    for (expression, expected) in [
        (".a", ".a"),
        ("x{.on}y{\"\\n\"}{'z'}", "xtruey\nz"),
        ("{$.hosts[0].h}", "a"),
        ("{.hosts[-1].h}", "c"),
        ("{.hosts[0:2].h}", "a b"),
        ("{.hosts[0:3:2].h}", "a c"),
        ("{.hosts[*].h}", "a b c"),
        ("{..h}", "a b c"),
        ("{.hosts[0,2].h}", "a c"),
        ("{.hosts[0]['h','w']}", "a 1"),
        ("{range .hosts[*]}{.h}={.w};{end}", "a=1;b=2;c=3;"),
        ("{.hosts[?(@.h==\"b\")].w}", "2"),
        ("{.hosts[?(@.h!=\"b\")].w}", "1 3"),
        ("{.k\\.d}", "dotted"),
    ] {
        selects(expression, expected);
    }
}

#[test]
fn rule_36_brackets_in_filters_are_written_as_escapes_t64() {
    selects("{.hosts[?(@.w\\u003e1)].h}", "b c");
    selects("{.hosts[?(@.w\\u003c=2)].h}", "a b");
    refuse(
        &foo("a: '<cfg | jsonPath {.hosts[?(@.w>1)].h}>'"),
        &["m.yaml:3:", "write \\u003e"],
    );
    for head in ["cfg", "path:vaults/Prod/items/Db#cfg"] {
        let source = foo(&format!("a: '<{head} | jsonPath {{.hosts[?(@.w<2)].h}}>'"));
        let error = error(&source);
        assert!(
            error.contains("an argument contains `<`; write \\u003c"),
            "{error}"
        );
        assert_eq!(error.lines().count(), 1, "{error}");
    }
}

#[test]
fn rule_36_filters_compare_numbers_as_numbers() {
    selects("{.hosts[?(@.w==2)].h}", "b");
    selects("{.hosts[?(@.w==2.0)].h}", "b");
}

#[test]
fn rule_36_a_name_with_a_dot_may_stand_in_quotes() {
    selects("{['k.d']}", "dotted");
    selects("{['k\\.d']}", "dotted");
}

#[test]
fn rule_36_white_space_between_arguments_is_one_blank_t61() {
    selects("{.on}   {.rate}", "true 0.25");
}

#[test]
fn rule_37_the_input_is_json_or_an_object_t63() {
    check(typed_foo, "a: '<o | jsonPath {.x[1].y}>'", "a: z");
    for (placeholder, words) in [
        (
            "user | jsonPath {.a}",
            "jsonPath: the value is not valid JSON for placeholder user",
        ),
        (
            "cfg | jsonPath {.zip}",
            "jsonPath: zip is not found for placeholder cfg",
        ),
        (
            "cfg | jsonPath {.hosts[9]}",
            "jsonPath: array index out of bounds: index 9, length 3",
        ),
        (
            "cfg | jsonPath {.hosts[?(@.w==1]}",
            "jsonPath: unterminated filter for placeholder cfg",
        ),
        (
            "cfg | jsonPath {.a",
            "a brace is not closed for placeholder cfg",
        ),
        (
            "cfg | jsonPath",
            "jsonPath: invalid parameters for placeholder cfg",
        ),
    ] {
        refuse(&foo(&format!("a: '<{placeholder}>'")), &[words]);
    }
}

#[test]
fn rule_38_results_are_text_t58_t59_t62() {
    let whole = r#"{"acct":123456789012,"h\u003ctml":"\u003c\u0026\u003e","hosts":[{"h":"a","w":1},{"h":"b","w":2},{"h":"c","w":3}],"k.d":"dotted","none":null,"on":true,"rate":0.25}"#;
    for (expression, expected) in [
        ("{.on}", "true"),
        ("{.none}", "null"),
        ("{.rate}", "0.25"),
        ("{.acct}", "123456789012"),
        ("{.hosts[*].w}", "1 2 3"),
        (
            "{.hosts}",
            r#"[{"h":"a","w":1},{"h":"b","w":2},{"h":"c","w":3}]"#,
        ),
        ("{}", whole),
        ("{$}", whole),
        ("{@}", whole),
    ] {
        selects(expression, expected);
    }
    // Text, even where a number alone would stand.
    assert!(render(&foo("a: <cfg | jsonPath {.acct}>")).ends_with("a: \"123456789012\"\n"));
}

#[test]
fn rule_39_blanks_round_modifiers_are_optional_t54() {
    check(
        foo,
        "a: <user|base64encode>\nb: <b64 |base64decode| base64encode>\nc: <path:vaults/Prod/items/Db#user|base64encode>",
        "a: c3ZjX29yZGVycw==\nb: Z3JlZW4=\nc: c3ZjX29yZGVycw==",
    );
}
