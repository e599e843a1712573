//! The form of requests, which the operator's settings fix.

use std::collections::BTreeMap;

use percent_encoding::{NON_ALPHANUMERIC, utf8_percent_encode};
use zeroize::Zeroizing;

use super::path::parts;
use super::template::{MOST, Places, Template};
use crate::transport::http::{Method, Url, address, below};
use crate::{Settings, VaultError, VaultErrorKind};

/// Headers that say what a request is, to which host and how long; no setting says otherwise.
const FIXED_HEADERS: [&str; 5] = [
    "host",
    "content-length",
    "content-type",
    "connection",
    "transfer-encoding",
];

/// A request for any path. It has no `Debug`: headers and body hold a login.
pub(super) struct Form {
    pub(super) method: Method,
    /// Scheme, host and port.
    base: Url,
    segments: Vec<Template>,
    /// Whether a slash ends the path of the address.
    ends_with_slash: bool,
    query: Option<Template>,
    headers: Vec<(String, Template)>,
    body: Option<Template>,
    pub(super) places: Places,
}

/// A request for one path.
pub(super) struct Filled {
    pub(super) url: Url,
    pub(super) headers: Vec<(String, Zeroizing<String>)>,
    pub(super) body: Option<Zeroizing<String>>,
}

impl Form {
    /// Reads the settings.
    ///
    /// # Errors
    /// If one of them cannot be used; nothing of their values is shown.
    pub(super) fn from_settings(settings: &Settings) -> Result<Self, VaultError> {
        let address = Address::from_settings(settings);
        let parts = VaultError::both(headers(settings), body(settings));
        let (mut address, (headers, body)) = VaultError::both(address, parts)?;
        let method = match settings.value("MANIFILL_HTTP_METHOD") {
            None if body.is_some() => Method::POST,
            None => Method::GET,
            Some("POST") => Method::POST,
            Some("GET") if body.is_none() => Method::GET,
            Some(_) => {
                let message = "MANIFILL_HTTP_METHOD is neither GET nor POST, or GET with a body";
                return Err(VaultError::configuration(message));
            }
        };
        let mut places = Places::default();
        let named = headers.iter().map(|(_, value)| value);
        let all = address
            .segments
            .iter()
            .chain(&address.query)
            .chain(named)
            .chain(&body);
        all.for_each(|template| template.note(&mut places));
        if places.gap().is_some() {
            let message = "MANIFILL_HTTP_URL leaves out a part of the path";
            return Err(VaultError::configuration(message)
                .with_hint("write {path}, or {1}, {2} and so on for all of its parts"));
        }
        if places.is_empty() {
            address.put_path_last();
            places.path = true;
        }
        let Address {
            base,
            segments,
            ends_with_slash,
            query,
        } = address;
        Ok(Form {
            method,
            base,
            segments,
            ends_with_slash,
            query,
            headers,
            body,
            places,
        })
    }

    /// Scheme, host and port, for messages.
    pub(super) fn origin(&self) -> String {
        self.base.origin().ascii_serialization()
    }

    /// The request for a path.
    ///
    /// # Errors
    /// If a header cannot hold a part, or the address would be another host's.
    pub(super) fn fill(&self, path: &str) -> Result<Filled, VaultError> {
        let wrong =
            |message| VaultError::new(VaultErrorKind::InvalidRequest, message).with_name(path);
        let parts: Vec<&str> = parts(path).collect();
        let mut segments: Vec<Zeroizing<String>> = Vec::new();
        for segment in &self.segments {
            if segment.is_path() {
                segments.extend(parts.iter().map(|part| Zeroizing::new((*part).to_owned())));
            } else {
                segments.push(segment.fill(&parts, str::to_owned));
            }
        }
        let mut url = below(&self.base, segments.iter().map(|segment| segment.as_str()))?;
        if self.ends_with_slash && !url.path().ends_with('/') {
            let path = format!("{}/", url.path());
            url.set_path(&path);
        }
        let query = self.query.as_ref().map(|query| query.fill(&parts, escaped));
        url.set_query(query.as_ref().map(|query| query.as_str()));
        // No part of a path reaches the host, and it is looked at all the same (rule R7).
        if url.origin() != self.base.origin() {
            return Err(wrong("the path {} would lead to another host"));
        }
        let in_headers = |c: char| c.is_ascii_alphanumeric() || matches!(c, '_' | '.' | '/' | '-');
        let mut headers = Vec::new();
        for (name, template) in &self.headers {
            let mut used = Places::default();
            template.note(&mut used);
            if !used.is_empty() && !path.chars().all(in_headers) {
                return Err(
                    wrong("the path {} has a character that a header may not have")
                        .with_hint("letters, digits, `_`, `.`, `/` and `-` may stand in a header"),
                );
            }
            headers.push((name.clone(), template.fill(&parts, str::to_owned)));
        }
        Ok(Filled {
            url,
            headers,
            body: self.body.as_ref().map(|body| body.fill(&parts, in_json)),
        })
    }
}

/// The address, taken apart before anything is put into it.
struct Address {
    base: Url,
    segments: Vec<Template>,
    ends_with_slash: bool,
    query: Option<Template>,
}

impl Address {
    fn from_settings(settings: &Settings) -> Result<Self, VaultError> {
        const EXAMPLE: &str =
            "it must be a URL such as https://vault.example.com/api/secrets/{path}";
        let wrong = |message| VaultError::configuration(message).with_hint(EXAMPLE);
        let text = settings
            .value("MANIFILL_HTTP_URL")
            .ok_or_else(|| wrong("MANIFILL_HTTP_URL is not set"))?;
        let no_url = || wrong("MANIFILL_HTTP_URL is not the URL of a service");
        let host = text
            .find("://")
            .map(|at| at + "://".len())
            .ok_or_else(no_url)?;
        let rest = text.get(host..).unwrap_or_default();
        let end = host + rest.find(['/', '?', '#']).unwrap_or(rest.len());
        let (base, rest) = text.split_at_checked(end).ok_or_else(no_url)?;
        let base = address::parse(base).filter(|_| !base.contains('{'));
        let base = base.ok_or_else(no_url)?;
        let (path, query) = match rest.split_once('?') {
            Some((path, query)) => (path, Some(query)),
            None => (rest, None),
        };
        // An escape would be escaped once more.
        if rest.contains('#') || path.contains(['%', '\\']) {
            return Err(no_url());
        }
        let path = path.strip_prefix('/').unwrap_or(path);
        let (path, ends_with_slash) = match path.strip_suffix('/') {
            Some(path) => (path, true),
            None => (path, false),
        };
        let segments: Vec<&str> = path.split('/').filter(|_| !path.is_empty()).collect();
        if segments
            .iter()
            .any(|segment| matches!(*segment, "" | "." | ".."))
        {
            return Err(no_url());
        }
        Ok(Address {
            base,
            segments: segments.into_iter().map(Template::parse).collect(),
            ends_with_slash,
            query: query.map(Template::parse),
        })
    }

    /// Makes a place for the path where there is none.
    fn put_path_last(&mut self) {
        self.segments.push(Template::parse("{path}"));
        self.ends_with_slash = false;
    }
}

fn headers(settings: &Settings) -> Result<Vec<(String, Template)>, VaultError> {
    let Some(text) = settings.value("MANIFILL_HTTP_HEADERS") else {
        return Ok(Vec::new());
    };
    let wrong = || {
        VaultError::configuration("MANIFILL_HTTP_HEADERS is not a JSON map of headers")
            .with_hint("write {\"Authorization\": \"Bearer …\"}; Host and the headers about the body are not for it")
    };
    let map: BTreeMap<String, String> = serde_json::from_str(text).map_err(|_| wrong())?;
    let mut headers = Vec::new();
    for (name, value) in map {
        let value = Zeroizing::new(value);
        let is_part = |byte: u8| byte.is_ascii_alphanumeric() || b"-_".contains(&byte);
        let is_name = !name.is_empty() && name.bytes().all(is_part);
        let is_fixed = FIXED_HEADERS
            .iter()
            .any(|fixed| name.eq_ignore_ascii_case(fixed));
        if !is_name || is_fixed || value.contains(char::is_control) {
            return Err(wrong());
        }
        headers.push((name, Template::parse(&value)));
    }
    Ok(headers)
}

fn body(settings: &Settings) -> Result<Option<Template>, VaultError> {
    let Some(text) = settings.value("MANIFILL_HTTP_BODY") else {
        return Ok(None);
    };
    let template = Template::parse(text);
    // Places stand in texts only: anywhere else a part of a path could become more than a text.
    let sample = template.fill(&["x"; MOST], str::to_owned);
    match serde_json::from_str::<serde::de::IgnoredAny>(&sample) {
        Ok(_) => Ok(Some(template)),
        Err(_) => Err(VaultError::configuration(
            "MANIFILL_HTTP_BODY is not JSON with texts for the path",
        )
        .with_hint("write {\"name\": \"{path}\"}, with quotes around the place")),
    }
}

fn escaped(part: &str) -> String {
    utf8_percent_encode(part, NON_ALPHANUMERIC).to_string()
}

/// A text as it stands between the quotes of JSON.
fn in_json(part: &str) -> String {
    let quoted = serde_json::to_string(part).unwrap_or_default();
    let inner = quoted.get(1..quoted.len().saturating_sub(1));
    inner.unwrap_or_default().to_owned()
}
