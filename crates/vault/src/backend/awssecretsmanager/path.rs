//! What a path names: a secret by its name or its ARN.

use crate::transport::aws::is_region;
use crate::{PathError, SecretPath};

const SHAPE: &str =
    "write the name of a secret, or arn:aws:secretsmanager:REGION:ACCOUNT:secret:NAME";

/// A secret.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct SecretId {
    /// The region of an ARN.
    pub(super) region: Option<String>,
    /// The name or the whole ARN.
    pub(super) id: String,
}

impl SecretId {
    /// Reads a path. A name holds no colon, so that whatever has one must be an ARN.
    pub(super) fn parse(path: &str) -> Result<Self, PathError> {
        let path = path.trim();
        let wrong = |message| PathError::new(message).with_name(path).with_hint(SHAPE);
        let region = if path.contains(':') {
            let parts: Vec<&str> = path.split(':').collect();
            let [
                "arn",
                partition,
                "secretsmanager",
                region,
                account,
                "secret",
                name,
            ] = parts[..]
            else {
                return Err(wrong("the path {} is not the ARN of a secret"));
            };
            if !is_partition(partition)
                || !is_region(region)
                || !is_account(account)
                || !is_name(name)
            {
                return Err(wrong("the path {} is not the ARN of a secret"));
            }
            Some(region.to_owned())
        } else if is_name(path) {
            None
        } else {
            return Err(wrong("no secret can be called {}"));
        };
        Ok(SecretId {
            region,
            id: path.to_owned(),
        })
    }

    pub(super) fn plain(&self) -> SecretPath {
        SecretPath::verbatim(self.id.as_str())
    }

    /// Whether this is what a secret of such a name and ARN was asked for by. An ARN may be without
    /// its last seven characters, which AWS makes up.
    pub(super) fn is_of(&self, name: &str, arn: &str) -> bool {
        let made_up = arn
            .strip_prefix(&self.id)
            .and_then(|rest| rest.strip_prefix('-'));
        self.id == name || self.id == arn || made_up.is_some_and(|rest| rest.len() == 6)
    }
}

fn is_name(text: &str) -> bool {
    let is_inner = |b: u8| b.is_ascii_alphanumeric() || b"/_+=.@-!".contains(&b);
    (1..=512).contains(&text.len()) && text.bytes().all(is_inner)
}

fn is_partition(text: &str) -> bool {
    text == "aws"
        || text.strip_prefix("aws-").is_some_and(|rest| {
            !rest.is_empty() && rest.bytes().all(|b| b.is_ascii_lowercase() || b == b'-')
        })
}

/// Real ones have twelve digits, and those in argocd-vault-plugin's pages fewer.
fn is_account(text: &str) -> bool {
    (1..=12).contains(&text.len()) && text.bytes().all(|b| b.is_ascii_digit())
}

/// What a version is: the name of a stage, or an id, which has 32 to 64 characters and is a UUID
/// unless a program has made up another one.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Version {
    Stage(String),
    Id(String),
}

impl Version {
    pub(super) fn of(text: &str) -> Self {
        let is_inner = |b: u8| b.is_ascii_alphanumeric() || b == b'-';
        if (32..=64).contains(&text.len()) && text.bytes().all(is_inner) {
            Version::Id(text.to_owned())
        } else {
            Version::Stage(text.to_owned())
        }
    }

    pub(super) fn as_str(&self) -> &str {
        match self {
            Version::Stage(text) | Version::Id(text) => text,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_path_is_a_name_or_an_arn() {
        for (path, region) in [
            ("db", None),
            (" team/db ", None),
            ("a_b+c=d.e@f-g/h", None),
            ("rds!cluster-1", None),
            (
                "arn:aws:secretsmanager:eu-central-1:123456789012:secret:team/db-a1B2c3",
                Some("eu-central-1"),
            ),
            (
                "arn:aws-cn:secretsmanager:cn-north-1:123456789012:secret:db",
                Some("cn-north-1"),
            ),
            (
                "arn:aws:secretsmanager:us-east-1:123123123:secret:some-secret",
                Some("us-east-1"),
            ),
        ] {
            let id = SecretId::parse(path).unwrap();
            assert_eq!(
                (id.id.as_str(), id.region.as_deref()),
                (path.trim(), region)
            );
            assert_eq!(id.plain().as_str(), path.trim());
        }
    }

    #[test]
    fn what_is_neither_is_refused() {
        for path in [
            "",
            "a b",
            "ä",
            "a:b",
            "a:b:c:d",
            "a?b",
            "arn:aws:ssm:eu-central-1:123456789012:parameter/a",
            "arn:aws:secretsmanager:eu-central-1:123456789012:secret:",
            "arn:aws:secretsmanager:eu-central-1:1234567890123:secret:a",
            "arn:aws:secretsmanager:evil.example/:123456789012:secret:a",
            "arn:aws:secretsmanager:x@evil.example#:123456789012:secret:a",
            "arn:evil:secretsmanager:eu-central-1:123456789012:secret:a",
            "arn:aws:secretsmanager:eu-central-1:123456789012:secret:a:b",
        ] {
            let error = SecretId::parse(path).unwrap_err();
            assert_eq!(error.hint(), Some(SHAPE), "{path}");
        }
        assert!(SecretId::parse(&"a".repeat(513)).is_err());
    }

    #[test]
    fn a_secret_is_known_by_its_name_and_by_its_arn_without_its_end() {
        let (name, arn) = (
            "db",
            "arn:aws:secretsmanager:eu-central-1:123456789012:secret:db-a1B2c3",
        );
        for (path, is_it) in [
            ("db", true),
            (arn, true),
            (
                "arn:aws:secretsmanager:eu-central-1:123456789012:secret:db",
                true,
            ),
            (
                "arn:aws:secretsmanager:eu-central-1:123456789012:secret:d",
                false,
            ),
            (
                "arn:aws:secretsmanager:eu-central-1:123456789012:secret:db-",
                false,
            ),
            ("d", false),
        ] {
            assert_eq!(
                SecretId::parse(path).unwrap().is_of(name, arn),
                is_it,
                "{path}"
            );
        }
    }

    #[test]
    fn a_version_is_a_stage_unless_it_has_the_shape_of_an_id() {
        for (text, is_id) in [
            ("AWSCURRENT", false),
            ("AWSPENDING", false),
            ("blue", false),
            ("cf5f5de8-d8be-4a0f-bb71-6a49d0d4a7a8", true),
            ("0123456789abcdef0123456789abcdef", true),
            ("0123456789abcdef0123456789abcde", false),
        ] {
            let version = Version::of(text);
            assert_eq!(matches!(version, Version::Id(_)), is_id, "{text}");
            assert_eq!(version.as_str(), text);
        }
    }
}
