//! Who may set what (rule R7).
//!
//! Whoever writes an Application chooses `ARGOCD_ENV_*`, and a settings file in the checkout is
//! written by whoever may push there. If either could replace the host of a backend while the
//! token stays the operator's, the token would be sent to that host. So a setting has a class:
//! `free` ones are the author's to set, `operator` ones are not, `locked` ones never are, and the
//! `bundle` of host and login comes from one side as a whole. The operator can open single settings.

use std::path::{Path, PathBuf};

use manifill_vault::backend::BackendInfo;
use manifill_vault::settings::{Class, Kind, Origin, Setting};
use manifill_vault::{ConnectContext, Settings};

use super::checkout::{Checkout, Owner};
use super::error::ConfigError;
use super::kinds;
use super::layers::{Layers, SourcedValue, mixed, refused};
use super::login::{self, Login, Said};
use super::names::TYPE;
use crate::diagnostic::Place;
use crate::setting_places::SettingPlaces;

/// A backend with its settings and with what is decided for it.
pub(super) struct BackendSettings {
    pub(super) info: &'static BackendInfo,
    pub(super) settings: Settings,
    pub(super) context: ConnectContext,
    /// The file that it reads secrets from, if a setting names one.
    pub(super) file: Option<PathBuf>,
    /// Where its settings stand.
    pub(super) places: SettingPlaces,
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
    let by_author = !kind.is_same(layers.operator(TYPE).as_ref());
    let mut chosen = flat(info, layers, context, errors);
    if by_author {
        chosen.context = chosen.context.with_author(true);
    }
    Some(chosen)
}

/// The settings of a backend from the layers: each by its class.
pub(super) fn flat(
    info: &'static BackendInfo,
    layers: &Layers<'_>,
    context: &Context<'_>,
    errors: &mut Vec<ConfigError>,
) -> BackendSettings {
    let mut said = said(info, layers);
    said.retain(|said| match secret_program(said) {
        Some(error) => {
            errors.push(error);
            false
        }
        None => true,
    });
    let login = Login::of(&said, &layers.open);
    choose(
        info,
        said,
        login,
        layers.file_place(),
        layers,
        context,
        errors,
    )
}

/// A Secret that names a program: who may write Secrets of a namespace is not always who may run
/// programs where manifill runs.
fn secret_program(said: &Said) -> Option<ConfigError> {
    let found = said.operator.as_ref()?;
    let Origin::Secret(secret) = &found.origin else {
        return None;
    };
    (said.setting.kind == Kind::Program).then(|| {
        ConfigError::new("{} names a program, and Secret {} may not")
            .with_name(said.setting.name)
            .with_name(secret)
            .with_hint("set it in the environment or in a settings file")
    })
}

/// What the layers say of each setting of a backend.
fn said(info: &'static BackendInfo, layers: &Layers<'_>) -> Vec<Said> {
    let said = |setting: &'static Setting| Said {
        setting,
        author: layers.author(setting.name).map(|found| {
            let source = found.source();
            (found, source)
        }),
        operator: layers.operator(setting.name),
    };
    info.settings.iter().map(said).collect()
}

/// The type of the backend. An author may choose it together with a whole login for it: then
/// nothing of the operator's is used but the address.
fn kind(layers: &Layers<'_>, errors: &mut Vec<ConfigError>) -> Option<SourcedValue> {
    let operator = layers.operator(TYPE);
    let Some(author) = layers.author(TYPE) else {
        return operator;
    };
    if author.is_same(operator.as_ref()) {
        return operator;
    }
    let brings_all = |info: &'static BackendInfo| {
        let said = said(info, layers);
        Login::of(&said, &layers.open) != Login::Operators || said.iter().any(Said::is_authors_data)
    };
    if layers.opens(TYPE, Class::Bundle) || kinds::find(&author.value).is_ok_and(brings_all) {
        return Some(author);
    }
    errors.push(author.error(refused(TYPE, Class::Bundle, author.source())));
    None
}

/// The settings of a named backend, which is described at a place and reads nothing but these.
pub(super) fn named(
    info: &'static BackendInfo,
    said: Vec<Said>,
    place: Place,
    layers: &Layers<'_>,
    context: &Context<'_>,
    errors: &mut Vec<ConfigError>,
) -> BackendSettings {
    // Nothing is added to these later, so whatever there is of a login is the author's.
    let authors_alone = |said: &[Said]| {
        let mut bundle = said.iter().filter(|said| said.is_bundle()).peekable();
        bundle.peek().is_some() && bundle.all(|said| said.author.is_some())
    };
    let login = if authors_alone(&said) {
        Login::Authors
    } else {
        Login::of(&said, &layers.open)
    };
    choose(info, said, login, place, layers, context, errors)
}

/// The settings of a backend from what both sides say, each by its class and by whose login it is.
fn choose(
    info: &'static BackendInfo,
    said: Vec<Said>,
    login: Login,
    place: Place,
    layers: &Layers<'_>,
    context: &Context<'_>,
    errors: &mut Vec<ConfigError>,
) -> BackendSettings {
    let authors_login = login != Login::Operators && !layers.trust;
    let authors_address = said
        .iter()
        .any(|said| said.setting.kind == Kind::Url && said.differs());
    let missing = login::missing(&said);
    let mut settings = context.settings();
    let mut file = None;
    let mut places = SettingPlaces::new(place);
    let mut any_by_author = false;
    for one in said {
        let (setting, differs) = (one.setting, one.differs());
        let open = layers.opens(setting.name, setting.class) || one.is_authors_data();
        let own = authors_login && one.is_bundle();
        let (author, source) = one.author.unzip();
        let mut operator = one.operator;
        if own && !(login == Login::AuthorsHere && login::is_shared(setting)) {
            operator = None;
        }
        let author = match (author, source) {
            (Some(author), Some(source)) if differs && !open && !own => {
                errors.push(author.error(match setting.class {
                    Class::Bundle if !missing.is_empty() => mixed(setting.name, source, &missing),
                    class => refused(setting.name, class, source),
                }));
                None
            }
            (author, _) => author.filter(|_| differs || own),
        };
        let by_author = author.is_some();
        any_by_author |= by_author;
        if setting.goes_with_login && authors_login {
            operator = None;
        }
        let Some(found) = author.or(operator) else {
            continue;
        };
        file = data_file(setting, &found, by_author, context, errors).or(file);
        places.add(setting.name, found.place());
        settings.set(setting.name, found.value, found.origin);
    }
    let mut decided = ConnectContext::new().with_author(any_by_author);
    // A token of this machine must not be sent where the author chose the server, or logs in with
    // what the author chose (rule R7).
    if layers.trust || authors_login || authors_address {
        decided = decided.with_local_login(layers.trust);
    }
    // It holds for every backend, since no login goes with it.
    if let Some(root) = context.file_root {
        decided = decided.with_file_root(root);
    }
    BackendSettings {
        info,
        settings,
        context: decided,
        file,
        places,
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
