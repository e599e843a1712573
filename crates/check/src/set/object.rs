//! An object of Kubernetes.

use manifill_manifest::{FieldPath, Span, Value};

use super::field::Field;

/// An object, and where it stands.
#[derive(Debug)]
pub(crate) struct Object {
    pub(crate) input: usize,
    pub(crate) document: Span,
    /// The way from the document to the object, which lists lie between.
    pub(crate) at: FieldPath,
    pub(crate) kind: String,
    /// The part of `apiVersion` before the slash; `None` if there is no `apiVersion`.
    group: Option<String>,
    pub(crate) namespace: Option<String>,
    pub(crate) name: Option<String>,
    value: Value,
}

impl Object {
    pub(crate) fn new(input: usize, document: Span, at: FieldPath, value: Value) -> Self {
        let root = Field::new(&value);
        let text = |names: &[&str]| root.text_at(names).map(str::to_owned);
        let group = text(&["apiVersion"]).map(|version| match version.split_once('/') {
            Some((group, _)) => group.to_owned(),
            None => String::new(),
        });
        Object {
            kind: text(&["kind"]).unwrap_or_default(),
            namespace: text(&["metadata", "namespace"]),
            name: text(&["metadata", "name"]),
            group,
            input,
            document,
            at,
            value,
        }
    }

    /// Whether it is of this kind of this group; the core group is `""`.
    pub(crate) fn is(&self, group: &str, kind: &str) -> bool {
        self.kind == kind && self.group.as_deref().is_none_or(|one| one == group)
    }

    /// The object as a field.
    pub(crate) fn root(&self) -> Field<'_> {
        Field::new(&self.value)
    }

    /// `Kind/name` or `Kind/namespace/name`, as messages show it.
    pub(crate) fn shown(&self) -> String {
        let mut shown = self.kind.clone();
        for part in [&self.namespace, &self.name].into_iter().flatten() {
            shown.push('/');
            shown.push_str(part);
        }
        shown
    }

    /// Whether it may be in this namespace: one without a namespace may be in any, and what names
    /// no namespace may mean any.
    pub(crate) fn may_be_in(&self, namespace: Option<&str>) -> bool {
        match (self.namespace.as_deref(), namespace) {
            (Some(mine), Some(other)) => mine == other,
            _ => true,
        }
    }
}
