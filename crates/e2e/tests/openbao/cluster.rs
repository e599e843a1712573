//! The login with the account of a pod, which the server has reviewed by a real cluster.

use std::time::{Duration, Instant};

use manifill_e2e::{KubeApiserver, VAULT_AUDIENCE, run, skip};
use manifill_vault::VaultErrorKind;
use serde_json::json;

use crate::logins::{PATH, with_method};
use crate::{json_of, message, read_one};

/// Accounts of pods, and that of the server, which may have tokens reviewed.
const ACCOUNTS: &str = "\
apiVersion: v1
kind: Namespace
metadata: {name: demo}
---
apiVersion: v1
kind: ServiceAccount
metadata: {name: app, namespace: demo}
---
apiVersion: v1
kind: ServiceAccount
metadata: {name: other, namespace: demo}
---
apiVersion: v1
kind: ServiceAccount
metadata: {name: gone, namespace: demo}
---
apiVersion: v1
kind: ServiceAccount
metadata: {name: bao, namespace: demo}
---
apiVersion: rbac.authorization.k8s.io/v1
kind: ClusterRoleBinding
metadata: {name: review}
roleRef: {apiGroup: rbac.authorization.k8s.io, kind: ClusterRole, name: 'system:auth-delegator'}
subjects: [{kind: ServiceAccount, name: bao, namespace: demo}]
";

/// A token of an account, as its pod has one.
fn token(cluster: &KubeApiserver, account: &str, audience: Option<&str>) -> String {
    let mut command = cluster.kubectl();
    command.args(["create", "token", account, "--namespace=demo"]);
    command.args(audience.map(|audience| format!("--audience={audience}")));
    run(&mut command).unwrap()
}

#[tokio::test]
async fn by_kubernetes_with_a_review_by_the_cluster() {
    if skip("OpenBao with kube-apiserver") {
        return;
    }
    let cluster = KubeApiserver::start().unwrap();
    cluster.apply(ACCOUNTS).unwrap();
    let server = with_method("kubernetes", "kubernetes").await;
    let config = json!({
        "kubernetes_host": cluster.url(),
        "kubernetes_ca_cert": std::fs::read_to_string(cluster.ca_file()).unwrap(),
        "token_reviewer_jwt": token(&cluster, "bao", None).trim(),
        "disable_local_ca_jwt": true,
    });
    server.put("auth/kubernetes/config", config).await;
    let role = json!({"bound_service_account_names": ["app", "gone"], "token_policies": "app",
        "bound_service_account_namespaces": ["demo"], "audience": VAULT_AUDIENCE});
    server.put("auth/kubernetes/role/app", role).await;

    let file = server.file("token");
    let settings = server
        .settings()
        .with("AVP_AUTH_TYPE", "k8s")
        .with("AVP_K8S_ROLE", "app")
        .with("AVP_K8S_TOKEN_PATH", file.to_str().unwrap());
    std::fs::write(&file, token(&cluster, "app", Some(VAULT_AUDIENCE))).unwrap();
    assert_eq!(json_of(&read_one(&settings, PATH).await, "a"), "\"b\"");

    // Another account, and a token that is meant for another server.
    for (account, audience) in [("other", VAULT_AUDIENCE), ("app", "elsewhere")] {
        std::fs::write(&file, token(&cluster, account, Some(audience))).unwrap();
        let refused = read_one(&settings, PATH).await;
        assert!(refused.is_err(), "{account} {audience}");
        assert!(message(&refused).contains("is not accepted (HTTP 4"));
        assert_eq!(refused.unwrap_err().kind(), VaultErrorKind::Unauthenticated);
    }

    // Its signature is good, but the cluster knows that there is no such account any more. It may
    // take a moment to know.
    std::fs::write(&file, token(&cluster, "gone", Some(VAULT_AUDIENCE))).unwrap();
    run(cluster
        .kubectl()
        .args(["delete", "serviceaccount", "gone", "--namespace=demo"]))
    .unwrap();
    let start = Instant::now();
    let refused = loop {
        match read_one(&settings, PATH).await {
            Err(error) => break error,
            Ok(_) if start.elapsed() > Duration::from_secs(60) => {
                panic!("the account is still good")
            }
            Ok(_) => tokio::time::sleep(Duration::from_millis(200)).await,
        }
    };
    assert_eq!(refused.kind(), VaultErrorKind::Unauthenticated);
}
