//! Patterns of a policy.

use std::fmt;

use manifill_placeholder::split_backend;

/// A pattern for names: of projects, namespaces, applications and repositories.
///
/// `*` stands for any characters but `/`, `**` for any characters; everything else stands for
/// itself, in this letter case. A pattern matches whole names only.
///
/// ```
/// use manifill::policy::Glob;
///
/// assert!(Glob::new("team-a-*").matches("team-a-web"));
/// assert!(!Glob::new("team-a-*").matches("team-a-web/x"));
/// assert!(Glob::new("https://git.example/team-a/**").matches("https://git.example/team-a/x/y"));
/// ```
#[derive(Clone, PartialEq, Eq)]
pub struct Glob {
    text: String,
    tokens: Vec<Token>,
}

/// A pattern for paths, with the name of the backend that it speaks about.
///
/// ```
/// use manifill::policy::PathGlob;
///
/// let glob = PathGlob::new("homelab!vaults/Team A/**");
/// assert_eq!(glob.backend(), Some("homelab"));
/// assert!(glob.matches("vaults/Team A/items/Db"));
/// assert!(!glob.matches("vaults/Team B/items/Db"));
/// ```
#[derive(Clone, PartialEq, Eq)]
pub struct PathGlob {
    backend: Option<String>,
    path: Glob,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Token {
    Char(char),
    /// `*`
    WithinSegment,
    /// `**`
    Anything,
}

impl Glob {
    /// Reads a pattern; there are no malformed ones.
    pub fn new(pattern: &str) -> Self {
        let mut tokens = Vec::with_capacity(pattern.len());
        for c in pattern.chars() {
            match (c, tokens.last()) {
                ('*', Some(Token::WithinSegment)) => {
                    tokens.pop();
                    tokens.push(Token::Anything);
                }
                ('*', Some(Token::Anything)) => {}
                ('*', _) => tokens.push(Token::WithinSegment),
                (c, _) => tokens.push(Token::Char(c)),
            }
        }
        Glob {
            text: pattern.to_owned(),
            tokens,
        }
    }

    /// The pattern as it is written.
    pub fn as_str(&self) -> &str {
        &self.text
    }

    /// Whether a name matches as a whole.
    ///
    /// All ways to match are followed at once, so that no pattern takes exponential time.
    pub fn matches(&self, name: &str) -> bool {
        // Whether the tokens before this one can match what was read of the name.
        let mut reached = vec![false; self.tokens.len() + 1];
        reached[0] = true;
        self.skip_stars(&mut reached);
        for c in name.chars() {
            let mut next = vec![false; reached.len()];
            for (index, token) in self.tokens.iter().enumerate() {
                if !reached[index] {
                    continue;
                }
                match token {
                    Token::Char(wanted) if *wanted == c => next[index + 1] = true,
                    Token::WithinSegment if c != '/' => next[index] = true,
                    Token::Anything => next[index] = true,
                    _ => {}
                }
            }
            reached = next;
            self.skip_stars(&mut reached);
        }
        reached.last().copied().unwrap_or_default()
    }

    /// A star may stand for nothing.
    fn skip_stars(&self, reached: &mut [bool]) {
        for (index, token) in self.tokens.iter().enumerate() {
            if reached[index] && !matches!(token, Token::Char(_)) {
                reached[index + 1] = true;
            }
        }
    }
}

impl PathGlob {
    /// Reads a pattern, which may begin with `name!`; there are no malformed ones.
    pub fn new(pattern: &str) -> Self {
        let (backend, path) = split_backend(pattern);
        PathGlob {
            backend: backend.map(str::to_owned),
            path: Glob::new(path),
        }
    }

    /// The backend that it speaks about; none means the default one.
    pub fn backend(&self) -> Option<&str> {
        self.backend.as_deref()
    }

    /// Whether a path, without the name of a backend, matches as a whole.
    pub fn matches(&self, path: &str) -> bool {
        self.path.matches(path)
    }
}

impl fmt::Display for Glob {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.text)
    }
}

impl fmt::Debug for Glob {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Glob({:?})", self.text)
    }
}

impl fmt::Display for PathGlob {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if let Some(backend) = &self.backend {
            write!(f, "{backend}!")?;
        }
        self.path.fmt(f)
    }
}

impl fmt::Debug for PathGlob {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "PathGlob({:?})", self.to_string())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_star_stays_in_its_segment_and_two_cross() {
        let cases = [
            ("*", "", true),
            ("*", "abc", true),
            ("*", "a/b", false),
            ("**", "", true),
            ("**", "a/b/c", true),
            ("***", "a/b", true),
            ("a/*/c", "a/b/c", true),
            ("a/*/c", "a//c", true),
            ("a/*/c", "a/b/b/c", false),
            ("a/**/c", "a/b/b/c", true),
            ("a/**/c", "a/c", false),
            ("a/**", "a", false),
            ("a/**", "a/", true),
            ("vaults/Team A/**", "vaults/Team A/items/Db", true),
            ("vaults/Team A/**", "vaults/team a/items/Db", false),
            ("vaults/Team A/**", "x/vaults/Team A/items/Db", false),
            ("*-web", "team-web", true),
            ("*-web", "team-web-1", false),
            ("**b*d", "a/b/bcd", true),
            ("**b*d", "a/bc/d", false),
            ("**/*.key", "a/b/c.key", true),
            ("[ab]?.{c}", "[ab]?.{c}", true),
            ("[ab]?.{c}", "ax.c", false),
            ("é*", "éa", true),
            ("", "", true),
            ("", "a", false),
        ];
        for (pattern, name, expected) in cases {
            assert_eq!(
                Glob::new(pattern).matches(name),
                expected,
                "{pattern} on {name}"
            );
        }
    }

    #[test]
    fn many_stars_do_not_multiply() {
        let pattern = "*a**".repeat(200);
        assert!(!Glob::new(&(pattern + "b")).matches(&"a".repeat(2000)));
    }

    #[test]
    fn a_pattern_may_name_its_backend() {
        let glob = PathGlob::new("shared!common/**");
        assert_eq!(
            (glob.backend(), glob.matches("common/db")),
            (Some("shared"), true)
        );
        assert!(!glob.matches("shared!common/db"));
        assert_eq!(PathGlob::new("Shared!x").backend(), None);
        assert_eq!(PathGlob::new("common/**").backend(), None);
        assert_eq!(
            format!("{glob} {glob:?}"),
            "shared!common/** PathGlob(\"shared!common/**\")"
        );
        assert_eq!(Glob::new("a*").as_str(), "a*");
    }

    proptest::proptest! {
        #[test]
        fn without_stars_it_matches_itself_only(text in "[a-z/!.?]{0,8}", other in "[a-z/]{0,8}") {
            proptest::prop_assert!(Glob::new(&text).matches(&text));
            proptest::prop_assert_eq!(Glob::new(&text).matches(&other), text == other);
        }

        #[test]
        fn any_text_is_a_glob(text in ".*") {
            let _ = (Glob::new(&text).matches(&text), PathGlob::new(&text).matches(&text));
        }
    }
}
