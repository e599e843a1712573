//! Names, aliases, folders, and that no value shows.

use super::*;
use crate::suite::SENTINEL;

#[test]
fn names_have_no_case_and_the_last_value_counts() {
    let mut settings = Settings::new().with("op_connect_host", "http://a");
    settings.set(
        "Op_Connect_Host",
        "http://b",
        Origin::File("avp.yaml".to_owned()),
    );
    assert_eq!(settings.value("OP_CONNECT_HOST"), Some("http://b"));
    assert_eq!(settings.value("op_connect_host"), Some("http://b"));
    assert_eq!(settings.names().collect::<Vec<_>>(), ["OP_CONNECT_HOST"]);
    let origin = settings.origin("op_connect_HOST");
    assert_eq!(origin, Some(&Origin::File("avp.yaml".to_owned())));
}

#[test]
fn white_space_around_a_value_is_cut_off() {
    let settings = Settings::new()
        .with("T", " a b\r\n")
        .with("E", " \n")
        .with("N", "");
    assert_eq!(settings.value("T"), Some("a b"));
    assert_eq!(settings.value("E"), None);
    assert_eq!(settings.value("N"), None);
    assert_eq!(settings.value("X"), None);
    assert_eq!(settings.origin("E"), Some(&Origin::Program));
    assert_eq!(settings.origin("X"), None);
}

#[test]
fn relative_files_start_from_the_base() {
    let settings = Settings::new().with("F", "a/b.yaml").with("A", "/etc/x");
    assert_eq!(settings.path("F"), Some(PathBuf::from("a/b.yaml")));
    assert_eq!(settings.base(), None);
    let settings = settings.with_base("/base");
    assert_eq!(settings.base(), Some(Path::new("/base")));
    assert_eq!(settings.path("F"), Some(PathBuf::from("/base/a/b.yaml")));
    assert_eq!(settings.path("A"), Some(PathBuf::from("/etc/x")));
    assert_eq!(settings.path("X"), None);
    assert_eq!(settings.with_base("").base(), None);
}

#[test]
fn what_a_settings_file_names_starts_from_its_folder() {
    let mut settings = Settings::new().with("F", "a").with_base("/base");
    settings.set("G", "b", Origin::File("etc/avp.yaml".to_owned()));
    assert_eq!(settings.path("G"), Some(PathBuf::from("/base/b")));
    let settings = settings.with_file_base("/etc");
    assert_eq!(settings.path("G"), Some(PathBuf::from("/etc/b")));
    assert_eq!(settings.path("F"), Some(PathBuf::from("/base/a")));
}

#[test]
fn an_alias_counts_where_the_name_is_not_set() {
    const DECLARED: &[Setting] =
        &[Setting::new("NAME", Kind::Text, Class::Free, "a name").with_alias("ALIAS")];
    let mut alias = Settings::new();
    alias.set("alias", "a", Origin::AppEnvironment);
    let found = alias.with_aliases(DECLARED);
    assert_eq!(found.value("NAME"), Some("a"));
    assert_eq!(found.origin("NAME"), Some(&Origin::AppEnvironment));
    let empty = alias.clone().with("NAME", " ").with_aliases(DECLARED);
    assert_eq!(empty.value("NAME"), Some("a"));
    let both = alias.with("NAME", "n").with_aliases(DECLARED);
    assert_eq!(both.value("NAME"), Some("n"));
    assert_eq!(Settings::new().with_aliases(DECLARED).value("NAME"), None);
    assert!(DECLARED[0].is_called("name") && DECLARED[0].is_called("Alias"));
    assert!(!DECLARED[0].is_called("other"));
}

#[test]
fn a_program_runs_beside_the_settings_file_that_names_it_or_at_the_root() {
    let mut settings = Settings::new()
        .with("E", "x/y")
        .with_base("/work")
        .with_file_base("/etc/manifill");
    settings.set("F", "x/y", Origin::File("a.yaml".to_owned()));
    settings.set("S", "x/y", Origin::Secret("avp".to_owned()));
    for (name, folder, path) in [
        ("E", "/", "/work/x/y"),
        ("F", "/etc/manifill", "/etc/manifill/x/y"),
        ("S", "/", "/work/x/y"),
    ] {
        assert_eq!(settings.program_folder(name), Path::new(folder), "{name}");
        assert_eq!(settings.absolute_path(name), Some(path.into()), "{name}");
    }
    assert_eq!(settings.program_folder("X"), Path::new("/"));
    assert!(
        Settings::new()
            .with("E", "x")
            .absolute_path("E")
            .unwrap()
            .is_absolute()
    );
}

#[test]
fn debug_shows_names_and_origins_and_no_value() {
    let mut settings = Settings::new().with("OP_CONNECT_TOKEN", SENTINEL);
    settings.set("HOST", SENTINEL, Origin::AppEnvironment);
    let shown = format!("{settings:?} {settings:#?}");
    assert!(!shown.contains(SENTINEL), "{shown}");
    assert!(
        shown.contains("OP_CONNECT_TOKEN") && shown.contains("AppEnvironment"),
        "{shown}"
    );
}

#[test]
fn an_origin_reads_well() {
    for (origin, text) in [
        (Origin::Program, "the program"),
        (Origin::Environment, "the environment"),
        (Origin::AppEnvironment, "ARGOCD_ENV_"),
        (Origin::File("a.yaml".to_owned()), "file `a.yaml`"),
        (
            Origin::Secret("argocd:avp".to_owned()),
            "secret `argocd:avp`",
        ),
    ] {
        assert_eq!(origin.to_string(), text);
    }
}
