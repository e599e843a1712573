//! Which Kubernetes objects a document holds.

use crate::Span;
use crate::error::{ManifestError, ManifestErrorKind};
use crate::read::strays::{self, Stray, StrayPlace};
use crate::read::tree::{Data, Tree};
use crate::value::resolve::is_text;
use manifill_yaml::Style;
use std::collections::{HashMap, HashSet};

/// Which annotations matter to a caller, and how the items of a `List` come by them.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
#[non_exhaustive]
pub struct AnnotationRules {
    prefixes: &'static [&'static str],
    leading: Option<&'static str>,
    companions: &'static [&'static str],
    pub(crate) known: &'static [&'static str],
}

impl AnnotationRules {
    /// Those whose names begin with one of these prefixes.
    pub const fn new(prefixes: &'static [&'static str]) -> Self {
        AnnotationRules {
            prefixes,
            leading: None,
            companions: &[],
            known: &[],
        }
    }

    /// Lets an item of a `List` without the annotation `leading` have the List's, and with it the
    /// List's `companions` that it has not itself.
    pub const fn with_inherited(
        mut self,
        leading: &'static str,
        companions: &'static [&'static str],
    ) -> Self {
        self.leading = Some(leading);
        self.companions = companions;
        self
    }
}

impl AnnotationRules {
    /// Says which annotations there are: names that are nearly one of them, and those that stand
    /// where they do nothing, are shown as [`Resource::strays`].
    pub const fn with_known(mut self, known: &'static [&'static str]) -> Self {
        self.known = known;
        self
    }
}

/// A Kubernetes object: the document itself, or an item of a `kind: List`, or of the
/// `kind: ResourceList` that KRM functions get, whose `functionConfig` is one, too.
///
/// Kind, names and annotations are read through aliases and merge keys.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Resource {
    /// The `kind`; empty for an item of a `List` that has none.
    pub kind: String,
    /// `metadata.name`.
    pub name: Option<String>,
    /// `metadata.namespace`.
    pub namespace: Option<String>,
    /// The annotations that the caller's [`AnnotationRules`] name and whose values are text, each
    /// name once: those of the object itself, and what an item of a `List` inherits.
    pub annotations: Vec<Annotation>,
    /// Annotations, whatever their name, whose value is not text: Kubernetes refuses them.
    pub odd_annotations: Vec<OddAnnotation>,
    /// What was probably meant as one of the caller's annotations and does nothing.
    pub strays: Vec<Stray>,
    /// The bytes of the object, from its first key to its last value.
    pub span: Span,
    /// Where the value of `kind` stands.
    pub kind_span: Option<Span>,
    /// The `List` that this object is an item of, by its number.
    pub list: Option<usize>,
    /// Whether no cluster gets it: the `functionConfig` of a `ResourceList`, and its items with the
    /// annotation `config.kubernetes.io/local-config`.
    pub is_local: bool,
}

impl Resource {
    /// The annotation with this name.
    pub fn annotation(&self, name: &str) -> Option<&Annotation> {
        self.annotations.iter().find(|one| one.name == name)
    }
}

/// An annotation that steers filling.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Annotation {
    /// The full name.
    pub name: String,
    /// The decoded value, placeholders not filled.
    pub value: String,
    /// Where the value stands.
    pub span: Span,
}

/// An annotation whose value is a number, a bool, null or a collection.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct OddAnnotation {
    /// The full name.
    pub name: String,
    /// Where the value stands.
    pub span: Span,
}

/// The objects of a document, each with its range of nodes; inner ones follow outer ones.
pub(crate) struct Resources {
    pub(crate) found: Vec<Resource>,
    /// Node ranges with the number of the object, ordered by start.
    pub(crate) ranges: Vec<(std::ops::Range<u32>, usize)>,
}

impl Resources {
    /// How many annotations that matter the objects have, without those that they inherit.
    pub(crate) fn own_annotations(&self) -> usize {
        let own = |one: &Resource| {
            let spans = one.annotations.iter().map(|annotation| &annotation.span);
            spans.filter(|span| one.span.contains(&span.start)).count()
        };
        self.found.iter().map(own).sum()
    }

    /// Adds an object that begins at a node, and gives its number.
    fn add(&mut self, tree: &Tree<'_>, node: u32, resource: Resource) -> usize {
        let number = self.found.len();
        self.ranges
            .push((node..tree.nodes[node as usize].next, number));
        self.found.push(resource);
        number
    }

    /// Adds what stands in the wrong place.
    pub(crate) fn find_strays(
        &mut self,
        tree: &Tree<'_>,
        base: usize,
        rules: &AnnotationRules,
    ) -> Result<(), ManifestError> {
        for (range, number) in &self.ranges {
            let Some(resource) = self.found.get_mut(*number) else {
                continue;
            };
            let has = |name: &str| resource.annotation(name).is_some();
            let strays = strays::misplaced(tree, base, range.start, rules.known, has)?;
            resource.strays.extend(strays);
        }
        Ok(())
    }
}

/// Reads the objects of a manifest that begins at `base`.
pub(crate) fn read(
    tree: &Tree<'_>,
    base: usize,
    rules: &AnnotationRules,
) -> Result<Resources, ManifestError> {
    let all = read_any(tree, base, rules)?;
    match all.found.first() {
        Some(root) if !root.kind.is_empty() => Ok(all),
        _ => Err(missing_kind(
            tree.nodes.first().map_or(0, |node| node.span().start),
        )),
    }
}

/// Reads the objects of a document that may be without a kind.
pub(crate) fn read_any(
    tree: &Tree<'_>,
    base: usize,
    rules: &AnnotationRules,
) -> Result<Resources, ManifestError> {
    let mut all = Resources {
        found: Vec::with_capacity(1),
        ranges: Vec::new(),
    };
    // A text of comments and markers has no node at all.
    if tree.nodes.is_empty() {
        return Ok(all);
    }
    let root = object(tree, base, 0, None, rules)?;
    let mut seen = HashSet::new();
    all.found.push(root);
    all.ranges.push((0..tree.nodes.len() as u32, 0));
    // Lists whose items are still to be read, by node and number.
    let mut lists = vec![(0, 0)];
    while let Some((node, list)) = lists.pop() {
        let is_function_list = is_function_list(tree, node, &all.found[list])?;
        if all.found[list].kind != "List" && !is_function_list {
            continue;
        }
        if is_function_list {
            if let Some(config) = tree.lookup(node, "functionConfig")? {
                if matches!(tree.data(config), Some(Data::Map)) && stands_alone(tree, config) {
                    let mut resource = object(tree, base, config, None, rules)?;
                    resource.is_local = true;
                    all.add(tree, config, resource);
                }
            }
        }
        let Some(items) = tree.lookup(node, "items")? else {
            continue;
        };
        let mut inner = Vec::new();
        for item in tree.children(items) {
            // An item that is an alias belongs to the object that holds its anchor.
            if !matches!(tree.data(items), Some(Data::List))
                || !matches!(tree.data(item), Some(Data::Map))
                || !seen.insert(item)
            {
                continue;
            }
            let mut resource = object(tree, base, item, Some(list), rules)?;
            inherit(&mut resource, &all.found[list], rules);
            resource.is_local =
                all.found[list].is_local || is_function_list && is_local(tree, item)?;
            inner.push((item, all.add(tree, item, resource)));
        }
        lists.extend(inner);
    }
    all.ranges
        .sort_by_key(|(range, number)| (range.start, *number));
    Ok(all)
}

/// Whether an object is the list that a KRM function gets.
fn is_function_list(tree: &Tree<'_>, node: u32, one: &Resource) -> Result<bool, ManifestError> {
    if one.kind != "ResourceList" {
        return Ok(false);
    }
    let version = tree.lookup(node, "apiVersion")?;
    let version = version.and_then(|version| tree.text(version));
    Ok(version.is_some_and(|version| version.starts_with("config.kubernetes.io/")))
}

/// Whether no alias stands for anything in a node: what is in it is nowhere else.
fn stands_alone(tree: &Tree<'_>, node: u32) -> bool {
    let inside = node..tree.nodes[node as usize].next;
    !tree.aliased.iter().any(|aliased| inside.contains(aliased))
}

/// Whether an item of a `ResourceList` is for tools alone, as kustomize decides it.
fn is_local(tree: &Tree<'_>, node: u32) -> Result<bool, ManifestError> {
    if !stands_alone(tree, node) {
        return Ok(false);
    }
    let mut at = Some(node);
    for key in [
        "metadata",
        "annotations",
        "config.kubernetes.io/local-config",
    ] {
        at = match at {
            Some(map) => tree.lookup(map, key)?,
            None => None,
        };
    }
    Ok(at.is_some_and(|value| tree.text(value) != Some("false")))
}

fn missing_kind(offset: usize) -> ManifestError {
    ManifestError::new(
        ManifestErrorKind::MissingKind,
        "Object 'Kind' is missing",
        offset,
    )
    .with_hint(Some("every document needs a `kind` that is text"))
}

fn object(
    tree: &Tree<'_>,
    base: usize,
    node: u32,
    list: Option<usize>,
    rules: &AnnotationRules,
) -> Result<Resource, ManifestError> {
    let at = |node: u32| {
        let span = tree.nodes[node as usize].span();
        base + span.start..base + span.end
    };
    let text = |node: Option<u32>| node.and_then(|one| tree.text(one)).map(str::to_owned);
    let node_of = |map: Option<u32>, key: &str| match map {
        Some(map) => tree.lookup(map, key),
        None => Ok(None),
    };
    let kind = node_of(Some(node), "kind")?.filter(|&one| is_string(tree, one));
    let metadata = node_of(Some(node), "metadata")?;
    let mut resource = Resource {
        kind: text(kind).unwrap_or_default(),
        name: text(node_of(metadata, "name")?),
        namespace: text(node_of(metadata, "namespace")?),
        annotations: Vec::new(),
        odd_annotations: Vec::new(),
        strays: Vec::new(),
        span: at(node),
        kind_span: kind.map(at),
        list,
        is_local: false,
    };
    let Some(annotations) = node_of(metadata, "annotations")? else {
        return Ok(resource);
    };
    // A later entry of the same name replaces an earlier one.
    let mut values: HashMap<&str, u32> = HashMap::new();
    let mut names = Vec::new();
    tree.entries(annotations, &mut |key, value| {
        if let Some(name) = tree.text(key) {
            if values.insert(name, tree.real(value)).is_none() {
                names.push((name, key));
            }
        }
    })?;
    for (name, key) in names {
        let Some(&value) = values.get(name) else {
            continue;
        };
        let known = rules.prefixes.iter().any(|prefix| name.starts_with(prefix));
        let meant = (!known).then(|| strays::meant(name, rules.known)).flatten();
        if let Some(meant) = meant {
            resource.strays.push(Stray {
                name: name.to_owned(),
                meant,
                place: StrayPlace::Annotations,
                span: at(key),
            });
        }
        let (name, span) = (name.to_owned(), at(value));
        if !is_string(tree, value) {
            resource.odd_annotations.push(OddAnnotation { name, span });
        } else if known {
            let value = tree.text(value).unwrap_or_default().to_owned();
            resource.annotations.push(Annotation { name, value, span });
        }
    }
    Ok(resource)
}

/// Gives an item of a `List` what it inherits from the List (rule R5).
fn inherit(item: &mut Resource, list: &Resource, rules: &AnnotationRules) {
    let set = |item: &Resource, name: &str| {
        item.annotation(name).is_some() || item.odd_annotations.iter().any(|one| one.name == name)
    };
    let Some(leading) = rules.leading else { return };
    if set(item, leading) || list.annotation(leading).is_none() {
        return;
    }
    for name in [leading].iter().chain(rules.companions) {
        if let Some(annotation) = list.annotation(name).filter(|_| !set(item, name)) {
            item.annotations.push(annotation.clone());
        }
    }
}

/// Whether a node is text for Kubernetes and not a number, bool, null or collection.
fn is_string(tree: &Tree<'_>, node: u32) -> bool {
    match (tree.data(node), tree.nodes.get(node as usize)) {
        (Some(Data::Scalar(value, style)), Some(node)) => {
            is_text(value, style == Style::Plain, node.tag)
        }
        _ => false,
    }
}
