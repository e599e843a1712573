//! Runs the program in a clean environment.
#![allow(dead_code, clippy::unwrap_used)]

use std::io::{BufRead as _, BufReader, Write as _};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

pub(crate) struct Manifill {
    command: Command,
    input: Option<String>,
}

pub(crate) struct Ran {
    pub(crate) status: i32,
    pub(crate) out: String,
    pub(crate) err: String,
}

/// The program with these arguments, seeing nothing of the surrounding environment.
pub(crate) fn manifill<S: AsRef<std::ffi::OsStr>>(
    arguments: impl IntoIterator<Item = S>,
) -> Manifill {
    program(Path::new(env!("CARGO_BIN_EXE_manifill")), arguments)
}

pub(crate) fn program<S: AsRef<std::ffi::OsStr>>(
    program: &Path,
    arguments: impl IntoIterator<Item = S>,
) -> Manifill {
    let mut command = Command::new(program);
    command.args(arguments).env_clear().current_dir(root());
    Manifill {
        command,
        input: None,
    }
}

/// The folder of the workspace.
pub(crate) fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("../..")
        .canonicalize()
        .unwrap()
}

impl Manifill {
    pub(crate) fn env(mut self, name: &str, value: impl AsRef<std::ffi::OsStr>) -> Self {
        self.command.env(name, value);
        self
    }

    pub(crate) fn dir(mut self, dir: &Path) -> Self {
        self.command.current_dir(dir);
        self
    }

    pub(crate) fn stdin(mut self, text: &str) -> Self {
        self.input = Some(text.to_owned());
        self
    }

    pub(crate) fn run(mut self) -> Ran {
        self.command
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped());
        let mut child = self.command.spawn().unwrap();
        let mut stdin = child.stdin.take().unwrap();
        // A program that fails early does not read its input.
        let _ = stdin.write_all(self.input.unwrap_or_default().as_bytes());
        drop(stdin);
        let output = child.wait_with_output().unwrap();
        Ran {
            status: output.status.code().unwrap(),
            out: String::from_utf8(output.stdout).unwrap(),
            err: String::from_utf8(output.stderr).unwrap(),
        }
    }

    /// Runs a server, which is asked to end as soon as a line of what it tells holds this word.
    pub(crate) fn run_until(mut self, word: &str) -> Ran {
        self.command
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .stderr(Stdio::piped());
        let mut child = self.command.spawn().unwrap();
        let id = child.id().to_string();
        let (mut err, mut asked) = (String::new(), false);
        for line in BufReader::new(child.stderr.take().unwrap()).lines() {
            err += &(line.unwrap() + "\n");
            if !asked && err.contains(word) {
                asked = Command::new("kill").arg(&id).status().unwrap().success();
            }
        }
        Ran {
            status: child.wait().unwrap().code().unwrap(),
            out: String::new(),
            err,
        }
    }
}

impl Ran {
    /// The output of a run that went well.
    #[track_caller]
    pub(crate) fn good(self) -> String {
        assert_eq!(self.status, 0, "{}", self.err);
        self.out
    }

    /// What a run that failed told; it printed nothing.
    #[track_caller]
    pub(crate) fn failed(self) -> String {
        assert_eq!((self.status, self.out.as_str()), (1, ""), "{}", self.err);
        self.err
    }
}

/// A folder with a data file for the `file` backend.
pub(crate) struct Folder(tempfile::TempDir);

impl Folder {
    pub(crate) fn new() -> Self {
        let folder = Folder(tempfile::tempdir().unwrap());
        folder.write(
            "vault.json",
            r#"{"db": {"user": "svc", "password": "p@ss: #1"}}"#,
        );
        folder
    }

    pub(crate) fn path(&self) -> &Path {
        self.0.path()
    }

    pub(crate) fn write(&self, name: &str, text: impl AsRef<[u8]>) -> PathBuf {
        let path = self.path().join(name);
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        std::fs::write(&path, text).unwrap();
        path
    }

    /// The program in this folder, reading from its data file.
    pub(crate) fn manifill<'a>(&self, arguments: impl IntoIterator<Item = &'a str>) -> Manifill {
        manifill(arguments)
            .dir(self.path())
            .env("AVP_TYPE", "file")
            .env("MANIFILL_FILE", "vault.json")
    }
}

/// The documents of a stream, which nothing but their own comments separates.
pub(crate) fn documents(text: &str) -> Vec<serde_yaml::Value> {
    use serde::Deserialize as _;
    serde_yaml::Deserializer::from_str(text)
        .map(|document| serde_yaml::Value::deserialize(document).unwrap())
        .collect()
}
