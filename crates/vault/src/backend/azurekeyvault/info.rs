//! What the backend of Azure Key Vault declares about itself.

use crate::backend::BackendInfo;
use crate::settings::Setting;
use crate::transport::azure::settings;

const SETTINGS: [Setting; settings::SETTINGS.len()] = settings::SETTINGS;

/// What the backend declares about itself.
pub const INFO: BackendInfo = BackendInfo {
    known_as: &["azure", "keyvault", "azurekv", "akv", "azurevault"],
    about: "Azure Key Vault",
    example: "my-vault#db-password",
    settings: &SETTINGS,
    #[cfg(feature = "azurekeyvault")]
    connect: Some(super::connect),
    ..BackendInfo::named("azurekeyvault")
};
