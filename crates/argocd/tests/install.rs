//! What is written is YAML, whole, and restricted, for every choice.
#![allow(clippy::unwrap_used)]

use manifill_argocd::{Backend, Flavor, Install, Needed, Plugin, Setting};
use serde::Deserialize as _;
use serde_yaml::Value;

fn backend() -> Backend {
    let setting = |name: &str, needed| Setting {
        name: name.to_owned(),
        about: "what it is for".to_owned(),
        needed,
        is_address: name == "ADDRESS",
        is_program: name == "PROGRAM",
    };
    Backend {
        name: "1store".to_owned(),
        example: "folder/item".to_owned(),
        settings: vec![
            setting("OPTION", Needed::Never),
            setting("ADDRESS", Needed::Always),
            setting("ROLE", Needed::For(vec!["login".to_owned()])),
            setting("PROGRAM", Needed::Always),
        ],
        needs_account: false,
    }
}

/// Every choice that changes what is written.
fn installs() -> Vec<Install> {
    let mut installs = Vec::new();
    for flavor in Flavor::ALL {
        for choice in 0..4 {
            let mut install = Install::new("registry.example/manifill:1");
            install.flavor = flavor;
            install.backend = backend();
            if choice == 1 {
                install.secret = Some("settings:store".parse().unwrap());
                install.plugins = Plugin::standard(install.secret.as_ref(), true);
                install.restricted_egress = true;
                install.manifest_paths = true;
            }
            install.with_account = choice == 2;
            if choice == 3 {
                install.namespace = "gitops".to_owned();
                install.address = Some("https://store.stores.svc:8200".to_owned());
            }
            installs.push(install);
        }
    }
    installs
}

fn documents(text: &str) -> Vec<Value> {
    serde_yaml::Deserializer::from_str(text)
        .map(|document| Value::deserialize(document).unwrap())
        .filter(|value| !value.is_null())
        .collect()
}

fn file(install: &Install, name: &str) -> Vec<Value> {
    let files = install.files();
    let file = files.iter().find(|file| file.name == name);
    file.map(|file| documents(&file.text)).unwrap_or_default()
}

/// What has the parts of the pod.
fn server(install: &Install) -> Value {
    match install.flavor {
        Flavor::Helm => file(install, "values.yaml")[0]["repoServer"].clone(),
        Flavor::Operator => file(install, "argocd.yaml")[0]["spec"]["repo"].clone(),
        _ => file(install, "repo-server.yaml")[0]["spec"]["template"]["spec"].clone(),
    }
}

/// Init containers, containers and volumes that are added.
fn pod(install: &Install) -> [Vec<Value>; 3] {
    let list = |value: &Value, key: &str| value[key].as_sequence().unwrap().clone();
    let containers = match install.flavor {
        Flavor::Helm => "extraContainers",
        Flavor::Operator => "sidecarContainers",
        _ => "containers",
    };
    let server = server(install);
    ["initContainers", containers, "volumes"].map(|key| list(&server, key))
}

const ACCOUNT: &str = "/var/run/secrets/kubernetes.io/serviceaccount";

#[test]
fn everything_is_yaml() {
    for install in installs() {
        let files = install.files();
        let mut names: Vec<_> = files.iter().map(|file| &file.name).collect();
        names.sort();
        names.dedup();
        assert_eq!(names.len(), files.len());
        for file in files {
            documents(&file.text);
            assert!(file.text.ends_with('\n'), "{}", file.name);
            assert!(!file.text.contains("\n\n\n"), "{}", file.name);
        }
    }
}

#[test]
fn every_container_is_restricted() {
    for install in installs() {
        let [inits, sidecars, volumes] = pod(&install);
        assert_eq!(sidecars.len(), 3);
        for container in inits.iter().chain(&sidecars) {
            let context = &container["securityContext"];
            assert_eq!(context["runAsUser"], 999);
            for (key, on) in [
                ("runAsNonRoot", true),
                ("readOnlyRootFilesystem", true),
                ("allowPrivilegeEscalation", false),
            ] {
                assert_eq!(context[key], on, "{key}");
            }
            assert_eq!(context["capabilities"]["drop"][0], "ALL");
            assert_eq!(context["seccompProfile"]["type"], "RuntimeDefault");
            assert!(container["resources"]["limits"]["memory"].is_string());
        }
        for volume in volumes {
            if let Some(empty) = volume.get("emptyDir") {
                assert_eq!(empty["medium"], "Memory");
                assert!(empty["sizeLimit"].is_string());
            }
        }
    }
}

#[test]
fn what_is_mounted_is_there_and_each_sidecar_has_its_own_tmp() {
    for install in installs() {
        let [inits, sidecars, volumes] = pod(&install);
        let name = |value: &Value| value["name"].as_str().unwrap().to_owned();
        let mut known: Vec<_> = volumes.iter().map(name).collect();
        // Those of Argo CD.
        known.extend(["var-files".to_owned(), "plugins".to_owned()]);
        let mut tmps = Vec::new();
        for container in inits.iter().chain(&sidecars) {
            for mount in container["volumeMounts"].as_sequence().unwrap() {
                assert!(known.contains(&name(mount)), "{mount:?}");
                if mount["mountPath"] == "/tmp" {
                    tmps.push(name(mount));
                }
            }
        }
        let count = tmps.len();
        tmps.sort();
        tmps.dedup();
        assert_eq!((count, tmps.len()), (3, 3));
    }
}

#[test]
fn a_token_is_there_only_where_it_is_needed() {
    for install in installs() {
        let [inits, sidecars, volumes] = pod(&install);
        let wanted = install.secret.is_some() || install.with_account;
        let has_token = |container: &Value| {
            let mounts = container["volumeMounts"].as_sequence().unwrap();
            mounts.iter().any(|mount| mount["mountPath"] == ACCOUNT)
        };
        assert!(sidecars.iter().all(|sidecar| has_token(sidecar) == wanted));
        assert!(!inits.iter().any(has_token));
        let projected = volumes
            .iter()
            .any(|volume| volume.get("projected").is_some());
        assert_eq!(projected, wanted);
        let automount = match install.flavor {
            Flavor::Operator => "mountsatoken",
            _ => "automountServiceAccountToken",
        };
        assert_eq!(server(&install)[automount], false);
    }
}

#[test]
fn the_account_may_read_the_one_secret_and_nothing_else() {
    for install in installs() {
        let rights = file(&install, "rights.yaml");
        let Some(secret) = &install.secret else {
            assert!(rights.is_empty());
            continue;
        };
        let [role, binding] = &rights[..] else {
            panic!("{rights:?}")
        };
        let rule = &role["rules"][0];
        assert_eq!(role["metadata"]["namespace"], secret.namespace.as_str());
        assert_eq!(rule["resources"][0], "secrets");
        assert_eq!(rule["resourceNames"][0], secret.name.as_str());
        assert_eq!(rule["verbs"].as_sequence().unwrap().len(), 1);
        assert_eq!(rule["verbs"][0], "get");
        assert_eq!(binding["subjects"][0]["namespace"], "argocd");
        assert_eq!(binding["roleRef"]["name"], role["metadata"]["name"]);
    }
}

#[test]
fn the_settings_are_in_the_secret_required_ones_first() {
    for install in installs() {
        let secret = &file(&install, "secret.yaml")[0];
        let settings = secret["stringData"].as_mapping().unwrap();
        let names: Vec<_> = settings.keys().map(|key| key.as_str().unwrap()).collect();
        // Who may write a Secret may not always run programs.
        let expected: &[&str] = match install.secret {
            Some(_) => &["AVP_TYPE", "ADDRESS"],
            None => &["AVP_TYPE", "ADDRESS", "PROGRAM"],
        };
        assert_eq!(names, expected);
        assert_eq!(settings["AVP_TYPE"], "1store");
        let address = install.address.as_deref().unwrap_or_default();
        assert_eq!(settings["ADDRESS"], address);
        let text = install.files();
        let text = &text
            .iter()
            .find(|file| file.name == "secret.yaml")
            .unwrap()
            .text;
        assert!(text.contains("# ROLE: \"\" # required for login: what it is for\n"));
        let [_, sidecars, _] = pod(&install);
        for sidecar in sidecars {
            let from = &sidecar["envFrom"][0]["secretRef"]["name"];
            let has_config = sidecar["env"]
                .as_sequence()
                .is_some_and(|env| env.iter().any(|one| one["name"] == "MANIFILL_CONFIG"));
            // A settings file would take the place of the Secret of -s.
            match install.secret {
                Some(_) => assert!(from.is_null() && !has_config),
                None => assert!(*from == secret["metadata"]["name"] && has_config),
            }
        }
    }
}

#[test]
fn the_network_policy_isolates_nothing_unless_it_is_asked_for() {
    for install in installs() {
        let policy = &file(&install, "network-policy.yaml")[0]["spec"];
        assert_eq!(policy["policyTypes"].as_sequence().unwrap().len(), 1);
        assert_eq!(policy["policyTypes"][0], "Egress");
        let labels = policy["podSelector"]["matchLabels"].as_mapping().unwrap();
        assert_eq!(labels["app.kubernetes.io/name"], "argocd-repo-server");
        let pod = match install.flavor {
            Flavor::Helm => server(&install)["podLabels"].clone(),
            Flavor::Operator => server(&install)["labels"].clone(),
            _ => file(&install, "repo-server.yaml")[0]["spec"]["template"]["metadata"]["labels"]
                .clone(),
        };
        // The chart and the operator give their pods the first label; the chart joins a map, not
        // nothing, to it.
        let pod = pod.as_mapping().unwrap();
        let is_selected = labels
            .iter()
            .all(|(key, value)| key == "app.kubernetes.io/name" || pod.get(key) == Some(value));
        assert_eq!(is_selected, install.restricted_egress);
        let rules = policy["egress"].as_sequence().unwrap();
        assert_eq!(rules[0]["ports"][0]["port"], 53);
        let api_server = install.secret.is_some() || install.with_account;
        assert_eq!(rules.len(), 2 + usize::from(api_server));
        if install.address.is_some() {
            assert_eq!(rules[1]["ports"][0]["port"], 8200);
            let peer = &rules[1]["to"][0]["namespaceSelector"]["matchLabels"];
            assert_eq!(peer["kubernetes.io/metadata.name"], "stores");
        }
    }
}

#[test]
fn the_parameters_of_argo_cd_are_set() {
    for install in installs() {
        let parameters = match install.flavor {
            Flavor::Helm => file(&install, "values.yaml")[0]["configs"]["params"].clone(),
            Flavor::Operator => {
                let env = server(&install)["env"].clone();
                assert_eq!(env[0]["value"], ".git");
                assert_eq!(
                    env.as_sequence().unwrap().len() == 2,
                    install.manifest_paths
                );
                continue;
            }
            _ => file(&install, "params.yaml")[0]["data"].clone(),
        };
        assert_eq!(parameters["reposerver.plugin.tar.exclusions"], ".git");
        let paths = parameters.get("reposerver.plugin.use.manifest.generate.paths");
        let annotations = &file(&install, "application.yaml")[0]["metadata"]["annotations"];
        if install.manifest_paths {
            assert!(paths.unwrap() == "true" && annotations.is_mapping());
        } else {
            assert!(paths.is_none() && annotations.is_null());
        }
    }
}

#[test]
fn a_plugin_is_the_same_in_every_flavor() {
    let specs = |flavor: Flavor| -> Vec<(String, Value)> {
        let mut install = Install::new("i");
        install.flavor = flavor;
        let of_file = |value: &Value| {
            assert_eq!(value["kind"], "ConfigManagementPlugin");
            (
                value["metadata"]["name"].as_str().unwrap().to_owned(),
                value["spec"].clone(),
            )
        };
        match flavor {
            Flavor::Helm => file(&install, "values.yaml")[0]["configs"]["cmp"]["plugins"]
                .as_mapping()
                .unwrap()
                .iter()
                .map(|(name, spec)| (name.as_str().unwrap().to_owned(), spec.clone()))
                .collect(),
            Flavor::Raw | Flavor::Operator => file(&install, "plugins.yaml")[0]["data"]
                .as_mapping()
                .unwrap()
                .values()
                .map(|text| of_file(&documents(text.as_str().unwrap())[0]))
                .collect(),
            _ => ["manifill", "manifill-helm", "manifill-kustomize"]
                .iter()
                .map(|name| of_file(&file(&install, &format!("plugin-{name}.yaml"))[0]))
                .collect(),
        }
    };
    let [first, rest @ ..] = Flavor::ALL.map(specs);
    assert_eq!(first.len(), 3);
    for other in rest {
        assert_eq!(other, first);
    }
}
