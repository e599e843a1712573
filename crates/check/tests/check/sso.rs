//! Argo Workflows behind the login of Argo CD, from nothing.

use super::{offline, told, told_with};

const STORY: &str = include_str!("sso.yaml");

#[test]
fn the_story_holds_together() {
    assert_eq!(told(STORY), [""; 0]);
}

#[test]
fn one_wrong_name_or_key_is_caught() {
    for (right, wrong, expected) in [
        (
            "      key: client-secret\n    redirectUrl",
            "      key: client-secrt\n    redirectUrl",
            "Secret `argo-workflows-secrets` has no key `client-secrt`; it has `client-id`, `client-secret`",
        ),
        (
            "                  key: client-secret",
            "                  key: secret",
            "Secret `argo-workflows-secrets` has no key `secret`; it has `client-id`, `client-secret`",
        ),
        (
            "$dex.github.clientSecret",
            "$dex.github.clientSecert",
            "Secret `argocd-secret` has no key `dex.github.clientSecert`; it has `dex.github.clientID`, `dex.github.clientSecret`",
        ),
        (
            "kind: ClusterRole\n  name: workflows-admin",
            "kind: ClusterRole\n  name: workflow-admin",
            "ClusterRole `workflow-admin` is not among these manifests",
        ),
        (
            "name: sso-admin\n    namespace: argo",
            "name: sso-admins\n    namespace: argo",
            "ServiceAccount `sso-admins` is not among these manifests",
        ),
    ] {
        assert_eq!(STORY.matches(right).count(), 1, "{right}");
        let told = told(&STORY.replace(right, wrong));
        assert_eq!(told.len(), 1, "{wrong}: {told:#?}");
        assert!(told[0].starts_with("error "), "{told:?}");
        assert!(told[0].ends_with(expected), "{told:?}");
    }
}

#[test]
fn every_value_of_it_is_a_placeholder_in_a_secret() {
    let look = offline().with_literals(true).with_only_kind("Secret");
    assert_eq!(told_with(STORY, &look), [""; 0]);
}
