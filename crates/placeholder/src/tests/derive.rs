use super::{PLAIN, error};
use crate::{Argument, DeriveForm, ModifierKind, PlaceholderErrorKind as Kind, parse};

fn read(arguments: &str) -> (String, DeriveForm) {
    let text = format!("<path:root#seed | derive {arguments}>");
    let placeholder = parse(&text, PLAIN).unwrap_or_else(|error| panic!("{text}: {error}"));
    match placeholder.modifiers[0].kind.clone() {
        ModifierKind::Derive { label, form } => (label, form),
        other => panic!("{other:?}"),
    }
}

#[test]
fn a_label_a_number_and_a_form() {
    for (arguments, label, form) in [
        ("\"sentry/rpc\" 32", "sentry/rpc", DeriveForm::Alnum(32)),
        ("sentry/rpc 1", "sentry/rpc", DeriveForm::Alnum(1)),
        ("'a b'   1024   alnum ", "a b", DeriveForm::Alnum(1024)),
        ("\"a\"\t007 hex", "a", DeriveForm::Hex(7)),
        ("\"a\" 32 base64", "a", DeriveForm::Base64(32)),
        ("\"a\" uuid", "a", DeriveForm::Uuid),
        ("\"32\" 16", "32", DeriveForm::Alnum(16)),
        ("\"uuid\" uuid", "uuid", DeriveForm::Uuid),
        (
            r#""a | b # \"c\" \\ \u003cd\u003e" 8"#,
            r#"a | b # "c" \ <d>"#,
            DeriveForm::Alnum(8),
        ),
        ("\" \" 8", " ", DeriveForm::Alnum(8)),
        ("\"ключ\" 8", "ключ", DeriveForm::Alnum(8)),
    ] {
        assert_eq!(read(arguments), (label.to_owned(), form), "{arguments}");
    }
}

/// The kind, the text that is pointed at, and a part of what to do.
#[test]
fn every_wrong_argument_is_named() {
    let label = "a label of your choice comes first";
    let empty = "cannot be empty";
    let number = "say how many characters";
    let range = "a whole number from 1 to 1024";
    let form = "the form is alnum, hex, base64 or uuid";
    let uuid = "a UUID has its own length";
    for (arguments, pointed_at, hint) in [
        ("", "derive", label),
        ("32", "32", label),
        ("32 hex", "32", label),
        ("uuid", "uuid", label),
        ("\"\" 32", "\"\"", empty),
        ("'' uuid", "''", empty),
        ("\"a\"", "\"a\"", number),
        ("a", "a", number),
        ("\"a\" 0", "0", range),
        ("\"a\" 1025", "1025", range),
        (
            "\"a\" 99999999999999999999999",
            "99999999999999999999999",
            range,
        ),
        ("\"a\" -1", "-1", range),
        ("\"a\" +8", "+8", range),
        ("\"a\" 8.0", "8.0", range),
        ("\"a\" many", "many", range),
        ("\"a\" hex", "hex", range),
        ("\"a\" \"8\"", "\"8\"", range),
        ("\"a\" 8 HEX", "HEX", form),
        ("\"a\" 8 base32", "base32", form),
        ("\"a\" 8 'hex'", "'hex'", form),
        ("\"a\" 8 uuid", "uuid", uuid),
        ("\"a\" uuid 8", "8", uuid),
        ("\"a\" 8 hex hex", "hex", "nothing follows the form"),
        ("\"a\"8", "\"a\"8", "write `derive"),
        ("a\"b 8", "a\"b 8", "write `derive"),
        (r#"\"a\" 8"#, r#"\"a\" 8"#, "write `derive 'LABEL' N`"),
    ] {
        let text = format!("<path:root#seed | derive {arguments}>");
        let error = error(&text, PLAIN);
        assert_eq!(error.kind(), Kind::InvalidParameters, "{text}");
        assert_eq!(&text[error.span()], pointed_at, "{text}");
        assert!(
            error.hint().unwrap().contains(hint),
            "{text}: {:?}",
            error.hint()
        );
        assert_eq!(
            error.to_string(),
            "derive: invalid parameters for placeholder path:root#seed"
        );
        assert!(!error.survives());
    }
    for (arguments, kind) in [
        ("\"a 8", Kind::UnclosedQuote),
        (r#""a\q" 8"#, Kind::UnknownEscape),
    ] {
        let text = format!("<path:root#seed | derive {arguments}>");
        assert_eq!(error(&text, PLAIN).kind(), kind, "{text}");
    }
}

#[test]
fn it_is_shown_as_it_is_written() {
    for (arguments, shown, listed) in [
        ("'a' 8", "derive \"a\" 8", "a,8"),
        ("'a' 8 hex", "derive \"a\" 8 hex", "a,8,hex"),
        ("'a' uuid", "derive \"a\" uuid", "a,uuid"),
    ] {
        let text = format!("<path:root#seed | derive {arguments}>");
        let kind = parse(&text, PLAIN).unwrap().modifiers.remove(0).kind;
        assert_eq!(format!("{kind:?}"), shown);
        let arguments: Vec<String> = kind
            .arguments()
            .iter()
            .map(|argument| match argument {
                Argument::Number(number) => number.to_string(),
                Argument::Text(text) => (*text).to_owned(),
            })
            .collect();
        assert_eq!(arguments.join(","), listed);
    }
}
