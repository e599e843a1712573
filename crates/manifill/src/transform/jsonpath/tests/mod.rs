use super::*;

mod anything;
mod print;
mod refuse;
mod select;

const DOCUMENT: &str = r#"{
    "hosts": [{"h": "a", "w": 1}, {"h": "b", "w": 2}, {"h": "c", "w": 3}],
    "acct": 123456789012, "big": 9007199254740993, "rate": 0.25, "precise": 1.50, "tiny": 1E-5,
    "on": true, "none": null, "s": "str", "empty": "", "é": "accent",
    "k.d": "dotted", "h<tml": "<&>", "two words": "spaced", "a]b": "bracket", "a,b": "comma",
    "back\\slash": "escaped", "q\"k": "quote",
    "e": [], "m": {}, "l": [10, 20, 30, 40], "nn": [[1, 2], [3]],
    "n": {"a": {"b": "deep"}, "x": 1},
    "mixed": [1, "1", true, null],
    "parts": [{"k": "(1)"}, {"k": ")"}, {"k": "=="}, {"k": "a]b"}]
}"#;

fn eval(expression: &str) -> Result<String, String> {
    let value = SecretValue::text(DOCUMENT);
    run(expression, &value).map_err(|error| error.to_string())
}

#[track_caller]
fn prints(table: &[(&str, &str)]) {
    for (expression, want) in table {
        assert_eq!(eval(expression).as_deref(), Ok(*want), "{expression}");
    }
}

#[track_caller]
fn fails(table: &[(&str, &str)]) {
    for (expression, want) in table {
        assert_eq!(eval(expression), Err((*want).to_owned()), "{expression}");
    }
}
