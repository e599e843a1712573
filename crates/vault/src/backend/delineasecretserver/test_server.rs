//! A Secret Server for tests. The vendor's own client reads from it, too, in `crates/e2e`.

use std::collections::BTreeMap;

use serde_json::{Value, json};

use super::suite::{Reply, Seen};

/// The user whom the server knows, with this password.
pub(crate) const USER: &str = "manifill";

/// A server that gives this token to its user.
pub(crate) struct SecretServer {
    pub(crate) token: String,
    pub(crate) password: String,
    /// Where the user is to be found, if not in the server's own list.
    pub(crate) domain: Option<String>,
    pub(crate) secrets: Vec<Stored>,
}

/// A secret: its fields in the API's form, and the contents of its files by the slug of the field.
pub(crate) struct Stored {
    pub(crate) id: u64,
    /// Its folders and its name.
    pub(crate) path: String,
    pub(crate) items: Vec<Value>,
    pub(crate) files: BTreeMap<String, Vec<u8>>,
}

impl Stored {
    pub(crate) fn new(id: u64, path: &str) -> Self {
        Stored {
            id,
            path: path.to_owned(),
            items: Vec::new(),
            files: BTreeMap::new(),
        }
    }

    /// Adds a field with a value.
    pub(crate) fn with(mut self, name: &str, slug: &str, value: impl Into<Value>) -> Self {
        let item = self.item(name, slug);
        self.items.push(item);
        if let Some(item) = self.items.last_mut() {
            item["itemValue"] = value.into();
        }
        self
    }

    /// Adds a field with a file.
    pub(crate) fn with_file(mut self, name: &str, slug: &str, content: &[u8]) -> Self {
        let mut item = self.item(name, slug);
        item["isFile"] = true.into();
        item["fileAttachmentId"] = (self.id * 10).into();
        item["filename"] = format!("{slug}.bin").into();
        item["itemValue"] = "*** Not Valid For Display ***".into();
        self.items.push(item);
        self.files.insert(slug.to_owned(), content.to_owned());
        self
    }

    fn item(&self, name: &str, slug: &str) -> Value {
        json!({
            "itemId": self.id * 100 + self.items.len() as u64, "fieldId": 60 + self.items.len(),
            "fileAttachmentId": null, "filename": null, "itemValue": null, "fieldName": name,
            "slug": slug, "fieldDescription": "", "isFile": false, "isNotes": false,
            "isPassword": slug == "password", "isList": false, "listType": "None",
        })
    }

    fn to_json(&self) -> Value {
        let name = self.path.rsplit('\\').next().unwrap_or_default();
        json!({
            "id": self.id, "name": name, "secretTemplateId": 6003, "folderId": 12, "active": true,
            "items": self.items, "launcherConnectAsSecretId": -1, "checkedOut": false,
            "checkOutEnabled": false, "siteId": 1, "secretTemplateName": "Password",
            "lastHeartBeatStatus": "Pending", "lastHeartBeatCheck": "0001-01-01T00:00:00",
            "lastPasswordChangeAttempt": "0001-01-01T00:00:00",
        })
    }
}

impl SecretServer {
    /// Answers a request below `/SecretServer`.
    pub(crate) fn answer(&self, seen: &Seen) -> Reply {
        let Some(target) = seen.target.strip_prefix("/SecretServer/") else {
            return Reply::new(404).with_body("<html>there is nothing here</html>");
        };
        let path = target.split('?').next().unwrap_or_default();
        match path {
            "oauth2/token" if seen.method == "POST" => return self.log_in(&seen.form()),
            "api/v1/healthcheck" => return Reply::json(r#"{"Healthy":true}"#),
            _ => {}
        }
        let login = seen.header("authorization");
        if login != Some(format!("Bearer {}", self.token).as_str()) {
            return refusal(401, "Authentication failed or expired token.", "");
        }
        let parts: Vec<&str> = path.split('/').collect();
        let found = |id: &str| {
            let asked = seen.query();
            self.secrets
                .iter()
                .find(|secret| match asked.get("secretPath") {
                    Some(path) => *path == secret.path,
                    None => secret.id.to_string() == id,
                })
        };
        match *parts.as_slice() {
            ["api", "v1", "secrets", "13"] => refusal(400, "Access Denied", "API_AccessDenied"),
            ["api", "v1", "secrets", "14"] => refusal(
                400,
                "The requested Secret requires a comment when viewed.",
                "API_ValidateSecretAccessCommentRequired",
            ),
            ["api", "v1", "secrets", id] => match found(id) {
                Some(secret) => Reply::json(secret.to_json().to_string()),
                None => refusal(404, "Secret not found", "API_SecretNotFound"),
            },
            ["api", "v1", "secrets", id, "fields", slug] => {
                match found(id).and_then(|secret| secret.files.get(slug)) {
                    Some(content) => Reply::new(200)
                        .with_header("Content-Type", "application/octet-stream")
                        .with_body(content.clone()),
                    None => refusal(404, "Field not found", "API_FieldNotFound"),
                }
            }
            _ => refusal(404, "No HTTP resource was found", ""),
        }
    }

    fn log_in(&self, form: &BTreeMap<String, String>) -> Reply {
        let has = |name: &str, value: &str| form.get(name).is_some_and(|found| found == value);
        let domain = form.get("domain").map(String::as_str);
        if has("grant_type", "password")
            && has("username", USER)
            && has("password", &self.password)
            && domain == self.domain.as_deref()
        {
            let grant = json!({
                "access_token": self.token, "token_type": "bearer", "expires_in": 1199,
                "refresh_token": "refresh",
            });
            return Reply::json(grant.to_string());
        }
        Reply::json(json!({"error": "Login failed."}).to_string()).with_status(400)
    }
}

fn refusal(status: u16, message: &str, code: &str) -> Reply {
    let mut body = json!({ "message": message });
    if !code.is_empty() {
        body["errorCode"] = code.into();
    }
    Reply::json(body.to_string()).with_status(status)
}
