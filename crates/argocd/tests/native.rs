//! What is written for native servers, for every choice.
#![allow(clippy::unwrap_used)]

use manifill_argocd::native::Server;
use manifill_argocd::{Flavor, Install, Plugin};
use serde::Deserialize as _;
use serde_yaml::Value;

fn documents(text: &str) -> Vec<Value> {
    serde_yaml::Deserializer::from_str(text)
        .map(|document| Value::deserialize(document).unwrap())
        .filter(|value| !value.is_null())
        .collect()
}

/// A server alone, one that starts no program, two beside each other, and one beside a plugin.
fn installs() -> Vec<Install> {
    let mut plain = Server::standard(None, false);
    plain.plugins = vec!["plain=plain".parse().unwrap()];
    let mut other = Server::standard(None, true);
    other.container = "other".to_owned();
    other.takes_settings = false;
    other.takes_policy = false;
    other.env = serde_yaml::from_str("[{name: AVP_TYPE, value: vault}]").unwrap();
    other.env_from = serde_yaml::from_str("[{secretRef: {name: login}}]").unwrap();
    let mut installs = Vec::new();
    for flavor in Flavor::ALL {
        for (number, servers) in [
            vec![Server::standard(None, false)],
            vec![plain.clone()],
            vec![Server::standard(None, false), other.clone()],
            vec![other.clone()],
        ]
        .into_iter()
        .enumerate()
        {
            let mut install = Install::new("registry.example/manifill:1-tools");
            install.flavor = flavor;
            install.servers = servers;
            install.plugins.truncate(usize::from(number == 3));
            install.with_account = number == 2;
            installs.push(install);
        }
    }
    installs
}

/// The part of the pod that is written.
fn pod(install: &Install) -> Value {
    let file = |name: &str| {
        let files = install.files();
        let file = files.iter().find(|file| file.name == name).unwrap();
        documents(&file.text).remove(0)
    };
    let (pod, containers) = match install.flavor {
        Flavor::Helm => (file("values.yaml")["repoServer"].clone(), "extraContainers"),
        Flavor::Operator => (
            file("argocd.yaml")["spec"]["repo"].clone(),
            "sidecarContainers",
        ),
        _ => (
            file("repo-server.yaml")["spec"]["template"]["spec"].clone(),
            "containers",
        ),
    };
    let mut pod = pod;
    let list = pod[containers].clone();
    pod["all"] = list;
    pod
}

fn list<'v>(value: &'v Value, key: &str) -> &'v [Value] {
    value[key].as_sequence().map_or(&[], Vec::as_slice)
}

fn servers(pod: &Value) -> Vec<&Value> {
    let containers = list(pod, "all").iter();
    containers
        .filter(|one| one["command"][0] == "manifill")
        .collect()
}

#[test]
fn a_server_needs_no_shell_no_copy_and_no_file_of_a_plugin() {
    for install in installs().iter().filter(|one| one.plugins.is_empty()) {
        for file in install.files() {
            documents(&file.text);
            assert!(!file.text.contains("\n\n\n"), "{}", file.text);
            for word in [
                "argocd-cmp-server",
                "var-files",
                "plugin.yaml",
                "manifill-copy",
                "manifill-bin",
                "manifill-plugins",
                "cmp-cm",
                "bash",
                "[sh",
            ] {
                assert!(!file.text.contains(word), "{word}: {}", file.text);
            }
            assert!(!file.name.starts_with("plugin"), "{}", file.name);
        }
        assert!(pod(install).get("initContainers").is_none());
    }
}

#[test]
fn a_plugin_that_is_not_native_runs_beside_it() {
    let mixed = installs();
    let mixed: Vec<_> = mixed.iter().filter(|one| !one.plugins.is_empty()).collect();
    assert_eq!(mixed.len(), 4);
    for install in mixed {
        let pod = pod(install);
        assert_eq!(list(&pod, "all").len(), 2);
        assert_eq!(list(&pod, "initContainers").len(), 1);
        let classic = &list(&pod, "all")[1];
        assert_eq!(classic["command"][0], "/var/run/argocd/argocd-cmp-server");
    }
}

#[test]
fn the_servers_are_told_their_plugins_and_ports() {
    for install in installs() {
        let pod = pod(&install);
        let mut ports = Vec::new();
        for (container, server) in servers(&pod).into_iter().zip(&install.servers) {
            assert_eq!(container["command"][1], "argocd-plugin");
            assert_eq!(container["image"], "registry.example/manifill:1-tools");
            let args: Vec<_> = list(container, "args")
                .iter()
                .map(|one| one.as_str().unwrap())
                .collect();
            let (listen, plugins) = args.split_last().unwrap();
            let expected = server.plugins.iter();
            let expected: Vec<_> = expected.map(|one| format!("--plugin={one}")).collect();
            assert_eq!(plugins, expected);
            let port = container["ports"][0]["containerPort"].as_u64().unwrap();
            assert_eq!(*listen, format!("--listen=:{port}"));
            for (probe, path) in [("readinessProbe", "/readyz"), ("livenessProbe", "/healthz")] {
                assert_eq!(container[probe]["httpGet"]["path"], path);
                assert_eq!(container[probe]["httpGet"]["port"], port);
            }
            ports.push(port);
        }
        let count = ports.len();
        ports.sort_unstable();
        ports.dedup();
        assert_eq!((ports.len(), count), (count, install.servers.len()));
        // Argo CD's own.
        assert!(ports.iter().all(|port| !(8080..=8087).contains(port)));
    }
    let standard: Vec<String> = Server::standard(None, true)
        .plugins
        .iter()
        .map(ToString::to_string)
        .collect();
    assert_eq!(
        standard,
        [
            "manifill=auto,discover",
            "manifill-plain=plain",
            "manifill-helm=helm",
            "manifill-kustomize=kustomize",
        ]
    );
}

#[test]
fn a_server_is_restricted_and_writes_only_where_programs_work() {
    for install in installs() {
        let pod = pod(&install);
        let mut known: Vec<&str> = vec!["plugins", "var-files"];
        for volume in list(&pod, "volumes") {
            known.push(volume["name"].as_str().unwrap());
            if let Some(empty) = volume.get("emptyDir") {
                assert_eq!(empty["medium"], "Memory");
                assert!(empty["sizeLimit"].is_string());
            }
        }
        for container in servers(&pod) {
            let context = &container["securityContext"];
            assert_eq!(context["runAsUser"], 999);
            assert_eq!(context["runAsNonRoot"], true);
            assert_eq!(context["readOnlyRootFilesystem"], true);
            assert_eq!(context["allowPrivilegeEscalation"], false);
            assert_eq!(context["capabilities"]["drop"][0], "ALL");
            assert_eq!(context["seccompProfile"]["type"], "RuntimeDefault");
            assert_eq!(container["resources"]["limits"]["memory"], "2Gi");
            let mounts = list(container, "volumeMounts");
            for mount in mounts {
                assert!(known.contains(&mount["name"].as_str().unwrap()));
            }
            let is_mounted = |path: &str| mounts.iter().any(|one| one["mountPath"] == path);
            assert!(is_mounted("/home/argocd/cmp-server/plugins"));
            let args = list(container, "args").iter();
            let plain = args.filter(|arg| arg.as_str().unwrap().ends_with("=plain"));
            let only_plain = plain.count() + 1 == list(container, "args").len();
            assert_eq!(is_mounted("/tmp"), !only_plain);
            let account = "/var/run/secrets/kubernetes.io/serviceaccount";
            assert_eq!(is_mounted(account), install.with_account);
            let has_config = list(container, "env")
                .iter()
                .any(|one| one["name"] == "MANIFILL_CONFIG");
            assert_eq!(is_mounted("/etc/manifill"), has_config);
        }
    }
}

#[test]
fn the_pod_has_the_time_that_a_run_may_take() {
    for install in installs() {
        let grace = &pod(&install)["terminationGracePeriodSeconds"];
        match install.flavor {
            // Its resource has no such field.
            Flavor::Operator => assert!(grace.is_null()),
            _ => assert_eq!(*grace, 60),
        }
    }
    let classic = Install::new("manifill:1");
    assert!(pod(&classic)["terminationGracePeriodSeconds"].is_null());
}

#[test]
fn a_component_names_only_files_that_are_written() {
    for mut install in installs() {
        if install.flavor != Flavor::Kustomize {
            continue;
        }
        for takes_policy in [true, false] {
            for server in &mut install.servers {
                server.takes_policy = takes_policy;
            }
            let files = install.files();
            let names: Vec<_> = files.iter().map(|file| file.name.as_str()).collect();
            let kustomization = &documents(&files[0].text)[0];
            let maps = list(kustomization, "configMapGenerator");
            for map in maps {
                for file in list(map, "files") {
                    let file = file.as_str().unwrap();
                    let file = file.split_once('=').map_or(file, |(_, file)| file);
                    assert!(names.contains(&file), "{file}: {names:?}");
                }
            }
            let generates = !install.plugins.is_empty() || takes_policy;
            assert_eq!(!maps.is_empty(), generates);
            // An empty list under a key would be null.
            assert_eq!(kustomization.get("configMapGenerator").is_some(), generates);
        }
    }
}

#[test]
fn the_example_names_the_plugins() {
    let mut install = Install::new("manifill:1");
    install.servers = vec![Server::standard(None, false)];
    install.plugins = vec![Plugin::new("old", "old", serde_yaml::Mapping::new())];
    let files = install.files();
    let application = files.iter().find(|file| file.name == "application.yaml");
    let text = &application.unwrap().text;
    assert!(
        text.contains(
            "name: manifill # or manifill-plain, manifill-helm, manifill-kustomize, old\n"
        ),
        "{text}"
    );
}
