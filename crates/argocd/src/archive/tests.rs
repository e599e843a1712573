use std::io::Write as _;

use super::*;
use crate::tree::{Node, TreeError};

fn packed(build: impl FnOnce(&mut tar::Builder<Vec<u8>>)) -> Vec<u8> {
    let mut tar = tar::Builder::new(Vec::new());
    build(&mut tar);
    let mut gzip = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::fast());
    gzip.write_all(&tar.into_inner().unwrap()).unwrap();
    gzip.finish().unwrap()
}

fn header(kind: EntryType, name: &str, size: u64) -> tar::Header {
    let mut header = tar::Header::new_gnu();
    header.as_gnu_mut().unwrap().name[..name.len()].copy_from_slice(name.as_bytes());
    header.set_entry_type(kind);
    header.set_size(size);
    header.set_mode(0o644);
    header.set_cksum();
    header
}

fn file(tar: &mut tar::Builder<Vec<u8>>, name: &str, data: &[u8]) {
    let header = header(EntryType::Regular, name, data.len() as u64);
    tar.append(&header, data).unwrap();
}

fn link(tar: &mut tar::Builder<Vec<u8>>, kind: EntryType, name: &str, to: &str) {
    let mut header = header(kind, name, 0);
    header.set_link_name_literal(to).unwrap();
    header.set_cksum();
    tar.append(&header, &b""[..]).unwrap();
}

#[test]
fn links_inside_are_followed_and_others_matter_to_those_who_reach_them() {
    let archive = packed(|tar| {
        file(tar, ".git/index", b"x");
        file(tar, "charts/.git/index", b"x");
        file(tar, "./a/b.yaml", b"b");
        link(tar, EntryType::Symlink, "a/l.yaml", "../a/b.yaml");
        link(tar, EntryType::Symlink, "a/out.yaml", "../../etc/passwd");
        link(tar, EntryType::Symlink, "a/abs.yaml", "/etc/passwd");
        link(tar, EntryType::Link, "a/hard.yaml", "a/b.yaml");
        tar.append(&header(EntryType::Block, "a/dev.yaml", 0), &b""[..])
            .unwrap();
        file(tar, "a/twice.yaml", b"1");
        file(tar, "a/twice.yaml", b"2");
        file(tar, "a/both", b"1");
        file(tar, "a/both/c.yaml", b"2");
    });
    let tree = Tree::unpack(&archive, 1 << 20).unwrap();
    assert_eq!(tree.children(""), ["a"]);
    let real = Some(("a/b.yaml".to_owned(), Node::File(b"b")));
    assert_eq!(tree.resolve("a/l.yaml").unwrap(), real);
    for name in ["a/out.yaml", "a/abs.yaml"] {
        assert_eq!(
            tree.resolve(name),
            Err(TreeError::LeadsOut(name.to_owned()))
        );
    }
    for (name, reason) in [
        ("a/hard.yaml", "is a hard link"),
        ("a/dev.yaml", "is no regular file"),
        ("a/twice.yaml", "is in the archive twice"),
        ("a/both", "is both a file and a folder"),
    ] {
        let error = tree.resolve(name).unwrap_err();
        assert_eq!(error.to_string(), format!("`{name}` {reason}"));
    }
}

#[test]
fn names_that_lead_out_refuse_the_archive() {
    for bad in ["../a.yaml", "a/../../b", "/etc/passwd", "a/.."] {
        let archive = packed(|tar| file(tar, bad, b"x"));
        assert_eq!(
            Tree::unpack(&archive, 1 << 20).unwrap_err(),
            ArchiveError::Name
        );
    }
}

#[test]
fn what_unpacks_to_too_much_is_refused() {
    let archive = packed(|tar| file(tar, "zeros", &vec![0; 3 << 20]));
    assert!(archive.len() < 64 << 10);
    let refused = Err(ArchiveError::TooLarge(2 << 20));
    assert_eq!(Tree::unpack(&archive, 2 << 20).map(drop), refused);
    assert!(Tree::unpack(&archive, 4 << 20).is_ok());
    // What is left out takes time, if no memory.
    let git = packed(|tar| file(tar, ".git/pack", &vec![0; 130 << 20]));
    let refused = Err(ArchiveError::TooLarge(1 << 20));
    assert_eq!(Tree::unpack(&git, 1 << 20).map(drop), refused);
    let many = packed(|tar| (0..5000).for_each(|n| file(tar, &n.to_string(), b"")));
    assert_eq!(
        Tree::unpack(&many, 1 << 20).map(drop),
        Err(ArchiveError::TooLarge(1 << 20))
    );
}

#[test]
fn what_is_said_about_a_file_takes_no_more_memory_than_it_may() {
    let long = |kind: u8, size: usize| {
        packed(|tar| {
            let header = header(EntryType::new(kind), "long", size as u64);
            tar.append(&header, &vec![b'a'; size][..]).unwrap();
            file(tar, "a.yaml", b"1");
        })
    };
    for kind in *b"LKx" {
        let unpacked = Tree::unpack(&long(kind, 2 << 20), 4 << 20).map(drop);
        assert_eq!(unpacked, Err(ArchiveError::Headers), "{kind}");
        assert!(Tree::unpack(&long(kind, 64 << 10), 4 << 20).is_ok());
    }
    // One after a file whose data nobody reads, and one that says itself how long its file is.
    let beside = packed(|tar| {
        file(tar, ".git/pack", &vec![0; 3 << 20]);
        let header = header(EntryType::GNULongName, "long", 2 << 20);
        tar.append(&header, &vec![b'a'; 2 << 20][..]).unwrap();
        file(tar, "a.yaml", b"1");
    });
    assert_eq!(
        Tree::unpack(&beside, 4 << 20).map(drop),
        Err(ArchiveError::Headers)
    );
    let sparse = packed(|tar| {
        let mut hollow = header(EntryType::GNUSparse, "s", 3 << 20);
        hollow.as_gnu_mut().unwrap().realsize[..11].copy_from_slice(b"00000000000");
        hollow.set_cksum();
        tar.append_pax_extensions([("size", &b"0"[..])]).unwrap();
        tar.append(&hollow, &b""[..]).unwrap();
        let header = header(EntryType::GNULongName, "long", 2 << 20);
        tar.append(&header, &vec![b'a'; 2 << 20][..]).unwrap();
        file(tar, "a.yaml", b"1");
    });
    assert_eq!(
        Tree::unpack(&sparse, 4 << 20).map(drop),
        Err(ArchiveError::Headers)
    );
}

#[test]
fn what_links_lead_to_is_counted() {
    let links = packed(|tar| {
        for n in 0..1000 {
            let to = format!("{n}{}", "/a".repeat(2000));
            let mut header = header(EntryType::Symlink, "", 0);
            tar.append_link(&mut header, n.to_string(), to).unwrap();
        }
    });
    let refused = Err(ArchiveError::TooLarge(2 << 20));
    assert_eq!(Tree::unpack(&links, 2 << 20).map(drop), refused);
    let tree = Tree::unpack(&links, 8 << 20).unwrap();
    #[cfg(feature = "server")]
    assert!(tree.bytes() > 4_000_000, "{}", tree.bytes());
    assert!(matches!(tree.entry("7"), Some(Entry::Link(to)) if to.len() == 4001));
}

#[test]
fn what_has_no_name_is_nothing() {
    let archive = packed(|tar| {
        for name in ["", ".", "./"] {
            link(tar, EntryType::Symlink, name, "a");
            tar.append(&header(EntryType::Block, name, 0), &b""[..])
                .unwrap();
        }
        file(tar, "a.yaml", b"1");
    });
    let tree = Tree::unpack(&archive, 1 << 20).unwrap();
    assert_eq!(tree.children(""), ["a.yaml"]);
}

#[test]
fn what_lies_too_deep_is_told_where_it_does() {
    let long = |name: &str, depth: usize| format!("{}{name}", "d/".repeat(depth));
    let mut tar = tar::Builder::new(Vec::new());
    for name in [
        long("a.yaml", DEEPEST - 1),
        long("e/b.yaml", DEEPEST - 1),
        long("e/c.yaml", 2000),
    ] {
        let mut header = tar::Header::new_gnu();
        header.set_size(1);
        tar.append_data(&mut header, name, &b"1"[..]).unwrap();
    }
    let mut gzip = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::fast());
    gzip.write_all(&tar.into_inner().unwrap()).unwrap();
    let tree = Tree::unpack(&gzip.finish().unwrap(), 1 << 20).unwrap();
    let found = tree.resolve(&long("a.yaml", DEEPEST - 1)).unwrap();
    assert!(matches!(found, Some((_, Node::File(b"1")))));
    for deep in [long("e", DEEPEST - 1), long("d", DEEPEST - 1)] {
        let error = tree.resolve(&deep).unwrap_err();
        assert_eq!(error.to_string(), format!("`{deep}` {TOO_DEEP}"));
        assert!(tree.children(&deep).is_empty());
    }
}

#[test]
fn a_name_that_is_not_utf8_spoils_nothing_else() {
    let archive = packed(|tar| {
        let mut header = header(EntryType::Regular, "x", 1);
        header.as_gnu_mut().unwrap().name[0] = 0xff;
        header.set_cksum();
        tar.append(&header, &b"1"[..]).unwrap();
        file(tar, "a.yaml", b"2");
    });
    let tree = Tree::unpack(&archive, 1 << 20).unwrap();
    assert!(matches!(tree.entry("a.yaml"), Some(Entry::File(data)) if data == b"2"));
    assert!(matches!(tree.entry("\u{fffd}"), Some(Entry::Dropped(_))));
}

#[test]
fn damage_is_told() {
    let archive = packed(|tar| file(tar, "a", &[7; 4096]));
    for broken in [&b"no gzip"[..], b"", &archive[..archive.len() / 2]] {
        assert_eq!(
            Tree::unpack(broken, 1 << 20).map(drop),
            Err(ArchiveError::Broken)
        );
    }
}
