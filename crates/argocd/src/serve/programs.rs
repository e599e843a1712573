//! Helm and kustomize, as far as a server has them.

use std::path::Path;

use super::error::ServeError;
use super::log::{Field, Level, Log};
use super::options::Options;
use crate::rendering::{Limits, Programs, RemoteHosts, RenderingError, Workspace};
use crate::server::Mode;

/// What a server has: what the options name must be there, what is in `PATH` may be. Without either,
/// nothing is ever written to disk.
///
/// # Errors
/// A program that is not there, a folder that cannot be made, malformed names of hosts.
pub(crate) fn programs(
    options: &Options,
    remote_hosts: Option<&str>,
    temporary: &Path,
    log: &Log,
) -> Result<Option<Programs>, ServeError> {
    let hosts = RemoteHosts::parse(remote_hosts.unwrap_or_default()).map_err(told)?;
    let (helm, kustomize) = (options.helm.as_deref(), options.kustomize.as_deref());
    let named = helm.is_some() || kustomize.is_some();
    let wanted = |kind| {
        let is_for = |mode| mode == Mode::Auto || mode == kind;
        options.plugins.iter().any(|plugin| is_for(plugin.mode))
    };
    let wanted = [
        ("helm", helm, wanted(Mode::Helm)),
        ("kustomize", kustomize, wanted(Mode::Kustomize)),
    ];
    if !named && !wanted.iter().any(|(_, _, wanted)| *wanted) {
        return Ok(None);
    }
    let in_path = |name: &str| {
        let path = std::env::var_os("PATH").unwrap_or_default();
        std::env::split_paths(&path).any(|folder| folder.join(name).is_file())
    };
    let there = |(name, given, wanted): &(&str, Option<&Path>, bool)| {
        given.is_some() || (*wanted && in_path(name))
    };
    for program in wanted.iter().filter(|program| program.2 && !there(program)) {
        let fields = [("program", Field::Text(program.0))];
        log.tell(
            Level::Warning,
            "this server does not have the program",
            &fields,
        );
    }
    if !wanted.iter().any(there) {
        return Ok(None);
    }
    let workspace = Workspace::open(temporary, Limits::new()).map_err(told)?;
    let mut programs = Programs::new(workspace).with_remote_hosts(hosts);
    if there(&wanted[0]) {
        let program = helm.unwrap_or(Path::new("helm"));
        programs = programs.with_helm(program).map_err(told)?;
    }
    if there(&wanted[1]) {
        let program = kustomize.unwrap_or(Path::new("kustomize"));
        programs = programs.with_kustomize(program).map_err(told)?;
    }
    Ok(Some(programs))
}

fn told(error: RenderingError) -> ServeError {
    let told = ServeError::new(error.to_string());
    match error.hint() {
        Some(hint) => told.with_hint(hint),
        None => told,
    }
}
