//! Every format and every rule, freshly written.

use manifill_e2e::skip;
use manifill_vault::Exposed;
use serde_json::{Value, json};

use crate::tools::{AGE, Sandbox, key, samples};

/// Everything that the reading of YAML by sops may do to a value.
const YAML: &str = include_str!("types.yaml");

fn place() -> Sandbox {
    Sandbox::new().with("SOPS_AGE_KEY", key(AGE[0].1))
}

#[tokio::test]
async fn yaml() {
    if skip("YAML of sops") {
        return;
    }
    let place = place();
    for (index, arguments) in [
        &[][..],
        &["--encrypted-regex", "^(int|odd)$"],
        &["--unencrypted-regex", "e"],
        &["--encrypted-suffix", "t"],
        &["--unencrypted-suffix", "_unencrypted"],
        // Nothing at all is encrypted, and all of it is hashed by its type.
        &["--encrypted-regex", "^none$"],
    ]
    .into_iter()
    .enumerate()
    {
        let name = format!("{index}.yaml");
        place.write(&name, YAML);
        place.encrypt(&name, &[&["--age", AGE[0].0], arguments].concat());
        let values = place.agree(&name).await;
        assert_eq!(values["int"][7], json!(1000), "{arguments:?}");
        assert_eq!(values["text"]["quoted"], json!("0123"));
    }
}

#[tokio::test]
async fn only_encrypted_values_are_hashed() {
    if skip("mac_only_encrypted of sops") {
        return;
    }
    let place = place();
    let config = json!({"creation_rules": [{
        "age": AGE[0].0, "encrypted_regex": "^(text|deep)$", "mac_only_encrypted": true,
    }]});
    place.write(".sops.yaml", config.to_string());
    place.write("m.yaml", YAML);
    place.encrypt("m.yaml", &[]);
    place.agree("m.yaml").await;
}

#[tokio::test]
async fn comments_choose_what_is_encrypted() {
    if skip("comment rules of sops") {
        return;
    }
    let place = place();
    let text = "# sops:enc\na: 1\nb: 1.50\n# other\nc: {d: e, f: 2024-2-3}\ng:\n  # sops:enc\n  - h\n  - i\n";
    for rule in ["encrypted_comment_regex", "unencrypted_comment_regex"] {
        let config = json!({"creation_rules": [{"age": AGE[0].0, rule: "sops:enc"}]});
        place.write(".sops.yaml", config.to_string());
        let name = format!("{rule}.yaml");
        place.write(&name, text);
        place.encrypt(&name, &[]);
        place.agree(&name).await;
    }
}

/// Comments are encrypted too, and those of a list become items of it.
#[tokio::test]
async fn comments_everywhere() {
    if skip("comments of sops") {
        return;
    }
    let place = place();
    let text = "# top\na: 1 # inline\n# before\nl:\n  # in a list\n  - x # after\n  # between\n  - y\n  - - # deeper\n      z\n    # z\n    - {k: v} # map\n  # end\nm:\n  # in a map\n  k: v # inline\n  # end\ne: # empty\n# tail\n";
    for (name, arguments) in [
        ("all.yaml", &[][..]),
        ("some.yaml", &["--encrypted-regex", "^l$"]),
        ("others.yaml", &["--unencrypted-regex", "^l$"]),
    ] {
        place.write(name, text);
        place.encrypt(name, &[&["--age", AGE[0].0], arguments].concat());
        let values = place.agree(name).await;
        assert_eq!(values["l"], json!(["x", "y", ["z", {"k": "v"}]]), "{name}");
    }
}

#[tokio::test]
async fn several_documents() {
    if skip("documents of sops") {
        return;
    }
    let place = place();
    place.write("d.yaml", "a: one\n---\nb: [two]\n---\nc: {d: 3}\n");
    place.encrypt("d.yaml", &["--age", AGE[0].0]);
    // sops prints a list of them as JSON does not have several.
    assert_eq!(
        place.values("d.yaml").await,
        json!({"a": "one", "b": ["two"], "c": {"d": 3}})
    );
}

#[tokio::test]
async fn json_files() {
    if skip("JSON of sops") {
        return;
    }
    let place = place();
    let text = r#"{"t": "a\u00e9\n\"", "n": [0, -1, 1.50, 1e3, 1e-7, 1e21, 0.1, 4503599627370496, 9007199254740993, -0, -0.0, 1.0],
        "w": [true, false, null, "", {}, []], "a:b": {"c d": "e"},
        "x_unencrypted": ["clear", 1.50, 12, 1e21, -0.0, 1.0, true, null]}"#;
    for (name, arguments) in [
        ("all.json", &[][..]),
        ("none.json", &["--encrypted-regex", "^none$"]),
    ] {
        place.write(name, text);
        place.encrypt(name, &[&["--age", AGE[0].0], arguments].concat());
        place.agree(name).await;
    }
}

#[tokio::test]
async fn dotenv_and_ini() {
    if skip("dotenv and INI of sops") {
        return;
    }
    let place = place();
    place.write(
        "a.env",
        "# c\nA=1\nB=p=a=s=s #1\nC=\"quoted\"\nD=\nE=one\\ntwo\nF=  blanks  \nG_unencrypted=clear\\ntext\n",
    );
    place.encrypt("a.env", &["--age", AGE[0].0]);
    place.agree("a.env").await;
    place.write(
        "a.ini",
        "; c\ntop = 1\n[db]\nuser = admin\npass = \"quo ted\"\nurl = a#b;c\nhash = `x # y`\nempty =\nclear_unencrypted = p # comment\nmany = `one\n  [two]\n# three`\n[none]\n[x_unencrypted]\nmany = `\none\n  [two]\n# three\n`\nblank = \" b \"\nodd = \"a\"b\"\nquote = '''\nhash = `#;`\n",

    );
    place.encrypt("a.ini", &["--age", AGE[0].0]);
    place.agree("a.ini").await;
}

#[tokio::test]
async fn bytes_stay_bytes() {
    if skip("binary files of sops") {
        return;
    }
    let place = place();
    let bytes: Vec<u8> = (0..=255).cycle().take(5000).collect();
    place.write("keystore.jks", &bytes);
    place.encrypt("keystore.jks", &["--age", AGE[0].0]);
    let secret = place.read("keystore.jks").await.unwrap();
    let value = secret.value("data").unwrap().unwrap();
    assert!(value.expose() == Exposed::Bytes(&bytes));
    place.write("text.pem", "-----BEGIN X-----\nabc\n");
    place.encrypt("text.pem", &["--age", AGE[0].0]);
    let values = place.values("text.pem").await;
    assert_eq!(values["data"], json!("-----BEGIN X-----\nabc\n"));
}

#[tokio::test]
async fn both_read_the_samples_alike() {
    if skip("the samples of sops") {
        return;
    }
    let place = Sandbox::new().with(
        "SOPS_AGE_KEY_FILE",
        samples().join("two.keys").display().to_string(),
    );
    for name in [
        "secrets.yaml",
        "k8s-secret.json",
        "app.env",
        "config.ini",
        "shamir.yaml",
        "comment.yaml",
    ] {
        place.write(name, std::fs::read(samples().join(name)).unwrap());
        let values = place.agree(name).await;
        assert!(values != Value::Null);
    }
}
