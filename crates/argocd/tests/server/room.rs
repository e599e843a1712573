//! What an app may take, and what it waits for (rule R11).

use futures_util::future::join_all;
use manifill_argocd::Discovery;
use manifill_argocd::server::{Mode, Room};
use tonic::Code;

use crate::ends::with_script;
use crate::world::{Ask, Packed, World, files, pack};

/// A placeholder whose value has about so many bytes: 256 at first, a third more each time.
fn filled(times: usize) -> String {
    let chain = " | base64encode".repeat(times);
    format!(
        "kind: A\na: <path:db#absent | default \"{}\"{chain}>\n",
        "x".repeat(256)
    )
}

#[tokio::test]
async fn an_app_that_needs_more_room_than_usual_gets_it_and_no_more_than_there_is() {
    // 1 KiB of inputs and 8 KiB of results, and for one at a time 64 and 512 KiB.
    let room = Room::new().with_usual(32 << 10).with_large(2 << 20);
    let mut world = World::with(|engine, _| engine.with_room(room));
    let client = world.plain().await;
    let comment = |size: usize| format!("{}# {}\n", filled(1), "x".repeat(size));
    let plain = format!("kind: A\n# {}\n", "x".repeat(400_000));
    for (text, least) in [
        (&filled(1), 300),
        (&filled(14), 8200),
        (&comment(40_000), 40_000),
        // Nothing in it is filled.
        (&plain, 400_000),
    ] {
        let archive = files(&[("a.yaml", text)]);
        let asks = (0..4).map(|_| Ask::new(archive.clone(), "."));
        let asks: Vec<_> = asks.collect();
        for text in join_all(asks.iter().map(|ask| client.text(ask))).await {
            assert!(text.len() > least, "{}", text.len());
        }
    }
    let many: String = (0..40).map(|_| filled(15) + "---\n").collect();
    let failure = client
        .failure(&Ask::new(files(&[("b/a.yaml", &many)]), "b"))
        .await;
    let text = failure.message();
    assert!(
        text.contains("the result is larger than 524288 bytes"),
        "{text}"
    );
    assert!(text.contains("b/a.yaml:"), "{text}");
    let hint = "MANIFILL_SERVER_MEMORY, or else the memory limit of the sidecar, decides how much an app may have";
    assert!(text.contains(hint), "{text}");
}

/// Each link to a file is a file more.
#[tokio::test]
async fn links_do_not_make_more_of_a_file_than_there_is_room_for() {
    let room = Room::new().with_usual(32 << 10).with_large(2 << 20);
    let mut world = World::with(|engine, _| engine.with_room(room));
    let client = world.plain().await;
    let text = format!("{}# {}\n", filled(1), "x".repeat(20_000));
    let names: Vec<String> = (0..100).map(|n| format!("a/{n:03}.yaml")).collect();
    let links = names.iter().map(|name| Packed::Link(name, "../b.yaml"));
    let archive = pack(links.chain([Packed::File("b.yaml", text.as_bytes())]));
    let failure = client.failure(&Ask::new(archive, "a")).await;
    assert_eq!(failure.code(), Code::ResourceExhausted);
    let told = "a/003.yaml: with it, all files take more than 65536 bytes";
    assert!(failure.message().contains(told), "{failure}");
}

/// Of each file something is remembered beside its text.
#[tokio::test]
async fn very_many_small_files_need_room_as_well() {
    let room = Room::new().with_usual(32 << 10).with_large(2 << 20);
    let mut world = World::with(|engine, _| engine.with_room(room));
    let client = world.plain().await;
    let ask = |count: usize| {
        let names: Vec<String> = (0..count).map(|n| format!("a/{n:04}.yaml")).collect();
        let all = names.iter().map(|name| (name.as_str(), "kind: A\n"));
        Ask::new(files(&all.collect::<Vec<_>>()), "a")
    };
    assert!(client.text(&ask(2000)).await.len() > 16_000);
    let failure = client.failure(&ask(4000)).await;
    assert_eq!(failure.code(), Code::ResourceExhausted);
    let told = "with it, all files take more than 65536 bytes";
    assert!(failure.message().contains(told), "{failure}");
}

#[tokio::test]
async fn only_so_many_programs_run_at_a_time() {
    let script = r#": > "$0.run.$$"
set -- "$0".run.*
echo $# >> "${0%program}counts"
/bin/sleep 0.1
/bin/rm "${1%.run.*}.run.$$"
echo 'kind: A'"#;
    let room = Room::new().with_programs(2);
    let mut world =
        World::with(|engine, folder| with_script(engine, folder, script).with_room(room));
    let client = world.client(Mode::Helm, Discovery::Off).await;
    let archive = files(&[("a/Chart.yaml", "name: a\n")]);
    let asks: Vec<_> = (0..6)
        .map(|n| {
            let project = format!("team-{}", n % 3);
            Ask::new(archive.clone(), "a").with_env("ARGOCD_APP_PROJECT_NAME", &project)
        })
        .collect();
    for text in join_all(asks.iter().map(|ask| client.text(ask))).await {
        assert_eq!(text, "kind: A\n");
    }
    let counts = std::fs::read_to_string(world.file("counts")).unwrap();
    let most = counts
        .lines()
        .map(|line| line.parse::<u32>().unwrap())
        .max();
    assert_eq!(counts.lines().count(), 6);
    assert!(most <= Some(2), "{counts}");
}

/// Argo CD reads no larger answer, and says nothing of where it comes from.
#[tokio::test]
async fn an_answer_that_argo_cd_does_not_read_is_an_error_at_its_place() {
    let mut world = World::with(|engine, _| engine.with_message_size(20 << 10));
    let client = world.plain().await;
    let many: String = (0..3).map(|_| filled(14) + "---\n").collect();
    let failure = client
        .failure(&Ask::new(files(&[("a.yaml", &many)]), "."))
        .await;
    let text = failure.message();
    let hint = "ARGOCD_GRPC_MAX_SIZE_MB, for the repo-server and for this sidecar, sets how large an answer may be";
    assert!(
        text.contains("the result is larger than 19456 bytes"),
        "{text}"
    );
    assert!(text.contains("a.yaml:5:4") && text.contains(hint), "{text}");
    // What an app may set is an answer, too.
    let mut world = World::with(|engine, _| engine.with_message_size(10 << 10));
    let client = world.client(Mode::Helm, Discovery::Off).await;
    let values: String = (0..3000).map(|n| format!("name{n}: value\n")).collect();
    let archive = files(&[("a/Chart.yaml", "name: a\n"), ("a/values.yaml", &values)]);
    let failure = client.announce(&Ask::new(archive, "a")).await.unwrap_err();
    assert!(
        failure
            .message()
            .contains("more than the 10240 that Argo CD reads"),
        "{failure}"
    );
}
