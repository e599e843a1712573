//! The login for registries in a pull secret.

use manifill_placeholder::decode_text;
use serde_json::Value;

const FORM_HINT: &str =
    "it holds `auths` with an `auth` for each registry, which is base64 of USER:PASSWORD";

/// What is wrong with the content of `.dockerconfigjson`, and what to do. Nothing of it is told.
pub(crate) fn judge(bytes: &[u8]) -> Result<(), (&'static str, &'static str)> {
    let value: Value = serde_json::from_slice(bytes)
        .map_err(|_| ("`.dockerconfigjson` is not JSON", FORM_HINT))?;
    let Some(auths) = value.get("auths").and_then(Value::as_object) else {
        return Err(("`.dockerconfigjson` has no `auths`", FORM_HINT));
    };
    for login in auths.values() {
        let Some(login) = login.as_object() else {
            return Err(("a registry in `.dockerconfigjson` has no login", FORM_HINT));
        };
        let auth = login.get("auth").and_then(Value::as_str);
        let is_login = |auth: &str| decode_text(auth).is_some_and(|text| text.contains(':'));
        if auth.is_some_and(|auth| !auth.is_empty() && !is_login(auth)) {
            let message = "an `auth` in `.dockerconfigjson` is not base64 of USER:PASSWORD";
            return Err((message, FORM_HINT));
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_login_is_read_as_the_kubelet_reads_it() {
        for good in [
            r#"{"auths": {}}"#,
            r#"{"auths": {"ghcr.io": {"auth": "YTpi"}}}"#,
            r#"{"auths": {"ghcr.io": {"username": "a", "password": "b"}}, "credsStore": "x"}"#,
        ] {
            assert_eq!(judge(good.as_bytes()), Ok(()), "{good}");
        }
        for (bad, told) in [
            ("", "not JSON"),
            ("{\"auths\": {}", "not JSON"),
            ("{}", "no `auths`"),
            (r#"{"ghcr.io": {"auth": "YTpi"}}"#, "no `auths`"),
            (r#"{"auths": {"ghcr.io": "YTpi"}}"#, "no login"),
            (
                r#"{"auths": {"ghcr.io": {"auth": "a:b"}}}"#,
                "not base64 of",
            ),
            (
                r#"{"auths": {"ghcr.io": {"auth": "YWI="}}}"#,
                "not base64 of",
            ),
        ] {
            let (message, _) = judge(bad.as_bytes()).unwrap_err();
            assert!(message.contains(told), "{bad}: {message}");
        }
    }
}
