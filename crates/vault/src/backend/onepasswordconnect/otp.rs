//! One-time codes (RFC 6238) of `otpauth://` addresses.

use std::sync::LazyLock;

use aws_lc_rs::hmac;
use data_encoding::{BASE32_NOPAD, Encoding};
use percent_encoding::percent_decode_str;
use zeroize::Zeroizing;

use super::model::Field;
use crate::{SecretValue, VaultError, VaultErrorKind};

/// The current code of a field: the server's, else one computed for the time `now`.
///
/// # Errors
/// If the field, which the manifest calls `name`, is no one-time password, or holds one that
/// cannot be read.
pub(super) fn code(field: &Field, name: &str, now: u64) -> Result<SecretValue, VaultError> {
    if !["OTP", "TOTP"]
        .iter()
        .any(|kind| field.kind.eq_ignore_ascii_case(kind))
    {
        let message = "the field {} is not a one-time password";
        return Err(VaultError::new(VaultErrorKind::InvalidRequest, message).with_name(name));
    }
    if let Some(code) = field
        .totp
        .as_ref()
        .filter(|code| **code != SecretValue::text(""))
    {
        return Ok(code.clone());
    }
    let code = Totp::parse(field.text()).map(|totp| totp.code(now));
    code.map(SecretValue::text).ok_or_else(|| {
        VaultError::new(
            VaultErrorKind::InvalidAnswer,
            "the one-time password in the field {} cannot be read",
        )
        .with_name(name)
    })
}

/// What a code is computed from.
struct Totp {
    key: Zeroizing<Vec<u8>>,
    algorithm: hmac::Algorithm,
    digits: u32,
    period: u64,
}

impl Totp {
    /// Reads `otpauth://totp/LABEL?secret=…`, or a secret alone, which the apps accept as well.
    fn parse(text: &str) -> Option<Self> {
        let mut totp = Totp {
            key: Zeroizing::default(),
            algorithm: hmac::HMAC_SHA1_FOR_LEGACY_USE_ONLY,
            digits: 6,
            period: 30,
        };
        let Some(address) = text.strip_prefix("otpauth://") else {
            totp.key = base32(text)?;
            return Some(totp);
        };
        let (kind, query) = address.split_once('?')?;
        if kind.split('/').next() != Some("totp") {
            return None;
        }
        for (name, value) in query.split('&').filter_map(|pair| pair.split_once('=')) {
            match name {
                "secret" => {
                    totp.key = base32(&Zeroizing::new(
                        percent_decode_str(value).decode_utf8().ok()?.into_owned(),
                    ))?
                }
                "digits" => {
                    totp.digits = value
                        .parse()
                        .ok()
                        .filter(|digits| (1..=10).contains(digits))?
                }
                "period" => totp.period = value.parse().ok().filter(|period| *period > 0)?,
                "algorithm" => {
                    totp.algorithm = match value.to_ascii_uppercase().as_str() {
                        "SHA1" => hmac::HMAC_SHA1_FOR_LEGACY_USE_ONLY,
                        "SHA256" => hmac::HMAC_SHA256,
                        "SHA512" => hmac::HMAC_SHA512,
                        _ => return None,
                    }
                }
                _ => {}
            }
        }
        (!totp.key.is_empty()).then_some(totp)
    }

    fn code(&self, now: u64) -> String {
        let key = hmac::Key::new(self.algorithm, &self.key);
        let tag = hmac::sign(&key, &(now / self.period).to_be_bytes());
        let digest = tag.as_ref();
        // The low half of the last byte says where the four bytes of the code begin.
        let start = usize::from(digest.last().copied().unwrap_or_default() & 0x0f);
        let bytes = digest.iter().skip(start).take(4);
        let number =
            bytes.fold(0u64, |number, byte| (number << 8) | u64::from(*byte)) & 0x7fff_ffff;
        let width = self.digits as usize;
        format!("{:0width$}", number % 10u64.pow(self.digits))
    }
}

/// Decodes base 32 (RFC 4648) as people type it: any letter case, blanks and dashes between, and
/// bits at the end that are no whole byte.
fn base32(text: &str) -> Option<Zeroizing<Vec<u8>>> {
    static LENIENT: LazyLock<Option<Encoding>> = LazyLock::new(|| {
        let mut strict = BASE32_NOPAD.specification();
        strict.check_trailing_bits = false;
        strict.encoding().ok()
    });
    let mut digits = Zeroizing::new(Vec::with_capacity(text.len()));
    let kept = text.bytes().filter(|c| !b" -=".contains(c));
    digits.extend(kept.map(|c| c.to_ascii_uppercase()));
    if matches!(digits.len() % 8, 1 | 3 | 6) {
        // Its five bits complete no byte.
        let last = digits.pop()?;
        BASE32_NOPAD
            .specification()
            .symbols
            .find(char::from(last))?;
    }
    let bytes = Zeroizing::new(LENIENT.as_ref()?.decode(&digits).ok()?);
    (!bytes.is_empty()).then_some(bytes)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The keys of RFC 6238, appendix B: the digits 1 to 0 over and over, as long as the hash.
    const KEY_20: &str = "GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ";
    const KEY_32: &str = "GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQGEZA";
    const KEY_64: &str = "GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQGEZDGNA";

    fn code(address: &str, now: u64) -> Option<String> {
        Totp::parse(address).map(|totp| totp.code(now))
    }

    #[test]
    fn the_codes_of_the_rfc() {
        for (algorithm, key, codes) in [
            (
                "SHA1",
                KEY_20,
                [
                    "94287082", "07081804", "14050471", "89005924", "69279037", "65353130",
                ],
            ),
            (
                "SHA256",
                KEY_32,
                [
                    "46119246", "68084774", "67062674", "91819424", "90698825", "77737706",
                ],
            ),
            (
                "sha512",
                KEY_64,
                [
                    "90693936", "25091201", "99943326", "93441116", "38618901", "47863826",
                ],
            ),
        ] {
            let address = format!(
                "otpauth://totp/A%20B:c?secret={key}&algorithm={algorithm}&digits=8&issuer=x"
            );
            let times = [
                59,
                1_111_111_109,
                1_111_111_111,
                1_234_567_890,
                2_000_000_000,
                20_000_000_000,
            ];
            for (now, expected) in times.into_iter().zip(codes) {
                assert_eq!(
                    code(&address, now).as_deref(),
                    Some(expected),
                    "{algorithm} at {now}"
                );
            }
        }
    }

    #[test]
    fn defaults_are_six_digits_every_thirty_seconds() {
        for text in [
            format!("otpauth://totp/x?secret={KEY_20}"),
            format!("otpauth://totp/x?secret={KEY_20}%3D%3D&period=30&digits=6"),
            KEY_20.to_ascii_lowercase(),
            "gezd gnbv-gy3t qojq GEZD GNBV GY3T QOJQ==".to_owned(),
        ] {
            assert_eq!(code(&text, 59).as_deref(), Some("287082"), "{text}");
        }
        let slow = format!("otpauth://totp/x?secret={KEY_20}&period=60");
        assert_eq!(code(&slow, 119).as_deref(), Some("287082"));
    }

    #[test]
    fn what_is_no_one_time_password_gives_none() {
        for text in [
            "",
            "not base 32!",
            "otpauth://totp/x",
            "otpauth://totp/x?issuer=y",
            "otpauth://hotp/x?secret=GEZDGNBVGY3TQOJQ&counter=1",
            "otpauth://totp/x?secret=",
            "otpauth://totp/x?secret=GEZDGNBVGY3TQOJQ&digits=0",
            "otpauth://totp/x?secret=GEZDGNBVGY3TQOJQ&digits=11",
            "otpauth://totp/x?secret=GEZDGNBVGY3TQOJQ&period=0",
            "otpauth://totp/x?secret=GEZDGNBVGY3TQOJQ&algorithm=MD5",
            "otpauth://totp/x?secret=%ff",
        ] {
            assert_eq!(code(text, 59), None, "{text}");
        }
    }
}
