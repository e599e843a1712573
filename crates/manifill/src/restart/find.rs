//! Finds the workloads of a run and what they refer to.

use std::collections::{BTreeSet, HashMap};

use manifill_manifest::{Document, ParseOptions, Resource, Span, Value, contents, read_objects};
use manifill_vault::settings::parse_bool;
use memchr::memmem;

use super::references::{self, Reference};
use crate::diagnostic::DiagnosticKind;
use crate::input::Input;
use crate::pending::{Findings, PendingDiagnostic};
use crate::plan::{RESTART, annotation_rules, is_ignored, name_of};

/// The way to the pod template of the kinds that make new pods when it changes.
const TEMPLATES: [(&str, &[&str]); 4] = [
    ("Deployment", &["spec", "template"]),
    ("StatefulSet", &["spec", "template"]),
    ("DaemonSet", &["spec", "template"]),
    ("CronJob", &["spec", "jobTemplate", "spec", "template"]),
];

/// An object of the inputs.
#[derive(Debug)]
pub(crate) struct Object {
    pub(crate) input: usize,
    /// The first byte of its document, and which document of its input that is.
    pub(crate) document: usize,
    pub(crate) ordinal: usize,
    /// Which object of the document it is.
    pub(crate) number: usize,
    pub(crate) kind: String,
    pub(crate) namespace: Option<String>,
    pub(crate) name: String,
    /// `Kind/name` and the byte, for messages.
    pub(crate) shown: String,
    pub(crate) offset: usize,
    pub(crate) span: Span,
}

/// A workload whose pods follow what they read.
#[derive(Debug)]
pub(crate) struct Workload {
    pub(crate) object: Object,
    /// The keys that lead to the pod template.
    pub(crate) template: &'static [&'static str],
    references: BTreeSet<Reference>,
}

/// The workloads of a run, and its Secrets and ConfigMaps.
#[derive(Debug, Default)]
pub(crate) struct Found {
    pub(crate) workloads: Vec<Workload>,
    read: HashMap<(String, String), Vec<Object>>,
}

impl Found {
    /// What the pods of a workload read of this run, sorted by kind and name. A namespace that is not
    /// said is taken for the other's.
    pub(crate) fn read_by<'f>(
        &'f self,
        workload: &'f Workload,
    ) -> impl Iterator<Item = &'f Object> {
        let own = workload.object.namespace.as_ref();
        workload.references.iter().flat_map(move |(kind, name)| {
            let found = self.read.get(&((*kind).to_owned(), name.clone()));
            let found = found.into_iter().flatten();
            found.filter(move |object| {
                let theirs = object.namespace.as_ref();
                own.zip(theirs).is_none_or(|(own, theirs)| own == theirs)
            })
        })
    }
}

/// Finds them; what has the annotation and no pod template is told.
pub(crate) fn find(inputs: &[Input], findings: &mut Findings) -> Found {
    let mut found = Found::default();
    let names = |text: &str, name: &str| memmem::find(text.as_bytes(), name.as_bytes()).is_some();
    let objects = |input: &&Input| input.holds_objects();
    if !inputs
        .iter()
        .filter(objects)
        .any(|one| names(&one.source, RESTART))
    {
        return found;
    }
    for (input, file) in inputs.iter().enumerate().filter(|(_, one)| objects(one)) {
        let source = file.source.as_str();
        for (ordinal, span) in contents(source).enumerate() {
            let text = &source[span.clone()];
            if ![RESTART, "Secret", "ConfigMap"]
                .iter()
                .any(|name| names(text, name))
            {
                continue;
            }
            let options = ParseOptions::new().with_annotations(annotation_rules());
            let start = span.start;
            // One that cannot be read has ended the run, or is nothing that is read here.
            let Ok(document) = Document::parse_any(source, span, &options, |_, _| false) else {
                continue;
            };
            let mut values = None;
            for (number, resource) in document.resources().iter().enumerate() {
                let object = |name: &str| Object {
                    input,
                    document: start,
                    ordinal,
                    number,
                    kind: resource.kind.clone(),
                    namespace: resource.namespace.clone(),
                    name: name.to_owned(),
                    shown: name_of(resource),
                    offset: resource
                        .annotation(RESTART)
                        .map_or(start, |one| one.span.start),
                    span: resource.span.clone(),
                };
                if let ("Secret" | "ConfigMap", Some(name)) =
                    (resource.kind.as_str(), &resource.name)
                {
                    let key = (resource.kind.clone(), name.clone());
                    found.read.entry(key).or_default().push(object(name));
                }
                if !follows(resource) {
                    continue;
                }
                let template = TEMPLATES.iter().find(|(kind, _)| *kind == resource.kind);
                let Some((_, template)) = template else {
                    findings.push(no_pods(resource, input));
                    continue;
                };
                let values = values.get_or_insert_with(|| read_objects(text).unwrap_or_default());
                let pod = values.get(number).and_then(|value| {
                    let spec = template.iter().chain(&["spec"]);
                    spec.copied().try_fold(value, Value::get)
                });
                let references = pod.map(references::of_pod).unwrap_or_default();
                found.workloads.push(Workload {
                    object: object(resource.name.as_deref().unwrap_or_default()),
                    template,
                    references,
                });
            }
        }
    }
    found
}

/// Whether the annotation says that pods follow.
fn follows(resource: &Resource) -> bool {
    let annotation = resource.annotation(RESTART);
    !is_ignored(resource) && annotation.is_some_and(|one| parse_bool(&one.value).unwrap_or(false))
}

fn no_pods(resource: &Resource, input: usize) -> PendingDiagnostic {
    let offset = resource.annotation(RESTART).map_or(0, |one| one.span.start);
    let message = format!("`{RESTART}` does nothing on a {}", resource.kind);
    PendingDiagnostic::warning(DiagnosticKind::Manifest, message)
        .at(input, offset)
        .with_hint("put it on a Deployment, a StatefulSet, a DaemonSet or a CronJob")
        .with_place(Some(name_of(resource)), None)
}
