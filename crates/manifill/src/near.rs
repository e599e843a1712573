//! Names that could have been meant.

/// The names close to what was written, best first, at most three: "`a`, `b`", or nothing.
pub(crate) fn names<'n>(written: &str, known: impl Iterator<Item = &'n str>) -> String {
    let mut near: Vec<(usize, &str)> = known
        .map(|name| {
            (
                distance(&written.to_lowercase(), &name.to_lowercase()),
                name,
            )
        })
        .filter(|(distance, name)| *distance <= name.chars().count().max(3) / 3)
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
}
