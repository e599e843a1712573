//! Where credentials say that the token of another platform is.

use std::collections::BTreeMap;

use serde::Deserialize;
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
    /// Of AWS, as are the next ones.
    #[serde(default)]
    environment_id: Option<String>,
    #[serde(default)]
    region_url: Option<String>,
    #[serde(default)]
    regional_cred_verification_url: Option<String>,
    #[serde(default)]
    imdsv2_session_token_url: Option<String>,
    #[serde(default)]
    certificate: Option<Certificate>,
}

/// How a token is written: as it is, or in a field of a JSON object.
#[derive(Default, Deserialize)]
struct Format {
    #[serde(default, rename = "type")]
    kind: Option<String>,
    #[serde(default)]
    subject_token_field_name: Option<String>,
}

/// A certificate that a file of its own names: that of the settings or another one.
#[derive(Deserialize)]
pub(super) struct Certificate {
    #[serde(default)]
    use_default_certificate_config: bool,
    #[serde(default)]
    pub(super) certificate_config_location: Option<String>,
    #[serde(default)]
    pub(super) trust_chain_path: Option<String>,
}

/// What shows who this workload is.
pub(super) struct Proof {
    pub(super) token: Zeroizing<String>,
    /// A certificate and its key in PEM, to log in with by TLS.
    pub(super) identity: Option<Zeroizing<String>>,
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
    Aws(OfAws),
    Certificate(Certificate),
}

/// How it is shown who this is on AWS.
pub(super) struct OfAws {
    /// The address of STS, with `{region}` in it.
    pub(super) verification: String,
    /// What is asked where the settings have no access key, or no region.
    pub(super) metadata: Metadata,
}

/// The addresses of the machine's metadata.
#[derive(Default)]
pub(super) struct Metadata {
    pub(super) role: Option<Url>,
    pub(super) zone: Option<Url>,
    pub(super) token: Option<Url>,
}

impl Subject {
    /// The source as it is written; `None` if it is one that is not read here, or several.
    pub(super) fn of(source: Source) -> Option<Self> {
        let is_elsewhere = source.file.is_some() || source.executable.is_some();
        if let Some(certificate) = source.certificate {
            let is_alone = !is_elsewhere && source.url.is_none() && source.environment_id.is_none();
            let is_one = certificate.use_default_certificate_config
                != certificate.certificate_config_location.is_some();
            return (is_alone && is_one).then_some(Subject::Certificate(certificate));
        }
        if let Some(id) = &source.environment_id {
            return if id == "aws1" && !is_elsewhere {
                OfAws::of(source).map(Subject::Aws)
            } else {
                None
            };
        }
        let field = match source.format.kind.as_deref() {
            None | Some("" | "text") => None,
            Some("json") => Some(source.format.subject_token_field_name?),
            Some(_) => return None,
        };
        match (source.file, source.url, source.executable) {
            (Some(name), None, None) => Some(Subject::File { name, field }),
            (None, Some(text), None) => {
                let (url, headers) = (address(&text)?, source.headers);
                Some(Subject::Url {
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

impl OfAws {
    fn of(source: Source) -> Option<Self> {
        let read = |text: Option<String>| match text {
            Some(text) => address(&text).map(Some),
            None => Some(None),
        };
        let verification = source.regional_cred_verification_url?;
        address(&verification.replace("{region}", "us-east-1"))?;
        Some(OfAws {
            verification,
            metadata: Metadata {
                role: read(source.url)?,
                zone: read(source.region_url)?,
                token: read(source.imdsv2_session_token_url)?,
            },
        })
    }
}

/// An address of a server.
fn address(text: &str) -> Option<Url> {
    let url = Url::parse(text).ok()?;
    let is_http = matches!(url.scheme(), "http" | "https") && url.has_host();
    is_http.then_some(url)
}
