//! The `filter` parameter: one SCIM comparison (RFC 7644, section 3.4.2.2).

/// One comparison, `ATTRIBUTE OPERATOR "VALUE"`.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Filter {
    attribute: String,
    contains: bool,
    value: String,
    ignore_case: bool,
}

impl Filter {
    /// Reads a comparison on one of `attributes`; `None` if it is anything else. The value is a
    /// JSON string, so a bare `"` or `\` inside makes the filter malformed, as clients that do
    /// not escape learn from a real server.
    pub(crate) fn parse(text: &str, attributes: &[&str], ignore_case: bool) -> Option<Filter> {
        let mut parts = text.splitn(3, ' ');
        let attribute = parts.next()?;
        let operator = parts.next()?;
        let value: String = serde_json::from_str(parts.next()?).ok()?;
        if !attributes.contains(&attribute) || !["eq", "co"].contains(&operator) {
            return None;
        }
        Some(Filter {
            attribute: attribute.to_owned(),
            contains: operator == "co",
            value,
            ignore_case,
        })
    }

    /// The attribute that is compared.
    pub(crate) fn attribute(&self) -> &str {
        &self.attribute
    }

    /// Compares one value of the attribute.
    pub(crate) fn accepts(&self, text: &str) -> bool {
        if self.ignore_case {
            self.compare(&text.to_lowercase(), &self.value.to_lowercase())
        } else {
            self.compare(text, &self.value)
        }
    }

    fn compare(&self, text: &str, wanted: &str) -> bool {
        if self.contains {
            text.contains(wanted)
        } else {
            text == wanted
        }
    }
}

#[cfg(test)]
mod tests {

    use super::Filter;

    fn title(text: &str) -> Option<Filter> {
        Filter::parse(text, &["title", "tag"], true)
    }

    #[test]
    fn comparisons() {
        assert!(title(r#"title eq "DB main""#).unwrap().accepts("db MAIN"));
        assert!(!title(r#"title eq "db""#).unwrap().accepts("db main"));
        assert!(title(r#"title co "Main""#).unwrap().accepts("db main"));
        assert!(
            title(r#"tag eq "a \"b\" \\""#)
                .unwrap()
                .accepts(r#"a "b" \"#)
        );
        let strict = Filter::parse(r#"title eq "DB""#, &["title"], false).unwrap();
        assert!(strict.accepts("DB"));
        assert!(!strict.accepts("db"));
    }

    #[test]
    fn malformed_filters() {
        for text in [
            "",
            "title",
            "title eq",
            "title eq '",
            "title eq db",
            r#"title eq "db"#,
            r#"title eq "db" and tag eq "x""#,
            r#"title eq "say "hi"""#,
            r#"title eq "back\slash""#,
            r#"title ne "db""#,
            r#"name eq "db""#,
        ] {
            assert_eq!(title(text), None, "{text}");
        }
    }
}
