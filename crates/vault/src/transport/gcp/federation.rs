//! Tokens of Google for those of other platforms.

use serde_json::json;

use super::exchange::{LogIn, basic, granted, not_accepted};
use super::external::External;
use super::granted::SCOPE;
use super::subject::Proof;
use super::wire;
use super::workload::Workload;
use crate::VaultError;
use crate::format::form;
use crate::shared::LoginToken;
use crate::transport::http::Method;

impl LogIn<'_> {
    /// Exchanges a token of another platform (RFC 8693).
    pub(super) async fn of_external(&self, external: &External) -> Result<LoginToken, VaultError> {
        let workload = Workload {
            external,
            folder: &self.sourced.folder,
            settings: self.settings,
            home: self.home,
            wire: self.wire,
            run: self.run,
        };
        let Proof { token, identity } = Box::pin(workload.proof()).await?;
        self.run.remember_login(&token);
        let own;
        let client = match identity {
            Some(identity) => {
                own = wire::with_certificate(&identity)?;
                &own
            }
            None => self.wire.far()?,
        };
        let options = external.workforce_project.as_deref();
        let options = options.filter(|_| external.client.is_none());
        let options = options.map(|project| json!({ "userProject": project }).to_string());
        let mut fields = vec![
            (
                "grant_type",
                "urn:ietf:params:oauth:grant-type:token-exchange",
            ),
            ("audience", &external.audience),
            ("scope", SCOPE),
            (
                "requested_token_type",
                "urn:ietf:params:oauth:token-type:access_token",
            ),
            ("subject_token", &token),
            ("subject_token_type", &external.token_type),
        ];
        fields.extend(options.as_deref().map(|options| ("options", options)));
        let url = match &external.url {
            Some(url) => url.clone(),
            None => self.sts("v1/token")?,
        };
        let mut request = client.request(Method::POST, url);
        if let Some((id, secret)) = &external.client {
            self.run.remember_login(secret);
            request = request.login("authorization", &basic(id, secret));
        }
        let form = form::write(&fields);
        let request = request.body("application/x-www-form-urlencoded", form.as_bytes());
        let answer = self.send(request).await?;
        let token = granted(&answer, || {
            not_accepted("Google does not accept the token of this workload for {}")
                .with_name(&external.audience)
                .with_hint("the provider of the workload identity pool must accept its issuer, its audience and what it says")
        })?;
        match &external.acts_as {
            Some(account) => self.act_as(client, account, &token).await,
            None => Ok(token),
        }
    }
}
