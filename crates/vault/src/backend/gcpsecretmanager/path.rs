//! Paths: the names of secrets, and perhaps of their versions.

use std::fmt;

use crate::{PathError, SecretPath};

const SHAPE: &str = "write projects/PROJECT/secrets/SECRET, or projects/PROJECT/locations/LOCATION/secrets/SECRET for a regional one; /versions/VERSION may follow";

/// Where a secret is.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Name {
    pub(super) project: String,
    /// Of a regional secret.
    pub(super) location: Option<String>,
    pub(super) secret: String,
    pub(super) version: Option<String>,
}

impl Name {
    /// Reads a path. A slash before it is allowed, since AVP looks for a name anywhere in the path
    /// (AVP rule 64).
    ///
    /// # Errors
    /// If it has another form, or a part that no name has.
    pub(super) fn parse(path: &str) -> Result<Self, PathError> {
        let path = path.trim();
        let wrong = |message| PathError::new(message).with_name(path).with_hint(SHAPE);
        let parts: Vec<&str> = path.strip_prefix('/').unwrap_or(path).split('/').collect();
        let (name, version) = match parts.as_slice() {
            [name @ .., "versions", version] if name.len() >= 4 => (name, Some(*version)),
            name => (name, None),
        };
        let (project, location, secret) = match *name {
            ["projects", project, "secrets", secret] => (project, None, secret),
            [
                "projects",
                project,
                "locations",
                location,
                "secrets",
                secret,
            ] => (project, Some(location), secret),
            _ => return Err(wrong("the path {} is not the name of a secret of Google")),
        };
        let is_good = is_project(project)
            && location.is_none_or(is_location)
            && is_secret(secret)
            && version.is_none_or(is_version);
        if !is_good {
            return Err(wrong("the path {} has a part that no name of Google has"));
        }
        Ok(Name {
            project: project.to_owned(),
            location: location.map(str::to_owned),
            secret: secret.to_owned(),
            version: version.map(str::to_owned),
        })
    }

    /// The one spelling of its path.
    pub(super) fn plain(&self) -> SecretPath {
        SecretPath::verbatim(self.to_string())
    }
}

/// An id, perhaps with the domain that it belongs to, or a number.
fn is_project(text: &str) -> bool {
    let is_part = |byte: u8| byte.is_ascii_alphanumeric() || b"-.:".contains(&byte);
    text.len() <= 100
        && text.bytes().all(is_part)
        && text.starts_with(|c: char| c.is_ascii_alphanumeric())
}

/// It becomes a part of a host (rule R7).
fn is_location(text: &str) -> bool {
    let is_part = |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'-';
    let is_end = |c: char| c.is_ascii_alphanumeric();
    text.len() <= 40
        && text.bytes().all(is_part)
        && text.starts_with(is_end)
        && text.ends_with(is_end)
}

fn is_secret(text: &str) -> bool {
    let is_part = |byte: u8| byte.is_ascii_alphanumeric() || b"-_".contains(&byte);
    (1..=255).contains(&text.len()) && text.bytes().all(is_part)
}

/// A number, an alias, or `latest`.
pub(super) fn is_version(text: &str) -> bool {
    is_secret(text) && text.len() <= 63
}

impl fmt::Display for Name {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "projects/{}", self.project)?;
        if let Some(location) = &self.location {
            write!(f, "/locations/{location}")?;
        }
        write!(f, "/secrets/{}", self.secret)?;
        match &self.version {
            Some(version) => write!(f, "/versions/{version}"),
            None => Ok(()),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_path_is_the_name_of_a_secret_or_of_a_version() {
        for (path, location, version) in [
            ("projects/shop/secrets/db", None, None),
            ("projects/123456789012/secrets/db_1-A", None, None),
            ("projects/example.com:shop/secrets/db", None, None),
            ("projects/shop/secrets/db/versions/3", None, Some("3")),
            (
                "projects/shop/secrets/versions/versions/prod",
                None,
                Some("prod"),
            ),
            (
                "projects/shop/locations/europe-west3/secrets/db",
                Some("europe-west3"),
                None,
            ),
            (
                "projects/shop/locations/me-central2/secrets/db/versions/latest",
                Some("me-central2"),
                Some("latest"),
            ),
        ] {
            let name = Name::parse(path).unwrap();
            assert_eq!(name.plain().as_str(), path);
            assert_eq!(
                (name.location.as_deref(), name.version.as_deref()),
                (location, version)
            );
        }
        for path in [" projects/shop/secrets/db\n", "/projects/shop/secrets/db"] {
            let name = Name::parse(path).unwrap();
            assert_eq!(name.plain().as_str(), "projects/shop/secrets/db");
        }
    }

    #[test]
    fn what_is_no_name_is_told() {
        let (form, part) = (
            "is not the name of a secret of Google",
            "has a part that no name of Google has",
        );
        for (path, what) in [
            ("", form),
            ("db", form),
            ("shop/db", form),
            ("//projects/shop/secrets/db", form),
            ("projects/shop/secrets/db/", form),
            ("projects/shop/secrets/db/3", form),
            ("projects/shop/secrets/db/versions/3/x", form),
            ("projects/shop/Secrets/db", form),
            ("x/projects/shop/secrets/db", form),
            ("projects//secrets/db", part),
            ("projects/../secrets/db", part),
            ("projects/shop/secrets/", part),
            ("projects/shop/secrets/..", part),
            ("projects/shop/secrets/d.b", part),
            ("projects/shop/secrets/d%2fb", part),
            ("projects/shop/secrets/db?x=1", part),
            ("projects/shop/secrets/db/versions/", part),
            ("projects/shop/secrets/db/versions/3:destroy", part),
            ("projects/shop/locations/evil.example/secrets/db", part),
            ("projects/shop/locations/evil.example:1@/secrets/db", part),
            ("projects/shop/locations/-/secrets/db", part),
            ("projects/shop/locations/EU/secrets/db", part),
        ] {
            let error = Name::parse(path).unwrap_err();
            assert!(error.to_string().ends_with(what), "{path:?}: {error}");
            assert_eq!(error.hint(), Some(SHAPE));
        }
    }
}
