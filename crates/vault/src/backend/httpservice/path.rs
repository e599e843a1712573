//! Paths: parts with slashes between them, each of which stays one part wherever it is put.

use super::template::Places;
use crate::{PathError, SecretPath};

/// Reads a path for requests with these places.
///
/// # Errors
/// If a part could be taken for something else in an address, or a part has no place.
pub(super) fn parse(path: &str, places: &Places) -> Result<SecretPath, PathError> {
    let path = path.trim();
    let wrong = |message| PathError::new(message).with_name(path);
    let parts: Vec<&str> = parts(path).collect();
    if parts.iter().any(|part| matches!(*part, "" | "." | "..")) {
        return Err(wrong("the path {} has an odd part")
            .with_hint("write parts with one slash between them, such as team/db"));
    }
    let is_odd = |c: char| c.is_control() || matches!(c, '\\' | '?' | '#' | '%');
    if path.contains(is_odd) {
        return Err(wrong("the path {} has a character that no path may have")
            .with_hint("leave out \\, ?, #, % and control characters"));
    }
    let wanted = places.highest();
    if parts.len() < wanted {
        return Err(wrong("the path {} has too few parts")
            .with_hint("MANIFILL_HTTP_URL, its headers and its body say how many there are"));
    }
    if parts.len() > wanted && !places.path {
        return Err(wrong("the path {} has too many parts")
            .with_hint("MANIFILL_HTTP_URL, its headers and its body say how many there are"));
    }
    Ok(SecretPath::verbatim(path))
}

/// The parts of a path.
pub(super) fn parts(path: &str) -> impl Iterator<Item = &str> {
    path.split('/')
}

#[cfg(test)]
mod tests {
    use super::super::template::Template;
    use super::*;

    fn places(text: &str) -> Places {
        let mut places = Places::default();
        Template::parse(text).note(&mut places);
        places
    }

    #[test]
    fn parts_are_names_and_there_are_as_many_as_places() {
        for (template, path) in [
            ("{path}", "a"),
            ("{path}", "a/b/c"),
            ("{path}{2}", "a/b/c"),
            ("{1}{2}", "a/b"),
            ("{1}", " a b&c=d@e:f;g+h "),
            ("{1}", "ü...{x}"),
        ] {
            let parsed = parse(path, &places(template)).unwrap();
            assert_eq!(parsed.as_str(), path.trim());
        }
        for (template, path, message) in [
            ("{1}", "a/b", "has too many parts"),
            ("{1}{2}", "a", "has too few parts"),
            ("{path}{2}", "a", "has too few parts"),
            ("{path}", "", "has an odd part"),
            ("{path}", "/a", "has an odd part"),
            ("{path}", "a/", "has an odd part"),
            ("{path}", "a//b", "has an odd part"),
            ("{path}", "a/./b", "has an odd part"),
            ("{path}", "a/../b", "has an odd part"),
            ("{path}", "..", "has an odd part"),
            ("{path}", "a\\b", "has a character that no path may have"),
            ("{path}", "a?b", "has a character that no path may have"),
            ("{path}", "a#b", "has a character that no path may have"),
            ("{path}", "%2e%2e", "has a character that no path may have"),
            ("{path}", "a\r\nb", "has a character that no path may have"),
        ] {
            let error = parse(path, &places(template)).unwrap_err();
            assert!(error.to_string().ends_with(message), "{path:?}: {error}");
        }
    }
}
