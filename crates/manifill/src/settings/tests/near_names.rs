//! Guesses and slips get the name that is meant (rules R9 and R12).

use super::*;
use crate::{Input, Renderer};

#[test]
fn what_people_call_a_backend_leads_to_its_name() {
    for (guess, name) in [
        ("1password", "1passwordconnect"),
        ("1Password", "1passwordconnect"),
        ("onepassword", "1passwordconnect"),
        ("1password-connect", "1passwordconnect"),
        ("op", "1passwordconnect"),
        ("openbao", "vault"),
        ("hashicorp", "vault"),
        ("HashiCorp-Vault", "vault"),
        ("Vault", "vault"),
        ("k8s", "kubernetessecret"),
        ("exec", "command"),
    ] {
        let told = refusal(environment(&[("AVP_TYPE", guess)]));
        let meant = format!("; did you mean `{name}`?");
        assert!(told.ends_with(&meant), "{told}");
    }
    // Nothing of what may be a secret is shown.
    refusal(environment(&[("AVP_TYPE", "s3cr3t=op")]));
}

#[test]
fn a_slip_in_a_flat_file_is_told_by_the_known_name_alone() {
    let folder = Folder::new();
    let file = "AVP_TYPE: vault\nVAULT_ADR: s3cr3t\nMANIFILL_TIMEOUTS: 5\nOTHER_TOOL: x\nop_connect_hosts: x\n";
    folder.file("flat.yaml", file);
    let config = Config::load(&folder.sources(&[]).with_config_file("flat.yaml")).unwrap();
    let mut notes = config.notes.clone();
    notes.sort();
    assert_eq!(
        notes,
        [
            "flat.yaml:2:12: this is not a setting; did you mean `VAULT_ADDR`?",
            "flat.yaml:3:20: this is not a setting; did you mean `MANIFILL_TIMEOUT`?",
            "flat.yaml:5:19: this is not a setting; did you mean `OP_CONNECT_HOST`?",
        ]
    );
}

#[test]
fn a_slip_in_the_environment_is_told() {
    let notes = |variables: &[(&str, &str)]| environment(variables).unwrap().notes;
    assert_eq!(
        notes(&[("MANIFILL_TIMOUT", "5")]),
        ["the variable MANIFILL_TIMOUT is not a setting; did you mean `MANIFILL_TIMEOUT`?"]
    );
    assert_eq!(
        notes(&[("MANIFILL_CONFIGS", "x")]),
        ["the variable MANIFILL_CONFIGS is not a setting; did you mean `MANIFILL_CONFIG`?"]
    );
    assert_eq!(
        notes(&[("OP_CONNECT_HOSTS", "x")]),
        ["the variable OP_CONNECT_HOSTS is not a setting; did you mean `OP_CONNECT_HOST`?"]
    );
    // Others have names of their own that are near, too.
    assert!(notes(&[("OP_CONNECT_HOSTS", "x"), HOST]).is_empty());
    assert!(notes(&[("VAULT_FORMAT", "json"), ("MANIFILL_APP_MAY_SET", "")]).is_empty());
}

#[test]
fn a_settings_file_that_is_not_read_is_told() {
    let folder = Folder::new();
    let file = folder.file("manifill.yaml", "AVP_TYPE: file\nMANIFILL_FILE: x.yaml\n");
    let unread = Config::load(&folder.sources(&[])).unwrap().notes;
    assert!(
        unread[0].contains("-c manifill.yaml") && unread[0].contains("MANIFILL_CONFIG"),
        "{unread:?}"
    );
    let read = folder.sources(&[]).with_config_file(file);
    assert!(Config::load(&read).unwrap().notes.is_empty());
}

#[test]
fn without_a_type_the_settings_that_are_there_say_which() {
    let hint = |variables: &[(&str, &str)]| {
        let renderer = Renderer::from_config(environment(variables).unwrap());
        let inputs = [Input::new("m.yaml", "kind: A\nx: <path:a#b>\n")];
        let error = renderer.plan(&inputs).unwrap_err();
        error.diagnostics()[0].hint.clone().unwrap()
    };
    let vault = ("VAULT_ADDR", "http://h:8200");
    assert_eq!(
        hint(&[HOST, TOKEN]),
        "did you mean `AVP_TYPE=1passwordconnect`?"
    );
    assert_eq!(hint(&[vault]), "did you mean `AVP_TYPE=vault`?");
    let open = hint(&[]);
    assert!(
        open.contains("-c") && open.contains("MANIFILL_CONFIG"),
        "{open}"
    );
}

#[test]
fn a_setting_beside_backends_is_told_where_it_belongs() {
    let folder = Folder::new();
    for (key, hint) in [
        ("MANIFILL_TIMEOUT", "set it as an environment variable"),
        ("OP_CONNECT_HOST", "put it into the `settings` of a backend"),
        ("AVP_TYPE", "the `type` of a backend says this here"),
    ] {
        folder.file("m.yaml", &format!("backends: {{}}\n{key}: 10\n"));
        let told = refusal(Config::load(
            &folder.sources(&[]).with_config_file("m.yaml"),
        ));
        assert!(
            told.starts_with(&format!("m.yaml:2:1: `{key}` cannot stand")) && told.contains(hint),
            "{told}"
        );
    }
}

#[test]
fn yaml_that_cannot_be_read_has_a_reason() {
    let folder = Folder::new();
    folder.file("m.yaml", "backends:\n  a: [1,\n  b: }\n");
    let told = refusal(Config::load(
        &folder.sources(&[]).with_config_file("m.yaml"),
    ));
    assert!(told.contains("this is not valid YAML: "), "{told}");
}

#[test]
fn a_missing_space_in_a_flat_file_is_told_where_it_is() {
    let folder = Folder::new();
    for (file, at) in [
        ("OP_CONNECT_TOKEN:s3cr3t\n", "1:1"),
        ("OP_CONNECT_TOKEN:s3cr3t\nAVP_TYPE: file\n", "1:1"),
        ("AVP_TYPE: file\nOP_CONNECT_TOKEN:s3cr3t\n", "2:1"),
        (
            "AVP_TYPE: file\r\nOP_CONNECT_TOKEN=s3cr3t\r\nX: y\r\n",
            "2:1",
        ),
    ] {
        folder.file("flat.yaml", file);
        let sources = folder.sources(&[]).with_config_file("flat.yaml");
        let told = refusal(Config::load(&sources));
        let wanted = format!(
            "flat.yaml:{at}: this line is not `KEY: value`; it begins with `OP_CONNECT_TOKEN` (write a colon and a space between a name and its value)"
        );
        assert_eq!(told, wanted);
    }
}

#[test]
fn every_setting_of_every_backend_can_be_meant() {
    for setting in BACKENDS.iter().flat_map(|info| info.settings) {
        let slip = format!("{}X", setting.name);
        let told = refusal(environment(&[("MANIFILL_APP_MAY_SET", &slip)]));
        assert!(told.contains(&format!("`{}`", setting.name)), "{told}");
    }
}
