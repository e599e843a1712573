//! Modifiers that cannot be undone: hashes.

use data_encoding::HEXLOWER;
use sha2::{Digest, Sha256, Sha512};

use super::{KeyLocation, TransformErrorKind};

/// htpasswd's and Argo CD's choice.
const COST: u32 = 10;

/// bcrypt's limit.
const MAX_PASSWORD: usize = 72;

/// Lower-case hex, as `sha256sum` prints it.
pub(super) fn sha256(bytes: &[u8]) -> String {
    HEXLOWER.encode(&Sha256::digest(bytes))
}

pub(super) fn sha512(bytes: &[u8]) -> String {
    HEXLOWER.encode(&Sha512::digest(bytes))
}

/// The bcrypt hash of a password; with a user, the line `USER:HASH` of an htpasswd file.
pub(super) fn bcrypt(
    password: &[u8],
    user: Option<&str>,
    location: &KeyLocation<'_>,
) -> Result<String, TransformErrorKind> {
    check_user(user)?;
    if password.len() > MAX_PASSWORD {
        return Err(TransformErrorKind::BcryptTooLong);
    }
    if password.contains(&0) {
        return Err(TransformErrorKind::BcryptNul);
    }
    let hash = bcrypt::hash_with_salt(password, COST, salt(user, location))
        .map_err(|_| TransformErrorKind::BcryptTooLong)?
        .format_for_version(bcrypt::Version::TwoY);
    Ok(match user {
        Some(user) => format!("{user}:{hash}"),
        None => hash,
    })
}

/// Whether a user may stand before the colon of an htpasswd line.
pub(super) fn check_user(user: Option<&str>) -> Result<(), TransformErrorKind> {
    let odd = |c: char| c == ':' || c.is_whitespace() || c.is_control();
    match user {
        Some(user) if user.is_empty() || user.contains(odd) => Err(TransformErrorKind::BcryptUser),
        _ => Ok(()),
    }
}

/// The first 16 bytes of a SHA-256 over where the password comes from (rule R9).
///
/// The same placeholder gives the same salt in every run. Each part is preceded by its length, so
/// that no two origins read the same. The value is no part of it: a salt is public.
fn salt(user: Option<&str>, location: &KeyLocation<'_>) -> [u8; 16] {
    let mut digest = Sha256::new();
    let parts = [
        "manifill bcrypt salt",
        user.unwrap_or(""),
        location.backend,
        location.path,
        location.key,
    ];
    for part in parts {
        digest.update((part.len() as u64).to_be_bytes());
        digest.update(part);
    }
    let digest = digest.finalize();
    std::array::from_fn(|index| digest[index])
}

#[cfg(test)]
mod tests {
    use super::*;

    const LOCATION: KeyLocation<'_> = KeyLocation {
        backend: "homelab",
        path: "vaults/V/items/I",
        key: "password",
    };

    #[test]
    fn sums_are_those_of_coreutils() {
        assert_eq!(
            sha256(b"svc_orders"),
            "249839423aadaa3c65fcd75a0e339fa4040b01331e096cf7b778a742b3c37035"
        );
        assert_eq!(
            sha256(b""),
            "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"
        );
        assert!(sha512(b"abc").starts_with("ddaf35a193617abacc417349ae204131"));
        assert_eq!(sha512(b"abc").len(), 128);
    }

    #[test]
    fn bcrypt_gives_a_line_that_verifies_and_never_changes() {
        let line = bcrypt(b"p@ss", Some("admin"), &LOCATION).unwrap();
        let hash = line.strip_prefix("admin:").unwrap();
        assert!(hash.starts_with("$2y$10$") && hash.len() == 60);
        assert!(bcrypt::verify("p@ss", hash).unwrap());
        assert!(!bcrypt::verify("p@sS", hash).unwrap());
        assert_eq!(bcrypt(b"p@ss", Some("admin"), &LOCATION).unwrap(), line);
    }

    #[test]
    fn the_salt_tells_origins_apart() {
        let salts = [
            salt(None, &LOCATION),
            salt(Some("a"), &LOCATION),
            salt(Some("b"), &LOCATION),
            salt(
                None,
                &KeyLocation {
                    backend: "other",
                    ..LOCATION
                },
            ),
            salt(
                None,
                &KeyLocation {
                    path: "vaults/V/items/Ip",
                    key: "assword",
                    ..LOCATION
                },
            ),
            salt(
                None,
                &KeyLocation {
                    key: "pass",
                    ..LOCATION
                },
            ),
        ];
        for (index, one) in salts.iter().enumerate() {
            assert!(!salts[index + 1..].contains(one), "{index}");
        }
    }

    #[test]
    fn what_bcrypt_would_cut_is_refused() {
        let long = [b'x'; 73];
        assert_eq!(
            bcrypt(&long, None, &LOCATION),
            Err(TransformErrorKind::BcryptTooLong)
        );
        assert_eq!(
            bcrypt(b"a\0b", None, &LOCATION),
            Err(TransformErrorKind::BcryptNul)
        );
        for user in ["", "a:b", "a b", "a\n"] {
            assert_eq!(
                bcrypt(b"x", Some(user), &LOCATION),
                Err(TransformErrorKind::BcryptUser),
                "{user:?}"
            );
        }
    }
}
