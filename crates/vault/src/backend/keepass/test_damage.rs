//! Files that are not databases, or not any more.

use std::time::Instant;

use super::sealing::{AES, Sealing, TWOFISH, content, document, entry, file, hidden, secret, text};
use super::tests::{prepared, read};
use super::*;
use crate::suite::SENTINEL;

const PASSWORD: &str = "correct horse";

fn inside() -> String {
    entry(
        1,
        &(text("Title", "db") + &secret("Password", SENTINEL) + &file("a", 0)),
    )
}

fn sealing() -> Sealing {
    Sealing {
        block: 64,
        ..Sealing::with_password(PASSWORD)
    }
}

async fn refused(database: &[u8]) -> (VaultErrorKind, String) {
    let (_folder, backend) = prepared(database);
    let error = read(&backend, "db").await.unwrap_err();
    let file = backend.source.name();
    (error.kind(), error.to_string().replace(&file, "FILE"))
}

fn opened(database: &[u8]) -> Result<(), Unopened> {
    let deadline = Instant::now() + RunContext::DEFAULT_TIMEOUT;
    let key = sealing().key;
    Database::open(database, &key, deadline).map(drop)
}

#[tokio::test]
async fn what_cannot_be_read_is_told_from_what_is_damaged_and_from_a_wrong_password() {
    const NOT_READ: VaultErrorKind = VaultErrorKind::Configuration;
    let seal = |sealing: Sealing| sealing.seal(&document(&inside()), &[b"x"]);
    let good = seal(sealing());
    let cut_off = &good[..good.len() - 1];
    let (cipher, version, stream, packing) = ([1; 16], 0x0005_0000, 2, 2);
    for (database, kind, message) in [
        (
            &b"kind: Secret\n"[..],
            NOT_READ,
            "the file `FILE` is not a database of KeePass",
        ),
        (
            b"",
            NOT_READ,
            "the file `FILE` is not a database of KeePass",
        ),
        (
            b"\x03\xd9\xa2\x9a\x65\xfb\x4b\xb5\x02\x00\x03\x00",
            NOT_READ,
            "the database `FILE` has a format of before KDBX 4, which is not read here",
        ),
        (
            &seal(Sealing {
                version,
                ..sealing()
            }),
            NOT_READ,
            "the database `FILE` has a format of after KDBX 4, which is not read here",
        ),
        (
            &seal(Sealing {
                packing,
                ..sealing()
            }),
            NOT_READ,
            "the database `FILE` has a format of after KDBX 4, which is not read here",
        ),
        (
            &seal(Sealing {
                cipher,
                ..sealing()
            }),
            NOT_READ,
            "the database `FILE` is encrypted with a cipher other than AES, Twofish and ChaCha20, which is not read here",
        ),
        (
            &seal(Sealing {
                stream,
                ..sealing()
            }),
            NOT_READ,
            "the database `FILE` is encrypted with a cipher other than AES, Twofish and ChaCha20, which is not read here",
        ),
        (
            &seal(Sealing::with_password("another")),
            VaultErrorKind::Unauthenticated,
            "the database `FILE` does not open with this password or key file",
        ),
        (
            cut_off,
            VaultErrorKind::InvalidAnswer,
            "the database `FILE` is damaged or cut off",
        ),
    ] {
        assert_eq!(refused(database).await, (kind, message.to_owned()));
    }
    assert!(opened(&good).is_ok());
}

#[test]
fn a_file_that_was_changed_anywhere_is_not_opened() {
    for sealing in [
        sealing(),
        Sealing {
            cipher: AES,
            packing: 0,
            ..sealing()
        },
        Sealing {
            cipher: TWOFISH,
            ..sealing()
        },
    ] {
        let good = sealing.seal(&document(&inside()), &[b"x"]);
        assert_eq!(opened(&good), Ok(()));
        for place in 0..good.len() {
            let mut bad = good.clone();
            bad[place] ^= 1;
            assert!(opened(&bad).is_err(), "{place}");
        }
        for length in 0..good.len() {
            assert!(opened(&good[..length]).is_err(), "{length}");
        }
    }
}

#[test]
fn blocks_in_another_order_are_not_a_database() {
    let sealing = sealing();
    let good = sealing.seal(&document(&inside()), &[b"x"]);
    let long = 32 + 4 + sealing.block;
    let first = good.len() - 36;
    let blocks = first / long;
    assert!(blocks > 4);
    // From the end: the last block may be shorter, those before it are whole.
    let rest = (first - start(&good)) % long;
    let (one, two) = (first - rest - long, first - rest - 2 * long);
    let mut swapped = good.clone();
    swapped[two..two + long].copy_from_slice(&good[one..one + long]);
    swapped[one..one + long].copy_from_slice(&good[two..two + long]);
    assert_eq!(opened(&swapped), Err(Unopened::Damaged));
    let mut shorter = good.clone();
    shorter.drain(one..one + long);
    assert_eq!(opened(&shorter), Err(Unopened::Damaged));
}

/// Where the blocks begin.
fn start(file: &[u8]) -> usize {
    let blocks = header::Header::parse(file).map(|header| header.blocks.len());
    file.len() - blocks.unwrap_or_default()
}

#[test]
fn content_that_makes_no_sense_is_damage() {
    let of = |entries: &str| Database::of_content(&content(3, entries, &[b"x"])).map(drop);
    let good = document(&inside());
    assert_eq!(of(&hidden(&good)), Ok(()));
    let deep = "<Group>".repeat(300) + &"</Group>".repeat(300);
    for bad in [
        hidden(&good.replace("</Entry>", "")),
        hidden(&good.replace("</KeePassFile>", "")),
        hidden(&good.replace("Ref=\"0\"", "Ref=\"1\"")),
        hidden(&good.replace("Ref=\"0\"", "Ref=\"-1\"")),
        hidden(&good.replace("Ref=\"0\"", "")),
        hidden(&good.replace(">db<", ">&made;<")),
        hidden(&good.replace(">db<", ">&#xD800;<")),
        hidden(&good.replace(
            "<KeePassFile>",
            "<!DOCTYPE a [<!ENTITY made \"up\">]><KeePassFile>",
        )),
        hidden(&good).replace("Protected=\"True\">", "Protected=\"True\">*"),
        hidden(&good).replace("<Name>Team", "<UUID>AAAA</UUID><Name>Team"),
        document(&deep),
    ] {
        assert_eq!(of(&bad), Err(Unopened::Damaged), "{bad}");
    }
    // Hidden with another key, the bytes are not text.
    let moved = hidden(&good).replace(
        "Protected=\"True\">",
        "Protected=\"True\">/////w==</Value><Value Protected=\"True\">",
    );
    assert_eq!(of(&moved), Err(Unopened::Damaged));
    for length in 0..20 {
        let whole = content(3, "", &[]);
        assert!(Database::of_content(&whole[..length]).is_err());
    }
    assert_eq!(of(""), Ok(()), "there is nothing in it");
    assert!(Database::of_content(&[content(3, "", &[]), vec![0xff]].concat()).is_err());
}

/// Little text that would take very much memory.
#[test]
fn more_than_a_database_of_passwords_holds_is_not_read() {
    let of = |inside: &str, files: &[&[u8]]| {
        let content = content(3, &document(inside), files);
        Database::of_content(&content).map(drop)
    };
    let long = "n".repeat(64 * 1024);
    let nested = |depth: usize| {
        let begin = format!("<Group><Name>{long}</Name>").repeat(depth);
        begin + &"</Group>".repeat(depth)
    };
    assert_eq!(of(&nested(20), &[]), Ok(()));
    assert_eq!(of(&nested(60), &[]), Err(Unopened::TooLarge));
    let files = vec![&b"x"[..]; 100_001];
    assert_eq!(of("", &files[1..]), Ok(()));
    assert_eq!(of("", &files), Err(Unopened::TooLarge));
}

#[test]
fn groups_entries_fields_and_files_are_counted_and_earlier_versions_are_not() {
    let earlier = format!("<History>{}</History>", inside().repeat(9));
    let inside = entry(1, &(text("Title", "db") + &file("a", 0) + &earlier)).repeat(3);
    let whole = content(3, &hidden(&document(&inside)), &[b"x"]);
    let read = |most| {
        let inner = inner::Inner::parse(&whole).unwrap();
        document::Document::read_parts(inner.entries, inner.hider, most).map(drop)
    };
    // The first group, three entries of three parts each, and an earlier version of four, as long as
    // it is open.
    assert_eq!(read(1 + 3 * 3 + 4), Ok(()));
    assert_eq!(read(1 + 3 * 3 + 3), Err(Unopened::TooLarge));
}

proptest::proptest! {
    #[test]
    fn no_change_of_what_is_encrypted_makes_it_panic(
        edits in proptest::collection::vec((proptest::num::usize::ANY, 0..4_usize, 0..40_usize, proptest::num::u8::ANY), 1..6)
    ) {
        let mut bytes = content(3, &hidden(&document(&inside())), &[b"x"]);
        for (place, edit, length, byte) in edits {
            let from = place % bytes.len();
            let to = (from + length).min(bytes.len());
            match edit {
                0 => bytes[from] = byte,
                1 => drop(bytes.drain(from..to)),
                2 => {
                    let again = bytes[from..to].to_vec();
                    bytes.splice(from..from, again);
                }
                _ => bytes.truncate(from + 1),
            }
            bytes.push(byte);
        }
        let _ = Database::of_content(&bytes);
    }

    #[test]
    fn no_bytes_make_it_panic(bytes in proptest::collection::vec(proptest::num::u8::ANY, 0..200)) {
        let _ = Database::of_content(&bytes);
        let _ = header::Header::parse(&bytes);
    }

    #[test]
    fn no_text_makes_it_panic(text in "(<|</|/?>|&|;|Group|Entry|String|Key|Value|UUID|Name|History|Binary| Ref=\"0\"| Protected=\"True\"|AA==|é| ){0,40}") {
        let _ = Database::of_content(&content(3, &text, &[b"x"]));
        let _ = Database::of_content(&content(3, &document(&text), &[b"x"]));
    }
}
