//! Backends that log in as the process does: what an app's author may reach through them.

use super::*;

const KUBE: (&str, &str) = ("AVP_TYPE", "kubernetessecret");

/// Whether the default backend keeps to what is near the app.
fn is_confined(sources: &Sources) -> bool {
    let config = Config::load(sources).unwrap();
    decided(&config).is_confined()
}

#[test]
fn only_a_policy_opens_more_than_what_is_near_the_app() {
    let place = Folder::new();
    assert!(!is_confined(&place.sources(&[KUBE])));
    assert!(is_confined(&place.argo(&[KUBE])));
    assert!(is_confined(&place.argo(&[KUBE, TRUST])));

    let backends = "default: k\nbackends: {k: {type: kubernetessecret}}\n";
    let file = place.file("manifill.yaml", backends);
    assert!(is_confined(&place.argo(&[]).with_config_file(&file)));
    let config = Config::load(&place.argo(&[]).with_config_file(&file)).unwrap();
    assert!(decided_for(&config, "k").is_confined());
    let policy = "policy: [{project: '*', allow: ['k!**']}]\n";
    let file = place.file("policy.yaml", &format!("{backends}{policy}"));
    assert!(!is_confined(&place.argo(&[]).with_config_file(&file)));
    // A policy that allows nothing is a policy, too.
    let file = place.file("none.yaml", &format!("{backends}policy: []\n"));
    assert!(!is_confined(&place.argo(&[]).with_config_file(&file)));
}

#[test]
fn an_author_does_not_choose_the_cluster() {
    let place = Folder::new();
    for name in ["KUBECONFIG", "MANIFILL_KUBE_CONTEXT"] {
        let setting = place
            .argo(&[KUBE])
            .with_variable(format!("ARGOCD_ENV_{name}"), "/tmp/x");
        match Config::load(&setting) {
            Ok(config) => {
                assert!(config.notes[0].contains(name) && default(&config).1.value(name).is_none())
            }
            Err(errors) => assert!(errors.to_string().contains("only the operator may set it")),
        }
    }
    let chosen = place.argo(&[("ARGOCD_ENV_AVP_TYPE", "kubernetessecret")]);
    assert!(refusal(Config::load(&chosen)).contains("only the operator may set it"));
}

#[test]
fn a_file_in_the_repository_uses_no_login_of_the_process() {
    let place = Folder::new();
    let text = "default: k\nbackends:\n  k: {type: kubernetessecret}\n";
    place.file("checkout/apps/web/manifill.yaml", text);
    let sources = place.argo(&[]).with_config_file("manifill.yaml");
    assert!(refusal(Config::load(&sources)).contains(
        "a settings file in the app's repository may not use backend `kubernetessecret`: its login is the operator's"
    ));
    assert!(Config::load(&sources.with_variable(TRUST.0, TRUST.1)).is_ok());
    // Outside Argo CD the file is the operator's.
    let file = place.path("checkout/apps/web/manifill.yaml");
    assert!(Config::load(&place.sources(&[]).with_config_file(file)).is_ok());
}

#[test]
fn what_is_set_for_other_programs_is_not_remarked_upon() {
    let place = Folder::new();
    let text = "default: f\nbackends: {f: {type: file, settings: {MANIFILL_FILE: a.yaml}}}\n";
    let file = place.file("manifill.yaml", text);
    let sources = place.sources(&[("KUBECONFIG", "/etc/kubeconfig"), HOST]);
    let config = Config::load(&sources.with_config_file(file)).unwrap();
    assert_eq!(config.notes.len(), 1);
    assert!(
        config.notes[0].ends_with(": OP_CONNECT_HOST"),
        "{:?}",
        config.notes
    );
}

#[cfg(feature = "kubernetessecret")]
mod secret {
    use std::time::Duration;

    use manifill_vault::settings::Origin;
    use manifill_vault::suite::{Reply, Server, TOKEN};

    use super::*;

    /// A cluster that has one Secret, and a kubeconfig for it.
    async fn cluster(place: &Folder) -> (Server, PathBuf) {
        // AVP_TYPE: file, and MANIFILL_FILE: secrets.yaml
        let secret = r#"{"kind":"Secret","metadata":{"name":"avp","namespace":"team"},
            "data":{"avp_type":"ZmlsZQo=","MANIFILL_FILE":"c2VjcmV0cy55YW1s"}}"#;
        let server = Server::start(move |seen| match seen.target.as_str() {
            "/api/v1/namespaces/team/secrets/avp" => Reply::json(secret),
            _ => Reply::new(500),
        })
        .await;
        let config = format!(
            "current-context: c\ncontexts: [{{name: c, context: {{cluster: c, user: u}}}}]\n\
             clusters: [{{name: c, cluster: {{server: '{}'}}}}]\nusers: [{{name: u, user: {{token: {TOKEN}}}}}]\n",
            server.url()
        );
        (server, place.file("kubeconfig", &config))
    }

    #[tokio::test]
    async fn settings_come_from_a_secret_by_the_operators_login() {
        let place = Folder::new();
        let (server, kubeconfig) = cluster(&place).await;
        let mut sources = place.sources(&[("KUBECONFIG", kubeconfig.to_str().unwrap())]);
        sources.read_secret("team:avp").await.unwrap();
        let config = Config::load(&sources).unwrap();
        let (kind, settings) = default(&config);
        assert_eq!(kind, "file");
        assert_eq!(settings.value("MANIFILL_FILE"), Some("secrets.yaml"));
        let origin = Origin::Secret("team:avp".to_owned());
        assert_eq!(settings.origin("MANIFILL_FILE"), Some(&origin));
        let login = server.seen()[0].header("authorization").unwrap().to_owned();
        assert_eq!(login, format!("Bearer {TOKEN}"));
    }

    /// Whether it was read or not: a settings file gives it no say, and it still holds a login.
    #[tokio::test]
    async fn backends_are_told_which_secret_holds_the_settings() {
        let place = Folder::new();
        let (_server, kubeconfig) = cluster(&place).await;
        let environment = [
            ("KUBECONFIG", kubeconfig.to_str().unwrap()),
            ("MANIFILL_KUBE_NAMESPACE", "team"),
        ];
        let mut sources = place.argo(&environment);
        sources.read_secret("avp").await.unwrap();
        let config = Config::load(&sources).unwrap();
        assert_eq!(decided(&config).settings_secret(), Some("team:avp"));

        let text = "backends: {k: {type: kubernetessecret}, f: {type: file, settings: {MANIFILL_FILE: x.yaml}}}\ndefault: k\n";
        let file = place.file("manifill.yaml", text);
        let mut sources = place.argo(&environment).with_config_file(file);
        sources.read_secret("avp").await.unwrap();
        let config = Config::load(&sources).unwrap();
        for name in ["k", "f"] {
            assert_eq!(
                decided_for(&config, name).settings_secret(),
                Some("team:avp")
            );
        }
        assert!(sources.secret.is_none());
        let config = Config::load(&place.argo(&[KUBE])).unwrap();
        assert_eq!(decided(&config).settings_secret(), None);
    }

    #[tokio::test]
    async fn an_author_does_not_choose_where_the_secret_is() {
        let place = Folder::new();
        let (server, kubeconfig) = cluster(&place).await;
        let mut sources = place
            .argo(&[("ARGOCD_ENV_KUBECONFIG", kubeconfig.to_str().unwrap())])
            .with_variable("KUBECONFIG", "/absent");
        let error = sources.read_secret("team:avp").await.unwrap_err();
        let wanted = "the settings in Secret `team:avp` cannot be read: ";
        assert!(error.to_string().starts_with(wanted), "{error}");
        assert!(error.to_string().contains("/absent"), "{error}");
        assert!(server.seen().is_empty() && sources.secret.is_none());
    }

    /// The time for it is fixed, so that a setting which is about the run is no help.
    #[tokio::test]
    async fn a_cluster_that_does_not_answer_is_told_apart_from_a_run_that_takes_long() {
        let place = Folder::new();
        let silent = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
        let config = format!(
            "current-context: c\ncontexts: [{{name: c, context: {{cluster: c, user: u}}}}]\n\
             clusters: [{{name: c, cluster: {{server: 'http://{}'}}}}]\nusers: [{{name: u, user: {{token: {TOKEN}}}}}]\n",
            silent.local_addr().unwrap()
        );
        let kubeconfig = place.file("kubeconfig", &config);
        let environment = [
            ("KUBECONFIG", kubeconfig.to_str().unwrap()),
            ("MANIFILL_TIMEOUT", "600"),
        ];
        let mut sources = place.sources(&environment);
        let moment = Duration::from_millis(1);
        let told = sources.read_secret_within("team:avp", moment).await;
        let error = told.unwrap_err();
        assert!(error.to_string().contains("in time"), "{error}");
        let hint = error.iter().next().unwrap().hint().unwrap();
        assert_eq!(
            hint,
            "the cluster has 15 seconds for this, whatever MANIFILL_TIMEOUT says; see whether its API server answers"
        );
    }

    #[test]
    fn with_a_settings_file_the_secret_has_no_say() {
        assert_eq!(Sources::default().settings_file(), None);
        let named = Sources::default().with_variable("MANIFILL_CONFIG", "a.yaml");
        assert_eq!(named.settings_file(), Some(PathBuf::from("a.yaml")));
        let given = named.with_config_file("b.yaml");
        assert_eq!(given.settings_file(), Some(PathBuf::from("b.yaml")));
    }

    #[tokio::test]
    async fn a_secret_that_has_no_say_is_not_read_and_that_is_said() {
        let place = Folder::new();
        let file = place.file("avp.yaml", "AVP_TYPE: file\nMANIFILL_FILE: x.yaml\n");
        let mut sources = place.sources(&[]).with_config_file(file);
        sources.read_secret("team:avp").await.unwrap();
        assert!(sources.secret.is_none());
        let config = Config::load(&sources).unwrap();
        assert_eq!(
            config.notes,
            ["the Secret `team:avp` is not read: a settings file takes its place"]
        );
    }
}
