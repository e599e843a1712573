//! `manifill modifiers`.

use std::fmt::Write as _;
use std::process::ExitCode;

use manifill::transform::MODIFIERS;

use crate::output::Output;

/// Shows the modifiers, their arguments and what they do.
pub(crate) fn run(output: &Output) -> ExitCode {
    let usage = |name: &str, arguments: &str| format!("{name} {arguments}").trim_end().to_owned();
    let wide = MODIFIERS
        .iter()
        .map(|one| usage(one.name, one.arguments).len());
    let wide = wide.max().unwrap_or_default();
    let mut text = String::new();
    for one in MODIFIERS {
        let usage = usage(one.name, one.arguments);
        let _ = writeln!(text, "{usage:wide$}  {}", one.summary);
    }
    output.print(&text)
}
