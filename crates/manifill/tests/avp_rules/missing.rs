//! Rules 22 to 30 and 65: what is missing, ignored or forbidden.

use manifill::vault::{Secret, SecretRequest, VaultBackend, VaultError, VaultErrorKind};

use crate::*;

#[test]
fn rule_22_remove_missing_is_for_secrets_and_config_maps_t50() {
    let words = "avp.kubernetes.io/remove-missing annotation can only be used on Secret or ConfigMap resources";
    refuse(&removing("Deployment", "a: 1"), &["m.yaml:2:", words]);
    for kind in ["Secret", "ConfigMap"] {
        assert!(
            render(&removing(kind, "x: {a: <gone>, b: <user>}"))
                .ends_with("x: {b: \"svc_orders\"}\n")
        );
    }
}

#[test]
fn rule_22_flags_are_read_as_go_reads_them_t26() {
    for yes in ["1", "t", "T", "TRUE", "true", "True"] {
        let source = removing("Secret", "x: {a: <gone>}").replace("'true'", &format!("'{yes}'"));
        assert!(render(&source).ends_with("x: {}\n"), "{yes}");
    }
    for no in [
        "0", "f", "F", "FALSE", "false", "False", "yes", "on", "tRuE", "",
    ] {
        let source = removing("Deployment", "x: {a: <user>}").replace("'true'", &format!("'{no}'"));
        assert!(
            render(&source).ends_with("x: {a: \"svc_orders\"}\n"),
            "{no}"
        );
        let source = format!(
            "kind: Foo\nmetadata: {{annotations: {{avp.kubernetes.io/ignore: '{no}'}}}}\na: <path:vaults/Prod/items/Db#user>\n"
        );
        assert!(render(&source).ends_with("a: \"svc_orders\"\n"), "{no}");
    }
    let odd = removing("Deployment", "a: 1").replace("'true'", "'yes'");
    assert!(warnings(&odd).contains("neither true nor false"));
}

#[test]
fn rule_23_an_entry_with_a_missing_key_goes_wherever_it_is_t47_t48() {
    let source = removing(
        "ConfigMap",
        "data: {a: <gone>, b: <user>-<gone>, c: <user>}\nl: [{a: <gone>, b: <user>}, {a: <gone>}]",
    )
    .replace("metadata: {", "metadata: {name: <gone>, ");
    let expected = removing(
        "ConfigMap",
        "data: {c: svc_orders}\nl: [{b: svc_orders}, {}]",
    );
    assert_eq!(documents(&render(&source)), documents(&expected));
    // A null is missing, too.
    let source =
        removing("Secret", "x: {a: <nul>, b: <n>}").replace("vaults/Prod/items/Db", "kv/typed");
    assert!(render(&source).ends_with("x: {b: 3}\n"));
}

#[test]
fn rule_23_items_lists_and_other_mistakes_stay_errors_t48_t49_t51() {
    for (body, words) in [
        ("x: [<gone>]", "missing Vault value for placeholder gone"),
        (
            "x: {a: <path:nope#k>}",
            "could not find secrets at path `nope`",
        ),
        ("x: {a: <user | nope>}", "invalid modifier: nope"),
        (
            "x: {a: '<gone><user | jsonParse>'}",
            "jsonParse: the value is not valid JSON",
        ),
    ] {
        refuse(&removing("Secret", body), &["m.yaml:3:", words]);
    }
    let source = removing("Secret", "x: {a: <gone>}").replace("items/Db", "items/Nope");
    refuse(
        &source,
        &["could not find secrets at path `vaults/Prod/items/Nope`"],
    );
}

#[test]
fn rule_23_an_anchored_entry_in_use_is_not_removed() {
    let source = removing("Secret", "x: {a: &a <gone>}\ny: {b: *a}");
    refuse(&source, &["m.yaml:3:"]);
}

#[test]
fn rule_24_an_ignored_document_is_left_alone_t25_t27() {
    for body in ["a: <path:nope#x> <path:y> <user>", "data: {a: PHVzZXI+}"] {
        for kind in ["Secret", "Foo"] {
            let source =
                removing(kind, body).replace("'true'", "'true', avp.kubernetes.io/ignore: 'T'");
            assert_eq!(render(&source), source);
        }
    }
}

#[test]
fn rule_24_the_path_of_an_ignored_document_is_not_judged() {
    let source =
        foo("a: <user>").replace("items/Db}", "items/Db, avp.kubernetes.io/ignore: 'true'}");
    assert_eq!(render_by(&validating("^other/"), &source), source);
}

#[test]
fn rule_25_each_missing_key_is_told_with_avps_words() {
    let error = error(&foo(
        "a: <gone | base64encode>\nb: <gone>-<lost>\nc: [<path:vaults/Prod/items/Cache#gone>]",
    ));
    let lines: Vec<&str> = error.lines().collect();
    for (line, words) in lines.iter().zip([
        "m.yaml:3:4: missing Vault value for placeholder gone: `vaults/Prod/items/Db` has no key `gone`",
        "m.yaml:4:11: missing Vault value for placeholder lost: ",
        "m.yaml:5:5: missing Vault value for placeholder path:vaults/Prod/items/Cache#gone: `vaults/Prod/items/Cache` has no key `gone`; it has `user`",
    ]) {
        assert!(line.starts_with(words), "{line}");
    }
    assert!(
        lines[0].contains("(also needed in 1 more place)"),
        "{error}"
    );
    assert_eq!(lines.len(), 3, "{error}");
    assert!(
        !error.contains("svc_") && !error.contains("p@ss"),
        "{error}"
    );
}

#[test]
fn rule_26_modifiers_are_told_with_avps_words() {
    refuse(
        &foo("a: <user | nope>"),
        &["invalid modifier: nope for placeholder user"],
    );
    refuse(
        &foo("a: <path:vaults/Prod/items/Db#user | jsonParse>"),
        &[
            "jsonParse: the value is not valid JSON for placeholder path:vaults/Prod/items/Db#user; ",
        ],
    );
}

#[test]
fn rule_26_modifiers_are_checked_before_anything_is_read_t56() {
    let error = error(&foo("a: <gone | nope>"));
    assert!(
        error.contains("invalid modifier: nope for placeholder gone"),
        "{error}"
    );
    assert!(!error.contains("missing"), "{error}");
}

#[test]
fn rule_27_all_documents_are_told_in_the_order_of_the_source_t85() {
    let source = format!(
        "{}---\nkind: A\n---\n{}",
        foo("a: <gone>"),
        foo("a: <path:nope#k>\nb: <lost>")
    );
    let error = error(&source);
    let places: Vec<&str> = error
        .lines()
        .map(|line| line.split(": ").next().unwrap())
        .collect();
    assert_eq!(
        places,
        ["m.yaml:3:4", "m.yaml:9:4", "m.yaml:10:4"],
        "{error}"
    );
}

#[test]
fn rule_30_the_expression_is_searched_in_inline_and_annotated_paths_t86_t87_t88() {
    let words = "the path vaults/Prod/items/Db is disallowed by AVP_PATH_VALIDATION restriction";
    let inline = plain("a: <path:vaults/Prod/items/Db#user>");
    for source in [inline.clone(), foo("a: <user>"), foo("a: 1")] {
        let error = error_by(&validating("^vaults/Other/"), &source);
        assert!(error.contains(words), "{error}");
        render_by(&validating("^vaults/Prod/"), &source);
        render_by(&validating("Prod/items"), &source);
    }
}

#[test]
fn rule_30_a_path_has_no_second_spelling_while_the_expression_is_set() {
    for path in [
        "vaults/Prod/../x",
        "vaults/Prod//x",
        "vaults/Prod/%2e%2e/x",
        "vaults/Prod/a%2Fb",
    ] {
        let error = error_by(
            &validating("^vaults/Prod/"),
            &plain(&format!("a: <path:{path}#k>")),
        );
        assert!(!error.contains("could not find"), "{error}");
        refuse(
            &plain(&format!("a: <path:{path}#k>")),
            &["could not find secrets"],
        );
    }
}

#[test]
fn rule_30_a_wrong_expression_is_told_with_avps_words_t89() {
    for expression in ["^(?!x)", "("] {
        let error = PathRules::new([expression]).unwrap_err().to_string();
        let words =
            format!("{expression} is not a valid regular expression: error parsing regexp: ");
        assert!(error.starts_with(&words), "{error}");
    }
}

#[test]
fn rule_65_a_missing_key_can_have_a_default_and_a_missing_item_too() {
    check(
        foo,
        "a: <gone | default \"d\">\nb: <path:nope#k | default \"d\" | base64encode>\nc: <path:nope#k || path:vaults/Prod/items/Db#gone || path:vaults/Prod/items/Cache#user>",
        "a: d\nb: ZA==\nc: svc_cache",
    );
}

/// A backend whose secrets are not there, as argocd-vault-plugin tells a missing key.
#[derive(Debug)]
struct Gone;

#[async_trait::async_trait]
impl VaultBackend for Gone {
    async fn read(
        &self,
        requests: &[SecretRequest],
        _: &RunContext,
    ) -> Vec<Result<Secret, VaultError>> {
        let gone = |_: &SecretRequest| {
            let message = "there is no secret {}";
            let error = VaultError::new(VaultErrorKind::NotFound, message).with_name("db");
            Err(error.with_missing_keys())
        };
        requests.iter().map(gone).collect()
    }
}

#[test]
fn rule_64_a_secret_of_ibm_that_is_not_there_is_a_missing_key() {
    let renderer = Renderer::with_backend("test", Gone);
    let source = |value: &str| removing("ConfigMap", &format!("data: {{a: {value}b: c}}"));
    let filled = render_by(&renderer, &source("<path:x#pw>, "));
    assert_eq!(filled, removing("ConfigMap", "data: {b: c}"));
    let filled = render_by(&renderer, &source("<path:x#pw | default \"d\">, "));
    assert_eq!(filled, source("\"d\", "));
    let error = error_by(&renderer, &foo("a: <path:x#pw>"));
    assert!(error.contains("there is no secret `db`"), "{error}");
}
