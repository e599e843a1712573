//! What holds for every expression.

use proptest::prelude::*;

use super::*;

fn expressions() -> impl Strategy<Value = String> {
    let piece = prop::sample::select(vec![
        "{", "}", "[", "]", "[?(", ")]", ")", ".", "..", "*", "[*]", "'", "\"", "\\", "range ",
        "end", "@", "$", "==", "<", "!=", ",", ":", "-1", "0", "7", ".l", ".hosts", ".h", ".n",
        "s", " ", "é", "\\u00e9", "\n", "{range ", "{end}", "[0:2]", "['n.a']",
    ]);
    prop::collection::vec(piece, 0..24).prop_map(|pieces| pieces.concat())
}

proptest! {
    #[test]
    fn never_panics(expression in expressions(), wrapped: bool) {
        let expression = if wrapped { format!("{{{expression}}}") } else { expression };
        let _ = eval(&expression);
    }

    #[test]
    fn text_without_braces_prints_itself(text in "[^{]*") {
        prop_assert_eq!(eval(&text), Ok(text));
    }

    #[test]
    fn a_quoted_key_finds_its_value(key in "[^\\\\'\n]{1,12}") {
        let map = SecretValue::map([(key.clone(), SecretValue::text("found"))]);
        prop_assert_eq!(run(&format!("{{['{key}']}}"), &map).unwrap(), "found");
    }
}
