//! Rule R13: the ways in which an author's files could reach out of what is theirs, each tried with
//! the real programs. One secret is in the environment of this process, one in a file outside of the
//! repository, and one on a server of this machine, which counts who asks.

use std::io::{Read as _, Write as _};
use std::net::TcpListener;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use manifill_argocd::rendering::{RenderingError, RenderingErrorKind};
use manifill_e2e::{helm3, helm4, skip};

use crate::repository::{Renderer, Repository};

const FILE: &str = "sentinel-in-a-file-outside";
const SERVED: &str = "sentinel-on-another-host";

/// What must not be reached.
struct Outside {
    folder: tempfile::TempDir,
    address: String,
    asked: Arc<AtomicUsize>,
}

impl Outside {
    fn new() -> Outside {
        let folder = tempfile::tempdir().unwrap();
        let text = format!(
            "kind: ConfigMap\napiVersion: v1\nmetadata: {{name: x}}\ndata: {{a: {FILE}}}\n"
        );
        std::fs::write(folder.path().join("x.yaml"), text).unwrap();
        let listener = TcpListener::bind(("127.0.0.1", 0)).unwrap();
        let address = format!("127.0.0.1:{}", listener.local_addr().unwrap().port());
        let asked = Arc::new(AtomicUsize::new(0));
        let count = asked.clone();
        std::thread::spawn(move || {
            for stream in listener.incoming() {
                count.fetch_add(1, Ordering::SeqCst);
                let mut stream = stream.unwrap();
                let body = format!(
                    "{{\"kind\": \"ConfigMap\", \"apiVersion\": \"v1\", \"metadata\": {{\"name\": \"x\"}}, \"a\": \"{SERVED}\"}}"
                );
                let _ = stream.read(&mut [0; 4096]);
                let _ = write!(
                    stream,
                    "HTTP/1.1 200 OK\r\nContent-Length: {}\r\nConnection: close\r\n\r\n{body}",
                    body.len()
                );
            }
        });
        Outside {
            folder,
            address,
            asked,
        }
    }

    fn file(&self) -> String {
        self.folder.path().join("x.yaml").display().to_string()
    }

    /// Checks what a run says: neither a secret nor a request, whether it fails or not.
    fn check(&self, vector: &str, outcome: &Result<String, RenderingError>) {
        let told = match outcome {
            Ok(text) => text.clone(),
            Err(error) => format!("{error} {}", error.hint().unwrap_or_default()),
        };
        // Cargo sets this one for every test.
        let environment = std::env::var("CARGO_PKG_DESCRIPTION").unwrap();
        assert!(environment.len() > 10);
        for secret in [FILE, SERVED, &environment] {
            assert!(!told.contains(secret), "{vector}: {told}");
        }
        assert_eq!(self.asked.load(Ordering::SeqCst), 0, "{vector}: {told}");
    }

    /// What names something on another host is refused before anything starts, and told how it could
    /// be opened.
    fn refused(&self, vector: &str, outcome: &Result<String, RenderingError>) {
        self.check(vector, outcome);
        let error = outcome.as_ref().expect_err(vector);
        assert_eq!(
            error.kind(),
            RenderingErrorKind::Remote,
            "{vector}: {error}"
        );
        let hint = error.hint().unwrap_or_default();
        assert!(hint.contains("MANIFILL_REMOTE_HOSTS"), "{vector}: {error}");
    }
}

const CHART: &str = "apiVersion: v2\nname: web\nversion: 1.0.0\n";

fn chart() -> Repository {
    Repository::new(
        "web",
        &[
            ("web/Chart.yaml", CHART),
            ("web/values.yaml", "a: b\n"),
            (
                "web/templates/a.yaml",
                "kind: ConfigMap\napiVersion: v1\nmetadata: {name: a}\ndata: {a: {{ toJson .Values.a | quote }}, f: {{ .Files.Get \"x.yaml\" | quote }}}\n",
            ),
        ],
    )
}

#[test]
fn helm_reaches_nothing_outside() {
    if skip("what Helm could reach") {
        return;
    }
    for program in [helm3().unwrap(), helm4().unwrap()] {
        let renderer = Renderer::helm(program);
        let outside = Outside::new();
        let url = format!("http://{}/x.yaml", outside.address);
        let file = outside.file();
        let up = format!("{}{}", "../".repeat(20), file.trim_start_matches('/'));

        for address in [
            &url,
            &url.replace("http:", "https:"),
            &url.replace("http:", "HTTP:"),
            &format!("git::{url}"),
            &format!("file://{file}"),
        ] {
            for flags in [
                format!("-f {address}"),
                format!("-f{address}"),
                format!("-f={address}"),
                format!("--values '{address}'"),
                format!("--values=values.yaml,{address}"),
            ] {
                outside.refused(
                    &flags,
                    &chart().with_env("HELM_ARGS", &flags).helm(&renderer),
                );
            }
            let parameters =
                format!(r#"[{{"name": "helm-values-files", "array": ["{address}"]}}]"#);
            outside.refused(
                &parameters,
                &chart().with_parameters(&parameters).helm(&renderer),
            );
            let schema = format!(r#"{{"properties": {{"a": {{"$ref": "{address}"}}}}}}"#);
            outside.refused(
                &schema,
                &chart()
                    .with("web/values.schema.json", &schema)
                    .helm(&renderer),
            );
            let schema = format!(r#"{{"$schema": "{address}"}}"#);
            outside.refused(
                &schema,
                &chart()
                    .with("web/values.schema.json", &schema)
                    .helm(&renderer),
            );
            let below = chart().with("web/charts/sub/Chart.yaml", &CHART.replace("web", "sub"));
            outside.refused(
                &schema,
                &below
                    .with("web/charts/sub/values.schema.json", &schema)
                    .helm(&renderer),
            );
            let packed = chart().with_packed(
                "web/charts/sub-1.0.0.tgz",
                &[
                    ("sub/Chart.yaml", &CHART.replace("web", "sub")),
                    ("sub/values.schema.json", &schema),
                ],
            );
            outside.refused(&schema, &packed.helm(&renderer));
            let dependency = format!(
                "{CHART}dependencies: [{{name: sub, version: 1.0.0, repository: '{address}'}}]\n"
            );
            outside.refused(
                &dependency,
                &chart().with("web/Chart.yaml", &dependency).helm(&renderer),
            );
            let old =
                format!("dependencies: [{{name: sub, version: 1.0.0, repository: '{address}'}}]\n");
            outside.refused(
                &old,
                &chart().with("web/requirements.yaml", &old).helm(&renderer),
            );
        }
        // An `$id` is a name, and nobody is asked for it.
        let schema = format!(
            r##"{{"$id": "{url}", "definitions": {{"a": {{"type": "string"}}}}, "properties": {{"a": {{"$ref": "#/definitions/a"}}}}}}"##
        );
        let outcome = chart()
            .with("web/values.schema.json", &schema)
            .helm(&renderer);
        outside.check(&schema, &outcome);
        assert!(outcome.is_ok(), "{outcome:?}");

        for name in [
            &file,
            &up,
            "-",
            "-x.yaml",
            "~/x.yaml",
            "/proc/self/environ",
            "../../x.yaml",
        ] {
            for flags in [
                format!("-f {name}"),
                format!("--values={name}"),
                format!("-f 'values.yaml,{name}'"),
            ] {
                let outcome = chart().with_env("HELM_ARGS", &flags).helm(&renderer);
                outside.check(&flags, &outcome);
                assert_eq!(
                    outcome.unwrap_err().kind(),
                    RenderingErrorKind::Settings,
                    "{flags}"
                );
            }
            let parameters = format!(r#"[{{"name": "helm-values-files", "array": ["{name}"]}}]"#);
            let outcome = chart().with_parameters(&parameters).helm(&renderer);
            outside.check(&parameters, &outcome);
            assert_eq!(
                outcome.unwrap_err().kind(),
                RenderingErrorKind::Settings,
                "{parameters}"
            );
            for reference in [
                format!("{{\"$ref\": \"{name}\"}}"),
                format!("{{\"$id\": \"{url}\", \"$ref\": \"{name}\"}}"),
            ] {
                let outcome = chart()
                    .with("web/values.schema.json", &reference)
                    .helm(&renderer);
                outside.check(&reference, &outcome);
                assert!(outcome.is_err(), "{reference}");
            }
        }
        for (link, to) in [
            ("web/x.yaml", &file),
            ("web/x.yaml", &up),
            ("web/templates/x.yaml", &file),
            ("web/values.yaml", &file),
            ("web/charts/x", &outside.folder.path().display().to_string()),
            ("web/Chart.yaml", &file),
        ] {
            let outcome = chart().with_link(link, to).helm(&renderer);
            outside.check(link, &outcome);
            let error = outcome.expect_err(link).to_string();
            assert!(
                error.contains("leads out of the repository"),
                "{link} {error}"
            );
        }
        let flags = "-f x.yaml";
        let outcome = chart()
            .with_link("other/x.yaml", &file)
            .with_env("HELM_ARGS", "-f ../other/x.yaml")
            .helm(&renderer);
        outside.check(flags, &outcome);
        assert!(outcome.is_err());

        // What templates can ask for.
        for template in [
            "{{ env \"CARGO_PKG_DESCRIPTION\" }}",
            "{{ expandenv \"$CARGO_PKG_DESCRIPTION\" }}",
            "a: {{ .Files.Get \"/proc/self/environ\" | quote }}",
            &format!("a: {{{{ .Files.Get {file:?} | quote }}}}"),
            &format!("a: {{{{ .Files.Get {up:?} | quote }}}}"),
            &format!(
                "a: {{{{ range $n, $f := .Files.Glob \"/**\" }}}}{{{{ $f }}}}{{{{ end }}}}{{{{ tpl (.Files.Get {file:?}) . }}}}"
            ),
            "kind: A\na: {{ lookup \"v1\" \"Secret\" \"default\" \"x\" | toJson }}",
            "kind: A\na: {{ getHostByName \"localhost\" | quote }}",
        ] {
            let outcome = chart()
                .with("web/templates/b.yaml", template)
                .helm(&renderer);
            outside.check(template, &outcome);
        }
        let outcome = chart()
            .with(
                "web/templates/b.yaml",
                "kind: A\na: {{ getHostByName \"localhost\" | quote }}",
            )
            .helm(&renderer);
        assert!(outcome.is_ok_and(|text| text.contains("a: \"\"")));
        // Flags that would open something.
        for flags in [
            "--post-renderer /bin/cat",
            "--set-file a=/etc/passwd",
            "--validate",
            "--enable-dns",
            "--repo http://x",
            "--kubeconfig /x",
            "--ca-file /etc/passwd",
            "--registry-config /x",
            "--repository-config=/x",
            "--plugin x",
            "--output-dir /tmp",
            "--dry-run=server",
            "--dependency-update",
            "--verify",
            "--keyring /x",
            "--username x",
            "--kube-token x",
            "--show-only x",
            "--burst-limit 1",
        ] {
            let outcome = chart().with_env("helm_args", flags).helm(&renderer);
            outside.check(flags, &outcome);
            let error = outcome.unwrap_err().to_string();
            let name = flags.split([' ', '=']).next().unwrap();
            assert_eq!(
                error,
                format!("helm_args: the flag `{name}` is not allowed")
            );
        }
        assert_eq!(renderer.left_over(), Vec::<std::path::PathBuf>::new());
    }
}

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
