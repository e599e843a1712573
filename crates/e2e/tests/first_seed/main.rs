//! A home lab from an empty directory: a Connect server, the Secret, the sidecar as `manifill install
//! argocd` writes it, Forgejo's and homepage's manifests untouched, BaGetter's Secret filled, and a
//! mistake in `OP_CONNECT_HOST` that is corrected without deleting anything.
#![allow(clippy::unwrap_used)]

mod lab;

use lab::{Lab, Sidecar};
use manifill_e2e::{KubeApiserver, free_port, run, skip};
use serde_json::Value;

/// The value that BaGetter's Secret wants.
const KEY: &str = "fake-nuget-api-key-0001";

/// Checks that BaGetter has its key, and that everything else is as it is in git.
fn assert_filled(lab: &Lab, sidecar: &Sidecar) {
    for app in ["bagetter", "forgejo", "homepage"] {
        assert_is_as_in_git(lab, sidecar, app);
    }
}

fn assert_is_as_in_git(lab: &Lab, sidecar: &Sidecar, app: &str) {
    let answer = lab.refresh(sidecar, app);
    assert_eq!(answer["code"], "OK", "{app}: {answer}");
    let mut expected = lab.in_git(app);
    for object in &mut expected {
        if object["metadata"]["name"] == "bagetter-secrets" {
            object["stringData"]["apiKey"] = KEY.into();
        }
    }
    let got = answer["manifests"].as_array().unwrap();
    assert_eq!(got.len(), expected.len(), "{app}");
    for object in &expected {
        assert!(got.contains(object), "{app}: {object:#}\n{answer:#}");
    }
}

/// Checks that an Application that needs the vault says what is wrong.
fn assert_told(lab: &Lab, sidecar: &Sidecar, words: &[&str]) {
    let answer = lab.refresh(sidecar, "bagetter");
    let told = answer["message"].as_str().unwrap();
    assert_ne!(answer["code"], "OK", "{answer}");
    for word in words {
        assert!(told.contains(word), "{word}: {told}");
    }
    let how = "argocd app get bagetter --hard-refresh";
    assert!(told.ends_with(how), "{told}");
    assert!(!told.contains(lab.connect.token()) && !told.contains(KEY));
}

#[test]
fn a_home_lab_from_an_empty_directory() {
    if !skip("a home lab under Argo CD") {
        from_an_empty_directory(&[]);
    }
}

#[test]
fn the_same_with_one_native_sidecar() {
    if !skip("a home lab under Argo CD, natively") {
        from_an_empty_directory(&["--native"]);
    }
}

fn from_an_empty_directory(arguments: &[&str]) {
    let lab = Lab::new();
    lab.install(&[&["--address", lab.connect.url()], arguments].concat());
    // Nothing is filled in yet.
    let sidecar = lab.start();
    assert_told(&lab, &sidecar, &["OP_CONNECT_TOKEN is not set"]);
    let written = lab.snapshot();
    lab.set_in_secret("OP_CONNECT_TOKEN", lab.connect.token());
    // As after `kubectl rollout restart`.
    drop(sidecar);
    let sidecar = lab.start();
    assert_filled(&lab, &sidecar);

    // Three ways to get the address wrong; each is told, and none needs more than the right one.
    let port = free_port().unwrap();
    let nobody = format!("http://127.0.0.1:{port}");
    let without = lab.connect.url().replace("http://", "");
    let secure = lab.connect.url().replace("http://", "https://");
    let mut sidecar = sidecar;
    for (address, words) in [
        (&nobody, ["cannot reach", "connection refused"]),
        (&without, ["OP_CONNECT_HOST", "must be a URL"]),
        (&secure, ["does not speak TLS", "is it an http:// address?"]),
    ] {
        lab.set_in_secret("OP_CONNECT_HOST", address);
        drop(sidecar);
        let wrong = lab.start();
        lab.connect.clear_requests();
        assert_told(&lab, &wrong, &words);
        // Who needs no secret does not notice.
        assert_is_as_in_git(&lab, &wrong, "forgejo");
        assert_is_as_in_git(&lab, &wrong, "homepage");
        // A vault that is not there does not take the repo-server out of service.
        assert!(wrong.is_ready());
        assert!(lab.connect.requests().is_empty());
        lab.set_in_secret("OP_CONNECT_HOST", lab.connect.url());
        drop(wrong);
        sidecar = lab.start();
        assert_filled(&lab, &sidecar);
    }
    // Nothing was deleted, and nothing but the Secret was changed.
    assert_eq!(lab.snapshot(), written);
}

/// What the API server knows of a Secret.
fn identity(cluster: &KubeApiserver) -> Value {
    let mut get = cluster.kubectl();
    get.args([
        "get",
        "secret",
        "connect",
        "--namespace=argocd",
        "--output=json",
    ]);
    let secret: Value = serde_json::from_str(&run(&mut get).unwrap()).unwrap();
    secret["metadata"]["uid"].clone()
}

#[test]
fn a_secret_that_each_run_reads_is_corrected_without_a_restart() {
    if skip("a home lab under Argo CD, with a real API server") {
        return;
    }
    let lab = Lab::new();
    lab.install(&[
        "--for",
        "raw",
        "-s",
        "argocd:connect",
        "--address",
        lab.connect.url(),
    ]);
    lab.set_in_secret("OP_CONNECT_TOKEN", lab.connect.token());
    let cluster = KubeApiserver::start().unwrap();
    for words in [
        &["create", "namespace", "argocd"][..],
        &[
            "create",
            "serviceaccount",
            "argocd-repo-server",
            "--namespace=argocd",
        ],
    ] {
        run(cluster.kubectl().args(words)).unwrap();
    }
    let apply = |name: &str| {
        let mut apply = cluster.kubectl();
        run(apply.args(["apply", "-f"]).arg(lab.sidecar_file(name))).unwrap();
    };
    apply("rights.yaml");
    let sidecar = lab.start_with_account(&cluster);
    assert_told(
        &lab,
        &sidecar,
        &["there is no Secret `connect` in namespace `argocd`"],
    );
    apply("secret.yaml");
    assert_filled(&lab, &sidecar);
    let before = identity(&cluster);
    lab.set_in_secret(
        "OP_CONNECT_HOST",
        &format!("http://127.0.0.1:{}", free_port().unwrap()),
    );
    apply("secret.yaml");
    assert_told(&lab, &sidecar, &["cannot reach"]);
    lab.set_in_secret("OP_CONNECT_HOST", lab.connect.url());
    apply("secret.yaml");
    assert_filled(&lab, &sidecar);
    assert_eq!(identity(&cluster), before);
}
