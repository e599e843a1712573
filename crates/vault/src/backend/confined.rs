//! A backend for an app whose author no policy binds.

use std::borrow::Cow;
use std::fmt;
use std::sync::Arc;

use async_trait::async_trait;

use crate::{
    PathError, RunContext, Secret, SecretPath, SecretRequest, VaultBackend, VaultError,
    VaultErrorKind,
};

/// A backend that never gives out the login it reads with (rule R7): the API of a server may tell
/// it, and it may be stored where the server keeps secrets. Every backend that can be connected is
/// covered, since what it sends is remembered where requests are made.
pub(crate) struct Confined(pub(crate) Arc<dyn VaultBackend>);

#[async_trait]
impl VaultBackend for Confined {
    async fn read(
        &self,
        requests: &[SecretRequest],
        run: &RunContext,
    ) -> Vec<Result<Secret, VaultError>> {
        let run = run.with_own_logins();
        let mut answers = self.0.read(requests, &run).await;
        for (request, answer) in requests.iter().zip(&mut answers) {
            if let Ok(secret) = answer {
                secret.refuse(|key, value| {
                    let error = || own_login(key, request.path.as_str());
                    run.is_login(value).then(error)
                });
            }
        }
        answers
    }

    fn parse_path(&self, path: &str) -> Result<SecretPath, PathError> {
        self.0.parse_path(path)
    }

    fn options(&self) -> Cow<'_, [&str]> {
        self.0.options()
    }

    fn has_versions(&self) -> bool {
        self.0.has_versions()
    }
}

fn own_login(key: &str, path: &str) -> VaultError {
    VaultError::new(
        VaultErrorKind::PermissionDenied,
        "{} at {} is the login that manifill itself reads with",
    )
    .with_name(key)
    .with_name(path)
    .with_hint("no app gets it, unless the operator allows the path with a policy")
}

impl fmt::Debug for Confined {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}
