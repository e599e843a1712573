//! Certificates of the server and of the client.

use manifill_e2e::skip;
use manifill_vault::transport::http::HttpSettings;
use rcgen::{BasicConstraints, CertificateParams, CertifiedIssuer, IsCa, KeyPair};
use serde_json::json;

use crate::server::OpenBao;
use crate::{json_of, message, read, read_one};

const PATH: &str = "secret/data/db";

#[tokio::test]
async fn a_private_ca() {
    if skip("OpenBao, TLS") {
        return;
    }
    let server = OpenBao::start_tls().await;
    server.put(PATH, json!({"data": {"a": "b"}})).await;
    let settings = server.settings();
    let untrusted = read_one(&settings.clone().with("VAULT_MAX_RETRIES", "0"), PATH).await;
    assert_eq!(
        message(&untrusted),
        "cannot reach SERVER: TLS: the certificate is not trusted"
    );
    let ca = server.file("vault-ca.pem");
    let folder = server.file("cas");
    std::fs::create_dir(&folder).unwrap();
    std::fs::copy(&ca, folder.join("ca.pem")).unwrap();
    let pem = std::fs::read_to_string(&ca).unwrap();
    let trusting = settings.clone().with("VAULT_CACERT", ca.to_str().unwrap());
    for settings in [
        trusting.clone(),
        settings.clone().with("VAULT_CACERT_BYTES", pem),
        settings
            .clone()
            .with("VAULT_CAPATH", folder.to_str().unwrap()),
        // The certificate holds this name, too.
        trusting.clone().with("VAULT_TLS_SERVER_NAME", "localhost"),
    ] {
        let (answers, run) = read(&settings, &[PATH]).await;
        assert_eq!(json_of(&answers[0], "a"), "\"b\"");
        assert!(run.notes().is_empty());
    }
    let misnamed = trusting.with("VAULT_TLS_SERVER_NAME", "vault.example");
    assert_eq!(
        message(&read_one(&misnamed, PATH).await),
        "cannot reach SERVER: TLS: the certificate is for another host name"
    );
    let (answers, run) = read(&settings.with("VAULT_SKIP_VERIFY", "1"), &[PATH]).await;
    assert_eq!(json_of(&answers[0], "a"), "\"b\"");
    assert_eq!(run.notes().len(), 1);
}

#[tokio::test]
async fn a_client_certificate() {
    if skip("OpenBao, client certificates") {
        return;
    }
    let folder = tempfile::tempdir().unwrap();
    let path = |name: &str| folder.path().join(name).to_str().unwrap().to_owned();
    let mut params = CertificateParams::default();
    params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
    let ca = CertifiedIssuer::self_signed(params, KeyPair::generate().unwrap()).unwrap();
    std::fs::write(path("ca.pem"), ca.pem()).unwrap();
    for name in ["server", "client"] {
        let key = KeyPair::generate().unwrap();
        let params = CertificateParams::new(["127.0.0.1".to_owned()]).unwrap();
        let certificate = params.signed_by(&key, &ca).unwrap();
        std::fs::write(path(&format!("{name}.pem")), certificate.pem()).unwrap();
        std::fs::write(path(&format!("{name}.key")), key.serialize_pem()).unwrap();
    }
    let (ca, certificate, key) = (path("ca.pem"), path("client.pem"), path("client.key"));
    let both =
        std::fs::read_to_string(&certificate).unwrap() + &std::fs::read_to_string(&key).unwrap();
    let admin = HttpSettings::new("OpenBao")
        .with_ca_file(&ca)
        .unwrap()
        .with_identity_pem(both)
        .unwrap();
    let listener = "  tls_cert_file = \"server.pem\"\n  tls_key_file = \"server.key\"\n  \
        tls_client_ca_file = \"ca.pem\"\n  tls_require_and_verify_client_cert = true\n";
    let mut server = OpenBao::start_with(listener, folder, admin).await;
    let with_certificate = |server: &OpenBao| {
        server
            .settings()
            .with("VAULT_CACERT", &ca)
            .with("VAULT_CLIENT_CERT", &certificate)
            .with("VAULT_CLIENT_KEY", &key)
            .with("VAULT_MAX_RETRIES", "0")
    };
    // Before it is unsealed.
    let sealed = read_one(&with_certificate(&server), PATH).await;
    assert_eq!(message(&sealed), "the vault at SERVER is sealed (HTTP 503)");

    server.initialize().await;
    let mount = json!({"type": "kv", "options": {"version": "2"}});
    server.put("sys/mounts/secret", mount).await;
    server.put(PATH, json!({"data": {"a": "b"}})).await;
    assert_eq!(
        json_of(&read_one(&with_certificate(&server), PATH).await, "a"),
        "\"b\""
    );
    let without = server
        .settings()
        .with("VAULT_CACERT", &ca)
        .with("VAULT_MAX_RETRIES", "0");
    assert!(read_one(&without, PATH).await.is_err());
}
