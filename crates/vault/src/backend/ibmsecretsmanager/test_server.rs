//! An instance of Secrets Manager for tests, with the service that gives tokens for it. The vendor's
//! own client reads from it, too, in `crates/e2e`.

use std::collections::BTreeMap;

use serde_json::{Value, json};

use super::suite::{Reply, Seen};

/// A group with an id.
pub(crate) const TEAM_ID: &str = "8f2c1b7e-3a4d-4c5e-9f60-718293a4b5c6";

/// The id of a group without secrets.
pub(crate) const EMPTY_ID: &str = "00000000-3a4d-4c5e-9f60-718293a4b5c6";

/// The trusted profile that the server knows.
pub(crate) const PROFILE: &str = "Profile-5790481a";

/// An instance that takes this token, which the API key or the token of an account brings.
#[derive(Clone, Default)]
pub(crate) struct SecretsManager {
    pub(crate) token: String,
    pub(crate) api_key: String,
    pub(crate) account_token: String,
    pub(crate) secrets: Vec<Stored>,
    /// Whether the login may not list anything.
    pub(crate) unlisted: bool,
    /// As many as a page has at most, if not as many as are asked for.
    pub(crate) page: Option<usize>,
}

/// A secret.
#[derive(Clone)]
pub(crate) struct Stored {
    pub(crate) id: String,
    pub(crate) name: String,
    pub(crate) of_type: &'static str,
    pub(crate) group: String,
    /// Its secret fields, as JSON without the braces.
    pub(crate) data: String,
    /// The earlier versions: the id, the alias, and the fields unless they are gone.
    pub(crate) versions: Vec<(&'static str, &'static str, Option<String>)>,
}

impl Stored {
    /// A secret of the group `team`.
    pub(crate) fn new(of_type: &'static str, name: &str, data: impl Into<String>) -> Self {
        Stored {
            id: format!("id-of-{of_type}-{name}"),
            name: name.to_owned(),
            of_type,
            group: TEAM_ID.to_owned(),
            data: data.into(),
            versions: Vec::new(),
        }
    }

    /// The same in another group.
    pub(crate) fn in_group(mut self, id: &str) -> Self {
        self.group = id.to_owned();
        self
    }

    /// The same with an earlier version.
    pub(crate) fn with_version(
        mut self,
        id: &'static str,
        alias: &'static str,
        data: Option<&str>,
    ) -> Self {
        self.versions.push((id, alias, data.map(str::to_owned)));
        self
    }

    fn metadata(&self) -> Value {
        let mut all = self.of_its_type();
        let crn = format!(
            "crn:v1:bluemix:public:secrets-manager:us-south:a/1:2:secret:{}",
            self.id
        );
        all.extend(object(json!({
            "id": self.id, "name": self.name, "secret_type": self.of_type, "crn": crn,
            "secret_group_id": self.group, "created_by": "iam-ServiceId-1", "labels": [],
            "created_at": "2026-11-05T11:22:33Z", "updated_at": "2026-11-06T11:22:33Z",
            "custom_metadata": {}, "downloaded": true, "locks_total": 0, "state": 1,
            "state_description": "active", "versions_total": 1 + self.versions.len(),
        })));
        Value::Object(all)
    }

    fn version(&self, id: &str, alias: &str, has_data: bool) -> Value {
        let mut all = self.of_its_type();
        all.extend(object(json!({
            "id": id, "alias": alias, "secret_id": self.id, "secret_name": self.name,
            "secret_type": self.of_type, "secret_group_id": self.group, "downloaded": true,
            "created_by": "iam-ServiceId-1", "created_at": "2026-11-05T11:22:33Z",
            "payload_available": has_data, "auto_rotated": false,
        })));
        Value::Object(all)
    }

    /// What only its type has, and is no secret.
    fn of_its_type(&self) -> serde_json::Map<String, Value> {
        let certificate = json!({
            "common_name": "example.com", "issuer": "Example CA", "serial_number": "12:34",
            "key_algorithm": "RSA2048", "signing_algorithm": "SHA256-RSA",
            "certificate_template": "t", "rotation": {"auto_rotate": false},
            "validity": {"not_before": "2026-11-05T11:22:33Z", "not_after": "2027-11-05T11:22:33Z"},
        });
        object(match self.of_type {
            "custom_credentials" => json!({"configuration": "engine", "parameters": {}}),
            "iam_credentials" => json!({"ttl": "1800", "reuse_api_key": true}),
            "service_credentials" => json!({"source_service": {
                "instance": {"crn": "crn:v1:1"}, "role": {"crn": "crn:v1:2"},
                "iam": {"apikey": {"name": "n", "description": "d"}},
                "resource_key": {"crn": "crn:v1:3", "name": "n"},
            }}),
            "username_password" => json!({"rotation": {"auto_rotate": false}}),
            name if name.ends_with("_cert") => certificate,
            _ => json!({}),
        })
    }
}

impl SecretsManager {
    /// Answers a request to either service.
    pub(crate) fn answer(&self, seen: &Seen) -> Reply {
        let parts = seen.parts();
        let parts: Vec<&str> = parts.iter().map(String::as_str).collect();
        let asked = match *parts.as_slice() {
            ["identity", "token"] if seen.method == "POST" => return self.log_in(&seen.form()),
            ["api", "v2", ref asked @ ..] => asked,
            _ => return Reply::new(404).with_body("<html>there is nothing here</html>"),
        };
        if seen.header("authorization") != Some(format!("Bearer {}", self.token).as_str()) {
            return refusal(401, "unauthorized");
        }
        match *asked {
            ["secret_groups"] if !self.unlisted => Reply::json(groups().to_string()),
            ["secrets"] if !self.unlisted => self.list(&seen.query()),
            ["secret_groups"] | ["secrets"] => refusal(403, "forbidden"),
            [
                "secret_groups",
                group,
                "secret_types",
                of_type,
                "secrets",
                name,
            ] => {
                let is_allowed = |c: char| c.is_ascii_alphanumeric() || "_-.".contains(c);
                let is_known = self.secrets.iter().any(|one| one.name == name);
                if !is_known && !name.chars().all(is_allowed) {
                    return refusal(400, "bad_request");
                }
                // An id does not count here.
                let is_named = matches!(group, "team" | "default");
                let group = if group == "team" { TEAM_ID } else { group };
                self.secret(|one| {
                    is_named && one.group == group && one.of_type == of_type && one.name == name
                })
            }
            ["secrets", id] => self.secret(|one| one.id == id),
            ["secrets", id, "versions", version] => self.version(id, version),
            _ => refusal(404, "not_found"),
        }
    }

    fn secret(&self, is_wanted: impl Fn(&&Stored) -> bool) -> Reply {
        match self.secrets.iter().find(is_wanted) {
            Some(found) if found.name == "forbidden" => refusal(403, "forbidden"),
            Some(found) => with_data(&found.metadata(), Some(&found.data)),
            None => refusal(404, "not_found"),
        }
    }

    fn version(&self, id: &str, version: &str) -> Reply {
        let Some(secret) = self.secrets.iter().find(|one| one.id == id) else {
            return refusal(404, "not_found");
        };
        if version == "current" {
            let current = secret.version("v-now", "current", true);
            return with_data(&current, Some(&secret.data));
        }
        if version == "odd" {
            return refusal(400, "bad_request");
        }
        let mut versions = secret.versions.iter();
        match versions.find(|(id, alias, _)| [*id, *alias].contains(&version)) {
            Some((id, alias, data)) => {
                with_data(&secret.version(id, alias, data.is_some()), data.as_ref())
            }
            None => refusal(404, "not_found"),
        }
    }

    fn list(&self, query: &BTreeMap<String, String>) -> Reply {
        let asked = |name: &str| query.get(name).map(String::as_str).unwrap_or_default();
        let number = |name: &str| asked(name).parse::<usize>().ok();
        let is_wanted = |one: &&Stored| {
            let types = asked("secret_types");
            let is_of_type = types.is_empty() || types.split(',').any(|name| name == one.of_type);
            is_of_type && one.group == asked("groups")
        };
        let all: Vec<Value> = self
            .secrets
            .iter()
            .filter(is_wanted)
            .map(Stored::metadata)
            .collect();
        let (offset, limit) = (
            number("offset").unwrap_or(0),
            number("limit").unwrap_or(200),
        );
        let limit = limit.min(self.page.unwrap_or(limit));
        let page: Vec<_> = all.iter().skip(offset).take(limit).collect();
        let link = |offset: usize| {
            let href = format!("https://example.com/api/v2/secrets?offset={offset}&limit={limit}");
            json!({"href": href})
        };
        let end = offset + page.len();
        let mut body = json!({"secrets": page, "total_count": all.len(), "limit": limit,
            "offset": offset, "first": link(0), "last": link(all.len().saturating_sub(1))});
        if end < all.len() {
            body["next"] = link(end);
        }
        Reply::json(body.to_string())
    }

    fn log_in(&self, form: &BTreeMap<String, String>) -> Reply {
        let has = |name: &str, value: &str| form.get(name).is_some_and(|found| found == value);
        let by_key = has("grant_type", "urn:ibm:params:oauth:grant-type:apikey")
            && has("response_type", "cloud_iam")
            && has("apikey", &self.api_key);
        let by_profile = has("grant_type", "urn:ibm:params:oauth:grant-type:cr-token")
            && has("cr_token", &self.account_token)
            && (has("profile_id", PROFILE) || has("profile_name", "reader"));
        if !by_key && !by_profile {
            let body = json!({"errorCode": "BXNIM0415E",
                "errorMessage": "Provided API key could not be found.", "context": {}});
            return Reply::json(body.to_string()).with_status(400);
        }
        let body = json!({"access_token": self.token, "refresh_token": "not_supported",
            "token_type": "Bearer", "expires_in": 3600, "expiration": 4_000_000_000_u64,
            "scope": "ibm openid"});
        Reply::json(body.to_string())
    }
}

fn groups() -> Value {
    let group = |id: &str, name: &str| {
        json!({"id": id, "name": name, "description": "", "created_by": "iam-ServiceId-1",
            "created_at": "2026-11-05T11:22:33Z", "updated_at": "2026-11-05T11:22:33Z"})
    };
    let all = [
        group("default", "default"),
        group(TEAM_ID, "team"),
        group(EMPTY_ID, "empty"),
    ];
    json!({"secret_groups": all, "total_count": all.len()})
}

/// An object with secret fields beside its others.
fn with_data(others: &Value, data: Option<&String>) -> Reply {
    let others = others.to_string();
    match data.filter(|data| !data.is_empty()) {
        Some(data) => Reply::json(format!("{{{data},{}", &others[1..])),
        None => Reply::json(others),
    }
}

fn refusal(status: u16, code: &str) -> Reply {
    let body = json!({"errors": [{"code": code, "message": "it is refused"}],
        "trace": "2c5c6b1e", "status_code": status});
    Reply::json(body.to_string()).with_status(status)
}

fn object(value: Value) -> serde_json::Map<String, Value> {
    match value {
        Value::Object(entries) => entries,
        _ => serde_json::Map::new(),
    }
}
