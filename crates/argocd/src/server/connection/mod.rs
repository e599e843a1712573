//! A connection of Argo CD, as an HTTP/2 server takes it.
//!
//! Argo CD's repo-server names the file of the socket as the host it talks to: `:authority` is
//! `%2Fhome%2Fargocd%2Fcmp-server%2Fplugins%2Fmanifill.sock`. No host can be called so, and servers
//! that check it end the request with `PROTOCOL_ERROR`, as `h2` does, which has no switch for it. So
//! the bytes of a header block are looked at before they get there, and a host that cannot be one is
//! written with other letters.

mod block;
mod frames;
mod huffman;

use std::io;
use std::pin::Pin;
use std::task::{Context, Poll, ready};

use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};

use frames::Frames;

/// How much is read at once.
const READ: usize = 16 << 10;

/// A connection whose client may name its host as Argo CD does, for an HTTP/2 server to serve.
///
/// ```no_run
/// # async fn f(socket: tokio::net::UnixListener) -> std::io::Result<()> {
/// use manifill_argocd::server::Connection;
///
/// let (stream, _) = socket.accept().await?;
/// let connection = Connection::new(stream);
/// # drop(connection);
/// # Ok(())
/// # }
/// ```
#[derive(Debug)]
pub struct Connection<S> {
    stream: S,
    frames: Frames,
    read: Box<[u8]>,
    /// What is to be read from here, and how much of it has been.
    ready: Vec<u8>,
    taken: usize,
}

impl<S> Connection<S> {
    /// A connection that has just been accepted.
    pub fn new(stream: S) -> Self {
        Connection {
            stream,
            frames: Frames::new(),
            read: vec![0; READ].into(),
            ready: Vec::new(),
            taken: 0,
        }
    }
}

impl<S: AsyncRead + Unpin> AsyncRead for Connection<S> {
    fn poll_read(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        buffer: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        let this = &mut *self;
        loop {
            let ready = this.ready.get(this.taken..).unwrap_or_default();
            if !ready.is_empty() {
                let count = ready.len().min(buffer.remaining());
                buffer.put_slice(&ready[..count]);
                this.taken += count;
                return Poll::Ready(Ok(()));
            }
            this.ready.clear();
            this.taken = 0;
            let mut read = ReadBuf::new(&mut this.read);
            ready!(Pin::new(&mut this.stream).poll_read(context, &mut read))?;
            if read.filled().is_empty() {
                // What was held back is half a header block, with which nobody can do anything.
                return Poll::Ready(Ok(()));
            }
            this.frames.take(read.filled(), &mut this.ready)?;
        }
    }
}

impl<S: AsyncWrite + Unpin> AsyncWrite for Connection<S> {
    fn poll_write(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        bytes: &[u8],
    ) -> Poll<io::Result<usize>> {
        Pin::new(&mut self.stream).poll_write(context, bytes)
    }

    fn poll_flush(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_flush(context)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_shutdown(context)
    }

    fn poll_write_vectored(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        bytes: &[io::IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        Pin::new(&mut self.stream).poll_write_vectored(context, bytes)
    }

    fn is_write_vectored(&self) -> bool {
        self.stream.is_write_vectored()
    }
}
