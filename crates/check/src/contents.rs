//! What the type of a Secret says about its values.

use manifill::{DiagnosticKind, Finding};

use crate::key_pair::{self, KeyPair};
use crate::problem::Problem;
use crate::pull_secret;
use crate::set::{Field, Holders, Kind, Object, Set};
use crate::written::{Written, values};

/// The keys without which the API server refuses a Secret of a type; of several lists each has one
/// key at least.
const NEEDED: [(&str, &[&[&str]]); 4] = [
    ("kubernetes.io/tls", &[&["tls.crt"], &["tls.key"]]),
    ("kubernetes.io/dockerconfigjson", &[&[".dockerconfigjson"]]),
    ("kubernetes.io/ssh-auth", &[&["ssh-privatekey"]]),
    ("kubernetes.io/basic-auth", &[&["username", "password"]]),
];

/// Secrets that lack what their type needs, or whose values do not fit it. What is still to be filled
/// is not judged.
pub(crate) fn check(set: &Set) -> Vec<Problem> {
    let holders = Holders::of(set);
    let mut problems = Vec::new();
    for (number, object) in set.objects.iter().enumerate() {
        if !object.is("", "Secret") {
            continue;
        }
        let root = object.root();
        let Some(kind) = root.key("type") else {
            continue;
        };
        let Some(type_name) = kind.text() else {
            continue;
        };
        lacking(number, object, &holders, &kind, type_name, &mut problems);
        let values = values(object);
        let value = |key: &str| {
            let one = values.iter().find(|one| one.key == key);
            one.and_then(|one| Some((one, one.bytes.as_deref()?)))
        };
        let mut tell = |one: &Written<'_>, message: &str, hint: &str| {
            let finding = Finding::error(DiagnosticKind::Value, message).with_hint(hint);
            problems.push(Problem::new(number, one.field.path.clone(), finding));
        };
        match type_name {
            "kubernetes.io/tls" => {
                let (Some(certificate), Some(key)) = (value("tls.crt"), value("tls.key")) else {
                    continue;
                };
                match key_pair::judge(certificate.1, key.1) {
                    KeyPair::Matches => {}
                    KeyPair::Certificate => {
                        let hint = "it has to hold a line `-----BEGIN CERTIFICATE-----`";
                        tell(certificate.0, "`tls.crt` is not a certificate in PEM", hint);
                    }
                    KeyPair::Key => {
                        let hint = "it has to hold a private key in PEM without a password";
                        tell(
                            key.0,
                            "`tls.key` is not a private key that can be read",
                            hint,
                        );
                    }
                    KeyPair::Differs => {
                        let hint = "the first certificate in `tls.crt` has to be that of the key";
                        tell(key.0, "`tls.key` is not the key of `tls.crt`", hint);
                    }
                }
            }
            "kubernetes.io/dockerconfigjson" => {
                if let Some((one, bytes)) = value(".dockerconfigjson") {
                    if let Err((message, hint)) = pull_secret::judge(bytes) {
                        tell(one, message, hint);
                    }
                }
            }
            _ => {}
        }
    }
    problems
}

/// Tells the keys that a type needs and a Secret has not.
fn lacking(
    number: usize,
    object: &Object,
    holders: &Holders<'_>,
    kind: &Field<'_>,
    type_name: &str,
    problems: &mut Vec<Problem>,
) {
    let needed = NEEDED.iter().find(|(name, _)| *name == type_name);
    let name = object.name.as_deref().unwrap_or_default();
    let named = holders.named(Kind::Secret, name);
    let Some(own) = named.iter().find(|one| one.object == number) else {
        return;
    };
    for keys in needed.into_iter().flat_map(|(_, needed)| *needed) {
        if keys.iter().any(|key| own.keys.may_have(key)) {
            continue;
        }
        let keys: Vec<String> = keys.iter().map(|key| format!("`{key}`")).collect();
        let message = format!(
            "a Secret of type {type_name} needs the key {}",
            keys.join(" or ")
        );
        let finding = Finding::error(DiagnosticKind::Reference, message);
        problems.push(Problem::new(number, kind.path.clone(), finding));
    }
}
