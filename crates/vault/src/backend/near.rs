//! Names that could have been meant.

use strsim::generic_levenshtein;

/// The most names that are told.
const MOST: usize = 5;

/// The names that there are, as they are compared.
#[derive(Debug)]
pub(crate) struct NearNames(Vec<(Vec<char>, String)>);

impl NearNames {
    /// Takes the names.
    pub(crate) fn new(names: impl IntoIterator<Item = String>) -> Self {
        let names = names.into_iter();
        NearNames(names.map(|name| (fold(&name), name)).collect())
    }

    /// How many there are.
    pub(crate) fn count(&self) -> usize {
        self.0.len()
    }

    /// Up to five names that are near to one that nothing has, nearest first. Whether a run may
    /// still look for them, [`RunContext::may_compare`](crate::RunContext::may_compare) says.
    pub(crate) fn near(&self, name: &str) -> Vec<String> {
        let name = fold(name);
        let limit = name.len().div_ceil(3);
        let mut near: Vec<(usize, &String)> = self
            .0
            .iter()
            .filter_map(|(folded, other)| {
                let within = folded.len() >= 3
                    && name.len() >= 3
                    && (contains(folded, &name) || contains(&name, folded));
                // Far apart in length is far apart, and that is quickly seen.
                let may_be_near = folded.len().abs_diff(name.len()) <= limit;
                let distance = may_be_near.then(|| generic_levenshtein(folded, &name));
                let near = distance.filter(|distance| *distance <= limit);
                let near = near.or_else(|| within.then_some(limit + 1));
                near.map(|distance| (distance, other))
            })
            .collect();
        near.sort();
        let nearest = near.into_iter().take(MOST);
        nearest.map(|(_, other)| other.clone()).collect()
    }
}

/// A name as it is compared here: long ones are cut, which is near enough for a suggestion.
fn fold(name: &str) -> Vec<char> {
    name.trim()
        .chars()
        .flat_map(char::to_lowercase)
        .take(64)
        .collect()
}

fn contains(long: &[char], short: &[char]) -> bool {
    long.windows(short.len()).any(|part| part == short)
}
