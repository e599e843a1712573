//! Whole documents: `corpus/<case>/` has what goes in and what must come out.
//!
//! `in.yaml` is rendered against `vault.yaml`, that of the case or else the one for all, with the
//! options in `args`. The result is `out.yaml`, to the byte, or the errors are `errors.txt`, one a
//! line as `common::told` has them. `about.txt` says why.

mod common;

use std::fs;
use std::path::{Path, PathBuf};

use common::told;
use futures_util::FutureExt as _;
use manifill::vault::backend::file::FileBackend;
use manifill::{Input, Options, Renderer, RunContext};

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

/// What is wrong with a case.
fn judge(folder: &Path) -> Result<(), String> {
    let read = |name: &str| fs::read_to_string(folder.join(name)).ok();
    let own = folder.join("vault.yaml");
    let vault = if own.exists() {
        own
    } else {
        folder.with_file_name("vault.yaml")
    };
    let renderer = Renderer::with_backend("file", FileBackend::open(vault))
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
