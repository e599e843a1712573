//! Which backend a path is read from.

use manifill_placeholder::split_backend;
use manifill_vault::backend::{BackendInfo, claiming};

use super::directives::Directives;
use crate::backends::Backends;
use crate::diagnostic::{Diagnostic, DiagnosticKind};
use crate::near;
use crate::pending::PendingDiagnostic;

/// Finds the backend of each path.
pub(super) struct Router<'c> {
    pub(super) backends: &'c Backends,
}

impl Router<'_> {
    /// The backend of a path and the path without the backend's name (rule R3).
    pub(super) fn route<'p>(
        &self,
        path: &'p str,
        directives: &Directives,
    ) -> Result<(usize, &'p str), PendingDiagnostic> {
        let (name, rest) = if self.backends.are_named() {
            split_backend(path)
        } else {
            (None, path)
        };
        let rest = rest.trim();
        if let Some(owner) = claiming(rest) {
            return Ok((self.owner(owner, name, directives)?, rest));
        }
        let backend = match (name, &directives.backend) {
            (Some(name), _) => self.named(name)?,
            (None, Some(annotation)) => self
                .named(&annotation.name)
                .map_err(|pending| pending.at_offset(annotation.offset))?,
            (None, None) => self.default()?,
        };
        Ok((backend, rest))
    }

    fn default(&self) -> Result<usize, PendingDiagnostic> {
        self.backends.default_index().ok_or_else(|| {
            let missing = Diagnostic::from_vault(&self.backends.missing_default(), false);
            PendingDiagnostic::in_settings(vec![missing])
        })
    }

    fn named(&self, name: &str) -> Result<usize, PendingDiagnostic> {
        self.backends.index(name).ok_or_else(|| {
            let near = near::names(name, self.backends.names());
            let hint = if near.is_empty() {
                "name it in the `backends` section of the settings file".to_owned()
            } else {
                format!("did you mean {near}?")
            };
            wrong_path(format!("there is no backend `{name}`"))
                .with_hint(hint)
                .once()
        })
    }

    /// The backend of a link that one type of backend claims: the only one of its type, unless a
    /// name says which.
    pub(super) fn owner(
        &self,
        owner: &BackendInfo,
        name: Option<&str>,
        directives: &Directives,
    ) -> Result<usize, PendingDiagnostic> {
        if let Some(name) = name {
            return self.named(name);
        }
        let kind = owner.name;
        let all: Vec<usize> = self.backends.of_kind(kind).collect();
        let annotated = directives
            .backend
            .as_ref()
            .and_then(|annotation| self.backends.index(&annotation.name));
        match (all.as_slice(), annotated) {
            ([only], _) => Ok(*only),
            (several, Some(annotated)) if several.contains(&annotated) => Ok(annotated),
            ([], _) if self.backends.default_index().is_none() && !self.backends.are_named() => {
                self.default()
            }
            ([], _) => Err(wrong_path(format!(
                "no backend of type `{kind}` to read this reference from"
            ))
            .with_hint(
                "op:// references and item links need one; other backends are read with <path:PATH#KEY>",
            )),
            (several, _) => {
                let choices: Vec<String> = several
                    .iter()
                    .map(|&index| format!("<op://{}!vault/item/field>", self.backends.name(index)))
                    .collect();
                Err(
                    wrong_path(format!("several backends are of type `{kind}`"))
                        .with_hint(format!("choose one: {}", choices.join(", "))),
                )
            }
        }
    }
}

/// What is wrong with a path, wherever it stands.
pub(super) fn wrong_path(message: impl Into<String>) -> PendingDiagnostic {
    PendingDiagnostic::error(DiagnosticKind::Path, message)
}
