//! Where a mistake is in what Helm and kustomize print: lines of no file of the repository.

use manifill::settings::Sources;
use manifill_argocd::Discovery;
use manifill_argocd::server::{Engine, Mode};

use crate::ends::with_script;
use crate::world::{Ask, World, files};

#[tokio::test]
async fn a_place_in_what_helm_or_kustomize_prints_is_no_line_of_a_file() {
    let script = r#"[ "$1" = build ] || echo '# Source: a/templates/a.yaml'
echo 'kind: A'; echo 'a: <path:db#usr>'; [ "$1" = build ] || echo '---
no: kind'"#;
    let mut world = World::with(|engine, folder| with_script(engine, folder, script));
    let client = world.client(Mode::Auto, Discovery::Off).await;
    let archive = files(&[
        ("apps/chart/Chart.yaml", "name: a\n"),
        ("Kustomization", "resources: [a.yaml]\n"),
        ("a.yaml", "kind: A\n"),
    ]);
    let failure = client
        .failure(&Ask::new(archive.clone(), "apps/chart"))
        .await;
    let text = failure.message();
    let place = "\n  --> what Helm prints for `apps/chart`:5:1\n";
    assert!(text.contains(place), "{text}");
    // It is no Chart.yaml, and nothing is to be done as if it were.
    assert!(
        !text.contains("Chart.yaml") && !text.contains("helm template"),
        "{text}"
    );
    let failure = client.failure(&Ask::new(archive, ".")).await;
    let text = failure.message();
    let place = "\n  --> what kustomize prints for `.`:2:4  A  a\n";
    assert!(text.contains(place), "{text}");
}

#[tokio::test]
async fn a_place_in_what_helm_prints_names_the_template() {
    let script = "echo '# Source: a/templates/a.yaml'; echo 'kind: A'; echo 'a: <path:db#usr>'";
    let mut world = World::with(|engine, folder| with_script(engine, folder, script));
    let client = world.client(Mode::Auto, Discovery::Off).await;
    let archive = files(&[("apps/chart/Chart.yaml", "name: a\n")]);
    let failure = client.failure(&Ask::new(archive, "apps/chart")).await;
    let text = failure.message();
    let place = "\n  --> what Helm prints for `apps/chart`:3:4 (a/templates/a.yaml)  A  a\n";
    assert!(text.contains(place), "{text}");
}

/// What kustomize prints, with its annotation where it is asked for it, and how often it was run.
const KUSTOMIZE: &str = r#"while read -r line || [ -n "$line" ]; do fields="$fields$line"; done < kustomization.yaml
echo >> "${0%program}runs"
echo 'apiVersion: v1'; echo 'kind: Secret'; echo 'metadata:'; echo '  name: a'
case $fields in
  *originAnnotations*) echo '  annotations: {config.kubernetes.io/origin: "path: ../base/a.yaml\n"}' ;;
esac
echo 'stringData:'; echo '  a: <path:db#KEY>'"#;

#[tokio::test]
async fn a_place_in_what_kustomize_prints_names_the_file_that_the_object_comes_from() {
    for (key, runs) in [("user", 1), ("usr", 2)] {
        let script = KUSTOMIZE.replace("KEY", key);
        let mut world = World::with(|engine, folder| with_script(engine, folder, &script));
        let client = world.client(Mode::Kustomize, Discovery::Off).await;
        let archive = files(&[
            ("apps/web/kustomization.yaml", "resources: [../base]\n"),
            ("apps/base/Kustomization", "resources: [a.yaml]\n"),
            ("apps/base/a.yaml", "kind: Secret\n"),
        ]);
        let ask = Ask::new(archive, "apps/web");
        if key == "user" {
            // Nobody gets the annotation who did not ask for it.
            let text = client.text(&ask).await;
            assert!(
                text.ends_with("  name: a\nstringData:\n  a: \"svc\"\n"),
                "{text}"
            );
        } else {
            let failure = client.failure(&ask).await;
            let place = "--> what kustomize prints for `apps/web`:6:6 (apps/base/a.yaml)  Secret/a  stringData.a\n";
            assert!(failure.message().contains(place), "{failure}");
        }
        let ran = std::fs::read_to_string(world.file("runs")).unwrap();
        assert_eq!(ran.lines().count(), runs, "{key}");
    }
}

#[tokio::test]
async fn a_vault_that_is_away_is_looked_for_in_no_file() {
    let script = KUSTOMIZE.replace("db#KEY", "vaults/v/items/i#f");
    let settings = Sources::default()
        .with_variable("AVP_TYPE", "1passwordconnect")
        .with_variable("OP_CONNECT_HOST", "http://127.0.0.1:1")
        .with_variable("OP_CONNECT_TOKEN", "t")
        .with_variable("MANIFILL_TIMEOUT", "1s");
    let mut world = World::with(|_, folder| with_script(Engine::new(settings), folder, &script));
    let client = world.client(Mode::Kustomize, Discovery::Off).await;
    let archive = files(&[("web/kustomization.yaml", "resources: []\n")]);
    let failure = client.failure(&Ask::new(archive, "web")).await;
    let place = "--> what kustomize prints for `web`:6:6  Secret/a  stringData.a\n";
    assert!(failure.message().contains(place), "{failure}");
    let ran = std::fs::read_to_string(world.file("runs")).unwrap();
    assert_eq!(ran.lines().count(), 1);
}
