//! The configurations of `logins.rs` with accounts that are acted as, and with other clouds.

use crate::parts::Found::{Other, Same};
use crate::parts::{EMPTY, Row};

pub(crate) const ACTING: &[Row] = &[
    Row {
        what: "an account that a key acts as, through others",
        files: &[(
            "c.json",
            r#"{ACTING},"delegates":["a@shop","b@shop"],"source_credentials":{ACCOUNT}}"#,
        )],
        found: Same(
            "acting@shop-seconds-3600s-through-a@shop+b@shop-by-(key-k1-of-reader@shop-seconds-3600)-scope-cloud-platform",
        ),
        ..EMPTY
    },
    Row {
        what: "an account that a user acts as, and projects",
        files: &[(
            "c.json",
            r#"{ACTING},"quota_project_id":"counted","source_credentials":{IN_USER},"quota_project_id":"other"}}"#,
        )],
        found: Same(
            "acting@shop-seconds-3600s-through--by-(user-by-ci-cs)-scope-cloud-platform counted for counted",
        ),
        ..EMPTY
    },
    Row {
        what: "an account that a workforce user acts as",
        files: &[(
            "c.json",
            r#"{ACTING},"delegates":[],"source_credentials":{WORKER}}"#,
        )],
        found: Same("acting@shop-seconds-3600s-through--by-(worker-by-ci:cs)-scope-cloud-platform"),
        ..EMPTY
    },
    Row {
        what: "an account that an account acts as, as in Google's libraries for Go and Rust",
        files: &[(
            "c.json",
            r#"{ACTING},"source_credentials":{ACTING},"source_credentials":{USER}}}"#,
        )],
        found: Other {
            ours: "acting@shop-seconds-3600s-through--by-(acting@shop-seconds-3600s-through--by-(user-by-ci-cs))-scope-cloud-platform",
            theirs: "none",
        },
        ..EMPTY
    },
    Row {
        what: "an account that a workload acts as, as in Google's libraries for Go and Rust",
        files: &[
            ("token", "of-file"),
            (
                "c.json",
                r#"{ACTING},"source_credentials":{WORKLOAD},"credential_source":{"file":"HOME/token"}}}"#,
            ),
        ],
        found: Other {
            ours: "acting@shop-seconds-3600s-through--by-(workload-pool-jwt-of-file-by-nobody-options-none)-scope-cloud-platform",
            theirs: "none",
        },
        ..EMPTY
    },
    Row {
        what: "an account that nobody acts as",
        files: &[("c.json", "{ACTING}}")],
        ..EMPTY
    },
    Row {
        what: "an account with a login that is over",
        files: &[(
            "c.json",
            r#"{ACTING},"source_credentials":{"type":"authorized_user","client_id":"ci",
                "client_secret":"cs","refresh_token":"over","token_uri":"URL/token"}}"#,
        )],
        ..EMPTY
    },
    Row {
        what: "an account at no address of one",
        files: &[(
            "c.json",
            r#"{"type":"impersonated_service_account","service_account_impersonation_url":
                "URL/v1/projects/-/serviceAccounts/acting@shop","source_credentials":{USER}}"#,
        )],
        ..EMPTY
    },
    Row {
        what: "a key for a cloud elsewhere",
        files: &[(
            "c.json",
            r#"{IN_ACCOUNT},"universe_domain":"other.example"}"#,
        )],
        found: Same("signed-for-\"reader@shop\"-by-reader@shop-seconds-3600-scope-cloud-platform"),
        ..EMPTY
    },
    Row {
        what: "a user for a cloud elsewhere",
        files: &[("c.json", r#"{IN_USER},"universe_domain":"other.example"}"#)],
        ..EMPTY
    },
    Row {
        what: "a workforce user for a cloud elsewhere",
        files: &[(
            "c.json",
            r#"{IN_WORKER},"universe_domain":"other.example"}"#,
        )],
        found: Same("worker-by-ci:cs-scope-none"),
        ..EMPTY
    },
    Row {
        what: "an account that a key acts as in a cloud elsewhere",
        files: &[(
            "c.json",
            r#"{ACTING},"source_credentials":{IN_ACCOUNT},"universe_domain":"other.example"}}"#,
        )],
        found: Same(
            "acting@shop-seconds-3600s-through--by-(signed-for-\"reader@shop\"-by-reader@shop-seconds-3600)-scope-cloud-platform",
        ),
        ..EMPTY
    },
    Row {
        what: "a key for what is no cloud, with which a token would be sent anywhere",
        files: &[(
            "c.json",
            r#"{IN_ACCOUNT},"universe_domain":"other.example/x?"}"#,
        )],
        found: Other {
            ours: "none",
            theirs: "signed-for-\"reader@shop\"-by-reader@shop-seconds-3600-scope-cloud-platform",
        },
        ..EMPTY
    },
];
