//! The names and values of a header block (HPACK, RFC 7541), as far as its host needs it.

use std::borrow::Cow;

use tonic::codegen::http::uri::Authority;

use super::huffman;

/// The host's entry in the table that everybody has, and its name as a text.
const ENTRY: usize = 1;
const NAME: &[u8] = b":authority";

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
        // gRPC's library in C writes the name out, though it has an entry.
        let is_host = match name {
            0 => *reader.text()?.read()? == *NAME,
            entry => entry == ENTRY,
        };
        let start = reader.at;
        let text = reader.text()?;
        if !is_host {
            continue;
        }
        if let Some(host) = host(&text.read()?) {
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

/// A text as it is in a block.
enum Text<'b> {
    Plain(&'b [u8]),
    Packed(&'b [u8]),
}

impl<'b> Text<'b> {
    fn read(self) -> Option<Cow<'b, [u8]>> {
        match self {
            Text::Plain(text) => Some(Cow::Borrowed(text)),
            Text::Packed(text) => huffman::decode(text).map(Cow::Owned),
        }
    }
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

    fn text(&mut self) -> Option<Text<'b>> {
        let is_packed = self.peek()? & 0x80 != 0;
        let length = self.number(7)?;
        let end = self.at.checked_add(length)?;
        let text = self.block.get(self.at..end)?;
        self.at = end;
        Some(if is_packed {
            Text::Packed(text)
        } else {
            Text::Plain(text)
        })
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
    fn a_host_whose_name_is_written_out_is_found_too() {
        // With a place in the table, without one, and never with one.
        for first in [0x40, 0x00, 0x10] {
            for name in [
                &b"\x0a:authority"[..],
                // The same, packed: `:` has the bits 1011100, `a` 00011, and so on.
                &[0x88, 0xb8, 0x3b, 0x53, 0x39, 0xec, 0x32, 0x7d, 0x7f],
            ] {
                let block = |host: &[u8]| [&[0x83, first][..], name, host, &[0x86]].concat();
                assert_eq!(with_host(&block(b"\x03%2F")), Some(block(b"\x03-2F")));
                assert_eq!(with_host(&block(b"\x01a")), None);
            }
            let other = [&[first][..], b"\x0b:authority2\x03%2F"].concat();
            assert_eq!(with_host(&other), None);
        }
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
