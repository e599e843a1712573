//! The configurations of `logins.rs` in which another platform logs in.

use crate::parts::Found::{Other, Same};
use crate::parts::{EMPTY, Row};

const OF_FILE: &str = "workload-pool-jwt-of-file-by-nobody-options-none-scope-cloud-platform";

pub(crate) const WORKLOADS: &[Row] = &[
    Row {
        what: "a token in a file",
        files: &[
            ("token", "of-file"),
            (
                "c.json",
                r#"{WORKLOAD},"credential_source":{"file":"HOME/token"}}"#,
            ),
        ],
        found: Same(OF_FILE),
        ..EMPTY
    },
    Row {
        what: "a token in a file, said to be text, and a project",
        files: &[
            ("token", "of-file"),
            (
                "c.json",
                r#"{WORKLOAD},"quota_project_id":"counted",
                    "credential_source":{"file":"HOME/token","format":{"type":"text"}}}"#,
            ),
        ],
        found: Same(
            "workload-pool-jwt-of-file-by-nobody-options-none-scope-cloud-platform counted for counted",
        ),
        ..EMPTY
    },
    Row {
        what: "a token and a line break, as Google's library for Go reads it",
        files: &[
            ("token", "of-file\n"),
            (
                "c.json",
                r#"{WORKLOAD},"credential_source":{"file":"HOME/token"}}"#,
            ),
        ],
        found: Other {
            ours: OF_FILE,
            theirs: "workload-pool-jwt-of-file(line break)-by-nobody-options-none-scope-cloud-platform",
        },
        ..EMPTY
    },
    Row {
        what: "a token in the JSON of a file",
        files: &[
            ("token", r#"{"other":"x","at":"of-file"}"#),
            (
                "c.json",
                r#"{WORKLOAD},"credential_source":{"file":"HOME/token",
                    "format":{"type":"json","subject_token_field_name":"at"}}}"#,
            ),
        ],
        found: Same(OF_FILE),
        ..EMPTY
    },
    Row {
        what: "a file by a name that starts beside the credentials",
        files: &[
            ("token", "of-file"),
            (
                "c.json",
                r#"{WORKLOAD},"credential_source":{"file":"token"}}"#,
            ),
        ],
        // Theirs starts from wherever the program was started.
        found: Other {
            ours: OF_FILE,
            theirs: "none",
        },
        ..EMPTY
    },
    Row {
        what: "JSON without the field",
        files: &[
            ("token", r#"{"other":"x"}"#),
            (
                "c.json",
                r#"{WORKLOAD},"credential_source":{"file":"HOME/token",
                    "format":{"type":"json","subject_token_field_name":"at"}}}"#,
            ),
        ],
        ..EMPTY
    },
    Row {
        what: "JSON, and no field is named",
        files: &[
            ("token", r#"{"at":"x"}"#),
            (
                "c.json",
                r#"{WORKLOAD},"credential_source":{"file":"HOME/token","format":{"type":"json"}}}"#,
            ),
        ],
        ..EMPTY
    },
    Row {
        what: "a format that does not exist",
        files: &[
            ("token", "of-file"),
            (
                "c.json",
                r#"{WORKLOAD},"credential_source":{"file":"HOME/token","format":{"type":"xml"}}}"#,
            ),
        ],
        ..EMPTY
    },
    Row {
        what: "a file that is empty",
        files: &[
            ("token", ""),
            (
                "c.json",
                r#"{WORKLOAD},"credential_source":{"file":"HOME/token"}}"#,
            ),
        ],
        ..EMPTY
    },
    Row {
        what: "a file that is not there",
        files: &[(
            "c.json",
            r#"{WORKLOAD},"credential_source":{"file":"HOME/token"}}"#,
        )],
        ..EMPTY
    },
    Row {
        what: "a token that Google refuses",
        files: &[
            ("token", "refused"),
            (
                "c.json",
                r#"{WORKLOAD},"credential_source":{"file":"HOME/token"}}"#,
            ),
        ],
        ..EMPTY
    },
    Row {
        what: "a file and an address",
        files: &[
            ("token", "of-file"),
            (
                "c.json",
                r#"{WORKLOAD},"credential_source":{"file":"HOME/token","url":"URL/subject"}}"#,
            ),
        ],
        ..EMPTY
    },
    Row {
        what: "no source",
        files: &[("c.json", r#"{WORKLOAD},"credential_source":{}}"#)],
        ..EMPTY
    },
    Row {
        what: "a token at an address",
        files: &[(
            "c.json",
            r#"{WORKLOAD},"credential_source":{"url":"URL/subject","headers":{"X-Login":"job"}}}"#,
        )],
        found: Same("workload-pool-jwt-of-address-by-nobody-options-none-scope-cloud-platform"),
        ..EMPTY
    },
    Row {
        what: "a token in the JSON at an address",
        files: &[(
            "c.json",
            r#"{WORKLOAD},"credential_source":{"url":"URL/subject?as=json","headers":{"X-Login":"job"},
                "format":{"type":"json","subject_token_field_name":"value"}}}"#,
        )],
        found: Same(
            "workload-pool-jwt-of-json-at-address-by-nobody-options-none-scope-cloud-platform",
        ),
        ..EMPTY
    },
    Row {
        what: "an address that gives nothing without a header",
        files: &[(
            "c.json",
            r#"{WORKLOAD},"credential_source":{"url":"URL/subject"}}"#,
        )],
        ..EMPTY
    },
    Row {
        what: "an account that a workload acts as",
        files: &[
            ("token", "of-file"),
            (
                "c.json",
                r#"{WORKLOAD},{AS_ACCOUNT},"credential_source":{"file":"HOME/token"}}"#,
            ),
        ],
        found: Same(
            "acting@shop-seconds-3600s-through--by-(workload-pool-jwt-of-file-by-nobody-options-none)-scope-cloud-platform",
        ),
        ..EMPTY
    },
    Row {
        what: "an account for twenty minutes, and projects",
        variables: &[("GOOGLE_CLOUD_QUOTA_PROJECT", "mine")],
        files: &[
            ("token", "of-file"),
            (
                "c.json",
                r#"{WORKLOAD},{AS_ACCOUNT},"quota_project_id":"counted",
                    "service_account_impersonation":{"token_lifetime_seconds":1200},
                    "credential_source":{"file":"HOME/token"}}"#,
            ),
        ],
        found: Same(
            "acting@shop-seconds-1200s-through--by-(workload-pool-jwt-of-file-by-nobody-options-none)-scope-cloud-platform counted for mine",
        ),
    },
    Row {
        what: "a client",
        files: &[
            ("token", "of-file"),
            (
                "c.json",
                r#"{WORKLOAD},"client_id":"ci","client_secret":"cs","credential_source":{"file":"HOME/token"}}"#,
            ),
        ],
        found: Same("workload-pool-jwt-of-file-by-ci:cs-options-none-scope-cloud-platform"),
        ..EMPTY
    },
    Row {
        what: "staff, and their project",
        files: &[
            ("token", "of-file"),
            (
                "c.json",
                r#"{STAFF},"workforce_pool_user_project":"people","credential_source":{"file":"HOME/token"}}"#,
            ),
        ],
        found: Same(
            "workload-x-id_token-of-file-by-nobody-options-{\"userProject\":\"people\"}-scope-cloud-platform",
        ),
        ..EMPTY
    },
    Row {
        what: "staff, their project and a client, which has a project itself",
        files: &[
            ("token", "of-file"),
            (
                "c.json",
                r#"{STAFF},"workforce_pool_user_project":"people","client_id":"ci","client_secret":"cs",
                    "credential_source":{"file":"HOME/token"}}"#,
            ),
        ],
        found: Same("workload-x-id_token-of-file-by-ci:cs-options-none-scope-cloud-platform"),
        ..EMPTY
    },
    Row {
        what: "a project of staff for a workload, which the exchange judges",
        files: &[
            ("token", "of-file"),
            (
                "c.json",
                r#"{WORKLOAD},"workforce_pool_user_project":"people","credential_source":{"file":"HOME/token"}}"#,
            ),
        ],
        found: Other {
            ours: "workload-pool-jwt-of-file-by-nobody-options-{\"userProject\":\"people\"}-scope-cloud-platform",
            theirs: "none",
        },
        ..EMPTY
    },
    Row {
        what: "a workload for a cloud elsewhere",
        files: &[
            ("token", "of-file"),
            (
                "c.json",
                r#"{WORKLOAD},"universe_domain":"other.example","credential_source":{"file":"HOME/token"}}"#,
            ),
        ],
        found: Same(OF_FILE),
        ..EMPTY
    },
];
