//! The key of a service account, and a token endpoint that knows it; for the tests.

use std::sync::OnceLock;

use aws_lc_rs::encoding::{AsDer as _, Pkcs8V1Der};
use aws_lc_rs::rsa::KeySize;
use aws_lc_rs::signature::{
    KeyPair as _, RSA_PKCS1_2048_8192_SHA256, RsaKeyPair, UnparsedPublicKey,
};
use base64::Engine as _;
use base64::engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD};
use serde_json::{Value, json};

use crate::suite::{Reply, Seen, Server};

/// The service account.
pub(crate) const EMAIL: &str = "reader@shop.iam.gserviceaccount.com";

const KEY_ID: &str = "0123456789abcdef0123456789abcdef01234567";

/// A private key in PEM and its public one: made once, since that takes a while.
fn key() -> &'static (String, Vec<u8>) {
    static KEY: OnceLock<(String, Vec<u8>)> = OnceLock::new();
    KEY.get_or_init(|| {
        let key = RsaKeyPair::generate(KeySize::Rsa2048).unwrap();
        let der: Pkcs8V1Der<'_> = key.as_der().unwrap();
        let text = STANDARD.encode(der.as_ref());
        let pem = format!("-----BEGIN PRIVATE KEY-----\n{text}\n-----END PRIVATE KEY-----\n");
        (pem, key.public_key().as_ref().to_vec())
    })
}

/// The file of the account's key, as Google writes it, with another token endpoint.
pub(crate) fn account(tokens: &str) -> Value {
    json!({
        "type": "service_account",
        "project_id": "shop",
        "private_key_id": KEY_ID,
        "private_key": key().0,
        "client_email": EMAIL,
        "client_id": "100000000000000000001",
        "auth_uri": "https://accounts.google.com/o/oauth2/auth",
        "token_uri": tokens,
        "universe_domain": "googleapis.com",
    })
}

/// The text of that file for a server whose token endpoint is at `/token`.
pub(crate) fn key_for(server: &Server) -> String {
    account(&format!("{}/token", server.url())).to_string()
}

/// A field of a form whose values need no escapes.
pub(crate) fn field<'t>(form: &'t str, name: &str) -> Option<&'t str> {
    let mut fields = form.split('&').filter_map(|field| field.split_once('='));
    fields
        .find(|(field, _)| *field == name)
        .map(|(_, value)| value)
}

/// What the token endpoint answers: a token for a request that the account's key has signed.
pub(crate) fn grant(seen: &Seen, token: &str) -> Reply {
    let body = String::from_utf8_lossy(&seen.body);
    let host = seen.header("host").unwrap_or_default();
    let is_good = field(&body, "grant_type")
        == Some("urn%3Aietf%3Aparams%3Aoauth%3Agrant-type%3Ajwt-bearer")
        && field(&body, "assertion").is_some_and(|jwt| accepts(jwt, host).is_some());
    if is_good {
        let granted = json!({"access_token": token, "expires_in": 3599, "token_type": "Bearer"});
        return Reply::json(granted.to_string());
    }
    let refusal = json!({"error": "invalid_grant", "error_description": "Invalid JWT Signature."});
    Reply::json(refusal.to_string()).with_status(400)
}

fn accepts(jwt: &str, host: &str) -> Option<()> {
    let (signed, signature) = jwt.rsplit_once('.')?;
    let (header, claims) = signed.split_once('.')?;
    let part = |text: &str| URL_SAFE_NO_PAD.decode(text).ok();
    let json = |text| serde_json::from_slice::<Value>(&part(text)?).ok();
    let public = UnparsedPublicKey::new(&RSA_PKCS1_2048_8192_SHA256, &key().1);
    public.verify(signed.as_bytes(), &part(signature)?).ok()?;
    let (header, claims) = (json(header)?, json(claims)?);
    let lasts = claims["exp"].as_u64()? - claims["iat"].as_u64()?;
    let is_right = header == json!({"typ": "JWT", "alg": "RS256", "kid": KEY_ID})
        && claims["iss"] == EMAIL
        && claims["scope"] == "https://www.googleapis.com/auth/cloud-platform"
        && claims["aud"] == format!("http://{host}/token").as_str()
        && lasts == 3600;
    is_right.then_some(())
}
