//! Percent and form decoding of request targets.

use percent_encoding::percent_decode_str;

/// The parameters of a target, decoded.
#[derive(Debug, Default)]
pub(crate) struct Query(Vec<(String, String)>);

impl Query {
    /// Reads the text after `?`. Both spellings of a blank, `+` and `%20`, are in use.
    pub(crate) fn parse(text: &str) -> Query {
        Query(
            text.split('&')
                .filter(|pair| !pair.is_empty())
                .map(|pair| pair.split_once('=').unwrap_or((pair, "")))
                .map(|(name, value)| (form(name), form(value)))
                .collect(),
        )
    }

    /// The first value under a name.
    pub(crate) fn value(&self, name: &str) -> Option<&str> {
        self.0
            .iter()
            .find(|(known, _)| known == name)
            .map(|(_, value)| value.as_str())
    }

    /// Whether a switch is on.
    pub(crate) fn on(&self, name: &str) -> bool {
        self.value(name) == Some("true")
    }
}

fn form(text: &str) -> String {
    segment(&text.replace('+', " "))
}

/// Decodes one segment of a path.
pub(crate) fn segment(text: &str) -> String {
    percent_decode_str(text).decode_utf8_lossy().into_owned()
}

#[cfg(test)]
mod tests {
    use super::Query;

    #[test]
    fn both_spellings_of_a_blank_are_read() {
        for text in ["filter=a+b%2Bc", "x&filter=a%20b%2Bc&filter=second"] {
            assert_eq!(Query::parse(text).value("filter"), Some("a b+c"));
        }
    }

    #[test]
    fn a_switch_is_on_only_if_true() {
        assert!(Query::parse("inline_files=true").on("inline_files"));
        assert!(!Query::parse("inline_files=1").on("inline_files"));
        assert!(!Query::parse("").on("inline_files"));
    }
}
