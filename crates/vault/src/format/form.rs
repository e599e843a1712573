//! Forms, as pages and token services send them.

use zeroize::Zeroizing;

/// A form as it is sent (`application/x-www-form-urlencoded`). It may hold a login, so it has no
/// `Debug`.
#[derive(Default)]
pub(crate) struct Form(Zeroizing<String>);

impl Form {
    /// Adds a field; its name is plain.
    pub(crate) fn add(&mut self, name: &str, value: &str) {
        if !self.0.is_empty() {
            self.0.push('&');
        }
        self.0.push_str(name);
        self.0.push('=');
        for byte in value.bytes() {
            if byte.is_ascii_alphanumeric() || b"-._~".contains(&byte) {
                self.0.push(char::from(byte));
            } else {
                self.0.push_str(&format!("%{byte:02X}"));
            }
        }
    }

    /// What is sent.
    pub(crate) fn as_bytes(&self) -> &[u8] {
        self.0.as_bytes()
    }

    /// What is sent, as text.
    pub(crate) fn into_text(self) -> Zeroizing<String> {
        self.0
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_has_a_meaning_in_a_form_is_escaped() {
        let mut form = Form::default();
        form.add("a", "x y&b=+%/ü");
        form.add("c", "");
        form.add("d", "-._~09Az");
        let sent = "a=x%20y%26b%3D%2B%25%2F%C3%BC&c=&d=-._~09Az";
        assert_eq!(form.as_bytes(), sent.as_bytes());
        assert_eq!(*form.into_text(), sent);
    }
}
