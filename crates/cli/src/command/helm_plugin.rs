//! `manifill install helm-plugin`.

use std::fs;
use std::io::{self, Write as _};
use std::path::{Path, PathBuf};
use std::process::ExitCode;

use manifill_argocd::copy_program;

use super::helm_folder::HelmFolder;
use super::own_program::{OwnProgram, pipe};
use crate::output::Output;

/// What the plugin is called, its folder, and the program in it.
const NAME: &str = "manifill";

const FILE: &str = "plugin.yaml";

/// The first line of a plugin that this command has written.
const MARK: &str = "# Written by `manifill install helm-plugin`.";

/// What the program is given to see whether it runs: there is nothing to fill in it.
const TRIAL: &str = "# tiny\nkind: ConfigMap\napiVersion: v1\nmetadata: {name: manifill-trial}\n";

/// The user's own settings, whose names begin like this, are not what is tried.
const NOT_TRIED: [&str; 3] = ["AVP_", "MANIFILL_", "ARGOCD_"];

pub(super) const EXAMPLES: &str = "\
Examples:
  manifill install helm-plugin
  manifill install helm-plugin --to /opt/helm/plugins --copy
  helm install web chart/ --post-renderer manifill --post-renderer-args=--report=manifill.txt

The folder is the one that `helm env HELM_PLUGINS` names; without a helm in the PATH it follows from
HELM_PLUGINS, HELM_DATA_HOME and XDG_DATA_HOME. Helm 3 needs no plugin: it starts the program itself,
with --post-renderer manifill --post-renderer-args post-render.";

#[derive(Debug, clap::Args)]
pub(crate) struct HelmPluginArgs {
    /// Write it into this folder of plugins instead of Helm's own
    #[arg(long, value_name = "DIR", value_hint = clap::ValueHint::DirPath)]
    to: Option<PathBuf>,
    /// Copy the program into the plugin, for a folder that goes elsewhere; without it the plugin runs
    /// the program where it is, and is upgraded with it
    #[arg(long)]
    copy: bool,
    /// Replace a plugin of this name that manifill has not written
    #[arg(long)]
    force: bool,
}

/// Writes the plugin and tries it.
pub(crate) fn run(args: &HelmPluginArgs, output: &Output) -> Result<ExitCode, ExitCode> {
    let plugins = folder(args, output)?;
    let program = OwnProgram::find().map_err(|error| {
        output.error(&format!("the program is not found: {}", error.kind()), None)
    })?;
    if args.copy && !program.is_one_file() {
        return Err(output.usage(
            "a Python package cannot be copied into a plugin",
            "leave --copy out: the plugin runs the interpreter",
        ));
    }
    let plugin = plugins.join(NAME);
    refuse_twins(&plugins, output)?;
    refuse_foreign(&plugin, args.force, output)?;
    let failed = |error: io::Error| {
        let message = format!("{} cannot be written: {}", plugin.display(), error.kind());
        output.error(
            &message,
            Some("name a folder that can be written with --to"),
        )
    };
    if plugin.is_symlink() {
        fs::remove_file(&plugin).map_err(failed)?;
    }
    fs::create_dir_all(&plugin).map_err(failed)?;
    let command = if args.copy {
        copy_program(&program.path, &plugin, NAME).map_err(failed)?;
        format!("${{HELM_PLUGIN_DIR}}/{NAME}")
    } else {
        let path = program.path.to_string_lossy().into_owned();
        // Helm expands variables in it.
        if path.contains('$') {
            let message = format!("Helm cannot run {path}, since there is a `$` in its name");
            return Err(output.error(&message, Some("--copy puts the program into the plugin")));
        }
        path
    };
    let text = text(&command, program.arguments);
    write(&plugin, &text).map_err(failed)?;
    try_out(&plugin, &text, &program, args.copy).map_err(|reason| {
        remove(&plugin, args.copy);
        output.error(&format!("the plugin does not run: {reason}"), None)
    })?;
    let place = plugin.join(FILE);
    output.notes([
        format!("{} is in place and runs {command}", place.display()),
        format!("helm install NAME CHART --post-renderer {NAME}"),
    ]);
    Ok(ExitCode::SUCCESS)
}

/// The folder of plugins to write to.
fn folder(args: &HelmPluginArgs, output: &Output) -> Result<PathBuf, ExitCode> {
    if let Some(folder) = &args.to {
        return Ok(folder.clone());
    }
    let helm = HelmFolder::find();
    if helm.is_helm_3() {
        let version = helm.version.unwrap_or_default();
        return Err(output.error(
            &format!("this is Helm {version}, which knows no plugins of this type and complains about each"),
            Some("use --post-renderer manifill --post-renderer-args post-render; for a Helm 4, name its folder with --to"),
        ));
    }
    helm.plugins.ok_or_else(|| {
        output.error(
            "Helm's folder of plugins is not known",
            Some("name it with --to"),
        )
    })
}

/// Helm refuses to start if two plugins have the same name.
fn refuse_twins(plugins: &Path, output: &Output) -> Result<(), ExitCode> {
    let entries = plugins.read_dir().into_iter().flatten().flatten();
    let others = entries
        .map(|entry| entry.path())
        .filter(|path| path.file_name() != Some(NAME.as_ref()));
    for other in others {
        let text = fs::read_to_string(other.join(FILE)).unwrap_or_default();
        let mut names = text.lines().filter_map(|line| line.strip_prefix("name:"));
        if names.any(|name| name.trim().trim_matches(['"', '\'']) == NAME) {
            return Err(output.error(
                &format!(
                    "the plugin in {} is called {NAME}, too, and Helm takes only one",
                    other.display()
                ),
                Some("remove it, or name another folder with --to"),
            ));
        }
    }
    Ok(())
}

/// What is there is replaced only if this command has written it, or if that is wanted.
fn refuse_foreign(plugin: &Path, force: bool, output: &Output) -> Result<(), ExitCode> {
    if force || plugin.symlink_metadata().is_err() {
        return Ok(());
    }
    let is_empty = || {
        plugin
            .read_dir()
            .is_ok_and(|mut entries| entries.next().is_none())
    };
    let own = fs::read_to_string(plugin.join(FILE)).is_ok_and(|text| text.starts_with(MARK));
    if !plugin.is_symlink() && (own || is_empty()) {
        return Ok(());
    }
    let message = format!(
        "{} is there, and manifill has not written it",
        plugin.display()
    );
    Err(output.error(&message, Some("--force replaces it")))
}

/// The plugin's file.
fn text(command: &str, arguments: &[&str]) -> String {
    let quoted = |text: &str| serde_json::Value::from(text).to_string();
    let arguments: Vec<String> = arguments
        .iter()
        .chain(&["post-render"])
        .map(|one| quoted(one))
        .collect();
    format!(
        "{MARK}\napiVersion: v1\nname: {NAME}\nversion: {}\ntype: postrenderer/v1\nruntime: subprocess\nruntimeConfig:\n  platformCommand:\n    - command: {}\n      args: [{}]\n",
        env!("CARGO_PKG_VERSION"),
        quoted(command),
        arguments.join(", "),
    )
}

/// Writes the plugin's file, whole or not at all.
fn write(plugin: &Path, text: &str) -> io::Result<()> {
    let mut file = tempfile::Builder::new();
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt as _;
        file.permissions(fs::Permissions::from_mode(0o644));
    }
    let mut file = file.prefix(".manifill-").tempfile_in(plugin)?;
    file.write_all(text.as_bytes())?;
    file.persist(plugin.join(FILE))
        .map_err(|error| error.error)?;
    Ok(())
}

/// Removes a plugin that does not run, which is worse than none.
fn remove(plugin: &Path, copied: bool) {
    // What cannot be removed cannot be helped, and why it does not run is told.
    let _ = fs::remove_file(plugin.join(FILE));
    if copied {
        let _ = fs::remove_file(plugin.join(NAME));
    }
    // Something else may be in it.
    let _ = fs::remove_dir(plugin);
}

/// Reads the plugin's file back and runs its command on a tiny manifest.
fn try_out(plugin: &Path, text: &str, program: &OwnProgram, copied: bool) -> Result<(), String> {
    let file = plugin.join(FILE);
    let read = fs::read_to_string(&file).map_err(|error| error.kind().to_string())?;
    if read != text {
        return Err(format!(
            "{} does not read as it was written",
            file.display()
        ));
    }
    let path = if copied {
        plugin.join(NAME)
    } else {
        program.path.clone()
    };
    let arguments = [program.arguments, &["post-render"]].concat();
    let printed = pipe(&path, &arguments, &NOT_TRIED, TRIAL)?;
    if printed != TRIAL.as_bytes() {
        return Err(format!(
            "{} does not print what it is given",
            path.display()
        ));
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_is_left_of_a_plugin_that_does_not_run() {
        let plugins = tempfile::tempdir().unwrap();
        let plugin = plugins.path().join(NAME);
        for (copied, kept) in [(true, false), (true, true), (false, true)] {
            fs::create_dir(&plugin).unwrap();
            for name in [FILE, NAME] {
                fs::write(plugin.join(name), "x").unwrap();
            }
            if kept {
                fs::write(plugin.join("README.md"), "mine").unwrap();
            }
            remove(&plugin, copied);
            assert!(!plugin.join(FILE).exists());
            // A program that this command has not put there stays.
            assert_eq!(plugin.join(NAME).exists(), !copied);
            assert_eq!(plugin.join("README.md").exists(), kept);
            assert_eq!(plugin.exists(), kept);
            let _ = fs::remove_dir_all(&plugin);
        }
    }
}
