//! The reads of a plan, each of them once.

use std::collections::HashMap;
use std::num::NonZeroU32;
use std::sync::{Arc, Mutex, MutexGuard};

use manifill_manifest::Resource;
use manifill_placeholder::Reference;
use manifill_vault::{Keys, SecretPath, SecretRequest};

use super::PlannedDocument;
use super::planned_reads::{Group, PlannedReads, Wanted};
use super::spelling::{Asked, Spelling};
use super::steering::Steering;
use crate::backends::Backends;
use crate::config::Rules;
use crate::diagnostic::{Diagnostic, DiagnosticKind, Place};

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
    /// What each spelling stands for, so that it is parsed and judged once. Those that are wrong
    /// are not kept: there can be very many.
    known: HashMap<Box<[u8]>, Known>,
    keys: Vec<Arc<str>>,
    key_numbers: HashMap<Arc<str>, u32>,
}

struct Read {
    backend: u32,
    /// Which read it is in [`Wanted`] while the reads are not sorted yet.
    number: ReadNumber,
    request: SecretRequest,
}

/// What a spelling stands for. That is nearly always the same read both ways; a backend may yet
/// understand a path that is plain already as another one.
#[derive(Clone, Copy, Default)]
struct Known {
    /// The read, if a manifest may have it.
    written: Option<ReadNumber>,
    /// The read whose path, in the backend's plain spelling, it has.
    plain: Option<ReadNumber>,
}

/// The number of a read from 1, which leaves room for none in four bytes.
type ReadNumber = NonZeroU32;

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
                let (backend, path) = self.choose(&path.text, steering)?;
                self.wanted(&self.asked(backend, path, version, resource)?, &key.text)
            }
            Reference::Key { key } => {
                let path = steering.path.as_ref().map_or("", |path| path.path.as_str());
                if path.is_empty() {
                    return Err(Problem::path(
                        "the annotation avp.kubernetes.io/path is empty, and this placeholder needs it",
                        Some("set the annotation avp.kubernetes.io/path, or write <path:PATH#KEY>"),
                    ));
                }
                let version = steering.version.as_deref();
                let (backend, path) = self.choose(path, steering)?;
                self.wanted(&self.asked(backend, path, version, resource)?, &key.text)
            }
            Reference::Op(reference) => {
                let name = reference.backend.as_ref().map(|name| name.text.as_str());
                let backend = self.onepassword(name, steering)?;
                let path = reference.path();
                let asked = self.asked(backend, &path, None, resource)?;
                self.wanted(&asked, &reference.key())
            }
        }
    }

    /// The backend and the request for everything at a path, as a placeholder spells the path.
    pub(crate) fn whole(&self, path: &str) -> Result<(usize, SecretRequest), Problem> {
        let (backend, path) = self.choose(path, &Steering::default())?;
        let plain = self.parse(backend, path)?;
        self.check(backend, path, plain.as_str())?;
        Ok((backend, SecretRequest::new(plain, Keys::All)))
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

    fn asked<'a>(
        &self,
        backend: usize,
        path: &'a str,
        version: Option<&'a str>,
        resource: &'a Resource,
    ) -> Result<Asked<'a>, Problem> {
        let declared = self.backend(backend)?.options();
        Ok(Asked::new(backend, path, version, declared, resource))
    }

    fn wanted(&self, asked: &Asked<'_>, key: &str) -> Result<Wanted, Problem> {
        let spelling = asked.spelling();
        if let Some(wanted) = self.collected().wanted(&spelling, key) {
            return Ok(wanted);
        }
        let plain = self.parse(asked.backend, asked.path)?;
        self.check(asked.backend, asked.path, plain.as_str())?;
        let mut collected = self.collected();
        let read = collected.read(asked, plain);
        collected.known(spelling).written = Some(read);
        Ok(collected.key(read, key))
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

    fn collected(&self) -> MutexGuard<'_, Collected> {
        // A thread that panicked in here has left no half-done change behind.
        self.collected
            .lock()
            .unwrap_or_else(|poisoned| poisoned.into_inner())
    }

    /// The reads in the order of backend and path, which does not depend on which thread came
    /// first; the documents' numbers are brought in line.
    pub(crate) fn into_sorted(self, documents: &mut [Box<PlannedDocument>]) -> PlannedReads {
        let collected = self
            .collected
            .into_inner()
            .unwrap_or_else(|poisoned| poisoned.into_inner());
        let Collected {
            mut reads,
            known,
            keys,
            key_numbers,
        } = collected;
        drop((known, key_numbers));
        reads.sort_unstable_by(|a, b| {
            let (one, other) = (&a.request, &b.request);
            (a.backend, &one.path, &one.version, &one.options).cmp(&(
                b.backend,
                &other.path,
                &other.version,
                &other.options,
            ))
        });
        let mut places = vec![0; reads.len()];
        for (place, read) in reads.iter().enumerate() {
            places[index(read.number)] = place as u32;
        }
        let groups = groups(&reads, self.backends);
        let mut requests: Vec<SecretRequest> = reads.into_iter().map(|read| read.request).collect();
        let mut wants: Vec<(u32, u32)> = Vec::new();
        each_wanted(documents, |wanted| {
            wanted.read = places[wanted.read()];
            wants.push((wanted.read, wanted.key));
        });
        wants.sort_unstable();
        wants.dedup();
        for wants in wants.chunk_by(|(one, _), (other, _)| one == other) {
            let names = wants
                .iter()
                .map(|&(_, key)| Arc::clone(&keys[key as usize]));
            requests[wants[0].0 as usize].keys = Keys::names(names);
        }
        PlannedReads {
            requests,
            groups,
            keys,
        }
    }
}

impl Collected {
    /// The key of the read that a spelling is known to stand for in a manifest.
    fn wanted(&mut self, spelling: &Spelling, key: &str) -> Option<Wanted> {
        let read = self.known.get(spelling.as_slice())?.written?;
        Some(self.key(read, key))
    }

    fn known(&mut self, spelling: Spelling) -> &mut Known {
        self.known.entry(spelling.as_slice().into()).or_default()
    }

    /// The read of a path that the backend understands as `plain`.
    fn read(&mut self, asked: &Asked<'_>, plain: SecretPath) -> ReadNumber {
        let next = ReadNumber::MIN.saturating_add(self.reads.len() as u32);
        let known = self.known(asked.spelling_at(plain.as_str()));
        let number = *known.plain.get_or_insert(next);
        if number == next {
            self.reads.push(Read {
                backend: asked.backend as u32,
                number,
                request: asked.request(plain),
            });
        }
        number
    }

    fn key(&mut self, read: ReadNumber, key: &str) -> Wanted {
        let number = self.key_numbers.get(key).copied();
        let key = number.unwrap_or_else(|| {
            let next = self.keys.len() as u32;
            let key: Arc<str> = key.into();
            self.keys.push(Arc::clone(&key));
            self.key_numbers.insert(key, next);
            next
        });
        Wanted {
            read: index(read) as u32,
            key,
        }
    }
}

fn index(number: ReadNumber) -> usize {
    number.get() as usize - 1
}

/// Where the reads of each backend are.
fn groups(sorted: &[Read], backends: &Backends) -> Vec<Group> {
    let mut groups: Vec<Group> = Vec::new();
    for reads in sorted.chunk_by(|one, other| one.backend == other.backend) {
        let start = groups.last().map_or(0, |group| group.requests.end);
        let backend = reads[0].backend as usize;
        groups.push(Group {
            backend,
            name: backends.name(backend).to_owned(),
            requests: start..start + reads.len(),
        });
    }
    groups
}

/// Everything that the documents want, in their order.
fn each_wanted(documents: &mut [Box<PlannedDocument>], each: impl FnMut(&mut Wanted)) {
    documents
        .iter_mut()
        .flat_map(|document| &mut document.sites)
        .flat_map(|site| &mut site.holes)
        .flat_map(|hole| &mut hole.wanted)
        .for_each(each);
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
