//! The results of a secret by their keys.

use std::collections::BTreeMap;
use std::sync::Arc;

use crate::{SecretValue, VaultError};

type KeyResult = Result<SecretValue, VaultError>;

/// What a secret has for its keys, each key once.
///
/// A node of a `BTreeMap` has room for eleven answers, and a run can hold very many secrets with
/// one answer each. A map is made only where answers come one by one and in no order, since each
/// of them would move half of a list.
#[derive(Clone, Debug)]
pub(super) enum KeyResults {
    /// Sorted by key.
    List(Vec<(Arc<str>, KeyResult)>),
    #[expect(
        clippy::box_collection,
        reason = "it would make every list larger, too"
    )]
    Map(Box<BTreeMap<Arc<str>, KeyResult>>),
}

/// Up to here moving what comes behind costs less than a map.
const FEW: usize = 16;

impl KeyResults {
    pub(super) fn get(&self, key: &str) -> Option<&KeyResult> {
        match self {
            KeyResults::List(list) => {
                let place = list.binary_search_by(|(known, _)| (**known).cmp(key));
                Some(&list[place.ok()?].1)
            }
            KeyResults::Map(map) => map.get(key),
        }
    }

    /// The keys, sorted.
    pub(super) fn keys(&self) -> Box<dyn Iterator<Item = &str> + '_> {
        match self {
            KeyResults::List(list) => Box::new(list.iter().map(|(key, _)| &**key)),
            KeyResults::Map(map) => Box::new(map.keys().map(|key| &**key)),
        }
    }

    /// Replaces the values that a rule gives an error for.
    pub(super) fn refuse(&mut self, judge: impl Fn(&str, &SecretValue) -> Option<VaultError>) {
        let judge = |(key, answer): (&Arc<str>, &mut KeyResult)| {
            if let Some(error) = answer.as_ref().ok().and_then(|value| judge(key, value)) {
                *answer = Err(error);
            }
        };
        match self {
            KeyResults::List(list) => list
                .iter_mut()
                .map(|(key, answer)| (&*key, answer))
                .for_each(judge),
            KeyResults::Map(map) => map.iter_mut().for_each(judge),
        }
    }

    /// Adds an answer, in the place of an earlier one for the same key.
    pub(super) fn insert(&mut self, key: Arc<str>, answer: KeyResult) {
        let list = match self {
            KeyResults::List(list) => list,
            KeyResults::Map(map) => {
                map.insert(key, answer);
                return;
            }
        };
        match list.binary_search_by(|(known, _)| known.cmp(&key)) {
            Ok(place) => list[place].1 = answer,
            Err(place) if place == list.len() || list.len() < FEW => {
                // A list grows to four at first, and most secrets have one answer.
                if list.is_empty() {
                    list.reserve_exact(1);
                }
                list.insert(place, (key, answer));
            }
            Err(_) => {
                let mut map: BTreeMap<_, _> = std::mem::take(list).into_iter().collect();
                map.insert(key, answer);
                *self = KeyResults::Map(Box::new(map));
            }
        }
    }
}

impl Default for KeyResults {
    fn default() -> Self {
        KeyResults::List(Vec::new())
    }
}

/// Of several answers for a key the last one counts.
impl From<Vec<(Arc<str>, KeyResult)>> for KeyResults {
    fn from(mut list: Vec<(Arc<str>, KeyResult)>) -> Self {
        // The sort is stable, so the last one of a key comes first once the list is turned round.
        list.reverse();
        list.sort_by(|(a, _), (b, _)| a.cmp(b));
        list.dedup_by(|(a, _), (b, _)| a == b);
        list.shrink_to_fit();
        KeyResults::List(list)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn answer(number: usize) -> KeyResult {
        Ok(SecretValue::text(number.to_string()))
    }

    /// The numbers below `count` in an order that is neither up nor down.
    fn shuffled(count: usize) -> impl Iterator<Item = usize> + Clone {
        (0..count).map(move |number| number * 7919 % count)
    }

    fn assert_holds(answers: &KeyResults, key: usize, number: usize) {
        let found = answers.get(&key.to_string());
        assert!(found == Some(&answer(number)), "{key}");
    }

    #[test]
    fn each_key_has_its_last_answer_in_whatever_order_they_come() {
        let orders: [Vec<usize>; 3] = [
            (0..5000).collect(),
            (0..5000).rev().collect(),
            shuffled(5000).collect(),
        ];
        for order in orders {
            for count in [0, 1, 2, FEW, FEW + 1, 5000] {
                let keys = order.iter().filter(|key| **key < count);
                let twice = keys
                    .clone()
                    .map(|key| (key, 0))
                    .chain(keys.clone().map(|key| (key, key + 1)));
                let entries = twice.map(|(key, number)| (key.to_string().into(), answer(number)));
                let entries: Vec<(Arc<str>, KeyResult)> = entries.collect();
                let mut one_by_one = KeyResults::default();
                for (key, answer) in entries.clone() {
                    one_by_one.insert(key, answer);
                }
                for answers in [one_by_one, entries.into()] {
                    for key in 0..count {
                        assert_holds(&answers, key, key + 1);
                    }
                    assert!(answers.get("").is_none() && answers.get("5000").is_none());
                }
            }
        }
    }

    #[test]
    fn a_list_stays_one_while_its_keys_come_in_order() {
        let mut answers = KeyResults::default();
        for number in 0..1000 {
            answers.insert(format!("{number:04}").into(), answer(number));
        }
        assert!(matches!(&answers, KeyResults::List(list) if list.len() == 1000));
        answers.insert("".into(), answer(7));
        assert!(matches!(&answers, KeyResults::Map(map) if map.len() == 1001));
        assert!(answers.get("") == Some(&answer(7)));
    }

    #[test]
    fn an_answer_takes_the_place_of_another_whether_it_is_a_value_or_an_error() {
        let error = VaultError::new(crate::VaultErrorKind::Ambiguous, "two");
        let mut answers: KeyResults =
            vec![("a".into(), answer(1)), ("a".into(), Err(error))].into();
        assert!(answers.get("a").unwrap().is_err());
        answers.insert("a".into(), answer(2));
        assert!(answers.get("a") == Some(&answer(2)));
    }
}
