//! Plugins of an installation, served by native servers.

use super::Avp;
use super::native::{Native, Origin};
use super::note::Note;
use crate::Plugin;
use crate::native::Server;
use crate::secret_name::SecretName;
use crate::served_plugin::{ServedPlugin, is_plugin_name};

impl Avp {
    /// The same with native servers in place of the plugins whose recipe they have, one for all that
    /// have the same settings. The others stay, and the notes say why.
    #[must_use]
    pub fn served_natively(mut self) -> Avp {
        let plugins = std::mem::take(&mut self.plugins);
        let origins = std::mem::take(&mut self.origins);
        for (plugin, origin) in plugins.into_iter().zip(origins) {
            let name = plugin.called_by_applications();
            let native = origin.native.clone().and_then(|native| {
                let why = "its name is too long for a socket of the native server";
                is_plugin_name(&name).then_some(native).ok_or(why)
            });
            match native {
                Ok(native) => {
                    self.rewrite_notes(&origin.notes);
                    self.serve(&plugin, native, origin.secrets.into_iter().next());
                }
                Err(why) => {
                    self.notes.push(format!(
                        "the plugin {} stays one that Argo CD's own plugin server runs: {why}",
                        plugin.name
                    ));
                    self.origins.push(Origin {
                        native: Err(why),
                        ..origin
                    });
                    self.plugins.push(plugin);
                }
            }
        }
        self
    }

    /// Says of a plugin what holds natively.
    fn rewrite_notes(&mut self, notes: &[Note]) {
        for told in &mut self.notes {
            if let Some(note) = notes.iter().find(|note| note.classic == *told) {
                told.clone_from(&note.native);
            }
        }
    }

    /// Adds a plugin to the server that has the same settings, or to one of its own.
    fn serve(&mut self, plugin: &Plugin, native: Native, secret: Option<SecretName>) {
        for note in native.notes {
            self.notes
                .push(format!("the plugin {} {note}", plugin.name));
        }
        if plugin.resources.is_some() {
            self.notes.push(format!(
                "the plugin {} leaves its `resources`: a native server is one for all its plugins, and has those of --memory",
                plugin.name
            ));
        }
        if let Some(secret) = &secret {
            self.notes.push(format!(
                "the plugin {} reads the Secret {secret} when its container starts, and no more in each run",
                plugin.name
            ));
        }
        let served = ServedPlugin {
            name: plugin.called_by_applications(),
            mode: native.mode,
            discovery: native.discovery,
            skips_crds: native.skip_crds,
        };
        let server = Server {
            container: plugin.container.clone(),
            plugins: vec![served],
            env: plugin.env.clone(),
            env_from: plugin.env_from.clone(),
            secret,
            takes_settings: plugin.takes_settings,
            takes_policy: plugin.takes_policy,
            mounts: plugin.mounts.clone(),
        };
        let mut known = self.servers.iter_mut();
        match known.find(|known| known.has_settings_of(&server)) {
            Some(known) => known.plugins.extend(server.plugins),
            None => self.servers.push(server),
        }
    }
}
