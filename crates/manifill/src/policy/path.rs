//! Rules for paths that hold for every backend.

use std::fmt;

use manifill_placeholder::split_backend;
use regex::Regex;

/// The expressions of `AVP_PATH_VALIDATION`, all of which a path has to match.
///
/// They are searched for in the path as it is written, not anchored (AVP rule 30).
///
/// ```
/// use manifill::policy::PathRules;
///
/// let rules = PathRules::new(["vaults/Prod/"])?;
/// assert!(rules.check("vaults/Prod/items/Db").is_ok());
/// assert!(rules.check("vaults/Test/items/Db").is_err());
/// assert!(rules.check("vaults/Prod/../Test").is_err());
/// # Ok::<(), manifill::policy::PathRuleError>(())
/// ```
#[derive(Clone, Debug, Default)]
pub struct PathRules {
    expressions: Vec<Regex>,
}

impl PathRules {
    /// Reads the expressions; empty ones say nothing and are left out.
    ///
    /// # Errors
    /// [`InvalidExpression`](PathRuleErrorKind::InvalidExpression) for the first that cannot be
    /// read. There is no look-around and there are no back-references, as in Go.
    pub fn new<'e>(expressions: impl IntoIterator<Item = &'e str>) -> Result<Self, PathRuleError> {
        let read = |expression: &str| {
            Regex::new(expression).map_err(|error| {
                let kind = PathRuleErrorKind::InvalidExpression;
                PathRuleError::new(kind, expression, reason(expression, &error))
            })
        };
        let expressions = expressions
            .into_iter()
            .filter(|expression| !expression.is_empty());
        Ok(PathRules {
            expressions: expressions.map(read).collect::<Result<_, _>>()?,
        })
    }

    /// Whether there is no expression, so that every path is good.
    pub fn is_empty(&self) -> bool {
        self.expressions.is_empty()
    }

    /// Checks a path as it is written.
    ///
    /// # Errors
    /// [`Disallowed`](PathRuleErrorKind::Disallowed) if an expression does not match, and if there
    /// is any expression, what [`refuse_odd_segments`] refuses.
    pub fn check(&self, raw: &str) -> Result<(), PathRuleError> {
        if self.is_empty() {
            return Ok(());
        }
        refuse_odd_segments(raw)?;
        if self
            .expressions
            .iter()
            .all(|expression| expression.is_match(raw))
        {
            return Ok(());
        }
        Err(PathRuleError::new(PathRuleErrorKind::Disallowed, raw, ""))
    }
}

/// Refuses a path that may mean another than it seems to: with an empty segment, `.` or `..`, an
/// encoded dot or slash, a backslash or a control character.
///
/// While paths are restricted, such ones are refused and not normalised, since backends do not
/// agree on how to (rule R8). The `//` of `op://` and `https://` at the beginning, also after
/// `name!`, is no empty segment.
///
/// # Errors
/// [`OddSegment`](PathRuleErrorKind::OddSegment).
pub fn refuse_odd_segments(path: &str) -> Result<(), PathRuleError> {
    let refused = |reason| {
        Err(PathRuleError::new(
            PathRuleErrorKind::OddSegment,
            path,
            reason,
        ))
    };
    let (_, rest) = split_backend(path);
    let plain = ["op://", "https://"]
        .iter()
        .find_map(|scheme| rest.strip_prefix(scheme));
    let plain = plain.unwrap_or(rest);
    if plain.chars().any(char::is_control) {
        return refused("it contains a control character");
    }
    if plain.contains('\\') {
        return refused("it contains a backslash");
    }
    let lower = plain.to_ascii_lowercase();
    if lower.contains("%2e") || lower.contains("%2f") {
        return refused("it contains an encoded dot or slash");
    }
    for segment in plain.split('/') {
        match segment.trim() {
            "" => return refused("it has an empty segment"),
            "." | ".." => return refused("it has a segment of dots"),
            _ => {}
        }
    }
    Ok(())
}

/// A path that is not allowed, or a rule that cannot be read.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PathRuleError {
    kind: PathRuleErrorKind,
    subject: String,
    reason: &'static str,
}

/// The situation that a [`PathRuleError`] is about.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum PathRuleErrorKind {
    /// An expression does not match the path.
    Disallowed,
    /// The path may mean another than it seems to.
    OddSegment,
    /// An expression cannot be read.
    InvalidExpression,
}

impl PathRuleErrorKind {
    /// A stable word for reports, such as `disallowed`.
    pub fn as_str(self) -> &'static str {
        match self {
            PathRuleErrorKind::Disallowed => "disallowed",
            PathRuleErrorKind::OddSegment => "odd-segment",
            PathRuleErrorKind::InvalidExpression => "invalid-expression",
        }
    }
}

impl PathRuleError {
    fn new(kind: PathRuleErrorKind, subject: &str, reason: &'static str) -> Self {
        PathRuleError {
            kind,
            subject: subject.to_owned(),
            reason,
        }
    }

    /// What is wrong.
    pub fn kind(&self) -> PathRuleErrorKind {
        self.kind
    }

    /// What to do about it.
    pub fn hint(&self) -> Option<&'static str> {
        match self.kind {
            PathRuleErrorKind::Disallowed => None,
            PathRuleErrorKind::OddSegment => {
                Some("while paths are restricted, write each path in its plain form")
            }
            PathRuleErrorKind::InvalidExpression => {
                Some("AVP_PATH_VALIDATION takes RE2 syntax: no look-around, no back-references")
            }
        }
    }
}

impl fmt::Display for PathRuleError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let PathRuleError {
            subject, reason, ..
        } = self;
        // AVP's words, which people search for.
        match self.kind {
            PathRuleErrorKind::Disallowed => {
                write!(
                    f,
                    "the path {subject} is disallowed by AVP_PATH_VALIDATION restriction"
                )
            }
            PathRuleErrorKind::OddSegment => {
                write!(
                    f,
                    "the path {} is refused: {reason}",
                    subject.escape_debug()
                )
            }
            PathRuleErrorKind::InvalidExpression => write!(
                f,
                "{subject} is not a valid regular expression: error parsing regexp: {reason}"
            ),
        }
    }
}

impl std::error::Error for PathRuleError {}

/// Why an expression cannot be read, in Go's words where people may know them.
fn reason(expression: &str, error: &regex::Error) -> &'static str {
    const LOOK_AROUND: [(&str, &str); 4] = [
        ("(?=", "invalid or unsupported Perl syntax: `(?=`"),
        ("(?!", "invalid or unsupported Perl syntax: `(?!`"),
        ("(?<=", "invalid or unsupported Perl syntax: `(?<=`"),
        ("(?<!", "invalid or unsupported Perl syntax: `(?<!`"),
    ];
    if matches!(error, regex::Error::CompiledTooBig(_)) {
        return "expression is too large";
    }
    let group = LOOK_AROUND
        .iter()
        .find(|(group, _)| expression.contains(group));
    group.map_or(
        "it is malformed, or uses syntax that is not supported",
        |(_, reason)| reason,
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn backends_have_lower_case_names() {
        let cases = [
            ("a!b", Some("a"), "b"),
            ("team-2!b!c", Some("team-2"), "b!c"),
            ("a!", Some("a"), ""),
            ("!b", None, "!b"),
            ("2a!b", None, "2a!b"),
            ("-a!b", None, "-a!b"),
            ("A!b", None, "A!b"),
            ("a b!c", None, "a b!c"),
            ("a/b!c", None, "a/b!c"),
            ("a", None, "a"),
        ];
        for (path, backend, rest) in cases {
            assert_eq!(split_backend(path), (backend, rest), "{path}");
        }
    }

    #[test]
    fn expressions_are_searched_for_and_all_must_match() {
        let rules = PathRules::new(["vaults/Prod/"]).unwrap();
        // AVP's expression is not anchored (its case T87).
        assert!(rules.check("evil/vaults/Prod/items/Db").is_ok());
        let error = rules.check("vaults/Test/items/Db").unwrap_err();
        assert_eq!(
            error.to_string(),
            "the path vaults/Test/items/Db is disallowed by AVP_PATH_VALIDATION restriction"
        );
        let both = PathRules::new(["^vaults/Prod/", "Db$", ""]).unwrap();
        assert!(both.check("vaults/Prod/items/Db").is_ok());
        assert!(both.check("vaults/Prod/items/Cache").is_err());
        assert!(both.check("evil/vaults/Prod/items/Db").is_err());
        let none = PathRules::new([""]).unwrap();
        assert!(none.is_empty() && none.check("a/../b").is_ok());
    }

    #[test]
    fn a_restricted_path_has_no_second_meaning() {
        let rules = PathRules::new(["."]).unwrap();
        let refused = [
            "a//b",
            "/a",
            "a/",
            "",
            "a/./b",
            "a/../b",
            "..",
            "a/ .. /b",
            "a/%2e%2E/b",
            "a%2fb",
            "a%2Fb",
            "a\\b",
            "a\tb",
            "a\u{7f}",
            "op:///b",
            "op://a//b",
            "https://a//b",
            "shared!op://a//b",
            "http://a/b",
            "aop://b/c",
        ];
        for path in refused {
            let error = rules.check(path).unwrap_err();
            assert_eq!(error.kind(), PathRuleErrorKind::OddSegment, "{path}");
            assert!(error.hint().is_some());
        }
        let good = [
            "vaults/Prod/items/Db",
            "op://Prod/Db",
            "shared!op://Prod/Db",
            "https://start.1password.com/open/i?a=A&v=V&i=I&h=my.1password.com",
            "a...b/..c/.d",
            "ns:name",
            "50%20a",
        ];
        for path in good {
            assert_eq!(rules.check(path), Ok(()), "{path}");
        }
    }

    #[test]
    fn a_rule_that_cannot_be_read_is_named_as_avp_names_it() {
        let error = PathRules::new(["^(?!x)"]).unwrap_err();
        assert_eq!(
            error.to_string(),
            "^(?!x) is not a valid regular expression: error parsing regexp: invalid or unsupported Perl syntax: `(?!`"
        );
        for expression in ["(", "[a", "a{2,1}", r"\8", "a**{999999}(", "(?<=a)b"] {
            let error = PathRules::new([expression]).unwrap_err();
            assert_eq!(error.kind(), PathRuleErrorKind::InvalidExpression);
            assert!(
                error
                    .to_string()
                    .contains("is not a valid regular expression: error parsing")
            );
        }
        let large = PathRules::new(["(a{1000}){1000}"]).unwrap_err();
        assert!(large.to_string().ends_with("expression is too large"));
    }
}
