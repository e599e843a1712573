//! What is not among the manifests and is there all the same.

/// The length of the hash that kustomize adds to the names of what it generates.
const HASH: usize = 10;

/// Names of objects that something else makes, or adds keys to.
#[derive(Clone, Debug, Default)]
pub(crate) struct Externals {
    names: Vec<String>,
}

impl Externals {
    pub(crate) fn add(&mut self, name: String) {
        self.names.push(name);
    }

    /// Whether an object of this name is elsewhere. A name stands for the one with kustomize's hash,
    /// too, which changes with each value.
    pub(crate) fn has(&self, name: &str) -> bool {
        self.names.iter().any(|one| {
            let hash = name.strip_prefix(one.as_str());
            hash.is_some_and(|hash| hash.is_empty() || is_hash(hash))
        })
    }
}

/// Whether a text is the end that kustomize adds: a dash and letters of which no word is made.
fn is_hash(text: &str) -> bool {
    let letter = |byte: u8| b"2456789bcdfghkmt".contains(&byte);
    text.strip_prefix('-')
        .is_some_and(|hash| hash.len() == HASH && hash.bytes().all(letter))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_stands_for_its_generated_ones() {
        let mut externals = Externals::default();
        externals.add("db".to_owned());
        for name in ["db", "db-5kth62mb7d"] {
            assert!(externals.has(name), "{name}");
        }
        for name in ["dbs", "db-replica", "db-replicas10", "d", "x-db"] {
            assert!(!externals.has(name), "{name}");
        }
    }
}
