//! DER (X.690), in which keys and certificates are written: only what is needed to walk through it.

/// What is left to read of a structure.
#[derive(Clone, Copy)]
pub(crate) struct Der<'a>(pub(crate) &'a [u8]);

impl<'a> Der<'a> {
    /// The contents of the next element, if it has this tag.
    pub(crate) fn take(&mut self, tag: u8) -> Option<&'a [u8]> {
        let (head, rest) = self.0.split_at_checked(2)?;
        let (length, rest) = match head {
            [found, _] if *found != tag => return None,
            [_, short @ 0..=0x7f] => (usize::from(*short), rest),
            [_, long @ 0x81..=0x84] => {
                let (bytes, rest) = rest.split_at_checked(usize::from(long - 0x80))?;
                let wider = |length, byte: &u8| (length << 8) | usize::from(*byte);
                (bytes.iter().fold(0, wider), rest)
            }
            _ => return None,
        };
        let (contents, rest) = rest.split_at_checked(length)?;
        self.0 = rest;
        Some(contents)
    }

    /// What the next element holds, if it has this tag.
    pub(crate) fn inside(&mut self, tag: u8) -> Option<Self> {
        self.take(tag).map(Der)
    }

    /// The bytes of the next element, which is a positive number.
    pub(crate) fn positive(&mut self) -> Option<&'a [u8]> {
        self.take(0x02)
            .filter(|bytes| bytes.first().is_some_and(|first| *first < 0x80))
    }

    /// The next element, which is a positive number that is not large.
    pub(crate) fn small(&mut self) -> Option<u32> {
        let bytes = self.positive()?;
        let bytes = bytes.strip_prefix(&[0]).unwrap_or(bytes);
        let wider = |number, byte: &u8| (number << 8) | u32::from(*byte);
        (bytes.len() <= 4).then(|| bytes.iter().fold(0, wider))
    }
}
