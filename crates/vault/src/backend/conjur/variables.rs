//! Reads of variables: many at once, one alone, and which there are.

use std::collections::{BTreeMap, BTreeSet};

use futures_util::stream::{self, StreamExt as _};

use super::client::Session;
use super::model::{Resource, encoded_value, value};
use super::path::is_dynamic;
use crate::format::raw_json::Map;
use crate::shared::Shareable;
use crate::transport::http::Answer;
use crate::{SecretValue, VaultError, VaultErrorKind};

/// How long the ids of one request may be: servers and what stands before them limit an address.
const MOST: usize = 6000;

/// What each id stands for; `None` for a variable that does not exist or has no value.
pub(super) type ValuesById = BTreeMap<String, Result<Option<SecretValue>, VaultError>>;

/// What was found for the variables that a run wants.
pub(super) struct Values(pub(super) ValuesById);

impl Shareable for Values {
    fn may_be_shared(&self) -> bool {
        let is_for_all = |(id, value): (&String, &Result<Option<SecretValue>, VaultError>)| {
            matches!(value, Ok(Some(_))) && !is_dynamic(id)
        };
        self.0.iter().all(is_for_all)
    }
}

impl Session<'_> {
    /// Reads variables in as few requests as there can be.
    ///
    /// # Errors
    /// If the server cannot answer; what is wrong with one variable is among the values.
    pub(super) async fn values(&self, ids: &BTreeSet<String>) -> Result<Values, VaultError> {
        let (alone, together): (Vec<_>, Vec<_>) = ids.iter().partition(|id| id.contains(','));
        let mut found = ValuesById::new();
        for chunk in self.chunks(&together) {
            match self.batch(&chunk).await? {
                Some(values) => found.extend(values),
                // The answer is for all or for none, and says only which is the first.
                None => found.extend(self.each(&chunk).await?),
            }
        }
        found.extend(self.each(&alone).await?);
        Ok(Values(found))
    }

    /// Parts of the ids whose addresses are not too long.
    fn chunks<'i>(&self, ids: &[&'i String]) -> Vec<Vec<&'i String>> {
        let mut chunks: Vec<Vec<&String>> = Vec::new();
        let mut length = MOST;
        for id in ids {
            let own = escaped_length(&self.full_id(id)) + 3;
            length += own;
            if length > MOST {
                chunks.push(Vec::new());
                length = own;
            }
            if let Some(chunk) = chunks.last_mut() {
                chunk.push(id);
            }
        }
        chunks
    }

    /// The values of variables; `None` if there is something about one of them.
    async fn batch(&self, ids: &[&String]) -> Result<Option<ValuesById>, VaultError> {
        let full: Vec<String> = ids.iter().map(|id| self.full_id(id)).collect();
        let mut url = self.client.url(["secrets"])?;
        url.query_pairs_mut()
            .append_pair("variable_ids", &full.join(","));
        let answer = self.ask(&url).await?;
        if !(200..300).contains(&answer.status()) {
            return Ok(None);
        }
        let Map(entries) = answer.json()?;
        let mut values: BTreeMap<_, _> = entries.into_iter().collect();
        let is_encoded = answer.header("content-encoding") == Some("base64");
        let wrong = || {
            VaultError::invalid_answer("the answer of {} lacks the value of a variable")
                .with_name(self.client.origin())
        };
        let found = ids.iter().zip(full).map(|(id, full)| {
            let raw = values.remove(&full).ok_or_else(wrong)?;
            let value = SecretValue::from_json(raw.get()).ok_or_else(wrong)?;
            let value = match value.expose().as_text() {
                Some(text) if is_encoded => encoded_value(text).ok_or_else(wrong)?,
                Some(_) => value,
                None => return Err(wrong()),
            };
            Ok(((*id).clone(), Ok(Some(value))))
        });
        found.collect::<Result<_, _>>().map(Some)
    }

    /// The values of variables, each asked for alone.
    async fn each(&self, ids: &[&String]) -> Result<ValuesById, VaultError> {
        let reads: Vec<_> = ids
            .iter()
            .map(|id| async move { ((*id).clone(), self.value(id, None).await) })
            .collect();
        let answers: Vec<_> = stream::iter(reads)
            .buffer_unordered(self.run.concurrency())
            .collect()
            .await;
        let is_denied = |error: &VaultError| error.kind() == VaultErrorKind::PermissionDenied;
        answers
            .into_iter()
            .map(|(id, value)| match value {
                Err(error) if !is_denied(&error) => Err(error),
                value => Ok((id, value)),
            })
            .collect()
    }

    /// The value of one variable, of a version if there is one; `None` if it does not exist.
    ///
    /// # Errors
    /// If the login does not allow it or the server cannot answer.
    pub(super) async fn value(
        &self,
        id: &str,
        version: Option<u32>,
    ) -> Result<Option<SecretValue>, VaultError> {
        let parts = ["secrets", &self.client.account, "variable", id];
        let mut url = self.client.url(parts)?;
        if let Some(version) = version {
            let version = version.to_string();
            url.query_pairs_mut().append_pair("version", &version);
        }
        let answer = self.ask(&url).await?;
        match answer.status() {
            200..300 => Ok(Some(value(answer.body()))),
            404 => Ok(None),
            403 => Err(denied(id, &answer)),
            _ => Err(answer.error()),
        }
    }

    /// The ids of the variables that the login sees; none if it may not list them.
    ///
    /// # Errors
    /// If the server cannot answer.
    pub(super) async fn list(&self) -> Result<Option<BTreeSet<String>>, VaultError> {
        let mut url = self.client.url(["resources", &self.client.account])?;
        url.query_pairs_mut().append_pair("kind", "variable");
        let answer = self.ask(&url).await?;
        if !(200..300).contains(&answer.status()) {
            return Ok(None);
        }
        let resources: Vec<Resource> = answer.json()?;
        let start = self.full_id("");
        let id = |resource: Resource| resource.id.strip_prefix(&start).map(str::to_owned);
        Ok(Some(resources.into_iter().filter_map(id).collect()))
    }

    fn full_id(&self, id: &str) -> String {
        format!("{}:variable:{id}", self.client.account)
    }
}

fn denied(id: &str, answer: &Answer) -> VaultError {
    let message = "the login may not read the variable {}";
    VaultError::new(VaultErrorKind::PermissionDenied, message)
        .with_name(id)
        .with_status(answer.status())
        .with_hint("it needs the privilege `execute` on the variable")
}

/// How long a text is in an address.
fn escaped_length(text: &str) -> usize {
    let is_plain = |byte: u8| byte.is_ascii_alphanumeric() || b"*-._".contains(&byte);
    text.bytes()
        .map(|byte| if is_plain(byte) { 1 } else { 3 })
        .sum()
}
