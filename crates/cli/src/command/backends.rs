//! `manifill backends`.

use std::fmt::Write as _;
use std::process::ExitCode;

use manifill::vault::backend::{BACKENDS, BackendInfo};
use manifill::vault::settings::{Required, Setting};

use super::named_backend;
use crate::args::BackendsArgs;
use crate::output::Output;

/// Shows the backends, their settings and who may set them.
pub(crate) fn run(args: &BackendsArgs, output: &Output) -> Result<ExitCode, ExitCode> {
    let backends: Vec<&BackendInfo> = match &args.name {
        Some(name) => vec![named_backend::find(name, output)?],
        None => BACKENDS.iter().collect(),
    };
    Ok(output.print(&if args.markdown {
        markdown(&backends)
    } else {
        plain(&backends)
    }))
}

/// What the third column says.
const WHO: &str = "
The third column says who may set it. Only Argo CD makes a difference between them: there an app's
author sets variables of the plugin, which arrive as ARGOCD_ENV_….
  free      the author of an app, too
  bundle    the author of an app, too, together with the address and the whole login
  operator  the operator, who can open it to authors with MANIFILL_APP_MAY_SET
  locked    the operator, always
";

fn plain(backends: &[&BackendInfo]) -> String {
    let mut text = String::new();
    for backend in backends {
        let missing = if backend.is_built() {
            String::new()
        } else {
            format!("  (not in this build: cargo feature {})", backend.feature)
        };
        let _ = writeln!(text, "{}  {}{missing}", backend.name, backend.about);
        let _ = writeln!(text, "  <path:{}>", backend.example);
        let rows: Vec<[String; 4]> = backend.settings.iter().map(row).collect();
        let width = |column: usize| rows.iter().map(|row| row[column].len()).max().unwrap_or(0);
        let (name, needed, who) = (width(0), width(1), width(2));
        for [a, b, c, about] in &rows {
            let _ = writeln!(text, "    {a:name$}  {b:needed$}  {c:who$}  {about}");
        }
    }
    text + WHO
}

/// A setting: its name, when it is needed, who may set it, and what it is for.
fn row(setting: &Setting) -> [String; 4] {
    let mut required = match setting.required {
        Required::Always => "required".to_owned(),
        Required::With(methods) => format!("required for {}", methods.join(", ")),
        _ => "optional".to_owned(),
    };
    if !setting.alternatives.is_empty() {
        required = format!("{required} without {}", setting.alternatives.join(" or "));
    }
    let name = match setting.alias {
        Some(alias) => format!("{}, {alias}", setting.name),
        None => setting.name.to_owned(),
    };
    let who = setting.class.as_str().to_owned();
    [name, required, who, setting.about.to_owned()]
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
