//! Which paths there are, and what is said about the others.

use super::path::{SecretName, is_label};

#[test]
fn a_path_is_a_name_with_or_without_a_namespace() {
    let long = "a".repeat(253);
    for (path, plain) in [
        ("db", "argocd:db"),
        (" db ", "argocd:db"),
        ("team-a:db", "team-a:db"),
        ("1:2", "1:2"),
        (
            "sh.helm.release.v1.web.v12",
            "argocd:sh.helm.release.v1.web.v12",
        ),
        (long.as_str(), &format!("argocd:{long}")),
    ] {
        let name = SecretName::parse(path, "argocd").unwrap();
        assert_eq!(name.plain().as_str(), plain);
        // The plain spelling is a path for the same.
        assert_eq!(SecretName::parse(plain, "x").unwrap(), name);
    }
}

#[test]
fn what_can_be_no_secret_is_told() {
    let long = "a".repeat(254);
    for (path, message) in [
        ("a:b:c", "the path `a:b:c` has more than one colon"),
        ("", "no Secret can be called ``"),
        ("a:", "no Secret can be called ``"),
        (":a", "no namespace can be called ``"),
        ("argocd/db", "the path `argocd/db` has a slash"),
        ("a:../../x", "the path `a:../../x` has a slash"),
        ("..", "no Secret can be called `..`"),
        ("a:..", "no Secret can be called `..`"),
        ("DB", "no Secret can be called `DB`"),
        ("db_main", "no Secret can be called `db_main`"),
        ("-a", "no Secret can be called `-a`"),
        ("a.-b", "no Secret can be called `a.-b`"),
        ("a-", "no Secret can be called `a-`"),
        ("a.b:c", "no namespace can be called `a.b`"),
        ("a%2f:c", "no namespace can be called `a%2f`"),
        ("a: b", "no Secret can be called ` b`"),
        ("é", "no Secret can be called `é`"),
        (long.as_str(), &format!("no Secret can be called `{long}`")),
    ] {
        let error = SecretName::parse(path, "argocd").unwrap_err();
        assert_eq!(error.to_string(), message);
        assert_eq!(error.hint(), Some("write name or namespace:name"));
    }
}

#[test]
fn a_namespace_has_63_characters() {
    assert!(is_label(&"a".repeat(63)) && !is_label(&"a".repeat(64)));
}
