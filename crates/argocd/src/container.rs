//! What the containers that fill have in common.

use serde_yaml::Value;

use crate::install::Install;
use crate::yaml::{lines, section, text};

/// The Secret with the settings, where the sidecars take them as variables.
pub(crate) const SETTINGS: &str = "manifill-settings";

/// Where a container finds the token of its account.
const ACCOUNT: &str = "/var/run/secrets/kubernetes.io/serviceaccount";

/// The variable that names the settings file, which a policy needs.
pub(crate) const CONFIG_FILE: &str = "MANIFILL_CONFIG";

/// Where a container finds it.
pub(crate) const CONFIG_FOLDER: &str = "/etc/manifill";

/// What a container gets of what is written beside it.
#[derive(Clone, Copy)]
pub(crate) struct Takes {
    /// The Secret with the settings, as variables.
    pub(crate) settings: bool,
    /// The file with the policy.
    pub(crate) policy: bool,
}

/// What every container of manifill is held to.
pub(crate) const RESTRICTED: &str = "\
securityContext:
  runAsNonRoot: true
  runAsUser: 999
  allowPrivilegeEscalation: false
  readOnlyRootFilesystem: true
  capabilities: {drop: [ALL]}
  seccompProfile: {type: RuntimeDefault}
";

/// `env` and `envFrom` of a container, as lines at column 2; what its owner sets wins over ours.
pub(crate) fn environment(
    takes: Takes,
    more: &[(&str, &str)],
    env: &[Value],
    env_from: &[Value],
) -> String {
    let mut variables = String::new();
    if takes.policy {
        variables += &format!("- {{name: {CONFIG_FILE}, value: {CONFIG_FOLDER}/manifill.yaml}}\n");
    }
    for (name, value) in more {
        if !env.iter().any(|variable| is_called(variable, name)) {
            variables += &format!("- {{name: {name}, value: {value}}}\n");
        }
    }
    if !env.is_empty() {
        variables += &lines(&Value::Sequence(env.to_vec()));
    }
    let mut from = if takes.settings {
        format!(
            "# What an Application's author sets arrives under other names (ARGOCD_ENV_…) and\n\
             # cannot replace these.\n- secretRef: {{name: {SETTINGS}}}\n"
        )
    } else {
        String::new()
    };
    if !env_from.is_empty() {
        from += &lines(&Value::Sequence(env_from.to_vec()));
    }
    section("env", &variables, 2) + &section("envFrom", &from, 2)
}

/// What every container that fills mounts: the policy, the token of the account, and its own.
pub(crate) fn shared_mounts(install: &Install, takes: Takes, own: &[Value]) -> String {
    let mut mounts = String::new();
    if takes.policy {
        mounts +=
            &format!("- {{name: manifill-config, mountPath: {CONFIG_FOLDER}, readOnly: true}}\n");
    }
    let is_mounted = |mount: &Value| {
        let at = mount.get("mountPath").and_then(Value::as_str);
        at.is_some_and(|at| at.trim_end_matches('/') == ACCOUNT)
    };
    // A token that its owner has chosen, for another audience perhaps, stays the one.
    if install.has_account() && !own.iter().any(is_mounted) {
        mounts += &format!("- {{name: manifill-account, mountPath: {ACCOUNT}, readOnly: true}}\n");
    }
    if !own.is_empty() {
        mounts += &lines(&Value::Sequence(own.to_vec()));
    }
    mounts
}

fn is_called(variable: &Value, name: &str) -> bool {
    variable.get("name").and_then(Value::as_str) == Some(name)
}

/// A folder in memory.
pub(crate) fn tmp_volume(install: &Install, name: &str) -> String {
    let size = text(&install.tmp_size);
    format!("- name: {name}\n  emptyDir: {{medium: Memory, sizeLimit: {size}}}\n")
}
