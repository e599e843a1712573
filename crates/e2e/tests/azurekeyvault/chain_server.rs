//! Everything that gives tokens in `chain.rs`. A token says what it was asked for, and how.

use std::fs;
use std::path::Path;
use std::sync::Arc;

use aws_lc_rs::digest::{self, SHA1_FOR_LEGACY_USE_ONLY, SHA256};
use aws_lc_rs::encoding::{AsDer as _, Pkcs8V1Der};
use aws_lc_rs::rsa::KeySize;
use aws_lc_rs::signature::{
    RSA_PKCS1_2048_8192_SHA256, RSA_PSS_2048_8192_SHA256, RsaKeyPair, UnparsedPublicKey,
    VerificationAlgorithm,
};
use base64::Engine as _;
use base64::engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD};
use manifill_vault::suite::{Reply, Seen, Server};
use rcgen::{BasicConstraints, CertificateParams, CertifiedIssuer, DnType, IsCa, KeyPair};
use serde_json::{Value, json};
use tokio::io::copy_bidirectional;
use tokio::net::{TcpListener, TcpStream};
use tokio_rustls::TlsAcceptor;
use tokio_rustls::rustls::ServerConfig;
use tokio_rustls::rustls::pki_types::PrivateKeyDer;

/// What the unit tests of certificates read.
pub(crate) const TESTDATA: &str = "../vault/src/transport/azure/certificate/testdata";

/// The service to log in at, and the machine and the services that give managed identities.
pub(crate) struct Entra {
    /// The certificates of the application.
    certificates: Vec<Vec<u8>>,
    /// One of them with its key, as PEM.
    pem: String,
}

impl Entra {
    pub(crate) fn new() -> Self {
        let key = RsaKeyPair::generate(KeySize::Rsa2048).unwrap();
        let der: Pkcs8V1Der<'_> = key.as_der().unwrap();
        let of = KeyPair::try_from(der.as_ref()).unwrap();
        let own = CertificateParams::default().self_signed(&of).unwrap();
        let kept = fs::read_to_string(Path::new(TESTDATA).join("app.pem")).unwrap();
        Entra {
            certificates: vec![own.der().to_vec(), pem_body(&kept)],
            pem: own.pem() + &of.serialize_pem(),
        }
    }

    /// Writes the files that rows name: `app.pem` with a key that is not encrypted, files with keys
    /// that are, and what a pod has.
    pub(crate) fn write(&self, folder: &Path) {
        let kept = |name: &str| fs::read_to_string(Path::new(TESTDATA).join(name)).unwrap();
        fs::write(folder.join("app.pem"), &self.pem).unwrap();
        for name in ["aes256", "3des", "legacy", "scrypt", "traditional"] {
            let text = kept("app.pem") + &kept("ca.pem") + &kept(&format!("{name}.key"));
            fs::write(folder.join(format!("{name}.pem")), text).unwrap();
        }
        let turned = kept("ca.pem") + &kept("app.pem") + &kept("aes256.key");
        fs::write(folder.join("turned.pem"), turned).unwrap();
        fs::write(folder.join("nonsense.pem"), "nonsense").unwrap();
        fs::write(folder.join("pod"), "a.b.pod").unwrap();
    }

    pub(crate) fn answer(&self, seen: &Seen) -> Reply {
        let (path, _) = seen.target.split_once('?').unwrap_or((&seen.target, ""));
        let query = seen.query();
        let chosen = |name| {
            let client = query.get(name).map_or("its own", String::as_str);
            format!("{client} for {}", query["resource"])
        };
        let no_identity = || Reply::json(r#"{"error":"invalid_request"}"#).with_status(400);
        match (seen.method.as_str(), path) {
            ("GET", path) if path.ends_with("/.well-known/openid-configuration") => found(seen),
            ("POST", path) if path.ends_with("/oauth2/v2.0/token") => self.application(seen),
            ("GET", "/metadata/identity/oauth2/token")
                if seen.header("metadata") == Some("true")
                    && query["api-version"] == "2018-02-01" =>
            {
                if query
                    .get("client_id")
                    .is_some_and(|client| client == "unknown")
                {
                    return no_identity();
                }
                granted(&format!("machine: {}", chosen("client_id")))
            }
            ("GET", "/none/metadata/identity/oauth2/token") => no_identity(),
            ("GET", "/app") if seen.header("x-identity-header") == Some("h") => {
                assert_eq!(query["api-version"], "2019-08-01");
                granted(&format!("service: {}", chosen("client_id")))
            }
            ("GET", "/learning") if seen.header("secret") == Some("s") => {
                assert_eq!(query["api-version"], "2017-09-01");
                granted(&format!("learning: {}", chosen("clientid")))
            }
            ("GET", "/fabric") if seen.header("secret") == Some("h") => granted("fabric"),
            ("POST", "/shell") if seen.header("metadata") == Some("true") => {
                let form = seen.form();
                let client = form.get("client_id").map_or("its own", String::as_str);
                granted(&format!("shell: {client} for {}", form["resource"]))
            }
            ("GET", "/arc") => Reply::new(401)
                .with_header("WWW-Authenticate", "Basic realm=/etc/manifill-none.key"),
            ("GET", path) if path.starts_with("/secrets/") => Reply::json(r#"{"value":"v"}"#),
            _ => Reply::json(r#"{"error":"invalid_request"}"#).with_status(401),
        }
    }

    /// The token of an application.
    fn application(&self, seen: &Seen) -> Reply {
        let form = seen.form();
        let field = |name: &str| form.get(name).map(String::as_str).unwrap_or_default();
        let refuse = || {
            let body = json!({"error": "invalid_client", "error_codes": [7_000_215],
                "error_description": "AADSTS7000215: no"});
            Reply::json(body.to_string()).with_status(401)
        };
        assert_eq!(field("grant_type"), "client_credentials");
        let tenant = seen.target.split('/').nth(1).unwrap();
        let (client, scope) = (field("client_id"), field("scope"));
        let proof = match field("client_assertion") {
            "" if field("client_secret") == "s+/" => "secret".to_owned(),
            "" => return refuse(),
            proof => {
                let kind = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer";
                assert_eq!(field("client_assertion_type"), kind);
                match proof {
                    "a.b.pod" => "pod".to_owned(),
                    _ => match self.signed(proof, client, &token_url(seen)) {
                        Some(told) => told,
                        None => return refuse(),
                    },
                }
            }
        };
        granted(&format!("{client} of {tenant} by {proof} for {scope}"))
    }

    /// What is told of a text that an application has signed, if it is right.
    fn signed(&self, jwt: &str, client: &str, receiver: &str) -> Option<String> {
        let (text, signature) = jwt.rsplit_once('.')?;
        let (head, claims) = text.split_once('.')?;
        let json = |part: &str| -> Option<Value> {
            serde_json::from_slice(&URL_SAFE_NO_PAD.decode(part).ok()?).ok()
        };
        let (head, claims) = (json(head)?, json(claims)?);
        let thumb = |algorithm, der: &[u8]| URL_SAFE_NO_PAD.encode(digest::digest(algorithm, der));
        // Theirs fills it up with `=`.
        let named = |name: &str| head[name].as_str().map(|text| text.trim_end_matches('='));
        let mut all = self.certificates.iter();
        let own = all.find(|der| {
            named("x5t#S256") == Some(&thumb(&SHA256, der))
                || named("x5t") == Some(&thumb(&SHA1_FOR_LEGACY_USE_ONLY, der))
        })?;
        let algorithm: &dyn VerificationAlgorithm = match head["alg"].as_str()? {
            "PS256" => &RSA_PSS_2048_8192_SHA256,
            "RS256" => &RSA_PKCS1_2048_8192_SHA256,
            _ => return None,
        };
        let signature = URL_SAFE_NO_PAD.decode(signature).ok()?;
        let key = UnparsedPublicKey::new(algorithm, public_key(own)?);
        key.verify(text.as_bytes(), &signature).ok()?;
        let is_good =
            claims["aud"] == receiver && claims["iss"] == client && claims["sub"] == client;
        let chain = match head["x5c"].as_array() {
            Some(chain) if chain.first()?.as_str()? == STANDARD.encode(own) => {
                format!(" with {} certificates", chain.len())
            }
            Some(_) => return None,
            None => String::new(),
        };
        is_good.then(|| format!("certificate{chain}"))
    }
}

/// Where applications of a tenant get tokens.
fn token_url(seen: &Seen) -> String {
    let tenant = seen.target.split('/').nth(1).unwrap();
    format!(
        "https://{}/{tenant}/oauth2/v2.0/token",
        seen.header("host").unwrap()
    )
}

fn found(seen: &Seen) -> Reply {
    let token = token_url(seen);
    let (base, _) = token.rsplit_once("/oauth2").unwrap();
    Reply::json(
        json!({"issuer": format!("{base}/v2.0"), "token_endpoint": token,
            "authorization_endpoint": format!("{base}/oauth2/v2.0/authorize")})
        .to_string(),
    )
}

fn granted(token: &str) -> Reply {
    Reply::json(
        json!({"token_type": "Bearer", "access_token": token, "resource": "r",
            "expires_in": 3599, "expires_on": "4070908800"})
        .to_string(),
    )
}

fn pem_body(pem: &str) -> Vec<u8> {
    let lines = pem.lines().filter(|line| !line.starts_with("-----"));
    STANDARD.decode(lines.collect::<String>()).unwrap()
}

/// The RSA key in a certificate: the only sequence of that length.
fn public_key(certificate: &[u8]) -> Option<&[u8]> {
    let head = [0x30, 0x82, 0x01, 0x0a];
    let at = certificate.windows(4).position(|part| part == head)?;
    certificate.get(at..at + 270)
}

/// The same server over TLS: its address. `ca.pem` in the folder is whom to trust.
pub(crate) async fn in_tls(server: &Server, folder: &Path) -> String {
    let mut params = CertificateParams::default();
    params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
    // What has the name of its issuer is taken for an issuer of itself.
    let name = &mut params.distinguished_name;
    name.push(DnType::CommonName, "a CA");
    let ca = CertifiedIssuer::self_signed(params, KeyPair::generate().unwrap()).unwrap();
    fs::write(folder.join("ca.pem"), ca.pem()).unwrap();
    let key = KeyPair::generate().unwrap();
    let params = CertificateParams::new(["127.0.0.1".to_owned()]).unwrap();
    let certificate = params.signed_by(&key, &ca).unwrap().der().clone();
    fs::write(folder.join("thumbprint"), hex(&certificate)).unwrap();
    let key = PrivateKeyDer::try_from(key.serialize_der()).unwrap();
    let config = ServerConfig::builder().with_no_client_auth();
    let config = config.with_single_cert(vec![certificate], key).unwrap();
    let acceptor = TlsAcceptor::from(Arc::new(config));
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("https://{}", listener.local_addr().unwrap());
    let behind = server.url().replace("http://", "");
    tokio::spawn(async move {
        while let Ok((stream, _)) = listener.accept().await {
            let (acceptor, behind) = (acceptor.clone(), behind.clone());
            tokio::spawn(async move {
                // Whoever does not trust it hangs up.
                if let Ok(mut stream) = acceptor.accept(stream).await {
                    let mut plain = TcpStream::connect(behind).await.unwrap();
                    let _ = copy_bidirectional(&mut stream, &mut plain).await;
                }
            });
        }
    });
    url
}

/// What names a certificate.
fn hex(der: &[u8]) -> String {
    let hash = digest::digest(&SHA1_FOR_LEGACY_USE_ONLY, der);
    hash.as_ref()
        .iter()
        .map(|byte| format!("{byte:02x}"))
        .collect()
}
