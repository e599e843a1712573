//! Which plugins get the policy that is written beside them.

use serde_yaml::Value;

use super::values::is_named;
use crate::Plugin;
use crate::container::{CONFIG_FILE, CONFIG_FOLDER};

/// Why a plugin does not get the policy, whose command names these Secrets and files with settings:
/// a run has one settings file, and a Secret only without one.
pub(super) fn why_not(
    plugin: &Plugin,
    secrets: &[String],
    files: &[String],
) -> Option<&'static str> {
    let is_taken = |mount: &Value| {
        let at = mount.get("mountPath").and_then(Value::as_str);
        let rest = at.and_then(|at| at.strip_prefix(CONFIG_FOLDER));
        rest.is_some_and(|rest| rest.is_empty() || rest.starts_with('/'))
    };
    if !files.is_empty() {
        Some("its command names a settings file by -c; write the policy into that")
    } else if plugin.env.iter().any(|one| is_named(one, CONFIG_FILE)) {
        Some("MANIFILL_CONFIG names another settings file; write the policy into that")
    } else if plugin.mounts.iter().any(is_taken) {
        Some(
            "something else is mounted in its place; write the policy into a file that MANIFILL_CONFIG names",
        )
    } else if !secrets.is_empty() {
        Some("its command names a Secret by -s, whose place a settings file would take")
    } else {
        None
    }
}
