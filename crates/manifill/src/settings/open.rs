//! The settings that the operator opens to apps' authors, one by one (rule R7).

use std::collections::BTreeSet;

use manifill_vault::backend::BACKENDS;
use manifill_vault::settings::Class;

use super::error::ConfigError;
use super::names::TYPE;
use super::sources::Sources;
use super::unknown::{self, unknown};

/// The list of names. Only the operator's environment is asked for it.
const NAME: &str = "MANIFILL_APP_MAY_SET";

/// Settings that an author may set though their class says no.
#[derive(Default)]
pub(super) struct OpenSettings(BTreeSet<String>);

impl OpenSettings {
    pub(super) fn new(sources: &Sources, errors: &mut Vec<ConfigError>) -> Self {
        let mut open = OpenSettings::default();
        let list = sources.variable(NAME).unwrap_or_default();
        for name in list
            .split(',')
            .map(str::trim)
            .filter(|name| !name.is_empty())
        {
            let name = canonical(name.to_ascii_uppercase());
            match judge(&name) {
                Ok(()) => {
                    open.0.insert(name);
                }
                Err(error) => errors.push(error),
            }
        }
        open
    }

    /// Whether the author may set it.
    pub(super) fn has(&self, name: &str) -> bool {
        self.0.contains(name)
    }
}

/// The name of a setting that may be given by its alias.
fn canonical(name: String) -> String {
    let mut declared = BACKENDS.iter().flat_map(|info| info.settings);
    let setting = declared.find(|setting| setting.alias == Some(&name));
    setting.map_or(name, |setting| setting.name.to_owned())
}

/// Whether a setting can be opened: backends declare it, it is no locked one, and `ARGOCD_ENV_`
/// is asked for it at all.
fn judge(name: &str) -> Result<(), ConfigError> {
    if name == TYPE {
        return Ok(());
    }
    let declared = || BACKENDS.iter().flat_map(|info| info.settings);
    let mut same = declared().filter(|setting| setting.name == name).peekable();
    if same.peek().is_none() {
        let message = "{} has a name that is not a setting of any backend";
        return Err(unknown(message, name, unknown::declared())
            .with_name(NAME)
            .with_hint("it is a list of names with commas between them, without patterns"));
    }
    if name.starts_with("MANIFILL_") || same.any(|setting| setting.class == Class::Locked) {
        return Err(
            ConfigError::new("{} cannot open {}: only the operator may set it")
                .with_name(NAME)
                .with_name(name),
        );
    }
    Ok(())
}
