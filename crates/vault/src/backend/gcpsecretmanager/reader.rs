//! The call, and what its answers mean.

use super::model::{Payload, Unusable};
use super::path::Name;
use crate::transport::gcp::{Call, Gcp, OfRun, Refused, general, refused};
use crate::transport::http::{Answer, below};
use crate::{RunContext, VaultError, VaultErrorKind};

/// The version where nothing says which.
pub(super) const LATEST: &str = "latest";

/// Each location has a host of its own, and is named by the path.
const UNKNOWN_HOST_HINT: &str =
    "check the location in the path, such as europe-west3: one that does not exist has no host";

/// Reads a version of a secret. If it was changed on its way, it is read once more.
///
/// # Errors
/// If there is no login, the login does not allow it, or the service cannot answer.
pub(super) async fn read(
    gcp: &Gcp,
    name: &Name,
    run: &RunContext,
    of_run: &OfRun,
) -> Result<Payload, VaultError> {
    let call = call(gcp, name, of_run)?;
    for _ in 0..2 {
        let answer = gcp.call(&call, run, of_run).await?;
        if !(200..300).contains(&answer.status()) {
            return Err(meaning(&answer, refused(&answer).as_ref(), name, gcp));
        }
        match Payload::of(answer.json()?, name) {
            Ok(payload) => return Ok(payload),
            Err(Unusable::Changed) => {}
            Err(Unusable::Error(error)) => return Err(error),
        }
    }
    Err(
        VaultError::invalid_answer("what {} answers with for {} is not what its checksum is for")
            .with_name(gcp.title())
            .with_name(name.to_string()),
    )
}

fn call(gcp: &Gcp, name: &Name, of_run: &OfRun) -> Result<Call, VaultError> {
    let service = match &name.location {
        None => "secretmanager".to_owned(),
        Some(location) => format!("secretmanager.{location}.rep"),
    };
    let version = name.version.as_deref().unwrap_or(LATEST);
    let access = format!("{version}:access");
    let mut parts = vec!["v1", "projects", &name.project];
    parts.extend(
        name.location
            .iter()
            .flat_map(|location| ["locations", location]),
    );
    parts.extend(["secrets", &name.secret, "versions", &access]);
    Ok(Call {
        url: below(&gcp.address(&service, of_run)?, parts)?,
        body: None,
        unknown_host_hint: name.location.as_ref().map(|_| UNKNOWN_HOST_HINT),
    })
}

fn meaning(answer: &Answer, refused: Option<&Refused>, name: &Name, gcp: &Gcp) -> VaultError {
    use VaultErrorKind as Kind;
    let is = |status| refused.is_some_and(|refused: &Refused| refused.is(status));
    let told = |kind, message| {
        VaultError::new(kind, message)
            .with_name(name.to_string())
            .with_status(answer.status())
            .with_tries(answer.tries())
    };
    match answer.status() {
        404 if is("NOT_FOUND") => match &name.version {
            Some(_) => told(Kind::NotFound, "there is no secret, or no such version: {}"),
            None => told(Kind::NotFound, "there is no secret {}, or it has no version"),
        },
        403 if refused.is_some_and(Refused::is_plain_denial) => {
            told(Kind::PermissionDenied, "the login may not read the secret {}").with_hint(
                "it needs the role secretmanager.secretAccessor; a secret that does not exist may look the same",
            )
        }
        400 if is("FAILED_PRECONDITION") => told(
            Kind::InvalidRequest,
            "the version of the secret {} is disabled or destroyed",
        ),
        400 if is("INVALID_ARGUMENT") => told(
            Kind::InvalidRequest,
            "Google Secret Manager does not take {} for the name of a secret",
        ),
        _ => general(answer, refused, gcp.title()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Settings;

    #[test]
    fn a_location_has_a_host_of_its_own_and_may_be_misspelt() {
        let regional = "projects/shop/locations/europe-west33/secrets/db";
        let hint = "check the location in the path, such as europe-west3: one that does not exist has no host";
        for (path, universe, host, hint) in [
            (
                "projects/shop/secrets/db",
                "",
                "secretmanager.googleapis.com",
                None,
            ),
            (
                "projects/shop/secrets/db",
                "other.example",
                "secretmanager.other.example",
                None,
            ),
            (
                regional,
                "",
                "secretmanager.europe-west33.rep.googleapis.com",
                Some(hint),
            ),
            (
                regional,
                "other.example",
                "secretmanager.europe-west33.rep.other.example",
                Some(hint),
            ),
        ] {
            let settings = Settings::new()
                .with("GOOGLE_OAUTH_ACCESS_TOKEN", "t")
                .with("GOOGLE_CLOUD_UNIVERSE_DOMAIN", universe);
            let gcp = Gcp::from_settings(&settings, &super::super::SERVICE).unwrap();
            let call = call(&gcp, &Name::parse(path).unwrap(), &OfRun::default()).unwrap();
            assert_eq!(call.url.host_str(), Some(host));
            assert_eq!((call.url.scheme(), call.unknown_host_hint), ("https", hint));
        }
    }
}
