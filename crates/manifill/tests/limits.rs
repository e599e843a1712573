//! What a run may cost (rule R11): each limit ends in an error at a place.
#![allow(clippy::unwrap_used)]

mod common;

use common::{errors, render_with, renderer, told};
use futures_util::FutureExt as _;
use std::time::Duration;

use manifill::vault::backend::memory::Memory;
use manifill::vault::{
    Secret, SecretRequest, SecretValue, VaultBackend, VaultError, VaultErrorKind,
};
use manifill::{Input, Renderer, RunContext};

#[test]
fn a_chain_of_modifiers_that_explodes_is_an_error_at_its_modifier() {
    let source = format!(
        "kind: A\nmetadata: {{name: a}}\nx: <path:db#user | default \"{}\"{}>\n",
        "y".repeat(1000),
        " | toJson".repeat(15),
    );
    // The value of the vault is short, and 15 times `toJson` make less than 16 MiB of it.
    assert!(render_with(&renderer(), &source).is_ok());
    let nested = source.replace("db#user", "db#json");
    let error = errors(&nested.replace("toJson>", "base64encode | toJson>"));
    assert!(
        error.contains("a placeholder has more than 16 modifiers"),
        "{error}"
    );
    let long = Memory::new().with("db", [("long", "\\".repeat(1 << 20))]);
    let source = "kind: A\nmetadata: {name: a}\nx: <path:db#long | toJson | toJson | toJson | toJson | toJson>\n";
    let error = render_with(&Renderer::with_backend("memory", long), source).unwrap_err();
    assert_eq!(
        told(&error),
        "m.yaml:3:47: toJson: the result is larger than 16 MiB for placeholder path:db#long [A/a] [x] [<path:db#long | toJson | toJson | toJson | toJson | toJson>]\n"
    );
}

#[test]
fn a_result_that_is_too_large_is_an_error_where_it_gets_too_large() {
    let vault = || Memory::new().with("db", [("long", "x".repeat(1000))]);
    let renderer = |most| Renderer::with_backend("memory", vault()).with_max_output(most);
    let source = "kind: A\nmetadata: {name: a}\nx: <path:db#long>\ny: <path:db#long>\n";
    let error = render_with(&renderer(1500), source).unwrap_err();
    assert_eq!(
        told(&error),
        "m.yaml:4:4: the result is larger than 1500 bytes [A/a] [y] [<path:db#long>] hint: MANIFILL_MAX_OUTPUT sets how many bytes a run may write\n"
    );
    let rendered = render_with(&renderer(2100), source).unwrap();
    assert!(rendered.len() < 2100);
}

#[test]
fn a_result_is_bounded_by_the_room_for_it_and_made_in_steps() {
    let vault = || Memory::new().with("db", [("long", "x".repeat(1000))]);
    let source = "kind: A\nmetadata: {name: a}\nx: <path:db#long>\ny: <path:db#long>\n";
    let inputs = [Input::new("m.yaml", source)];
    let render = |renderer: Renderer, bytes| {
        let (mut waited, run) = (false, RunContext::new());
        let rendered = renderer.render_in_steps(&inputs, &run, bytes, async || waited = true);
        let rendered = rendered.now_or_never().unwrap();
        let text = rendered.map(|rendered| rendered.joined().into_owned());
        (text.map_err(|error| told(&error)), waited)
    };
    let renderer = || Renderer::with_backend("memory", vault());
    let (whole, waited) = render(renderer(), 5000);
    assert!(whole.as_ref().unwrap().len() > 2000 && !waited);
    assert_eq!(render(renderer(), 1500), (whole.clone(), true));
    assert_eq!(render(renderer(), 1), (whole, true));
    // What is set and what there is room for hold whatever the steps are.
    for bytes in [1, 1000, 5000] {
        let set = render(renderer().with_max_output(1500), bytes)
            .0
            .unwrap_err();
        assert!(
            set.contains("m.yaml:4:4: the result is larger than 1500 bytes"),
            "{set}"
        );
        assert!(set.contains("MANIFILL_MAX_OUTPUT"), "{set}");
        let room = renderer()
            .with_max_output(1500)
            .with_room(1200, "make room");
        let room = render(room, bytes).0.unwrap_err();
        assert!(
            room.contains("larger than 1200 bytes") && room.contains("hint: make room"),
            "{room}"
        );
        let room = renderer()
            .with_max_output(1500)
            .with_room(4000, "make room");
        assert_eq!(render(room, bytes).0.unwrap_err(), set);
    }
}

#[test]
fn every_way_to_put_a_value_counts_into_the_result() {
    let long = "x".repeat(1000);
    let vault = || {
        Memory::new().with(
            "db",
            [
                ("text", SecretValue::text(long.as_str())),
                ("odd", SecretValue::text("\u{1}".repeat(1000))),
                ("lines", SecretValue::text("a\n".repeat(1000))),
                ("bytes", SecretValue::bytes(vec![0xff; 1000])),
                (
                    "list",
                    SecretValue::list([SecretValue::text(long.as_str())]),
                ),
            ],
        )
    };
    let inside = "eDogPHBhdGg6ZGIjdGV4dD4="; // x: <path:db#text>
    for (manifest, most) in [
        ("kind: A\nx: <path:db#text>\n".to_owned(), 1000),
        ("kind: A\nx: '<path:db#odd>'\n".to_owned(), 5000),
        (
            format!("kind: A\nx: |\n{}<path:db#lines>\n", " ".repeat(100)),
            50_000,
        ),
        (
            "kind: Secret\ndata: {x: <path:db#bytes>}\n".to_owned(),
            1300,
        ),
        (format!("kind: Secret\ndata: {{x: {inside}}}\n"), 1300),
        ("kind: A\nx: <path:db#list>\n".to_owned(), 1000),
        ("kind: A\nx: a <path:db#list>\n".to_owned(), 1000),
    ] {
        let renderer = |most| Renderer::with_backend("memory", vault()).with_max_output(most);
        let error = render_with(&renderer(most), &manifest).expect_err(&manifest);
        assert!(
            told(&error).contains("the result is larger than"),
            "{}",
            told(&error)
        );
        let whole = render_with(&renderer(200_000), &manifest).unwrap();
        assert!(
            whole.len() as u64 > most,
            "{} {most} {manifest}",
            whole.len()
        );
    }
}

#[test]
fn the_limit_holds_for_all_documents_and_threads_together() {
    let vault = Memory::new().with("db", [("long", "x".repeat(1000))]);
    let renderer = Renderer::with_backend("memory", vault).with_max_output(3_000_000);
    let document = "---\nkind: A\nx: <path:db#long>\n# and some more text to fill the document\n";
    // More than one thread works on so much.
    let inputs = [
        Input::new("a.yaml", document.repeat(6000)),
        Input::new("b.yaml", document.repeat(6000)),
    ];
    let render = |inputs: &[Input]| {
        let rendered = renderer
            .render(inputs, &RunContext::new())
            .now_or_never()
            .unwrap();
        rendered.map(|rendered| rendered.texts().len())
    };
    let error = render(&inputs).unwrap_err();
    let [only] = error.diagnostics() else {
        panic!("{}", told(&error));
    };
    assert!(
        only.message
            .starts_with("the result is larger than 3000000 bytes"),
        "{only}"
    );
    assert!(only.message.ends_with("more places)"), "{only}");
    assert!(only.place.line > 1000, "{only}");
    let few = [
        Input::new("a.yaml", document.repeat(1000)),
        Input::new("b.yaml", document.repeat(1000)),
    ];
    assert_eq!(render(&few).unwrap(), 2);
}

#[test]
fn inputs_that_are_too_large_already_are_an_error_at_their_file() {
    let renderer = renderer().with_max_output(20);
    let inputs = [
        Input::new("a.yaml", "kind: A\n"),
        Input::new("b.yaml", "kind: A # and more\n"),
    ];
    let rendered = renderer
        .render(&inputs, &RunContext::new())
        .now_or_never()
        .unwrap();
    assert_eq!(
        rendered.unwrap_err().to_string(),
        "b.yaml:1:1: the result is larger than 20 bytes"
    );
}

/// Tells in its errors whether it may look for names that could have been meant.
#[derive(Debug)]
struct Suggesting;

#[async_trait::async_trait]
impl VaultBackend for Suggesting {
    async fn read(
        &self,
        requests: &[SecretRequest],
        run: &RunContext,
    ) -> Vec<Result<Secret, VaultError>> {
        let message = if run.may_compare(1) {
            "it may look"
        } else {
            "it may not look"
        };
        let error = VaultError::new(VaultErrorKind::NotFound, message);
        requests.iter().map(|_| Err(error.clone())).collect()
    }
}

#[test]
fn names_that_nobody_may_see_are_not_looked_for() {
    let source = "kind: A\nx: <path:db#user>\n";
    let open = Renderer::with_backend("test", Suggesting);
    let error = render_with(&open, source).unwrap_err();
    assert!(error.to_string().contains("it may look"), "{error}");
    let rules = manifill::policy::PathRules::new(["^db$"]).unwrap();
    let closed = open.with_rules(manifill::Rules::validating(rules));
    let error = render_with(&closed, source).unwrap_err();
    assert!(error.to_string().contains("it may not look"), "{error}");
}

#[test]
fn a_run_whose_time_is_over_reads_no_document() {
    let renderer = renderer();
    let over = RunContext::new().with_timeout(Duration::ZERO);
    let inputs = [Input::new("m.yaml", "kind: A\n---\nno: kind\n")];
    let rendered = renderer.render(&inputs, &over).now_or_never().unwrap();
    assert_eq!(
        rendered.unwrap_err().to_string(),
        "m.yaml:1:1: the time of the run was over before its documents were read (also needed in 1 more place)"
    );
}

#[test]
fn a_run_whose_time_is_over_runs_no_modifier_and_suggests_nothing() {
    let renderer = renderer();
    let inputs = [Input::new(
        "m.yaml",
        "kind: A\nmetadata: {name: a}\nx: <path:db#user | trim>\ny: <path:db#user | bcrypt>\n",
    )];
    let plan = renderer.plan(&inputs).unwrap();
    let over = RunContext::new().with_timeout(Duration::ZERO);
    let answers = plan.fetch(&over).now_or_never().unwrap();
    assert_eq!(
        told(&answers.apply().unwrap_err()),
        "m.yaml:3:4: the time of the run ran out before its modifiers had run (also needed in 1 more place) [A/a] [x] [<path:db#user | trim>]\n"
    );
    let inputs = [Input::new("m.yaml", "kind: A\nx: <path:db#usr>\n")];
    let plan = renderer.plan(&inputs).unwrap();
    for (context, suggests) in [(over, false), (RunContext::new(), true)] {
        let answers = plan.fetch(&context).now_or_never().unwrap();
        let error = told(&answers.apply().unwrap_err());
        assert!(error.contains("has no key `usr`"), "{error}");
        assert_eq!(error.contains("did you mean"), suggests, "{error}");
    }
}

#[test]
fn every_error_that_is_told_has_its_suggestion() {
    // All of them are two letters away from `password`.
    let letters = || ('0'..='9').chain('a'..='z').chain('A'..='T');
    let slips = letters().flat_map(|one| letters().map(move |other| (one, other)));
    let wrong = |(one, other)| format!("---\nkind: A\nx: <path:db#pass{one}wor{other}d>\n");
    let source: String = slips.take(3000).map(wrong).collect();
    let error = render_with(&renderer(), &source).unwrap_err();
    let hints = error.errors().filter(|one| one.hint.is_some()).count();
    assert_eq!((hints, error.errors_left_off()), (1000, 2000));
}
