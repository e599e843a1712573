//! The Secrets and ConfigMaps of a set, and what makes some in a cluster.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt;

use manifill_manifest::Value;

use super::object::Object;
use super::{Field, Set};

/// What holds keys.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub(crate) enum Kind {
    Secret,
    ConfigMap,
}

impl fmt::Display for Kind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Kind::Secret => "Secret",
            Kind::ConfigMap => "ConfigMap",
        })
    }
}

/// The keys of a Secret or a ConfigMap.
#[derive(Clone, Debug)]
pub(crate) enum Keys<'o> {
    Known(BTreeSet<&'o str>),
    /// Something in the cluster makes them.
    Unknown,
}

impl Keys<'_> {
    pub(crate) fn may_have(&self, key: &str) -> bool {
        match self {
            Keys::Known(keys) => keys.contains(key),
            Keys::Unknown => true,
        }
    }
}

/// A Secret or a ConfigMap that is here or will be there.
#[derive(Clone, Debug)]
pub(crate) struct Holder<'o> {
    /// The object that is it or makes it, by its number.
    pub(crate) object: usize,
    pub(crate) of: &'o Object,
    pub(crate) keys: Keys<'o>,
    /// Keys that stand in the text and are taken out, since the vault has no value for them.
    pub(crate) lost: BTreeSet<&'o str>,
}

/// All of them, by kind and name.
#[derive(Debug, Default)]
pub(crate) struct Holders<'o> {
    found: BTreeMap<Kind, BTreeMap<&'o str, Vec<Holder<'o>>>>,
}

impl<'o> Holders<'o> {
    /// Those of a set, which is filled as this other one, if it is.
    pub(crate) fn of(set: &'o Set, filled: Option<&Set>) -> Self {
        let mut holders = Holders::default();
        for (number, object) in set.objects.iter().enumerate() {
            let filled = filled.and_then(|filled| filled.objects.get(number));
            for (kind, name, keys) in held(object) {
                let (keys, lost) = match filled {
                    Some(filled) => without_lost(keys, kind, filled),
                    None => (keys, BTreeSet::new()),
                };
                let holder = Holder {
                    object: number,
                    of: object,
                    keys,
                    lost,
                };
                let of_kind = holders.found.entry(kind).or_default();
                of_kind.entry(name).or_default().push(holder);
            }
        }
        holders
    }

    /// Those of this name, in whatever namespace.
    pub(crate) fn named(&self, kind: Kind, name: &str) -> &[Holder<'o>] {
        let of_kind = self.found.get(&kind);
        let named = of_kind.and_then(|of_kind| of_kind.get(name));
        named.map_or(&[], Vec::as_slice)
    }

    /// The names there are, sorted.
    pub(crate) fn names(&self, kind: Kind) -> impl Iterator<Item = &'o str> {
        let of_kind = self.found.get(&kind);
        of_kind
            .into_iter()
            .flat_map(|of_kind| of_kind.keys().copied())
    }
}

/// What an object is or makes: the names, with their keys.
fn held(object: &Object) -> Vec<(Kind, &str, Keys<'_>)> {
    let root = object.root();
    let own = || root.text_at(&["metadata", "name"]);
    for kind in [Kind::Secret, Kind::ConfigMap] {
        if object.is("", &kind.to_string()) {
            let name = own().map(|name| (kind, name, keys(kind, &root)));
            return name.into_iter().collect();
        }
    }
    if object.kind == "Kustomization" {
        return generated(&root);
    }
    let names = made(&object.kind, &root);
    let secret = |name| (Kind::Secret, name, Keys::Unknown);
    names.into_iter().map(secret).collect()
}

/// The keys that an object itself has.
fn keys<'o>(kind: Kind, root: &Field<'o>) -> Keys<'o> {
    let maps = match kind {
        Kind::Secret => ["data", "stringData"],
        Kind::ConfigMap => ["data", "binaryData"],
    };
    // The cluster fills in the token.
    if root.text_at(&["type"]) == Some("kubernetes.io/service-account-token") {
        return Keys::Unknown;
    }
    let mut known = BTreeSet::new();
    for map in maps.into_iter().filter_map(|map| root.key(map)) {
        match map.value {
            Value::Map(_) => known.extend(map.entries().map(|(key, _)| key)),
            Value::Null => {}
            // A placeholder that stands for the whole map.
            _ => return Keys::Unknown,
        }
    }
    Keys::Known(known)
}

/// The keys that are left when an object is filled, and the others.
fn without_lost<'o>(keys: Keys<'o>, kind: Kind, filled: &Object) -> (Keys<'o>, BTreeSet<&'o str>) {
    let after = self::keys(kind, &filled.root());
    match keys {
        Keys::Known(keys) => {
            let (kept, lost) = keys.into_iter().partition(|key| after.may_have(key));
            (Keys::Known(kept), lost)
        }
        Keys::Unknown => (Keys::Unknown, BTreeSet::new()),
    }
}

/// The names of the Secrets that another object makes in a cluster.
fn made<'o>(kind: &str, root: &Field<'o>) -> Vec<&'o str> {
    let own = || root.text_at(&["metadata", "name"]);
    let at = |names: &[&str]| root.text_at(names);
    let one = match kind {
        "Certificate" => at(&["spec", "secretName"]),
        "ExternalSecret" => at(&["spec", "target", "name"]).or_else(own),
        "SealedSecret" => at(&["spec", "template", "metadata", "name"]).or_else(own),
        "VaultStaticSecret" | "VaultDynamicSecret" | "VaultPKISecret" => {
            at(&["spec", "destination", "name"])
        }
        "OnePasswordItem" => own(),
        "DopplerSecret" => at(&["spec", "managedSecret", "name"]),
        "InfisicalSecret" => at(&["spec", "managedSecretReference", "secretName"]),
        "SopsSecret" => {
            let spec = root.key("spec").into_iter();
            let templates = spec.flat_map(|spec| spec.each("secretTemplates"));
            return templates.filter_map(|one| one.text_at(&["name"])).collect();
        }
        _ => None,
    };
    one.into_iter().collect()
}

/// What the generators of a kustomization make. They add a hash to the name, which only the finished
/// manifests have.
fn generated<'o>(root: &Field<'o>) -> Vec<(Kind, &'o str, Keys<'o>)> {
    let generators = [
        ("secretGenerator", Kind::Secret),
        ("configMapGenerator", Kind::ConfigMap),
    ];
    let made = generators.into_iter().flat_map(|(list, kind)| {
        root.each(list)
            .filter_map(move |one| Some((kind, one.text_at(&["name"])?, Keys::Unknown)))
    });
    made.collect()
}
