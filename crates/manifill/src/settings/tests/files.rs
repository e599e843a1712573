//! Rule R7: files in the checkout are the author's.

use super::super::checkout::{Checkout, Owner};
use super::*;

const OWN_LOGIN: &str =
    "AVP_TYPE: 1passwordconnect\nOP_CONNECT_HOST: http://evil\nOP_CONNECT_TOKEN: s3cr3t-author\n";

/// Loads a settings file that lies in the checkout, as `-c FILE`.
fn in_checkout(
    place: &Folder,
    text: &str,
    variables: &[(&str, &str)],
) -> Result<Config, ConfigErrors> {
    let file = place.file("checkout/apps/web/avp.yaml", text);
    Config::load(&place.argo(variables).with_config_file(file))
}

#[test]
fn the_authors_file_may_not_read_files_variables_commands_or_set_policy() {
    let place = Folder::new();
    for (what, text) in [
        (
            "`{env: …}`",
            "default: a\nbackends:\n  a: {type: file, settings: {MANIFILL_FILE: {env: HOME}}}\n",
        ),
        (
            "`{file: …}`",
            "default: a\nbackends:\n  a: {type: file, settings: {MANIFILL_FILE: {file: x}}}\n",
        ),
        (
            "`command`",
            "default: a\nbackends:\n  a: {type: file, settings: {MANIFILL_FILE: {command: [id]}}}\n",
        ),
        (
            "`command`",
            "default: a\nbackends:\n  a: {type: file, command: [id]}\n",
        ),
        (
            "`policy`",
            "backends: {}\n\npolicy: [{project: \"*\", allow: [\"**\"]}]\n",
        ),
    ] {
        for variables in [&[][..], &[TRUST]] {
            let text = refusal(in_checkout(&place, text, variables));
            assert!(text.contains("avp.yaml:3:"), "{text}");
            assert!(text.contains(what), "{text}");
        }
        // The same file outside Argo CD, or outside the checkout, is the operator's.
        let file = place.file("etc/m.yaml", text);
        let operator = Config::load(&place.argo(&[("HOME", "x")]).with_config_file(&file));
        let said = operator
            .err()
            .map(|errors| errors.to_string())
            .unwrap_or_default();
        assert!(!said.contains("repository"), "{said}");
    }
}

#[test]
fn the_checkout_is_more_than_the_apps_folder() {
    let place = Folder::new();
    let policy = "policy: []\n";
    let root = place.file("checkout/manifill.yaml", policy);
    let outside = place.file("manifill.yaml", policy);
    refusal(Config::load(&place.argo(&[]).with_config_file(&root)));
    refusal(Config::load(
        &place.argo(&[]).with_config_file("../../manifill.yaml"),
    ));
    refusal(Config::load(
        &place.argo(&[("MANIFILL_CONFIG", "../../manifill.yaml")]),
    ));
    assert!(
        Config::load(&place.argo(&[]).with_config_file(&outside))
            .unwrap()
            .rules
            .is_restricted()
    );
    // Outside Argo CD there is no author.
    assert!(Config::load(&place.sources(&[]).with_config_file(&root)).is_ok());
}

#[cfg(unix)]
#[test]
fn links_are_resolved_before_the_owner_is_known() {
    use std::os::unix::fs::symlink;

    let place = Folder::new();
    let policy = "policy: []\n";
    let sources = place.argo(&[]);
    // From outside into the checkout: the author's.
    let inside = place.file("checkout/manifill.yaml", policy);
    symlink(&inside, place.path("linked.yaml")).unwrap();
    assert!(
        refusal(Config::load(
            &sources.clone().with_config_file(place.path("linked.yaml"))
        ))
        .contains("`policy`")
    );
    // From the checkout out of it: refused.
    let operators = place.file("etc/manifill.yaml", policy);
    symlink(&operators, place.path("checkout/apps/web/m.yaml")).unwrap();
    let text = refusal(Config::load(&sources.clone().with_config_file("m.yaml")));
    assert!(text.contains("leads out of the app's repository"), "{text}");
    // The checkout itself may be reached through a link.
    symlink(place.path("checkout"), place.path("alias")).unwrap();
    let mut aliased = sources;
    aliased.working_dir = place.path("alias/apps/web");
    assert!(
        refusal(Config::load(
            &aliased.with_config_file("../../manifill.yaml")
        ))
        .contains("`policy`")
    );
}

#[test]
fn flat_values_of_the_authors_file_obey_the_classes() {
    let place = Folder::new();
    // A whole login of the author's: nothing of the operator's is there to mix with.
    let config = in_checkout(&place, OWN_LOGIN, &[]).unwrap();
    assert_eq!(
        default(&config).1.value("OP_CONNECT_HOST"),
        Some("http://evil")
    );
    // The environment comes before the file, so a whole login of the operator's wins.
    let config = in_checkout(&place, OWN_LOGIN, &[CONNECT, HOST, TOKEN]).unwrap();
    assert_eq!(default(&config).1.value("OP_CONNECT_HOST"), Some(HOST.1));
    // Half of each is refused, but for the author's token at the operator's host.
    let text = refusal(in_checkout(&place, OWN_LOGIN, &[CONNECT, TOKEN]));
    assert!(
        text.contains("avp.yaml:") && text.contains("MANIFILL_TRUST_APP_ENV"),
        "{text}"
    );
    let config = in_checkout(&place, OWN_LOGIN, &[CONNECT, HOST]).unwrap();
    assert_eq!(default(&config).1.value("OP_CONNECT_HOST"), Some(HOST.1));
    refusal(in_checkout(
        &place,
        "OP_CONNECT_HOST: http://evil\n",
        &[CONNECT, TOKEN],
    ));
    let trusted = in_checkout(
        &place,
        "OP_CONNECT_HOST: http://evil\n",
        &[CONNECT, TOKEN, TRUST],
    )
    .unwrap();
    assert_eq!(
        default(&trusted).1.value("OP_CONNECT_HOST"),
        Some("http://evil")
    );
    // The limits are the operator's, and a validation only narrows.
    refusal(in_checkout(&place, "MANIFILL_TIMEOUT: 1\n", &[]));
    refusal(in_checkout(&place, "MANIFILL_FILE_ROOT: /\n", &[TRUST]));
    let variables = [("AVP_PATH_VALIDATION", "^a")];
    let rules = in_checkout(&place, "AVP_PATH_VALIDATION: b$\n", &variables)
        .unwrap()
        .rules;
    assert!(rules.check("x", true, "ab", "ab").is_ok());
    assert!(
        rules.check("x", true, "ac", "ac").is_err() && rules.check("x", true, "cb", "cb").is_err()
    );
}

#[test]
fn named_backends_of_the_author_have_only_the_authors_values() {
    let place = Folder::new();
    let text = "default: a\nbackends:\n  a: {type: 1passwordconnect, settings: {OP_CONNECT_HOST: http://evil, OP_CONNECT_TOKEN: s3cr3t-x}}\n";
    let config = in_checkout(&place, text, &[CONNECT, HOST, TOKEN]).unwrap();
    assert_eq!(
        named(&config, "a").value("OP_CONNECT_HOST"),
        Some("http://evil")
    );
    assert_eq!(
        named(&config, "a").value("OP_CONNECT_TOKEN"),
        Some("s3cr3t-x")
    );
}

#[test]
fn a_data_file_that_the_author_names_stays_in_the_apps_folder() {
    let place = Folder::new();
    place.file("checkout/apps/web/data.yaml", "");
    place.file("checkout/other.yaml", "");
    place.file("etc/passwd", "");
    let flat = |path: &str| format!("AVP_TYPE: file\nMANIFILL_FILE: {path}\n");
    let named = |path: &str| {
        format!("default: a\nbackends:\n  a: {{type: file, settings: {{MANIFILL_FILE: {path}}}}}\n")
    };
    for text in [&flat as &dyn Fn(&str) -> String, &named] {
        let config = in_checkout(&place, &text("data.yaml"), &[]).unwrap();
        let data = place.path("checkout/apps/web/data.yaml");
        assert!(config.files_never_inputs.contains(&data));
        in_checkout(&place, &text("not-there.yaml"), &[]).unwrap();
        for path in [
            "../../../etc/passwd",
            "../../other.yaml",
            "/etc/passwd",
            "../../../not-there",
        ] {
            for variables in [&[][..], &[TRUST]] {
                let text = refusal(in_checkout(&place, &text(path), variables));
                assert!(
                    text.contains("leads out of the app's folder"),
                    "{path}: {text}"
                );
                assert!(text.contains("MANIFILL_FILE_ROOT"), "{text}");
            }
        }
        let root = place.path("checkout").display().to_string();
        let opened = [("MANIFILL_FILE_ROOT", root.as_str())];
        in_checkout(&place, &text("../../other.yaml"), &opened).unwrap();
        refusal(in_checkout(&place, &text("../../../etc/passwd"), &opened));
    }
}

#[cfg(unix)]
#[test]
fn a_link_in_the_checkout_does_not_lead_a_data_file_out_of_it() {
    use std::os::unix::fs::symlink;

    let place = Folder::new();
    let outside = place.file("etc/data.yaml", "").display().to_string();
    let sources = place.argo(&[("AVP_TYPE", "file"), ("MANIFILL_FILE", "data.yaml")]);
    symlink(&outside, place.path("checkout/apps/web/data.yaml")).unwrap();
    refusal(in_checkout(
        &place,
        "AVP_TYPE: file\nMANIFILL_FILE: data.yaml\n",
        &[],
    ));
    // The operator's setting, but the author's link.
    refusal(Config::load(&sources));
    let root = place.path("etc").display().to_string();
    // An opened folder is open besides the app's own.
    place.file("checkout/apps/web/own.yaml", "");
    let opened = [("MANIFILL_FILE_ROOT", root.as_str())];
    in_checkout(&place, "AVP_TYPE: file\nMANIFILL_FILE: own.yaml\n", &opened).unwrap();
    Config::load(&sources.clone().with_variable("MANIFILL_FILE_ROOT", root)).unwrap();
    // The operator may name any file directly.
    Config::load(&sources.with_variable("MANIFILL_FILE", outside)).unwrap();
}

#[test]
fn a_relative_data_file_starts_from_what_names_it() {
    let place = Folder::new();
    let file = place.file("etc/avp.yaml", "AVP_TYPE: file\nMANIFILL_FILE: data.yaml\n");
    let sources = place.sources(&[]).with_config_file(file);
    let config = Config::load(&sources).unwrap();
    assert_eq!(
        default(&config).1.path("MANIFILL_FILE"),
        Some(place.path("etc/data.yaml"))
    );
    let config = Config::load(&sources.with_variable("MANIFILL_FILE", "here.yaml")).unwrap();
    assert_eq!(
        default(&config).1.path("MANIFILL_FILE"),
        Some(place.path("here.yaml"))
    );
    assert_eq!(
        config.files_never_inputs,
        [place.path("etc/avp.yaml"), place.path("here.yaml")]
    );
}

#[test]
fn without_a_given_folder_the_one_of_the_process_counts() {
    let place = Folder::new();
    let outside = place.file("etc/m.yaml", "");
    let sources = Sources::default().with_variable("ARGOCD_APP_NAME", "web");
    let app = Checkout::new(&sources, &mut Vec::new());
    assert_eq!(app.owner(&outside, false), Owner::Operator);
    assert_eq!(
        app.owner(&std::env::current_dir().unwrap().join("src"), false),
        Owner::Author
    );
    assert_eq!(app.owner(Path::new("src"), true), Owner::Author);
    assert_eq!(app.owner(&outside, true), Owner::EscapesCheckout);
}

#[test]
fn a_source_path_cannot_make_the_checkout_smaller() {
    let place = Folder::new();
    let file = place.file("checkout/manifill.yaml", "policy: []\n");
    for path in ["apps/web", "./apps/web/", "apps/x/../web", "/apps/web"] {
        let sources = place
            .argo(&[])
            .with_variable("ARGOCD_APP_SOURCE_PATH", path);
        refusal(Config::load(&sources.with_config_file(&file)));
    }
}
