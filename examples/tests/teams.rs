//! `argocd/several-teams.md`, row by row, and its policies.
#![allow(clippy::unwrap_used)]

use std::path::Path;

use manifill::settings::{Config, Sources};
use manifill::{Input, Renderer, RunContext};
use manifill_vault::suite::{Reply, Seen, Server};

/// An Application of a project.
fn app(project: &str) -> Sources {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR"));
    Sources::default()
        .with_working_dir(folder)
        .with_variable("ARGOCD_APP_NAME", "web")
        .with_variable("ARGOCD_APP_NAMESPACE", "kube-web")
        .with_variable("ARGOCD_APP_PROJECT_NAME", project)
}

/// Whether a project may read a path, as a file of `argocd/teams` says.
fn may(file: &str, project: &str, path: &str) -> bool {
    let file = Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("argocd/teams")
        .join(file);
    let sources = app(project)
        // As it lies in a real sidecar: outside the checkout.
        .with_working_dir(Path::new("/nowhere/checkout"))
        .with_variable("OP_CONNECT_HOST", "http://connect:8080")
        .with_variable("OP_CONNECT_TOKEN", "token")
        .with_config_file(file);
    let config = Config::load(&sources).unwrap();
    let name = config.backends.default_name().unwrap();
    config.rules.check(name, true, path, path).is_ok()
}

#[test]
fn the_policies_keep_teams_apart() {
    let (a, b) = ("aaaaaaaaaaaaaaaaaaaaaaaaaa", "bbbbbbbbbbbbbbbbbbbbbbbbbb");
    for (project, path, allowed) in [
        ("team-a", format!("vaults/{a}/items/db"), true),
        ("team-a", format!("vaults/{b}/items/db"), false),
        ("team-a", format!("op://{a}/db/password"), false),
        ("team-b", format!("op://{b}/db/password"), true),
        ("team-b", "vaults/Shared/items/smtp".to_owned(), true),
        ("team-b", "vaults/Shared/items/root".to_owned(), false),
        ("other", format!("vaults/{a}/items/db"), false),
    ] {
        assert_eq!(
            may("onepassword.yaml", project, &path),
            allowed,
            "{project}: {path}"
        );
    }
    for (project, path, allowed) in [
        ("team-a", "secret/data/team-a/db", true),
        ("team-a", "secret/data/team-b/db", false),
        ("team-a", "secret/team-a/db", false),
        ("team-a", "secret/data/team-a/../team-b/db", false),
        ("team-b", "database/creds/team-b", true),
        ("infrastructure", "secret/data/infrastructure/dns", true),
        ("team-a", "auth/token/lookup-self", false),
    ] {
        assert_eq!(
            may("vault.yaml", project, path),
            allowed,
            "{project}: {path}"
        );
    }
    for (project, path, allowed) in [
        ("team-a", "secrets/db.yaml", true),
        ("team-a", "other/db.yaml", false),
        ("team-a", "secrets/../other/db.yaml", false),
        ("default", "secrets/db.yaml", false),
    ] {
        assert_eq!(
            may("sops.yaml", project, path),
            allowed,
            "{project}: {path}"
        );
    }
}

/// A Vault that takes every login and has one secret.
async fn vault() -> Server {
    Server::start(|seen| {
        if seen.target.ends_with("/login") {
            Reply::json(r#"{"auth":{"client_token":"t","lease_duration":60}}"#)
        } else {
            Reply::json(r#"{"data":{"data":{"password":"p"},"metadata":{"version":1}}}"#)
        }
    })
    .await
}

const APP_ROLE: [(&str, &str); 2] = [
    ("ARGOCD_ENV_AVP_ROLE_ID", "apps-role"),
    ("ARGOCD_ENV_AVP_SECRET_ID", "apps-id"),
];

/// Fills a manifest with these variables, and gives what the server was asked.
async fn fill(server: &Server, variables: &[(&str, &str)]) -> Vec<Seen> {
    let sources = variables
        .iter()
        .fold(app("team-a"), |sources, (name, value)| {
            sources.with_variable(*name, value.replace("{vault}", &server.url()))
        });
    let renderer = Renderer::from_config(Config::load(&sources).unwrap());
    let inputs = [Input::new(
        "a.yaml",
        "kind: A\na: <path:secret/data/db#password>\n",
    )];
    let rendered = renderer.render(&inputs, &RunContext::new()).await.unwrap();
    assert_eq!(rendered.texts()[0], "kind: A\na: \"p\"\n");
    server.seen()
}

fn body(seen: &Seen) -> String {
    String::from_utf8(seen.body.clone()).unwrap()
}

#[tokio::test]
async fn an_app_role_of_the_app_needs_nothing() {
    let operator = [
        ("AVP_TYPE", "vault"),
        ("VAULT_ADDR", "{vault}"),
        ("AVP_AUTH_TYPE", "approle"),
        ("AVP_ROLE_ID", "operators-role"),
        ("AVP_SECRET_ID", "operators-id"),
        ("VAULT_NAMESPACE", "operators-namespace"),
    ];
    let server = vault().await;
    let seen = fill(&server, &[&operator[..], &APP_ROLE].concat()).await;
    assert_eq!(seen[0].target, "/v1/auth/approle/login");
    assert!(body(&seen[0]).contains("apps-role") && !body(&seen[0]).contains("operators"));
    assert_eq!(
        seen[1].header("x-vault-namespace"),
        Some("operators-namespace")
    );
}

#[tokio::test]
async fn all_five_of_app_role_need_nothing() {
    let five = [
        ("ARGOCD_ENV_AVP_TYPE", "vault"),
        ("ARGOCD_ENV_VAULT_ADDR", "{vault}"),
        ("ARGOCD_ENV_AVP_AUTH_TYPE", "approle"),
    ];
    let server = vault().await;
    let seen = fill(&server, &[&five[..], &APP_ROLE].concat()).await;
    assert!(body(&seen[0]).contains("apps-role"));
}

#[tokio::test]
async fn a_namespace_of_the_app_is_opened() {
    let variables = [
        ("AVP_TYPE", "vault"),
        ("VAULT_ADDR", "{vault}"),
        ("AVP_AUTH_TYPE", "token"),
        ("VAULT_TOKEN", "operators-token"),
        ("MANIFILL_APP_MAY_SET", "VAULT_NAMESPACE"),
        ("ARGOCD_ENV_VAULT_NAMESPACE", "team-a"),
    ];
    let server = vault().await;
    let seen = fill(&server, &variables).await;
    assert_eq!(seen[0].header("x-vault-namespace"), Some("team-a"));
    assert_eq!(seen[0].header("x-vault-token"), Some("operators-token"));
}

#[tokio::test]
async fn a_role_of_the_app_is_opened_for_the_token_of_the_pod() {
    let place = tempfile::tempdir().unwrap();
    let token = place.path().join("token");
    std::fs::write(&token, "pods-token").unwrap();
    let operator = [
        ("AVP_TYPE", "vault"),
        ("VAULT_ADDR", "{vault}"),
        ("AVP_AUTH_TYPE", "k8s"),
        ("AVP_K8S_TOKEN_PATH", token.to_str().unwrap()),
        ("MANIFILL_APP_MAY_SET", "AVP_K8S_ROLE"),
    ];
    let role = ("ARGOCD_ENV_AVP_K8S_ROLE", "team-a");
    // Alone, and beside what equals the operator's values.
    let same = [
        ("ARGOCD_ENV_AVP_TYPE", "vault"),
        ("ARGOCD_ENV_VAULT_ADDR", "{vault}"),
        ("ARGOCD_ENV_AVP_AUTH_TYPE", "k8s"),
    ];
    for more in [&[][..], &same] {
        let server = vault().await;
        let seen = fill(&server, &[&operator[..], &[role], more].concat()).await;
        let sent = body(&seen[0]);
        assert!(
            sent.contains("team-a") && sent.contains("pods-token"),
            "{sent}"
        );
    }
}

#[tokio::test]
async fn what_is_free_or_equal_or_the_apps_own_business_needs_nothing() {
    let variables = [
        ("AVP_TYPE", "vault"),
        ("VAULT_ADDR", "{vault}"),
        ("AVP_AUTH_TYPE", "token"),
        ("VAULT_TOKEN", "operators-token"),
        ("ARGOCD_ENV_AVP_KV_VERSION", "2"),
        ("ARGOCD_ENV_AVP_TYPE", "vault"),
        ("ARGOCD_ENV_AVP_SECRET", "team-a:settings"),
        ("ARGOCD_ENV_helm_args", "-f values.yaml"),
    ];
    let server = vault().await;
    assert_eq!(fill(&server, &variables).await.len(), 1);
}
