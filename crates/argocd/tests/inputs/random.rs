//! Whatever a repository is, and whatever is asked for.

use std::collections::BTreeMap;

use proptest::prelude::*;

use crate::twins::{FILLED, KUSTOMIZATION, MANIFEST, SOPS, Thing, Twins, Want};

const NAMES: [&str; 12] = [
    "a.yaml",
    "b.yml",
    "c.json",
    "d",
    "e",
    "f.txt",
    "..data",
    ".git",
    ".env",
    "x.yaml",
    "é.yaml",
    "kustomization.yaml",
];

/// Where links lead, from wherever they are. Nothing leads through a link that leads out: what is there,
/// memory does not know.
const TARGETS: [&str; 12] = [
    "a.yaml",
    "d",
    "d/a.yaml",
    "e/b.yml",
    "d/..",
    ".",
    "nothing.yaml",
    "x.yaml",
    "..data/a.yaml",
    "e",
    "b.yml",
    "./d/./e/../a.yaml",
];

const TEXTS: [&[u8]; 8] = [
    MANIFEST,
    FILLED,
    KUSTOMIZATION,
    SOPS,
    b"",
    b"\xff",
    b"\x1f\x8b",
    b"k\0i\0",
];

fn things() -> impl Strategy<Value = BTreeMap<String, Thing>> {
    let part = || proptest::sample::select(&NAMES[..]);
    let name = proptest::collection::vec(part(), 1..4).prop_map(|parts| parts.join("/"));
    let thing = prop_oneof![
        4 => proptest::sample::select(&TEXTS[..]).prop_map(Thing::File),
        2 => proptest::sample::select(&TARGETS[..]).prop_map(Thing::Link),
        1 => Just(Thing::Out),
    ];
    proptest::collection::vec((name, thing), 1..14).prop_map(|things| {
        let mut kept: BTreeMap<String, Thing> = BTreeMap::new();
        for (mut name, thing) in things {
            if let Thing::Out = thing {
                name += "/out.yaml";
            }
            let clash = kept.keys().any(|other| {
                let (short, long) = if other.len() < name.len() {
                    (other, &name)
                } else {
                    (&name, other)
                };
                long == short || long.starts_with(&format!("{short}/"))
            });
            if !clash {
                kept.insert(name, thing);
            }
        }
        kept
    })
}

fn globs() -> impl Strategy<Value = Vec<&'static str>> {
    let glob = proptest::sample::select(&["*.yaml", "d/**", "**/b.yml", "e", "*"][..]);
    proptest::collection::vec(glob, 0..2)
}

fn paths() -> impl Strategy<Value = Vec<String>> {
    let part =
        proptest::sample::select(&["", ".", "a.yaml", "d", "e", "d/..", "b.yml", "x.yaml"][..]);
    let path = proptest::collection::vec(part, 1..3).prop_map(|parts| parts.join("/"));
    // A path with `/` in front is another one.
    let path = path.prop_map(|path| path.trim_start_matches('/').to_owned());
    proptest::collection::vec(path, 1..4)
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 100, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn any_repository_is_chosen_from_memory_as_from_the_disk(
        things in things(),
        paths in paths(),
        include in globs(),
        exclude in globs(),
        never in paths(),
    ) {
        let twins = Twins::new(things.iter().map(|(name, thing)| (name.as_str(), thing.clone())));
        twins.choose(&Want {
            paths: paths.iter().map(String::as_str).collect(),
            include,
            exclude,
            never: never.iter().map(String::as_str).collect(),
        });
    }
}
