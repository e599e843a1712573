//! What is said about text that is not YAML.
//!
//! Every class of parser error has a fixed text of ours, so that no text of the source can get
//! into a message.

use crate::lines::{line_end, line_start};
use granit_parser::ErrorKind as Parser;

const COMMENT_HINT: &str = "a space followed by # starts a YAML comment, and a colon followed by \
     a space a new key; quote the value";
const HELM_HINT: &str = "this looks like a Helm template; render it with `helm template` first";

/// A fixed text for a class of parser error.
pub(crate) fn message(kind: &Parser) -> &'static str {
    match kind {
        Parser::UnexpectedEofFlowSequence
        | Parser::UnexpectedEofFlowMapping
        | Parser::UnexpectedEofImplicitFlowMapping
        | Parser::UnclosedFlowCollection { .. } => "a bracket is not closed",
        Parser::UnexpectedEofBlockSequence
        | Parser::UnexpectedEofBlockMapping
        | Parser::UnexpectedEof
        | Parser::UnexpectedEndOfPlainScalar => "the document ends in the middle of a value",
        Parser::MisplacedFlowCollectionEnd | Parser::MismatchedFlowCollectionEnd { .. } => {
            "a closing bracket has no opening one"
        }
        Parser::ExpectedFlowMappingSeparator => "`,` or `}` is missing",
        Parser::ExpectedFlowSequenceSeparator => "`,` or `]` is missing",
        Parser::ExpectedBlockMappingKey => "a key of this map is expected here",
        Parser::ExpectedBlockSequenceEntry => "a `-` of this list is expected here",
        Parser::BlockEntryInFlowCollection
        | Parser::BlockSequenceEntryNotAllowed
        | Parser::InvalidBlockEntryWhitespace
        | Parser::PlainScalarStartsWithDashFlowIndicator => "a list entry `-` is not allowed here",
        Parser::MappingValueNotAllowed => "mapping values are not allowed here",
        Parser::MappingKeyNotAllowed => "mapping keys are not allowed here",
        Parser::InvalidColonPlacement
        | Parser::FlowMappingValueAdjacentCollection
        | Parser::InvalidMappingValueWhitespace => "a `:` is not allowed here",
        Parser::SimpleKeyExpected | Parser::InvalidSimpleKey => {
            "a key without `:`, or a line that does not belong to the value above"
        }
        Parser::UnclosedQuotedScalar => "a quote is not closed",
        Parser::InvalidTrailingSingleQuotedScalar | Parser::InvalidTrailingDoubleQuotedScalar => {
            "text follows a closed quote"
        }
        Parser::DocumentIndicatorInQuotedScalar => "a document marker is inside quoted text",
        Parser::InvalidQuotedScalarIndent => {
            "a line of quoted text must be indented more than its key"
        }
        Parser::UnknownQuotedScalarEscape => "this escape does not exist in YAML",
        Parser::InvalidQuotedScalarHexEscape
        | Parser::InvalidLowSurrogateHexEscape
        | Parser::InvalidLowSurrogate
        | Parser::MissingLowSurrogate
        | Parser::UnpairedLowSurrogate
        | Parser::InvalidUnicodeEscape => "this escape spells no character",
        Parser::TabNotAllowed
        | Parser::TabInBlockIndentation
        | Parser::TabAtBlockScalarStart
        | Parser::TabInIndentation
        | Parser::TabInPlainScalar => "YAML wants spaces here, not a tab",
        Parser::InvalidIndentation | Parser::InvalidFlowScalarIndent => {
            "the indentation fits no line above"
        }
        Parser::InvalidBlockScalarIndent => {
            "a line of this block text is indented less than its first line"
        }
        Parser::ZeroBlockScalarIndent | Parser::InvalidBlockScalarHeader => {
            "`|` or `>` is followed by something that does not belong there"
        }
        Parser::CommentInterceptedScalar => "a comment is in the middle of a text",
        Parser::CommentNotSeparated => "a `#` needs a space before it",
        Parser::ExpectedWhitespace => "a space is missing",
        Parser::UnknownAnchor => "this alias has no anchor above it",
        Parser::MissingAnchorOrAliasName => "an anchor or alias has no name",
        Parser::AnchorCountOverflow => "there are too many anchors",
        Parser::RecursionLimitExceeded => "the document is nested more than 255 levels deep",
        Parser::ExpectedDocumentStart | Parser::InvalidDocumentEnd => {
            "the document goes on where it should end"
        }
        Parser::BomInsideDocument => "a byte-order mark is inside the document",
        Parser::UnexpectedCharacter { .. } | Parser::ExpectedNodeContent => {
            "a value cannot begin like this"
        }
        Parser::DuplicateVersionDirective
        | Parser::UnsupportedYamlMajorVersion
        | Parser::DuplicateTagDirective
        | Parser::MissingDocumentEndBeforeDirective
        | Parser::ExpectedTagDirectiveBang
        | Parser::InvalidDirectiveTerminator
        | Parser::DirectiveDisallowed
        | Parser::MissingYamlVersionSeparator
        | Parser::MissingDirectiveName
        | Parser::InvalidDirectiveName
        | Parser::DirectiveByteLimitExceeded { .. }
        | Parser::TooManyReservedDirectiveParams { .. }
        | Parser::YamlVersionTooLong
        | Parser::MissingYamlVersion
        | Parser::InvalidTagDirectiveTerminator => "a `%` directive is malformed",
        Parser::UndeclaredTagHandle
        | Parser::ExpectedTagBang
        | Parser::InvalidGlobalTagCharacter
        | Parser::InvalidTagTerminator
        | Parser::MissingTagUri
        | Parser::UnclosedVerbatimTag
        | Parser::InvalidTagEscape
        | Parser::InvalidTagUtf8LeadingByte
        | Parser::InvalidTagUtf8TrailingByte
        | Parser::InvalidTagUtf8 => "a tag is malformed",
        _ => "this is not YAML",
    }
}

/// What to do about a parser error at `offset`.
///
/// A template that Helm has not rendered, and a placeholder whose `: ` or ` #` YAML takes as its
/// own (rule R3), are the two common causes that the class of error does not tell.
pub(crate) fn hint(kind: &Parser, text: &str, offset: usize) -> Option<&'static str> {
    let line = text.get(line_start(text, offset)..line_end(text, offset))?;
    if line.contains("{{") {
        Some(HELM_HINT)
    } else if line.contains('<') && matches!(kind, Parser::MappingValueNotAllowed) {
        Some(COMMENT_HINT)
    } else if matches!(
        kind,
        Parser::UnexpectedCharacter { .. } | Parser::UnknownQuotedScalarEscape
    ) {
        Some("quote the value with '…'")
    } else if is_tab(kind) {
        Some("indent with spaces")
    } else if matches!(kind, Parser::InvalidQuotedScalarIndent) {
        Some("close the quote that opens above, or indent this line")
    } else {
        None
    }
}

/// Where to point for a parser error: for a tab at the tab, which the parser only knows to be
/// somewhere behind `offset`.
pub(crate) fn place(kind: &Parser, text: &str, offset: usize) -> usize {
    let rest = text.as_bytes().get(offset..).unwrap_or_default();
    match memchr::memchr(b'\t', rest) {
        Some(tab) if is_tab(kind) => offset + tab,
        _ => offset.min(text.len()),
    }
}

/// Where the quote stands that is still open at the end of the text, if that is what an error at
/// `offset` is about: the parser reads on to the end, where nothing is wrong. `from` is the end of
/// a token before it.
pub(crate) fn unclosed_quote(
    kind: &Parser,
    text: &str,
    offset: usize,
    from: usize,
) -> Option<usize> {
    let rest = text.get(offset..).unwrap_or_default();
    let about_quotes = matches!(
        kind,
        Parser::UnclosedQuotedScalar | Parser::InvalidQuotedScalarIndent
    );
    if !about_quotes || !rest.trim().is_empty() {
        return None;
    }
    let bytes = text.as_bytes();
    let mut at = from;
    while let Some(&byte) = bytes.get(at) {
        let begins = at == 0
            || matches!(
                bytes[at - 1],
                b' ' | b'\t' | b'\n' | b'\r' | b'[' | b'{' | b',' | b':'
            );
        match byte {
            b'#' if begins => at = line_end(text, at),
            b'"' | b'\'' if begins => match closing(bytes, at + 1, byte) {
                Some(end) => at = end,
                None => return Some(at),
            },
            _ => {}
        }
        at += 1;
    }
    None
}

/// Where a quoted text ends that begins at `at`.
fn closing(bytes: &[u8], mut at: usize, quote: u8) -> Option<usize> {
    loop {
        at += memchr::memchr2(quote, b'\\', bytes.get(at..)?)?;
        match (bytes[at], quote) {
            (b'\\', b'"') => at += 2,
            (b'\'', b'\'') if bytes.get(at + 1) == Some(&b'\'') => at += 2,
            (found, _) if found == quote => return Some(at),
            _ => at += 1,
        }
    }
}

fn is_tab(kind: &Parser) -> bool {
    matches!(
        kind,
        Parser::TabNotAllowed
            | Parser::TabInBlockIndentation
            | Parser::TabAtBlockScalarStart
            | Parser::TabInIndentation
            | Parser::TabInPlainScalar
    )
}
