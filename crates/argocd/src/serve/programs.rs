//! Helm and kustomize, as far as a server has them.

use std::path::{Path, PathBuf};

use super::error::Mistake;
use super::log::{Field, Level, Log};
use super::options::Options;
use crate::rendering::{Limits, Programs, RemoteHosts, Workspace, find_program};
use crate::server::Mode;

/// The programs that a server has: what the options name must be there, what is in `PATH` may be.
pub(crate) struct Wanted {
    helm: Option<PathBuf>,
    kustomize: Option<PathBuf>,
}

impl Wanted {
    /// `None` without any: then nothing is ever written to disk.
    pub(crate) fn of(options: &Options, log: &Log) -> Option<Wanted> {
        let find = |name: &'static str, given: &Option<PathBuf>, kind: Mode| {
            let is_for = |mode| mode == Mode::Auto || mode == kind;
            let is_wanted = options.plugins.iter().any(|plugin| is_for(plugin.mode));
            if given.is_some() || !is_wanted {
                return given.clone();
            }
            if find_program(name.as_ref()).is_ok() {
                return Some(name.into());
            }
            let fields = [("program", Field::Text(name))];
            log.tell(
                Level::Warning,
                "this server does not have the program",
                &fields,
            );
            None
        };
        let wanted = Wanted {
            helm: find("helm", &options.helm, Mode::Helm),
            kustomize: find("kustomize", &options.kustomize, Mode::Kustomize),
        };
        (wanted.helm.is_some() || wanted.kustomize.is_some()).then_some(wanted)
    }

    /// Makes the folder that they work in.
    ///
    /// # Errors
    /// A folder that cannot be made, a program that is no longer there.
    pub(crate) fn open(
        self,
        temporary: &Path,
        limits: Limits,
        hosts: RemoteHosts,
    ) -> Result<Programs, Mistake> {
        let workspace = Workspace::open(temporary, limits)?;
        let mut programs = Programs::new(workspace).with_remote_hosts(hosts);
        if let Some(program) = self.helm {
            programs = programs.with_helm(program)?;
        }
        if let Some(program) = self.kustomize {
            programs = programs.with_kustomize(program)?;
        }
        Ok(programs)
    }
}
