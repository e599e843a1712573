//! What the configurations of `logins.rs` are made of.

/// A configuration and the login that is found with it. `HOME`, `URL`, `HOST`, `GATE` and `KEY` stand
/// for its folder, the server, the same behind TLS, and the private key of its service account.
pub(crate) struct Row {
    pub(crate) what: &'static str,
    pub(crate) variables: &'static [(&'static str, &'static str)],
    /// Below the home folder. `c.json` is the file that `GOOGLE_APPLICATION_CREDENTIALS` names.
    pub(crate) files: &'static [(&'static str, &'static str)],
    pub(crate) found: Found,
}

/// A token, and perhaps the project that requests are counted for; `none` for an error.
pub(crate) enum Found {
    /// By both.
    Same(&'static str),
    /// By design, as COMPATIBILITY.md or a comment says.
    Other {
        ours: &'static str,
        theirs: &'static str,
    },
}

/// What stands in files by name.
pub(crate) const PARTS: &[(&str, &str)] = &[
    ("{ACCOUNT}", "{IN_ACCOUNT}}"),
    (
        "{IN_ACCOUNT}",
        r#"{"type":"service_account","project_id":"shop","private_key_id":"k1",
            "client_email":"reader@shop","private_key":"KEY","token_uri":"URL/token""#,
    ),
    ("{USER}", "{IN_USER}}"),
    (
        "{IN_USER}",
        r#"{"type":"authorized_user","client_id":"ci","client_secret":"cs","refresh_token":"rt",
            "token_uri":"URL/token""#,
    ),
    ("{WORKER}", "{IN_WORKER}}"),
    (
        "{IN_WORKER}",
        r#"{"type":"external_account_authorized_user","client_id":"ci","client_secret":"cs",
            "audience":"//iam.googleapis.com/locations/global/workforcePools/p/providers/x",
            "refresh_token":"rt","token_url":"URL/v1/oauthtoken""#,
    ),
    (
        "{ACTING}",
        r#"{"type":"impersonated_service_account","service_account_impersonation_url":
            "URL/v1/projects/-/serviceAccounts/acting@shop:generateAccessToken""#,
    ),
    (
        "{WORKLOAD}",
        r#"{"type":"external_account","audience":"//iam.googleapis.com/projects/1/pool",
            "subject_token_type":"urn:ietf:params:oauth:token-type:jwt","token_url":"URL/v1/token""#,
    ),
    (
        "{STAFF}",
        r#"{"type":"external_account","token_url":"URL/v1/token",
            "audience":"//iam.googleapis.com/locations/global/workforcePools/p/providers/x",
            "subject_token_type":"urn:ietf:params:oauth:token-type:id_token""#,
    ),
    (
        "{SHOWN}",
        r#"{"type":"external_account","audience":"//iam.googleapis.com/projects/1/pool",
            "subject_token_type":"urn:ietf:params:oauth:token-type:mtls","token_url":"GATE/v1/token""#,
    ),
    (
        "{AS_ACCOUNT_SHOWN}",
        r#""service_account_impersonation_url":
            "GATE/v1/projects/-/serviceAccounts/acting@shop:generateAccessToken""#,
    ),
    (
        "{AS_ACCOUNT}",
        r#""service_account_impersonation_url":
            "URL/v1/projects/-/serviceAccounts/acting@shop:generateAccessToken""#,
    ),
    (
        "{AWS}",
        r#"{"type":"external_account","audience":"//iam.googleapis.com/projects/1/pool",
            "subject_token_type":"urn:ietf:params:aws:token-type:aws4_request",
            "token_url":"URL/v1/token","credential_source":{"environment_id":"aws1",
            "regional_cred_verification_url":"https://sts.{region}.amazonaws.com?Action=GetCallerIdentity&Version=2011-06-15""#,
    ),
];

/// Nothing is set up.
pub(crate) const EMPTY: Row = Row {
    what: "nothing at all",
    variables: &[],
    files: &[],
    found: Found::Same("none"),
};
