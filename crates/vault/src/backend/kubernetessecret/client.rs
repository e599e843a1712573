//! The one request, and what its answers mean.

use super::access::Access;
use super::credentials::Credentials;
use super::model::{Object, Status};
use super::path::SecretName;
use crate::transport::http::{self, Answer, Retry, below};
use crate::{RunContext, VaultError, VaultErrorKind};

/// The requests of one run.
pub(super) struct Session<'a> {
    access: &'a Access,
    credentials: Credentials,
    http: http::Client,
}

impl<'a> Session<'a> {
    pub(super) fn new(access: &'a Access, credentials: Credentials, http: http::Client) -> Self {
        Session {
            access,
            credentials,
            http,
        }
    }

    /// Reads a Secret.
    pub(super) async fn secret(
        &self,
        name: &SecretName,
        run: &RunContext,
    ) -> Result<Object, VaultError> {
        let namespace = ["api", "v1", "namespaces", &name.namespace];
        let parts = namespace.into_iter().chain(["secrets", &name.name]);
        let url = below(&self.access.cluster.address, parts)?;
        let mut request = self.http.get(url).header("accept", "application/json");
        if let Some(token) = &self.credentials.token {
            request = request.bearer(token);
        }
        if let Some(user) = &self.access.login.acts_as {
            request = request.header("impersonate-user", user);
        }
        let answer = request.send(run, &Retry::default()).await?;
        let object: Object = self.success(answer, name)?.json()?;
        let Object { kind, metadata, .. } = &object;
        if kind != "Secret" || metadata.name != name.name || metadata.namespace != name.namespace {
            return Err(self.error(
                VaultErrorKind::InvalidAnswer,
                "{} answers with something else than was asked for",
            ));
        }
        if object.is_argo_cds() {
            return Err(named(
                VaultErrorKind::PermissionDenied,
                "the Secret {} in namespace {} is Argo CD's own",
                name,
            )
            .with_hint(
                "Secrets labelled argocd.argoproj.io/secret-type and argocd-secret are never read",
            ));
        }
        Ok(object)
    }

    fn success(&self, answer: Answer, name: &SecretName) -> Result<Answer, VaultError> {
        let error = match answer.status() {
            401 => self
                .error(
                    VaultErrorKind::Unauthenticated,
                    "{} does not accept the login",
                )
                .with_hint("check the user of the kubeconfig, or the account of the pod"),
            403 => named(
                VaultErrorKind::PermissionDenied,
                "the cluster does not allow this login to read the Secret {} in namespace {}",
                name,
            )
            .with_hint("its role needs the verb get on secrets there"),
            404 if answer
                .json::<Status>()
                .is_ok_and(|status| status.is_missing_secret()) =>
            {
                named(
                    VaultErrorKind::NotFound,
                    "there is no Secret {} in namespace {}",
                    name,
                )
            }
            // Taken for a missing Secret, a wrong address would switch a default on.
            404 => self
                .error(VaultErrorKind::InvalidAnswer, "{} has no API of Kubernetes")
                .with_hint("check the path of the cluster's server in the kubeconfig"),
            _ => return answer.success(),
        };
        Err(error
            .with_status(answer.status())
            .with_tries(answer.tries()))
    }

    fn error(&self, kind: VaultErrorKind, message: &'static str) -> VaultError {
        VaultError::new(kind, message).with_name(self.access.cluster.origin())
    }
}

fn named(kind: VaultErrorKind, message: &'static str, name: &SecretName) -> VaultError {
    VaultError::new(kind, message)
        .with_name(&name.name)
        .with_name(&name.namespace)
}
