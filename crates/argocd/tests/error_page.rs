//! What Argo CD shows of a run that failed.
#![allow(clippy::unwrap_used)]
#![cfg(feature = "rendering")]

use manifill::settings::{Config, Sources};
use manifill::vault::backend::memory::Memory;
use manifill::{Input, Renderer, RunContext};
use manifill_argocd::ErrorPage;

#[tokio::test]
async fn the_first_causes_of_a_run_come_first_and_the_way_on_last() {
    let renderer = Renderer::with_backend("memory", Memory::new());
    let keys: String = (0..9)
        .map(|n| format!("  k{n}: <path:one{n}#k>\n  many{n}: <path:many#k>\n"))
        .collect();
    let text = format!("kind: Secret\nmetadata: {{name: a}}\nstringData:\n{keys}");
    let inputs = [Input::new("apps/web/a.yaml", text)];
    let run = renderer.render(&inputs, &RunContext::new()).await;
    let mut page = ErrorPage::new("team-a_web");
    page.add_run(&run.unwrap_err());
    let text = page.text();
    let first = text.lines().next().unwrap();
    assert!(first.contains("many"), "{text}");
    assert!(text.contains("--> apps/web/a.yaml:5:"), "{text}");
    assert_eq!(text.matches("error: ").count(), 5, "{text}");
    assert!(text.contains("\nand 5 more errors; "), "{text}");
    assert!(
        text.ends_with("argocd app get team-a/web --hard-refresh\n"),
        "{text}"
    );
}

#[test]
fn mistakes_of_the_settings_have_their_place_and_hint() {
    let sources = Sources::default()
        .with_variable("MANIFILL_TIMEOUT", "soon")
        .with_variable("MANIFILL_CONCURRENCY", "0");
    let mut page = ErrorPage::new("web");
    page.add_settings(&Config::load(&sources).unwrap_err());
    assert_eq!(
        page.text(),
        "error: `MANIFILL_TIMEOUT` must be a number of seconds from 1 to 86400, such as 45s\n  \
         --> MANIFILL_TIMEOUT (environment)\n\
         error: `MANIFILL_CONCURRENCY` must be a number from 1 to 100\n  \
         --> MANIFILL_CONCURRENCY (environment)\n\
         Argo CD keeps this error; when its cause is gone: argocd app get web --hard-refresh\n"
    );
}
