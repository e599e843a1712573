//! What the sidecars must reach.

use std::fmt::Write as _;

use crate::install::Install;
use crate::objects::head;
use crate::secret_name::is_object_name;
use crate::yaml::text;

/// The label of a pod whose egress is restricted.
const RESTRICTED_EGRESS: &str = "manifill.dev/egress: restricted";

/// What the label is for.
const EGRESS_ABOUT: &str = "\
# With the label manifill.dev/egress, network-policy.yaml selects the pod. Set it only if another
# policy already restricts what the pod may reach.
";

/// The label for the pod, as a line under `labels:`.
pub(crate) fn egress_label(install: &Install) -> String {
    let switch = if install.restricted_egress { "" } else { "# " };
    format!("{EGRESS_ABOUT}{switch}{RESTRICTED_EGRESS}\n")
}

/// The same as a map under a key, never `null`, which the chart does not take.
pub(crate) fn egress_labels(install: &Install, key: &str) -> String {
    if install.restricted_egress {
        format!("{EGRESS_ABOUT}{key}:\n  {RESTRICTED_EGRESS}\n")
    } else {
        format!("{EGRESS_ABOUT}{key}: {{}} # {RESTRICTED_EGRESS}\n")
    }
}

/// The policy that adds what the sidecars must reach.
pub(crate) fn network_policy(install: &Install) -> String {
    let mut out = String::from(
        "\
# What the sidecars must reach, for clusters that restrict what the repo-server may reach.
#
# A network policy selects whole pods, never one container, and the first one of type Egress that
# selects a pod cuts off everything that it does not list: here the repo-server's git, its charts and
# its Redis. Kubernetes has no policy that only adds. So this one selects the repo-server only if its
# pod has the label manifill.dev/egress, and whoever sets that label says that another policy selects
# the pod already: what several policies allow adds up, and then this one only adds. Without the
# label it selects nothing. It has no rule for Ingress, so that it never isolates that way.
",
    );
    out += &head(
        "networking.k8s.io/v1",
        "NetworkPolicy",
        "manifill-egress",
        &install.namespace,
    );
    let name = text(&install.repo_server);
    let _ = write!(
        out,
        "\
spec:
  podSelector:
    matchLabels:
      app.kubernetes.io/name: {name}
      manifill.dev/egress: restricted
  policyTypes: [Egress]
  egress:
    # Names
    - ports: [{{port: 53, protocol: UDP}}, {{port: 53, protocol: TCP}}]
"
    );
    let (ports, peer) = match install.address.as_deref().and_then(destination) {
        Some((port, peer)) => (vec![port], peer),
        None => (vec![443, 8080, 8200], None),
    };
    let listed: Vec<String> = ports
        .iter()
        .map(|port| format!("{{port: {port}}}"))
        .collect();
    let _ = match peer {
        Some(namespace) => writeln!(
            out,
            "    # The backend, in the namespace that its address names; the port is that of its pods\n    \
             - to: [{{namespaceSelector: {{matchLabels: {{kubernetes.io/metadata.name: {}}}}}}}]\n      ports: [{}]",
            text(&namespace),
            listed.join(", ")
        ),
        None => writeln!(
            out,
            "    # The backend: keep its port, and name its pods or its address in `to`\n    - ports: [{}]",
            listed.join(", ")
        ),
    };
    if install.has_account() {
        out += "    # The API server\n    - ports: [{port: 443}, {port: 6443}]\n";
    }
    out
}

/// The port of an address, and the namespace if it is a name inside the cluster.
fn destination(address: &str) -> Option<(u16, Option<String>)> {
    let (scheme, rest) = address.split_once("://")?;
    let authority = rest.split(['/', '?', '#']).next()?;
    let authority = authority.rsplit('@').next()?;
    let (host, port) = match authority.rsplit_once(':') {
        Some((host, port)) if !port.contains(']') => (host, port.parse().ok()?),
        _ => (authority, if scheme == "https" { 443 } else { 80 }),
    };
    let mut parts = host.split('.');
    let (_, namespace, rest) = (parts.next(), parts.next(), parts.next());
    let namespace =
        namespace.filter(|name| rest.is_none_or(|svc| svc == "svc") && is_object_name(name));
    Some((port, namespace.map(str::to_owned)))
}

#[cfg(test)]
mod tests {
    use super::destination;

    #[test]
    fn an_address_tells_port_and_namespace() {
        for (address, expected) in [
            (
                "http://connect.1password:8080",
                Some((8080, Some("1password"))),
            ),
            (
                "https://vault.vault.svc.cluster.local:8200/",
                Some((8200, Some("vault"))),
            ),
            ("https://vault.example.com", Some((443, None))),
            ("http://connect", Some((80, None))),
            ("http://10.0.0.1:8080", Some((8080, None))),
            ("https://[::1]:8200", Some((8200, None))),
            ("connect:8080", None),
            ("http://a:port", None),
        ] {
            let got = destination(address);
            let got = got.as_ref().map(|(port, name)| (*port, name.as_deref()));
            assert_eq!(got, expected, "{address}");
        }
    }
}
