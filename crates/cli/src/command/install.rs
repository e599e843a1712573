//! `manifill install`.

use std::fs;
use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::process::ExitCode;

use clap::{Parser, Subcommand, ValueEnum};
use manifill::vault::backend::{BACKENDS, BackendInfo};
use manifill::vault::settings::{Kind, Required, Setting};
use manifill_argocd::native::Server;
use manifill_argocd::{
    Avp, Backend, File, Flavor, Install, Needed, Plugin, SecretName, copy_program, is_object_name,
};

use super::helm_plugin::{self, HelmPluginArgs};
use super::named_backend;
use super::size::size;
use crate::output::{Level, Output, Told};

/// What the program is called where it is copied to.
const PROGRAM: &str = "manifill";

const ARGOCD: &str = "\
Examples:
  manifill install argocd                    a kustomize component, for 1Password Connect
  manifill install argocd --for helm --backend vault --address https://vault.example.com --to argocd
  manifill install argocd --for raw -s argocd:manifill
  manifill install argocd --native           one sidecar for all plugins, for many Applications
  manifill install argocd --from-avp cmp-plugin.yaml repo-server.yaml --to argocd

Without --to, all files are printed as one stream of YAML, each under its name.";

#[derive(Debug, Parser)]
#[command(args_conflicts_with_subcommands = true, arg_required_else_help = true)]
pub(crate) struct InstallArgs {
    /// Copy this program into a folder, whole or not at all and with mode 0755: for init containers
    #[arg(long, value_name = "DIR")]
    copy_to: Option<PathBuf>,
    #[command(subcommand)]
    what: Option<What>,
}

#[derive(Debug, Subcommand)]
enum What {
    /// Print or write what Argo CD needs: sidecars for the repo-server, Secret, rights, an Application
    #[command(after_help = ARGOCD)]
    Argocd(Box<ArgocdArgs>),
    /// Write the plugin by which Helm 4 runs manifill as a post-renderer, and try it
    #[command(after_help = helm_plugin::EXAMPLES)]
    HelmPlugin(HelmPluginArgs),
}

/// How Argo CD is installed.
#[derive(Clone, Copy, Debug, ValueEnum)]
enum For {
    /// A component for the kustomization that installs it
    Kustomize,
    /// Values for the chart argo-cd, version 5.26 and later
    Helm,
    /// A part of the ArgoCD resource of the operator, as in OpenShift
    Operator,
    /// Objects for kubectl apply --server-side
    Raw,
}

#[derive(Debug, clap::Args)]
struct ArgocdArgs {
    /// How Argo CD is installed
    #[arg(
        long = "for",
        value_enum,
        default_value = "kustomize",
        value_name = "HOW"
    )]
    flavor: For,
    /// Write the files into this folder instead of printing them
    #[arg(long, value_name = "DIR")]
    to: Option<PathBuf>,
    /// Replace files of the folder that are different; secret.yaml is never replaced
    #[arg(long, requires = "to")]
    force: bool,
    /// The backend, as in AVP_TYPE
    #[arg(long, value_name = "NAME")]
    backend: Option<String>,
    /// The address of the backend's server
    #[arg(long, value_name = "URL")]
    address: Option<String>,
    /// Read the settings from this Secret, instead of giving them to the sidecars: in each run, or when
    /// a native sidecar starts
    #[arg(
        short,
        long,
        value_name = "NAMESPACE:NAME",
        conflicts_with = "from_avp"
    )]
    secret_name: Option<String>,
    /// Write the same as an installation of argocd-vault-plugin that these files hold, or standard
    /// input if one is -
    #[arg(long, value_name = "FILE", num_args = 1..)]
    from_avp: Vec<PathBuf>,
    /// One sidecar that speaks Argo CD's protocol itself, in place of one for each plugin
    #[arg(long)]
    native: bool,
    /// The image that has manifill; with --native, Helm and kustomize, too
    #[arg(long, value_name = "IMAGE")]
    image: Option<String>,
    /// The image of the sidecars that are not native, with bash, Helm and kustomize
    #[arg(long, value_name = "IMAGE", default_value = Install::ARGOCD_IMAGE)]
    argocd_image: String,
    /// The namespace of Argo CD [default: argocd]
    #[arg(short, long, value_name = "NAME")]
    namespace: Option<String>,
    /// The Deployment of the repo-server [default: argocd-repo-server]
    #[arg(long, value_name = "NAME")]
    repo_server: Option<String>,
    /// The account of the repo-server [default: the name of its Deployment]
    #[arg(long, value_name = "NAME")]
    service_account: Option<String>,
    /// Give the sidecars the token of that account, for logins with it; -s does it, too
    #[arg(long)]
    service_account_token: bool,
    /// Let Argo CD choose the plugin by what `manifill discover` says, for Applications that name none
    #[arg(long, conflicts_with = "from_avp")]
    discover: bool,
    /// Send plugins only the folders that the annotation manifest-generate-paths names
    #[arg(long)]
    manifest_generate_paths: bool,
    /// Another network policy already restricts what the repo-server may reach: add to it
    #[arg(long)]
    restricted_egress: bool,
    /// The project of the example
    #[arg(long, value_name = "NAME", default_value = "default")]
    project: String,
    /// The most memory that a sidecar may take, /tmp included [default: 512Mi; 2Gi if it is native]
    #[arg(long, value_name = "SIZE")]
    memory: Option<String>,
    /// The most that may lie in /tmp of a sidecar
    #[arg(long, value_name = "SIZE", default_value = "256Mi")]
    tmp_size: String,
}

/// Installs the program, or says how to.
pub(crate) fn run(args: &InstallArgs, output: &Output) -> Result<ExitCode, ExitCode> {
    match (&args.copy_to, &args.what) {
        (Some(folder), _) => copy(folder, output),
        (None, Some(What::Argocd(args))) => argocd(args, output),
        (None, Some(What::HelmPlugin(args))) => helm_plugin::run(args, output),
        (None, None) => Err(output.usage("there is nothing to install", "see --help")),
    }
}

fn copy(folder: &Path, output: &Output) -> Result<ExitCode, ExitCode> {
    let program = std::env::current_exe();
    let copied = program.and_then(|program| copy_program(&program, folder, PROGRAM));
    match copied {
        Ok(place) => {
            output.notes([format!("{} is in place", place.display())]);
            Ok(ExitCode::SUCCESS)
        }
        Err(error) => Err(output.error(
            &format!(
                "the program cannot be copied to {}: {}",
                folder.display(),
                error.kind()
            ),
            Some("name a folder that exists and can be written"),
        )),
    }
}

fn argocd(args: &ArgocdArgs, output: &Output) -> Result<ExitCode, ExitCode> {
    let mut install = Install::new(String::new());
    install.flavor = match args.flavor {
        For::Kustomize => Flavor::Kustomize,
        For::Helm => Flavor::Helm,
        For::Operator => Flavor::Operator,
        For::Raw => Flavor::Raw,
    };
    let names = [&args.namespace, &args.repo_server, &args.service_account];
    for name in names.into_iter().flatten().chain([&args.project]) {
        if !is_object_name(name) {
            return Err(output.usage(
                &format!("`{}` is not the name of an object", name.escape_debug()),
                "use small letters, digits and hyphens",
            ));
        }
    }
    for image in args.image.iter().chain([&args.argocd_image]) {
        let is_part = |byte: u8| byte.is_ascii_alphanumeric() || b"-._/:@".contains(&byte);
        if image.is_empty() || !image.bytes().all(is_part) {
            return Err(output.usage(
                &format!("`{}` is not the name of an image", image.escape_debug()),
                "write it as registry.example.com/manifill:1.0",
            ));
        }
    }
    // Kubernetes takes no limit below what a container asks for, and a size of 0 as no limit.
    let sizes = args.memory.iter().map(|memory| (memory, 64));
    for (text, least) in sizes.chain([(&args.tmp_size, 1)]) {
        let told = text.escape_debug();
        match size(text) {
            Some(size) if size >> 20 >= least => {}
            Some(_) => {
                return Err(output.usage(
                    &format!("`{told}` is too little"),
                    &format!("write {least}Mi or more"),
                ));
            }
            None => {
                return Err(output.usage(&format!("`{told}` is not a size"), "write it as 512Mi"));
            }
        }
    }
    if let Some(namespace) = &args.namespace {
        install.namespace.clone_from(namespace);
    }
    install.argocd_image.clone_from(&args.argocd_image);
    install.project.clone_from(&args.project);
    if let Some(memory) = &args.memory {
        install.memory.clone_from(memory);
        install.server_memory.clone_from(memory);
    }
    install.tmp_size.clone_from(&args.tmp_size);
    install.address.clone_from(&args.address);
    install.with_account = args.service_account_token;
    install.manifest_paths = args.manifest_generate_paths;
    install.restricted_egress = args.restricted_egress;
    if let Some(name) = &args.secret_name {
        let full = if name.contains(':') {
            name.clone()
        } else {
            format!("{}:{name}", install.namespace)
        };
        let secret = full.parse::<SecretName>();
        install.secret =
            Some(secret.map_err(|error| output.usage(&format!("-s: {error}"), "see --help"))?);
    }
    if args.native {
        install.servers = vec![Server::standard(install.secret.as_ref(), args.discover)];
        install.plugins = Vec::new();
    } else {
        install.plugins = Plugin::standard(install.secret.as_ref(), args.discover);
    }
    let told = if args.from_avp.is_empty() {
        None
    } else {
        Some(from_avp(args, &mut install, output)?)
    };
    if let Some(name) = &args.repo_server {
        install.repo_server.clone_from(name);
        install.service_account.clone_from(name);
    }
    if let Some(account) = &args.service_account {
        install.service_account.clone_from(account);
    }
    let with_tools = install.servers.iter().any(Server::runs_programs);
    let tools = if with_tools { "-tools" } else { "" };
    let image = format!("manifill:{}{tools}", env!("CARGO_PKG_VERSION"));
    install.image = args.image.clone().unwrap_or(image);
    let wanted = args.backend.as_deref().or(told.as_deref());
    install.backend = backend(wanted, output)?;
    if let Some(address) = &args.address {
        check_address(address, &install.backend, output)?;
    }
    let files = install.files();
    let done = match &args.to {
        None => output.print(&stream(&files)),
        Some(folder) => write(&files, folder, args.force, output)?,
    };
    tell(&install, args, output);
    Ok(done)
}

/// Takes over what an installation of argocd-vault-plugin has, and gives its type of backend if it
/// is one of manifill's.
fn from_avp(args: &ArgocdArgs, install: &mut Install, output: &Output) -> Result<String, ExitCode> {
    let mut texts = Vec::new();
    for file in &args.from_avp {
        let (name, text) = if file == Path::new("-") {
            let text = std::io::read_to_string(std::io::stdin());
            ("standard input".to_owned(), text)
        } else {
            (file.display().to_string(), fs::read_to_string(file))
        };
        let text = text.map_err(|error| {
            output.error(&format!("{name} cannot be read: {}", error.kind()), None)
        })?;
        texts.push((name, text));
    }
    let texts = texts
        .iter()
        .map(|(name, text)| (name.as_str(), text.as_str()));
    let avp = Avp::read(texts, args.namespace.as_deref())
        .map_err(|error| output.error(&error.to_string(), None))?;
    if let Some(namespace) = avp.namespace.as_ref().filter(|_| args.namespace.is_none()) {
        install.namespace.clone_from(namespace);
    }
    let avp = if args.native {
        avp.served_natively()
    } else {
        avp
    };
    let warn = |message: String| output.tell(Told::new(Level::Warning, "run", message));
    for name in &avp.kept {
        warn(format!(
            "the command of the plugin {name} is not one of the usual ones: it runs as it is, with manifill in place of argocd-vault-plugin; add --fail-on-empty to it"
        ));
    }
    if !avp.others.is_empty() {
        warn(format!(
            "other plugins share the pod of the repo-server, and can send manifill's a request in the name of any project: {}",
            avp.others.join(", ")
        ));
    }
    output.notes(&avp.notes);
    install.servers = avp.servers;
    install.plugins = avp.plugins;
    install.volumes = avp.volumes;
    install.more_secrets = avp.secrets;
    install.with_account |= avp.with_account;
    if let Some(name) = avp.operator {
        install.repo_server = format!("{name}-repo-server");
        if install.flavor != Flavor::Operator {
            warn(
                "the operator takes back what is changed in the Deployment: use --for operator"
                    .to_owned(),
            );
        }
    }
    if let Some(account) = avp.service_account {
        install.service_account = account;
    }
    let backend = avp.backend.unwrap_or_default();
    Ok(if BACKENDS.iter().any(|info| info.name == backend) {
        backend
    } else {
        String::new()
    })
}

/// What the files need to know of a backend; the first of the list unless another one is named.
fn backend(wanted: Option<&str>, output: &Output) -> Result<Backend, ExitCode> {
    let wanted = wanted.filter(|name| !name.is_empty());
    let info = match wanted.or(BACKENDS.first().map(|info| info.name)) {
        Some(name) => named_backend::find(name, output)?,
        None => return Ok(Backend::default()),
    };
    Ok(described(info))
}

/// Whether the backend has a server, and the address is one.
fn check_address(address: &str, backend: &Backend, output: &Output) -> Result<(), ExitCode> {
    if !backend.settings.iter().any(|setting| setting.is_address) {
        let message = format!("the backend {} has no address", backend.name);
        return Err(output.usage(&message, "leave --address out"));
    }
    let is_url = ["http://", "https://"]
        .iter()
        .any(|scheme| address.starts_with(scheme));
    if !is_url {
        return Err(output.usage(
            "--address is not a URL",
            "write it with http:// or https://",
        ));
    }
    Ok(())
}

fn described(info: &BackendInfo) -> Backend {
    let setting = |setting: &Setting| manifill_argocd::Setting {
        name: setting.name.to_owned(),
        about: match setting.alternatives {
            [] => setting.about.to_owned(),
            others => format!("{}, unless {} is set", setting.about, others.join(" or ")),
        },
        needed: match setting.required {
            Required::Always => Needed::Always,
            Required::With(ways) => Needed::For(ways.iter().map(|&way| way.to_owned()).collect()),
            _ => Needed::Never,
        },
        is_address: setting.kind == Kind::Url && setting.is_required(),
        is_program: setting.kind == Kind::Program,
    };
    Backend {
        name: info.name.to_owned(),
        example: info
            .example
            .split('#')
            .next()
            .unwrap_or_default()
            .to_owned(),
        settings: info.settings.iter().map(setting).collect(),
        needs_account: info.uses_account,
    }
}

/// All files as one stream, each under its name.
fn stream(files: &[File]) -> String {
    let texts = files
        .iter()
        .map(|file| format!("# ==== {} ====\n{}", file.name, file.text));
    texts.collect::<Vec<_>>().join("---\n")
}

/// Writes the files, or none if one of them is there and different.
fn write(
    files: &[File],
    folder: &Path,
    force: bool,
    output: &Output,
) -> Result<ExitCode, ExitCode> {
    let failed = |path: &Path, error: &std::io::Error| {
        let message = format!("{} cannot be written: {}", path.display(), error.kind());
        output.error(&message, None)
    };
    fs::create_dir_all(folder).map_err(|error| match error.kind() {
        std::io::ErrorKind::AlreadyExists => {
            let message = format!("{} is not a folder", folder.display());
            output.error(&message, None)
        }
        _ => failed(folder, &error),
    })?;
    let mut wanted = Vec::new();
    for file in files {
        let path = folder.join(&file.name);
        match fs::read(&path) {
            Ok(there) if there == file.text.as_bytes() => {}
            // Somebody has filled it.
            Ok(_) if file.name == "secret.yaml" => {
                output.notes([format!("{} is left as it is", path.display())]);
            }
            Ok(_) if !force => {
                let message = format!("{} is there and different", path.display());
                return Err(output.error(&message, Some("--force replaces it")));
            }
            _ => wanted.push((path, file)),
        }
    }
    for (path, file) in wanted {
        write_file(&path, file).map_err(|error| failed(&path, &error))?;
    }
    Ok(ExitCode::SUCCESS)
}

fn write_file(path: &Path, file: &File) -> std::io::Result<()> {
    let mut options = fs::OpenOptions::new();
    options.write(true).create(true).truncate(true);
    #[cfg(unix)]
    if file.name == "secret.yaml" {
        use std::os::unix::fs::OpenOptionsExt as _;
        options.mode(0o600);
    }
    options.open(path)?.write_all(file.text.as_bytes())
}

/// What to do next, and what to know.
fn tell(install: &Install, args: &ArgocdArgs, output: &Output) {
    for warning in install.warnings() {
        output.tell(Told::new(Level::Warning, "run", warning));
    }
    if args.image.is_none() {
        let file = if install.servers.iter().any(Server::runs_programs) {
            "images/Containerfile.tools"
        } else {
            "images/Containerfile"
        };
        output.notes([format!(
            "no image of manifill is published yet: build {} ({file}), or name yours with --image",
            install.image
        )]);
    }
    let folder = args.to.as_deref().unwrap_or(Path::new("FOLDER"));
    output.notes(install.steps(&folder.display().to_string()));
}
