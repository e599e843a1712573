//! Logins of this machine, such as the token of the pod's service account.

use std::path::Path;

use zeroize::Zeroizing;

use crate::VaultError;
use crate::transport::text_file;

/// Where a pod finds the token of its service account.
pub(crate) const POD_TOKEN: &str = "/var/run/secrets/kubernetes.io/serviceaccount/token";

/// The token in a file that this setting names; anew for each login, since such files are replaced
/// now and then.
///
/// # Errors
/// If the file cannot be read or holds nothing; it is named.
pub(crate) fn read(path: &Path, setting: &'static str) -> Result<Zeroizing<String>, VaultError> {
    let wrong = |message| {
        VaultError::configuration(message)
            .with_name(path.display().to_string())
            .about_setting(setting)
    };
    let text = text_file::read(path).map_err(|_| wrong("cannot read the login token in {}"))?;
    match text.trim() {
        "" => Err(wrong("the file {} for the login token is empty")),
        token => Ok(Zeroizing::new(token.to_owned())),
    }
}

/// That a login of this machine would go where an app's author says (rule R7).
pub(crate) fn refused() -> VaultError {
    VaultError::configuration(
        "a login with a token of this machine is not allowed to an address that the app's author sets",
    )
}
