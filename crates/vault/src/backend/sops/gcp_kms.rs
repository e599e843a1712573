//! Keys of Google Cloud KMS.
//!
//! Which key to ask stands in the encrypted file, and the file is written by whoever may push to the
//! repository. So the name of the key is the only thing that is taken from there, it must have the
//! shape of one, and the login is the operator's (rule R7).

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde::Deserialize;
use serde_json::json;
use zeroize::Zeroizing;

use super::kms::Unopened;
use crate::transport::gcp::{Call, Gcp, OfRun, Refused, Service, crc32c, general, refused};
use crate::transport::http::{Answer, below};
use crate::{RunContext, VaultError, VaultErrorKind};

pub(super) static SERVICE: Service = Service {
    title: "Google Cloud KMS",
    endpoint: "SOPS_GCP_KMS_ENDPOINT",
};

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Decrypted {
    #[serde(default)]
    plaintext: Zeroizing<String>,
    /// 64 bits, which JSON has as text.
    #[serde(default)]
    plaintext_crc32c: Option<String>,
}

/// Lets the service decrypt a text with a key.
pub(super) async fn open(
    gcp: &Gcp,
    key: &str,
    enc: &str,
    run: &RunContext,
    of_run: &OfRun,
) -> Result<Zeroizing<Vec<u8>>, Unopened> {
    let parts = parts(key).ok_or_else(|| {
        let message = "{} in the file is not the name of a key of Google Cloud KMS";
        Unopened::Failed(VaultError::configuration(message).with_name(key))
    })?;
    let ask = async {
        let mut url = below(
            &gcp.address("cloudkms", of_run)?,
            ["v1"].into_iter().chain(parts),
        )?;
        url.set_path(&format!("{}:decrypt", url.path()));
        let call = Call {
            url,
            body: Some(json!({ "ciphertext": enc }).to_string()),
            unknown_host_hint: None,
        };
        gcp.call(&call, run, of_run).await
    };
    let answer = ask.await.map_err(Unopened::of)?;
    if (200..300).contains(&answer.status()) {
        plain(&answer).map_err(Unopened::Failed)
    } else {
        let refused = refused(&answer);
        Err(Unopened::Failed(meaning(&answer, refused.as_ref(), key)))
    }
}

fn plain(answer: &Answer) -> Result<Zeroizing<Vec<u8>>, VaultError> {
    let Decrypted {
        plaintext,
        plaintext_crc32c,
    } = answer.json()?;
    let plain = STANDARD.decode(plaintext.as_bytes()).map(Zeroizing::new);
    let plain = plain.map_err(|_| {
        VaultError::invalid_answer("the answer of {} is not base64").with_name(SERVICE.title)
    })?;
    match plaintext_crc32c {
        Some(told) if told.parse() != Ok(i64::from(crc32c(&plain))) => {
            let message = "what {} answers with is not what its checksum is for";
            Err(VaultError::invalid_answer(message).with_name(SERVICE.title))
        }
        _ => Ok(plain),
    }
}

/// The parts of the name of a key.
fn parts(name: &str) -> Option<[&str; 8]> {
    let parts: [&str; 8] = name.split('/').collect::<Vec<_>>().try_into().ok()?;
    let [
        "projects",
        project,
        "locations",
        location,
        "keyRings",
        ring,
        "cryptoKeys",
        key,
    ] = parts
    else {
        return None;
    };
    let is_word = |text: &str, more: &[u8]| {
        let is_part = |b: u8| b.is_ascii_alphanumeric() || more.contains(&b);
        text.bytes().all(is_part) && text.contains(|c: char| c.is_ascii_alphanumeric())
    };
    let is_good = is_word(project, b"-.:")
        && [location, ring, key]
            .iter()
            .all(|part| is_word(part, b"-_"));
    is_good.then_some(parts)
}

fn meaning(answer: &Answer, refused: Option<&Refused>, key: &str) -> VaultError {
    use VaultErrorKind as Kind;
    let told = |kind, message| {
        VaultError::new(kind, message)
            .with_name(key)
            .with_status(answer.status())
            .with_tries(answer.tries())
    };
    match (answer.status(), refused) {
        (403, Some(refused)) if refused.is_plain_denial() => told(
            Kind::PermissionDenied,
            "this Google login may not decrypt with the key {} of the file",
        )
        .with_hint("it needs the role cloudkms.cryptoKeyDecrypter on the key of the file"),
        // None of them is a secret that does not exist, which `default` could replace.
        (400 | 404, Some(_)) => told(
            Kind::Configuration,
            "Google Cloud KMS has no such key as {}, or it is not the one that the file was encrypted with",
        ),
        _ => general(answer, refused, SERVICE.title),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_the_name_of_a_key_is_taken() {
        let good = "projects/shop/locations/global/keyRings/sops/cryptoKeys/key_1-a";
        assert_eq!(parts(good).unwrap().join("/"), good);
        assert!(parts(&good.replace("shop", "example.com:shop")).is_some());
        for bad in [
            "",
            "projects/shop",
            "projects/../locations/global/keyRings/sops/cryptoKeys/k",
            "projects/shop/locations/global/keyRings/sops/cryptoKeys/k:encrypt",
            "projects/shop/locations/global/keyRings/sops/cryptoKeys/k?x=1",
            "projects/shop/locations/global/keyRings//cryptoKeys/k",
            "projects/shop/locations/global/keyRings/sops/cryptoKeys/k/cryptoKeyVersions/1",
            "projects/shop/locations/global/keyRings/sops/importJobs/k",
            "projects/x@evil.example/locations/global/keyRings/sops/cryptoKeys/k",
        ] {
            assert!(parts(bad).is_none(), "{bad}");
        }
    }
}
