//! Rules 54 to 58: which of several values wins.

use std::collections::BTreeMap;
use std::time::Duration;

use manifill_vault::settings::Origin;

use super::*;

fn secret(pairs: &[(&str, &str)]) -> Option<(String, BTreeMap<String, String>)> {
    let data = pairs
        .iter()
        .map(|(name, value)| ((*name).to_owned(), (*value).to_owned()));
    Some(("argocd:avp".to_owned(), data.collect()))
}

#[test]
fn the_environment_beats_the_file_for_every_setting() {
    let place = Folder::new();
    let file = place.file(
        "avp.yaml",
        "AVP_TYPE: file\nOP_CONNECT_HOST: http://file\nOP_CONNECT_TOKEN: s3cr3t-file\n",
    );
    let config = Config::load(&place.sources(&[CONNECT, HOST]).with_config_file(&file)).unwrap();
    let (kind, settings) = default(&config);
    assert_eq!(kind, "1passwordconnect");
    assert_eq!(
        settings.value("OP_CONNECT_HOST"),
        Some("http://connect:8080")
    );
    assert_eq!(
        settings.origin("OP_CONNECT_HOST"),
        Some(&Origin::Environment)
    );
    assert_eq!(settings.value("OP_CONNECT_TOKEN"), Some("s3cr3t-file"));
    assert_eq!(
        settings.origin("OP_CONNECT_TOKEN"),
        Some(&Origin::File(file.display().to_string()))
    );
}

#[test]
fn an_empty_variable_counts_as_not_set() {
    let place = Folder::new();
    let file = place.file(
        "avp.yaml",
        "AVP_TYPE: 1passwordconnect\nOP_CONNECT_HOST: http://file\n",
    );
    let sources = place
        .sources(&[("OP_CONNECT_HOST", " ")])
        .with_config_file(file);
    let config = Config::load(&sources).unwrap();
    assert_eq!(
        default(&config).1.value("OP_CONNECT_HOST"),
        Some("http://file")
    );
}

#[test]
fn the_secret_comes_last_and_only_without_a_file() {
    let place = Folder::new();
    let mut sources = place.sources(&[CONNECT]);
    sources.secret = secret(&[
        ("op_connect_host", "http://secret\n"),
        ("OP_CONNECT_TOKEN", "s3cr3t-k8s"),
    ]);
    let config = Config::load(&sources).unwrap();
    let (_, settings) = default(&config);
    assert_eq!(settings.value("OP_CONNECT_HOST"), Some("http://secret"));
    assert_eq!(
        settings.origin("OP_CONNECT_TOKEN"),
        Some(&Origin::Secret("argocd:avp".into()))
    );
    let config = Config::load(
        &sources
            .clone()
            .with_variable("OP_CONNECT_HOST", "http://env"),
    )
    .unwrap();
    assert_eq!(
        default(&config).1.value("OP_CONNECT_HOST"),
        Some("http://env")
    );
    // With a file all values of the Secret are dropped, not only those that the file has.
    let file = place.file("avp.yaml", "OP_CONNECT_HOST: http://file\n");
    for sources in [
        sources.clone().with_config_file(&file),
        sources
            .clone()
            .with_variable("MANIFILL_CONFIG", file.display().to_string()),
    ] {
        let config = Config::load(&sources).unwrap();
        assert_eq!(
            default(&config).1.value("OP_CONNECT_HOST"),
            Some("http://file")
        );
        assert_eq!(default(&config).1.value("OP_CONNECT_TOKEN"), None);
    }
}

#[test]
fn the_flag_beats_the_variable_that_names_the_file() {
    let place = Folder::new();
    let one = place.file("one.yaml", "AVP_TYPE: file\n");
    place.file("two.yaml", "AVP_TYPE: 1passwordconnect\n");
    let sources = place.sources(&[("MANIFILL_CONFIG", "two.yaml")]);
    assert_eq!(
        default(&Config::load(&sources).unwrap()).0,
        "1passwordconnect"
    );
    assert_eq!(
        default(&Config::load(&sources.with_config_file(one)).unwrap()).0,
        "file"
    );
}

#[test]
fn a_settings_file_is_never_searched_for() {
    let place = Folder::new();
    place.file("manifill.yaml", "default: a\n");
    assert!(
        Config::load(&place.sources(&[]))
            .unwrap()
            .files_never_inputs
            .is_empty()
    );
}

#[test]
fn values_are_trimmed_and_the_type_too() {
    let config = environment(&[("AVP_TYPE", " file\n"), ("MANIFILL_FILE", "x.yaml\n")]).unwrap();
    let (kind, settings) = default(&config);
    assert_eq!(
        (kind, settings.value("MANIFILL_FILE")),
        ("file", Some("x.yaml"))
    );
}

#[test]
fn without_a_type_nothing_is_wrong_until_a_placeholder_needs_a_backend() {
    let config = environment(&[HOST, TOKEN]).unwrap();
    assert_eq!(config.backends.default_index(), None);
    let error = config.backends.missing_default();
    assert!(
        error
            .to_string()
            .starts_with("Must provide a supported Vault Type, received")
    );
    assert!(error.hint().unwrap().contains("AVP_TYPE"));
}

#[test]
fn a_wrong_type_is_named_with_what_there_is() {
    let text = refusal(environment(&[("AVP_TYPE", "1passwordconect")]));
    assert!(
        text.contains("Must provide a supported Vault Type, received 1passwordconect"),
        "{text}"
    );
    assert!(text.contains("did you mean `1passwordconnect`?"), "{text}");
    assert!(text.contains(&types()), "{text}");
}

#[test]
fn a_type_in_a_file_is_located() {
    let place = Folder::new();
    let file = place.file("avp.yaml", "# settings\nAVP_TYPE: vualt\n");
    let text = refusal(Config::load(&place.sources(&[]).with_config_file(file)));
    assert!(text.contains("avp.yaml:2:11: Must provide"), "{text}");
}

#[test]
fn settings_of_other_backends_are_no_mistake() {
    environment(&[("AVP_AUTH_TYPE", "approle"), ("AVP_KV_VERSION", "7")]).unwrap();
    environment(&[
        ("ARGOCD_ENV_AVP_AUTH_TYPE", "k8s"),
        ("ARGOCD_ENV_VAULT_ADDR", "x"),
    ])
    .unwrap();
}

#[test]
fn limits_have_defaults_and_bounds() {
    let config = environment(&[]).unwrap();
    assert_eq!(
        (config.timeout, config.concurrency),
        (Duration::from_secs(45), 10)
    );
    for (text, seconds) in [("90", 90), ("30s", 30), (" 1s\n", 1)] {
        let config = environment(&[("MANIFILL_TIMEOUT", text)]).unwrap();
        assert_eq!(config.timeout, Duration::from_secs(seconds));
    }
    for text in ["0", "-1", "1m", "s", "86401", "1.5", "99999999999999999999"] {
        assert!(refusal(environment(&[("MANIFILL_TIMEOUT", text)])).contains("MANIFILL_TIMEOUT"));
    }
    assert_eq!(
        environment(&[("MANIFILL_CONCURRENCY", "100")])
            .unwrap()
            .concurrency,
        100
    );
    for text in ["0", "101", "ten"] {
        let text = refusal(environment(&[("MANIFILL_CONCURRENCY", text)]));
        assert!(text.contains("MANIFILL_CONCURRENCY"));
    }
    let most = |text| environment(&[("MANIFILL_MAX_OUTPUT", text)]);
    assert_eq!(environment(&[]).unwrap().max_output, None);
    assert_eq!(most("1000").unwrap().max_output, Some(1000));
    for text in ["0", "-1", "1G", "1e9", "99999999999999999999"] {
        assert!(
            refusal(most(text)).contains("MANIFILL_MAX_OUTPUT"),
            "{text}"
        );
    }
}

#[test]
fn a_key_for_digests_is_long_enough_and_never_shown() {
    let key = |text| environment(&[("MANIFILL_DIGEST_KEY", text)]);
    assert!(environment(&[]).unwrap().digest_key.is_none());
    let config = key("s3cr3t-of-16-chars").unwrap();
    assert!(config.digest_key.is_some());
    assert!(!format!("{config:?}").contains("s3cr3t"));
    let refused = refusal(key("s3cr3t"));
    assert!(
        refused.contains("MANIFILL_DIGEST_KEY") && !refused.contains("s3cr3t"),
        "{refused}"
    );
}

#[test]
fn every_mistake_is_reported_at_once() {
    let errors = environment(&[
        ("MANIFILL_TIMEOUT", "soon"),
        ("MANIFILL_CONCURRENCY", "many"),
        ("AVP_TYPE", "none"),
        ("AVP_PATH_VALIDATION", "("),
    ])
    .unwrap_err();
    assert_eq!(errors.iter().count(), 4);
}

#[test]
fn nothing_shows_a_secret_in_debug() {
    let mut sources = sources_in(Path::new("/"), &[CONNECT, HOST, TOKEN]);
    sources.secret = secret(&[("OP_CONNECT_TOKEN", "s3cr3t-k8s")]);
    assert!(!format!("{sources:?}").contains("s3cr3t"));
    let config = Config::load(&sources).unwrap();
    assert!(!format!("{config:?}").contains("s3cr3t"));
}

#[test]
fn the_process_is_gathered_as_it_is() {
    let sources = Sources::from_env();
    assert!(sources.working_dir.is_absolute());
    assert_eq!(
        sources.environment.get("PATH").cloned(),
        std::env::var("PATH").ok()
    );
    assert!(sources.config_file.is_none() && sources.project.is_none());
}
