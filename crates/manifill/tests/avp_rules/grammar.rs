//! Rules 1 to 9: which text is a placeholder.

use crate::*;

#[test]
fn rule_1_an_empty_path_annotation_makes_every_bracket_a_placeholder_t24() {
    let source = foo("a: <user>").replace("vaults/Prod/items/Db", "''");
    refuse(&source, &["m.yaml:3:5: ", "avp.kubernetes.io/path"]);
    let inline = foo("a: <path:vaults/Prod/items/Cache#user>");
    let source = inline.replace("path: vaults/Prod/items/Db", "path: ''");
    assert!(render(&source).ends_with("a: \"svc_cache\"\n"));
}

#[test]
fn rule_1_a_placeholder_never_reaches_over_brackets_t14() {
    let source = plain("a: <path:one> then <path:vaults/Prod/items/Db#user>");
    refuse(&source, &["m.yaml:2:5: ", "no `#KEY`"]);
    assert_eq!(
        documents(&render_by(&allowing(), &source)),
        documents(&plain("a: <path:one> then svc_orders"))
    );
}

#[test]
fn rule_1_more_than_two_hashes_are_an_error_with_and_without_the_annotation_t06() {
    let body = "a: <path:vaults/Prod/items/Db#user#7#x>";
    for source in [plain(body), foo(body)] {
        refuse(&source, &["more than two `#`"]);
    }
    let source = plain(body);
    assert_eq!(render_by(&allowing(), &source), source);
}

#[test]
fn rule_1_prose_counts_under_the_annotation_unless_strict_t17() {
    let source = foo("a: f(x) < +Inf ) > 75");
    refuse(&source, &["m.yaml:3:9: ", "--strict"]);
    assert_eq!(render_by(&strict(), &source), source);
    let source = foo("a: <user> < 4 > 3");
    assert!(render_by(&strict(), &source).ends_with("a: \"svc_orders < 4 > 3\"\n"));
}

#[test]
fn rule_2_the_nearest_end_counts() {
    check(foo, "a: <user>> <port>", "a: svc_orders> 5432");
}

#[test]
fn rule_3_brackets_at_the_ends_are_taken_off_t15() {
    check(foo, "a: <<<user>>>", "a: svc_orders>>");
    // Without the annotation the placeholder begins at the bracket before `path:`.
    check(
        plain,
        "a: <<path:vaults/Prod/items/Db#user>>",
        "a: <svc_orders>",
    );
}

#[test]
fn rule_3_white_space_round_a_placeholder_is_trimmed_t08_t09() {
    check(
        foo,
        "a: '<  user  >'\nb: \"<\\tport\\t>\"",
        "a: svc_orders\nb: '5432'",
    );
}

#[test]
fn rule_3_a_bar_in_quotes_or_braces_separates_nothing() {
    check(
        foo,
        "a: '<cfg | jsonPath {.hosts[0].h}{\"|\"}{.on}>'\nb: <gone | default \"x|y\">",
        "a: a|true\nb: x|y",
    );
}

#[test]
fn rule_4_path_must_come_first_t11() {
    for key in ["zzpath:a#b", "see path:vaults/Prod/items/Cache#user"] {
        refuse(&foo(&format!("a: <{key}>")), &["m.yaml:3:4: ", key]);
    }
    // After white space it does under the annotation, where AVP trims it away.
    check(
        foo,
        "a: '< path:vaults/Prod/items/Cache#user >'",
        "a: svc_cache",
    );
    let source = plain("a: '< path:vaults/Prod/items/Cache#user >'");
    assert_eq!(render(&source), source);
}

#[test]
fn rule_5_key_path_and_version_are_trimmed_t02_t03() {
    check(
        plain,
        "a: '<path:vaults/Prod/items/Db# user >'\nb: <path:vaults/Prod/items/Db#two words>\nc: '<path: vaults/Prod/items/Db #user>'\nd: '<path:vaults/Prod/items/Db#user# 7 >'",
        "a: svc_orders\nb: spaced\nc: svc_orders\nd: svc_orders_v7",
    );
}

#[test]
fn rule_5_no_part_may_be_empty() {
    for (placeholder, part) in [
        ("<path:#k>", "path"),
        ("<path:a#>", "key"),
        ("<path:a#k#>", "version"),
    ] {
        refuse(&plain(&format!("a: '{placeholder}'")), &["empty", part]);
    }
    let source = plain("a: '<path:a#>'");
    assert_eq!(render_by(&allowing(), &source), source);
    refuse(&foo("a: <>"), &["m.yaml:3:5: ", "empty key"]);
}

#[test]
fn rule_6_a_path_of_its_own_ignores_the_annotations_t10() {
    let source = foo(
        "a: <user>\nb: <path:vaults/Prod/items/Db#user>\nc: <path:vaults/Prod/items/Cache#user>",
    )
    .replace(
        "items/Db}",
        "items/Db, avp.kubernetes.io/secret-version: '7'}",
    );
    let rendered = render(&source);
    assert!(
        rendered.ends_with("a: \"svc_orders_v7\"\nb: \"svc_orders\"\nc: \"svc_cache\"\n"),
        "{rendered}"
    );
}

#[test]
fn rule_6_each_item_and_version_is_read_once() {
    let body = "a: <user><port>\nb: <path:vaults/Prod/items/Db#user>\nc: <path:vaults/Prod/items/Db#user#7>";
    let source = format!("{}---\n{}", foo(body), foo(body));
    let renderer = renderer();
    let inputs = [Input::new("m.yaml", source)];
    assert_eq!(renderer.plan(&inputs).unwrap().reads().count(), 2);
}

#[test]
fn rule_6_an_annotated_path_that_nothing_uses_is_not_read() {
    let source = foo("a: <path:vaults/Prod/items/Cache#user>").replace("items/Db", "items/Nope");
    assert!(render(&source).ends_with("a: \"svc_cache\"\n"));
}

#[test]
fn rule_7_placeholders_and_text_mix_t04() {
    check(
        plain,
        "a: 'pg://<path:vaults/Prod/items/Db#user>:<path:vaults/Prod/items/Db#password>@<path:vaults/Prod/items/Cache#user>'",
        "a: 'pg://svc_orders:p@ss:w0rd#1@svc_cache'",
    );
}

#[test]
fn rule_7_a_value_is_text_whatever_it_looks_like_t18_t19() {
    check(
        foo,
        "a: <tpl>\nb: x<tpl><user>\nc: '[<re>]'",
        "a: <path:vaults/Prod/items/Db#user>\nb: x<path:vaults/Prod/items/Db#user>svc_orders\nc: '[$1\\1${x}]'",
    );
}

#[test]
fn rule_8_without_the_annotation_other_brackets_are_text_t07_t12() {
    let source = plain("a: <user> <b>bold</b> 3 < 4 > 2\nb: <Path:a#b> < path:a#b>");
    assert_eq!(render(&source), source);
    let source = plain("a: <path:vaults/Prod/items/Db>");
    refuse(&source, &["m.yaml:2:5: ", "no `#KEY`"]);
    assert_eq!(render_by(&allowing(), &source), source);
}

#[test]
fn rule_8_with_the_annotation_an_unknown_key_is_an_error_t13() {
    for key in ["b", "path:vaults/Prod/items/Db", "user#7"] {
        let words = format!("missing Vault value for placeholder {key}");
        refuse(&foo(&format!("a: <{key}>")), &[&words]);
    }
}

#[test]
fn rule_9_an_open_bracket_is_text_t16() {
    let source = foo("a: <user\nb: |\n  <us\n  er>\nc: user>");
    assert_eq!(render(&source), source);
}

#[test]
fn rule_9_an_open_path_is_an_error() {
    for body in [
        "a: <path:vaults/Prod/items/Db#user",
        "a: |\n  <path:vaults/Prod/\n  items/Db#user>",
    ] {
        let source = plain(body);
        refuse(&source, &["no closing `>` on its line"]);
        assert_eq!(render_by(&allowing(), &source), source);
    }
}
