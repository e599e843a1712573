//! Google's own client and the backend find the same, with each login, in a server over Google's own
//! generated code into which that client has put it, and the same logins in many configurations.
#![allow(clippy::unwrap_used)]

mod acting_table;
mod aws_table;
mod certificate_table;
mod cloud;
mod gate;
mod login_table;
mod logins;
mod parts;
mod program_table;
mod workload_table;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use manifill_e2e::{Gcp, client, run, skip};
use manifill_vault::backend::gcpsecretmanager::connect;
use manifill_vault::{
    ConnectContext, Exposed, Keys, RunContext, Secret, SecretRequest, Settings, VaultBackend,
    VaultError,
};
use serde_json::{Map, Value, json};

/// The settings of a login.
fn settings(server: &Gcp, login: &str) -> Settings {
    let settings = Settings::new().with(
        "CLOUDSDK_API_ENDPOINT_OVERRIDES_SECRETMANAGER",
        server.url() + "/",
    );
    if login == "machine" {
        // Nothing of this machine's home is to log in.
        let settings = settings.with("CLOUDSDK_CONFIG", "/nowhere");
        return settings.with("GCE_METADATA_HOST", server.host());
    }
    let file = server.file(&format!("{login}.json"));
    settings.with("GOOGLE_APPLICATION_CREDENTIALS", file.to_str().unwrap())
}

/// What the backend reads, in the words of the client.
fn told(answer: &Result<Secret, VaultError>, id: &str) -> Value {
    let secret = match answer {
        Ok(secret) => secret,
        Err(error) => return json!({"status": error.status()}),
    };
    let bytes = match secret.value(id).unwrap().unwrap().expose() {
        Exposed::Text(text) => text.as_bytes(),
        Exposed::Bytes(bytes) => bytes,
        other => panic!("{} at {id}", other.type_name()),
    };
    json!({"name": secret.id(), "payload": STANDARD.encode(bytes)})
}

/// Reads names in one run.
async fn read(backend: &dyn VaultBackend, names: &[&str]) -> Map<String, Value> {
    let requests: Vec<SecretRequest> = names
        .iter()
        .map(|name| SecretRequest::new(backend.parse_path(name).unwrap(), Keys::All))
        .collect();
    let answers = backend.read(&requests, &RunContext::new()).await;
    let of = |(name, answer): (&&str, &Result<Secret, VaultError>)| {
        let id = name.split('/').rev().nth(2).unwrap();
        ((*name).to_owned(), told(answer, id))
    };
    names.iter().zip(&answers).map(of).collect()
}

#[tokio::test]
async fn googles_client_and_the_backend_read_the_same_with_each_login() {
    if skip("Google Secret Manager") {
        return;
    }
    let server = Gcp::start().unwrap();
    let mut judge = client("gcpsecretmanager").unwrap();
    judge
        .arg(server.url())
        .arg(server.folder())
        .env("GCE_METADATA_HOST", server.host())
        .env_remove("GOOGLE_APPLICATION_CREDENTIALS");
    let found: Map<String, Value> = serde_json::from_str(&run(&mut judge).unwrap()).unwrap();
    assert_eq!(found.len(), 6);
    let names: Vec<&str> = found["reader"]
        .as_object()
        .unwrap()
        .keys()
        .map(String::as_str)
        .collect();
    server.asked().unwrap();
    for (login, expected) in &found {
        let backend = connect(&settings(&server, login), &ConnectContext::new()).unwrap();
        let own = read(backend.as_ref(), &names).await;
        assert_eq!(&Value::Object(own), expected, "{login}");
        let logins = match login.as_str() {
            "acting-workload" => 2,
            _ => 1,
        };
        let asked = server.asked().unwrap();
        assert_eq!(asked.len(), logins + names.len(), "{login}: {asked:?}");
        // A later run has a token.
        read(backend.as_ref(), &names[..1]).await;
        assert_eq!(server.asked().unwrap().len(), 1, "{login}");
    }
    // The client cannot be told where this one's tokens are.
    let backend = connect(&settings(&server, "acting"), &ConnectContext::new()).unwrap();
    let own = read(backend.as_ref(), &names).await;
    assert_eq!(&Value::Object(own), &found["reader"]);
    let missing = &found["reader"]["projects/shop/secrets/absent/versions/latest"];
    let denied = &found["nobody"]["projects/shop/secrets/db/versions/latest"];
    let disabled = &found["reader"]["projects/shop/secrets/off/versions/latest"];
    let statuses = [missing, denied, disabled].map(|told| told["status"].as_u64());
    assert_eq!(statuses, [Some(404), Some(403), Some(400)]);
}
