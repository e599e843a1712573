//! The vendor's client and the backend find the same in the server that the backend is tested
//! against.
#![allow(clippy::unwrap_used)]

use std::io::Write as _;
use std::sync::Arc;

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use manifill_e2e::{client, run, skip};
use manifill_vault::backend::ibmsecretsmanager::connect;
use manifill_vault::suite::{self, Server};
use manifill_vault::{
    ConnectContext, Keys, RunContext, Secret, SecretRequest, SecretValue, Settings, VaultBackend,
    VaultError, VaultErrorKind,
};
use serde_json::{Map, Value, json};

#[path = "../../vault/src/backend/ibmsecretsmanager/test_server.rs"]
mod test_server;

use test_server::{EMPTY_ID, PROFILE, SecretsManager, Stored, TEAM_ID};

const API_KEY: &str = "k+y &=%/ü";
const ACCOUNT_TOKEN: &str = "eyJhbGciOiJSUzI1NiJ9.e30.c2ln";

/// What a secret of each type holds, and what it held before.
const HELD: [(&str, &str, &str); 9] = [
    (
        "arbitrary",
        r#""payload":"a\"b\\c\n ü 密码""#,
        r#""payload":"old""#,
    ),
    (
        "custom_credentials",
        r#""credentials_content":{"user":"u","port":5432}"#,
        r#""credentials_content":{"user":"old"}"#,
    ),
    ("iam_credentials", r#""api_key":"k""#, r#""api_key":"old""#),
    (
        "imported_cert",
        r#""certificate":"C\n","private_key":"K\n","intermediate":"I\n""#,
        r#""certificate":"old""#,
    ),
    (
        "kv",
        r#""data":{"user":"u","empty":"","port":5432,"ratio":1.5,"on":true,"in":{"a":["b",1]}}"#,
        r#""data":{"user":"old"}"#,
    ),
    (
        "private_cert",
        r#""certificate":"C","private_key":"K","issuing_ca":"A","ca_chain":["A","R"]"#,
        r#""certificate":"old","private_key":"old""#,
    ),
    (
        "public_cert",
        r#""certificate":"C","private_key":"K","intermediate":"I""#,
        r#""certificate":"old""#,
    ),
    (
        "service_credentials",
        r#""credentials":{"apikey":"k","iam_role_crn":"crn:v1"}"#,
        r#""credentials":{"apikey":"old"}"#,
    ),
    (
        "username_password",
        r#""username":"svc_örders","password":"p w""#,
        r#""username":"u","password":"old""#,
    ),
];

/// A token as the client wants it: it reads in it how long it is good.
fn token() -> String {
    let part = |json: Value| URL_SAFE_NO_PAD.encode(json.to_string());
    let head = part(json!({"alg": "RS256", "typ": "JWT"}));
    let claims = part(json!({"iat": 1_700_000_000, "exp": 4_000_000_000_u64}));
    format!("{head}.{claims}.{}", URL_SAFE_NO_PAD.encode("signature"))
}

fn instance() -> SecretsManager {
    let mut secrets = Vec::new();
    for (of_type, now, before) in HELD {
        let one = Stored::new(of_type, "one", now);
        secrets.push(one.with_version("v-1", "previous", Some(before)));
        // So that there is a second page.
        secrets.extend(["two", "three"].map(|name| Stored::new(of_type, name, now)));
        secrets.push(Stored::new(of_type, "elsewhere", now).in_group(EMPTY_ID));
    }
    secrets.push(Stored::new("kv", "forbidden", r#""data":{}"#));
    SecretsManager {
        token: token(),
        api_key: API_KEY.to_owned(),
        account_token: ACCOUNT_TOKEN.to_owned(),
        secrets,
        ..SecretsManager::default()
    }
}

/// A value as JSON reads it.
fn json_of(value: &SecretValue) -> Value {
    serde_json::from_str(&value.to_json()).unwrap()
}

async fn read(
    backend: &dyn VaultBackend,
    path: &str,
    version: Option<&str>,
    keys: Keys,
) -> Result<Secret, VaultError> {
    let mut request = SecretRequest::new(backend.parse_path(path).unwrap(), keys);
    request.version = version.map(str::to_owned);
    let mut answers = backend.read(&[request], &RunContext::new()).await;
    answers.pop().unwrap()
}

/// All fields of a secret.
fn fields(secret: &Secret) -> Value {
    let value = |name: &str| {
        let value = secret.value(name).unwrap().unwrap();
        (name.to_owned(), json_of(value))
    };
    Value::Object(secret.names().map(value).collect::<Map<_, _>>())
}

/// The backend by each login.
fn backends(variables: &[(&str, String)]) -> Vec<Arc<dyn VaultBackend>> {
    let all = variables.iter();
    let all = all.fold(Settings::new(), |all, (name, value)| all.with(name, value));
    let by_id = all.clone().with("AVP_IBM_API_KEY", "");
    let by_name = by_id
        .clone()
        .with("SECRETS_MANAGER_IAM_PROFILE_ID", "")
        .with("SECRETS_MANAGER_IAM_PROFILE_NAME", "reader");
    let connect = |settings| connect(&settings, &ConnectContext::new()).unwrap();
    [all, by_id, by_name].map(connect).into()
}

#[tokio::test]
async fn the_vendors_client_and_the_backend_read_the_same() {
    if skip("the official client of IBM Cloud Secrets Manager") {
        return;
    }
    let instance = instance();
    let server = Server::start(move |seen| instance.answer(seen)).await;
    let mut file = tempfile::NamedTempFile::new().unwrap();
    file.write_all(ACCOUNT_TOKEN.as_bytes()).unwrap();
    let variables = [
        ("AVP_IBM_INSTANCE_URL", server.url()),
        ("AVP_IBM_API_KEY", API_KEY.to_owned()),
        ("SECRETS_MANAGER_AUTH_URL", server.url()),
        ("SECRETS_MANAGER_IAM_PROFILE_ID", PROFILE.to_owned()),
        (
            "SECRETS_MANAGER_CR_TOKEN_FILENAME",
            file.path().to_str().unwrap().to_owned(),
        ),
    ];
    let mut judge = client("ibmsecretsmanager").unwrap();
    judge.envs(variables.iter().map(|(name, value)| (name, value)));
    let told = tokio::task::spawn_blocking(move || run(&mut judge));
    let told: Value = serde_json::from_str(&told.await.unwrap().unwrap()).unwrap();

    for backend in backends(&variables) {
        let backend = backend.as_ref();
        for (of_type, _, _) in HELD {
            for group in ["team", TEAM_ID] {
                let folder = format!("ibmcloud/{of_type}/secrets/groups/{group}");
                let one = format!("{folder}/one");
                let now = read(backend, &one, None, Keys::All).await.unwrap();
                assert_eq!(fields(&now), told["secrets"][of_type], "{one}");
                let before = read(backend, &one, Some("previous"), Keys::All).await;
                assert_eq!(fields(&before.unwrap()), told["previous"][of_type], "{one}");
                let listed = read(backend, &folder, None, Keys::All).await.unwrap();
                let names: Value = listed.names().map(Value::from).collect();
                assert_eq!(names, told["names"][of_type], "{folder}");
                let whole = read(backend, &folder, None, Keys::names(["one"])).await;
                let whole = json_of(whole.unwrap().value("one").unwrap().unwrap());
                let expected = match of_type {
                    "arbitrary" => &told["secrets"][of_type]["payload"],
                    _ => &told["secrets"][of_type],
                };
                assert_eq!(&whole, expected, "{folder}");
            }
        }
        for (path, named, status, kind) in [
            ("team/absent", "absent", 404, VaultErrorKind::NotFound),
            (
                "team/forbidden",
                "forbidden",
                403,
                VaultErrorKind::PermissionDenied,
            ),
            ("absent/one", "group", 404, VaultErrorKind::NotFound),
        ] {
            let path = format!("ibmcloud/kv/secrets/groups/{path}");
            let error = read(backend, &path, None, Keys::All).await.unwrap_err();
            assert_eq!(error.kind(), kind, "{path}");
            assert_eq!(told["refused"][named], status, "{path}");
        }
    }
    assert_eq!(told["refused"]["login"], 400);
}
