//! What apps read that no policy binds.

use serde_json::{Value, json};

use super::reach::Reach;
use super::samples::{TestHome, failure, has, object, read, request, serve};
use super::{KubernetesSecret, read_settings_by};
use crate::suite::{SENTINEL, Server, TOKEN};
use crate::{ConnectContext, RunContext, Settings, VaultBackend as _, VaultErrorKind};

const LABEL: &str = "manifill.dev/readable";

fn labelled(name: &str, label: &str, value: &str) -> Value {
    let mut secret = object("argocd", name, &[("password", SENTINEL.as_bytes())]);
    secret["metadata"]["labels"] = json!({label: value, "app": "x"});
    secret
}

fn of_type(name: &str, kind: &str) -> Value {
    let mut secret = labelled(name, LABEL, "true");
    secret["type"] = json!(kind);
    secret
}

fn confined() -> ConnectContext {
    ConnectContext::new().with_confinement(true)
}

fn backend(
    server: &Server,
    context: &ConnectContext,
    settings: impl Fn(Settings) -> Settings,
) -> KubernetesSecret {
    let cluster = format!("{{server: '{}'}}", server.url());
    let place = TestHome::new(&cluster, &format!("{{token: {TOKEN}}}"));
    let settings = settings(place.settings());
    let mut backend = KubernetesSecret::from_process(&settings, &place.process, false).unwrap();
    backend.reach = Reach::new(&settings, context, &backend.namespace).unwrap();
    backend
}

fn any(settings: Settings) -> Settings {
    settings.with("MANIFILL_KUBE_ANY_SECRET", "true")
}

#[tokio::test]
async fn without_a_policy_an_app_stays_in_its_namespace() {
    let objects = vec![
        labelled("db", LABEL, "true"),
        object("team", "db", &[("password", b"y")]),
    ];
    let server = serve(objects).await;
    for backend in [
        backend(&server, &confined(), |s| s),
        backend(&server, &confined(), any),
    ] {
        assert!(has(&backend, "db", SENTINEL).await && has(&backend, "argocd:db", SENTINEL).await);
        assert_eq!(
            backend.parse_path("team:db").unwrap_err().to_string(),
            "namespace `team` is out of reach: without a policy an app reads from `argocd` only"
        );
        // A path that a program made itself is no way round.
        let answers = backend
            .read(&[request("team:db", &["password"])], &RunContext::default())
            .await;
        let error = answers[0].as_ref().unwrap_err();
        assert_eq!(error.kind(), VaultErrorKind::InvalidRequest);
        // The operator names the Secret with the settings, so that one is not bound.
        let settings = read_settings_by(&backend, "team:db", &RunContext::default()).await;
        assert!(settings.is_ok());
    }
}

#[tokio::test]
async fn without_a_policy_an_app_reads_what_is_labelled_for_it() {
    let server = serve(vec![
        labelled("open", LABEL, "true"),
        labelled("shut", LABEL, "false"),
        labelled("shouted", LABEL, "True"),
        labelled("near", "manifill.dev/readables", "true"),
        object(
            "argocd",
            "argocd-initial-admin-secret",
            &[("password", SENTINEL.as_bytes())],
        ),
    ])
    .await;
    let closed = ["shut", "shouted", "near", "argocd-initial-admin-secret"];
    let bound = backend(&server, &confined(), |s| s);
    assert!(has(&bound, "open", SENTINEL).await);
    for name in closed {
        let error = failure(&bound, name).await;
        assert_eq!(error.kind(), VaultErrorKind::PermissionDenied);
        assert_eq!(
            error.to_string(),
            format!(
                "without a policy an app reads the Secret `{name}` in namespace `argocd` only if it has the label `{LABEL}: \"true\"`"
            )
        );
        assert!(error.hint().unwrap().contains("kubectl label"));
        assert!(!format!("{error:?}").contains(SENTINEL));
    }
    for free in [
        backend(&server, &confined(), any),
        backend(&server, &ConnectContext::new(), |s| s),
    ] {
        let answers = read(&free, &closed).await;
        assert!(answers.iter().all(Result::is_ok), "{answers:?}");
    }
}

#[tokio::test]
async fn some_types_are_never_an_apps_own() {
    let kinds = [
        "kubernetes.io/service-account-token",
        "bootstrap.kubernetes.io/token",
        "helm.sh/release.v1",
    ];
    for kind in kinds {
        let server = serve(vec![of_type("x", kind)]).await;
        let error = failure(&backend(&server, &confined(), |s| s), "x").await;
        assert_eq!(error.kind(), VaultErrorKind::PermissionDenied);
        assert!(error.to_string().contains(kind), "{error}");
        assert!(has(&backend(&server, &confined(), any), "x", SENTINEL).await);
        assert!(
            has(
                &backend(&server, &ConnectContext::new(), |s| s),
                "x",
                SENTINEL
            )
            .await
        );
    }
    let server = serve(vec![of_type("x", "kubernetes.io/tls")]).await;
    assert!(has(&backend(&server, &confined(), |s| s), "x", SENTINEL).await);
}

#[tokio::test]
async fn the_secret_with_the_settings_is_not_read_whatever_its_label() {
    let server = serve(vec![labelled("avp", LABEL, "true")]).await;
    for named in ["avp", "argocd:avp"] {
        let context = confined().with_settings_secret(named);
        let bound = backend(&server, &context, |s| s);
        for path in ["avp", "argocd:avp", " avp "] {
            let error = bound.parse_path(path).unwrap_err();
            assert!(
                error.to_string().contains("the settings of manifill"),
                "{error}"
            );
            let by_hand = request(path, &["password"]);
            let answers = bound.read(&[by_hand], &RunContext::default()).await;
            assert!(answers[0].is_err());
        }
    }
    assert!(server.seen().is_empty());
    let other = confined().with_settings_secret("team:avp");
    assert!(has(&backend(&server, &other, |s| s), "avp", SENTINEL).await);
    let named = confined().with_settings_secret("avp");
    assert!(has(&backend(&server, &named, any), "avp", SENTINEL).await);
}

#[tokio::test]
async fn what_is_argo_cds_own_stays_so_whatever_is_switched_on() {
    let mut own = labelled("argocd-secret", LABEL, "true");
    let mut cluster = labelled("cluster", LABEL, "true");
    cluster["metadata"]["labels"]["argocd.argoproj.io/secret-type"] = json!("cluster");
    own["type"] = json!("Opaque");
    let server = serve(vec![own, cluster]).await;
    for backend in [
        backend(&server, &confined(), |s| s),
        backend(&server, &confined(), any),
        backend(&server, &ConnectContext::new(), any),
    ] {
        for name in ["argocd-secret", "cluster"] {
            let error = failure(&backend, name).await;
            assert!(error.to_string().contains("Argo CD's own"), "{error}");
        }
    }
}

#[test]
fn a_switch_that_is_neither_on_nor_off_is_an_error() {
    let settings = Settings::new().with("MANIFILL_KUBE_ANY_SECRET", "maybe");
    let error = Reach::new(&settings, &confined(), "argocd").err().unwrap();
    assert_eq!(error.kind(), VaultErrorKind::Configuration);
    assert_eq!(
        error.to_string(),
        "`MANIFILL_KUBE_ANY_SECRET` must be true or false"
    );
}
