//! Values that are secrets by their form, and those that are none.

/// What tokens of known services begin with, and how many characters follow at least.
const TOKENS: [(&str, usize); 18] = [
    ("ghp_", 30),
    ("gho_", 30),
    ("ghs_", 30),
    ("github_pat_", 30),
    ("glpat-", 18),
    ("xoxb-", 20),
    ("xoxp-", 20),
    ("AKIA", 16),
    ("sk_live_", 16),
    ("rk_live_", 16),
    ("ops_", 40),
    ("hvs.", 20),
    ("npm_", 30),
    ("pypi-", 30),
    ("SG.", 30),
    ("AGE-SECRET-KEY-", 30),
    ("dckr_pat_", 20),
    ("tskey-", 20),
];

/// The shortest text that is taken for a random one.
const RANDOM: usize = 24;

/// Whether a text is a secret whatever its name: a private key, a token of a known service, a login
/// within an address.
pub(super) fn is_certain(text: &str) -> bool {
    if text.contains("-----BEGIN ") && text.contains("PRIVATE KEY-----") {
        return true;
    }
    let is_token = |(start, least): &(&str, usize)| {
        let rest = text.strip_prefix(start);
        rest.is_some_and(|rest| rest.len() >= *least && rest.bytes().all(is_token_byte))
    };
    TOKENS.iter().any(is_token) || has_login(text) || text.lines().any(has_hash)
}

/// Whether a line is the hash of a password, or a user's one as in a file of htpasswd.
fn has_hash(line: &str) -> bool {
    let of_user = line.split_once(':');
    is_hash(line) || of_user.is_some_and(|(_, hash)| is_hash(hash))
}

/// Whether a text is the hash of a password, as crypt(3) and its like write it: `$2a$10$…`. It can be
/// tried against a list of passwords.
fn is_hash(text: &str) -> bool {
    let kind = text.strip_prefix('$').and_then(|rest| rest.split_once('$'));
    kind.is_some_and(|(kind, rest)| {
        let is_kind = kind.bytes().all(|byte| byte.is_ascii_alphanumeric());
        is_kind && (1..=8).contains(&kind.len()) && rest.len() >= 20 && rest.contains('$')
    })
}

/// Whether a text is made to be seen: certificates and public keys.
pub(super) fn is_public(text: &str) -> bool {
    let begins = [
        "-----BEGIN CERTIFICATE",
        "-----BEGIN PUBLIC KEY",
        "ssh-rsa ",
        "ssh-ed25519 ",
    ];
    begins.iter().any(|one| text.starts_with(one)) && !text.contains("PRIVATE KEY-----")
}

/// Whether a text can be the secret that its name says it is.
pub(super) fn may_be_secret(text: &str) -> bool {
    let words = [
        "true", "false", "null", "none", "nil", "yes", "no", "~", "|", ">", "|-", ">-",
    ];
    let is_word = words.iter().any(|word| text.eq_ignore_ascii_case(word));
    let is_masked = text
        .chars()
        .all(|c| matches!(c, '*' | '.' | 'x' | 'X' | '-' | '_'));
    // Filled by something else: shells, kubelets, templates, references of Argo CD.
    let is_named = text.starts_with('$') || text.contains("${") || text.contains("{{");
    let is_address = text.contains("://") && !has_login(text);
    let is_file = text.starts_with("/") || text.starts_with("./") || text.starts_with("file:");
    !(is_word || is_masked || is_named || is_address || is_file)
}

/// Whether a text reads like one that a machine has drawn.
pub(super) fn is_random(text: &str) -> bool {
    let has = |of: fn(&u8) -> bool| text.as_bytes().iter().any(of);
    text.len() >= RANDOM
        && text
            .bytes()
            .all(|byte| is_token_byte(byte) || matches!(byte, b'+' | b'/' | b'='))
        && has(u8::is_ascii_digit)
        && has(u8::is_ascii_lowercase)
        && has(u8::is_ascii_uppercase)
        && entropy(text) >= 4.0
}

fn is_token_byte(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_' | b'.')
}

/// Whether an address has a password in it.
fn has_login(text: &str) -> bool {
    text.match_indices("://").any(|(at, _)| {
        let rest = &text[at + 3..];
        let authority = rest
            .split(['/', '?', '#', ' ', '"', '\n'])
            .next()
            .unwrap_or_default();
        let login = authority
            .rsplit_once('@')
            .and_then(|(login, _)| login.split_once(':'));
        login.is_some_and(|(_, password)| {
            !password.is_empty() && !password.contains(['$', '{', '<', '('])
        })
    })
}

/// The bits that a character of a text says on average.
fn entropy(text: &str) -> f64 {
    let mut counts = [0_u32; 256];
    text.bytes().for_each(|byte| counts[usize::from(byte)] += 1);
    let all = text.len() as f64;
    let used = counts.iter().filter(|count| **count > 0);
    used.map(|&count| f64::from(count) / all)
        .map(|share| -share * share.log2())
        .sum()
}
