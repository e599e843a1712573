//! What becomes of lists, as kustomize and kpt write them.
#![allow(clippy::unwrap_used)]

use futures_util::FutureExt as _;
use manifill::vault::backend::memory::Memory;
use manifill::{Input, Renderer, RunContext};
use manifill_krm::{Ended, Function};
use manifill_manifest::{Value, read_one};

/// What must never be told.
const SECRETS: [&str; 2] = ["svc", "p@ss: #1"];

/// What kustomize gives a transformer: sorted, with annotations of its own.
const ITEMS: &str = "apiVersion: config.kubernetes.io/v1
kind: ResourceList
items:
- apiVersion: v1
  data:
    password: PHBhdGg6ZGIjcGFzc3dvcmQ+
  kind: Secret
  metadata:
    annotations:
      config.kubernetes.io/origin: |
        configuredIn: app/kustomization.yaml
        configuredBy: {apiVersion: builtin, kind: SecretGenerator}
      internal.config.kubernetes.io/needsHashSuffix: enabled
      kustomize.config.k8s.io/id: |
        kind: Secret
        name: db
        version: v1
      config.kubernetes.io/path: secret_db.yaml
      internal.config.kubernetes.io/index: '0'
    name: db
    namespace: home
  type: Opaque
# the app
- apiVersion: v1
  kind: ConfigMap
  metadata:
    name: web
    annotations:
      internal.config.kubernetes.io/path: 'app/web.yaml'
      internal.config.kubernetes.io/index: '3'
  data:
    # who
    user: \"<path:db#user>\"   # kept
";

fn list(config: &str) -> String {
    let indented: Vec<String> = config.lines().map(|line| format!("  {line}\n")).collect();
    match config {
        "" => ITEMS.to_owned(),
        _ => format!("{ITEMS}functionConfig:\n{}", indented.concat()),
    }
}

fn config(kind: &str, spec: &str) -> String {
    let head = "apiVersion: manifill.dev/v1\nkind: ";
    format!("{head}{kind}\nmetadata: {{name: fn}}\nspec: {spec}\n")
}

/// Runs a function; whatever it tells holds no secret.
fn run(list: &str) -> Ended {
    let function = Function::read(Input::new("-", list)).unwrap();
    let secrets = [("user", SECRETS[0]), ("password", SECRETS[1])];
    let renderer = Renderer::with_backend("memory", Memory::new().with("db", secrets));
    let run = function.prepare(renderer);
    let ended = run.run(&RunContext::new()).now_or_never().unwrap();
    let told = format!("{ended:?} {:?}", results(ended.text()));
    assert!(
        !SECRETS.iter().any(|secret| told.contains(secret)),
        "{told}"
    );
    ended
}

fn results(list: &str) -> Vec<Value> {
    match read_one(list).unwrap().get("results") {
        Some(Value::List(results)) => results.clone(),
        _ => Vec::new(),
    }
}

/// The results of a function that has failed, in JSON, with its errors; its list has come back as it
/// was.
#[track_caller]
fn failed(list: &str) -> (Vec<String>, Vec<String>) {
    let ended = run(list);
    let error = ended.found().unwrap_err();
    let told = error.errors().map(ToString::to_string).collect();
    let results: Vec<String> = results(ended.text()).iter().map(Value::to_json).collect();
    let mut lines: Vec<&str> = ended.text().split_inclusive('\n').collect();
    lines.retain(|line| !line.starts_with("results: "));
    assert_eq!(lines.concat(), list);
    (told, results)
}

#[test]
fn items_are_filled_and_nothing_else_changes() {
    for config in [
        "".to_owned(),
        config("ManifillFill", ""),
        config(
            "ManifillFill",
            "{strict: true, onlyKinds: [Secret, ConfigMap]}",
        ),
        "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: function-input}\ndata: {}\n".to_owned(),
        "apiVersion: v1\nkind: ConfigMap\ndata: {strict: 'true', onlyKinds: 'Secret, ConfigMap'}\n"
            .to_owned(),
    ] {
        for version in ["v1", "v1beta1"] {
            let list =
                list(&config).replace("kubernetes.io/v1\n", &format!("kubernetes.io/{version}\n"));
            let ended = run(&list);
            assert_eq!(ended.found().unwrap(), []);
            // `p@ss: #1` in base64.
            let filled = list
                .replace("PHBhdGg6ZGIjcGFzc3dvcmQ+", "\"cEBzczogIzE=\"")
                .replace("<path:db#user>", "svc");
            assert_eq!(ended.text(), filled);
            assert_eq!(ended.stats().unwrap().placeholders, 2);
        }
    }
    let none = "apiVersion: config.kubernetes.io/v1\nkind: ResourceList\nitems: []\n";
    assert_eq!(run(none).text(), none);
}

#[test]
fn a_failure_is_told_in_the_list_too() {
    let list = list("").replace("#user", "#usr");
    let (told, results) = failed(&list);
    assert_eq!(
        told,
        [
            "-:33:12: missing Vault value for placeholder path:db#usr: `db` has no key `usr`; it has `user`, `password`"
        ]
    );
    assert_eq!(
        results,
        [
            r#"{"message": "missing Vault value for placeholder path:db#usr: `db` has no key `usr`; it has `user`, `password`; did you mean `user`?", "severity": "error", "resourceRef": {"apiVersion": "v1", "kind": "ConfigMap", "name": "web"}, "field": {"path": "data.user"}, "file": {"path": "app/web.yaml", "index": 3}, "tags": {"manifill.dev/kind": "not-found"}}"#
        ]
    );
}

#[test]
fn people_are_told_the_files_that_they_know() {
    let list = list("")
        .replace("#user", "#usr")
        .replace("PHBhdGg6ZGIjcGFzc3dvcmQ+", "PHBhdGg6ZGIjcHc+");
    let ended = run(&list);
    let report = ended.found().unwrap_err().report();
    for part in [
        "(app/kustomization.yaml)  Secret/home/db  data.password",
        "(app/web.yaml)  ConfigMap/web  data.user",
    ] {
        assert!(report.contains(part), "{report}");
    }
    // The path of the first is one that kustomize has made up.
    let results: Vec<String> = results(ended.text()).iter().map(Value::to_json).collect();
    assert!(
        results[0].contains(r#""file": {"path": "secret_db.yaml", "index": 0}"#),
        "{results:?}"
    );
    assert!(results[0].contains(r#""namespace": "home""#), "{results:?}");
}

#[test]
fn one_cause_is_a_result_of_each_of_its_objects() {
    let list = list("")
        .replace("<path:db#user>", "<path:no#user>")
        .replace("PHBhdGg6ZGIjcGFzc3dvcmQ+", "PHBhdGg6bm8jdXNlcj4=");
    let (told, results) = failed(&list);
    assert_eq!(told.len(), 1, "{told:?}");
    let fields = ["data.password", "data.user"].map(|field| format!(r#"{{"path": "{field}"}}"#));
    assert_eq!(results.len(), 2, "{results:?}");
    assert!(
        results
            .iter()
            .zip(&fields)
            .all(|(result, field)| result.contains(field)),
        "{results:?}"
    );
}

#[test]
fn values_go_to_the_kinds_that_are_named() {
    let (told, results) = failed(&list(&config("ManifillFill", "{onlyKinds: [Secret]}")));
    assert_eq!(
        told,
        ["-:33:12: a value goes to a ConfigMap, where none is allowed"]
    );
    assert!(
        results[0].contains("write `allow: ['ConfigMap/web:data.user']` in functionConfig's spec"),
        "{results:?}"
    );
    let allowed = "{onlyKinds: [Secret], allow: ['ConfigMap/web:data.user']}";
    run(&list(&config("ManifillFill", allowed)))
        .found()
        .unwrap();
}

#[test]
fn a_warning_is_a_result_and_no_failure() {
    let list = list("").replace(
        "name: web\n",
        "name: web\n    avp_path: x\n    labels: {avp.kubernetes.io/path: p}\n",
    );
    let ended = run(&list);
    assert_eq!(ended.found().unwrap().len(), 1);
    let results = results(ended.text());
    assert_eq!(
        results[0].get("severity"),
        Some(&Value::Text("warning".into()))
    );
    assert!(ended.text().contains("user: \"svc\"   # kept"));
}

#[test]
fn a_guard_changes_nothing_and_shows_nothing() {
    let guarded = list(&config("ManifillGuard", "")).replace("<path:db#user>", "svc");
    let (told, results) = failed(&guarded);
    assert_eq!(told, ["-:6:15: a placeholder in base64 is not filled"]);
    assert!(
        results[0]
            .contains("write `allow: ['Secret/home/db:data.password']` in functionConfig's spec"),
        "{results:?}"
    );
    let good = guarded.replace("PHBhdGg6ZGIjcGFzc3dvcmQ+", "c3Zj");
    assert_eq!(run(&good).text(), good);
    let allow = "{allow: ['Secret/home/db:data.password']}";
    let allowed = list(&config("ManifillGuard", allow)).replace("<path:db#user>", "svc");
    assert_eq!(run(&allowed).text(), allowed);
    let needless = run(&allowed.replace("PHBhdGg6ZGIjcGFzc3dvcmQ+", "c3Zj"));
    assert_eq!(
        needless.notes(),
        [
            "nothing in Secret/home/db:data.password reads like a placeholder: it need not be allowed"
        ]
    );
    assert_eq!(
        results_of(&needless),
        [
            r#"{"message": "nothing in Secret/home/db:data.password reads like a placeholder: it need not be allowed", "severity": "info"}"#
        ]
    );
    let empty = "apiVersion: config.kubernetes.io/v1\nkind: ResourceList\nitems: []\nfunctionConfig: {apiVersion: manifill.dev/v1, kind: ManifillGuard}\n";
    assert_eq!(failed(empty).0, ["there are no items to guard"]);
}

fn results_of(ended: &Ended) -> Vec<String> {
    results(ended.text()).iter().map(Value::to_json).collect()
}

#[test]
fn objects_with_mock_values_are_refused() {
    let mocked = list("").replace(
        "    annotations:\n      internal",
        "    annotations:\n      manifill.dev/mock: 'true'\n      internal",
    );
    for list in [
        mocked.clone(),
        mocked + "functionConfig: {apiVersion: manifill.dev/v1, kind: ManifillGuard}\n",
    ] {
        let (told, _) = failed(&list);
        assert!(
            told.iter()
                .any(|one| one.contains("mock values, which no cluster should get")),
            "{told:?}"
        );
    }
}

#[test]
fn what_is_for_tools_alone_is_left_alone() {
    let generator = "- apiVersion: manifill.dev/v1\n  kind: ManifillGenerate\n  metadata: {name: g, annotations: {config.kubernetes.io/local-config: 'true'}}\n  spec: {manifests: 'a: <path:db#user>'}\n";
    let items = format!("{ITEMS}{generator}");
    let fill = config("ManifillFill", "").replace("name: fn", "name: <path:no#no>");
    let list = list(&fill).replace(ITEMS, &items);
    let ended = run(&list);
    ended.found().unwrap();
    assert!(ended.text().contains(generator) && ended.text().contains("<path:no#no>"));
    let guard = "functionConfig: {apiVersion: manifill.dev/v1, kind: ManifillGuard}\n";
    let guarded = items
        .replace("<path:db#user>\"", "svc\"")
        .replace("PHBhdGg6ZGIjcGFzc3dvcmQ+", "c3Zj")
        + guard;
    assert_eq!(run(&guarded).text(), guarded);
}

#[test]
fn manifests_are_generated_behind_the_items() {
    let spec = "\n  manifests: |\n    # first\n    kind: Secret\n    stringData: {user: <path:db#user>}\n    ---\n    kind: A # second\n    text: |\n      a\n\n      b\n";
    let list = list(&config("ManifillGenerate", spec));
    let ended = run(&list);
    ended.found().unwrap();
    let new = "- # first\n  kind: Secret\n  stringData: {user: \"svc\"}\n- kind: A # second\n  text: |\n    a\n\n    b\n";
    assert_eq!(
        ended.text(),
        list.replace("functionConfig:\n", &format!("{new}functionConfig:\n"))
    );
    // Objects are written as they mean it.
    let objects = "\n  manifests:\n  - kind: Secret\n    stringData:\n      user: <path:db#user>\n  - kind: B\n";
    let list = self::list(&config("ManifillGenerate", objects));
    let ended = run(&list);
    ended.found().unwrap();
    let new =
        "- {\"kind\": \"Secret\", \"stringData\": {\"user\": \"svc\"}}\n- {\"kind\": \"B\"}\n";
    assert_eq!(
        ended.text(),
        list.replace("functionConfig:\n", &format!("{new}functionConfig:\n"))
    );
}

#[test]
fn what_is_wrong_with_generated_manifests_is_told_where_they_stand() {
    let spec =
        "{manifests: [{kind: Secret, metadata: {name: s}, stringData: {a: '<path:db#usr>'}}]}";
    let (told, results) = failed(&list(&config("ManifillGenerate", spec)));
    assert!(
        told[0].starts_with("functionConfig.spec.manifests[0]:1:"),
        "{told:?}"
    );
    assert!(
        results[0].contains(r#""resourceRef": {"kind": "Secret", "name": "s"}, "field": {"path": "stringData.a"}, "tags""#),
        "{results:?}"
    );
    let (told, _) = failed(&list(&config(
        "ManifillGenerate",
        "{manifests: '# nothing'}",
    )));
    assert_eq!(told, ["there is nothing to generate in what `spec` names"]);
    let (told, _) = failed(&list(&config(
        "ManifillGenerate",
        "{files: [no/such.yaml]}",
    )));
    assert_eq!(told, ["could not read no/such.yaml: there is no such file"]);
}

#[test]
fn whatever_is_wrong_with_the_configuration_is_told_at_once() {
    let spec = "{stric: true, escaped: yes please, onlyKinds: Secret, allow: [x], mock: true}";
    let (told, results) = failed(&list(&config("ManifillFill", spec)));
    assert_eq!(
        told,
        [
            "-:38:17: the `spec` of a ManifillFill has no field `stric`",
            "-:38:32: `escaped` is neither true nor false",
            "-:38:55: `onlyKinds` is not a list of words",
            "-:38:70: `x`: a field is named as KIND/NAME:FIELD, such as Secret/db:stringData.password",
            "-:38:81: the `spec` of a ManifillFill has no field `mock`",
        ]
    );
    assert!(results[0].contains("did you mean `strict`?"), "{results:?}");
    assert!(
        results[0].contains(r#""resourceRef": {"apiVersion": "manifill.dev/v1", "kind": "ManifillFill", "name": "fn"}, "field": {"path": "spec.stric"}"#),
        "{results:?}"
    );
    assert!(
        results[4].contains("use one of `strict`, `escaped`, `onlyKinds`, `allow`"),
        "{results:?}"
    );
}

#[test]
fn a_configuration_is_read_strictly() {
    let with = |kind: &str, spec: &str| config(kind, spec);
    for (config, message) in [
        (
            with("ManifilFill", ""),
            "no function of manifill is called `ManifilFill`",
        ),
        (
            with("SecretGenerator", ""),
            "no function of manifill is called `SecretGenerator`",
        ),
        (
            "apiVersion: manifill.dev/v1\nspec: {}\n".to_owned(),
            "`functionConfig` has no `kind`",
        ),
        (
            with("ManifillFill", "").replace("dev/v1", "dev/v2"),
            "the `apiVersion` of a ManifillFill is wrong",
        ),
        (
            with("ManifillGuard", "") + "allow: []\n",
            "a ManifillGuard has no field `allow`",
        ),
        (with("ManifillGuard", "[]"), "`spec` is not a map"),
        (
            with("ManifillGuard", "{allow: []}"),
            "`allow` is not a list of words",
        ),
        (
            with("ManifillGuard", "{strict: true}"),
            "the `spec` of a ManifillGuard has no field `strict`",
        ),
        (
            with("ManifillGenerate", ""),
            "a ManifillGenerate has nothing to generate",
        ),
        (
            with("ManifillGenerate", "{manifests: 1}"),
            "`manifests` is neither a text with manifests nor a list of objects",
        ),
        (
            with("ManifillGenerate", "{files: [/etc/passwd]}"),
            "`/etc/passwd` does not lie in the folder of the function",
        ),
        (
            with("ManifillGenerate", "{files: [a/../../b]}"),
            "`a/../../b` does not lie in the folder of the function",
        ),
        (
            with("ManifillGenerate", "{files: ['-']}"),
            "`-` does not lie in the folder of the function",
        ),
        (
            with("ManifillFill", "{allow: ['A/b:c']}"),
            "`allow` says what may be filled beside `onlyKinds`, which is not set",
        ),
        (
            "apiVersion: v1\nkind: ConfigMap\ndata: {strict: maybe}\n".to_owned(),
            "`strict` is neither true nor false",
        ),
        (
            "apiVersion: v1\nkind: ConfigMap\ndata: {path: x}\n".to_owned(),
            "no setting of manifill's function is called `path`",
        ),
    ] {
        let (told, _) = failed(&list(&config));
        assert!(told[0].ends_with(message), "{told:?}");
    }
}

#[test]
fn what_is_no_list_is_refused() {
    for (source, message) in [
        ("", "-:1:1: there is no ResourceList in the input"),
        ("# c\n", "-:1:1: there is no ResourceList in the input"),
        (
            "kind: Secret\n",
            "-:1:1: this is not a ResourceList of config.kubernetes.io/v1",
        ),
        (
            "apiVersion: config.kubernetes.io/v9\nkind: ResourceList\n",
            "-:1:1: this is not a ResourceList of config.kubernetes.io/v1",
        ),
        (
            "apiVersion: config.kubernetes.io/v1\nkind: ResourceList\nitems: {a: b}\n",
            "-:3:8: `items` is not a list of objects",
        ),
        (
            "apiVersion: config.kubernetes.io/v1\nkind: ResourceList\nitems: [{kind: A}, b]\n",
            "-:3:20: `items` is not a list of objects",
        ),
        (
            "apiVersion: config.kubernetes.io/v1\nkind: ResourceList\n---\nkind: A\n",
            "-:3:1: a document follows the ResourceList, and a function gets one alone",
        ),
    ] {
        let error = Function::read(Input::new("-", source)).unwrap_err();
        assert_eq!(error.to_string(), message);
    }
    let error = Function::read(Input::new("-", "kind: [s3cret\n")).unwrap_err();
    assert!(!error.to_string().contains("s3cret"), "{error}");
}

#[test]
fn json_stays_json_and_old_results_go() {
    let list = r#"{"apiVersion":"config.kubernetes.io/v1","kind":"ResourceList","items":[{"kind":"A","a":"<path:db#no>"}],"results":[{"message":"old"}]}"#;
    let ended = run(list);
    ended.found().unwrap_err();
    assert!(
        ended.text().contains(
            r#""items":[{"kind":"A","a":"<path:db#no>"}],"results":[{"message": "missing Vault value"#
        ),
        "{}",
        ended.text()
    );
    let function = Function::read(Input::new("-", ITEMS)).unwrap();
    let failed = function.failed("it cannot be");
    assert_eq!(
        results(&failed)[0].to_json(),
        r#"{"message": "it cannot be", "severity": "error"}"#
    );
    assert!(function.reads_secrets());
}
