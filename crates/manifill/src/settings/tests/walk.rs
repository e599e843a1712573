//! Rule R7, walked: every setting of every backend, every switch, every way an author has.
//!
//! A backend that is added is walked, too. What is expected follows from the class alone, so that
//! it is not the code said again.

use manifill_vault::backend::{BACKENDS, BackendInfo};
use manifill_vault::settings::{Class, Kind, Setting};

use super::*;

/// What the author writes; it names a file of the checkout for settings that name one.
const AUTHORS: &str = "the-authors";

/// How an author can set something.
#[derive(Clone, Copy, Debug, PartialEq)]
enum Way {
    /// `ARGOCD_ENV_NAME`.
    Environment,
    /// A flat settings file in the checkout.
    FlatFile,
    /// A settings file in the checkout with named backends.
    NamedBackend,
}

const WAYS: [Way; 3] = [Way::Environment, Way::FlatFile, Way::NamedBackend];

/// What the operator opens.
#[derive(Clone, Copy, Debug)]
struct Switches {
    trust: bool,
    /// `MANIFILL_APP_MAY_SET` names this setting.
    may_set: bool,
    /// The operator has a value for each setting of the backend.
    all_set: bool,
    /// The author gives the setting by its alias.
    alias: bool,
}

fn switches() -> impl Iterator<Item = Switches> {
    (0..16).map(|bits| Switches {
        trust: bits & 1 != 0,
        may_set: bits & 2 != 0,
        all_set: bits & 4 != 0,
        alias: bits & 8 != 0,
    })
}

fn operators(setting: &Setting) -> String {
    format!("s3cr3t-{}", setting.name)
}

/// What comes of an author who sets this one setting to this value.
fn load(
    place: &Folder,
    info: &BackendInfo,
    setting: &Setting,
    value: &str,
    way: Way,
    switches: Switches,
) -> Result<Config, ConfigErrors> {
    let mut sources = place.argo(&[]);
    if way != Way::NamedBackend {
        sources = sources.with_variable("AVP_TYPE", info.name);
    }
    // A file comes after the environment, so the operator's value is then in the way.
    let settings = info.settings.iter();
    for other in settings
        .filter(|other| switches.all_set && (way, other.name) != (Way::FlatFile, setting.name))
    {
        sources = sources.with_variable(other.name, operators(other));
    }
    if switches.trust {
        sources = sources.with_variable(TRUST.0, TRUST.1);
    }
    if switches.may_set {
        sources = sources.with_variable("MANIFILL_APP_MAY_SET", setting.name);
    }
    let name = setting
        .alias
        .filter(|_| switches.alias)
        .unwrap_or(setting.name);
    let text = match way {
        Way::Environment => {
            let twin = format!("ARGOCD_ENV_{name}");
            return Config::load(&sources.with_variable(twin, value));
        }
        Way::FlatFile => format!("{name}: {value}\n"),
        Way::NamedBackend => format!(
            "default: a\nbackends: {{a: {{type: {}, settings: {{{}: {value}}}}}}}\n",
            info.name, name
        ),
    };
    place.file("checkout/apps/web/m.yaml", &text);
    Config::load(&sources.with_config_file("m.yaml"))
}

/// Whether the author's value may be the one that counts.
fn may(setting: &Setting, way: Way, switches: Switches) -> bool {
    let open = switches.trust || switches.may_set;
    match setting.class {
        Class::Free => true,
        Class::Locked => false,
        // A data file beside the manifests.
        Class::Operator if setting.kind == Kind::DataFile => way != Way::Environment,
        // A part alone is never whole, but where it is all that the backend needs, and in a file
        // whose backend has nothing but it.
        Class::Bundle => true,
        _ => open,
    }
}

/// Walks, with the setting's place in the walk for messages.
fn walk(mut step: impl FnMut(&'static BackendInfo, &'static Setting, Way, Switches, &str)) {
    for info in BACKENDS {
        for setting in info.settings {
            for way in WAYS {
                for switches in switches().filter(|one| !one.alias || setting.alias.is_some()) {
                    let at = format!("{} of {}, {way:?}, {switches:?}", setting.name, info.name);
                    step(info, setting, way, switches, &at);
                }
            }
        }
    }
}

#[test]
fn no_setting_is_the_authors_against_its_class() {
    let place = Folder::new();
    walk(|info, setting, way, switches, at| {
        let Ok(config) = load(&place, info, setting, AUTHORS, way, switches) else {
            return;
        };
        let found = default(&config).1.value(setting.name);
        if found == Some(AUTHORS) {
            assert!(may(setting, way, switches), "{at}");
        } else {
            // Whoever is not heard is told, unless the variable is none of the author's.
            let unread = setting.name.starts_with("MANIFILL_") && way == Way::Environment;
            assert!(unread, "{at}: {found:?} instead, and not a word");
        }
    });
}

#[test]
fn no_part_of_the_authors_is_joined_with_a_login_of_the_operators() {
    let place = Folder::new();
    walk(|info, setting, way, switches, at| {
        if switches.trust || switches.may_set || setting.class != Class::Bundle {
            return;
        }
        let Ok(config) = load(&place, info, setting, AUTHORS, way, switches) else {
            return;
        };
        let settings = default(&config).1;
        let is_operators = |other: &&Setting| {
            let value = settings.value(other.name);
            value == Some(&operators(other)) && other.name != setting.name
        };
        let secrets = info
            .settings
            .iter()
            .filter(|other| other.class == Class::Bundle);
        let mut left = secrets.filter(is_operators).map(|other| other.kind);
        // A complete login at the operator's host leaves the host there, and what is no secret.
        let host = setting.kind != Kind::Url && settings.value(setting.name) == Some(AUTHORS);
        assert!(left.all(|kind| host && kind != Kind::Text), "{at}");
    });
}

#[test]
fn what_is_open_is_heard() {
    let place = Folder::new();
    walk(|info, setting, way, switches, at| {
        let open = match setting.class {
            Class::Free => true,
            Class::Locked => false,
            _ => switches.trust || switches.may_set,
        };
        if !open || setting.name.starts_with("MANIFILL_") || way == Way::NamedBackend {
            return;
        }
        let config = load(&place, info, setting, AUTHORS, way, switches).expect(at);
        assert_eq!(
            default(&config).1.value(setting.name),
            Some(AUTHORS),
            "{at}"
        );
    });
}

#[test]
fn a_locked_setting_cannot_be_opened() {
    let place = Folder::new();
    walk(|info, setting, way, switches, at| {
        let unread = setting.name.starts_with("MANIFILL_") && way == Way::Environment;
        if setting.class != Class::Locked || (unread && !switches.may_set) {
            return;
        }
        let text = refusal(load(&place, info, setting, AUTHORS, way, switches));
        // A file of the author's may be refused for its backend before its settings are looked at.
        let named = way == Way::NamedBackend && text.contains("in the app's repository may not");
        assert!(text.contains(setting.name) || named, "{at}: {text}");
        assert!(!text.contains("MANIFILL_TRUST_APP_ENV"), "{at}: {text}");
    });
}

#[test]
fn what_equals_the_operators_value_passes() {
    let place = Folder::new();
    walk(|info, setting, way, switches, at| {
        let listed = switches.may_set
            && (setting.class == Class::Locked || setting.name.starts_with("MANIFILL_"));
        if way != Way::Environment || !switches.all_set || listed {
            return;
        }
        let config = load(&place, info, setting, &operators(setting), way, switches).expect(at);
        assert_eq!(
            default(&config).1.value(setting.name),
            Some(operators(setting).as_str()),
            "{at}"
        );
    });
}
