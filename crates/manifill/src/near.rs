//! Names that could have been meant.

use strsim::generic_damerau_levenshtein;

/// How many known names are looked at: a run can have very many wrong names, and comparing each of
/// them with each of very many known ones takes longer than the run.
const LOOKED_AT: usize = 200;

/// The names close to what was written, best first, at most three: "`a`, `b`", or nothing.
///
/// Two neighbours that have changed places count as one slip: else short names are never near.
/// Names without a letter in common are not close, however short they are.
pub fn names<'n>(written: &str, known: impl Iterator<Item = &'n str>) -> String {
    let written = folded(written);
    let mut near: Vec<(usize, &str)> = known
        .take(LOOKED_AT)
        .filter_map(|name| {
            let folded = folded(name);
            let allowed = folded.len().max(3) / 3;
            // Far apart in length is far apart, and that is quickly seen.
            let may_be_near = written.len().abs_diff(folded.len()) <= allowed;
            let distance = may_be_near.then(|| generic_damerau_levenshtein(&written, &folded))?;
            let alike = distance < written.len().max(folded.len());
            (alike && distance <= allowed).then_some((distance, name))
        })
        .collect();
    near.sort_unstable();
    near.truncate(3);
    near.iter()
        .map(|(_, name)| format!("`{name}`"))
        .collect::<Vec<_>>()
        .join(", ")
}

/// A name without its letter case. Of a long one the start will do.
fn folded(name: &str) -> Vec<char> {
    let lower = name.chars().flat_map(char::to_lowercase);
    lower.take(100).collect()
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
        for (written, name) in [("sosp", "sops"), ("vualt", "vault"), ("fiel", "file")] {
            assert_eq!(names(written, [name].into_iter()), format!("`{name}`"));
        }
        assert_eq!(names("token", known.into_iter()), "");
        assert_eq!(names("", known.into_iter()), "");
    }

    #[test]
    fn another_letter_is_another_name() {
        let known = ["e", "B", "ab", "n"];
        assert_eq!(names("b", known.into_iter()), "`B`, `ab`");
        assert_eq!(names("x", known.into_iter()), "");
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
