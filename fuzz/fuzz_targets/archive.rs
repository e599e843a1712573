//! Any archive: unpacked or refused, and every name in it leads somewhere inside or is an error.
#![no_main]

use std::io::Write as _;

use libfuzzer_sys::{arbitrary, fuzz_target};
use manifill_argocd::{Node, Tree, TreeError};

const MOST: u64 = 1 << 16;

#[derive(Debug, arbitrary::Arbitrary)]
enum Made<'a> {
    /// Bytes as they are.
    Archive(&'a [u8]),
    /// Hardly any bytes have the right checksum of a gzip.
    Tar(&'a [u8]),
    /// Nor that of an entry: kind, name, link, data.
    Entries(Vec<(u8, &'a str, &'a str, &'a [u8])>),
}

fn tar(entries: &[(u8, &str, &str, &[u8])]) -> Vec<u8> {
    let mut tar = tar::Builder::new(Vec::new());
    for (kind, name, link, data) in entries {
        let kinds = b"0127345gxLK0022";
        let mut header = tar::Header::new_gnu();
        let kind = kinds[usize::from(*kind) % kinds.len()];
        header.set_entry_type(tar::EntryType::new(kind));
        let name = &name.as_bytes()[..name.len().min(100)];
        header.as_old_mut().name[..name.len()].copy_from_slice(name);
        let link = &link.as_bytes()[..link.len().min(100)];
        header.as_old_mut().linkname[..link.len()].copy_from_slice(link);
        header.set_size(data.len() as u64);
        header.set_cksum();
        tar.append(&header, *data).unwrap();
    }
    tar.into_inner().unwrap()
}

fn packed(bytes: &[u8]) -> Vec<u8> {
    let mut gzip = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::fast());
    gzip.write_all(bytes).unwrap();
    gzip.finish().unwrap()
}

fuzz_target!(|made: Made<'_>| {
    let archive = match made {
        Made::Archive(bytes) => bytes.to_vec(),
        Made::Tar(bytes) => packed(bytes),
        Made::Entries(entries) => packed(&tar(&entries)),
    };
    let Ok(tree) = Tree::unpack(&archive, MOST) else {
        return;
    };
    let mut folders = vec![String::new()];
    let mut held = 0;
    while let Some(folder) = folders.pop() {
        for name in tree.children(&folder) {
            assert!(!matches!(name, "" | "." | ".." | ".git"), "{name:?}");
            let path = if folder.is_empty() {
                name.to_owned()
            } else {
                format!("{folder}/{name}")
            };
            match tree.resolve(&path) {
                Ok(Some((real, node))) => {
                    assert!(!real.split('/').any(|part| part == ".."), "{real}");
                    match node {
                        Node::File(data) if real == path => held += data.len() as u64,
                        // A link to a folder could lead round in circles.
                        Node::Folder if real == path => folders.push(path),
                        _ => {}
                    }
                }
                Ok(None) => assert!(tree.entry(&path).is_some(), "{path}"),
                Err(TreeError::Dropped { .. } | TreeError::LeadsOut(_)) => {}
                Err(TreeError::TooManyLinks(_)) => {}
            }
        }
    }
    assert!(held <= MOST);
});
