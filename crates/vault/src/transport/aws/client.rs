//! The signed calls of a backend.

use std::path::{Path, PathBuf};

use zeroize::Zeroizing;

use super::credentials::Credentials;
use super::login::Login;
use super::refusal::{self, Failed};
use super::region::Service;
use super::wire::{Post, Wire};
use crate::transport::http::Answer;
use crate::{RunContext, Settings, VaultError};

/// A service of AWS with a login. Nothing is asked before the first call.
pub(crate) struct Aws {
    service: &'static Service,
    wire: Wire,
    login: Login,
}

/// A call of the service's JSON protocol.
pub(crate) struct Call<'a> {
    /// What is called, with the version of the API: `TrentService.Decrypt`.
    pub(crate) target: &'a str,
    pub(crate) region: &'a str,
    pub(crate) body: String,
}

impl Aws {
    /// Takes its settings in.
    ///
    /// # Errors
    /// [`VaultErrorKind::Configuration`] if one is wrong.
    pub(crate) fn from_settings(
        settings: &Settings,
        service: &'static Service,
    ) -> Result<Self, VaultError> {
        // Where the home is, is no setting: nobody chooses it for one backend.
        let home = std::env::var_os("HOME").map(PathBuf::from);
        Aws::at_home(settings, service, home.as_deref())
    }

    /// The same with another home folder, or none.
    pub(crate) fn at_home(
        settings: &Settings,
        service: &'static Service,
        home: Option<&Path>,
    ) -> Result<Self, VaultError> {
        Ok(Aws {
            service,
            wire: Wire::new(settings, service, home)?,
            login: Login::from_settings(settings)?,
        })
    }

    /// The region of calls that name none: see [`Wire::region`].
    pub(crate) fn region(&self, run: &RunContext) -> Result<String, VaultError> {
        self.wire.region(run)
    }

    /// Calls the service and hands back its answer.
    ///
    /// # Errors
    /// What went wrong, or how the service has refused.
    pub(crate) async fn call(&self, call: Call<'_>, run: &RunContext) -> Result<Answer, Failed> {
        let (credentials, is_old) = self.login.credentials(&self.wire, run).await?;
        let answer = self.send(&call, &credentials, run).await?;
        match self.judge(answer) {
            Err(Failed::Refused(refused)) if is_old && refused.is_unauthenticated() => {
                // Credentials of an earlier run have ended before their time.
                self.login.forget(&credentials);
                let (credentials, _) = self.login.credentials(&self.wire, run).await?;
                self.judge(self.send(&call, &credentials, run).await?)
            }
            outcome => outcome,
        }
    }

    fn judge(&self, answer: Answer) -> Result<Answer, Failed> {
        if (200..300).contains(&answer.status()) {
            Ok(answer)
        } else {
            Err(refusal::read(&answer, self.service.title))
        }
    }

    async fn send(
        &self,
        call: &Call<'_>,
        credentials: &Credentials,
        run: &RunContext,
    ) -> Result<Answer, VaultError> {
        let post = Post {
            url: self
                .wire
                .endpoints
                .service(self.service.name, call.region)?,
            content_type: "application/x-amz-json-1.1",
            target: Some(call.target),
            body: Zeroizing::new(call.body.clone()),
            service: self.service.name,
            region: call.region,
        };
        self.wire.post(post, Some(credentials), run).await
    }
}
