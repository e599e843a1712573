//! The values of YAML with the types that Kubernetes sees: YAML 1.1, as Go's yaml.v2 reads it.

pub(crate) mod objects;
pub(crate) mod reader;
pub(crate) mod resolve;
pub(crate) mod types;
