//! The Kubernetes Secret with the settings (`-s`, AVP rule 57).

use std::time::Duration;

use manifill_vault::backend::kubernetessecret;
use manifill_vault::settings::Origin;
use manifill_vault::{RunContext, Settings};

use super::error::{ConfigError, ConfigErrors};
use super::sources::Sources;

/// How long it may take: it comes on top of the run, and Argo CD waits for both.
const TIMEOUT: Duration = Duration::from_secs(15);

/// What to do if that is not enough. No setting changes it: where the settings are, is not known yet.
const TIMEOUT_HINT: &str = "the cluster has 15 seconds for this, whatever MANIFILL_TIMEOUT says; see whether its API server answers";

impl Sources {
    /// Reads the settings from a Kubernetes Secret: `[namespace:]name`, as after `-s`.
    ///
    /// The cluster and the login are those of the environment and of this process, never of an
    /// app's author. With a settings file the Secret has no say (AVP rule 54): then it is not read,
    /// and [`Config::notes`](super::Config::notes) say so. It takes 15 s at most.
    ///
    /// # Errors
    /// Why the Secret cannot be read.
    pub async fn read_secret(&mut self, name: &str) -> Result<(), ConfigErrors> {
        self.read_secret_within(name, TIMEOUT).await
    }

    pub(super) async fn read_secret_within(
        &mut self,
        name: &str,
        timeout: Duration,
    ) -> Result<(), ConfigErrors> {
        let mut settings = Settings::new();
        for setting in kubernetessecret::INFO.settings {
            if let Some(value) = self.variable(setting.name) {
                settings.set(setting.name, value, Origin::Environment);
            }
        }
        self.settings_secret = kubernetessecret::full_name(name, &settings);
        if self.settings_file().is_some() {
            let note = format!(
                "the Secret `{}` is not read: a settings file takes its place",
                name.escape_debug()
            );
            self.notes.push(note);
            return Ok(());
        }
        let run = RunContext::new()
            .with_timeout(timeout)
            .with_timeout_hint(TIMEOUT_HINT)
            .with_concurrency(1);
        let data = kubernetessecret::read_settings(name, &settings, &run).await;
        self.notes.extend(run.notes());
        let data = data.map_err(|error| {
            let mut told = ConfigError::new("the settings in Secret {} cannot be read: {=}")
                .with_name(name)
                .with_name(error.to_string());
            if let Some(hint) = error.hint() {
                told = told.with_hint(hint);
            }
            ConfigErrors::from(told).with_notes(self.notes.clone())
        })?;
        self.secret = Some((name.to_owned(), data));
        Ok(())
    }
}
