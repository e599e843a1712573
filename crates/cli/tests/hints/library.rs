//! Hints that only a program which uses the library meets.

use std::future::Future as _;
use std::pin::pin;
use std::sync::Arc;
use std::task::{Context, Poll, Waker};

use manifill::settings::{Config, Sources};
use manifill::vault::Settings;
use manifill::vault::backend::{by_name, memory::Memory};
use manifill::{Backends, Input, Renderer, RunContext};

use crate::common::Folder;

/// What a run tells, without a runtime around it.
fn hints(backends: Backends, source: &str) -> Vec<String> {
    let (inputs, run) = ([Input::new("a.yaml", source)], RunContext::new());
    let renderer = Renderer::new(backends);
    let rendered = pin!(renderer.render(&inputs, &run));
    let Poll::Ready(rendered) = rendered.poll(&mut Context::from_waker(Waker::noop())) else {
        panic!("nothing here waits");
    };
    let told = rendered.map_or_else(|error| error.diagnostics().to_vec(), |_| Vec::new());
    told.into_iter().filter_map(|one| one.hint).collect()
}

#[test]
fn a_default_that_is_not_there() {
    let memory = || Arc::new(Memory::new().with("db", [("user", "svc")]));
    let backends = || Backends::new().with_named("team", "memory", memory());
    let source = "kind: A\na: <path:db#user>\n";
    let told = "choose a backend with `name!`, or name a default one";
    assert_eq!(hints(backends(), source), [told]);
    let none: [&str; 0] = [];
    assert_eq!(hints(backends(), &source.replace("db#", "team!db#")), none);
    assert_eq!(hints(backends().with_default("team"), source), none);
}

#[test]
fn a_name_that_the_program_has_taken() {
    let folder = Folder::new();
    let own = || Backends::new().with_named("team", "memory", Arc::new(Memory::new()));
    let load = |name: &str| {
        let text = format!(
            "backends: {{{name}: {{type: file, settings: {{MANIFILL_FILE: vault.json}}}}}}\n"
        );
        let file = folder.write("manifill.yaml", text);
        Config::load_with(&Sources::default().with_config_file(file), own())
    };
    let errors = load("team").unwrap_err();
    let told: Vec<_> = errors.iter().map(|error| error.hint()).collect();
    assert_eq!(
        told,
        [Some(
            "the program that reads this file brings one of that name"
        )]
    );
    load("other").unwrap();
}

#[test]
fn a_runtime_that_is_not_there() {
    let settings = Settings::new()
        .with("OP_CONNECT_HOST", "http://127.0.0.1:1")
        .with("OP_CONNECT_TOKEN", "token");
    let info = by_name("1passwordconnect").unwrap();
    let source = "kind: A\na: <path:vaults/v/items/i#k>\n";
    let backends = || Backends::from_settings(info, settings.clone());
    let told = "call it within a runtime that was built with `enable_all`";
    assert_eq!(hints(backends(), source), [told]);
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .unwrap();
    let (inputs, run) = ([Input::new("a.yaml", source)], RunContext::new());
    let renderer = Renderer::new(backends());
    let error = runtime
        .block_on(renderer.render(&inputs, &run))
        .unwrap_err();
    let hint = error.diagnostics()[0].hint.as_deref();
    assert_eq!(
        hint,
        Some("check that the server runs there, and the port of the address")
    );
}
