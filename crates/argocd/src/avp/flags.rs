//! What the flags of the program say in a command.

use super::program::is_program;

/// A flag of the program that takes a value.
#[derive(Clone, Copy)]
pub(super) struct Flag {
    short: &'static str,
    long: &'static str,
}

/// The Secret with the settings.
pub(super) const SECRET: Flag = Flag {
    short: "-s",
    long: "--secret-name",
};

/// The file with the settings.
pub(super) const FILE: Flag = Flag {
    short: "-c",
    long: "--config-path",
};

impl Flag {
    /// What stands behind the flag wherever the program runs, in commands that are cut into words.
    pub(super) fn values(self, words: &[String]) -> Vec<String> {
        let mut found = Vec::new();
        let mut rest = words.iter();
        while let Some(word) = rest.next() {
            let word = word.rsplit(['|', '(', '`']).next().unwrap_or_default();
            if !is_program(word) {
                continue;
            }
            while let Some(word) = rest.clone().next() {
                if word.contains(['|', ';', '&']) {
                    break;
                }
                rest.next();
                let given = if [self.short, self.long].contains(&word.as_str()) {
                    rest.next().cloned()
                } else {
                    self.value(word).map(str::to_owned)
                };
                found.extend(given.map(|name| name.trim_matches(['"', '\'']).to_owned()));
            }
        }
        found
    }

    /// What a word holds behind the flag.
    fn value(self, word: &str) -> Option<&str> {
        if let Some(rest) = word.strip_prefix(self.long) {
            return rest.strip_prefix('=');
        }
        let rest = word.strip_prefix(self.short)?;
        Some(rest.strip_prefix('=').unwrap_or(rest))
    }
}

#[cfg(test)]
mod tests {
    use super::{FILE, SECRET};

    #[test]
    fn a_flag_is_found_in_every_spelling_and_only_behind_the_program() {
        for (command, expected) in [
            ("argocd-vault-plugin generate -s a .", &["a"][..]),
            ("argocd-vault-plugin -s=a generate .", &["a"]),
            ("argocd-vault-plugin generate . -sns:a", &["ns:a"]),
            ("argocd-vault-plugin generate --secret-name 'a' -", &["a"]),
            (
                "curl -s x |argocd-vault-plugin generate - --secret-name=\"$A\"",
                &["$A"],
            ),
            ("x=$(argocd-vault-plugin generate -s a x.yaml)", &["a"]),
            (
                "argocd-vault-plugin generate a | sort -s b && argocd-vault-plugin generate -s c .",
                &["c"],
            ),
            ("argocd-vault-plugin generate . -s", &[]),
            ("argocd-vault-plugin generate . -c a", &[]),
            ("helm template -s a .", &[]),
        ] {
            let words: Vec<_> = command.split_whitespace().map(str::to_owned).collect();
            assert_eq!(SECRET.values(&words), expected, "{command}");
        }
        let words = [
            "sh",
            "-c",
            "argocd-vault-plugin",
            "generate",
            "-c",
            "/a",
            ".",
        ];
        assert_eq!(FILE.values(&words.map(str::to_owned)), ["/a"]);
    }
}
