//! What a text is.

/// What a text is, and so how values are put into it.
///
/// ```
/// use manifill::Format;
///
/// assert_eq!(Format::of_name("charts/web/values.yaml"), Some(Format::Yaml));
/// assert_eq!(Format::of_name("deploy/.env.production"), Some(Format::Dotenv));
/// assert_eq!(Format::of_name("nginx.conf"), None);
/// ```
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Format {
    /// Kubernetes manifests, in YAML or JSON: every document has a `kind`.
    #[default]
    Manifest,
    /// YAML whose documents need no `kind`, such as the values of a Helm chart. A document that has
    /// one is filled as a manifest is.
    Yaml,
    /// JSON, one value or several.
    Json,
    /// `KEY=value` lines, as Docker Compose, python-dotenv and a shell's `source` read them.
    Dotenv,
    /// Properties files of Java.
    Properties,
    /// TOML.
    Toml,
    /// Any other text: values go in as they are.
    Text,
}

impl Format {
    /// The formats of texts that are no manifests.
    pub const TEXTS: [Format; 6] = [
        Format::Yaml,
        Format::Json,
        Format::Dotenv,
        Format::Properties,
        Format::Toml,
        Format::Text,
    ];

    /// The format that the name of a file tells, of the texts that are no manifests.
    pub fn of_name(name: &str) -> Option<Self> {
        let name = name.rsplit(['/', '\\']).next().unwrap_or_default();
        let name = name.to_ascii_lowercase();
        let (_, ending) = name.rsplit_once('.')?;
        if name.starts_with(".env.") || ending == "env" {
            return Some(Format::Dotenv);
        }
        Some(match ending {
            "yaml" | "yml" => Format::Yaml,
            "json" => Format::Json,
            "properties" => Format::Properties,
            "toml" => Format::Toml,
            "txt" | "text" => Format::Text,
            _ => return None,
        })
    }

    /// A stable word for it, such as `dotenv`.
    pub fn as_str(self) -> &'static str {
        match self {
            Format::Manifest => "manifest",
            Format::Yaml => "yaml",
            Format::Json => "json",
            Format::Dotenv => "dotenv",
            Format::Properties => "properties",
            Format::Toml => "toml",
            Format::Text => "text",
        }
    }

    /// Whether documents are read and written by `manifill_manifest`.
    pub(crate) fn is_yaml(self) -> bool {
        matches!(self, Format::Manifest | Format::Yaml)
    }
}
