//! Plugins of an installation, served by native servers.

use super::Avp;
use super::native::Native;
use crate::Plugin;
use crate::native::{Server, Socket};
use crate::secret_name::SecretName;

/// What a plugin was.
#[derive(Clone, Debug)]
pub(super) struct Origin {
    /// What it is to the native server, or why it is nothing to it.
    pub(super) native: Result<Native, &'static str>,
    /// The Secrets that its commands name.
    pub(super) secrets: Vec<SecretName>,
}

impl Avp {
    /// The same with native servers in place of the plugins whose recipe they have, one for all that
    /// have the same settings. The others stay, and the notes say why.
    #[must_use]
    pub fn served_natively(mut self) -> Avp {
        let plugins = std::mem::take(&mut self.plugins);
        let origins = std::mem::take(&mut self.origins);
        for (plugin, origin) in plugins.into_iter().zip(origins) {
            match origin.native {
                Ok(native) => self.serve(&plugin, native, origin.secrets.into_iter().next()),
                Err(why) => {
                    self.notes.push(format!(
                        "the plugin {} stays one that Argo CD's own plugin server runs: {why}",
                        plugin.name
                    ));
                    self.origins.push(Origin {
                        native: Err(why),
                        secrets: origin.secrets,
                    });
                    self.plugins.push(plugin);
                }
            }
        }
        self
    }

    /// Adds a plugin to the server that has the same settings, or to one of its own.
    fn serve(&mut self, plugin: &Plugin, native: Native, secret: Option<SecretName>) {
        for note in native.notes {
            self.notes
                .push(format!("the plugin {} {note}", plugin.name));
        }
        if let Some(secret) = &secret {
            self.notes.push(format!(
                "the plugin {} reads the Secret {secret} when its container starts, and no more in each run",
                plugin.name
            ));
        }
        let socket = Socket {
            name: plugin.called_by_applications(),
            mode: native.mode,
            discover: native.discover,
            skip_crds: native.skip_crds,
        };
        let server = Server {
            container: plugin.container.clone(),
            sockets: vec![socket],
            env: plugin.env.clone(),
            env_from: plugin.env_from.clone(),
            secret,
            takes_settings: plugin.takes_settings,
            mounts: plugin.mounts.clone(),
        };
        let mut known = self.servers.iter_mut();
        match known.find(|known| known.has_settings_of(&server)) {
            Some(known) => known.sockets.extend(server.sockets),
            None => self.servers.push(server),
        }
    }
}
