//! The reads of a plan, each of them once.

use std::collections::BTreeSet;
use std::sync::{Mutex, MutexGuard};

use manifill_manifest::Resource;
use manifill_placeholder::{Modifier, Reference};
use manifill_vault::backend::claiming;
use manifill_vault::{Keys, SecretPath, SecretRequest};

use super::directives::Directives;
use super::planned::PlannedDocument;
use super::planned_reads::{KeyRef, PlannedReads};
use super::read_key::ReadKey;
use super::read_table::ReadTable;
use super::route::{Router, wrong_path};
use crate::backends::Backends;
use crate::diagnostic::DiagnosticKind;
use crate::finding::cause;
use crate::pending::PendingDiagnostic;
use crate::policy::{Purpose, Rules};
use crate::sync::{into_inner, lock};

/// Collects the reads of all documents; shared by the threads that plan them.
pub(crate) struct Reads<'c> {
    router: Router<'c>,
    rules: &'c Rules,
    collected: Mutex<ReadTable>,
    /// The backends that were given a version and have none.
    without_versions: Mutex<BTreeSet<usize>>,
}

impl<'c> Reads<'c> {
    pub(crate) fn new(backends: &'c Backends, rules: &'c Rules) -> Self {
        Reads {
            router: Router { backends },
            rules,
            collected: Mutex::default(),
            without_versions: Mutex::default(),
        }
    }

    /// The backends that are read from.
    pub(crate) fn backends(&self) -> &'c Backends {
        self.router.backends
    }

    /// Adds what a reference wants and says where to find it.
    pub(crate) fn want(
        &self,
        reference: &Reference,
        modifiers: &[Modifier],
        directives: &Directives,
        resource: &Resource,
    ) -> Result<KeyRef, PendingDiagnostic> {
        let purpose = Purpose::of(modifiers);
        match reference {
            Reference::Path { path, key, version } => {
                let version = version.as_ref().map(|version| version.text.as_str());
                let (backend, path) = self.router.route(&path.text, directives)?;
                let asked = self.asked(backend, path, version, resource)?;
                self.wanted(&asked, &key.text, purpose)
            }
            Reference::Key { key } => {
                let path = directives
                    .path
                    .as_ref()
                    .map_or("", |path| path.path.as_str());
                if path.is_empty() {
                    return Err(wrong_path(
                        "the annotation avp.kubernetes.io/path is empty, and this placeholder needs it",
                    )
                    .with_hint(
                        "set the annotation avp.kubernetes.io/path, or write <path:PATH#KEY>",
                    ));
                }
                let version = directives.version.as_deref();
                let (backend, path) = self.router.route(path, directives)?;
                let asked = self.asked(backend, path, version, resource)?;
                self.wanted(&asked, &key.text, purpose)
            }
            Reference::Op(reference) => {
                let name = reference.backend.as_ref().map(|name| name.text.as_str());
                let path = reference.path();
                let owner = claiming(&path)
                    .ok_or_else(|| wrong_path("no type of backend reads such references"))?;
                let backend = self.router.owner(owner, name, directives)?;
                let asked = self.asked(backend, &path, None, resource)?;
                self.wanted(&asked, &reference.key(), purpose)
            }
            _ => Err(wrong_path("this version cannot read such a reference")),
        }
    }

    /// The backend and the request for everything at a path, as a placeholder spells the path.
    pub(crate) fn whole(
        &self,
        path: &str,
        purpose: Purpose<'_>,
    ) -> Result<(usize, SecretRequest), PendingDiagnostic> {
        let (backend, path) = self.router.route(path, &Directives::default())?;
        let plain = self.parse(backend, path)?;
        self.check(purpose, backend, path, plain.as_str())?;
        Ok((backend, SecretRequest::new(plain, Keys::All)))
    }

    /// Judges the path of an annotation, which no placeholder need use: it may hold no `<…>`, and
    /// policy holds for it all the same (rule R5). It is not read.
    pub(crate) fn judge(
        &self,
        path: &str,
        directives: &Directives,
    ) -> Result<(), PendingDiagnostic> {
        refuse_brackets(path)?;
        if !self.rules.is_restricted() {
            return Ok(());
        }
        let (backend, path) = self.router.route(path, directives)?;
        let plain = self
            .parse(backend, path)
            .map_or_else(|_| path.to_owned(), |plain| plain.as_str().to_owned());
        self.check(Purpose::Names, backend, path, &plain)
    }

    fn asked<'a>(
        &'a self,
        backend: usize,
        path: &'a str,
        version: Option<&'a str>,
        resource: &'a Resource,
    ) -> Result<ReadKey<'a>, PendingDiagnostic> {
        let reader = self.backend(backend)?;
        let version = version.filter(|_| {
            let has_versions = reader.has_versions();
            if !has_versions {
                lock(&self.without_versions).insert(backend);
            }
            has_versions
        });
        Ok(ReadKey::new(
            backend,
            path,
            version,
            &reader.options(),
            resource,
        ))
    }

    /// Remarks about what has no effect.
    pub(crate) fn notes(&self) -> Vec<String> {
        let note = |&backend| {
            let name = self.router.backends.name(backend);
            format!(
                "backend {name} has no versions of secrets; those that are asked for have no effect"
            )
        };
        lock(&self.without_versions).iter().map(note).collect()
    }

    fn wanted(
        &self,
        asked: &ReadKey<'_>,
        key: &str,
        purpose: Purpose<'_>,
    ) -> Result<KeyRef, PendingDiagnostic> {
        let spelling = asked.spelling();
        // What is known may be had for every purpose.
        if let Some(wanted) = self.collected().wanted(&spelling, key) {
            return Ok(wanted);
        }
        let plain = self.parse(asked.backend, asked.path)?;
        let (backend, path) = (asked.backend, asked.path);
        self.check(purpose, backend, path, plain.as_str())?;
        let spelling = match purpose {
            Purpose::Value => Some(&spelling),
            _ => self
                .check(Purpose::Value, backend, path, plain.as_str())
                .ok()
                .map(|()| &spelling),
        };
        Ok(self.collected().add(asked, spelling, plain, key))
    }

    fn parse(&self, backend: usize, path: &str) -> Result<SecretPath, PendingDiagnostic> {
        refuse_brackets(path)?;
        self.backend(backend)?.parse_path(path).map_err(|error| {
            let message = error.to_string();
            let about = cause([self.router.backends.name(backend), path, &message]);
            wrong_path(message)
                .with_hint_of(error.hint())
                .with_cause(about)
        })
    }

    fn check(
        &self,
        purpose: Purpose<'_>,
        backend: usize,
        raw: &str,
        plain: &str,
    ) -> Result<(), PendingDiagnostic> {
        let is_default = self.router.backends.default_index() == Some(backend);
        self.rules
            .check_for(
                purpose,
                self.router.backends.name(backend),
                is_default,
                raw,
                plain,
            )
            .map_err(|error| {
                PendingDiagnostic::error(DiagnosticKind::Disallowed, error.to_string())
                    .with_hint_of(error.hint())
                    .once()
            })
    }

    fn backend(
        &self,
        index: usize,
    ) -> Result<&dyn manifill_vault::VaultBackend, PendingDiagnostic> {
        match self.router.backends.backend(index) {
            Ok(backend) => Ok(backend.as_ref()),
            Err(error) => {
                let mistakes = self.router.backends.mistakes(index, error);
                Err(PendingDiagnostic::in_settings(mistakes))
            }
        }
    }

    fn collected(&self) -> MutexGuard<'_, ReadTable> {
        lock(&self.collected)
    }

    /// How many reads there are so far.
    pub(crate) fn len(&self) -> usize {
        self.collected().len()
    }

    /// The reads, numbered in an order that does not depend on which thread came first; the
    /// documents' numbers are brought in line.
    pub(crate) fn into_sorted(self, documents: &mut [PlannedDocument]) -> PlannedReads {
        into_inner(self.collected).into_sorted(self.router.backends, documents)
    }
}

/// People copy `vaults/<VAULT UUID>/…` from documentation.
fn refuse_brackets(path: &str) -> Result<(), PendingDiagnostic> {
    let Some(open) = path.find('<') else {
        return Ok(());
    };
    let end = path[open..]
        .find('>')
        .map_or(path.len(), |end| open + end + 1);
    let odd = &path[open..end];
    let wrong = wrong_path(format!("the path `{path}` still has `{odd}` in it")).once();
    // A whole placeholder in the annotation.
    let whole = odd
        .strip_prefix("<path:")
        .filter(|_| odd == path.trim_ascii());
    let alone = whole.and_then(|rest| rest.split(['#', '|', '>']).next());
    Err(
        match alone.map(str::trim_ascii).filter(|path| !path.is_empty()) {
            Some(alone) => wrong.with_hint(format!("write {alone}, the path alone")),
            None => wrong.with_hint(format!("replace {odd} by the id")),
        },
    )
}
