//! The order of the arguments, which argocd-vault-plugin leaves to its users.

use std::ffi::OsString;

/// Flags of argocd-vault-plugin's `generate` with a value behind them.
const WITH_VALUE: [&str; 4] = ["-s", "--secret-name", "-c", "--config-path"];
/// Its flags whose value, if they have one, is in the same argument.
const SWITCHES: [&str; 2] = ["--verbose-sensitive-output", "--disable-token-cache"];

/// The arguments with `generate` first, where only flags of argocd-vault-plugin are before it: recipes
/// such as `argocd-vault-plugin -s team:creds generate .` work with it.
pub(crate) fn command_first(arguments: impl IntoIterator<Item = OsString>) -> Vec<OsString> {
    let mut arguments: Vec<OsString> = arguments.into_iter().collect();
    let mut at = 1;
    while let Some(argument) = arguments.get(at).and_then(|argument| argument.to_str()) {
        if argument == "generate" {
            let generate = arguments.remove(at);
            arguments.insert(1, generate);
            break;
        }
        let (name, value) = match argument.split_once('=') {
            Some((name, _)) => (name, true),
            None => (argument, false),
        };
        at += match name {
            _ if WITH_VALUE.contains(&name) && !value => 2,
            _ if WITH_VALUE.contains(&name) || SWITCHES.contains(&name) => 1,
            _ => break,
        };
    }
    arguments
}

#[cfg(test)]
mod tests {
    use super::command_first;

    #[test]
    fn generate_is_found_behind_its_flags_and_nothing_else_is_touched() {
        for (given, expected) in [
            ("p generate -s a .", "p generate -s a ."),
            ("p -s a generate .", "p generate -s a ."),
            (
                "p --secret-name=a -c b generate .",
                "p generate --secret-name=a -c b .",
            ),
            (
                "p --disable-token-cache --verbose-sensitive-output=true generate -",
                "p generate --disable-token-cache --verbose-sensitive-output=true -",
            ),
            // The name of a Secret, and none of a command.
            ("p -s generate .", "p -s generate ."),
            ("p -s generate generate .", "p generate -s generate ."),
            ("p -q generate .", "p -q generate ."),
            ("p plan generate", "p plan generate"),
            ("p -s a plan .", "p -s a plan ."),
            ("p", "p"),
            ("", ""),
        ] {
            let words =
                |text: &str| -> Vec<_> { text.split_terminator(' ').map(Into::into).collect() };
            assert_eq!(command_first(words(given)), words(expected), "{given}");
        }
    }
}
