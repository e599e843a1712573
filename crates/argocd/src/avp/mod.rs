//! Reading an installation of argocd-vault-plugin, as people write them.

mod error;
mod find;
mod flags;
mod native;
mod note;
mod policy;
mod program;
mod recipe;
mod script;
mod serve;
mod shell;
mod values;

use std::collections::BTreeSet;

use serde_yaml::Value;

use crate::Plugin;
use crate::native::Server;
use crate::secret_name::{SecretName, is_object_name};
pub use error::AvpError;
use find::{Found, FoundPlugin};
use native::Origin;
use note::Note;
use program::PROGRAM;
use values::{holds, is_named, list};

/// What an installation of argocd-vault-plugin says, for an [`Install`](crate::Install).
#[derive(Clone, Debug, Default)]
#[non_exhaustive]
pub struct Avp {
    /// Its plugins under their names, running manifill.
    pub plugins: Vec<Plugin>,
    /// The native servers that [`Avp::served_natively`] has made of some of them.
    pub servers: Vec<Server>,
    /// Volumes that they mount.
    pub volumes: Vec<Value>,
    /// The Secrets that their commands name.
    pub secrets: Vec<SecretName>,
    /// Whether its containers have the token of their account.
    pub with_account: bool,
    /// The account of the repo-server, if it is named.
    pub service_account: Option<String>,
    /// The namespace of Argo CD, if it is told.
    pub namespace: Option<String>,
    /// The name of the operator's `ArgoCD` resource, if it is one.
    pub operator: Option<String>,
    /// The type of backend, if it is told.
    pub backend: Option<String>,
    /// The plugins whose command is not one of the usual ones, and runs as it is with manifill's name
    /// in it.
    pub kept: Vec<String>,
    /// Other plugins of the same repo-server.
    pub others: Vec<String>,
    /// What is different, left out or to be done.
    pub notes: Vec<String>,
    /// What each of the plugins was.
    origins: Vec<Origin>,
}

impl Avp {
    /// Reads an installation from the texts of its files, each with its name. `namespace` is that of
    /// Argo CD, if it is known; else it is what the files say, or `argocd`.
    ///
    /// # Errors
    /// If a text is not YAML, nor is any in it that may be a plugin, or none has a plugin that runs
    /// argocd-vault-plugin.
    pub fn read<'t>(
        files: impl IntoIterator<Item = (&'t str, &'t str)>,
        namespace: Option<&str>,
    ) -> Result<Avp, AvpError> {
        let mut found = Found::default();
        for (name, text) in files {
            found.file(name, text)?;
        }
        let mut avp = Avp {
            with_account: found.account.is_given,
            service_account: found.service_account.clone(),
            namespace: found.namespace.clone(),
            operator: found.operator.clone(),
            ..Avp::default()
        };
        let namespace = namespace
            .or(found.namespace.as_deref())
            .unwrap_or("argocd")
            .to_owned();
        let plugins = std::mem::take(&mut found.plugins);
        let (own, others): (Vec<_>, Vec<_>) = plugins.into_iter().partition(FoundPlugin::runs_avp);
        avp.others = others.into_iter().map(|plugin| plugin.name).collect();
        for plugin in own {
            if !names_a_file(&plugin.name) {
                avp.notes.push(format!(
                    "the plugin `{}` is left out: Argo CD makes a file of its name, and it is no name of a file",
                    plugin.name.escape_debug()
                ));
                continue;
            }
            if avp.plugins.iter().all(|known| known.name != plugin.name) {
                avp.plugin(&plugin, &found, &namespace);
            }
        }
        if avp.plugins.is_empty() {
            return Err(match found.templates.pop_first() {
                Some(key) => AvpError::NotYaml {
                    place: key.escape_debug().to_string(),
                },
                None => AvpError::NoPlugin,
            });
        }
        avp.with_account |= avp
            .plugins
            .iter()
            .any(|plugin| match needs_account(plugin) {
                Some(needs) => needs,
                None => found.account.is_left,
            });
        avp.others(&found);
        for key in &found.templates {
            avp.notes.push(format!(
                "`{}` holds a text that is not YAML, such as a template, and is not read: render it first",
                key.escape_debug()
            ));
        }
        for file in &found.incomplete {
            avp.notes.push(format!(
                "`{}` holds a plugin without a name or without `spec`, which Argo CD does not run, and is left out",
                file.escape_debug()
            ));
        }
        avp.take_out(&found);
        avp.secrets.sort();
        avp.secrets.dedup();
        Ok(avp)
    }

    fn plugin(&mut self, plugin: &FoundPlugin, found: &Found, namespace: &str) {
        let rewritten = recipe::rewrite(&plugin.name, &plugin.spec);
        if rewritten.is_kept {
            self.kept.push(plugin.name.clone());
        }
        let mut notes = rewritten.notes;
        let mut secrets = Vec::new();
        for name in &rewritten.secrets {
            secrets.extend(self.secret(&plugin.name, name, namespace));
        }
        self.secrets.extend_from_slice(&secrets);
        let sidecar = found.sidecar_of(plugin);
        let container = sidecar
            .and_then(|sidecar| sidecar.get("name").and_then(Value::as_str))
            .unwrap_or(&plugin.name);
        let settings = sidecar.or(found.repo_server.first());
        let mut new = Plugin::new(&plugin.name, self.container(container), rewritten.spec);
        new.env = list(settings, "env")
            .filter(|variable| is_a_setting(variable, sidecar.is_some()))
            .cloned()
            .collect();
        new.env_from = list(settings, "envFrom").cloned().collect();
        if let Some(program) = shell::other_program(&plugin.spec) {
            new.image = sidecar
                .and_then(|sidecar| sidecar.get("image")?.as_str())
                .map(str::to_owned);
            if let Some(image) = &new.image {
                notes.push(Note {
                    classic: format!(
                        "the plugin {} keeps its image {image}, since its command runs {program}; it now runs as user 999, on a root file system that is read-only",
                        plugin.name
                    ),
                    native: format!(
                        "the plugin {} leaves its image {image}: the native server renders by itself what {program} did",
                        plugin.name
                    ),
                });
            }
        }
        let has_limit = |resources: &&Value| {
            let limits = resources.get("limits");
            limits.is_some_and(|limits| limits.get("memory").is_some())
        };
        let resources = sidecar.and_then(|sidecar| sidecar.get("resources"));
        new.resources = resources.filter(has_limit).cloned();
        new.takes_settings =
            new.env.is_empty() && new.env_from.is_empty() && rewritten.secrets.is_empty();
        let backend = new
            .env
            .iter()
            .find(|variable| is_named(variable, "AVP_TYPE"));
        let backend = backend.and_then(|variable| variable.get("value")?.as_str());
        self.backend = self.backend.take().or(backend.map(str::to_owned));
        for mount in list(sidecar, "volumeMounts") {
            notes.extend(self.mount(&mut new, mount, found));
        }
        if let Some(why) = policy::why_not(&new, &rewritten.secrets, &rewritten.files) {
            new.takes_policy = false;
            notes.push(Note::of_both(format!(
                "a policy in manifill.yaml does not reach the plugin {}: {why}",
                new.name
            )));
        }
        self.notes
            .extend(notes.iter().map(|note| note.classic.clone()));
        self.origins.push(Origin {
            native: native::of(&plugin.spec),
            secrets,
            notes,
        });
        self.plugins.push(new);
    }

    /// A name for a container that no other one has.
    fn container(&self, wanted: &str) -> String {
        let wanted = label(wanted);
        let is_free = |name: &String| self.plugins.iter().all(|plugin| plugin.container != *name);
        let numbered = (2..).map(|number| format!("{wanted}-{number}"));
        let mut names = [wanted.clone()].into_iter().chain(numbered);
        names.find(is_free).unwrap_or(wanted)
    }

    /// A Secret that a command names.
    fn secret(&mut self, plugin: &str, name: &str, namespace: &str) -> Option<SecretName> {
        let full = if name.contains(':') {
            name.to_owned()
        } else {
            format!("{namespace}:{name}")
        };
        let secret = full.parse().ok();
        if secret.is_none() {
            self.with_account = true;
            self.notes.push(format!(
                "the plugin {plugin} chooses the Secret of -s by a variable: give {} the right to read the Secrets that it may be",
                self.service_account.as_deref().unwrap_or("the account of the repo-server")
            ));
        }
        secret
    }

    /// A volume that a sidecar mounts, unless manifill brings what is in it.
    fn mount(&mut self, plugin: &mut Plugin, mount: &Value, found: &Found) -> Option<Note> {
        const OWN: [&str; 3] = ["/var/run/argocd", "/home/argocd/cmp-server/plugins", "/tmp"];
        let text = |key| mount.get(key).and_then(Value::as_str).unwrap_or_default();
        let (path, name) = (text("mountPath").trim_end_matches('/'), text("name"));
        if OWN.contains(&path)
            || path.starts_with("/home/argocd/cmp-server/config")
            || path.ends_with(&format!("/{PROGRAM}"))
            || text("subPath") == PROGRAM
        {
            return None;
        }
        let volume = found.volumes.iter().find(|volume| is_named(volume, name));
        match volume {
            Some(volume) if !is_tool(path, volume) => {
                let (mut mount, mut volume) = (mount.clone(), volume.clone());
                if name.starts_with("manifill-") || name == format!("{}-tmp", plugin.container) {
                    // A volume that is written here has this name.
                    for named in [&mut mount, &mut volume] {
                        named["name"] = format!("{name}-own").into();
                    }
                }
                plugin.mounts.push(mount);
                if !self.volumes.contains(&volume) {
                    self.volumes.push(volume);
                }
                None
            }
            _ => {
                let left_out =
                    format!("the mount {path} of the plugin {} is left out", plugin.name);
                Some(match volume {
                    Some(_) => Note {
                        classic: format!(
                            "{left_out}: the image has Helm and kustomize; bring other tools by an image of your own (--argocd-image)"
                        ),
                        native: format!(
                            "{left_out}: the image has Helm and kustomize, and the native server runs nothing else"
                        ),
                    },
                    None => {
                        Note::of_both(format!("{left_out}: its volume is in none of the files"))
                    }
                })
            }
        }
    }

    /// The sidecars that run something else, whose plugins may be in none of the files.
    fn others(&mut self, found: &Found) {
        for sidecar in &found.sidecars {
            let name = sidecar.get("name").and_then(Value::as_str);
            let is_own = |plugin: &Plugin| Some(plugin.container.as_str()) == name;
            let is_known = |name: &str| self.others.iter().any(|other| other == name);
            let Some(name) = name.filter(|name| !is_known(name)) else {
                continue;
            };
            if !self.plugins.iter().any(is_own) {
                self.others.push(name.to_owned());
            }
        }
    }

    /// What goes when this comes.
    fn take_out(&mut self, found: &Found) {
        let mut names = BTreeSet::new();
        let named = |value: &Value| value.get("name").and_then(Value::as_str).map(str::to_owned);
        for plugin in &self.plugins {
            names.insert(format!("plugin {}", plugin.name));
        }
        let own = found.sidecars.iter().filter(|sidecar| {
            let name = sidecar.get("name").and_then(Value::as_str);
            self.plugins
                .iter()
                .any(|plugin| Some(plugin.container.as_str()) == name)
        });
        names.extend(
            own.filter_map(named)
                .map(|name| format!("container {name}")),
        );
        for init in found
            .init_containers
            .iter()
            .filter(|init| holds(init, PROGRAM))
        {
            names.extend(named(init).map(|name| format!("init container {name}")));
        }
        let names: Vec<_> = names.into_iter().collect();
        self.notes.push(format!(
            "take the old ones out when you add these: {}",
            names.join(", ")
        ));
    }
}

/// Whether a volume brings programs that the image of the sidecars has.
fn is_tool(path: &str, volume: &Value) -> bool {
    volume.get("emptyDir").is_some()
        && ["/usr/local/bin", "/usr/bin", "/custom-tools"]
            .iter()
            .any(|folder| path.starts_with(folder))
}

/// Whether a variable is one of the settings. Those that Argo CD gives its own container are not.
fn is_a_setting(variable: &Value, of_sidecar: bool) -> bool {
    const OF_ARGO_CD: [&str; 4] = ["ARGOCD_", "REDIS", "HELM_", "USER_NAME"];
    let name = variable.get("name").and_then(Value::as_str);
    // What has no name is no variable, and a cluster takes none such.
    name.is_some_and(|name| of_sidecar || !OF_ARGO_CD.iter().any(|own| name.starts_with(own)))
}

/// Whether a plugin logs in with the token of the pod's account, which the variables say that name a
/// type, of a backend or of a login. `None` if they come from where nobody can look.
fn needs_account(plugin: &Plugin) -> Option<bool> {
    let name = |variable: &Value| variable.get("name")?.as_str().map(str::to_owned);
    let is_type = |variable: &&Value| name(variable).is_some_and(|name| name.ends_with("_TYPE"));
    let types = plugin.env.iter().filter(is_type);
    let types: Vec<Option<&str>> = types
        .map(|variable| variable.get("value")?.as_str())
        .collect();
    let by_account = ["k8s", "kubernetes"];
    if types
        .iter()
        .flatten()
        .any(|value| by_account.contains(value))
    {
        return Some(true);
    }
    let is_known = plugin.env_from.is_empty() && !types.contains(&None);
    is_known.then_some(false)
}

/// Whether a name of a plugin can be that of its socket and of its file in a ConfigMap.
fn names_a_file(name: &str) -> bool {
    let is_plain = |byte: u8| byte.is_ascii_alphanumeric() || b"-_.".contains(&byte);
    !name.is_empty() && !name.starts_with('.') && name.bytes().all(is_plain)
}

/// A name that a container can have.
fn label(name: &str) -> String {
    let name: String = name
        .to_ascii_lowercase()
        .chars()
        .map(|c| if c.is_ascii_alphanumeric() { c } else { '-' })
        .take(59)
        .collect();
    let name = name.trim_matches('-');
    if is_object_name(name) {
        name.to_owned()
    } else {
        "manifill".to_owned()
    }
}
