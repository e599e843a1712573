//! Shamir's secret sharing over GF(2⁸), as Vault has it: the last byte of a share is where the
//! polynomials of the other bytes were evaluated, and the secret is their value at zero.

use zeroize::Zeroizing;

/// Puts shares together; `None` if they cannot be shares of one secret.
pub(super) fn combine(shares: &[Zeroizing<Vec<u8>>]) -> Option<Zeroizing<Vec<u8>>> {
    let length = shares.first()?.len();
    let points: Vec<u8> = shares
        .iter()
        .map(|share| share.last().copied())
        .collect::<Option<_>>()?;
    let alike = shares.iter().all(|share| share.len() == length);
    let distinct = (1..points.len()).all(|index| !points[..index].contains(&points[index]));
    if length < 2 || !alike || !distinct || points.contains(&0) {
        return None;
    }
    let weights: Vec<u8> = points
        .iter()
        .map(|point| {
            let others = points.iter().filter(|other| *other != point);
            others.fold(1, |weight, other| {
                multiply(weight, multiply(*other, inverse(other ^ point)))
            })
        })
        .collect();
    let mut secret = Zeroizing::new(vec![0; length - 1]);
    for (share, weight) in shares.iter().zip(weights) {
        for (byte, part) in secret.iter_mut().zip(share.iter()) {
            *byte ^= multiply(*part, weight);
        }
    }
    Some(secret)
}

/// Multiplication modulo x⁸ + x⁴ + x³ + x + 1, in the same steps whatever the bytes.
fn multiply(a: u8, b: u8) -> u8 {
    (0..8).rev().fold(0, |product: u8, bit| {
        let carry = (product >> 7).wrapping_neg() & 0x1b;
        (product << 1) ^ carry ^ (((b >> bit) & 1).wrapping_neg() & a)
    })
}

/// The inverse is the 254th power.
fn inverse(a: u8) -> u8 {
    (0..254).fold(1, |power, _| multiply(power, a))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_field_is_that_of_aes() {
        // FIPS 197 section 4.2.
        assert_eq!(multiply(0x57, 0x83), 0xc1);
        assert_eq!(multiply(0x57, 0x13), 0xfe);
        for byte in 1..=255 {
            assert_eq!(multiply(byte, inverse(byte)), 1);
        }
    }

    /// The shares of a secret at the given points, of which as many are needed as there are
    /// coefficients, and one more.
    fn shares(secret: &[u8], coefficients: &[u8], points: &[u8]) -> Vec<Zeroizing<Vec<u8>>> {
        let share = |point: &u8| {
            let value = |byte: &u8| {
                let (sum, _) = coefficients
                    .iter()
                    .fold((*byte, *point), |(sum, power), c| {
                        (sum ^ multiply(*c, power), multiply(power, *point))
                    });
                sum
            };
            let mut share: Vec<u8> = secret.iter().map(value).collect();
            share.push(*point);
            Zeroizing::new(share)
        };
        points.iter().map(share).collect()
    }

    #[test]
    fn enough_shares_give_the_secret() {
        let secret = b"a secret of some length";
        let all = shares(secret, &[7, 200], &[9, 1, 255, 77]);
        for three in [[0, 1, 2], [3, 1, 0], [2, 3, 1]] {
            let three = three.map(|index| all[index].clone());
            assert_eq!(&combine(&three).unwrap()[..], secret);
        }
        assert_ne!(&combine(&all[..2]).unwrap()[..], secret);
    }

    #[test]
    fn what_are_no_shares_is_refused() {
        let share = |bytes: &[u8]| Zeroizing::new(bytes.to_vec());
        for bad in [
            vec![],
            vec![share(&[])],
            vec![share(&[1])],
            vec![share(&[1, 2]), share(&[1, 2])],
            vec![share(&[1, 2]), share(&[1, 2, 3])],
            vec![share(&[1, 0]), share(&[1, 2])],
        ] {
            assert!(combine(&bad).is_none());
        }
    }
}
