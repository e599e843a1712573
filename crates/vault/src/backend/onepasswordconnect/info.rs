//! What 1Password Connect declares about itself.

use crate::backend::BackendInfo;
use crate::settings::{Class, Kind, Setting};

/// What the backend declares about itself.
pub const INFO: BackendInfo = BackendInfo {
    known_as: &[
        "1password",
        "onepassword",
        "onepasswordconnect",
        "1p",
        "op",
        "opconnect",
    ],
    about: "1Password, through a Connect server",
    example: "vaults/Home/items/db#password",
    settings: &[
        Setting::new(
            "OP_CONNECT_HOST",
            Kind::Url,
            Class::Bundle,
            "URL of the Connect server",
        )
        .required(),
        Setting::new(
            "OP_CONNECT_TOKEN",
            Kind::Text,
            Class::Bundle,
            "access token",
        )
        .required(),
    ],
    claims: |path| path.starts_with("op://") || is_item_link(path),
    #[cfg(feature = "1passwordconnect")]
    connect: Some(super::connect),
    ..BackendInfo::named("1passwordconnect")
};

/// Whether a path is the link to an item that the 1Password apps copy.
pub(super) fn is_item_link(path: &str) -> bool {
    let Some(rest) = path.strip_prefix("https://") else {
        return false;
    };
    let host = rest.split('/').next().unwrap_or_default();
    let host = host.to_ascii_lowercase();
    [".1password.com", ".1password.ca", ".1password.eu"]
        .iter()
        .filter_map(|domain| host.strip_suffix(domain))
        .any(|sub| {
            let word = |b: u8| b.is_ascii_alphanumeric() || b"-.".contains(&b);
            !sub.is_empty() && sub.bytes().all(word)
        })
}
