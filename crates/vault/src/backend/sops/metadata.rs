//! What sops wrote about a file: who can open it, what is encrypted, and the hash of it all.

use regex::{Regex, RegexBuilder};

use super::tree::Node;

/// Why the metadata of a file, whose name comes next, is not understood.
macro_rules! misread {
    ($reason:literal) => {
        concat!(
            "what SOPS wrote about the file {} is not understood: ",
            $reason
        )
    };
}

/// The most keys that a file may name, and groups of them: whoever opens it tries one after the
/// other (rule R11).
const MAX_KEYS: usize = 256;

/// The most that may stand there for one key. Nearly all have less than 1 KiB; what reads those of
/// age takes four times as long for twice as much.
const MAX_ENC: usize = 4 * 1024;

/// The most memory that a rule about names may take. A rule is tried on every name.
const MAX_RULE: usize = 256 * 1024;

/// What is needed to decrypt a file.
pub(super) struct Metadata {
    /// The groups of keys; of each, any one key is enough.
    pub(super) groups: Vec<Vec<Recipient>>,
    /// How many groups must be opened, if there are several.
    pub(super) threshold: usize,
    /// The encrypted hash.
    pub(super) mac: String,
    /// When the file was written, which the hash is bound to.
    pub(super) last_modified: String,
    /// Which values are encrypted.
    pub(super) rule: Rule,
    /// Whether only encrypted values are hashed.
    pub(super) mac_only_encrypted: bool,
}

/// Someone who can open a file, with the data key, or a part of it, encrypted for them.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Recipient {
    Age {
        enc: String,
    },
    Pgp {
        enc: String,
    },
    /// A transit key of OpenBao or Vault.
    Transit {
        address: String,
        mount: String,
        key: String,
        enc: String,
    },
    /// A key of AWS KMS, with what the data key is bound to.
    Kms {
        arn: String,
        context: Vec<(String, String)>,
        enc: String,
        /// Whether the file names a role for it, which nobody takes on here.
        names_role: bool,
    },
    /// A key of Azure Key Vault.
    KeyVault {
        vault: String,
        key: String,
        version: String,
        enc: String,
    },
    /// A key of Google Cloud KMS, by its name.
    GcpKms {
        key: String,
        enc: String,
    },
    /// A kind of key that is not read here, by its name.
    Other(&'static str),
}

/// Which values are encrypted. A rule about names holds for everything below a name.
pub(super) enum Rule {
    All,
    /// Those below matching names.
    Only(Pattern),
    /// Those that are not below matching names.
    AllBut(Pattern),
    /// Those that look encrypted. sops decides by comments, which are not read here; the hash
    /// covers all values all the same.
    Looks,
}

pub(super) enum Pattern {
    Suffix(String),
    Regex(Regex),
}

impl Pattern {
    pub(super) fn matches(&self, name: &str) -> bool {
        match self {
            Pattern::Suffix(suffix) => name.ends_with(suffix),
            Pattern::Regex(regex) => regex.is_match(name),
        }
    }
}

impl Metadata {
    /// Reads what sops wrote; the problem, if that is not what sops writes.
    pub(super) fn read(about: &Node) -> Result<Self, &'static str> {
        let word = |name: &str| about.entry(name).and_then(Node::word);
        let is_true = |name: &str| word(name).is_some_and(|text| text.eq_ignore_ascii_case("true"));
        let rule = rule(about)?;
        let mac_only_encrypted = is_true("mac_only_encrypted");
        if mac_only_encrypted && matches!(rule, Rule::Looks) {
            return Err(misread!(
                "rules about comments are not read together with mac_only_encrypted"
            ));
        }
        let listed = about.entry("key_groups").map_or(&[][..], Node::items);
        if listed.len() > MAX_KEYS {
            return Err(misread!("it has more than 256 groups of keys"));
        }
        let groups: Vec<Vec<Recipient>> = match listed {
            [] => vec![recipients(about)?],
            listed => listed.iter().map(recipients).collect::<Result<_, _>>()?,
        };
        if groups.iter().map(Vec::len).sum::<usize>() > MAX_KEYS {
            return Err(misread!("it names more than 256 keys"));
        }
        let threshold = match word("shamir_threshold").map(str::parse) {
            None | Some(Ok(0)) => groups.len(),
            Some(Ok(threshold)) => threshold,
            Some(Err(_)) => {
                return Err(misread!(
                    "the number of required key groups is not a number"
                ));
            }
        };
        Ok(Metadata {
            groups,
            threshold,
            mac: word("mac").unwrap_or_default().to_owned(),
            last_modified: word("lastmodified").unwrap_or_default().to_owned(),
            rule,
            mac_only_encrypted,
        })
    }
}

/// The recipients of a group, those first that cost nothing to ask.
fn recipients(group: &Node) -> Result<Vec<Recipient>, &'static str> {
    let entries = |name: &str| group.entry(name).map_or(&[][..], Node::items);
    let too_long = |entry: &Node| {
        let enc = entry.entry("enc").and_then(Node::word);
        enc.is_some_and(|enc| enc.len() > MAX_ENC)
    };
    let read = ["age", "pgp", "hc_vault", "kms", "gcp_kms", "azure_kv"];
    if read.into_iter().flat_map(entries).any(too_long) {
        return Err(misread!("it holds more than 4 KiB for one key"));
    }
    let text = |entry: &Node, name: &str| {
        let word = entry.entry(name).and_then(Node::word);
        word.unwrap_or_default().to_owned()
    };
    let mut found = Vec::new();
    found.extend(entries("age").iter().map(|entry| Recipient::Age {
        enc: text(entry, "enc"),
    }));
    found.extend(entries("pgp").iter().map(|entry| Recipient::Pgp {
        enc: text(entry, "enc"),
    }));
    let transit = entries("hc_vault").iter();
    found.extend(transit.map(|entry| Recipient::Transit {
        address: text(entry, "vault_address"),
        mount: text(entry, "engine_path"),
        key: text(entry, "key_name"),
        enc: text(entry, "enc"),
    }));
    found.extend(entries("kms").iter().map(|entry| {
        let words = match entry.entry("context") {
            Some(Node::Map(words)) => words.as_slice(),
            _ => &[],
        };
        let word = |(name, word): &(String, Node)| Some((name.clone(), word.word()?.to_owned()));
        Recipient::Kms {
            arn: text(entry, "arn"),
            context: words.iter().filter_map(word).collect(),
            enc: text(entry, "enc"),
            names_role: !text(entry, "role").is_empty(),
        }
    }));
    let vaults = entries("azure_kv").iter();
    found.extend(vaults.map(|entry| Recipient::KeyVault {
        vault: text(entry, "vault_url"),
        key: text(entry, "name"),
        version: text(entry, "version"),
        enc: text(entry, "enc"),
    }));
    found.extend(entries("gcp_kms").iter().map(|entry| Recipient::GcpKms {
        key: text(entry, "resource_id"),
        enc: text(entry, "enc"),
    }));
    let others = entries("hckms").iter();
    found.extend(others.map(|_| Recipient::Other("Huawei Cloud KMS")));
    Ok(found)
}

fn rule(about: &Node) -> Result<Rule, &'static str> {
    let mut found = None;
    for name in [
        "unencrypted_suffix",
        "encrypted_suffix",
        "unencrypted_regex",
        "encrypted_regex",
        "unencrypted_comment_regex",
        "encrypted_comment_regex",
    ] {
        let Some(text) = about.entry(name).and_then(Node::word) else {
            continue;
        };
        if text.is_empty() {
            continue;
        }
        if found.is_some() {
            return Err(misread!("there are two rules about what is encrypted"));
        }
        let pattern = match name {
            "unencrypted_suffix" | "encrypted_suffix" => Pattern::Suffix(text.to_owned()),
            _ => Pattern::Regex(
                RegexBuilder::new(text)
                    .size_limit(MAX_RULE)
                    .build()
                    .map_err(|_| {
                        misread!(
                            "the regular expression for what is encrypted is malformed or too large"
                        )
                    })?,
            ),
        };
        found = Some(match name {
            "unencrypted_suffix" | "unencrypted_regex" => Rule::AllBut(pattern),
            "encrypted_suffix" | "encrypted_regex" => Rule::Only(pattern),
            _ => Rule::Looks,
        });
    }
    Ok(found.unwrap_or(Rule::All))
}
