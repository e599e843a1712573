//! What people type who know other programs, and what does it here.

use clap::Error;
use clap::error::{ContextKind, ContextValue, ErrorKind};

/// What to use for a flag that does not exist.
fn tip_for_flag(name: &str) -> Option<&'static str> {
    Some(match name {
        "-o" | "--output" | "--json" => {
            "--format json prints errors, warnings and plans as JSON; manifests go to standard output"
        }
        _ => return None,
    })
}

/// What to use for a command that does not exist.
fn tip_for_command(name: &str) -> Option<&'static str> {
    Some(match name {
        "lint" | "validate" | "verify" => {
            "`manifill check --offline PATH` checks manifests, without a network and without secrets"
        }
        "diff" => "`manifill generate PATH | kubectl diff -f -` shows what would change",
        "apply" => "`manifill generate PATH | kubectl apply -f -`",
        "render" | "template" | "inject" => "`manifill generate PATH` prints filled manifests",
        #[cfg(not(feature = "connect-server"))]
        "connect-server" => "this build leaves it out; `cargo install --path crates/cli` has it",
        _ => return None,
    })
}

/// The error with the tip that fits, in place of the one that clap makes of letters.
pub(crate) fn explain(mut error: Error) -> Error {
    let (kind, tip): (_, fn(&str) -> Option<&'static str>) = match error.kind() {
        ErrorKind::UnknownArgument => (ContextKind::InvalidArg, tip_for_flag),
        ErrorKind::InvalidSubcommand => (ContextKind::InvalidSubcommand, tip_for_command),
        _ => return error,
    };
    let Some(ContextValue::String(written)) = error.get(kind) else {
        return error;
    };
    // Only what prints manifests or plans has forms.
    let usage = error.get(ContextKind::Usage).map(ToString::to_string);
    let usage = usage.unwrap_or_default();
    let fits = kind != ContextKind::InvalidArg
        || ["generate", "plan", "<COMMAND>"]
            .iter()
            .any(|word| usage.contains(word));
    if let Some(tip) = tip(written).filter(|_| fits) {
        for guess in [ContextKind::SuggestedArg, ContextKind::SuggestedSubcommand] {
            error.remove(guess);
        }
        let tips = ContextValue::StyledStrs(vec![tip.into()]);
        error.insert(ContextKind::Suggested, tips);
        return error;
    }
    // A flag that does not exist is hardly meant as the name of a file.
    if let Some(ContextValue::StyledStrs(tips)) = error.remove(ContextKind::Suggested) {
        let mut tips = tips;
        tips.retain(|tip| !tip.to_string().starts_with("to pass"));
        if !tips.is_empty() {
            error.insert(ContextKind::Suggested, ContextValue::StyledStrs(tips));
        }
    }
    error
}
