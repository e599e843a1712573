//! One-time codes (RFC 6238) from `otpauth://` addresses.

use hmac::{Hmac, KeyInit, Mac};
use sha1::Sha1;
use sha2::{Sha256, Sha512};

use crate::query::Query;

/// Computes the code of a moment; `None` if the address is not one of a time-based code.
pub(crate) fn code(address: &str, seconds: u64) -> Option<String> {
    let (_, query) = address.strip_prefix("otpauth://totp/")?.split_once('?')?;
    let query = Query::parse(query);
    let key = base32(query.value("secret")?)?;
    let digits: u32 = query
        .value("digits")
        .map_or(Some(6), |text| text.parse().ok())?;
    let period: u64 = query
        .value("period")
        .map_or(Some(30), |text| text.parse().ok())?;
    if !(6..=9).contains(&digits) || period == 0 {
        return None;
    }
    let counter = (seconds / period).to_be_bytes();
    let algorithm = query.value("algorithm").unwrap_or("SHA1");
    let digest = match algorithm.to_ascii_uppercase().as_str() {
        "SHA1" => sign::<Hmac<Sha1>>(&key, &counter)?,
        "SHA256" => sign::<Hmac<Sha256>>(&key, &counter)?,
        "SHA512" => sign::<Hmac<Sha512>>(&key, &counter)?,
        _ => return None,
    };
    let offset = usize::from(digest.last()? & 0x0f);
    let word: [u8; 4] = digest.get(offset..offset + 4)?.try_into().ok()?;
    let number = (u32::from_be_bytes(word) & 0x7fff_ffff) % 10_u32.pow(digits);
    Some(format!("{number:0width$}", width = digits as usize))
}

fn sign<M: Mac + KeyInit>(key: &[u8], message: &[u8]) -> Option<Vec<u8>> {
    let mut mac = <M as KeyInit>::new_from_slice(key).ok()?;
    mac.update(message);
    Some(mac.finalize().into_bytes().to_vec())
}

/// Decodes RFC 4648 base32; case, blanks, hyphens and padding do not count.
fn base32(text: &str) -> Option<Vec<u8>> {
    let mut bytes = Vec::new();
    let (mut buffer, mut bits) = (0_u32, 0);
    for byte in text.bytes().filter(|byte| !b" -=".contains(byte)) {
        let digit = match byte {
            b'A'..=b'Z' => byte - b'A',
            b'a'..=b'z' => byte - b'a',
            b'2'..=b'7' => byte - b'2' + 26,
            _ => return None,
        };
        buffer = (buffer << 5 | u32::from(digit)) & 0xfff;
        bits += 5;
        if bits >= 8 {
            bits -= 8;
            bytes.push((buffer >> bits & 0xff) as u8);
        }
    }
    Some(bytes)
}

#[cfg(test)]
mod tests {
    use super::code;

    /// The seeds of RFC 6238, appendix B, in base32.
    const SHA1: &str = "GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ";
    const SHA256: &str = "GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQGEZA====";

    fn sha512() -> String {
        format!("{}GEZDGNA=", "GEZDGNBVGY3TQOJQ".repeat(6))
    }

    fn eight(secret: &str, algorithm: &str, seconds: u64) -> Option<String> {
        let address = format!(
            "otpauth://totp/Example:svc?secret={secret}&digits=8&algorithm={algorithm}&issuer=Example"
        );
        code(&address, seconds)
    }

    #[test]
    fn vectors_of_the_rfc() {
        for (seconds, one, two, five) in [
            (59, "94287082", "46119246", "90693936"),
            (1_111_111_109, "07081804", "68084774", "25091201"),
            (20_000_000_000, "65353130", "77737706", "47863826"),
        ] {
            assert_eq!(eight(SHA1, "SHA1", seconds).as_deref(), Some(one));
            assert_eq!(eight(SHA256, "SHA256", seconds).as_deref(), Some(two));
            assert_eq!(eight(&sha512(), "sha512", seconds).as_deref(), Some(five));
        }
    }

    #[test]
    fn defaults_are_six_digits_and_thirty_seconds() {
        let address = format!("otpauth://totp/a?secret={SHA1}");
        assert_eq!(code(&address, 59).as_deref(), Some("287082"));
        assert_eq!(code(&address, 30), code(&address, 59));
        assert_ne!(code(&address, 29), code(&address, 30));
    }

    #[test]
    fn other_texts_have_no_code() {
        for address in [
            "",
            "otpauth://totp/a",
            "otpauth://hotp/a?secret=GEZDGNBV&counter=1",
            "otpauth://totp/a?secret=1!",
            "otpauth://totp/a?secret=GEZDGNBV&period=0",
            "otpauth://totp/a?secret=GEZDGNBV&digits=99",
            "otpauth://totp/a?secret=GEZDGNBV&algorithm=MD5",
        ] {
            assert_eq!(code(address, 0), None, "{address}");
        }
    }
}
