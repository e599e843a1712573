//! A cloud with a Lockbox for tests. The vendor's message classes judge what it says, in
//! `crates/e2e`.

use std::sync::OnceLock;

use aws_lc_rs::encoding::{AsDer as _, Pkcs8V1Der};
use aws_lc_rs::rsa::KeySize;
use aws_lc_rs::signature::{KeyPair as _, RSA_PSS_2048_8192_SHA256, RsaKeyPair, UnparsedPublicKey};
use base64::Engine as _;
use base64::engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD};
use serde_json::{Value, json};

use super::suite::{Reply, Seen};

/// The service account that the cloud knows, and its key.
pub(crate) const ACCOUNT: &str = "ajeaccount0000000001";
pub(crate) const KEY_ID: &str = "ajekey00000000000001";

/// A cloud that gives this token to its service account.
pub(crate) struct Cloud {
    pub(crate) token: String,
    public_key: Vec<u8>,
    pub(crate) secrets: Vec<Stored>,
}

/// A secret with its versions, the current one last.
pub(crate) struct Stored {
    pub(crate) id: String,
    pub(crate) folder: String,
    pub(crate) name: String,
    pub(crate) versions: Vec<(String, Vec<(String, Content)>)>,
}

/// What an entry holds.
pub(crate) enum Content {
    Text(String),
    Bytes(Vec<u8>),
}

impl Stored {
    pub(crate) fn new(id: &str, folder: &str, name: &str) -> Self {
        let [id, folder, name] = [id, folder, name].map(str::to_owned);
        Stored {
            id,
            folder,
            name,
            versions: Vec::new(),
        }
    }

    /// Adds a version.
    pub(crate) fn with(
        mut self,
        version: &str,
        entries: impl IntoIterator<Item = (&'static str, Content)>,
    ) -> Self {
        let entries = entries.into_iter();
        let entries = entries.map(|(key, content)| (key.to_owned(), content));
        self.versions.push((version.to_owned(), entries.collect()));
        self
    }
}

/// The key of the service account as PEM, in the form that the cloud gives it, and a cloud that knows
/// it.
pub(crate) fn key_and_cloud(token: &str, secrets: Vec<Stored>) -> (String, Cloud) {
    let (pem, public_key) = KEY.get_or_init(make_key).clone();
    let token = token.to_owned();
    let cloud = Cloud {
        token,
        public_key,
        secrets,
    };
    (pem, cloud)
}

/// A private key and its public one: made once, since that takes a while.
static KEY: OnceLock<(String, Vec<u8>)> = OnceLock::new();

fn make_key() -> (String, Vec<u8>) {
    let key = RsaKeyPair::generate(KeySize::Rsa2048).unwrap();
    let der: Pkcs8V1Der<'_> = key.as_der().unwrap();
    let text = STANDARD.encode(der.as_ref());
    let lines: Vec<&str> = (0..text.len())
        .step_by(64)
        .map(|at| &text[at..text.len().min(at + 64)])
        .collect();
    let pem = format!(
        "PLEASE DO NOT REMOVE THIS LINE! Yandex.Cloud SA Key ID <{KEY_ID}>\n\
         -----BEGIN PRIVATE KEY-----\n{}\n-----END PRIVATE KEY-----\n",
        lines.join("\n")
    );
    (pem, key.public_key().as_ref().to_vec())
}

impl Cloud {
    /// Answers a request, as any service of the cloud.
    pub(crate) fn answer(&self, seen: &Seen) -> Reply {
        let path = seen.target.split('?').next().unwrap_or_default();
        match path {
            "/endpoints" => {
                let host = seen.header("host").unwrap_or_default();
                let service = |id: &str| json!({"id": id, "address": host});
                let services = ["iam", "lockbox", "lockbox-payload"].map(service);
                return Reply::json(json!({ "endpoints": services }).to_string());
            }
            "/iam/v1/tokens" if seen.method == "POST" => return self.log_in(&seen.body),
            "/computeMetadata/v1/instance/service-accounts/default/token" => {
                let is_asked = seen.header("metadata-flavor") == Some("Google");
                let token = json!({"access_token": self.token, "expires_in": 43000,
                    "token_type": "Bearer"});
                return if is_asked {
                    Reply::json(token.to_string())
                } else {
                    Reply::new(403)
                };
            }
            _ => {}
        }
        let login = seen.header("authorization");
        if login != Some(format!("Bearer {}", self.token).as_str()) {
            return refusal(401, 16, "The token is invalid");
        }
        let query = seen.query();
        let asked = |name: &str| query.get(name);
        let parts: Vec<&str> = path.split('/').skip(1).collect();
        let found = match *parts.as_slice() {
            ["lockbox", "v1", "secrets", "denied", "payload"] => {
                return refusal(403, 7, "Permission denied");
            }
            ["lockbox", "v1", "secrets", "inactive", "payload"] => {
                return refusal(400, 9, "Secret is inactive");
            }
            ["lockbox", "v1", "secrets", id, "payload"] => {
                self.secrets.iter().find(|secret| secret.id == id)
            }
            ["lockbox", "v1", "secrets:getEx"] => {
                let folder = asked("folderAndName.folderId");
                let name = asked("folderAndName.secretName");
                self.secrets
                    .iter()
                    .find(|secret| Some(&secret.folder) == folder && Some(&secret.name) == name)
            }
            _ => return Reply::new(404).with_body("<html>nothing</html>"),
        };
        let Some(secret) = found else {
            return refusal(404, 5, "Secret not found");
        };
        let version = match asked("versionId") {
            None => secret.versions.last(),
            Some(id) => secret.versions.iter().find(|(version, _)| version == id),
        };
        let Some((version, entries)) = version else {
            return refusal(404, 5, "Version not found");
        };
        if path.ends_with("/payload") {
            let entry = |(key, content): &(String, Content)| match content {
                Content::Text(text) => json!({"key": key, "textValue": text}),
                Content::Bytes(bytes) => json!({"key": key, "binaryValue": STANDARD.encode(bytes)}),
            };
            let entries: Vec<Value> = entries.iter().map(entry).collect();
            return Reply::json(json!({"versionId": version, "entries": entries}).to_string());
        }
        let entry = |(key, content): &(String, Content)| {
            let bytes = match content {
                Content::Text(text) => text.as_bytes(),
                Content::Bytes(bytes) => bytes,
            };
            (key.clone(), STANDARD.encode(bytes).into())
        };
        let entries: serde_json::Map<String, Value> = entries.iter().map(entry).collect();
        Reply::json(
            json!({"secretId": secret.id, "versionId": version, "entries": entries}).to_string(),
        )
    }

    /// A token for a JWT that the account's key has signed.
    fn log_in(&self, body: &[u8]) -> Reply {
        let body: Value = serde_json::from_slice(body).unwrap_or_default();
        if self
            .accepts(body["jwt"].as_str().unwrap_or_default())
            .is_none()
        {
            return refusal(401, 16, "JWT is invalid");
        }
        let granted = json!({"iamToken": self.token, "expiresAt": "2099-01-01T00:00:00.123Z"});
        Reply::json(granted.to_string())
    }

    fn accepts(&self, jwt: &str) -> Option<()> {
        let (signed, signature) = jwt.rsplit_once('.')?;
        let (header, claims) = signed.split_once('.')?;
        let part = |text: &str| URL_SAFE_NO_PAD.decode(text).ok();
        let json = |text| serde_json::from_slice::<Value>(&part(text)?).ok();
        let key = UnparsedPublicKey::new(&RSA_PSS_2048_8192_SHA256, &self.public_key);
        key.verify(signed.as_bytes(), &part(signature)?).ok()?;
        let (header, claims) = (json(header)?, json(claims)?);
        let lasts = claims["exp"].as_u64()? - claims["iat"].as_u64()?;
        let is_right = header == json!({"typ": "JWT", "alg": "PS256", "kid": KEY_ID})
            && claims["iss"] == ACCOUNT
            && claims["aud"].as_str()?.ends_with("/iam/v1/tokens")
            && lasts <= 3600;
        is_right.then_some(())
    }
}

fn refusal(status: u16, code: u32, message: &str) -> Reply {
    let body = json!({"code": code, "message": message, "details": []});
    Reply::json(body.to_string()).with_status(status)
}
