//! A server that is everything which gives credentials of AWS, for `chain.rs`.

use aws_lc_rs::signature::{ECDSA_P256_SHA256_FIXED, UnparsedPublicKey};
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use manifill_vault::suite::{Reply, Seen};
use serde_json::json;

pub(crate) const LATER: &str = "2099-01-01T00:00:00Z";

/// The access key that a request is signed with.
pub(crate) fn signer(seen: &Seen) -> Option<String> {
    let header = seen.header("authorization")?;
    let (_, rest) = header.split_once("Credential=")?;
    Some(rest.split_once('/')?.0.to_owned())
}

pub(crate) fn token(seen: &Seen) -> Option<String> {
    seen.header("x-amz-security-token").map(str::to_owned)
}

pub(crate) fn answer(seen: &Seen) -> Reply {
    let written = |key: &str| {
        Reply::json(
            json!({"Code": "Success", "Type": "AWS-HMAC", "AccessKeyId": key,
                "SecretAccessKey": "s", "Token": format!("of {key}"), "Expiration": LATER})
            .to_string(),
        )
    };
    let (path, _) = seen.target.split_once('?').unwrap_or((&seen.target, ""));
    match (seen.method.as_str(), path) {
        ("PUT", "/latest/api/token") => Reply::new(200).with_body("mt"),
        ("GET", path) if path.starts_with("/latest/meta-data/iam/security-credentials/") => {
            match (seen.header("x-aws-ec2-metadata-token"), path.ends_with('/')) {
                (Some("mt"), true) => Reply::new(200).with_body("machine"),
                (Some("mt"), false) => written("MACHINE"),
                _ => Reply::new(401),
            }
        }
        ("GET", "/agent") if seen.header("authorization") == Some("pod") => written("POD"),
        ("GET", "/federation/credentials") => sso(seen),
        ("POST", "/token") => renewed(seen),
        ("POST", "/v1/token") => console(seen),
        ("POST", _) if seen.header("x-amz-target").is_none() => sts(seen),
        ("POST", _) => Reply::json(r#"{"__type":"ResourceNotFoundException"}"#).with_status(400),
        _ => Reply::new(401),
    }
}

/// The token of a login that is renewed.
fn renewed(seen: &Seen) -> Reply {
    let asked: serde_json::Value = serde_json::from_slice(&seen.body).unwrap();
    let expected = json!({"clientId": "a client", "clientSecret": "s",
        "grantType": "refresh_token", "refreshToken": "again"});
    if asked != expected {
        return Reply::new(400);
    }
    let given = json!({"accessToken": "st", "expiresIn": 3600, "tokenType": "Bearer"});
    Reply::json(given.to_string())
}

/// A login to the console that is renewed. The key says how the renewal was signed.
fn console(seen: &Seen) -> Reply {
    let asked: serde_json::Value = serde_json::from_slice(&seen.body).unwrap();
    let expected = json!({"clientId": "arn:aws:signin:::devtools/same-device",
        "grantType": "refresh_token", "refreshToken": "again"});
    let (Some(signer), true) = (proved(seen), asked == expected) else {
        return Reply::json(r#"{"error":"TOKEN_EXPIRED","message":"m"}"#).with_status(400);
    };
    let given = json!({"accessToken": {"accessKeyId": format!("CONSOLE-{signer}"),
            "secretAccessKey": "s", "sessionToken": "of a renewal"},
        "tokenType": "aws_sigv4", "expiresIn": 900, "refreshToken": "then"});
    Reply::json(given.to_string())
}

/// What a proof of possession (RFC 9449) claims, if the key in it has signed it.
fn proved(seen: &Seen) -> Option<String> {
    let proof = seen.header("dpop")?;
    let (signed, signature) = proof.rsplit_once('.')?;
    let (header, claims) = signed.split_once('.')?;
    let decoded = |text: &str| URL_SAFE_NO_PAD.decode(text).ok();
    let header: serde_json::Value = serde_json::from_slice(&decoded(header)?).ok()?;
    let claims: serde_json::Value = serde_json::from_slice(&decoded(claims)?).ok()?;
    let number = |name: &str| decoded(header["jwk"][name].as_str()?);
    let point = [vec![4], number("x")?, number("y")?].concat();
    UnparsedPublicKey::new(&ECDSA_P256_SHA256_FIXED, point)
        .verify(signed.as_bytes(), &decoded(signature)?)
        .ok()?;
    let text = |value: &serde_json::Value| value.as_str().unwrap_or_default().to_owned();
    let path = text(&claims["htu"]).rsplit('/').next()?.to_owned();
    let parts = [
        &header["typ"],
        &header["alg"],
        &header["jwk"]["crv"],
        &claims["htm"],
    ];
    let parts: Vec<_> = parts.into_iter().map(text).chain([path]).collect();
    claims["iat"].is_u64().then(|| parts.join("-"))
}

/// A key that says for which role of which account it is.
fn sso(seen: &Seen) -> Reply {
    if seen.header("x-amz-sso_bearer_token") != Some("st") {
        return Reply::new(401);
    }
    let query = seen.query();
    let key = format!("SSO-{}-{}", query["account_id"], query["role_name"]);
    let given = json!({"accessKeyId": key, "secretAccessKey": "s", "sessionToken": "of sso",
        "expiration": 4_070_908_800_000_u64});
    Reply::json(json!({ "roleCredentials": given }).to_string())
}

/// A key that says what was asked for, and by whom. The name of a session is told only where one is
/// set: each client has a name of its own for the others.
fn sts(seen: &Seen) -> Reply {
    let form = seen.form();
    let field = |name: &str| form.get(name).map(String::as_str);
    let action = field("Action").unwrap_or_default();
    let role = field("RoleArn").and_then(|arn| arn.rsplit('/').next());
    let mut key = format!("{action}-{}", role.unwrap_or_default());
    for (name, value) in [
        ("external", field("ExternalId")),
        ("seconds", field("DurationSeconds")),
        (
            "session",
            field("RoleSessionName").filter(|name| name.starts_with("set")),
        ),
        ("token", field("WebIdentityToken")),
        ("by", signer(seen).as_deref()),
    ] {
        if let Some(value) = value {
            key += &format!("-{name}-{value}");
        }
    }
    Reply::new(200)
        .with_header("Content-Type", "text/xml")
        .with_body(format!(
            "<{action}Response xmlns=\"https://sts.amazonaws.com/doc/2011-06-15/\"><{action}Result>\
         <Credentials><AccessKeyId>{key}</AccessKeyId><SecretAccessKey>s</SecretAccessKey>\
         <SessionToken>of {key}</SessionToken><Expiration>{LATER}</Expiration></Credentials>\
         </{action}Result></{action}Response>"
        ))
}
