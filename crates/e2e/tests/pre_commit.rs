//! The hook of `.pre-commit-hooks.yaml`, as the real pre-commit runs it in a commit.
#![allow(clippy::unwrap_used)]

use std::fs;
use std::os::unix::fs::symlink;
use std::path::Path;
use std::process::Command;

use manifill_e2e::{direct, manifill, packages, run, skip};

const SECRET: &str = "apiVersion: v1\nkind: Secret\nmetadata: {name: db}\n\
                      stringData: {password: '<path:vaults/Home/items/db#password>'}\n";

/// A folder with a repository of hooks, one of manifests that names it, and the program.
struct Repositories(tempfile::TempDir);

impl Repositories {
    fn new() -> Self {
        let made = Repositories(tempfile::tempdir().unwrap());
        let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../..");
        for name in ["hooks", "manifests", "bin"] {
            fs::create_dir(made.path().join(name)).unwrap();
        }
        symlink(manifill().unwrap(), made.path().join("bin/manifill")).unwrap();
        let hooks = ".pre-commit-hooks.yaml";
        fs::copy(root.join(hooks), made.path().join("hooks").join(hooks)).unwrap();
        made.git("hooks", &["init", "--quiet"]).unwrap();
        made.commit("hooks").unwrap();
        let commit = made.git("hooks", &["rev-parse", "HEAD"]).unwrap();
        made.git("manifests", &["init", "--quiet"]).unwrap();
        let hooks = made.path().join("hooks");
        let config = format!(
            "repos:\n  - repo: {}\n    rev: {}\n    hooks:\n      - id: manifill-check\n        args: [apps]\n",
            hooks.display(),
            commit.trim(),
        );
        made.write(".pre-commit-config.yaml", &config);
        let mut install = made.pre_commit();
        run(install.args(["install"])).unwrap();
        made
    }

    fn path(&self) -> &Path {
        self.0.path()
    }

    fn write(&self, name: &str, text: &str) {
        let file = self.path().join("manifests").join(name);
        fs::create_dir_all(file.parent().unwrap()).unwrap();
        fs::write(file, text).unwrap();
    }

    fn command(&self, program: impl AsRef<std::ffi::OsStr>, folder: &str) -> Command {
        let mut command = direct(program);
        let path = std::env::var("PATH").unwrap();
        command
            .current_dir(self.path().join(folder))
            .env(
                "PATH",
                format!("{}:{path}", self.path().join("bin").display()),
            )
            .env("HOME", self.path())
            .env("PRE_COMMIT_HOME", self.path().join("cache"))
            .env("PYTHONPATH", packages("pre-commit").unwrap())
            // pre-commit's own, of a commit in which these tests run.
            .env_remove("GIT_INDEX_FILE")
            .env_remove("GIT_DIR");
        command
    }

    fn pre_commit(&self) -> Command {
        let python = std::env::var_os("PYTHON").unwrap_or_else(|| "python3".into());
        let mut command = self.command(python, "manifests");
        command.args(["-m", "pre_commit"]);
        command
    }

    /// What git prints, or all that it tells.
    fn git(&self, folder: &str, args: &[&str]) -> Result<String, String> {
        let mut command = self.command("git", folder);
        let author = ["-c", "user.name=test", "-c", "user.email=test@example.com"];
        command.args(author).args(args);
        run(&mut command).map_err(|error| error.to_string())
    }

    fn commit(&self, folder: &str) -> Result<String, String> {
        self.git(folder, &["add", "--all"])?;
        self.git(folder, &["commit", "--message", "change"])
    }
}

#[test]
fn a_commit_with_a_mistake_is_refused_at_its_place() {
    if skip("pre-commit") {
        return;
    }
    let repositories = Repositories::new();
    repositories.write("apps/db.yaml", SECRET);
    repositories.commit("manifests").unwrap();
    for (manifest, words) in [
        (
            SECRET.replace("db#password", "db#password | upper"),
            "apps/db.yaml:4:",
        ),
        (
            SECRET.replace("<path:vaults/Home/items/db#password>", "hunter2-literal"),
            "stringData.password",
        ),
    ] {
        repositories.write("apps/db.yaml", &manifest);
        let told = repositories.commit("manifests").unwrap_err();
        assert!(told.contains("check manifests with placeholders"), "{told}");
        assert!(told.contains(words), "{told}");
        assert!(!told.contains("hunter2"), "{told}");
    }
    // What is no manifest does not start the hook.
    repositories
        .git("manifests", &["checkout", "--quiet", "HEAD", "--", "."])
        .unwrap();
    repositories.write("notes.txt", "text\n");
    repositories.commit("manifests").unwrap();
}
