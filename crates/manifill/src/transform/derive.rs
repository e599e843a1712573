//! `derive`: a secret that a root and a label make, the same in every run.
//!
//! HKDF with SHA-256 (RFC 5869), an empty salt, and as info `manifill/derive/1`, NUL, the name of
//! the form, NUL, the label. **This never changes**: people's passwords come of it, and frozen
//! vectors in `tests/derive.rs` say what they are. Another way would be `manifill/derive/2`.
//!
//! - `hex`: the first half as many bytes, rounded up, as lower-case digits, so many of them;
//! - `base64`: the first so many bytes;
//! - `uuid`: the first 16 bytes with the version 4 and the variant of RFC 9562;
//! - `alnum`: the output is one stream, of the 8,160 bytes that HKDF has at most. A byte from 248 on
//!   is passed over, so that each character is as likely as any other; one below gives the character
//!   that its remainder by 62 has in `0-9A-Za-z`. So a shorter secret is the beginning of a longer
//!   one with the same label.

use hkdf::Hkdf;
use manifill_placeholder::{DeriveForm, MAX_DERIVED};
use sha2::Sha256;
use zeroize::Zeroizing;

use super::{TransformErrorKind, text};

/// What stands before the form and the label.
const CONTEXT: &str = "manifill/derive/1";

/// Fewer bytes are guessed from what they give.
const MIN_ROOT: usize = 16;

/// All that HKDF gives with SHA-256.
const STREAM: usize = 255 * 32;

const ALPHABET: &[u8; 62] = b"0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";

/// The derived secret.
pub(super) fn derive(
    root: &[u8],
    label: &str,
    form: DeriveForm,
) -> Result<String, TransformErrorKind> {
    check(label, form)?;
    if root.len() < MIN_ROOT {
        return Err(TransformErrorKind::DeriveRoot);
    }
    let stream = Stream {
        hkdf: Hkdf::new(None, root),
        info: [CONTEXT, form.name(), label].join("\0"),
    };
    match form {
        DeriveForm::Alnum(count) => {
            // One byte of 32 is passed over; what is asked for is nearly always enough.
            let likely = (count + count / 8 + 64).min(STREAM);
            alnum(&stream.take(likely)?, count)
                .or_else(|| alnum(&stream.take(STREAM).ok()?, count))
                .ok_or(TransformErrorKind::DeriveOutput)
        }
        DeriveForm::Hex(count) => {
            let mut digits = data_encoding::HEXLOWER.encode(&stream.take(count.div_ceil(2))?);
            digits.truncate(count);
            Ok(digits)
        }
        DeriveForm::Base64(count) => text::base64_encode(&stream.take(count)?),
        DeriveForm::Uuid => Ok(uuid(&stream.take(16)?)),
        _ => Err(TransformErrorKind::Unsupported),
    }
}

/// Whether a secret can be derived with these; a program can make a modifier that no placeholder has.
pub(super) fn check(label: &str, form: DeriveForm) -> Result<(), TransformErrorKind> {
    let fits = form
        .number()
        .is_none_or(|number| (1..=MAX_DERIVED).contains(&number));
    if fits && !label.is_empty() {
        Ok(())
    } else {
        Err(TransformErrorKind::DeriveArguments)
    }
}

/// The output of HKDF for one form and label.
struct Stream {
    hkdf: Hkdf<Sha256>,
    info: String,
}

impl Stream {
    /// Its first bytes.
    fn take(&self, count: usize) -> Result<Zeroizing<Vec<u8>>, TransformErrorKind> {
        let mut bytes = Zeroizing::new(vec![0; count]);
        self.hkdf
            .expand(self.info.as_bytes(), &mut bytes)
            .map_err(|_| TransformErrorKind::DeriveOutput)?;
        Ok(bytes)
    }
}

/// So many characters, `None` if the bytes do not give them.
fn alnum(bytes: &[u8], count: usize) -> Option<String> {
    let mut text = String::with_capacity(count);
    let drawn = bytes.iter().filter(|byte| **byte < 248).take(count);
    text.extend(drawn.map(|byte| char::from(ALPHABET[usize::from(byte % 62)])));
    (text.len() == count).then_some(text)
}

fn uuid(bytes: &[u8]) -> String {
    let mut digits = String::with_capacity(36);
    for (at, byte) in bytes.iter().enumerate() {
        let byte = match at {
            6 => byte & 0x0f | 0x40,
            8 => byte & 0x3f | 0x80,
            _ => *byte,
        };
        if matches!(at, 4 | 6 | 8 | 10) {
            digits.push('-');
        }
        digits.push_str(&data_encoding::HEXLOWER.encode(&[byte]));
    }
    digits
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    const ROOT: &[u8] = b"0123456789abcdef";

    #[test]
    fn bytes_from_248_on_are_passed_over() {
        let bytes = [247, 248, 0, 255, 61, 62, 249, 10, 36];
        assert_eq!(alnum(&bytes, 6).as_deref(), Some("z0z0Aa"));
        assert_eq!(alnum(&bytes, 7), None);
        assert_eq!(alnum(&[255; STREAM], 1), None);
    }

    #[test]
    fn a_root_that_can_be_guessed_and_arguments_of_no_placeholder_are_refused() {
        let derive = |root: &[u8], label: &str, form| derive(root, label, form);
        assert_eq!(
            derive(&ROOT[..15], "l", DeriveForm::Hex(8)),
            Err(TransformErrorKind::DeriveRoot)
        );
        assert!(derive(ROOT, "l", DeriveForm::Hex(8)).is_ok());
        for (label, form) in [
            ("", DeriveForm::Uuid),
            ("l", DeriveForm::Alnum(0)),
            ("l", DeriveForm::Base64(1025)),
        ] {
            assert_eq!(
                derive(ROOT, label, form),
                Err(TransformErrorKind::DeriveArguments)
            );
        }
    }

    fn forms(count: usize) -> [DeriveForm; 4] {
        [
            DeriveForm::Alnum(count),
            DeriveForm::Hex(count),
            DeriveForm::Base64(count),
            DeriveForm::Uuid,
        ]
    }

    proptest! {
        #[test]
        fn it_has_its_length_and_letters_and_is_the_same_again(
            root in proptest::collection::vec(any::<u8>(), 16..80),
            label in ".{1,20}",
            count in 1..=MAX_DERIVED,
        ) {
            for form in forms(count) {
                let derived = derive(&root, &label, form).unwrap();
                prop_assert_eq!(&derived, &derive(&root, &label, form).unwrap());
                let all = |fits: fn(char) -> bool| derived.chars().all(fits);
                match form {
                    DeriveForm::Alnum(_) => {
                        prop_assert!(derived.len() == count && all(|c| c.is_ascii_alphanumeric()));
                    }
                    DeriveForm::Hex(_) => {
                        let digit = |c: char| matches!(c, '0'..='9' | 'a'..='f');
                        prop_assert!(derived.len() == count && all(digit));
                    }
                    DeriveForm::Base64(_) => {
                        let decoded = manifill_placeholder::decode_bytes(&derived).unwrap();
                        prop_assert_eq!(decoded.len(), count);
                    }
                    _ => {
                        let at = |index: usize| derived.as_bytes()[index];
                        prop_assert!(derived.len() == 36 && at(14) == b'4');
                        prop_assert!(matches!(at(19), b'8' | b'9' | b'a' | b'b'));
                    }
                }
            }
        }

        #[test]
        fn roots_labels_and_forms_know_nothing_of_each_other(
            root in proptest::collection::vec(any::<u8>(), 16..40),
            label in "[a-z/]{1,12}",
        ) {
            let mut seen = std::collections::HashSet::new();
            let mut other = root.clone();
            other[0] ^= 1;
            let longer = format!("{label}x");
            for root in [&root, &other] {
                for label in [&label, &longer] {
                    for form in forms(64) {
                        let derived = derive(root, label, form).unwrap();
                        prop_assert!(seen.insert(derived));
                    }
                }
            }
        }

        #[test]
        fn a_shorter_one_begins_a_longer_one(short in 1_usize..512, more in 1_usize..512) {
            let of = |form| derive(ROOT, "l", form).unwrap();
            prop_assert!(of(DeriveForm::Alnum(short + more)).starts_with(&of(DeriveForm::Alnum(short))));
            prop_assert!(of(DeriveForm::Hex(short + more)).starts_with(&of(DeriveForm::Hex(short))));
        }
    }
}
