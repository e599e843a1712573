//! What the end of a reference means, over items of every shape.

use serde_json::json;

use super::reference;
use super::samples::{OTPAUTH, document, login, sections};
use super::test_fields::table;

#[test]
fn references_to_fields() {
    table(
        reference::find,
        login(),
        &[
            ("username", "=svc-user"),
            ("USERNAME", "=svc-user"),
            ("notesPlain", "="),
            ("host", "=db.internal"),
            ("add more/Host", "=db.internal"),
            ("Add More/host", "=db.internal"),
            ("nowhere/host", "none"),
            ("add more/username", "none"),
            ("one-time password", &format!("={OTPAUTH}")),
            ("One-Time Password?attribute=otp", "code 620460"),
            ("website", "none"),
            ("password?attribute=value", "=p@ss: #1"),
            ("password?attribute=type", "=CONCEALED"),
            ("PASSWORD?attribute=id", "=password"),
            (
                "otpfield000000000000000aaa?attribute=title",
                "=one-time password",
            ),
            ("password?attribute=purpose", "=PASSWORD"),
            ("host?attribute=purpose", "="),
            (
                "password?ssh-format=openssh",
                "invalid-request: the field `password` is not an SSH private key",
            ),
            (
                "password?attribute=size",
                "invalid-request: a reference cannot end in `?attribute=size`",
            ),
            (
                "password?",
                "invalid-request: a reference cannot end in `?`",
            ),
            ("a/b/c", "invalid-request: `a/b/c` is not [section/]field"),
            ("/b", "invalid-request: `/b` is not [section/]field"),
            ("a/", "invalid-request: `a/` is not [section/]field"),
            ("", "invalid-request: `` is not [section/]field"),
        ],
    );
}

#[test]
fn references_into_sections() {
    table(
        reference::find,
        sections(),
        &[
            // The field outside of sections comes first.
            ("token", "=top"),
            ("blue/token", "several: sec1/token, sec2/token"),
            ("Blue/Token", "several: sec1/token, sec2/token"),
            ("green/token", "=green"),
            ("sec1/token", "=blue-1"),
            ("blue/fld2", "=blue-2"),
            ("fld3", "=green"),
            ("user", "=same"),
            ("USER", "=same"),
            ("red/token", "none"),
        ],
    );
    let cases = json!({"id": "i", "sections": [{"id": "1", "label": "A"}, {"id": "2", "label": "a"}], "fields": [
        {"id": "f1", "section": {"id": "1"}, "label": "Key", "value": "A/Key"},
        {"id": "f2", "section": {"id": "2"}, "label": "Key", "value": "a/Key"},
        {"id": "f3", "section": {"id": "2"}, "label": "key", "value": "a/key"},
        {"id": "f4", "label": "KEY2", "value": "1"}, {"id": "f5", "label": "key2", "value": "2"}]});
    table(
        reference::find,
        cases,
        &[
            ("A/Key", "=A/Key"),
            ("a/Key", "=a/Key"),
            ("a/key", "=a/key"),
            ("a/KEY", "several: a/Key, key"),
            ("key", "=a/key"),
            ("key2", "=2"),
            ("Key2", "several: KEY2, key2"),
            ("f1", "=A/Key"),
        ],
    );
}

#[test]
fn references_to_files() {
    table(
        reference::find,
        document(),
        &[
            ("note.txt", "several: f1, file1"),
            ("key.pem", "file file2"),
            ("KEY.PEM", "file file2"),
            ("tls/key.pem", "file file2"),
            ("tls/file2", "file file2"),
            ("tls/twin", "none"),
            ("twin", "several: file3, file4"),
            ("key.pem?attribute=value", "file file2"),
            (
                "key.pem?attribute=otp",
                "invalid-request: `key.pem` is a file, which has no such attribute",
            ),
        ],
    );
}
