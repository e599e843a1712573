//! Whom the client trusts, and what it says when it does not.

use std::sync::Arc;

use rcgen::{BasicConstraints, CertificateParams, CertifiedIssuer, IsCa, KeyPair, date_time_ymd};
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio_rustls::TlsAcceptor;
use tokio_rustls::rustls::pki_types::{CertificateDer, PrivateKeyDer};
use tokio_rustls::rustls::server::WebPkiClientVerifier;
use tokio_rustls::rustls::{RootCertStore, ServerConfig};

use super::*;

type Authority = CertifiedIssuer<'static, KeyPair>;

fn authority() -> Authority {
    let mut params = CertificateParams::default();
    params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
    CertifiedIssuer::self_signed(params, KeyPair::generate().unwrap()).unwrap()
}

fn certificate(
    authority: &Authority,
    change: impl FnOnce(&mut CertificateParams),
) -> (CertificateDer<'static>, KeyPair) {
    let key = KeyPair::generate().unwrap();
    let mut params = CertificateParams::new(["127.0.0.1".to_owned()]).unwrap();
    change(&mut params);
    (
        params.signed_by(&key, authority).unwrap().der().clone(),
        key,
    )
}

/// An HTTPS server that answers each connection once; it asks for client certificates of `clients`.
async fn secure_server(
    (certificate, key): (CertificateDer<'static>, KeyPair),
    clients: Option<&Authority>,
) -> Url {
    let config = ServerConfig::builder();
    let config = match clients {
        None => config.with_no_client_auth(),
        Some(authority) => {
            let mut roots = RootCertStore::empty();
            roots.add(authority.der().clone()).unwrap();
            let verifier = WebPkiClientVerifier::builder(Arc::new(roots))
                .build()
                .unwrap();
            config.with_client_cert_verifier(verifier)
        }
    };
    let key = PrivateKeyDer::try_from(key.serialize_der()).unwrap();
    let config = config.with_single_cert(vec![certificate], key).unwrap();
    let acceptor = TlsAcceptor::from(Arc::new(config));
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("https://{}/", listener.local_addr().unwrap());
    tokio::spawn(async move {
        while let Ok((stream, _)) = listener.accept().await {
            let Ok(mut stream) = acceptor.accept(stream).await else {
                continue;
            };
            let _ = stream.read(&mut [0; 4096]).await;
            let _ = stream
                .write_all(b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n42")
                .await;
            let _ = stream.shutdown().await;
        }
    });
    Url::parse(&url).unwrap()
}

async fn ask(settings: HttpSettings, url: &Url) -> Result<u16, String> {
    let client = Client::new(settings).unwrap();
    match client
        .get(url.clone())
        .send(&Run::default(), &Retry::never())
        .await
    {
        Ok(answer) => Ok(answer.status()),
        Err(error) => {
            assert_eq!(error.kind(), VaultErrorKind::Unavailable);
            Err(error
                .to_string()
                .replace(url.as_str().trim_end_matches('/'), "URL"))
        }
    }
}

fn trusting(authority: &Authority) -> HttpSettings {
    HttpSettings::new("Test Vault")
        .with_ca_pem(authority.pem())
        .unwrap()
}

fn failure(problem: &str) -> Result<u16, String> {
    Err(format!("cannot reach `URL`: {problem}"))
}

#[tokio::test]
async fn a_private_ca_is_trusted_when_given_only() {
    let authority = authority();
    let url = secure_server(certificate(&authority, |_| {}), None).await;
    assert_eq!(ask(trusting(&authority), &url).await, Ok(200));
    let problem = failure("TLS: the certificate is not trusted");
    assert_eq!(ask(HttpSettings::new("Test Vault"), &url).await, problem);
}

#[tokio::test]
async fn a_ca_is_read_from_a_file() {
    let authority = authority();
    let url = secure_server(certificate(&authority, |_| {}), None).await;
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("ca.pem");
    std::fs::write(&file, authority.pem()).unwrap();
    let settings = HttpSettings::new("Test Vault").with_ca_file(&file).unwrap();
    assert_eq!(ask(settings, &url).await, Ok(200));

    for (name, text, problem) in [
        ("none.pem", None, "cannot read the CA file"),
        ("empty.pem", Some(""), "the CA file"),
        ("wrong.pem", Some(SENTINEL), "the CA file"),
    ] {
        let file = folder.path().join(name);
        if let Some(text) = text {
            std::fs::write(&file, text).unwrap();
        }
        let error = HttpSettings::new("Test Vault")
            .with_ca_file(&file)
            .unwrap_err();
        assert_eq!(error.kind(), VaultErrorKind::Configuration);
        assert!(error.to_string().starts_with(problem), "{error}");
        assert!(error.to_string().contains(name), "{error}");
        assert!(!format!("{error:?}").contains(SENTINEL));
    }
}

#[tokio::test]
async fn what_is_wrong_with_a_certificate_is_said() {
    let authority = authority();
    let named = |params: &mut CertificateParams| {
        *params = CertificateParams::new(["vault.example".to_owned()]).unwrap();
    };
    let url = secure_server(certificate(&authority, named), None).await;
    let problem = failure("TLS: the certificate is for another host name");
    assert_eq!(ask(trusting(&authority), &url).await, problem);

    for year in [2001, 2101] {
        let dated = |params: &mut CertificateParams| {
            params.not_before = date_time_ymd(year, 1, 1);
            params.not_after = date_time_ymd(year, 2, 1);
        };
        let url = secure_server(certificate(&authority, dated), None).await;
        let problem = failure("TLS: the certificate is not valid today");
        assert_eq!(ask(trusting(&authority), &url).await, problem);
    }
}

#[tokio::test]
async fn a_plain_server_is_told_from_a_secure_one() {
    let plain = server().await;
    let url = Url::parse(&plain.url().replace("http:", "https:")).unwrap();
    let problem = failure("the server does not speak TLS");
    assert_eq!(ask(HttpSettings::new("Test Vault"), &url).await, problem);
}

#[tokio::test]
async fn a_client_certificate_is_a_login() {
    let authority = authority();
    let url = secure_server(certificate(&authority, |_| {}), Some(&authority)).await;
    let (der, key) = certificate(&authority, |_| {});
    let body = base64::Engine::encode(&base64::engine::general_purpose::STANDARD, &der);
    let pem = format!("-----BEGIN CERTIFICATE-----\n{body}\n-----END CERTIFICATE-----\n");
    let key = key.serialize_pem();
    let settings = trusting(&authority)
        .with_identity_pem(pem.clone() + &key)
        .unwrap();
    let shown = format!("{settings:?}");
    assert!(
        !shown.contains(&body) && !shown.contains("PRIVATE"),
        "{shown}"
    );
    assert_eq!(ask(settings, &url).await, Ok(200));
    assert!(ask(trusting(&authority), &url).await.is_err());

    for half in [pem, key, String::new()] {
        let error = trusting(&authority).with_identity_pem(half).unwrap_err();
        assert_eq!(error.kind(), VaultErrorKind::Configuration);
    }
}

#[tokio::test]
async fn a_server_may_go_by_another_name() {
    let authority = authority();
    let named = |params: &mut CertificateParams| {
        *params = CertificateParams::new(["vault.example".to_owned()]).unwrap();
    };
    let mut url = secure_server(certificate(&authority, named), None).await;
    url.set_host(Some("vault.example")).unwrap();
    for (name, host, expected) in [
        ("vault.example", "127.0.0.1", Ok(200)),
        ("VAULT.example", "localhost", Ok(200)),
        (
            "vault.example",
            "no-such-host.invalid",
            failure("the host name is not known"),
        ),
    ] {
        let settings = trusting(&authority).with_server_name(name, host);
        assert_eq!(ask(settings, &url).await, expected, "{host}");
    }
    // The name is what the certificate must hold.
    url.set_host(Some("other.example")).unwrap();
    let settings = trusting(&authority).with_server_name("other.example", "127.0.0.1");
    let problem = failure("TLS: the certificate is for another host name");
    assert_eq!(ask(settings, &url).await, problem);
}

#[tokio::test]
async fn without_verification_any_certificate_will_do() {
    let url = secure_server(certificate(&authority(), |_| {}), None).await;
    let settings = HttpSettings::new("Test Vault").without_verification();
    assert_eq!(ask(settings, &url).await, Ok(200));
}
