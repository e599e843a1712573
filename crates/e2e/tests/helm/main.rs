//! Charts that Helm 3.17 and Helm 4.3 install into a real API server, filled by manifill.
#![allow(clippy::unwrap_used)]

mod page;
mod world;

use std::sync::{Arc, Mutex, PoisonError, Weak};

use manifill_e2e::{KubeApiserver, helm3, helm4, skip};
use world::World;

/// The one cluster of this run, which ends with the last test that uses it; each test has a namespace
/// of its own.
fn cluster() -> Arc<KubeApiserver> {
    static CLUSTER: Mutex<Weak<KubeApiserver>> = Mutex::new(Weak::new());
    let mut shared = CLUSTER.lock().unwrap_or_else(PoisonError::into_inner);
    if let Some(cluster) = shared.upgrade() {
        return cluster;
    }
    let cluster = Arc::new(KubeApiserver::start().unwrap());
    *shared = Arc::downgrade(&cluster);
    cluster
}

const SECRET: &str = "# a comment\napiVersion: v1\nkind: Secret\nmetadata: {name: {{ .Release.Name }}-db, labels: {a: b}}\nstringData:\n  password: <path:db#password> # kept\n";

const HOOK: &str = "apiVersion: v1\nkind: Secret\nmetadata:\n  name: {{ .Release.Name }}-hook\n  annotations: {helm.sh/hook: pre-install}\nstringData: {user: <path:db#user>}\n";

const HELM_3: &str = "--post-renderer manifill --post-renderer-args post-render";

const HELM_4: &str = "--post-renderer manifill";

#[test]
fn helm_3_installs_what_is_filled_and_a_guard_finds_its_hooks() {
    if skip("helm 3") {
        return;
    }
    let world = World::new(cluster(), &helm3().unwrap(), "helm-3");
    world.chart("web", &[("secret.yaml", SECRET), ("hook.yaml", HOOK)]);
    world.good(&format!("helm install web ./web {HELM_3}"));
    assert_eq!(world.secret("web-db", "password").unwrap(), "sentinel: #1");
    // Helm 3 keeps hooks to itself, so that the placeholder is in the cluster.
    assert_eq!(world.secret("web-hook", "user").unwrap(), "<path:db#user>");
    let manifest = world.good("helm get manifest web | manifill guard");
    assert!(
        manifest.contains("# a comment") && manifest.contains("\"sentinel: #1\" # kept"),
        "{manifest}"
    );
    for (all, file) in [
        (
            "helm get hooks web".to_owned(),
            " (web/templates/hook.yaml)",
        ),
        (
            format!("helm template web ./web {HELM_3}"),
            " (web/templates/hook.yaml)",
        ),
    ] {
        let told = world.failed(&format!("{all} | manifill guard"));
        assert!(
            told.starts_with("error: a placeholder is not filled\n  --> -:"),
            "{told}"
        );
        assert!(
            told.contains(&format!("{file}  Secret/web-hook  stringData.user\n")),
            "{told}"
        );
        assert!(!told.contains("sentinel"), "{told}");
    }
    let text = world.good("helm template web ./web | manifill generate - | manifill guard");
    assert!(text.contains("stringData: {user: \"svc\"}"), "{text}");
}

#[test]
fn helm_3_quotes_what_is_told_and_installs_nothing() {
    if skip("helm 3") {
        return;
    }
    let world = World::new(cluster(), &helm3().unwrap(), "helm-3-wrong");
    world.chart(
        "web",
        &[("secret.yaml", &SECRET.replace("#password", "#pasword"))],
    );
    let told = world.failed(&format!("helm install web ./web {HELM_3}"));
    assert!(told.contains("`db` has no key `pasword`"), "{told}");
    assert!(
        told.contains("(web/templates/secret.yaml)  Secret/web-db  stringData.password"),
        "{told}"
    );
    assert!(
        told.contains("hint: did you mean `password`?") && !told.contains("sentinel"),
        "{told}"
    );
    assert!(world.secret("web-db", "password").is_none());
}

#[test]
fn an_empty_chart_is_an_error_in_helm_3_unless_it_has_only_hooks() {
    if skip("helm 3") {
        return;
    }
    let world = World::new(cluster(), &helm3().unwrap(), "helm-3-empty");
    world.chart(
        "empty",
        &[("none.yaml", "{{ if false }}kind: A{{ end }}\n")],
    );
    let told = world.failed(&format!("helm install empty ./empty {HELM_3}"));
    assert!(
        told.contains("the input is empty: Helm has rendered no manifest"),
        "{told}"
    );
    // Helm itself would take it: what is empty is no error there.
    world.write("nothing", "#!/bin/sh\ncat > /dev/null\n");
    world.good("chmod +x nothing && helm install empty ./empty --post-renderer ./nothing");
    world.chart(
        "hooks",
        &[("hook.yaml", &HOOK.replace("<path:db#user>", "svc"))],
    );
    world.failed(&format!("helm install hooks ./hooks {HELM_3}"));
    world.good(&format!(
        "helm install hooks ./hooks {HELM_3} --post-renderer-args --allow-empty"
    ));
    assert_eq!(world.secret("hooks-hook", "user").unwrap(), "svc");
}

#[test]
fn the_way_round_for_hooks_takes_values_as_they_are_and_leaves_no_file() {
    if skip("helm 3") {
        return;
    }
    let world = World::new(cluster(), &helm3().unwrap(), "helm-3-hooks");
    let script = concat!(
        env!("CARGO_MANIFEST_DIR"),
        "/../../examples/helm/helm-filled"
    );
    world.write(
        "vault.json",
        r#"{"db": {"user": "{{ .Release.Name }}", "password": "a\n---\nb"}}"#,
    );
    world.chart("web", &[("secret.yaml", SECRET), ("hook.yaml", HOOK)]);
    let run =
        format!("mkdir -p tmp && TMPDIR=$PWD/tmp NAMESPACE=helm-3-hooks '{script}' web ./web");
    for _ in 0..2 {
        world.good(&run);
        assert_eq!(
            world.secret("web-hook", "user").unwrap(),
            "{{ .Release.Name }}"
        );
        assert_eq!(world.secret("web-db", "password").unwrap(), "a\n---\nb");
    }
    // What cannot be filled changes nothing.
    world.chart(
        "web",
        &[("secret.yaml", &SECRET.replace("#password", "#pasword"))],
    );
    let told = world.failed(&run);
    assert!(told.contains("`db` has no key `pasword`"), "{told}");
    assert_eq!(world.secret("web-db", "password").unwrap(), "a\n---\nb");
    assert_eq!(world.good("ls -A tmp"), "");
}

#[test]
fn helm_4_runs_the_plugin_that_install_writes() {
    if skip("helm 4") {
        return;
    }
    let world = World::new(cluster(), &helm4().unwrap(), "helm-4");
    world.chart("web", &[("secret.yaml", SECRET), ("hook.yaml", HOOK)]);
    let told = world.ran("manifill install helm-plugin");
    let told = String::from_utf8(told.stderr).unwrap();
    assert!(
        told.contains(".local/share/helm/plugins/manifill/plugin.yaml is in place"),
        "{told}"
    );
    let listed = world.good("helm plugin list");
    let version = format!("manifill\t{}", env!("CARGO_PKG_VERSION"));
    assert!(
        listed.contains(&version) && listed.contains("postrenderer/v1"),
        "{listed}"
    );
    world.good(&format!("helm install web ./web {HELM_4}"));
    assert_eq!(world.secret("web-db", "password").unwrap(), "sentinel: #1");
    // Helm 4 gives hooks to its post-renderers.
    assert_eq!(world.secret("web-hook", "user").unwrap(), "svc");
    world.good("helm get hooks web | manifill guard");
    let manifest = world.good("helm get manifest web | manifill guard");
    // By its annotation Helm knows the file again; it would have another name without.
    assert!(
        manifest.contains("# Source: web/templates/secret.yaml"),
        "{manifest}"
    );
    assert!(
        manifest.contains("labels: {a: b}") && manifest.contains("# kept"),
        "{manifest}"
    );
    assert!(!manifest.contains("postrender"), "{manifest}");
    // A copy of the program works where it lies.
    world.good(
        "manifill install helm-plugin --copy && helm upgrade web ./web --post-renderer manifill",
    );
    assert!(
        world
            .path()
            .join(".local/share/helm/plugins/manifill/manifill")
            .is_file()
    );
}

#[test]
fn helm_4_tells_nothing_and_the_report_does() {
    if skip("helm 4") {
        return;
    }
    let world = World::new(cluster(), &helm4().unwrap(), "helm-4-wrong");
    world.chart(
        "web",
        &[("secret.yaml", &SECRET.replace("#password", "#pasword"))],
    );
    world.good("manifill install helm-plugin");
    let report = "--post-renderer-args --report --post-renderer-args";
    let told = world.failed(&format!(
        "helm install web ./web {HELM_4} {report} report.txt"
    ));
    assert!(
        told.contains("exited with error") && !told.contains("pasword"),
        "{told}"
    );
    let text = world.read("report.txt");
    assert!(text.contains("`db` has no key `pasword`"), "{text}");
    assert!(
        text.contains("(web/templates/secret.yaml)  Secret/web-db  stringData.password"),
        "{text}"
    );
    assert!(world.secret("web-db", "password").is_none());
    let told = world.failed(&format!(
        "helm install web ./web {HELM_4} {report} report.json"
    ));
    assert!(told.contains("exited with error"), "{told}");
    let json: serde_json::Value = serde_json::from_str(&world.read("report.json")).unwrap();
    assert_eq!(json["diagnostics"][0]["kind"], "not-found");
    // Of a run that goes well there is one, too, without a value.
    world.chart("web", &[("secret.yaml", SECRET)]);
    world.good(&format!(
        "helm install web ./web {HELM_4} {report} report.txt"
    ));
    let text = world.read("report.txt");
    assert!(
        text.starts_with("stats: ") && !text.contains("sentinel"),
        "{text}"
    );
}

#[test]
fn an_empty_chart_is_an_error_in_helm_4() {
    if skip("helm 4") {
        return;
    }
    let world = World::new(cluster(), &helm4().unwrap(), "helm-4-empty");
    world.chart(
        "empty",
        &[("none.yaml", "{{ if false }}kind: A{{ end }}\n")],
    );
    world.good("manifill install helm-plugin");
    let report = "--post-renderer-args=--report=report.txt";
    world.failed(&format!("helm install empty ./empty {HELM_4} {report}"));
    assert!(world.read("report.txt").contains("the input is empty"));
    world.good(&format!(
        "helm install empty ./empty {HELM_4} {report} --post-renderer-args=--allow-empty"
    ));
    // A chart of hooks is not empty here.
    world.chart("hooks", &[("hook.yaml", HOOK)]);
    world.good(&format!("helm install hooks ./hooks {HELM_4}"));
    assert_eq!(world.secret("hooks-hook", "user").unwrap(), "svc");
}

#[test]
fn a_guard_sees_what_kubectl_kustomize_has_skipped() {
    if skip("kubectl kustomize") {
        return;
    }
    let world = World::new(cluster(), &helm4().unwrap(), "kustomize");
    world.write("app/secret.yaml", "apiVersion: v1\nkind: Secret\nmetadata: {name: db}\nstringData: {password: <path:db#password>}\n");
    world.write("app/fill.yaml", "apiVersion: v1\nkind: Fill\nmetadata:\n  name: fill\n  annotations:\n    config.kubernetes.io/function: |\n      exec: {path: ./absent}\n");
    world.write("app/kustomization.yaml", "resources: [secret.yaml]\ntransformers: [fill.yaml]\nsecretGenerator: [{name: gen, literals: ['a=<path:db#user>']}]\n");
    // Without a word, the function has not run.
    let built = world.ran("kubectl kustomize --enable-alpha-plugins app");
    assert!(
        built.status.success() && built.stderr.is_empty(),
        "{built:?}"
    );
    let told = world.failed("kubectl kustomize --enable-alpha-plugins app | manifill guard");
    assert!(
        told.contains("a placeholder is not filled\n")
            && told.contains("Secret/db  stringData.password"),
        "{told}"
    );
    assert!(
        told.contains("a placeholder in base64 is not filled\n") && told.contains("data.a"),
        "{told}"
    );
    let script = "kubectl kustomize app | manifill generate - | manifill guard";
    world.write("app/kustomization.yaml", "resources: [secret.yaml]\n");
    assert!(world.good(script).contains("sentinel: #1"));
    // What fails before is not printed either.
    world.write("app/kustomization.yaml", "resources: [absent.yaml]\n");
    assert!(
        world
            .failed("kubectl kustomize app | manifill guard")
            .contains("the input is empty")
    );
}
