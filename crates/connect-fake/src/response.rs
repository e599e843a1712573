//! Responses, before they are HTTP.

use serde_json::{Value, json};

/// A status, headers and a body.
#[derive(Debug)]
pub(crate) struct Response {
    pub(crate) status: u16,
    pub(crate) headers: Vec<(&'static str, String)>,
    pub(crate) body: Vec<u8>,
}

impl Response {
    pub(crate) fn json(body: &Value) -> Response {
        Response::typed(200, "application/json", body.to_string())
    }

    /// Connect's only error body.
    pub(crate) fn error(status: u16, message: impl Into<String>) -> Response {
        let body = json!({"status": status, "message": message.into()});
        Response::typed(status, "application/json", body.to_string())
    }

    pub(crate) fn text(body: impl Into<String>) -> Response {
        Response::typed(200, "text/plain; charset=utf-8", body)
    }

    pub(crate) fn typed(status: u16, content_type: &str, body: impl Into<String>) -> Response {
        Response {
            status,
            headers: vec![("content-type", content_type.to_owned())],
            body: body.into().into_bytes(),
        }
    }

    pub(crate) fn with_header(mut self, name: &'static str, value: impl Into<String>) -> Response {
        self.headers.push((name, value.into()));
        self
    }
}
