//! Any bytes as a database of KeePass, and as what is behind its encryption: no panic.
#![no_main]

use libfuzzer_sys::fuzz_target;
use manifill_vault::backend::keepass::fuzz_database;

fuzz_target!(|data: &[u8]| {
    let _ = fuzz_database(data);
    // What stands in front of the entries, which a fuzzer would hardly find by itself: how values
    // are hidden, and an attached file.
    let mut content = vec![1, 4, 0, 0, 0, 3, 0, 0, 0];
    content.extend([2, 4, 0, 0, 0, 7, 7, 7, 7]);
    content.extend([3, 2, 0, 0, 0, 0, b'x']);
    content.extend([0, 0, 0, 0, 0]);
    let inside = content.len();
    content.extend(data);
    let _ = fuzz_database(&content);
    content.truncate(inside);
    content.extend(b"<KeePassFile><Root><Group><Entry><String>");
    content.extend(data);
    content.extend(b"</String></Entry></Group></Root></KeePassFile>");
    let _ = fuzz_database(&content);
});
