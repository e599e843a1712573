//! Requests that show somebody else who one is on AWS.

use super::credentials::Credentials;
use super::sign::{Unsigned, host};
use super::{login, metadata};
use crate::transport::http::{Answer, Url};
use crate::{RunContext, Settings, VaultError, clock};

/// Who one is on AWS: an access key.
pub(crate) struct Identity(Credentials);

impl Identity {
    /// The one of the settings, if they have an access key.
    ///
    /// # Errors
    /// If they have half of one.
    pub(crate) fn of_settings(settings: &Settings) -> Result<Option<Self>, VaultError> {
        Ok(login::keys(settings)?.map(Identity))
    }

    /// The one that the metadata of a machine gives.
    ///
    /// # Errors
    /// If the answer is not what metadata give.
    pub(crate) fn of_machine(answer: &Answer) -> Result<Self, VaultError> {
        metadata::given(answer).map(Identity)
    }

    /// The headers of a request to STS that only whoever has the access key can sign. STS says to
    /// whoever sends it who that is.
    pub(crate) fn sign(
        &self,
        url: &Url,
        region: &str,
        header: (&'static str, &str),
        run: &RunContext,
    ) -> Vec<(&'static str, String)> {
        self.0.remember(run);
        let unsigned = Unsigned {
            url,
            headers: &[header],
            body: b"",
            service: "sts",
            region,
        };
        let mut headers = unsigned.sign(&self.0, clock::now());
        headers.push(("host", host(url)));
        headers.push((header.0, header.1.to_owned()));
        headers
    }
}
