//! Helm and kustomize, as far as a server has them.

use std::path::Path;

use super::error::Mistake;
use super::log::{Field, Level, Log};
use super::options::Options;
use crate::rendering::{Limits, Programs, RemoteHosts, Workspace, find_program};
use crate::server::Mode;

/// What a server has: what the options name must be there, what is in `PATH` may be. Without either,
/// nothing is ever written to disk.
///
/// # Errors
/// A folder that cannot be made, a program that is no longer there.
pub(crate) fn programs(
    options: &Options,
    hosts: RemoteHosts,
    temporary: &Path,
    log: &Log,
) -> Result<Option<Programs>, Mistake> {
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
    let there = |(name, given, wanted): &(&str, Option<&Path>, bool)| {
        given.is_some() || (*wanted && find_program(name.as_ref()).is_ok())
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
    let workspace = Workspace::open(temporary, Limits::new())?;
    let mut programs = Programs::new(workspace).with_remote_hosts(hosts);
    if there(&wanted[0]) {
        let program = helm.unwrap_or(Path::new("helm"));
        programs = programs.with_helm(program)?;
    }
    if there(&wanted[1]) {
        let program = kustomize.unwrap_or(Path::new("kustomize"));
        programs = programs.with_kustomize(program)?;
    }
    Ok(Some(programs))
}
