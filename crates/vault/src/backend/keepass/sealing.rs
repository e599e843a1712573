//! Writes databases for the tests, in whatever way a test wants them.

use aes::Aes256;
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use cbc::cipher::block_padding::Pkcs7;
use cbc::cipher::{BlockEncryptMut as _, KeyIvInit as _};
use chacha20::ChaCha20;
use chacha20::cipher::StreamCipher as _;
use flate2::Compression;
use flate2::write::GzEncoder;
use hmac::{Hmac, KeyInit as _, Mac as _};
use sha2::{Digest as _, Sha256, Sha512};
use std::io::Write as _;
use std::time::{Duration, Instant};
use twofish::Twofish;

use super::kdf::Derivation;
use crate::{Exposed, SecretValue};

pub(super) const AES: [u8; 16] =
    *b"\x31\xc1\xf2\xe6\xbf\x71\x43\x50\xbe\x58\x05\x21\x6a\xfc\x5a\xff";
pub(super) const TWOFISH: [u8; 16] =
    *b"\xad\x68\xf2\x9f\x57\x6f\x4b\xb9\xa3\x6a\xd4\x7a\xf9\x65\x34\x6c";
pub(super) const CHACHA20: [u8; 16] =
    *b"\xd6\x03\x8a\x2b\x8b\x6f\x4c\xb5\xa5\x24\x33\x9a\x31\xdb\xb5\x9a";

const SEED: [u8; 32] = [7; 32];
const STREAM_KEY: [u8; 64] = [9; 64];

/// An item of a map of parameters: its type, its name and its bytes.
pub(super) type Parameter = (u8, &'static str, Vec<u8>);

/// Few rounds of AES, so that tests are quick.
pub(super) fn quick() -> Vec<Parameter> {
    let way = b"\xc9\xd9\xf3\x9a\x62\x8a\x44\x60\xbf\x74\x0d\x08\xc1\x8a\x4f\xea";
    vec![
        (0x42, "$UUID", way.to_vec()),
        (0x05, "R", 3_u64.to_le_bytes().to_vec()),
        (0x42, "S", vec![5; 32]),
    ]
}

/// Argon2 by its id and its numbers: memory in bytes, passes, lanes, version.
pub(super) fn argon2(way: &[u8; 16], numbers: (u64, u64, u32, u32)) -> Vec<Parameter> {
    let (memory, passes, lanes, version) = numbers;
    vec![
        (0x42, "$UUID", way.to_vec()),
        (0x42, "S", vec![5; 32]),
        (0x05, "M", memory.to_le_bytes().to_vec()),
        (0x05, "I", passes.to_le_bytes().to_vec()),
        (0x04, "P", lanes.to_le_bytes().to_vec()),
        (0x04, "V", version.to_le_bytes().to_vec()),
    ]
}

/// How a database is written.
#[derive(Clone)]
pub(super) struct Sealing {
    pub(super) version: u32,
    pub(super) cipher: [u8; 16],
    pub(super) packing: u32,
    pub(super) derivation: Vec<Parameter>,
    /// What its password and key file come to.
    pub(super) key: [u8; 32],
    pub(super) stream: u32,
    /// The bytes of a block.
    pub(super) block: usize,
}

impl Sealing {
    /// A database that this password opens.
    pub(super) fn with_password(password: &str) -> Self {
        Sealing {
            version: 0x0004_0001,
            cipher: CHACHA20,
            packing: 1,
            derivation: quick(),
            key: Sha256::digest(Sha256::digest(password)).into(),
            stream: 3,
            block: 1000,
        }
    }

    /// The bytes of a database with these entries, in XML with hidden values in double brackets,
    /// and these files.
    pub(super) fn seal(&self, entries: &str, files: &[&[u8]]) -> Vec<u8> {
        self.seal_content(&content(self.stream, &hidden(entries), files))
    }

    /// The bytes of a database with this content.
    pub(super) fn seal_content(&self, content: &[u8]) -> Vec<u8> {
        let header = self.header();
        let parameters = map(&self.derivation);
        let deadline = Instant::now() + Duration::from_secs(60);
        let key = Derivation::parse(&parameters).and_then(|way| way.key(&self.key, deadline));
        // What cannot be opened here needs no right key.
        let key = key.map_or([0; 32], |key| *key);
        let own = Sha512::new_with_prefix(SEED)
            .chain_update(key)
            .chain_update([1]);
        let own: [u8; 64] = own.finalize().into();
        let tag = |number: u64, parts: &[&[u8]]| -> [u8; 32] {
            let key = Sha512::new_with_prefix(number.to_le_bytes()).chain_update(own);
            let mut mac = Hmac::<Sha256>::new_from_slice(&key.finalize()).unwrap();
            parts.iter().for_each(|part| mac.update(part));
            mac.finalize().into_bytes().into()
        };
        let packed = if self.packing == 1 {
            pack(content)
        } else {
            content.to_vec()
        };
        let sealed = self.encrypt(
            &Sha256::new_with_prefix(SEED).chain_update(key).finalize(),
            packed,
        );
        let mut file = header.clone();
        file.extend(Sha256::digest(&header));
        file.extend(tag(u64::MAX, &[&header]));
        for (number, block) in sealed.chunks(self.block).chain([&[][..]]).enumerate() {
            let (number, length) = (number as u64, (block.len() as u32).to_le_bytes());
            file.extend(tag(number, &[&number.to_le_bytes(), &length, block]));
            file.extend(length);
            file.extend(block);
        }
        file
    }

    fn iv(&self) -> &'static [u8] {
        if self.cipher == CHACHA20 {
            &[3; 12]
        } else {
            &[3; 16]
        }
    }

    fn header(&self) -> Vec<u8> {
        let mut header = [0x9aa2_d903_u32, 0xb54b_fb67, self.version]
            .iter()
            .flat_map(|number| number.to_le_bytes())
            .collect::<Vec<u8>>();
        for (number, value) in [
            (1, b"a comment".to_vec()),
            (2, self.cipher.to_vec()),
            (3, self.packing.to_le_bytes().to_vec()),
            (4, SEED.to_vec()),
            (7, self.iv().to_vec()),
            (11, map(&self.derivation)),
            (0, b"\r\n\r\n".to_vec()),
        ] {
            field(&mut header, number, &value);
        }
        header
    }

    fn encrypt(&self, key: &[u8], mut plain: Vec<u8>) -> Vec<u8> {
        if self.cipher == CHACHA20 {
            let mut cipher = ChaCha20::new_from_slices(key, self.iv()).unwrap();
            cipher.apply_keystream(&mut plain);
            return plain;
        }
        if self.cipher == TWOFISH {
            let cipher = cbc::Encryptor::<Twofish>::new_from_slices(key, self.iv()).unwrap();
            return cipher.encrypt_padded_vec_mut::<Pkcs7>(&plain);
        }
        let cipher = cbc::Encryptor::<Aes256>::new_from_slices(key, self.iv()).unwrap();
        cipher.encrypt_padded_vec_mut::<Pkcs7>(&plain)
    }
}

fn field(to: &mut Vec<u8>, number: u8, value: &[u8]) {
    to.push(number);
    to.extend((value.len() as u32).to_le_bytes());
    to.extend(value);
}

pub(super) fn map(parameters: &[Parameter]) -> Vec<u8> {
    let mut map = vec![0, 1];
    for (kind, name, value) in parameters {
        field(&mut map, *kind, name.as_bytes());
        map.extend((value.len() as u32).to_le_bytes());
        map.extend(value);
    }
    map.push(0);
    map
}

fn pack(content: &[u8]) -> Vec<u8> {
    let mut packer = GzEncoder::new(Vec::new(), Compression::fast());
    packer.write_all(content).unwrap();
    packer.finish().unwrap()
}

/// What stands in front of the XML, and the XML.
pub(super) fn content(stream: u32, entries: &str, files: &[&[u8]]) -> Vec<u8> {
    let mut content = Vec::new();
    field(&mut content, 1, &stream.to_le_bytes());
    field(&mut content, 2, &STREAM_KEY);
    for file in files {
        field(&mut content, 3, &[&[1], *file].concat());
    }
    field(&mut content, 0, b"");
    content.extend(entries.as_bytes());
    content
}

/// Hides what stands in double brackets.
pub(super) fn hidden(entries: &str) -> String {
    let hash = Sha512::digest(STREAM_KEY);
    let mut stream = ChaCha20::new_from_slices(&hash[..32], &hash[32..44]).unwrap();
    let (mut written, mut rest) = (String::new(), entries);
    while let Some((before, after)) = rest.split_once("[[") {
        let (value, after) = after.split_once("]]").unwrap();
        let mut value = value.as_bytes().to_vec();
        stream.apply_keystream(&mut value);
        written.push_str(before);
        written.push_str(&STANDARD.encode(value));
        rest = after;
    }
    written + rest
}

/// The whole XML around a group's content.
pub(super) fn document(inside: &str) -> String {
    let root = id(0);
    format!(
        "<?xml version=\"1.0\" encoding=\"utf-8\" standalone=\"yes\"?>\n<KeePassFile><Meta>\
         <Generator>test</Generator><RecycleBinUUID>{bin}</RecycleBinUUID></Meta><Root><Group>\
         <UUID>{root}</UUID><Name>Team</Name>{inside}</Group><DeletedObjects/></Root></KeePassFile>",
        bin = id(255),
    )
}

/// The id of this number, as a database holds it.
pub(super) fn id(number: u8) -> String {
    STANDARD.encode([number; 16])
}

/// An entry with an id of this number.
pub(super) fn entry(number: u8, inside: &str) -> String {
    format!(
        "<Entry><UUID>{}</UUID><IconID>0</IconID>{inside}</Entry>",
        id(number)
    )
}

/// A group with an id of this number.
pub(super) fn group(number: u8, name: &str, inside: &str) -> String {
    format!(
        "<Group><UUID>{}</UUID><Name>{name}</Name>{inside}</Group>",
        id(number)
    )
}

/// A field in clear.
pub(super) fn text(key: &str, value: &str) -> String {
    format!("<String><Key>{key}</Key><Value>{value}</Value></String>")
}

/// A hidden field.
pub(super) fn secret(key: &str, value: &str) -> String {
    format!("<String><Key>{key}</Key><Value Protected=\"True\">[[{value}]]</Value></String>")
}

/// A file of the entry, by its number.
pub(super) fn file(key: &str, number: usize) -> String {
    format!("<Binary><Key>{key}</Key><Value Ref=\"{number}\"/></Binary>")
}

/// A field, or a file, that holds a value.
pub(super) fn holding(key: &str, value: &SecretValue) -> (String, Vec<u8>) {
    match value.expose() {
        Exposed::Text(value) => (secret(key, value), Vec::new()),
        Exposed::Bytes(bytes) => (file(key, 0), bytes.to_vec()),
        _ => panic!("a database holds texts and files"),
    }
}
