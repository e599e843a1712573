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
/// is not judged, but for the text around it in a pull secret.
pub(crate) fn check(set: &Set) -> Vec<Problem> {
    let holders = Holders::of(set, None);
    let mut problems = Vec::new();
    for (number, object) in set.objects.iter().enumerate() {
        if !object.is("", "Secret") {
            continue;
        }
        let values = values(object);
        for one in values.iter().filter(|one| one.is_refused) {
            let message = "the API server refuses this value: it is not base64";
            let finding = Finding::error(DiagnosticKind::Value, message)
                .with_hint("encode it, or put it in stringData");
            problems.push(Problem::new(number, one.field.path.clone(), finding));
        }
        let root = object.root();
        let Some(kind) = root.key("type") else {
            continue;
        };
        let Some(type_name) = kind.text() else {
            continue;
        };
        lacking(number, object, &holders, &kind, type_name, &mut problems);
        let value = |key: &str| {
            let one = values.iter().find(|one| one.key == key);
            one.and_then(|one| Some((one, one.finished()?)))
        };
        let mut tell = |one: &Written<'_>, finding: Finding| {
            problems.push(Problem::new(number, one.field.path.clone(), finding));
        };
        match type_name {
            "kubernetes.io/tls" => {
                if let (Some(certificate), Some(key)) = (value("tls.crt"), value("tls.key")) {
                    let judged = key_pair::judge(certificate.1, key.1);
                    let of_certificate = judged == KeyPair::Certificate;
                    let one = if of_certificate { certificate.0 } else { key.0 };
                    if let Some(finding) = pair(judged) {
                        tell(one, finding);
                    }
                }
            }
            "kubernetes.io/dockerconfigjson" => {
                let one = values.iter().find(|one| one.key == ".dockerconfigjson");
                if let Some((one, bytes)) = one.and_then(|one| Some((one, one.bytes.as_deref()?))) {
                    let judged = match std::str::from_utf8(bytes) {
                        Ok(text) if one.is_to_be_filled => pull_secret::judge_to_be_filled(text),
                        _ => pull_secret::judge(bytes),
                    };
                    if let Err((message, hint)) = judged {
                        let finding = Finding::error(DiagnosticKind::Value, message);
                        tell(one, finding.with_hint(hint));
                    }
                }
            }
            _ => {}
        }
    }
    problems
}

/// What is wrong with a certificate and a key.
fn pair(judged: KeyPair) -> Option<Finding> {
    let error = |message: &str| Finding::error(DiagnosticKind::Value, message);
    match judged {
        KeyPair::Matches => None,
        KeyPair::Certificate => Some(
            error("`tls.crt` is not a certificate in PEM")
                .with_hint("it has to hold a line `-----BEGIN CERTIFICATE-----`"),
        ),
        KeyPair::Key => Some(
            error("`tls.key` is not a private key that can be read")
                .with_hint("it has to hold a private key in PEM without a password"),
        ),
        KeyPair::Differs => Some(
            error("`tls.key` is not the key of `tls.crt`")
                .with_hint("the first certificate in `tls.crt` has to be that of the key"),
        ),
    }
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
