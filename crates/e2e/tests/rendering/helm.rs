//! What Helm makes of charts, in both versions.

use manifill_e2e::{direct, helms, run, skip};

use crate::repository::{Renderer, Repository};

const CHART: &str = "apiVersion: v2\nname: web\nversion: 1.0.0\n";

const TEMPLATE: &str = "kind: ConfigMap
apiVersion: v1
metadata:
  name: {{ .Release.Name }}
  namespace: {{ .Release.Namespace }}
data:
  a: {{ .Values.a | quote }}
  b: {{ .Values.b | quote }}
  kube: {{ .Capabilities.KubeVersion.Version | quote }}
  thing: {{ .Capabilities.APIVersions.Has \"example.com/v1/Thing\" | quote }}
  file: {{ .Files.Get \"files/x.txt\" | quote }}
";

fn chart() -> Repository {
    Repository::new(
        "apps/web",
        &[
            ("apps/web/Chart.yaml", CHART),
            ("apps/web/values.yaml", "a: chart\nb: chart\n"),
            ("apps/web/templates/cm.yaml", TEMPLATE),
            (
                "apps/web/templates/tests/test.yaml",
                "kind: Pod\napiVersion: v1\nmetadata: {name: test, annotations: {helm.sh/hook: test}}\n",
            ),
            (
                "apps/web/templates/hook.yaml",
                "kind: Job\napiVersion: batch/v1\nmetadata: {name: hook, annotations: {helm.sh/hook: pre-install}}\n",
            ),
            (
                "apps/web/crds/crd.yaml",
                "kind: CustomResourceDefinition\napiVersion: apiextensions.k8s.io/v1\nmetadata: {name: crd}\n",
            ),
            ("apps/web/files/x.txt", "text"),
            ("values/prod.yaml", "a: prod\n"),
            ("values/with, comma.yaml", "b: comma\n"),
        ],
    )
}

fn each(test: &str, check: impl Fn(&Renderer, &str)) {
    if skip(test) {
        return;
    }
    for (name, program) in helms().unwrap() {
        let renderer = Renderer::helm(program);
        check(&renderer, name);
        assert_eq!(
            renderer.left_over(),
            Vec::<std::path::PathBuf>::new(),
            "{name}"
        );
    }
}

/// What a rendered ConfigMap says.
fn said(text: &str, key: &str) -> String {
    let lines = text
        .lines()
        .filter_map(|line| line.strip_prefix(&format!("  {key}: ")));
    lines
        .map(|line| line.trim_matches('"'))
        .collect::<Vec<_>>()
        .join("|")
}

#[test]
fn a_chart_is_rendered_as_argo_cd_does_it() {
    each("a chart as Argo CD renders it", |renderer, name| {
        let text = chart().helm(renderer).unwrap();
        for (key, wanted) in [
            ("namespace", "team"),
            ("a", "chart"),
            ("kube", "v1.31.0"),
            ("thing", "true"),
            ("file", "text"),
        ] {
            assert_eq!(said(&text, key), wanted, "{name}: {text}");
        }
        assert!(text.contains("# Source: web/templates/cm.yaml"), "{text}");
        for kind in ["CustomResourceDefinition", "Job", "Pod"] {
            assert!(text.contains(&format!("kind: {kind}")), "{name}: {text}");
        }
        // The same bytes as from the command that Argo CD runs, where nothing is private.
        let folder = tempfile::tempdir().unwrap();
        chart().write(folder.path());
        let helms = helms().unwrap();
        let (_, program) = helms.iter().find(|helm| helm.0 == name).unwrap();
        let mut command = direct(program);
        command
            .current_dir(folder.path().join("apps/web"))
            .env("HOME", folder.path());
        command.args([
            "template",
            ".",
            "--name-template",
            "web",
            "--namespace",
            "team",
        ]);
        command.args(["--kube-version", "1.31.0", "--api-versions", "v1"]);
        command.args(["--api-versions", "example.com/v1/Thing", "--include-crds"]);
        assert_eq!(run(&mut command).unwrap(), text, "{name}");
    });
}

#[test]
fn later_values_win() {
    each("the order of values", |renderer, name| {
        let files = r#"[{"name": "helm-values-files", "array": ["../../values/prod.yaml", "../../values/with, comma.yaml"]}"#;
        let yaml = r#", {"name": "helm-values", "string": "a: parameter\n"}"#;
        let set = r#", {"name": "helm-set", "map": {"a": "x,y=z"}}, {"name": "helm-set-string", "map": {"b": "007"}}"#;
        let only = |text: &str| format!("{text}]");
        for (repository, a, b) in [
            (
                chart().with_env("HELM_ARGS", "-f ../../values/prod.yaml"),
                "prod",
                "chart",
            ),
            (
                chart().with_env("helm_args", "--values=../../values/prod.yaml --set b='c d'"),
                "prod",
                "c d",
            ),
            (chart().with_parameters(&only(files)), "prod", "comma"),
            (
                chart()
                    .with_env("HELM_VALUES", "a: env\n")
                    .with_parameters(&only(files)),
                "env",
                "comma",
            ),
            (
                chart()
                    .with_env("HELM_VALUES", "a: env\nb: env")
                    .with_parameters(&only(&format!("{files}{yaml}"))),
                "parameter",
                "env",
            ),
            (
                chart()
                    .with_env("HELM_ARGS", "--set a=args --set b=args")
                    .with_parameters(&only(&format!("{files}{yaml}{set}"))),
                "x,y=z",
                "007",
            ),
            (
                chart().with_env(
                    "HELM_ARGS",
                    r#"--set-json 'a="json"' --set-literal b=$x{{y}},z=1"#,
                ),
                "json",
                "$x{{y}},z=1",
            ),
            // A link inside the repository is written out.
            (
                chart()
                    .with_link("apps/web/prod.yaml", "../../values/prod.yaml")
                    .with_env("HELM_ARGS", "-fprod.yaml"),
                "prod",
                "chart",
            ),
        ] {
            let text = repository.helm(renderer).unwrap();
            assert_eq!(
                (said(&text, "a").as_str(), said(&text, "b").as_str()),
                (a, b),
                "{name}: {text}"
            );
        }
    });
}

#[test]
fn the_flags_of_an_author_do_what_they_say() {
    each("an author's flags", |renderer, name| {
        let kinds = |flags: &str| -> Vec<&str> {
            let text = chart().with_env("HELM_ARGS", flags).helm(renderer).unwrap();
            let kinds = ["CustomResourceDefinition", "ConfigMap", "Job", "Pod"];
            kinds
                .into_iter()
                .filter(|kind| text.contains(&format!("kind: {kind}")))
                .collect()
        };
        assert_eq!(kinds("--skip-crds"), ["ConfigMap", "Job", "Pod"], "{name}");
        assert_eq!(
            kinds("--include-crds=false"),
            ["ConfigMap", "Job", "Pod"],
            "{name}"
        );
        assert_eq!(
            kinds("--include-crds"),
            ["CustomResourceDefinition", "ConfigMap", "Job", "Pod"],
            "{name}"
        );
        assert_eq!(
            kinds("--skip-tests"),
            ["CustomResourceDefinition", "ConfigMap", "Job"],
            "{name}"
        );
        assert_eq!(
            kinds("--no-hooks"),
            ["CustomResourceDefinition", "ConfigMap"],
            "{name}"
        );
        let text = chart()
            .with_env("HELM_ARGS", "-n other --kube-version v1.30.2")
            .helm(renderer)
            .unwrap();
        assert_eq!(
            (
                said(&text, "namespace").as_str(),
                said(&text, "kube").as_str()
            ),
            ("other", "v1.30.2")
        );
        let mut none = chart();
        none.app.api_versions.clear();
        assert_eq!(
            said(&none.helm(renderer).unwrap(), "thing"),
            "false",
            "{name}"
        );
        let text = none
            .with_env("HELM_ARGS", "--api-versions a,example.com/v1/Thing")
            .helm(renderer)
            .unwrap();
        assert_eq!(said(&text, "thing"), "true", "{name}");
    });
}

#[test]
fn charts_of_the_repository_are_found_and_others_are_not() {
    each("dependencies", |renderer, name| {
        let chart_yaml = |dependency: &str| {
            format!("{CHART}dependencies:\n- {{name: db, version: 1.x.x, {dependency}}}\n")
        };
        let db = "apiVersion: v2\nname: db\nversion: 1.2.3\n";
        let manifest = "kind: Database\napiVersion: a/v1\nmetadata: {name: db}\n";
        let with = |dependency: &str| chart().with("apps/web/Chart.yaml", &chart_yaml(dependency));
        let inside = with("repository: https://charts.example.com")
            .with("apps/web/charts/database/Chart.yaml", db)
            .with("apps/web/charts/database/templates/db.yaml", manifest);
        let beside = with("repository: file://../db")
            .with("apps/db/Chart.yaml", db)
            .with("apps/db/templates/db.yaml", manifest);
        let linked = with("repository: ''")
            .with_link("apps/web/charts/db", "../../db")
            .with("apps/db/Chart.yaml", db)
            .with("apps/db/templates/db.yaml", manifest);
        let packed = with("repository: https://charts.example.com").with_packed(
            "apps/web/charts/db-1.2.3.tgz",
            &[("db/Chart.yaml", db), ("db/templates/db.yaml", manifest)],
        );
        for repository in [inside, beside, linked, packed] {
            let text = repository.helm(renderer).unwrap();
            assert!(text.contains("kind: Database"), "{name}: {text}");
        }
        for (dependency, told) in [
            (
                "repository: https://charts.example.com",
                "`apps/web/Chart.yaml`: the dependency `db` from `https://charts.example.com` is not in charts/",
            ),
            (
                "repository: oci://ghcr.io/x",
                "`apps/web/Chart.yaml`: the dependency `db` from `oci://ghcr.io/x` is not in charts/",
            ),
            (
                "repository: file://../nothing",
                "`apps/web/Chart.yaml`: the dependency `db` from `file://../nothing` is not in charts/",
            ),
            (
                "repository: file:///etc",
                "`apps/web/Chart.yaml`: the dependency `db` from `file:///etc` is not in charts/",
            ),
            (
                "alias: x",
                "`apps/web/Chart.yaml`: the dependency `db` is not in charts/",
            ),
        ] {
            let error = with(dependency).helm(renderer).unwrap_err();
            assert_eq!(error.to_string(), told);
            assert!(error.hint().unwrap().contains("MANIFILL_REMOTE_HOSTS"));
        }
    });
}

#[test]
fn what_helm_says_is_told_without_its_folder() {
    each("errors of Helm", |renderer, name| {
        let failing = chart().with(
            "apps/web/templates/fail.yaml",
            "{{ fail \"no name given\" }}",
        );
        let error = failing.helm(renderer).unwrap_err().to_string();
        assert!(error.starts_with("Helm says: "), "{name}: {error}");
        assert!(
            error.contains("web/templates/fail.yaml:1:3") && error.contains("no name given"),
            "{name}: {error}"
        );
        let values = chart()
            .with("values/bad.yaml", "a: [\n")
            .with_env("HELM_ARGS", "-f ../../values/bad.yaml");
        let error = values.helm(renderer).unwrap_err().to_string();
        assert!(
            error.contains("values/bad.yaml") && !error.contains("manifill-rendering"),
            "{name}: {error}"
        );
        let error = Repository::new("none", &[("none/a.yaml", "")])
            .helm(renderer)
            .unwrap_err();
        assert_eq!(error.to_string(), "`none` has no Chart.yaml");
    });
}
