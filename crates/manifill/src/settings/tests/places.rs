//! A mistake in the settings is told where it was made, and all of them at once (rule R12).

use std::collections::BTreeMap;

use super::*;
use crate::{Diagnostic, Input, Renderer};

const SOURCE: &str = "kind: A\nx: <path:vaults/a/items/b#c>\ny: <path:vaults/a/items/b#d>\n";

/// What planning a manifest tells, a line for each error, with its hint.
fn planned(sources: &Sources) -> Vec<String> {
    let config = Config::load(sources).expect("the settings can be read");
    let inputs = [Input::new("m.yaml", SOURCE)];
    let renderer = Renderer::from_config(config);
    let error = renderer.plan(&inputs).expect_err("the settings are wrong");
    let debug = format!("{error:?}");
    assert!(!debug.contains("s3cr3t"), "{debug}");
    for one in error.errors() {
        assert_eq!(one.place.resource, None, "{one}");
        assert_eq!(one.placeholder, None, "{one}");
        assert!(one.hint.is_some(), "{one}");
    }
    let needed = " (needed by m.yaml:2:10 and 1 more place)";
    let told = |one: &Diagnostic| {
        let lines: Vec<usize> = one.further_places.iter().map(|place| place.line).collect();
        assert_eq!(lines, [2, 3], "{one}");
        let told = one.to_string();
        assert!(told.ends_with(needed), "{told}");
        told.trim_end_matches(needed).to_owned()
    };
    error.errors().map(told).collect()
}

const URL: &str = "OP_CONNECT_HOST must be a URL such as http://onepassword-connect.1password:8080";

#[test]
fn a_wrong_value_is_located_where_it_was_set() {
    let folder = Folder::new();
    let wrong = ("OP_CONNECT_HOST", "127.0.0.1:8080");
    let environment = folder.sources(&[CONNECT, TOKEN, wrong]);
    assert_eq!(
        planned(&environment),
        [format!("OP_CONNECT_HOST (environment): {URL}")]
    );

    let file =
        "AVP_TYPE: 1passwordconnect\nOP_CONNECT_TOKEN: s3cr3t\nOP_CONNECT_HOST: 127.0.0.1:1\n";
    folder.file("flat.yaml", file);
    let flat = folder.sources(&[]).with_config_file("flat.yaml");
    assert_eq!(planned(&flat), [format!("flat.yaml:3:18: {URL}")]);

    let mut secret = folder.sources(&[CONNECT, TOKEN]);
    let data = BTreeMap::from([("OP_CONNECT_HOST".to_owned(), "127.0.0.1:1".to_owned())]);
    secret.secret = Some(("argocd:vault-creds".to_owned(), data));
    assert_eq!(
        planned(&secret),
        [format!(
            "OP_CONNECT_HOST (Secret argocd:vault-creds): {URL}"
        )]
    );

    let app = folder
        .argo(&[CONNECT, APP_TOKEN])
        .with_variable("ARGOCD_ENV_OP_CONNECT_HOST", "127.0.0.1:1");
    assert_eq!(
        planned(&app),
        [format!(
            "OP_CONNECT_HOST (ARGOCD_ENV_OP_CONNECT_HOST, set by the app): {URL}"
        )]
    );

    folder.file(
        "named.yaml",
        "default: op\nbackends:\n  op:\n    type: 1passwordconnect\n    settings:\n      OP_CONNECT_TOKEN: s3cr3t\n      OP_CONNECT_HOST: 127.0.0.1:1\n",
    );
    let named = folder.sources(&[]).with_config_file("named.yaml");
    assert_eq!(planned(&named), [format!("named.yaml:7:24: {URL}")]);
}

#[test]
fn an_alias_is_located_under_its_own_name() {
    let sources = sources_in(
        Path::new("/"),
        &[
            ("AVP_TYPE", "vault"),
            ("AVP_AUTH_TYPE", "token"),
            ("VAULT_TOKEN", "s3cr3t"),
            ("BAO_ADDR", "h:8200"),
        ],
    );
    let told = planned(&sources);
    assert_eq!(
        told,
        ["BAO_ADDR (environment): VAULT_ADDR is not the URL of a server"]
    );
}

#[test]
fn all_missing_settings_of_a_backend_are_told_in_one_run() {
    let folder = Folder::new();
    let both = [
        "OP_CONNECT_HOST is not set".to_owned(),
        "OP_CONNECT_TOKEN is not set".to_owned(),
    ];
    assert_eq!(planned(&folder.sources(&[CONNECT])), both);
    folder.file("flat.yaml", "AVP_TYPE: 1passwordconnect\n");
    let flat = folder.sources(&[]).with_config_file("flat.yaml");
    assert_eq!(
        planned(&flat),
        both.clone().map(|one| format!("flat.yaml: {one}"))
    );
    folder.file(
        "named.yaml",
        "default: op\nbackends:\n  op: {type: 1passwordconnect}\n",
    );
    let named = folder.sources(&[]).with_config_file("named.yaml");
    assert_eq!(
        planned(&named),
        both.map(|one| format!("named.yaml:3:3: {one}"))
    );
    let vault = planned(&folder.sources(&[("AVP_TYPE", "vault")]));
    assert_eq!(vault.len(), 2, "{vault:?}");
    let wrong = [
        ("AVP_TYPE", "vault"),
        ("AVP_AUTH_TYPE", "approle"),
        ("VAULT_MAX_RETRIES", "many"),
        ("VAULT_SKIP_VERIFY", "perhaps"),
    ];
    let wrong = sources_in(Path::new("/"), &wrong);
    let config = Config::load(&wrong).unwrap();
    let renderer = Renderer::from_config(config);
    let inputs = [Input::new("m.yaml", SOURCE)];
    let error = renderer.plan(&inputs).unwrap_err();
    let told: Vec<String> = error.errors().map(ToString::to_string).collect();
    for words in [
        "VAULT_ADDR",
        "AVP_ROLE_ID",
        "VAULT_MAX_RETRIES",
        "VAULT_SKIP_VERIFY",
    ] {
        assert!(told.iter().any(|one| one.contains(words)), "{told:?}");
    }
}

#[test]
fn settings_that_cannot_be_read_are_told_with_those_that_are_missing() {
    let told = refusal(environment(&[CONNECT, HOST, ("MANIFILL_TIMEOUT", "soon")]));
    let lines: Vec<&str> = told.lines().collect();
    assert!(
        lines[0].starts_with("MANIFILL_TIMEOUT (environment): `MANIFILL_TIMEOUT` must be"),
        "{told}"
    );
    assert!(
        lines[1].starts_with("OP_CONNECT_TOKEN is not set"),
        "{told}"
    );
    assert_eq!(lines.len(), 2, "{told}");
}

#[test]
fn what_is_refused_is_not_missing_as_well() {
    let folder = Folder::new();
    let sources = folder.argo(&[CONNECT, APP_HOST, TOKEN]);
    let told = refusal(Config::load(&sources));
    assert_eq!(told.lines().count(), 1, "{told}");
}

#[test]
fn a_manifest_without_placeholders_needs_no_settings() {
    let config = environment(&[CONNECT]).unwrap();
    let inputs = [Input::new("m.yaml", "kind: A\n")];
    assert!(Renderer::from_config(config).plan(&inputs).is_ok());
}
