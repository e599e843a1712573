//! Configurations, and what is wrong with them.

use std::fs;

use base64::Engine as _;
use base64::engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD};
use serde_json::Value;

use super::KeeperSecretsManager;
use super::samples::{DB, Keeper, database, json, read_one, serve};
use crate::suite::{SENTINEL, TOKEN};
use crate::{Settings, VaultErrorKind};

fn wrong(settings: &Settings) -> (String, Option<&'static str>) {
    let error = KeeperSecretsManager::from_settings(settings).unwrap_err();
    assert_eq!(error.kind(), VaultErrorKind::Configuration);
    assert!(!format!("{error} {error:?}").contains(SENTINEL), "{error}");
    (error.to_string(), error.hint())
}

#[tokio::test]
async fn a_configuration_is_json_or_base64_in_a_file_or_a_setting() {
    let (server, settings) = serve(vec![database()]).await;
    let json = settings.value("KSM_CONFIG").unwrap().to_owned();
    let folder = tempfile::tempdir().unwrap();
    let encoded = STANDARD.encode(&json);
    let (start, end) = encoded.split_at(76);
    let pretty: Value = serde_json::from_str(&json).unwrap();
    let pretty = serde_json::to_string_pretty(&pretty).unwrap();
    for text in [
        json.clone(),
        pretty + "\n",
        encoded.clone(),
        format!("{start}\n{end}\n"),
        URL_SAFE_NO_PAD.encode(&json),
    ] {
        let path = folder.path().join("config");
        fs::write(&path, &text).unwrap();
        for settings in [
            Settings::new().with("KSM_CONFIG", &text),
            Settings::new().with("AVP_KEEPER_CONFIG_PATH", path.to_str().unwrap()),
            Settings::new().with("KSM_CONFIG_FILE", path.to_str().unwrap()),
            Settings::new()
                .with("AVP_KEEPER_CONFIG_PATH", "config")
                .with_base(folder.path()),
            // The file counts.
            Settings::new()
                .with("AVP_KEEPER_CONFIG_PATH", path.to_str().unwrap())
                .with("KSM_CONFIG", "no"),
        ] {
            read_one(&settings, DB, &["login"]).await.unwrap();
        }
    }
    assert_eq!(server.seen().len(), 5 * 5);
}

#[tokio::test]
async fn the_number_of_the_servers_key_may_be_anything() {
    let (server, settings) = serve(vec![database()]).await;
    let config: Value = serde_json::from_str(settings.value("KSM_CONFIG").unwrap()).unwrap();
    for number in [json!("99"), json!(99)] {
        let mut config = config.clone();
        config["serverPublicKeyId"] = number;
        let settings = Settings::new().with("KSM_CONFIG", config.to_string());
        read_one(&settings, DB, &["login"]).await.unwrap();
    }
    assert_eq!(server.seen().len(), 2);
    for number in [json!(null), json!("x"), json!(-1), json!("42")] {
        let mut config = config.clone();
        config["serverPublicKeyId"] = number;
        config["serverPublicKey"] = json!(null);
        let settings = Settings::new().with("KSM_CONFIG", config.to_string());
        server.forget();
        read_one(&settings, DB, &["login"]).await.unwrap_err();
        assert_eq!(server.seen()[0].header("publickeyid"), Some("10"));
    }
}

#[test]
fn what_is_missing_or_wrong_is_told_by_name() {
    let whole = Keeper::new(TOKEN, vec![]).config("keepersecurity.eu");
    let with = |part: &str, value: Value| {
        let mut config = whole.clone();
        config[part] = value;
        Settings::new().with("KSM_CONFIG", config.to_string())
    };
    KeeperSecretsManager::from_settings(&with("hostname", json!("EU"))).unwrap();
    for (part, value, message) in [
        (
            "clientId",
            json!(""),
            "`clientId` is missing in the configuration in `KSM_CONFIG`",
        ),
        (
            "privateKey",
            json!(null),
            "`privateKey` is missing in the configuration in `KSM_CONFIG`",
        ),
        (
            "appKey",
            json!(null),
            "`appKey` is missing in the configuration in `KSM_CONFIG`",
        ),
        (
            "appKey",
            json!(SENTINEL),
            "`appKey` in `KSM_CONFIG` is not a key of 32 bytes",
        ),
        (
            "appKey",
            json!("AAAA"),
            "`appKey` in `KSM_CONFIG` is not a key of 32 bytes",
        ),
        (
            "privateKey",
            json!(SENTINEL),
            "`privateKey` in `KSM_CONFIG` is not a key of P-256",
        ),
        (
            "privateKey",
            json!("AAAA"),
            "`privateKey` in `KSM_CONFIG` is not a key of P-256",
        ),
        (
            "serverPublicKey",
            json!("AAAA"),
            "`serverPublicKey` in `KSM_CONFIG` is not a key of P-256",
        ),
        (
            "hostname",
            json!("https://u:sentinel-4c1f9e@h"),
            "`hostname` in `KSM_CONFIG` is not the name of a host",
        ),
    ] {
        assert_eq!(wrong(&with(part, value)).0, message);
    }
    let about = "it is the JSON of a device, or base64 of that JSON, as the web vault gives it";
    for text in [
        SENTINEL,
        "{",
        "{\"clientId\": 1}",
        "[]",
        "e30",
        "\"a\"",
        "US:one-time-token",
    ] {
        let settings = Settings::new().with("KSM_CONFIG", text);
        let (message, hint) = wrong(&settings);
        // An empty one is one that lacks everything.
        if text == "e30" {
            assert_eq!(
                message,
                "`clientId` is missing in the configuration in `KSM_CONFIG`"
            );
            continue;
        }
        assert_eq!(
            message,
            "`KSM_CONFIG` holds no configuration of Keeper Secrets Manager"
        );
        assert!(hint == Some(about));
    }
}

#[test]
fn a_token_that_is_not_redeemed_is_told() {
    let config = json!({"hostname": "US", "clientKey": SENTINEL});
    let settings = Settings::new().with("KSM_CONFIG", config.to_string());
    let (message, hint) = wrong(&settings);
    assert_eq!(
        message,
        "the configuration in `KSM_CONFIG` holds a one-time token that is not redeemed"
    );
    assert_eq!(
        hint,
        Some("`ksm init default TOKEN` redeems it and makes the configuration")
    );
}

#[test]
fn settings_that_are_missing_and_files_that_cannot_be_read_are_told_at_once() {
    let (message, hint) = wrong(&Settings::new());
    assert_eq!(message, "`AVP_KEEPER_CONFIG_PATH` is not set");
    assert_eq!(
        hint,
        Some("it is a file that the web vault or `ksm init` makes for a device of an application")
    );
    let settings = Settings::new()
        .with("AVP_KEEPER_CONFIG_PATH", "/no/such/file")
        .with("MANIFILL_KEEPER_CACERT", "/no/such/ca");
    let error = KeeperSecretsManager::from_settings(&settings).unwrap_err();
    assert_eq!(
        error.to_string(),
        "cannot read the configuration `/no/such/file`; cannot read the CA file `/no/such/ca`"
    );
    let settings: Vec<_> = error.each().map(|error| error.setting()).collect();
    assert_eq!(
        settings,
        [
            Some("AVP_KEEPER_CONFIG_PATH"),
            Some("MANIFILL_KEEPER_CACERT")
        ]
    );
}

#[test]
fn debug_shows_the_server_and_no_key() {
    let config = Keeper::new(TOKEN, vec![]).config("keepersecurity.eu");
    let settings = Settings::new().with("KSM_CONFIG", config.to_string());
    let backend = KeeperSecretsManager::from_settings(&settings).unwrap();
    assert_eq!(
        format!("{backend:?}"),
        r#"KeeperSecretsManager { server: "https://keepersecurity.eu", .. }"#
    );
}
