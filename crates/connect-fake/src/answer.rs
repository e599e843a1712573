//! Answers, before they are HTTP.

use serde_json::{Value, json};

/// A status, headers and a body.
#[derive(Debug)]
pub(crate) struct Answer {
    pub(crate) status: u16,
    pub(crate) headers: Vec<(&'static str, String)>,
    pub(crate) body: Vec<u8>,
}

impl Answer {
    pub(crate) fn json(body: &Value) -> Answer {
        Answer::typed(200, "application/json", body.to_string())
    }

    /// Connect's only error body.
    pub(crate) fn error(status: u16, message: impl Into<String>) -> Answer {
        let body = json!({"status": status, "message": message.into()});
        Answer::typed(status, "application/json", body.to_string())
    }

    pub(crate) fn text(body: impl Into<String>) -> Answer {
        Answer::typed(200, "text/plain; charset=utf-8", body)
    }

    pub(crate) fn typed(status: u16, content_type: &str, body: impl Into<String>) -> Answer {
        Answer {
            status,
            headers: vec![("content-type", content_type.to_owned())],
            body: body.into().into_bytes(),
        }
    }

    pub(crate) fn with_header(mut self, name: &'static str, value: impl Into<String>) -> Answer {
        self.headers.push((name, value.into()));
        self
    }
}
