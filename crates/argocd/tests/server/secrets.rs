//! What must not get where it does not belong.

use std::path::{Path, PathBuf};
use std::sync::LazyLock;

use manifill_argocd::Discovery;
use manifill_argocd::server::{Engine, Memory, Mode};
use tonic::Code;

use crate::ends::with_script;
use crate::world::{Ask, Heard, Packed, SENTINEL, World, files, pack, settings};

#[tokio::test]
async fn values_are_in_manifests_and_nowhere_else() {
    let heard = Heard::default();
    let mut world = World::with(|engine, _| engine.with_hooks(heard.clone()));
    let client = world.plain().await;
    let good = files(&[("a.yaml", "kind: A\na: <path:db#password>\n")]);
    assert!(client.text(&Ask::new(good, ".")).await.contains(SENTINEL));
    for (source, told) in [
        ("kind: A\na: <path:db#password | jsonParse>\n", "jsonParse"),
        ("kind: A\na: <path:db#passwort>\n", "it has"),
        ("kind: A\na: <path:db#password>\n---\na: b\n", "Kind"),
    ] {
        let failure = client
            .failure(&Ask::new(files(&[("a.yaml", source)]), "."))
            .await;
        assert!(failure.message().contains("a.yaml:"), "{failure}");
        assert!(failure.message().contains(told), "{failure}");
    }
    assert!(!format!("{:?} {:?}", heard.calls(), world.engine).contains(SENTINEL));
}

#[tokio::test]
async fn what_an_author_sets_is_data() {
    let mut world = World::new();
    let client = world.plain().await;
    let archive = files(&[("a.yaml", "kind: A\na: <path:db#user>\n")]);
    let text = "kind: A\na: \"svc\"\n";
    let own = [
        ("ARGOCD_ENV_MANIFILL_MAX_OUTPUT", "1"),
        ("PARAM_AVP_TYPE", "vault"),
        // Argo CD does not send these; they would be the operator's.
        ("AVP_TYPE", "vault"),
        ("MANIFILL_FILE", "/etc/passwd"),
        ("PATH", "/nowhere"),
    ];
    let ask = own
        .iter()
        .fold(Ask::new(archive.clone(), "."), |ask, (name, value)| {
            ask.with_env(name, value)
        });
    assert_eq!(client.text(&ask).await, text);
    assert!(
        std::env::vars()
            .all(|(name, _)| !name.starts_with("ARGOCD_ENV_") && !name.starts_with("PARAM_"))
    );
    let ask = Ask::new(archive, ".").with_env("ARGOCD_ENV_MANIFILL_FILE", "/etc/passwd");
    assert!(!client.text(&ask).await.contains("root"));
}

#[tokio::test]
async fn nobody_but_argo_cd_says_whose_app_it_is() {
    let heard = Heard::default();
    let mut world = World::with(|_, folder| {
        let file = folder.join("manifill.yaml");
        let secrets = folder.join("secrets.yaml");
        let _ = settings(folder);
        let text = format!(
            "default: a\nbackends:\n  a: {{type: file, settings: {{MANIFILL_FILE: {}}}}}\npolicy:\n  - {{project: team, allow: [db]}}\n",
            secrets.display()
        );
        std::fs::write(&file, text).unwrap();
        // A server that was started in an app's environment would give its rights to all apps.
        let sources = manifill::settings::Sources::default()
            .with_config_file(file)
            .with_variable("ARGOCD_APP_PROJECT_NAME", "team")
            .with_variable("ARGOCD_ENV_ARGOCD_APP_PROJECT_NAME", "team");
        Engine::new(sources).with_hooks(heard.clone())
    });
    let client = world.plain().await;
    let archive = files(&[("a.yaml", "kind: A\na: <path:db#user>\n")]);
    let ask = Ask::new(archive, ".");
    assert_eq!(client.text(&ask).await, "kind: A\na: \"svc\"\n");
    for project in ["other", ""] {
        let ask = ask.clone().with_env("ARGOCD_APP_PROJECT_NAME", project);
        let failure = client.failure(&ask).await;
        assert_eq!(failure.code(), Code::FailedPrecondition);
        assert_eq!(heard.calls().last().unwrap().failure, Some("disallowed"));
    }
    let mut without = ask;
    without.metadata.env.clear();
    let failure = client.failure(&without).await;
    assert!(
        failure.message().contains("ARGOCD_APP_PROJECT_NAME"),
        "{failure}"
    );
}

#[tokio::test]
async fn the_operators_settings_file_may_lie_where_the_server_was_started() {
    let mut world = World::with(|_, folder| {
        let _ = settings(folder);
        let text = "AVP_TYPE: file\nMANIFILL_FILE: secrets.yaml\n";
        std::fs::write(folder.join("settings.yaml"), text).unwrap();
        let sources = manifill::settings::Sources::default()
            .with_working_dir(folder)
            .with_variable("MANIFILL_CONFIG", "settings.yaml");
        Engine::new(sources)
    });
    let archive = files(&[
        ("a.yaml", "kind: A\na: <path:db#user>\n"),
        ("settings.yaml", "kind: B\n"),
    ]);
    let text = world.plain().await.text(&Ask::new(archive, ".")).await;
    assert_eq!(text, "kind: A\na: \"svc\"\n---\nkind: B\n");
}

#[tokio::test]
async fn a_folder_of_manifests_starts_nothing_and_writes_nothing() {
    let mut world = World::with(|engine, folder| {
        let memory = Memory::new().with_kept(0);
        with_script(engine, folder, "echo started > /dev/full").with_memory(memory)
    });
    let client = world.client(Mode::Auto, Discovery::Off).await;
    let listed = |world: &World| {
        let mut names = Vec::new();
        let mut folders = vec![world.folder.path().to_owned()];
        while let Some(folder) = folders.pop() {
            for entry in std::fs::read_dir(folder).unwrap() {
                let path = entry.unwrap().path();
                if path.is_dir() {
                    folders.push(path.clone());
                }
                let changed = path.symlink_metadata().unwrap().modified().unwrap();
                names.push((path, changed));
            }
        }
        names.sort();
        names
    };
    let before = listed(&world);
    let archive = files(&[("a.yaml", "kind: A\na: <path:db#user>\n")]);
    assert_eq!(
        client.text(&Ask::new(archive, ".")).await,
        "kind: A\na: \"svc\"\n"
    );
    assert_eq!(listed(&world), before);
}

fn sops_settings() -> manifill::settings::Sources {
    let key = SOPS.join("throwaway-age.key");
    manifill::settings::Sources::default()
        .with_variable("AVP_TYPE", "sops")
        .with_variable("SOPS_AGE_KEY_FILE", key.to_str().unwrap())
}

static SOPS: LazyLock<PathBuf> = LazyLock::new(|| {
    let here = Path::new(env!("CARGO_MANIFEST_DIR"));
    here.join("../vault/src/backend/sops/testdata")
});

#[tokio::test]
async fn an_encrypted_file_is_read_from_the_archive() {
    let mut world = World::with(|_, _| Engine::new(sops_settings()));
    let client = world.client(Mode::Auto, Discovery::Off).await;
    let encrypted = std::fs::read(SOPS.join("secrets.yaml")).unwrap();
    let source =
        |path: &str| format!("kind: A\na: <path:{path}#database | jsonPath {{.username}}>\n");
    let (own, linked) = (source("secrets/db.yaml"), source("./link.yaml"));
    let (shared, gone) = (source("../shared/db.yaml"), source("none.yaml"));
    let (out, folder) = (source("out.yaml"), source("secrets"));
    let archive = pack([
        Packed::File("web/secrets/db.yaml", &encrypted),
        Packed::Link("web/link.yaml", "secrets/db.yaml"),
        Packed::Link("web/out.yaml", "../shared/db.yaml"),
        Packed::File("shared/db.yaml", &encrypted),
        Packed::File("web/own/a.yaml", own.as_bytes()),
        Packed::File("web/linked/a.yaml", linked.as_bytes()),
        Packed::File("web/shared/a.yaml", shared.as_bytes()),
        Packed::File("web/gone/a.yaml", gone.as_bytes()),
        Packed::File("web/outside/a.yaml", out.as_bytes()),
        Packed::File("web/folder/a.yaml", folder.as_bytes()),
    ]);
    let ask = |include: &str| {
        let parameters = format!("[{{\"name\": \"include\", \"array\": [\"{include}/*\"]}}]");
        Ask::new(archive.clone(), "web").with_env("ARGOCD_APP_PARAMETERS", &parameters)
    };
    for include in ["own", "linked"] {
        let text = client.text(&ask(include)).await;
        assert!(text.contains("\"admin\""), "{text}");
    }
    for (include, told) in [
        ("shared", "leads out of the folder of the manifests"),
        ("outside", "leads out of the folder of the manifests"),
        ("gone", "there is no file `none.yaml`"),
        ("folder", "`secrets` is not a file"),
    ] {
        let failure = client.failure(&ask(include)).await;
        assert!(failure.message().contains(told), "{failure}");
        assert!(failure.message().contains("a.yaml:2:4"), "{failure}");
    }
}

#[tokio::test]
async fn a_path_of_an_author_reaches_no_file_of_the_server() {
    let mut world = World::with(|_, _| Engine::new(sops_settings()));
    let client = world.plain().await;
    let sample = SOPS.join("secrets.yaml");
    for (path, told) in [
        // The folder that this test runs in has it.
        ("Cargo.toml", "there is no file"),
        ("../../etc/hostname", "leads out of the folder"),
        ("/etc/hostname", "leads out of the folder"),
        (sample.to_str().unwrap(), "leads out of the folder"),
    ] {
        let source = format!("kind: A\na: <path:{path}#a>\n");
        let ask = Ask::new(files(&[("a.yaml", &source)]), ".");
        let failure = client.failure(&ask).await;
        assert!(failure.message().contains("a.yaml:2:4"), "{failure}");
        assert!(failure.message().contains(told), "{failure}");
    }
}

#[tokio::test]
async fn what_the_operator_opens_is_read_where_the_app_has_no_such_file() {
    let root = SOPS.to_str().unwrap().to_owned();
    let settings = sops_settings().with_variable("MANIFILL_FILE_ROOT", root);
    let mut world = World::with(|_, _| Engine::new(settings));
    let client = world.plain().await;
    let archive = files(&[(
        "a.yaml",
        "kind: A\na: <path:secrets.yaml#database | jsonPath {.username}>\n",
    )]);
    let text = client.text(&Ask::new(archive, ".")).await;
    assert!(text.contains("\"admin\""), "{text}");
}

#[tokio::test]
async fn helm_and_kustomize_print_what_is_filled() {
    let script = "echo 'kind: A'; echo 'a: <path:db#user>'; echo \"b: '$*'\"";
    let mut world = World::with(|engine, folder| with_script(engine, folder, script));
    let client = world.client(Mode::Auto, Discovery::Off).await;
    let archive = files(&[
        ("chart/Chart.yaml", "name: a\n"),
        ("kustomize/kustomization.yaml", "resources: [a.yaml]\n"),
        ("kustomize/a.yaml", "kind: A\n"),
    ]);
    let text = client.text(&Ask::new(archive.clone(), "chart")).await;
    assert_eq!(
        text,
        "kind: A\na: \"svc\"\nb: 'template . --name-template=app --namespace=web --kube-version=1.34 --include-crds=true'\n"
    );
    let text = client.text(&Ask::new(archive, "kustomize")).await;
    assert_eq!(text, "kind: A\na: \"svc\"\nb: 'build .'\n");
}

#[tokio::test]
async fn a_server_without_programs_says_so() {
    let mut world = World::new();
    let client = world.client(Mode::Auto, Discovery::Off).await;
    let archive = files(&[("chart/Chart.yaml", "name: a\n")]);
    let failure = client.failure(&Ask::new(archive, "chart")).await;
    assert!(
        failure.message().contains(
            "which this server does not have\n  hint: the operator of the server has to name the programs\n"
        ),
        "{failure}"
    );
}
