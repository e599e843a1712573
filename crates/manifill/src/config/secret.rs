//! The Kubernetes Secret with the settings (`-s`, AVP rule 57).

use manifill_vault::backend::{by_name, kubernetessecret};
use manifill_vault::settings::Origin;
use manifill_vault::{Run, Settings, VaultError};

use super::sources::Sources;

impl Sources {
    /// Reads the settings from a Kubernetes Secret: `[namespace:]name`, as after `-s`.
    ///
    /// The cluster and the login are those of the environment and of this process, never of an
    /// app's author.
    ///
    /// # Errors
    /// Why the Secret cannot be read.
    pub async fn read_secret(&mut self, name: &str, run: &Run) -> Result<(), VaultError> {
        let mut settings = Settings::new();
        for setting in by_name("kubernetessecret")
            .into_iter()
            .flat_map(|info| info.settings)
        {
            if let Some(value) = self.variable(setting.name) {
                settings.set(setting.name, value, Origin::Environment);
            }
        }
        let data = kubernetessecret::read_settings(name, &settings, run).await?;
        self.secret = Some((name.to_owned(), data));
        Ok(())
    }
}
