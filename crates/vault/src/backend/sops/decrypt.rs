//! From an encrypted tree to its values, with the check that nobody changed it.

use aws_lc_rs::digest::{Context, SHA256, SHA512, digest};
use data_encoding::HEXUPPER;

use super::cipher::{Damage, DataKey, Sealed};
use super::metadata::{Metadata, Rule};
use super::tree::{Entries, Leaf, Node};
use crate::{RunContext, SecretValue};

/// The most that the names may hold that lead to a value: each value is bound to all of them
/// (rule R11).
const MAX_PLACE: usize = 4096;

/// The values of each document, in their order.
pub(super) type Documents = Vec<Vec<(String, SecretValue)>>;

/// Decrypts all documents of a file. Nothing comes out of it unless the hash over all of them is
/// the one that sops wrote.
pub(super) fn decrypt(
    documents: &[Entries],
    metadata: &Metadata,
    key: &DataKey,
    run: &RunContext,
) -> Result<Documents, Damage> {
    let expected = Sealed::parse(&metadata.mac).ok_or(Damage::Changed)?;
    let expected = expected.open(key, &metadata.last_modified)?;
    let mut hash = Context::new(&SHA512);
    if metadata.mac_only_encrypted {
        // So that the hash is not that of a file in which all values are encrypted.
        hash.update(digest(&SHA256, b"sops").as_ref());
    }
    let mut walk = Walk {
        metadata,
        key,
        run,
        hash,
    };
    let documents = documents
        .iter()
        .map(|entries| walk.entries(entries, &mut String::new(), false))
        .collect::<Result<_, _>>()?;
    let hash = walk.hash.finish();
    let hash = HEXUPPER.encode(hash.as_ref());
    if hash.as_bytes() == expected.plain.as_slice() {
        Ok(documents)
    } else {
        Err(Damage::Changed)
    }
}

struct Walk<'a> {
    metadata: &'a Metadata,
    key: &'a DataKey,
    run: &'a RunContext,
    hash: Context,
}

impl Walk<'_> {
    /// The values of a map. `place` is the path to it, each name followed by a colon; `matched`
    /// tells whether a name in it met the rule. Items of a list share the place of the list.
    fn entries(
        &mut self,
        entries: &Entries,
        place: &mut String,
        matched: bool,
    ) -> Result<Vec<(String, SecretValue)>, Damage> {
        let values = entries.iter().map(|(name, node)| {
            let matched = matched
                || match &self.metadata.rule {
                    Rule::Only(pattern) | Rule::AllBut(pattern) => pattern.matches(name),
                    Rule::All | Rule::Looks => false,
                };
            if self.run.is_late() {
                return Err(Damage::TooLate);
            }
            let above = place.len();
            place.extend([name, ":"]);
            if place.len() > MAX_PLACE {
                return Err(Damage::LongNames);
            }
            let value = self.value(node, place, matched);
            place.truncate(above);
            let value = value?;
            // A comment is no value of a name.
            Ok((name.clone(), value.ok_or(Damage::Changed)?))
        });
        values.collect()
    }

    /// A value; `None` for a comment.
    fn value(
        &mut self,
        node: &Node,
        place: &mut String,
        matched: bool,
    ) -> Result<Option<SecretValue>, Damage> {
        match node {
            Node::Map(entries) => {
                let entries = self.entries(entries, place, matched)?;
                Ok(Some(SecretValue::map(entries)))
            }
            Node::List(items) => {
                let values = items.iter();
                let values = values.filter_map(|item| self.value(item, place, matched).transpose());
                Ok(Some(SecretValue::list(
                    values.collect::<Result<Vec<_>, _>>()?,
                )))
            }
            Node::Leaf(leaf) => self.leaf(leaf, place, matched),
        }
    }

    fn leaf(
        &mut self,
        leaf: &Leaf,
        place: &str,
        matched: bool,
    ) -> Result<Option<SecretValue>, Damage> {
        let is_encrypted = match (&self.metadata.rule, leaf) {
            (_, Leaf::Null) => return Ok(Some(SecretValue::null())),
            (Rule::All, _) => true,
            (Rule::Only(_), _) => matched,
            (Rule::AllBut(_), _) => !matched,
            (Rule::Looks, Leaf::Text(text)) => Sealed::parse(text).is_some(),
            (Rule::Looks, _) => false,
        };
        match leaf {
            // sops leaves the empty text as it is.
            Leaf::Text(text) if is_encrypted && !text.is_empty() => {
                let sealed = Sealed::parse(text).ok_or(Damage::NotEncrypted)?;
                let opened = sealed.open(self.key, place)?;
                // Comments are not hashed.
                if opened.is_comment() {
                    return Ok(None);
                }
                let leaf = opened.leaf()?;
                self.hash.update(leaf.hashed());
                Ok(Some(leaf.into_value()))
            }
            Leaf::Typed { .. } if is_encrypted => Err(Damage::NotEncrypted),
            leaf => {
                if !self.metadata.mac_only_encrypted {
                    self.hash.update(leaf.hashed());
                }
                Ok(Some(leaf.clone().into_value()))
            }
        }
    }
}
