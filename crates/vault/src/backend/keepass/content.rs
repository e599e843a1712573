//! The content of a database: its blocks are checked, then decrypted and unpacked.

use std::io::Read as _;
use std::time::Instant;

use aes::Aes256;
use cbc::cipher::block_padding::Pkcs7;
use cbc::cipher::consts::U16;
use cbc::cipher::inout::InOutBuf;
use cbc::cipher::{BlockCipher, BlockDecryptMut, KeyInit, KeyIvInit as _};
use chacha20::ChaCha20;
use chacha20::cipher::StreamCipher as _;
use flate2::read::GzDecoder;
use hmac::{Hmac, KeyInit as _, Mac as _};
use sha2::{Digest as _, Sha256, Sha512};
use twofish::Twofish;
use zeroize::Zeroizing;

use super::header::{Cipher, Header};
use super::input::Input;
use super::unopened::Unopened;
use crate::files;

/// More than this is not a database of passwords (rule R11).
const MOST: usize = 256 * 1024 * 1024;

/// How much is decrypted between two looks at the clock: Twofish does about a MiB in a second.
const AT_ONCE: usize = 64 * 1024;

/// Decrypts the content with the key that was derived. Nothing is decrypted before the key has
/// vouched for all of it.
///
/// # Errors
/// [`Unopened::WrongKey`] if it is another key: what tells is the header, whose hash is right.
pub(super) fn open(
    header: &Header<'_>,
    key: &[u8; 32],
    deadline: Instant,
) -> Result<Zeroizing<Vec<u8>>, Unopened> {
    let keys = Keys::new(header, key);
    if !keys.vouch_for(u64::MAX, &[header.bytes], &header.tag) {
        return Err(Unopened::WrongKey);
    }
    let sealed = keys.join(header.blocks)?;
    let plain = decrypt(header, &keys.content, sealed, deadline)?;
    if header.is_packed {
        unpack(&plain, MOST)
    } else {
        Ok(plain)
    }
}

/// What is made of the derived key.
struct Keys {
    content: Zeroizing<[u8; 32]>,
    blocks: Zeroizing<[u8; 64]>,
}

impl Keys {
    fn new(header: &Header<'_>, key: &[u8; 32]) -> Self {
        let content = Sha256::new_with_prefix(header.seed).chain_update(key);
        let blocks = Sha512::new_with_prefix(header.seed)
            .chain_update(key)
            .chain_update([1]);
        Keys {
            content: Zeroizing::new(content.finalize().into()),
            blocks: Zeroizing::new(blocks.finalize().into()),
        }
    }

    /// Whether a tag was made with the key: of the block with this number.
    fn vouch_for(&self, number: u64, parts: &[&[u8]], tag: &[u8; 32]) -> bool {
        let key = Sha512::new_with_prefix(number.to_le_bytes()).chain_update(*self.blocks);
        let key: Zeroizing<[u8; 64]> = Zeroizing::new(key.finalize().into());
        let Ok(mut mac) = Hmac::<Sha256>::new_from_slice(&*key) else {
            return false;
        };
        parts.iter().for_each(|part| mac.update(part));
        mac.verify_slice(tag).is_ok()
    }

    /// Puts the blocks together, each of which the key must vouch for. An empty one is the last.
    fn join(&self, blocks: &[u8]) -> Result<Vec<u8>, Unopened> {
        let mut input = Input::new(blocks);
        let mut joined = Vec::with_capacity(blocks.len());
        for number in 0_u64.. {
            let tag = input.array().ok_or(Unopened::Damaged)?;
            let block = input.sized().ok_or(Unopened::Damaged)?;
            let length = u32::try_from(block.len()).map_err(|_| Unopened::Damaged)?;
            let parts = [&number.to_le_bytes()[..], &length.to_le_bytes(), block];
            if !self.vouch_for(number, &parts, &tag) {
                return Err(Unopened::Damaged);
            }
            if block.is_empty() {
                break;
            }
            joined.extend_from_slice(block);
        }
        Ok(joined)
    }
}

/// Decrypts in place, so that no copies are left behind.
fn decrypt(
    header: &Header<'_>,
    key: &[u8; 32],
    sealed: Vec<u8>,
    deadline: Instant,
) -> Result<Zeroizing<Vec<u8>>, Unopened> {
    let mut content = Zeroizing::new(sealed);
    match header.cipher {
        Cipher::Aes => {
            let length = by_blocks::<Aes256>(key, header.iv, &mut content, deadline)?;
            content.truncate(length);
        }
        Cipher::Twofish => {
            let length = by_blocks::<Twofish>(key, header.iv, &mut content, deadline)?;
            content.truncate(length);
        }
        Cipher::ChaCha20 => {
            let cipher = ChaCha20::new_from_slices(key, header.iv);
            let mut cipher = cipher.map_err(|_| Unopened::Damaged)?;
            let applied = cipher.try_apply_keystream(&mut content);
            applied.map_err(|_| Unopened::Damaged)?;
        }
    }
    Ok(content)
}

/// Decrypts in CBC mode, and tells how much there is without the padding.
fn by_blocks<C>(
    key: &[u8; 32],
    iv: &[u8],
    content: &mut [u8],
    deadline: Instant,
) -> Result<usize, Unopened>
where
    C: BlockCipher<BlockSize = U16> + BlockDecryptMut + KeyInit,
{
    let cipher = cbc::Decryptor::<C>::new_from_slices(key, iv);
    let mut cipher = cipher.map_err(|_| Unopened::Damaged)?;
    let (mut rest, mut length) = (content, 0);
    // The padding is in what is left then, which is never nothing.
    while rest.len() > AT_ONCE {
        if Instant::now() >= deadline {
            return Err(Unopened::TooLate);
        }
        let (now, later) = rest.split_at_mut(AT_ONCE);
        let (blocks, _none) = InOutBuf::from(now).into_chunks();
        cipher.decrypt_blocks_inout_mut(blocks);
        (rest, length) = (later, length + AT_ONCE);
    }
    let last = cipher.decrypt_padded_mut::<Pkcs7>(rest);
    Ok(length + last.map_err(|_| Unopened::Damaged)?.len())
}

/// Unpacks at most so many bytes.
fn unpack(packed: &[u8], most: usize) -> Result<Zeroizing<Vec<u8>>, Unopened> {
    let mut reader = GzDecoder::new(packed);
    let mut plain = Zeroizing::new(Vec::with_capacity(packed.len().saturating_mul(4).min(most)));
    let mut chunk = Zeroizing::new([0; 16 * 1024]);
    loop {
        let length = reader.read(&mut *chunk).map_err(|_| Unopened::Damaged)?;
        let Some(read) = chunk.get(..length).filter(|read| !read.is_empty()) else {
            return Ok(plain);
        };
        if plain.len() + read.len() > most {
            return Err(Unopened::TooLarge);
        }
        files::push(&mut plain, read);
    }
}

#[cfg(test)]
mod tests {
    use std::io::Write as _;
    use std::time::Duration;

    use cbc::cipher::BlockEncryptMut as _;
    use flate2::Compression;
    use flate2::write::GzEncoder;

    use super::*;

    /// This content as Twofish encrypts it.
    fn encrypted(plain: &[u8], key: &[u8; 32]) -> Vec<u8> {
        let cipher = cbc::Encryptor::<Twofish>::new_from_slices(key, &[2; 16]).unwrap();
        cipher.encrypt_padded_vec_mut::<Pkcs7>(plain)
    }

    #[test]
    fn what_is_decrypted_piece_by_piece_is_put_together() {
        let (key, later) = ([1; 32], Instant::now() + Duration::from_secs(600));
        for length in [0, 16, AT_ONCE - 16, AT_ONCE - 1, AT_ONCE, 2 * AT_ONCE + 5] {
            let plain: Vec<u8> = (0..length).map(|number| (number / 7) as u8).collect();
            let mut content = encrypted(&plain, &key);
            let decrypted = by_blocks::<Twofish>(&key, &[2; 16], &mut content, later);
            assert_eq!(decrypted, Ok(length));
            assert!(content[..length] == plain, "{length}");
        }
    }

    #[test]
    fn decrypting_ends_with_the_time_of_the_run() {
        let key = [1; 32];
        let mut content = encrypted(&[0; 2 * AT_ONCE], &key);
        let decrypted = by_blocks::<Twofish>(&key, &[2; 16], &mut content, Instant::now());
        assert_eq!(decrypted, Err(Unopened::TooLate));
    }

    #[test]
    fn what_is_packed_small_and_is_large_is_not_unpacked() {
        let mut packer = GzEncoder::new(Vec::new(), Compression::fast());
        packer.write_all(&vec![0; 1_000_000]).unwrap();
        let packed = packer.finish().unwrap();
        assert!(packed.len() < 10_000);
        assert_eq!(unpack(&packed, 1_000_000).unwrap().len(), 1_000_000);
        assert_eq!(unpack(&packed, 999_999).unwrap_err(), Unopened::TooLarge);
        let cut_off = &packed[..packed.len() - 1];
        assert_eq!(unpack(cut_off, 1_000_000).unwrap_err(), Unopened::Damaged);
    }
}
