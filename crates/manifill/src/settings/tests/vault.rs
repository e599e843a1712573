//! What the rules mean for a server that repairs paths, and that a pod can log in to.

use super::*;

const VAULT: (&str, &str) = ("AVP_TYPE", "vault");
const ADDRESS: (&str, &str) = ("VAULT_ADDR", "https://vault.example");
const POD: (&str, &str) = ("AVP_AUTH_TYPE", "k8s");
const ROLE: (&str, &str) = ("AVP_K8S_ROLE", "argocd");
const APP_ADDRESS: (&str, &str) = ("ARGOCD_ENV_VAULT_ADDR", "https://evil.example");
const APP_LOGIN: (&str, &str) = ("ARGOCD_ENV_AVP_AUTH_TYPE", "k8s");

const LOCAL: &str = "MANIFILL_VAULT_LOCAL_LOGIN";

#[test]
fn a_path_that_rules_have_judged_is_not_repaired() {
    let restricted = |variables: &[(&str, &str)]| {
        let config = environment(&[&[VAULT, ADDRESS, POD][..], variables].concat()).unwrap();
        decided(&config).is_restricted()
    };
    assert!(!restricted(&[]));
    assert!(restricted(&[("AVP_PATH_VALIDATION", "^team/")]));
    let authors = ("ARGOCD_ENV_AVP_PATH_VALIDATION", "^team/");
    assert!(restricted(&[authors]));
    // Not even if the operator wants it.
    let asked = ("MANIFILL_VAULT_PATH_REPAIR", "true");
    assert!(!restricted(&[asked]));
    assert!(restricted(&[asked, ("AVP_PATH_VALIDATION", "x")]));
    assert!(restricted(&[asked, TRUST, authors]));
}

#[test]
fn a_policy_restricts_every_backend() {
    let place = Folder::new();
    let load = |policy: &str| {
        let text = format!(
            "default: a\nbackends:\n  a: {{type: vault, settings: {{VAULT_ADDR: 'https://a.example'}}}}\n  \
             b: {{type: vault, settings: {{MANIFILL_VAULT_PATH_REPAIR: true}}}}\n{policy}"
        );
        let file = place.file("manifill.yaml", &text);
        Config::load(&place.sources(&[]).with_config_file(file)).unwrap()
    };
    for (policy, restricted) in [
        ("", false),
        ("policy: []\n", true),
        ("policy: [{project: '*', allow: ['**']}]\n", true),
    ] {
        let config = load(policy);
        for name in ["a", "b"] {
            assert_eq!(decided_for(&config, name).is_restricted(), restricted);
        }
    }
}

#[test]
fn a_login_is_kept_on_disk_only_if_the_flag_lets_it() {
    let place = Folder::new();
    let text = "default: a\nbackends: {a: {type: vault, settings: {MANIFILL_VAULT_TOKEN_CACHE: tokens}}}\n";
    let file = place.file("manifill.yaml", text);
    let flat = place.sources(&[VAULT, ("MANIFILL_VAULT_TOKEN_CACHE", "tokens")]);
    let sections = place.sources(&[]).with_config_file(file);
    for mut sources in [flat, sections] {
        for without in [false, true] {
            sources.without_token_cache = without;
            let config = Config::load(&sources).unwrap();
            assert_eq!(decided(&config).keeps_login(), !without);
        }
    }
}

#[test]
fn the_pods_token_does_not_go_to_the_authors_host() {
    let flat = |variables: &[(&str, &str)]| {
        let config = environment(&[&[VAULT, ADDRESS, POD, ROLE][..], variables].concat()).unwrap();
        let settings = default(&config).1;
        let address = settings.value("VAULT_ADDR").unwrap().to_owned();
        (address, decided(&config).local_login())
    };
    let (own, evil) = (ADDRESS.1.to_owned(), APP_ADDRESS.1.to_owned());
    let (no, yes) = (Some(false), Some(true));
    let authors = [APP_ADDRESS, APP_LOGIN];
    assert_eq!(flat(&[]), (own.clone(), None));
    assert_eq!(flat(&authors), (evil.clone(), no));
    // The same address, but the login or the namespace is the author's choice.
    let same = ("ARGOCD_ENV_VAULT_ADDR", ADDRESS.1);
    let namespace = ("ARGOCD_ENV_VAULT_NAMESPACE", "other");
    assert_eq!(flat(&[same, APP_LOGIN]), (own.clone(), None));
    assert_eq!(flat(&[same, APP_LOGIN, namespace]), (own.clone(), no));
    // The operator can allow it, for everything or for this.
    assert_eq!(flat(&[&authors[..], &[TRUST]].concat()), (evil, yes));
    let with = |name| {
        let variables = [VAULT, ADDRESS, POD, ROLE, APP_ADDRESS, APP_LOGIN];
        let config = environment(&[&variables[..], &[(name, "true")]].concat()).unwrap();
        default(&config).1.value(LOCAL).map(str::to_owned)
    };
    assert_eq!(with(LOCAL), Some("true".to_owned()));
    // The author cannot.
    assert_eq!(with("ARGOCD_ENV_MANIFILL_VAULT_LOCAL_LOGIN"), None);
}

#[test]
fn a_file_that_takes_its_login_from_the_author_sends_no_token_of_the_pod() {
    let place = Folder::new();
    let load = |address: &str, login: &str, extra: &[(&str, &str)]| {
        let text = format!(
            "default: a\nbackends: {{a: {{type: vault, settings: {{VAULT_ADDR: {address}, AVP_AUTH_TYPE: {login}, AVP_K8S_ROLE: argocd}}}}}}\n"
        );
        let file = place.file("etc/manifill.yaml", &text);
        let variables = [&[APP_ADDRESS, APP_LOGIN][..], extra].concat();
        Config::load(&place.argo(&variables).with_config_file(file)).unwrap()
    };
    let authors = (
        "{env: ARGOCD_ENV_VAULT_ADDR}",
        "{env: ARGOCD_ENV_AVP_AUTH_TYPE}",
    );
    let config = load(authors.0, authors.1, &[]);
    assert_eq!(decided_for(&config, "a").local_login(), Some(false));
    let config = load(authors.0, "k8s", &[TRUST]);
    assert_eq!(decided_for(&config, "a").local_login(), Some(true));
    let config = load("'https://vault.example'", "k8s", &[]);
    assert_eq!(decided_for(&config, "a").local_login(), None);

    // The author's own file.
    let text = "default: a\nbackends: {a: {type: vault, settings: {VAULT_ADDR: 'https://evil.example', AVP_AUTH_TYPE: jwt, AVP_JWT: s3cr3t}}}\n";
    place.file("checkout/apps/web/manifill.yaml", text);
    let sources = place.argo(&[]).with_config_file("manifill.yaml");
    let config = Config::load(&sources).unwrap();
    assert_eq!(decided_for(&config, "a").local_login(), Some(false));
}

#[cfg(feature = "vault")]
mod made {
    use manifill_vault::RunContext;
    use manifill_vault::backend::by_name;
    use manifill_vault::suite::{Reply, Server, TOKEN};

    use super::*;
    use crate::policy::{PathRules, Rules};
    use crate::{Backends, Input, Renderer};

    /// A server with the mount `kv` and one secret, `kv/data/db`.
    async fn server() -> Server {
        Server::start(|seen| match seen.target.as_str() {
            "/v1/kv/data/db" => {
                Reply::json(r#"{"data":{"data":{"password":"p"},"metadata":{"version":1}}}"#)
            }
            "/v1/sys/internal/ui/mounts/kv/db" => {
                Reply::json(r#"{"data":{"path":"kv/","type":"kv","options":{"version":"2"}}}"#)
            }
            _ => Reply::json(
                r#"{"data":null,"warnings":["Invalid path for a versioned K/V secrets engine."]}"#,
            )
            .with_status(404),
        })
        .await
    }

    fn settings(server: &Server) -> Settings {
        Settings::new()
            .with("VAULT_ADDR", server.url())
            .with("AVP_AUTH_TYPE", "token")
            .with("VAULT_TOKEN", TOKEN)
    }

    /// Whether a path that lacks `/data/` is read.
    async fn is_repaired(renderer: &Renderer) -> bool {
        let inputs = [Input::new("a.yaml", "kind: A\na: <path:kv/db#password>\n")];
        match renderer.render(&inputs, &RunContext::new()).await {
            Ok(_) => true,
            Err(error) => {
                let text = error.to_string();
                assert!(text.contains("it would be `kv/data/db`"), "{text}");
                false
            }
        }
    }

    #[tokio::test]
    async fn rules_reach_the_backend() {
        let server = server().await;
        let backends = || Backends::from_settings(by_name("vault").unwrap(), settings(&server));
        let renderer = Renderer::new(backends());
        assert!(is_repaired(&renderer).await);
        // Even if the backend was there before the rules.
        let rules = Rules::validating(PathRules::new(["^kv/"]).unwrap());
        assert!(!is_repaired(&renderer.with_rules(rules)).await);
        let renderer = Renderer::new(backends()).with_rules(Rules::default());
        assert!(is_repaired(&renderer).await);
    }

    #[tokio::test]
    async fn settings_reach_the_backend() {
        let server = server().await;
        for (extra, repaired) in [(&[][..], true), (&[("AVP_PATH_VALIDATION", "^kv/")], false)] {
            let variables = [
                VAULT,
                ("VAULT_ADDR", &server.url()),
                ("AVP_AUTH_TYPE", "token"),
                ("VAULT_TOKEN", TOKEN),
            ];
            let config = environment(&[&variables[..], extra].concat()).unwrap();
            let renderer = Renderer::from_config(config);
            assert_eq!(is_repaired(&renderer).await, repaired);
        }
    }

    #[test]
    fn the_authors_login_with_the_pods_token_is_refused() {
        let variables = [VAULT, ADDRESS, POD, ROLE, APP_ADDRESS, APP_LOGIN];
        let with = |more: &[_]| {
            let config = environment(&[&variables[..], more].concat()).unwrap();
            let made = config.backends.backend(0).map(drop);
            made.map_err(|error| error.to_string())
        };
        // The role is the operator's, so it would fit the pod.
        let error = with(&[]).unwrap_err();
        assert!(
            error.contains("a login with a token of this machine"),
            "{error}"
        );
        with(&[TRUST]).unwrap();
    }
}
