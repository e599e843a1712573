//! Applications: what proves that we are one, for a token of Microsoft Entra ID.

use serde::Deserialize;
use zeroize::Zeroizing;

use super::assertion;
use super::settings;
use super::source::{App, Proof};
use super::token::Granted;
use super::vaults::CLOUDS;
use super::wire::Wire;
use crate::format::form;
use crate::shared::LoginToken;
use crate::transport::http::{Answer, Method, Retry, below};
use crate::transport::text_file;
use crate::{RunContext, VaultError, VaultErrorKind};

const TITLE: &str = "Microsoft Entra ID";

/// The kind of proof that a signed text is (RFC 7523).
const ASSERTION: &str = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer";

/// A refusal: a word of OAuth and the numbers behind it. What it says is not kept.
#[derive(Deserialize)]
struct Refusal {
    #[serde(rename = "error")]
    _error: String,
    #[serde(default)]
    error_codes: Vec<u32>,
}

/// Logs an application in.
///
/// # Errors
/// If it is not accepted, or cannot prove what it is.
pub(super) async fn log_in(
    wire: &Wire,
    app: &App,
    resource: &'static str,
    run: &RunContext,
) -> Result<LoginToken, VaultError> {
    let mut clouds = CLOUDS.iter();
    if !clouds.any(|cloud| cloud.resource == resource && cloud.is_of(&wire.authority)) {
        // A secret of one cloud is not shown to another one because of a path.
        let message = "{} is not where an application logs in to for {}";
        return Err(VaultError::configuration(message)
            .with_name(wire.authority.host_str().unwrap_or_default())
            .with_name(resource)
            .with_hint("AZURE_AUTHORITY_HOST says the cloud, and vaults of another one need a backend of their own"));
    }
    let url = below(&wire.authority, [&*app.tenant, "oauth2", "v2.0", "token"])?;
    let proof = match &app.proof {
        Proof::Secret(secret) => secret.clone(),
        Proof::Certificate(place) => {
            let certificate = place.read(run.deadline())?;
            assertion::signed(&certificate, place.sends_chain, &app.client, url.as_str())?
        }
        Proof::Federated(path) => {
            // Kubernetes writes another token now and then.
            let token = text_file::read(path).map_err(|unread| {
                VaultError::configuration(unread.message())
                    .with_name(path.display().to_string())
                    .about_setting(settings::FEDERATED_TOKEN.name)
            })?;
            let token = Zeroizing::new(token.trim().to_owned());
            run.remember_login(&token);
            token
        }
    };
    let scope = format!("{resource}/.default");
    let mut fields = vec![
        ("grant_type", "client_credentials"),
        ("client_id", &*app.client),
        ("scope", &*scope),
    ];
    match &app.proof {
        Proof::Secret(_) => fields.push(("client_secret", &*proof)),
        Proof::Certificate(_) | Proof::Federated(_) => fields.extend([
            ("client_assertion_type", ASSERTION),
            ("client_assertion", &*proof),
        ]),
    }
    let form = form::write(&fields);
    let request = wire.http()?.request(Method::POST, url);
    let request = request.body("application/x-www-form-urlencoded", form.as_bytes());
    let answer = request
        .send(run, &Retry::default().with_any_method())
        .await?;
    match answer.status() {
        200..300 => answer.json::<Granted>()?.token(TITLE),
        400 | 401 | 403 => Err(refused(&answer, app)),
        404 => Err(
            VaultError::invalid_answer("{} is not where one logs in to Azure")
                .with_name(settings::AUTHORITY.name)
                .with_status(404),
        ),
        _ => Err(answer.error()),
    }
}

fn refused(answer: &Answer, app: &App) -> VaultError {
    let Ok(refusal) = answer.json::<Refusal>() else {
        return answer.error();
    };
    let message = "the login of the application {} in the tenant {} is not accepted";
    let error = VaultError::new(VaultErrorKind::Unauthenticated, message)
        .with_name(&app.client)
        .with_name(&app.tenant)
        .with_status(answer.status())
        .with_tries(answer.tries());
    // https://learn.microsoft.com/entra/identity-platform/reference-error-codes
    let has = |codes: &[u32]| refusal.error_codes.iter().any(|code| codes.contains(code));
    if has(&[90_002, 900_023, 900_382]) {
        return error.with_hint(
            "check AZURE_TENANT_ID, and AZURE_AUTHORITY_HOST if the tenant is of another cloud",
        );
    }
    if has(&[700_016]) {
        return error.with_hint(
            "check AZURE_CLIENT_ID, which is the id of an application, and AZURE_TENANT_ID",
        );
    }
    match &app.proof {
        Proof::Secret(_) if has(&[7_000_222]) => {
            error.with_hint("the secret of the application has ended: make a new one")
        }
        Proof::Secret(_) => error.with_hint(
            "check AZURE_CLIENT_SECRET: it is the value of a secret of the application, not its id",
        ),
        Proof::Certificate(_) => error.with_hint(
            "the certificate of AZURE_CLIENT_CERTIFICATE_PATH must be one of the application's, and the clock of this machine must be right",
        ),
        Proof::Federated(_) => error.with_hint(
            "the application must trust the issuer, the namespace and the name of the pod's service account",
        ),
    }
}
