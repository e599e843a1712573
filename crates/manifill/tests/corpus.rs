//! Whole documents: `corpus/<case>/` has what goes in and what must come out.
//!
//! `in.yaml` is rendered against `vault.yaml`, that of the case or else the one for all, with the
//! options in `args`. A `vault-NAME.yaml` beside it is another backend, of that name; the first is
//! then called `home`, and is the default. The result is `out.yaml`, to the byte, or the errors are
//! `errors.txt`, one a line as `common::told` has them. `about.txt` says why.

mod common;

use std::fs;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use common::told;
use futures_util::FutureExt as _;
use manifill::vault::backend::file::FileBackend;
use manifill::{Backends, Input, Options, Renderer, RunContext};

fn folders() -> Vec<PathBuf> {
    let corpus = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/corpus");
    let entries = fs::read_dir(corpus).expect("the corpus is there");
    let mut folders: Vec<PathBuf> = entries
        .map(|entry| entry.expect("the corpus can be read").path())
        .filter(|path| path.is_dir())
        .collect();
    folders.sort();
    folders
}

fn options(args: &str) -> Options {
    args.split_whitespace()
        .fold(Options::new(), |options, flag| match flag {
            "--strict" => options.with_strict(true),
            "--escaped" => options.with_escaped(true),
            "--allow-unresolved" => options.with_allow_unresolved(true),
            other => panic!("no case knows {other}"),
        })
}

/// The backend of a case, or all of them if there are several.
fn backends(folder: &Path, vault: PathBuf) -> Backends {
    let mut named: Vec<(String, PathBuf)> = fs::read_dir(folder)
        .expect("a case is a folder")
        .filter_map(|entry| {
            let path = entry.ok()?.path();
            let name = path.file_stem()?.to_str()?.strip_prefix("vault-")?;
            Some((name.to_owned(), path))
        })
        .collect();
    if named.is_empty() {
        return Backends::single("file", Arc::new(FileBackend::open(vault)));
    }
    named.sort();
    let home = ("home".to_owned(), vault);
    named
        .into_iter()
        .chain([home])
        .fold(Backends::new(), |all, (name, file)| {
            all.with_named(name, "file", Arc::new(FileBackend::open(file)))
        })
        .with_default("home")
}

/// What is wrong with a case.
fn judge(folder: &Path) -> Result<(), String> {
    let read = |name: &str| fs::read_to_string(folder.join(name)).ok();
    let own = folder.join("vault.yaml");
    let vault = if own.exists() {
        own
    } else {
        folder.with_file_name("vault.yaml")
    };
    let renderer = Renderer::new(backends(folder, vault))
        .with_options(options(&read("args").unwrap_or_default()));
    let inputs = [Input::new("m.yaml", read("in.yaml").ok_or("no in.yaml")?)];
    let run = RunContext::new();
    let rendered = renderer.render(&inputs, &run).now_or_never();
    let rendered = rendered.ok_or("it waits for something")?;
    let (kind, got) = match &rendered {
        Ok(rendered) => ("out.yaml", rendered.texts()[0].to_string()),
        Err(error) => ("errors.txt", told(error)),
    };
    match read(kind) {
        Some(expected) if expected == got => Ok(()),
        Some(expected) => Err(format!("{kind} is\n{expected}but there came\n{got}")),
        None => Err(format!("there is no {kind}, but there came\n{got}")),
    }
}

#[test]
fn every_case_comes_out_as_it_stands() {
    let folders = folders();
    assert!(folders.len() >= 50, "{} cases", folders.len());
    let failures: Vec<String> = folders
        .iter()
        .filter_map(|folder| {
            let failure = judge(folder).err()?;
            Some(format!("{}: {failure}", folder.display()))
        })
        .collect();
    assert!(failures.is_empty(), "{}", failures.join("\n"));
}
