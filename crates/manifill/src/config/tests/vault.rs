//! What the rules mean for a server that repairs paths, and that a pod can log in to.

use manifill_vault::settings::Origin;

use super::*;

const VAULT: (&str, &str) = ("AVP_TYPE", "vault");
const ADDRESS: (&str, &str) = ("VAULT_ADDR", "https://vault.example");
const POD: (&str, &str) = ("AVP_AUTH_TYPE", "k8s");
const ROLE: (&str, &str) = ("AVP_K8S_ROLE", "argocd");
const APP_ADDRESS: (&str, &str) = ("ARGOCD_ENV_VAULT_ADDR", "https://evil.example");
const APP_LOGIN: (&str, &str) = ("ARGOCD_ENV_AVP_AUTH_TYPE", "k8s");

/// What the backend is told about paths that lack `/data/`.
fn repair(settings: &Settings) -> Option<&str> {
    settings.value("MANIFILL_VAULT_PATH_REPAIR")
}

/// What the backend is told about logins with what this machine has.
fn local(settings: &Settings) -> Option<&str> {
    settings.value("MANIFILL_VAULT_LOCAL_LOGIN")
}

#[test]
fn a_path_that_rules_have_judged_is_not_repaired() {
    let flat = |variables: &[(&str, &str)]| {
        let config = environment(&[&[VAULT, ADDRESS, POD][..], variables].concat()).unwrap();
        repair(default(&config).1).map(str::to_owned)
    };
    assert_eq!(flat(&[]), None);
    let wanted = Some("false".to_owned());
    assert_eq!(flat(&[("AVP_PATH_VALIDATION", "^team/")]), wanted);
    let authors = ("ARGOCD_ENV_AVP_PATH_VALIDATION", "^team/");
    assert_eq!(flat(&[authors]), wanted);
    // Not even if the operator wants it.
    let asked = ("MANIFILL_VAULT_PATH_REPAIR", "true");
    assert_eq!(flat(&[asked]), Some("true".to_owned()));
    assert_eq!(flat(&[asked, ("AVP_PATH_VALIDATION", "x")]), wanted);
    assert_eq!(flat(&[asked, TRUST, authors]), wanted);
}

#[test]
fn a_policy_stops_repairs_in_every_backend() {
    let place = Place::new();
    let load = |policy: &str| {
        let text = format!(
            "default: a\nbackends:\n  a: {{type: vault, settings: {{VAULT_ADDR: 'https://a.example'}}}}\n  \
             b: {{type: vault, settings: {{MANIFILL_VAULT_PATH_REPAIR: true}}}}\n  \
             f: {{type: file, settings: {{MANIFILL_FILE: x.yaml}}}}\n{policy}"
        );
        let file = place.file("manifill.yaml", &text);
        Config::load(&place.sources(&[]).with_config_file(file)).unwrap()
    };
    let config = load("");
    assert_eq!(repair(named(&config, "a")), None);
    assert_eq!(repair(named(&config, "b")), Some("true"));
    for policy in ["policy: []\n", "policy: [{project: '*', allow: ['**']}]\n"] {
        let config = load(policy);
        for name in ["a", "b"] {
            let settings = named(&config, name);
            assert_eq!(repair(settings), Some("false"));
            let origin = settings.origin("MANIFILL_VAULT_PATH_REPAIR");
            assert_eq!(origin, Some(&Origin::Program));
        }
        // A backend is told nothing that it does not declare.
        assert_eq!(repair(named(&config, "f")), None);
    }
}

#[test]
fn a_login_is_kept_on_disk_only_if_the_flag_lets_it() {
    let place = Place::new();
    let text = "default: a\nbackends: {a: {type: vault, settings: {MANIFILL_VAULT_TOKEN_CACHE: tokens}}}\n";
    let file = place.file("manifill.yaml", text);
    let flat = place.sources(&[VAULT, ("MANIFILL_VAULT_TOKEN_CACHE", "tokens")]);
    let sections = place.sources(&[]).with_config_file(file);
    for mut sources in [flat, sections] {
        for (without, folder) in [(false, Some("tokens")), (true, None)] {
            sources.without_token_cache = without;
            let config = Config::load(&sources).unwrap();
            let settings = default(&config).1;
            assert_eq!(settings.value("MANIFILL_VAULT_TOKEN_CACHE"), folder);
        }
    }
}

#[test]
fn the_pods_token_does_not_go_to_the_authors_host() {
    let flat = |variables: &[(&str, &str)]| {
        let config = environment(&[&[VAULT, ADDRESS, POD, ROLE][..], variables].concat()).unwrap();
        let settings = default(&config).1;
        let address = settings.value("VAULT_ADDR").unwrap().to_owned();
        (address, local(settings).map(str::to_owned))
    };
    let (own, evil) = (ADDRESS.1.to_owned(), APP_ADDRESS.1.to_owned());
    let (no, yes) = (Some("false".to_owned()), Some("true".to_owned()));
    let authors = [APP_ADDRESS, APP_LOGIN];
    assert_eq!(flat(&[]), (own.clone(), None));
    assert_eq!(flat(&authors), (evil.clone(), no.clone()));
    // The same address, but the login or the namespace is the author's choice.
    let same = ("ARGOCD_ENV_VAULT_ADDR", ADDRESS.1);
    let namespace = ("ARGOCD_ENV_VAULT_NAMESPACE", "other");
    assert_eq!(flat(&[same, APP_LOGIN]), (own.clone(), None));
    assert_eq!(flat(&[same, APP_LOGIN, namespace]), (own.clone(), no));
    // The operator can allow it, for this or for everything.
    let allowed = ("MANIFILL_VAULT_LOCAL_LOGIN", "true");
    let denied = ("MANIFILL_VAULT_LOCAL_LOGIN", "false");
    let trusted = |more: &[_]| flat(&[&authors[..], &[TRUST], more].concat());
    assert_eq!(
        flat(&[&authors[..], &[allowed]].concat()),
        (evil.clone(), yes.clone())
    );
    assert_eq!(trusted(&[]), (evil.clone(), yes));
    assert_eq!(trusted(&[denied]), (evil, Some("false".to_owned())));
    // The author cannot.
    let config = environment(
        &[
            &[VAULT, ADDRESS, POD, ROLE][..],
            &authors,
            &[("ARGOCD_ENV_MANIFILL_VAULT_LOCAL_LOGIN", "true")],
        ]
        .concat(),
    );
    assert_eq!(local(default(&config.unwrap()).1), Some("false"));
}

#[test]
fn a_file_that_takes_its_login_from_the_author_sends_no_token_of_the_pod() {
    let place = Place::new();
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
    assert_eq!(local(named(&config, "a")), Some("false"));
    let config = load(authors.0, "k8s", &[TRUST]);
    assert_eq!(local(named(&config, "a")), Some("true"));
    let config = load("'https://vault.example'", "k8s", &[]);
    assert_eq!(local(named(&config, "a")), None);

    // The author's own file.
    let text = "default: a\nbackends: {a: {type: vault, settings: {VAULT_ADDR: 'https://evil.example', AVP_AUTH_TYPE: jwt, AVP_JWT: s3cr3t}}}\n";
    place.file("checkout/apps/web/manifill.yaml", text);
    let sources = place.argo(&[]).with_config_file("manifill.yaml");
    assert_eq!(
        local(named(&Config::load(&sources).unwrap(), "a")),
        Some("false")
    );
}

#[cfg(feature = "vault")]
mod made {
    use manifill_vault::Run;
    use manifill_vault::backend::by_name;
    use manifill_vault::conformance::{Reply, Server, TOKEN};

    use super::*;
    use crate::config::Rules;
    use crate::{Backends, Input, Renderer, fetch};
    use manifill_placeholder::PathRules;

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
        let plan = renderer.plan(&inputs).unwrap();
        let fetched = fetch(&plan, renderer.backends(), &Run::default()).await;
        match plan.apply(&fetched) {
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
