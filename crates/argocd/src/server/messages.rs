//! The messages of Argo CD's plugin protocol, with its field numbers.

use std::collections::BTreeMap;

use prost::Message;
use prost::bytes::Bytes;

/// A part of a request: first what it is about, then the archive in pieces.
#[derive(Clone, PartialEq, Message)]
pub struct AppStreamRequest {
    /// One of the two.
    #[prost(oneof = "Part", tags = "1, 2")]
    pub request: Option<Part>,
}

/// What a part of a request holds.
#[derive(Clone, PartialEq, prost::Oneof)]
pub enum Part {
    /// What the request is about.
    #[prost(message, tag = "1")]
    Metadata(Metadata),
    /// A piece of the archive.
    #[prost(message, tag = "2")]
    File(Piece),
}

/// What a request is about.
#[derive(Clone, PartialEq, Message)]
pub struct Metadata {
    /// The last part of the app's path; its name is in the variables.
    #[prost(string, tag = "1")]
    pub app_name: String,
    /// The app's folder in the archive.
    #[prost(string, tag = "2")]
    pub app_rel_path: String,
    /// The SHA-256 of the archive, in hexadecimal digits.
    #[prost(string, tag = "3")]
    pub checksum: String,
    /// The bytes of the archive.
    #[prost(int64, tag = "4")]
    pub size: i64,
    /// What would be the environment of a plugin's command.
    #[prost(message, repeated, tag = "5")]
    pub env: Vec<Variable>,
}

/// A variable.
#[derive(Clone, PartialEq, Message)]
pub struct Variable {
    /// Its name.
    #[prost(string, tag = "1")]
    pub name: String,
    /// Its value.
    #[prost(string, tag = "2")]
    pub value: String,
}

/// A piece of the archive.
#[derive(Clone, PartialEq, Message)]
pub struct Piece {
    /// Its bytes.
    #[prost(bytes = "bytes", tag = "1")]
    pub chunk: Bytes,
}

/// The manifests of an app.
#[derive(Clone, PartialEq, Message)]
pub struct ManifestResponse {
    /// Texts, each of one or more documents.
    #[prost(string, repeated, tag = "1")]
    pub manifests: Vec<String>,
    /// Left empty, as Argo CD's own server does.
    #[prost(string, tag = "2")]
    pub source_type: String,
}

/// Whether a plugin is for a repository.
#[derive(Clone, PartialEq, Message)]
pub struct RepositoryResponse {
    /// Whether it is.
    #[prost(bool, tag = "1")]
    pub is_supported: bool,
    /// Whether it looks at all.
    #[prost(bool, tag = "2")]
    pub is_discovery_enabled: bool,
}

/// What an app may set.
#[derive(Clone, PartialEq, Message)]
pub struct ParametersAnnouncementResponse {
    /// One for each parameter.
    #[prost(message, repeated, tag = "1")]
    pub parameter_announcements: Vec<ParameterAnnouncement>,
}

/// A parameter.
#[derive(Clone, PartialEq, Message)]
pub struct ParameterAnnouncement {
    /// Its name.
    #[prost(string, tag = "1")]
    pub name: String,
    /// Its name for people.
    #[prost(string, tag = "2")]
    pub title: String,
    /// What it does.
    #[prost(string, tag = "3")]
    pub tooltip: String,
    /// Whether it must be set.
    #[prost(bool, tag = "4")]
    pub required: bool,
    /// The type of an item.
    #[prost(string, tag = "5")]
    pub item_type: String,
    /// `string`, `array` or `map`.
    #[prost(string, tag = "6")]
    pub collection_type: String,
    /// The default of a string.
    #[prost(string, tag = "7")]
    pub string: String,
    /// The default of an array.
    #[prost(string, repeated, tag = "8")]
    pub array: Vec<String>,
    /// The default of a map.
    #[prost(btree_map = "string, string", tag = "9")]
    pub map: BTreeMap<String, String>,
}

/// Asks for nothing in particular.
#[derive(Clone, Copy, PartialEq, Eq, Message)]
pub struct Empty {}

/// How a plugin is set up.
#[derive(Clone, PartialEq, Message)]
pub struct CheckPluginConfigurationResponse {
    /// Whether it says for which repositories it is.
    #[prost(bool, tag = "1")]
    pub is_discovery_configured: bool,
    /// Whether it wants the credentials of the repository: never.
    #[prost(bool, tag = "2")]
    pub provide_git_creds: bool,
}
