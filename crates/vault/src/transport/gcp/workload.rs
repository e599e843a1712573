//! The token that another platform has given this workload.

use std::path::Path;

use serde_json::value::RawValue;
use zeroize::Zeroizing;

use super::external::External;
use super::subject::{Proof, Subject};
use super::wire::Wire;
use super::{aws_identity, certificate, executable};
use crate::transport::text_file;
use crate::{RunContext, Settings, VaultError};

/// Credentials of another platform, and where they are.
pub(super) struct Workload<'a> {
    pub(super) external: &'a External,
    /// The folder of their file.
    pub(super) folder: &'a Path,
    pub(super) settings: &'a Settings,
    pub(super) home: Option<&'a Path>,
    pub(super) wire: &'a Wire,
    pub(super) run: &'a RunContext,
}

impl Workload<'_> {
    /// The token, anew for each login, since platforms replace it now and then.
    pub(super) async fn proof(&self) -> Result<Proof, VaultError> {
        let token = match &self.external.subject {
            Subject::Certificate(certificate) => {
                let place = certificate::Place {
                    folder: self.folder,
                    settings: self.settings,
                    home: self.home,
                };
                return certificate.proof(&place, self.run);
            }
            Subject::File { name, field } => {
                let path = self.folder.join(name);
                let place = path.display().to_string();
                let text = text_file::read(&path).map_err(|unread| {
                    VaultError::configuration(unread.message()).with_name(&*place)
                })?;
                token_in(&text, field.as_deref(), &place)
            }
            Subject::Url {
                url,
                headers,
                field,
            } => {
                let place = url.origin().ascii_serialization();
                let mut request = self.wire.near_or_far(url)?.get(url.clone());
                for (name, value) in headers {
                    self.run.remember_login(value);
                    request = request.header(name, value);
                }
                let answer = self.wire.send(request, url, self.run).await?;
                let text = Zeroizing::new(answer.text()?.to_owned());
                token_in(&text, field.as_deref(), &place)
            }
            Subject::Program(executable) => {
                let program = executable::Run {
                    executable,
                    external: self.external,
                    folder: self.folder,
                    settings: self.settings,
                    run: self.run,
                };
                executable::token(&program).await
            }
            Subject::Aws(source) => {
                let shown = aws_identity::Shown {
                    source,
                    audience: &self.external.audience,
                    settings: self.settings,
                    wire: self.wire,
                    run: self.run,
                };
                aws_identity::token(&shown).await
            }
        };
        Ok(Proof {
            token: token?,
            identity: None,
        })
    }
}

/// A token as it is, or in a field of a JSON object.
fn token_in(text: &str, field: Option<&str>, place: &str) -> Result<Zeroizing<String>, VaultError> {
    let token = match field {
        None => Some(Zeroizing::new(text.trim().to_owned())),
        Some(field) => {
            let fields: Option<std::collections::BTreeMap<String, &RawValue>> =
                serde_json::from_str(text).ok();
            let value = fields.as_ref().and_then(|fields| fields.get(field));
            value.and_then(|value| serde_json::from_str(value.get()).ok())
        }
    };
    let token: Option<Zeroizing<String>> = token.filter(|token| !token.is_empty());
    token.ok_or_else(|| {
        VaultError::configuration("there is no token of this workload in {}").with_name(place)
    })
}
