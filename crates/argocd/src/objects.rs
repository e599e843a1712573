//! The objects beside the pod: Secret, policy, plugins, rights, parameters, Application.

use std::fmt::Write as _;

use serde_yaml::{Mapping, Value};

use crate::backend::{Needed, Setting};
use crate::container::SETTINGS;
use crate::install::Install;
use crate::pod::CONFIG;
use crate::yaml::{comment, indented, lines, text};

/// The ConfigMap of the plugins' files.
pub(crate) const PLUGINS: &str = "manifill-plugins";

/// `kind`, `name` and `namespace` of an object.
pub(crate) fn head(version: &str, kind: &str, name: &str, namespace: &str) -> String {
    format!(
        "apiVersion: {version}\nkind: {kind}\nmetadata:\n  name: {}\n  namespace: {}\n",
        text(name),
        text(namespace)
    )
}

/// The Secret with the settings, whose values are left to fill.
pub(crate) fn settings_secret(install: &Install) -> String {
    let (namespace, name) = match &install.secret {
        Some(secret) => (secret.namespace.as_str(), secret.name.as_str()),
        None => (install.namespace.as_str(), SETTINGS),
    };
    let mut out = String::from(
        "# Fill it, apply it and keep it out of git. A setting that is empty counts as not set.\n",
    );
    if install.secret.is_some() {
        out += if install.servers.is_empty() {
            "# Each run reads it, so that a new value needs no restart."
        } else {
            "# A native sidecar reads it when it starts: restart it after a change."
        };
        out += " A policy needs a settings file, and a\n\
                # settings file takes the place of this Secret: of rules, only AVP_PATH_VALIDATION goes with it.\n";
    }
    out += &head("v1", "Secret", name, namespace);
    out += "type: Opaque\nstringData:\n";
    let _ = writeln!(out, "  AVP_TYPE: {}", text(&install.backend.name));
    let needed = |setting: &&Setting| setting.needed == Needed::Always;
    let in_secret = |setting: &&Setting| !(setting.is_program && install.secret.is_some());
    let settings = || install.backend.settings.iter().filter(in_secret);
    for setting in settings().filter(needed) {
        let value = install.address.as_deref().filter(|_| setting.is_address);
        let value = value.map_or("\"\"".to_owned(), text);
        let _ = writeln!(
            out,
            "  {}: {value} # required: {}",
            setting.name, setting.about
        );
    }
    for setting in settings().filter(|setting| !needed(setting)) {
        let when = match &setting.needed {
            Needed::For(ways) => format!("required for {}: ", ways.join(", ")),
            _ => String::new(),
        };
        let _ = writeln!(out, "  # {}: \"\" # {when}{}", setting.name, setting.about);
    }
    for setting in &install.backend.settings {
        if !in_secret(&setting) {
            let _ = writeln!(
                out,
                "  # {} names a program and is not read from here: set it in env of the sidecars.",
                setting.name
            );
        }
    }
    out += "  # AVP_PATH_VALIDATION: \"\" # a regular expression that every path must match\n";
    out
}

/// The file with the policy, as it lies in a folder.
pub(crate) fn config_file(install: &Install) -> String {
    let project = text(&install.project);
    let allowed = text(&beside(&install.backend.example));
    format!(
        "\
# Which Argo CD project may read what. As long as there is no policy, every project may read what the
# login may read. What no rule allows is refused before any request. `*` stays inside one part of a
# path, `**` crosses parts. Names are compared as they are written: prefer ids for what matters.
# `namespace`, `app` and `repo` can only narrow a rule, since an Application's author chooses them.
#
# Write the paths of your own in place of these, and take the `# ` away:
#
# policy:
#   - {{project: {project}, allow: [{allowed}]}}
#   - {{project: \"team-*\", namespace: \"team-*\", allow: [{allowed}]}}
"
    )
}

/// All that lies beside a path.
fn beside(path: &str) -> String {
    match path.rfind(['/', ':']) {
        Some(at) => format!("{}*", &path[..=at]),
        None => path.to_owned(),
    }
}

/// The ConfigMap with that file.
pub(crate) fn config_map(install: &Install) -> String {
    let file = indented(&config_file(install), 4);
    head("v1", "ConfigMap", CONFIG, &install.namespace) + "data:\n  manifill.yaml: |\n" + &file
}

/// The ConfigMap with the files of the plugins.
pub(crate) fn plugins_map(install: &Install) -> String {
    let mut out = head("v1", "ConfigMap", PLUGINS, &install.namespace) + "data:\n";
    for plugin in &install.plugins {
        let file = comment(&plugin.about) + &lines(&plugin.file());
        let _ = write!(
            out,
            "  {}: |\n{}",
            text(&plugin.file_name()),
            indented(&file, 4)
        );
    }
    out
}

/// The right to read the Secrets that the runs read, and no other one; nothing without one.
pub(crate) fn rights(install: &Install) -> String {
    let (namespace, account) = (text(&install.namespace), text(&install.service_account));
    let mut objects = Vec::new();
    for secret in install.secrets() {
        let name = format!("manifill-read-{}", secret.name);
        objects.push(format!(
            "{}rules:\n  - apiGroups: [\"\"]\n    resources: [secrets]\n    resourceNames: [{}]\n    verbs: [get]\n",
            head("rbac.authorization.k8s.io/v1", "Role", &name, &secret.namespace),
            text(&secret.name),
        ));
        objects.push(format!(
            "{}roleRef: {{apiGroup: rbac.authorization.k8s.io, kind: Role, name: {}}}\nsubjects:\n  - {{kind: ServiceAccount, name: {account}, namespace: {namespace}}}\n",
            head("rbac.authorization.k8s.io/v1", "RoleBinding", &name, &secret.namespace),
            text(&name),
        ));
    }
    objects.join("---\n")
}

/// The parameters of Argo CD, as entries of a ConfigMap's `data`.
pub(crate) fn parameters(install: &Install) -> String {
    let mut out = String::from(
        "\
# Argo CD sends each plugin the whole repository for each Application. Without .git that is less, and
# the same from one time to the next. It holds for all plugins: leave it out if one of them needs git.
reposerver.plugin.tar.exclusions: \".git\"
",
    );
    if install.manifest_paths {
        out += "\
# Of Applications with the annotation argocd.argoproj.io/manifest-generate-paths, it sends only what
# the annotation names. It holds for all plugins, too.
reposerver.plugin.use.manifest.generate.paths: \"true\"
";
    }
    out
}

/// The ConfigMap with these parameters, of which another one has the rest.
pub(crate) fn parameters_map(install: &Install) -> String {
    head(
        "v1",
        "ConfigMap",
        "argocd-cmd-params-cm",
        &install.namespace,
    ) + "data:\n"
        + &indented(&parameters(install), 2)
}

/// An Application that uses the first plugin.
pub(crate) fn application(install: &Install) -> String {
    let names = install.called_by_applications();
    let (first, others) = names.split_first().unzip();
    let others = match others {
        Some(others) if !others.is_empty() => format!(" # or {}", others.join(", ")),
        _ => String::new(),
    };
    let annotations = if install.manifest_paths {
        "  annotations:\n    # Only this folder is sent to the plugin; add what it needs besides, separated by ;\n    \
         argocd.argoproj.io/manifest-generate-paths: .\n"
    } else {
        ""
    };
    format!(
        "# An example: put your own repository and folder in.\n{}{annotations}\
spec:
  project: {}
  source:
    repoURL: https://git.example.com/cluster.git
    targetRevision: main
    path: apps/web
    plugin:
      name: {}{others}
  destination:
    server: https://kubernetes.default.svc
    namespace: web
  syncPolicy:
    syncOptions: [CreateNamespace=true]
",
        head(
            "argoproj.io/v1alpha1",
            "Application",
            "web",
            &install.namespace
        ),
        text(&install.project),
        text(first.map_or("", String::as_str)),
    )
}

/// A list of plugins as the chart takes it: each `spec` under its name.
pub(crate) fn chart_plugins(install: &Install) -> String {
    let mut out = String::new();
    for plugin in &install.plugins {
        let map = Mapping::from_iter([(
            plugin.name.clone().into(),
            Value::Mapping(plugin.spec.clone()),
        )]);
        out += &comment(&plugin.about);
        out += &lines(&Value::Mapping(map));
    }
    out
}
