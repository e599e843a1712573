//! What a profile logs in with: where the first credentials come from, and the roles that follow.

use std::path::PathBuf;

use zeroize::Zeroizing;

use super::credentials::Credentials;
use super::profile::{Profiles, Section, value};
use crate::VaultError;

/// Roles that are assumed one with another.
const MOST_ROLES: usize = 8;

/// What a profile logs in with: where the first credentials come from, and the roles that are
/// assumed with them, one after the other.
pub(super) struct Chain {
    pub(super) base: Base,
    pub(super) roles: Vec<Role>,
}

/// Where credentials come from.
pub(super) enum Base {
    Keys(Credentials),
    /// The access key of the settings.
    Environment,
    Container,
    Machine,
    WebIdentity {
        token_file: PathBuf,
        role: Role,
    },
    /// The line of a program.
    Process(Zeroizing<String>),
    Sso(Sso),
    /// The name of a login to the console.
    SignIn(String),
}

/// A role to assume.
#[derive(Clone)]
pub(super) struct Role {
    pub(super) arn: String,
    pub(super) session: Option<String>,
    pub(super) external_id: Option<Zeroizing<String>>,
    pub(super) seconds: Option<String>,
}

/// A role of IAM Identity Center.
pub(super) struct Sso {
    /// What the file of its token is named after.
    pub(super) token_of: String,
    pub(super) region: String,
    pub(super) account: String,
    pub(super) role: String,
}

impl Profiles {
    /// What a profile logs in with; `None` if it says nothing of it.
    pub(super) fn chain(&self, name: &str) -> Result<Option<Chain>, VaultError> {
        let mut roles = Vec::new();
        let mut at = name.to_owned();
        loop {
            let wrong = |message| VaultError::configuration(message).with_name(&at);
            let profile = self
                .profiles
                .get(&at)
                .ok_or_else(|| wrong("the AWS configuration has no profile {}"))?;
            let keys = static_keys(profile);
            let Some(role) = role_of(profile).filter(|_| roles.is_empty() || keys.is_none()) else {
                let base = match keys {
                    Some(keys) => Some(Base::Keys(keys)),
                    None => self.without_role(profile, &at)?,
                };
                roles.reverse();
                return match base {
                    Some(base) => Ok(Some(Chain { base, roles })),
                    None if roles.is_empty() => Ok(None),
                    None => Err(wrong(
                        "the profile {} of the AWS configuration has no credentials",
                    )),
                };
            };
            if profile.contains_key("mfa_serial") {
                return Err(wrong(
                    "the profile {} of the AWS configuration needs a one-time code, which nobody can be asked for here",
                ));
            }
            if roles.len() == MOST_ROLES {
                return Err(wrong(
                    "the profile {} of the AWS configuration needs too many roles, or itself",
                ));
            }
            let base = if let Some(file) = value(profile, "web_identity_token_file") {
                let token_file = self.folder.join(file);
                roles.reverse();
                let base = Base::WebIdentity { token_file, role };
                return Ok(Some(Chain { base, roles }));
            } else {
                roles.push(role);
                match (value(profile, "credential_source"), value(profile, "source_profile")) {
                    (Some("Environment"), None) => Base::Environment,
                    (Some("EcsContainer"), None) => Base::Container,
                    (Some("Ec2InstanceMetadata"), None) => Base::Machine,
                    (None, Some(source)) if source == at => match keys {
                        Some(keys) => Base::Keys(keys),
                        None => return Err(wrong("the profile {} of the AWS configuration names itself and has no access key")),
                    },
                    (None, Some(source)) => {
                        at = source.to_owned();
                        continue;
                    }
                    _ => return Err(wrong("the profile {} of the AWS configuration names no way to log in for its role").with_hint("set source_profile or credential_source, one of the two")),
                }
            };
            roles.reverse();
            return Ok(Some(Chain { base, roles }));
        }
    }

    fn without_role(&self, profile: &Section, name: &str) -> Result<Option<Base>, VaultError> {
        if let Some(sso) = self.sso(profile, name)? {
            return Ok(Some(Base::Sso(sso)));
        }
        if let Some(session) = value(profile, "login_session") {
            return Ok(Some(Base::SignIn(session.to_owned())));
        }
        let line = value(profile, "credential_process");
        Ok(line.map(|line| Base::Process(Zeroizing::new(line.to_owned()))))
    }

    fn sso(&self, profile: &Section, name: &str) -> Result<Option<Sso>, VaultError> {
        let session = value(profile, "sso_session");
        if session.is_none() && !profile.contains_key("sso_start_url") {
            return Ok(None);
        }
        let wrong = || {
            VaultError::configuration("the profile {} of the AWS configuration lacks a part of what IAM Identity Center needs")
                .with_name(name)
                .with_hint("it needs sso_account_id, sso_role_name and an sso_session with sso_start_url and sso_region")
        };
        let place = match session {
            Some(session) => self.sessions.get(session).ok_or_else(wrong)?,
            None => profile,
        };
        let need = |section, key| value(section, key).map(str::to_owned).ok_or_else(wrong);
        let start = need(place, "sso_start_url")?;
        Ok(Some(Sso {
            token_of: session.map_or(start, str::to_owned),
            region: need(place, "sso_region")?,
            account: need(profile, "sso_account_id")?,
            role: need(profile, "sso_role_name")?,
        }))
    }
}

fn static_keys(profile: &Section) -> Option<Credentials> {
    let text = |key| value(profile, key).map(str::to_owned);
    Some(Credentials {
        key_id: text("aws_access_key_id")?,
        secret: text("aws_secret_access_key")?.into(),
        token: text("aws_session_token").map(Zeroizing::new),
        expires: None,
    })
}

fn role_of(profile: &Section) -> Option<Role> {
    let text = |key| value(profile, key).map(str::to_owned);
    Some(Role {
        arn: text("role_arn")?,
        session: text("role_session_name"),
        external_id: text("external_id").map(Zeroizing::new),
        seconds: text("duration_seconds"),
    })
}
