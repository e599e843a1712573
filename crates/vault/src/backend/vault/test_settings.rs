//! Settings: what is missing or wrong is named, and no value is shown.

use rcgen::{CertificateParams, KeyPair};

use super::samples::{SECRET, read, serve, settings, version};
use super::{Vault, connect};
use crate::backend::by_name;
use crate::settings::{Class, Origin, Required, Setting};
use crate::suite::{SENTINEL, TOKEN};
use crate::{ConnectContext, Settings, VaultErrorKind};

fn base() -> Settings {
    Settings::new()
        .with("VAULT_ADDR", "https://vault.example:8200")
        .with("AVP_AUTH_TYPE", "token")
        .with("VAULT_TOKEN", TOKEN)
}

fn with(values: &[(&str, &str)]) -> Settings {
    values.iter().fold(base(), |settings, (name, value)| {
        settings.with(name, *value)
    })
}

fn refusal(settings: &Settings) -> String {
    let error = connect(settings, &ConnectContext::new()).err().unwrap();
    assert_eq!(error.kind(), VaultErrorKind::Configuration);
    let shown = format!("{error} {:?}", error.hint());
    assert!(!shown.contains(SENTINEL), "{shown}");
    error.to_string()
}

#[test]
fn what_a_login_needs_is_said_in_avps_words() {
    for (values, message) in [
        (
            &[("AVP_AUTH_TYPE", "token"), ("VAULT_TOKEN", "")][..],
            "VAULT_TOKEN for token authentication cannot be empty",
        ),
        (
            &[("AVP_AUTH_TYPE", "approle"), ("AVP_ROLE_ID", "x")],
            "AVP_ROLE_ID and AVP_SECRET_ID for approle authentication cannot be empty",
        ),
        (
            &[("AVP_AUTH_TYPE", "approle"), ("AVP_SECRET_ID", SECRET)],
            "AVP_ROLE_ID and AVP_SECRET_ID for approle authentication cannot be empty",
        ),
        (
            &[("AVP_AUTH_TYPE", "github")],
            "AVP_GITHUB_TOKEN for github authentication cannot be empty",
        ),
        (
            &[("AVP_AUTH_TYPE", "userpass"), ("AVP_PASSWORD", SECRET)],
            "AVP_USERNAME and AVP_PASSWORD for userpass authentication cannot be empty",
        ),
        (
            &[("AVP_AUTH_TYPE", "k8s")],
            "AVP_K8S_ROLE for k8s authentication cannot be empty",
        ),
        (
            &[("AVP_AUTH_TYPE", "jwt"), ("AVP_JWT_ROLE", "r")],
            "AVP_JWT or AVP_JWT_PATH for jwt authentication cannot be empty",
        ),
        (
            &[("AVP_AUTH_TYPE", "aprole")],
            "Must provide a supported Authentication Type, received `aprole`",
        ),
        (
            &[("AVP_AUTH_TYPE", ""), ("VAULT_TOKEN", "")],
            "Must provide a supported Authentication Type, received none: AVP_AUTH_TYPE is not set",
        ),
        // A line that was not cut into name and value shows nothing of it.
        (
            &[("AVP_AUTH_TYPE", "token VAULT_TOKEN=x")],
            "Must provide a supported Authentication Type",
        ),
        (&[("VAULT_ADDR", "")], "VAULT_ADDR is not set"),
    ] {
        assert_eq!(refusal(&with(values)), message);
    }
}

#[test]
fn what_cannot_be_used_is_named() {
    let folder = tempfile::tempdir().unwrap();
    let path = |name: &str| folder.path().join(name).to_str().unwrap().to_owned();
    std::fs::create_dir(path("none")).unwrap();
    std::fs::create_dir(path("junk")).unwrap();
    std::fs::write(path("junk/ca.pem"), SENTINEL).unwrap();
    for (name, value, word) in [
        ("AVP_KV_VERSION", "3", "unsupported kvVersion specified"),
        ("AVP_MOUNT_PATH", "auth/../sys", "`auth/../sys`"),
        ("AVP_MOUNT_PATH", "/", "`/`"),
        ("VAULT_SKIP_VERIFY", SENTINEL, "VAULT_SKIP_VERIFY"),
        ("VAULT_MAX_RETRIES", "-1", "VAULT_MAX_RETRIES"),
        ("VAULT_MAX_RETRIES", "101", "VAULT_MAX_RETRIES"),
        ("VAULT_CLIENT_TIMEOUT", "soon", "VAULT_CLIENT_TIMEOUT"),
        ("VAULT_CACERT", &path("absent"), "absent"),
        ("VAULT_CACERT", &path("junk/ca.pem"), "ca.pem"),
        ("VAULT_CACERT_BYTES", SENTINEL, "VAULT_CACERT_BYTES"),
        ("VAULT_CAPATH", &path("absent"), "VAULT_CAPATH"),
        ("VAULT_CAPATH", &path("none"), "VAULT_CAPATH"),
        ("VAULT_CAPATH", &path("junk"), "ca.pem"),
        ("VAULT_CLIENT_CERT", &path("absent"), "VAULT_CLIENT_KEY"),
        ("VAULT_CLIENT_KEY", &path("absent"), "VAULT_CLIENT_CERT"),
        (
            "VAULT_TLS_SERVER_NAME",
            "127.0.0.1",
            "VAULT_TLS_SERVER_NAME",
        ),
        ("VAULT_TLS_SERVER_NAME", "a/b", "VAULT_TLS_SERVER_NAME"),
        (
            "MANIFILL_VAULT_PATH_REPAIR",
            "maybe",
            "MANIFILL_VAULT_PATH_REPAIR",
        ),
        ("VAULT_ADDR", "vault:8200", "VAULT_ADDR"),
    ] {
        let message = refusal(&with(&[(name, value)]));
        assert!(message.contains(word), "{name}: {message}");
    }
}

#[test]
fn certificates_come_from_files_text_and_folders() {
    let folder = tempfile::tempdir().unwrap();
    let path = |name: &str| folder.path().join(name).to_str().unwrap().to_owned();
    let key = KeyPair::generate().unwrap();
    let pem = CertificateParams::default()
        .self_signed(&key)
        .unwrap()
        .pem();
    std::fs::create_dir(path("cas")).unwrap();
    std::fs::create_dir(path("cas/..data")).unwrap();
    for name in ["cas/a.pem", "cas/b.crt", "cert.pem"] {
        std::fs::write(path(name), &pem).unwrap();
    }
    std::fs::write(path("key.pem"), key.serialize_pem()).unwrap();
    let settings = with(&[
        ("VAULT_CACERT", &path("cert.pem")),
        ("VAULT_CACERT_BYTES", &pem),
        ("VAULT_CAPATH", &path("cas")),
        ("VAULT_CLIENT_CERT", &path("cert.pem")),
        ("VAULT_CLIENT_KEY", &path("key.pem")),
        ("VAULT_TLS_SERVER_NAME", "vault.internal"),
        ("VAULT_CLIENT_TIMEOUT", "0"),
    ]);
    connect(&settings, &ConnectContext::new()).unwrap();
}

#[tokio::test]
async fn an_unchecked_certificate_is_noted() {
    let server = serve(|_, _| Some(version(1, serde_json::json!({})))).await;
    for (value, notes) in [("true", 1), ("0", 0)] {
        let settings = settings(&server).with("VAULT_SKIP_VERIFY", value);
        let (_, run) = read(&settings, &["secret/data/a"]).await;
        assert_eq!(run.notes().len(), notes);
    }
}

#[test]
fn the_backend_shows_its_server_and_no_credential() {
    for method in ["token", "approle", "userpass", "github", "jwt"] {
        let settings = with(&[
            ("AVP_AUTH_TYPE", method),
            ("AVP_ROLE_ID", SECRET),
            ("AVP_SECRET_ID", SECRET),
            ("AVP_USERNAME", SECRET),
            ("AVP_PASSWORD", SECRET),
            ("AVP_GITHUB_TOKEN", SECRET),
            ("AVP_JWT", SECRET),
        ]);
        let shown = format!("{:?}", connect(&settings, &ConnectContext::new()).unwrap());
        assert!(shown.contains("https://vault.example:8200") && shown.contains(method));
        assert!(!shown.contains(SENTINEL), "{shown}");
    }
}

#[test]
fn a_token_of_this_machine_does_not_go_where_the_author_says() {
    let settings = |address: Origin, login: Origin, switch: Option<&str>| {
        let mut settings = Settings::new();
        settings.set("VAULT_ADDR", "https://x.example", address);
        settings.set("AVP_AUTH_TYPE", "k8s", Origin::AppEnvironment);
        settings.set("AVP_K8S_ROLE", "argocd", login.clone());
        settings.set("AVP_JWT_PATH", "/var/run/jwt", login);
        match switch {
            Some(value) => settings.with("MANIFILL_VAULT_LOCAL_LOGIN", value),
            None => settings,
        }
    };
    let (author, operator) = (Origin::AppEnvironment, Origin::Environment);
    for (address, login, switch, allowed) in [
        (&operator, &operator, None, true),
        (&author, &operator, None, false),
        // Only with the operator's trust does it come so far.
        (&author, &author, None, true),
        (&author, &operator, Some("true"), true),
        (&operator, &operator, Some("false"), false),
    ] {
        for method in ["k8s", "jwt"] {
            let settings = settings(address.clone(), login.clone(), switch);
            let outcome = connect(
                &settings.with("AVP_AUTH_TYPE", method),
                &ConnectContext::new(),
            );
            assert_eq!(outcome.is_ok(), allowed, "{address} {login} {switch:?}");
        }
    }
    // A JWT that is given comes from the same side as the address.
    let given = settings(author, operator, None)
        .with("AVP_AUTH_TYPE", "jwt")
        .with("AVP_JWT", SECRET);
    connect(&given, &ConnectContext::new()).unwrap();
}

#[test]
fn what_the_engine_decides_stands_beside_the_settings() {
    // No setting gives back what the rules of a run take away.
    let repairs = base().with("MANIFILL_VAULT_PATH_REPAIR", "true");
    for restricted in [true, false] {
        let context = ConnectContext::new().with_restriction(restricted);
        let backend = Vault::in_context(&repairs, &context).unwrap();
        assert_eq!(backend.repairs, !restricted);
    }
    // A login of this machine: the settings first, then the context, then who set what.
    let local = |switch: Option<&str>, context: Option<bool>| {
        let mut settings = Settings::new()
            .with("AVP_AUTH_TYPE", "k8s")
            .with("AVP_K8S_ROLE", "role");
        settings.set("VAULT_ADDR", "https://a.example", Origin::AppEnvironment);
        if let Some(value) = switch {
            settings = settings.with("MANIFILL_VAULT_LOCAL_LOGIN", value);
        }
        let context = context
            .into_iter()
            .fold(ConnectContext::new(), |context, allowed| {
                context.with_local_login(allowed)
            });
        connect(&settings, &context).is_ok()
    };
    assert!(!local(None, None) && local(None, Some(true)) && !local(None, Some(false)));
    assert!(local(Some("true"), Some(false)) && !local(Some("false"), Some(true)));
}

#[test]
fn the_author_brings_an_address_with_a_login_and_no_files() {
    let info = by_name("vault").unwrap();
    for setting in info.settings {
        let operators = setting.name.starts_with("MANIFILL_")
            || setting.name.ends_with("_PATH") && !setting.name.ends_with("MOUNT_PATH")
            || setting.name.ends_with("K8S_ROLE")
            || setting.name.ends_with("JWT_ROLE")
            || [
                "VAULT_CA",
                "VAULT_CLIENT",
                "VAULT_TLS",
                "VAULT_SKIP",
                "VAULT_MAX",
            ]
            .iter()
            .any(|prefix| setting.name.starts_with(prefix));
        let expected = match setting.name {
            "AVP_KV_VERSION" => Class::Free,
            // Files whose content is sent, and folders.
            "AVP_JWT_PATH"
            | "AVP_K8S_TOKEN_PATH"
            | "VAULT_CAPATH"
            | "MANIFILL_VAULT_TOKEN_CACHE" => Class::Locked,
            _ if operators => Class::Operator,
            _ => Class::Bundle,
        };
        assert_eq!(setting.class, expected, "{}", setting.name);
    }
    let required: Vec<_> = info
        .settings
        .iter()
        .filter(|setting| setting.is_required())
        .map(|setting| setting.name)
        .collect();
    assert_eq!(required, ["VAULT_ADDR", "AVP_AUTH_TYPE"]);
}

#[test]
fn each_login_needs_what_its_settings_declare_and_nothing_else() {
    let info = by_name("vault").unwrap();
    let needs = |setting: &Setting, method: &str| match setting.required {
        Required::Always => true,
        Required::With(methods) => methods.contains(&method),
        _ => false,
    };
    for method in [
        "approle",
        "github",
        "jwt",
        "k8s",
        "kubernetes",
        "token",
        "userpass",
    ] {
        let needed: Vec<&str> = info
            .settings
            .iter()
            .filter(|setting| needs(setting, method))
            .map(|setting| setting.name)
            .collect();
        assert!(needed.len() > 2, "{method} logs in with nothing");
        let value = |name: &str| match name {
            "VAULT_ADDR" => "https://vault.example.com".to_owned(),
            "AVP_AUTH_TYPE" => method.to_owned(),
            _ => "x".to_owned(),
        };
        let settings = |without: &str| {
            let names = needed.iter().filter(|name| **name != without);
            names.fold(Settings::new(), |settings, name| {
                settings.with(name, value(name))
            })
        };
        assert!(Vault::from_settings(&settings("")).is_ok(), "{method}");
        for name in &needed {
            let made = Vault::from_settings(&settings(name));
            // A token says by itself what it is for.
            if (method, *name) == ("token", "AVP_AUTH_TYPE") {
                assert!(made.is_ok() && info.missing(&settings(name)).is_empty());
                continue;
            }
            assert_eq!(
                made.unwrap_err().kind(),
                VaultErrorKind::Configuration,
                "{method}: {name}"
            );
            // Without the method nobody knows what else there has to be.
            let missing = info.missing(&settings(name));
            let missing: Vec<_> = missing.iter().map(|setting| setting.name).collect();
            assert_eq!(missing, [*name], "{method}");
        }
        assert!(info.missing(&settings("")).is_empty(), "{method}");
    }
}

#[test]
fn a_setting_can_take_the_place_of_another() {
    let info = by_name("vault").unwrap();
    for setting in info.settings {
        for other in setting.alternatives {
            assert!(info.setting(other).is_some(), "{other}");
        }
    }
    let jwt = Settings::new()
        .with("BAO_ADDR", "https://vault.example.com")
        .with("AVP_AUTH_TYPE", "jwt");
    let missing = |settings: &Settings| -> Vec<_> {
        let missing = info.missing(settings);
        missing.iter().map(|setting| setting.name).collect()
    };
    assert_eq!(missing(&jwt), ["AVP_JWT"]);
    let file = jwt.with("AVP_JWT_PATH", "/run/token");
    assert_eq!(missing(&file), [""; 0]);
    assert!(connect(&file, &ConnectContext::new()).is_ok());
    let bare = Settings::new().with("BAO_TOKEN", TOKEN);
    assert_eq!(missing(&bare), ["VAULT_ADDR"]);
}

#[test]
fn a_namespace_does_not_put_the_api_of_logins_in_front_of_a_path() {
    for namespace in ["auth", "/auth/token/", "team-a/auth", "sys", "identity/x"] {
        let told = refusal(&with(&[("VAULT_NAMESPACE", namespace)]));
        let expected = "no namespace can be called as VAULT_NAMESPACE is";
        assert_eq!(told, expected, "{namespace}");
    }
    let settings = with(&[("VAULT_NAMESPACE", "team-a/authors")]);
    assert!(connect(&settings, &ConnectContext::new()).is_ok());
}

#[tokio::test]
async fn a_token_without_a_method_is_one_and_the_api_is_no_part_of_the_address() {
    let settings = Settings::new()
        .with("BAO_ADDR", "http://127.0.0.1:8200/v1")
        .with("BAO_TOKEN", TOKEN);
    let backend = connect(&settings, &ConnectContext::new()).unwrap();
    assert!(format!("{backend:?}").contains("login: \"token\""));
    let run = crate::RunContext::new();
    backend.read(&[], &run).await;
    let notes = run.notes();
    assert!(
        notes[0].starts_with("AVP_AUTH_TYPE is not set"),
        "{notes:?}"
    );
    assert!(
        notes[1].contains("ends with /v1, or a page of /ui, which was left out"),
        "{notes:?}"
    );
    let run = crate::RunContext::new();
    let backend = connect(&base(), &ConnectContext::new()).unwrap();
    backend.read(&[], &run).await;
    assert!(run.notes().is_empty());
}

#[test]
fn a_token_has_no_quotes_and_no_white_space() {
    for token in ["\"SENTINEL\"", "'SENTINEL'", "SENT INEL", "SENT\nINEL"] {
        let settings = base().with("VAULT_TOKEN", token);
        let error = connect(&settings, &ConnectContext::new()).unwrap_err();
        let shown = format!("{error} {error:?}");
        assert!(
            shown.starts_with("VAULT_TOKEN contains a character that no token has")
                && !shown.contains("SENT"),
            "{shown}"
        );
    }
}
