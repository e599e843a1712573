//! `manifill backends`.

use std::fmt::Write as _;
use std::process::ExitCode;

use manifill::vault::backend::BACKENDS;
use manifill::vault::settings::Class;

use crate::args::BackendsArgs;
use crate::report;

/// Shows the backends, their settings and who may set them.
pub(crate) fn run(args: &BackendsArgs) -> ExitCode {
    report::print(&if args.markdown { markdown() } else { plain() })
}

fn plain() -> String {
    let mut text = String::new();
    for backend in BACKENDS {
        let missing = match backend.connect {
            Some(_) => String::new(),
            None => format!("  (not in this build: cargo feature {})", backend.feature),
        };
        let _ = writeln!(text, "{}  {}{missing}", backend.name, backend.about);
        let _ = writeln!(text, "    <path:{}>", backend.example);
        for setting in backend.settings {
            let required = if setting.required {
                "required"
            } else {
                "optional"
            };
            let who = match setting.class {
                Class::Free => "the app may set it",
                Class::Bundle => "the app may set it with its own host and login",
                Class::Operator => "only the operator may set it",
            };
            let _ = writeln!(
                text,
                "    {}  {}; {required}; {who}",
                setting.name, setting.about
            );
        }
    }
    text
}

fn markdown() -> String {
    let mut text = String::from(
        "| `AVP_TYPE` | what it reads | a placeholder | settings |\n|---|---|---|---|\n",
    );
    for backend in BACKENDS {
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
