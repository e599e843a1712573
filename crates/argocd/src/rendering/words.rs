//! The words of a setting such as `HELM_ARGS`.

use super::error::RenderingError;

/// Splits a text into words at spaces, tabs and line breaks. Quotes keep them together and may
/// begin inside a word; nothing is expanded.
///
/// A backslash takes its meaning from a quote, a space, a tab or a line break; inside `"`, from `"`
/// and `\`; inside `'`, from nothing. Everywhere else it stays, since `--set a\.b=c` has come to Helm
/// like that with every recipe for argocd-vault-plugin.
pub(crate) fn split(setting: &str, text: &str) -> Result<Vec<String>, RenderingError> {
    let mut words = Vec::new();
    let mut word: Option<String> = None;
    let mut quote: Option<char> = None;
    let mut chars = text.chars().peekable();
    while let Some(char) = chars.next() {
        let escapes = match quote {
            None => matches!(chars.peek(), Some('"' | '\'' | ' ' | '\t' | '\n')),
            Some('"') => matches!(chars.peek(), Some('"' | '\\')),
            Some(_) => false,
        };
        if char == '\\' && escapes {
            match (chars.next(), quote) {
                // The line goes on.
                (Some('\n'), None) => {}
                (Some(next), _) => word.get_or_insert_default().push(next),
                (None, _) => {}
            }
            continue;
        }
        match (char, quote) {
            (_, Some(open)) if char == open => quote = None,
            (_, Some(_)) => word.get_or_insert_default().push(char),
            ('"' | '\'', None) => {
                quote = Some(char);
                word.get_or_insert_default();
            }
            (' ' | '\t' | '\n' | '\r', None) => words.extend(word.take()),
            ('\0', None) => {
                return Err(RenderingError::settings(format!(
                    "{setting} contains a NUL character"
                )));
            }
            (_, None) => word.get_or_insert_default().push(char),
        }
    }
    if let Some(open) = quote {
        let message = format!("{setting} has an opening {open} without a closing one");
        return Err(RenderingError::settings(message));
    }
    words.extend(word);
    Ok(words)
}

#[cfg(test)]
mod tests {
    use super::split;

    #[test]
    fn words_are_split_at_spaces_outside_quotes() {
        for (text, wanted) in [
            ("", &[][..]),
            (" \t\n ", &[]),
            (
                "-f a.yaml  --set\tb=c\r\n",
                &["-f", "a.yaml", "--set", "b=c"],
            ),
            (r#"--set "a=b c" 'd e'"#, &["--set", "a=b c", "d e"]),
            (r#"a"b c"d'e f'g"#, &["ab cde fg"]),
            (r#""" '' x"#, &["", "", "x"]),
            (r#""it's" '"'"#, &["it's", "\""]),
            // Nothing is expanded.
            (
                r#"$HOME "$HOME" `id` $(id) * ~ a;b | c"#,
                &["$HOME", "$HOME", "`id`", "$(id)", "*", "~", "a;b", "|", "c"],
            ),
            // Backslashes that Helm should see.
            (r"a\.b=c x=1\,2 \\n", &[r"a\.b=c", r"x=1\,2", r"\\n"]),
            (
                r#""a\.b" "a\"b" "a\\b" 'a\'"#,
                &[r"a\.b", r#"a"b"#, r"a\b", r"a\"],
            ),
            (r#"a\ b \"c \'d"#, &["a b", "\"c", "'d"]),
            ("a \\\n b\\\nc", &["a", "bc"]),
            ("ü\u{2003}ß", &["ü\u{2003}ß"]),
            ("trailing\\", &["trailing\\"]),
        ] {
            assert_eq!(split("HELM_ARGS", text).unwrap(), wanted, "{text}");
        }
    }

    #[test]
    fn a_quote_that_is_not_closed_is_an_error() {
        for (text, quote) in [
            ("a 'b", '\''),
            ("a \"b 'c'", '"'),
            (r#""a\""#, '"'),
            ("'a\\'b'", '\''),
        ] {
            let error = split("HELM_ARGS", text).unwrap_err().to_string();
            assert_eq!(
                error,
                format!("HELM_ARGS has an opening {quote} without a closing one"),
                "{text}"
            );
        }
        assert!(split("HELM_ARGS", "a\0b").is_err());
    }
}
