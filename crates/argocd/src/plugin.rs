//! Plugins: what stands in the file that `argocd-cmp-server` reads.

use serde_yaml::{Mapping, Value};

use crate::secret_name::SecretName;

/// A Config Management Plugin and the sidecar that runs it.
#[derive(Clone, Debug, PartialEq)]
pub struct Plugin {
    /// Its name, which Applications use.
    pub name: String,
    /// The name of its container.
    pub container: String,
    /// `spec` of the `ConfigManagementPlugin`.
    pub spec: Mapping,
    /// Variables of its container besides manifill's own, as Kubernetes writes them.
    pub env: Vec<Value>,
    /// The same for `envFrom`.
    pub env_from: Vec<Value>,
    /// Whether its container gets the Secret with the settings as variables.
    pub takes_settings: bool,
    /// Whether its container gets the policy. Not if each run reads a Secret: a settings file, which a
    /// policy needs, would take its place.
    pub takes_policy: bool,
    /// Volumes that its container mounts besides manifill's own.
    pub mounts: Vec<Value>,
    /// The image of its container, if it is not that of Argo CD.
    pub image: Option<String>,
    /// `resources` of its container, if they are not the usual ones.
    pub resources: Option<Value>,
    /// What is said in a comment above it.
    pub about: String,
}

/// `helm template` as Argo CD runs it. Where Applications may lie in any namespace, theirs stands before
/// their name, and Helm takes neither the `_` between them nor more than 53 bytes.
const HELM: &str = "\
set -euo pipefail
release=${ARGOCD_APP_NAME#*_}
helm template \"${release:0:53}\" . \\
  --namespace \"$ARGOCD_APP_NAMESPACE\" \\
  --kube-version \"$KUBE_VERSION\" \\
  --api-versions \"$KUBE_API_VERSIONS\" \\
  --include-crds |
  manifill generate --fail-on-empty{secret} -
";

const KUSTOMIZE: &str = "\
set -euo pipefail
kustomize build . | manifill generate --fail-on-empty{secret} -
";

const PLAIN_ABOUT: &str = "\
Plain manifests: every .yaml, .yml and .json file of the Application's folder.
An empty result is an error: Argo CD could take it for \"delete everything\".";

const HELM_ABOUT: &str = "\
A Helm chart, filled after `helm template`. Without pipefail a failing helm would look like an empty,
successful run. The variables are quoted, since the Application's author can influence them.";

const KUSTOMIZE_ABOUT: &str = "\
A kustomization, filled after `kustomize build`. Placeholders in generated Secrets arrive as base64
and are filled there.";

// Each says nothing, with success, about a folder that belongs to another one: an error of a
// discovery is an error of every Application.
const DISCOVER_PLAIN: &str = "\
if [ ! -e Chart.yaml ] && [ ! -e kustomization.yaml ] && [ ! -e kustomization.yml ] && [ ! -e Kustomization ]; then
  manifill discover
fi
";
const DISCOVER_HELM: &str = "if [ -e Chart.yaml ]; then manifill discover; fi\n";
const DISCOVER_KUSTOMIZE: &str = "\
if [ -e kustomization.yaml ] || [ -e kustomization.yml ] || [ -e Kustomization ]; then
  manifill discover
fi
";

impl Plugin {
    /// A plugin without variables and volumes of its own.
    pub fn new(name: impl Into<String>, container: impl Into<String>, spec: Mapping) -> Self {
        Plugin {
            name: name.into(),
            container: container.into(),
            spec,
            env: Vec::new(),
            env_from: Vec::new(),
            takes_settings: true,
            takes_policy: true,
            mounts: Vec::new(),
            image: None,
            resources: None,
            about: String::new(),
        }
    }

    /// The three plugins: plain manifests, Helm charts, kustomizations. With a Secret, its settings
    /// are read in each run; with discovery, Applications need not name them.
    pub fn standard(secret: Option<&SecretName>, discover: bool) -> Vec<Plugin> {
        let option = secret.map(|name| format!(" -s {name}")).unwrap_or_default();
        let script = |text: &str| commands(&["bash", "-c"], &[&text.replace("{secret}", &option)]);
        let plain: Vec<String> = ["generate", "--fail-on-empty"]
            .map(str::to_owned)
            .into_iter()
            .chain(secret.map(|_| "-s".to_owned()))
            .chain(secret.map(SecretName::to_string))
            .chain([".".to_owned()])
            .collect();
        let plain: Vec<&str> = plain.iter().map(String::as_str).collect();
        let dependencies = commands(&["helm", "dependency", "build"], &[]);
        [
            (
                "manifill",
                PLAIN_ABOUT,
                None,
                commands(&["manifill"], &plain),
                DISCOVER_PLAIN,
            ),
            (
                "manifill-helm",
                HELM_ABOUT,
                Some(dependencies),
                script(HELM),
                DISCOVER_HELM,
            ),
            (
                "manifill-kustomize",
                KUSTOMIZE_ABOUT,
                None,
                script(KUSTOMIZE),
                DISCOVER_KUSTOMIZE,
            ),
        ]
        .into_iter()
        .map(|(name, about, init, generate, finds)| {
            let mut spec = Mapping::new();
            if let Some(init) = init {
                spec.insert("init".into(), init);
            }
            if discover {
                spec.insert("discover".into(), found_by(&["bash", "-c", finds]));
            }
            spec.insert("generate".into(), generate);
            Plugin {
                about: about.to_owned(),
                takes_settings: secret.is_none(),
                takes_policy: secret.is_none(),
                ..Plugin::new(name, name, spec)
            }
        })
        .collect()
    }

    /// Its file, as `argocd-cmp-server` reads it.
    pub(crate) fn file(&self) -> Value {
        let metadata = Mapping::from_iter([("name".into(), self.name.clone().into())]);
        Value::Mapping(Mapping::from_iter([
            ("apiVersion".into(), "argoproj.io/v1alpha1".into()),
            ("kind".into(), "ConfigManagementPlugin".into()),
            ("metadata".into(), Value::Mapping(metadata)),
            ("spec".into(), Value::Mapping(self.spec.clone())),
        ]))
    }

    /// The name by which Applications use it: with its version, if it has one.
    pub(crate) fn called_by_applications(&self) -> String {
        match self.spec.get("version").and_then(Value::as_str) {
            Some(version) => format!("{}-{version}", self.name),
            None => self.name.clone(),
        }
    }

    /// What its file is called in a ConfigMap, and in a folder: a name may hold anything.
    pub(crate) fn file_name(&self) -> String {
        let is_plain = |c: char| c.is_ascii_alphanumeric() || "-_".contains(c);
        let name: String = self
            .name
            .chars()
            .map(|c| if is_plain(c) { c } else { '-' })
            .collect();
        format!("{name}.yaml")
    }

    /// Whether one of its commands runs a program of this name.
    pub(crate) fn runs(&self, program: &str) -> bool {
        fn holds(value: &Value, program: &str) -> bool {
            match value {
                Value::String(text) => text
                    .split(|c: char| !(c.is_ascii_alphanumeric() || "-_.".contains(c)))
                    .any(|word| word == program),
                Value::Sequence(items) => items.iter().any(|item| holds(item, program)),
                Value::Mapping(map) => map.values().any(|value| holds(value, program)),
                _ => false,
            }
        }
        self.spec.values().any(|value| holds(value, program))
    }
}

/// `command` and `args`.
pub(crate) fn commands(command: &[&str], args: &[&str]) -> Value {
    let list = |words: &[&str]| Value::Sequence(words.iter().map(|word| (*word).into()).collect());
    let mut map = Mapping::from_iter([("command".into(), list(command))]);
    if !args.is_empty() {
        map.insert("args".into(), list(args));
    }
    Value::Mapping(map)
}

/// `discover`, by what a command prints.
pub(crate) fn found_by(command: &[&str]) -> Value {
    let find = Mapping::from_iter([("find".into(), commands(command, &[]))]);
    Value::Mapping(find)
}
