use std::future::Future;
use std::io::Write as _;
use std::pin::Pin;
use std::task::{Context, Waker};

use sha2::{Digest as _, Sha256};

use super::*;

fn packed(files: &[(&str, usize)]) -> Vec<u8> {
    let mut tar = tar::Builder::new(Vec::new());
    for (name, size) in files {
        let mut header = tar::Header::new_gnu();
        header.set_size(*size as u64);
        tar.append_data(&mut header, name, &vec![7; *size][..])
            .unwrap();
    }
    let mut gzip = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::fast());
    gzip.write_all(&tar.into_inner().unwrap()).unwrap();
    gzip.finish().unwrap()
}

async fn archive(archives: &Archives, bytes: &[u8]) -> Archive {
    Archive::Packed(Packed {
        digest: Digest::from(<[u8; 32]>::from(Sha256::digest(bytes))),
        memory: archives.memory_for_packed(bytes.len() as u64).await,
        bytes: bytes.to_vec(),
    })
}

fn poll(future: Pin<&mut impl Future>) -> bool {
    future
        .poll(&mut Context::from_waker(Waker::noop()))
        .is_pending()
}

#[tokio::test]
async fn an_app_that_goes_away_does_not_end_what_others_wait_for() {
    let archives = Arc::new(Archives::new(1 << 20, 1 << 20, 1 << 20));
    let bytes = packed(&[("a", 1000)]);
    let mut first = Box::pin(archives.unpack(archive(&archives, &bytes).await));
    let mut second = Box::pin(archives.unpack(archive(&archives, &bytes).await));
    assert!(poll(first.as_mut()) && poll(second.as_mut()));
    drop(first);
    let (_, how) = second.await.unwrap();
    assert_eq!((how, archives.runs()), (ArchiveUse::Shared, 1));
}

#[tokio::test]
async fn what_nobody_waits_for_any_more_is_not_unpacked() {
    let archives = Arc::new(Archives::new(1 << 20, 1 << 20, 0));
    let large = packed(&[("a", 900 << 10)]);
    let other = packed(&[("b", 900 << 10)]);
    let (held, _) = archives
        .unpack(archive(&archives, &large).await)
        .await
        .unwrap();
    // It waits for the memory of the first.
    let mut waiting = Box::pin(archives.unpack(archive(&archives, &other).await));
    assert!(poll(waiting.as_mut()));
    tokio::task::yield_now().await;
    drop(waiting);
    while !archives.known().flights.is_empty() {
        tokio::task::yield_now().await;
    }
    drop(held);
    assert_eq!(archives.runs(), 1);
    // Whoever comes later begins anew.
    let found = archives.unpack(archive(&archives, &other).await).await;
    assert_eq!(
        (found.unwrap().1, archives.runs()),
        (ArchiveUse::Unpacked, 2)
    );
}

/// Whoever holds the lock frees no repository: what goes is given to them, for later.
#[tokio::test]
async fn what_goes_is_freed_without_the_lock() {
    let archives = Arc::new(Archives::new(1 << 20, 1 << 20, 3000));
    let new = |name: &str| {
        let tree = Tree::from_entries([(name, crate::tree::Entry::File(vec![7; 1000]))]);
        let bytes = tree.bytes();
        let _memory = Arc::clone(&archives.unpacked).try_acquire_many_owned(1);
        let _memory = _memory.unwrap();
        Arc::new(Unpacked {
            tree,
            bytes,
            _memory,
        })
    };
    let keep = |number: u8, new: &Arc<Unpacked>| {
        let (archive, files) = (Digest::from([number; 32]), Digest::of_files(&new.tree));
        archives.known().keep(archive, files, new, 3000)
    };
    let first = new("a");
    let weak = Arc::downgrade(&first);
    assert!(keep(1, &first).1.is_empty());
    drop(first);
    // The same files again: those that are there stay, and the new ones are still the caller's.
    let (there, goes) = keep(2, &new("a"));
    assert!(goes.is_empty() && weak.ptr_eq(&Arc::downgrade(&there)));
    drop(there);
    assert!(keep(3, &new("b")).1.is_empty());
    let (_, goes) = keep(4, &new("c"));
    assert_eq!(goes.len(), 1);
    assert!(weak.ptr_eq(&Arc::downgrade(&goes[0])));
    assert_eq!(Arc::strong_count(&goes[0]), 1);
}

#[tokio::test]
async fn many_small_archives_leave_room_for_a_large_one() {
    let most = 64 << 10;
    let archives = Arc::new(Archives::new(1 << 20, most, most));
    for n in 0..100 {
        let small = packed(&[(&n.to_string(), 0)]);
        let unpacked = archives.unpack(archive(&archives, &small).await).await;
        drop(unpacked.unwrap());
    }
    let kept = archives.known().kept.len();
    assert!(kept > 0, "{kept}");
    let free = archives.unpacked.available_permits();
    assert!(free >= pieces(most) as usize, "{free} with {kept} kept");
}

#[tokio::test]
async fn memory_comes_back() {
    let archives = Arc::new(Archives::new(1 << 20, 1 << 20, 0));
    let free = archives.unpacked.available_permits();
    let share = archives.packed.available_permits();
    for bytes in [
        packed(&[("a", 500 << 10)]),
        b"broken".to_vec(),
        packed(&[("a", 2 << 20)]),
    ] {
        let unpacked = archives.unpack(archive(&archives, &bytes).await).await;
        if let Ok((unpacked, _)) = &unpacked {
            // Without the padding of the archive.
            let used = pieces(unpacked.tree.bytes()) as usize;
            assert_eq!(archives.unpacked.available_permits(), free - used);
        }
        drop(unpacked);
        while !archives.known().flights.is_empty() {
            tokio::task::yield_now().await;
        }
        assert_eq!(archives.unpacked.available_permits(), free);
        assert_eq!(archives.packed.available_permits(), share);
    }
}
