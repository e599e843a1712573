//! Rule R7: what an app's author never sets, trusted or not, since a program would run or any file
//! could be read.

use manifill_vault::backend::BACKENDS;
use manifill_vault::settings::Kind;

use super::*;

const COMMAND: (&str, &str) = ("AVP_TYPE", "command");
const PROGRAM: (&str, &str) = ("MANIFILL_COMMAND", "/usr/local/bin/read-secret");

/// The refusals of a settings file in the checkout, trusted and not.
fn refusals(text: &str, variables: &[(&str, &str)]) -> [String; 2] {
    let place = Folder::new();
    let file = place.file("checkout/apps/web/avp.yaml", text);
    [&[][..], &[TRUST]].map(|more| {
        let sources = place.argo(&[variables, more].concat());
        refusal(Config::load(&sources.with_config_file(&file)))
    })
}

#[test]
fn a_file_in_the_repository_names_no_command() {
    for settings in ["", ", settings: {MANIFILL_COMMAND: ./s3cr3t}"] {
        let text = format!("default: a\nbackends:\n  a: {{type: command{settings}}}\n");
        for refused in refusals(&text, &[PROGRAM]) {
            let wanted = "a settings file in the app's repository may not have `command`";
            assert!(refused.contains("avp.yaml:3:"), "{refused}");
            assert!(refused.contains(wanted), "{refused}");
        }
    }
    for refused in refusals(
        "AVP_TYPE: command\nMANIFILL_COMMAND: ./s3cr3t\n",
        &[COMMAND],
    ) {
        assert!(refused.contains("avp.yaml:2:1"), "{refused}");
        assert!(
            refused.contains("only the operator may set it"),
            "{refused}"
        );
        assert!(!refused.contains("MANIFILL_TRUST_APP_ENV"), "{refused}");
    }
}

#[test]
fn a_secret_names_no_program() {
    for info in BACKENDS {
        for setting in info.settings {
            let mut sources = sources_in(Path::new("/"), &[("AVP_TYPE", info.name)]);
            let data = [(setting.name.to_owned(), "s3cr3t".to_owned())];
            sources.secret = Some(("team:settings".to_owned(), data.into()));
            let names_program = setting.kind == Kind::Program;
            match Config::load(&sources) {
                Ok(_) => assert!(!names_program, "{}", setting.name),
                Err(errors) => {
                    let text = refusal(Err(errors));
                    let told = text.contains("names a program, and Secret `team:settings` may not");
                    assert_eq!(told, names_program, "{text}");
                }
            }
        }
    }
}

#[test]
fn an_author_sets_no_program_and_no_root() {
    let place = Folder::new();
    for (kind, name) in [
        ("command", "MANIFILL_COMMAND"),
        ("kubernetessecret", "KUBECONFIG"),
        ("sops", "SOPS_GPG_EXEC"),
        ("sops", "GNUPGHOME"),
        ("vault", "AVP_JWT_PATH"),
        ("vault", "AVP_K8S_TOKEN_PATH"),
        ("vault", "VAULT_CAPATH"),
        ("vault", "MANIFILL_VAULT_TOKEN_CACHE"),
        ("sops", "MANIFILL_FILE_ROOT"),
    ] {
        // Through the environment: refused, or not read at all.
        for more in [&[][..], &[TRUST]] {
            let sources = place
                .argo(more)
                .with_variable("AVP_TYPE", kind)
                .with_variable(format!("ARGOCD_ENV_{name}"), "./s3cr3t");
            match Config::load(&sources) {
                Ok(config) => {
                    assert_eq!(default(&config).1.value(name), None);
                    assert!(config.notes[0].contains(name), "{:?}", config.notes);
                }
                Err(errors) => {
                    let refused = refusal(Err(errors));
                    assert!(
                        refused.contains("only the operator may set it"),
                        "{refused}"
                    );
                }
            }
        }
        // Through the repository.
        for refused in refusals(&format!("{name}: ./s3cr3t\n"), &[("AVP_TYPE", kind)]) {
            assert!(
                refused.contains("only the operator may set it"),
                "{refused}"
            );
        }
        // Through a placeholder in the operator's own file.
        let text = format!(
            "default: a\nbackends: {{a: {{type: {kind}, settings: {{{name}: {{env: ARGOCD_ENV_X}}}}}}}}\n"
        );
        let file = place.file("etc/manifill.yaml", &text);
        for more in [&[][..], &[TRUST]] {
            let sources = place
                .argo(more)
                .with_variable("ARGOCD_ENV_X", "./s3cr3t")
                .with_config_file(&file);
            let refused = refusal(Config::load(&sources));
            assert!(
                refused.contains("only the operator may set it"),
                "{refused}"
            );
        }
    }
}

#[test]
fn the_operator_names_a_command() {
    let config = environment(&[COMMAND, PROGRAM]).unwrap();
    assert_eq!(default(&config).0, "command");
    assert_eq!(default(&config).1.value(PROGRAM.0), Some(PROGRAM.1));
    let place = Folder::new();
    let text = "default: a\nbackends: {a: {type: command, settings: {MANIFILL_COMMAND: /bin/x}}}\n";
    let file = place.file("etc/manifill.yaml", text);
    let config = Config::load(&place.argo(&[]).with_config_file(file)).unwrap();
    assert_eq!(
        named(&config, "a").value("MANIFILL_COMMAND"),
        Some("/bin/x")
    );
}
