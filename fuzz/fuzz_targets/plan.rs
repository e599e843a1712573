//! Any text through the whole run: no panic, nothing leaked, nothing half done.
#![no_main]

use futures_util::FutureExt as _;
use libfuzzer_sys::fuzz_target;
use manifill::vault::backend::memory::Memory;
use manifill::{Input, Options, Renderer, RunContext};

const SENTINEL: &str = "sentinel-4c1f";

fuzz_target!(|data: (&str, u8)| {
    let (source, flags) = data;
    let vault = Memory::new()
        .with("a", [("b", SENTINEL), ("k", SENTINEL)])
        .with("vaults/V/items/I", [("user", SENTINEL)]);
    let options = Options::new()
        .with_strict(flags & 1 != 0)
        .with_escaped(flags & 2 != 0)
        .with_allow_unresolved(flags & 4 != 0);
    let renderer = Renderer::with_backend("memory", vault).with_options(options);
    let inputs = [Input::new("fuzz", source)];
    match renderer.render(&inputs, &RunContext::new()).now_or_never() {
        Some(Ok(rendered)) => {
            let text = &rendered.texts()[0];
            assert!(
                text.contains(SENTINEL) || text.as_ref() == source || text.len() != source.len()
            );
        }
        Some(Err(error)) => {
            let told = format!("{error} {error:?}");
            assert!(
                !told.contains(SENTINEL) || source.contains(SENTINEL),
                "{told}"
            );
            assert!(error.errors().count() > 0);
        }
        None => panic!("memory never waits"),
    }
});
