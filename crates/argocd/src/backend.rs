//! What a Secret with settings has to know of a backend; whoever calls this crate tells it.

/// A backend and the settings that it reads.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Backend {
    /// Its name, as in `AVP_TYPE`.
    pub name: String,
    /// A path as it stands in a placeholder, for the example of a policy.
    pub example: String,
    /// Its settings.
    pub settings: Vec<Setting>,
    /// Whether it logs in with the account of the pod, so that the sidecars need its token.
    pub needs_account: bool,
}

/// A setting of a backend.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Setting {
    /// Its name.
    pub name: String,
    /// What it is for, in a few words.
    pub about: String,
    /// When the backend cannot work without it.
    pub needed: Needed,
    /// Whether it is the address of a server.
    pub is_address: bool,
    /// Whether it names a program: then it counts in the environment only, never in a Secret that
    /// is read over the network.
    pub is_program: bool,
}

/// When a backend cannot work without a setting.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Needed {
    /// Always.
    Always,
    /// With these ways to log in.
    For(Vec<String>),
    /// Never.
    Never,
}
