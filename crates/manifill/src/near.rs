//! Names that could have been meant.

use manifill_vault::backend::{BACKENDS, known_as};
use strsim::generic_damerau_levenshtein;

/// How many known names are looked at: a run can have very many wrong names, and comparing each of
/// them with each of very many known ones takes longer than the run.
const LOOKED_AT: usize = 400;

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

/// The types of backends that could have been meant, as [`names`]: also by another word for one, and
/// by a word close to that.
///
/// ```
/// assert_eq!(manifill::near_backends("openbao"), "`vault`");
/// assert_eq!(manifill::near_backends("1pasword"), "`1passwordconnect`");
/// assert_eq!(manifill::near_backends("nothing"), "");
/// ```
pub fn backends(written: &str) -> String {
    if let Some(info) = known_as(written) {
        return format!("`{}`", info.name);
    }
    let near = names(written, BACKENDS.iter().map(|info| info.name));
    if !near.is_empty() {
        return near;
    }
    // Of a short word nearly every other one is close.
    let is_long = |word: &&str| word.len() > 4;
    let close = |word: &str| !names(written, [word].into_iter()).is_empty();
    let mut known = BACKENDS.iter();
    let meant = known.find(|info| info.known_as.iter().copied().filter(is_long).any(close));
    meant.map_or_else(String::new, |info| format!("`{}`", info.name))
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
    fn a_type_is_found_by_its_other_names_too() {
        for (written, name) in [
            ("vualt", "`vault`"),
            ("OpenBao", "`vault`"),
            ("openboa", "`vault`"),
            ("1passwrd", "`1passwordconnect`"),
            ("onepasword", "`1passwordconnect`"),
            ("kuberentes", "`kubernetessecret`"),
            ("awssecretmanager", "`awssecretsmanager`"),
            ("bitwarden", ""),
        ] {
            assert_eq!(backends(written), name, "{written}");
        }
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
