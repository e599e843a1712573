//! One repository of each shape.

use crate::twins::{FILLED, KUSTOMIZATION, MANIFEST, SOPS, Thing, Twins, Want};

#[test]
fn each_shape_is_chosen_from_memory_as_from_the_disk() {
    let file = |data| Thing::File(data);
    let twins = Twins::new([
        ("a.yaml", file(MANIFEST)),
        ("apps/web/..2026/c.yaml", file(MANIFEST)),
        ("apps/web/..data", Thing::Link("..2026")),
        ("apps/web/c.yaml", Thing::Link("..data/c.yaml")),
        ("apps/web/.git/x.yaml", file(MANIFEST)),
        ("apps/web/a.yaml", file(FILLED)),
        ("apps/web/kustomization.yaml", file(KUSTOMIZATION)),
        ("apps/web/nested/b.yml", file(MANIFEST)),
        ("apps/web/notes.txt", file(b"x")),
        ("apps/web/round", Thing::Link(".")),
        ("apps/web/secret.yaml", file(SOPS)),
        ("broken/gone.yaml", Thing::Link("nothing.yaml")),
        ("broken/gone.txt", Thing::Link("nothing.txt")),
        ("broken/itself.yaml", Thing::Link("itself.yaml")),
        ("broken/out.yaml", Thing::Out),
        ("broken/out.txt", Thing::Out),
        ("broken/below.yaml", Thing::Link("../a.yaml/x")),
        ("broken/slash.yaml", Thing::Link("../a.yaml/")),
        ("broken/up.yaml", Thing::Link("../a.yaml")),
        ("broken/gzip.yaml", file(b"\x1f\x8b\x08\0")),
        ("broken/latin1.yaml", file(b"a: \xe9\n")),
        ("broken/utf16.yaml", file(b"k\0i\0n\0d\0")),
        ("empty/x.txt", file(b"")),
        ("l", Thing::Link("apps/web")),
        ("o", Thing::Out),
        ("sops/s.yaml", file(SOPS)),
    ]);
    let want = |paths: &[&'static str]| Want {
        paths: paths.to_vec(),
        ..Want::default()
    };
    let chosen = twins.choose(&want(&["apps/web"]));
    for (input, times) in [
        ("apps/web/a.yaml\", source", 1),
        ("found_as: Some(\"kustomization.yaml\")", 1),
        ("apps/web/nested/b.yml", 1),
        ("c.yaml\", source", 1),
        ("aside \"apps/web/secret.yaml\"", 1),
        ("round", 0),
        (".git", 0),
        ("notes", 0),
        ("[Some(\"apps/web/a.yaml\")]", 1),
    ] {
        assert_eq!(chosen.matches(input).count(), times, "{input}: {chosen}");
    }
    // Named twice, read once, whatever the way.
    for way in ["l/a.yaml", "l/round/a.yaml", "./apps/../apps/web/a.yaml"] {
        let chosen = twins.choose(&want(&["apps/web", way]));
        assert!(
            chosen.contains(&format!("note {way} is named twice")),
            "{chosen}"
        );
    }
    let chosen = twins.choose(&want(&["broken"]));
    let wrong = [
        (
            "gone.yaml",
            "the link leads to something that does not exist",
        ),
        ("itself.yaml", "filesystem loop"),
        ("out.yaml", "the link leads out of the app's repository"),
        (
            "below.yaml",
            "the link leads to something that does not exist",
        ),
        (
            "slash.yaml",
            "the link leads to something that does not exist",
        ),
        ("gzip.yaml", "it is compressed"),
        ("latin1.yaml", "byte 3 is not UTF-8"),
        ("utf16.yaml", "it is UTF-16"),
    ];
    for (file, reason) in wrong {
        let told = format!("broken/{file}: {reason}");
        assert!(chosen.contains(&told), "{told}: {chosen}");
    }
    assert_eq!(chosen.lines().count(), wrong.len() + 1, "{chosen}");
    for (paths, part) in [
        (vec!["o"], "it leads out of the app's repository"),
        (vec!["l"], "l/a.yaml"),
        (vec!["empty"], "no YAML or JSON files were found"),
        (vec!["sops"], "only settings and secrets"),
        (vec!["sops", "absent"], "absent: there is no such file"),
        (vec!["a.yaml/b"], "there is no such file"),
        (vec!["empty/x.txt"], "name: \"empty/x.txt\""),
        (
            vec!["apps", "apps/web/nested"],
            "nested/b.yml is named twice",
        ),
        (
            vec!["", "a.yaml"],
            "the link leads out of the app's repository",
        ),
        (vec![], "argument required"),
        (vec!["-"], "-: there is no such file"),
    ] {
        let chosen = twins.choose(&want(&paths));
        assert!(chosen.contains(part), "{paths:?}: {chosen}");
    }
    let chosen = twins.choose(&Want {
        include: vec!["**/*.y*ml"],
        exclude: vec!["**/secret.yaml", "nested"],
        never: vec!["l/c.yaml"],
        ..want(&["apps/web"])
    });
    assert!(
        !chosen.contains("nested") && !chosen.contains("secret"),
        "{chosen}"
    );
    assert!(chosen.contains("aside \"apps/web/c.yaml\""), "{chosen}");
    let chosen = twins.choose(&Want {
        include: vec!["[x"],
        ..want(&["apps"])
    });
    assert!(chosen.contains("is not a glob"), "{chosen}");
}
