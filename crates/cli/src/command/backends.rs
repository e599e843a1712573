//! `manifill backends`.

use std::fmt::Write as _;
use std::process::ExitCode;

use manifill::vault::backend::{BACKENDS, BackendInfo};
use manifill::vault::settings::{Class, Required};

use crate::args::BackendsArgs;
use crate::output::Output;

/// Shows the backends, their settings and who may set them.
pub(crate) fn run(args: &BackendsArgs, output: &Output) -> Result<ExitCode, ExitCode> {
    let wanted = |info: &&BackendInfo| args.name.as_deref().is_none_or(|name| name == info.name);
    let backends: Vec<&BackendInfo> = BACKENDS.iter().filter(wanted).collect();
    if backends.is_empty() {
        let names: Vec<&str> = BACKENDS.iter().map(|info| info.name).collect();
        let message = format!("there is no such backend; there are {}", names.join(", "));
        return Err(output.usage(&message));
    }
    Ok(output.print(&if args.markdown {
        markdown(&backends)
    } else {
        plain(&backends)
    }))
}

fn plain(backends: &[&BackendInfo]) -> String {
    let mut text = String::new();
    for backend in backends {
        let missing = if backend.is_built() {
            String::new()
        } else {
            format!("  (not in this build: cargo feature {})", backend.feature)
        };
        let _ = writeln!(text, "{}  {}{missing}", backend.name, backend.about);
        let _ = writeln!(text, "    <path:{}>", backend.example);
        for setting in backend.settings {
            let required = match setting.required {
                Required::Always => "required".to_owned(),
                Required::With(methods) => format!("required for {}", methods.join(" or ")),
                _ => "optional".to_owned(),
            };
            let who = match setting.class {
                Class::Free => "the app may set it",
                Class::Bundle => "the app may set it with its own host and login",
                Class::Operator => "only the operator may set it",
                _ => "only the operator may set it, whatever the switches",
            };
            let alias = setting
                .alias
                .map_or_else(String::new, |alias| format!(" or {alias}"));
            let _ = writeln!(
                text,
                "    {}{alias}  {}; {required}; {who}",
                setting.name, setting.about
            );
        }
    }
    text
}

fn markdown(backends: &[&BackendInfo]) -> String {
    let mut text = String::from(
        "| `AVP_TYPE` | what it reads | a placeholder | settings |\n|---|---|---|---|\n",
    );
    for backend in backends {
        let settings: Vec<String> = backend
            .settings
            .iter()
            .map(|setting| format!("`{}`", setting.name))
            .collect();
        let _ = writeln!(
            text,
            "| `{}` | {} | `<path:{}>` | {} |",
            backend.name,
            backend.about,
            backend.example,
            settings.join(", ")
        );
    }
    text
}
