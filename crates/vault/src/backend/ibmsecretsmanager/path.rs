//! Paths: a type of secrets, a group, and perhaps the name of one secret in it.

use std::fmt;

use super::types::SecretType;
use crate::format::uuid::is_uuid;
use crate::{PathError, SecretPath};

const SHAPE: &str = "write ibmcloud/<type>/secrets/groups/<group> and the name of a secret as the key, or that path with /<name> and a field as the key";
const TYPES: &str = "a type is arbitrary, custom_credentials, iam_credentials, imported_cert, kv, private_cert, public_cert, service_credentials or username_password";

/// A group of secrets.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Group {
    /// The one of secrets that are in no other.
    Default,
    Id(String),
    Name(String),
}

/// The secrets of a type in a group.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Folder {
    pub(super) of_type: SecretType,
    pub(super) group: Group,
}

/// What a path stands for: a folder, whose keys are names of secrets, or a secret in it, whose keys
/// are fields.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Place {
    pub(super) folder: Folder,
    pub(super) name: Option<String>,
}

impl Place {
    /// Parses `ibmcloud/TYPE/secrets/groups/GROUP[/NAME]`. A slash before it is allowed, since AVP
    /// looks for this anywhere in the path (AVP rule 64).
    ///
    /// # Errors
    /// If it has another form, or its type is not known.
    pub(super) fn parse(path: &str) -> Result<Self, PathError> {
        let path = path.trim();
        let wrong = |message| PathError::new(message).with_name(path);
        if path.contains(char::is_control) {
            return Err(wrong("the path {} contains a control character"));
        }
        let parts: Vec<&str> = path.strip_prefix('/').unwrap_or(path).split('/').collect();
        let (of_type, group, name) = match *parts.as_slice() {
            ["ibmcloud", of_type, "secrets", "groups", group] => (of_type, group, None),
            ["ibmcloud", of_type, "secrets", "groups", group, name] => (of_type, group, Some(name)),
            _ => {
                let message = "the path {} is not one of Secrets Manager";
                return Err(wrong(message).with_hint(SHAPE));
            }
        };
        if !is_name(group) || !name.is_none_or(is_name) {
            let message = "the path {} has a part that is not a name";
            return Err(wrong(message).with_hint(SHAPE));
        }
        let of_type = SecretType::named(of_type).ok_or_else(|| {
            wrong("the path {} has {} where the type of a secret belongs")
                .with_name(of_type)
                .with_hint(TYPES)
        })?;
        let group = match group {
            "default" => Group::Default,
            id if is_uuid(id) => Group::Id(id.to_ascii_lowercase()),
            name => Group::Name(name.to_owned()),
        };
        Ok(Place {
            folder: Folder { of_type, group },
            name: name.map(str::to_owned),
        })
    }

    /// The one spelling of its path.
    pub(super) fn plain(&self) -> SecretPath {
        SecretPath::verbatim(match &self.name {
            Some(name) => format!("{}/{name}", self.folder),
            None => self.folder.to_string(),
        })
    }
}

/// Whether a text can be the name of something that is asked for.
pub(super) fn is_name(text: &str) -> bool {
    !matches!(text, "" | "." | "..") && !text.contains(char::is_control)
}

impl Group {
    /// Its name or its id.
    pub(super) fn as_str(&self) -> &str {
        match self {
            Group::Default => "default",
            Group::Id(text) | Group::Name(text) => text,
        }
    }
}

impl fmt::Display for Folder {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (of_type, group) = (self.of_type.name, self.group.as_str());
        write!(f, "ibmcloud/{of_type}/secrets/groups/{group}")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_path_is_a_type_and_a_group_and_perhaps_a_name() {
        let id = "8F2c1b7e-3a4d-4c5e-9f60-718293a4b5c6";
        let lower = id.to_ascii_lowercase();
        for (path, group, name) in [
            ("ibmcloud/kv/secrets/groups/default", Group::Default, None),
            (
                " /ibmcloud/kv/secrets/groups/team.a/db_1 ",
                Group::Name("team.a".to_owned()),
                Some("db_1"),
            ),
            (
                "ibmcloud/kv/secrets/groups/8F2c1b7e-3a4d-4c5e-9f60-718293a4b5c6/8F2c1b7e",
                Group::Id(lower.clone()),
                Some("8F2c1b7e"),
            ),
        ] {
            let place = Place::parse(path).unwrap();
            assert_eq!(place.folder.of_type.name, "kv");
            assert_eq!((&place.folder.group, place.name.as_deref()), (&group, name));
            let plain = path.trim().trim_start_matches('/').replace(id, &lower);
            assert_eq!(place.plain().as_str(), plain);
            assert_eq!(Place::parse(&plain), Ok(place));
        }
    }

    #[test]
    fn what_is_no_path_is_told() {
        for (path, message) in [
            ("", "the path `` is not one of Secrets Manager"),
            (
                "ibmcloud/kv/secrets/groups",
                "the path `ibmcloud/kv/secrets/groups` is not one of Secrets Manager",
            ),
            (
                "ibmcloud/kv/secrets/group/g",
                "the path `ibmcloud/kv/secrets/group/g` is not one of Secrets Manager",
            ),
            (
                "ibmcloud/kv/secrets/groups/g/n/k",
                "the path `ibmcloud/kv/secrets/groups/g/n/k` is not one of Secrets Manager",
            ),
            (
                "ibmcloud/kv/secrets/groups/g/",
                "the path `ibmcloud/kv/secrets/groups/g/` has a part that is not a name",
            ),
            (
                "ibmcloud/kv/secrets/groups/..",
                "the path `ibmcloud/kv/secrets/groups/..` has a part that is not a name",
            ),
            (
                "ibmcloud/KV/secrets/groups/g",
                "the path `ibmcloud/KV/secrets/groups/g` has `KV` where the type of a secret belongs",
            ),
            (
                "ibmcloud/kv/secrets/groups/a\nb",
                "the path `ibmcloud/kv/secrets/groups/a\\nb` contains a control character",
            ),
        ] {
            assert_eq!(Place::parse(path).unwrap_err().to_string(), message);
        }
    }
}
