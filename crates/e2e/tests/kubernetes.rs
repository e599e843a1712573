//! The `kubernetessecret` backend and `-s` against a real API server.
#![allow(clippy::unwrap_used)]

use std::path::PathBuf;
use std::process::{Command, Output};
use std::sync::{Arc, Mutex, PoisonError, Weak};

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use manifill::RunContext;
use manifill::vault::backend::kubernetessecret::KubernetesSecret;
use manifill::vault::{
    Keys, Secret, SecretRequest, SecretValue, Settings, VaultBackend as _, VaultError,
    VaultErrorKind,
};
use manifill_e2e::{ADMIN_TOKEN, KubeApiserver, READER_TOKEN, direct, manifill, run, skip};

/// Each of `SUBJECTS` may read the Secrets of the namespace `demo`, but only one of those in `guarded`.
const RIGHTS: &str = "\
apiVersion: rbac.authorization.k8s.io/v1
kind: Role
metadata: {name: read, namespace: demo}
rules: [{apiGroups: [''], resources: [secrets], verbs: [get]}]
---
apiVersion: rbac.authorization.k8s.io/v1
kind: Role
metadata: {name: read-one, namespace: guarded}
rules: [{apiGroups: [''], resources: [secrets], resourceNames: [open], verbs: [get]}]
---
apiVersion: rbac.authorization.k8s.io/v1
kind: RoleBinding
metadata: {name: read, namespace: demo}
roleRef: {apiGroup: rbac.authorization.k8s.io, kind: Role, name: read}
subjects: [SUBJECTS]
---
apiVersion: rbac.authorization.k8s.io/v1
kind: RoleBinding
metadata: {name: read-one, namespace: guarded}
roleRef: {apiGroup: rbac.authorization.k8s.io, kind: Role, name: read-one}
subjects: [SUBJECTS]
";

const SUBJECTS: &str = "{kind: User, name: reader}, {kind: User, name: alice}, \
                        {kind: ServiceAccount, name: app, namespace: demo}";

/// The server that the tests share while any of them runs; a static is never dropped, so it must
/// not own the server.
fn cluster() -> Arc<KubeApiserver> {
    static SHARED: Mutex<Weak<KubeApiserver>> = Mutex::new(Weak::new());
    let mut shared = SHARED.lock().unwrap_or_else(PoisonError::into_inner);
    if let Some(cluster) = shared.upgrade() {
        return cluster;
    }
    let cluster = Arc::new(KubeApiserver::start().unwrap());
    cluster
        .apply(
            "{apiVersion: v1, kind: Namespace, metadata: {name: argocd}}\n---\n\
             {apiVersion: v1, kind: Namespace, metadata: {name: guarded}}\n---\n\
             {apiVersion: v1, kind: Namespace, metadata: {name: demo}}\n---\n\
             {apiVersion: v1, kind: ServiceAccount, metadata: {name: app, namespace: demo}}\n",
        )
        .unwrap();
    cluster
        .apply(&RIGHTS.replace("SUBJECTS", SUBJECTS))
        .unwrap();
    *shared = Arc::downgrade(&cluster);
    cluster
}

/// Creates a Secret with kubectl, from files with these contents.
fn create(cluster: &KubeApiserver, name: &str, data: &[(&str, &[u8])]) {
    let (namespace, name) = name.split_once(':').unwrap();
    let folder = tempfile::tempdir().unwrap();
    let mut command = cluster.kubectl();
    command.args([
        "create",
        "secret",
        "generic",
        name,
        "--namespace",
        namespace,
    ]);
    for (key, value) in data {
        let file = folder.path().join(key);
        std::fs::write(&file, value).unwrap();
        command.arg(format!("--from-file={key}={}", file.display()));
    }
    run(&mut command).unwrap();
}

/// A kubeconfig for the server, where nothing says otherwise with its CA.
fn kubeconfig(cluster: &KubeApiserver, name: &str, trust: Option<&str>, user: &str) -> PathBuf {
    let ca = format!("certificate-authority: '{}'", cluster.ca_file().display());
    let text = format!(
        "apiVersion: v1\nkind: Config\ncurrent-context: c\n\
         contexts: [{{name: c, context: {{cluster: c, user: u, namespace: demo}}}}]\n\
         clusters: [{{name: c, cluster: {{server: '{}', {}}}}}]\n\
         users: [{{name: u, user: {user}}}]\n",
        cluster.url(),
        trust.unwrap_or(&ca),
    );
    let file = cluster.folder().join(name);
    std::fs::write(&file, text).unwrap();
    file
}

fn token(token: &str) -> String {
    format!("{{token: {token}}}")
}

fn backend(kubeconfig: &std::path::Path) -> KubernetesSecret {
    let settings = Settings::new().with("KUBECONFIG", kubeconfig.to_str().unwrap());
    KubernetesSecret::from_settings(&settings).unwrap()
}

fn wait<T>(work: impl Future<Output = T>) -> T {
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build();
    runtime.unwrap().block_on(work)
}

fn read(backend: &KubernetesSecret, paths: &[&str]) -> Vec<Result<Secret, VaultError>> {
    let request = |path: &&str| SecretRequest::new(backend.parse_path(path).unwrap(), Keys::All);
    let requests: Vec<_> = paths.iter().map(request).collect();
    wait(backend.read(&requests, &RunContext::default()))
}

fn kind(backend: &KubernetesSecret, path: &str) -> VaultErrorKind {
    read(backend, &[path]).remove(0).unwrap_err().kind()
}

/// Whether kubectl, with the same kubeconfig, may read the Secret: the judge of what a login may.
fn kubectl_reads(cluster: &KubeApiserver, kubeconfig: &std::path::Path, path: &str) -> bool {
    let (namespace, name) = path.split_once(':').unwrap();
    let mut command = direct(cluster.kubectl_program());
    command
        .arg(format!("--kubeconfig={}", kubeconfig.display()))
        .env("HOME", cluster.folder())
        .args(["get", "secret", name, "--namespace", namespace]);
    run(&mut command).is_ok()
}

#[test]
fn values_are_what_kubectl_put_there() {
    if skip("values in a real API server") {
        return;
    }
    let cluster = cluster();
    let binary: Vec<u8> = (0..=255).collect();
    let large = "0123456789abcdef".repeat(60_000);
    let lines = "-----BEGIN X-----\n  a\t\r\n\n-----END X-----\n";
    let texts = [
        ("empty", ""),
        ("lines", lines),
        ("umlauts.txt", "pässwörd 密码 🔑"),
        ("large", large.as_str()),
    ];
    let mut data: Vec<(&str, &[u8])> = texts.map(|(key, text)| (key, text.as_bytes())).to_vec();
    data.push(("keystore", &binary));
    create(&cluster, "demo:values", &data);

    let config = kubeconfig(&cluster, "values", None, &token(READER_TOKEN));
    let answers = read(&backend(&config), &["demo:values", "demo:values"]);
    for answer in &answers {
        let secret = answer.as_ref().unwrap();
        for (key, text) in texts {
            assert_eq!(
                secret.value(key),
                Some(Ok(&SecretValue::text(text))),
                "{key}"
            );
        }
        let keystore = SecretValue::bytes(binary.as_slice());
        assert_eq!(secret.value("keystore"), Some(Ok(&keystore)));
        assert!(secret.value("absent").is_none());
        assert_eq!(secret.names().len(), 5);
        assert!(secret.version().unwrap().parse::<u64>().is_ok());
    }
    assert_eq!(cluster.secret_reads("demo", "values").unwrap(), 1);
}

#[test]
fn what_a_login_may_not_is_told_from_what_is_not_there() {
    if skip("refusals of a real API server") {
        return;
    }
    let cluster = cluster();
    for name in ["demo:db", "guarded:open", "guarded:shut", "argocd:closed"] {
        create(&cluster, name, &[("password", b"x")]);
    }
    let config = kubeconfig(&cluster, "rights", None, &token(READER_TOKEN));
    let reader = backend(&config);
    for (path, expected) in [
        ("demo:db", None),
        ("guarded:open", None),
        ("guarded:shut", Some(VaultErrorKind::PermissionDenied)),
        ("argocd:closed", Some(VaultErrorKind::PermissionDenied)),
        ("nowhere:db", Some(VaultErrorKind::PermissionDenied)),
        ("demo:absent", Some(VaultErrorKind::NotFound)),
    ] {
        let answer = read(&reader, &[path]).remove(0);
        assert_eq!(answer.err().map(|error| error.kind()), expected, "{path}");
        assert_eq!(
            kubectl_reads(&cluster, &config, path),
            expected.is_none(),
            "{path}"
        );
    }
    let error = read(&reader, &["guarded:shut"]).remove(0).unwrap_err();
    assert_eq!(
        error.to_string(),
        "the cluster does not allow this login to read the Secret `shut` in namespace `guarded` (HTTP 403)"
    );

    let admin = backend(&kubeconfig(&cluster, "admin", None, &token(ADMIN_TOKEN)));
    assert_eq!(kind(&admin, "nowhere:db"), VaultErrorKind::NotFound);
    let stranger = backend(&kubeconfig(&cluster, "stranger", None, &token("wrong")));
    assert_eq!(kind(&stranger, "demo:db"), VaultErrorKind::Unauthenticated);
    let nobody = backend(&kubeconfig(&cluster, "nobody", None, "{}"));
    assert_eq!(kind(&nobody, "demo:db"), VaultErrorKind::PermissionDenied);
    // The reader may not act for others; the admin may, and then has the other's rights.
    let acting = |token: &str| format!("{{token: {token}, as: alice}}");
    let forged = backend(&kubeconfig(&cluster, "forged", None, &acting(READER_TOKEN)));
    assert_eq!(kind(&forged, "demo:db"), VaultErrorKind::PermissionDenied);
    let alice = backend(&kubeconfig(&cluster, "alice", None, &acting(ADMIN_TOKEN)));
    assert!(read(&alice, &["demo:db"])[0].is_ok());
    assert_eq!(
        kind(&alice, "argocd:closed"),
        VaultErrorKind::PermissionDenied
    );
}

#[test]
fn a_client_certificate_logs_in() {
    if skip("client certificates at a real API server") {
        return;
    }
    let cluster = cluster();
    create(&cluster, "demo:by-certificate", &[("password", b"x")]);
    let (certificate, key) = cluster.client_certificate("alice").unwrap();
    for (name, text) in [("alice.crt", &certificate), ("alice.key", &key)] {
        std::fs::write(cluster.folder().join(name), text).unwrap();
    }
    let by_data = |(certificate, key): &(String, String)| {
        format!(
            "{{client-certificate-data: {}, client-key-data: {}}}",
            STANDARD.encode(certificate),
            STANDARD.encode(key)
        )
    };
    let stranger = cluster.client_certificate("bob").unwrap();
    for (name, user, expected) in [
        (
            "files",
            "{client-certificate: alice.crt, client-key: alice.key}".to_owned(),
            None,
        ),
        ("data", by_data(&(certificate, key)), None),
        (
            "bob",
            by_data(&stranger),
            Some(VaultErrorKind::PermissionDenied),
        ),
    ] {
        let config = kubeconfig(&cluster, &format!("certificate-{name}"), None, &user);
        let answer = read(&backend(&config), &["demo:by-certificate"]).remove(0);
        assert_eq!(answer.err().map(|error| error.kind()), expected, "{name}");
        let judged = kubectl_reads(&cluster, &config, "demo:by-certificate");
        assert_eq!(judged, expected.is_none(), "{name}");
    }
}

#[test]
fn an_exec_plugin_logs_in() {
    if skip("exec plugins at a real API server") {
        return;
    }
    let cluster = cluster();
    for name in ["demo:by-plugin", "guarded:by-plugin"] {
        create(&cluster, name, &[("password", b"x")]);
    }
    // kubectl is the plugin: it asks the server for a token and prints it in the plugin's form.
    let template = r#"{"apiVersion":"client.authentication.k8s.io/v1","kind":"ExecCredential","status":{"token":"{{.status.token}}","expirationTimestamp":"{{.status.expirationTimestamp}}"}}"#;
    let template = format!("-o=go-template={template}");
    let server = format!("--server={}", cluster.url());
    let ca = format!("--certificate-authority={}", cluster.ca_file().display());
    let login = format!("--token={ADMIN_TOKEN}");
    let args = [
        "create",
        "token",
        "app",
        "--namespace=demo",
        "--duration=10m",
    ];
    let args: Vec<&str> = args
        .into_iter()
        .chain([&*server, &*ca, &*login, &*template])
        .collect();
    let user = format!(
        "{{exec: {{apiVersion: client.authentication.k8s.io/v1, interactiveMode: Never, command: '{}', args: {args:?}, env: [{{name: KUBECONFIG, value: /dev/null}}]}}}}",
        cluster.kubectl_program().display()
    );
    let config = kubeconfig(&cluster, "plugin", None, &user);
    assert!(kubectl_reads(&cluster, &config, "demo:by-plugin"));
    assert!(!kubectl_reads(&cluster, &config, "guarded:by-plugin"));
    let backend = backend(&config);
    assert!(read(&backend, &["demo:by-plugin"])[0].is_ok());
    assert_eq!(
        kind(&backend, "guarded:by-plugin"),
        VaultErrorKind::PermissionDenied
    );
}

#[test]
fn the_servers_certificate_is_judged() {
    if skip("the certificate of a real API server") {
        return;
    }
    let cluster = cluster();
    create(&cluster, "demo:by-tls", &[("password", b"x")]);
    let ca = std::fs::read(cluster.ca_file()).unwrap();
    let ca = format!("certificate-authority-data: {}", STANDARD.encode(ca));
    let other = STANDARD.encode(cluster.client_certificate("x").unwrap().0);
    for (name, trust, trusted) in [
        ("data", ca.clone(), true),
        (
            "name",
            format!("{ca}, tls-server-name: kubernetes.default.svc"),
            true,
        ),
        (
            "wrong-name",
            format!("{ca}, tls-server-name: example.test"),
            false,
        ),
        (
            "insecure",
            "insecure-skip-tls-verify: true".to_owned(),
            true,
        ),
        (
            "other",
            format!("certificate-authority-data: {other}"),
            false,
        ),
        ("system", "disable-compression: true".to_owned(), false),
    ] {
        let file = format!("tls-{name}");
        let config = kubeconfig(&cluster, &file, Some(&trust), &token(READER_TOKEN));
        let answer = read(&backend(&config), &["demo:by-tls"]).remove(0);
        let expected = (!trusted).then_some(VaultErrorKind::Unavailable);
        assert_eq!(answer.err().map(|error| error.kind()), expected, "{name}");
        assert_eq!(
            kubectl_reads(&cluster, &config, "demo:by-tls"),
            trusted,
            "{name}"
        );
    }
}

#[test]
fn the_command_line_takes_settings_and_values_from_secrets() {
    if skip("-s with a real API server") {
        return;
    }
    let cluster = cluster();
    create(&cluster, "argocd:db", &[("password", b"not: #1")]);
    create(&cluster, "demo:db-of-demo", &[("password", b"x")]);
    let settings: [(&str, &[u8]); 2] = [
        ("AVP_TYPE", b"kubernetessecret\n"),
        ("MANIFILL_KUBE_NAMESPACE", b"argocd"),
    ];
    create(&cluster, "demo:settings", &settings);
    create(&cluster, "argocd:settings", &settings);
    run(cluster.kubectl().args([
        "label",
        "secret",
        "db",
        "--namespace=argocd",
        "argocd.argoproj.io/instance=x",
    ]))
    .unwrap();
    let program = manifill().unwrap();
    let admin = kubeconfig(&cluster, "cli-admin", None, &token(ADMIN_TOKEN));
    let reader = kubeconfig(&cluster, "cli-reader", None, &token(READER_TOKEN));
    let folder = tempfile::tempdir().unwrap();
    let manifest = |path: &str| {
        format!("kind: Secret\nmetadata: {{name: a}}\nstringData:\n  a: <path:{path}#password>\n")
    };
    let generate = |config: &PathBuf, path: &str, args: &[&str], variables: &[(&str, &str)]| {
        std::fs::write(folder.path().join("a.yaml"), manifest(path)).unwrap();
        let mut command = direct(&program);
        command
            .env_clear()
            .env("KUBECONFIG", config)
            .envs(variables.iter().copied())
            .current_dir(folder.path())
            .args(["generate", "a.yaml"])
            .args(args);
        outcome(&mut command)
    };

    // kubectl has read it too, to label it.
    let before = cluster.secret_reads("argocd", "db").unwrap();
    let filled = manifest("X").replace("<path:X#password>", "\"not: #1\"");
    let filled = (filled, String::new());
    for name in ["settings", "demo:settings"] {
        assert_eq!(
            generate(&admin, "db", &["-s", name], &[]),
            Ok(filled.clone()),
            "{name}"
        );
    }
    assert_eq!(cluster.secret_reads("argocd", "db").unwrap() - before, 2);
    assert_eq!(cluster.secret_reads("demo", "settings").unwrap(), 1);
    // The environment comes before the Secret (AVP rule 54).
    let env = [("MANIFILL_KUBE_NAMESPACE", "demo")];
    let (text, _) = generate(&admin, "db-of-demo", &["-s", "demo:settings"], &env).unwrap();
    assert!(text.ends_with("a: \"x\"\n"), "{text}");

    // Without KUBECONFIG it is the file in the home folder that counts.
    let home = tempfile::tempdir().unwrap();
    std::fs::create_dir(home.path().join(".kube")).unwrap();
    std::fs::copy(&admin, home.path().join(".kube/config")).unwrap();
    let env = [("KUBECONFIG", ""), ("HOME", home.path().to_str().unwrap())];
    assert_eq!(
        generate(&admin, "db", &["-s", "settings"], &env),
        Ok(filled.clone())
    );

    for (config, name, words) in [
        (
            &reader,
            "argocd:settings",
            "does not allow this login to read the Secret `settings` in namespace `argocd`",
        ),
        (
            &admin,
            "absent",
            "there is no Secret `absent` in namespace `argocd`",
        ),
        (&admin, "a:b:c", "`a:b:c` is not the name of a Secret"),
    ] {
        let said = generate(config, "db", &["-s", name], &[]).unwrap_err();
        assert!(
            said.contains("the settings in Secret `") && said.contains(words),
            "{said}"
        );
    }

    // Under Argo CD and without a policy, the app's author stays in the default namespace, and
    // reads what is labelled there.
    let argo = [("ARGOCD_APP_NAME", "a"), ("AVP_TYPE", "kubernetessecret")];
    let label = |label: &str| {
        let mut kubectl = cluster.kubectl();
        let labelled = kubectl.args(["label", "secret", "db", "--namespace=argocd", label]);
        run(labelled).unwrap();
    };
    let said = generate(&admin, "db", &[], &argo).unwrap_err();
    assert!(said.contains("only if it has the label"), "{said}");
    label("manifill.dev/readable=true");
    assert_eq!(generate(&admin, "db", &[], &argo), Ok(filled));
    let said = generate(&admin, "demo:db-of-demo", &[], &argo).unwrap_err();
    assert!(said.contains("namespace `demo` is out of reach"), "{said}");
    label("argocd.argoproj.io/secret-type=repository");
    let said = generate(&admin, "db", &[], &argo).unwrap_err();
    assert!(
        said.contains("is Argo CD's own") && !said.contains("not: #1"),
        "{said}"
    );
}

/// What a command prints on both outputs, or on standard error if it fails; then nothing may stand
/// on standard output.
fn outcome(command: &mut Command) -> Result<(String, String), String> {
    let Output {
        status,
        stdout,
        stderr,
    } = command.output().unwrap();
    let (stdout, stderr) = (
        String::from_utf8(stdout).unwrap(),
        String::from_utf8(stderr).unwrap(),
    );
    if status.success() {
        Ok((stdout, stderr))
    } else {
        assert_eq!(stdout, "");
        Err(stderr)
    }
}
