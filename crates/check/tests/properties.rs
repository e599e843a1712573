//! What holds of any text.
#![allow(clippy::unwrap_used)]

use manifill::Input;
use manifill_check::{Guard, guard};
use manifill_placeholder::encode;
use proptest::prelude::*;

proptest! {
    /// Whatever passes is what came.
    #[test]
    fn what_passes_is_unchanged(source in "\\PC{0,60}") {
        let inputs = [Input::new("-", source.as_str())];
        if let Ok(text) = guard(&inputs, &Guard::new()).text() {
            prop_assert_eq!(text, source);
        }
    }

    /// A reference is seen wherever it stands in a value, however it is encoded.
    #[test]
    fn a_reference_never_passes(
        before in "[a-z .:/{}\"]{0,12}",
        after in "[a-z .:/{}\"]{0,12}",
        depth in 0..6_usize,
        kind in "(Secret|ConfigMap|Deployment)",
        field in "(data|stringData|spec)",
    ) {
        let mut text = format!("{before}<path:db#user>{after}");
        for _ in 0..depth {
            text = encode(text.as_bytes());
        }
        let value = text.replace('\'', "''");
        let inputs = [Input::new("-", format!("kind: {kind}\n{field}: {{a: '{value}'}}\n"))];
        prop_assert!(guard(&inputs, &Guard::new()).text().is_err());
    }
}
