use futures_util::stream;

use super::*;
use crate::server::messages::Piece;

const MOST: u64 = 1 << 20;

fn about(size: i64) -> Metadata {
    Metadata {
        checksum: "00".repeat(32),
        size,
        ..Metadata::default()
    }
}

fn piece(bytes: usize) -> Result<AppStreamRequest, Status> {
    let chunk = vec![7; bytes].into();
    Ok(AppStreamRequest {
        request: Some(Part::File(Piece { chunk })),
    })
}

#[tokio::test]
async fn a_stream_that_stops_gives_its_memory_back() {
    let archives = Archives::new(MOST, MOST, 0);
    for sent in [0, 1] {
        let begun = Ok(about(MOST as i64));
        let parts = stream::iter((0..sent).map(|_| piece(10))).chain(stream::pending());
        let patience = Duration::from_millis(1);
        let failure = receive_in(patience, begun, parts, &archives).await;
        let failure = failure.err().map(|failure| failure.kind);
        assert_eq!(failure, Some("timeout"));
        // All of it is there for the next one.
        drop(archives.memory_for_packed(MOST).await);
    }
}

#[tokio::test]
async fn who_sends_is_never_too_slow() {
    let archives = Archives::new(MOST, MOST, 0);
    let parts = stream::iter((0..1000).map(|_| piece(10)));
    let received = receive_in(Duration::ZERO, Ok(about(10_000)), parts, &archives).await;
    let failure = received.err().map(|failure| failure.kind);
    assert_eq!(failure, Some("checksum"));
}
