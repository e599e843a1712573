//! Certificates: whom the client trusts, and who it says it is.

use std::sync::Arc;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use rcgen::{BasicConstraints, CertificateParams, CertifiedIssuer, IsCa, KeyPair};
use serde_json::json;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio_rustls::TlsAcceptor;
use tokio_rustls::rustls::pki_types::PrivateKeyDer;
use tokio_rustls::rustls::server::WebPkiClientVerifier;
use tokio_rustls::rustls::{RootCertStore, ServerConfig};

use super::samples::{TestHome, failure, has, object};
use crate::VaultErrorKind;
use crate::suite::TOKEN;

type Authority = CertifiedIssuer<'static, KeyPair>;

fn authority() -> Authority {
    let mut params = CertificateParams::default();
    params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
    CertifiedIssuer::self_signed(params, KeyPair::generate().unwrap()).unwrap()
}

/// A certificate for a name and its key, both in PEM.
fn certificate(authority: &Authority, name: &str) -> (rcgen::Certificate, KeyPair) {
    let key = KeyPair::generate().unwrap();
    let params = CertificateParams::new([name.to_owned()]).unwrap();
    (params.signed_by(&key, authority).unwrap(), key)
}

/// An HTTPS server for this name with the Secret `argocd:db`. It asks for a client certificate, or
/// for a token.
async fn secure_server(authority: &Authority, name: &str, by_certificate: bool) -> u16 {
    let config = if !by_certificate {
        ServerConfig::builder().with_no_client_auth()
    } else {
        let mut roots = RootCertStore::empty();
        roots.add(authority.der().clone()).unwrap();
        let verifier = WebPkiClientVerifier::builder(Arc::new(roots))
            .build()
            .unwrap();
        ServerConfig::builder().with_client_cert_verifier(verifier)
    };
    let (certificate, key) = certificate(authority, name);
    let key = PrivateKeyDer::try_from(key.serialize_der()).unwrap();
    let chain = vec![certificate.der().clone()];
    let acceptor = TlsAcceptor::from(Arc::new(config.with_single_cert(chain, key).unwrap()));
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let port = listener.local_addr().unwrap().port();
    let body = object("argocd", "db", &[("password", b"x")]).to_string();
    tokio::spawn(async move {
        while let Ok((stream, _)) = listener.accept().await {
            let Ok(mut stream) = acceptor.accept(stream).await else {
                continue;
            };
            let mut head = vec![0; 4096];
            let length = stream.read(&mut head).await.unwrap_or(0);
            let head = String::from_utf8_lossy(&head[..length]).into_owned();
            let answer = if by_certificate || head.contains(&format!("Bearer {TOKEN}")) {
                format!(
                    "HTTP/1.1 200 OK\r\nContent-Length: {}\r\n\r\n{body}",
                    body.len()
                )
            } else {
                "HTTP/1.1 401 No\r\nContent-Length: 0\r\n\r\n".to_owned()
            };
            let _ = stream.write_all(answer.as_bytes()).await;
            let _ = stream.shutdown().await;
        }
    });
    port
}

fn data(pem: &str) -> String {
    STANDARD.encode(pem)
}

#[tokio::test]
async fn the_account_of_a_pod_is_a_login() {
    let authority = authority();
    let port = secure_server(&authority, "127.0.0.1", false).await;
    let mut place = TestHome::empty();
    place.process.service = Some(("127.0.0.1".to_owned(), port.to_string()));
    place.file("account/token", "old");
    place.file("account/ca.crt", &authority.pem());
    let settings = crate::Settings::new();
    let backend = super::KubernetesSecret::from_process(&settings, &place.process, false).unwrap();
    let error = failure(&backend, "db").await;
    assert_eq!(error.kind(), VaultErrorKind::Unauthenticated);
    // Kubernetes replaces the token while the pod runs.
    place.file("account/token", TOKEN);
    assert!(has(&backend, "db", "x").await);
    // So does it replace the CA.
    place.file("account/ca.crt", &self::authority().pem());
    let error = failure(&backend, "db").await;
    assert!(
        error.to_string().contains("the certificate is not trusted"),
        "{error}"
    );
    assert_eq!(error.hint(), Some("give the CA that signed it"));
}

#[tokio::test]
async fn a_client_certificate_is_a_login() {
    let authority = authority();
    let port = secure_server(&authority, "127.0.0.1", true).await;
    let (certificate, key) = certificate(&authority, "me");
    let (certificate, key) = (certificate.pem(), key.serialize_pem());
    let cluster =
        format!("{{server: 'https://127.0.0.1:{port}', certificate-authority: pki/ca.pem}}");
    let by_data = format!(
        "{{client-certificate: absent, client-certificate-data: {}, client-key-data: {}}}",
        data(&certificate),
        data(&key)
    );
    for (user, works) in [
        (by_data.as_str(), true),
        (
            "{client-certificate: pki/me.pem, client-key: pki/me.key}",
            true,
        ),
        ("{token: x}", false),
    ] {
        let place = TestHome::new(&cluster, user);
        place.file("pki/ca.pem", &authority.pem());
        place.file("pki/me.pem", &certificate);
        place.file("pki/me.key", &key);
        let backend = place.backend().unwrap();
        if works {
            assert!(has(&backend, "db", "x").await)
        } else {
            let error = failure(&backend, "db").await;
            assert_eq!(error.kind(), VaultErrorKind::Unavailable, "{error}");
        }
    }
}

#[tokio::test]
async fn a_plugin_may_give_a_client_certificate() {
    let authority = authority();
    let port = secure_server(&authority, "127.0.0.1", true).await;
    let (certificate, key) = certificate(&authority, "me");
    let status =
        json!({"clientCertificateData": certificate.pem(), "clientKeyData": key.serialize_pem()});
    let credential = json!({"apiVersion": "client.authentication.k8s.io/v1", "kind": "ExecCredential", "status": status});
    let cluster = format!(
        "{{server: 'https://127.0.0.1:{port}', certificate-authority-data: {}}}",
        data(&authority.pem())
    );
    let user = "{exec: {apiVersion: client.authentication.k8s.io/v1, command: cat, args: [FILE]}}";
    let place = TestHome::empty();
    let file = place.file("credential", &credential.to_string());
    let user = user.replace("FILE", file.to_str().unwrap());
    place.file("config", &super::samples::kubeconfig(&cluster, &user));
    assert!(has(&place.backend().unwrap(), "db", "x").await);
}

#[tokio::test]
async fn the_certificate_decides_unless_the_operator_says_otherwise() {
    let (authority, other) = (authority(), self::authority());
    let port = secure_server(&authority, "kube.internal", false).await;
    let ca =
        |authority: &Authority| format!("certificate-authority-data: {}", data(&authority.pem()));
    let elsewhere = "the certificate is for another host name";
    for (host, trust, problem) in [
        ("127.0.0.1", ca(&authority), Some(elsewhere)),
        (
            "127.0.0.1",
            ca(&authority) + ", tls-server-name: kube.internal",
            None,
        ),
        (
            "localhost",
            ca(&authority) + ", tls-server-name: kube.internal",
            None,
        ),
        (
            "localhost",
            ca(&authority) + ", tls-server-name: other.internal",
            Some(elsewhere),
        ),
        (
            "127.0.0.1",
            ca(&other) + ", tls-server-name: kube.internal",
            Some("the certificate is not trusted"),
        ),
        (
            "127.0.0.1",
            "insecure-skip-tls-verify: true".to_owned(),
            None,
        ),
        (
            "127.0.0.1",
            "insecure-skip-tls-verify: false".to_owned(),
            Some("the certificate is not trusted"),
        ),
    ] {
        let cluster = format!("{{server: 'https://{host}:{port}', {trust}}}");
        let place = TestHome::new(&cluster, &format!("{{token: {TOKEN}}}"));
        let backend = place.backend().unwrap();
        match problem {
            None => assert!(has(&backend, "db", "x").await, "{trust}"),
            Some(problem) => {
                let error = failure(&backend, "db").await.to_string();
                assert!(error.contains(problem), "{error}");
                // The address is shown as it stands in the kubeconfig.
                assert!(
                    error.contains(&format!("`https://{host}:{port}`")),
                    "{error}"
                );
            }
        }
    }
}
