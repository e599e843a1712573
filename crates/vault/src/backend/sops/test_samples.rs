//! What the real sops wrote, in every format and for every kind of key that needs no server.

use super::sealing::{samples, testdata, values};
use crate::Settings;

fn with_age() -> Settings {
    samples().with("SOPS_AGE_KEY_FILE", "throwaway-age.key")
}

#[tokio::test]
async fn yaml_keeps_types_digits_and_order() {
    let expected = concat!(
        r#"{"database":{"username":"admin","password":"s3cr3t-pässwörd","port":5432,"ratio":1.5,"#,
        r#""tiny":0.0000001,"huge":123456789012345678,"enabled":true,"disabled":false,"#,
        r#""nothing":null,"empty":"","multi":"line one\nline two\n","#,
        r#""note_unencrypted":"stays plain"},"#,
        r#""list":["first","second",{"nested":"value","deep":[1,2.5,false]}],"#,
        r#""when":"2024-02-03T04:05:06Z","date":"2024-02-03T00:00:00Z","octal":12,"#,
        r#""quotednum":"0123","key with: colon":"colon-value","emptymap":{},"emptylist":[]}"#,
    );
    for key in ["throwaway-age.key", "throwaway-age2.key", "two.keys"] {
        let settings = samples().with("SOPS_AGE_KEY_FILE", key);
        assert_eq!(values(&settings, "secrets.yaml").await, expected, "{key}");
    }
}

#[tokio::test]
async fn json_with_a_rule_about_names() {
    let expected = concat!(
        r#"{"apiVersion":"v1","kind":"Secret","metadata":{"name":"demo","labels":{"a":"b"}},"#,
        r#""data":{"user":"YWRtaW4=","pass":"cGFzcw=="},"#,
        r#""stringData":{"url":"postgres://x:y@z/db","n":5,"f":2.5,"t":true,"z":null,"#,
        // This version of sops took numbers for floating-point when it encrypted.
        r#""arr":["a",{"b":"c"}],"big":9007199254740992}}"#,
    );
    assert_eq!(values(&with_age(), "k8s-secret.json").await, expected);
}

#[tokio::test]
async fn lines() {
    let settings = with_age();
    assert_eq!(
        values(&settings, "app.env").await,
        r#"{"APP_USER":"admin","APP_PASS":"p=a=s=s#1","EMPTY":"","MULTI":"line1\nline2","APP_NAME_unencrypted":"demo"}"#
    );
    assert_eq!(
        values(&settings, "config.ini").await,
        r#"{"DEFAULT":{"top":"1"},"db":{"user":"admin","pass":"quo ted"},"empty":{}}"#
    );
}

#[tokio::test]
async fn a_binary_file_comes_as_bytes() {
    let secret = super::sealing::read(&with_age(), "blob.bin").await.unwrap();
    assert_eq!(secret.names().collect::<Vec<_>>(), ["data"]);
    let value = secret.value("data").unwrap().unwrap();
    let crate::Exposed::Bytes(bytes) = value.expose() else {
        panic!("these are no bytes");
    };
    let start = [0x20, 0x66, 0x5d, 0x60, 0x70, 0xfa];
    assert!(bytes.len() == 300 && bytes.starts_with(&start));
}

#[tokio::test]
async fn documents_and_comments() {
    let settings = with_age();
    assert_eq!(
        values(&settings, "multidoc.yaml").await,
        r#"{"a":"one","b":"two","c":["x"]}"#
    );
    assert_eq!(
        values(&settings, "comment.yaml").await,
        r#"{"secret":"s","public":"p","list":["a","b"]}"#
    );
}

#[tokio::test]
async fn key_groups_need_as_many_keys_as_the_threshold() {
    let settings = samples().with("SOPS_AGE_KEY_FILE", "two.keys");
    let expected = r#"{"user":"u","pass":"p"}"#;
    assert_eq!(values(&settings, "shamir.yaml").await, expected);
    let (kind, message, _) = super::sealing::refused(&with_age(), "shamir.yaml").await;
    assert_eq!(kind, crate::VaultErrorKind::PermissionDenied);
    assert_eq!(
        message,
        "the file `shamir.yaml` needs `2` of its key groups, and the keys here open `1`"
    );
}

#[tokio::test]
async fn ssh_keys_open_what_age_encrypted_for_them() {
    let settings = samples().with("SOPS_AGE_SSH_PRIVATE_KEY_FILE", "throwaway-ssh");
    assert_eq!(
        values(&settings, "agessh.yaml").await,
        r#"{"via":"age-ssh"}"#
    );
}

/// Formats of no known end are told by their content, and line ends do not matter.
#[tokio::test]
async fn copies_of_a_file_are_read_alike() {
    let folder = tempfile::tempdir().unwrap();
    let settings = Settings::new()
        .with_base(folder.path())
        .with("SOPS_AGE_KEY", super::sealing::sample("throwaway-age.key"));
    let original = values(&with_age(), "k8s-secret.json").await;
    std::fs::copy(
        testdata().join("k8s-secret.json"),
        folder.path().join("a.txt"),
    )
    .unwrap();
    assert_eq!(values(&settings, "a.txt").await, original);
    let original = values(&with_age(), "secrets.yaml").await;
    let text = super::sealing::sample("secrets.yaml");
    std::fs::write(folder.path().join("secrets"), &text).unwrap();
    assert_eq!(values(&settings, "secrets").await, original);
    std::fs::write(folder.path().join("b.yaml"), text.replace('\n', "\r\n")).unwrap();
    assert_eq!(values(&settings, "b.yaml").await, original);
}
