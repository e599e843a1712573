//! The stream of a request: what it is about, then the archive of the repository in pieces.

#[cfg(test)]
mod tests;

use std::sync::Arc;
use std::time::Duration;

use futures_util::{Stream, StreamExt as _};
use sha2::{Digest as _, Sha256};
use tokio::sync::OwnedSemaphorePermit;
use tonic::{Code, Status};

use super::archives::{Archive, Archives, Packed, Unpacked};
use super::digest::Digest;
use super::failure::Failure;
use super::messages::{AppStreamRequest, Metadata, Part};

/// How much of a stream that has failed is still read, beyond what an archive may have: whoever
/// still sends hears nothing but that the stream is over, so the reason is told when all is read.
pub(super) const DROPPED: u64 = 16 << 20;

/// How long the next part may take. Argo CD has packed the repository before it begins, so whoever says
/// nothing for so long has stopped, and keeps memory and a turn from others.
const PATIENCE: Duration = Duration::from_secs(15);

/// How much is hashed at once.
const HASHED: usize = 1 << 20;

/// What a stream holds.
pub(crate) struct Received {
    pub(crate) metadata: Metadata,
    pub(crate) archive: Archive,
}

/// Reads what a stream is about. What is wrong with it is told when [`receive`] has read the rest.
pub(crate) async fn begin(
    stream: &mut (impl Stream<Item = Result<AppStreamRequest, Status>> + Unpin),
) -> Result<Metadata, Failure> {
    match stream.next().await {
        None => Err(Failure::request("the request is empty")),
        Some(Err(_)) => Err(broken()),
        Some(Ok(part)) => match part.request {
            Some(Part::Metadata(metadata)) => Ok(metadata),
            _ => Err(Failure::request(
                "the request does not begin with what it is about",
            )),
        },
    }
}

/// Reads a stream that has begun to its end, whatever is wrong with it, and then tells what is.
pub(crate) async fn receive(
    begun: Result<Metadata, Failure>,
    stream: impl Stream<Item = Result<AppStreamRequest, Status>> + Unpin,
    archives: &Archives,
) -> Result<Received, Failure> {
    receive_in(PATIENCE, begun, stream, archives).await
}

async fn receive_in(
    patience: Duration,
    begun: Result<Metadata, Failure>,
    mut stream: impl Stream<Item = Result<AppStreamRequest, Status>> + Unpin,
    archives: &Archives,
) -> Result<Received, Failure> {
    let mut receiving = match begun {
        Ok(metadata) => Taking::begin(metadata, archives).await,
        Err(failure) => Err(failure),
    };
    let mut read = 0u64;
    loop {
        let next = tokio::time::timeout(patience, stream.next()).await;
        let Some(part) = next.map_err(|_| stopped(patience))? else {
            break;
        };
        // A part that is not one, or a larger one than there may be: where the next begins, nobody
        // knows.
        let Ok(part) = part else {
            return Err(receiving.err().unwrap_or_else(broken));
        };
        if let Some(Part::File(piece)) = &part.request {
            read = read.saturating_add(piece.chunk.len() as u64);
        }
        receiving = match receiving {
            Ok(taking) => taking.take_part(part, archives).await,
            Err(failure) if read > archives.most_packed() + DROPPED => return Err(failure),
            failed => failed,
        };
    }
    receiving?.end()
}

fn broken() -> Failure {
    Failure::request(
        "the request holds something that is not a message of Argo CD, or one that is larger than ARGOCD_GRPC_MAX_SIZE_MB allows",
    )
}

fn stopped(patience: Duration) -> Failure {
    let message = format!(
        "Argo CD has sent nothing of the repository's archive for {} seconds",
        patience.as_secs()
    );
    Failure::new(Code::DeadlineExceeded, "timeout", message, None)
}

/// How far a stream has been read.
struct Taking {
    metadata: Metadata,
    hash: Sha256,
    read: u64,
    kept: Kept,
}

enum Kept {
    Known(Arc<Unpacked>),
    Bytes(Vec<u8>, OwnedSemaphorePermit),
}

impl Taking {
    async fn take_part(
        self: Box<Self>,
        part: AppStreamRequest,
        archives: &Archives,
    ) -> Result<Box<Self>, Failure> {
        match part.request {
            Some(Part::File(piece)) => self.take(&piece.chunk, archives).await,
            Some(Part::Metadata(_)) => {
                Err(Failure::request("the request says twice what it is about"))
            }
            // What a later Argo CD may have to say beside it.
            None => Ok(self),
        }
    }

    fn end(self) -> Result<Received, Failure> {
        let Taking {
            metadata,
            hash,
            read,
            kept,
        } = self;
        let digest = Digest::from(<[u8; 32]>::from(hash.finalize()));
        if Digest::read(&metadata.checksum) != Some(digest) {
            let claimed = u64::try_from(metadata.size).unwrap_or_default();
            let message = if read < claimed {
                format!("the archive of the repository ends after {read} of {claimed} bytes")
            } else {
                "the archive of the repository is not the one whose checksum Argo CD sends"
                    .to_owned()
            };
            return Err(Failure::new(Code::DataLoss, "checksum", message, None));
        }
        let archive = match kept {
            Kept::Known(unpacked) => Archive::Known(unpacked),
            Kept::Bytes(bytes, memory) => Archive::Packed(Packed {
                bytes,
                digest,
                memory,
            }),
        };
        Ok(Received { metadata, archive })
    }

    async fn begin(metadata: Metadata, archives: &Archives) -> Result<Box<Self>, Failure> {
        let most = archives.most_packed();
        // A client that does not say how much comes may send as much as there may be.
        let claimed = match u64::try_from(metadata.size) {
            Ok(0) | Err(_) => most,
            Ok(size) if size > most => return Err(too_large(most)),
            Ok(size) => size,
        };
        let known = Digest::read(&metadata.checksum).and_then(|digest| archives.kept(digest));
        let kept = match known {
            Some(unpacked) => Kept::Known(unpacked),
            None => {
                let memory = archives.memory_for_packed(claimed).await;
                // What grows step by step takes more than it needs.
                let bytes = match metadata.size {
                    1.. => Vec::with_capacity(usize::try_from(claimed).unwrap_or_default()),
                    _ => Vec::new(),
                };
                Kept::Bytes(bytes, memory)
            }
        };
        Ok(Box::new(Taking {
            metadata,
            hash: Sha256::new(),
            read: 0,
            kept,
        }))
    }

    async fn take(
        mut self: Box<Self>,
        piece: &[u8],
        archives: &Archives,
    ) -> Result<Box<Self>, Failure> {
        let most = archives.most_packed();
        self.read = self.read.saturating_add(piece.len() as u64);
        if self.read > most {
            return Err(too_large(most));
        }
        if self.metadata.size > 0 && self.read > self.metadata.size.unsigned_abs() {
            let message = format!(
                "the archive of the repository has more than the {} bytes that Argo CD announces",
                self.metadata.size
            );
            return Err(Failure::request(message));
        }
        for part in piece.chunks(HASHED) {
            self.hash.update(part);
            if part.len() == HASHED {
                // Others want to be heard, too.
                tokio::task::yield_now().await;
            }
        }
        if let Kept::Bytes(bytes, _) = &mut self.kept {
            bytes.extend_from_slice(piece);
        }
        Ok(self)
    }
}

fn too_large(most: u64) -> Failure {
    let message = format!(
        "the archive of the repository has more than {} MiB",
        most >> 20
    );
    let hint = "leave out .git, and send only what the app needs: reposerver.plugin.tar.exclusions and the annotation argocd.argoproj.io/manifest-generate-paths";
    Failure::new(Code::ResourceExhausted, "archive", message, Some(hint))
}
