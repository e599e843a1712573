//! Workloads that show a certificate. That it is shown by TLS, `transport/http/tests/tls.rs` proves of
//! every client with one, and a test with Google's own client.

use std::path::PathBuf;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use rcgen::{CertificateParams, KeyPair};
use serde_json::{Value, json};

use super::test_login::{Home, asked, call, settings};
use crate::suite::{Reply, SENTINEL, Seen, Server};
use crate::{RunContext, SecretValue, Settings, VaultErrorKind};

/// A certificate and its key in PEM, and the certificate as it is sent.
struct Made {
    pem: String,
    key: String,
    sent: String,
}

fn made(name: &str) -> Made {
    let key = KeyPair::generate().unwrap();
    let params = CertificateParams::new(vec![name.to_owned()]).unwrap();
    let certificate = params.self_signed(&key).unwrap();
    Made {
        pem: certificate.pem(),
        key: key.serialize_pem(),
        sent: STANDARD.encode(certificate.der()),
    }
}

async fn serve() -> Server {
    Server::start(|seen| match seen.target.as_str() {
        "/sts" => Reply::json(r#"{"access_token":"t","expires_in":3599}"#),
        _ => Reply::json("{}"),
    })
    .await
}

fn external(server: &Server, certificate: &Value) -> Settings {
    let credentials = json!({"type": "external_account", "audience": "a",
        "subject_token_type": "urn:ietf:params:oauth:token-type:mtls",
        "token_url": format!("{}/sts", server.url()),
        "credential_source": {"certificate": certificate}});
    settings(server).with("GOOGLE_CREDENTIALS", credentials.to_string())
}

fn config(home: &Home, name: &str, certificate: &str, key: &str) -> PathBuf {
    let pair = json!({"cert_path": certificate, "key_path": key});
    home.file(
        name,
        &json!({"cert_configs": {"workload": pair}}).to_string(),
    )
}

/// The certificates that were sent as a token.
fn sent(seen: &Seen) -> Vec<String> {
    let form = seen.form();
    assert_eq!(
        form["subject_token_type"],
        "urn:ietf:params:oauth:token-type:mtls"
    );
    serde_json::from_str(&form["subject_token"]).unwrap()
}

#[tokio::test]
async fn the_certificate_and_its_chain_are_the_token() {
    let (server, home) = (serve().await, Home::new());
    let (own, between, root) = (made("own"), made("between"), made("root"));
    home.file("own.pem", &own.pem);
    let key = home.file("own.key", &own.key);
    home.file("all.pem", &format!("{}{}{}", own.pem, between.pem, own.key));
    let chain = |name: &str, parts: &[&Made]| {
        let pem: String = parts.iter().map(|made| made.pem.as_str()).collect();
        home.file(name, &pem).display().to_string()
    };
    let others = chain("others", &[&between, &root]);
    let whole = chain("whole", &[&own, &between, &root]);
    config(
        &home,
        ".config/gcloud/certificate_config.json",
        "../../own.pem",
        "../../own.key",
    );
    let here = config(&home, "here.json", "own.pem", key.to_str().unwrap());
    let bundle = config(&home, "bundle.json", "all.pem", "all.pem");
    let named = |path: &PathBuf, chain: Option<&str>| {
        let mut certificate = json!({ "certificate_config_location": path });
        if let Some(chain) = chain {
            certificate["trust_chain_path"] = json!(chain);
        }
        external(&server, &certificate)
    };
    let usual = || external(&server, &json!({"use_default_certificate_config": true}));
    let set =
        |path: &PathBuf| usual().with("GOOGLE_API_CERTIFICATE_CONFIG", path.to_str().unwrap());
    let all = [&own.sent, &between.sent, &root.sent];
    for (settings, expected) in [
        (usual(), &all[..1]),
        (set(&here), &all[..1]),
        (named(&here, None), &all[..1]),
        (named(&bundle, None), &all[..1]),
        (named(&here, Some(&others)), &all[..]),
        (named(&here, Some(&whole)), &all[..]),
    ] {
        server.forget();
        let run = RunContext::new();
        assert_eq!(call(&home.gcp(&settings), &run).await.unwrap(), 200);
        assert_eq!(asked(&server), ["POST /sts", "GET /v1/thing"]);
        assert_eq!(sent(&server.seen()[0]).iter().collect::<Vec<_>>(), expected);
        let all = format!("{}{}{}", own.pem, between.pem, own.key);
        let is_known = |text: &str| run.is_login(&SecretValue::text(text.trim()));
        assert!(is_known(&own.key) || is_known(&all));
    }
}

#[tokio::test]
async fn a_certificate_that_is_not_there_or_no_use_is_told() {
    let (server, home) = (serve().await, Home::new());
    let (own, other) = (made("own"), made("other"));
    home.file("own.pem", &own.pem);
    home.file("own.key", &own.key);
    home.file("none.pem", SENTINEL);
    home.file("late", &format!("{}{}", other.pem, own.pem));
    home.file(
        "odd.json",
        &json!({"cert_configs": {"libs": SENTINEL}}).to_string(),
    );
    config(&home, "good.json", "own.pem", "own.key");
    config(&home, "none.json", "none.pem", "own.key");
    config(&home, "no-key.json", "own.pem", "own.pem");
    config(&home, "absent.json", "absent.pem", "own.key");
    let path = |name: &str| {
        home.file("x", "")
            .with_file_name(name)
            .display()
            .to_string()
    };
    let at = |name: &str| json!({"certificate_config_location": path(name)});
    let mut late = at("good.json");
    late["trust_chain_path"] = json!(path("late"));
    let two = json!({"certificate_config_location": path("good.json"),
        "use_default_certificate_config": true});
    let source = "the Google credentials in `GOOGLE_CREDENTIALS` name a source of tokens that is not read here";
    for (certificate, message) in [
        (json!({}), source.to_owned()),
        (two, source.to_owned()),
        (
            at("odd.json"),
            format!(
                "the file `{}` names no certificate of a workload",
                path("odd.json")
            ),
        ),
        (
            at("none.json"),
            format!(
                "the file `{}` holds no certificate as PEM",
                path("none.pem")
            ),
        ),
        (
            at("no-key.json"),
            "the client certificate must hold a PEM certificate and its key".to_owned(),
        ),
        (
            late,
            format!(
                "the certificate of this workload is not the first in `{}`",
                path("late")
            ),
        ),
    ] {
        let gcp = home.gcp(&external(&server, &certificate));
        let error = call(&gcp, &RunContext::new()).await.unwrap_err();
        assert_eq!(error.kind(), VaultErrorKind::Configuration);
        assert_eq!(error.to_string(), message);
        assert!(!format!("{error:?}").contains(SENTINEL));
    }
    for (certificate, name) in [
        (at("nowhere.json"), "nowhere.json"),
        (at("absent.json"), "absent.pem"),
        (
            json!({"use_default_certificate_config": true}),
            ".config/gcloud/certificate_config.json",
        ),
    ] {
        let gcp = home.gcp(&external(&server, &certificate));
        let error = call(&gcp, &RunContext::new()).await.unwrap_err();
        assert!(error.to_string().contains(name), "{error}");
    }
    assert_eq!(asked(&server).len(), 0);
}
