//! The parts of a shell script that are understood: programs in a row, joined by pipes.

/// A script of one command line.
pub(super) struct Script {
    /// Whether `set -u` was on.
    pub(super) nounset: bool,
    /// The commands, from left to right.
    pub(super) stages: Vec<String>,
}

/// Reads a command that starts a shell: `sh -c …`, `bash -o pipefail -c …`.
pub(super) fn of_shell(words: &[&str]) -> Option<Script> {
    let (shell, rest) = words.split_first()?;
    if !matches!(shell.rsplit('/').next()?, "sh" | "bash" | "ash" | "dash") {
        return None;
    }
    let (script, options) = rest.split_last()?;
    let mut nounset = false;
    let mut options = options.iter();
    let mut has_command = false;
    while let Some(option) = options.next() {
        match *option {
            "-o" => nounset |= is_option(options.next()?)?,
            "-c" => has_command = true,
            flags => {
                let flags = flags.strip_prefix('-')?;
                if !flags.chars().all(|flag| "euxc".contains(flag)) {
                    return None;
                }
                has_command |= flags.contains('c');
                nounset |= flags.contains('u');
            }
        }
    }
    if !has_command {
        return None;
    }
    let (script, set) = without_set(script)?;
    Some(Script {
        nounset: nounset || set,
        stages: stages(script)?,
    })
}

/// An option of `-o`; whether it is `nounset`. `None` for one that changes more than errors.
fn is_option(name: &str) -> Option<bool> {
    match name {
        "errexit" | "pipefail" | "xtrace" => Some(false),
        "nounset" => Some(true),
        _ => None,
    }
}

/// A script behind its `set` line, and whether that had `-u`.
fn without_set(script: &str) -> Option<(&str, bool)> {
    let script = script.trim();
    let Some(rest) = script.strip_prefix("set ") else {
        return Some((script, false));
    };
    let end = rest.find(['\n', ';', '&'])?;
    let mut nounset = false;
    let mut words = rest[..end].split_whitespace();
    while let Some(word) = words.next() {
        let flags = word.strip_prefix('-')?;
        if !flags.chars().all(|flag| "euxo".contains(flag)) {
            return None;
        }
        nounset |= flags.contains('u');
        if flags.contains('o') {
            nounset |= is_option(words.next()?)?;
        }
    }
    Some((
        rest[end..].trim_start_matches([' ', '\n', ';', '&']),
        nounset,
    ))
}

/// The commands of a script that is one pipe; `None` if it is anything else.
fn stages(script: &str) -> Option<Vec<String>> {
    let mut stages = vec![String::new()];
    let mut chars = script.trim().chars().peekable();
    let (mut quote, mut depth) = (None, 0_usize);
    while let Some(c) = chars.next() {
        let stage = stages.last_mut()?;
        match (quote, c) {
            (Some('\''), c) => {
                quote = (c != '\'').then_some('\'');
                stage.push(c);
            }
            (_, '\\') => match chars.next()? {
                '\n' if quote.is_none() => {
                    stage.truncate(stage.trim_end_matches(' ').len());
                    stage.push(' ');
                    while chars.next_if(|c| *c == ' ' || *c == '\t').is_some() {}
                }
                escaped => stage.extend(['\\', escaped]),
            },
            (Some(_), c) => {
                quote = (c != '"').then_some('"');
                stage.push(c);
            }
            (None, '"' | '\'') => {
                quote = Some(c);
                stage.push(c);
            }
            (None, '(' | '{') => {
                // Only substitutions: `$(…)`, `<(…)`, `${…}`.
                let known = stage.ends_with('$') || (c == '(' && stage.ends_with('<')) || depth > 0;
                if !known {
                    return None;
                }
                depth += 1;
                stage.push(c);
            }
            (None, ')' | '}') => {
                depth = depth.checked_sub(1)?;
                stage.push(c);
            }
            (None, c) if depth > 0 => stage.push(c),
            (None, '|') if chars.peek() == Some(&'|') || chars.peek() == Some(&'&') => return None,
            (None, '|') => stages.push(String::new()),
            (None, '<') if chars.peek() != Some(&'(') => return None,
            (None, ';' | '&' | '>' | '`' | '#') => return None,
            // Behind a pipe a line may end.
            (None, '\n') if stage.trim().is_empty() => {}
            (None, '\n') if rest_is_a_stage(&chars) => stage.push(' '),
            (None, '\n') => return None,
            (None, c) => stage.push(c),
        }
    }
    let is_whole = quote.is_none() && depth == 0;
    let stages: Vec<_> = stages.iter().map(|stage| words_of(stage)).collect();
    (is_whole && stages.iter().all(|stage| !stage.is_empty())).then_some(stages)
}

/// Whether the next line goes on with a pipe.
fn rest_is_a_stage(chars: &std::iter::Peekable<std::str::Chars<'_>>) -> bool {
    let mut rest = chars.clone().skip_while(|c| c.is_whitespace());
    rest.next().is_none_or(|c| c == '|')
}

/// A command with single spaces between its words.
fn words_of(stage: &str) -> String {
    // What is quoted keeps its spaces.
    if stage.contains(['"', '\'', '\\']) {
        stage.trim().to_owned()
    } else {
        stage.split_whitespace().collect::<Vec<_>>().join(" ")
    }
}

#[cfg(test)]
mod tests {
    use super::of_shell;

    fn stages(script: &str) -> Option<Vec<String>> {
        of_shell(&["sh", "-c", script]).map(|script| script.stages)
    }

    #[test]
    fn a_pipe_is_read_as_its_commands() {
        for (script, expected) in [
            ("a b | c -", &["a b", "c -"][..]),
            ("set -euo pipefail\na \\\n  b |\n  c -\n", &["a b", "c -"]),
            ("a\n  | c -", &["a", "c -"]),
            (
                "a -f <(echo \"$X | y\") . | c",
                &["a -f <(echo \"$X | y\") .", "c"],
            ),
            ("a ${X} '|' | c", &["a ${X} '|'", "c"]),
        ] {
            assert_eq!(stages(script).unwrap(), expected, "{script}");
        }
    }

    #[test]
    fn anything_else_is_not_understood() {
        for script in [
            "a && b",
            "a; b",
            "a || b",
            "a\nb",
            "a > x",
            "a < x",
            "if a; then b; fi",
            "a & b",
            "(a)",
            "a `b`",
            "a 'b",
            "a # b",
            "set -o posix\na",
            "| a",
            "a |",
            "",
        ] {
            assert_eq!(stages(script), None, "{script}");
        }
    }
}
