//! Who may set what (rule R7).
//!
//! Whoever writes an Application chooses `ARGOCD_ENV_*`, and a settings file in the checkout is
//! written by whoever may push there. If either could replace the host of a backend while the
//! token stays the operator's, the token would be sent to that host. So a setting has a class:
//! `free` ones are the author's to set, `operator` ones are not, `locked` ones never are, and the
//! `bundle` of host and login comes from one side as a whole.

use std::path::{Path, PathBuf};

use manifill_vault::backend::BackendInfo;
use manifill_vault::settings::{Class, Kind, Origin, Setting};
use manifill_vault::{ConnectContext, Settings};

use super::checkout::{Checkout, Owner};
use super::error::ConfigError;
use super::kinds;
use super::layers::{Layers, SourcedValue, mixed, refused};

/// A backend with its settings and with what is decided for it.
pub(super) struct BackendSettings {
    pub(super) info: &'static BackendInfo,
    pub(super) settings: Settings,
    pub(super) context: ConnectContext,
    /// The file that it reads secrets from, if a setting names one.
    pub(super) file: Option<PathBuf>,
}

/// What the choice depends on besides the layers.
pub(super) struct Context<'a> {
    pub(super) checkout: &'a Checkout,
    /// The folder that names in the environment start from.
    pub(super) working_dir: &'a Path,
    /// The folder that names in the settings file start from.
    pub(super) file_dir: &'a Path,
    /// The folder that the operator opens for files.
    pub(super) file_root: Option<&'a Path>,
}

impl Context<'_> {
    /// Settings without a value, which know the folders that file names start from.
    fn settings(&self) -> Settings {
        Settings::new()
            .with_base(self.working_dir)
            .with_file_base(self.file_dir)
    }

    /// What the engine decides for a backend: the folder that the operator opens, which holds for
    /// all of them since no login goes with it, and whose login it is. An author who brings host
    /// and login must not have a token of this machine sent to that host (rule R7).
    fn decide(&self, trust: bool, authors_login: bool) -> ConnectContext {
        let mut decided = ConnectContext::new();
        if trust || authors_login {
            decided = decided.with_local_login(trust);
        }
        if let Some(root) = self.file_root {
            decided = decided.with_file_root(root);
        }
        decided
    }
}

/// The backend that `AVP_TYPE` and flat settings describe; `None` if `AVP_TYPE` is not set, or if
/// an error was found.
pub(super) fn route(
    layers: &Layers<'_>,
    context: &Context<'_>,
    errors: &mut Vec<ConfigError>,
) -> Option<BackendSettings> {
    let kind = kind(layers, errors)?;
    let info = match kinds::find(&kind.value) {
        Ok(info) => info,
        Err(error) => {
            errors.push(kind.error(error));
            return None;
        }
    };
    Some(flat(info, layers, context, errors))
}

/// The settings of a backend from the layers: each by its class.
pub(super) fn flat(
    info: &'static BackendInfo,
    layers: &Layers<'_>,
    context: &Context<'_>,
    errors: &mut Vec<ConfigError>,
) -> BackendSettings {
    let authors_login = !layers.trust && brings_login(info, layers);
    let mut settings = context.settings();
    let mut file = None;
    for setting in info.settings {
        let found = match setting.class {
            Class::Free => layers.in_avp_order(setting.name),
            Class::Bundle | Class::Operator if layers.trust => layers.in_avp_order(setting.name),
            Class::Bundle if authors_login => layers.author(setting.name),
            Class::Bundle => operators_bundle(setting, info, layers, errors),
            _ => operators(setting, layers, errors),
        };
        let Some(found) = found else { continue };
        let by_author = layers.is_authors(&found);
        file = data_file(setting, &found, by_author, context, errors).or(file);
        settings.set(setting.name, found.value, found.origin);
    }
    BackendSettings {
        info,
        settings,
        context: context.decide(layers.trust, authors_login),
        file,
    }
}

/// The type of the backend. An author may choose it together with a whole login for it: then
/// nothing of the operator's is used.
fn kind(layers: &Layers<'_>, errors: &mut Vec<ConfigError>) -> Option<SourcedValue> {
    const TYPE: &str = "AVP_TYPE";
    if layers.trust {
        return layers.in_avp_order(TYPE);
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
    errors.push(author.error(refused(TYPE, Class::Bundle, author.source(TYPE))));
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
    let needed = || bundle().filter(|setting| setting.is_required());
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
    info.settings
        .iter()
        .any(|setting| setting.kind == Kind::DataFile && layers.author(setting.name).is_some())
}

/// A setting of a login that is the operator's.
fn operators_bundle(
    setting: &Setting,
    info: &BackendInfo,
    layers: &Layers<'_>,
    errors: &mut Vec<ConfigError>,
) -> Option<SourcedValue> {
    let operator = layers.operator(setting.name);
    if let Some(author) = layers.author(setting.name) {
        if !author.is_same(operator.as_ref()) {
            let others: Vec<&str> = info
                .settings
                .iter()
                .filter(|other| other.class == Class::Bundle && other.is_required())
                .map(|other| other.name)
                .filter(|other| layers.author(other).is_none())
                .collect();
            let source = author.source(setting.name);
            errors.push(author.error(if others.is_empty() {
                refused(setting.name, setting.class, source)
            } else {
                mixed(setting.name, source, &others)
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
) -> Option<SourcedValue> {
    let operator = layers.operator(setting.name);
    let Some(author) = layers.author(setting.name) else {
        return operator;
    };
    if author.is_same(operator.as_ref()) {
        return operator;
    }
    if setting.kind == Kind::DataFile && operator.is_none() {
        return Some(author);
    }
    let error = refused(setting.name, setting.class, author.source(setting.name));
    errors.push(author.error(error));
    operator
}

/// A setting of a named backend, with whoever decides its value.
pub(super) struct NamedSetting {
    pub(super) setting: &'static Setting,
    pub(super) found: SourcedValue,
    /// Where the author decides it, if the author does.
    pub(super) author: Option<String>,
}

/// The settings of a named backend, which reads nothing but these.
pub(super) fn named(
    info: &'static BackendInfo,
    named: Vec<NamedSetting>,
    trust: bool,
    context: &Context<'_>,
    errors: &mut Vec<ConfigError>,
) -> BackendSettings {
    let bundle = || {
        named
            .iter()
            .filter(|named| named.setting.class == Class::Bundle)
    };
    let operators: Vec<&str> = bundle()
        .filter(|named| named.author.is_none())
        .map(|named| named.setting.name)
        .collect();
    let authors_login = bundle().any(|named| named.author.is_some());
    let mut settings = context.settings();
    let mut file = None;
    for NamedSetting {
        setting,
        found,
        author,
    } in named
    {
        let is_file = setting.kind == Kind::DataFile;
        let from_file = matches!(found.origin, Origin::File(_));
        if let Some(source) = &author {
            let error = match setting.class {
                Class::Free => None,
                Class::Bundle | Class::Operator if trust => None,
                Class::Bundle if operators.is_empty() => None,
                Class::Bundle => Some(mixed(setting.name, source, &operators)),
                _ if is_file && from_file => None,
                class => Some(refused(setting.name, class, source)),
            };
            errors.extend(error.map(|error| found.error(error)));
        }
        file = data_file(setting, &found, author.is_some(), context, errors).or(file);
        settings.set(setting.name, found.value, found.origin);
    }
    BackendSettings {
        info,
        settings,
        context: context.decide(trust, authors_login),
        file,
    }
}

/// The file that this setting names, if it is one that names a file of secrets; what is wrong with
/// it is added to the errors.
fn data_file(
    setting: &Setting,
    found: &SourcedValue,
    by_author: bool,
    context: &Context<'_>,
    errors: &mut Vec<ConfigError>,
) -> Option<PathBuf> {
    if setting.kind != Kind::DataFile {
        return None;
    }
    let path = located(found, context);
    if let Err(error) = judge_file(setting, &path, found, by_author, context) {
        errors.push(found.error(error));
    }
    Some(path)
}

/// The file that a value names.
fn located(found: &SourcedValue, context: &Context<'_>) -> PathBuf {
    match found.origin {
        Origin::File(_) => context.file_dir.join(&found.value),
        _ => context.working_dir.join(&found.value),
    }
}

/// A data file that the author names stays inside the app's folder; one that the operator names
/// may be anywhere, but a link in the checkout must not lead out of it (rule R7).
fn judge_file(
    setting: &Setting,
    path: &Path,
    found: &SourcedValue,
    by_author: bool,
    context: &Context<'_>,
) -> Result<(), ConfigError> {
    let root = context.file_root;
    let from_folder = found.origin == Origin::Environment && Path::new(&found.value).is_relative();
    let stays = if by_author {
        context.checkout.is_inside(path, root)
    } else {
        context.checkout.owner(path, from_folder) != Owner::EscapesCheckout
            || (root.is_some() && context.checkout.is_inside(path, root))
    };
    if stays {
        return Ok(());
    }
    Err(ConfigError::new("{} leads out of the app's folder")
        .with_name(setting.name)
        .with_hint("the operator can open another folder with MANIFILL_FILE_ROOT"))
}
