//! Which cluster is asked, with which login, and what is wrong with a kubeconfig.

use super::KubernetesSecret;
use super::process::Process;
use super::samples::{
    TestHome, answer, failure, has, kubeconfig, kubeconfig_settings, object, serve,
};
use crate::suite::{Reply, SENTINEL, Server, TOKEN};
use crate::{Settings, VaultErrorKind};

/// The server that the backend of these settings would ask, or what is said instead.
fn server(settings: &Settings, process: &Process) -> String {
    match KubernetesSecret::from_process(settings, process, false) {
        Ok(backend) => format!(
            "{}, {}",
            backend.reader.access.cluster.origin(),
            backend.namespace
        ),
        Err(error) => {
            assert_eq!(error.kind(), VaultErrorKind::Configuration);
            assert!(
                !format!("{error} {error:?}").contains(SENTINEL),
                "{error:?}"
            );
            error.to_string()
        }
    }
}

#[test]
fn the_operators_choice_comes_before_the_pod_and_the_pod_before_home() {
    let mut place = TestHome::empty();
    let none = "there is no cluster to read from: no kubeconfig, and no account of a pod";
    assert_eq!(server(&Settings::new(), &place.process), none);

    place.file(
        "home/.kube/config",
        &kubeconfig("{server: 'https://home'}", "{}"),
    );
    place.process.home = Some(place.path("home"));
    assert_eq!(
        server(&Settings::new(), &place.process),
        "https://home, argocd"
    );

    place.file("account/token", TOKEN);
    place.file("account/namespace", "gitops\n");
    let pod = "https://kubernetes.default.svc, gitops";
    assert_eq!(server(&Settings::new(), &place.process), pod);
    for (host, port, address) in [
        ("10.0.0.1", "443", "https://10.0.0.1, gitops"),
        ("10.0.0.1", "6443", "https://10.0.0.1:6443, gitops"),
        ("fd00::1", "443", "https://[fd00::1], gitops"),
    ] {
        place.process.service = Some((host.to_owned(), port.to_owned()));
        assert_eq!(server(&Settings::new(), &place.process), address);
    }

    let config = place.file(
        "config",
        &kubeconfig("{server: 'https://chosen:6443'}", "{}"),
    );
    let settings = kubeconfig_settings(&config);
    assert_eq!(
        server(&settings, &place.process),
        "https://chosen:6443, gitops"
    );
    let context = Settings::new().with("MANIFILL_KUBE_CONTEXT", "main");
    assert_eq!(server(&context, &place.process), "https://home, gitops");
    let settings = settings.with("MANIFILL_KUBE_NAMESPACE", "other");
    assert_eq!(
        server(&settings, &place.process),
        "https://chosen:6443, other"
    );
    let settings = settings.with("MANIFILL_KUBE_NAMESPACE", "a/b");
    let message = "`MANIFILL_KUBE_NAMESPACE` is no name of a namespace";
    assert_eq!(server(&settings, &place.process), message);
}

#[test]
fn several_kubeconfigs_are_one() {
    let place = TestHome::empty();
    let first = "contexts: [{name: a, context: {cluster: one, user: u}}]\nclusters: null\nusers: [{name: u}]\n";
    let second = "current-context: a\nclusters: [{name: one, cluster: {server: 'https://second'}}, {name: two, cluster: {server: 'https://two'}}]\n\
                  contexts: [{name: a, context: {cluster: two}}, {name: b, context: {cluster: two}}]\n";
    let third = "current-context: b\nclusters: [{name: one, cluster: {server: 'https://third'}}]\n";
    let list = [
        place.file("1", first),
        place.path("absent"),
        place.file("2", second),
        place.file("3", third),
        place.file("4", "\n"),
    ];
    let list = std::env::join_paths(list).unwrap().into_string().unwrap();
    let settings = Settings::new().with("KUBECONFIG", format!("{list}:"));
    assert_eq!(server(&settings, &place.process), "https://second, argocd");
    let settings = settings.with("MANIFILL_KUBE_CONTEXT", "b");
    assert_eq!(server(&settings, &place.process), "https://two, argocd");
    let settings = settings.with("MANIFILL_KUBE_CONTEXT", "c");
    assert_eq!(
        server(&settings, &place.process),
        "the kubeconfig has no context `c`"
    );
    let error = KubernetesSecret::from_process(&settings, &place.process, false).unwrap_err();
    assert_eq!(error.candidates(), ["a", "a", "b"]);
}

#[test]
fn a_kubeconfig_is_named_by_an_absolute_path() {
    let place = TestHome::empty();
    for (list, message) in [
        ("config", "the path `config` in KUBECONFIG is not absolute"),
        (
            "/absent:../x",
            "the path `../x` in KUBECONFIG is not absolute",
        ),
        ("/absent", "there is no kubeconfig `/absent`"),
        ("/", "the kubeconfig `/` cannot be read"),
    ] {
        let settings = Settings::new().with("KUBECONFIG", list);
        assert_eq!(server(&settings, &place.process), message);
    }
}

#[test]
fn what_is_wrong_with_a_kubeconfig_is_told() {
    let place = TestHome::empty();
    let config = place.path("config").display().to_string();
    let no = format!("the file `{config}` is not a kubeconfig, see ");
    for (text, message) in [
        (format!("{SENTINEL}: ["), no.clone() + "`line 2`"),
        (format!("users: {SENTINEL}\n"), no.clone() + "`line 1`"),
        (format!("users:\n- name: a\n  user: {{token: [{SENTINEL}]}}\n"), no + "`line 3`"),
        (String::new(), "the kubeconfig has no current context".to_owned()),
        (
            "current-context: x\ncontexts: [{name: x, context: {cluster: y}}]".to_owned(),
            "the kubeconfig has no cluster `y`, which its context `x` names".to_owned(),
        ),
        (
            "current-context: x\ncontexts: [{name: x, context: {cluster: y, user: z}}]\nclusters: [{name: y, cluster: {server: 'https://h'}}]".to_owned(),
            "the kubeconfig has no user `z`, which its context `x` names".to_owned(),
        ),
    ] {
        place.file("config", &text);
        assert_eq!(server(&place.settings(), &place.process), message);
    }
}

#[test]
fn a_cluster_or_a_user_that_cannot_be_is_told() {
    let server_is =
        "the cluster's server in the kubeconfig must be a URL such as https://10.0.0.1:6443";
    let good = "{server: 'https://h'}";
    let cases = [
        ("{}", "{}", server_is),
        ("{server: ''}", "{}", server_is),
        ("{server: 'ftp://h'}", "{}", server_is),
        ("{server: 'https://me:sentinel-4c1f9e@h'}", "{}", server_is),
        (
            "{server: 'https://h', certificate-authority-data: '%%sentinel-4c1f9e'}",
            "{}",
            "certificate-authority-data in the kubeconfig is not base64",
        ),
        (
            "{server: 'https://h', certificate-authority: /x, insecure-skip-tls-verify: true}",
            "{}",
            "the cluster in the kubeconfig has both a certificate authority and insecure-skip-tls-verify",
        ),
        (
            "{server: 'https://h', tls-server-name: x, proxy-url: 'http://p'}",
            "{}",
            "tls-server-name and proxy-url in the kubeconfig cannot be used together",
        ),
        (
            good,
            "{client-certificate: c}",
            "the user in the kubeconfig has a client certificate and no key",
        ),
        (
            good,
            "{client-key: k}",
            "the user in the kubeconfig has a client key and no certificate",
        ),
        (
            good,
            "{client-key-data: '%%sentinel-4c1f9e'}",
            "client-key-data in the kubeconfig is not base64",
        ),
        (
            good,
            "{username: u, password: sentinel-4c1f9e}",
            "the user in the kubeconfig logs in with a password, which clusters no longer accept",
        ),
        (
            good,
            "{auth-provider: {name: gcp}}",
            "the user in the kubeconfig logs in with an auth-provider, which is not supported",
        ),
        (
            good,
            "{token: t, as: u, as-groups: [g]}",
            "the user in the kubeconfig acts for groups, a uid or with extra fields, which is not supported",
        ),
        (
            good,
            "{token: t, exec: {command: x, apiVersion: client.authentication.k8s.io/v1}}",
            "the user in the kubeconfig has an exec plugin and another login",
        ),
        (
            good,
            "{exec: {command: '', apiVersion: client.authentication.k8s.io/v1}}",
            "the exec plugin in the kubeconfig has no command",
        ),
        (
            good,
            "{exec: {command: x, apiVersion: client.authentication.k8s.io/v1alpha1}}",
            "the exec plugin `x` has an apiVersion that is not supported",
        ),
        (
            good,
            "{exec: {command: x, apiVersion: client.authentication.k8s.io/v1, interactiveMode: Always}}",
            "the exec plugin `x` wants to ask questions, which is not possible here",
        ),
    ];
    for (cluster, user, message) in cases {
        let place = TestHome::new(cluster, user);
        assert_eq!(
            server(&place.settings(), &place.process),
            message,
            "{cluster} {user}"
        );
    }
    for address in [
        "https://user:pw@h",
        "https:///h",
        "ftp://h",
        "h\\\\x",
        "h x",
    ] {
        let place = TestHome::new(&format!("{{server: \"{address}\"}}"), "{}");
        assert_eq!(
            server(&place.settings(), &place.process),
            "the cluster's server in the kubeconfig must be a URL such as https://10.0.0.1:6443",
            "{address}"
        );
    }
    let place = TestHome::new("{server: 'h:8080?x#y'}", "{}");
    assert_eq!(
        server(&place.settings(), &place.process),
        "http://h:8080, argocd"
    );
    let place = TestHome::new("{server: 'h:8080'}", "{as-groups: null, username: null}");
    assert_eq!(
        server(&place.settings(), &place.process),
        "http://h:8080, argocd"
    );
}

#[tokio::test]
async fn what_only_shows_when_it_is_used_is_told_then() {
    for (cluster, user, message) in [
        (
            "certificate-authority: ca.pem",
            "{}",
            "cannot read the CA file `FOLDER/ca.pem`",
        ),
        (
            "tls-server-name: 10.0.0.1",
            "{}",
            "the TLS server name `10.0.0.1` is not a host name",
        ),
        (
            "proxy-url: 'ftp://sentinel-4c1f9e'",
            "{}",
            "the address of the proxy must be an http, https or socks5 URL",
        ),
        (
            "insecure-skip-tls-verify: false",
            "{tokenFile: t}",
            "cannot read the token file `FOLDER/t`",
        ),
        (
            "insecure-skip-tls-verify: false",
            "{client-certificate: c, client-key: k}",
            "cannot read the client certificate `FOLDER/c`",
        ),
        (
            "insecure-skip-tls-verify: false",
            "{client-certificate-data: eA==, client-key-data: eA==}",
            "the client certificate must hold a PEM certificate and its key",
        ),
    ] {
        let place = TestHome::new(&format!("{{server: 'https://h', {cluster}}}"), user);
        let error = failure(&place.backend().unwrap(), "db").await;
        assert_eq!(error.kind(), VaultErrorKind::Configuration);
        let folder = place.path("").display().to_string();
        let shown = error
            .to_string()
            .replace(folder.trim_end_matches('/'), "FOLDER");
        assert_eq!(shown, message);
        assert!(!format!("{error:?}").contains(SENTINEL));
    }
}

#[tokio::test]
async fn a_token_file_is_read_for_each_run_and_counts_more_than_a_token() {
    let server = serve(vec![object("argocd", "db", &[("password", b"x")])]).await;
    let cluster = format!("{{server: '{}'}}", server.url());
    let place = TestHome::new(&cluster, "{token: other, tokenFile: sub/token}");
    place.file("sub/token", "expired\n");
    let backend = place.backend().unwrap();
    let error = failure(&backend, "db").await;
    assert_eq!(error.kind(), VaultErrorKind::Unauthenticated);
    place.file("sub/token", &format!("{TOKEN}\n"));
    assert!(has(&backend, "db", "x").await);
    let logins: Vec<_> = server
        .seen()
        .iter()
        .map(|seen| seen.header("authorization").unwrap().to_owned())
        .collect();
    assert_eq!(
        logins,
        ["Bearer expired".to_owned(), format!("Bearer {TOKEN}")]
    );
}

#[tokio::test]
async fn a_proxy_of_the_kubeconfig_is_used() {
    let objects = vec![object("argocd", "db", &[("password", b"x")])];
    let proxy = Server::start(move |seen| {
        let mut seen = seen.clone();
        match seen.target.strip_prefix("http://kube.invalid:8001") {
            Some(rest) => seen.target = rest.to_owned(),
            None => return Reply::new(500),
        }
        answer(&objects, TOKEN, &seen)
    })
    .await;
    let cluster = format!(
        "{{server: 'http://kube.invalid:8001', proxy-url: '{}'}}",
        proxy.url()
    );
    let place = TestHome::new(&cluster, &format!("{{token: {TOKEN}}}"));
    assert!(has(&place.backend().unwrap(), "db", "x").await);
}
