use super::*;

const STREAM: [u8; 4] = [0, 0, 0, 1];

fn frame(kind: u8, flags: u8, body: &[u8]) -> Vec<u8> {
    let length = u32::try_from(body.len()).unwrap().to_be_bytes();
    [&length[1..], &[kind, flags], &STREAM, body].concat()
}

/// A block whose host is `%` or `-` so many times.
fn block(host: u8, length: u8) -> Vec<u8> {
    let mut block = vec![0x83, 0x41, length];
    block.resize(3 + usize::from(length), host);
    block.push(0x86);
    block
}

/// What a server gets, however the bytes come.
fn got(bytes: &[u8]) -> Vec<u8> {
    let in_parts = |size: usize| {
        let (mut frames, mut out) = (Frames::new(), Vec::new());
        for part in bytes.chunks(size) {
            frames.take(part, &mut out).unwrap();
        }
        out
    };
    let whole = in_parts(bytes.len());
    for size in [1, 2, 3, 7, 24, 33] {
        assert_eq!(in_parts(size), whole, "{size}");
    }
    whole
}

const HELLO: &[u8; PREFACE] = b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n";

#[test]
fn only_the_host_changes() {
    let data = frame(0, 0, &[1; 300]);
    let settings = frame(4, 0, &[]);
    let priority = [&[0, 0, 0, 0, 9][..], &block(b'%', 20)].concat();
    let padded = [&[2][..], &block(b'%', 20), &[0, 0]].concat();
    let sent = [
        HELLO.as_slice(),
        &settings,
        &frame(HEADERS, END_HEADERS, &block(b'%', 20)),
        &data,
        &frame(HEADERS, END_HEADERS | PRIORITY | 1, &priority),
        &frame(HEADERS, END_HEADERS | PADDED, &padded),
        &frame(HEADERS, 0, &block(b'%', 20)[..5]),
        &frame(CONTINUATION, 0, &[]),
        &frame(CONTINUATION, END_HEADERS, &block(b'%', 20)[5..]),
        &data,
    ]
    .concat();
    let priority = [&[0, 0, 0, 0, 9][..], &block(b'-', 20)].concat();
    let headers = frame(HEADERS, END_HEADERS, &block(b'-', 20));
    let expected = [
        HELLO.as_slice(),
        &settings,
        &headers,
        &data,
        &frame(HEADERS, END_HEADERS | PRIORITY | 1, &priority),
        &headers,
        &headers,
        &data,
    ]
    .concat();
    assert_eq!(got(&sent), expected);
}

#[test]
fn what_needs_no_change_stays_as_it_is() {
    let padded = [&[1][..], &block(b'a', 20), &[0]].concat();
    let sent = [
        HELLO.as_slice(),
        &frame(HEADERS, 0, &block(b'a', 20)),
        &frame(CONTINUATION, END_HEADERS, &[0x86]),
        &frame(HEADERS, END_HEADERS | PADDED, &padded),
        // More padding than there is, a block that does not go on, one that begins in its middle.
        &frame(HEADERS, END_HEADERS | PADDED, &[200, 1]),
        &frame(HEADERS, 0, &block(b'%', 20)),
        &frame(0, 0, &[1, 2, 3]),
        &frame(CONTINUATION, END_HEADERS, &block(b'%', 20)),
        &frame(HEADERS, END_HEADERS, &[]),
    ]
    .concat();
    assert_eq!(got(&sent), sent);
}

#[test]
fn a_block_that_grows_takes_more_frames() {
    // Five bits each, and eight then: `2` is 00010, and one `%` is 010101.
    let mut bits = String::from("010101");
    bits += &"00010".repeat(24_000);
    while bits.len() % 8 != 0 {
        bits.push('1');
    }
    let bytes = bits.as_bytes().chunks(8);
    let packed: Vec<u8> = bytes
        .map(|byte| u8::from_str_radix(std::str::from_utf8(byte).unwrap(), 2).unwrap())
        .collect();
    let rest = packed.len() - 0x7f;
    let number = [0xff, (rest & 0x7f) as u8 | 0x80, (rest >> 7) as u8];
    let block = [&[0x41][..], &number, &packed].concat();
    let sent = [
        HELLO.as_slice(),
        &frame(HEADERS, 0, &block[..8000]),
        &frame(CONTINUATION, END_HEADERS, &block[8000..]),
    ]
    .concat();
    let got = got(&sent);
    let first = &got[PREFACE..];
    assert_eq!(first[..5], [0, 0x40, 0, HEADERS, 0]);
    let second = &first[HEAD + LONGEST..];
    assert_eq!(second[3..5], [CONTINUATION, END_HEADERS]);
    assert_eq!(first.len(), 2 * HEAD + 5 + 24_001);
    assert!(first[HEAD + 5..].starts_with(b"-222"));
}

#[test]
fn a_block_without_end_is_refused() {
    let (mut frames, mut out) = (Frames::new(), Vec::new());
    frames.take(HELLO, &mut out).unwrap();
    frames.take(&frame(HEADERS, 0, &[]), &mut out).unwrap();
    let more = frame(CONTINUATION, 0, &[0x86; 1000]);
    let taken = (0..100).map(|_| frames.take(&more, &mut out));
    assert!(taken.last().unwrap().is_err());
}
