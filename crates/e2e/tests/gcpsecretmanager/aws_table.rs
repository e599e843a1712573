//! The configurations of `logins.rs` in which AWS logs in.

use crate::parts::Found::{Other, Same};
use crate::parts::{EMPTY, Row};

const ON_AWS: &str = "workload-pool-aws4_request-POST-https://sts.eu-central-1.amazonaws.com?Action=GetCallerIdentity&Version=2011-06-15-with-of the key-for-//iam.googleapis.com/projects/1/pool-by-KEYID-in-eu-central-1-sts-by-nobody-options-none-scope-cloud-platform";
const ON_MACHINE: &str = "workload-pool-aws4_request-POST-https://sts.eu-west-1.amazonaws.com?Action=GetCallerIdentity&Version=2011-06-15-with-of the machine-for-//iam.googleapis.com/projects/1/pool-by-MACHINE-in-eu-west-1-sts-by-nobody-options-none-scope-cloud-platform";

pub(crate) const AWS: &[Row] = &[
    Row {
        what: "a key of AWS",
        variables: &[
            ("AWS_ACCESS_KEY_ID", "KEYID"),
            ("AWS_SECRET_ACCESS_KEY", "s"),
            ("AWS_SESSION_TOKEN", "of the key"),
            ("AWS_REGION", "eu-central-1"),
            ("AWS_DEFAULT_REGION", "eu-west-3"),
        ],
        files: &[("c.json", "{AWS}}}")],
        found: Same(ON_AWS),
    },
    Row {
        what: "a key of AWS and the other name of its region",
        variables: &[
            ("AWS_ACCESS_KEY_ID", "KEYID"),
            ("AWS_SECRET_ACCESS_KEY", "s"),
            ("AWS_SESSION_TOKEN", "of the key"),
            ("AWS_DEFAULT_REGION", "eu-central-1"),
        ],
        files: &[("c.json", "{AWS}}}")],
        found: Same(ON_AWS),
    },
    Row {
        what: "a machine of AWS",
        files: &[(
            "c.json",
            r#"{AWS},"region_url":"URL/latest/meta-data/placement/availability-zone",
                "url":"URL/latest/meta-data/iam/security-credentials",
                "imdsv2_session_token_url":"URL/latest/api/token"}}"#,
        )],
        found: Same(ON_MACHINE),
        ..EMPTY
    },
    Row {
        what: "half a key of AWS on a machine there",
        variables: &[("AWS_ACCESS_KEY_ID", "KEYID")],
        files: &[(
            "c.json",
            r#"{AWS},"region_url":"URL/latest/meta-data/placement/availability-zone",
                "url":"URL/latest/meta-data/iam/security-credentials",
                "imdsv2_session_token_url":"URL/latest/api/token"}}"#,
        )],
        // A slip, which is told.
        found: Other {
            ours: "none",
            theirs: ON_MACHINE,
        },
    },
    Row {
        what: "a machine of AWS that gives nothing without a session",
        files: &[(
            "c.json",
            r#"{AWS},"region_url":"URL/latest/meta-data/placement/availability-zone",
                "url":"URL/latest/meta-data/iam/security-credentials"}}"#,
        )],
        ..EMPTY
    },
    Row {
        what: "a key of AWS without a region",
        variables: &[
            ("AWS_ACCESS_KEY_ID", "KEYID"),
            ("AWS_SECRET_ACCESS_KEY", "s"),
        ],
        files: &[("c.json", "{AWS}}}")],
        ..EMPTY
    },
    Row {
        what: "nothing of AWS",
        variables: &[("AWS_REGION", "eu-central-1")],
        files: &[("c.json", "{AWS}}}")],
        ..EMPTY
    },
];
