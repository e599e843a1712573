//! What an API server answers, as far as it is used.

use std::collections::BTreeMap;

use crate::format::base64::Decoded;

/// A Secret.
#[derive(Debug, serde::Deserialize)]
pub(super) struct Object {
    pub(super) kind: String,
    /// What its data are for.
    #[serde(default, rename = "type")]
    data_kind: Option<String>,
    pub(super) metadata: Metadata,
    #[serde(default)]
    pub(super) data: Option<BTreeMap<String, Decoded>>,
}

#[derive(Debug, serde::Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Metadata {
    pub(super) name: String,
    pub(super) namespace: String,
    #[serde(default)]
    pub(super) resource_version: Option<String>,
    #[serde(default)]
    labels: Option<BTreeMap<String, String>>,
}

/// What went wrong. What the server says about it is not kept.
#[derive(serde::Deserialize)]
pub(super) struct Status {
    kind: String,
    #[serde(default)]
    reason: Option<String>,
    #[serde(default)]
    details: Option<Details>,
}

#[derive(serde::Deserialize)]
struct Details {
    #[serde(default)]
    kind: Option<String>,
}

impl Status {
    /// Whether this says that there is no such Secret, rather than no such API.
    pub(super) fn is_missing_secret(&self) -> bool {
        let of = self
            .details
            .as_ref()
            .and_then(|details| details.kind.as_deref());
        self.kind == "Status" && self.reason.as_deref() == Some("NotFound") && of == Some("secrets")
    }
}

impl Object {
    /// The type of the Secret, such as `Opaque`.
    pub(super) fn kind_of_data(&self) -> &str {
        self.data_kind.as_deref().unwrap_or_default()
    }

    /// Whether it has a label with this value.
    pub(super) fn has_label(&self, name: &str, value: &str) -> bool {
        let labels = self.metadata.labels.as_ref();
        labels
            .and_then(|labels| labels.get(name))
            .is_some_and(|found| found == value)
    }

    /// Whether it holds what Argo CD itself logs in with: clusters, repositories, and the key that
    /// its sessions are signed with. No app may read these (rule R7).
    pub(super) fn is_argo_cds(&self) -> bool {
        let labelled = self
            .metadata
            .labels
            .as_ref()
            .is_some_and(|labels| labels.contains_key("argocd.argoproj.io/secret-type"));
        labelled || self.metadata.name == "argocd-secret"
    }
}
