//! Secrets given by the program itself.

use std::collections::BTreeMap;

use async_trait::async_trait;

use crate::{
    RunContext, Secret, SecretRequest, SecretValue, VaultBackend, VaultError, VaultErrorKind,
};

/// Secrets in memory, for tests and for programs that bring their own values.
///
/// ```
/// use manifill_vault::backend::memory::Memory;
/// let backend = Memory::new()
///     .with("db", [("user", "svc_orders"), ("password", "fake")])
///     .with("db#7", [("user", "svc_orders_v7")]);
/// # let _ = backend;
/// ```
#[derive(Clone, Debug, Default)]
pub struct Memory {
    secrets: BTreeMap<String, Vec<(String, SecretValue)>>,
}

impl Memory {
    /// An empty backend.
    pub fn new() -> Self {
        Memory::default()
    }

    /// Adds a secret; `path#version` is what a placeholder with that version reads.
    pub fn with<K: Into<String>, V: Into<SecretValue>>(
        mut self,
        path: impl Into<String>,
        values: impl IntoIterator<Item = (K, V)>,
    ) -> Self {
        let values = values
            .into_iter()
            .map(|(key, value)| (key.into(), value.into()))
            .collect();
        self.secrets.insert(path.into(), values);
        self
    }

    fn read_one(&self, request: &SecretRequest) -> Result<Secret, VaultError> {
        let path = request.path.as_str();
        let found = match &request.version {
            Some(version) => self.secrets.get(&format!("{path}#{version}")),
            None => self.secrets.get(path),
        };
        let values = found.ok_or_else(|| match &request.version {
            Some(version) => VaultError::new(
                VaultErrorKind::NotFound,
                "could not find secrets at path {} with version {}",
            )
            .with_name(path)
            .with_name(version),
            None => VaultError::new(
                VaultErrorKind::NotFound,
                "could not find secrets at path {}",
            )
            .with_name(path),
        })?;
        Ok(Secret::wanted_of(values, &request.keys))
    }
}

#[async_trait]
impl VaultBackend for Memory {
    async fn read(
        &self,
        requests: &[SecretRequest],
        _run: &RunContext,
    ) -> Vec<Result<Secret, VaultError>> {
        requests
            .iter()
            .map(|request| self.read_one(request))
            .collect()
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use super::*;
    use crate::suite::{self, Case, Fixture, Setup};

    struct InMemory;

    #[async_trait]
    impl Fixture for InMemory {
        async fn set_up(&self, case: Case) -> Setup {
            let memory = match case {
                Case::MissingPath => Memory::new(),
                Case::MissingKey => Memory::new().with("db", [("user", case.value())]),
                Case::Version => Memory::new()
                    .with("db", [("password", "newest")])
                    .with("db#3", [("password", case.value())]),
                _ => Memory::new().with("db", [("password", case.value())]),
            };
            let setup = Setup::new(Arc::new(memory), "db", "password");
            match case {
                Case::Version | Case::MissingVersion => setup.with_version("3"),
                _ => setup,
            }
        }

        fn unsupported(&self) -> Vec<(Case, &'static str)> {
            let network = Case::NETWORK
                .iter()
                .map(|case| (*case, "there is no server"));
            network
                .chain([
                    (Case::SameName, "the program gives each key once"),
                    (Case::OwnLogin, "there is no login"),
                ])
                .collect()
        }
    }

    #[tokio::test]
    async fn it_conforms() {
        suite::run_all(&InMemory).await;
    }
}
