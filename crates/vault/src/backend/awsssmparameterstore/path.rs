//! What a path names: a parameter by its name or its ARN, or a folder.

use crate::transport::aws::is_region;
use crate::{PathError, SecretPath};

const SHAPE: &str =
    "write /a/b for a parameter, /a/b/ for a folder, /a/b:3 for a version, or an ARN";

/// A parameter or a folder.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Place {
    /// A parameter by its name, or by the ARN that its region is from.
    Parameter {
        region: Option<String>,
        name: String,
        /// A version or label.
        selector: Option<String>,
    },
    /// A folder by its path, with the slash at its end.
    Folder(String),
}

impl Place {
    /// Reads a path.
    pub(super) fn parse(path: &str) -> Result<Self, PathError> {
        let path = path.trim();
        let wrong = |message| PathError::new(message).with_name(path).with_hint(SHAPE);
        let (region, name, rest) = if path.starts_with("arn:") {
            let no_arn = || wrong("the path {} is not the ARN of a parameter");
            let parts: Vec<&str> = path.splitn(7, ':').collect();
            let [
                "arn",
                partition,
                "ssm",
                region,
                account,
                resource,
                selector @ ..,
            ] = &parts[..]
            else {
                return Err(no_arn());
            };
            let name = resource.strip_prefix("parameter/").ok_or_else(no_arn)?;
            let is_account = account.len() == 12 && account.bytes().all(|b| b.is_ascii_digit());
            if !is_partition(partition) || !is_region(region) || !is_account || !is_name(name) {
                return Err(no_arn());
            }
            let arn = parts[..6].join(":");
            (Some((*region).to_owned()), arn, selector.first().copied())
        } else {
            let (name, selector) = match path.split_once(':') {
                Some((name, selector)) => (name, Some(selector)),
                None => (path, None),
            };
            if let (Some(folder), None) = (name.strip_suffix('/'), selector) {
                return if folder.starts_with('/') && is_name(folder) {
                    Ok(Place::Folder(name.to_owned()))
                } else {
                    Err(wrong("no folder of parameters can be called {}"))
                };
            }
            if !is_name(name) {
                return Err(wrong("no parameter can be called {}"));
            }
            (None, name.to_owned(), selector)
        };
        let selector = match rest {
            Some(selector) if !is_selector(selector) => {
                return Err(wrong(
                    "what follows the name in {} is neither a version nor a label",
                ));
            }
            selector => selector.map(str::to_owned),
        };
        Ok(Place::Parameter {
            region,
            name,
            selector,
        })
    }

    pub(super) fn plain(&self) -> SecretPath {
        SecretPath::verbatim(match self {
            Place::Parameter { name, selector, .. } => joined(name, selector.as_deref()),
            Place::Folder(path) => path.clone(),
        })
    }
}

/// A name with its version or label, as the service takes it.
pub(super) fn joined(name: &str, selector: Option<&str>) -> String {
    match selector {
        Some(selector) => format!("{name}:{selector}"),
        None => name.to_owned(),
    }
}

fn is_name(text: &str) -> bool {
    let parts = text.strip_prefix('/').unwrap_or(text);
    text.len() <= 1011 && parts.split('/').all(is_part)
}

/// A version or a label.
pub(super) fn is_selector(text: &str) -> bool {
    text.len() <= 100 && is_part(text)
}

fn is_part(text: &str) -> bool {
    let is_inner = |b: u8| b.is_ascii_alphanumeric() || b"_.-".contains(&b);
    !text.is_empty() && text.bytes().all(is_inner) && !matches!(text, "." | "..")
}

fn is_partition(text: &str) -> bool {
    let is_inner = |b: u8| b.is_ascii_lowercase() || b == b'-';
    text.starts_with("aws") && text.bytes().all(is_inner)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn paths_are_parameters_and_folders() {
        const ARN: &str = "arn:aws:ssm:eu-central-1:123456789012:parameter/a/b";
        let parameter =
            |region: Option<&str>, name: &str, selector: Option<&str>| Place::Parameter {
                region: region.map(str::to_owned),
                name: name.to_owned(),
                selector: selector.map(str::to_owned),
            };
        for (path, place) in [
            ("/a/b", parameter(None, "/a/b", None)),
            (" a ", parameter(None, "a", None)),
            ("a.b-c_D", parameter(None, "a.b-c_D", None)),
            ("/a/b:3", parameter(None, "/a/b", Some("3"))),
            ("/a/b:blue", parameter(None, "/a/b", Some("blue"))),
            ("/a/b/", Place::Folder("/a/b/".to_owned())),
            (ARN, parameter(Some("eu-central-1"), ARN, None)),
            (
                "arn:aws:ssm:eu-central-1:123456789012:parameter/a/b:7",
                parameter(Some("eu-central-1"), ARN, Some("7")),
            ),
        ] {
            let read = Place::parse(path).unwrap();
            assert_eq!(read, place);
            assert_eq!(read.plain().as_str(), path.trim());
        }
    }

    #[test]
    fn what_is_neither_is_refused() {
        for path in [
            "",
            "/",
            "a/",
            "//",
            "/a//b",
            "/a/../b",
            "/a b",
            "/ä",
            "/a:",
            "/a:b:c",
            "/a/:3",
            "a%2fb",
            "arn:aws:secretsmanager:eu-central-1:123456789012:parameter/a",
            "arn:aws:ssm:eu-central-1:123456789012:parameter/",
            "arn:aws:ssm:eu-central-1:123456789012:parameter/a/",
            "arn:aws:ssm:eu-central-1:123456789012:document/a",
            "arn:aws:ssm:x.evil:123456789012:parameter/a",
            "arn:aws:ssm:eu-central-1:12:parameter/a",
            "arn:aws:ssm:eu-central-1:123456789012:parameter/a:b:c",
        ] {
            assert_eq!(
                Place::parse(path).unwrap_err().hint(),
                Some(SHAPE),
                "{path}"
            );
        }
    }
}
