//! Sets the checksums of workloads whose pods follow what they read.

use std::borrow::Cow;
use std::collections::{BTreeMap, BTreeSet, HashMap};

use manifill_manifest::{NewEntry, NewValue, contents, set_entries};
use manifill_vault::{Exposed, SecretValue};

use crate::diagnostic::DiagnosticKind;
use crate::fetch::Answers;
use crate::pending::{Findings, PendingDiagnostic};
use crate::plan::{CHECKSUM, KeyRef, PlannedDocument, RESTART};
use crate::restart::{Found, Object, Sum, Workload, find};
use crate::transform;

/// Where the annotations of a pod template are.
const ANNOTATIONS: [&str; 2] = ["metadata", "annotations"];

impl<'i> Answers<'_, 'i> {
    /// Sets the checksums in the finished texts.
    pub(super) fn follow(&self, texts: &mut [Cow<'i, str>], findings: &mut Findings) {
        let found = find(self.plan.inputs, findings);
        if found.workloads.is_empty() {
            return;
        }
        let mut sums = Sums::new(self);
        // The workloads of each document, with their checksums.
        let mut documents: BTreeMap<(usize, usize), Vec<(&Workload, String)>> = BTreeMap::new();
        for workload in &found.workloads {
            match sums.of(&found, workload) {
                Some(sum) => {
                    let place = (workload.object.input, workload.object.document);
                    documents.entry(place).or_default().push((workload, sum));
                }
                None => findings.push(reads_nothing(&workload.object)),
            }
        }
        if let Some(warning) = sums.without_versions() {
            findings.push(warning);
        }
        // From the last one on, so that the others stay where they are.
        for ((input, start), workloads) in documents.into_iter().rev() {
            if let Err(finding) = self.set_checksums(&mut texts[input], input, start, &workloads) {
                findings.push(finding);
            }
        }
    }

    /// Sets those of one document.
    fn set_checksums(
        &self,
        text: &mut Cow<'i, str>,
        input: usize,
        start: usize,
        workloads: &[(&Workload, String)],
    ) -> Result<(), PendingDiagnostic> {
        let Some((first, _)) = workloads.first() else {
            return Ok(());
        };
        // What is left out of the result is no document of it.
        let left_out = self.plan.documents.iter().filter(|one| {
            one.is_left_out() && one.input == input && one.index.span().start < start
        });
        let number = first.object.ordinal.saturating_sub(left_out.count());
        let Some(span) = contents(text).nth(number) else {
            return Ok(());
        };
        let paths: Vec<Vec<&str>> = workloads
            .iter()
            .map(|(workload, _)| [workload.template, &ANNOTATIONS].concat())
            .collect();
        let entries = workloads.iter().zip(&paths);
        let entries: Vec<NewEntry<'_>> = entries
            .map(|((workload, sum), path)| NewEntry {
                object: workload.object.number,
                path,
                key: CHECKSUM,
                value: NewValue::Text(sum),
            })
            .collect();
        let set = set_entries(&text[span.clone()], &entries);
        let set = set.map_err(|error| {
            let message = format!("the pod template cannot get `{CHECKSUM}`: {error}");
            finding(
                &first.object,
                PendingDiagnostic::error(DiagnosticKind::Manifest, message),
            )
            .with_hint_of(error.hint())
        })?;
        text.to_mut().replace_range(span, &set);
        Ok(())
    }
}

/// Makes the checksums of a run.
struct Sums<'a> {
    answers: &'a Answers<'a, 'a>,
    planned: HashMap<(usize, usize), &'a PlannedDocument>,
    /// The backends without versions, and the first workload that reads one of their secrets.
    without_versions: BTreeSet<&'a str>,
    first: Option<PendingDiagnostic>,
}

impl<'a> Sums<'a> {
    fn new(answers: &'a Answers<'a, 'a>) -> Self {
        let documents = answers.plan.documents.iter();
        let planned = documents.map(|one| ((one.input, one.index.span().start), one));
        Sums {
            answers,
            planned: planned.collect(),
            without_versions: BTreeSet::new(),
            first: None,
        }
    }

    /// The checksum of a workload; `None` if it reads nothing of this run.
    fn of(&mut self, found: &Found, workload: &Workload) -> Option<String> {
        let mut sum = Sum::new();
        let mut read = found.read_by(workload).peekable();
        read.peek()?;
        for object in read {
            self.add_object(&mut sum, object);
        }
        if self.first.is_none() && !self.without_versions.is_empty() {
            let message = String::new();
            let warning = PendingDiagnostic::warning(DiagnosticKind::Configuration, message);
            self.first = Some(finding(&workload.object, warning));
        }
        Some(sum.finish(self.answers.plan.renderer.digest_key()))
    }

    fn add_object(&mut self, sum: &mut Sum, object: &Object) {
        let plan = self.answers.plan;
        let source = plan.inputs[object.input].source.as_str();
        sum.add(&object.kind);
        sum.add(object.namespace.as_deref().unwrap_or_default());
        sum.add(&object.name);
        sum.add(source.get(object.span.clone()).unwrap_or_default());
        let Some(planned) = self.planned.get(&(object.input, object.document)).copied() else {
            return;
        };
        for field in &planned.fields {
            let scalar = field.scalar as usize;
            if planned.index.is_in_resource(source, scalar, object.number) {
                let wanted = field.placeholders.iter().flat_map(|one| one.wanted());
                wanted.for_each(|wanted| self.add_read(sum, *wanted));
            }
        }
    }

    /// Adds what is known of a value without showing it: which version of which secret it is, or with
    /// the operator's key the value itself.
    fn add_read(&mut self, sum: &mut Sum, wanted: KeyRef) {
        let plan = self.answers.plan;
        let read = plan.reads.get(wanted.read());
        let key = wanted.key(&plan.reads);
        sum.add(read.request.path.as_str());
        sum.add(key);
        if self.answers.is_mocked() {
            return;
        }
        let Ok(secret) = self.answers.answer(wanted.read()) else {
            return sum.add("missing");
        };
        if plan.renderer.digest_key().is_some() {
            return match secret.value(key) {
                Some(Ok(value)) => add_value(sum, value),
                _ => sum.add("missing"),
            };
        }
        let asked = read.request.version.as_deref();
        let version = secret.version().or(asked);
        if version.is_none() {
            self.without_versions.insert(read.backend_name);
        }
        sum.add(secret.id().unwrap_or_default());
        sum.add(version.unwrap_or_default());
    }

    /// What is told once of backends whose secrets have no versions.
    fn without_versions(self) -> Option<PendingDiagnostic> {
        let names: Vec<&str> = self.without_versions.into_iter().collect();
        let mut warning = self.first?;
        warning.diagnostic.message = format!(
            "a new value restarts no pods: the secrets of backend {} have no versions",
            names.join(", ")
        );
        Some(
            warning.with_hint(
                "set MANIFILL_DIGEST_KEY, so that values are compared without being shown",
            ),
        )
    }
}

fn add_value(sum: &mut Sum, value: &SecretValue) {
    let exposed = value.expose();
    sum.add(exposed.type_name());
    match exposed {
        Exposed::Bytes(bytes) => sum.add(bytes),
        _ => sum.add(transform::text_of(value).unwrap_or_default().as_bytes()),
    }
}

fn reads_nothing(workload: &Object) -> PendingDiagnostic {
    let message = format!(
        "`{RESTART}` does nothing: the pods refer to no Secret and no ConfigMap of this run"
    );
    finding(
        workload,
        PendingDiagnostic::warning(DiagnosticKind::Manifest, message),
    )
    .with_hint("render the workload together with what it refers to")
}

/// Puts a finding at the annotation of a workload.
fn finding(workload: &Object, finding: PendingDiagnostic) -> PendingDiagnostic {
    finding
        .at(workload.input, workload.offset)
        .with_place(Some(workload.shown.clone()), None)
}
