//! The same server behind TLS, for those who show a certificate.

use std::sync::{Arc, OnceLock};

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use rcgen::{
    BasicConstraints, Certificate, CertificateParams, CertifiedIssuer, DnType, IsCa, KeyPair,
    KeyUsagePurpose,
};
use tokio::net::{TcpListener, TcpStream};
use tokio_rustls::TlsAcceptor;
use tokio_rustls::rustls::pki_types::PrivateKeyDer;
use tokio_rustls::rustls::server::WebPkiClientVerifier;
use tokio_rustls::rustls::{RootCertStore, ServerConfig};

/// A certificate and its key.
pub(crate) struct Pair {
    certificate: Certificate,
    key: KeyPair,
}

/// What is made once.
pub(crate) struct Certificates {
    authority: CertifiedIssuer<'static, KeyPair>,
    server: Pair,
    /// Of the workload.
    pub(crate) own: Pair,
}

impl Pair {
    pub(crate) fn pem(&self) -> String {
        self.certificate.pem()
    }

    pub(crate) fn key_pem(&self) -> String {
        self.key.serialize_pem()
    }
}

impl Certificates {
    pub(crate) fn get() -> &'static Certificates {
        static MADE: OnceLock<Certificates> = OnceLock::new();
        MADE.get_or_init(Certificates::make)
    }

    fn make() -> Self {
        let mut params = CertificateParams::default();
        params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
        params.key_usages = vec![KeyUsagePurpose::KeyCertSign];
        // Otherwise it has the name of those that it signs, which would so have signed themselves.
        let name = &mut params.distinguished_name;
        name.push(DnType::CommonName, "authority");
        let authority = CertifiedIssuer::self_signed(params, KeyPair::generate().unwrap()).unwrap();
        let pair = |name: &str| {
            let key = KeyPair::generate().unwrap();
            let mut params = CertificateParams::new([name.to_owned()]).unwrap();
            params.use_authority_key_identifier_extension = true;
            Pair {
                certificate: params.signed_by(&key, &authority).unwrap(),
                key,
            }
        };
        let (server, own) = (pair("localhost"), pair("workload"));
        Certificates {
            authority,
            server,
            own,
        }
    }

    pub(crate) fn authority_pem(&self) -> String {
        self.authority.pem()
    }

    /// The name of a certificate that was sent.
    pub(crate) fn name(&self, sent: &str) -> &'static str {
        match STANDARD.decode(sent) {
            Ok(der) if der == *self.own.certificate.der().as_ref() => "own",
            Ok(der) if der == *self.authority.der().as_ref() => "authority",
            _ => "unknown",
        }
    }
}

/// Lets those through to the server who show a certificate of the authority; hands back the address.
pub(crate) async fn open(server: &str) -> String {
    let made = Certificates::get();
    let mut roots = RootCertStore::empty();
    roots.add(made.authority.der().clone()).unwrap();
    let verifier = WebPkiClientVerifier::builder(Arc::new(roots));
    let key = PrivateKeyDer::try_from(made.server.key.serialize_der()).unwrap();
    let config = ServerConfig::builder()
        .with_client_cert_verifier(verifier.build().unwrap())
        .with_single_cert(vec![made.server.certificate.der().clone()], key)
        .unwrap();
    let acceptor = TlsAcceptor::from(Arc::new(config));
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let port = listener.local_addr().unwrap().port();
    let server = server.replace("http://", "");
    tokio::spawn(async move {
        while let Ok((stream, _)) = listener.accept().await {
            let (acceptor, server) = (acceptor.clone(), server.clone());
            tokio::spawn(async move {
                // Who shows none is sent away.
                let Ok(mut stream) = acceptor.accept(stream).await else {
                    return;
                };
                let mut inner = TcpStream::connect(server).await.unwrap();
                // How a connection ends does not matter.
                let _ = tokio::io::copy_bidirectional(&mut stream, &mut inner).await;
            });
        }
    });
    format!("https://localhost:{port}")
}
