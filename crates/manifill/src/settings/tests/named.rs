//! Issue part 5 and rule R7: files with named backends.

use std::sync::Arc;

use manifill_vault::backend::memory::Memory;
use manifill_vault::settings::Origin;

use super::*;
use crate::Backends;

const HOMELAB: &str = "\
default: homelab
backends:
  homelab: {type: 1passwordconnect, settings: {OP_CONNECT_HOST: \"http://connect:8080\", OP_CONNECT_TOKEN: {file: run/op-token}}}
  shared:  {type: file, settings: {MANIFILL_FILE: shared.yaml}}
";

fn load(place: &Folder, text: &str, variables: &[(&str, &str)]) -> Result<Config, ConfigErrors> {
    let file = place.file("etc/manifill.yaml", text);
    Config::load(&place.sources(variables).with_config_file(file))
}

#[test]
fn backends_have_names_and_one_is_the_default() {
    let place = Folder::new();
    place.file("etc/run/op-token", "s3cr3t-token\n");
    let config = load(&place, HOMELAB, &[]).unwrap();
    assert_eq!(
        config.backends.names().collect::<Vec<_>>(),
        ["homelab", "shared"]
    );
    assert_eq!(config.backends.default_name(), Some("homelab"));
    assert!(config.backends.are_named());
    let settings = named(&config, "homelab");
    assert_eq!(
        settings.value("OP_CONNECT_HOST"),
        Some("http://connect:8080")
    );
    // `{file:}` is relative to the settings file, and trimmed.
    assert_eq!(settings.value("OP_CONNECT_TOKEN"), Some("s3cr3t-token"));
    assert!(matches!(
        settings.origin("OP_CONNECT_TOKEN"),
        Some(Origin::File(_))
    ));
    // So is MANIFILL_FILE; neither that file nor the settings file is an input.
    let data = place.path("etc/shared.yaml");
    assert_eq!(
        named(&config, "shared").path("MANIFILL_FILE"),
        Some(data.clone())
    );
    assert_eq!(
        config.files_never_inputs,
        [place.path("etc/manifill.yaml"), data]
    );
}

#[test]
fn the_programs_own_backends_stand_beside_those_of_the_file() {
    let place = Folder::new();
    let own = || {
        let vault = manifill_vault::backend::by_name("vault").unwrap();
        Backends::new()
            .with_named("team", "memory", Arc::new(Memory::new()))
            .with_named_settings("own", vault, Settings::new())
    };
    let load = |text: &str| {
        let file = place.file("manifill.yaml", text);
        Config::load_with(&place.sources(&[]).with_config_file(file), own())
    };
    let config = load(
        "default: team\nbackends:\n  a: {type: file, settings: {MANIFILL_FILE: a}}\npolicy:\n  - {project: \"*\", allow: [\"own!**\", \"a!**\"]}\n",
    )
    .unwrap();
    assert_eq!(
        config.backends.names().collect::<Vec<_>>(),
        ["team", "own", "a"]
    );
    assert_eq!(config.backends.default_name(), Some("team"));
    // The policy binds them as well.
    assert!(decided_for(&config, "own").is_restricted());
    let text = refusal(load(
        "backends:\n  team: {type: file, settings: {MANIFILL_FILE: a}}\n",
    ));
    assert!(
        text.contains("manifill.yaml:2:3: there is a backend `team` already"),
        "{text}"
    );
}

#[test]
fn the_same_file_as_json() {
    let place = Folder::new();
    let text = r#"{"default": "x", "backends": {"x": {"type": "file", "settings": {"MANIFILL_FILE": "a"}}}}"#;
    let file = place.file("manifill.json", text);
    let config = Config::load(&place.sources(&[]).with_config_file(file)).unwrap();
    assert_eq!(config.backends.default_name(), Some("x"));
}

#[test]
fn a_setting_comes_from_the_environment_if_the_file_says_so() {
    let place = Folder::new();
    let text = "default: a\nbackends:\n  a:\n    type: 1passwordconnect\n    settings:\n      op_connect_host: http://x\n      OP_CONNECT_TOKEN: {env: MY_TOKEN}\n";
    let config = load(&place, text, &[("MY_TOKEN", "s3cr3t\n")]).unwrap();
    let settings = named(&config, "a");
    assert_eq!(settings.value("OP_CONNECT_TOKEN"), Some("s3cr3t"));
    assert_eq!(settings.value("OP_CONNECT_HOST"), Some("http://x"));
    for variables in [&[][..], &[("MY_TOKEN", " ")]] {
        let text = refusal(load(&place, text, variables));
        assert!(
            text.contains("manifill.yaml:7:31: the environment has no such variable for `OP_CONNECT_TOKEN`, or it is empty"),
            "{text}"
        );
        // What is missing for that reason is not told again.
        assert!(!text.contains("OP_CONNECT_TOKEN is not set"), "{text}");
    }
}

#[test]
fn a_plan_needs_no_variable_and_no_file_of_a_login() {
    let place = Folder::new();
    let text = "default: a\nbackends:\n  a:\n    type: 1passwordconnect\n    settings:\n      OP_CONNECT_HOST: {env: MY_HOST}\n      OP_CONNECT_TOKEN: {file: token}\n";
    let file = place.file("manifill.yaml", text);
    let sources = place.sources(&[]).with_config_file(&file);
    let config = Config::load(&sources.clone().for_plans()).unwrap();
    assert_eq!(named(&config, "a").names().count(), 0);
    let [host, token] = config.notes.as_slice() else {
        panic!("{:?}", config.notes);
    };
    assert!(
        host.ends_with(":6:30: not needed for a plan: the environment has no such variable for `OP_CONNECT_HOST`, or it is empty"),
        "{host}"
    );
    assert!(
        token.ends_with(":7:32: not needed for a plan: the file for `OP_CONNECT_TOKEN` is of no use: there is no such file"),
        "{token}"
    );
    assert_eq!(Config::load(&sources).unwrap_err().iter().count(), 2);
    // Other mistakes stay mistakes.
    let file = place.file("wrong.yaml", &text.replace("{file: token}", "[]"));
    let sources = sources.for_plans().with_config_file(file);
    assert_eq!(Config::load(&sources).unwrap_err().iter().count(), 1);
}

#[test]
fn a_named_backend_reads_only_its_own_settings() {
    let place = Folder::new();
    let text = "default: a\nbackends:\n  a: {type: 1passwordconnect, settings: {OP_CONNECT_HOST: http://x}}\n";
    let config = load(&place, text, &[HOST, TOKEN, APP_TOKEN]).unwrap();
    assert_eq!(
        named(&config, "a").names().collect::<Vec<_>>(),
        ["OP_CONNECT_HOST"]
    );
    assert_eq!(
        named(&config, "a").value("OP_CONNECT_HOST"),
        Some("http://x")
    );
    assert_eq!(config.notes.len(), 1);
    assert!(
        config.notes[0].contains("OP_CONNECT_HOST, OP_CONNECT_TOKEN"),
        "{:?}",
        config.notes
    );
}

#[test]
fn beside_a_named_default_flat_settings_are_ignored_and_noted() {
    let place = Folder::new();
    let text = "default: a\nbackends:\n  a: {type: file, settings: {MANIFILL_FILE: {env: MANIFILL_FILE}}}\n";
    let variables = [CONNECT, HOST, ("MANIFILL_FILE", "x.yaml")];
    let config = load(&place, text, &variables).unwrap();
    assert_eq!(config.backends.default_name(), Some("a"));
    assert_eq!(config.backends.names().count(), 1);
    // What `{env:}` uses is not ignored.
    assert!(
        config.notes[0].ends_with("AVP_TYPE, OP_CONNECT_HOST"),
        "{:?}",
        config.notes
    );
    // The author's are ignored as well, so they are no error.
    load(
        &place,
        text,
        &[
            ("MANIFILL_FILE", "x"),
            APP_HOST,
            ("ARGOCD_ENV_AVP_TYPE", "y"),
        ],
    )
    .unwrap();
}

#[test]
fn without_a_named_default_flat_settings_form_one() {
    let place = Folder::new();
    let text = "backends:\n  file: {type: file, settings: {MANIFILL_FILE: a.yaml}}\n";
    let config = load(&place, text, &[CONNECT, HOST, TOKEN]).unwrap();
    assert!(config.notes.is_empty());
    let (kind, settings) = default(&config);
    assert_eq!(
        (kind, settings.value("OP_CONNECT_TOKEN")),
        ("1passwordconnect", TOKEN.1.into())
    );
    // It has no name of its own: `1passwordconnect!` chooses nothing.
    assert_eq!(config.backends.names().collect::<Vec<_>>(), ["file"]);
    assert_eq!(config.backends.index("1passwordconnect"), None);
    let config = load(&place, text, &[]).unwrap();
    assert_eq!(config.backends.default_index(), None);
    let config = load(
        &place,
        text,
        &[("AVP_TYPE", "file"), ("MANIFILL_FILE", "/b.yaml")],
    )
    .unwrap();
    assert_eq!(default(&config).1.value("MANIFILL_FILE"), Some("/b.yaml"));
    assert_eq!(
        named(&config, "file").value("MANIFILL_FILE"),
        Some("a.yaml")
    );
    refusal(load(&place, text, &[CONNECT, TOKEN, APP_HOST]));
}

#[test]
fn every_mistake_of_the_file_has_its_place() {
    let place = Folder::new();
    place.file("etc/empty", "\n");
    let text = "\
default: homlab
backend: {}
backends:
  homelab: {type: 1passwordconect, settings: {}}
  Shared: {type: file}
  one: {kind: file, type: file, settings: {MANIFIL_FILE: s3cr3t}}
  two: {type: file, settings: {MANIFILL_FILE: {path: s3cr3t}}}
  three: {type: file, settings: {MANIFILL_FILE: [s3cr3t]}}
  four: {settings: {}}
  five: {type: file, settings: {MANIFILL_FILE: {file: nowhere}}}
  six: {type: file, settings: {MANIFILL_FILE: {file: empty}}}
  seven: {type: file, settings: {MANIFILL_FILE: {env: PARAM_X}}}
  eight: {type: file, settings: {MANIFILL_FILE: a, manifill_file: b}}
  nine: s3cr3t
  ten: {type: [s3cr3t], settings: s3cr3t}
  eleven: {type: nosuchbackend}
  twelve: {type: file, settings: {MANIFILL_FILE: }}
policy:
AVP_TYPE: file
";
    let result = load(&place, text, &[("PARAM_X", "x")]);
    let errors = result.as_ref().unwrap_err();
    let found: Vec<String> = errors
        .iter()
        .map(|error| {
            let at = error.position().unwrap();
            format!("{}:{} {error}", at.line, at.column)
        })
        .collect();
    let unknown = format!(
        "4:19 Must provide a supported Vault Type, received 1passwordconect; this version has {}; did you mean `1passwordconnect`?",
        types()
    );
    let wanted = [
        unknown.as_str(),
        "5:3 this cannot be the name of a backend",
        "6:9 this key is not known in a backend",
        "6:44 a backend of type `file` has no such setting; did you mean `MANIFILL_FILE`?",
        "7:48 this is no way to give `MANIFILL_FILE`",
        "8:49 `MANIFILL_FILE` must be text, {env: NAME} or {file: PATH}, but it is a list",
        "9:3 backend `four` has no `type`",
        "10:55 the file for `MANIFILL_FILE` is of no use: there is no such file",
        "11:54 the file for `MANIFILL_FILE` is of no use: it is empty",
        "12:55 this variable holds parameters of the app, which are never settings",
        "13:52 the setting `MANIFILL_FILE` is set here twice",
        "14:9 a backend must be a map, but it is text",
        "15:15 `type` must be text, but it is a list",
        "15:35 `settings` must be a map, but it is text",
        "16:18 Must provide a supported Vault Type, received nosuchbackend",
        "17:48 `MANIFILL_FILE` must be text",
        "1:10 `default` names none of the backends; did you mean `homelab`?",
        "2:1 this key is not known here; did you mean `backends`?",
        "18:1 `policy` must be a list, but it is empty",
        "19:1 `AVP_TYPE` cannot stand beside backends, default and policy",
    ];
    for (found, wanted) in found.iter().zip(wanted) {
        assert!(found.starts_with(wanted), "{found}\nis not\n{wanted}");
    }
    assert_eq!(found.len(), wanted.len(), "{found:#?}");
    refusal(result);
}

#[test]
fn env_of_what_the_app_sets_is_the_apps() {
    let place = Folder::new();
    let text = |host: &str, token: &str| {
        format!(
            "default: a\nbackends:\n  a: {{type: 1passwordconnect, settings: {{OP_CONNECT_HOST: {host}, OP_CONNECT_TOKEN: {token}}}}}\n"
        )
    };
    let variables = [
        ("ARGOCD_ENV_H", "http://evil"),
        ("ARGOCD_ENV_T", "s3cr3t"),
        ("ARGOCD_APP_NAMESPACE", "http://evil"),
    ];
    for host in ["{env: ARGOCD_ENV_H}", "{env: ARGOCD_APP_NAMESPACE}"] {
        let refused = refusal(load(&place, &text(host, "s3cr3t"), &variables));
        assert!(refused.contains("manifill.yaml:3:"), "{refused}");
        assert!(
            refused.contains("`OP_CONNECT_HOST`") && refused.contains("MANIFILL_TRUST_APP_ENV")
        );
    }
    let own = text("{env: ARGOCD_ENV_H}", "{env: ARGOCD_ENV_T}");
    assert_eq!(
        named(&load(&place, &own, &variables).unwrap(), "a").value("OP_CONNECT_HOST"),
        Some("http://evil")
    );
    let mixed = text("{env: ARGOCD_ENV_H}", "s3cr3t");
    load(&place, &mixed, &[&variables[..], &[TRUST]].concat()).unwrap();
    let file =
        "default: a\nbackends: {a: {type: file, settings: {MANIFILL_FILE: {env: ARGOCD_ENV_H}}}}\n";
    assert!(refusal(load(&place, file, &variables)).contains("only the operator may set it"));
}

#[test]
fn one_missing_character_shows_no_token() {
    let place = Folder::new();
    let backend =
        |settings: &str| format!("backends: {{a: {{type: vault, settings: {settings}}}}}\n");
    for (name, text, variables) in [
        ("m.yaml", backend("{VAULT_TOKEN:s3cr3t}"), &[][..]),
        ("m.yaml", backend("{VAULT_TOKEN=s3cr3t: x}"), &[]),
        ("m.yaml", backend("{VAULT_TOKEN s3cr3t: x}"), &[]),
        ("m.yaml", backend("{\"VAULT_TOKEN\\\":\\\"s3cr3t\": x}"), &[]),
        ("m.yaml", backend("{s3cr3t: x}"), &[]),
        ("m.yaml", backend("{VAULT_TOKEN: {s3cr3t}}"), &[]),
        ("m.yaml", backend("{VAULT_TOKEN: {s3cr3t: x}}"), &[]),
        ("m.yaml", backend("{VAULT_TOKEN: {env: s3cr3t}}"), &[]),
        ("m.yaml", backend("{VAULT_TOKEN: {env: PARAM_s3cr3t}}"), &[]),
        ("m.yaml", backend("{VAULT_TOKEN: {file: s3cr3t}}"), &[]),
        ("m.yaml", "backends: {s3cr3t}\n".to_owned(), &[]),
        ("m.yaml", "backends: {S3CR3T/s3cr3t: {type: file}}\n".to_owned(), &[]),
        ("m.yaml", "backends: {a: {type: file, s3cr3t: x}}\n".to_owned(), &[]),
        ("m.yaml", "backends: {a: {type: vault VAULT_TOKEN=s3cr3t}}\n".to_owned(), &[]),
        ("m.yaml", "backends: {a: {type: s3cr3t.s3cr3t}}\n".to_owned(), &[]),
        ("m.yaml", "default: s3cr3t\nbackends: {}\n".to_owned(), &[]),
        ("m.yaml", "default: a\ns3cr3t: {}\n".to_owned(), &[]),
        ("m.yaml", "default: a\ns3cr3t: 1\ns3cr3t: 2\n".to_owned(), &[]),
        ("m.yaml", "policy: [{project: a, s3cr3t: x, allow: [x]}]\n".to_owned(), &[]),
        ("m.yaml", "policy: [{project: a, allow: ['s3cr3t!x']}]\n".to_owned(), &[]),
        ("m.json", "{\"backends\": {\"a\": {\"type\": \"vault\", \"settings\": {\"VAULT_TOKEN\",\"s3cr3t\"}}}}".to_owned(), &[]),
        ("m.json", "{\"backends\": {\"a\": {\"type\": \"vault\", \"settings\": {\"VAULT_ADDR\":\"http://v\",VAULT_TOKEN\":\"s3cr3t\"}}}}".to_owned(), &[]),
        ("m.yaml", "AVP_TYPE: vault VAULT_TOKEN=s3cr3t\n".to_owned(), &[]),
        ("m.yaml", "s3cr3t: 1\ns3cr3t: 2\n".to_owned(), &[]),
        ("m.yaml", "A: b\n".to_owned(), &[("AVP_TYPE", "vault VAULT_TOKEN=s3cr3t")]),
        ("m.yaml", "A: b\n".to_owned(), &[("MANIFILL_APP_MAY_SET", "VAULT_TOKEN=s3cr3t")]),
    ] {
        let file = place.file(name, &text);
        refusal(Config::load(&place.sources(variables).with_config_file(file)));
    }
    // Nor does a remark.
    let file = place.file(
        "m.yaml",
        "VAULT_TOKEN:s3cr3t: [1]\ns3cr3t: {a: b}\nVAULT_TOKEN: ${s3cr3t}\n",
    );
    let config = Config::load(&place.sources(&[]).with_config_file(file)).unwrap();
    assert_eq!(config.notes.len(), 3);
    assert!(
        !config.notes.concat().contains("s3cr3t"),
        "{:?}",
        config.notes
    );
    assert!(
        config.notes[2].contains(":3:14: the value of `VAULT_TOKEN` is `${…}`"),
        "{:?}",
        config.notes
    );
}

#[test]
fn what_stands_for_a_variable_in_other_files_is_not_expanded() {
    let place = Folder::new();
    let text = "backends: {a: {type: vault, settings: {VAULT_TOKEN: '${MY_TOKEN}'}}}\n";
    let text = refusal(load(&place, text, &[("MY_TOKEN", "s3cr3t")]));
    assert!(
        text.contains("`VAULT_TOKEN` is given as `${…}`") && text.contains("write {env: NAME}"),
        "{text}"
    );
    for (value, shape) in [
        ("$MY_TOKEN", "$…"),
        ("$(MY_TOKEN)", "$(…)"),
        ("${MY_TOKEN:-}", "${…}"),
    ] {
        let text =
            format!("backends: {{a: {{type: vault, settings: {{VAULT_TOKEN: '{value}'}}}}}}\n");
        let text = refusal(load(&place, &text, &[("MY_TOKEN", "s3cr3t")]));
        let told = format!("`VAULT_TOKEN` is given as `{shape}`, which is not expanded");
        assert!(text.contains(&told), "{text}");
    }
    let text = "default: a\nbackends: {a: {type: vault, settings: {VAULT_TOKEN: 'a${b}'}}}\n";
    assert_eq!(
        named(&load(&place, text, &[]).unwrap(), "a").value("VAULT_TOKEN"),
        Some("a${b}")
    );
}
