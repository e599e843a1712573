//! Keys of AWS KMS.
//!
//! Which key to ask stands in the encrypted file, and the file is written by whoever may push to the
//! repository. So the key is the only thing that is taken from there (rule R7): its region must have
//! the shape of one, and the login is the operator's, whatever role or profile the file names.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde::Deserialize;
use serde_json::{Map, Value, json};
use zeroize::Zeroizing;

use crate::transport::aws::{Aws, Call, Failed, Refused, Service, is_region};
use crate::{RunContext, VaultError, VaultErrorKind};

pub(super) static SERVICE: Service = Service {
    name: "kms",
    title: "AWS KMS",
    endpoint: "AWS_ENDPOINT_URL_KMS",
};

/// A key as an encrypted file names it.
pub(super) struct Key<'a> {
    pub(super) arn: &'a str,
    /// What the data key is bound to.
    pub(super) context: &'a [(String, String)],
    pub(super) names_role: bool,
}

/// Why the key does not decrypt a text.
pub(super) enum Unopened {
    /// There is no login.
    NoLogin(VaultError),
    /// It was asked, and refused or failed.
    Failed(VaultError),
}

impl Unopened {
    /// Why there was no answer.
    pub(super) fn of(error: VaultError) -> Self {
        // Nobody was asked, since there is nobody to ask as.
        if error.kind() == VaultErrorKind::Unauthenticated && error.status().is_none() {
            Unopened::NoLogin(error)
        } else {
            Unopened::Failed(error)
        }
    }
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Decrypted {
    plaintext: Zeroizing<String>,
}

/// Lets the service decrypt a text.
pub(super) async fn open(
    aws: &Aws,
    key: &Key<'_>,
    enc: &str,
    run: &RunContext,
) -> Result<Zeroizing<Vec<u8>>, Unopened> {
    let region = region(key.arn).ok_or_else(|| {
        let message = "{} in the file is not the ARN of a key of AWS KMS";
        Unopened::Failed(VaultError::configuration(message).with_name(key.arn))
    })?;
    let context: Map<String, Value> = key
        .context
        .iter()
        .map(|(name, word)| (name.clone(), json!(word)))
        .collect();
    let body = json!({"CiphertextBlob": enc, "EncryptionContext": context, "KeyId": key.arn});
    let call = Call {
        target: "TrentService.Decrypt",
        region,
        body: body.to_string(),
    };
    let answer = aws.call(call, run).await.map_err(|failed| match failed {
        Failed::Refused(refused) => Unopened::Failed(meaning(refused, key)),
        Failed::Error(error) => Unopened::of(error),
    })?;
    let wrong = || VaultError::invalid_answer("the answer of AWS KMS is not base64");
    let plain = answer.json().and_then(|Decrypted { plaintext }| {
        let plain = STANDARD.decode(plaintext.as_bytes());
        plain.map(Zeroizing::new).map_err(|_| wrong())
    });
    plain.map_err(Unopened::Failed)
}

/// The region of the ARN of a key, or of an alias of one.
fn region(arn: &str) -> Option<&str> {
    let parts: Vec<&str> = arn.split(':').collect();
    let ["arn", partition, "kms", region, account, resource] = parts[..] else {
        return None;
    };
    let is_word = |b: u8| b.is_ascii_alphanumeric() || b"/_-".contains(&b);
    let is_good = partition.starts_with("aws")
        && is_region(region)
        && account.bytes().all(|b| b.is_ascii_digit())
        && (resource.starts_with("key/") || resource.starts_with("alias/"))
        && resource.bytes().all(is_word);
    is_good.then_some(region)
}

fn meaning(refused: Refused, key: &Key<'_>) -> VaultError {
    use VaultErrorKind as Kind;
    let told = |kind, message| refused.as_error(kind, message).with_name(key.arn);
    if refused.is_denied() {
        let error = told(
            Kind::PermissionDenied,
            "this AWS login may not decrypt with the key {} of the file",
        );
        return error.with_hint(if key.names_role {
            "a role that a file names is not taken on: a profile in AWS_PROFILE can have it"
        } else {
            "the role or user needs kms:Decrypt on the key of the file"
        });
    }
    // None of them is a secret that does not exist, which `default` could replace.
    if refused.is(&[
        "NotFoundException",
        "DisabledException",
        "InvalidCiphertextException",
        "IncorrectKeyException",
        "InvalidKeyUsageException",
        "KMSInvalidStateException",
        "ValidationException",
    ]) {
        return told(
            Kind::Configuration,
            "AWS KMS has no such key as {}, or it is not the one that the file was encrypted with",
        );
    }
    Failed::Refused(refused).into_error()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_the_arn_of_a_key_has_a_region() {
        for (arn, found) in [
            (
                "arn:aws:kms:eu-west-1:123456789012:key/bbfd08fa-96a8",
                Some("eu-west-1"),
            ),
            (
                "arn:aws-cn:kms:cn-north-1:123456789012:alias/my/key",
                Some("cn-north-1"),
            ),
            (
                "arn:aws:kms:eu-west-1:123456789012:key/mrk-12",
                Some("eu-west-1"),
            ),
            ("arn:aws:kms:evil.example/:123456789012:key/a", None),
            ("arn:aws:kms:x@evil.example#:1:key/a", None),
            ("arn:aws:s3:eu-west-1:123456789012:key/a", None),
            ("arn:aws:kms:eu-west-1:123456789012:grant/a", None),
            ("arn:aws:kms:eu-west-1:123456789012:key/a b", None),
            ("arn:aws:kms:eu-west-1:123456789012:key/a:b", None),
            ("alias/key", None),
            ("", None),
        ] {
            assert_eq!(region(arn), found, "{arn}");
        }
    }
}
