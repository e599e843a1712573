//! Runs the case of a row.

use std::collections::BTreeMap;
use std::fs;
use std::os::unix::fs::{PermissionsExt as _, symlink};

use manifill_connect_fake::{Data, Options, Server};

use crate::answers::Answers;
use crate::common::{Folder, Ran, manifill, root};

pub(crate) type Row = BTreeMap<&'static str, &'static str>;

/// What the `file` backend reads unless the row has `data:`.
const DATA: &str = r#"{"db": {"user": "svc", "map": {"a": 1}}}"#;

/// `\n` and `\t` as what they mean.
fn written(text: &str) -> String {
    text.replace("\\n", "\n").replace("\\t", "\t")
}

/// A field as it is before or after the edit.
fn field(row: &Row, name: &str, is_edited: bool) -> Option<&'static str> {
    let edited = match name {
        "from" => "to".to_owned(),
        name => format!("{name} to"),
    };
    let edited = row.get(edited.as_str()).filter(|_| is_edited);
    edited.or_else(|| row.get(name)).copied()
}

/// Makes a file of the row: `NAME TEXT`; `NAME = PATH` with a path in this repository, in which
/// `=PATH OLD => NEW` changes a text; the link `NAME -> TARGET`; or
/// `NAME 0x HEX`, bytes.
fn make(folder: &Folder, line: &str, filled: impl Fn(&str) -> String) {
    let (name, text) = line.split_once(' ').unwrap();
    if let Some(path) = text.strip_prefix("= ") {
        let (path, change) = path.split_once(' ').unwrap_or((path, ""));
        let mut text = fs::read(root().join(path)).unwrap();
        if let Some((old, new)) = change.split_once(" => ") {
            let whole = String::from_utf8(text).unwrap();
            assert!(whole.contains(old), "{path} has no {old}");
            text = whole.replacen(old, &filled(new), 1).into_bytes();
        }
        write_file(folder, name, &text);
        return;
    }
    if let Some(digits) = text.strip_prefix("0x ") {
        let bytes = digits.split(' ').map(|byte| u8::from_str_radix(byte, 16));
        write_file(folder, name, &bytes.collect::<Result<Vec<_>, _>>().unwrap());
        return;
    }
    if let Some(target) = text.strip_prefix("-> ") {
        let link = folder.path().join(name);
        fs::create_dir_all(link.parent().unwrap()).unwrap();
        symlink(filled(target), link).unwrap();
        return;
    }
    write_file(folder, name, (filled(text) + "\n").as_bytes());
}

fn write_file(folder: &Folder, name: &str, text: &[u8]) {
    let path = folder.write(name, text);
    if text.starts_with(b"#!") {
        fs::set_permissions(&path, fs::Permissions::from_mode(0o755)).unwrap();
    }
}

/// Runs the case of a row, before or after the edit.
pub(crate) fn run(row: &Row, is_edited: bool) -> Ran {
    let field = |name: &str| field(row, name, is_edited);
    let folder = Folder::new();
    folder.write("data.json", field("data").unwrap_or(DATA));
    let connect = field("connect").map(|data| {
        let options = Options {
            data: Data::from_json(data).unwrap(),
            faults: field("fault")
                .into_iter()
                .map(|rule| rule.parse().unwrap())
                .collect(),
            ..Options::default()
        };
        Server::start_blocking(options).unwrap()
    });
    let answers = field("answers").map(|text| Answers::start(&written(text)));
    let (url, token) = match (&connect, &answers) {
        (Some(server), _) => (server.url().to_owned(), server.token().to_owned()),
        (None, Some(server)) => (server.url(), "token".to_owned()),
        (None, None) => ("http://127.0.0.1:1".to_owned(), "token".to_owned()),
    };
    let dir = folder.path().to_str().unwrap();
    let filled = |text: &str| {
        let text = written(text).replace("{dir}", dir).replace("{url}", &url);
        let host = url.trim_start_matches("http://");
        let port = host.rsplit(':').next().unwrap_or_default();
        text.replace("{host}", host).replace("{port}", port)
    };
    for name in ["file", "file 2", "file 3", "file 4", "file 5"] {
        if let Some(line) = field(name) {
            make(&folder, line, filled);
        }
    }
    let kind = row.get("type").copied().unwrap_or("file");
    let is_offline = kind == "1passwordconnect" && connect.is_none();
    let ran = field("command").unwrap_or(if is_offline { "plan" } else { "generate" });
    let mut arguments: Vec<String> = ran.split_whitespace().map(filled).collect();
    if !row.contains_key("command") {
        let inputs = field("input").unwrap_or("-");
        arguments.extend(inputs.split_whitespace().map(filled));
    }
    let mut variables: BTreeMap<&str, String> = BTreeMap::new();
    if let Some(settings) = field("settings") {
        folder.write("settings.yaml", filled(settings) + "\n");
        arguments.extend(["-c".to_owned(), format!("{dir}/settings.yaml")]);
        if !settings.contains("backends") {
            variables.insert("MANIFILL_FILE", "data.json".to_owned());
        }
    } else {
        variables.insert("AVP_TYPE", kind.to_owned());
        match kind {
            "file" => {
                variables.insert("MANIFILL_FILE", "data.json".to_owned());
            }
            "1passwordconnect" => {
                variables.insert("OP_CONNECT_HOST", url.clone());
                variables.insert("OP_CONNECT_TOKEN", token);
            }
            "azurekeyvault" => {
                variables.insert("AZURE_AUTHORITY_HOST", url.clone());
                variables.insert("AZURE_KEYVAULT_HOSTS", url.clone());
                variables.insert("AZURE_TENANT_ID", "tenant".to_owned());
                variables.insert("AZURE_CLIENT_ID", "client".to_owned());
                variables.insert("AZURE_CLIENT_SECRET", token);
            }
            "conjur" => {
                variables.insert("CONJUR_APPLIANCE_URL", url.clone());
                variables.insert("CONJUR_ACCOUNT", "acme".to_owned());
                variables.insert("CONJUR_AUTHN_LOGIN", "host/app".to_owned());
                variables.insert("CONJUR_AUTHN_API_KEY", token);
            }
            "doppler" => {
                variables.insert("DOPPLER_API_HOST", url.clone());
                variables.insert("DOPPLER_TOKEN", token);
            }
            "infisical" => {
                variables.insert("INFISICAL_HOST_URL", url.clone());
                variables.insert("INFISICAL_UNIVERSAL_AUTH_CLIENT_ID", "client".to_owned());
                variables.insert("INFISICAL_UNIVERSAL_AUTH_CLIENT_SECRET", token);
            }
            "vault" => {
                variables.insert("VAULT_ADDR", url.clone());
                variables.insert("VAULT_TOKEN", token);
            }
            _ => {}
        }
    }
    for text in field("env").into_iter().flat_map(|text| text.split(' ')) {
        let (name, value) = text.split_once('=').unwrap();
        variables.insert(name, filled(value).replace("\\s", " "));
    }
    let flags = field("flags").into_iter().flat_map(str::split_whitespace);
    arguments.extend(flags.map(filled));
    let source = field("from").unwrap_or(r"kind: A\na: <path:db#user>");
    let work = folder.path().join(field("dir").unwrap_or(""));
    fs::create_dir_all(&work).unwrap();
    let mut run = manifill(arguments)
        .dir(&work)
        .stdin(&(filled(source) + "\n"));
    for (name, value) in variables.into_iter().filter(|(_, value)| !value.is_empty()) {
        run = run.env(name, value);
    }
    if ran.starts_with("argocd-plugin") {
        return run.run_until("\"serving\"");
    }
    run.run()
}
