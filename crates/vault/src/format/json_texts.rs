//! JSON of texts, such as the body of a login, of which no copy is left behind.

use std::collections::BTreeMap;

use zeroize::Zeroizing;

use crate::VaultError;

/// Writes an object whose values are texts.
///
/// # Errors
/// If it cannot be written, which no text brings about.
pub(crate) fn write(texts: &BTreeMap<&str, &str>) -> Result<Zeroizing<Vec<u8>>, VaultError> {
    // Room for every character escaped, so that it does not grow.
    let room = texts
        .iter()
        .map(|(name, value)| name.len() + 6 * value.len() + 8)
        .sum::<usize>();
    let mut out = Zeroizing::new(Vec::with_capacity(room + 2));
    serde_json::to_writer(&mut *out, texts)
        .map_err(|_| VaultError::configuration("the login cannot be written as JSON"))?;
    Ok(out)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn it_is_json_and_does_not_grow() {
        let odd = "\u{1}\u{2}\"\\\n".repeat(100);
        for texts in [
            BTreeMap::new(),
            BTreeMap::from([("a", "b"), ("c", odd.as_str())]),
        ] {
            let room: usize = texts.iter().map(|(a, b)| a.len() + 6 * b.len() + 8).sum();
            let out = write(&texts).unwrap();
            assert!(out.capacity() <= room + 2, "{}", out.capacity());
            let read: BTreeMap<String, String> = serde_json::from_slice(&out).unwrap();
            let same = read.iter().map(|(a, b)| (a.as_str(), b.as_str()));
            assert!(same.eq(texts));
        }
    }
}
