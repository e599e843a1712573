//! The configurations of `chain.rs`. `HOME` and `URL` stand for the folder and the server of a row.
//!
//! What has fixed addresses cannot be sent elsewhere: the relative address of a container of ECS.

/// A configuration and the access key that is found with it.
pub(crate) struct Row {
    pub(crate) what: &'static str,
    pub(crate) variables: &'static [(&'static str, &'static str)],
    /// `~/.aws/config`.
    pub(crate) config: &'static str,
    /// `~/.aws/credentials`.
    pub(crate) credentials: &'static str,
    pub(crate) found: Found,
}

/// An access key, `none` for an error.
pub(crate) enum Found {
    /// By both.
    Same(&'static str),
    /// By design, as COMPATIBILITY.md says.
    Other {
        ours: &'static str,
        theirs: &'static str,
    },
}

use Found::{Other, Same};

/// Two profiles with keys in the file of keys.
const KEYS: &str = "[default]\naws_access_key_id = DEFAULT\naws_secret_access_key = s\n\
    [base]\naws_access_key_id = BASE\naws_secret_access_key = s\naws_session_token = of base\n";

const ENVIRONMENT: [(&str, &str); 3] = [
    ("AWS_ACCESS_KEY_ID", "ENVIRONMENT"),
    ("AWS_SECRET_ACCESS_KEY", "s"),
    ("AWS_SESSION_TOKEN", "of the environment"),
];

/// No profile and no variable.
const EMPTY: Row = Row {
    what: "nothing at all",
    variables: &[],
    config: "",
    credentials: "",
    found: Same("none"),
};

pub(crate) const TABLE: &[Row] = &[
    EMPTY,
    Row {
        what: "the environment comes before the files",
        variables: &ENVIRONMENT,
        credentials: KEYS,
        found: Same("ENVIRONMENT"),
        ..EMPTY
    },
    Row {
        what: "half of an access key",
        variables: &[("AWS_ACCESS_KEY_ID", "ENVIRONMENT")],
        found: Same("none"),
        ..EMPTY
    },
    Row {
        what: "the default profile of the configuration",
        config: "[default]\naws_access_key_id=CONFIG\naws_secret_access_key=s\n",
        found: Same("CONFIG"),
        ..EMPTY
    },
    Row {
        what: "the file of keys comes before the configuration",
        config: "[default]\naws_access_key_id=CONFIG\naws_secret_access_key=s\n",
        credentials: KEYS,
        found: Same("DEFAULT"),
        ..EMPTY
    },
    Row {
        what: "a profile by name, with a token",
        variables: &[("AWS_PROFILE", "base")],
        credentials: KEYS,
        found: Same("BASE"),
        ..EMPTY
    },
    Row {
        what: "a profile that does not exist",
        variables: &[("AWS_PROFILE", "absent")],
        credentials: KEYS,
        found: Same("none"),
        ..EMPTY
    },
    Row {
        what: "files elsewhere",
        variables: &[
            ("AWS_CONFIG_FILE", "/dev/null"),
            ("AWS_SHARED_CREDENTIALS_FILE", "HOME/.aws/config"),
        ],
        config: "[default]\naws_access_key_id=CONFIG\naws_secret_access_key=s\n",
        credentials: KEYS,
        found: Same("CONFIG"),
    },
    Row {
        what: "a role with all that can be said of it",
        variables: &[("AWS_PROFILE", "one")],
        config: "[profile one]\nrole_arn = arn:aws:iam::1:role/one\nsource_profile = base\n\
            external_id = ext\nrole_session_name = set-here\nduration_seconds = 1800\n",
        credentials: KEYS,
        found: Same("AssumeRole-one-external-ext-seconds-1800-session-set-here-by-BASE"),
    },
    Row {
        what: "a role that is assumed with a role",
        variables: &[("AWS_PROFILE", "two")],
        config: "[profile two]\nrole_arn = arn:aws:iam::1:role/two\nsource_profile = one\n\
            [profile one]\nrole_arn = arn:aws:iam::1:role/one\nsource_profile = base\n",
        credentials: KEYS,
        found: Same("AssumeRole-two-by-AssumeRole-one-by-BASE"),
    },
    Row {
        what: "a role whose source does not exist",
        variables: &[("AWS_PROFILE", "one")],
        config: "[profile one]\nrole_arn = arn:aws:iam::1:role/one\nsource_profile = absent\n",
        credentials: KEYS,
        found: Same("none"),
    },
    Row {
        what: "a role whose profile has keys of its own",
        variables: &[("AWS_PROFILE", "one")],
        config: "[profile one]\nrole_arn = arn:aws:iam::1:role/one\nsource_profile = one\n\
            aws_access_key_id = OWN\naws_secret_access_key = s\n",
        found: Same("AssumeRole-one-by-OWN"),
        ..EMPTY
    },
    Row {
        what: "a role by the environment, which comes first itself",
        variables: &[
            ENVIRONMENT[0],
            ENVIRONMENT[1],
            ENVIRONMENT[2],
            ("AWS_PROFILE", "one"),
        ],
        config: "[profile one]\nrole_arn = arn:aws:iam::1:role/one\n\
            credential_source = Environment\n",
        found: Same("ENVIRONMENT"),
        ..EMPTY
    },
    Row {
        what: "a role by an environment that has no key",
        variables: &[("AWS_PROFILE", "one")],
        config: "[profile one]\nrole_arn = arn:aws:iam::1:role/one\n\
            credential_source = Environment\n",
        found: Same("none"),
        ..EMPTY
    },
    Row {
        what: "a role by the machine",
        variables: &[
            ("AWS_PROFILE", "one"),
            ("AWS_EC2_METADATA_SERVICE_ENDPOINT", "URL"),
        ],
        config: "[profile one]\nrole_arn = arn:aws:iam::1:role/one\n\
            credential_source = Ec2InstanceMetadata\n",
        found: Same("AssumeRole-one-by-MACHINE"),
        ..EMPTY
    },
    Row {
        what: "a role by the container",
        variables: &[
            ("AWS_PROFILE", "one"),
            ("AWS_CONTAINER_CREDENTIALS_FULL_URI", "URL/agent"),
            ("AWS_CONTAINER_AUTHORIZATION_TOKEN", "pod"),
        ],
        config: "[profile one]\nrole_arn = arn:aws:iam::1:role/one\n\
            credential_source = EcsContainer\n",
        found: Same("AssumeRole-one-by-POD"),
        ..EMPTY
    },
    Row {
        what: "a program",
        config: "[default]\ncredential_process = cat 'HOME/printed-1.json'\n",
        found: Same("PROCESS"),
        ..EMPTY
    },
    Row {
        what: "a program that prints another version",
        config: "[default]\ncredential_process = cat HOME/printed-2.json\n",
        found: Same("none"),
        ..EMPTY
    },
    Row {
        what: "a program that fails",
        config: "[default]\ncredential_process = false\n",
        found: Same("none"),
        ..EMPTY
    },
    Row {
        what: "a web identity in the environment",
        variables: &[
            ("AWS_WEB_IDENTITY_TOKEN_FILE", "HOME/web-token"),
            ("AWS_ROLE_ARN", "arn:aws:iam::1:role/web"),
            ("AWS_ROLE_SESSION_NAME", "set-there"),
        ],
        found: Same("AssumeRoleWithWebIdentity-web-session-set-there-token-a.b.c"),
        ..EMPTY
    },
    Row {
        what: "a web identity without a role",
        variables: &[("AWS_WEB_IDENTITY_TOKEN_FILE", "HOME/web-token")],
        found: Same("none"),
        ..EMPTY
    },
    Row {
        what: "a web identity in the environment beside a profile",
        variables: &[
            ("AWS_WEB_IDENTITY_TOKEN_FILE", "HOME/web-token"),
            ("AWS_ROLE_ARN", "arn:aws:iam::1:role/web"),
        ],
        credentials: KEYS,
        // As in AWS's SDK for Rust.
        found: Other {
            ours: "DEFAULT",
            theirs: "AssumeRoleWithWebIdentity-web-token-a.b.c",
        },
        ..EMPTY
    },
    Row {
        what: "a web identity in a profile",
        config: "[default]\nrole_arn = arn:aws:iam::1:role/web\n\
            web_identity_token_file = HOME/web-token\nrole_session_name = set-here\n",
        found: Same("AssumeRoleWithWebIdentity-web-session-set-here-token-a.b.c"),
        ..EMPTY
    },
    Row {
        what: "a pod with a file for its token",
        variables: &[
            ("AWS_CONTAINER_CREDENTIALS_FULL_URI", "URL/agent"),
            ("AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE", "HOME/pod-token"),
        ],
        found: Same("POD"),
        ..EMPTY
    },
    Row {
        what: "a pod without its token",
        variables: &[("AWS_CONTAINER_CREDENTIALS_FULL_URI", "URL/agent")],
        found: Same("none"),
        ..EMPTY
    },
    Row {
        what: "a pod whose credentials are elsewhere in clear text",
        variables: &[(
            "AWS_CONTAINER_CREDENTIALS_FULL_URI",
            "http://203.0.113.1/agent",
        )],
        found: Same("none"),
        ..EMPTY
    },
    Row {
        what: "the machine",
        variables: &[("AWS_EC2_METADATA_SERVICE_ENDPOINT", "URL")],
        found: Same("MACHINE"),
        ..EMPTY
    },
    Row {
        what: "IAM Identity Center with a session",
        config: "[default]\nsso_session = work\nsso_account_id = 12\nsso_role_name = Reader\n\
            [sso-session work]\nsso_region = eu-west-1\n\
            sso_start_url = https://work.example/start\n",
        found: Same("SSO-12-Reader"),
        ..EMPTY
    },
    Row {
        what: "IAM Identity Center as it was before there were sessions",
        config: "[default]\nsso_start_url = https://old.example/start\nsso_region = eu-west-1\n\
            sso_account_id = 12\nsso_role_name = Reader\n",
        found: Same("SSO-12-Reader"),
        ..EMPTY
    },
    Row {
        what: "IAM Identity Center with a login that has ended",
        config: "[default]\nsso_session = over\nsso_account_id = 12\nsso_role_name = Reader\n\
            [sso-session over]\nsso_region = eu-west-1\n\
            sso_start_url = https://work.example/start\n",
        found: Same("none"),
        ..EMPTY
    },
    Row {
        what: "IAM Identity Center with a login that is renewed",
        config: "[default]\nsso_session = renewable\nsso_account_id = 12\nsso_role_name = Reader\n\
            [sso-session renewable]\nsso_region = eu-west-1\n\
            sso_start_url = https://work.example/start\n",
        found: Same("SSO-12-Reader"),
        ..EMPTY
    },
    Row {
        what: "a role by IAM Identity Center",
        variables: &[("AWS_PROFILE", "one")],
        config: "[profile one]\nrole_arn = arn:aws:iam::1:role/one\nsource_profile = sso\n\
            [profile sso]\nsso_session = work\nsso_account_id = 12\nsso_role_name = Reader\n\
            [sso-session work]\nsso_region = eu-west-1\n\
            sso_start_url = https://work.example/start\n",
        found: Same("AssumeRole-one-by-SSO-12-Reader"),
        ..EMPTY
    },
    Row {
        what: "a login to the console",
        config: "[default]\nlogin_session = console\n",
        found: Same("CONSOLE"),
        ..EMPTY
    },
    Row {
        what: "a login to the console that is renewed, and read again as it was kept",
        config: "[default]\nlogin_session = ended\n",
        found: Same("CONSOLE-dpop+jwt-ES256-P-256-POST-token"),
        ..EMPTY
    },
    Row {
        what: "a login to the console that cannot be renewed",
        config: "[default]\nlogin_session = refused\n",
        found: Same("none"),
        ..EMPTY
    },
    Row {
        what: "no login to the console of this name",
        config: "[default]\nlogin_session = nobody\n",
        found: Same("none"),
        ..EMPTY
    },
    Row {
        what: "a login to the console in another folder",
        variables: &[("AWS_LOGIN_CACHE_DIRECTORY", "HOME/elsewhere")],
        config: "[default]\nlogin_session = console\n",
        found: Same("none"),
        ..EMPTY
    },
    Row {
        what: "a role by a login to the console",
        variables: &[("AWS_PROFILE", "one")],
        config: "[profile one]\nrole_arn = arn:aws:iam::1:role/one\nsource_profile = console\n\
            [profile console]\nlogin_session = console\n",
        found: Same("AssumeRole-one-by-CONSOLE"),
        ..EMPTY
    },
];
