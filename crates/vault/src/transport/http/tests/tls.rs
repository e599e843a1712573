//! Whom the client trusts, and what it says when it does not.

use std::sync::{Arc, Mutex};

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
    certificate: (CertificateDer<'static>, KeyPair),
    clients: Option<&Authority>,
) -> Url {
    recording_server(certificate, clients).await.0
}

/// The same, with what it was sent.
async fn recording_server(
    (certificate, key): (CertificateDer<'static>, KeyPair),
    clients: Option<&Authority>,
) -> (Url, Arc<Mutex<String>>) {
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
    let seen = Arc::new(Mutex::new(String::new()));
    let record = Arc::clone(&seen);
    tokio::spawn(async move {
        while let Ok((stream, _)) = listener.accept().await {
            let Ok(mut stream) = acceptor.accept(stream).await else {
                continue;
            };
            let mut head = [0; 4096];
            let length = stream.read(&mut head).await.unwrap_or(0);
            let head = String::from_utf8_lossy(&head[..length]).into_owned();
            record.lock().unwrap().push_str(&head);
            let _ = stream
                .write_all(b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n42")
                .await;
            let _ = stream.shutdown().await;
        }
    });
    (Url::parse(&url).unwrap(), seen)
}

async fn ask(settings: HttpSettings, url: &Url) -> Result<u16, String> {
    let client = Client::new(settings).unwrap();
    match client
        .get(url.clone())
        .send(&RunContext::default(), &Retry::never())
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
async fn a_server_may_be_called_otherwise() {
    let authority = authority();
    let named = |params: &mut CertificateParams| {
        *params = CertificateParams::new(["vault.example".to_owned()]).unwrap();
    };
    let url = secure_server(certificate(&authority, named), None).await;
    let at = |host: &str| {
        let mut url = url.clone();
        url.set_host(Some(host)).unwrap();
        url
    };
    let called = |url: &Url, name| trusting(&authority).with_tls_server_name(url, name);
    for (host, name, expected) in [
        ("127.0.0.1", "vault.example", Ok(200)),
        ("localhost", "VAULT.example", Ok(200)),
        (
            "no-such-host.invalid",
            "vault.example",
            failure("the host name is not known"),
        ),
        (
            "127.0.0.1",
            "other.example",
            failure("TLS: the certificate is for another host name"),
        ),
    ] {
        let url = at(host);
        let settings = called(&url, name).unwrap();
        assert_eq!(ask(settings, &url).await, expected, "{host} {name}");
    }
    for name in ["", "10.0.0.1", "::1", "a b", "a/b", "a:1", "a@b", "a\\b"] {
        let error = called(&url, name).unwrap_err();
        assert_eq!(error.kind(), VaultErrorKind::Configuration, "{name}");
    }
}

#[tokio::test]
async fn a_server_called_otherwise_is_asked_for_its_address() {
    let authority = authority();
    let named = |params: &mut CertificateParams| {
        *params = CertificateParams::new(["vault.example".to_owned()]).unwrap();
    };
    let (url, seen) = recording_server(certificate(&authority, named), None).await;
    let settings = trusting(&authority).with_tls_server_name(&url, "vault.example");
    assert_eq!(ask(settings.unwrap(), &url).await, Ok(200));
    let port = url.port().unwrap();
    let head = seen.lock().unwrap().clone();
    let hosts: Vec<_> = head
        .lines()
        .filter(|line| line.to_lowercase().starts_with("host:"))
        .map(|line| line[5..].trim())
        .collect();
    assert_eq!(hosts, [format!("127.0.0.1:{port}")], "{head}");
}

#[tokio::test]
async fn without_tls_a_server_has_one_name() {
    let server = server().await;
    let url = Url::parse(&server.url()).unwrap();
    let settings = HttpSettings::new("Test Vault").with_tls_server_name(&url, "vault.example");
    assert_eq!(ask(settings.unwrap(), &url).await, Ok(200));
    let host = server.seen()[0].header("host").unwrap().to_owned();
    assert_eq!(format!("http://{host}/"), url.as_str());
}

#[tokio::test]
async fn trust_is_as_wide_as_it_is_said_to_be() {
    let authority = authority();
    let url = secure_server(certificate(&authority, |_| {}), None).await;
    let only = trusting(&authority).with_given_authorities_only();
    assert_eq!(ask(only, &url).await, Ok(200));
    let any = HttpSettings::new("Test Vault").with_any_certificate();
    assert_eq!(ask(any, &url).await, Ok(200));
    let problem = failure("TLS: the certificate is not trusted");
    let none = HttpSettings::new("Test Vault").with_given_authorities_only();
    assert_eq!(ask(none, &url).await, problem);
}
