//! What ServiceAccounts and Ingresses name.

use super::pods::PULL_KEYS;
use super::reference::{Reference, Wants};
use crate::set::{Field, Kind, Object};

/// The keys of a certificate with its key.
pub(crate) const TLS_KEYS: &[&str] = &["tls.crt", "tls.key"];

/// Finds the Secrets of a ServiceAccount, or those with the certificates of an Ingress.
pub(super) fn find(number: usize, object: &Object, found: &mut Vec<Reference>) {
    let root = object.root();
    let mut add = |name: Option<Field<'_>>, wants| {
        found.extend(name.and_then(|name| Reference::new(number, Kind::Secret, &name, wants)));
    };
    if object.is("", "ServiceAccount") {
        for secret in root.each("secrets") {
            add(secret.key("name"), Wants::Object);
        }
        for secret in root.each("imagePullSecrets") {
            add(secret.key("name"), Wants::OneOf(PULL_KEYS));
        }
    } else if object.is("networking.k8s.io", "Ingress") || object.is("extensions", "Ingress") {
        let spec = root.key("spec").into_iter();
        for tls in spec.flat_map(|spec| spec.each("tls")) {
            add(tls.key("secretName"), Wants::AllOf(TLS_KEYS));
        }
    }
}
