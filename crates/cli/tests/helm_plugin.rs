//! `manifill install helm-plugin`.
#![cfg(unix)]
#![allow(clippy::unwrap_used)]

mod common;

use std::fs;
use std::os::unix::fs::{PermissionsExt as _, symlink};
use std::path::{Path, PathBuf};

use common::{Folder, Manifill, Ran, manifill, program};
use serde_yaml::Value;

fn install(folder: &Folder, arguments: &[&str]) -> Manifill {
    let all = ["install", "helm-plugin"].iter().chain(arguments);
    manifill(all).dir(folder.path())
}

/// What the plugin in a folder of plugins runs.
fn command(plugins: &Path) -> (String, Vec<String>) {
    let text = fs::read_to_string(plugins.join("manifill/plugin.yaml")).unwrap();
    let plugin: Value = serde_yaml::from_str(&text).unwrap();
    assert_eq!(plugin["apiVersion"], "v1");
    assert_eq!(plugin["name"], "manifill");
    assert_eq!(plugin["type"], "postrenderer/v1");
    assert_eq!(plugin["runtime"], "subprocess");
    assert_eq!(plugin["version"], env!("CARGO_PKG_VERSION"));
    let run = &plugin["runtimeConfig"]["platformCommand"][0];
    let arguments = run["args"].as_sequence().unwrap().iter();
    let arguments = arguments.map(|one| one.as_str().unwrap().to_owned());
    (
        run["command"].as_str().unwrap().to_owned(),
        arguments.collect(),
    )
}

/// A helm that says these two things.
fn helm(folder: &Folder, version: &str, plugins: &str) -> PathBuf {
    let text = format!(
        "#!/bin/sh\ncase \"$1 $2\" in 'version --template') echo {version};; 'env HELM_PLUGINS') echo {plugins};; *) exit 1;; esac\n"
    );
    let file = folder.write("bin/helm", text);
    fs::set_permissions(&file, fs::Permissions::from_mode(0o755)).unwrap();
    file.parent().unwrap().to_owned()
}

#[test]
fn the_plugin_runs_the_program_where_it_is() {
    let folder = Folder::new();
    let ran = install(&folder, &["--to", "plugins"]).run();
    assert!(
        ran.err
            .contains("plugins/manifill/plugin.yaml is in place and runs /"),
        "{}",
        ran.err
    );
    ran.good();
    let (path, arguments) = command(&folder.path().join("plugins"));
    assert_eq!(path, env!("CARGO_BIN_EXE_manifill"));
    assert_eq!(arguments, ["post-render"]);
    let mode = |name: &str| {
        fs::metadata(folder.path().join(name))
            .unwrap()
            .permissions()
            .mode()
            & 0o777
    };
    assert_eq!(mode("plugins/manifill/plugin.yaml"), 0o644);
    // Again, as after an upgrade, it is replaced.
    install(&folder, &["--to", "plugins"]).run().good();
    // Another user's settings do not matter to whether it runs.
    let ran = install(&folder, &["--to", "plugins"])
        .env("AVP_TYPE", "nonsense")
        .env("MANIFILL_CONFIG", "absent")
        .env("MANIFILL_TIMEOUT", "soon")
        .env("AVP_PATH_VALIDATION", "(")
        .env("ARGOCD_APP_NAME", "web")
        .run();
    ran.good();
}

#[test]
fn a_link_to_the_program_stays_a_link() {
    let folder = Folder::new();
    fs::create_dir(folder.path().join("bin")).unwrap();
    let link = folder.path().join("bin/manifill");
    symlink(env!("CARGO_BIN_EXE_manifill"), &link).unwrap();
    let runs = |ran: Ran| {
        ran.good();
        command(&folder.path().join("plugins")).0
    };
    let arguments = ["install", "helm-plugin", "--to", "plugins"];
    let named = program(&link, arguments).dir(folder.path()).run();
    assert_eq!(runs(named), link.to_str().unwrap());
    // Found in the PATH, by a shell.
    let bin = folder.path().join("bin");
    let path = format!("{}:/usr/bin:/bin", bin.display());
    let shell = ["-c", "exec manifill install helm-plugin --to plugins"];
    let found = program(Path::new("/bin/sh"), shell)
        .dir(folder.path())
        .env("PATH", path)
        .run();
    assert_eq!(runs(found), link.to_str().unwrap());
}

#[test]
fn a_copy_is_a_plugin_of_its_own() {
    let folder = Folder::new();
    install(&folder, &["--to", "plugins", "--copy"])
        .run()
        .good();
    let plugin = folder.path().join("plugins/manifill");
    assert_eq!(
        command(&folder.path().join("plugins")).0,
        "${HELM_PLUGIN_DIR}/manifill"
    );
    let ran = program(&plugin.join("manifill"), ["post-render"])
        .stdin("kind: A\n")
        .run();
    assert_eq!(ran.good(), "kind: A\n");
    // Without a copy it is what it was without one.
    install(&folder, &["--to", "plugins"]).run().good();
    assert_eq!(
        command(&folder.path().join("plugins")).0,
        env!("CARGO_BIN_EXE_manifill")
    );
}

#[test]
fn a_program_that_helm_cannot_name_can_be_copied() {
    let folder = Folder::new();
    let odd = folder.path().join("a$HOME");
    fs::create_dir(&odd).unwrap();
    symlink(env!("CARGO_BIN_EXE_manifill"), odd.join("manifill")).unwrap();
    let run = |arguments: &[&str]| {
        let all = ["install", "helm-plugin", "--to", "plugins"]
            .iter()
            .chain(arguments);
        program(&odd.join("manifill"), all).dir(folder.path()).run()
    };
    let told = run(&[]).failed();
    assert!(
        told.contains("hint: --copy puts the program into the plugin"),
        "{told}"
    );
    run(&["--copy"]).good();
}

#[test]
fn the_folder_is_the_one_that_helm_names() {
    let folder = Folder::new();
    let bin = helm(&folder, "v4.3.1", "$PWD/of-helm:/elsewhere");
    let path = |run: Manifill| run.env("PATH", format!("{}:/usr/bin:/bin", bin.display()));
    path(install(&folder, &[])).run().good();
    command(&folder.path().join("of-helm"));
    // Without one, the environment says it as Helm would.
    let home = folder.path().to_str().unwrap().to_owned();
    let no_helm = || {
        install(&folder, &[])
            .env("PATH", "/nowhere")
            .env("HOME", home.as_str())
    };
    no_helm().run().good();
    command(&folder.path().join(".local/share/helm/plugins"));
    no_helm()
        .env("XDG_DATA_HOME", format!("{home}/xdg"))
        .run()
        .good();
    command(&folder.path().join("xdg/helm/plugins"));
    no_helm()
        .env("XDG_DATA_HOME", "/nowhere")
        .env("HELM_DATA_HOME", format!("{home}/data"))
        .run()
        .good();
    command(&folder.path().join("data/plugins"));
    no_helm()
        .env("HELM_DATA_HOME", "/nowhere")
        .env("HELM_PLUGINS", format!("{home}/own"))
        .run()
        .good();
    command(&folder.path().join("own"));
    let told = install(&folder, &[]).env("PATH", "/nowhere").run().failed();
    assert!(told.contains("hint: name it with --to"), "{told}");
}

#[test]
fn helm_3_is_told_how_it_takes_the_program() {
    let folder = Folder::new();
    let bin = helm(&folder, "v3.17.3", "$PWD/of-helm");
    let run = |arguments: &[&str]| {
        install(&folder, arguments)
            .env("PATH", format!("{}:/bin", bin.display()))
            .run()
    };
    let told = run(&[]).failed();
    assert!(told.contains("this is Helm v3.17.3"), "{told}");
    assert!(
        told.contains("hint: use --post-renderer manifill --post-renderer-args post-render; "),
        "{told}"
    );
    assert!(!folder.path().join("of-helm").exists());
    run(&["--to", "of-helm"]).good();
}

#[test]
fn a_plugin_of_somebody_else_is_not_replaced() {
    let folder = Folder::new();
    let other = folder.write(
        "plugins/manifill/plugin.yaml",
        "name: manifill\nversion: 9\n",
    );
    let told = install(&folder, &["--to", "plugins"]).run().failed();
    assert!(told.contains("plugins/manifill is there, and manifill has not written it\n  hint: --force replaces it"), "{told}");
    assert_eq!(
        fs::read_to_string(&other).unwrap(),
        "name: manifill\nversion: 9\n"
    );
    install(&folder, &["--to", "plugins", "--force"])
        .run()
        .good();
    command(&folder.path().join("plugins"));
    // A link leads into somebody's own folder.
    let own = folder.path().join("own");
    fs::create_dir(&own).unwrap();
    fs::create_dir(folder.path().join("linked")).unwrap();
    symlink(&own, folder.path().join("linked/manifill")).unwrap();
    install(&folder, &["--to", "linked"]).run().failed();
    install(&folder, &["--to", "linked", "--force"])
        .run()
        .good();
    assert_eq!(fs::read_dir(&own).unwrap().count(), 0);
}

#[test]
fn a_second_plugin_of_that_name_is_told() {
    let folder = Folder::new();
    let other = folder.write("plugins/old/plugin.yaml", "name: \"manifill\"\n");
    let told = install(&folder, &["--to", "plugins"]).run().failed();
    assert!(
        told.contains("the plugin in plugins/old is called manifill, too, and Helm takes only one"),
        "{told}"
    );
    fs::remove_file(other).unwrap();
    install(&folder, &["--to", "plugins"]).run().good();
}

#[test]
fn a_folder_that_cannot_be_written_is_told() {
    let folder = Folder::new();
    let told = install(&folder, &["--to", "/proc/nowhere"]).run().failed();
    assert!(
        told.contains("cannot be written")
            && told.contains("hint: name a folder that can be written"),
        "{told}"
    );
    let file = folder.write("file", "");
    let told = install(&folder, &["--to", file.to_str().unwrap()])
        .run()
        .failed();
    assert!(told.contains("cannot be written"), "{told}");
}
