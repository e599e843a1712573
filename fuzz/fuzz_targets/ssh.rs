//! Any text as a private key: no panic, and what comes out is a key of OpenSSH.
#![no_main]

use libfuzzer_sys::fuzz_target;
use manifill_vault::backend::onepasswordconnect::fuzz_openssh;

fuzz_target!(|data: (bool, &[u8])| {
    let (pkcs8, der) = data;
    let label = if pkcs8 {
        "PRIVATE KEY"
    } else {
        "RSA PRIVATE KEY"
    };
    let hex = der.iter().map(|byte| char::from(*byte)).collect::<String>();
    let _ = fuzz_openssh(&hex);
    if let Some(key) = fuzz_openssh(&pem(label, der)) {
        assert!(key.starts_with("-----BEGIN OPENSSH PRIVATE KEY-----\n"));
        assert!(key.ends_with("-----END OPENSSH PRIVATE KEY-----\n"));
    }
});

/// What is between the lines is base64, which a fuzzer would hardly find by itself.
fn pem(label: &str, der: &[u8]) -> String {
    let body = manifill_placeholder::encode(der);
    format!("-----BEGIN {label}-----\n{body}\n-----END {label}-----\n")
}
