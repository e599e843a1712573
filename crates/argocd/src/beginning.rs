//! Texts that are cut.

/// The beginning of a text, in at most so many bytes and on whole characters.
pub(crate) fn beginning(text: &str, most: usize) -> &str {
    let mut ends = (0..=text.len().min(most)).rev();
    let end = ends.find(|&at| text.is_char_boundary(at));
    &text[..end.unwrap_or(0)]
}

#[cfg(test)]
mod tests {
    use super::beginning;

    #[test]
    fn a_character_is_whole_or_gone() {
        let text = "aé…";
        let cut: Vec<_> = (0..8).map(|most| beginning(text, most)).collect();
        assert_eq!(cut, ["", "a", "a", "aé", "aé", "aé", "aé…", "aé…"]);
        assert_eq!(beginning("", 3), "");
    }
}
