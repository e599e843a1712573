//! How the key of a database is made of what opens it. It is slow on purpose, so that nobody tries
//! many passwords; how slow is written in the file, within limits (rule R11).

use std::sync::Mutex;
use std::time::Instant;

use aes::Aes256;
use aes::cipher::{BlockEncrypt as _, KeyInit as _};
use argon2::{Algorithm, Argon2, Block, Params, Version};
use sha2::{Digest as _, Sha256};
use zeroize::Zeroizing;

use super::input::Input;
use super::unopened::Unopened;
use crate::sync::lock;

const AES_KDF: [u8; 16] = *b"\xc9\xd9\xf3\x9a\x62\x8a\x44\x60\xbf\x74\x0d\x08\xc1\x8a\x4f\xea";
/// The same under another name: how KeePassXC calls it in KDBX 4.
const AES_KDF_4: [u8; 16] = *b"\x7c\x02\xbb\x82\x79\xa7\x4a\xc0\x92\x7d\x11\x4a\x00\x64\x82\x38";
const ARGON2D: [u8; 16] = *b"\xef\x63\x6d\xdf\x8c\x29\x44\x4b\x91\xf7\xa9\xa4\x03\xe3\x0a\x0c";
const ARGON2ID: [u8; 16] = *b"\x9e\x29\x8b\x19\x56\xdb\x47\x73\xb2\x3d\xfc\x3e\xc6\xf0\xa1\xe6";

/// The most memory of Argon2, in KiB, the most passes over it, and the most of both together. Argon2
/// cannot be stopped half-way; so much is done within a run of the usual length.
const MOST_MEMORY: u64 = 1024 * 1024;
const MOST_PASSES: u64 = 4096;
const MOST_WORK: u64 = 32 * MOST_MEMORY;
/// The most lanes: there are no machines with more processors.
const MOST_LANES: u64 = 1024;
/// The most rounds of AES, which look at the deadline as well.
const MOST_ROUNDS: u64 = 1_000_000_000;
/// How many rounds go between two looks at the clock.
const ROUNDS_AT_ONCE: u64 = 100_000;

/// The most bytes of the parameters, which no key vouches for yet. KeePass writes some 150.
const MOST_PARAMETERS: usize = 64 * 1024;

/// One Argon2 at a time in this process: each may take all of that memory, and a run whose time is
/// over leaves its own behind.
static TURN: Mutex<()> = Mutex::new(());

/// The way to derive a key, with its numbers.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Derivation<'f> {
    Aes {
        seed: [u8; 32],
        rounds: u64,
    },
    Argon2 {
        algorithm: Algorithm,
        version: Version,
        salt: &'f [u8],
        /// In KiB.
        memory: u32,
        passes: u32,
        lanes: u32,
    },
}

impl<'f> Derivation<'f> {
    /// Reads the map of parameters.
    ///
    /// # Errors
    /// If it is malformed, names a way that is not known here, or asks for too much.
    pub(super) fn parse(map: &'f [u8]) -> Result<Self, Unopened> {
        let map = Parameters::read(map)?;
        let way = map.bytes("$UUID").ok_or(Unopened::Damaged)?;
        if way == AES_KDF || way == AES_KDF_4 {
            let seed = map.bytes("S").and_then(|seed| seed.try_into().ok());
            let rounds = map.number("R").ok_or(Unopened::Damaged)?;
            if rounds > MOST_ROUNDS {
                return Err(Unopened::TooCostly);
            }
            let seed = seed.ok_or(Unopened::Damaged)?;
            return Ok(Derivation::Aes { seed, rounds });
        }
        let algorithm = match way {
            way if way == ARGON2D => Algorithm::Argon2d,
            way if way == ARGON2ID => Algorithm::Argon2id,
            _ => return Err(Unopened::Derivation),
        };
        // A key and data of its own, which no program of KeePass sets.
        if ["K", "A"].iter().any(|name| map.bytes(name).is_some()) {
            return Err(Unopened::Derivation);
        }
        let number = |name| map.number(name).ok_or(Unopened::Damaged);
        let (memory, passes, lanes) = (number("M")? / 1024, number("I")?, number("P")?);
        let is_much = memory > MOST_MEMORY || passes > MOST_PASSES || lanes > MOST_LANES;
        if is_much || memory * passes > MOST_WORK {
            return Err(Unopened::TooCostly);
        }
        let small = |number: u64| u32::try_from(number).map_err(|_| Unopened::TooCostly);
        Ok(Derivation::Argon2 {
            algorithm,
            version: match number("V")? {
                0x10 => Version::V0x10,
                0x13 => Version::V0x13,
                _ => return Err(Unopened::Derivation),
            },
            salt: map.bytes("S").ok_or(Unopened::Damaged)?,
            memory: small(memory)?,
            passes: small(passes)?,
            lanes: small(lanes)?,
        })
    }

    /// Derives the key, which takes long.
    ///
    /// # Errors
    /// If the deadline passes, or there is no such memory.
    pub(super) fn key(
        &self,
        from: &[u8; 32],
        deadline: Instant,
    ) -> Result<Zeroizing<[u8; 32]>, Unopened> {
        match self {
            Derivation::Aes { seed, rounds } => by_aes(from, seed, *rounds, deadline),
            Derivation::Argon2 {
                algorithm,
                version,
                salt,
                memory,
                passes,
                lanes,
            } => {
                let params = Params::new(*memory, *passes, *lanes, Some(32));
                let params = params.map_err(|_| Unopened::Damaged)?;
                let _turn = lock(&TURN);
                if Instant::now() >= deadline {
                    return Err(Unopened::TooLate);
                }
                let mut memory = Zeroizing::new(Vec::new());
                let reserved = memory.try_reserve_exact(params.block_count());
                reserved.map_err(|_| Unopened::TooCostly)?;
                memory.resize_with(params.block_count(), Block::new);
                let mut key = Zeroizing::new([0; 32]);
                Argon2::new(*algorithm, *version, params)
                    .hash_password_into_with_memory(from, salt, &mut *key, &mut memory[..])
                    .map_err(|_| Unopened::Damaged)?;
                Ok(key)
            }
        }
    }
}

/// Both halves are encrypted over and over.
fn by_aes(
    from: &[u8; 32],
    seed: &[u8; 32],
    rounds: u64,
    deadline: Instant,
) -> Result<Zeroizing<[u8; 32]>, Unopened> {
    let cipher = Aes256::new(seed.into());
    let mut halves: Zeroizing<[[u8; 16]; 2]> = Zeroizing::default();
    for (half, bytes) in halves.iter_mut().zip(from.chunks_exact(16)) {
        half.copy_from_slice(bytes);
    }
    let mut left = rounds;
    while left > 0 {
        if Instant::now() >= deadline {
            return Err(Unopened::TooLate);
        }
        let now = left.min(ROUNDS_AT_ONCE);
        for _ in 0..now {
            for half in halves.iter_mut() {
                cipher.encrypt_block(half.into());
            }
        }
        left -= now;
    }
    let hash = Sha256::digest(halves.as_flattened());
    Ok(Zeroizing::new(hash.into()))
}

/// A map of KeePass, from names to typed values.
struct Parameters<'f>(Vec<(&'f [u8], &'f [u8])>);

impl<'f> Parameters<'f> {
    fn read(map: &'f [u8]) -> Result<Self, Unopened> {
        if map.len() > MOST_PARAMETERS {
            return Err(Unopened::Damaged);
        }
        let mut input = Input::new(map);
        match input.u16() {
            Some(version) if version >> 8 == 1 => {}
            Some(_) => return Err(Unopened::Newer),
            None => return Err(Unopened::Damaged),
        }
        let mut entries = Vec::new();
        // Each entry begins with its type; a zero ends the map.
        while input.u8().ok_or(Unopened::Damaged)? != 0 {
            let name = input.sized().ok_or(Unopened::Damaged)?;
            let value = input.sized().ok_or(Unopened::Damaged)?;
            entries.push((name, value));
        }
        Ok(Parameters(entries))
    }

    fn bytes(&self, name: &str) -> Option<&'f [u8]> {
        let mut entries = self.0.iter();
        entries
            .find(|(known, _)| *known == name.as_bytes())
            .map(|(_, value)| *value)
    }

    /// A number of four or eight bytes, which is never negative where it matters here.
    fn number(&self, name: &str) -> Option<u64> {
        let mut input = Input::new(self.bytes(name)?);
        match input.rest().len() {
            4 => input.u32().map(u64::from),
            8 => input.array().map(u64::from_le_bytes),
            _ => None,
        }
    }
}
