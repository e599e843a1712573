//! The reads of a plan, each of them once.

use std::collections::BTreeSet;
use std::sync::{Mutex, MutexGuard, PoisonError};

use manifill_manifest::Resource;
use manifill_placeholder::Reference;
use manifill_vault::backend::claiming;
use manifill_vault::{Keys, SecretPath, SecretRequest};

use super::PlannedDocument;
use super::directives::Directives;
use super::planned_reads::{KeyRef, PlannedReads};
use super::read_key::ReadKey;
use super::read_table::ReadTable;
use crate::backends::Backends;
use crate::diagnostic::{Diagnostic, DiagnosticKind, Place};
use crate::policy::Rules;

/// What is wrong with a reference, apart from where it stands.
#[derive(Clone, Debug)]
pub(crate) struct Problem {
    pub(crate) kind: DiagnosticKind,
    pub(crate) message: String,
    pub(crate) hint: Option<String>,
    /// Whether it concerns the whole run, not this one reference.
    pub(crate) once: bool,
    /// Where in the input the mistake stands, if not in the reference.
    pub(crate) offset: Option<usize>,
}

impl Problem {
    pub(super) fn path(message: impl Into<String>, hint: Option<impl Into<String>>) -> Self {
        Problem {
            kind: DiagnosticKind::Path,
            message: message.into(),
            hint: hint.map(Into::into),
            once: false,
            offset: None,
        }
    }
}

impl From<Problem> for Diagnostic {
    fn from(problem: Problem) -> Self {
        Diagnostic::error(problem.kind, Place::default(), problem.message).with_hint(problem.hint)
    }
}

/// Collects the reads of all documents; shared by the threads that plan them.
pub(crate) struct Reads<'c> {
    pub(super) backends: &'c Backends,
    rules: &'c Rules,
    collected: Mutex<ReadTable>,
    /// The backends that were given a version and have none.
    without_versions: Mutex<BTreeSet<usize>>,
}

impl<'c> Reads<'c> {
    pub(crate) fn new(backends: &'c Backends, rules: &'c Rules) -> Self {
        Reads {
            backends,
            rules,
            collected: Mutex::default(),
            without_versions: Mutex::default(),
        }
    }

    /// Adds what a reference wants and says where to find it.
    pub(crate) fn want(
        &self,
        reference: &Reference,
        directives: &Directives,
        resource: &Resource,
    ) -> Result<KeyRef, Problem> {
        match reference {
            Reference::Path { path, key, version } => {
                let version = version.as_ref().map(|version| version.text.as_str());
                let (backend, path) = self.route(&path.text, directives)?;
                self.wanted(&self.asked(backend, path, version, resource)?, &key.text)
            }
            Reference::Key { key } => {
                let path = directives
                    .path
                    .as_ref()
                    .map_or("", |path| path.path.as_str());
                if path.is_empty() {
                    return Err(Problem::path(
                        "the annotation avp.kubernetes.io/path is empty, and this placeholder needs it",
                        Some("set the annotation avp.kubernetes.io/path, or write <path:PATH#KEY>"),
                    ));
                }
                let version = directives.version.as_deref();
                let (backend, path) = self.route(path, directives)?;
                self.wanted(&self.asked(backend, path, version, resource)?, &key.text)
            }
            Reference::Op(reference) => {
                let name = reference.backend.as_ref().map(|name| name.text.as_str());
                let path = reference.path();
                let owner = claiming(&path).ok_or_else(|| {
                    Problem::path("no type of backend reads such references", None::<String>)
                })?;
                let backend = self.owner(owner, name, directives)?;
                let asked = self.asked(backend, &path, None, resource)?;
                self.wanted(&asked, &reference.key())
            }
            _ => Err(Problem::path(
                "this version cannot read such a reference",
                None::<String>,
            )),
        }
    }

    /// The backend and the request for everything at a path, as a placeholder spells the path.
    pub(crate) fn whole(&self, path: &str) -> Result<(usize, SecretRequest), Problem> {
        let (backend, path) = self.route(path, &Directives::default())?;
        let plain = self.parse(backend, path)?;
        self.check(backend, path, plain.as_str())?;
        Ok((backend, SecretRequest::new(plain, Keys::All)))
    }

    /// Judges the path of an annotation, which no placeholder need use: it may hold no `<…>`, and
    /// policy holds for it all the same (rule R5). It is not read.
    pub(crate) fn judge(&self, path: &str, directives: &Directives) -> Result<(), Problem> {
        refuse_brackets(path)?;
        if !self.rules.is_restricted() {
            return Ok(());
        }
        let (backend, path) = self.route(path, directives)?;
        let plain = self
            .parse(backend, path)
            .map_or_else(|_| path.to_owned(), |plain| plain.as_str().to_owned());
        self.check(backend, path, &plain)
    }

    fn asked<'a>(
        &'a self,
        backend: usize,
        path: &'a str,
        version: Option<&'a str>,
        resource: &'a Resource,
    ) -> Result<ReadKey<'a>, Problem> {
        let reader = self.backend(backend)?;
        let version = version.filter(|_| {
            let has_versions = reader.has_versions();
            if !has_versions {
                locked(&self.without_versions).insert(backend);
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
            let name = self.backends.name(backend);
            format!(
                "backend {name} has no versions of secrets; those that are asked for have no effect"
            )
        };
        locked(&self.without_versions).iter().map(note).collect()
    }

    fn wanted(&self, asked: &ReadKey<'_>, key: &str) -> Result<KeyRef, Problem> {
        let spelling = asked.spelling();
        if let Some(wanted) = self.collected().wanted(&spelling, key) {
            return Ok(wanted);
        }
        let plain = self.parse(asked.backend, asked.path)?;
        self.check(asked.backend, asked.path, plain.as_str())?;
        Ok(self.collected().add(asked, &spelling, plain, key))
    }

    fn parse(&self, backend: usize, path: &str) -> Result<SecretPath, Problem> {
        refuse_brackets(path)?;
        self.backend(backend)?
            .parse_path(path)
            .map_err(|error| Problem::path(error.to_string(), error.hint()))
    }

    fn check(&self, backend: usize, raw: &str, plain: &str) -> Result<(), Problem> {
        let is_default = self.backends.default_index() == Some(backend);
        self.rules
            .check(self.backends.name(backend), is_default, raw, plain)
            .map_err(|error| Problem {
                kind: DiagnosticKind::Disallowed,
                message: error.to_string(),
                hint: error.hint().map(str::to_owned),
                once: false,
                offset: None,
            })
    }

    fn backend(&self, index: usize) -> Result<&dyn manifill_vault::VaultBackend, Problem> {
        match self.backends.backend(index) {
            Ok(backend) => Ok(backend.as_ref()),
            Err(error) => Err(Problem {
                kind: error.kind().into(),
                message: error.to_string(),
                hint: error.hint().map(str::to_owned),
                once: true,
                offset: None,
            }),
        }
    }

    fn collected(&self) -> MutexGuard<'_, ReadTable> {
        locked(&self.collected)
    }

    /// The reads, numbered in an order that does not depend on which thread came first; the
    /// documents' numbers are brought in line.
    pub(crate) fn into_sorted(self, documents: &mut [PlannedDocument]) -> PlannedReads {
        let collected = self.collected.into_inner();
        collected
            .unwrap_or_else(PoisonError::into_inner)
            .into_sorted(self.backends, documents)
    }
}

/// A thread that panicked in here has left no half-done change behind.
fn locked<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

/// People copy `vaults/<VAULT UUID>/…` from documentation.
fn refuse_brackets(path: &str) -> Result<(), Problem> {
    let Some(open) = path.find('<') else {
        return Ok(());
    };
    let end = path[open..]
        .find('>')
        .map_or(path.len(), |end| open + end + 1);
    Err(Problem::path(
        format!("the path `{path}` still has `{}` in it", &path[open..end]),
        Some(format!("replace {} by the id", &path[open..end])),
    ))
}
