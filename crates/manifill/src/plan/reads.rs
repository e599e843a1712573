//! The reads of a plan, each of them once.

use std::collections::{BTreeMap, HashMap};
use std::sync::{Mutex, MutexGuard};

use manifill_manifest::Resource;
use manifill_placeholder::Reference;
use manifill_vault::{Keys, SecretPath, SecretRequest};

use super::steering::Steering;
use super::{Hole, PlannedDocument, PlannedRead};
use crate::backends::Backends;
use crate::config::Rules;
use crate::diagnostic::{Diagnostic, DiagnosticKind, Place};

/// A key of a read: numbers, since a run can have very many of them.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Wanted {
    read: u32,
    key: u32,
}

impl Wanted {
    /// The index of the read.
    pub(crate) fn read(self) -> usize {
        self.read as usize
    }

    /// The key.
    pub(crate) fn key(self, reads: &[PlannedRead]) -> &str {
        &reads[self.read as usize].keys[self.key as usize]
    }
}

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
    collected: Mutex<Collected>,
}

#[derive(Default)]
struct Collected {
    reads: Vec<Read>,
    /// The read of a path as it is written, so that each spelling is parsed and judged once. Those
    /// that are wrong are not kept: there can be very many.
    by_spelling: HashMap<Spelling<String>, u32>,
    by_path: HashMap<Spelling<SecretPath>, u32>,
}

struct Read {
    backend: usize,
    path: SecretPath,
    version: Option<String>,
    options: BTreeMap<String, String>,
    keys: HashMap<Box<str>, u32>,
}

/// What a read is known by: its path as it is written, or as the backend understands it.
#[derive(Clone, PartialEq, Eq, Hash)]
struct Spelling<P> {
    backend: usize,
    path: P,
    version: Option<String>,
    options: BTreeMap<String, String>,
}

impl<'c> Reads<'c> {
    pub(crate) fn new(backends: &'c Backends, rules: &'c Rules) -> Self {
        Reads {
            backends,
            rules,
            collected: Mutex::default(),
        }
    }

    /// Adds what a reference wants and says where to find it.
    pub(crate) fn want(
        &self,
        reference: &Reference,
        steering: &Steering,
        resource: &Resource,
    ) -> Result<Wanted, Problem> {
        match reference {
            Reference::Path { path, key, version } => {
                let version = version.as_ref().map(|version| version.text.as_str());
                let read = self.read(&path.text, version, steering, resource)?;
                Ok(self.key(read, &key.text))
            }
            Reference::Key { key } => {
                let path = steering.path.as_ref().map_or("", |path| path.path.as_str());
                if path.is_empty() {
                    return Err(Problem::path(
                        "the annotation avp.kubernetes.io/path is empty, and this placeholder needs it",
                        Some("set the annotation avp.kubernetes.io/path, or write <path:PATH#KEY>"),
                    ));
                }
                let read = self.read(path, steering.version.as_deref(), steering, resource)?;
                Ok(self.key(read, &key.text))
            }
            Reference::Op(reference) => {
                let name = reference.backend.as_ref().map(|name| name.text.as_str());
                let backend = self.onepassword(name, steering)?;
                let path = reference.path();
                let spelling = self.spelling(backend, &path, None, resource)?;
                let read = self.spelled(spelling)?;
                Ok(self.key(read, &reference.key()))
            }
        }
    }

    /// The read of everything at a path, as a placeholder spells the path.
    pub(crate) fn whole(&self, path: &str) -> Result<PlannedRead, Problem> {
        let (backend, path) = self.choose(path, &Steering::default())?;
        let plain = self.parse(backend, path)?;
        self.check(backend, path, plain.as_str())?;
        Ok(PlannedRead {
            backend,
            backend_name: self.backends.name(backend).to_owned(),
            request: SecretRequest::new(plain, Keys::All),
            keys: Vec::new(),
        })
    }

    /// Judges the path of an annotation, which no placeholder need use: it may hold no `<…>`, and
    /// policy holds for it all the same (rule R5). It is not read.
    pub(crate) fn judge(&self, path: &str, steering: &Steering) -> Result<(), Problem> {
        refuse_brackets(path)?;
        if !self.rules.is_restricted() {
            return Ok(());
        }
        let (backend, path) = self.choose(path, steering)?;
        let plain = self
            .parse(backend, path)
            .map_or_else(|_| path.to_owned(), |plain| plain.as_str().to_owned());
        self.check(backend, path, &plain)
    }

    fn read(
        &self,
        path: &str,
        version: Option<&str>,
        steering: &Steering,
        resource: &Resource,
    ) -> Result<u32, Problem> {
        let (backend, path) = self.choose(path, steering)?;
        let spelling = self.spelling(backend, path, version, resource)?;
        self.spelled(spelling)
    }

    fn spelling(
        &self,
        backend: usize,
        path: &str,
        version: Option<&str>,
        resource: &Resource,
    ) -> Result<Spelling<String>, Problem> {
        let declared = self.backend(backend)?.options();
        let options = resource
            .annotations
            .iter()
            .filter(|annotation| declared.contains(&annotation.name.as_str()))
            .map(|annotation| (annotation.name.clone(), annotation.value.clone()))
            .collect();
        Ok(Spelling {
            backend,
            path: path.to_owned(),
            version: version.map(str::to_owned),
            options,
        })
    }

    fn spelled(&self, spelling: Spelling<String>) -> Result<u32, Problem> {
        if let Some(known) = self.collected().by_spelling.get(&spelling) {
            return Ok(*known);
        }
        let plain = self.parse(spelling.backend, &spelling.path)?;
        self.check(spelling.backend, &spelling.path, plain.as_str())?;
        let mut collected = self.collected();
        let read = collected.intern(&spelling, plain);
        collected.by_spelling.insert(spelling, read);
        Ok(read)
    }

    fn parse(&self, backend: usize, path: &str) -> Result<SecretPath, Problem> {
        refuse_brackets(path)?;
        self.backend(backend)?
            .parse_path(path)
            .map_err(|error| Problem::path(error.to_string(), error.advice()))
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
                hint: error.advice().map(str::to_owned),
                once: true,
                offset: None,
            }),
        }
    }

    fn key(&self, read: u32, key: &str) -> Wanted {
        let mut collected = self.collected();
        let keys = &mut collected.reads[read as usize].keys;
        let key = match keys.get(key) {
            Some(known) => *known,
            None => {
                let next = keys.len() as u32;
                keys.insert(key.into(), next);
                next
            }
        };
        Wanted { read, key }
    }

    fn collected(&self) -> MutexGuard<'_, Collected> {
        // A thread that panicked in here has left no half-done change behind.
        self.collected
            .lock()
            .unwrap_or_else(|poisoned| poisoned.into_inner())
    }

    /// The reads in the order of backend and path, which does not depend on which thread came
    /// first; the documents' indexes are brought in line.
    pub(crate) fn into_sorted(self, documents: &mut [PlannedDocument]) -> Vec<PlannedRead> {
        let collected = self
            .collected
            .into_inner()
            .unwrap_or_else(|poisoned| poisoned.into_inner());
        let mut order: Vec<(usize, Read)> = collected.reads.into_iter().enumerate().collect();
        order.sort_by(|(_, a), (_, b)| {
            (a.backend, &a.path, &a.version, &a.options)
                .cmp(&(b.backend, &b.path, &b.version, &b.options))
        });
        let mut places = vec![0; order.len()];
        for (place, (old, _)) in order.iter().enumerate() {
            places[*old] = place as u32;
        }
        let holes = documents
            .iter_mut()
            .flat_map(|document| &mut document.sites)
            .flat_map(|site| &mut site.holes);
        for wanted in holes.flat_map(Hole::wanted_mut) {
            wanted.read = places[wanted.read as usize];
        }
        order
            .into_iter()
            .map(|(_, read)| {
                let mut keys: Vec<(Box<str>, u32)> = read.keys.into_iter().collect();
                keys.sort_unstable_by_key(|(_, number)| *number);
                let keys: Vec<Box<str>> = keys.into_iter().map(|(key, _)| key).collect();
                PlannedRead {
                    backend: read.backend,
                    backend_name: self.backends.name(read.backend).to_owned(),
                    request: SecretRequest {
                        path: read.path,
                        version: read.version,
                        options: read.options,
                        keys: Keys::names(keys.iter().map(|key| key.as_ref())),
                    },
                    keys,
                }
            })
            .collect()
    }
}

impl Collected {
    fn intern(&mut self, spelling: &Spelling<String>, path: SecretPath) -> u32 {
        let same = Spelling {
            backend: spelling.backend,
            path,
            version: spelling.version.clone(),
            options: spelling.options.clone(),
        };
        if let Some(&read) = self.by_path.get(&same) {
            return read;
        }
        let read = self.reads.len() as u32;
        self.reads.push(Read {
            backend: same.backend,
            path: same.path.clone(),
            version: same.version.clone(),
            options: same.options.clone(),
            keys: HashMap::new(),
        });
        self.by_path.insert(same, read);
        read
    }
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
