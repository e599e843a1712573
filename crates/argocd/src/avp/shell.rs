//! What stands in the shell scripts of a plugin, whether they are understood or not.

use serde_yaml::{Mapping, Value};

use super::program::is_program;
use super::values::words;

/// What the image of Argo CD has, with words of the shell.
const KNOWN: [&str; 62] = [
    "!",
    "[",
    "[[",
    "{",
    "}",
    "(",
    ")",
    "awk",
    "base64",
    "bash",
    "basename",
    "case",
    "cat",
    "cd",
    "chmod",
    "command",
    "cp",
    "cut",
    "dirname",
    "do",
    "done",
    "echo",
    "elif",
    "else",
    "env",
    "esac",
    "eval",
    "exec",
    "exit",
    "export",
    "false",
    "fi",
    "find",
    "for",
    "git",
    "gpg",
    "grep",
    "head",
    "helm",
    "if",
    "kustomize",
    "local",
    "ls",
    "mkdir",
    "mktemp",
    "mv",
    "printf",
    "pwd",
    "read",
    "rm",
    "sed",
    "set",
    "sh",
    "shopt",
    "sleep",
    "sort",
    "tail",
    "tee",
    "test",
    "then",
    "tr",
    "true",
];

/// The same, which take a command behind them.
const BEFORE: [&str; 12] = [
    "!", "(", "command", "do", "elif", "else", "env", "eval", "exec", "if", "then", "{",
];

/// A program that the plugin runs and the image of Argo CD has not.
pub(super) fn other_program(spec: &Mapping) -> Option<String> {
    scripts(spec).iter().find_map(|script| {
        let commands = script.split(['|', ';', '&', '\n']);
        commands
            .filter_map(program)
            .find(|name| {
                let is_word =
                    name.starts_with(|c: char| c.is_ascii_alphanumeric() || "./_".contains(c));
                is_word
                    && !is_program(name)
                    && !KNOWN.contains(&name.rsplit('/').next().unwrap_or(name))
            })
            .map(str::to_owned)
    })
}

/// The program of a command, behind variables that it sets.
fn program(command: &str) -> Option<&str> {
    let is_set = |word: &str| {
        word.split_once('=').is_some_and(|(name, _)| {
            !name.is_empty() && name.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'_')
        })
    };
    let mut words = command.split_whitespace();
    words.find(|word| !BEFORE.contains(word) && !is_set(word))
}

/// A variable with text of an Application's author that a shell cuts into words.
pub(super) fn unquoted(spec: &Mapping) -> Option<String> {
    scripts(spec).iter().find_map(|script| unquoted_in(script))
}

fn unquoted_in(script: &str) -> Option<String> {
    let (mut single, mut double) = (false, false);
    let mut chars = script.char_indices();
    while let Some((at, c)) = chars.next() {
        match c {
            '\\' if !single => {
                chars.next();
            }
            '\'' if !double => single = !single,
            '"' if !single => double = !double,
            '$' if !single && !double => {
                let name = script[at + 1..].trim_start_matches('{');
                let end = name.find(|c: char| !(c.is_ascii_alphanumeric() || c == '_'));
                let name = &name[..end.unwrap_or(name.len())];
                if ["ARGOCD_ENV_", "PARAM_"]
                    .iter()
                    .any(|by| name.starts_with(by))
                {
                    return Some(name.to_owned());
                }
            }
            _ => {}
        }
    }
    None
}

/// The scripts of `init` and `generate` that a shell runs; of another command, its program.
fn scripts(spec: &Mapping) -> Vec<String> {
    let commands = ["init", "generate"].iter().filter_map(|key| spec.get(*key));
    commands.filter_map(script).collect()
}

fn script(command: &Value) -> Option<String> {
    let words = words(command);
    let shell = words.first()?.rsplit('/').next()?;
    if matches!(shell, "sh" | "bash" | "ash" | "dash") {
        words.last().cloned()
    } else {
        words.first().cloned()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn spec(generate: &str) -> Mapping {
        let command = serde_yaml::from_str(generate).unwrap();
        [("generate".into(), command)].into_iter().collect()
    }

    #[test]
    fn a_program_that_the_image_lacks_is_found() {
        for (script, found) in [
            (
                "jb install; jsonnet main.jsonnet | argocd-vault-plugin generate -",
                Some("jb"),
            ),
            (
                "kubectl kustomize . | argocd-vault-plugin generate -",
                Some("kubectl"),
            ),
            (
                "set -e\nif [ -e x ]; then A=1 /usr/bin/yq .; fi",
                Some("/usr/bin/yq"),
            ),
            (
                "helm template . | sed s/a/b/ | /custom/argocd-vault-plugin generate -",
                None,
            ),
            (
                "cd $ARGOCD_APP_SOURCE_PATH && kustomize build --enable-helm .",
                None,
            ),
            ("$ARGOCD_ENV_RENDER | argocd-vault-plugin generate -", None),
        ] {
            let of_shell = spec(&format!("{{command: [sh, -c, {script:?}]}}"));
            assert_eq!(other_program(&of_shell).as_deref(), found, "{script}");
        }
        let alone = spec("{command: [cdk8s, synth]}");
        assert_eq!(other_program(&alone).as_deref(), Some("cdk8s"));
        let alone = spec("{command: [argocd-vault-plugin], args: [generate, jsonnet]}");
        assert_eq!(other_program(&alone), None);
    }

    #[test]
    fn text_of_an_author_that_becomes_words_is_found() {
        for (script, found) in [
            (
                "helm template . ${ARGOCD_ENV_HELM_ARGS} | argocd-vault-plugin generate -",
                Some("ARGOCD_ENV_HELM_ARGS"),
            ),
            (
                "$ARGOCD_ENV_RENDER | argocd-vault-plugin generate -",
                Some("ARGOCD_ENV_RENDER"),
            ),
            (
                "argocd-vault-plugin generate $PARAM_FILE",
                Some("PARAM_FILE"),
            ),
            (
                "helm template -f <(echo \"$ARGOCD_ENV_HELM_VALUES\") .",
                None,
            ),
            (
                "echo '$ARGOCD_ENV_X' \\$ARGOCD_ENV_X \"a '$ARGOCD_ENV_X'\"",
                None,
            ),
            ("helm template $ARGOCD_APP_NAME .", None),
        ] {
            let of_shell = spec(&format!(
                "{{command: [bash, -c, {}]}}",
                serde_json::to_string(script).unwrap()
            ));
            assert_eq!(unquoted(&of_shell).as_deref(), found, "{script}");
        }
        // Without a shell nothing is put in.
        let alone = spec("{command: [argocd-vault-plugin, generate, $ARGOCD_ENV_X]}");
        assert_eq!(unquoted(&alone), None);
    }
}
