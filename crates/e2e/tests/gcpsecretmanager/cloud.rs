//! Everything that gives tokens, in one server. A token says what it was asked for with, so that what
//! is asked is compared, too.

use std::sync::OnceLock;

use aws_lc_rs::encoding::{AsDer as _, Pkcs8V1Der};
use aws_lc_rs::rsa::KeySize;
use aws_lc_rs::signature::{
    KeyPair as _, RSA_PKCS1_2048_8192_SHA256, RsaKeyPair, UnparsedPublicKey,
};
use base64::Engine as _;
use base64::engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD};
use manifill_vault::suite::{Reply, Seen};
use serde_json::{Value, json};

use crate::gate::Certificates;

const SERVICE_ACCOUNTS: &str = "/v1/projects/-/serviceAccounts/";
const MACHINE: &str = "/computeMetadata/v1/instance/service-accounts/default/";
const ROLES: &str = "/latest/meta-data/iam/security-credentials";

/// The private key of the service accounts in PEM, and the public one.
pub(crate) fn key() -> &'static (String, Vec<u8>) {
    static KEY: OnceLock<(String, Vec<u8>)> = OnceLock::new();
    KEY.get_or_init(|| {
        let key = RsaKeyPair::generate(KeySize::Rsa2048).unwrap();
        let der: Pkcs8V1Der<'_> = key.as_der().unwrap();
        let text = STANDARD.encode(der.as_ref());
        let pem = format!("-----BEGIN PRIVATE KEY-----\n{text}\n-----END PRIVATE KEY-----\n");
        (pem, key.public_key().as_ref().to_vec())
    })
}

/// Answers a request.
pub(crate) fn answer(seen: &Seen) -> Reply {
    let (path, _) = seen.target.split_once('?').unwrap_or((&seen.target, ""));
    let path = path.replace("%40", "@");
    let text = |text: &str| Reply::new(200).with_body(text);
    let session = seen.header("x-aws-ec2-metadata-token") == Some("session");
    match (seen.method.as_str(), path.as_str()) {
        ("GET", "/") => Reply::new(200),
        ("POST", "/token") => granted(of_key(seen).or_else(|| of_user(seen))),
        ("POST", "/v1/oauthtoken") => granted(of_worker(seen)),
        ("POST", "/v1/token") => granted(of_workload(seen)),
        ("POST", path) => match path.strip_prefix(SERVICE_ACCOUNTS) {
            Some(account) => acting(account, seen),
            None => Reply::new(404),
        },
        ("GET", "/subject") if seen.header("x-login") == Some("job") => {
            match seen.query().get("as").map(String::as_str) {
                Some("json") => Reply::json(r#"{"value":"of-json-at-address"}"#),
                _ => text("of-address"),
            }
        }
        ("PUT", "/latest/api/token") => text("session"),
        ("GET", "/latest/meta-data/placement/availability-zone") if session => text("eu-west-1b"),
        ("GET", path) if session && path == ROLES => text("role"),
        ("GET", path) if session && path.starts_with(ROLES) => Reply::json(
            json!({"Code": "Success", "Type": "AWS-HMAC", "AccessKeyId": "MACHINE",
                "SecretAccessKey": "s", "Token": "of the machine",
                "Expiration": "2099-01-01T00:00:00Z"})
            .to_string(),
        ),
        ("GET", path) => match path.strip_prefix(MACHINE) {
            Some(what) if seen.header("metadata-flavor") == Some("Google") => machine(what, seen),
            _ => Reply::json(r#"{"error":{"code":404,"status":"NOT_FOUND"}}"#).with_status(404),
        },
        _ => Reply::new(404),
    }
    .with_header("Metadata-Flavor", "Google")
}

fn granted(token: Option<String>) -> Reply {
    match token {
        Some(token) => Reply::json(
            json!({"access_token": token, "expires_in": 3599, "token_type": "Bearer",
                "issued_token_type": "urn:ietf:params:oauth:token-type:access_token"})
            .to_string(),
        ),
        None => Reply::json(r#"{"error":"invalid_grant"}"#).with_status(400),
    }
}

/// A token for what the key of a service account has signed. For whom it signs, Google's client for
/// Python writes itself, whatever the credentials say.
fn of_key(seen: &Seen) -> Option<String> {
    let form = seen.form();
    let is_signed = form.get("grant_type")? == "urn:ietf:params:oauth:grant-type:jwt-bearer";
    let (jwt, claims) = (form.get("assertion")?, signed(form.get("assertion")?)?);
    let is_meant = claims["aud"].as_str()?.ends_with("/token");
    let header: Value = part(jwt.split('.').next()?)?;
    let id = header["kid"].as_str()?;
    (is_signed && is_meant).then(|| format!("key-{id}-of-{}", told(&claims)))
}

/// What a signed token says, if it is one.
fn signed(jwt: &str) -> Option<Value> {
    let (text, signature) = jwt.rsplit_once('.')?;
    let signature = URL_SAFE_NO_PAD.decode(signature).ok()?;
    let public = UnparsedPublicKey::new(&RSA_PKCS1_2048_8192_SHA256, &key().1);
    public.verify(text.as_bytes(), &signature).ok()?;
    part(text.split('.').nth(1)?)
}

fn part(text: &str) -> Option<Value> {
    serde_json::from_slice(&URL_SAFE_NO_PAD.decode(text).ok()?).ok()
}

fn told(claims: &Value) -> String {
    let text = |name: &str| claims[name].as_str().unwrap_or("nobody").to_owned();
    let seconds = claims["exp"].as_u64().unwrap() - claims["iat"].as_u64().unwrap();
    format!("{}-seconds-{seconds}{}", text("iss"), scope(&text("scope")))
}

/// What tokens are for comes last in them.
fn scope(scope: &str) -> String {
    let short = scope.replace("https://www.googleapis.com/auth/", "");
    format!("-scope-{short}")
}

/// A token as it is shown: of one that a key has signed, what it says.
pub(crate) fn shown(token: &str) -> String {
    match signed(token) {
        Some(claims) => format!("signed-for-{}-by-{}", claims["sub"], told(&claims)),
        None => token.to_owned(),
    }
}

fn of_user(seen: &Seen) -> Option<String> {
    let form = seen.form();
    let field = |name: &str| form.get(name).map_or("none", String::as_str);
    let is_good = field("grant_type") == "refresh_token" && field("refresh_token") == "rt";
    let (id, secret) = (field("client_id"), field("client_secret"));
    is_good.then(|| format!("user-by-{id}-{secret}-scope-{}", field("scope")))
}

fn of_worker(seen: &Seen) -> Option<String> {
    let form = seen.form();
    let field = |name: &str| form.get(name).map_or("none", String::as_str);
    let is_good = field("grant_type") == "refresh_token" && field("refresh_token") == "rt";
    is_good.then(|| format!("worker-by-{}-scope-{}", client(seen), field("scope")))
}

/// Who asks, by the header for clients.
fn client(seen: &Seen) -> String {
    let login = seen.header("authorization");
    let login = login.and_then(|login| STANDARD.decode(login.strip_prefix("Basic ")?).ok());
    login.map_or("nobody".to_owned(), |login| {
        String::from_utf8(login).unwrap()
    })
}

fn of_workload(seen: &Seen) -> Option<String> {
    const KINDS: &str = "urn:ietf:params:oauth:";
    let form = seen.form();
    let field = |name: &str| form.get(name).map_or("none", String::as_str);
    let is_good = field("grant_type").strip_prefix(KINDS) == Some("grant-type:token-exchange")
        && field("requested_token_type").strip_prefix(KINDS) == Some("token-type:access_token")
        && field("subject_token") != "refused";
    // Google's client for Python escapes it twice.
    let options = field("options").replace("%7B", "{").replace("%7D", "}");
    let options = options.replace("%22", "\"").replace("%3A", ":");
    let options = options.replace("%20", "").replace(' ', "");
    let pool = field("audience").rsplit('/').next()?;
    let kind = field("subject_token_type").rsplit(':').next()?;
    is_good.then(|| {
        format!(
            "workload-{pool}-{kind}-{}-by-{}-options-{options}{}",
            subject(field("subject_token")),
            client(seen),
            scope(field("scope"))
        )
    })
}

/// The token of another platform; of a request for AWS, what does not change with the time.
fn subject(token: &str) -> String {
    let plain = |text: &str| {
        let escaped = Seen {
            method: String::new(),
            target: String::new(),
            headers: Vec::new(),
            body: format!("t={}", text.replace('+', "%2B")).into_bytes(),
        };
        escaped.form().remove("t").unwrap_or_default()
    };
    let Ok(request) = serde_json::from_str::<Value>(&plain(token)) else {
        return token.replace('\n', "(line break)");
    };
    if let Some(certificates) = request.as_array() {
        let name = |sent: &Value| Certificates::get().name(sent.as_str().unwrap());
        return certificates.iter().map(name).collect::<Vec<_>>().join("+");
    }
    let headers = request["headers"].as_array().unwrap().iter();
    let header = |wanted: &str| {
        let is_it = |header: &&Value| header["key"].as_str().unwrap().eq_ignore_ascii_case(wanted);
        let header = headers.clone().find(is_it);
        header.map_or("none", |header| header["value"].as_str().unwrap())
    };
    let login = header("authorization");
    let (_, rest) = login.split_once("Credential=").unwrap();
    let signer: Vec<&str> = rest.split(',').next().unwrap().split('/').collect();
    format!(
        "{}-{}-with-{}-for-{}-by-{}-in-{}-{}",
        request["method"].as_str().unwrap(),
        request["url"].as_str().unwrap(),
        header("x-amz-security-token"),
        header("x-goog-cloud-target-resource"),
        signer[0],
        signer[2],
        signer[3]
    )
}

/// A token of an account for whoever acts as it.
fn acting(account: &str, seen: &Seen) -> Reply {
    let login = seen.header("authorization").unwrap_or_default();
    let token = shown(login.strip_prefix("Bearer ").unwrap_or_default());
    // Where another login acts, Google's client for Python asks for less with it.
    let by = token.rsplit_once("-scope-").map_or("", |(token, _)| token);
    let asked: Value = serde_json::from_slice(&seen.body).unwrap();
    let Some(account) = account.strip_suffix(":generateAccessToken") else {
        return Reply::new(404);
    };
    let list = |name: &str| {
        let texts = asked[name].as_array().into_iter().flatten();
        let texts: Vec<&str> = texts.map(|text| text.as_str().unwrap()).collect();
        texts.join("+")
    };
    let token = format!(
        "{account}-seconds-{}-through-{}-by-({by}){}",
        asked["lifetime"].as_str().unwrap(),
        list("delegates"),
        scope(&list("scope"))
    );
    let given = json!({"accessToken": token, "expireTime": "2099-01-01T00:00:00Z"});
    Reply::json(given.to_string())
}

fn machine(what: &str, seen: &Seen) -> Reply {
    match what {
        "token" => {
            let query = seen.query();
            let asked = query.get("scopes").map_or("none", String::as_str);
            granted(Some(format!("machine{}", scope(asked))))
        }
        _ => Reply::json(
            json!({"email": "default@machine", "aliases": ["default"], "scopes": ["other"]})
                .to_string(),
        ),
    }
}
