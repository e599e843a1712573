//! Any bytes as the certificate of an application of Azure, and as what is behind the encryption of
//! one: no panic.
#![no_main]

use libfuzzer_sys::fuzz_target;
use manifill_vault::backend::azurekeyvault::fuzz_certificate;

fuzz_target!(|data: &[u8]| {
    let _ = fuzz_certificate(data);
    // What is between the lines is base64, which a fuzzer would hardly find by itself.
    let body = manifill_placeholder::encode(data);
    let block = |kind: &str| format!("-----BEGIN {kind}-----\n{body}\n-----END {kind}-----\n");
    for pem in [block("CERTIFICATE"), block("ENCRYPTED PRIVATE KEY")] {
        let _ = fuzz_certificate(pem.as_bytes());
    }
});
