//! What stands in clear in front of a database: how it is encrypted, and how its key is derived.
//!
//! The form is that of [KDBX 4](https://keepass.info/help/kb/kdbx.html).

use sha2::{Digest as _, Sha256};

use super::input::Input;
use super::kdf::Derivation;
use super::unopened::Unopened;

/// How every file of KeePass 1 and 2 begins.
const SIGNATURE: u32 = 0x9aa2_d903;
/// What follows in one of KeePass 2.
const KEEPASS_2: u32 = 0xb54b_fb67;
/// What follows in one of KeePass 1, and of KeePass 2 before its first release.
const OLDER: [u32; 2] = [0xb54b_fb65, 0xb54b_fb66];

const AES_256_CBC: [u8; 16] = *b"\x31\xc1\xf2\xe6\xbf\x71\x43\x50\xbe\x58\x05\x21\x6a\xfc\x5a\xff";
const TWOFISH_CBC: [u8; 16] = *b"\xad\x68\xf2\x9f\x57\x6f\x4b\xb9\xa3\x6a\xd4\x7a\xf9\x65\x34\x6c";
const CHACHA20: [u8; 16] = *b"\xd6\x03\x8a\x2b\x8b\x6f\x4c\xb5\xa5\x24\x33\x9a\x31\xdb\xb5\x9a";

/// What the content is encrypted with.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Cipher {
    /// AES-256 in CBC mode.
    Aes,
    /// Twofish with a key of 256 bits in CBC mode.
    Twofish,
    /// ChaCha20 with a nonce of 12 bytes.
    ChaCha20,
}

/// What a database says of itself before it is opened.
pub(super) struct Header<'f> {
    pub(super) cipher: Cipher,
    pub(super) is_packed: bool,
    pub(super) seed: [u8; 32],
    pub(super) iv: &'f [u8],
    pub(super) derivation: Derivation<'f>,
    /// Its own bytes, which the key vouches for.
    pub(super) bytes: &'f [u8],
    /// What vouches for them.
    pub(super) tag: [u8; 32],
    /// What follows: the blocks of the content.
    pub(super) blocks: &'f [u8],
}

impl<'f> Header<'f> {
    /// Reads the header of a file.
    ///
    /// # Errors
    /// If the file is of another form, or damaged: its header has a hash that needs no key.
    pub(super) fn parse(file: &'f [u8]) -> Result<Self, Unopened> {
        let mut input = Input::new(file);
        known_form(&mut input)?;
        let fields = Fields::read(&mut input).ok_or(Unopened::Damaged)?;
        let length = file.len() - input.rest().len();
        let bytes = file.get(..length).ok_or(Unopened::Damaged)?;
        let hash: [u8; 32] = input.array().ok_or(Unopened::Damaged)?;
        if <[u8; 32]>::from(Sha256::digest(bytes)) != hash {
            return Err(Unopened::Damaged);
        }
        let tag = input.array().ok_or(Unopened::Damaged)?;
        let cipher = match fields.cipher.ok_or(Unopened::Damaged)? {
            AES_256_CBC => Cipher::Aes,
            TWOFISH_CBC => Cipher::Twofish,
            CHACHA20 => Cipher::ChaCha20,
            _ => return Err(Unopened::Cipher),
        };
        Ok(Header {
            cipher,
            is_packed: match fields.packing {
                None | Some(0) => false,
                Some(1) => true,
                Some(_) => return Err(Unopened::Newer),
            },
            seed: fields.seed.ok_or(Unopened::Damaged)?,
            iv: fields.iv.ok_or(Unopened::Damaged)?,
            derivation: Derivation::parse(fields.derivation.ok_or(Unopened::Damaged)?)?,
            bytes,
            tag,
            blocks: input.rest(),
        })
    }
}

/// Reads what says which form a file has, up to its fields.
fn known_form(input: &mut Input<'_>) -> Result<(), Unopened> {
    let first = (input.u32(), input.u32());
    match first {
        (Some(SIGNATURE), Some(KEEPASS_2)) => {}
        (Some(SIGNATURE), Some(second)) if OLDER.contains(&second) => return Err(Unopened::Older),
        _ => return Err(Unopened::NotKeePass),
    }
    // A higher number behind the point is still read by those who know a lower one.
    let _minor = input.u16().ok_or(Unopened::Damaged)?;
    match input.u16().ok_or(Unopened::Damaged)? {
        ..4 => Err(Unopened::Older),
        4 => Ok(()),
        _ => Err(Unopened::Newer),
    }
}

/// The fields of a header that matter here.
#[derive(Default)]
struct Fields<'f> {
    cipher: Option<[u8; 16]>,
    packing: Option<u32>,
    seed: Option<[u8; 32]>,
    iv: Option<&'f [u8]>,
    derivation: Option<&'f [u8]>,
}

impl<'f> Fields<'f> {
    /// Reads fields up to the one that says that there are no more; `None` if one is cut off or of
    /// another length than it must have.
    fn read(input: &mut Input<'f>) -> Option<Self> {
        let mut fields = Fields::default();
        loop {
            let number = input.u8()?;
            let value = input.sized()?;
            match number {
                0 => return Some(fields),
                2 => fields.cipher = Some(value.try_into().ok()?),
                3 => fields.packing = Some(u32::from_le_bytes(value.try_into().ok()?)),
                4 => fields.seed = Some(value.try_into().ok()?),
                7 => fields.iv = Some(value),
                11 => fields.derivation = Some(value),
                _ => {}
            }
        }
    }
}
