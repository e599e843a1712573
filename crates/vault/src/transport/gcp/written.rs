//! What is read of credentials, and why it is not.

use serde::Deserialize;

use crate::transport::http::{Url, address};

/// Why credentials are not read, with a place for where they are.
pub(super) type Misread = &'static str;

/// Why credentials, whose place comes next, are not read.
macro_rules! misread {
    ($reason:literal) => {
        concat!("the Google credentials in {} ", $reason)
    };
}
pub(super) use misread;

/// Reads JSON. Of what is wrong with it nothing is told, since it could be a secret.
pub(super) fn parse<'t, T: Deserialize<'t>>(text: &'t str) -> Result<T, Misread> {
    serde_json::from_str(text).map_err(|error| {
        if error.is_data() {
            misread!("lack a part")
        } else {
            misread!("are not JSON")
        }
    })
}

/// The address of a server that credentials name.
pub(super) fn server(text: &str) -> Result<Url, Misread> {
    address::parse(text).ok_or(misread!(
        "name a server by what is not an http or https address"
    ))
}
