//! The settings of one app: the operator's, and what its author adds.

use std::path::PathBuf;

use manifill::Config;
use manifill::settings::{ConfigErrors, Sources};

use super::engine::Engine;
use super::messages::Metadata;

/// What Argo CD sends begins with one of these or is one of those; anything else would be the
/// operator's.
const SENT: [&str; 3] = ["ARGOCD_APP_", "ARGOCD_ENV_", "PARAM_"];
const SENT_BY_NAME: [&str; 2] = ["KUBE_VERSION", "KUBE_API_VERSIONS"];

/// Its presence makes a run one for an app, whose author is not the operator.
const NAME: &str = "ARGOCD_APP_NAME";

/// A folder that is not there: an app's files are in memory, so no file of this machine is its
/// author's, and none is found by a name that starts from there.
pub(crate) const NOWHERE: &str = "/nowhere/app";

/// What is known of an app, by the names of variables.
pub(crate) fn variables(metadata: &Metadata) -> impl Iterator<Item = (&str, &str)> {
    let sent = metadata
        .env
        .iter()
        .map(|variable| (variable.name.as_str(), variable.value.as_str()));
    sent.filter(|(name, _)| is_sent(name))
}

fn is_sent(name: &str) -> bool {
    SENT.iter().any(|prefix| name.starts_with(prefix)) || SENT_BY_NAME.contains(&name)
}

/// The settings of one app. Nothing of what its author sets is ever in this process's environment.
///
/// # Errors
/// Everything that is wrong with the settings.
pub(crate) async fn config(engine: &Engine, metadata: &Metadata) -> Result<Config, ConfigErrors> {
    let late = |settings: &Sources| engine.hooks.settings_read(settings);
    let operator = engine.settings.get(late).await?;
    engine.backends.config(&sources(&operator, metadata))
}

fn sources(operator: &Sources, metadata: &Metadata) -> Sources {
    let mut sources = operator.clone();
    sources.working_dir = PathBuf::from(NOWHERE);
    // Only Argo CD says what an app is.
    sources.environment.retain(|name, _| !is_sent(name));
    let named = [(NAME, metadata.app_name.as_str())];
    for (name, value) in named.into_iter().chain(variables(metadata)) {
        sources
            .environment
            .insert(name.to_owned(), value.to_owned());
    }
    sources
}
