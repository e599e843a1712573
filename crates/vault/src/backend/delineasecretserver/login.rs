//! The two ways to log in, and what a login sends.

use zeroize::Zeroizing;

use crate::format::form;
use crate::transport::http::{Url, address};
use crate::{Settings, VaultError};

type Text = Zeroizing<String>;

/// What to log in with. It has no `Debug`.
pub(super) enum Credentials {
    /// A token that is there already.
    Token(Text),
    /// A user, who gets one.
    User {
        name: String,
        password: Text,
        domain: Option<String>,
    },
}

/// Reads the address of the server. Nothing of a wrong one is shown.
///
/// # Errors
/// If it is not set or is no address.
pub(super) fn server(settings: &Settings) -> Result<Url, VaultError> {
    let wrong = |message| {
        VaultError::configuration(message)
            .with_hint("it must be a URL such as https://vault.example.com/SecretServer")
    };
    let text = settings
        .value("AVP_DELINEA_URL")
        .ok_or_else(|| wrong("AVP_DELINEA_URL is not set"))?;
    address::parse(text).ok_or_else(|| wrong("AVP_DELINEA_URL is not the URL of a server"))
}

impl Credentials {
    /// Reads the token, or the user and the password.
    ///
    /// # Errors
    /// If there is neither.
    pub(super) fn from_settings(settings: &Settings) -> Result<Self, VaultError> {
        if let Some(token) = settings.value("AVP_DELINEA_TOKEN") {
            return Ok(Credentials::Token(Zeroizing::new(token.to_owned())));
        }
        let needed = |name: &'static str, message| {
            let value = settings.value(name).map(str::to_owned);
            value.ok_or_else(|| VaultError::configuration(message))
        };
        let (name, password) = VaultError::both(
            needed("AVP_DELINEA_USER", "AVP_DELINEA_USER is not set"),
            needed("AVP_DELINEA_PASSWORD", "AVP_DELINEA_PASSWORD is not set"),
        )?;
        Ok(Credentials::User {
            name,
            password: Zeroizing::new(password),
            domain: settings.value("AVP_DELINEA_DOMAIN").map(str::to_owned),
        })
    }

    /// What to send for a token: a form.
    pub(super) fn form(&self) -> Zeroizing<String> {
        let Credentials::User {
            name,
            password,
            domain,
        } = self
        else {
            return Zeroizing::default();
        };
        let mut fields = vec![
            ("grant_type", "password"),
            ("username", name.as_str()),
            ("password", password.as_str()),
        ];
        fields.extend(domain.as_deref().map(|domain| ("domain", domain)));
        form::write(&fields)
    }
}
