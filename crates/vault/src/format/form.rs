//! Forms as requests hold them, such as the body of a login, of which no copy is left behind.

use zeroize::Zeroizing;

/// Writes fields and their values.
pub(crate) fn write(fields: &[(&str, &str)]) -> Zeroizing<String> {
    // Room for every byte escaped, so that it does not grow.
    let room = fields
        .iter()
        .map(|(name, value)| 3 * (name.len() + value.len()) + 2);
    let mut out = Zeroizing::new(String::with_capacity(room.sum()));
    for (name, value) in fields {
        if !out.is_empty() {
            out.push('&');
        }
        push(&mut out, name);
        out.push('=');
        push(&mut out, value);
    }
    out
}

/// Adds a text, with everything escaped that could mean something else.
pub(crate) fn push(out: &mut String, text: &str) {
    const DIGITS: &[u8; 16] = b"0123456789ABCDEF";
    let digit = |half: u8| char::from(DIGITS[usize::from(half & 15)]);
    for byte in text.bytes() {
        if byte.is_ascii_alphanumeric() || b"-._~".contains(&byte) {
            out.push(char::from(byte));
        } else {
            out.extend(['%', digit(byte >> 4), digit(byte)]);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn it_is_escaped_and_does_not_grow() {
        let odd = "ü&=+ %\n".repeat(50);
        let form = write(&[("a b", "c/d"), ("odd", &odd), ("none", "")]);
        let escaped = "%C3%BC%26%3D%2B%20%25%0A".repeat(50);
        assert_eq!(*form, format!("a%20b=c%2Fd&odd={escaped}&none="));
        assert!(form.capacity() <= 3 * (6 + 3 + odd.len() + 4) + 6);
        assert_eq!(*write(&[]), "");
    }
}
