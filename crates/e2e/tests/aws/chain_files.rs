//! The files that the configurations of `chain.rs` are about.

use std::fs;
use std::path::Path;

use aws_lc_rs::digest;
use aws_lc_rs::encoding::{AsDer as _, EcPrivateKeyRfc5915Der};
use aws_lc_rs::signature::{ECDSA_P256_SHA256_FIXED_SIGNING, EcdsaKeyPair};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde_json::json;

use crate::chain_server::LATER;

const PAST: &str = "2020-01-01T00:00:00Z";

/// The files of AWS's tools, logins to IAM Identity Center that are good, have ended and can be
/// renewed, to the console, what a program prints, and the tokens of a pod.
pub(crate) fn write(home: &Path, config: &str, credentials: &str) {
    let cache = home.join(".aws/sso/cache");
    fs::create_dir_all(&cache).unwrap();
    fs::write(home.join(".aws/config"), config).unwrap();
    fs::write(home.join(".aws/credentials"), credentials).unwrap();
    for (name, end) in [
        ("work", LATER),
        ("https://old.example/start", LATER),
        ("over", PAST),
        ("renewable", PAST),
    ] {
        let mut token = json!({"accessToken": "st", "expiresAt": end, "region": "eu-west-1",
            "startUrl": "https://work.example/start"});
        if name == "renewable" {
            token["accessToken"] = json!("ended");
            token["refreshToken"] = json!("again");
            token["clientId"] = json!("a client");
            token["clientSecret"] = json!("s");
            token["registrationExpiresAt"] = json!(LATER);
        }
        let name = hashed(&digest::SHA1_FOR_LEGACY_USE_ONLY, name);
        fs::write(cache.join(name), token.to_string()).unwrap();
    }
    let cache = home.join(".aws/login/cache");
    fs::create_dir_all(&cache).unwrap();
    for (name, end) in [("console", LATER), ("ended", PAST), ("refused", PAST)] {
        let refresh_token = if name == "refused" { "no" } else { "again" };
        let login = json!({
            "accessToken": {"accessKeyId": "CONSOLE", "secretAccessKey": "s",
                "sessionToken": "of the console", "accountId": "123456789012", "expiresAt": end},
            "tokenType": "aws_sigv4", "refreshToken": refresh_token, "idToken": "i",
            "clientId": "arn:aws:signin:::devtools/same-device", "dpopKey": ec_key(),
        });
        fs::write(cache.join(hashed(&digest::SHA256, name)), login.to_string()).unwrap();
    }
    for version in [1, 2] {
        let printed = json!({"Version": version, "AccessKeyId": "PROCESS", "SecretAccessKey": "s",
            "SessionToken": "of a process"});
        let name = format!("printed-{version}.json");
        fs::write(home.join(name), printed.to_string()).unwrap();
    }
    fs::write(home.join("pod-token"), "pod").unwrap();
    fs::write(home.join("web-token"), "a.b.c").unwrap();
}

/// A key as `aws login` makes it.
fn ec_key() -> String {
    let key = EcdsaKeyPair::generate(&ECDSA_P256_SHA256_FIXED_SIGNING).unwrap();
    let der: EcPrivateKeyRfc5915Der = key.private_key().as_der().unwrap();
    let text = STANDARD.encode(der.as_ref());
    format!("-----BEGIN EC PRIVATE KEY-----\n{text}\n-----END EC PRIVATE KEY-----\n")
}

/// The name of the file that a login is kept in.
fn hashed(algorithm: &'static digest::Algorithm, name: &str) -> String {
    let hash = digest::digest(algorithm, name.as_bytes());
    let hash: String = hash.as_ref().iter().map(|b| format!("{b:02x}")).collect();
    hash + ".json"
}
