//! The configurations of `logins.rs` with keys, users and the machine, their order, and what is broken.

use crate::parts::Found::{Other, Same};
use crate::parts::{EMPTY, Row};

const GCLOUD: &str = ".config/gcloud/application_default_credentials.json";

const OF_KEY: &str = "key-k1-of-reader@shop-seconds-3600-scope-cloud-platform";
const OF_USER: &str = "user-by-ci-cs-scope-none";

const AT_MACHINE: [(&str, &str); 2] = [("GCE_METADATA_HOST", "HOST"), ("GCE_METADATA_IP", "HOST")];

pub(crate) const LOGINS: &[Row] = &[
    EMPTY,
    Row {
        what: "the key of a service account",
        files: &[("c.json", "{ACCOUNT}")],
        found: Same(OF_KEY),
        ..EMPTY
    },
    Row {
        what: "a user",
        files: &[("c.json", "{USER}")],
        found: Same(OF_USER),
        ..EMPTY
    },
    Row {
        what: "a user whose requests are counted for a project",
        files: &[("c.json", r#"{IN_USER},"quota_project_id":"counted"}"#)],
        found: Same("user-by-ci-cs-scope-none counted for counted"),
        ..EMPTY
    },
    Row {
        what: "another project in the environment",
        variables: &[("GOOGLE_CLOUD_QUOTA_PROJECT", "mine")],
        files: &[("c.json", r#"{IN_USER},"quota_project_id":"counted"}"#)],
        found: Same("user-by-ci-cs-scope-none counted for mine"),
    },
    Row {
        what: "a project in the environment, and a key",
        variables: &[("GOOGLE_CLOUD_QUOTA_PROJECT", "mine")],
        files: &[("c.json", "{ACCOUNT}")],
        found: Same("key-k1-of-reader@shop-seconds-3600-scope-cloud-platform counted for mine"),
    },
    Row {
        what: "a project beside a key, as Google's library for Go reads it",
        files: &[("c.json", r#"{IN_ACCOUNT},"quota_project_id":"counted"}"#)],
        found: Other {
            ours: "key-k1-of-reader@shop-seconds-3600-scope-cloud-platform counted for counted",
            theirs: OF_KEY,
        },
        ..EMPTY
    },
    Row {
        what: "the login of gcloud",
        files: &[(GCLOUD, "{USER}")],
        found: Same(OF_USER),
        ..EMPTY
    },
    Row {
        what: "the login of a gcloud elsewhere",
        variables: &[("CLOUDSDK_CONFIG", "HOME/other")],
        files: &[
            (GCLOUD, "{USER}"),
            ("other/application_default_credentials.json", "{ACCOUNT}"),
        ],
        found: Same(OF_KEY),
    },
    Row {
        what: "the file that is named comes before gcloud and the machine",
        variables: &AT_MACHINE,
        files: &[("c.json", "{ACCOUNT}"), (GCLOUD, "{USER}")],
        found: Same(OF_KEY),
    },
    Row {
        what: "gcloud comes before the machine",
        variables: &AT_MACHINE,
        files: &[(GCLOUD, "{USER}")],
        found: Same(OF_USER),
    },
    Row {
        what: "the file of gcloud, named",
        variables: &[(
            "GOOGLE_APPLICATION_CREDENTIALS",
            "HOME/.config/gcloud/application_default_credentials.json",
        )],
        files: &[(GCLOUD, "{USER}")],
        found: Same(OF_USER),
    },
    Row {
        what: "a file that is named and not there",
        variables: &[("GOOGLE_APPLICATION_CREDENTIALS", "HOME/absent.json")],
        files: &[(GCLOUD, "{USER}")],
        ..EMPTY
    },
    Row {
        what: "the machine",
        variables: &AT_MACHINE,
        found: Same("machine-scope-cloud-platform"),
        ..EMPTY
    },
    Row {
        what: "the machine, and a project in the environment",
        variables: &[
            AT_MACHINE[0],
            AT_MACHINE[1],
            ("GOOGLE_CLOUD_QUOTA_PROJECT", "mine"),
        ],
        found: Same("machine-scope-cloud-platform counted for mine"),
        ..EMPTY
    },
    Row {
        what: "a workforce user",
        files: &[("c.json", r#"{IN_WORKER},"quota_project_id":"counted"}"#)],
        found: Same("worker-by-ci:cs-scope-none counted for counted"),
        ..EMPTY
    },
    Row {
        what: "a workforce user by gcloud, and a project in the environment",
        variables: &[("GOOGLE_CLOUD_QUOTA_PROJECT", "mine")],
        files: &[(GCLOUD, r#"{IN_WORKER},"quota_project_id":"counted"}"#)],
        found: Same("worker-by-ci:cs-scope-none counted for mine"),
    },
    Row {
        what: "a workforce user whose login is over",
        files: &[(
            "c.json",
            r#"{"type":"external_account_authorized_user","client_id":"ci","client_secret":"cs",
                "refresh_token":"over","token_url":"URL/v1/oauthtoken"}"#,
        )],
        ..EMPTY
    },
    Row {
        what: "half a workforce user",
        files: &[(
            "c.json",
            r#"{"type":"external_account_authorized_user","client_id":"ci",
                "refresh_token":"rt","token_url":"URL/v1/oauthtoken"}"#,
        )],
        ..EMPTY
    },
    Row {
        what: "credentials of a type that does not exist",
        files: &[("c.json", r#"{"type":"robot"}"#)],
        ..EMPTY
    },
    Row {
        what: "credentials without a type",
        files: &[(
            "c.json",
            r#"{"client_id":"ci","client_secret":"cs","refresh_token":"rt"}"#,
        )],
        ..EMPTY
    },
    Row {
        what: "a file that is not JSON",
        files: &[("c.json", "type: authorized_user")],
        ..EMPTY
    },
    Row {
        what: "a file of gcloud that is not JSON, before the machine",
        variables: &AT_MACHINE,
        files: &[(GCLOUD, "{")],
        ..EMPTY
    },
    Row {
        what: "half a key",
        files: &[(
            "c.json",
            r#"{"type":"service_account","private_key":"KEY","token_uri":"URL/token"}"#,
        )],
        ..EMPTY
    },
    Row {
        what: "a key that is none",
        files: &[(
            "c.json",
            r#"{"type":"service_account","private_key":"x","client_email":"reader@shop","token_uri":"URL/token"}"#,
        )],
        ..EMPTY
    },
    Row {
        what: "half a user",
        files: &[(
            "c.json",
            r#"{"type":"authorized_user","client_id":"ci","refresh_token":"rt"}"#,
        )],
        ..EMPTY
    },
    Row {
        what: "a user whose login is over",
        files: &[(
            "c.json",
            r#"{"type":"authorized_user","client_id":"ci","client_secret":"cs","refresh_token":"over",
                "token_uri":"URL/token"}"#,
        )],
        ..EMPTY
    },
];
