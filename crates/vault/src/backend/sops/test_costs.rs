//! What a file may cost (rule R11): everything about it is bounded before it is computed with.

use serde_json::{Value, json};

use super::decrypt::decrypt;
use super::sealing::{DATA_KEY, file, folder, for_age, refused, seal};
use super::*;

const NOT_UNDERSTOOD: &str = "what SOPS wrote about the file `a.json` is not understood";

/// How reading a file ends that holds one value and this about its keys.
async fn refusal(about: Value) -> (VaultErrorKind, String, Option<&'static str>) {
    let content = Value::from(file("k", b"v", about)).to_string();
    let (_folder, settings) = folder("a.json", content);
    refused(&settings, "a.json").await
}

fn not_understood(problem: &'static str) -> (VaultErrorKind, String, Option<&'static str>) {
    let kind = VaultErrorKind::Configuration;
    (kind, format!("{NOT_UNDERSTOOD}: {problem}"), None)
}

#[tokio::test]
async fn what_stands_there_for_a_key_is_bounded_before_it_is_read() {
    let header = "age-encryption.org/v1\n".to_owned() + &"-> foo bar\n\n".repeat(1000);
    for (kind, entry) in [
        ("age", json!({"enc": header})),
        ("pgp", json!({"enc": header})),
        ("hc_vault", json!({"enc": header, "key_name": "k"})),
    ] {
        let about = json!({ kind: [entry.clone()] });
        let grouped = json!({ "key_groups": [{ kind: [entry] }, {}] });
        for about in [about, grouped] {
            let expected = not_understood("it holds more than 4 KiB for one key");
            assert_eq!(refusal(about).await, expected, "{kind}");
        }
    }
}

#[tokio::test]
async fn a_header_of_very_many_stanzas_is_not_read() {
    let content = |stanzas: usize| {
        let key = "-> a\n\n".repeat(stanzas);
        let (mac, rest) = ("A".repeat(43), "x".repeat(64));
        let text = format!("age-encryption.org/v1\n{key}--- {mac}\n{rest}");
        let mut armored =
            ::age::armor::ArmoredWriter::wrap_output(Vec::new(), ::age::armor::Format::AsciiArmor)
                .unwrap();
        std::io::Write::write_all(&mut armored, text.as_bytes()).unwrap();
        let enc = String::from_utf8(armored.finish().unwrap()).unwrap();
        Value::from(file("k", b"v", json!({"age": [{"enc": enc}]}))).to_string()
    };
    for (stanzas, expected) in [
        (8, "none of the age keys here opens the file `a.json`"),
        (
            9,
            "the data of the file `a.json` for an age key was changed, or was not written by age",
        ),
    ] {
        let (_folder, settings) = folder("a.json", content(stanzas));
        let key = sealing::sample("throwaway-age.key");
        let (_, message, _) = refused(&settings.with("SOPS_AGE_KEY", key), "a.json").await;
        assert_eq!(message, expected, "{stanzas} stanzas");
    }
}

#[tokio::test]
async fn so_many_keys_are_tried_and_no_more() {
    let keys = |count: usize| vec![json!({"enc": "x"}); count];
    let too_many = not_understood("it names more than 256 keys");
    for about in [
        json!({"age": keys(257)}),
        json!({"pgp": keys(257)}),
        json!({"hc_vault": keys(257)}),
        json!({"kms": keys(257)}),
        json!({"age": keys(200), "pgp": keys(57)}),
        json!({"key_groups": [{"age": keys(200)}, {"age": keys(57)}]}),
    ] {
        assert_eq!(refusal(about).await, too_many);
    }
    let groups = json!({"key_groups": vec![json!({}); 257]});
    let too_many = not_understood("it has more than 256 groups of keys");
    assert_eq!(refusal(groups).await, too_many);
    let (_, message, _) = refusal(json!({"age": keys(256)})).await;
    assert!(message.contains("age keys"), "{message}");
}

#[tokio::test]
async fn a_rule_about_names_stays_small() {
    let problem = "the regular expression for what is encrypted is malformed or too large";
    let about = json!({"age": [], "encrypted_regex": "((x{100}){100}){10}"});
    assert_eq!(refusal(about).await, not_understood(problem));
}

#[tokio::test]
async fn names_that_lead_to_a_value_are_bounded_together() {
    let long = "n".repeat(1500);
    let mut content = file("k", b"v", for_age(&DATA_KEY));
    let inner = seal(b"v", "str", &format!("{long}:{long}:{long}:"));
    content.insert(long.clone(), json!({ &long: { &long: inner } }));
    let (_folder, settings) = folder("a.json", Value::from(content).to_string());
    let settings = settings.with("SOPS_AGE_KEY", sealing::sample("throwaway-age.key").trim());
    let (kind, message, _) = refused(&settings, "a.json").await;
    assert_eq!(kind, VaultErrorKind::InvalidAnswer);
    assert_eq!(
        message,
        "the names that lead to a value of the file `a.json` are longer than 4 KiB"
    );
}

#[test]
fn decryption_ends_with_the_run() {
    let content = Value::from(file("k", b"v", json!({"age": []}))).to_string();
    let parts = Format::of(Path::new("a.json")).read(&content).ok().unwrap();
    let metadata = Metadata::read(&parts.about.unwrap()).ok().unwrap();
    let key = cipher::DataKey::new(&DATA_KEY).unwrap();
    let over = RunContext::new().with_timeout(std::time::Duration::ZERO);
    let decrypted = |run| decrypt(&parts.documents, &metadata, &key, run).map(|all| all.len());
    assert_eq!(decrypted(&over), Err(Damage::TooLate));
    assert_eq!(decrypted(&RunContext::new()), Ok(1));
}
