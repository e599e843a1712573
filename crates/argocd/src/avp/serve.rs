//! Plugins of an installation, served by native servers.

use serde_yaml::{Mapping, Value};

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
    /// have the same settings. The others stay, and the notes say why. `namespace` is that of Argo CD.
    #[must_use]
    pub fn served_natively(mut self, namespace: &str) -> Avp {
        let plugins = std::mem::take(&mut self.plugins);
        let origins = std::mem::take(&mut self.origins);
        // A login that such a Secret holds may be one with the account of the pod.
        self.with_account |= !self.secrets.is_empty();
        self.secrets.clear();
        for (plugin, origin) in plugins.into_iter().zip(origins) {
            let native = origin.native.clone();
            let served =
                native.and_then(|native| Ok((server(&plugin, &native, namespace)?, native)));
            match served {
                Ok((server, native)) => self.serve(&plugin, native, server),
                Err(why) => {
                    self.notes.push(format!(
                        "the plugin {} stays one that Argo CD's own plugin server runs: {why}",
                        plugin.name
                    ));
                    self.secrets.extend_from_slice(&origin.secrets);
                    self.origins.push(origin);
                    self.plugins.push(plugin);
                }
            }
        }
        self.secrets.sort();
        self.secrets.dedup();
        self
    }

    /// Adds a plugin to the server that has the same settings, or to one of its own.
    fn serve(&mut self, plugin: &Plugin, native: Native, server: Server) {
        for note in native.notes {
            self.notes
                .push(format!("the plugin {} {note}", plugin.name));
        }
        if let Some(secret) = native.secret {
            self.notes.push(format!(
                "the plugin {} gets the Secret {secret} as variables of its container, which are read when it starts",
                plugin.name
            ));
        }
        let socket = Socket {
            name: plugin.called_by_applications(),
            mode: native.mode,
            discover: native.discover,
        };
        let settings = |server: &Server| Server {
            container: String::new(),
            sockets: Vec::new(),
            ..server.clone()
        };
        let wanted = settings(&server);
        let mut known = self.servers.iter_mut();
        match known.find(|known| settings(known) == wanted) {
            Some(known) => known.sockets.push(socket),
            None => self.servers.push(Server {
                sockets: vec![socket],
                ..server
            }),
        }
    }
}

/// A server without sockets that gives a plugin the settings it has now.
fn server(plugin: &Plugin, native: &Native, namespace: &str) -> Result<Server, &'static str> {
    let mut env_from = plugin.env_from.clone();
    if let Some(secret) = &native.secret {
        let name = match secret.split_once(':') {
            None => secret.as_str(),
            Some((other, name)) if other == namespace => name,
            Some(_) => return Err("the Secret of its -s is in another namespace"),
        };
        // What comes later wins, and a variable wins over the Secret of -s.
        env_from.insert(0, secret_ref(name));
    }
    Ok(Server {
        container: plugin.container.clone(),
        sockets: Vec::new(),
        env: plugin.env.clone(),
        env_from,
        takes_settings: plugin.takes_settings,
        mounts: plugin.mounts.clone(),
    })
}

/// An item of `envFrom`.
fn secret_ref(name: &str) -> Value {
    let named = Mapping::from_iter([("name".into(), name.into())]);
    Value::Mapping(Mapping::from_iter([(
        "secretRef".into(),
        Value::Mapping(named),
    )]))
}
