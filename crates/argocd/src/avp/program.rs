//! The program in a command: its old name and its new one.

/// The program whose place manifill takes.
pub(super) const PROGRAM: &str = "argocd-vault-plugin";

/// Whether a word is the program, with or without the folder it lies in.
pub(super) fn is_program(word: &str) -> bool {
    word.rsplit('/').next() == Some(PROGRAM)
}

/// A text with manifill's name for the program, wherever it stands as a word.
pub(super) fn renamed(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(at) = rest.find(PROGRAM) {
        let (before, behind) = (&rest[..at], &rest[at + PROGRAM.len()..]);
        let is_part = |c: char| c.is_ascii_alphanumeric() || "-_.".contains(c);
        let ends = behind
            .chars()
            .next()
            .is_none_or(|c| !is_part(c) && c != '/');
        let folder = before.len()
            - before
                .chars()
                .rev()
                .take_while(|c| is_part(*c) || "/${}~".contains(*c))
                .map(char::len_utf8)
                .sum::<usize>();
        // The folder goes with the name; a word that only ends like the name stays.
        if ends && (folder == at || before.ends_with('/')) {
            out += &before[..folder];
            out += "manifill";
        } else {
            out += before;
            out += PROGRAM;
        }
        rest = behind;
    }
    out + rest
}

#[cfg(test)]
mod tests {
    use super::renamed;

    #[test]
    fn the_program_is_renamed_and_nothing_else() {
        for (text, expected) in [
            ("argocd-vault-plugin generate .", "manifill generate ."),
            ("a|argocd-vault-plugin generate -", "a|manifill generate -"),
            (
                "/usr/local/bin/argocd-vault-plugin version",
                "manifill version",
            ),
            (
                "$(/custom-tools/argocd-vault-plugin generate x)",
                "$(manifill generate x)",
            ),
            (
                "-s argocd-vault-plugin-credentials",
                "-s argocd-vault-plugin-credentials",
            ),
            (
                "curl x/argocd-vault-plugin_1.18.1_linux_amd64",
                "curl x/argocd-vault-plugin_1.18.1_linux_amd64",
            ),
            ("my-argocd-vault-plugin x", "my-argocd-vault-plugin x"),
        ] {
            assert_eq!(renamed(text), expected, "{text}");
        }
    }
}
