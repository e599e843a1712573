//! Every shape that is known to trip clients.

use base64::Engine;
use base64::engine::general_purpose::{STANDARD, STANDARD_NO_PAD};
use sha2::{Digest, Sha256};

use super::Data;
use crate::token::Token;

const PRODUCTION: &str = "prodvault000000000000000aa";

/// The key pair of RFC 8032, section 7.1, test 1.
const SECRET_KEY: [u8; 32] = [
    0x9d, 0x61, 0xb1, 0x9d, 0xef, 0xfd, 0x5a, 0x60, 0xba, 0x84, 0x4a, 0xf4, 0x92, 0xec, 0x2c, 0xc4,
    0x44, 0x49, 0xc5, 0x69, 0x7b, 0x32, 0x69, 0x19, 0x70, 0x3b, 0xac, 0x03, 0x1c, 0xae, 0x7f, 0x60,
];
const PUBLIC_KEY: [u8; 32] = [
    0xd7, 0x5a, 0x98, 0x01, 0x82, 0xb1, 0x0a, 0xb7, 0xd5, 0x4b, 0xfe, 0xd3, 0xc9, 0x64, 0x07, 0x3a,
    0x0e, 0xe1, 0x72, 0xf3, 0xda, 0xa6, 0x23, 0x25, 0xaf, 0x02, 0x1a, 0x68, 0xf7, 0x07, 0x51, 0x1a,
];

impl Data {
    /// Invented vaults with every shape that is known to trip clients: duplicate titles, labels
    /// and vault names, titles that look like ids or hold `"`, `\`, `/`, `&`, `+`, `#`, blanks at
    /// the end or other letters than a-z, unnamed sections, absent values and labels, unknown
    /// categories and keys, `null`s, archived items, one-time codes, files, an SSH key.
    ///
    /// Its token covers neither the vault `hiddenvault000000000000aaa` nor any unknown one, but
    /// does name `lostvault00000000000000aaa`, which does not exist.
    pub fn fixtures() -> Data {
        let json =
            include_str!("fixtures.json").replace("<PRIVATE KEY>", &private_key().join("\\n"));
        let blob = public_blob();
        let json = json
            .replace("<PUBLIC KEY>", &STANDARD.encode(&blob))
            .replace(
                "<FINGERPRINT>",
                &STANDARD_NO_PAD.encode(Sha256::digest(&blob)),
            );
        let mut data = Data::from_json(&json)
            .expect("the fixtures, which are part of the source, are well-formed")
            .with_file(
                PRODUCTION,
                "bigitem000000000000000aaaa",
                "at the limit.bin",
                filler(100 * 1024),
            )
            .with_file(
                PRODUCTION,
                "bigitem000000000000000aaaa",
                "over.bin",
                filler(100 * 1024 + 1),
            );
        let vaults: Vec<_> = data
            .vaults
            .iter()
            .map(|vault| vault.id.as_str())
            .filter(|id| *id != "hiddenvault000000000000aaa")
            .chain(["lostvault00000000000000aaa"])
            .collect();
        let token = Token::new(Token::made_up(vaults.iter().copied())).with_vaults(vaults);
        data.tokens.push(token);
        data
    }
}

fn filler(length: usize) -> Vec<u8> {
    (0..=255).cycle().take(length).collect()
}

/// The key as PKCS#8 (RFC 8410) in PEM, by lines; built here, for scanners of repositories take
/// even an invented PEM for a leak.
fn private_key() -> [String; 4] {
    const HEAD: [u8; 16] = [
        0x30, 0x2e, 0x02, 0x01, 0x00, 0x30, 0x05, 0x06, 0x03, 0x2b, 0x65, 0x70, 0x04, 0x22, 0x04,
        0x20,
    ];
    let mark = |word| format!("-----{word} {} KEY-----", "PRIVATE");
    let der = [HEAD.as_slice(), &SECRET_KEY].concat();
    [
        mark("BEGIN"),
        STANDARD.encode(der),
        mark("END"),
        String::new(),
    ]
}

/// The public key as OpenSSH writes it before base64.
fn public_blob() -> Vec<u8> {
    let mut blob = Vec::new();
    for part in [b"ssh-ed25519".as_slice(), &PUBLIC_KEY] {
        blob.extend((part.len() as u32).to_be_bytes());
        blob.extend(part);
    }
    blob
}
