//! A document as a flat list of nodes in source order.

use crate::Span;
use crate::error::{ErrorKind, ManifestError};
use crate::fingerprint::{Fingerprint, hash_event, hash_props};
use crate::parse::{Event, Events, Kind, Style, Tag};
use std::borrow::Cow;
use std::cell::Cell;
use std::collections::{HashMap, HashSet};

/// How many entries of merged maps are looked at, for every node of the document and to begin with.
///
/// Kubernetes manifests merge a handful; a document that nests merges to multiply them is refused
/// instead of expanded.
const MERGE_BUDGET: (usize, usize) = (64, 100_000);

#[derive(Debug)]
pub(crate) enum Data<'a> {
    Scalar(Cow<'a, str>, Style),
    /// Holds the node that the alias stands for.
    Alias(u32),
    List,
    Map,
}

#[derive(Debug)]
pub(crate) struct Node<'a> {
    pub(crate) data: Data<'a>,
    start: u32,
    stop: u32,
    /// See [`Event::before`].
    pub(crate) before: u32,
    /// The node after the last one inside this node.
    pub(crate) next: u32,
    /// The position among the document's events.
    pub(crate) event: u32,
    pub(crate) anchor: u32,
    pub(crate) tag: Tag,
    tag_number: u32,
    /// Whether a collection begins with a bracket.
    pub(crate) flow: bool,
    /// Where anchor, tag or node begins.
    pub(crate) head: u32,
}

impl Node<'_> {
    pub(crate) fn span(&self) -> Span {
        self.start as usize..self.stop as usize
    }
}

/// All nodes of a document. Positions count from the document's start.
#[derive(Debug)]
pub(crate) struct Tree<'a> {
    pub(crate) nodes: Vec<Node<'a>>,
    pub(crate) fingerprint: Fingerprint,
    /// Names of anchors, by [`Node::anchor`] − 1.
    pub(crate) anchors: Vec<Cow<'a, str>>,
    /// Nodes that an alias stands for.
    pub(crate) aliased: HashSet<u32>,
    merge_budget: Cell<usize>,
}

impl<'a> Tree<'a> {
    /// Parses one document.
    pub(crate) fn parse(text: &'a str) -> Result<Self, ManifestError> {
        if u32::try_from(text.len()).is_err() {
            return Err(ManifestError::new(
                ErrorKind::Limit,
                "a document is larger than 4 GiB",
                0,
            ));
        }
        let mut tree = Self {
            // Manifests have a node for every 10 to 30 bytes.
            nodes: Vec::with_capacity((text.len() / 8).min(1 << 20)),
            fingerprint: Fingerprint::default(),
            anchors: Vec::new(),
            aliased: HashSet::new(),
            merge_budget: Cell::new(0),
        };
        let mut open = Vec::new();
        let mut targets = HashMap::new();
        let mut events = Events::new(text);
        let mut position = 0;
        while let Some(event) = events.next()? {
            tree.fingerprint.push(hash_event(&event, text));
            tree.push(event, position, &mut open, &mut targets);
            position += 1;
        }
        let (each, first) = MERGE_BUDGET;
        tree.merge_budget.set(first + each * tree.nodes.len());
        Ok(tree)
    }

    fn push(
        &mut self,
        event: Event<'a>,
        position: u32,
        open: &mut Vec<usize>,
        targets: &mut HashMap<usize, u32>,
    ) {
        let index = self.nodes.len() as u32;
        let data = match event.kind {
            Kind::Scalar(value, style) => Data::Scalar(value, style),
            Kind::Alias(target) => {
                // The parser refuses aliases without an anchor, so the target is known.
                let target = targets.get(&target).copied().unwrap_or(index);
                self.aliased.insert(target);
                Data::Alias(target)
            }
            Kind::List | Kind::Map => {
                open.push(index as usize);
                match event.kind {
                    Kind::List => Data::List,
                    _ => Data::Map,
                }
            }
            Kind::ListEnd | Kind::MapEnd => {
                if let Some(node) = open.pop().and_then(|at| self.nodes.get_mut(at)) {
                    node.next = index;
                    // Block collections end where their last node ends.
                    node.stop = if event.span.is_empty() {
                        event.before as u32
                    } else {
                        event.span.end as u32
                    };
                }
                return;
            }
        };
        let mut anchor = 0;
        if let Some((id, name)) = event.anchor {
            targets.insert(id, index);
            self.anchors.push(name);
            anchor = self.anchors.len() as u32;
        }
        self.nodes.push(Node {
            data,
            start: event.span.start as u32,
            stop: event.span.end as u32,
            before: event.before as u32,
            next: index + 1,
            event: position,
            anchor,
            tag: event.tag,
            tag_number: event.tag_number,
            flow: !event.span.is_empty(),
            head: event.props.unwrap_or(usize::MAX).min(event.span.start) as u32,
        });
    }

    /// The hash of a node's anchor and tag.
    pub(crate) fn props(&self, node: &Node<'_>) -> u64 {
        let anchor = (node.anchor as usize)
            .checked_sub(1)
            .and_then(|at| self.anchors.get(at));
        hash_props(anchor.map(AsRef::as_ref), node.tag, node.tag_number)
    }

    /// The node itself, or what it stands for.
    pub(crate) fn real(&self, node: u32) -> u32 {
        match self.nodes.get(node as usize) {
            Some(Node {
                data: Data::Alias(target),
                ..
            }) => *target,
            _ => node,
        }
    }

    pub(crate) fn data(&self, node: u32) -> Option<&Data<'a>> {
        self.nodes.get(node as usize).map(|node| &node.data)
    }

    /// The text of a scalar, read through an alias.
    pub(crate) fn text(&self, node: u32) -> Option<&str> {
        match self.data(self.real(node))? {
            Data::Scalar(value, _) => Some(value),
            _ => None,
        }
    }

    /// The direct children of a list or map; a map's are keys and values in turn.
    pub(crate) fn children(&self, node: u32) -> impl Iterator<Item = u32> + '_ {
        let end = match self.data(node) {
            Some(Data::List | Data::Map) => self.nodes[node as usize].next,
            _ => 0,
        };
        let mut at = node + 1;
        std::iter::from_fn(move || {
            let child = at;
            at = self.nodes.get(child as usize).filter(|_| child < end)?.next;
            Some(child)
        })
    }

    /// Whether a map key merges another map into its own (`<<`).
    pub(crate) fn is_merge(&self, key: u32) -> bool {
        let Some(node) = self.nodes.get(key as usize) else {
            return false;
        };
        match &node.data {
            Data::Scalar(value, Style::Plain) => {
                value == "<<" && matches!(node.tag, Tag::None | Tag::Merge)
            }
            _ => false,
        }
    }

    /// The value of a key of a map, with aliases and merge keys, as an alias-free node.
    ///
    /// Entries count in source order and the last one wins, merged ones too: so read Go's
    /// YAML readers.
    pub(crate) fn lookup(&self, map: u32, key: &str) -> Result<Option<u32>, ManifestError> {
        let mut found = None;
        self.entries(map, &mut |name, value| {
            if self.text(name) == Some(key) {
                found = Some(self.real(value));
            }
        })?;
        Ok(found)
    }

    /// Calls `visit` with key and value of every entry of a map, merged entries included.
    pub(crate) fn entries(
        &self,
        map: u32,
        visit: &mut dyn FnMut(u32, u32),
    ) -> Result<(), ManifestError> {
        self.merged_entries(map, 0, visit)
    }

    fn merged_entries(
        &self,
        map: u32,
        depth: usize,
        visit: &mut dyn FnMut(u32, u32),
    ) -> Result<(), ManifestError> {
        if !matches!(self.data(map), Some(Data::Map)) {
            return Ok(());
        }
        let mut children = self.children(map);
        while let (Some(key), Some(value)) = (children.next(), children.next()) {
            if depth > 0 {
                self.spend(1);
            }
            if self.merge_budget.get() == 0 || depth > 64 {
                let offset = self.nodes[map as usize].span().start;
                return Err(ManifestError::new(
                    ErrorKind::Limit,
                    "merge keys multiply the document",
                    offset,
                ));
            }
            if !self.is_merge(key) {
                visit(key, value);
                continue;
            }
            let source = self.real(value);
            if let Some(Data::List) = self.data(source) {
                // Earlier maps of the list win, so they come last.
                let maps: Vec<u32> = self.children(source).collect();
                self.spend(maps.len());
                for &one in maps.iter().rev() {
                    self.merged_entries(self.real(one), depth + 1, visit)?;
                }
            } else {
                self.merged_entries(source, depth + 1, visit)?;
            }
        }
        Ok(())
    }

    fn spend(&self, entries: usize) {
        let left = self.merge_budget.get().saturating_sub(entries);
        self.merge_budget.set(left);
    }
}
