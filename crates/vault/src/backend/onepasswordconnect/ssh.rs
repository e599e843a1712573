//! Private keys in the format of OpenSSH (`PROTOCOL.key` of its sources), for
//! `?ssh-format=openssh`.

use aws_lc_rs::digest::{SHA256, digest};
use aws_lc_rs::signature::{Ed25519KeyPair, KeyPair as _};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use zeroize::Zeroizing;

use super::model::Field;
use crate::{SecretValue, VaultError, VaultErrorKind};

/// Object identifiers, as they stand in DER.
const ED25519: &[u8] = &[0x2b, 0x65, 0x70];
const RSA: &[u8] = &[0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 0x01, 0x01, 0x01];

/// The private key of a field, which the manifest calls `name`, in the format of OpenSSH.
///
/// # Errors
/// If the field is no private key, or one that is neither Ed25519 nor RSA.
pub(super) fn openssh(field: &Field, name: &str) -> Result<SecretValue, VaultError> {
    let error = |kind, message| Err(VaultError::new(kind, message).name(name));
    if !["SSHKEY", "SSH_KEY"]
        .iter()
        .any(|kind| field.kind.eq_ignore_ascii_case(kind))
    {
        return error(
            VaultErrorKind::InvalidRequest,
            "the field {} is not an SSH private key",
        );
    }
    match convert(field.text()) {
        Some(pem) => Ok(SecretValue::text(pem)),
        None => error(
            VaultErrorKind::InvalidAnswer,
            "the field {} holds no Ed25519 or RSA key that can be read",
        ),
    }
}

fn convert(pem: &str) -> Option<String> {
    let pem = pem.trim();
    if pem.starts_with("-----BEGIN OPENSSH PRIVATE KEY-----") {
        return Some(format!("{pem}\n"));
    }
    let key = match body(pem, "PRIVATE KEY") {
        Some(der) => Key::from_pkcs8(&der)?,
        None => Key::from_rsa(&body(pem, "RSA PRIVATE KEY")?)?,
    };
    Some(key.to_pem())
}

/// What is between the lines `BEGIN` and `END`.
fn body(pem: &str, label: &str) -> Option<Zeroizing<Vec<u8>>> {
    let text = pem.strip_prefix(&format!("-----BEGIN {label}-----"))?;
    let text = text.strip_suffix(&format!("-----END {label}-----"))?;
    let text: Zeroizing<String> = Zeroizing::new(text.split_ascii_whitespace().collect());
    STANDARD.decode(text.as_bytes()).ok().map(Zeroizing::new)
}

/// The two halves of a key as OpenSSH writes them, each with the name of its algorithm.
struct Key {
    public: Vec<u8>,
    private: Zeroizing<Vec<u8>>,
}

impl Key {
    /// `PrivateKeyInfo`: version, algorithm, key (RFC 5208, RFC 8410).
    fn from_pkcs8(der: &[u8]) -> Option<Self> {
        let mut info = Der(Der(der).take(0x30)?);
        info.take(0x02)?;
        let mut algorithm = Der(info.take(0x30)?);
        let id = algorithm.take(0x06)?;
        let key = info.take(0x04)?;
        match id {
            ED25519 => Key::from_seed(Der(key).take(0x04)?),
            RSA => Key::from_rsa(key),
            _ => None,
        }
    }

    fn from_seed(seed: &[u8]) -> Option<Self> {
        let pair = Ed25519KeyPair::from_seed_unchecked(seed).ok()?;
        let point = pair.public_key().as_ref();
        let mut public = Vec::new();
        put(&mut public, b"ssh-ed25519");
        put(&mut public, point);
        let mut private = Zeroizing::new(Vec::with_capacity(256));
        private.extend_from_slice(&public);
        let both = Zeroizing::new([seed, point].concat());
        put(&mut private, &both);
        Some(Key { public, private })
    }

    /// `RSAPrivateKey`: version, n, e, d, p, q, d mod p-1, d mod q-1, 1/q mod p (RFC 8017).
    /// A DER integer that is positive has the very bytes of OpenSSH's `mpint`.
    fn from_rsa(der: &[u8]) -> Option<Self> {
        let mut key = Der(Der(der).take(0x30)?);
        key.take(0x02)?;
        let n = key.positive()?;
        let e = key.positive()?;
        let d = key.positive()?;
        let p = key.positive()?;
        let q = key.positive()?;
        key.positive()?;
        key.positive()?;
        let inverse = key.positive()?;
        let mut public = Vec::new();
        for part in [b"ssh-rsa", e, n] {
            put(&mut public, part);
        }
        let mut private = Zeroizing::new(Vec::with_capacity(2 * der.len() + 64));
        for part in [b"ssh-rsa", n, e, d, inverse, p, q] {
            put(&mut private, part);
        }
        Some(Key { public, private })
    }

    fn to_pem(&self) -> String {
        let mut private = Zeroizing::new(Vec::with_capacity(self.private.len() + 64));
        // OpenSSH writes a random number twice, to see whether a passphrase was right. Here it
        // comes from the public key, so that the same key always gives the same text.
        let check = digest(&SHA256, &self.public);
        let check: Vec<u8> = check.as_ref().iter().take(4).copied().collect();
        private.extend_from_slice(&check);
        private.extend_from_slice(&check);
        private.extend_from_slice(&self.private);
        put(&mut private, b"");
        for pad in 1..8 {
            if private.len() % 8 == 0 {
                break;
            }
            private.push(pad);
        }
        let mut all = Zeroizing::new(Vec::with_capacity(self.public.len() + private.len() + 64));
        all.extend_from_slice(b"openssh-key-v1\0");
        for part in [b"none".as_slice(), b"none", b""] {
            put(&mut all, part);
        }
        all.extend_from_slice(&1u32.to_be_bytes());
        put(&mut all, &self.public);
        put(&mut all, &private);
        let text = Zeroizing::new(STANDARD.encode(&*all));
        let mut pem = String::with_capacity(text.len() + text.len() / 70 + 80);
        pem.push_str("-----BEGIN OPENSSH PRIVATE KEY-----\n");
        for (index, c) in text.chars().enumerate() {
            if index > 0 && index % 70 == 0 {
                pem.push('\n');
            }
            pem.push(c);
        }
        pem.push_str("\n-----END OPENSSH PRIVATE KEY-----\n");
        pem
    }
}

/// Writes the length in four bytes, then the bytes.
fn put(out: &mut Vec<u8>, bytes: &[u8]) {
    let length = u32::try_from(bytes.len()).unwrap_or(u32::MAX);
    out.extend_from_slice(&length.to_be_bytes());
    out.extend_from_slice(bytes);
}

/// What is left to read of a DER structure.
struct Der<'a>(&'a [u8]);

impl<'a> Der<'a> {
    /// The contents of the next element, if it has this tag.
    fn take(&mut self, tag: u8) -> Option<&'a [u8]> {
        let (head, rest) = self.0.split_at_checked(2)?;
        let (length, rest) = match head {
            [found, _] if *found != tag => return None,
            [_, short @ 0..=0x7f] => (usize::from(*short), rest),
            [_, long @ 0x81..=0x84] => {
                let (bytes, rest) = rest.split_at_checked(usize::from(long - 0x80))?;
                (
                    bytes
                        .iter()
                        .fold(0, |length, byte| (length << 8) | usize::from(*byte)),
                    rest,
                )
            }
            _ => return None,
        };
        let (contents, rest) = rest.split_at_checked(length)?;
        self.0 = rest;
        Some(contents)
    }

    /// The bytes of the next element, which is a positive number.
    fn positive(&mut self) -> Option<&'a [u8]> {
        self.take(0x02)
            .filter(|bytes| bytes.first().is_some_and(|first| *first < 0x80))
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use aws_lc_rs::encoding::AsDer as _;
    use aws_lc_rs::rsa;
    use aws_lc_rs::signature::RsaKeyPair;

    use super::*;

    /// The first key of RFC 8032, section 7.1.
    const SEED: [u8; 32] = [
        0x9d, 0x61, 0xb1, 0x9d, 0xef, 0xfd, 0x5a, 0x60, 0xba, 0x84, 0x4a, 0xf4, 0x92, 0xec, 0x2c,
        0xc4, 0x44, 0x49, 0xc5, 0x69, 0x7b, 0x32, 0x69, 0x19, 0x70, 0x3b, 0xac, 0x03, 0x1c, 0xae,
        0x7f, 0x60,
    ];
    const POINT: [u8; 4] = [0xd7, 0x5a, 0x98, 0x01];

    fn pem(label: &str, der: &[u8]) -> String {
        format!(
            "-----BEGIN {label}-----\n{}\n-----END {label}-----\n",
            STANDARD.encode(der)
        )
    }

    fn ed25519() -> Vec<u8> {
        let head = [
            0x30, 0x2e, 0x02, 0x01, 0x00, 0x30, 0x05, 0x06, 0x03, 0x2b, 0x65, 0x70, 0x04, 0x22,
            0x04, 0x20,
        ];
        [&head[..], &SEED].concat()
    }

    /// The next length and bytes.
    fn part<'a>(from: &mut &'a [u8]) -> &'a [u8] {
        let (length, rest) = from.split_at(4);
        let (bytes, rest) = rest.split_at(u32::from_be_bytes(length.try_into().unwrap()) as usize);
        *from = rest;
        bytes
    }

    /// Takes a converted key apart: its public half, and the parts of its private half.
    fn opened(pem: &str) -> (Vec<u8>, Vec<Vec<u8>>) {
        let der = body(pem.trim(), "OPENSSH PRIVATE KEY").unwrap();
        let mut rest = der.strip_prefix(b"openssh-key-v1\0").unwrap();
        assert_eq!(
            (part(&mut rest), part(&mut rest), part(&mut rest)),
            (&b"none"[..], &b"none"[..], &b""[..])
        );
        assert_eq!(rest[..4], [0, 0, 0, 1]);
        rest = &rest[4..];
        let public = part(&mut rest).to_vec();
        let mut private = part(&mut rest);
        assert!(rest.is_empty() && private.len() % 8 == 0);
        assert_eq!(private[..4], private[4..8]);
        private = &private[8..];
        let count = if private[4..].starts_with(b"ssh-rsa") {
            8
        } else {
            4
        };
        let parts = (0..count).map(|_| part(&mut private).to_vec()).collect();
        assert!(
            private
                .iter()
                .zip(1..8)
                .all(|(pad, expected)| *pad == expected)
        );
        (public, parts)
    }

    #[test]
    fn an_ed25519_key_gets_its_public_half() {
        let converted = convert(&pem("PRIVATE KEY", &ed25519())).unwrap();
        let (public, parts) = opened(&converted);
        let mut public = public.as_slice();
        assert_eq!(part(&mut public), b"ssh-ed25519");
        let point = part(&mut public);
        assert!(point.starts_with(&POINT) && point.len() == 32);
        assert_eq!(
            parts,
            [
                &b"ssh-ed25519"[..],
                point,
                &[&SEED[..], point].concat(),
                b""
            ]
        );
        assert_eq!(convert(&pem("PRIVATE KEY", &ed25519())).unwrap(), converted);
        assert!(converted.lines().all(|line| line.len() <= 70) && converted.ends_with("-----\n"));
        assert_eq!(convert(&converted), Some(converted.clone()));
    }

    #[test]
    fn an_rsa_key_keeps_its_numbers() {
        let key = RsaKeyPair::generate(rsa::KeySize::Rsa2048).unwrap();
        let der = key.as_der().unwrap();
        let (public, parts) = opened(&convert(&pem("PRIVATE KEY", der.as_ref())).unwrap());
        let [name, n, e, d, inverse, p, q, comment] = parts.try_into().unwrap();
        assert_eq!(
            (name.as_slice(), comment.as_slice()),
            (&b"ssh-rsa"[..], &b""[..])
        );
        let mut public = public.as_slice();
        assert_eq!(part(&mut public), b"ssh-rsa");
        assert_eq!(
            (part(&mut public), part(&mut public)),
            (e.as_slice(), n.as_slice())
        );
        assert_eq!(e, [1, 0, 1]);
        assert_eq!(product(&p, &q), n[1..]);
        assert!(d.len() > 200 && inverse.len() < 140);
    }

    fn product(a: &[u8], b: &[u8]) -> Vec<u8> {
        let mut sum = vec![0u32; a.len() + b.len()];
        for (i, x) in a.iter().rev().enumerate() {
            for (j, y) in b.iter().rev().enumerate() {
                sum[i + j] += u32::from(*x) * u32::from(*y);
            }
            for place in i..sum.len() - 1 {
                sum[place + 1] += sum[place] >> 8;
                sum[place] &= 0xff;
            }
        }
        sum.into_iter()
            .rev()
            .skip_while(|byte| *byte == 0)
            .map(|byte| byte as u8)
            .collect()
    }

    #[test]
    fn what_is_no_such_key_gives_none_wherever_it_ends() {
        let ed25519 = ed25519();
        for end in 0..ed25519.len() {
            assert_eq!(convert(&pem("PRIVATE KEY", &ed25519[..end])), None, "{end}");
        }
        let mut other = ed25519.clone();
        other[11] = 0x71;
        for text in [
            String::new(),
            "SENTINEL".into(),
            pem("EC PRIVATE KEY", &ed25519),
            pem("RSA PRIVATE KEY", &ed25519),
            pem("PRIVATE KEY", &other),
            "-----BEGIN PRIVATE KEY-----\n%%\n-----END PRIVATE KEY-----".into(),
        ] {
            assert_eq!(convert(&text), None, "{text}");
        }
    }
}
