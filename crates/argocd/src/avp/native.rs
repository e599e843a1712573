//! Recipes that the native server has, and those that it has not.

use serde_yaml::{Mapping, Value};

use super::note::Note;
use super::program::is_program;
use super::recipe::looks_for_placeholders;
use super::script;
use super::values::words;
use crate::discovery::Discovery;
use crate::mode::Mode;
use crate::secret_name::SecretName;

/// A recipe as a plugin of the native server.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Native {
    pub(super) mode: Mode,
    pub(super) discovery: Discovery,
    /// Whether charts are rendered without their custom resource definitions.
    pub(super) skip_crds: bool,
    pub(super) notes: Vec<&'static str>,
}

/// What a plugin was.
#[derive(Clone, Debug)]
pub(super) struct Origin {
    /// What it is to the native server, or why it is nothing to it.
    pub(super) native: Result<Native, &'static str>,
    /// The Secrets that its commands name.
    pub(super) secrets: Vec<SecretName>,
    /// What there is to say of it beside that.
    pub(super) notes: Vec<Note>,
}

const OTHER_COMMAND: &str = "its command does something that the native server does not";

const NAMESPACE: &str = "it renders without the namespace of the Application";

const DEPENDENCIES: &str = "it fetches what charts depend on, which the native server does only from hosts that MANIFILL_REMOTE_HOSTS opens; if all of it lies in charts/, take its init away and run this again";

/// A plugin's recipe, or why the native server has none like it.
pub(super) fn of(spec: &Mapping) -> Result<Native, &'static str> {
    let generate = spec.get("generate").ok_or(OTHER_COMMAND)?;
    let all = words(generate);
    let all: Vec<&str> = all.iter().map(String::as_str).collect();
    let (renders, fills) = if all.first().is_some_and(|word| is_program(word)) {
        (None, all.join(" "))
    } else {
        let stages = script::of_shell(&all).ok_or(OTHER_COMMAND)?.stages;
        match stages.as_slice() {
            [fills] => (None, fills.clone()),
            [renders, fills] => (Some(renders.clone()), fills.clone()),
            _ => return Err(OTHER_COMMAND),
        }
    };
    let input = filled(&fills)?;
    let (mut notes, mut skip_crds) = (Vec::new(), false);
    let mode = match (renders.as_deref().map(plain_words), input.as_str()) {
        (None, "." | "./") => Mode::Plain,
        (Some(words), "-") => {
            let words: Vec<&str> = words.iter().map(String::as_str).collect();
            match words.as_slice() {
                ["helm", "template", rest @ ..] => {
                    skip_crds = !chart(rest)?;
                    notes.push("renders charts as Argo CD does, for the version and the APIs of the cluster");
                    Mode::Helm
                }
                ["kustomize", "build"]
                | ["kustomize", "build", "." | "./"]
                | ["kubectl", "kustomize"]
                | ["kubectl", "kustomize", "." | "./"] => {
                    notes.push("takes nothing from other hosts for a kustomization, unless MANIFILL_REMOTE_HOSTS opens them");
                    Mode::Kustomize
                }
                _ => return Err(OTHER_COMMAND),
            }
        }
        _ => return Err(OTHER_COMMAND),
    };
    prepared(spec.get("init"), mode)?;
    let discovery = match spec.get("discover") {
        None => Discovery::Off,
        Some(discover) if looks_for_placeholders(discover) => Discovery::Placeholders,
        Some(_) => {
            notes.push("is chosen for each Application without a plugin whose folder is of its kind, be there something to fill in it or not");
            Discovery::Kind
        }
    };
    Ok(Native {
        mode,
        discovery,
        skip_crds,
        notes,
    })
}

/// What a run of the program reads; it may also name a Secret.
fn filled(command: &str) -> Result<String, &'static str> {
    let words = plain_words(command);
    let mut words = words.iter().map(String::as_str);
    if !words.next().is_some_and(is_program) {
        return Err(OTHER_COMMAND);
    }
    let (mut generates, mut input) = (false, None);
    while let Some(word) = words.next() {
        let value = match word.split_once('=') {
            Some(("-s" | "--secret-name", value)) => Some(value),
            _ if matches!(word, "-s" | "--secret-name") => Some(words.next().ok_or(OTHER_COMMAND)?),
            _ => None,
        };
        match (value, word) {
            (Some(value), _) if value.contains('$') => {
                return Err("it chooses the Secret of -s by a variable");
            }
            (Some(_), _) => {}
            (None, "generate") if !generates => generates = true,
            (None, "-" | "." | "./") if input.is_none() => input = Some(word.to_owned()),
            _ => return Err(OTHER_COMMAND),
        }
    }
    match input {
        Some(input) if generates => Ok(input),
        _ => Err(OTHER_COMMAND),
    }
}

/// Checks that `helm template` is told what the native server tells it, and says whether it gives
/// custom resource definitions.
fn chart(words: &[&str]) -> Result<bool, &'static str> {
    let (mut name, mut folder, mut namespace, mut crds) = (false, false, false, false);
    let mut words = words.iter();
    while let Some(word) = words.next() {
        let (flag, value) = match word.split_once('=') {
            Some((flag, value)) if flag.starts_with('-') => (flag, Some(value)),
            _ => (*word, None),
        };
        let mut value = || value.or_else(|| words.next().copied());
        match flag {
            "$ARGOCD_APP_NAME" => name = true,
            "--name-template" => name |= value() == Some("$ARGOCD_APP_NAME"),
            "." | "./" => folder = true,
            "-n" | "--namespace" => namespace |= value() == Some("$ARGOCD_APP_NAMESPACE"),
            "--include-crds" => crds = true,
            "--kube-version" if value() == Some("$KUBE_VERSION") => {}
            "--api-versions" if value() == Some("$KUBE_API_VERSIONS") => {}
            "-f" | "--values" if value() == Some(VALUES) => {}
            "$ARGOCD_ENV_HELM_ARGS" | "$ARGOCD_ENV_helm_args" | "$HELM_ARGS" | "$helm_args" => {}
            _ => return Err(OTHER_COMMAND),
        }
    }
    match (name && folder, namespace) {
        (false, _) => Err(OTHER_COMMAND),
        (_, false) => Err(NAMESPACE),
        _ => Ok(crds),
    }
}

/// Checks that nothing is to be done before a run.
fn prepared(init: Option<&Value>, mode: Mode) -> Result<(), &'static str> {
    let words = init.map(words).unwrap_or_default();
    match words.join(" ") {
        words if words.trim().is_empty() => Ok(()),
        words if mode == Mode::Helm && words.contains("helm dep") => Err(DEPENDENCIES),
        _ => Err("its init does something that the native server does not"),
    }
}

/// Stands for the values that an Application sets.
const VALUES: &str = "<values>";

/// The words of a command, without quotes; a variable in braces is one without.
fn plain_words(command: &str) -> Vec<String> {
    let mut text = command.replace(['"', '\''], "");
    for name in [
        "ARGOCD_APP_NAME",
        "ARGOCD_APP_NAMESPACE",
        "ARGOCD_ENV_HELM_ARGS",
        "ARGOCD_ENV_helm_args",
        "ARGOCD_ENV_HELM_VALUES",
        "HELM_ARGS",
        "helm_args",
        "KUBE_VERSION",
        "KUBE_API_VERSIONS",
    ] {
        text = text.replace(&format!("${{{name}}}"), &format!("${name}"));
    }
    let text = text.replace("<(echo $ARGOCD_ENV_HELM_VALUES)", VALUES);
    text.split_whitespace().map(str::to_owned).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn native(generate: &str) -> Result<Native, &'static str> {
        of(&serde_yaml::from_str(&format!("generate: {generate}")).unwrap())
    }

    #[test]
    fn the_usual_recipes_are_the_servers_own() {
        for (generate, mode) in [
            ("{command: [argocd-vault-plugin, generate, .]}", Mode::Plain),
            (
                "{command: [argocd-vault-plugin], args: [generate, -s, 'a:b', ./]}",
                Mode::Plain,
            ),
            (
                "{command: [argocd-vault-plugin, --secret-name=x, generate, .]}",
                Mode::Plain,
            ),
            (
                "{command: [sh, -c, 'kustomize build . | argocd-vault-plugin generate -']}",
                Mode::Kustomize,
            ),
            (
                "{command: [bash, -c, 'kubectl kustomize . | /custom/argocd-vault-plugin generate -']}",
                Mode::Kustomize,
            ),
            (
                "{command: [bash, -c, 'helm template \"$ARGOCD_APP_NAME\" -n ${ARGOCD_APP_NAMESPACE} --include-crds ${ARGOCD_ENV_helm_args} . | argocd-vault-plugin generate -']}",
                Mode::Helm,
            ),
            (
                "{command: [bash, -c, 'helm template . --name-template=$ARGOCD_APP_NAME --namespace=$ARGOCD_APP_NAMESPACE --include-crds -f <(echo \"$ARGOCD_ENV_HELM_VALUES\") --kube-version $KUBE_VERSION | argocd-vault-plugin generate - -s c']}",
                Mode::Helm,
            ),
        ] {
            let native = native(generate).unwrap_or_else(|why| panic!("{generate}: {why}"));
            assert_eq!(native.mode, mode, "{generate}");
            assert_eq!(native.discovery, Discovery::Off);
        }
    }

    #[test]
    fn anything_else_stays_what_it_is_and_says_why() {
        let helm = |rest: &str| {
            format!(
                "{{command: [sh, -c, 'helm template $ARGOCD_APP_NAME {rest} . | argocd-vault-plugin generate -']}}"
            )
        };
        let whole = "-n $ARGOCD_APP_NAMESPACE --include-crds";
        for (generate, why) in [
            (helm(whole), None),
            (helm("-n $ARGOCD_APP_NAMESPACE"), None),
            (helm("--include-crds"), Some(NAMESPACE)),
            (helm("-n monitoring --include-crds"), Some(NAMESPACE)),
            (helm(&format!("{whole} --post-renderer x")), Some(OTHER_COMMAND)),
            (helm(&format!("{whole} -f prod.yaml")), Some(OTHER_COMMAND)),
            (helm(&format!("{whole} $ARGOCD_ENV_ARGS")), Some(OTHER_COMMAND)),
            ("{command: [sh, -c, 'kustomize build --enable-helm . | argocd-vault-plugin generate -']}".into(), Some(OTHER_COMMAND)),
            ("{command: [sh, -c, 'kustomize build . | sed s/a/b/ | argocd-vault-plugin generate -']}".into(), Some(OTHER_COMMAND)),
            ("{command: [argocd-vault-plugin, generate, apps]}".into(), Some(OTHER_COMMAND)),
            ("{command: [argocd-vault-plugin, generate, -c, x.yaml, .]}".into(), Some(OTHER_COMMAND)),
            ("{command: [argocd-vault-plugin, generate, .], args: [-s, $NAME]}".into(), Some("it chooses the Secret of -s by a variable")),
            ("{command: [argocd-vault-plugin, version]}".into(), Some(OTHER_COMMAND)),
            ("{command: [jsonnet, main.jsonnet]}".into(), Some(OTHER_COMMAND)),
        ] {
            assert_eq!(native(&generate).err(), why, "{generate}");
        }
        for (init, why) in [
            ("helm dependency build", DEPENDENCIES),
            ("helm dep up", DEPENDENCIES),
            (
                "npm ci",
                "its init does something that the native server does not",
            ),
        ] {
            let spec = format!(
                "init: {{command: [sh, -c, '{init}']}}\ngenerate: {}",
                helm(whole)
            );
            let spec = serde_yaml::from_str(&spec).unwrap();
            assert_eq!(of(&spec), Err(why), "{init}");
        }
    }

    #[test]
    fn definitions_come_only_if_they_came_before() {
        for (flag, skip_crds) in [("--include-crds", false), ("", true)] {
            let native = native(&format!(
                "{{command: [sh, -c, 'helm template $ARGOCD_APP_NAME . -n $ARGOCD_APP_NAMESPACE {flag} | argocd-vault-plugin generate -']}}"
            ));
            assert_eq!(native.unwrap().skip_crds, skip_crds);
        }
    }

    #[test]
    fn a_discovery_stays_one() {
        let spec = "generate: {command: [argocd-vault-plugin, generate, .]}\ndiscover: ";
        for (discover, discovery, notes) in [
            (
                "{find: {command: [sh, -c, \"grep -rl '<path' . \"]}}",
                Discovery::Placeholders,
                0,
            ),
            ("{fileName: '*.yaml'}", Discovery::Kind, 1),
        ] {
            let spec = serde_yaml::from_str(&format!("{spec}{discover}")).unwrap();
            let native = of(&spec).unwrap();
            assert_eq!(
                (native.discovery, native.notes.len()),
                (discovery, notes),
                "{discover}"
            );
        }
    }
}
