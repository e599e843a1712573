//! Which plugins a server has, and under which names.

use std::fmt;
use std::str::FromStr;

use crate::discovery::Discovery;
use crate::mode::{Mode, NotAMode};

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
    /// Which Applications it says that it is for.
    pub discovery: Discovery,
    /// Whether a chart's custom resource definitions are left out unless an app's author asks for them
    /// with `--include-crds`.
    pub skips_crds: bool,
}

/// Whether a plugin can have this name. Those of other plugins, whose place it takes, must do.
pub(crate) fn is_plugin_name(name: &str) -> bool {
    let is_plain = |byte: u8| byte.is_ascii_alphanumeric() || b"-_.".contains(&byte);
    (1..=NAME).contains(&name.len()) && !name.starts_with('.') && name.bytes().all(is_plain)
}

impl ServedPlugin {
    /// The plugins of a server of which nothing is said: `manifill`, which looks what an app is, and
    /// one for each kind.
    ///
    /// ```
    /// use manifill_argocd::ServedPlugin;
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
            discovery: Discovery::Off,
            skips_crds: false,
        };
        Mode::ALL.map(usual).to_vec()
    }
}

impl fmt::Display for ServedPlugin {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let discover = self.discovery.as_str();
        let comma = if discover.is_some() { "," } else { "" };
        let discover = discover.unwrap_or_default();
        let crds = if self.skips_crds { ",skip-crds" } else { "" };
        write!(f, "{}={}{comma}{discover}{crds}", self.name, self.mode)
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
        "a plugin's name has at most 63 letters, digits, `-`, `_` and `.`, and does not begin with a dot"
    )]
    Name,
    /// The mode is not one.
    #[error(transparent)]
    Mode(#[from] NotAMode),
    /// What follows the mode is none of its words, or is there twice.
    #[error("only `discover` or `discover-all`, and `skip-crds`, can follow the mode, once each")]
    Rest,
}

impl FromStr for ServedPlugin {
    type Err = NotAPlugin;

    fn from_str(text: &str) -> Result<Self, NotAPlugin> {
        let (name, rest) = text.split_once('=').ok_or(NotAPlugin::Shape)?;
        if !is_plugin_name(name) {
            return Err(NotAPlugin::Name);
        }
        let mut words = rest.split(',');
        let mut plugin = ServedPlugin {
            name: name.to_owned(),
            mode: words.next().unwrap_or_default().parse()?,
            discovery: Discovery::Off,
            skips_crds: false,
        };
        for word in words {
            let discovery = [Discovery::Placeholders, Discovery::Kind]
                .into_iter()
                .find(|discovery| discovery.as_str() == Some(word));
            match discovery {
                Some(discovery) if !plugin.discovery.is_on() => plugin.discovery = discovery,
                None if word == "skip-crds" && !plugin.skips_crds => plugin.skips_crds = true,
                _ => return Err(NotAPlugin::Rest),
            }
        }
        Ok(plugin)
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
            (".=auto", NotAPlugin::Name),
            ("a\0=auto", NotAPlugin::Name),
            ("x=", NotAPlugin::Mode(NotAMode)),
            ("x=jsonnet", NotAPlugin::Mode(NotAMode)),
            ("x=helm,", NotAPlugin::Rest),
            ("x=helm,discover,discover", NotAPlugin::Rest),
            ("x=helm,crds", NotAPlugin::Rest),
            ("x=helm,discover,discover-all", NotAPlugin::Rest),
        ] {
            assert_eq!(text.parse::<ServedPlugin>(), Err(wanted), "{text}");
        }
        let long = format!("{}=auto", "a".repeat(64));
        assert_eq!(long.parse::<ServedPlugin>(), Err(NotAPlugin::Name));
        let plugin: ServedPlugin = "argocd-vault-plugin-helm-1.0=helm".parse().unwrap();
        assert_eq!(
            (plugin.mode, plugin.discovery),
            (Mode::Helm, Discovery::Off)
        );
        // A plugin whose place it takes may be called otherwise than objects are.
        for text in [
            "Avp_1=auto",
            "x=helm,discover,skip-crds",
            "x=helm,skip-crds",
            "x=plain,discover-all",
        ] {
            let plugin: ServedPlugin = text.parse().unwrap();
            assert_eq!(plugin.to_string(), text);
        }
    }
}
