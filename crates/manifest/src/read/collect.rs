//! A walk over the nodes of a document that keeps scalars, and the paths to them.

use manifill_yaml::Style;

use crate::Span;
use crate::read::block;
use crate::read::path::{OpenStep, Part, Paths};
use crate::read::resource::{Resource, Resources};
use crate::read::scalar::{Collector, Removable, Scalar, written};
use crate::read::tree::{Data, Node, Tree};

/// A collection that the walk over the nodes is inside of.
struct Frame {
    end: u32,
    is_map: bool,
    key: Option<u32>,
    count: u32,
    step: OpenStep,
}

/// How many nodes make it worth while to make room for a scalar each: lists that grow are moved,
/// and leave their memory behind; room that is not used takes none.
const MANY: usize = 10_000;

/// Collects the scalars that are to be kept, and the paths to them; and the keys
/// that hold a character.
pub(crate) fn collect(
    text: &str,
    mut tree: Tree<'_>,
    resources: &Resources,
    paths: &mut Paths,
    keep: impl Fn(&Resource, &str) -> bool,
    mut marked: Option<(char, &mut Vec<(usize, Span)>)>,
) -> Collector {
    let mut kept = Collector::default();
    if tree.nodes.len() > MANY {
        kept.reserve(tree.nodes.len());
        paths.reserve(tree.nodes.len());
    }
    let mut open: Vec<Frame> = Vec::new();
    let mut inside: Vec<(u32, usize)> = Vec::new();
    let mut ranges = resources.ranges.iter().peekable();
    let mut at = 0;
    while let Some(node) = tree.nodes.get(at as usize) {
        while open.last().is_some_and(|frame| frame.end <= at) {
            open.pop();
        }
        while inside.last().is_some_and(|(end, _)| *end <= at) {
            inside.pop();
        }
        while let Some((range, number)) = ranges.next_if(|(range, _)| range.start <= at) {
            inside.push((range.end, *number));
        }
        let part = match open.last_mut() {
            None => Part::Root,
            Some(frame) if frame.is_map => {
                if frame.key.is_none() {
                    frame.key = Some(at);
                    if let Some((mark, keys)) = &mut marked {
                        if tree.text(at).is_some_and(|name| name.contains(*mark)) {
                            let resource = inside.last().map_or(0, |(_, number)| *number);
                            keys.push((resource, node.span()));
                        }
                    }
                    at = node.next;
                    continue;
                }
                let name = frame
                    .key
                    .take()
                    .and_then(|key| tree.nodes.get(key as usize));
                let span = name.map_or(0..0, Node::span);
                Part::Key(span.start as u32, span.end as u32)
            }
            Some(frame) => {
                frame.count += 1;
                Part::Item(frame.count - 1)
            }
        };
        match tree.data(at) {
            Some(Data::List | Data::Map) => open.push(Frame {
                end: node.next,
                is_map: node.is_map(),
                key: None,
                count: 0,
                step: part.into(),
            }),
            Some(Data::Scalar(value, style)) => {
                let resource = inside.last().map_or(0, |(_, number)| *number);
                if keep(&resources.found[resource], value) {
                    let removable = match open.last() {
                        None => Removable::Root,
                        Some(frame) if frame.is_map => Removable::MapValue,
                        Some(_) => Removable::ListItem,
                    };
                    paths.push(open.iter_mut().map(|frame| &mut frame.step), part);
                    let inner = node.span();
                    let scalar = Scalar {
                        span: whole_span(text, node, style),
                        style,
                        // Kept apart, and only where it is not what is written.
                        value: "",
                        resource,
                        removable,
                        aliased: tree.aliased.contains(&at),
                        event: node.event,
                        tag: node.tag,
                        props: tree.props(node),
                    };
                    // The header of a block scalar is no part of its text.
                    let own = || style.is_block().then(|| written(text, inner, style).into());
                    kept.push(&scalar, tree.take_text(at).or_else(own));
                }
            }
            Some(Data::Alias(_)) | None => {}
        }
        at += 1;
    }
    kept
}

/// The span of a scalar, block scalars with their header.
fn whole_span(text: &str, node: &Node, style: Style) -> Span {
    let span = node.span();
    if !style.is_block() {
        return span;
    }
    let header = block::find_header(text, node.before as usize, span.start);
    header..span.end
}
