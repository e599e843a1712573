//! Keys, converted and taken apart again.

use aws_lc_rs::encoding::AsDer as _;
use aws_lc_rs::rsa;
use aws_lc_rs::signature::RsaKeyPair;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;

use super::ssh::{body, convert};

/// The first key of RFC 8032, section 7.1.
const SEED: [u8; 32] = [
    0x9d, 0x61, 0xb1, 0x9d, 0xef, 0xfd, 0x5a, 0x60, 0xba, 0x84, 0x4a, 0xf4, 0x92, 0xec, 0x2c, 0xc4,
    0x44, 0x49, 0xc5, 0x69, 0x7b, 0x32, 0x69, 0x19, 0x70, 0x3b, 0xac, 0x03, 0x1c, 0xae, 0x7f, 0x60,
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
        0x30, 0x2e, 0x02, 0x01, 0x00, 0x30, 0x05, 0x06, 0x03, 0x2b, 0x65, 0x70, 0x04, 0x22, 0x04,
        0x20,
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

#[test]
fn a_key_with_a_changed_byte_is_read_or_refused() {
    let key = RsaKeyPair::generate(rsa::KeySize::Rsa2048).unwrap();
    let rsa = key.as_der().unwrap().as_ref().to_vec();
    for (der, end) in [(ed25519(), usize::MAX), (rsa, 64)] {
        for place in 0..der.len().min(end) {
            for change in [0x01, 0x7f, 0x80, 0xff] {
                let mut der = der.clone();
                der[place] ^= change;
                if let Some(converted) = convert(&pem("PRIVATE KEY", &der)) {
                    opened(&converted);
                }
            }
        }
    }
}
