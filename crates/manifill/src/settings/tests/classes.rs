//! Rule R7: who may set what.

use manifill_vault::backend::BackendInfo;
use manifill_vault::settings::{Class, Kind, Origin, Setting};

use super::super::checkout::Checkout;
use super::super::classes::{Context, flat};
use super::super::layers::Layers;
use super::*;

#[test]
fn a_host_from_the_app_never_meets_the_operators_token() {
    for variables in [
        vec![CONNECT, TOKEN, APP_HOST],
        vec![CONNECT, HOST, TOKEN, APP_HOST],
        vec![
            CONNECT,
            HOST,
            TOKEN,
            APP_HOST,
            ("ARGOCD_ENV_OP_CONNECT_TOKEN", " "),
        ],
    ] {
        let text = refusal(environment(&variables));
        assert!(text.contains("MANIFILL_TRUST_APP_ENV"), "{text}");
        assert!(
            text.contains("host and login must come from the same side"),
            "{text}"
        );
        assert!(text.contains("ARGOCD_ENV_OP_CONNECT_"), "{text}");
    }
}

#[test]
fn a_whole_login_from_the_app_replaces_the_operators() {
    let config = environment(&[CONNECT, HOST, TOKEN, APP_HOST, APP_TOKEN]).unwrap();
    let (_, settings) = default(&config);
    assert_eq!(settings.value("OP_CONNECT_HOST"), Some("http://evil:8080"));
    assert_eq!(settings.value("OP_CONNECT_TOKEN"), Some("s3cr3t-author"));
    assert_eq!(
        settings.origin("OP_CONNECT_TOKEN"),
        Some(&Origin::AppEnvironment)
    );
}

#[test]
fn what_equals_the_operators_value_passes_and_stays_the_operators() {
    let same = ("ARGOCD_ENV_OP_CONNECT_HOST", "http://connect:8080\n");
    let config = environment(&[
        CONNECT,
        HOST,
        TOKEN,
        same,
        ("ARGOCD_ENV_AVP_TYPE", "1passwordconnect"),
    ]);
    let config = config.unwrap();
    let (_, settings) = default(&config);
    assert_eq!(
        settings.origin("OP_CONNECT_HOST"),
        Some(&Origin::Environment)
    );
    assert_eq!(settings.value("OP_CONNECT_TOKEN"), Some("s3cr3t-operator"));
}

#[test]
fn the_type_is_the_operators_unless_a_whole_login_comes_with_it() {
    let text = refusal(environment(&[
        ("AVP_TYPE", "file"),
        ("MANIFILL_FILE", "x"),
        TOKEN,
        ("ARGOCD_ENV_AVP_TYPE", "1passwordconnect"),
        APP_HOST,
    ]));
    assert!(
        text.contains("AVP_TYPE") && text.contains("MANIFILL_TRUST_APP_ENV"),
        "{text}"
    );
    refusal(environment(&[
        HOST,
        TOKEN,
        ("ARGOCD_ENV_AVP_TYPE", "1passwordconnect"),
    ]));
    refusal(environment(&[
        CONNECT,
        HOST,
        TOKEN,
        ("ARGOCD_ENV_AVP_TYPE", "file"),
    ]));
    refusal(environment(&[
        CONNECT,
        HOST,
        TOKEN,
        ("ARGOCD_ENV_AVP_TYPE", "nonsense"),
    ]));
    let config = environment(&[
        ("AVP_TYPE", "file"),
        ("MANIFILL_FILE", "x"),
        TOKEN,
        ("ARGOCD_ENV_AVP_TYPE", "1passwordconnect"),
        APP_HOST,
        APP_TOKEN,
    ])
    .unwrap();
    let (kind, settings) = default(&config);
    assert_eq!(kind, "1passwordconnect");
    assert_eq!(settings.value("OP_CONNECT_TOKEN"), Some("s3cr3t-author"));
}

#[test]
fn names_after_the_prefix_are_not_case_sensitive() {
    let text = refusal(environment(&[
        CONNECT,
        HOST,
        TOKEN,
        ("ARGOCD_ENV_op_connect_host", "x"),
    ]));
    assert!(text.contains("OP_CONNECT_HOST"), "{text}");
}

#[test]
fn the_prefix_ends_with_an_underscore() {
    let variables = [
        CONNECT,
        HOST,
        TOKEN,
        ("ARGOCD_ENVOP_CONNECT_HOST", "x"),
        ("ARGOCD_ENVIRONMENT", "x"),
    ];
    let config = environment(&variables).unwrap();
    assert_eq!(
        default(&config).1.value("OP_CONNECT_HOST"),
        Some("http://connect:8080")
    );
}

#[test]
fn what_no_backend_declares_is_the_apps_own_business() {
    let others = [
        ("ARGOCD_ENV_HELM_VALUES", "x"),
        ("ARGOCD_ENV_AVP_ROLE_ID", "x"),
        // Declared, but not by the chosen backend.
        ("ARGOCD_ENV_VAULT_ADDR", "http://evil"),
    ];
    let config = environment(&[&[CONNECT, HOST, TOKEN][..], &others].concat()).unwrap();
    assert!(config.notes.is_empty());
    environment(&[("AVP_TYPE", "file"), ("MANIFILL_FILE", "x"), APP_HOST]).unwrap();
}

#[test]
fn an_authors_validation_only_narrows() {
    let operator = ("AVP_PATH_VALIDATION", "^vaults/");
    let check = |variables: &[(&str, &str)], path: &str| {
        environment(variables)
            .unwrap()
            .rules
            .check("file", true, path, path)
            .is_ok()
    };
    for author in ["", " ", ".*", "^vaults/Home/"] {
        let both = [operator, ("ARGOCD_ENV_AVP_PATH_VALIDATION", author)];
        assert!(check(&both, "vaults/Home/items/db"), "{author}");
        assert!(!check(&both, "secret/db"), "{author}");
        assert_eq!(
            check(&both, "vaults/Work/items/db"),
            author != "^vaults/Home/"
        );
        let trusted = [&both[..], &[TRUST]].concat();
        assert!(!check(&trusted, "secret/db"), "{author}");
    }
    // Two spellings of one name are both heard.
    let two = [
        ("ARGOCD_ENV_AVP_PATH_VALIDATION", "Home"),
        ("ARGOCD_ENV_avp_path_validation", "db"),
    ];
    assert!(check(&two, "Home/db") && !check(&two, "Home/x") && !check(&two, "x/db"));
    assert!(environment(&two).unwrap().rules.is_restricted());
    assert!(!environment(&[]).unwrap().rules.is_restricted());
}

#[test]
fn a_broken_validation_is_an_error_and_not_no_validation() {
    let text = refusal(environment(&[("AVP_PATH_VALIDATION", "a(b")]));
    assert!(
        text.contains("AVP_PATH_VALIDATION") && text.contains("a(b"),
        "{text}"
    );
    assert!(text.contains("is not a valid regular expression"), "{text}");
    refusal(environment(&[("ARGOCD_ENV_AVP_PATH_VALIDATION", "[")]));
}

#[test]
fn trust_restores_the_old_order() {
    let config = environment(&[TRUST, CONNECT, HOST, TOKEN, APP_HOST]).unwrap();
    let (_, settings) = default(&config);
    assert_eq!(settings.value("OP_CONNECT_HOST"), Some("http://evil:8080"));
    assert_eq!(settings.value("OP_CONNECT_TOKEN"), Some("s3cr3t-operator"));
    let config = environment(&[
        TRUST,
        HOST,
        TOKEN,
        ("ARGOCD_ENV_AVP_TYPE", "1passwordconnect"),
    ]);
    assert_eq!(default(&config.unwrap()).0, "1passwordconnect");
}

#[test]
fn trust_is_the_operators_environment_and_nothing_else() {
    let place = Folder::new();
    let file = place.file("avp.yaml", "MANIFILL_TRUST_APP_ENV: true\n");
    let mut sources = place.sources(&[
        CONNECT,
        HOST,
        TOKEN,
        APP_HOST,
        ("ARGOCD_ENV_MANIFILL_TRUST_APP_ENV", "true"),
    ]);
    refusal(Config::load(&sources.clone().with_config_file(file)));
    let data = [("MANIFILL_TRUST_APP_ENV".to_owned(), "true".to_owned())];
    sources.secret = Some(("avp".into(), data.into_iter().collect()));
    refusal(Config::load(&sources));
    for off in ["false", "0", "no", ""] {
        refusal(environment(&[
            CONNECT,
            HOST,
            TOKEN,
            APP_HOST,
            ("MANIFILL_TRUST_APP_ENV", off),
        ]));
    }
    let text = refusal(environment(&[("MANIFILL_TRUST_APP_ENV", "maybe")]));
    assert!(text.contains("MANIFILL_TRUST_APP_ENV"), "{text}");
}

#[test]
fn manifills_own_settings_are_never_read_from_the_app() {
    let app = [
        ("ARGOCD_ENV_MANIFILL_FILE", "/etc/passwd"),
        ("ARGOCD_ENV_MANIFILL_FILE_ROOT", "/"),
        ("ARGOCD_ENV_MANIFILL_TIMEOUT", "1"),
        ("ARGOCD_ENV_MANIFILL_CONCURRENCY", "1"),
        ("ARGOCD_ENV_MANIFILL_MAX_OUTPUT", "1"),
        ("ARGOCD_ENV_MANIFILL_DIGEST_KEY", "1"),
        ("ARGOCD_ENV_MANIFILL_CONFIG", "/nowhere.yaml"),
    ];
    for trust in [None, Some(TRUST)] {
        let own = [("AVP_TYPE", "file"), ("MANIFILL_FILE", "mine.yaml")];
        let variables: Vec<_> = app.iter().chain(&own).copied().chain(trust).collect();
        let config = environment(&variables).unwrap();
        assert_eq!(default(&config).1.value("MANIFILL_FILE"), Some("mine.yaml"));
        assert_eq!((config.timeout.as_secs(), config.concurrency), (45, 10));
        assert_eq!(config.max_output, None);
        assert!(config.digest_key.is_none());
        assert_eq!(config.notes.len(), app.len(), "{:?}", config.notes);
    }
}

#[test]
fn parameters_of_the_app_are_never_settings() {
    let variables = [
        ("PARAM_AVP_TYPE", "file"),
        ("PARAM_OP_CONNECT_HOST", "http://evil"),
        ("PARAM_AVP_PATH_VALIDATION", "("),
        (
            "ARGOCD_APP_PARAMETERS",
            r#"[{"name":"AVP_TYPE","string":"file"}]"#,
        ),
    ];
    assert_eq!(
        environment(&variables).unwrap().backends.default_index(),
        None
    );
    let config = environment(&[&variables[..], &[CONNECT, HOST, TOKEN]].concat()).unwrap();
    let (kind, settings) = default(&config);
    assert_eq!(kind, "1passwordconnect");
    assert_eq!(
        settings.value("OP_CONNECT_HOST"),
        Some("http://connect:8080")
    );
}

/// A backend with a setting of every class.
static EVERY_CLASS: BackendInfo = BackendInfo::named("every-class").with_settings(&[
    Setting::new("HOST", Kind::Url, Class::Bundle, "").required(),
    Setting::new("TOKEN", Kind::Text, Class::Bundle, "").required(),
    Setting::new("NAMESPACE", Kind::Text, Class::Bundle, ""),
    Setting::new("MOUNT", Kind::Text, Class::Free, ""),
    Setting::new("CA_FILE", Kind::File, Class::Operator, "").required(),
    Setting::new("PROGRAM", Kind::Program, Class::Locked, ""),
]);

/// The settings of that backend as `NAME=value` words, or the errors.
fn every_class(variables: &[(&str, &str)]) -> Result<String, String> {
    let sources = sources_in(Path::new("/"), variables);
    let mut errors = Vec::new();
    let layers = Layers::new(&sources, false, &mut errors);
    let checkout = Checkout::new(&sources, &mut errors);
    let root = Path::new("/");
    let context = Context {
        checkout: &checkout,
        working_dir: root,
        file_dir: root,
        file_root: None,
    };
    let chosen = flat(&EVERY_CLASS, &layers, &context, &mut errors);
    let value = |name| format!("{name}={}", chosen.settings.value(name).unwrap_or_default());
    let words: Vec<String> = chosen.settings.names().map(value).collect();
    ConfigErrors::from_vec(errors).map_or(Ok(words.join(" ")), |errors| Err(errors.to_string()))
}

#[test]
fn free_bundle_and_operator_settings() {
    let operator = [
        ("HOST", "h"),
        ("TOKEN", "t"),
        ("NAMESPACE", "n"),
        ("CA_FILE", "c"),
        ("MOUNT", "m"),
    ];
    let with = |app: &[(&'static str, &'static str)]| every_class(&[&operator[..], app].concat());
    assert_eq!(
        with(&[]).unwrap(),
        "CA_FILE=c HOST=h MOUNT=m NAMESPACE=n TOKEN=t"
    );
    // Free: the app may set it.
    assert_eq!(
        with(&[("ARGOCD_ENV_MOUNT", "x")]).unwrap(),
        "CA_FILE=c HOST=h MOUNT=x NAMESPACE=n TOKEN=t"
    );
    // Bundle: whole, and then nothing of the operator's bundle is left, `NAMESPACE` included.
    assert_eq!(
        with(&[("ARGOCD_ENV_HOST", "x"), ("ARGOCD_ENV_TOKEN", "y")]).unwrap(),
        "CA_FILE=c HOST=x MOUNT=m TOKEN=y"
    );
    // Not a part of it, an optional part neither.
    assert!(
        with(&[("ARGOCD_ENV_NAMESPACE", "x")])
            .unwrap_err()
            .contains("`NAMESPACE`")
    );
    let text = with(&[("ARGOCD_ENV_HOST", "x"), ("ARGOCD_ENV_NAMESPACE", "y")]).unwrap_err();
    assert!(
        text.contains("`HOST` (ARGOCD_ENV_HOST), but not TOKEN"),
        "{text}"
    );
    // Not even if the operator has no login at all: the pieces could come together later.
    assert!(every_class(&[("ARGOCD_ENV_HOST", "x")]).is_err());
    // Operator: refused, with an operator's value and without one, beside a whole login too.
    for variables in [
        [&operator[..], &[("ARGOCD_ENV_CA_FILE", "x")]].concat(),
        vec![("ARGOCD_ENV_CA_FILE", "x")],
        vec![
            ("ARGOCD_ENV_CA_FILE", "x"),
            ("ARGOCD_ENV_HOST", "x"),
            ("ARGOCD_ENV_TOKEN", "y"),
        ],
    ] {
        let text = every_class(&variables).unwrap_err();
        assert!(text.contains("only the operator may set it"), "{text}");
        assert!(text.contains("MANIFILL_TRUST_APP_ENV"), "{text}");
        let trusted = every_class(&[&variables[..], &[TRUST]].concat()).unwrap();
        assert!(trusted.contains("CA_FILE=x"), "{trusted}");
    }
    // Equal to the operator's: passes.
    assert!(with(&[("ARGOCD_ENV_CA_FILE", "c"), ("ARGOCD_ENV_NAMESPACE", "n")]).is_ok());
}

#[test]
fn a_locked_setting_is_the_operators_whatever_the_switches() {
    let login = [("ARGOCD_ENV_HOST", "x"), ("ARGOCD_ENV_TOKEN", "y")];
    let app = ("ARGOCD_ENV_PROGRAM", "evil");
    for more in [&[][..], &[TRUST], &login] {
        let text = every_class(&[&[app], more].concat()).unwrap_err();
        assert!(
            text.contains("sets `PROGRAM` (ARGOCD_ENV_PROGRAM), but only the operator may set it"),
            "{text}"
        );
        assert!(!text.contains("MANIFILL_TRUST_APP_ENV"), "{text}");
        // Equal to the operator's: passes.
        let same = [&[("PROGRAM", "evil"), app], more].concat();
        assert!(every_class(&same).unwrap().contains("PROGRAM=evil"));
    }
}
