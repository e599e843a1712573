//! Streams that are not as they should be.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use futures_util::{StreamExt as _, stream};
use manifill_argocd::server::messages::{AppStreamRequest, ManifestResponse};
use manifill_argocd::server::{Memory, Method};
use tonic::Code;

use crate::world::{Ask, Client, World, about, files, piece};

fn ask() -> Ask {
    let noise: String = (0u32..20_000)
        .map(|n| format!("# {}\n", n.wrapping_mul(2_654_435_761)))
        .collect();
    let text = format!("kind: A\na: <path:db#user>\n{noise}");
    Ask::new(files(&[("a.yaml", &text)]), ".")
}

/// Streams parts, and tells how many of them were taken.
async fn counted(
    client: &Client,
    parts: Vec<AppStreamRequest>,
) -> (usize, Result<ManifestResponse, tonic::Status>) {
    let taken = Arc::new(AtomicUsize::new(0));
    let counter = Arc::clone(&taken);
    let parts = stream::iter(parts).inspect(move |_| {
        counter.fetch_add(1, Ordering::Relaxed);
    });
    let answer = client.stream(Method::GenerateManifest, parts).await;
    (taken.load(Ordering::Relaxed), answer)
}

#[tokio::test]
async fn a_stream_is_read_to_its_end_before_its_mistake_is_told() {
    let mut world = World::new();
    let client = world.plain().await;
    let ask = ask();
    let good = ask.parts();
    assert!(good.len() > 50);
    let mut wrong_checksum = ask.clone();
    wrong_checksum.metadata.checksum = "0".repeat(64);
    let mut no_checksum = ask.clone();
    no_checksum.metadata.checksum.clear();
    let mut too_long = ask.clone();
    too_long.metadata.size -= 1;
    let mut twice = good.clone();
    twice.insert(1, about(ask.metadata.clone()));
    for (parts, code, told) in [
        (
            wrong_checksum.parts(),
            Code::DataLoss,
            "is not the one whose checksum Argo CD sends",
        ),
        (
            no_checksum.parts(),
            Code::DataLoss,
            "is not the one whose checksum",
        ),
        (too_long.parts(), Code::InvalidArgument, "more than the"),
        (
            good[1..].to_vec(),
            Code::InvalidArgument,
            "does not begin with what it is about",
        ),
        (twice, Code::InvalidArgument, "says twice what it is about"),
        (good[..20].to_vec(), Code::DataLoss, "ends after 19456 of "),
        (good[..1].to_vec(), Code::DataLoss, "ends after 0 of "),
        (Vec::new(), Code::InvalidArgument, "the request is empty"),
    ] {
        let all = parts.len();
        let (taken, answer) = counted(&client, parts).await;
        let failure = answer.unwrap_err();
        assert_eq!(failure.code(), code, "{failure}");
        assert!(failure.message().contains(told), "{failure}");
        assert_eq!(taken, all, "{told}");
    }
    // What came before does not matter to the next one.
    assert!(client.text(&ask).await.contains("\"svc\""));
    assert_eq!(world.engine.archives_unpacked(), 1);
}

#[tokio::test]
async fn a_checksum_may_be_written_in_capitals_and_a_part_may_hold_something_new() {
    let mut world = World::new();
    let client = world.plain().await;
    let mut ask = ask();
    ask.metadata.checksum.make_ascii_uppercase();
    ask.metadata.size = 0;
    let mut parts = ask.parts();
    parts.insert(3, AppStreamRequest { request: None });
    parts.insert(4, piece(b""));
    let (_, answer) = counted(&client, parts).await;
    answer.unwrap();
}

#[tokio::test]
async fn beyond_the_limit_only_so_much_is_dropped() {
    let memory = Memory::new().with_packed(1 << 20);
    let mut world = World::with(|engine, _| engine.with_memory(memory).with_message_size(1 << 20));
    let client = world.plain().await;
    let chunk = vec![7; 512 << 10];
    let stream = |claimed: i64, chunks: usize| {
        let mut metadata = ask().metadata;
        metadata.size = claimed;
        let chunks = std::iter::repeat_n(piece(&chunk), chunks);
        std::iter::once(about(metadata))
            .chain(chunks)
            .collect::<Vec<_>>()
    };
    let told = "the archive of the repository has more than 1 MiB\n  hint: leave out .git, and send only what the app needs: reposerver.plugin.tar.exclusions and the annotation argocd.argoproj.io/manifest-generate-paths\n";
    for claimed in [0, 5 << 20] {
        // 5 MiB, and 16.5 MiB.
        for chunks in [10, 33] {
            let (taken, answer) = counted(&client, stream(claimed, chunks)).await;
            let failure = answer.unwrap_err();
            assert_eq!(failure.code(), Code::ResourceExhausted, "{failure}");
            assert!(failure.message().contains(told), "{failure}");
            assert_eq!(taken, chunks + 1);
        }
        // What is read is 17 MiB; some more is under way.
        let (taken, answer) = counted(&client, stream(claimed, 200)).await;
        let failure = answer.unwrap_err();
        assert!(failure.message().contains(told), "{failure}");
        assert!((34..100).contains(&taken), "{taken}");
    }
    // A message may be as large as it likes to be, and is dropped all the same.
    for size in [2 << 20, 16 << 20] {
        let parts = vec![about(ask().metadata), piece(&vec![7; size])];
        let failure = counted(&client, parts).await.1.unwrap_err();
        assert!(failure.message().contains("more than"), "{failure}");
    }
    let parts = vec![about(ask().metadata), piece(&vec![7; 18 << 20])];
    let failure = counted(&client, parts).await.1.unwrap_err();
    assert!(
        failure.message().contains("ARGOCD_GRPC_MAX_SIZE_MB"),
        "{failure}"
    );
}
