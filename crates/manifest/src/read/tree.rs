//! A document as a flat list of nodes in source order.

use crate::Span;
use crate::error::{ManifestError, ManifestErrorKind};
use crate::read::fingerprint::{Fingerprint, Sum, hash_event, hash_props, tag_number};
use crate::read::scalar::written;
use manifill_yaml::{Event, Events, Kind as EventKind, Style, Tag};
use std::borrow::Cow;
use std::cell::Cell;
use std::collections::{HashMap, HashSet};

/// How many entries of merged maps are looked at, for every node of the document and to begin with.
///
/// Kubernetes manifests merge a handful; a document that nests merges to multiply them is refused
/// instead of expanded.
const MERGE_BUDGET: (usize, usize) = (64, 100_000);

/// What is said of a text that holds more than is to be read.
pub(crate) const TOO_MANY_VALUES: &str = "there are too many values in this text";

/// What a node is.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Data<'t> {
    Scalar(&'t str, Style),
    /// Holds the node that the alias stands for.
    Alias(u32),
    List,
    Map,
}

#[derive(Debug, Clone, Copy)]
enum Kind {
    Scalar(Style),
    Alias,
    List,
    Map,
}

/// A document can have very many nodes, so what most of them lack is kept elsewhere.
#[derive(Debug)]
pub(crate) struct Node {
    start: u32,
    stop: u32,
    /// See [`Event::before`].
    pub(crate) before: u32,
    /// The node after the last one inside this node.
    pub(crate) next: u32,
    /// The position among the document's events.
    pub(crate) event: u32,
    /// Where anchor, tag or node begins.
    pub(crate) head: u32,
    /// The node that an alias stands for; of other nodes one more than the index in
    /// [`Tree::more`], or 0.
    link: u32,
    kind: Kind,
    pub(crate) tag: Tag,
    /// Whether a collection begins with a bracket.
    pub(crate) flow: bool,
}

const _: () = assert!(size_of::<Node>() <= 32);

/// What few nodes have.
#[derive(Debug, Default)]
struct Extras<'a> {
    /// The text of a scalar that is not written as it reads.
    text: Option<Cow<'a, str>>,
    anchor: Option<Cow<'a, str>>,
    /// See [`Event::tag_number`].
    tag_number: u32,
}

impl Node {
    pub(crate) fn span(&self) -> Span {
        self.start as usize..self.stop as usize
    }

    /// How a scalar is written.
    pub(crate) fn style(&self) -> Option<Style> {
        match self.kind {
            Kind::Scalar(style) => Some(style),
            _ => None,
        }
    }

    pub(crate) fn is_map(&self) -> bool {
        matches!(self.kind, Kind::Map)
    }
}

/// All nodes of a document. Positions count from the document's start.
#[derive(Debug)]
pub(crate) struct Tree<'a> {
    text: &'a str,
    /// Where spans end at the latest.
    length: usize,
    pub(crate) nodes: Vec<Node>,
    more: Vec<Extras<'a>>,
    pub(crate) fingerprint: Fingerprint,
    /// Nodes that an alias stands for.
    pub(crate) aliased: HashSet<u32>,
    merge_budget: Cell<usize>,
}

impl<'a> Tree<'a> {
    /// Parses one document.
    pub(crate) fn parse(text: &'a str) -> Result<Self, ManifestError> {
        Self::parse_readable(text, text.len())
    }

    /// Parses one document of at most so many nodes.
    pub(crate) fn parse_within(text: &'a str, most: usize) -> Result<Self, ManifestError> {
        Self::parse_up_to(text, text.len(), most)
    }

    /// Parses one document of `length` bytes, behind which a line break may have been added
    /// ([`readable`](crate::read::split::readable)); no span takes it in.
    pub(crate) fn parse_readable(text: &'a str, length: usize) -> Result<Self, ManifestError> {
        Self::parse_up_to(text, length, usize::MAX)
    }

    fn parse_up_to(text: &'a str, length: usize, most: usize) -> Result<Self, ManifestError> {
        if u32::try_from(text.len()).is_err() {
            return Err(ManifestError::new(
                ManifestErrorKind::Limit,
                "a document is larger than 4 GiB",
                0,
            ));
        }
        let mut tree = Self {
            text,
            length,
            // Manifests have a node for every 10 to 30 bytes.
            nodes: Vec::with_capacity((text.len() / 8).min(1 << 20).min(most)),
            more: Vec::new(),
            fingerprint: Fingerprint::default(),
            aliased: HashSet::new(),
            merge_budget: Cell::new(0),
        };
        let mut open = Vec::new();
        let mut targets = HashMap::new();
        let mut events = Events::new(text);
        let mut sum = Sum::default();
        let mut position = 0;
        while let Some(event) = events.next()? {
            if tree.nodes.len() >= most {
                let (kind, at) = (ManifestErrorKind::Limit, event.span.start);
                return Err(ManifestError::new(kind, TOO_MANY_VALUES, at));
            }
            sum.push(hash_event(&event, text));
            tree.push(event, position, &mut open, &mut targets);
            position += 1;
        }
        tree.fingerprint = sum.finish();
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
        let inside = |at: usize| at.min(self.length);
        let (start, stop) = (inside(event.span.start), inside(event.span.end));
        let mut more = Extras {
            tag_number: tag_number(&event),
            ..Extras::default()
        };
        let mut link = 0;
        let kind = match event.kind {
            EventKind::Scalar(value, style) => {
                if value != written(self.text, start..stop, style) {
                    more.text = Some(value);
                }
                Kind::Scalar(style)
            }
            EventKind::Alias(target) => {
                // The parser refuses aliases without an anchor, so the target is known.
                link = targets.get(&target).copied().unwrap_or(index);
                self.aliased.insert(link);
                Kind::Alias
            }
            EventKind::List | EventKind::Map => {
                open.push(index as usize);
                match event.kind {
                    EventKind::List => Kind::List,
                    _ => Kind::Map,
                }
            }
            // Never in a text of one document.
            EventKind::Document => return,
            EventKind::ListEnd | EventKind::MapEnd => {
                if let Some(node) = open.pop().and_then(|at| self.nodes.get_mut(at)) {
                    node.next = index;
                    // Block collections end where their last node ends.
                    node.stop = if event.span.is_empty() {
                        inside(event.before) as u32
                    } else {
                        event.span.end as u32
                    };
                }
                return;
            }
        };
        if let Some((id, name)) = event.anchor {
            targets.insert(id, index);
            more.anchor = Some(name);
        }
        if more.text.is_some() || more.anchor.is_some() || more.tag_number != 0 {
            self.more.push(more);
            link = self.more.len() as u32;
        }
        self.nodes.push(Node {
            start: start as u32,
            stop: stop as u32,
            before: inside(event.before) as u32,
            next: index + 1,
            event: position,
            head: event.props.unwrap_or(usize::MAX).min(start) as u32,
            link,
            kind,
            tag: event.tag,
            flow: !event.span.is_empty(),
        });
    }

    fn more(&self, node: &Node) -> Option<&Extras<'a>> {
        match node.kind {
            Kind::Alias => None,
            _ => self.more.get((node.link as usize).checked_sub(1)?),
        }
    }

    /// The hash of a node's anchor and tag.
    pub(crate) fn props(&self, node: &Node) -> u64 {
        let more = self.more(node);
        let number = more.map_or(0, |more| more.tag_number);
        hash_props(self.anchor(node), node.tag, number)
    }

    /// The name of a node's anchor.
    pub(crate) fn anchor(&self, node: &Node) -> Option<&str> {
        self.more(node)?.anchor.as_deref()
    }

    /// The text of a scalar that is not written as it reads.
    fn own_text(&self, node: &Node) -> Option<&str> {
        self.more(node)?.text.as_deref()
    }

    /// Takes that text away; the scalar has none from then on.
    pub(crate) fn take_text(&mut self, node: u32) -> Option<Box<str>> {
        let node = self.nodes.get(node as usize)?;
        let more = (node.link as usize).checked_sub(1)?;
        match node.kind {
            Kind::Scalar(_) => Some(self.more.get_mut(more)?.text.take()?.into()),
            _ => None,
        }
    }

    /// The node itself, or what it stands for.
    pub(crate) fn real(&self, node: u32) -> u32 {
        match self.data(node) {
            Some(Data::Alias(target)) => target,
            _ => node,
        }
    }

    pub(crate) fn data(&self, node: u32) -> Option<Data<'_>> {
        let node = self.nodes.get(node as usize)?;
        Some(match node.kind {
            Kind::Scalar(style) => {
                let text = self.own_text(node);
                let text = text.unwrap_or_else(|| written(self.text, node.span(), style));
                Data::Scalar(text, style)
            }
            Kind::Alias => Data::Alias(node.link),
            Kind::List => Data::List,
            Kind::Map => Data::Map,
        })
    }

    /// The text of a scalar, read through an alias.
    pub(crate) fn text(&self, node: u32) -> Option<&str> {
        match self.data(self.real(node))? {
            Data::Scalar(value, _) => Some(value),
            _ => None,
        }
    }

    /// The text that was parsed.
    pub(crate) fn source(&self) -> &'a str {
        self.text
    }

    /// Whether a node is a list or map in brackets that goes over a line break.
    pub(crate) fn is_flow_of_several_lines(&self, node: &Node) -> bool {
        matches!(node.kind, Kind::List | Kind::Map)
            && node.flow
            && self.text.as_bytes()[node.span()]
                .iter()
                .any(|b| matches!(b, b'\n' | b'\r'))
    }

    /// Whether a scalar, read through an alias, says this.
    ///
    /// Asked of every key that is passed on the way to another one.
    fn says(&self, node: u32, text: &str) -> bool {
        match self.nodes.get(node as usize) {
            Some(node) if node.link == 0 && matches!(node.kind, Kind::Scalar(Style::Plain)) => {
                self.text.as_bytes().get(node.span()) == Some(text.as_bytes())
            }
            _ => self.text(node) == Some(text),
        }
    }

    /// Bytes that keys have in common if they say the same.
    pub(crate) fn key_bytes(&self, key: u32) -> &[u8] {
        match self.nodes.get(key as usize) {
            Some(node) if node.link == 0 && matches!(node.kind, Kind::Scalar(Style::Plain)) => {
                let bytes = self.text.as_bytes();
                bytes.get(node.span()).unwrap_or_default()
            }
            _ => self.text(key).unwrap_or_default().as_bytes(),
        }
    }

    /// The direct children of a list or map; a map's are keys and values in turn.
    pub(crate) fn children(&self, node: u32) -> impl Iterator<Item = u32> + '_ {
        let end = match self.nodes.get(node as usize) {
            Some(node) if matches!(node.kind, Kind::List | Kind::Map) => node.next,
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
        matches!(node.kind, Kind::Scalar(Style::Plain))
            && self.says(key, "<<")
            && matches!(node.tag, Tag::None | Tag::Merge)
    }

    /// The value of a key of a map, with aliases and merge keys, as an alias-free node.
    ///
    /// Entries count in source order and the last one wins, merged ones too: so read Go's
    /// YAML readers.
    pub(crate) fn lookup(&self, map: u32, key: &str) -> Result<Option<u32>, ManifestError> {
        let mut found = None;
        self.entries(map, &mut |name, value| {
            if self.says(name, key) {
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
        if !self.nodes.get(map as usize).is_some_and(Node::is_map) {
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
                    ManifestErrorKind::Limit,
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
