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

const BAO: [(&str, &str); 3] = [
    ("BAO_ADDR", "https://bao.example"),
    ("BAO_TOKEN", "s3cr3t-operator"),
    ("BAO_NAMESPACE", "team"),
];
const BY_TOKEN: (&str, &str) = ("AVP_AUTH_TYPE", "token");

#[test]
fn the_names_of_openbao_count_where_those_of_vault_are_not_set() {
    let place = Folder::new();
    let config = environment(&[&[VAULT, BY_TOKEN][..], &BAO].concat()).unwrap();
    let settings = default(&config).1;
    for (name, value) in [
        ("VAULT_ADDR", "https://bao.example"),
        ("VAULT_TOKEN", "s3cr3t-operator"),
        ("VAULT_NAMESPACE", "team"),
    ] {
        assert_eq!(settings.value(name), Some(value));
    }
    let both = environment(&[&[VAULT, BY_TOKEN, ADDRESS][..], &BAO].concat()).unwrap();
    assert_eq!(default(&both).1.value("VAULT_ADDR"), Some(ADDRESS.1));
    // Wherever the name is set: a token of another server in the environment does not meet it.
    let text = "AVP_TYPE: vault\nVAULT_ADDR: https://file.example\nVAULT_TOKEN: s3cr3t-file\nAVP_AUTH_TYPE: token\n";
    let file = place.file("avp.yaml", text);
    let config = Config::load(&place.sources(&BAO).with_config_file(file)).unwrap();
    let settings = default(&config).1;
    assert_eq!(settings.value("VAULT_ADDR"), Some("https://file.example"));
    assert_eq!(settings.value("VAULT_TOKEN"), Some("s3cr3t-file"));

    let text = "backends: {v: {type: vault, settings: {BAO_ADDR: 'https://b.example', AVP_AUTH_TYPE: token, BAO_TOKEN: t}}}\n";
    let file = place.file("manifill.yaml", text);
    let config = Config::load(&place.sources(&[]).with_config_file(&file)).unwrap();
    assert_eq!(
        named(&config, "v").value("VAULT_ADDR"),
        Some("https://b.example")
    );
    // A variable that the file names is not one that is ignored.
    let by_variable = "default: v\nbackends: {v: {type: vault, settings: {VAULT_ADDR: {env: BAO_ADDR}, AVP_AUTH_TYPE: token}}}\n";
    let by_variable = place.file("variable.yaml", by_variable);
    let config = Config::load(&place.sources(&BAO[..1]).with_config_file(by_variable)).unwrap();
    assert_eq!(config.notes, [""; 0]);
    let text = text.replace("BAO_TOKEN", "VAULT_ADDR");
    let file = place.file("manifill.yaml", &text);
    let sources = place.sources(&[]).with_config_file(&file);
    assert!(refusal(Config::load(&sources)).contains("is set here twice"));
}

#[test]
fn a_name_of_openbao_is_judged_like_that_of_vault() {
    let evil = "https://evil.example";
    let operators = [VAULT, BY_TOKEN, ADDRESS, ("VAULT_TOKEN", "s3cr3t-operator")];
    let by_alias = [&[VAULT, BY_TOKEN][..], &BAO].concat();
    for operator in [&operators[..], &by_alias] {
        for (name, value) in [
            ("ARGOCD_ENV_BAO_ADDR", evil),
            ("ARGOCD_ENV_VAULT_ADDR", evil),
            ("ARGOCD_ENV_bao_addr", evil),
            ("ARGOCD_ENV_BAO_NAMESPACE", "other"),
        ] {
            let told = refusal(environment(&[operator, &[(name, value)]].concat()));
            assert!(told.contains(&name.to_uppercase()), "{told}");
            assert!(
                told.contains("host and login must come from the same side"),
                "{told}"
            );
        }
        // A whole login is the author's, and nothing of the operator's goes with it.
        let bundle = [
            ("ARGOCD_ENV_BAO_ADDR", evil),
            ("ARGOCD_ENV_AVP_AUTH_TYPE", "token"),
        ];
        let config = environment(&[operator, &bundle].concat()).unwrap();
        let settings = default(&config).1;
        assert_eq!(settings.value("VAULT_ADDR"), Some(evil));
        assert_eq!(settings.value("VAULT_TOKEN"), None);
        assert_eq!(settings.value("VAULT_NAMESPACE"), None);
        // Saying the same changes nothing.
        let same = default(&environment(operator).unwrap())
            .1
            .value("VAULT_ADDR")
            .unwrap()
            .to_owned();
        let config = environment(&[operator, &[("ARGOCD_ENV_BAO_ADDR", &same)]].concat()).unwrap();
        assert_eq!(
            default(&config).1.value("VAULT_TOKEN"),
            Some("s3cr3t-operator")
        );
    }
}

#[test]
fn a_file_in_the_repository_does_not_get_past_the_environment_by_another_name() {
    let place = Folder::new();
    let text = "BAO_ADDR: https://evil.example\nVAULT_ADDR: https://evil.example\n";
    place.file("checkout/apps/web/avp.yaml", text);
    for address in [ADDRESS, BAO[0]] {
        let environment = [VAULT, BY_TOKEN, address, ("VAULT_TOKEN", "s3cr3t-operator")];
        let sources = place.argo(&environment).with_config_file("avp.yaml");
        let config = Config::load(&sources).unwrap();
        assert_eq!(default(&config).1.value("VAULT_ADDR"), Some(address.1));
    }
}

#[test]
fn trusted_authors_may_use_either_name() {
    let trusted = [
        VAULT,
        BY_TOKEN,
        TRUST,
        BAO[1],
        ("ARGOCD_ENV_BAO_ADDR", "https://app.example"),
    ];
    let config = environment(&trusted).unwrap();
    assert_eq!(
        default(&config).1.value("VAULT_ADDR"),
        Some("https://app.example")
    );
    let config = environment(&[&trusted[..], &[ADDRESS]].concat()).unwrap();
    assert_eq!(
        default(&config).1.value("VAULT_ADDR"),
        Some("https://app.example")
    );
}

/// What the server keeps is the operator's own token, as a careless operator may have put it there.
#[cfg(feature = "vault")]
#[tokio::test]
async fn the_operators_token_is_a_value_only_where_a_policy_allows_its_path() {
    use manifill_vault::suite::{Reply, Server};

    use crate::{Input, Renderer, RunContext};

    const OPERATORS: &str = "s3cr3t-operator";
    let server = Server::start(|_| {
        let data = format!(r#"{{"data":{{"t":"{OPERATORS}"}},"metadata":{{"version":1}}}}"#);
        Reply::json(format!(r#"{{"data":{data}}}"#))
    })
    .await;
    let place = Folder::new();
    let url = server.url();
    let backends = format!(
        "default: v\nbackends: {{v: {{type: vault, settings: {{VAULT_ADDR: '{url}', AVP_AUTH_TYPE: token, VAULT_TOKEN: {OPERATORS}}}}}}}\n"
    );
    let closed = place.file("closed.yaml", &backends);
    let policy = "policy: [{project: '*', allow: ['v!secret/**']}]\n";
    let open = place.file("open.yaml", &format!("{backends}{policy}"));
    let flat = [
        VAULT,
        BY_TOKEN,
        ("VAULT_ADDR", &url),
        ("VAULT_TOKEN", OPERATORS),
    ];
    let manifest = "kind: A\na: <path:secret/data/x#t>\n";
    for (sources, is_given) in [
        (place.argo(&flat), false),
        (place.argo(&[]).with_config_file(closed), false),
        (place.argo(&[]).with_config_file(open), true),
        (place.sources(&flat), true),
    ] {
        let renderer = Renderer::from_config(Config::load(&sources).unwrap());
        let inputs = [Input::new("a.yaml", manifest)];
        match renderer.render(&inputs, &RunContext::new()).await {
            Ok(rendered) => assert!(is_given && rendered.joined().contains(OPERATORS)),
            Err(error) => {
                let told = format!("{error} {error:?}");
                assert!(!is_given && !told.contains(OPERATORS), "{told}");
                assert!(
                    told.contains("the login that manifill itself reads with"),
                    "{told}"
                );
            }
        }
    }
}
