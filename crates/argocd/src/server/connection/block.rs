//! The names and values of a header block (HPACK, RFC 7541), as far as its host needs it.

use tonic::codegen::http::uri::Authority;

use super::huffman;

/// The entry `:authority` of the table that everybody has.
const AUTHORITY: usize = 1;

/// The block with a host that can be one; `None` if it has one, or none, or is not a block at all.
///
/// The letters change and their number does not: both sides keep a table of what was said, and count
/// its bytes.
pub(super) fn with_host(block: &[u8]) -> Option<Vec<u8>> {
    let mut out: Option<Vec<u8>> = None;
    // How much of the block has been written.
    let mut written = 0;
    let mut reader = Reader { block, at: 0 };
    while let Some(first) = reader.peek() {
        // In the order of RFC 7541, section 6: from the table, with and without a place in it, a
        // size of it.
        let (bits, has_value) = match first {
            0x80.. => (7, false),
            0x40.. => (6, true),
            0x20.. => (5, false),
            _ => (4, true),
        };
        let name = reader.number(bits)?;
        if !has_value {
            continue;
        }
        if name == 0 {
            reader.text()?;
        }
        let start = reader.at;
        let (is_packed, text) = reader.text()?;
        if name != AUTHORITY {
            continue;
        }
        let text = if is_packed {
            huffman::decode(text)?
        } else {
            text.to_vec()
        };
        if let Some(host) = host(&text) {
            let out = out.get_or_insert_default();
            out.extend_from_slice(&block[written..start]);
            write_text(&host, out);
            written = reader.at;
        }
    }
    let mut out = out?;
    out.extend_from_slice(&block[written..]);
    Some(out)
}

/// Another host of the same length, if this one cannot be one.
fn host(text: &[u8]) -> Option<Vec<u8>> {
    if text.is_empty() || Authority::try_from(text).is_ok() {
        return None;
    }
    let plain = |byte: &u8| match byte {
        byte if byte.is_ascii_alphanumeric() || b"-.".contains(byte) => *byte,
        _ => b'-',
    };
    Some(text.iter().map(plain).collect())
}

/// Writes a text as it is.
fn write_text(text: &[u8], out: &mut Vec<u8>) {
    const MOST: usize = 0x7f;
    if text.len() < MOST {
        out.push(text.len() as u8);
    } else {
        out.push(MOST as u8);
        let mut rest = text.len() - MOST;
        while rest >= 0x80 {
            out.push((rest & 0x7f) as u8 | 0x80);
            rest >>= 7;
        }
        out.push(rest as u8);
    }
    out.extend_from_slice(text);
}

struct Reader<'b> {
    block: &'b [u8],
    at: usize,
}

impl<'b> Reader<'b> {
    fn peek(&self) -> Option<u8> {
        self.block.get(self.at).copied()
    }

    fn next(&mut self) -> Option<u8> {
        let byte = self.peek()?;
        self.at += 1;
        Some(byte)
    }

    /// A number in the lowest bits of a byte, and in the following ones if it does not fit.
    fn number(&mut self, bits: u32) -> Option<usize> {
        let most = (1 << bits) - 1;
        let mut number = usize::from(self.next()?) & most;
        if number < most {
            return Some(number);
        }
        for shift in [0, 7, 14, 21] {
            let byte = self.next()?;
            number += usize::from(byte & 0x7f) << shift;
            if byte & 0x80 == 0 {
                return Some(number);
            }
        }
        None
    }

    /// A text, and whether it is packed.
    fn text(&mut self) -> Option<(bool, &'b [u8])> {
        let is_packed = self.peek()? & 0x80 != 0;
        let length = self.number(7)?;
        let end = self.at.checked_add(length)?;
        let text = self.block.get(self.at..end)?;
        self.at = end;
        Some((is_packed, text))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The headers of a call of Argo CD, with this host.
    fn block(host: &[u8]) -> Vec<u8> {
        // `:method: POST`, `:scheme: http`, `:path` as a text, `:authority`, a name and a value.
        let mut block = vec![0x83, 0x86, 0x44, 0x02, b'/', b'x', 0x41];
        block.extend_from_slice(host);
        block.extend_from_slice(&[0x3f, 0x01, 0x00, 0x01, b'a', 0x01, b'b', 0xbe]);
        block
    }

    #[test]
    fn a_host_that_can_be_none_is_written_with_other_letters() {
        for (host, expected) in [
            (&b"%2Ftmp%2Fa.sock"[..], &b"-2Ftmp-2Fa.sock"[..]),
            (b"a b", b"a-b"),
            (b"a:b:c", b"a-b-c"),
            (b"\xff_", b"--"),
            (b"[::1", b"---1"),
        ] {
            let text = |text: &[u8]| [&[text.len() as u8], text].concat();
            assert_eq!(
                with_host(&block(&text(host))),
                Some(block(&text(expected))),
                "{}",
                String::from_utf8_lossy(host)
            );
        }
        for host in [
            "",
            "localhost",
            "localhost:8080",
            "[::1]:80",
            "a_b",
            "10.0.0.1",
        ] {
            let text = [&[host.len() as u8], host.as_bytes()].concat();
            assert_eq!(with_host(&block(&text)), None, "{host}");
        }
    }

    #[test]
    fn a_host_that_is_packed_is_found_too() {
        // `www.example.com` is an example of RFC 7541; `%` has the bits 010101, `2` 00010, `F`
        // 1100001, and the rest are ones.
        let known = [
            &[0x8c][..],
            b"\xf1\xe3\xc2\xe5\xf2\x3a\x6b\xa0\xab\x90\xf4\xff",
        ]
        .concat();
        assert_eq!(with_host(&block(&known)), None);
        let packed = [0x83, 0b0101_0100, 0b0101_1000, 0b0111_1111];
        assert_eq!(with_host(&block(&packed)), Some(block(b"\x03-2F")));
    }

    #[test]
    fn a_long_host_has_a_long_number() {
        for length in [126, 127, 128, 254, 255, 300, 20_000] {
            let text = |byte: u8| {
                let mut text = Vec::new();
                write_text(&vec![byte; length], &mut text);
                text
            };
            let rewritten = with_host(&block(&text(b'%')));
            assert_eq!(rewritten, Some(block(&text(b'-'))), "{length}");
        }
    }

    #[test]
    fn what_is_no_block_is_left_to_others() {
        let whole = block(b"\x01%");
        for end in 0..whole.len() {
            // A cut between two headers leaves a block.
            let rewritten = with_host(&whole[..end]);
            assert!(
                rewritten.is_none_or(|rewritten| rewritten.len() == end),
                "{end}"
            );
        }
        for broken in [
            &[0x41, 0xff, 0xff, 0xff, 0xff, 0xff, 0x7f][..],
            &[0x41, 0x81, 0x00],
        ] {
            assert_eq!(with_host(broken), None);
        }
    }
}
