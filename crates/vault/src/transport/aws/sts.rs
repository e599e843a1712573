//! Roles, from STS.

use std::path::Path;

use zeroize::Zeroizing;

use super::chain::Role;
use super::credentials::{Credentials, seconds};
use super::refusal::{self, element};
use super::wire::{Post, Wire};
use crate::format::form;
use crate::transport::http::Answer;
use crate::transport::text_file;
use crate::{RunContext, VaultError, VaultErrorKind};

const TITLE: &str = "AWS STS";

/// What sessions are called where nothing says how.
const SESSION: &str = "manifill";

/// Assumes a role with other credentials.
pub(super) async fn assume(
    wire: &Wire,
    role: &Role,
    credentials: &Credentials,
    run: &RunContext,
) -> Result<Credentials, VaultError> {
    let mut form = Form::new("AssumeRole", role);
    if let Some(id) = &role.external_id {
        form.add("ExternalId", id);
    }
    ask(wire, role, form, Some(credentials), run).await
}

/// Assumes a role with a token of another login, such as that of a pod.
pub(super) async fn with_web_identity(
    wire: &Wire,
    token_file: &Path,
    role: &Role,
    run: &RunContext,
) -> Result<Credentials, VaultError> {
    // Kubernetes writes another token now and then.
    let token = text_file::read(token_file).map_err(|unread| {
        VaultError::configuration(unread.message()).with_name(token_file.display().to_string())
    })?;
    run.remember_login(token.trim());
    let mut form = Form::new("AssumeRoleWithWebIdentity", role);
    form.add("WebIdentityToken", token.trim());
    ask(wire, role, form, None, run).await
}

async fn ask(
    wire: &Wire,
    role: &Role,
    form: Form,
    credentials: Option<&Credentials>,
    run: &RunContext,
) -> Result<Credentials, VaultError> {
    let region = wire.region(run)?;
    let post = Post {
        url: wire.endpoints.sts(&region)?,
        content_type: "application/x-www-form-urlencoded",
        target: None,
        body: form.0,
        service: "sts",
        region: &region,
    };
    let answer = wire.post(post, credentials, run).await?;
    if (200..300).contains(&answer.status()) {
        return read(&answer);
    }
    let error = refusal::read(&answer, TITLE).into_error();
    Err(match error.kind() {
        // Whoever may not have the role has no login.
        VaultErrorKind::PermissionDenied | VaultErrorKind::InvalidRequest => VaultError::new(
            VaultErrorKind::Unauthenticated,
            "AWS STS does not give this login the role {}",
        )
        .with_name(&role.arn)
        .with_status(answer.status())
        .with_hint("the trust policy of the role must allow it"),
        _ => error,
    })
}

fn read(answer: &Answer) -> Result<Credentials, VaultError> {
    let text = answer.text()?;
    let wrong = || {
        VaultError::invalid_answer("the answer of {} is not what AWS STS gives").with_name(TITLE)
    };
    let text_of = |name| {
        let text = element(text, name).filter(|text| !text.is_empty());
        text.map(str::to_owned).ok_or_else(wrong)
    };
    Ok(Credentials {
        key_id: text_of("AccessKeyId")?,
        secret: text_of("SecretAccessKey")?.into(),
        token: Some(text_of("SessionToken")?.into()),
        expires: Some(seconds(&text_of("Expiration")?).ok_or_else(wrong)?),
    })
}

/// A form as it is sent.
struct Form(Zeroizing<String>);

impl Form {
    fn new(action: &str, role: &Role) -> Self {
        let mut form = Form(Zeroizing::new("Version=2011-06-15".to_owned()));
        form.add("Action", action);
        form.add("RoleArn", &role.arn);
        form.add(
            "RoleSessionName",
            role.session.as_deref().unwrap_or(SESSION),
        );
        if let Some(seconds) = &role.seconds {
            form.add("DurationSeconds", seconds);
        }
        form
    }

    fn add(&mut self, name: &str, value: &str) {
        self.0.push('&');
        self.0.push_str(name);
        self.0.push('=');
        form::push(&mut self.0, value);
    }
}
