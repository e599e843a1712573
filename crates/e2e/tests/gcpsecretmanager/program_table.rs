//! The configurations of `logins.rs` in which a program logs in.

use crate::parts::Found::{Other, Same};
use crate::parts::{EMPTY, Row};

const PRINTED: &str = "workload-pool-jwt-printed-by-nobody-options-none-scope-cloud-platform";
const KEPT: &str = "workload-pool-jwt-kept-by-nobody-options-none-scope-cloud-platform";

const ALLOWED: [(&str, &str); 1] = [("GOOGLE_EXTERNAL_ACCOUNT_ALLOW_EXECUTABLES", "1")];

/// Credentials that name a program, which prints what lies beside it.
const PRINTS: (&str, &str) = (
    "c.json",
    r#"{WORKLOAD},"credential_source":{"executable":{"command":"cat HOME/printed.json"}}}"#,
);

/// The same for a program that may have kept a token.
const KEEPS: (&str, &str) = (
    "c.json",
    r#"{WORKLOAD},"credential_source":{"executable":{"command":"cat HOME/printed.json",
        "timeout_millis":5000,"output_file":"HOME/kept.json"}}}"#,
);

const GOOD: (&str, &str) = (
    "printed.json",
    r#"{"version":1,"success":true,"token_type":"urn:ietf:params:oauth:token-type:jwt",
        "id_token":"printed","expiration_time":4070908800}"#,
);

pub(crate) const PROGRAMS: &[Row] = &[
    Row {
        what: "a program",
        variables: &ALLOWED,
        files: &[PRINTS, GOOD],
        found: Same(PRINTED),
    },
    Row {
        what: "a program that may not run",
        files: &[PRINTS, GOOD],
        ..EMPTY
    },
    Row {
        what: "a program that prints SAML",
        variables: &ALLOWED,
        files: &[
            PRINTS,
            (
                "printed.json",
                r#"{"version":1,"success":true,"token_type":"urn:ietf:params:oauth:token-type:saml2",
                    "saml_response":"printed"}"#,
            ),
        ],
        found: Same(PRINTED),
    },
    Row {
        what: "a program without a token",
        variables: &ALLOWED,
        files: &[
            PRINTS,
            (
                "printed.json",
                r#"{"version":1,"success":false,"code":"1","message":"no"}"#,
            ),
        ],
        ..EMPTY
    },
    Row {
        what: "a program whose token is over",
        variables: &ALLOWED,
        files: &[
            PRINTS,
            (
                "printed.json",
                r#"{"version":1,"success":true,"token_type":"urn:ietf:params:oauth:token-type:jwt",
                    "id_token":"printed","expiration_time":1}"#,
            ),
        ],
        ..EMPTY
    },
    Row {
        what: "a program that does not say of what type its token is",
        variables: &ALLOWED,
        files: &[
            PRINTS,
            (
                "printed.json",
                r#"{"version":1,"success":true,"id_token":"printed"}"#,
            ),
        ],
        // It can only be the one that stands there.
        found: Other {
            ours: PRINTED,
            theirs: "none",
        },
    },
    Row {
        what: "a program of another version",
        variables: &ALLOWED,
        files: &[
            PRINTS,
            (
                "printed.json",
                r#"{"version":2,"success":true,"token_type":"urn:ietf:params:oauth:token-type:jwt",
                    "id_token":"printed"}"#,
            ),
        ],
        ..EMPTY
    },
    Row {
        what: "a program that is not there",
        variables: &ALLOWED,
        files: &[PRINTS],
        ..EMPTY
    },
    Row {
        what: "a program that is told for whom and for what it is",
        variables: &ALLOWED,
        files: &[
            (
                "c.json",
                r#"{WORKLOAD},"credential_source":{"executable":{"command":"sh HOME/print.sh",
                    "output_file":"HOME/kept.json"}}}"#,
            ),
            (
                "print.sh",
                r#"told="$GOOGLE_EXTERNAL_ACCOUNT_AUDIENCE-$GOOGLE_EXTERNAL_ACCOUNT_TOKEN_TYPE"
                told="$told-$GOOGLE_EXTERNAL_ACCOUNT_INTERACTIVE-$GOOGLE_EXTERNAL_ACCOUNT_IMPERSONATED_EMAIL"
                told="$told-${GOOGLE_EXTERNAL_ACCOUNT_OUTPUT_FILE##*/}"
                echo '{"version":1,"success":true,"token_type":"urn:ietf:params:oauth:token-type:jwt",'
                echo '"expiration_time":4070908800,"id_token":"'"$told"'"}'"#,
            ),
        ],
        found: Same(
            "workload-pool-jwt-//iam.googleapis.com/projects/1/pool-urn:ietf:params:oauth:token-type:jwt-0--kept.json-by-nobody-options-none-scope-cloud-platform",
        ),
    },
    Row {
        what: "a program that is told which account is acted as",
        variables: &ALLOWED,
        files: &[
            (
                "c.json",
                r#"{WORKLOAD},{AS_ACCOUNT},"credential_source":{"executable":{"command":"sh HOME/print.sh"}}}"#,
            ),
            (
                "print.sh",
                r#"echo '{"version":1,"success":true,"token_type":"urn:ietf:params:oauth:token-type:jwt",'
                echo '"id_token":"for-'$GOOGLE_EXTERNAL_ACCOUNT_IMPERSONATED_EMAIL'"}'"#,
            ),
        ],
        // Theirs has forgotten it when it runs the program.
        found: Other {
            ours: "acting@shop-seconds-3600s-through--by-(workload-pool-jwt-for-acting@shop-by-nobody-options-none)-scope-cloud-platform",
            theirs: "acting@shop-seconds-3600s-through--by-(workload-pool-jwt-for--by-nobody-options-none)-scope-cloud-platform",
        },
    },
    Row {
        what: "a program with a word in quotes, which no shell reads, as in Google's libraries for Go and Rust",
        variables: &ALLOWED,
        files: &[
            (
                "c.json",
                r#"{WORKLOAD},"credential_source":{"executable":{"command":"cat 'HOME/printed.json'"}}}"#,
            ),
            GOOD,
        ],
        found: Other {
            ours: "none",
            theirs: PRINTED,
        },
    },
    Row {
        what: "a program that has a second, which is up to whoever writes the credentials",
        variables: &ALLOWED,
        files: &[
            (
                "c.json",
                r#"{WORKLOAD},"credential_source":{"executable":{"command":"cat HOME/printed.json",
                    "timeout_millis":4000}}}"#,
            ),
            GOOD,
        ],
        found: Other {
            ours: PRINTED,
            theirs: "none",
        },
    },
    Row {
        what: "a token that a program has kept",
        variables: &ALLOWED,
        files: &[
            KEEPS,
            GOOD,
            (
                "kept.json",
                r#"{"version":1,"success":true,"token_type":"urn:ietf:params:oauth:token-type:jwt",
                    "id_token":"kept","expiration_time":4070908800}"#,
            ),
        ],
        found: Same(KEPT),
    },
    Row {
        what: "a token that a program has kept and that may not run",
        files: &[
            KEEPS,
            GOOD,
            (
                "kept.json",
                r#"{"version":1,"success":true,"token_type":"urn:ietf:params:oauth:token-type:jwt",
                    "id_token":"kept","expiration_time":4070908800}"#,
            ),
        ],
        ..EMPTY
    },
    Row {
        what: "a token that was kept and is over",
        variables: &ALLOWED,
        files: &[
            KEEPS,
            GOOD,
            (
                "kept.json",
                r#"{"version":1,"success":true,"token_type":"urn:ietf:params:oauth:token-type:jwt",
                    "id_token":"kept","expiration_time":1}"#,
            ),
        ],
        found: Same(PRINTED),
    },
    Row {
        what: "a token that was kept without its end",
        variables: &ALLOWED,
        files: &[
            KEEPS,
            GOOD,
            (
                "kept.json",
                r#"{"version":1,"success":true,"token_type":"urn:ietf:params:oauth:token-type:jwt",
                    "id_token":"kept"}"#,
            ),
        ],
        found: Same(PRINTED),
    },
    Row {
        what: "no token that was kept",
        variables: &ALLOWED,
        files: &[
            KEEPS,
            GOOD,
            (
                "kept.json",
                r#"{"version":1,"success":false,"code":"1","message":"no"}"#,
            ),
        ],
        found: Same(PRINTED),
    },
    Row {
        what: "half a kept token",
        variables: &ALLOWED,
        files: &[KEEPS, GOOD, ("kept.json", r#"{"version":1,"#)],
        found: Same(PRINTED),
    },
    Row {
        what: "a kept token that says too little: the program is asked, as by Google's library for Rust",
        variables: &ALLOWED,
        files: &[KEEPS, GOOD, ("kept.json", r#"{"success":true}"#)],
        found: Other {
            ours: PRINTED,
            theirs: "none",
        },
    },
];
