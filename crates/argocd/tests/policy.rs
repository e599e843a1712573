//! The policy reaches every sidecar that is written, whatever it has of its own.
#![allow(clippy::unwrap_used)]

mod common;

use std::path::Path;

use common::install;
use manifill::settings::{Config, Sources};
use manifill_argocd::{Avp, Flavor, Install};
use serde_yaml::Value;

/// Sidecars of an installation of argocd-vault-plugin: with variables, with variables from a Secret,
/// with nothing, with a Secret that the command names, and with settings files of their own.
const VALUES: &str = "
configs:
  cmp:
    plugins:
      variables: {generate: {command: [argocd-vault-plugin, generate, .]}}
      secret: {generate: {command: [sh, -c, 'helm template $ARGOCD_APP_NAME . -n $ARGOCD_APP_NAMESPACE | argocd-vault-plugin generate -']}}
      nothing: {generate: {command: [argocd-vault-plugin, generate, .]}}
      named: {generate: {command: [argocd-vault-plugin, generate, -s, login, .]}}
      file: {generate: {command: [argocd-vault-plugin, generate, --config-path=/own/avp.yaml, .]}}
      place: {generate: {command: [argocd-vault-plugin, generate, .]}}
repoServer:
  volumes: [{name: own, configMap: {name: own}}]
  extraContainers:
    - {name: variables, command: [/var/run/argocd/argocd-cmp-server], image: x, env: [{name: AVP_TYPE, value: file}]}
    - {name: secret, command: [/var/run/argocd/argocd-cmp-server], image: x, envFrom: [{secretRef: {name: login}}]}
    - {name: nothing, command: [/var/run/argocd/argocd-cmp-server], image: x}
    - {name: named, command: [/var/run/argocd/argocd-cmp-server], image: x, env: [{name: AVP_TYPE, value: file}]}
    - {name: file, command: [/var/run/argocd/argocd-cmp-server], image: x, volumeMounts: [{name: own, mountPath: /own}]}
    - {name: place, command: [/var/run/argocd/argocd-cmp-server], image: x, volumeMounts: [{name: own, mountPath: /etc/manifill/}]}
";

const FOLDER: &str = "/etc/manifill";

/// What becomes of it, with plugins of Argo CD's own server and with native ones, in every flavor.
fn installs() -> Vec<Install> {
    let avp = Avp::read([("values.yaml", VALUES)], None).unwrap();
    let both = [avp.clone(), avp.served_natively()];
    let flavors = |avp| Flavor::ALL.map(|flavor| install(avp, flavor));
    both.iter().flat_map(flavors).collect()
}

/// The sidecars and the volumes.
fn pod(install: &Install) -> (Vec<Value>, Vec<Value>) {
    let files = install.files();
    let value = |name: &str| -> Value {
        let file = files.iter().find(|file| file.name == name).unwrap();
        serde_yaml::from_str(&file.text).unwrap()
    };
    let (server, key) = match install.flavor {
        Flavor::Helm => (
            value("values.yaml")["repoServer"].clone(),
            "extraContainers",
        ),
        Flavor::Operator => (
            value("argocd.yaml")["spec"]["repo"].clone(),
            "sidecarContainers",
        ),
        _ => (
            value("repo-server.yaml")["spec"]["template"]["spec"].clone(),
            "containers",
        ),
    };
    let list = |key: &str| server[key].as_sequence().unwrap().clone();
    (list(key), list("volumes"))
}

fn named<'v>(list: &'v Value, key: &str, name: &str) -> Vec<&'v Value> {
    let items = list.as_sequence().into_iter().flatten();
    items.filter(|one| one[key] == name).collect()
}

#[test]
fn every_sidecar_has_the_policy_unless_it_has_a_file_of_its_own_or_reads_a_secret() {
    for install in installs() {
        let (sidecars, volumes) = pod(&install);
        let volumes = Value::Sequence(volumes);
        let [volume] = named(&volumes, "name", "manifill-config")[..] else {
            panic!("{volumes:?}")
        };
        let map = volume["configMap"]["name"].as_str().unwrap();
        let files = install.files();
        assert!(files.iter().any(|file| {
            file.text.contains(&format!("name: {map}\n")) && file.name != "repo-server.yaml"
        }));
        assert!(sidecars.len() >= 5);
        for sidecar in &sidecars {
            let name = sidecar["name"].as_str().unwrap();
            let has_policy = !["named", "file", "place"].contains(&name);
            let at: Vec<_> = named(&sidecar["volumeMounts"], "mountPath", FOLDER);
            assert_eq!(at.len(), usize::from(has_policy), "{name}");
            let variables = named(&sidecar["env"], "name", "MANIFILL_CONFIG");
            assert_eq!(variables.len(), usize::from(has_policy), "{name}");
            for (mount, variable) in at.into_iter().zip(variables) {
                assert_eq!(mount["name"], "manifill-config");
                assert_eq!(variable["value"], format!("{FOLDER}/manifill.yaml"));
            }
            // What the owner has is kept.
            let own = named(&sidecar["env"], "name", "AVP_TYPE");
            assert_eq!(
                own.len(),
                usize::from(["variables", "named"].contains(&name))
            );
            let from = sidecar["envFrom"][0]["secretRef"]["name"].as_str();
            match name {
                "secret" => assert_eq!(from, Some("login")),
                "nothing" | "place" => assert_eq!(from, Some("manifill-settings")),
                "file" => assert!(from.is_some()),
                _ => assert_eq!(from, None),
            }
        }
    }
}

#[test]
fn where_the_policy_does_not_reach_is_told() {
    let avp = Avp::read([("values.yaml", VALUES)], None).unwrap();
    for avp in [avp.clone(), avp.served_natively()] {
        let notes = avp.notes.join("\n");
        for (plugin, why) in [
            ("file", "its command names a settings file by -c"),
            ("place", "something else is mounted in its place"),
            ("named", "its command names a Secret by -s"),
        ] {
            let told = format!("does not reach the plugin {plugin}: {why}");
            assert!(notes.contains(&told), "{notes}");
        }
        assert_eq!(notes.matches("does not reach").count(), 3, "{notes}");
    }
}

#[test]
fn a_policy_holds_beside_the_variables_of_a_sidecar() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("manifill.yaml");
    let install = &installs()[0];
    let written = install.files();
    let written = written.iter().find(|file| file.name == "manifill.yaml");
    // As it is written: all comments.
    std::fs::write(&file, &written.unwrap().text).unwrap();
    let (sidecars, _) = pod(install);
    let sidecar = sidecars.iter().find(|one| one["name"] == "variables");
    let load = || {
        let mut sources = Sources::default()
            .with_project("team")
            .with_variable("MANIFILL_FILE", "/secrets.yaml");
        for variable in sidecar.unwrap()["env"].as_sequence().unwrap() {
            let value = variable["value"].as_str().unwrap();
            let value = match Path::new(value).strip_prefix(FOLDER) {
                Ok(name) => folder.path().join(name).display().to_string(),
                Err(_) => value.to_owned(),
            };
            sources = sources.with_variable(variable["name"].as_str().unwrap(), value);
        }
        Config::load(&sources).unwrap()
    };
    let allowed = |path: &str| {
        let config = load();
        assert_eq!(config.notes, [""; 0]);
        config.rules.check("file", true, path, path).is_ok()
    };
    assert!(allowed("db") && allowed("other"));
    let policy = "policy:\n  - {project: team, allow: [db]}\n";
    std::fs::write(&file, policy).unwrap();
    assert!(allowed("db") && !allowed("other"));
}

/// The names of volumes and the places of mounts, each once, as a cluster wants them.
#[test]
fn what_a_sidecar_mounts_itself_stands_beside_what_is_written_here() {
    const ACCOUNT: &str = "/var/run/secrets/kubernetes.io/serviceaccount";
    let text = "
configs: {cmp: {plugins: {avp: {generate: {command: [argocd-vault-plugin, generate, .]}}}}}
repoServer:
  volumes:
    - {name: manifill-config, secret: {secretName: own}}
    - {name: avp-tmp, emptyDir: {}}
    - {name: token, projected: {sources: []}}
    - {name: policy, configMap: {name: own}}
  extraContainers:
    - name: avp
      image: x
      command: [/var/run/argocd/argocd-cmp-server]
      env: [no variable, {name: AVP_AUTH_TYPE, value: k8s}]
      volumeMounts:
        - {name: manifill-config, mountPath: /own}
        - {name: avp-tmp, mountPath: /work}
        - {name: token, mountPath: /var/run/secrets/kubernetes.io/serviceaccount/}
        - {name: policy, mountPath: /etc/manifill/manifill.yaml, subPath: manifill.yaml}
";
    let avp = Avp::read([("values.yaml", text)], None).unwrap();
    for avp in [avp.clone(), avp.served_natively()] {
        let mut install = Install::new("manifill:1");
        install.flavor = Flavor::Helm;
        install.servers.clone_from(&avp.servers);
        install.plugins.clone_from(&avp.plugins);
        install.volumes.clone_from(&avp.volumes);
        install.with_account = avp.with_account;
        let (sidecars, volumes) = pod(&install);
        let each = |list: &[Value], key: &str| {
            let values = list.iter().map(|one| one[key].as_str().unwrap());
            let mut values: Vec<_> = values.map(|text| text.trim_end_matches('/')).collect();
            values.sort_unstable();
            let count = values.len();
            values.dedup();
            assert_eq!(values.len(), count, "{values:?}");
            values.into_iter().map(str::to_owned).collect::<Vec<_>>()
        };
        let names = each(&volumes, "name");
        let [sidecar] = &sidecars[..] else {
            panic!("{sidecars:?}")
        };
        let mounts = sidecar["volumeMounts"].as_sequence().unwrap();
        let places = each(mounts, "mountPath");
        for place in ["/own", "/work", ACCOUNT, "/etc/manifill/manifill.yaml"] {
            assert!(places.contains(&place.to_owned()), "{place}");
        }
        assert!(!places.contains(&FOLDER.to_owned()));
        let usual = ["plugins", "var-files"];
        for mount in mounts {
            let name = mount["name"].as_str().unwrap().to_owned();
            assert!(names.contains(&name) || usual.contains(&&*name), "{name}");
        }
        assert!(
            sidecar["env"]
                .as_sequence()
                .unwrap()
                .iter()
                .all(Value::is_mapping)
        );
    }
}

#[test]
fn a_list_of_containers_that_is_a_template_is_told() {
    let text = "
configs: {cmp: {plugins: {avp: {generate: {command: [argocd-vault-plugin, generate, .]}}}}}
repoServer:
  extraContainers: |
    - name: avp
      command: [/var/run/argocd/argocd-cmp-server]
      env:
      {{- toYaml .Values.env | nindent 6 }}
";
    let avp = Avp::read([("values.yaml", text)], None).unwrap();
    let told = "`extraContainers` holds a text that is not YAML";
    assert!(avp.notes.iter().any(|note| note.starts_with(told)));
}
