//! Any archive: unpacked or refused, and every name in it leads somewhere inside or is an error.
#![no_main]

use std::io::Write as _;

use libfuzzer_sys::fuzz_target;
use manifill_argocd::{Node, Tree, TreeError};

const MOST: u64 = 1 << 16;

fuzz_target!(|data: (bool, &[u8])| {
    let (is_packed, bytes) = data;
    // Hardly any bytes have the right checksum of a gzip.
    let archive = if is_packed {
        bytes.to_vec()
    } else {
        let mut gzip = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::fast());
        gzip.write_all(bytes).unwrap();
        gzip.finish().unwrap()
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
