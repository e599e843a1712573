//! Every login that OpenBao has, namespaces, and tokens that end.

use std::time::{SystemTime, UNIX_EPOCH};

use aws_lc_rs::encoding::{AsDer as _, PublicKeyX509Der};
use aws_lc_rs::rand::SystemRandom;
use aws_lc_rs::signature::{ECDSA_P256_SHA256_FIXED_SIGNING, EcdsaKeyPair, KeyPair as _};
use base64::Engine as _;
use base64::engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD};
use manifill_e2e::skip;
use manifill_vault::suite::{Reply, Server};
use manifill_vault::{ConnectContext, RunContext, VaultErrorKind};
use serde_json::{Value, json};

use crate::server::OpenBao;
use crate::{connect, json_of, message, read_one, request};

pub(crate) const PATH: &str = "secret/data/db";

/// A server with a secret, a policy to read it, and a login method.
pub(crate) async fn with_method(method: &str, mount: &str) -> OpenBao {
    let server = OpenBao::start().await;
    server.put(PATH, json!({"data": {"a": "b"}})).await;
    let policy = format!("path \"{PATH}\" {{ capabilities = [\"read\"] }}");
    server
        .put("sys/policies/acl/app", json!({ "policy": policy }))
        .await;
    server
        .put(&format!("sys/auth/{mount}"), json!({ "type": method }))
        .await;
    server
}

async fn approle(server: &OpenBao, mount: &str) -> (String, String) {
    let role = json!({"token_policies": "app", "token_ttl": "1h"});
    server.put(&format!("auth/{mount}/role/app"), role).await;
    let id = server.get(&format!("auth/{mount}/role/app/role-id")).await;
    let secret = server
        .put(&format!("auth/{mount}/role/app/secret-id"), json!({}))
        .await;
    let text = |value: &Value| value.as_str().unwrap().to_owned();
    (
        text(&id["data"]["role_id"]),
        text(&secret["data"]["secret_id"]),
    )
}

#[tokio::test]
async fn by_token() {
    if skip("OpenBao, token") {
        return;
    }
    let server = with_method("approle", "approle").await;
    let token = server
        .put(
            "auth/token/create",
            json!({"policies": ["app"], "num_uses": 1}),
        )
        .await;
    let token = token["auth"]["client_token"].as_str().unwrap();
    let settings = server.settings().with("VAULT_TOKEN", token);
    assert_eq!(json_of(&read_one(&settings, PATH).await, "a"), "\"b\"");
    // It was for one use.
    let refused = read_one(&settings, PATH).await;
    assert_eq!(
        message(&refused),
        "SERVER does not accept the token (HTTP 403)"
    );
    assert_eq!(refused.unwrap_err().kind(), VaultErrorKind::Unauthenticated);
    let unknown = server.settings().with("VAULT_TOKEN", "s.unknown");
    let refused = read_one(&unknown, PATH).await.unwrap_err();
    assert_eq!(refused.kind(), VaultErrorKind::Unauthenticated);
}

#[tokio::test]
async fn by_approle_and_again_after_the_token_was_revoked() {
    if skip("OpenBao, approle") {
        return;
    }
    let server = with_method("approle", "mine/approle").await;
    let (role, secret) = approle(&server, "mine/approle").await;
    let settings = server
        .settings()
        .with("AVP_AUTH_TYPE", "approle")
        .with("AVP_MOUNT_PATH", "auth/mine/approle")
        .with("AVP_ROLE_ID", role)
        .with("AVP_SECRET_ID", secret);
    let backend = connect(&settings, &ConnectContext::new()).unwrap();
    let wanted = [request(backend.as_ref(), PATH)];
    for _ in 0..2 {
        let answers = backend.read(&wanted, &RunContext::default()).await;
        assert_eq!(json_of(&answers[0], "a"), "\"b\"");
    }
    let logins = || {
        let audited = server.audited();
        audited
            .iter()
            .filter(|line| line.ends_with("/login"))
            .count()
    };
    assert_eq!(logins(), 1);
    server
        .put("sys/leases/revoke-prefix/auth/mine/approle", json!({}))
        .await;
    let answers = backend.read(&wanted, &RunContext::default()).await;
    assert_eq!(json_of(&answers[0], "a"), "\"b\"");
    assert_eq!(logins(), 2);

    let wrong = settings.clone().with("AVP_SECRET_ID", "wrong");
    assert_eq!(
        message(&read_one(&wrong, PATH).await),
        "the `approle` login at `auth/mine/approle` is not accepted (HTTP 400)"
    );
    let elsewhere = settings.with("AVP_MOUNT_PATH", "mine/approle");
    assert_eq!(
        message(&read_one(&elsewhere, PATH).await),
        "there is no `approle` login at `mine/approle`, or it is not accepted (HTTP 403)"
    );
}

#[tokio::test]
async fn by_userpass_with_the_token_in_the_cache() {
    if skip("OpenBao, userpass") {
        return;
    }
    let server = with_method("userpass", "userpass").await;
    let user = json!({"password": "p\"\\ü", "token_policies": "app", "token_ttl": "1h"});
    server.put("auth/userpass/users/bob", user).await;
    let settings = server
        .settings()
        .with("AVP_AUTH_TYPE", "userpass")
        .with("AVP_USERNAME", "bob")
        .with("AVP_PASSWORD", "p\"\\ü")
        .with(
            "MANIFILL_VAULT_TOKEN_CACHE",
            server.file("tokens").to_str().unwrap(),
        );
    for _ in 0..3 {
        assert_eq!(json_of(&read_one(&settings, PATH).await, "a"), "\"b\"");
    }
    let logins = || {
        let audited = server.audited();
        audited
            .iter()
            .filter(|line| line.ends_with("/login/bob"))
            .count()
    };
    assert_eq!(logins(), 1);
    let wrong = read_one(&settings.clone().with("AVP_PASSWORD", "x"), PATH).await;
    assert_eq!(
        message(&wrong),
        "the `userpass` login at `auth/userpass` is not accepted (HTTP 400)"
    );
    server
        .put("sys/leases/revoke-prefix/auth/userpass", json!({}))
        .await;
    assert_eq!(json_of(&read_one(&settings, PATH).await, "a"), "\"b\"");
    // The wrong password was a login as well.
    assert_eq!(logins(), 3);
}

#[tokio::test]
async fn by_jwt() {
    if skip("OpenBao, jwt") {
        return;
    }
    let server = with_method("jwt", "jwt").await;
    let issuer = Issuer::new();
    server
        .put(
            "auth/jwt/config",
            json!({"jwt_validation_pubkeys": [issuer.public_key()]}),
        )
        .await;
    let role = json!({"role_type": "jwt", "user_claim": "sub", "bound_audiences": ["manifill"],
        "token_policies": "app"});
    server.put("auth/jwt/role/app", role).await;
    let claims = |aud: &str| json!({"iss": "x", "sub": "ci", "aud": aud, "nbf": now() - 60, "exp": now() + 600});
    let settings = server
        .settings()
        .with("AVP_AUTH_TYPE", "jwt")
        .with("AVP_JWT_ROLE", "app");
    let given = settings
        .clone()
        .with("AVP_JWT", issuer.sign(&claims("manifill")));
    assert_eq!(json_of(&read_one(&given, PATH).await, "a"), "\"b\"");

    let file = server.file("jwt");
    std::fs::write(&file, issuer.sign(&claims("manifill")) + "\n").unwrap();
    let by_file = settings
        .clone()
        .with("AVP_JWT_PATH", file.to_str().unwrap());
    assert_eq!(json_of(&read_one(&by_file, PATH).await, "a"), "\"b\"");

    let other = settings.with("AVP_JWT", issuer.sign(&claims("other")));
    let refused = read_one(&other, PATH).await.unwrap_err();
    assert_eq!(refused.kind(), VaultErrorKind::Unauthenticated);
}

#[tokio::test]
async fn by_kubernetes() {
    if skip("OpenBao, kubernetes") {
        return;
    }
    let server = with_method("kubernetes", "kubernetes").await;
    // In the place of a cluster, which would say the same to a review of the token.
    let cluster = Server::start(|seen| {
        let review: Value = serde_json::from_slice(&seen.body).unwrap();
        let answer = json!({"apiVersion": "authentication.k8s.io/v1", "kind": "TokenReview",
            "status": {"authenticated": true, "audiences": review["spec"]["audiences"], "user": {
                "username": "system:serviceaccount:argocd:repo", "uid": "u-1",
                "groups": ["system:serviceaccounts"]}}});
        Reply::json(answer.to_string()).with_status(201)
    })
    .await;
    let authority = rcgen::CertificateParams::default()
        .self_signed(&rcgen::KeyPair::generate().unwrap())
        .unwrap();
    let config = json!({"kubernetes_host": cluster.url(), "disable_local_ca_jwt": true,
        "kubernetes_ca_cert": authority.pem()});
    server.put("auth/kubernetes/config", config).await;
    let role = json!({"bound_service_account_names": ["repo"], "token_policies": "app",
        "bound_service_account_namespaces": ["argocd"]});
    server.put("auth/kubernetes/role/app", role).await;
    let account = json!({"iss": "https://cluster", "aud": ["https://cluster"], "nbf": now() - 60, "exp": now() + 600,
        "sub": "system:serviceaccount:argocd:repo", "kubernetes.io": {
            "namespace": "argocd", "serviceaccount": {"name": "repo", "uid": "u-1"}}});
    let token = server.file("token");
    std::fs::write(&token, Issuer::new().sign(&account) + "\n").unwrap();
    let settings = server
        .settings()
        .with("AVP_AUTH_TYPE", "k8s")
        .with("AVP_K8S_ROLE", "app")
        .with("AVP_K8S_TOKEN_PATH", token.to_str().unwrap());
    assert_eq!(json_of(&read_one(&settings, PATH).await, "a"), "\"b\"");
    assert_eq!(cluster.seen().len(), 1);
    let wrong = read_one(&settings.with("AVP_K8S_ROLE", "other"), PATH).await;
    assert_eq!(
        message(&wrong),
        "the `k8s` login at `auth/kubernetes` is not accepted (HTTP 400)"
    );
}

#[tokio::test]
async fn in_a_namespace() {
    if skip("OpenBao, namespaces") {
        return;
    }
    let server = OpenBao::start().await;
    server.put("sys/namespaces/team", json!({})).await;
    let mount = json!({"type": "kv", "options": {"version": "2"}});
    server.put("team/sys/mounts/secret", mount).await;
    server
        .put("team/secret/data/db", json!({"data": {"a": "team"}}))
        .await;
    server
        .put("secret/data/db", json!({"data": {"a": "root"}}))
        .await;
    server
        .put("team/sys/auth/userpass", json!({"type": "userpass"}))
        .await;
    let policy = "path \"secret/*\" { capabilities = [\"read\"] }";
    server
        .put("team/sys/policies/acl/app", json!({ "policy": policy }))
        .await;
    let user = json!({"password": "pw", "token_policies": "app"});
    server.put("team/auth/userpass/users/bob", user).await;

    let root = server.settings();
    assert_eq!(json_of(&read_one(&root, PATH).await, "a"), "\"root\"");
    let prefixed = read_one(&root, "team/secret/data/db").await;
    assert_eq!(json_of(&prefixed, "a"), "\"team\"");
    let team = root
        .with("VAULT_NAMESPACE", "team")
        .with("AVP_AUTH_TYPE", "userpass")
        .with("AVP_USERNAME", "bob")
        .with("AVP_PASSWORD", "pw");
    for path in [PATH, "secret/db"] {
        assert_eq!(json_of(&read_one(&team, path).await, "a"), "\"team\"");
    }
    let elsewhere = read_one(&team.with("VAULT_NAMESPACE", "nowhere"), PATH).await;
    assert!(elsewhere.is_err());
}

/// Someone who signs JWTs.
struct Issuer(EcdsaKeyPair);

impl Issuer {
    fn new() -> Self {
        Issuer(EcdsaKeyPair::generate(&ECDSA_P256_SHA256_FIXED_SIGNING).unwrap())
    }

    fn public_key(&self) -> String {
        let der: PublicKeyX509Der<'_> = self.0.public_key().as_der().unwrap();
        let body = STANDARD.encode(der.as_ref());
        format!("-----BEGIN PUBLIC KEY-----\n{body}\n-----END PUBLIC KEY-----\n")
    }

    fn sign(&self, claims: &Value) -> String {
        let part = |value: &Value| URL_SAFE_NO_PAD.encode(value.to_string());
        let signed = format!(
            "{}.{}",
            part(&json!({"alg": "ES256", "typ": "JWT"})),
            part(claims)
        );
        let signature = self
            .0
            .sign(&SystemRandom::new(), signed.as_bytes())
            .unwrap();
        format!("{signed}.{}", URL_SAFE_NO_PAD.encode(signature.as_ref()))
    }
}

fn now() -> u64 {
    SystemTime::now()
        .duration_since(UNIX_EPOCH)
        .unwrap()
        .as_secs()
}
