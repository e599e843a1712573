//! Which plugins a server has, and under which names.

use std::fmt;
use std::str::FromStr;

use crate::secret_name::is_object_name;
use crate::server::{Mode, NotAMode};

/// What a name may have, in bytes: with `.sock` behind it, it is one of a file.
const NAME: usize = 63;

/// A plugin of the server: the name that Applications use, and what it does.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct ServedPlugin {
    /// The name, which is that of its socket.
    pub name: String,
    /// What it takes an app's folder for.
    pub mode: Mode,
    /// Whether it also says which Applications it is for that name no plugin.
    pub discovery: bool,
}

impl ServedPlugin {
    /// The plugins of a server of which nothing is said: `manifill`, which looks what an app is, and
    /// one for each kind.
    ///
    /// ```
    /// use manifill_argocd::serve::ServedPlugin;
    ///
    /// let plugins = ServedPlugin::usual();
    /// let names: Vec<_> = plugins.iter().map(|plugin| plugin.to_string()).collect();
    /// assert_eq!(
    ///     names,
    ///     ["manifill=auto", "manifill-plain=plain", "manifill-helm=helm", "manifill-kustomize=kustomize"]
    /// );
    /// assert_eq!("avp=helm,discover".parse::<ServedPlugin>().unwrap().to_string(), "avp=helm,discover");
    /// ```
    pub fn usual() -> Vec<ServedPlugin> {
        let usual = |mode: Mode| ServedPlugin {
            name: match mode {
                Mode::Auto => "manifill".to_owned(),
                mode => format!("manifill-{mode}"),
            },
            mode,
            discovery: false,
        };
        Mode::ALL.map(usual).to_vec()
    }
}

impl fmt::Display for ServedPlugin {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let discover = if self.discovery { ",discover" } else { "" };
        write!(f, "{}={}{discover}", self.name, self.mode)
    }
}

/// Why a text is no plugin.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum NotAPlugin {
    /// It has no `=`.
    #[error("write NAME=MODE, such as manifill=auto")]
    Shape,
    /// The name is not one of a plugin.
    #[error(
        "a plugin's name has at most 63 letters, digits, `-` and `.`, the letters small, and begins and ends with a letter or digit"
    )]
    Name,
    /// The mode is not one.
    #[error(transparent)]
    Mode(#[from] NotAMode),
    /// What follows the mode is not `discover`.
    #[error("only `discover` can follow the mode")]
    Rest,
}

impl FromStr for ServedPlugin {
    type Err = NotAPlugin;

    fn from_str(text: &str) -> Result<Self, NotAPlugin> {
        let (name, rest) = text.split_once('=').ok_or(NotAPlugin::Shape)?;
        if !is_object_name(name) || name.len() > NAME {
            return Err(NotAPlugin::Name);
        }
        let (mode, discovery) = match rest.split_once(',') {
            None => (rest, false),
            Some((mode, "discover")) => (mode, true),
            Some(_) => return Err(NotAPlugin::Rest),
        };
        Ok(ServedPlugin {
            name: name.to_owned(),
            mode: mode.parse()?,
            discovery,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_plugin_is_a_name_and_a_mode() {
        for (text, wanted) in [
            ("manifill", NotAPlugin::Shape),
            ("=auto", NotAPlugin::Name),
            ("../x=auto", NotAPlugin::Name),
            ("a/b=auto", NotAPlugin::Name),
            ("Avp=auto", NotAPlugin::Name),
            (".=auto", NotAPlugin::Name),
            ("a\0=auto", NotAPlugin::Name),
            ("x=", NotAPlugin::Mode(NotAMode)),
            ("x=jsonnet", NotAPlugin::Mode(NotAMode)),
            ("x=helm,", NotAPlugin::Rest),
            ("x=helm,discover,discover", NotAPlugin::Rest),
        ] {
            assert_eq!(text.parse::<ServedPlugin>(), Err(wanted), "{text}");
        }
        let long = format!("{}=auto", "a".repeat(64));
        assert_eq!(long.parse::<ServedPlugin>(), Err(NotAPlugin::Name));
        let plugin: ServedPlugin = "argocd-vault-plugin-helm-1.0=helm".parse().unwrap();
        assert_eq!((plugin.mode, plugin.discovery), (Mode::Helm, false));
    }
}
