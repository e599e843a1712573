//! Names that say that a value is a secret.

/// Words that say it alone.
const SECRET: [&str; 16] = [
    "password",
    "passwd",
    "passphrase",
    "passcode",
    "pass",
    "pwd",
    "token",
    "secret",
    "secrets",
    "apikey",
    "credential",
    "credentials",
    "privatekey",
    "secretkey",
    "accesskey",
    "htpasswd",
];

/// Words that say it of a `key` behind them.
const OF_KEYS: [&str; 13] = [
    "account",
    "private",
    "secret",
    "api",
    "access",
    "encryption",
    "signing",
    "master",
    "license",
    "licence",
    "auth",
    "session",
    "tls",
];

/// Last words that say that it is about a secret and is none.
const ABOUT: [&str; 34] = [
    "name",
    "names",
    "namespace",
    "url",
    "uri",
    "file",
    "path",
    "dir",
    "id",
    "ids",
    "type",
    "policy",
    "length",
    "expiry",
    "expiration",
    "ttl",
    "age",
    "duration",
    "timeout",
    "enabled",
    "endpoint",
    "ref",
    "alg",
    "algorithm",
    "version",
    "host",
    "user",
    "username",
    "hint",
    "issuer",
    "email",
    "mtime",
    "template",
    "scope",
];

/// Whether a key of this name holds a secret.
pub(super) fn is_secret(name: &str) -> bool {
    let words = words(name);
    let Some(last) = words.last().map(String::as_str) else {
        return false;
    };
    if ABOUT.contains(&last) || words.iter().any(|word| word == "public") {
        return false;
    }
    let says = |word: &String| {
        let word = word.trim_end_matches(|c: char| c.is_ascii_digit());
        SECRET.contains(&word)
            || ["password", "passwd", "apikey"]
                .iter()
                .any(|end| word.ends_with(end))
    };
    let key_of = |pair: &[String]| matches!(pair, [of, key] if key == "key" && OF_KEYS.contains(&of.as_str()));
    words.iter().any(says) || words.windows(2).any(key_of)
}

/// Whether a file of this name holds keys in a form of its own.
pub(super) fn is_keystore(name: &str) -> bool {
    let ends = [".jks", ".p12", ".pfx", ".keystore", ".keytab"];
    ends.iter()
        .any(|end| name.to_ascii_lowercase().ends_with(end))
}

/// The words of a name, in small letters: `clientSecret`, `CLIENT_SECRET` and `client-secret` alike.
fn words(name: &str) -> Vec<String> {
    let mut words: Vec<String> = Vec::new();
    let mut before = ' ';
    for c in name.chars() {
        let begins = !before.is_alphanumeric() || (c.is_uppercase() && before.is_lowercase());
        if c.is_alphanumeric() {
            if begins || words.is_empty() {
                words.push(String::new());
            }
            if let Some(word) = words.last_mut() {
                word.extend(c.to_lowercase());
            }
        }
        before = c;
    }
    words
}
