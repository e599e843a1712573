//! Files that somebody changed: none of them gives a value, and none of the errors shows one.

use serde_json::{Value, json};

use super::sealing::*;
use super::*;
use crate::suite::SENTINEL;

const CHANGED: &str = "was changed after it was encrypted";
const CLEAR: &str = "holds a value in clear text that should be encrypted";

fn keyed(settings: Settings) -> Settings {
    settings.with("SOPS_AGE_KEY", sample("throwaway-age.key"))
}

/// The message about a changed sample.
async fn message(name: &str, content: &str) -> String {
    let (_folder, settings) = folder(name, content);
    let (kind, message, _) = refused(&keyed(settings), name).await;
    assert_eq!(kind, VaultErrorKind::InvalidAnswer, "{message}");
    message
}

/// The sample with one line of it changed.
fn with_line(name: &str, begin: &str, change: impl Fn(&str) -> String) -> String {
    let text = sample(name);
    let lines: Vec<String> = text
        .lines()
        .map(|line| {
            if line.trim_start().starts_with(begin) {
                change(line)
            } else {
                line.to_owned()
            }
        })
        .collect();
    let changed = lines.join("\n") + "\n";
    assert_ne!(changed, text, "{begin} is not in {name}");
    changed
}

/// Another letter in the place after a mark.
fn flipped(line: &str, mark: &str) -> String {
    let at = line.find(mark).unwrap() + mark.len();
    let other = if &line[at..=at] == "A" { "B" } else { "A" };
    format!("{}{other}{}", &line[..at], &line[at + 1..])
}

#[tokio::test]
async fn one_changed_letter_is_enough() {
    for mark in ["data:", "iv:", "tag:"] {
        for begin in ["password:", "port:", "quotednum:", "mac:"] {
            let text = with_line("secrets.yaml", begin, |line| flipped(line, mark));
            let message = message("secrets.yaml", &text).await;
            assert!(message.contains(CHANGED), "{begin} {mark} {message}");
        }
    }
    for (name, begin, mark) in [
        ("app.env", "APP_PASS", "data:"),
        ("config.ini", "pass", "tag:"),
        ("blob.bin", "\"data\"", "data:"),
        ("multidoc.yaml", "b:", "data:"),
        ("comment.yaml", "secret:", "iv:"),
    ] {
        let text = with_line(name, begin, |line| flipped(line, mark));
        assert!(message(name, &text).await.contains(CHANGED), "{name}");
    }
}

#[tokio::test]
async fn nothing_can_be_moved_left_out_or_added() {
    let text = sample("secrets.yaml");
    let lines: Vec<&str> = text.lines().collect();
    let find = |begin: &str| {
        let found = lines
            .iter()
            .position(|line| line.trim_start().starts_with(begin));
        found.unwrap()
    };
    let value = |begin: &str| lines[find(begin)].split_once(": ").unwrap().1;
    let (user, password) = (value("username:"), value("password:"));
    let first = find("- ENC");
    let mut swapped = lines.clone();
    swapped.swap(first, first + 1);
    let without = |index: usize| {
        let mut lines = lines.clone();
        lines.remove(index);
        lines.join("\n")
    };
    for (what, changed) in [
        (
            "values swapped",
            text.replace(user, "@")
                .replace(password, user)
                .replace('@', password),
        ),
        ("items swapped", swapped.join("\n")),
        ("a value left out", without(find("port:"))),
        ("an item left out", without(first)),
        ("a key renamed", text.replace("username:", "login:")),
        (
            "a clear value changed",
            text.replace("stays plain", "is changed"),
        ),
        (
            "a clear value added",
            text.replacen("sops:", "x_unencrypted: y\nsops:", 1),
        ),
        (
            "a value repeated",
            text.replacen("sops:", &format!("database2: {user}\nsops:"), 1),
        ),
        (
            "another time",
            text.replace("2026-11-22T03:54:01Z", "2026-11-22T03:54:02Z"),
        ),
        ("no hash", without(find("mac:"))),
        (
            "a rule added",
            text.replace("unencrypted_suffix: _unencrypted", "encrypted_suffix: none"),
        ),
    ] {
        let message = message("secrets.yaml", &changed).await;
        assert!(message.contains(CHANGED), "{what}: {message}");
    }
    let documents: Vec<&str> = sample("multidoc.yaml").leak().split("\n---\n").collect();
    let turned = format!("{}\n---\n{}", documents[1], documents[0]);
    assert!(message("multidoc.yaml", &turned).await.contains(CHANGED));
    assert!(
        message("multidoc.yaml", documents[0])
            .await
            .contains(CHANGED)
    );
}

#[tokio::test]
async fn clear_text_is_not_taken_for_encrypted() {
    for (name, begin, line) in [
        ("secrets.yaml", "password:", "    password: hunter2"),
        ("secrets.yaml", "empty:", "    empty: hunter2"),
        ("secrets.yaml", "port:", "    port: 1"),
        (
            "secrets.yaml",
            "password:",
            "    password: ENC[AES256_GCM,data:x]",
        ),
        ("app.env", "EMPTY", "EMPTY=hunter2"),
    ] {
        let text = with_line(name, begin, |_| line.to_owned());
        let message = message(name, &text).await;
        assert!(message.contains(CLEAR), "{line}: {message}");
        assert!(!message.contains("hunter2"));
    }
}

/// With `mac_only_encrypted` the author of the file gave up the check of clear values, and of
/// nothing else.
#[tokio::test]
async fn values_in_clear_may_change_only_where_sops_does_not_hash_them() {
    let text = sample("k8s-secret.json");
    let (_folder, settings) = folder("s.json", text.replace("\"demo\"", "\"other\""));
    let values = values(&keyed(settings), "s.json").await;
    assert!(values.contains(r#""name":"other""#) && values.contains(r#""user":"YWRtaW4=""#));
    for (what, changed) in [
        (
            "the switch",
            text.replace("\"mac_only_encrypted\": true,", ""),
        ),
        (
            "a new value",
            text.replace("\"z\": null", "\"z\": \"hunter2\""),
        ),
        ("a value less", text.replace("\"stringData\"", "\"other\"")),
    ] {
        assert_ne!(changed, text, "{what}");
        message("s.json", &changed).await;
    }
}

#[tokio::test]
async fn wrong_key_no_key_and_damage_are_told_apart() {
    let file = |data_key: &[u8]| {
        let file = file("k", SENTINEL.as_bytes(), for_age(data_key));
        Value::from(file).to_string()
    };
    // A data key of another file, and none at all.
    for (data_key, expected) in [
        (&[1_u8; 32][..], CHANGED),
        (&[1; 31], "no data key"),
        (&[1; 33], "no data key"),
        (&[], "no data key"),
    ] {
        let text = message("s.json", &file(data_key)).await;
        assert!(text.contains(expected), "{text}");
    }
    let (_folder, settings) = folder("s.json", file(&DATA_KEY));
    let wrong = settings
        .clone()
        .with("SOPS_AGE_KEY", sample("throwaway-age2.key"));
    let (kind, text, _) = refused(&wrong, "s.json").await;
    assert_eq!(kind, VaultErrorKind::PermissionDenied);
    assert_eq!(text, "none of the age keys here opens the file `s.json`");
    let (kind, text, hint) = refused(&settings, "s.json").await;
    assert_eq!(kind, VaultErrorKind::Configuration);
    assert_eq!(
        text,
        "the file `s.json` is encrypted for age keys, and no age key is set"
    );
    assert!(hint.unwrap().contains("SOPS_AGE_KEY_FILE"));
    let damaged =
        file(&DATA_KEY).replace("AGE ENCRYPTED FILE-----\\nY", "AGE ENCRYPTED FILE-----\\nZ");
    let text = message("s.json", &damaged).await;
    assert!(
        text.contains("for an age key was changed, or was not written by age"),
        "{text}"
    );
}

#[tokio::test]
async fn what_sops_would_not_write_about_a_file_is_refused() {
    let with = |about: Value| {
        let mut file = file("k", b"v", for_age(&DATA_KEY));
        for (name, value) in about.as_object().unwrap() {
            file["sops"][name] = value.clone();
        }
        Value::from(file).to_string()
    };
    for (about, reason) in [
        (
            json!({"encrypted_regex": "("}),
            "the regular expression for what is encrypted is malformed or too large",
        ),
        (
            json!({"encrypted_regex": "a", "unencrypted_suffix": "b"}),
            "there are two rules about what is encrypted",
        ),
        (
            json!({"shamir_threshold": "x"}),
            "the number of required key groups is not a number",
        ),
        (
            json!({"encrypted_comment_regex": "x", "mac_only_encrypted": true}),
            "rules about comments are not read together with mac_only_encrypted",
        ),
    ] {
        let (_folder, settings) = folder("s.json", with(about));
        let (kind, text, found) = refused(&keyed(settings), "s.json").await;
        assert_eq!(kind, VaultErrorKind::Configuration);
        assert_eq!(
            text,
            format!("what SOPS wrote about the file `s.json` is not understood: {reason}")
        );
        assert_eq!(found, None);
    }
    for about in [json!([]), json!("x"), json!(1), json!({})] {
        let file = json!({"k": "v", "sops": about}).to_string();
        let (_folder, settings) = folder("s.json", file);
        let (kind, text, _) = refused(&keyed(settings), "s.json").await;
        assert_eq!(kind, VaultErrorKind::Configuration);
        assert_eq!(text, "the file `s.json` names no key that could open it");
    }
}

/// All kinds of rules, on the same values.
#[tokio::test]
async fn rules_about_names_hold_for_what_is_below_them() {
    let sealed = |place: &str| seal(b"v", "str", place);
    for (rule, encrypted, clear) in [
        (json!({"unencrypted_suffix": "_c"}), "a", "a_c"),
        (json!({"encrypted_suffix": "_e"}), "a_e", "a"),
        (json!({"unencrypted_regex": "^c"}), "ac", "ca"),
        (json!({"encrypted_regex": "^e"}), "ea", "ae"),
    ] {
        let mut about = for_age(&DATA_KEY);
        about["lastmodified"] = LAST_MODIFIED.into();
        about["mac"] = mac(&[b"v", b"v", b"w", b"w"]).into();
        for (name, value) in rule.as_object().unwrap() {
            about[name] = value.clone();
        }
        let content = format!(
            r#"{{"{encrypted}": ["{}", {{"x": "{}"}}], "{clear}": ["w", {{"x": "w"}}], "sops": {about}}}"#,
            sealed(&format!("{encrypted}:")),
            sealed(&format!("{encrypted}:x:")),
        );
        let (_folder, settings) = folder("s.json", content);
        let expected =
            format!(r#"{{"{encrypted}":["v",{{"x":"v"}}],"{clear}":["w",{{"x":"w"}}]}}"#);
        assert_eq!(values(&keyed(settings), "s.json").await, expected, "{rule}");
    }
}

#[tokio::test]
async fn types_come_from_what_was_encrypted() {
    let fields = [
        ("i", "-9007199254740993", "int", "-9007199254740993"),
        ("f", "0.1", "float", "0.1"),
        ("n", "+Inf", "float", "\"+Inf\""),
        ("t", "True", "bool", "true"),
        ("b", "False", "bool", "false"),
        ("y", "ab", "bytes", "\"YWI=\""),
        (
            "d",
            "2024-02-03T00:00:00Z",
            "time",
            "\"2024-02-03T00:00:00Z\"",
        ),
        ("s", "12", "str", "\"12\""),
    ];
    let mut expected = Vec::new();
    let mut parts = Vec::new();
    for (key, plain, kind, value) in fields {
        parts.push((key, plain, kind));
        expected.push(format!("\"{key}\":{value}"));
    }
    let (_folder, settings) = typed(&parts);
    let expected = format!("{{{}}}", expected.join(","));
    assert_eq!(values(&keyed(settings), "s.yaml").await, expected);
}

/// sops writes the comments of a list as items of it, and does not hash them.
#[tokio::test]
async fn comments_in_lists_are_no_items() {
    let item = |plain: &str, kind: &str| seal(plain.as_bytes(), kind, "l:");
    let content = |items: &[String]| {
        let mut about = for_age(&DATA_KEY);
        about["lastmodified"] = LAST_MODIFIED.into();
        about["mac"] = mac(&[b"a", b"b", b"c"]).into();
        format!(
            "# clear\nl:\n- {}\n- [\"{}\", \"{}\"]\nsops: {about}\n",
            items.join("\n- "),
            item("inner", "comment"),
            item("c", "str"),
        )
    };
    let items = [
        item("first", "comment"),
        item("a", "str"),
        item("second", "comment"),
        item("b", "str"),
    ];
    let (_folder, settings) = folder("s.yaml", content(&items));
    let read = values(&keyed(settings), "s.yaml").await;
    assert_eq!(read, r#"{"l":["a","b",["c"]]}"#);
    // A value that is made a comment is missed by the hash.
    let hidden = [item("a", "comment"), item("b", "str")];
    let (_folder, settings) = folder("s.yaml", content(&hidden));
    let (kind, message, _) = refused(&keyed(settings), "s.yaml").await;
    assert_eq!(kind, VaultErrorKind::InvalidAnswer);
    assert!(message.contains(CHANGED));
}

/// The type stands beside the encrypted value, and anyone can write another one there.
#[tokio::test]
async fn a_type_that_the_value_does_not_have_is_refused() {
    for (plain, kind) in [
        ("t", "bool"),
        ("yes", "bool"),
        ("07", "int"),
        ("+7", "int"),
        ("x", "int"),
        ("12345678901234567890", "int"),
        ("0.10", "float"),
        ("1e3", "float"),
        ("x", "float"),
        ("2024-02-03", "time"),
        ("x", "time"),
        ("x", "comment"),
        ("x", "string"),
        ("x", ""),
    ] {
        let (_folder, settings) = typed(&[("k", plain, kind)]);
        let (found, message, _) = refused(&keyed(settings), "s.yaml").await;
        assert_eq!(found, VaultErrorKind::InvalidAnswer, "{plain} {kind}");
        assert!(message.contains(CHANGED));
    }
}

/// A file of values with their types, hashed as they stand.
fn typed(fields: &[(&str, &str, &str)]) -> (tempfile::TempDir, Settings) {
    let hashed: Vec<&[u8]> = fields
        .iter()
        .map(|(_, plain, _)| plain.as_bytes())
        .collect();
    let mut about = for_age(&DATA_KEY);
    about["lastmodified"] = LAST_MODIFIED.into();
    about["mac"] = mac(&hashed).into();
    let mut content = String::new();
    for (key, plain, kind) in fields {
        let sealed = seal(plain.as_bytes(), kind, &format!("{key}:"));
        content += &format!("{key}: {sealed}\n");
    }
    folder("s.yaml", content + &format!("sops: {about}\n"))
}

proptest::proptest! {
    #![proptest_config(proptest::prelude::ProptestConfig::with_cases(64))]
    /// Whatever becomes of a file, it is read in full or refused without a word of it.
    #[test]
    fn no_damage_makes_it_panic_or_tell(at in 0_usize..2500, with in "[ -~\n]{0,3}") {
        let mut text = Value::from(file("k", SENTINEL.as_bytes(), for_age(&DATA_KEY))).to_string();
        let at = at.min(text.len() - 1);
        text.replace_range(at..=at, &with);
        for name in ["s.json", "s.yaml", "s.env", "s.ini", "s"] {
            let (_folder, settings) = folder(name, &text);
            let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
            if let Err(error) = runtime.block_on(read(&keyed(settings), name)) {
                let shown = format!("{error} {error:?}");
                proptest::prop_assert!(!shown.contains(SENTINEL));
            }
        }
    }
}
