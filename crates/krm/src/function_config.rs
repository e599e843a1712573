//! What `functionConfig` says.

use manifill::near_names;
use manifill_manifest::{FieldPath, Value};

use crate::problem::Problem;
use crate::role::{Fill, Generate, Role};
use crate::spec::Spec;

/// The version of the kinds here.
const VERSION: &str = "manifill.dev/v1";
const KINDS: [&str; 3] = ["ManifillFill", "ManifillGenerate", "ManifillGuard"];

/// Reads `functionConfig`: what it asks for, and what is wrong with it.
///
/// A ConfigMap is what kpt makes of arguments; its `data` says how items are filled.
pub(crate) fn read(config: Option<&Value>) -> (Role, Vec<Problem>) {
    let mut problems = Vec::new();
    let role = match config {
        None | Some(Value::Null) => Role::default(),
        Some(config) => role(config, &mut problems),
    };
    (role, problems)
}

fn role(config: &Value, problems: &mut Vec<Problem>) -> Role {
    let Value::Map(entries) = config else {
        let message = "`functionConfig` is not an object";
        problems.push(Problem::new(FieldPath::new(), message));
        return Role::default();
    };
    let text = |key: &str| match config.get(key) {
        Some(Value::Text(text)) => text.as_str(),
        _ => "",
    };
    let (version, kind) = (text("apiVersion"), text("kind"));
    if (version, kind) == ("v1", "ConfigMap") {
        let mut spec = Spec::of_config_map(config.get("data"), problems);
        let fill = fill(&mut spec);
        spec.end();
        return Role::Fill(fill);
    }
    if !KINDS.contains(&kind) {
        problems.push(unknown_kind(kind));
        return Role::default();
    }
    if version != VERSION {
        let message = format!("the `apiVersion` of a {kind} is wrong");
        let problem = Problem::new(FieldPath::new().key("apiVersion"), message);
        problems.push(problem.with_hint(format!("write `{VERSION}`")));
    }
    let own = ["apiVersion", "kind", "metadata", "spec"];
    for (name, _) in entries.iter().filter(|(name, _)| !own.contains(&&**name)) {
        let message = format!("a {kind} has no field `{name}`");
        let problem = Problem::new(FieldPath::new().key(name), message);
        problems.push(problem.with_hint("put what it is to do in its `spec`"));
    }
    let mut spec = Spec::of(kind, config.get("spec"), problems);
    let role = match kind {
        "ManifillGuard" => Role::Guard(spec.fields("allow")),
        "ManifillGenerate" => {
            let generate = Generate {
                files: spec.paths("files"),
                manifests: spec.texts("manifests"),
                fill: fill(&mut spec),
            };
            if !spec.has("files") && !spec.has("manifests") {
                spec.problem("a ManifillGenerate has nothing to generate");
            }
            Role::Generate(generate)
        }
        _ => Role::Fill(fill(&mut spec)),
    };
    spec.end();
    role
}

fn fill(spec: &mut Spec<'_>) -> Fill {
    let fill = Fill {
        strict: spec.switch("strict"),
        escaped: spec.switch("escaped"),
        only_kinds: spec.words("onlyKinds"),
        allowed: spec.fields("allow"),
    };
    if fill.only_kinds.is_empty() && !fill.allowed.is_empty() {
        let message = "`allow` says what may be filled beside `onlyKinds`, which is not set";
        spec.problem_at("allow", message);
    }
    fill
}

fn unknown_kind(kind: &str) -> Problem {
    let path = FieldPath::new().key("kind");
    let problem = match kind {
        "" => Problem::new(path, "`functionConfig` has no `kind`"),
        kind => Problem::new(path, format!("no function of manifill is called `{kind}`")),
    };
    let near = near_names(kind, KINDS.into_iter());
    if near.is_empty() {
        problem.with_hint("use one of `ManifillFill`, `ManifillGenerate`, `ManifillGuard`")
    } else {
        problem.with_hint(format!("did you mean {near}?"))
    }
}
