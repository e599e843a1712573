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

/// What is wrong with content that is still to be filled, whatever its values will be. A login that
/// is one placeholder as a whole is not judged.
pub(crate) fn judge_to_be_filled(text: &str) -> Result<(), (&'static str, &'static str)> {
    if !text.trim_start().starts_with('{') {
        return Ok(());
    }
    // A digit stands for a letter within quotes and for a value without. No placeholder has a `<` in
    // it: one before belongs to the text.
    let mut json = String::with_capacity(text.len());
    let mut rest = text;
    while let Some((before, after)) = rest.split_once('>') {
        match before.rsplit_once('<') {
            Some((before, _)) => json.extend([before, "0"]),
            None => json.extend([before, ">"]),
        }
        rest = after;
    }
    json.push_str(rest);
    let value: Value = serde_json::from_str(&json).map_err(|_| {
        (
            "`.dockerconfigjson` is not JSON, whatever is filled in",
            FORM_HINT,
        )
    })?;
    match value.get("auths") {
        Some(Value::Object(_) | Value::Number(_)) => Ok(()),
        _ => Err(("`.dockerconfigjson` has no `auths`", FORM_HINT)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn content_is_judged_as_far_as_it_is_there() {
        for good in [
            "<path:pull#config>",
            r#"{"auths": <path:pull#auths | default "{\"a\": {}}">}"#,
            r#"{"auths": {"<path:pull#host>": {"auth": "<path:pull#auth>"}}}"#,
            r#"{"auths": {"ghcr.io": {"username": "a", "password": <path:pull#p | toJson>}}}"#,
            r#"{"auths": {"a": {"password": "1<2>3>"}}, "x": "<path:pull#x>"}"#,
            r#"{"auths": {"a": {"password": "1<2"}}, "x": "<path:pull#x>"}"#,
        ] {
            assert_eq!(judge_to_be_filled(good), Ok(()), "{good}");
        }
        for (bad, told) in [
            (
                r#"{"auths": {"ghcr.io": {"auth": "<path:pull#auth>"}}"#,
                "not JSON",
            ),
            (
                r#"{"auths": {"ghcr.io": {"auth": "<path:pull#auth>}}}"#,
                "not JSON",
            ),
            (r#"{auths: {}, "a": <path:pull#auth>}"#, "not JSON"),
            (r#"{"ghcr.io": {"auth": "<path:pull#auth>"}}"#, "no `auths`"),
        ] {
            let (message, _) = judge_to_be_filled(bad).unwrap_err();
            assert!(message.contains(told), "{bad}: {message}");
        }
    }

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
