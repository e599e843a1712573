//! Which field a key means, over items of every shape.

use serde_json::{Value, json};

use super::fields::{self, Finding, KeyTarget};
use super::model::Item;
use super::reference;
use super::samples::{OTPAUTH, database, document, item, login, note, sections};
use crate::{Exposed, VaultErrorKind};

/// What was found, in a form that a table can hold.
fn shown(finding: Finding<'_>) -> String {
    match finding {
        Ok(None) => "none".to_owned(),
        Ok(Some(KeyTarget::Value(value))) => match value.expose() {
            Exposed::Text(text) => format!("={text}"),
            _ => "another type".to_owned(),
        },
        Ok(Some(KeyTarget::Code(code))) => {
            format!("code {}", code.expose().as_text().unwrap_or("?"))
        }
        Ok(Some(KeyTarget::File(file))) => format!("file {}", file.id),
        Err(error) if error.kind() == VaultErrorKind::Ambiguous => {
            format!("several: {}", error.candidates().join(", "))
        }
        Err(error) => format!("{}: {error}", error.kind().as_str()),
    }
}

type Find = for<'i> fn(&'i Item, &str, u64) -> Finding<'i>;

#[track_caller]
pub(super) fn table(find: Find, value: Value, rows: &[(&str, &str)]) {
    let item = item(value);
    for (key, expected) in rows {
        assert_eq!(shown(find(&item, key, 59)), *expected, "{key}");
    }
}

/// A field with a one-time password that the server gave no code for; the key is that of RFC 6238.
fn own_code() -> Value {
    let address = "otpauth://totp/x?secret=GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ";
    json!({"id": "i", "fields": [
        {"id": "o1", "label": "code", "type": "OTP", "value": address},
        {"id": "o2", "label": "broken", "type": "OTP", "value": "SENTINEL!"},
        {"id": "o3", "label": "code?attribute=otp", "value": "a label"},
        {"id": "o4", "label": "plain", "type": "STRING", "value": address}]})
}

#[test]
fn keys_of_a_login() {
    table(
        fields::find,
        login(),
        &[
            ("username", "=svc-user"),
            ("password", "=p@ss: #1"),
            ("notesPlain", "="),
            ("one-time password", &format!("={OTPAUTH}")),
            ("one-time password?attribute=otp", "code 620460"),
            ("otpfield000000000000000aaa?attribute=totp", "code 620460"),
            ("one-time password?attribute=type", "none"),
            ("absent?attribute=otp", "none"),
            (
                "password?attribute=otp",
                "invalid-request: the field `password` is not a one-time password",
            ),
            ("host", "=db.internal"),
            ("hostfield00000000000000aaa", "=db.internal"),
            ("add more.host", "=db.internal"),
            ("add more/host", "=db.internal"),
            ("add more/hostfield00000000000000aaa", "=db.internal"),
            ("add more", "none"),
            ("add more.", "none"),
            ("Host", "none"),
            ("website", "=https://db.example.test"),
            ("url", "=https://db.example.test"),
            ("", "none"),
        ],
    );
}

#[test]
fn keys_of_a_note_and_of_a_database() {
    table(
        fields::find,
        note(),
        &[
            ("notesPlain", "=line one\nline two\n"),
            ("password", "none"),
            ("url", "none"),
        ],
    );
    // An exact label comes before the same word as an id.
    table(
        fields::find,
        database(),
        &[
            ("type", "=postgresql"),
            ("database_type", "=postgresql"),
            ("server", "=10.0.0.5"),
            ("hostname", "=10.0.0.5"),
            ("standby", "=10.0.0.6"),
            ("SID", "="),
            ("sid", "="),
            ("Sid", "none"),
        ],
    );
}

#[test]
fn keys_that_several_fields_have() {
    table(
        fields::find,
        sections(),
        &[
            // The only one outside of sections.
            ("token", "=top"),
            ("blue.token", "several: sec1.token, sec2.token"),
            ("blue/token", "several: sec1.token, sec2.token"),
            ("Green.token", "=green"),
            ("Green/token", "=green"),
            ("green.token", "none"),
            ("sec2.token", "=blue-2"),
            ("sec1/fld1", "=blue-1"),
            ("blue.fld2", "=blue-2"),
            ("fld0", "=top"),
            ("user", "=same"),
            ("Green.user", "=same"),
        ],
    );
}

#[test]
fn keys_of_files_come_after_fields_and_before_addresses() {
    table(
        fields::find,
        document(),
        &[
            ("note.txt", "=a field"),
            ("file1", "file file1"),
            ("key.pem", "file file2"),
            ("twin", "several: file3, file4"),
            ("twin?attribute=otp", "none"),
            ("file4", "file file4"),
        ],
    );
    let order = json!({"id": "i",
        "sections": [{"id": "s", "label": "a"}],
        "fields": [{"id": "a.b", "label": "x", "value": "id"}, {"id": "y", "section": {"id": "s"}, "label": "b", "value": "section"},
                   {"id": "z", "section": {"id": "s"}, "label": "c", "value": "section"}],
        "files": [{"id": "f1", "name": "a.c"}, {"id": "f2", "name": "web"}, {"id": "f3", "name": "url"}],
        "urls": [{"label": "web", "href": "u"}, {"label": "one", "href": "u"}, {"label": "two", "href": "1"}, {"label": "two", "href": "2"}]});
    table(
        fields::find,
        order,
        &[
            ("a.b", "=id"),
            ("a.c", "=section"),
            ("web", "file f2"),
            ("url", "file f3"),
            ("one", "=u"),
            ("two", "several: "),
        ],
    );
}

#[test]
fn the_primary_address_is_called_url() {
    for (urls, expected) in [
        (json!([{"href": "1"}, {"href": "2", "primary": true}]), "=2"),
        (json!([{"href": "1"}]), "=1"),
        (json!([{"href": "1"}, {"href": "2"}]), "none"),
        (
            json!([{"href": "1", "primary": true}, {"href": "2", "label": "url"}]),
            "=2",
        ),
        (json!([{"primary": true}]), "="),
        (json!([]), "none"),
    ] {
        table(
            fields::find,
            json!({"id": "i", "urls": urls}),
            &[("url", expected)],
        );
    }
}

#[test]
fn one_time_codes_are_computed_if_the_server_gives_none() {
    let broken = "invalid-answer: the one-time password in the field `broken` cannot be read";
    table(
        fields::find,
        own_code(),
        &[
            ("code?attribute=totp", "code 287082"),
            ("code?attribute=otp", "=a label"),
            ("broken?attribute=otp", broken),
        ],
    );
    table(
        reference::find,
        own_code(),
        &[
            ("code?attribute=otp", "code 287082"),
            ("o1?attribute=totp", "code 287082"),
            ("broken?attribute=otp", broken),
            (
                "plain?attribute=otp",
                "invalid-request: the field `plain` is not a one-time password",
            ),
        ],
    );
}

#[test]
fn names_tell_fields_apart_and_never_hold_values() {
    for (value, names) in [
        (
            login(),
            vec![
                "username",
                "password",
                "notesPlain",
                "one-time password",
                "host",
                "website",
                "url",
            ],
        ),
        (
            sections(),
            vec![
                "fld0",
                "sec1.token",
                "sec2.token",
                "Green.token",
                "Green.user",
                "blue.user",
            ],
        ),
        (
            document(),
            vec!["notesPlain", "note.txt", "key.pem", "file3", "file4"],
        ),
        (
            json!({"id": "i", "fields": [{"id": "a"}, {"label": ""}, {"label": "b"}]}),
            vec!["a", "b"],
        ),
        (json!({"id": "i"}), vec![]),
    ] {
        assert_eq!(fields::names(&item(value)), names);
    }
}

#[test]
fn every_name_of_a_field_is_a_key_for_its_value() {
    for value in [login(), note(), database(), sections(), document()] {
        let item = item(value);
        let all = fields::all(&item);
        assert!(all.len() >= item.fields.len());
        for (name, value) in all {
            match fields::find(&item, &name, 0) {
                Ok(Some(KeyTarget::Value(found))) => assert!(found == value, "{name}"),
                other => panic!("{name}: {}", shown(other)),
            }
        }
    }
}

#[test]
fn of_several_fields_of_one_label_the_built_in_one_or_the_one_outside_of_sections_wins() {
    let field = |id: &str, section: Option<&str>, value: &str| {
        let section = section.map(|id| json!({"id": id, "label": "Replica"}));
        json!({"id": id, "label": "password", "section": section, "value": value})
    };
    let with = |fields: Vec<Value>| json!({"id": "i", "title": "db", "fields": fields});
    let built_in = with(vec![
        field("password", None, "main"),
        field("x1", Some("s"), "replica"),
    ]);
    table(
        fields::find,
        built_in,
        &[
            ("password", "=main"),
            ("Replica.password", "=replica"),
            ("x1", "=replica"),
        ],
    );
    let outside = with(vec![
        field("x2", None, "own"),
        field("x1", Some("s"), "replica"),
    ]);
    table(fields::find, outside, &[("password", "=own")]);
    let by_id = with(vec![
        field("password", Some("t"), "built-in"),
        field("x2", None, "own"),
    ]);
    table(fields::find, by_id, &[("password", "=built-in")]);
    // Ids that are labels of other fields lead nowhere, and are not offered.
    let tricky = with(vec![
        json!({"id": "a", "label": "key", "section": {"id": "s", "label": "S"}, "value": "1"}),
        json!({"id": "b", "label": "key", "section": {"id": "s", "label": "S"}, "value": "2"}),
        json!({"id": "c", "label": "a", "value": "3"}),
    ]);
    let read = item(tricky.clone());
    let error = fields::find(&read, "key", 0).unwrap_err();
    assert_eq!(error.candidates(), ["S.a", "b"]);
    for (candidate, value) in error.candidates().iter().zip(["1", "2"]) {
        table(
            fields::find,
            tricky.clone(),
            &[(candidate.as_str(), &format!("={value}"))],
        );
    }
}
