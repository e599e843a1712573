//! Where credentials say that the token of another platform is.

use std::collections::BTreeMap;

use serde::Deserialize;
use serde::de::IgnoredAny;
use zeroize::Zeroizing;

use crate::transport::http::Url;

/// The source of a token, as it is written. Exactly one of them is there.
#[derive(Deserialize)]
pub(super) struct Source {
    #[serde(default)]
    file: Option<String>,
    #[serde(default)]
    url: Option<String>,
    #[serde(default)]
    headers: BTreeMap<String, Zeroizing<String>>,
    #[serde(default)]
    format: Format,
    #[serde(default)]
    executable: Option<Executable>,
    /// Of AWS.
    #[serde(default)]
    environment_id: Option<IgnoredAny>,
    #[serde(default)]
    certificate: Option<IgnoredAny>,
}

/// How a token is written: as it is, or in a field of a JSON object.
#[derive(Default, Deserialize)]
struct Format {
    #[serde(default, rename = "type")]
    kind: Option<String>,
    #[serde(default)]
    subject_token_field_name: Option<String>,
}

/// A program that prints a token.
#[derive(Deserialize)]
pub(super) struct Executable {
    pub(super) command: String,
    #[serde(default)]
    pub(super) timeout_millis: Option<u64>,
    #[serde(default)]
    pub(super) output_file: Option<String>,
}

/// The source of a token.
pub(super) enum Subject {
    File {
        name: String,
        field: Option<String>,
    },
    Url {
        url: Url,
        headers: BTreeMap<String, Zeroizing<String>>,
        field: Option<String>,
    },
    Program(Executable),
}

impl Subject {
    /// The source as it is written; `None` if it is one that is not read here, or several.
    pub(super) fn of(source: Source) -> Option<Self> {
        if source.environment_id.is_some() || source.certificate.is_some() {
            return None;
        }
        let field = match source.format.kind.as_deref() {
            None | Some("" | "text") => None,
            Some("json") => Some(source.format.subject_token_field_name?),
            Some(_) => return None,
        };
        match (source.file, source.url, source.executable) {
            (Some(name), None, None) => Some(Subject::File { name, field }),
            (None, Some(text), None) => {
                let url = Url::parse(&text).ok()?;
                let is_http = matches!(url.scheme(), "http" | "https") && url.has_host();
                let headers = source.headers;
                is_http.then_some(Subject::Url {
                    url,
                    headers,
                    field,
                })
            }
            (None, None, Some(executable)) => Some(Subject::Program(executable)),
            _ => None,
        }
    }
}
