//! `--format`: what programs read.
#![allow(clippy::unwrap_used)]

mod common;

use common::{Folder, Ran};
use serde_json::Value;

/// Manifests with an error in each of two documents, and a warning.
const WRONG: &str = "kind: Secret\nmetadata:\n  name: s\n  annotations:\n    avp.kubernetes.io/remove-missing: true\n    avp.kubernetes.io/path: db\nstringData:\n  a: <pasword>\n---\nkind: A\nb: <path:nope#user>\n";

fn run(folder: &Folder, command: &str, format: &str, text: &str) -> Ran {
    folder
        .manifill([command, "--format", format, "-"])
        .stdin(text)
        .run()
}

/// The one JSON value of a text that holds nothing else.
fn json(text: &str) -> Value {
    serde_json::from_str(text).unwrap_or_else(|error| panic!("{error}: {text}"))
}

/// Checks a value against the parts of JSON Schema that the file uses.
fn fits(value: &Value, schema: &Value, at: &str) {
    if let Some(wanted) = schema.get("const") {
        assert_eq!(value, wanted, "{at}");
    }
    if let Some(words) = schema.get("enum") {
        assert!(words.as_array().unwrap().contains(value), "{at}: {value}");
    }
    match schema.get("type").and_then(Value::as_str) {
        Some("object") => {
            let members = value.as_object().unwrap();
            for name in schema["required"].as_array().unwrap() {
                assert!(
                    members.contains_key(name.as_str().unwrap()),
                    "{at} lacks {name}"
                );
            }
            for (name, value) in members {
                let known = &schema["properties"][name];
                assert!(known.is_object(), "{at} has {name}");
                fits(value, known, &format!("{at}.{name}"));
            }
        }
        Some("array") => {
            for item in value.as_array().unwrap() {
                fits(item, &schema["items"], &format!("{at}[]"));
            }
        }
        Some("string") => assert!(value.is_string(), "{at}"),
        Some("integer") => {
            let least = schema["minimum"].as_u64().unwrap();
            assert!(value.as_u64().is_some_and(|number| number >= least), "{at}");
        }
        Some("boolean") => assert!(value.is_boolean(), "{at}"),
        other => assert!(other.is_none(), "{at}: a schema of {other:?}"),
    }
}

fn fits_the_schema(value: &Value) {
    fits(value, &json(include_str!("../diagnostics.schema.json")), "");
}

#[test]
fn json_is_one_object_on_standard_error() {
    let folder = Folder::new();
    let ran = run(&folder, "generate", "json", WRONG);
    assert_eq!((ran.status, ran.out.as_str()), (1, ""));
    let object = json(&ran.err);
    fits_the_schema(&object);
    let told: Vec<(&str, &str, u64)> = object["diagnostics"]
        .as_array()
        .unwrap()
        .iter()
        .map(|one| {
            let word = |name: &str| one[name].as_str().unwrap();
            (word("level"), word("kind"), one["line"].as_u64().unwrap())
        })
        .collect();
    assert!(told.contains(&("error", "not-found", 8)), "{told:?}");
    assert!(told.contains(&("error", "not-found", 11)), "{told:?}");
    let first = &object["diagnostics"][told.iter().position(|one| one.2 == 8).unwrap()];
    assert_eq!(first["hint"], "did you mean `password`?");
    assert_eq!(first["resource"], "Secret/s");
    assert_eq!(first["field"], "stringData.a");
    assert_eq!(first["path"], "db");
}

#[test]
fn json_is_one_object_when_there_is_nothing_to_tell() {
    let folder = Folder::new();
    let ran = run(&folder, "generate", "json", "kind: A\na: <path:db#user>\n");
    assert_eq!(ran.out, "kind: A\na: \"svc\"\n");
    assert_eq!(
        json(&ran.err),
        serde_json::json!({"version": 1, "diagnostics": []})
    );
}

#[test]
fn json_is_one_object_whatever_goes_wrong() {
    let folder = Folder::new();
    folder.write("bad.yaml", "backends: {A: {}}\n");
    for (arguments, status) in [
        (
            &["generate", "--format", "json", "-c", "bad.yaml", "-"][..],
            1,
        ),
        (&["generate", "--format", "json", "nowhere"], 1),
        (&["generate", "--format", "json"], 2),
        (&["generate", "--format", "json", "--include", "[", "."], 2),
        (&["generate", "--format", "json", "--stats", "-"], 0),
        (&["generate", "--format", "json", "--fail-on-empty", "-"], 1),
        (&["plan", "--format", "json", "nowhere"], 1),
    ] {
        let ran = folder.manifill(arguments.iter().copied()).run();
        assert_eq!(ran.status, status, "{arguments:?}: {}", ran.err);
        let text = if arguments[0] == "plan" {
            &ran.out
        } else {
            &ran.err
        };
        let object = json(text);
        fits_the_schema(&object);
        assert!(
            !object["diagnostics"].as_array().unwrap().is_empty(),
            "{arguments:?}"
        );
    }
}

#[test]
fn a_plan_is_told_on_standard_output() {
    let folder = Folder::new();
    let ran = run(&folder, "plan", "json", "kind: A\nx: <path:db#user>\n");
    assert_eq!(ran.err, "");
    let object = json(&ran.good());
    fits_the_schema(&object);
    assert_eq!(
        object["plan"],
        serde_json::json!({
            "secrets": [{"backend": "file", "path": "db", "uses": [
                {"key": "user", "file": "-", "line": 2, "column": 4, "resource": "A", "field": "x", "base64": false},
            ]}],
            "placeholders": 1,
            "documents": 1,
        })
    );
    let ran = run(
        &folder,
        "plan",
        "json",
        "kind: A\nx: <path:db#user | nope>\n",
    );
    assert_eq!((ran.status, ran.err.as_str()), (1, ""));
    let object = json(&ran.out);
    assert!(object.get("plan").is_none());
    assert_eq!(object["diagnostics"][0]["kind"], "placeholder");
}

#[test]
fn sarif_is_one_log() {
    let folder = Folder::new();
    folder.write("my app/a b.yaml", WRONG);
    let ran = folder
        .manifill(["generate", "--format", "sarif", "my app"])
        .run();
    assert_eq!((ran.status, ran.out.as_str()), (1, ""));
    let log = json(&ran.err);
    assert_eq!(log["version"], "2.1.0");
    let run = &log["runs"][0];
    let results = run["results"].as_array().unwrap();
    assert!(results.len() >= 2);
    for result in results {
        let rule = match result["level"].as_str() {
            Some("warning") => "manifest",
            _ => "not-found",
        };
        assert_eq!(result["ruleId"], rule, "{result}");
        let place = &result["locations"][0]["physicalLocation"];
        assert_eq!(place["artifactLocation"]["uri"], "my%20app/a%20b.yaml");
        assert!(place["region"]["startLine"].as_u64().unwrap() > 0);
    }
    let good = folder
        .manifill(["generate", "--format", "sarif", "-"])
        .stdin("kind: A\n")
        .run();
    assert_eq!(json(&good.err)["runs"][0]["results"], serde_json::json!([]));
}

#[test]
fn what_is_told_once_has_all_its_places_where_programs_read() {
    let folder = Folder::new();
    let text =
        "kind: A\na: <path:nope#x>\nb: <path:nope#y>\nmetadata: {name: n, c: <path:nope#x>}\n";
    let ran = run(&folder, "generate", "json", text);
    let object = json(&ran.err);
    fits_the_schema(&object);
    let told = object["diagnostics"].as_array().unwrap();
    assert_eq!(told.len(), 1, "{told:?}");
    assert_eq!(
        (&told[0]["line"], &told[0]["field"]),
        (&2.into(), &"a".into())
    );
    assert_eq!(
        told[0]["further_places"],
        serde_json::json!([
            {"file": "-", "line": 3, "column": 4, "resource": "A/n", "field": "b"},
            {"file": "-", "line": 4, "column": 24, "resource": "A/n", "field": "metadata.c"},
        ])
    );
    let ran = run(&folder, "generate", "sarif", text);
    let log = json(&ran.err);
    let places = log["runs"][0]["results"][0]["locations"]
        .as_array()
        .unwrap();
    let line = |place: &Value| place["physicalLocation"]["region"]["startLine"].as_u64();
    let lines: Vec<u64> = places.iter().filter_map(line).collect();
    assert_eq!(lines, [2, 3, 4]);
    assert_eq!(
        places[2]["logicalLocations"][0]["fullyQualifiedName"],
        "A/n metadata.c"
    );
    // For people and Argo CD it is one error with the number of the others.
    let err = run(&folder, "generate", "human", text).failed();
    assert!(err.contains("(also needed in 2 more places)"), "{err}");
    assert_eq!(err.matches("error:").count(), 1, "{err}");
}

#[test]
fn github_is_a_line_for_each() {
    let folder = Folder::new();
    folder.write(
        "a,b.yaml",
        "kind: A\nx: <path:nope#user>\ny: <path:100%#user>\n",
    );
    let ran = folder
        .manifill(["generate", "--format", "github", "a,b.yaml"])
        .run();
    assert_eq!(
        ran.err,
        "::error file=a%2Cb.yaml,line=2,col=4::could not find secrets at path `nope` [A] [x]\n\
         ::error file=a%2Cb.yaml,line=3,col=4::could not find secrets at path `100%25` [A] [y]\n"
    );
    let ran = run(&folder, "generate", "github", "kind: A\n");
    assert_eq!((ran.err.as_str(), ran.out.as_str()), ("", "kind: A\n"));
    let ran = folder
        .manifill(["generate", "--format", "github", "nope.yaml"])
        .run();
    assert_eq!(
        ran.err,
        "::error::could not read YAML/JSON files:%0Acould not read file: nope.yaml: there is no such file\n"
    );
}

#[test]
fn wrong_arguments_are_told_in_the_form_that_was_asked_for() {
    let folder = Folder::new();
    for arguments in [
        &["generate", "--format", "json", "--statts", "-"][..],
        &["generate", "--format=json", "-o", "x", "-"],
        &["generate", "--dry-run", "--format", "json", "-"],
        &["generate", "--format", "json", "-f"],
        &["-q", "plan", "--format", "json", "--statts", "-"],
        &["plan", "--format=json", "-qv", "-"],
    ] {
        let ran = folder.manifill(arguments.iter().copied()).run();
        assert_eq!(ran.status, 2, "{arguments:?}");
        let (told, other) = if arguments.contains(&"plan") {
            (&ran.out, &ran.err)
        } else {
            (&ran.err, &ran.out)
        };
        assert_eq!(other, "", "{arguments:?}");
        let object = json(told);
        fits_the_schema(&object);
        assert_eq!(object["diagnostics"][0]["kind"], "usage", "{arguments:?}");
    }
    let ran = folder
        .manifill(["generate", "--format", "json", "--statts", "-"])
        .run();
    let told = &json(&ran.err)["diagnostics"][0];
    assert_eq!(told["message"], "unexpected argument '--statts' found");
    assert_eq!(told["hint"], "a similar argument exists: '--stats'");
    let ran = folder
        .manifill(["generate", "--format", "sarif", "--statts", "-"])
        .run();
    assert_eq!(json(&ran.err)["runs"][0]["results"][0]["ruleId"], "usage");
    let ran = folder
        .manifill(["generate", "--format", "github", "--statts", "-"])
        .run();
    assert_eq!(
        ran.err,
        "::error::unexpected argument '--statts' found (hint: a similar argument exists: '--stats')\n"
    );
    // Behind `--` are names of files.
    let ran = folder
        .manifill(["generate", "--statts", "--", "--format=json"])
        .run();
    assert!(ran.err.starts_with("error: unexpected"), "{}", ran.err);
}

#[test]
fn no_form_shows_a_value() {
    let folder = Folder::new();
    folder.write("secrets.json", r#"{"db": {"s": "s3cr3t"}}"#);
    let text =
        "kind: Secret\ndata:\n  a: <path:db#s>\n  b: <path:db#s | jsonParse>\n  c: <path:db#x>\n";
    for format in ["human", "json", "sarif", "github"] {
        let ran = folder
            .manifill(["generate", "--format", format, "-"])
            .env("MANIFILL_FILE", "secrets.json")
            .stdin(text)
            .run();
        assert_eq!(ran.status, 1);
        assert!(
            ran.err.contains("data.a") && !ran.err.contains("s3cr3t"),
            "{}",
            ran.err
        );
    }
}

#[test]
fn a_quiet_run_tells_errors_only() {
    let folder = Folder::new();
    let warns = "kind: Secret\nmetadata: {name: s, annotations: {avp.kubernetes.io/remove-missing: true}}\nstringData: {a: <path:db#user>}\n";
    let loud = folder.manifill(["generate", "-"]).stdin(warns).run();
    assert!(loud.err.contains("warning: "), "{}", loud.err);
    let quiet = folder.manifill(["generate", "-q", "-"]).stdin(warns).run();
    assert_eq!(quiet.err, "");
    assert_eq!(quiet.out, loud.out);
    let told = folder
        .manifill(["-q", "generate", "-"])
        .stdin(WRONG)
        .run()
        .failed();
    assert!(
        told.contains("error: ") && !told.contains("warning: "),
        "{told}"
    );
    let verbose = folder
        .manifill(["generate", "-v", "-"])
        .stdin("kind: A\n")
        .run();
    assert!(verbose.err.contains("stats: 0 requests"), "{}", verbose.err);
}

#[test]
fn colour_is_for_terminals() {
    let folder = Folder::new();
    for (name, coloured) in [
        ("NO_COLOR", false),
        ("CLICOLOR_FORCE", true),
        ("TERM", false),
    ] {
        let ran = folder
            .manifill(["generate", "-"])
            .env(name, "1")
            .stdin(WRONG)
            .run();
        assert_eq!(ran.err.contains("\u{1b}["), coloured, "{name}: {}", ran.err);
    }
}

#[test]
fn every_form_names_the_file_that_a_document_was_rendered_from() {
    let folder = Folder::new();
    let source = "---\n# Source: app/templates/cm.yaml\nkind: A\nx: <path:db#none>\ny: <path:no#user>\n---\nkind: B\nmetadata:\n  annotations:\n    config.kubernetes.io/origin: |\n      path: base/b.yaml\nx: <path:no#user>\n---\nkind: C\nx: <path:db#\n";
    let plan = run(&folder, "generate", "human", source);
    assert!(plan.failed().contains("  --> -:15:4  C  x\n"));
    let source = source.split("---\nkind: C").next().unwrap();
    let told = run(&folder, "generate", "human", source).failed();
    assert!(
        told.contains("--> -:4:4 (app/templates/cm.yaml)  A  x\n"),
        "{told}"
    );
    let object = json(&run(&folder, "generate", "json", source).err);
    fits_the_schema(&object);
    let caused = &object["diagnostics"][1];
    assert_eq!(caused["rendered_from"], "app/templates/cm.yaml");
    assert_eq!(caused["further_places"][0]["rendered_from"], "base/b.yaml");
    let log = json(&run(&folder, "generate", "sarif", source).err);
    let locations = &log["runs"][0]["results"][1]["locations"];
    assert_eq!(
        locations[0]["properties"]["renderedFrom"],
        "app/templates/cm.yaml"
    );
    assert_eq!(locations[1]["properties"]["renderedFrom"], "base/b.yaml");
    let told = run(&folder, "generate", "github", source).err;
    assert!(told.contains(" (app/templates/cm.yaml) [A] [x]"), "{told}");
    let plan = run(&folder, "plan", "human", source).good();
    assert!(
        plan.contains("none  -:4:4 (app/templates/cm.yaml)  A  x\n")
            && plan.contains("user  -:12:4 (base/b.yaml)  B  x\n"),
        "{plan}"
    );
    let object = json(&run(&folder, "plan", "json", source).out);
    fits_the_schema(&object);
    let uses = &object["plan"]["secrets"][0]["uses"];
    assert_eq!(uses[0]["rendered_from"], "app/templates/cm.yaml");
}
