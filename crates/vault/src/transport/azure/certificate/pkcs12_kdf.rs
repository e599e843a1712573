//! What PKCS #12 makes keys of passwords with (RFC 7292, appendix B).

use aws_lc_rs::digest::{Algorithm, Context};
use zeroize::Zeroizing;

/// What a key is for.
#[derive(Clone, Copy)]
pub(super) enum Purpose {
    Key = 1,
    Iv = 2,
    Mac = 3,
}

/// A password as PKCS #12 wants it: in UTF-16, with a zero behind it.
pub(super) fn spelled(password: &str) -> Zeroizing<Vec<u8>> {
    let mut spelled = Zeroizing::new(Vec::with_capacity(4 * password.len() + 2));
    for unit in password.encode_utf16().chain([0]) {
        spelled.extend(unit.to_be_bytes());
    }
    spelled
}

/// As many bytes as are wanted, made of a password and salt.
pub(super) fn derive(
    algorithm: &'static Algorithm,
    purpose: Purpose,
    password: &[u8],
    salt: &[u8],
    rounds: u32,
    wanted: usize,
) -> Zeroizing<Vec<u8>> {
    let block = algorithm.block_len();
    let filled = |part: &[u8]| {
        let length = part.len().div_ceil(block) * block;
        let bytes = part.iter().copied().cycle().take(length);
        Zeroizing::new(bytes.collect::<Vec<u8>>())
    };
    let diversifier = vec![purpose as u8; block];
    let mut input = Zeroizing::new([&**filled(salt), &**filled(password)].concat());
    let mut derived = Zeroizing::new(Vec::with_capacity(wanted + algorithm.output_len()));
    while derived.len() < wanted {
        let mut hash = Context::new(algorithm);
        hash.update(&diversifier);
        hash.update(&input);
        let mut part = hash.finish();
        for _ in 1..rounds {
            let mut hash = Context::new(algorithm);
            hash.update(part.as_ref());
            part = hash.finish();
        }
        derived.extend(part.as_ref());
        let addend: Zeroizing<Vec<u8>> =
            Zeroizing::new(part.as_ref().iter().copied().cycle().take(block).collect());
        for one in input.chunks_mut(block) {
            let mut carry = 1;
            for (byte, other) in one.iter_mut().zip(addend.iter()).rev() {
                carry += u16::from(*byte) + u16::from(*other);
                *byte = carry.to_be_bytes()[1];
                carry >>= 8;
            }
        }
    }
    derived.truncate(wanted);
    derived
}
