//! Archives: what is in them, and that each is unpacked once.

use futures_util::future::join_all;
use manifill_argocd::server::{ArchiveUse, Memory};
use tonic::Code;

use crate::world::{Ask, Heard, Packed, World, files, pack};

#[tokio::test]
async fn what_an_app_does_not_reach_does_not_matter_to_it() {
    let mut world = World::new();
    let client = world.plain().await;
    let archive = pack([
        Packed::File("good/a.yaml", b"kind: A\n"),
        Packed::Link("good/l.yaml", "../shared/b.yaml"),
        Packed::Link("good/gone", "/nowhere"),
        Packed::File("shared/b.yaml", b"kind: B\n"),
        Packed::Link("inside/l.yaml", "real/c.yaml"),
        Packed::File("inside/real/c.yaml", b"kind: C\n"),
        Packed::Link("out/a.yaml", "../../etc/passwd"),
        Packed::Link("absolute/a.yaml", "/etc/passwd"),
        Packed::File("hard/b.yaml", b"kind: B\n"),
        Packed::HardLink("hard/a.yaml", "hard/b.yaml"),
        Packed::Device("device/a.yaml"),
        Packed::File("twice/a.yaml", b"kind: A\n"),
        Packed::File("twice/a.yaml", b"kind: B\n"),
        Packed::Link("round/a.yaml", "a.yaml"),
        Packed::Link("app", "inside"),
    ]);
    for (folder, text) in [
        // A link may lead to anywhere in the repository.
        ("good", "kind: A\n---\nkind: B\n"),
        ("inside", "kind: C\n---\nkind: C\n"),
        ("app", "kind: C\n---\nkind: C\n"),
    ] {
        let text_of = client.text(&Ask::new(archive.clone(), folder)).await;
        assert_eq!(text_of, text, "{folder}");
    }
    for (folder, told) in [
        ("out", "out of the"),
        ("absolute", "out of the"),
        ("hard", "is a hard link"),
        ("device", "is no regular file"),
        ("twice", "is in the archive twice"),
        ("round", "loop"),
        ("nowhere", "there is no folder `nowhere`"),
        ("../x", "out of the repository"),
    ] {
        let failure = client.failure(&Ask::new(archive.clone(), folder)).await;
        assert_eq!(failure.code(), Code::FailedPrecondition, "{folder}");
        assert!(failure.message().contains(told), "{folder}: {failure}");
    }
    assert_eq!(world.engine.archives_unpacked(), 1);
}

#[tokio::test]
async fn an_archive_that_cannot_be_trusted_is_refused() {
    let memory = Memory::new().with_unpacked(1 << 20);
    let mut world = World::with(|engine, _| engine.with_memory(memory));
    let client = world.plain().await;
    let zeros = vec![0; 3 << 20];
    let mut lying = pack([Packed::File("zeros", &zeros)]);
    let end = lying.len() - 4;
    lying[end..].copy_from_slice(&1000u32.to_le_bytes());
    for (archive, code, told) in [
        (
            pack([Packed::File("../a.yaml", b"")]),
            Code::InvalidArgument,
            "leads out of it",
        ),
        (
            pack([Packed::File("/a.yaml", b"")]),
            Code::InvalidArgument,
            "leads out of it",
        ),
        (
            pack([Packed::File("zeros", &zeros)]),
            Code::ResourceExhausted,
            "more than 1 MiB",
        ),
        (lying, Code::ResourceExhausted, "more than 1 MiB"),
        (b"no archive".to_vec(), Code::InvalidArgument, "is damaged"),
        (Vec::new(), Code::InvalidArgument, "is damaged"),
    ] {
        let failure = client.failure(&Ask::new(archive, ".")).await;
        assert_eq!(failure.code(), code, "{failure}");
        assert!(failure.message().contains(told), "{failure}");
    }
}

fn repository(git: &str) -> Vec<u8> {
    files(&[
        (".git/index", git),
        ("a/a.yaml", "kind: A\na: <path:db#user>\n"),
        ("b/b.yaml", "kind: B\n"),
    ])
}

#[tokio::test]
async fn the_apps_of_a_repository_unpack_it_once() {
    let heard = Heard::default();
    let mut world = World::with(|engine, _| engine.with_hooks(heard.clone()));
    let client = world.plain().await;
    let archive = repository("1");
    for folder in ["a", "b", "a"] {
        client.text(&Ask::new(archive.clone(), folder)).await;
    }
    assert_eq!(world.engine.archives_unpacked(), 1);
    let uses: Vec<_> = heard.calls().iter().map(|call| call.archive).collect();
    let [first, second, third] = uses[..] else {
        panic!("{uses:?}")
    };
    assert_eq!(first, Some(ArchiveUse::Unpacked));
    assert_eq!([second, third], [Some(ArchiveUse::Shared); 2]);
}

#[tokio::test]
async fn what_git_keeps_for_itself_does_not_take_memory_twice() {
    // Room for the files of one repository.
    let memory = Memory::new().with_kept(1 << 20);
    let mut world = World::with(|engine, _| engine.with_memory(memory));
    let client = world.plain().await;
    let text = format!("# {}\nkind: A\n", "x".repeat(600 << 10));
    let checkout = |index: &str, name: &str| {
        let archive = files(&[(".git/index", index), (name, &text)]);
        Ask::new(archive, "a")
    };
    let (first, second) = (checkout("1", "a/a.yaml"), checkout("2", "a/a.yaml"));
    for ask in [&first, &second, &first, &second] {
        client.text(ask).await;
    }
    assert_eq!(world.engine.archives_unpacked(), 2);
    // Other files take the place of what was needed before.
    client.text(&checkout("3", "a/b.yaml")).await;
    client.text(&first).await;
    assert_eq!(world.engine.archives_unpacked(), 4);
}

#[tokio::test]
async fn apps_that_come_at_once_unpack_once() {
    let mut world = World::new();
    let client = world.plain().await;
    let archive = repository("1");
    let asks: Vec<_> = (0..50)
        .map(|n| Ask::new(archive.clone(), if n % 2 == 0 { "a" } else { "b" }))
        .collect();
    let texts = join_all(asks.iter().map(|ask| client.text(ask))).await;
    assert!(
        texts
            .iter()
            .step_by(2)
            .all(|text| text == "kind: A\na: \"svc\"\n")
    );
    assert_eq!(world.engine.archives_unpacked(), 1);
}

#[tokio::test]
async fn only_a_true_checksum_gives_what_was_unpacked_for_another() {
    let mut world = World::new();
    let client = world.plain().await;
    let good = Ask::new(repository("1"), "a");
    client.text(&good).await;
    // Somebody who knows the checksum of a repository has not got the repository.
    let mut other = Ask::new(files(&[("a/a.yaml", "kind: X\n")]), "a");
    other.metadata.checksum = good.metadata.checksum;
    let failure = client.failure(&other).await;
    assert_eq!(failure.code(), Code::DataLoss);
}

#[tokio::test]
async fn without_room_nothing_is_kept() {
    let memory = Memory::new().with_kept(0);
    let mut world = World::with(|engine, _| engine.with_memory(memory));
    let client = world.plain().await;
    let ask = Ask::new(repository("1"), "a");
    for runs in 1..=2 {
        client.text(&ask).await;
        assert_eq!(world.engine.archives_unpacked(), runs);
    }
}
