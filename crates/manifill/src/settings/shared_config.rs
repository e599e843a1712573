//! The settings of an app in a program that fills for many.

use super::{Config, ConfigErrors, Sources};
use crate::shared::SharedBackends;

impl SharedBackends {
    /// Makes the configuration of these sources, as [`Config::load`] does, with shared backends. The
    /// operator's files are read again, so what has changed there holds from the next run on.
    ///
    /// The environment in the sources is the operator's, with what Argo CD says of one app and what
    /// its author sets (`ARGOCD_…`) as data: nothing is read from that of the process.
    ///
    /// # Errors
    /// As [`Config::load`].
    pub fn config(&self, sources: &Sources) -> Result<Config, ConfigErrors> {
        let mut config = Config::load(sources)?;
        self.set_limits(config.share_reads, config.max_requests_per_minute);
        config.backends = std::mem::take(&mut config.backends).shared_from(self);
        Ok(config)
    }
}
