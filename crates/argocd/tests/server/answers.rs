//! What the four methods answer.

use std::fs;

use manifill::inputs::{self, Selection};
use manifill::{Config, Renderer, RunContext};
use manifill_argocd::Discovery;
use manifill_argocd::server::{Method, Mode};
use tonic::Code;

use crate::world::{Ask, Heard, Packed, SENTINEL, World, files, pack, settings};

const SECRET: &str =
    "kind: Secret\nmetadata: {name: a} # mine\nstringData:\n  a: <path:db#password>\n";

#[tokio::test]
async fn a_folder_gives_the_bytes_that_generate_prints() {
    let repository = [
        ("apps/web/b.yaml", SECRET),
        (
            "apps/web/a.json",
            "{\"kind\": \"A\", \"a\": \"<path:db#user>\"}",
        ),
        ("apps/web/deep/c.yml", "# only a comment\n---\nkind: C\n"),
        ("apps/web/notes.txt", "<path:no#manifest>"),
        ("apps/other/d.yaml", "kind: D\nd: <path:no#such>\n"),
        ("README.md", "hello"),
    ];
    let mut world = World::new();
    let text = {
        let client = world.plain().await;
        client.text(&Ask::new(files(&repository), "apps/web")).await
    };
    for (name, text) in repository {
        let file = world.file("checkout").join(name);
        fs::create_dir_all(file.parent().unwrap()).unwrap();
        fs::write(file, text).unwrap();
    }
    let folder = world.file("checkout/apps/web");
    let config = Config::load(&settings(world.folder.path())).unwrap();
    let chosen = inputs::read(&Selection::new([folder]), &[]).unwrap();
    let renderer = Renderer::from_config(config);
    let run = RunContext::new();
    let rendered = renderer.render(&chosen.inputs, &run).await.unwrap();
    assert_eq!(text, rendered.joined());
    assert!(text.contains(SENTINEL) && text.contains("# mine"), "{text}");
}

#[tokio::test]
async fn a_plugin_says_how_it_is_set_up() {
    let mut world = World::new();
    for (mode, discovery) in [
        (Mode::Plain, Discovery::Off),
        (Mode::Auto, Discovery::Placeholders),
        (Mode::Helm, Discovery::Kind),
    ] {
        let answer = world.client(mode, discovery).await.check().await.unwrap();
        assert_eq!(answer.is_discovery_configured, discovery.is_on());
        assert!(!answer.provide_git_creds);
    }
}

#[tokio::test]
async fn a_plugin_is_for_what_it_can_fill_of_its_own_kind() {
    let heard = Heard::default();
    let mut world = World::with(|engine, _| engine.with_hooks(heard.clone()));
    let archive = files(&[
        ("plain/deep/a.yaml", SECRET),
        (
            "base64/a.yaml",
            "kind: Secret\ndata: {a: PHBhdGg6ZGIjdXNlcj4=}\n",
        ),
        (
            "escaped/a.yaml",
            "kind: A\na: \"\\u003cpath:db#user\\u003e\"\n",
        ),
        ("none/a.yaml", "kind: A\n"),
        ("broken/a.yaml", "a: [\n\t"),
        ("chart/Chart.yaml", "name: chart\n"),
        ("chart/templates/a.yaml", SECRET),
        ("kustomize/kustomization.yaml", "resources: [a.yaml]\n"),
        ("kustomize/a.env", "a=<path:db#user>\n"),
        ("overlays/a/kustomization.yaml", "resources: [../../base]\n"),
        ("base/kustomization.yaml", "resources: [a.yaml]\n"),
        ("base/a.yaml", SECRET),
    ]);
    for (folder, modes) in [
        ("plain", &[Mode::Auto, Mode::Plain][..]),
        ("base64", &[Mode::Auto, Mode::Plain]),
        ("escaped", &[Mode::Auto, Mode::Plain]),
        ("none", &[]),
        ("broken", &[]),
        ("chart", &[Mode::Auto, Mode::Helm]),
        ("kustomize", &[Mode::Auto, Mode::Kustomize]),
        ("overlays/a", &[Mode::Auto, Mode::Kustomize]),
        (".", &[Mode::Auto, Mode::Plain]),
    ] {
        let ask = Ask::new(archive.clone(), folder);
        for mode in Mode::ALL {
            let client = world.client(mode, Discovery::Placeholders).await;
            let answer = client.matches(&ask).await.unwrap();
            assert!(answer.is_discovery_enabled);
            assert_eq!(
                answer.is_supported,
                modes.contains(&mode),
                "{folder} {mode}"
            );
            // One that looks for its kind alone is for those with nothing to fill, too.
            let client = world.client(mode, Discovery::Kind).await;
            let answer = client.matches(&ask).await.unwrap();
            let is_plain = matches!(folder, "none" | "broken");
            let is_for =
                modes.contains(&mode) || is_plain && matches!(mode, Mode::Auto | Mode::Plain);
            assert_eq!(answer.is_supported, is_for, "{folder} {mode}");
            // Argo CD may ask all the same.
            let client = world.client(mode, Discovery::Off).await;
            let answer = client.matches(&ask).await.unwrap();
            assert!(!answer.is_discovery_enabled && !answer.is_supported);
        }
    }
    assert_eq!(world.engine.archives_unpacked(), 1);
    assert!(heard.calls().iter().all(|call| call.failure.is_none()));
}

#[tokio::test]
async fn what_is_beside_the_folder_that_argo_cd_sends_shows_nothing() {
    let mut world = World::new();
    let client = world.client(Mode::Auto, Discovery::Placeholders).await;
    let overlay = "resources: [../base]\n";
    let repository = [
        ("web/kustomization.yaml", overlay),
        ("base/kustomization.yaml", "resources: [a.yaml]\n"),
        ("base/a.yaml", SECRET),
    ];
    for (archive, sent, is_for) in [
        (files(&repository), "web", true),
        (files(&[("kustomization.yaml", overlay)]), ".", false),
    ] {
        let mut ask = Ask::new(archive, "apps/web");
        ask.metadata.app_rel_path = sent.to_owned();
        let answer = client.matches(&ask).await.unwrap();
        assert_eq!(answer.is_supported, is_for, "{sent}");
    }
}

#[tokio::test]
async fn a_link_to_elsewhere_in_the_repository_shows_what_it_fills() {
    let mut world = World::new();
    let client = world.client(Mode::Auto, Discovery::Placeholders).await;
    let archive = pack([
        Packed::File("shared/a.yaml", SECRET.as_bytes()),
        Packed::Link("web/a.yaml", "../shared/a.yaml"),
        Packed::Link("out/a.yaml", "../../a.yaml"),
    ]);
    for (folder, is_for) in [("web", true), ("out", false)] {
        let ask = Ask::new(archive.clone(), folder);
        let answer = client.matches(&ask).await.unwrap();
        assert_eq!(answer.is_supported, is_for, "{folder}");
        assert_eq!(client.generate(&ask).await.is_ok(), is_for, "{folder}");
    }
}

#[tokio::test]
async fn parameters_are_announced_without_reading_a_secret() {
    let mut world = World::new();
    let archive = files(&[
        ("plain/a.yaml", "kind: A\na: <path:no#such>\n"),
        ("chart/Chart.yaml", "name: chart\n"),
        (
            "chart/values.yaml",
            "password: <path:db#password>\nport: 80\n",
        ),
        ("kustomize/kustomization.yaml", "namePrefix: my-\n"),
    ]);
    for (folder, mode, names) in [
        ("plain", Mode::Plain, &["include", "exclude"][..]),
        (
            "chart",
            Mode::Helm,
            &[
                "helm-values-files",
                "helm-values",
                "helm-set",
                "helm-set-string",
            ],
        ),
        (
            "kustomize",
            Mode::Kustomize,
            &[
                "kustomize-images",
                "kustomize-name-prefix",
                "kustomize-name-suffix",
                "kustomize-namespace",
                "kustomize-labels",
            ],
        ),
    ] {
        // Argo CD does not say here whose app it is.
        let mut ask = Ask::new(archive.clone(), folder);
        ask.metadata.env.clear();
        for mode in [mode, Mode::Auto] {
            let answer = world
                .client(mode, Discovery::Off)
                .await
                .announce(&ask)
                .await
                .unwrap();
            let known = answer.parameter_announcements;
            assert_eq!(
                known.iter().map(|known| &known.name).collect::<Vec<_>>(),
                names
            );
            for known in known {
                match &*known.name {
                    "helm-set" => {
                        assert_eq!(known.collection_type, "map");
                        assert_eq!(known.map["password"], "<path:db#password>");
                        assert_eq!(known.map["port"], "80");
                    }
                    "kustomize-name-prefix" => assert_eq!(known.string, "my-"),
                    _ => {}
                }
                assert!(!known.required && known.item_type == "string");
            }
        }
    }
    let ask = Ask::new(archive, "absent");
    let failure = world.plain().await.announce(&ask).await.unwrap_err();
    assert!(
        failure.message().contains(
            "there is no folder `absent`\n  hint: the path of the Application is seen from the root of its repository\n"
        ),
        "{failure}"
    );
}

#[tokio::test]
async fn include_and_exclude_choose_files() {
    let mut world = World::new();
    let archive = files(&[
        ("app/a.yaml", "kind: A\n"),
        ("app/b.yaml", "kind: B\n"),
        ("app/deep/c.yaml", "kind: C\n"),
    ]);
    let client = world.plain().await;
    for (parameters, wanted) in [
        ("", "kind: A\n---\nkind: B\n---\nkind: C\n"),
        (
            r#"[{"name": "include", "array": ["a.yaml", "deep/*"]}]"#,
            "kind: A\n---\nkind: C\n",
        ),
        (
            r#"[{"name": "exclude", "array": ["deep", "b*"]}]"#,
            "kind: A\n",
        ),
    ] {
        let ask = Ask::new(archive.clone(), "app").with_env("ARGOCD_APP_PARAMETERS", parameters);
        assert_eq!(client.text(&ask).await, wanted);
    }
    // An author could end the server with what takes too much of a thread's stack to read.
    let braces = |count: usize| {
        let glob = format!("{}a{}", "{".repeat(count), "}".repeat(count));
        format!(r#"[{{"name": "include", "array": ["{glob}"]}}]"#)
    };
    let (deep, long) = (braces(20), braces(4000));
    for (parameters, wanted) in [
        (
            r#"[{"name": "include", "array": ["x"]}]"#,
            "no YAML or JSON files were found",
        ),
        (r#"[{"name": "include", "array": ["{"]}]"#, "is not a glob"),
        (&deep, "is not a glob: it has more than 16 braces"),
        (&long, "is not a glob: it has more than 4096 bytes"),
        (
            r#"[{"name": "helm-set", "map": {}}]"#,
            "`helm-set` is for a chart",
        ),
    ] {
        let ask = Ask::new(archive.clone(), "app").with_env("ARGOCD_APP_PARAMETERS", parameters);
        let failure = client.failure(&ask).await;
        assert_eq!(failure.code(), Code::FailedPrecondition);
        assert!(failure.message().contains(wanted), "{failure}");
    }
}

#[tokio::test]
async fn an_app_without_documents_is_an_error() {
    let mut world = World::new();
    let archive = files(&[("empty/a.yaml", "# later\n"), ("none/a.txt", "")]);
    let client = world.plain().await;
    for (app, words) in [
        // Argo CD could take it for "delete everything".
        (
            "empty",
            "there is no manifest in the input\n  hint: Argo CD would delete everything that the Application has; delete the Application if that is meant\n",
        ),
        ("none", "no YAML or JSON files were found in none"),
    ] {
        let failure = client.failure(&Ask::new(archive.clone(), app)).await;
        assert!(failure.message().contains(words), "{failure}");
    }
}

/// Whoever has an Application has no flags.
#[tokio::test]
async fn hints_name_what_an_application_has() {
    let mut world = World::new();
    let archive = files(&[
        ("template/a.yaml", "{{- if x }}\nkind: A\n{{- end }}\n"),
        ("inner/a.yaml", "kind: Secret\nname: {{ .Release.Name }}\n"),
        ("settings/x.yaml", "backends: {}\n"),
        (
            "chart/Chart.yaml",
            "apiVersion: v2\nname: x\nversion: 1.0.0\n",
        ),
        ("values/values.yaml", "image: x\n"),
        ("other/x.yaml", "x: 1\n"),
        ("excluded/a.yaml", "kind: A\n"),
        // Nothing else is there: the warning is why.
        ("kustomization/a/kustomization.yaml", "resources: []\n"),
        (
            "key/a.yaml",
            "kind: A\nmetadata:\n  annotations:\n    avp.kubernetes.io/path: db\na: <b c>\n",
        ),
    ]);
    let client = world.plain().await;
    for (app, wanted) in [
        (
            "template",
            "this looks like a Helm template; an Application of its chart renders it, if its plugin has the mode auto or helm",
        ),
        ("inner", "this looks like a Helm template; an Application"),
        (
            "settings",
            "this looks like a settings file; leave it out with the parameter `exclude`",
        ),
        (
            "chart",
            "this folder is a Helm chart; an Application of it renders it, if its plugin has the mode auto or helm",
        ),
        (
            "values",
            "if these are the values of a Helm chart, make its folder an Application of its own, or leave them out with the parameter `exclude`",
        ),
        (
            "other",
            "every document needs a `kind` that is text; leave a file that is no manifest out with the parameter `exclude`",
        ),
        (
            "excluded",
            "the parameters `include` and `exclude` are matched against the path below the Application's folder",
        ),
        (
            "kustomization",
            "an Application of its folder renders it, if its plugin has the mode auto or kustomize",
        ),
        (
            "key",
            "`<b c>` is read as a field of `db`; use one of the names above, or, if it is only text, write the placeholders as <path:PATH#KEY>",
        ),
    ] {
        let ask = Ask::new(archive.clone(), app).with_env(
            "ARGOCD_APP_PARAMETERS",
            r#"[{"name": "exclude", "array": ["a.yaml.none"]}]"#,
        );
        let ask = if app == "excluded" {
            let include = r#"[{"name": "include", "array": ["b.yaml"]}]"#;
            ask.with_env("ARGOCD_APP_PARAMETERS", include)
        } else {
            ask
        };
        let failure = client.failure(&ask).await;
        let told = failure.message();
        assert!(told.contains(&format!("  hint: {wanted}")), "{app}: {told}");
        for flag in ["--", "generate -", "`-c"] {
            let hints = told.lines().filter(|line| line.starts_with("  hint: "));
            assert!(
                hints.into_iter().all(|hint| !hint.contains(flag)),
                "{app}: {told}"
            );
        }
    }
}

#[tokio::test]
async fn there_is_nothing_else() {
    use tonic::codegen::{Service as _, http};
    let world = World::new();
    let mut plugin = manifill_argocd::server::PluginService::new(world.engine.clone(), Mode::Auto);
    for path in [
        "/",
        "/plugin.ConfigManagementPluginService/Other",
        "/grpc.health.v1.Health/Check",
    ] {
        let request = http::Request::post(path)
            .body(tonic::body::Body::empty())
            .unwrap();
        let answer = plugin.call(request).await.unwrap();
        assert_eq!(answer.headers()["grpc-status"], "12", "{path}");
    }
}

#[tokio::test]
async fn what_is_heard_says_what_was_asked() {
    let heard = Heard::default();
    let mut world = World::with(|engine, _| engine.with_hooks(heard.clone()));
    let client = world.plain().await;
    client.check().await.unwrap();
    let archive = files(&[("a.yaml", "kind: A\na: <path:db#none>\n")]);
    client.failure(&Ask::new(archive, ".")).await;
    let calls = heard.calls();
    assert_eq!(calls[0].method, Method::CheckPluginConfiguration);
    assert_eq!(calls[1].project.as_deref(), Some("team"));
    assert_eq!(calls[1].failure, Some("not-found"));
}

#[tokio::test]
async fn a_mistake_is_told_as_argo_cd_shows_it_and_from_the_root_of_the_repository() {
    let mut world = World::new();
    let source = "kind: A\na: <path:db#none>\n";
    // With manifest-generate-paths, the archive holds the app's folder alone.
    for (name, folder) in [
        ("apps/web/a.yaml", "apps/web"),
        ("web/a.yaml", "web"),
        ("a.yaml", "."),
    ] {
        let ask = Ask::new(files(&[(name, source)]), folder)
            .with_env("ARGOCD_APP_NAME", "team_web")
            .with_env("ARGOCD_APP_SOURCE_PATH", "apps/web");
        for mode in [Mode::Plain, Mode::Auto] {
            let failure = world.client(mode, Discovery::Off).await.failure(&ask).await;
            let message = failure.message();
            assert!(message.contains("--> apps/web/a.yaml:2:4"), "{failure}");
            let last = message.lines().last().unwrap();
            assert!(
                last.ends_with("argocd app get team/web --hard-refresh"),
                "{last}"
            );
        }
    }
    let archive = files(&[("a.yaml", source)]);
    let ask = Ask::new(archive, ".").with_env("ARGOCD_ENV_AVP_TYPE", "vault");
    let failure = world.plain().await.failure(&ask).await;
    assert!(failure.message().contains("error: "), "{failure}");
}

/// Argo CD writes such files, and people do: they override an Application.
#[tokio::test]
async fn what_overrides_an_application_is_no_manifest() {
    let mut world = World::new();
    let client = world.plain().await;
    let archive = files(&[
        ("a/.argocd-source.yaml", "plugin: {name: manifill}\n"),
        ("a/.argocd-source-web.yaml", "plugin: {name: manifill}\n"),
        ("a/a.yaml", "kind: A\n"),
        ("b/.argocd-sources.yaml", "a: b\n"),
    ]);
    let text = client.text(&Ask::new(archive.clone(), "a")).await;
    assert_eq!(text, "kind: A\n");
    let failure = client.failure(&Ask::new(archive, "b")).await;
    assert!(
        failure.message().contains(".argocd-sources.yaml"),
        "{failure}"
    );
}
