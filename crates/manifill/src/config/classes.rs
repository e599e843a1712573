//! Who may set what (rule R7).
//!
//! Whoever writes an Application chooses `ARGOCD_ENV_*`, and a settings file in the checkout is
//! written by whoever may push there. If either could replace the host of a backend while the
//! token stays the operator's, the token would be sent to that host. So a setting has a class:
//! `free` ones are the author's to set, `operator` ones never are, and the `bundle` of host and
//! login comes from one side as a whole.

use std::path::{Path, PathBuf};

use manifill_vault::Settings;
use manifill_vault::backend::BackendInfo;
use manifill_vault::settings::{Class, Origin, Setting};

use super::app::{App, Owner};
use super::error::ConfigError;
use super::kinds;
use super::layers::{Found, Layers, is_never_the_authors, mixed, refused};

/// The one setting that names a file to read secrets from.
pub(super) const FILE: &str = "MANIFILL_FILE";
/// The folder that the operator opens for it.
pub(super) const FILE_ROOT: &str = "MANIFILL_FILE_ROOT";
/// Whether a backend may log in with what this machine has, such as the token of its pod.
const LOCAL_LOGIN: &str = "MANIFILL_VAULT_LOCAL_LOGIN";

/// A backend with its settings and, for a `file` backend, the file it reads.
pub(super) struct Chosen {
    pub(super) info: &'static BackendInfo,
    pub(super) settings: Settings,
    pub(super) file: Option<PathBuf>,
}

/// What the choice depends on besides the layers.
pub(super) struct Surroundings<'a> {
    pub(super) app: &'a App,
    /// The folder that names in the environment start from.
    pub(super) working_dir: &'a Path,
    /// The folder that names in the settings file start from.
    pub(super) file_dir: &'a Path,
    /// Where the operator lets `MANIFILL_FILE` lead.
    pub(super) file_root: Option<PathBuf>,
}

impl Surroundings<'_> {
    /// Settings without a value, which know the folders that file names start from.
    fn settings(&self) -> Settings {
        Settings::new()
            .with_base(self.working_dir)
            .with_file_base(self.file_dir)
    }
}

/// The backend that `AVP_TYPE` and flat settings describe; `None` if `AVP_TYPE` is not set, or if
/// an error was found.
pub(super) fn choose(
    layers: &Layers<'_>,
    around: &Surroundings<'_>,
    errors: &mut Vec<ConfigError>,
) -> Option<Chosen> {
    let kind = kind(layers, errors)?;
    let info = match kinds::find(&kind.value) {
        Ok(info) => info,
        Err(error) => {
            errors.push(kind.error(error));
            return None;
        }
    };
    Some(flat(info, layers, around, errors))
}

/// The settings of a backend from the layers: each by its class.
pub(super) fn flat(
    info: &'static BackendInfo,
    layers: &Layers<'_>,
    around: &Surroundings<'_>,
    errors: &mut Vec<ConfigError>,
) -> Chosen {
    let authors_login = !layers.trust && brings_login(info, layers);
    let mut settings = around.settings();
    let mut file = None;
    for setting in info.settings {
        let found = if layers.trust && !is_never_the_authors(setting.name) {
            layers.avp(setting.name)
        } else {
            match setting.class {
                Class::Free => layers.avp(setting.name),
                Class::Bundle if authors_login => layers.author(setting.name),
                Class::Bundle => operators_bundle(setting, info, layers, errors),
                Class::Operator => operators(setting, layers, errors),
            }
        };
        let Some(found) = found else { continue };
        if setting.name == FILE {
            let path = located(&found, around);
            if let Err(error) = judge_file(&path, &found, layers.is_authors(&found), around) {
                errors.push(found.error(error));
            }
            file = Some(path);
        }
        settings.set(setting.name, found.value, found.origin);
    }
    judge_login(info, &mut settings, layers.trust, authors_login);
    Chosen {
        info,
        settings,
        file,
    }
}

/// Says whose login it is to a backend that could log in with a token of this machine: an author
/// who brings host and login must not have that token sent to the host (rule R7). What the
/// operator says about it stands.
fn judge_login(info: &BackendInfo, settings: &mut Settings, trust: bool, is_authors: bool) {
    let declared = info.settings.iter().any(|one| one.name == LOCAL_LOGIN);
    if declared && settings.value(LOCAL_LOGIN).is_none() && (trust || is_authors) {
        let allowed = if trust { "true" } else { "false" };
        settings.set(LOCAL_LOGIN, allowed, Origin::Program);
    }
}

/// The type of the backend. An author may choose it together with a whole login for it: then
/// nothing of the operator's is used.
fn kind(layers: &Layers<'_>, errors: &mut Vec<ConfigError>) -> Option<Found> {
    const TYPE: &str = "AVP_TYPE";
    if layers.trust {
        return layers.avp(TYPE);
    }
    let operator = layers.operator(TYPE);
    let Some(author) = layers.author(TYPE) else {
        return operator;
    };
    if author.is_same(operator.as_ref()) {
        return operator;
    }
    if kinds::find(&author.value)
        .is_ok_and(|info| brings_login(info, layers) || brings_data_file(info, layers))
    {
        return Some(author);
    }
    errors.push(author.error(refused(TYPE, author.whence(TYPE))));
    None
}

/// Whether the author sets every required part of host and login, and says anything that the
/// operator does not.
fn brings_login(info: &BackendInfo, layers: &Layers<'_>) -> bool {
    let bundle = || {
        info.settings
            .iter()
            .filter(|setting| setting.class == Class::Bundle)
    };
    let needed = || bundle().filter(|setting| setting.required);
    needed().next().is_some()
        && needed().all(|setting| layers.author(setting.name).is_some())
        && bundle().any(|setting| {
            layers
                .author(setting.name)
                .is_some_and(|author| !author.is_same(layers.operator(setting.name).as_ref()))
        })
}

/// Whether the backend needs no login and the author's own settings file names its data file.
fn brings_data_file(info: &BackendInfo, layers: &Layers<'_>) -> bool {
    info.settings.iter().any(|setting| setting.name == FILE) && layers.author(FILE).is_some()
}

/// A setting of a login that is the operator's.
fn operators_bundle(
    setting: &Setting,
    info: &BackendInfo,
    layers: &Layers<'_>,
    errors: &mut Vec<ConfigError>,
) -> Option<Found> {
    let operator = layers.operator(setting.name);
    if let Some(author) = layers.author(setting.name) {
        if !author.is_same(operator.as_ref()) {
            let others: Vec<&str> = info
                .settings
                .iter()
                .filter(|other| other.class == Class::Bundle && other.required)
                .map(|other| other.name)
                .filter(|other| layers.author(other).is_none())
                .collect();
            errors.push(author.error(match others.is_empty() {
                true => refused(setting.name, author.whence(setting.name)),
                false => mixed(setting.name, author.whence(setting.name), &others),
            }));
        }
    }
    operator
}

/// A setting that only the operator may set, but for a data file that lies beside the manifests.
fn operators(
    setting: &Setting,
    layers: &Layers<'_>,
    errors: &mut Vec<ConfigError>,
) -> Option<Found> {
    let operator = layers.operator(setting.name);
    let Some(author) = layers.author(setting.name) else {
        return operator;
    };
    if author.is_same(operator.as_ref()) {
        return operator;
    }
    if setting.name == FILE && operator.is_none() {
        return Some(author);
    }
    errors.push(author.error(refused(setting.name, author.whence(setting.name))));
    operator
}

/// A setting of a named backend, with whoever decides its value.
pub(super) struct Given {
    pub(super) setting: &'static Setting,
    pub(super) found: Found,
    /// Where the author decides it, if the author does.
    pub(super) author: Option<String>,
}

/// The settings of a named backend, which reads nothing but these.
pub(super) fn named(
    info: &'static BackendInfo,
    given: Vec<Given>,
    trust: bool,
    around: &Surroundings<'_>,
    errors: &mut Vec<ConfigError>,
) -> Chosen {
    let bundle = || {
        given
            .iter()
            .filter(|given| given.setting.class == Class::Bundle)
    };
    let operators: Vec<&str> = bundle()
        .filter(|given| given.author.is_none())
        .map(|given| given.setting.name)
        .collect();
    let authors_login = bundle().any(|given| given.author.is_some());
    let mut settings = around.settings();
    let mut file = None;
    for Given {
        setting,
        found,
        author,
    } in given
    {
        let is_file = setting.name == FILE;
        let from_file = matches!(found.origin, Origin::File(_));
        let trusted = trust && !is_never_the_authors(setting.name);
        if let (Some(whence), false) = (&author, trusted) {
            let error = match setting.class {
                Class::Free => None,
                Class::Bundle if operators.is_empty() => None,
                Class::Bundle => Some(mixed(setting.name, whence, &operators)),
                Class::Operator if is_file && from_file => None,
                Class::Operator => Some(refused(setting.name, whence)),
            };
            errors.extend(error.map(|error| found.error(error)));
        }
        if is_file {
            let path = located(&found, around);
            if let Err(error) = judge_file(&path, &found, author.is_some(), around) {
                errors.push(found.error(error));
            }
            file = Some(path);
        }
        settings.set(setting.name, found.value, found.origin);
    }
    judge_login(info, &mut settings, trust, authors_login);
    open_root(info, &mut settings, around);
    Chosen {
        info,
        settings,
        file,
    }
}

/// Gives a named backend the folder that the operator opens, since it holds for all of them: no
/// login goes with it. One that names its own keeps that.
fn open_root(info: &BackendInfo, settings: &mut Settings, around: &Surroundings<'_>) {
    let declared = info.settings.iter().any(|one| one.name == FILE_ROOT);
    if declared && settings.value(FILE_ROOT).is_none() {
        if let Some(root) = around.file_root.as_deref().and_then(Path::to_str) {
            settings.set(FILE_ROOT, root, Origin::Program);
        }
    }
}

/// The file that a setting names.
fn located(found: &Found, around: &Surroundings<'_>) -> PathBuf {
    match found.origin {
        Origin::File(_) => around.file_dir.join(&found.value),
        _ => around.working_dir.join(&found.value),
    }
}

/// A data file that the author names stays inside the app's folder; one that the operator names
/// may be anywhere, but a link in the checkout must not lead out of it (rule R7).
fn judge_file(
    path: &Path,
    found: &Found,
    by_author: bool,
    around: &Surroundings<'_>,
) -> Result<(), ConfigError> {
    let root = around.file_root.as_deref();
    let from_folder = found.origin == Origin::Environment && Path::new(&found.value).is_relative();
    let stays = if by_author {
        around.app.is_inside(path, root)
    } else {
        around.app.owner(path, from_folder) != Owner::Smuggled
            || (root.is_some() && around.app.is_inside(path, root))
    };
    match stays {
        true => Ok(()),
        false => Err(ConfigError::new("{} leads out of the app's folder")
            .name(FILE)
            .hint("the operator can open another folder with MANIFILL_FILE_ROOT")),
    }
}
