//! What an author's chart, its flags and parameters could reach.

use manifill_argocd::rendering::RenderingErrorKind;
use manifill_e2e::{helm3, helm4, skip};

use super::Outside;
use crate::repository::{Renderer, Repository};

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
