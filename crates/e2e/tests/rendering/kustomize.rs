//! What kustomize makes of kustomizations.

use manifill_e2e::{direct, kustomize, run, skip};

use crate::repository::{Renderer, Repository};

const DEPLOYMENT: &str = "apiVersion: apps/v1
kind: Deployment
metadata: {name: web}
spec:
  selector: {matchLabels: {app: web}}
  template:
    metadata: {labels: {app: web}}
    spec: {containers: [{name: web, image: 'nginx:1.0'}, {name: side, image: 'h:5000/side:1.0'}]}
";

fn overlay() -> Repository {
    Repository::new(
        "apps/web/prod",
        &[
            (
                "apps/web/base/kustomization.yaml",
                "resources: [web.yaml]\nconfigMapGenerator: [{name: settings, files: [a.txt, key=b.txt], envs: [c.env]}]\n",
            ),
            ("apps/web/base/web.yaml", DEPLOYMENT),
            ("apps/web/base/a.txt", "a"),
            ("apps/web/base/b.txt", "b"),
            ("apps/web/base/c.env", "C=c\n"),
            (
                "apps/web/prod/Kustomization",
                "# a comment
resources:
- ../base
- secret.yaml
components: [../component]
patches:
- path: patches/replicas.yaml
- patch: |
    - {op: add, path: /metadata/annotations, value: {patched: inline}}
  target: {kind: Deployment}
patchesStrategicMerge:
- |-
  apiVersion: apps/v1
  kind: Deployment
  metadata: {name: web, labels: {merged: 'yes'}}
- merge.yaml
patchesJson6902:
- {path: op.yaml, target: {group: apps, version: v1, kind: Deployment, name: web}}
replacements: [{path: replacement.yaml}]
transformers:
- labels.yaml
- |-
  apiVersion: builtin
  kind: PatchTransformer
  metadata: {name: p}
  path: from-plugin.yaml
  target: {kind: Deployment}
generators: [../generators]
images: [{name: nginx, newTag: '1.1'}]
commonAnnotations: {who: us}
secretGenerator: [{name: s, literals: [a=b], env: secret.env}]
generatorOptions: {disableNameSuffixHash: true}
",
            ),
            (
                "apps/web/prod/secret.yaml",
                "apiVersion: v1\nkind: Secret\nmetadata: {name: plain}\nstringData: {a: <path:a#b>}\n",
            ),
            (
                "apps/web/prod/patches/replicas.yaml",
                "apiVersion: apps/v1\nkind: Deployment\nmetadata: {name: web}\nspec: {replicas: 3}\n",
            ),
            (
                "apps/web/prod/merge.yaml",
                "apiVersion: apps/v1\nkind: Deployment\nmetadata: {name: web, labels: {file: 'yes'}}\n",
            ),
            (
                "apps/web/prod/op.yaml",
                "- {op: add, path: /metadata/labels/op, value: 'yes'}\n",
            ),
            (
                "apps/web/prod/replacement.yaml",
                "source: {kind: Secret, name: plain, fieldPath: metadata.name}\ntargets: [{select: {kind: Deployment}, fieldPaths: [metadata.labels.op]}]\n",
            ),
            (
                "apps/web/prod/labels.yaml",
                "apiVersion: builtin\nkind: LabelTransformer\nmetadata: {name: l}\nlabels: {from: transformer}\nfieldSpecs: [{path: metadata/labels, create: true}]\n",
            ),
            (
                "apps/web/prod/from-plugin.yaml",
                "apiVersion: apps/v1\nkind: Deployment\nmetadata: {name: web, labels: {plugin: 'yes'}}\n",
            ),
            ("apps/web/prod/secret.env", "E=e\n"),
            (
                "apps/web/component/kustomization.yml",
                "apiVersion: kustomize.config.k8s.io/v1alpha1\nkind: Component\nresources: [cm.yaml]\n",
            ),
            (
                "apps/web/component/cm.yaml",
                "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: component}\n",
            ),
            (
                "apps/web/generators/kustomization.yaml",
                "resources: [g.yaml]\n",
            ),
            (
                "apps/web/generators/g.yaml",
                "apiVersion: builtin\nkind: ConfigMapGenerator\nmetadata: {name: generated}\nfiles: [k=secret.env]\n",
            ),
        ],
    )
}

/// What kustomize prints where nothing is private, after some commands of `kustomize edit`.
fn directly(repository: &Repository, edits: &[&[&str]]) -> String {
    let folder = tempfile::tempdir().unwrap();
    repository.write(folder.path());
    let at = folder.path().join(&repository.app.path);
    for edit in edits {
        run(direct(kustomize().unwrap())
            .current_dir(&at)
            .arg("edit")
            .args(*edit))
        .unwrap();
    }
    run(direct(kustomize().unwrap())
        .current_dir(&at)
        .args(["build", "."]))
    .unwrap()
}

#[test]
fn a_kustomization_is_built_as_if_nothing_were_private() {
    if skip("a kustomization") {
        return;
    }
    let renderer = Renderer::kustomize();
    let text = overlay().kustomize(&renderer).unwrap();
    assert_eq!(text, directly(&overlay(), &[]));
    for part in [
        "patched: inline",
        "replicas: 3",
        "merged: \"yes\"",
        "op: plain",
        "from: transformer",
        "plugin: \"yes\"",
        "name: component",
        "name: generated",
        "image: nginx:1.1",
        "<path:a#b>",
        "C: c",
        "key: b",
    ] {
        assert!(text.contains(part), "{part}: {text}");
    }
    assert_eq!(renderer.left_over(), Vec::<std::path::PathBuf>::new());
}

#[test]
fn an_object_has_the_file_that_it_comes_from() {
    if skip("files of a kustomization") {
        return;
    }
    let renderer = Renderer::kustomize();
    let origins = overlay().origins(&renderer).unwrap();
    for (object, file) in [
        ("Secret/plain", Some("apps/web/prod/secret.yaml")),
        ("ConfigMap/component", Some("apps/web/component/cm.yaml")),
        ("Secret/s", Some("apps/web/prod/Kustomization")),
        // A patch has put other annotations in their place, and kustomize names where it is.
        ("Deployment/web", Some("apps/web/prod/Kustomization")),
    ] {
        assert_eq!(origins.file(object), file, "{object}: {origins:?}");
    }
}

#[test]
fn parameters_do_what_argo_cd_does_with_kustomize_edit() {
    if skip("parameters of kustomize") {
        return;
    }
    let renderer = Renderer::kustomize();
    let digest = "sha256:24a0c4b4a4c0eb97a1aabb8e29f18e917d05abfe1b7a7c07857230879ce7d3d3";
    let with_digest = format!("h:5000/side@{digest}");
    for (parameters, edits) in [
        (
            r#"{"name": "kustomize-name-prefix", "string": "p-"}"#.to_owned(),
            vec!["set", "nameprefix", "--", "p-"],
        ),
        (
            r#"{"name": "kustomize-name-suffix", "string": "-s"}"#.to_owned(),
            vec!["set", "namesuffix", "--", "-s"],
        ),
        (
            r#"{"name": "kustomize-namespace", "string": "n"}"#.to_owned(),
            vec!["set", "namespace", "--", "n"],
        ),
        (
            r#"{"name": "kustomize-labels", "map": {"a": "b", "who": "x y"}}"#.to_owned(),
            vec!["add", "label", "--force", "a:b", "who:x y"],
        ),
        (
            format!(
                r#"{{"name": "kustomize-images", "array": ["nginx=caddy:2", "{with_digest}"]}}"#
            ),
            vec!["set", "image", "nginx=caddy:2", &with_digest],
        ),
        (
            r#"{"name": "kustomize-images", "array": ["nginx=caddy:*"]}"#.to_owned(),
            vec!["set", "image", "nginx=caddy:*"],
        ),
    ] {
        let text = overlay()
            .with_parameters(&format!("[{parameters}]"))
            .kustomize(&renderer)
            .unwrap();
        assert_eq!(text, directly(&overlay(), &[&edits]), "{parameters}");
        assert_ne!(text, directly(&overlay(), &[]), "{parameters}");
    }
}

#[test]
fn links_inside_the_repository_are_written_out() {
    if skip("links of a kustomization") {
        return;
    }
    let renderer = Renderer::kustomize();
    let repository = Repository::new(
        "app",
        &[
            (
                "app/kustomization.yaml",
                "resources: [a.yaml, folder/b.yaml, linked]\n",
            ),
            (
                "shared/a.yaml",
                "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: a}\n",
            ),
            (
                "shared/b.yaml",
                "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: b}\n",
            ),
            ("deep/base/kustomization.yaml", "resources: [../c.yaml/]\n"),
            ("deep/base/x.yaml", ""),
        ],
    )
    .with_link("app/a.yaml", "../shared/a.yaml")
    .with_link("app/folder", "../shared")
    .with_link("app/linked", "../deep/base");
    let error = repository.clone().kustomize(&renderer).unwrap_err();
    assert_eq!(
        error.to_string(),
        "`deep/base/kustomization.yaml`: `resources`: there is no `../c.yaml/`"
    );
    let fixed = repository
        .with("deep/base/kustomization.yaml", "resources: [c.yaml]\n")
        .with(
            "deep/base/c.yaml",
            "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: c}\n",
        );
    let text = fixed.kustomize(&renderer).unwrap();
    for name in ["name: a", "name: b", "name: c"] {
        assert!(text.contains(name), "{text}");
    }
}
