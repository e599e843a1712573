//! The plugins of kustomize: only built-in ones run here, and some of them read files.

use std::fmt;

use serde_json::Value;

use super::error::{RenderingError, RenderingErrorKind, shown};
use super::remote::REMOTE_HOSTS;

/// A built-in plugin.
#[derive(Clone, Copy)]
pub(crate) struct BuiltIn {
    kind: &'static str,
    reads: Reads,
}

/// Which files a plugin reads.
#[derive(Clone, Copy)]
pub(crate) enum Reads {
    Nothing,
    /// `files`, `envs` and `env`.
    Sources,
    /// The one that a field names.
    Field(&'static str),
    /// `paths`, which may be patches, too.
    Patches,
    /// `path` of each of `replacements`.
    Replacements,
}

/// All but the one that runs Helm.
const BUILT_IN: [(&str, Reads); 18] = [
    ("AnnotationsTransformer", Reads::Nothing),
    ("ConfigMapGenerator", Reads::Sources),
    ("HashTransformer", Reads::Nothing),
    ("IAMPolicyGenerator", Reads::Nothing),
    ("ImageTagTransformer", Reads::Nothing),
    ("LabelTransformer", Reads::Nothing),
    ("NamespaceTransformer", Reads::Nothing),
    ("PatchJson6902Transformer", Reads::Field("path")),
    ("PatchStrategicMergeTransformer", Reads::Patches),
    ("PatchTransformer", Reads::Field("path")),
    ("PrefixSuffixTransformer", Reads::Nothing),
    ("PrefixTransformer", Reads::Nothing),
    ("ReplacementTransformer", Reads::Replacements),
    ("ReplicaCountTransformer", Reads::Nothing),
    ("SecretGenerator", Reads::Sources),
    ("SortOrderTransformer", Reads::Nothing),
    ("SuffixTransformer", Reads::Nothing),
    ("ValueAddTransformer", Reads::Field("targetFilePath")),
];

impl BuiltIn {
    pub(crate) fn reads(self) -> Reads {
        self.reads
    }
}

impl fmt::Display for BuiltIn {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.kind)
    }
}

/// The built-in plugin that a configuration is for. Others are programs, and one runs Helm.
pub(crate) fn built_in(what: &str, plugin: &Value) -> Result<BuiltIn, RenderingError> {
    let text = |field: &str| {
        plugin
            .get(field)
            .and_then(Value::as_str)
            .unwrap_or_default()
    };
    let annotations = plugin
        .pointer("/metadata/annotations")
        .and_then(Value::as_object);
    let is_function = |name: &String| name.starts_with("config.k") && name.ends_with("/function");
    let runs = annotations.is_some_and(|annotations| annotations.keys().any(is_function));
    let mut known = BUILT_IN.iter();
    let known = known.find(|(kind, _)| *kind == text("kind"));
    match known.filter(|_| !runs && text("apiVersion") == "builtin") {
        Some(&(kind, reads)) => Ok(BuiltIn { kind, reads }),
        None => {
            let kind = shown(text("kind"));
            let message = format!("{what}: {kind} is a plugin that runs a program");
            let hint = format!(
                "only plugins of kustomize itself, with `apiVersion: builtin`, work here, and HelmChartInflationGenerator, which may fetch charts, does not; no host in {REMOTE_HOSTS} changes that"
            );
            Err(RenderingError::new(RenderingErrorKind::Remote, message).with_hint(hint))
        }
    }
}
