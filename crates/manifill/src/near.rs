//! Names that could have been meant.

/// How many known names are looked at: a run can have very many wrong names, and comparing each of
/// them with each of very many known ones takes longer than the run.
const LOOKED_AT: usize = 200;

/// The names close to what was written, best first, at most three: "`a`, `b`", or nothing.
pub(crate) fn names<'n>(written: &str, known: impl Iterator<Item = &'n str>) -> String {
    let written = written.to_lowercase();
    let length = written.chars().count();
    let mut near: Vec<(usize, &str)> = known
        .take(LOOKED_AT)
        .filter_map(|name| {
            let count = name.chars().count();
            let allowed = count.max(3) / 3;
            if length.abs_diff(count) > allowed {
                return None;
            }
            let distance = distance(&written, &name.to_lowercase());
            (distance <= allowed).then_some((distance, name))
        })
        .collect();
    near.sort_unstable();
    near.truncate(3);
    near.iter()
        .map(|(_, name)| format!("`{name}`"))
        .collect::<Vec<_>>()
        .join(", ")
}

/// How many characters must be changed, added or taken away to make one text of the other.
fn distance(a: &str, b: &str) -> usize {
    // Names are short; a long text is no misspelled name.
    if a.len() > 100 || b.len() > 100 {
        return usize::MAX;
    }
    let b: Vec<char> = b.chars().collect();
    let mut row: Vec<usize> = (0..=b.len()).collect();
    for (i, from) in a.chars().enumerate() {
        let mut diagonal = row[0];
        row[0] = i + 1;
        for (j, to) in b.iter().enumerate() {
            let changed = diagonal + usize::from(from != *to);
            diagonal = row[j + 1];
            row[j + 1] = changed.min(row[j] + 1).min(diagonal + 1);
        }
    }
    row[b.len()]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_slip_of_the_pen_is_near_and_another_word_is_not() {
        let known = ["password", "username", "one-time password", "Password2"];
        assert_eq!(
            names("pasword", known.into_iter()),
            "`password`, `Password2`"
        );
        assert_eq!(
            names("PASSWORD", known.into_iter()),
            "`password`, `Password2`"
        );
        assert_eq!(names("token", known.into_iter()), "");
        assert_eq!(names("", known.into_iter()), "");
    }

    #[test]
    fn only_so_many_names_are_looked_at() {
        let mut known = vec!["unlike"; LOOKED_AT - 1];
        known.push("password");
        assert_eq!(names("pasword", known.iter().copied()), "`password`");
        known.insert(0, "unlike");
        assert_eq!(names("pasword", known.iter().copied()), "");
    }
}
