//! The list that a function gets.

use manifill::{DiagnosticKind, Finding, Findings, Input, RenderError};
use manifill_manifest::{FieldPath, ManifestError, Span, Value, contents, read_one};

use crate::function_config;
use crate::role::Role;

/// The versions of the list that there are; they say the same.
const VERSIONS: [&str; 3] = [
    "config.kubernetes.io/v1",
    "config.kubernetes.io/v1beta1",
    "config.kubernetes.io/v1alpha1",
];

/// The last words of a report.
pub(crate) const NOTHING: &str = "nothing was done";

/// A list, as far as a function has to know it.
#[derive(Debug)]
pub(crate) struct List {
    /// The bytes of its document.
    pub(crate) span: Span,
    /// Whether it has an item.
    pub(crate) has_items: bool,
    /// What `functionConfig` asks for, or what is wrong with it.
    pub(crate) role: Result<Role, RenderError>,
}

/// Reads the list that an input is.
///
/// # Errors
/// If it is none.
pub(crate) fn read(input: &Input) -> Result<List, RenderError> {
    let (span, list) = parse(&input.source)
        .map_err(|finding| finding.into_error(std::slice::from_ref(input), NOTHING))?;
    let has_items = matches!(list.get("items"), Some(Value::List(items)) if !items.is_empty());
    Ok(List {
        role: role(input, &span, list.get("functionConfig")),
        span,
        has_items,
    })
}

/// What `functionConfig` asks for.
///
/// # Errors
/// All that is wrong with it, where it stands.
fn role(input: &Input, span: &Span, config: Option<&Value>) -> Result<Role, RenderError> {
    let (role, problems) = function_config::read(config);
    let mut findings = Findings::new(std::slice::from_ref(input));
    for problem in problems {
        let path = FieldPath::new().key("functionConfig").join(&problem.path);
        let offset = start_of(&path, &input.source, span);
        let finding = Finding::error(DiagnosticKind::Configuration, problem.message);
        let finding = finding.with_field(path.to_string()).at(0, offset);
        findings.push(match problem.hint {
            Some(hint) => finding.with_hint(hint),
            None => finding,
        });
    }
    findings.settle(NOTHING)?;
    Ok(role)
}

/// The one document of a source and what it says.
fn parse(source: &str) -> Result<(Span, Value), Finding> {
    let mut documents = contents(source);
    let Some(span) = documents.next() else {
        return Err(not_a_list("there is no ResourceList in the input").at(0, 0));
    };
    let list = read_one(&source[span.clone()])
        .map_err(|error| unreadable(&error).at(0, span.start + error.offset()))?;
    let text = |key: &str| match list.get(key) {
        Some(Value::Text(text)) => text.as_str(),
        _ => "",
    };
    if text("kind") != "ResourceList" || !VERSIONS.contains(&text("apiVersion")) {
        let message = "this is not a ResourceList of config.kubernetes.io/v1";
        return Err(not_a_list(message).at(0, span.start));
    }
    if let Some(second) = documents.next() {
        let message = "a document follows the ResourceList, and a function gets one alone";
        return Err(not_a_list(message).at(0, second.start));
    }
    if let Some(wrong) = wrong_items(&list) {
        let finding = Finding::error(DiagnosticKind::Manifest, "`items` is not a list of objects");
        return Err(finding.at(0, start_of(&wrong, source, &span)));
    }
    Ok((span, list))
}

fn not_a_list(message: &str) -> Finding {
    Finding::error(DiagnosticKind::Manifest, message)
        .with_hint("`manifill generate -` fills manifests that are in no such list")
}

fn unreadable(error: &ManifestError) -> Finding {
    let finding = Finding::error(DiagnosticKind::Manifest, error.to_string());
    match error.hint() {
        Some(hint) => finding.with_hint(hint),
        None => finding,
    }
}

/// The way to what is wrong with the items.
fn wrong_items(list: &Value) -> Option<FieldPath> {
    let path = FieldPath::new().key("items");
    match list.get("items") {
        None | Some(Value::Null) => None,
        Some(Value::List(items)) => {
            let is_object = |item: &Value| matches!(item, Value::Map(_));
            let wrong = items.iter().position(|item| !is_object(item))?;
            Some(path.item(wrong))
        }
        Some(_) => Some(path),
    }
}

/// The byte at which a field stands.
fn start_of(path: &FieldPath, source: &str, span: &Span) -> usize {
    let found = path.find(source, span.clone());
    found.map_or(span.start, |found| found.start)
}
