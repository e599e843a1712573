//! Rule R7: single settings that the operator opens, and an author's login at the operator's host.

use super::*;

const VAULT: (&str, &str) = ("AVP_TYPE", "vault");
const ADDRESS: (&str, &str) = ("VAULT_ADDR", "https://vault.example");
const CERT: (&str, &str) = ("VAULT_CLIENT_CERT", "/etc/op.pem");
const KEY: (&str, &str) = ("VAULT_CLIENT_KEY", "/etc/op.key");
const CACHE: (&str, &str) = ("MANIFILL_VAULT_TOKEN_CACHE", "/var/cache/manifill");

/// The settings of the default backend that are set, as `NAME=value` words.
fn words(config: Result<Config, ConfigErrors>) -> Vec<String> {
    let config = config.unwrap();
    let settings = default(&config).1;
    let word = |name| format!("{name}={}", settings.value(name).unwrap_or_default());
    settings.names().map(word).collect()
}

/// The operator's Vault, with a login by this method.
fn operator(login: &[(&'static str, &'static str)]) -> Vec<(&'static str, &'static str)> {
    [
        &[VAULT, ADDRESS, ("VAULT_NAMESPACE", "ops"), CERT, KEY, CACHE][..],
        login,
    ]
    .concat()
}

const APPROLE: [(&str, &str); 3] = [
    ("AVP_AUTH_TYPE", "approle"),
    ("AVP_ROLE_ID", "s3cr3t-role"),
    ("AVP_SECRET_ID", "s3cr3t-id"),
];

#[test]
fn a_complete_login_of_the_authors_is_used_at_the_operators_host() {
    for (method, login) in [
        (
            "approle",
            &[("AVP_ROLE_ID", "r"), ("AVP_SECRET_ID", "i")][..],
        ),
        ("token", &[("VAULT_TOKEN", "t")]),
        ("userpass", &[("AVP_USERNAME", "u"), ("AVP_PASSWORD", "p")]),
        ("github", &[("AVP_GITHUB_TOKEN", "g")]),
        ("jwt", &[("AVP_JWT", "j")]),
    ] {
        // The method may be the operator's choice, or the author's.
        for operators in [method, "k8s", "token"] {
            let secrets = [
                ("AVP_AUTH_TYPE", operators),
                ("VAULT_TOKEN", "s3cr3t-token"),
                ("AVP_ROLE_ID", "s3cr3t-role"),
                ("AVP_SECRET_ID", "s3cr3t-id"),
                ("AVP_USERNAME", "s3cr3t-user"),
                ("AVP_PASSWORD", "s3cr3t-password"),
                ("AVP_GITHUB_TOKEN", "s3cr3t-github"),
                ("AVP_JWT", "s3cr3t-jwt"),
                ("AVP_JWT_PATH", "/s3cr3t-file"),
            ];
            let base = [
                &[VAULT, ADDRESS, ("VAULT_NAMESPACE", "ops"), CERT, KEY, CACHE][..],
                &secrets,
            ]
            .concat();
            let mut sources = sources_in(Path::new("/"), &base);
            for (name, value) in login {
                sources = sources.with_variable(format!("ARGOCD_ENV_{name}"), *value);
            }
            if operators != method {
                sources = sources.with_variable("ARGOCD_ENV_AVP_AUTH_TYPE", method);
            }
            let mut wanted: Vec<String> = login
                .iter()
                .map(|(name, value)| format!("{name}={value}"))
                .collect();
            wanted.extend([
                format!("AVP_AUTH_TYPE={method}"),
                "VAULT_ADDR=https://vault.example".to_owned(),
                "VAULT_NAMESPACE=ops".to_owned(),
            ]);
            wanted.sort();
            // Neither a secret of the operator's, nor its certificate, nor its kept tokens.
            assert_eq!(
                words(Config::load(&sources)),
                wanted,
                "{operators} and {method}"
            );
        }
    }
    let config = environment(&[CONNECT, HOST, TOKEN, APP_TOKEN]);
    assert_eq!(
        words(config),
        [
            "OP_CONNECT_HOST=http://connect:8080",
            "OP_CONNECT_TOKEN=s3cr3t-author"
        ]
    );
}

#[test]
fn the_authors_namespace_and_mount_go_with_the_authors_login() {
    let app = [
        ("ARGOCD_ENV_AVP_ROLE_ID", "r"),
        ("ARGOCD_ENV_AVP_SECRET_ID", "i"),
        ("ARGOCD_ENV_VAULT_NAMESPACE", "team"),
        ("ARGOCD_ENV_AVP_MOUNT_PATH", "auth/team"),
    ];
    let found = words(environment(&[&operator(&APPROLE)[..], &app].concat()));
    assert!(
        found.contains(&"VAULT_NAMESPACE=team".to_owned()),
        "{found:?}"
    );
    assert!(
        found.contains(&"AVP_MOUNT_PATH=auth/team".to_owned()),
        "{found:?}"
    );
}

#[test]
fn a_part_of_a_login_is_refused_and_the_rest_is_named() {
    for (app, rest) in [
        (
            &[("ARGOCD_ENV_AVP_ROLE_ID", "r")][..],
            "but not AVP_SECRET_ID;",
        ),
        (
            &[("ARGOCD_ENV_VAULT_NAMESPACE", "team")],
            "but not AVP_ROLE_ID, AVP_SECRET_ID;",
        ),
        (
            &[("ARGOCD_ENV_AVP_AUTH_TYPE", "token")],
            "but not VAULT_TOKEN;",
        ),
        (
            &[
                ("ARGOCD_ENV_VAULT_ADDR", "https://evil.example"),
                ("ARGOCD_ENV_AVP_ROLE_ID", "r"),
                ("ARGOCD_ENV_AVP_SECRET_ID", "i"),
            ],
            "but not AVP_AUTH_TYPE;",
        ),
    ] {
        let text = refusal(environment(&[&operator(&APPROLE)[..], app].concat()));
        assert!(text.contains(rest), "{text}");
    }
}

#[test]
fn the_token_of_the_pod_is_never_an_authors_login() {
    let pod = [("AVP_AUTH_TYPE", "k8s"), ("AVP_K8S_ROLE", "argocd")];
    for app in [
        ("ARGOCD_ENV_AVP_K8S_ROLE", "admin"),
        ("ARGOCD_ENV_AVP_K8S_MOUNT_PATH", "other"),
        ("ARGOCD_ENV_VAULT_NAMESPACE", "team"),
    ] {
        refusal(environment(&[&operator(&pod)[..], &[app]].concat()));
    }
    refusal(environment(
        &[
            &operator(&APPROLE)[..],
            &[("ARGOCD_ENV_AVP_AUTH_TYPE", "k8s")],
        ]
        .concat(),
    ));
}

#[test]
fn a_client_certificate_does_not_travel_with_the_authors_login() {
    // At the operator's address, in the words of the author, and at another one.
    for address in ["https://vault.example", "https://evil.example"] {
        let app = [
            ("ARGOCD_ENV_VAULT_ADDR", address),
            ("ARGOCD_ENV_AVP_AUTH_TYPE", "github"),
            ("ARGOCD_ENV_AVP_GITHUB_TOKEN", "x"),
            ("ARGOCD_ENV_AVP_MOUNT_PATH", "auth/cert"),
        ];
        let found = words(environment(&[&operator(&APPROLE)[..], &app].concat()));
        assert_eq!(
            found,
            [
                "AVP_AUTH_TYPE=github".to_owned(),
                "AVP_GITHUB_TOKEN=x".to_owned(),
                "AVP_MOUNT_PATH=auth/cert".to_owned(),
                format!("VAULT_ADDR={address}"),
            ]
        );
    }
    // The operator's own login keeps it.
    let found = words(environment(&operator(&APPROLE)));
    assert!(
        found.contains(&"VAULT_CLIENT_CERT=/etc/op.pem".to_owned()),
        "{found:?}"
    );
}

#[test]
fn the_operator_opens_single_settings() {
    let pod = [("AVP_AUTH_TYPE", "k8s"), ("AVP_K8S_ROLE", "argocd")];
    let app = [
        ("ARGOCD_ENV_AVP_K8S_ROLE", "team"),
        ("ARGOCD_ENV_VAULT_NAMESPACE", "team"),
    ];
    let with = |open| {
        let list = [("MANIFILL_APP_MAY_SET", open)];
        environment(&[&operator(&pod)[..], &app, &list].concat())
    };
    assert!(with("AVP_K8S_ROLE,BAO_NAMESPACE").is_ok());
    let found = words(with("AVP_K8S_ROLE, vault_namespace"));
    assert!(found.contains(&"AVP_K8S_ROLE=team".to_owned()), "{found:?}");
    assert!(
        found.contains(&"VAULT_NAMESPACE=team".to_owned()),
        "{found:?}"
    );
    // The login stays the operator's, with all that belongs to it.
    assert!(
        found.contains(&"VAULT_CLIENT_CERT=/etc/op.pem".to_owned()),
        "{found:?}"
    );
    let text = refusal(with("AVP_K8S_ROLE"));
    assert!(
        text.contains("`VAULT_NAMESPACE`") && !text.contains("AVP_K8S_ROLE"),
        "{text}"
    );
    assert!(text.contains("MANIFILL_APP_MAY_SET"), "{text}");
}

#[test]
fn an_address_that_is_opened_gets_no_token_of_the_pod() {
    let pod = [("AVP_AUTH_TYPE", "k8s"), ("AVP_K8S_ROLE", "argocd")];
    let app = [
        ("ARGOCD_ENV_VAULT_ADDR", "https://evil.example"),
        ("MANIFILL_APP_MAY_SET", "VAULT_ADDR,AVP_K8S_ROLE"),
        ("ARGOCD_ENV_AVP_K8S_ROLE", "x"),
    ];
    let config = environment(&[&operator(&pod)[..], &app].concat()).unwrap();
    assert_eq!(decided(&config).local_login(), Some(false));
}

#[test]
fn only_the_operators_environment_opens_settings() {
    let place = Folder::new();
    let app = ("ARGOCD_ENV_VAULT_NAMESPACE", "team");
    let list = ("ARGOCD_ENV_MANIFILL_APP_MAY_SET", "VAULT_NAMESPACE");
    refusal(environment(
        &[&operator(&APPROLE)[..], &[app, list]].concat(),
    ));
    place.file(
        "checkout/apps/web/m.yaml",
        "MANIFILL_APP_MAY_SET: VAULT_NAMESPACE\n",
    );
    let sources = place.argo(&[&operator(&APPROLE)[..], &[app]].concat());
    refusal(Config::load(&sources.with_config_file("m.yaml")));
}

#[test]
fn the_list_of_opened_settings_is_judged() {
    for (list, wanted) in [
        (
            "GNUPGHOME",
            "cannot open `GNUPGHOME`: only the operator may set it",
        ),
        ("AVP_K8S_ROLE,VAULT_CAPATH", "cannot open `VAULT_CAPATH`"),
        ("MANIFILL_FILE", "cannot open `MANIFILL_FILE`"),
        ("AVP_K8S_ROL", "did you mean `AVP_K8S_ROLE`"),
        (
            "VAULT_*",
            "a list of names with commas between them, without patterns",
        ),
        ("s3cr3t", "has a name that is not a setting of any backend"),
    ] {
        let text = refusal(environment(&[("MANIFILL_APP_MAY_SET", list)]));
        assert!(text.contains(wanted), "{text}");
    }
    environment(&[("MANIFILL_APP_MAY_SET", " AVP_TYPE , ,")]).unwrap();
}
