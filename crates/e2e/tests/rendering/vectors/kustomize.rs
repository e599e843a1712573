//! What an author's kustomization could reach.

use manifill_e2e::skip;

use super::Outside;
use crate::repository::{Renderer, Repository};

fn kustomization(text: &str) -> Repository {
    Repository::new(
        "app",
        &[
            ("app/kustomization.yaml", text),
            (
                "app/a.yaml",
                "kind: ConfigMap\napiVersion: v1\nmetadata: {name: a}\n",
            ),
        ],
    )
}

/// Each field of a kustomization that takes a path, with `@` for it.
const FIELDS: [&str; 24] = [
    "resources: ['@']",
    "bases: ['@']",
    "components: ['@']",
    "crds: ['@']",
    "configurations: ['@']",
    "generators: ['@']",
    "transformers: ['@']",
    "validators: ['@']",
    "patchesStrategicMerge: ['@']",
    "patches: [{path: '@'}]",
    "patchesJson6902: [{path: '@', target: {kind: ConfigMap}}]",
    "replacements: [{path: '@'}]",
    "openapi: {path: '@'}",
    "configMapGenerator: [{name: x, files: ['@']}]",
    "configMapGenerator: [{name: x, files: ['k=@']}]",
    "configMapGenerator: [{name: x, envs: ['@']}]",
    "secretGenerator: [{name: x, files: ['k=@']}]",
    "secretGenerator: [{name: x, env: '@'}]",
    "transformers: [\"apiVersion: builtin\\nkind: PatchTransformer\\nmetadata: {name: x}\\npath: '@'\\n\"]",
    "transformers: [\"apiVersion: builtin\\nkind: ReplacementTransformer\\nmetadata: {name: x}\\nreplacements: [{path: '@'}]\\n\"]",
    "transformers: [\"apiVersion: builtin\\nkind: PatchStrategicMergeTransformer\\nmetadata: {name: x}\\npaths: ['@']\\n\"]",
    "generators: ['{\"apiVersion\": \"builtin\", \"kind\": \"ConfigMapGenerator\", \"metadata\": {\"name\": \"x\"}, \"files\": [\"k=@\"]}']",
    "transformers: [plugin.yaml]",
    "transformers: [plugins]",
];

/// A repository with a path in a field.
fn with_path(field: &str, path: &str) -> Repository {
    let plugin = "apiVersion: builtin\nkind: PatchTransformer\nmetadata: {name: x}\npath: '@'\n"
        .replace('@', path);
    let text = format!("resources: [a.yaml]\n{}\n", field.replace('@', path))
        .replace("resources: [a.yaml]\nresources: ", "resources: ");
    kustomization(&text)
        .with("app/plugin.yaml", &plugin)
        .with("app/plugins/kustomization.yaml", "resources: [p.yaml]\n")
        .with("app/plugins/p.yaml", &plugin)
}

#[test]
fn kustomize_reaches_nothing_outside() {
    if skip("what kustomize could reach") {
        return;
    }
    let renderer = Renderer::kustomize();
    let outside = Outside::new();
    let file = outside.file();
    let url = format!("http://{}/x.yaml", outside.address);
    let repositories = [
        url.clone(),
        url.replace("http:", "https:"),
        url.replace("http:", "HTTP:"),
        format!("git::{url}"),
        format!("file://{}", outside.folder.path().display()),
        "github.com/org/repo".to_owned(),
        "GitHub.com/org/repo//x?ref=v1".to_owned(),
        "git@127.0.0.1:org/repo".to_owned(),
        format!("ssh://git@{}/org/repo", outside.address),
        "gh:org/repo".to_owned(),
        format!("user@{}", outside.address),
    ];
    for field in FIELDS {
        for path in &repositories {
            let vector = format!("{field} {path}");
            outside.refused(&vector, &with_path(field, path).kustomize(&renderer));
            // In a kustomization that is reached, too.
            let mut reached = with_path(field, path)
                .with("top/kustomization.yaml", "resources: [../between]\n")
                .with("between/kustomization.yaml", "components: [../app]\n");
            reached.app.path = "top".to_owned();
            outside.refused(&vector, &reached.kustomize(&renderer));
        }
        for path in [
            &file,
            "/proc/self/environ",
            &"../".repeat(20),
            "~/x",
            "-x",
            "",
        ] {
            let vector = format!("{field} {path}");
            let outcome = with_path(field, path).kustomize(&renderer);
            outside.check(&vector, &outcome);
        }
        for to in [
            file.clone(),
            outside.folder.path().display().to_string(),
            format!("../..{file}"),
            "/proc/self/environ".to_owned(),
        ] {
            let outcome = with_path(field, "link")
                .with_link("app/link", &to)
                .kustomize(&renderer);
            outside.check(&format!("{field} {to}"), &outcome);
            assert!(outcome.is_err(), "{field} {to}");
        }
    }
    // A folder that is called like a host is a folder.
    let text = kustomization("resources: [./github.com/org/repo]\n")
        .with(
            "app/github.com/org/repo/kustomization.yaml",
            "resources: [b.yaml]\n",
        )
        .with(
            "app/github.com/org/repo/b.yaml",
            "kind: ConfigMap\napiVersion: v1\nmetadata: {name: here}\n",
        )
        .kustomize(&renderer);
    assert!(text.unwrap().contains("name: here"));

    // Charts and programs.
    let plugin = "apiVersion: example.com/v1\nkind: Fn\nmetadata:\n  name: x\n  annotations:\n    config.kubernetes.io/function: |\n      exec: {path: ./run.sh}\n";
    for (field, more) in [
        ("helmCharts: [{name: x, repo: 'http://@'}]", ""),
        (
            "helmCharts: [{name: x}]\nhelmGlobals: {chartHome: /etc}",
            "",
        ),
        (
            "helmChartInflationGenerator: [{chartName: x, chartRepoUrl: 'http://@'}]",
            "",
        ),
        (
            "generators: [g.yaml]",
            "apiVersion: builtin\nkind: HelmChartInflationGenerator\nmetadata: {name: x}\nname: x\nrepo: http://@\n",
        ),
        ("generators: [g.yaml]", plugin),
        ("transformers: [g.yaml]", plugin),
        ("validators: [g.yaml]", plugin),
        (
            "transformers: [g.yaml]",
            "apiVersion: builtin\nkind: LabelTransformer\nmetadata: {name: x, annotations: {config.k8s.io/function: 'container: {image: x, network: true}'}}\n",
        ),
        (
            "generators: [g.yaml]",
            "apiVersion: someteam.example.com/v1\nkind: ChartInflator\nmetadata: {name: x}\n",
        ),
        (
            "generators: [g.yaml]",
            "apiVersion: v1\nkind: List\nitems: [{apiVersion: builtin, kind: PatchTransformer, metadata: {name: x}, path: 'http://@/x'}]\n",
        ),
    ] {
        let fill = |text: &str| text.replace('@', &outside.address);
        let repository = kustomization(&format!("resources: [a.yaml]\n{}\n", fill(field)))
            .with("app/g.yaml", &fill(more))
            .with("app/run.sh", "#!/bin/sh\nenv\n");
        outside.refused(&format!("{field} {more}"), &repository.kustomize(&renderer));
    }

    // What was checked is what kustomize reads, however it is written.
    for text in [
        format!(
            "configMapGenerator: [{{name: x, files: [kustomization.yaml]}}]\nresources: ['{url}']\n"
        ),
        format!("resources: &r [a.yaml]\nx: &y {{resources: ['{url}']}}\n<<: *y\n"),
        format!("resources: [a.yaml]\n\"re\\u0073ources\": ['{url}']\n"),
        format!("resources: [a.yaml]\n---\nresources: ['{url}']\n"),
        format!("\u{feff}resources: ['{url}']\n"),
        format!("{{\"resources\": [\"{url}\"]}}"),
        format!("resources:\n- >-\n  {url}\n"),
        format!("resources: [!!str '{url}']\n"),
        format!("Resources: ['{url}']\n"),
    ] {
        let outcome = kustomization(&text).kustomize(&renderer);
        outside.check(&text, &outcome);
    }
    // A file that is copied as it is never becomes a kustomization that is read.
    let trap = kustomization("resources: [a.yaml, sub]\nconfigMapGenerator: [{name: x, files: [sub/kustomization.yaml]}]\n")
        .with("app/sub/kustomization.yaml", "resources: [../a.yaml]\n");
    let outcome = trap.kustomize(&renderer);
    outside.check("a copied kustomization", &outcome);
    assert!(
        outcome
            .unwrap_err()
            .to_string()
            .contains("is a kustomization")
    );
    assert_eq!(renderer.left_over(), Vec::<std::path::PathBuf>::new());
}
