//! Keys of Google Cloud KMS: sops encrypts by Google's own client, over gRPC and TLS, with those of a
//! server over Google's own generated code, and the backend asks the REST form of the same server.

use manifill_e2e::{Gcp, skip};
use manifill_vault::VaultErrorKind;

use crate::tools::Sandbox;

const KEY: &str = "projects/shop/locations/global/keyRings/sops/cryptoKeys/key";

#[tokio::test]
async fn keys_of_google_decrypt_what_sops_encrypted() {
    if skip("Google Cloud KMS keys of sops") {
        return;
    }
    let server = Gcp::start().unwrap();
    let file = |name: &str| server.file(name).to_str().unwrap().to_owned();
    let place = Sandbox::new()
        // So sops finds the server where Google's would be, and the backend by its address.
        .with("HTTPS_PROXY", server.url())
        .with("SSL_CERT_FILE", file("ca.pem"))
        .with("SOPS_GCP_KMS_ENDPOINT", server.url())
        .with("GOOGLE_APPLICATION_CREDENTIALS", file("reader.json"));
    place.write("s.yaml", "password: s3cr3t\nport: 5432\n");
    place.encrypt("s.yaml", &["--gcp-kms", KEY]);
    server.asked().unwrap();
    let values = place.agree("s.yaml").await;
    assert_eq!(values["password"], "s3cr3t");
    let decrypts = format!("POST /v1/{KEY}:decrypt");
    assert_eq!(
        server.asked().unwrap(),
        ["POST /token", &decrypts, "CONNECT "]
    );

    let place = place.with("GOOGLE_APPLICATION_CREDENTIALS", file("nobody.json"));
    let (kind, told) = place.refused("s.yaml").await;
    assert_eq!(kind, VaultErrorKind::PermissionDenied, "{told}");
    assert!(told.contains(KEY), "{told}");

    let place = place.with("GOOGLE_APPLICATION_CREDENTIALS", file("reader.json"));
    let text = std::fs::read_to_string(place.path("s.yaml")).unwrap();
    for other in ["cryptoKeys/other", "cryptoKeys/absent"] {
        place.write("s.yaml", text.replace("cryptoKeys/key", other));
        let (kind, told) = place.refused("s.yaml").await;
        assert_eq!(kind, VaultErrorKind::Configuration, "{told}");
        assert!(
            told.contains(other) && place.judged("s.yaml").is_none(),
            "{told}"
        );
    }
}
