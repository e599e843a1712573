//! What objects name of each other.

use super::{offline, told, told_with};

const SECRET: &str = "apiVersion: v1\nkind: Secret\nmetadata: {name: db}\n\
                      data: {user: <path:db#user>}\nstringData: {password: <path:db#password>}\n---\n";

/// A Pod with this specification behind a Secret of two keys.
fn pod(spec: &str) -> String {
    format!("{SECRET}apiVersion: v1\nkind: Pod\nmetadata: {{name: web}}\nspec:\n  {spec}\n")
}

#[test]
fn what_a_pod_reads_has_to_be_there() {
    for (spec, expected) in [
        (
            "containers: [{env: [{valueFrom: {secretKeyRef: {name: db, key: usr}}}]}]",
            "error 11:66 Pod/web spec.containers[0].env[0].valueFrom.secretKeyRef.key: \
             Secret `db` has no key `usr`; it has `password`, `user`",
        ),
        (
            "initContainers: [{env: [{valueFrom: {secretKeyRef: {name: db, key: usr}}}]}]",
            "error 11:70 Pod/web spec.initContainers[0].env[0].valueFrom.secretKeyRef.key: \
             Secret `db` has no key `usr`; it has `password`, `user`",
        ),
        (
            "volumes: [{secret: {secretName: db, items: [{key: tls.key, path: k}]}}]",
            "error 11:53 Pod/web spec.volumes[0].secret.items[0].key: \
             Secret `db` has no key `tls.key`; it has `password`, `user`",
        ),
        (
            "volumes: [{projected: {sources: [{secret: {name: db, items: [{key: x, path: k}]}}]}}]",
            "error 11:70 Pod/web spec.volumes[0].projected.sources[0].secret.items[0].key: \
             Secret `db` has no key `x`; it has `password`, `user`",
        ),
        (
            "imagePullSecrets: [{name: db}]",
            "error 11:29 Pod/web spec.imagePullSecrets[0].name: \
             Secret `db` has no key `.dockerconfigjson`; it has `password`, `user`",
        ),
        (
            "containers: [{envFrom: [{secretRef: {name: dbs}}]}]",
            "note 11:46 Pod/web spec.containers[0].envFrom[0].secretRef.name: \
             Secret `dbs` is not among these manifests",
        ),
        (
            "containers: [{envFrom: [{configMapRef: {name: db}}]}]",
            "note 11:49 Pod/web spec.containers[0].envFrom[0].configMapRef.name: \
             ConfigMap `db` is not among these manifests",
        ),
        (
            "volumes: [{csi: {driver: x, nodePublishSecretRef: {name: nfs}}}]",
            "note 11:60 Pod/web spec.volumes[0].csi.nodePublishSecretRef.name: \
             Secret `nfs` is not among these manifests",
        ),
        (
            "volumes: [{cephfs: {secretRef: {name: ceph}}}]",
            "note 11:41 Pod/web spec.volumes[0].cephfs.secretRef.name: \
             Secret `ceph` is not among these manifests",
        ),
    ] {
        assert_eq!(told(&pod(spec)), [expected], "{spec}");
    }
}

#[test]
fn a_name_or_key_that_is_no_text_is_an_error_once_and_whatever_is_optional() {
    let message = "a cluster takes only text here, and this reads as a number or as true or false";
    for (spec, field) in [
        (
            "containers: [{env: [{valueFrom: {secretKeyRef: {name: db, key: y}}}]}]",
            "containers[0].env[0].valueFrom.secretKeyRef.key",
        ),
        (
            "containers: [{env: [{valueFrom: {configMapKeyRef: {name: 1, key: y, optional: true}}}]}]",
            "containers[0].env[0].valueFrom.configMapKeyRef.name",
        ),
        (
            "volumes: [{secret: {secretName: 0x1F}}]",
            "volumes[0].secret.secretName",
        ),
        (
            "volumes: [{projected: {sources: [{secret: {name: db, items: [{key: 1.5, path: k}]}}]}}]",
            "volumes[0].projected.sources[0].secret.items[0].key",
        ),
        ("imagePullSecrets: [{name: on}]", "imagePullSecrets[0].name"),
    ] {
        let told = told(&pod(spec));
        assert_eq!(told.len(), 1, "{told:?}");
        assert!(told[0].starts_with("error 11:"), "{told:?}");
        assert!(
            told[0].ends_with(&format!("spec.{field}: {message}")),
            "{told:?}"
        );
    }
}

#[test]
fn what_is_there_or_need_not_be_passes() {
    for spec in [
        "containers: [{env: [{valueFrom: {secretKeyRef: {name: db, key: user}}}]}]",
        "containers: [{env: [{valueFrom: {secretKeyRef: {name: db, key: password}}}]}]",
        "containers: [{env: [{valueFrom: {secretKeyRef: {name: db, key: x, optional: true}}}]}]",
        "containers: [{envFrom: [{prefix: DB_, secretRef: {name: db}}]}]",
        "containers: [{envFrom: [{secretRef: {name: gone, optional: true}}]}]",
        "volumes: [{secret: {secretName: db}}, {secret: {secretName: gone, optional: true}}]",
        "volumes: [{secret: {secretName: db, optional: true, items: [{key: x, path: x}]}}]",
        "volumes: [{configMap: {name: kube-root-ca.crt, items: [{key: ca.crt, path: x}]}}]",
        "containers: [{env: [{valueFrom: {secretKeyRef: {name: '<path:db#user>', key: x}}}]}]",
        "containers: [{env: [{valueFrom: {secretKeyRef: {name: db, key: '$(KEY)'}}}]}]",
    ] {
        let told = told(&pod(spec));
        assert!(
            told.iter().all(|one| !one.contains("Secret `db`")),
            "{spec}: {told:?}"
        );
        assert!(
            told.iter().all(|one| !one.starts_with("error")),
            "{spec}: {told:?}"
        );
    }
}

#[test]
fn pods_are_found_in_what_makes_them_and_nowhere_else() {
    let spec = "{volumes: [{secret: {secretName: db, items: [{key: x, path: x}]}}]}";
    for (head, wrapped, found) in [
        (
            "apiVersion: apps/v1\nkind: Deployment",
            "spec: {template: {spec: SPEC}}",
            true,
        ),
        (
            "apiVersion: batch/v1\nkind: Job",
            "spec: {template: {spec: SPEC}}",
            true,
        ),
        (
            "apiVersion: batch/v1\nkind: CronJob",
            "spec: {jobTemplate: {spec: {template: {spec: SPEC}}}}",
            true,
        ),
        (
            "apiVersion: v1\nkind: PodTemplate",
            "template: {spec: SPEC}",
            true,
        ),
        ("kind: StatefulSet", "spec: {template: {spec: SPEC}}", true),
        (
            "apiVersion: batch.volcano.sh/v1\nkind: Job",
            "spec: {template: {spec: SPEC}}",
            false,
        ),
        (
            "apiVersion: argoproj.io/v1\nkind: Rollout",
            "spec: {template: {spec: SPEC}}",
            false,
        ),
    ] {
        let wrapped = wrapped.replace("SPEC", spec);
        let told = told(&format!(
            "{SECRET}{head}\nmetadata: {{name: web}}\n{wrapped}\n"
        ));
        assert_eq!(told.len(), usize::from(found), "{head}: {told:?}");
    }
}

#[test]
fn items_of_lists_are_objects() {
    let source = "apiVersion: v1\nkind: List\nitems:\n\
        - {apiVersion: v1, kind: Secret, metadata: {name: db}, data: {a: <path:db#a>}}\n\
        - apiVersion: v1\n  kind: Pod\n  metadata: {name: web}\n  spec:\n    \
        containers: [{env: [{valueFrom: {secretKeyRef: {name: db, key: b}}}]}]\n";
    assert_eq!(
        told(source),
        [
            "error 9:68 Pod/web items[1].spec.containers[0].env[0].valueFrom.secretKeyRef.key: \
          Secret `db` has no key `b`; it has `a`"
        ]
    );
}

#[test]
fn json_is_read_as_yaml_is() {
    let source = r#"{"kind": "Secret", "apiVersion": "v1", "metadata": {"name": "db"}, "data": {}}
{"kind": "ServiceAccount", "apiVersion": "v1", "metadata": {"name": "a"}, "imagePullSecrets": [{"name": "db"}]}
"#;
    let told = told(source);
    assert_eq!(told.len(), 1, "{told:?}");
    assert!(
        told[0].ends_with("has no key `.dockerconfigjson`; it is empty"),
        "{told:?}"
    );
}

#[test]
fn namespaces_are_told_apart_where_both_have_one() {
    let set = |of_secret: &str, of_pod: &str| {
        let secret = "apiVersion: v1\nkind: Secret\nmetadata: {name: db";
        let pod = "apiVersion: v1\nkind: Pod\nmetadata: {name: web";
        let spec = "spec: {containers: [{env: [{valueFrom: {secretKeyRef: {name: db, key: x}}}]}]}";
        let data = "data: {user: <path:db#user>}";
        told(&format!(
            "{secret}{of_secret}}}\n{data}\n---\n{pod}{of_pod}}}\n{spec}\n"
        ))
    };
    let missing = "Secret `db` has no key `x`; it has `user`";
    for (of_secret, of_pod) in [("", ""), (", namespace: a", ""), ("", ", namespace: a")] {
        assert!(
            set(of_secret, of_pod)[0].ends_with(missing),
            "{of_secret} {of_pod}"
        );
    }
    let same = set(", namespace: a", ", namespace: a");
    assert!(
        same[0].starts_with("error") && same[0].ends_with(missing),
        "{same:?}"
    );
    let other = set(", namespace: a", ", namespace: b");
    assert!(other[0].starts_with("note"), "{other:?}");
    assert!(
        other[0].ends_with("Secret `db` is in namespace `a`, and not in `b`"),
        "{other:?}"
    );
}

#[test]
fn what_a_cluster_makes_exists_with_any_key() {
    let pod = "apiVersion: v1\nkind: Pod\nmetadata: {name: web}\nspec:\n  containers:\n    \
               - env: [{valueFrom: {secretKeyRef: {name: made, key: x}}}]\n---\n";
    for maker in [
        "kind: ExternalSecret\nmetadata: {name: made}\nspec: {data: []}",
        "kind: ExternalSecret\nmetadata: {name: x}\nspec: {target: {name: made}}",
        "kind: SealedSecret\nmetadata: {name: made}\nspec: {encryptedData: {y: z}}",
        "kind: SealedSecret\nmetadata: {name: x}\nspec: {template: {metadata: {name: made}}}",
        "kind: Certificate\nmetadata: {name: x}\nspec: {secretName: made}",
        "kind: OnePasswordItem\nmetadata: {name: made}\nspec: {itemPath: a}",
        "kind: VaultStaticSecret\nmetadata: {name: x}\nspec: {destination: {name: made}}",
        "kind: SopsSecret\nmetadata: {name: x}\nspec: {secretTemplates: [{name: made}]}",
        "kind: Secret\nmetadata: {name: made}\ndata: <path:db#all | jsonParse>",
        "kind: Secret\nmetadata: {name: made}\ntype: kubernetes.io/service-account-token",
    ] {
        assert_eq!(told(&format!("{pod}{maker}\n")), [""; 0], "{maker}");
    }
    let other = "kind: Certificate\nmetadata: {name: made}\nspec: {secretName: other}\n";
    assert_eq!(told(&format!("{pod}{other}")).len(), 1);
}

#[test]
fn externals_are_not_missed() {
    let source = pod(
        "containers: [{env: [{valueFrom: {secretKeyRef: {name: db, key: x}}}], \
                      envFrom: [{secretRef: {name: gen-5kth62mb7d}}]}]",
    );
    assert_eq!(told(&source).len(), 2);
    let look = offline().with_external("db").with_external("gen");
    assert_eq!(told_with(&source, &look), [""; 0]);
}

#[test]
fn a_missing_object_is_told_once_for_all_that_name_it() {
    let source = pod("containers: [{envFrom: [{secretRef: {name: x}}, {secretRef: {name: x}}]}]");
    let told = told(&source);
    assert_eq!(told.len(), 1, "{told:?}");
    assert!(
        told[0].ends_with("(also needed in 1 more place)"),
        "{told:?}"
    );
}

#[test]
fn ingresses_and_accounts_name_secrets() {
    let ingress = "apiVersion: networking.k8s.io/v1\nkind: Ingress\nmetadata: {name: web}\n\
                   spec: {tls: [{secretName: db}]}\n";
    assert_eq!(
        told(&format!("{SECRET}{ingress}")),
        ["error 10:27 Ingress/web spec.tls[0].secretName: \
          Secret `db` has no key `tls.crt`; it has `password`, `user`"]
    );
    let account = "apiVersion: v1\nkind: ServiceAccount\nmetadata: {name: web}\n\
                   secrets: [{name: db}, {name: gone}]\nimagePullSecrets: [{name: db}]\n";
    assert_eq!(
        told(&format!("{SECRET}{account}")),
        [
            "note 10:30 ServiceAccount/web secrets[1].name: \
             Secret `gone` is not among these manifests",
            "error 11:27 ServiceAccount/web imagePullSecrets[0].name: \
             Secret `db` has no key `.dockerconfigjson`; it has `password`, `user`",
        ]
    );
}

#[test]
fn a_binding_names_a_role_and_accounts_that_are_there() {
    let set = "apiVersion: v1\nkind: ServiceAccount\nmetadata: {name: web, namespace: a}\n---\n\
        apiVersion: rbac.authorization.k8s.io/v1\nkind: Role\nmetadata: {name: read, namespace: a}\n---\n\
        apiVersion: rbac.authorization.k8s.io/v1\nkind: ClusterRole\nmetadata: {name: all}\n---\n";
    let binding = |kind: &str, role: &str, subject: &str| {
        format!(
            "{set}apiVersion: rbac.authorization.k8s.io/v1\nkind: {kind}\n\
             metadata: {{name: b, namespace: a}}\nroleRef: {{{role}}}\nsubjects: [{{{subject}}}]\n"
        )
    };
    let (role, account) = (
        "kind: Role, name: read",
        "kind: ServiceAccount, name: web, namespace: a",
    );
    for (role, account) in [
        (role, account),
        (role, "kind: ServiceAccount, name: web"),
        (role, "kind: ServiceAccount, name: default, namespace: x"),
        (role, "kind: User, name: x"),
        ("kind: ClusterRole, name: all", account),
        ("kind: ClusterRole, name: view", account),
        ("kind: ClusterRole, name: 'system:node'", account),
    ] {
        assert_eq!(
            told(&binding("RoleBinding", role, account)),
            [""; 0],
            "{role} {account}"
        );
    }
    for (role, account, expected) in [
        (
            "kind: Role, name: red",
            account,
            "16:29 RoleBinding/a/b roleRef.name: Role `red` is not among these manifests",
        ),
        (
            "kind: ClusterRole, name: al",
            account,
            "16:36 RoleBinding/a/b roleRef.name: ClusterRole `al` is not among these manifests",
        ),
        (
            role,
            "kind: ServiceAccount, name: wb",
            "17:41 RoleBinding/a/b subjects[0].name: ServiceAccount `wb` is not among these manifests",
        ),
        (
            role,
            "kind: ServiceAccount, name: web, namespace: x",
            "17:41 RoleBinding/a/b subjects[0].name: ServiceAccount `web` is in namespace `a`, and not in `x`",
        ),
    ] {
        let source = binding("RoleBinding", role, account);
        assert_eq!(
            told(&source),
            [format!("error {expected}")],
            "{role} {account}"
        );
        let look = offline().with_external("red").with_external("al");
        let look = look.with_external("wb").with_external("web");
        assert_eq!(told_with(&source, &look), [""; 0], "{role} {account}");
    }
}

#[test]
fn the_settings_of_argo_cd_name_keys_that_are_there() {
    let set = |label: &str, config: &str| {
        format!(
            "apiVersion: v1\nkind: Secret\nmetadata: {{name: argocd-secret}}\n\
             data: {{dex.github.clientSecret: <path:a#b>}}\n---\n\
             apiVersion: v1\nkind: Secret\nmetadata:\n  name: sso\n  labels: {{{label}}}\n\
             data: {{id: <path:a#b>}}\n---\n\
             apiVersion: v1\nkind: ConfigMap\nmetadata: {{name: argocd-cm}}\ndata:\n  \
             dex.config: |\n    connectors:\n      - config:\n          clientID: {config}\n"
        )
    };
    let part_of = "app.kubernetes.io/part-of: argocd";
    for good in [
        "$dex.github.clientSecret",
        "$sso:id",
        "x$y",
        "'$'",
        "aabb",
        "$sso:",
    ] {
        assert_eq!(told(&set(part_of, good)), [""; 0], "{good}");
    }
    for (label, config, expected) in [
        (
            part_of,
            "$dex.github.clientID",
            "error 20:21 ConfigMap/argocd-cm data[\"dex.config\"]: Secret `argocd-secret` has no key `dex.github.clientID`; it has `dex.github.clientSecret`",
        ),
        (
            part_of,
            "$sso:secret",
            "error 20:21 ConfigMap/argocd-cm data[\"dex.config\"]: Secret `sso` has no key `secret`; it has `id`",
        ),
        (
            "a: b",
            "$sso:id",
            "error 20:21 ConfigMap/argocd-cm data[\"dex.config\"]: Argo CD does not read Secret `sso`: it lacks the label app.kubernetes.io/part-of",
        ),
        (
            part_of,
            "$other:id",
            "note 20:21 ConfigMap/argocd-cm data[\"dex.config\"]: Secret `other` is not among these manifests",
        ),
    ] {
        assert_eq!(told(&set(label, config)), [expected], "{label} {config}");
    }
    let other = set(part_of, "$other:id");
    assert_eq!(
        told_with(&other, &offline().with_external("other")),
        [""; 0]
    );
}
