//! The formats of encrypted files.

use std::path::Path;

use super::cipher::Sealed;
use super::tree::{Entries, Misread, Node};
use super::{json, lines, yaml};

/// Where YAML and JSON keep what sops writes about itself.
const SOPS: &str = "sops";

/// The format of a file, by the end of its name.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Format {
    Yaml,
    Json,
    Dotenv,
    Ini,
    /// Another end: sops writes any other file as JSON with the one key `data`, and AVP reads
    /// whatever it gets as YAML. An object in braces is the former.
    Other,
}

/// A file in its parts.
pub(super) struct Parts {
    pub(super) documents: Vec<Entries>,
    /// What sops wrote about itself; `None` if nothing, as in a file that is not encrypted.
    pub(super) about: Option<Node>,
}

impl Format {
    pub(super) fn of(path: &Path) -> Self {
        let extension = path.extension().unwrap_or_default().to_string_lossy();
        match extension.to_ascii_lowercase().as_str() {
            "yaml" | "yml" => Format::Yaml,
            "json" => Format::Json,
            "env" => Format::Dotenv,
            "ini" => Format::Ini,
            // The name `.env` is all extension.
            _ if path.file_name().is_some_and(|name| name == ".env") => Format::Dotenv,
            _ => Format::Other,
        }
    }

    /// Takes a text apart.
    pub(super) fn read(self, text: &str) -> Result<Parts, Misread> {
        let is_object = || text.trim_start().starts_with('{');
        let flat = |(entries, about): (Entries, Node)| Parts {
            documents: vec![entries],
            about: match &about {
                Node::Map(found) if found.is_empty() => None,
                _ => Some(about),
            },
        };
        match self {
            Format::Dotenv => lines::dotenv(text).map(flat),
            Format::Ini => lines::ini(text).map(flat),
            Format::Json => json::read(text).map(|entries| Parts::nested(vec![entries])),
            Format::Other if is_object() => {
                json::read(text).map(|entries| Parts::nested(vec![entries]))
            }
            Format::Yaml | Format::Other => yaml::read(text).map(Parts::nested),
        }
    }
}

fn is_sealed(entries: &Entries) -> bool {
    let entry = |name: &str| entries.iter().find(|(key, _)| key == name);
    let is_encrypted = |node: &Node| {
        node.word()
            .is_some_and(|text| Sealed::parse(text).is_some())
    };
    let mac = entry(SOPS).and_then(|(_, about)| about.entry("mac"));
    // A `kind` can also come with a merge key.
    let is_object = match entry("kind") {
        Some((_, kind)) => !is_encrypted(kind) || entry("apiVersion").is_some(),
        None => entry("<<").is_some(),
    };
    mac.is_some_and(is_encrypted) && !is_object
}

impl Parts {
    /// Takes out what sops wrote about itself: each document has it, and the first one counts.
    fn nested(mut documents: Vec<Entries>) -> Self {
        let mut about = None;
        for document in &mut documents {
            if let Some(place) = document.iter().position(|(key, _)| key == SOPS) {
                let (_, node) = document.remove(place);
                about.get_or_insert(node);
            }
        }
        Parts { documents, about }
    }
}

/// Whether a text, YAML or JSON, holds encrypted values and no Kubernetes object: sops wrote every
/// document, and none has a `kind` in clear text or is an object that was encrypted as a whole.
pub(super) fn holds_no_object(text: &str) -> bool {
    let documents = if text.trim_start().starts_with('{') {
        json::read(text).map(|entries| vec![entries])
    } else {
        yaml::read(text)
    };
    documents.is_ok_and(|documents| !documents.is_empty() && documents.iter().all(is_sealed))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_end_of_the_name_decides() {
        for (name, format) in [
            ("a.yaml", Format::Yaml),
            ("a.YML", Format::Yaml),
            ("a.enc.json", Format::Json),
            ("prod.env", Format::Dotenv),
            (".env", Format::Dotenv),
            ("a.ini", Format::Ini),
            ("a.bin", Format::Other),
            ("a", Format::Other),
        ] {
            assert_eq!(Format::of(Path::new(name)), format, "{name}");
        }
    }

    #[test]
    fn an_object_is_told_from_values() {
        let sealed = "ENC[AES256_GCM,data:a,iv:b,tag:c,type:str]";
        let about = format!("sops:\n  mac: {sealed}\n");
        for (text, expected) in [
            (format!("password: {sealed}\n{about}"), true),
            (format!("kind: {sealed}\nmetadata: {{}}\n{about}"), true),
            // Encrypted as a whole: the cluster will refuse it. Without it, an object that is there
            // already would be pruned.
            (
                format!("apiVersion: {sealed}\nkind: {sealed}\n{about}"),
                false,
            ),
            (format!("a: 1\n{about}---\n{about}---\n# empty\n"), true),
            // What a cluster could take, and what sops did not write.
            (format!("kind: Secret\n{about}"), false),
            (format!("kind: {{}}\n{about}"), false),
            (format!("<<: {{kind: Secret}}\n{about}"), false),
            (format!("a: 1\n{about}---\nkind: Secret\n{about}"), false),
            (format!("a: 1\n{about}---\nkind: Secret\n"), false),
            (format!("a: 1\n{about}---\nb: 1\n"), false),
            (format!("a: {sealed}\n"), false),
            ("sops: {mac: x}\n".to_owned(), false),
            ("sops: x\n".to_owned(), false),
            (format!("- a\n---\n{about}"), false),
            (format!("a: <path:b#c> {sealed}\na: [\n"), false),
            (String::new(), false),
        ] {
            assert_eq!(holds_no_object(&text), expected, "{text}");
        }
        let json = format!("{{\"data\": \"x\", \"sops\": {{\"mac\": \"{sealed}\"}}}}");
        assert!(holds_no_object(&json));
        assert!(!holds_no_object(&format!("{json}\n{{\"kind\": \"A\"}}")));
    }

    #[test]
    fn other_files_are_json_or_yaml() -> Result<(), Misread> {
        for text in [" {\"data\": \"x\", \"sops\": {}}", "data: x\nsops: {}\n"] {
            let parts = Format::Other.read(text)?;
            assert!(parts.about.is_some() && parts.documents.len() == 1);
            let key = parts.documents[0].first().map(|(key, _)| key.as_str());
            assert_eq!(key, Some("data"), "{text}");
        }
        Ok(())
    }

    #[test]
    fn a_file_that_is_not_encrypted_says_nothing_about_sops() -> Result<(), Misread> {
        for (format, text) in [
            (Format::Yaml, "a: b\n"),
            (Format::Json, "{}"),
            (Format::Dotenv, "A=b\n"),
            (Format::Ini, "a = b\n[x]\n"),
        ] {
            assert!(format.read(text)?.about.is_none(), "{format:?}");
        }
        Ok(())
    }
}
