//! What the service answers, as far as it is used.

use serde::Deserialize;
use zeroize::Zeroizing;

use crate::format::json_object;
use crate::shared::Shareable;
use crate::{Keys, Secret, SecretValue};

/// The key of the whole text of a parameter.
const VALUE: &str = "Value";

/// A parameter.
#[derive(Clone, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(super) struct Parameter {
    pub(super) name: String,
    #[serde(default, rename = "ARN")]
    pub(super) arn: String,
    /// The version or label that it was asked for by, with its colon, if the server says it.
    #[serde(default)]
    selector: String,
    value: Zeroizing<String>,
    #[serde(default)]
    version: Option<u64>,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(super) struct Parameters {
    pub(super) parameters: Vec<Parameter>,
    /// The names that there are no parameters for.
    #[serde(default)]
    pub(super) invalid_parameters: Vec<String>,
}

/// A part of a folder.
#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(super) struct Page {
    pub(super) parameters: Vec<Parameter>,
    #[serde(default)]
    pub(super) next_token: Option<String>,
}

/// What a path leads to.
pub(super) enum Content {
    Parameter(Parameter),
    /// The parameters of a folder, by their names in it.
    Folder(Vec<(String, Parameter)>),
}

impl Shareable for Content {}

impl Parameter {
    /// Whether it is the version or label that was asked for. A call has each name once.
    pub(super) fn has(&self, selector: Option<&str>) -> bool {
        match (selector, self.selector.strip_prefix(':')) {
            (asked, Some(own)) => asked == Some(own),
            (None, None) => true,
            (Some(asked), None) => match asked.parse::<u64>() {
                Ok(version) => self.version == Some(version),
                Err(_) => true,
            },
        }
    }
}

impl Content {
    /// The wanted keys: of a parameter those of the JSON object that it is, or `Value`; of a folder
    /// the names of its parameters.
    pub(super) fn secret(&self, keys: &Keys) -> Secret {
        match self {
            Content::Parameter(parameter) => {
                let secret = json_object::secret(&parameter.value, VALUE, keys);
                match parameter.version {
                    Some(version) => secret.with_version(version.to_string()),
                    None => secret,
                }
            }
            Content::Folder(parameters) => {
                let mut secret = Secret::new();
                for (name, parameter) in parameters {
                    if keys.wants(name) {
                        let value = SecretValue::text(parameter.value.as_str());
                        secret.insert(name.as_str(), Ok(value));
                    }
                }
                secret.with_names(parameters.iter().map(|(name, _)| name.as_str()))
            }
        }
    }

    /// Whether all of these keys are there.
    pub(super) fn has(&self, keys: &Keys) -> bool {
        let Keys::Names(names) = keys else {
            return true;
        };
        let secret = self.secret(keys);
        names.iter().all(|name| secret.value(name).is_some())
    }
}
