//! The hints about charts and kustomizations: a source that raises each, and the same source after the
//! edit that follows it. What needs another host or a program of its own has its test there.
#![cfg(all(target_os = "linux", feature = "rendering"))]
#![allow(clippy::unwrap_used)]

use std::time::{Duration, Instant};

use manifill_argocd::rendering::{
    Limits, Programs, RenderingError, SourceKind, Workspace, render_helm, render_kustomize,
};
use manifill_argocd::{App, Entry, Tree};

const REMOTE_HOSTS: &str = "MANIFILL_REMOTE_HOSTS";

/// How much an app may have on disk here.
const RUN: u64 = 1 << 20;

/// An app with its files in the folder `app`.
struct Source {
    kind: SourceKind,
    files: Vec<(&'static str, Entry)>,
    args: &'static str,
    parameters: &'static str,
}

fn source(kind: SourceKind, name: &'static str, text: &str) -> Source {
    let source = Source {
        kind,
        files: Vec::new(),
        args: "",
        parameters: "",
    };
    source.with(name, text)
}

fn chart(text: &str) -> Source {
    source(SourceKind::Helm, "app/Chart.yaml", text).with("app/values.yaml", "a: b\n")
}

fn chart_with(name: &'static str, text: &str) -> Source {
    chart("name: web\n").with(name, text)
}

fn kustomization(text: &str) -> Source {
    source(SourceKind::Kustomize, "app/kustomization.yaml", text).with("app/a.yaml", "kind: A\n")
}

/// A chart with these flags of Helm.
fn flags(args: &'static str) -> Source {
    Source {
        args,
        ..chart("name: web\n")
    }
}

/// A chart with these parameters.
fn parameters(parameters: &'static str) -> Source {
    Source {
        parameters,
        ..chart("name: web\n")
    }
}

impl Source {
    fn with(self, name: &'static str, text: &str) -> Self {
        self.with_entry(name, Entry::File(text.as_bytes().to_vec()))
    }

    fn with_entry(mut self, name: &'static str, entry: Entry) -> Self {
        self.files.push((name, entry));
        self
    }

    async fn render(self) -> Result<(), RenderingError> {
        let app = App {
            path: "app".into(),
            env: [("HELM_ARGS".to_owned(), self.args.to_owned())].into(),
            parameters: self.parameters.to_owned(),
            ..App::default()
        };
        let tree = Tree::from_entries(self.files);
        let folder = tempfile::tempdir().unwrap();
        let workspace = Workspace::open(folder.path(), Limits::new().with_run(RUN)).unwrap();
        // What is refused is refused before anything starts.
        let programs = Programs::new(workspace).with_helm("true").unwrap();
        let programs = programs.with_kustomize("true").unwrap();
        let until = Instant::now() + Duration::from_secs(60);
        let rendered = match self.kind {
            SourceKind::Helm => render_helm(&tree, &app, &programs, until).await,
            _ => render_kustomize(&tree, &app, &programs, until).await,
        };
        rendered.map(|_| ())
    }
}

async fn follow(cases: impl IntoIterator<Item = (String, Source, Source)>) {
    for (hint, before, after) in cases {
        let error = before.render().await.expect_err(&hint);
        assert_eq!(error.hint(), Some(&*hint), "{error}");
        let helped = after.render().await;
        assert_eq!(helped.map_err(|error| error.to_string()), Ok(()), "{hint}");
    }
}

#[tokio::test]
async fn following_a_hint_about_a_chart_works() {
    let needs = "name: web\ndependencies: [{name: db, version: 1.x, repository: 'https://charts.example.com'}]\n";
    let schema = |text: &str| chart_with("app/values.schema.json", text);
    let round = Entry::Link(".".to_owned());
    let large = Entry::File(vec![0; usize::try_from(RUN).unwrap()]);
    follow([
        (
            format!(
                "run `helm dependency update` and commit charts/, or name a chart of this repository with file://../NAME; one from https is fetched in the version of Chart.lock if the operator names its host in {REMOTE_HOSTS}"
            ),
            chart(needs),
            chart(needs).with("app/charts/db/Chart.yaml", "name: db\n"),
        ),
        (
            format!("use one of the drafts at json-schema.org; no host in {REMOTE_HOSTS} opens others"),
            schema(r#"{"$schema": "https://schemas.example.com/draft"}"#),
            schema(r#"{"$schema": "https://json-schema.org/draft/2020-12/schema"}"#),
        ),
        (
            "put what it names below `definitions` of the same file".to_owned(),
            schema(r#"{"$ref": "other.json#/a"}"#),
            schema(r##"{"$ref": "#/definitions/a", "definitions": {"a": {}}}"##),
        ),
        (
            "look for a link to a folder that it is in".to_owned(),
            chart("name: web\n").with_entry("app/round", round),
            chart("name: web\n"),
        ),
        (
            "a chart or kustomization needs few files; look for large ones beside it".to_owned(),
            chart("name: web\n").with_entry("app/backup.tar", large),
            chart("name: web\n"),
        ),
    ])
    .await;
}

#[tokio::test]
async fn following_a_hint_about_the_flags_of_helm_works() {
    let name = "-set";
    follow([
        (
            "names are relative to the chart".to_owned(),
            flags("-f app/values.yaml"),
            flags("-f values.yaml"),
        ),
        (
            format!(
                "copy it into the repository; files over https may be read if the operator names their host in {REMOTE_HOSTS}"
            ),
            flags("-f https://git.example.com/values.yaml"),
            flags("-f values.yaml"),
        ),
        (
            "only flags can be set; a value with spaces needs quotes, such as --set 'a=b c'".to_owned(),
            flags("--set a=b c"),
            flags("--set 'a=b c'"),
        ),
        (
            "these are allowed: -f/--values, --set, --set-string, --set-json, --set-literal, --include-crds, --skip-crds, --skip-tests, --no-hooks, --kube-version, --api-versions, -n/--namespace".to_owned(),
            flags("--set-file a=values.yaml"),
            flags("--values values.yaml"),
        ),
        (
            format!("write -{name}"),
            flags("-set a=b"),
            flags("--set a=b"),
        ),
    ])
    .await;
}

#[tokio::test]
async fn following_a_hint_about_parameters_works() {
    let example = "array: [a, b]";
    let nearest = "`helm-set`";
    let (kind, names) = (
        "a chart",
        "`helm-values-files`, `helm-values`, `helm-set`, `helm-set-string`",
    );
    let takes = format!("{kind} takes {names}");
    let images = |image: &str| {
        let parameters = match image {
            "web" => r#"[{"name": "kustomize-images", "array": ["web"]}]"#,
            _ => r#"[{"name": "kustomize-images", "array": ["web:1.2"]}]"#,
        };
        Source {
            parameters,
            ..kustomization("resources: [a.yaml]\n")
        }
    };
    let long = "x".repeat(200_000);
    let set = format!(r#"[{{"name": "helm-set", "map": {{"a": "{long}"}}}}]"#);
    let values = format!(r#"[{{"name": "helm-values", "string": "a: {long}"}}]"#);
    follow([
        (
            "write it into `helm-values` or HELM_VALUES".to_owned(),
            parameters(set.leak()),
            parameters(values.leak()),
        ),
        (
            format!("did you mean {nearest}? {takes}"),
            parameters(r#"[{"name": "helm-sett", "map": {"a": "b"}}]"#),
            parameters(r#"[{"name": "helm-set", "map": {"a": "b"}}]"#),
        ),
        (
            format!("{kind} takes {names}"),
            parameters(r#"[{"name": "include", "array": ["values.yaml"]}]"#),
            parameters(r#"[{"name": "helm-values-files", "array": ["values.yaml"]}]"#),
        ),
        (
            format!("write `{example}` beside its name"),
            parameters(r#"[{"name": "helm-values-files", "string": "values.yaml"}]"#),
            parameters(r#"[{"name": "helm-values-files", "array": ["values.yaml"]}]"#),
        ),
        (
            "write the path of one value, such as image.tag or ports[0].name".to_owned(),
            parameters(r#"[{"name": "helm-set", "map": {"image.tag=1": ""}}]"#),
            parameters(r#"[{"name": "helm-set", "map": {"image.tag": "1"}}]"#),
        ),
        (
            "write name=new/name:tag, name:tag, name@digest or name=new/name".to_owned(),
            images("web"),
            images("web:1.2"),
        ),
    ])
    .await;
}

#[tokio::test]
async fn following_a_hint_about_a_kustomization_works() {
    let base = |text: &str| kustomization(text).with("app/base/kustomization.yaml", "");
    let plugin = |text: &str| kustomization("generators: [b.yaml]\n").with("app/b.yaml", text);
    follow([
        (
            "name its folder".to_owned(),
            base("resources: [base/kustomization.yaml]\n"),
            base("resources: [base]\n"),
        ),
        (
            "give it another name".to_owned(),
            base("configMapGenerator: [{name: a, files: [base/kustomization.yaml]}]\n"),
            kustomization("configMapGenerator: [{name: a, files: [kustomization.yaml=base/settings.yaml]}]\n")
                .with("app/base/settings.yaml", ""),
        ),
        (
            format!(
                "render the chart by itself, as an app of its own or with `helm template` into a file; no host in {REMOTE_HOSTS} opens this"
            ),
            kustomization("helmCharts: [{name: web}]\n"),
            kustomization("resources: [web.yaml]\n").with("app/web.yaml", "kind: A\n"),
        ),
        (
            format!(
                "only plugins of kustomize itself, with `apiVersion: builtin`, work here, and HelmChartInflationGenerator, which may fetch charts, does not; no host in {REMOTE_HOSTS} changes that"
            ),
            plugin("apiVersion: example.com/v1\nkind: ConfigMapGenerator\nmetadata: {name: a}\n"),
            plugin("apiVersion: builtin\nkind: ConfigMapGenerator\nmetadata: {name: a}\n"),
        ),
    ])
    .await;
}
