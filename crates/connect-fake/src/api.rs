//! The API under `/v1`, for reading.

use serde_json::{Value, json};

use crate::data::{Data, File, Item, Vault, is_id};
use crate::filter::Filter;
use crate::log::{Entry, Log};
use crate::query::{Query, segment};
use crate::response::Response;
use crate::time;
use crate::token::Token;
use crate::view::{self, Files};

/// The options that shape answers.
#[derive(Debug)]
pub(crate) struct Switches {
    pub(crate) filters_ignore_case: bool,
    pub(crate) content_path_slash: bool,
    pub(crate) inline_limit: usize,
}

/// What answers an API request.
pub(crate) struct Api<'a> {
    pub(crate) data: &'a Data,
    pub(crate) tokens: &'a [Token],
    pub(crate) log: &'a Log,
    pub(crate) switches: &'a Switches,
}

/// One API request.
pub(crate) struct Call<'a> {
    pub(crate) method: &'a str,
    /// The path after `/v1/`.
    pub(crate) path: &'a str,
    pub(crate) query: &'a Query,
    pub(crate) authorization: Option<&'a str>,
}

impl Api<'_> {
    pub(crate) fn answer(&self, call: &Call) -> Response {
        self.route(call).unwrap_or_else(|refusal| refusal)
    }

    fn route(&self, call: &Call) -> Result<Response, Response> {
        let token = self.token(call.authorization)?;
        let segments: Vec<String> = call.path.split('/').map(segment).collect();
        let segments: Vec<&str> = segments.iter().map(String::as_str).collect();
        let (vault, rest) = match segments.as_slice() {
            ["vaults"] | ["vaults", ""] => {
                only_get(call)?;
                return self.vaults(token, call.query);
            }
            ["vaults", vault, rest @ ..] => (self.vault(token, vault)?, rest),
            ["activity"] | ["activity", ""] => {
                only_get(call)?;
                return Ok(self.activity(call.query));
            }
            _ => return Err(Response::error(404, "not found")),
        };
        refuse_write(call, &vault.id)?;
        let files = Files {
            vault: &vault.id,
            leading_slash: self.switches.content_path_slash,
            inline_limit: self.switches.inline_limit,
        };
        let inline = call.query.on("inline_files") || call.query.on("inline_content");
        match rest {
            [] => Ok(Response::json(&view::vault(vault))),
            ["items"] | ["items", ""] => self.items(vault, call.query),
            ["items", item] => Ok(Response::json(&view::item(find_item(vault, item)?, &files))),
            ["items", item, "files"] | ["items", item, "files", ""] => {
                Ok(Response::json(&files.list(find_item(vault, item)?, inline)))
            }
            ["items", item, "files", file] => {
                let item = find_item(vault, item)?;
                let file = find_file(item, file)?;
                if inline && !files.fits(file) {
                    return Err(Response::error(413, TOO_LARGE));
                }
                Ok(Response::json(&files.file(item, file, inline)))
            }
            ["items", item, "files", file, "content"] => {
                Ok(content(find_file(find_item(vault, item)?, file)?))
            }
            _ => Err(Response::error(404, "not found")),
        }
    }

    fn token(&self, authorization: Option<&str>) -> Result<&Token, Response> {
        let text = authorization
            .and_then(|value| value.strip_prefix("Bearer "))
            .ok_or_else(|| Response::error(401, "Invalid bearer token"))?;
        self.tokens
            .iter()
            .find(|token| token.text() == text)
            .ok_or_else(|| Response::error(401, "Invalid token signature"))
    }

    /// Finds a vault. One that the token does not cover is out of scope whether it exists or not.
    fn vault(&self, token: &Token, id: &str) -> Result<&Vault, Response> {
        if !is_id(id) {
            return Err(Response::error(400, "Invalid Vault UUID"));
        }
        match self.data.vault(id).filter(|_| token.covers(id)) {
            Some(vault) => Ok(vault),
            None if token.names(id) => Err(Response::error(404, format!("vault {id} not found"))),
            None => Err(Response::error(403, format!("vault {id} is not in scope"))),
        }
    }

    fn vaults(&self, token: &Token, query: &Query) -> Result<Response, Response> {
        let filter = self.filter(query, &["name", "title"])?;
        let list: Value = self
            .data
            .vaults
            .iter()
            .filter(|vault| token.covers(&vault.id))
            .filter(|vault| {
                filter
                    .as_ref()
                    .is_none_or(|filter| filter.accepts(&vault.name))
            })
            .map(view::vault)
            .collect();
        Ok(Response::json(&list))
    }

    fn items(&self, vault: &Vault, query: &Query) -> Result<Response, Response> {
        let filter = self.filter(query, &["title", "tag"])?;
        let accepts = |item: &&Item| match &filter {
            None => true,
            Some(filter) if filter.attribute() == "title" => filter.accepts(&item.title),
            Some(filter) => item
                .json
                .get("tags")
                .and_then(Value::as_array)
                .into_iter()
                .flatten()
                .filter_map(Value::as_str)
                .any(|tag| filter.accepts(tag)),
        };
        let list: Value = vault
            .items
            .iter()
            .filter(accepts)
            .map(view::summary)
            .collect();
        Ok(Response::json(&list))
    }

    fn filter(&self, query: &Query, attributes: &[&str]) -> Result<Option<Filter>, Response> {
        let Some(text) = query.value("filter").filter(|text| !text.is_empty()) else {
            return Ok(None);
        };
        Filter::parse(text, attributes, self.switches.filters_ignore_case)
            .map(Some)
            .ok_or_else(|| Response::error(400, "Invalid filter"))
    }

    /// The answered API requests, newest first, as the activity report has them.
    fn activity(&self, query: &Query) -> Response {
        let number = |name, otherwise| {
            query
                .value(name)
                .and_then(|text| text.parse().ok())
                .unwrap_or(otherwise)
        };
        let (limit, offset): (usize, usize) = (number("limit", 50), number("offset", 0));
        let (list, total) = self.log.read(|entries| {
            let known: Vec<Value> = entries.iter().rev().filter_map(action).collect();
            let total = known.len();
            let list: Vec<Value> = known.into_iter().skip(offset).take(limit).collect();
            (list, total)
        });
        let range = match list.len() {
            0 => format!("*/{total}"),
            length => format!("{}-{}/{total}", offset + 1, offset + length),
        };
        Response::json(&Value::Array(list)).with_header("content-range", range)
    }
}

const TOO_LARGE: &str = "File is too large to inline in request. Use the \
    /v1/vaults/{vaultUUID}/items/{itemUUID}/files/{fileUUID}/content endpoint instead.";

/// One entry of the activity report; `None` for what is none of the API's.
fn action(entry: &Entry) -> Option<Value> {
    let path = entry.request.path.strip_prefix("/v1/")?;
    let result = match entry.request.status? {
        200..=299 => "SUCCESS",
        _ => "DENY",
    };
    let segments: Vec<&str> = path.split('/').collect();
    let resource = match segments.as_slice() {
        ["vaults", vault, "items", item, ..] if !item.is_empty() => {
            json!({"type": "ITEM", "vault": {"id": vault}, "item": {"id": item}})
        }
        ["vaults", vault, ..] if !vault.is_empty() => {
            json!({"type": "VAULT", "vault": {"id": vault}})
        }
        _ => json!({"type": "VAULT"}),
    };
    let agent = entry
        .request
        .headers
        .iter()
        .find(|(name, _)| name == "user-agent");
    Some(json!({
        "requestId": format!("6b6f2c1e-0000-4000-8000-{:012}", entry.number),
        "timestamp": time::rfc3339(entry.seconds),
        "action": "READ",
        "result": result,
        "actor": {
            "id": "FAKESERVER",
            "account": "FAKEACCOUNT",
            "jti": "faketoken",
            "userAgent": agent.map_or("", |(_, value)| value),
            "requestIp": "127.0.0.1",
        },
        "resource": resource,
    }))
}

fn find_item<'v>(vault: &'v Vault, id: &str) -> Result<&'v Item, Response> {
    if !is_id(id) {
        return Err(Response::error(400, "Invalid Item UUID"));
    }
    vault
        .item(id)
        .ok_or_else(|| Response::error(404, format!("item {id} not found")))
}

fn find_file<'i>(item: &'i Item, id: &str) -> Result<&'i File, Response> {
    if !is_id(id) {
        return Err(Response::error(400, "Invalid File UUID"));
    }
    item.files
        .iter()
        .find(|file| file.id == id)
        .ok_or_else(|| Response::error(404, format!("file {id} not found")))
}

fn content(file: &File) -> Response {
    let name: String = file
        .name
        .chars()
        .map(|char| {
            if char.is_control() || char == '"' || char == '\\' {
                '_'
            } else {
                char
            }
        })
        .collect();
    Response {
        status: 200,
        headers: vec![
            ("content-type", "application/octet-stream".to_owned()),
            (
                "content-disposition",
                format!("attachment; filename=\"{name}\""),
            ),
        ],
        body: file.bytes.clone(),
    }
}

/// The tokens of this server read only.
fn refuse_write(call: &Call, vault: &str) -> Result<(), Response> {
    let deed = match call.method {
        "POST" => "create",
        "PUT" | "PATCH" => "update",
        "DELETE" => "delete",
        _ => return only_get(call),
    };
    Err(Response::error(
        403,
        format!("Authorization: token does not have permission to perform {deed} on vault {vault}"),
    ))
}

fn only_get(call: &Call) -> Result<(), Response> {
    match call.method {
        "GET" => Ok(()),
        _ => Err(Response::error(405, "Method Not Allowed")),
    }
}
