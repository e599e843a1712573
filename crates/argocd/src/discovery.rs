//! Which Applications a plugin is for that name no plugin.

/// Which Applications a plugin says that it is for. Argo CD asks it about those that name no plugin,
/// and about those that name this one, too: it must say yes to both.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub enum Discovery {
    /// It is not asked: it is for those that name it.
    #[default]
    Off,
    /// Those with something to fill, in a folder of its kind.
    Placeholders,
    /// All with a folder of its kind, as plugins discover that look for a `Chart.yaml`.
    Kind,
}

impl Discovery {
    /// Whether it is asked.
    pub fn is_on(self) -> bool {
        self != Discovery::Off
    }

    /// The word for it behind the mode of a plugin, such as `discover`; `None` if it is off.
    pub fn as_str(self) -> Option<&'static str> {
        match self {
            Discovery::Off => None,
            Discovery::Placeholders => Some("discover"),
            Discovery::Kind => Some("discover-all"),
        }
    }
}
