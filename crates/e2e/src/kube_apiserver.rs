//! A real kube-apiserver with its etcd: RBAC, client certificates, service account tokens,
//! TokenReview. Nothing else of a cluster runs, so there are no controllers and no nodes.

use std::io;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::thread::sleep;
use std::time::{Duration, Instant};

use rcgen::{
    BasicConstraints, CertificateParams, CertifiedIssuer, DistinguishedName, DnType,
    ExtendedKeyUsagePurpose, IsCa, KeyPair, KeyUsagePurpose,
};
use tempfile::TempDir;

use crate::process::{Running, STARTS, free_port};
use crate::{direct, run, servers};

/// The token of a user who may do everything.
pub const ADMIN_TOKEN: &str = "admin-token-0123456789";
/// The token of the user `reader`, who may do what a test allows.
pub const READER_TOKEN: &str = "reader-token-0123456789";

/// The audience, beside the server itself, for which it accepts tokens of service accounts.
pub const VAULT_AUDIENCE: &str = "vault";

/// Far more than a start takes on a busy machine.
const START: Duration = Duration::from_secs(90);

/// An API server that runs until this is dropped.
pub struct KubeApiserver {
    // The server ends before its storage does, and both before their folder goes.
    _api: Running,
    _etcd: Running,
    packages: PathBuf,
    clients: CertifiedIssuer<'static, KeyPair>,
    port: u16,
    folder: TempDir,
}

impl KubeApiserver {
    /// Builds the programs unless they are there, starts them on free ports, and waits until the
    /// server is ready.
    ///
    /// # Errors
    ///
    /// What the build or the server wrote.
    pub fn start() -> io::Result<KubeApiserver> {
        let script = servers().join("kube-apiserver/build.sh");
        let packages = PathBuf::from(run(&mut Command::new(script))?.trim_end());
        let mut started = KubeApiserver::start_once(&packages);
        for _ in 1..STARTS {
            if started.is_err() {
                started = KubeApiserver::start_once(&packages);
            }
        }
        started
    }

    fn start_once(packages: &Path) -> io::Result<KubeApiserver> {
        let folder = tempfile::tempdir()?;
        let clients = authority()?;
        write_files(folder.path(), &clients)?;
        let (etcd_port, peer_port, port) = (free_port()?, free_port()?, free_port()?);
        let mut etcd = Running::start(
            &mut etcd(packages, folder.path(), etcd_port, peer_port),
            &folder.path().join("etcd.log"),
        )?;
        let mut api = Running::start(
            &mut api(packages, folder.path(), etcd_port, port),
            &folder.path().join("api.log"),
        )?;
        let start = Instant::now();
        let certificate = folder.path().join("certs/apiserver.crt");
        let mut ready = kubectl(packages, folder.path(), port);
        ready.args(["get", "--raw=/readyz", "--request-timeout=5s"]);
        while !certificate.exists() || run(&mut ready).is_err() {
            etcd.check()?;
            api.check()?;
            if start.elapsed() > START {
                return Err(api.error("the server does not get ready"));
            }
            sleep(Duration::from_millis(200));
        }
        Ok(KubeApiserver {
            _api: api,
            _etcd: etcd,
            packages: packages.to_owned(),
            clients,
            port,
            folder,
        })
    }

    /// Its address, without a slash at the end.
    pub fn url(&self) -> String {
        format!("https://127.0.0.1:{}", self.port)
    }

    /// The file with the CA that signed its certificate.
    pub fn ca_file(&self) -> PathBuf {
        self.folder.path().join("certs/apiserver.crt")
    }

    /// A folder that goes with the server.
    pub fn folder(&self) -> &Path {
        self.folder.path()
    }

    /// kubectl, as the user who may do everything.
    pub fn kubectl(&self) -> Command {
        kubectl(&self.packages, self.folder.path(), self.port)
    }

    /// Where kubectl is, for those that run it in another way.
    pub fn kubectl_program(&self) -> PathBuf {
        kubectl_program(&self.packages)
    }

    /// Creates or changes what these manifests describe.
    ///
    /// # Errors
    ///
    /// What kubectl wrote.
    pub fn apply(&self, manifests: &str) -> io::Result<()> {
        let file = tempfile::NamedTempFile::new_in(self.folder.path())?;
        std::fs::write(file.path(), manifests)?;
        run(self.kubectl().arg("apply").arg("-f").arg(file.path())).map(drop)
    }

    /// A client certificate of a user and its key, both in PEM.
    ///
    /// # Errors
    ///
    /// If it cannot be made.
    pub fn client_certificate(&self, user: &str) -> io::Result<(String, String)> {
        let key = KeyPair::generate().map_err(io::Error::other)?;
        let mut params = CertificateParams::default();
        params.distinguished_name = called(user);
        params.key_usages = vec![KeyUsagePurpose::DigitalSignature];
        params.extended_key_usages = vec![ExtendedKeyUsagePurpose::ClientAuth];
        let certificate = params
            .signed_by(&key, &self.clients)
            .map_err(io::Error::other)?;
        Ok((certificate.pem(), key.serialize_pem()))
    }

    /// How many requests for a Secret have arrived, by the server's own audit log.
    ///
    /// # Errors
    ///
    /// If the log cannot be read.
    pub fn secret_reads(&self, namespace: &str, name: &str) -> io::Result<usize> {
        let log = std::fs::read_to_string(self.folder.path().join("audit.log"))?;
        let uri = format!("\"requestURI\":\"/api/v1/namespaces/{namespace}/secrets/{name}\"");
        Ok(log.lines().filter(|line| line.contains(&uri)).count())
    }
}

fn called(name: &str) -> DistinguishedName {
    let mut distinguished = DistinguishedName::new();
    distinguished.push(DnType::CommonName, name);
    distinguished
}

/// The authority whose client certificates the server accepts.
fn authority() -> io::Result<CertifiedIssuer<'static, KeyPair>> {
    let mut params = CertificateParams::default();
    params.distinguished_name = called("clients");
    params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
    params.key_usages = vec![KeyUsagePurpose::KeyCertSign];
    let key = KeyPair::generate().map_err(io::Error::other)?;
    CertifiedIssuer::self_signed(params, key).map_err(io::Error::other)
}

fn write_files(folder: &Path, clients: &CertifiedIssuer<'static, KeyPair>) -> io::Result<()> {
    let accounts = KeyPair::generate().map_err(io::Error::other)?;
    let tokens =
        format!("{ADMIN_TOKEN},admin,1,\"system:masters\"\n{READER_TOKEN},reader,2,\"readers\"\n");
    // Only what arrives is logged, since it is written before the answer is sent.
    let audit = "apiVersion: audit.k8s.io/v1\nkind: Policy\n\
                 omitStages: [ResponseStarted, ResponseComplete]\n\
                 rules: [{level: Metadata, resources: [{group: '', resources: [secrets]}]}, {level: None}]\n";
    for (name, text) in [
        ("clients.crt", clients.pem()),
        ("accounts.key", accounts.serialize_pem()),
        ("accounts.pub", accounts.public_key_pem()),
        ("tokens.csv", tokens),
        ("audit.yaml", audit.to_owned()),
        ("audit.log", String::new()),
    ] {
        std::fs::write(folder.join(name), text)?;
    }
    Ok(())
}

fn etcd(packages: &Path, folder: &Path, port: u16, peer_port: u16) -> Command {
    let url = format!("http://127.0.0.1:{port}");
    let peer = format!("http://127.0.0.1:{peer_port}");
    let mut command = direct(packages.join("etcd"));
    command
        .arg("--data-dir")
        .arg(folder.join("etcd"))
        .args([
            "--listen-client-urls",
            &url,
            "--advertise-client-urls",
            &url,
        ])
        .args([
            "--listen-peer-urls",
            &peer,
            "--initial-advertise-peer-urls",
            &peer,
        ])
        .args(["--initial-cluster", &format!("default={peer}")])
        .args(["--unsafe-no-fsync", "--log-level", "warn"]);
    command
}

fn api(packages: &Path, folder: &Path, etcd_port: u16, port: u16) -> Command {
    let file = |flag: &str, name: &str| format!("--{flag}={}", folder.join(name).display());
    let mut command = direct(packages.join("kube-apiserver"));
    command.args([
        &format!("--etcd-servers=http://127.0.0.1:{etcd_port}"),
        "--bind-address=127.0.0.1",
        "--advertise-address=127.0.0.1",
        &format!("--secure-port={port}"),
        &file("cert-dir", "certs"),
        &file("client-ca-file", "clients.crt"),
        &file("token-auth-file", "tokens.csv"),
        &format!("--service-account-issuer=https://127.0.0.1:{port}"),
        &file("service-account-key-file", "accounts.pub"),
        &file("service-account-signing-key-file", "accounts.key"),
        &format!("--api-audiences=https://127.0.0.1:{port},{VAULT_AUDIENCE}"),
        "--authorization-mode=RBAC",
        "--service-cluster-ip-range=10.0.0.0/24",
        "--endpoint-reconciler-type=none",
        // There is no controller that would make the accounts it waits for.
        "--disable-admission-plugins=ServiceAccount",
        &file("audit-policy-file", "audit.yaml"),
        &file("audit-log-path", "audit.log"),
    ]);
    command
}

fn kubectl_program(packages: &Path) -> PathBuf {
    packages.join("python/bin/kubectl")
}

fn kubectl(packages: &Path, folder: &Path, port: u16) -> Command {
    let mut command = direct(kubectl_program(packages));
    command
        .env("KUBECONFIG", "/dev/null")
        .env("HOME", folder)
        .arg(format!("--server=https://127.0.0.1:{port}"))
        .arg(format!("--token={ADMIN_TOKEN}"))
        .arg(format!(
            "--certificate-authority={}",
            folder.join("certs/apiserver.crt").display()
        ));
    command
}
