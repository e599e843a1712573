//! What the annotations of a resource say about it.

use std::sync::LazyLock;

use manifill_manifest::{AnnotationRules, Document, Resource, Telltales};
use manifill_placeholder::encoded;
use manifill_vault::backend::BACKENDS;
use manifill_vault::settings::parse_bool;

use crate::diagnostic::DiagnosticKind;
use crate::pending::{Findings, PendingDiagnostic};

/// What placeholders begin with, behind their bracket.
pub(crate) const OPENERS: [&str; 2] = manifill_placeholder::OPENERS;

/// What the names of all annotations that matter begin with.
pub(crate) const PREFIXES: [&str; 2] = ["avp.kubernetes.io/", "manifill.dev/"];

const PATH: &str = "avp.kubernetes.io/path";
const IGNORE: &str = "avp.kubernetes.io/ignore";
const REMOVE_MISSING: &str = "avp.kubernetes.io/remove-missing";
const VERSION: &str = "avp.kubernetes.io/secret-version";
const BACKEND: &str = "manifill.dev/backend";
/// Says of an object that its values are mock values.
pub(crate) const MOCK: &str = "manifill.dev/mock";

/// Says of a workload that its pods follow what they read.
pub(crate) const RESTART: &str = "manifill.dev/restart-on-change";
/// What is written into the pod template of such a workload.
pub(crate) const CHECKSUM: &str = "manifill.dev/checksum";

/// All annotations that exist: the engine's own and those of the backends, built in or not.
pub(super) static KNOWN: LazyLock<Vec<&str>> = LazyLock::new(|| {
    let own = [
        PATH,
        IGNORE,
        REMOVE_MISSING,
        VERSION,
        BACKEND,
        MOCK,
        RESTART,
    ];
    let backends = BACKENDS.iter().flat_map(|info| info.annotations);
    own.iter().chain(backends).copied().collect()
});

/// The annotations that matter, and that an item of a `List` has with the List's path those that
/// say how it is read: the engine's own and those of the backends.
pub fn annotation_rules() -> AnnotationRules {
    static COMPANIONS: LazyLock<Vec<&str>> = LazyLock::new(|| {
        let backends = BACKENDS.iter().flat_map(|info| info.annotations);
        [VERSION, BACKEND].iter().chain(backends).copied().collect()
    });
    AnnotationRules::new(&PREFIXES)
        .with_inherited(PATH, &COMPANIONS)
        .with_known(&KNOWN)
}

/// Whether a document may hold something to fill, as its bytes show (rule R1); `false` is certain.
///
/// ```
/// assert!(!manifill::may_need_filling("kind: ConfigMap\ndata: {a: b < c}\n"));
/// assert!(manifill::may_need_filling("kind: ConfigMap\ndata: {a: <op://v/i/f>}\n"));
/// ```
pub fn may_need_filling(document: &str) -> bool {
    static TELLTALES: LazyLock<Telltales> =
        LazyLock::new(|| Telltales::new(&OPENERS, &PREFIXES, &encoded::SPELLINGS));
    manifill_manifest::may_need_filling(document, &TELLTALES)
}

/// Whether the annotation that names a path begins here.
#[cfg(feature = "files")]
pub(super) fn is_path_annotation(bytes: &[u8]) -> bool {
    bytes.starts_with(PATH.as_bytes())
}

/// How the placeholders of one resource are read (AVP rules 1, 6, 12 and 22 to 24).
#[derive(Clone, Debug, Default)]
pub(crate) struct Directives {
    /// The path of generic placeholders; present, even empty, it switches them on.
    pub(crate) path: Option<PathAnnotation>,
    pub(crate) ignore: bool,
    pub(crate) remove_missing: bool,
    pub(crate) version: Option<String>,
    pub(crate) backend: Option<BackendAnnotation>,
}

#[derive(Clone, Debug)]
pub(crate) struct BackendAnnotation {
    pub(crate) name: String,
    /// Where the annotation's value stands in the input.
    pub(crate) offset: usize,
}

#[derive(Clone, Debug)]
pub(crate) struct PathAnnotation {
    pub(crate) path: String,
    /// Where the annotation's value stands in the input.
    pub(crate) offset: usize,
}

impl PathAnnotation {
    /// Whether a part of it, `<VAULT UUID>` or the like, was to be replaced by the author.
    pub(crate) fn has_brackets(&self) -> bool {
        self.path.contains('<')
    }
}

/// The value of an annotation of manifill's or AVP's.
fn value<'r>(resource: &'r Resource, name: &str) -> Option<&'r str> {
    let annotation = resource
        .annotations
        .iter()
        .find(|annotation| annotation.name == name)?;
    Some(annotation.value.as_str())
}

/// Whether generic placeholders of a resource are filled.
pub(crate) fn is_annotated(resource: &Resource) -> bool {
    resource.annotation(PATH).is_some()
}

/// The path annotation of a resource, as it is written.
pub(super) fn path_of(resource: &Resource) -> Option<&str> {
    resource.annotation(PATH).map(|one| one.value.as_str())
}

/// Whether a resource is passed through untouched (AVP rule 24), as is what no cluster gets.
pub(crate) fn is_ignored(resource: &Resource) -> bool {
    let is_asked_for = value(resource, IGNORE).and_then(parse_bool);
    resource.is_local || is_asked_for.unwrap_or(false)
}

impl Directives {
    /// The text of the path annotation.
    pub(crate) fn path_text(&self) -> Option<&str> {
        self.path
            .as_ref()
            .map(|annotation| annotation.path.as_str())
    }

    /// Reads the annotations of every resource of a document, in the order of the resources.
    ///
    /// An item of an ignored List is ignored with it. (The List's path comes to its items with
    /// their annotations, rule R5.)
    pub(crate) fn of(document: &Document, input: usize, findings: &mut Findings) -> Vec<Self> {
        let mut all: Vec<Directives> = Vec::with_capacity(document.resources().len());
        for resource in document.resources() {
            let list = resource.list.and_then(|list| all.get(list));
            let ignore = is_ignored(resource) || list.is_some_and(|list| list.ignore);
            all.push(Directives::read(resource, ignore, input, findings));
        }
        all
    }

    fn read(resource: &Resource, ignore: bool, input: usize, findings: &mut Findings) -> Self {
        let mut directives = Directives {
            ignore,
            ..Directives::default()
        };
        for annotation in &resource.annotations {
            let text = annotation.value.as_str();
            let mut flag = || {
                parse_bool(text).unwrap_or_else(|| {
                    findings.push(
                        PendingDiagnostic::warning(
                            DiagnosticKind::Manifest,
                            format!(
                                "`{}` is neither true nor false and counts as false",
                                annotation.name
                            ),
                        )
                        .at(input, annotation.span.start)
                        .with_hint("write \"true\" or \"false\"")
                        .with_place(Some(name_of(resource)), None),
                    );
                    false
                })
            };
            match annotation.name.as_str() {
                PATH => {
                    directives.path = Some(PathAnnotation {
                        path: text.trim().to_owned(),
                        offset: annotation.span.start,
                    });
                }
                // Its value counts already; this only warns of a wrong one.
                IGNORE | RESTART => {
                    flag();
                }
                REMOVE_MISSING => {
                    directives.remove_missing = flag();
                    if directives.remove_missing
                        && !ignore
                        && !matches!(resource.kind.as_str(), "Secret" | "ConfigMap")
                    {
                        findings.push(
                            PendingDiagnostic::error(
                                DiagnosticKind::Manifest,
                                "avp.kubernetes.io/remove-missing annotation can only be used on Secret or ConfigMap resources",
                            )
                            .at(input, annotation.span.start)
                            .with_place(Some(name_of(resource)), None),
                        );
                    }
                }
                VERSION => {
                    directives.version =
                        Some(text.trim().to_owned()).filter(|text| !text.is_empty())
                }
                BACKEND => {
                    directives.backend = Some(BackendAnnotation {
                        name: text.trim().to_owned(),
                        offset: annotation.span.start,
                    });
                }
                _ => {}
            }
        }
        for odd in &resource.odd_annotations {
            findings.push(
                PendingDiagnostic::warning(
                    DiagnosticKind::Manifest,
                    format!(
                        "the value of annotation `{}` is not a string; Kubernetes refuses it",
                        odd.name
                    ),
                )
                .at(input, odd.span.start)
                .with_hint("put the value in quotes")
                .with_place(Some(name_of(resource)), None),
            );
        }
        directives
    }
}

/// `Kind/name` or `Kind/namespace/name`, as messages show a resource.
pub(crate) fn name_of(resource: &Resource) -> String {
    let mut name = resource.kind.clone();
    for part in [&resource.namespace, &resource.name].into_iter().flatten() {
        name.push('/');
        name.push_str(part);
    }
    name
}
