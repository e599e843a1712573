//! What Helm, kustomize, kubectl and shells write that is no manifest, and what to do about it.

/// What to do about a line that another program wrote for people.
pub(super) fn hint(line: &str) -> Option<&'static str> {
    let hint = if is_error(line) {
        "this is a line of a program's log, an error; see to that first, and keep standard error out of the input"
    } else if is_log(line) {
        "this is a line of a program's log; keep standard error out of the input, and leave `--debug` out"
    } else if is_usage(line) {
        "this is the help of a program that was called in a wrong way; `helm template` and `kustomize build` print manifests"
    } else if is_release(line) {
        "this is what Helm says of a release; `helm template`, or `helm get manifest` of one that runs, prints manifests alone"
    } else if is_progress(line) {
        "this is what Helm says of its work; download charts in a step of its own, before `helm template`"
    } else {
        return None;
    };
    Some(hint)
}

/// Whether a program or a shell says here why it failed.
fn is_error(line: &str) -> bool {
    const STARTS: [&str; 7] = [
        "Error: ",
        "error: ",
        "Error from server",
        "Unable to connect to the server",
        "level=ERROR ",
        "FATAL: ",
        "panic: ",
    ];
    let from_shell = || {
        let shell = ["bash: ", "sh: ", "zsh: ", "/bin/sh: ", "/bin/bash: "];
        let ends = [
            ": command not found",
            ": not found",
            ": No such file or directory",
            ": Permission denied",
        ];
        shell.iter().any(|shell| line.starts_with(shell))
            && ends.iter().any(|end| line.ends_with(end))
    };
    STARTS.iter().any(|start| line.starts_with(start)) || from_shell()
}

/// Whether a line is one of those that programs in Go write to standard error:
/// `install.go:214: [debug] …`, `level=WARN msg=…`, `W0512 10:00:00.000000 …`, and a sentence
/// behind `WARNING:`.
fn is_log(line: &str) -> bool {
    let place = line.split_once(".go:").is_some_and(|(file, rest)| {
        let digits = rest.bytes().take_while(u8::is_ascii_digit).count();
        digits > 0 && rest[digits..].starts_with(':') && !file.contains([' ', '"', '\''])
    });
    let klog = matches!(line.as_bytes(), [b'I' | b'W' | b'E' | b'F', month_and_day @ .., ]
        if month_and_day.len() > 4
            && month_and_day[..4].iter().all(u8::is_ascii_digit)
            && month_and_day[4] == b' ');
    let sentence = ["WARNING: ", "Warning: "]
        .iter()
        .find_map(|level| line.strip_prefix(level))
        .is_some_and(|rest| rest.split_ascii_whitespace().count() > 3);
    place
        || klog
        || sentence
        || line.starts_with("level=")
        || line.contains(" level=DEBUG ")
        || line.contains(" level=WARN ")
}

fn is_usage(line: &str) -> bool {
    line == "Usage:" || line.starts_with("Usage: ")
}

/// The first lines of what `helm install`, `upgrade` and `status` print.
fn is_release(line: &str) -> bool {
    let name = line
        .strip_prefix("NAME: ")
        .filter(|name| !name.contains(' '));
    name.is_some() || line.starts_with("Release \"")
}

/// What `helm dependency` and `helm pull` say while they work.
fn is_progress(line: &str) -> bool {
    line.starts_with("Hang tight while we grab")
        || line.starts_with("Getting updates for unmanaged Helm repositories")
        || line.starts_with("Pulled: ")
        || line.starts_with("Saving ") && line.ends_with(" charts")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_programs_say_is_told_apart() {
        for (judge, lines) in [
            (
                is_error as fn(&str) -> bool,
                &[
                    "Error: INSTALLATION FAILED",
                    "Error: unknown flag: --nope",
                    "Error from server (NotFound): secrets \"x\" not found",
                    "Unable to connect to the server: dial tcp: lookup x: no such host",
                    "panic: runtime error: index out of range",
                    "bash: helm: command not found",
                    "bash: line 1: helm: command not found",
                    "sh: 1: helm: not found",
                ][..],
            ),
            (
                is_log,
                &[
                    "helm.go:84: [debug] x",
                    "level=WARN msg=x",
                    "W0512 10:00:00.000000 1 x.go:1] y",
                    "WARNING: the file is readable by others",
                ],
            ),
            (
                is_usage,
                &["Usage:", "Usage:  helm template [NAME] [CHART]"],
            ),
            (
                is_release,
                &[
                    "NAME: web",
                    "Release \"web\" has been upgraded. Happy Helming!",
                ],
            ),
            (
                is_progress,
                &["Pulled: ghcr.io/x/y:1.0.0", "Saving 2 charts"],
            ),
        ] {
            for line in lines {
                assert!(judge(line), "{line}");
                assert!(hint(line).is_some(), "{line}");
            }
        }
    }

    #[test]
    fn lines_of_manifests_are_nothing_of_the_kind() {
        for line in [
            "kind: ConfigMap",
            "errors: []",
            "Error:",
            "error:",
            "NAME: a b",
            "name: web",
            "usage: x",
            "Warning: short",
            "image: x.go",
            "sh: not found here",
        ] {
            assert_eq!(hint(line), None, "{line}");
        }
    }
}
