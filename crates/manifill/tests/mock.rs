//! Mock values: the same in every run, fit for their places, and marked.

mod common;

use async_trait::async_trait;
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use common::told;
use manifill::vault::{Secret, SecretRequest, VaultBackend, VaultError};
use manifill::{Backends, DiagnosticKind, Input, RenderError, Renderer, RunContext};
use serde_json::Value;

/// A backend that must not be asked.
#[derive(Debug)]
struct Closed;

#[async_trait]
impl VaultBackend for Closed {
    async fn read(&self, _: &[SecretRequest], _: &RunContext) -> Vec<Result<Secret, VaultError>> {
        unreachable!("a mock asks no vault")
    }
}

fn renderer() -> Renderer {
    Renderer::with_backend("memory", Closed)
}

fn attempt(source: &str) -> Result<String, RenderError> {
    let inputs = [Input::new("m.yaml", source)];
    Ok(renderer().mock(&inputs)?.texts()[0].to_string())
}

/// The document with mock values.
fn mock(source: &str) -> String {
    attempt(source).unwrap_or_else(|error| panic!("{}", told(&error)))
}

/// The same as a program reads it.
fn read(source: &str) -> Value {
    let text = mock(source);
    let value = manifill_manifest::read_one(&text).expect("it can be read");
    serde_json::from_str(&value.to_json()).expect("it is JSON")
}

fn decoded(value: &Value) -> String {
    let text = value.as_str().expect("a text");
    String::from_utf8(STANDARD.decode(text).expect("base64")).expect("text")
}

#[test]
fn a_text_has_32_characters_and_is_the_same_in_every_run() {
    let source = "kind: A\na: <path:db#user>\nb: x <path:db#user> <path:db#password>\nc: '<path:db2#user>'\n";
    let (one, other) = (read(source), read(source));
    assert_eq!(one, other);
    let user = one["a"].as_str().unwrap();
    assert!(user.len() == 32 && user.starts_with("mock-"), "{user}");
    let parts: Vec<&str> = one["b"].as_str().unwrap().split(' ').collect();
    assert_eq!(parts[1], user, "the same secret is the same text");
    assert!(parts[2] != user && parts[2].len() == 32);
    assert_ne!(one["c"], one["a"]);
    // It is good as a label and as the name of an object.
    let is_name = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '-';
    assert!(user.chars().all(is_name));
}

#[test]
fn modifiers_are_checked_and_not_run() {
    let source = "kind: A\na: <path:db#a | base64decode | jsonPath {.b} | sha256sum>\nb: <path:db#a>\nc: <path:db#a | jsonPath {.b}>\nd: <path:db#a | jsonPath {.c}>\ne: <path:no#no | default \"x\">\n";
    let found = read(source);
    let texts: std::collections::BTreeSet<&str> = ["a", "b", "c", "d"]
        .map(|key| found[key].as_str().unwrap())
        .into();
    assert_eq!(texts.len(), 4, "{texts:?}");
    assert!(texts.iter().all(|text| text.len() == 32));
    assert_ne!(found["e"], "x");
    // The argument of `default` may be a secret: nothing is made of it.
    let other = source.replace("\"x\"", "\"y\"");
    assert_eq!(mock(source), mock(&other).replace("\"y\"", "\"x\""));
}

#[test]
fn a_wrong_placeholder_is_told_as_without_mocks() {
    for source in [
        "kind: A\na: <path:db>\n",
        "kind: A\na: <path:db#a | nope>\n",
        "kind: A\na: <path:db#a | jsonPath {.a>\nb: <path:db#b | bcrypt a:b>\n",
        "kind: Secret\nstringData: {a: <user>}\n",
        "kind: A\nmetadata: {annotations: {avp.kubernetes.io/pth: db}}\n",
        "a: <path:db#a>\n",
        "kind: A\na: b: <path:db#a>\n",
    ] {
        let inputs = [Input::new("m.yaml", source)];
        let planned = renderer().plan(&inputs).map(drop).expect_err(source);
        let error = attempt(source).expect_err(source);
        assert_eq!(told(&error), told(&planned));
    }
}

#[test]
fn what_takes_base64_gets_the_base64_of_a_text() {
    let found = read(concat!(
        "kind: Secret\ndata:\n  a: <path:db#a>\n  b: <path:db#a | base64encode>\n",
        // In base64: x <path:db#a> y
        "  c: eCA8cGF0aDpkYiNhPiB5\n",
    ));
    for key in ["a", "b"] {
        assert_eq!(found["data"][key].as_str().unwrap().len(), 32, "{key}");
        let text = decoded(&found["data"][key]);
        assert!(text.len() == 24 && text.starts_with("mock-"), "{text}");
    }
    let text = decoded(&found["data"]["c"]);
    assert!(
        text.starts_with("x mock-") && text.ends_with(" y") && text.len() == 36,
        "{text}"
    );
    let found = read("kind: ConfigMap\nbinaryData: {a: <path:db#a>}\n");
    assert_eq!(decoded(&found["binaryData"]["a"]).len(), 24);
}

#[test]
fn a_certificate_has_its_key() {
    let found = read(concat!(
        "kind: Secret\nstringData:\n  tls.crt: |\n    <path:tls#crt>\n  tls.key: <path:tls#key>\n",
        "data:\n  tls.crt: <path:tls#crt | base64encode>\n",
        // In base64: <path:tls#key>
        "  tls.key: PHBhdGg6dGxzI2tleT4=\n  ca.crt: <path:tls#ca>\n",
    ));
    let (clear, data) = (&found["stringData"], &found["data"]);
    let certificate = clear["tls.crt"].as_str().unwrap().trim();
    let key = clear["tls.key"].as_str().unwrap().trim();
    assert_eq!(decoded(&data["tls.crt"]).trim(), certificate);
    assert_eq!(decoded(&data["ca.crt"]).trim(), certificate);
    assert_eq!(decoded(&data["tls.key"]).trim(), key);
    let der = |pem: &str, what: &str| {
        let (begin, end) = (
            format!("-----BEGIN {what}-----"),
            format!("-----END {what}-----"),
        );
        let inner = pem
            .strip_prefix(&begin)
            .and_then(|pem| pem.strip_suffix(&end));
        let inner: String = inner.expect("PEM").split_whitespace().collect();
        STANDARD.decode(inner).expect("base64")
    };
    // PKCS #8 of an elliptic curve ends in the public key: 65 bytes, which the certificate has, too.
    let key = der(key, "PRIVATE KEY");
    let public = &key[key.len() - 65..];
    assert_eq!(public[0], 4, "a point that is not compressed");
    let certificate = der(certificate, "CERTIFICATE");
    assert!(certificate.windows(65).any(|part| part == public));
}

#[test]
fn the_login_of_a_registry_is_json() {
    for (key, name) in [(".dockerconfigjson", Some("auths")), (".dockercfg", None)] {
        let found = read(&format!(
            "kind: Secret\nstringData: {{{key}: <path:pull#a>}}\n"
        ));
        let text = found["stringData"][key].as_str().unwrap();
        let json: Value = serde_json::from_str(text).expect("JSON");
        let hosts = name.map_or(&json, |name| &json[name]);
        let login = &hosts["mock.invalid"];
        let (user, password) = (&login["username"], &login["password"]);
        let auth = format!("{}:{}", user.as_str().unwrap(), password.as_str().unwrap());
        assert_eq!(decoded(&login["auth"]), auth);
    }
    let source = "kind: Secret\nstringData:\n  .dockerconfigjson: |\n    {\"auths\": {\"r\": {\"password\": \"<path:p#a>\", \"n\": <path:p#n>, \"t\": [<path:p#t | toJson>]}}}\n";
    let found = read(source);
    let text = found["stringData"][".dockerconfigjson"].as_str().unwrap();
    let json: Value = serde_json::from_str(text).expect("JSON");
    let login = &json["auths"]["r"];
    assert_eq!(login["password"].as_str().unwrap().len(), 32);
    assert_eq!(login["n"], 1);
    assert_eq!(login["t"][0], 1);
}

#[test]
fn a_field_for_a_number_gets_one() {
    let found = read(concat!(
        "kind: Deployment\nspec:\n  replicas: <path:a#n>\n  ports: [{nodePort: <path:a#n>, targetPort: '<path:a#n>', name: <path:a#n>}]\n",
        "  periodSeconds: <path:a#n>\n  tolerations: <path:a#n | jsonParse>\n  resources: {limits: {cpu: <path:a#n>}}\n",
        "  tagged: [!!int <path:a#n>, !!float <path:a#n>, !!bool <path:a#n>, !!str <path:a#n>, !!seq <path:a#n>, !!map <path:a#n>, !!null <path:a#n>]\n",
        "  containers: [{env: [{name: PORT, value: <path:a#n>}], args: <path:a#n | yamlParse>}]\n",
    ));
    let spec = &found["spec"];
    assert_eq!(spec["replicas"], 1);
    assert_eq!(spec["ports"][0]["nodePort"], 30000);
    assert_eq!(spec["ports"][0]["targetPort"], 1);
    assert!(spec["ports"][0]["name"].is_string());
    assert_eq!(spec["periodSeconds"], 1);
    assert!(spec["tolerations"].is_null());
    assert_eq!(spec["resources"]["limits"]["cpu"], 1);
    let tagged = spec["tagged"].as_array().unwrap();
    assert!(tagged[0] == 1 && tagged[1] == 1.0 && tagged[2] == true && tagged[3].is_string());
    assert!(tagged[4].is_array() && tagged[5].is_object() && tagged[6].is_null());
    let container = &spec["containers"][0];
    assert!(container["env"][0]["value"].is_string() && container["args"][0].is_string());
}

#[test]
fn whole_maps_have_a_member() {
    let found = read(
        "kind: Secret\nmetadata:\n  labels: <path:a#l | yamlParse>\n  annotations: <path:a#l | yamlParse>\ndata: <path:a#d | yamlParse>\n",
    );
    assert_eq!(
        found["metadata"]["labels"]["mock"].as_str().unwrap().len(),
        32
    );
    let annotations = found["metadata"]["annotations"].as_object().unwrap();
    assert_eq!(annotations.len(), 2);
    assert_eq!(annotations["manifill.dev/mock"], "true");
    assert_eq!(decoded(&found["data"]["mock"]).len(), 24);
}

#[test]
fn objects_that_were_touched_are_marked_and_no_others() {
    let source = "# top\nkind: List # all\nitems:\n  - kind: A\n    metadata: {name: a}\n    x: <path:db#a>\n  - kind: B\n    metadata: {name: b}\n---\nkind: C\n# end\n---\nkind: D\nmetadata:\n  annotations: # mine\n    manifill.dev/mock: \"false\"\nx: |\n  <path:db#a>\n";
    let found = mock(source);
    let marked = "{annotations: {manifill.dev/mock: \"true\"}, name: a}";
    let value = read("kind: A\nx: <path:db#a>\n")["x"]
        .as_str()
        .unwrap()
        .to_owned();
    let wanted = source
        .replacen("{name: a}", marked, 1)
        .replacen("x: <path:db#a>", &format!("x: \"{value}\""), 1)
        .replace("\"false\"", "\"true\"")
        .replace("<path:db#a>", &value);
    assert_eq!(found, wanted);
    let inputs = [Input::new("a", source)];
    let rendered = renderer().mock(&inputs).unwrap();
    assert_eq!(rendered.stats().requests, 0);
    assert_eq!(rendered.stats().secrets, 0);
    assert_eq!(rendered.stats().placeholders, 2);
    assert!(
        rendered.notes()[0].contains("mock values"),
        "{:?}",
        rendered.notes()
    );
    let inputs = [Input::new("a", "kind: A\n")];
    assert!(renderer().mock(&inputs).unwrap().notes().is_empty());
}

#[test]
fn an_object_without_a_place_for_the_mark_is_an_error() {
    let source = "kind: List\nx: &m {annotations: {a: b}, name: m}\nitems:\n- kind: A\n  metadata: {name: a}\n  x: <path:db#a>\n- kind: B\n  metadata: *m\n  x: <path:db#a>\n";
    let error = attempt(source).expect_err("the mark would be shared");
    assert_eq!(error.diagnostics().len(), 1);
    let one = &error.diagnostics()[0];
    assert_eq!(
        (one.place.line, one.place.resource.as_deref()),
        (7, Some("B/m"))
    );
    assert!(one.message.contains("manifill.dev/mock"), "{}", one.message);
    assert!(one.hint.is_some());
}

#[test]
fn a_renderer_without_backends_will_do() {
    let renderer = Renderer::new(Backends::new()).for_plans();
    let inputs = [Input::new("a", "kind: A\nx: <path:v!a#b> <op://v/i/f>\n")];
    assert!(renderer.mock(&inputs).unwrap().texts()[0].contains("x: \"mock-"));
}

#[cfg(feature = "settings")]
#[test]
fn under_argo_cd_it_is_an_error() {
    use manifill::settings::{Config, Sources};

    let sources = Sources::default().with_variable("ARGOCD_APP_NAME", "web");
    let config = Config::load(&sources.for_plans()).expect("nothing is wrong");
    let renderer = Renderer::from_config(config).for_plans().renewed();
    let inputs = [Input::new("a", "kind: A\n")];
    let error = renderer.mock(&inputs).expect_err("it is refused");
    assert_eq!(error.diagnostics()[0].kind, DiagnosticKind::Configuration);
}

#[cfg(feature = "fill")]
#[test]
fn other_text_is_filled_and_not_marked() {
    let source = "a: <path:db#a>\nport: <path:db#port>\n";
    let inputs = [
        Input::new("a", source).with_format(manifill::Format::Yaml),
        Input::new("b", "A=<path:db#a>\n").with_format(manifill::Format::Dotenv),
    ];
    let rendered = renderer().mock(&inputs).unwrap();
    let text = &rendered.texts()[0];
    assert!(
        text.starts_with("a: mock-") && text.ends_with("port: 1\n"),
        "{text}"
    );
    assert!(!text.contains("manifill.dev"));
    assert!(rendered.texts()[1].starts_with("A=mock-"));
}
