//! What the type of a Secret says of its values.

use manifill::Depth;
use manifill::vault::backend::memory::Memory;
use manifill_check::Check;

use super::{looked, told, told_of};

fn pair() -> (String, String) {
    let made = rcgen::generate_simple_self_signed(["web.example".to_owned()]).unwrap();
    (made.cert.pem(), made.signing_key.serialize_pem())
}

const TLS: &str = "apiVersion: v1\nkind: Secret\nmetadata: {name: tls}\ntype: kubernetes.io/tls\n\
                   stringData:\n  tls.crt: <path:tls#crt>\n  tls.key: <path:tls#key>\n";

#[test]
fn a_type_names_the_keys_it_needs() {
    for (type_name, data, expected) in [
        (
            "kubernetes.io/tls",
            "{tls.crt: <path:a#b>}",
            "the key `tls.key`",
        ),
        (
            "kubernetes.io/dockerconfigjson",
            "{}",
            "the key `.dockerconfigjson`",
        ),
        ("kubernetes.io/ssh-auth", "{}", "the key `ssh-privatekey`"),
        (
            "kubernetes.io/basic-auth",
            "{}",
            "the key `username` or `password`",
        ),
    ] {
        let head = "apiVersion: v1\nkind: Secret\nmetadata: {name: a}\n";
        let source = format!("{head}type: {type_name}\nstringData: {data}\n");
        let message = format!("a Secret of type {type_name} needs {expected}");
        assert_eq!(
            told(&source),
            [format!("error 4:7 Secret/a type: {message}")]
        );
        let whole = format!("{head}type: {type_name}\ndata: <path:a#b | jsonParse>\n");
        assert_eq!(told(&whole), [""; 0]);
    }
    assert_eq!(told(TLS), [""; 0]);
}

#[test]
fn a_pair_is_compared_as_it_is_filled_and_no_value_is_told() {
    let ((certificate, key), (other, _)) = (pair(), pair());
    let readable = Check::new().with_depth(Depth::Readable);
    let look = |certificate: &str, key: &str| {
        let vault = Memory::new().with("tls", [("crt", certificate), ("key", key)]);
        let checked = looked(TLS, vault, &readable);
        let shown = format!("{checked:?}");
        for value in [certificate, key] {
            assert!(
                !shown.contains(value.lines().nth(1).unwrap_or(value)),
                "{shown}"
            );
        }
        told_of(checked)
    };
    assert_eq!(look(&certificate, &key), [""; 0]);
    let differs =
        "error 7:12 Secret/tls stringData[\"tls.key\"]: `tls.key` is not the key of `tls.crt`";
    assert_eq!(look(&other, &key), [differs]);
    let told = look("hunter2", &key);
    assert!(
        told.iter()
            .any(|one| one.ends_with("`tls.crt` is not a certificate in PEM")),
        "{told:?}"
    );
}

#[test]
fn a_pull_secret_has_to_be_one() {
    let source = |value: &str| {
        format!(
            "apiVersion: v1\nkind: Secret\nmetadata: {{name: pull}}\n\
             type: kubernetes.io/dockerconfigjson\nstringData:\n  .dockerconfigjson: {value}\n"
        )
    };
    assert_eq!(told(&source("'{\"auths\": {}}'")), [""; 0]);
    assert_eq!(
        told(&source("'{\"auths\"'")),
        [
            "error 6:22 Secret/pull stringData[\".dockerconfigjson\"]: `.dockerconfigjson` is not JSON"
        ]
    );
    let encoded = source("x")
        .replace("stringData", "data")
        .replace(": x\n", ": e30=\n");
    let told = told(&encoded);
    assert!(
        told[0].ends_with("`.dockerconfigjson` has no `auths`"),
        "{told:?}"
    );
}

#[test]
fn what_to_do_about_a_pair_is_said() {
    let ((certificate, key), (other, _)) = (pair(), pair());
    let hints = |certificate: &str, key: &str| {
        let vault = Memory::new().with("tls", [("crt", certificate), ("key", key)]);
        let checked = looked(TLS, vault, &Check::new().with_depth(Depth::Readable));
        let error = checked.found().unwrap_err();
        error.diagnostics()[0].hint.clone().unwrap_or_default()
    };
    for (certificate, key, hint) in [
        (
            &certificate,
            &other,
            "it has to hold a private key in PEM without a password",
        ),
        (
            &other,
            &key,
            "the first certificate in `tls.crt` has to be that of the key",
        ),
    ] {
        assert_eq!(hints(certificate, key), hint);
    }
}

#[test]
fn data_has_to_be_base64_or_a_placeholder() {
    let source = |value: &str| {
        format!("apiVersion: v1\nkind: Secret\nmetadata: {{name: a}}\ndata: {{b: {value}}}\n")
    };
    for good in [
        "aHVudGVyMg==",
        "<path:a#b>",
        "PHBhdGg6YSNiPg==",
        "'<path:a#b>:<path:a#c>'",
        "''",
        "null",
    ] {
        assert_eq!(told(&source(good)), [""; 0], "{good}");
    }
    let told = told(&source("hunter-2"));
    assert_eq!(
        told,
        ["error 4:11 Secret/a data.b: the API server refuses this value: it is not base64"]
    );
    assert_eq!(
        super::told(&source("hunter-2").replace("data:", "stringData:")),
        [""; 0]
    );
}
