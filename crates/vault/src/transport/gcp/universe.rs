//! The cloud that a login is for: Google's own, or one that is built like it (a "universe").
//!
//! <https://google.aip.dev/auth/4118>

/// The domain of a cloud, below which its services have their hosts.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Universe(String);

impl Universe {
    /// Google's own cloud.
    pub(super) fn google() -> Self {
        Universe("googleapis.com".to_owned())
    }

    /// Reads a domain. Where tokens are sent follows from it, so it is one and nothing else: names of
    /// small letters, digits and hyphens, the last of which is no number.
    pub(super) fn parse(text: &str) -> Option<Self> {
        let is_plain = |b: u8| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'-';
        let is_label = |label: &str| {
            (1..=63).contains(&label.len())
                && label.bytes().all(is_plain)
                && !label.starts_with('-')
                && !label.ends_with('-')
        };
        let (_, last) = text.rsplit_once('.')?;
        let is_domain = text.len() <= 200
            && text.split('.').all(is_label)
            && last.starts_with(|c: char| c.is_ascii_lowercase());
        is_domain.then(|| Universe(text.to_owned()))
    }

    pub(super) fn is_google(&self) -> bool {
        *self == Universe::google()
    }

    /// The host of a service.
    pub(super) fn host(&self, service: &str) -> String {
        format!("{service}.{}", self.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_domain_is_nothing_but_one() {
        for good in ["googleapis.com", "apis-s3ns.fr", "a.b.example", "x1.co"] {
            let host = Universe::parse(good).unwrap().host("secretmanager");
            assert_eq!(host, format!("secretmanager.{good}"));
        }
        let long = format!("{}.com", "a".repeat(64));
        for bad in [
            "",
            "com",
            ".com",
            "com.",
            "a..com",
            "A.com",
            "a.com/",
            "a.com/x",
            "a.com:443",
            "a.com#",
            "a.com?x",
            "u@a.com",
            "a.com ",
            "-a.com",
            "a-.com",
            "169.254.169.254",
            "a.1",
            "a_b.com",
            "[::1]",
            "bücher.example",
            "a%2ecom.x",
            "a.com\n",
            &long,
        ] {
            assert_eq!(Universe::parse(bad), None, "{bad:?}");
        }
    }
}
